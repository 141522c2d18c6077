"""How a report ends: what the zones were judged by, what there is in all, what failed the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from zonelint.formats.report import Page, Report
from zonelint.formats.snippet import Pieces, flow
from zonelint.grammars.listing import counted, first_of, grouped, listed, some
from zonelint.grammars.zone import nearest, without_dot
from zonelint.rules.core.baseline import BaselineKey
from zonelint.rules.core.finding import FailOn, Finding, Severity, Undecided, needed
from zonelint.terminal import clean

LF = "\n"
NOWHERE_NAMED = "@"
"""The owner of what belongs to a zone whose name nothing tells."""
MOST_FILES = 40
"""Files that a run was held to; the rest is counted."""


def held_by(report: Report, page: Page) -> Iterator[str]:
    """One line: the files that the zones were judged by, and what those take out."""
    if report.held_by:
        files = ", ".join(map(clean, first_of(list(map(str, report.held_by)), MOST_FILES)))
        yield flow([(f"Judged by {files}.", "")], page)


def declared(report: Report, page: Page) -> Iterator[str]:
    """One line: what the change says in the configuration and the lock, which counts as it says."""
    if report.declared:
        words = ", ".join(map(clean, first_of(report.declared, MOST_FILES)))
        yield flow([(f"The change declares: {words}.", "")], page)


def summary(report: Report, page: Page) -> str:
    """One line that sums the run up."""
    causes = len(report.causes)
    of_causes = f" of {counted(causes, 'cause')}" if causes < len(report.findings) else ""
    where = f"in {counted(report.zones, 'zone')}, {counted(report.records, 'record')}"
    counts = report.counts
    if not report.zones and not report.incomplete and not counts:
        return "No DNS records here.\n"
    what: Pieces = []
    if counts:
        for words, severity in _severities(counts):
            what += [(", ", ""), (words, severity)] if what else [(words, severity)]
        what.append((of_causes, ""))
    else:
        doubtful = report.undecided or report.incomplete or report.suppressed or report.hidden
        word = "Nothing found" if doubtful else "Clean"
        word = "Nothing new" if report.known or report.standing else word
        what.append((f"{word} (with {clean(report.narrowed)})" if report.narrowed else word, ""))
    notes = list(_notes(report))
    return flow([*what, (f" {where}{'; ' if notes else ''}{', '.join(notes)}.", "")], page)


def _severities(counts: Counter[Severity]) -> list[tuple[str, str]]:
    """How many of each severity, the gravest first, with the severity's name."""
    return [
        (counted(counts[severity], severity.value), severity.value)
        for severity in sorted(counts, key=lambda each: -each.rank)
    ]


def _notes(report: Report) -> Iterator[str]:
    safe = sum(1 for f in report.findings if f.change is not None and f.change.safe)
    proposed = sum(1 for f in report.findings if f.change is not None and not f.change.safe)
    if safe:
        yield counted(safe, "safe fix", "safe fixes")
    if proposed:
        yield counted(proposed, "proposal")
    if report.undecided:
        yield f"{len(report.undecided)} undecided"
    if report.suppressed:
        yield f"{report.suppressed} suppressed"
    if report.standing:
        yield f"{report.standing} not of this change"
    if report.known:
        yield f"{report.known} in the baseline"
    if report.expired:
        gone = counted(len(report.expired), "baseline entry", "baseline entries")
        yield f"{gone} no longer found{_why(report)}"
    if report.hidden:
        yield f"{report.hidden} below the lowest severity shown"
    if report.problems:
        yield f"{len(report.problems)} could not be read"
    if report.crashes:
        yield f"{counted(len(report.crashes), 'failure')} of rules"


def _why(report: Report) -> str:
    """Why entries may have no finding, and what to do: their zone has a namesake now."""
    names = [name for each in report.expired if (name := twin_of(report, each))]
    if not names:
        return ""
    zones = clean(some(map(without_dot, dict.fromkeys(names))))
    return (
        f" ({len(names)} of them without a `zone`, and several zones are called {zones}: "
        "--write-baseline names the zones)"
    )


def twin_of(report: Report, entry: BaselineKey) -> str | None:
    """The name of several zones that an entry of a baseline may be about, if it says not which."""
    name = nearest(entry.owner, report.twins)
    return name if name in report.twins and not entry.zone else None


def failed_by(report: Report, page: Page) -> Iterator[str]:
    """What failed the run, and the next step; nothing where nothing did."""
    failing = [finding for finding in report.findings if report.is_failing(finding)]
    reasons = _reasons(report, failing)
    if not reasons:
        return
    lead = "Failing without --exit-zero:" if page.exit_zero else "Failed:"
    offers, command = _offers(report, page, failing)
    told = f"; {offers}" if offers else ""
    if failing and not command:
        codes = {finding.code for finding in failing}
        told += f"; 'zonelint rule {codes.pop() if len(codes) == 1 else 'CODE'}' says what to do"
    told += ":" if command else "."
    line = flow([(lead, "bold"), (f" {listed(reasons)}{told}", "")], page)
    if not command:
        yield line
    elif page.wraps and len(line) + len(command) > page.width:  # a command is copied as one line
        yield f"{line}  {command}\n"
    else:
        yield f"{line.removesuffix(LF)} {command}\n"


def undecided(report: Report, page: Page, listed: Iterable[Undecided]) -> Iterator[str]:
    """One line a rule: where it could not decide, and what it would have to know."""
    from zonelint.rules.model.remedy import remedy

    by_rule = grouped((each.code, each) for each in listed)
    for code, alike in by_rule.items():
        rule, missing = report.rules[code], [what for each in alike for what in each.missing]
        what = remedy(rule, missing)
        named = [each.owner for each in alike if each.owner != NOWHERE_NAMED]
        where = f" for {clean(some(named))}" if named else ""
        told = (
            f" {code} {rule.doubt or rule.name}{where} needs "
            f"{clean(needed(missing, 3))}{f': {what}' if what else ''}"
        )
        yield flow([("undecided", "bold"), (told, "")], page)
    if by_rule:
        yield LF


def failing_quietly(report: Report, page: Page) -> Iterator[str]:
    """What fails the run beside the findings that are shown: a run never fails without a word."""
    doubts = [e for e in report.undecided if report.fail_on(e.zone) is FailOn.UNDECIDED]
    yield from undecided(report, page, doubts)
    if not doubts and not report.findings and report.fails:
        yield from failed_by(report, page)


def _reasons(report: Report, failing: Sequence[Finding]) -> list[str]:
    reasons = []
    if failing:
        counts = Counter(finding.severity for finding in failing)
        paths = {report.plans.get(each.span.path, each.span.path) for each in failing}
        files = counted(len(paths), "file")
        reasons.append(f"{listed([words for words, _ in _severities(counts)])} in {files}")
    if hidden := sum(map(report.is_failing, report.unseen)):
        reasons.append(f"{counted(hidden, 'finding')} that --min-severity hides")
    if undecided := sum(report.fail_on(e.zone) is FailOn.UNDECIDED for e in report.undecided):
        reasons.append(f"{undecided:,} undecided")
    if report.problems:
        reasons.append(f"{counted(len(report.problems), 'file')} that could not be read")
    if report.crashes:
        reasons.append(f"{counted(len(report.crashes), 'failure')} of rules")
    return reasons


def _offers(report: Report, page: Page, failing: Sequence[Finding]) -> tuple[str, str]:
    """How much of what failed can be changed, and the command that does it; empty where none."""
    if page.command is None:
        return "", ""
    gravest = sorted(failing, key=lambda finding: -finding.severity.rank)
    offered = [(each, each.change.safe) for each in gravest if each.change is not None]
    changed = [(finding, is_safe) for finding, is_safe in offered if report.is_writable(finding)]
    proposed = [finding for finding, is_safe in changed if not is_safe]
    safe, by_hand = len(changed) - len(proposed), len(offered) - len(changed)
    options, told = ["--fix"] if safe else [], []
    if proposed:
        told.append(_have(len(proposed), "a proposal", "proposals"))
        options += ["--fix-proposed", ",".join(dict.fromkeys(each.code for each in proposed))]
    if safe:
        told.append(_have(safe, "a safe fix", "safe fixes"))
    if by_hand:
        told.append(_have(by_hand, "a change to write by hand", "changes to write by hand"))
    if not changed:
        return ", ".join(told), ""
    import shlex  # few reports end so

    words = shlex.join(["zonelint", "check", *options, *page.command])
    return ", ".join(told), clean(words)


def _have(number: int, one: str, several: str) -> str:
    return f"{number:,} has {one}" if number == 1 else f"{number:,} have {several}"

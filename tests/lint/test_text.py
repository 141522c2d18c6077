"""The parts of the text report that few zones bring out."""

from __future__ import annotations

from collections import Counter

import pytest

from zonelint.formats import text
from zonelint.formats.report import Page, Report
from zonelint.grammars.zone import UNREAD, Span
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.finding import Crash, Finding, Found, Severity, Undecided
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.rule import Needs, Rule, rule
from zonelint.rules.model.subjects import MailZone


def a_rule(code: str, needs: Needs) -> Rule:
    made = rule(code, "its-name", Severity.ERROR, on=MailZone, needs=needs, section="-")
    return made(lambda zone: ())


RULES = {
    "SPF101": a_rule("SPF101", Needs.DNS),
    "PHASE003": a_rule("PHASE003", Needs.CHANGE | Needs.REPORTS),
    "SPF210": a_rule("SPF210", Needs.ZONE | Needs.INTENT),
    "DMARC101": a_rule("DMARC101", Needs.ZONE),
}


def shown(undecided: list[Undecided], **more: object) -> list[str]:
    report = Report([], undecided, [], [], RULES, lambda path, line: None, zones=1, records=2)
    report = Report(**{name: getattr(report, name) for name in report.__slots__} | more)
    return "".join(text.render(report, Page())).splitlines()


@pytest.mark.parametrize(
    ("code", "missing", "remedy"),
    [
        ("SPF101", "a.example.net.", "run 'zonelint lock'"),
        (
            "SPF101",
            "include:%{i}.example.net",
            "that is another name for every message, so no lock can hold it",
        ),
        ("PHASE003", "DMARC reports", "name the folder of DMARC reports in zonelint.toml"),
        ("PHASE003", "a.example.net.", "run 'zonelint lock'"),
        ("SPF210", "a.example.net.", "run 'zonelint lock', or declare it in zonelint.toml"),
        ("DMARC101", "_dmarc.example.net.", "run 'zonelint lock'"),
        ("SPF210", UNREAD, "correct what could not be read; what other sources add is not seen"),
    ],
)
def test_what_is_undecided_says_how_it_can_be_decided(code: str, missing: str, remedy: str) -> None:
    lines = shown([Undecided(code, "example.com.", (missing,))])
    assert lines == [
        f"undecided {code} its-name for example.com. needs {missing.removesuffix('.')}: {remedy}",
        "",
        "Nothing found in 1 zone, 2 records; 1 undecided.",
    ]


@pytest.mark.parametrize("code", ["SPF210", "DMARC101", "SPF101"])
def test_what_no_lock_and_no_declaration_tells_is_sent_to_none(code: str) -> None:
    missing = "the value of aws_route53_record.r, known after the change"
    first, *_ = shown([Undecided(code, "example.com.", (missing,))])
    assert first.endswith(f"needs {missing}")


def test_what_is_undecided_takes_one_line_a_rule() -> None:
    undecided = [
        Undecided("SPF101", f"{n}.example.com.", (f"_{n}.net.", "a.net.")) for n in "abcde"
    ]
    assert shown(undecided)[0] == (
        "undecided SPF101 its-name for a.example.com., b.example.com., c.example.com. and 2 more "
        "needs _a.net, a.net, _b.net and 3 more: run 'zonelint lock'"
    )


def test_what_was_not_checked_is_never_called_clean() -> None:
    assert shown([], problems=[ReadError("a", "b")]) == [
        "Nothing found in 1 zone, 2 records; 1 could not be read.",
        "Failed: 1 file that could not be read.",
    ]
    assert shown([], crashes=[Crash("SPF101", "a.", "b")]) == [
        "Nothing found in 1 zone, 2 records; 1 failure of rules.",
        "Failed: 1 failure of rules.",
    ]
    assert shown([], suppressed=3) == ["Nothing found in 1 zone, 2 records; 3 suppressed."]
    assert shown([], hidden=1)[-1].startswith("Nothing found")
    assert shown([], zones=2) == ["Clean in 2 zones, 2 records."]


def test_counts_are_told_gravest_first() -> None:
    counts = Counter({Severity.INFO: 1, Severity.ERROR: 1200, Severity.WARNING: 2})
    assert shown([], counts=counts) == ["1,200 errors, 2 warnings, 1 info in 1 zone, 2 records."]


def test_lines_of_many_words_are_compared_at_their_ends_alone() -> None:
    words = [f"ip4:192.0.2.{number}" for number in range(text.MOST_COMPARED)]
    before, after = " ".join(["a", "b", *words]), " ".join(["a", *words[::-1], words[-1]])
    goes, comes = text._compared(before, after)
    assert "".join(piece for piece, _ in goes) == before
    assert "".join(piece for piece, _ in comes) == after
    assert (goes[0], comes[0]) == (("a ", False), ("a ", False))
    assert goes[-1] == comes[-1] == (f" {words[-1]}", False)


def test_of_many_remarks_alike_a_few_are_shown() -> None:
    def found(code: str, number: int) -> Finding:
        span = Span("z", number, 1, number, 2)
        said = Found(f"h{number}.example.", "TXT", span, "Said.")
        return Finding(RULES[code], Severity.INFO, said, ZoneId("example.com."))

    many = [found("SPF101", number) for number in range(text.MANY)]
    lines = shown([], findings=[*many, found("DMARC101", text.MANY + 1)])
    assert sum("SPF101" in line and "more like this" not in line for line in lines) == text.ALIKE
    hidden = text.MANY - text.ALIKE
    assert f"info SPF101 its-name: {hidden} more like this; --select SPF101 shows all" in lines
    assert any("DMARC101" in line for line in lines)

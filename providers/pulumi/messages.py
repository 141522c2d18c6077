"""What a policy prints: the code, the owner, what is wrong, and what to write instead.

The engine shows the URN beside a diagnostic; it stands in the text as well, for logs.
"""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import ended
from zonelint.grammars.zone import without_dot
from zonelint.providers.resources.wording import spoken_names
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Crash, Finding, Undecided
from zonelint.rules.core.rule import Needs
from zonelint.rules.model.remedy import remedy

from ..resources.reading import Resource
from ..resources.record import ResourceRecord
from .before import StackBefore
from .judging import PolicyVerdict


def of_finding(finding: Finding, verdict: PolicyVerdict) -> tuple[str, str]:
    """The text about a finding, and the URN of the resource that it is about."""
    address = finding.span.path
    resource = verdict.resources.get(address)
    urn = address if resource is None else resource.holder or address
    found = finding.found
    lines = [
        f"{finding.code} {finding.name} ({finding.severity}), {_owner(found.owner)} {found.type}:",
        f"{ended(found.message)} {found.advice}".rstrip(),
        *found.detail,
        *_compared(finding, verdict),
        *_instead(finding, resource),
    ]
    if resource is None:
        return "\n".join(lines), ""
    return "\n".join([*lines, f"Resource: {address}"]), urn


def _compared(finding: Finding, verdict: PolicyVerdict) -> Iterator[str]:
    """What a change was held against, and how old that is."""
    if verdict.before is not None and Needs.CHANGE in finding.rule.needs:
        yield f"Compared with {verdict.before.path}, {verdict.before.age()}."


def of_before(before: StackBefore) -> str:
    """That the state before is old."""
    return (
        f"The state before is that of {before.path}, {before.age()}. What was deployed since then "
        "a change is not compared with."
    )


def _owner(name: str) -> str:
    """The owner as a sentence says it; where its zone is not known, as it is called in the zone."""
    told = without_dot(name)
    shown = spoken_names(told)
    return "@" if shown != told and "." not in shown and " " in shown else shown


def _instead(finding: Finding, resource: Resource | None) -> Iterator[str]:
    """What to write, in the spelling of the provider where it is about a value of a resource."""
    change = finding.change
    if change is None:
        return
    yield "Safe fix:" if change.safe else "Proposal:"
    for edit in change.edits:
        record = edit.before
        if not isinstance(record, ResourceRecord):
            continue
        ours = resource is not None and record.address == resource.address
        where = "" if ours else f" of {record.address}"
        if edit.after is None:
            yield f"  remove value {record.index + 1}{where}"
        elif edit.is_move:
            yield f"  make it {_spelt_owner(change, edit.owner)} {edit.type}{where}"
        elif edit.after == record.rdata:
            yield f"  set the TTL of value {record.index + 1}{where} to {edit.ttl}"
        else:
            written = record.spelling.value(edit.type, edit.after)
            yield f"  set value {record.index + 1}{where} to {written}"
    for edit in change.edits:
        if edit.before is None and edit.after is not None:
            written = change.spelling.value(edit.type, edit.after)
            yield f"  add {_spelt_owner(change, edit.owner)} {edit.type} {written}"


def _spelt_owner(change: Change, name: str) -> str:
    """The owner as the provider writes it; as it is called in its zone, where that is not known."""
    shown = _owner(name)
    return change.spelling.owner(name) if shown == without_dot(name) else shown


def of_undecided(undecided: Undecided, verdict: PolicyVerdict) -> tuple[str, str]:
    """The text about what could not be decided, and the URN that it is about, if there is one."""
    missing = undecided.needs
    rule = verdict.rules.get(undecided.code)
    todo = "" if rule is None else remedy(rule, undecided.missing)
    text = (
        f"{undecided.code} at {_owner(undecided.owner)} is undecided: "
        f"zonelint would have to know {missing}{f': {todo}' if todo else ''}."
    )
    urns = [urn for urn, each in verdict.resources.items() if urn in missing and not each.holder]
    return text, urns[0] if len(urns) == 1 else ""


def of_crash(crash: Crash) -> str:
    """The text about a rule that failed."""
    return (
        f"{crash.code} failed at {_owner(crash.owner)}: {crash.error}. This is a bug in the rule; "
        "the check is not complete, so the deployment is blocked."
    )


def of_failure(error: Exception) -> str:
    """The text about a failure outside of the rules; what it was about is not in it."""
    return (
        f"The check failed ({type(error).__name__}). This is a bug in zonelint; the check is not "
        "complete, so the deployment is blocked."
    )

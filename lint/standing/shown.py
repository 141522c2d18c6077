"""What was verified, as text for people or as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.listing import some, spelled
from zonelint.grammars.zone import without_dot
from zonelint.rules.model.answers import Status
from zonelint.standing.verifying import ServerAnswer, State, Verified

VERSION = 1
_LONGEST = 160


def verified_lines(results: Sequence[tuple[str, Sequence[Verified]]]) -> Iterator[str]:
    """Each record that is not published everywhere, by server; then the count."""
    for zone, records in results:
        yield zone
        for record in records:
            yield from _record(record)
        written = [record for record in records if not _is_absent(record)]
        absent = [record for record in records if _is_absent(record)]
        published = sum(record.is_published for record in written)
        nothing = sum(record.is_published for record in absent)
        waits = [each.waits or 0 for record in records for each in record.findings]
        left = f"; caches may give old answers for {spelled(max(waits))} more" if any(waits) else ""
        yield f"  {published} of {len(written)} records are published as written{left}."
        if absent:
            where = f"{nothing} of {len(absent)} names where nothing is written"
            yield f"  Nothing is served at {where}."
        yield ""


def _is_absent(record: Verified) -> bool:
    """Whether what was asked for is that nothing is there."""
    return record.question.written is None or not record.question.written.values


def _record(record: Verified) -> Iterator[str]:
    question = record.question
    name = f"{without_dot(question.owner)} {question.type}"
    if record.is_published:
        yield f"  published  {name}{' (that there is none)' if _is_absent(record) else ''}"
        return
    states = [each.state for each in record.findings]
    if not record.answered:
        reasons = dict.fromkeys(each.served.reason for each in record.findings)
        why = [reason for reason in reasons if reason and reason != State.UNANSWERED.value]
        yield f"  {State.UNANSWERED.value:<9}  {name}{': ' if why else ''}{', '.join(why)}"
        return
    worst = next(state for state in _WORST if state in states)
    yield f"  {worst.value:<9}  {name}"
    yield f"      written: {_values(question.written.values if question.written else ())}"
    for each in record.findings:
        yield f"      {each.place.name}: {_describe(each, record)}"


_WORST = (State.OTHERWISE, State.UNANSWERED, State.NOT_YET, State.PUBLISHED)


def _describe(finding: ServerAnswer, record: Verified) -> str:
    """What a server answers, in words."""
    served = finding.served
    if finding.state is State.PUBLISHED:
        return "published"
    if finding.state is State.UNANSWERED:
        if served.reason in ("", State.UNANSWERED.value):
            return State.UNANSWERED.value
        return f"no reliable answer: {served.reason}"
    if served.alias is not None:
        held = f"a CNAME to {without_dot(served.alias)}"
    elif served.status is Status.RECORDS:
        held = _values(served.values)
    else:
        held = "nothing"
    words = f"{finding.state.value}, it answers {held}"
    if finding.serial is not None and record.serial is not None and not finding.place.is_resolver:
        words += f"; its zone has serial {finding.serial}, the written one is {record.serial}"
        if finding.state is State.OTHERWISE and finding.serial == record.serial:
            words += " as well: if the file is right, raise its serial"
    if served.ttl is not None:
        if finding.place.is_resolver:
            words += f"; it drops that in {spelled(served.ttl)}"
        else:
            words += f"; caches may keep that for {spelled(served.ttl)}"
    return words


def _values(values: Sequence[str]) -> str:
    if not values:
        return "nothing"
    shown = [f"`{each if len(each) <= _LONGEST else f'{each[:_LONGEST]}…'}`" for each in values]
    return some(shown, 4)


def verified_facts(results: Sequence[tuple[str, Sequence[Verified]]]) -> dict[str, object]:
    """The same as an object for JSON."""
    return {
        "version": VERSION,
        "published": all(each.is_published for _, records in results for each in records),
        "domains": [
            {"domain": zone, "records": [_fact(each) for each in records]}
            for zone, records in results
        ],
    }


def _fact(record: Verified) -> dict[str, object]:
    question = record.question
    return {
        "owner": question.owner,
        "type": question.type,
        "written": list(question.written.values) if question.written else [],
        "serial": record.serial,
        "published": record.is_published,
        "servers": [
            {
                "server": each.place.name,
                "resolver": each.place.is_resolver,
                "state": each.state.value,
                "values": list(each.served.values),
                "ttl": each.served.ttl,
                "serial": each.serial,
                "reason": each.served.reason,
            }
            for each in record.findings
        ],
    }

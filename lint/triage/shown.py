"""A diagnosis as text for people, or as one JSON object."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from zonelint.formats.report import full_message, pictured
from zonelint.grammars.listing import listed
from zonelint.grammars.zone import without_dot
from zonelint.providers.bounces.bounce import Try
from zonelint.rules.core.identity import ZoneId
from zonelint.triage.diagnosis import Diagnosis, SpfVerdict, Suspicion, in_view
from zonelint.triage.listing import Listing, lines
from zonelint.triage.steps import describe_absent, steps
from zonelint.triage.ticket import tickets

WIDTH = 80
VERSION = 1


def text(
    diagnosis: Diagnosis, documents: Mapping[ZoneId, str], listing: Listing | None = None
) -> Iterator[str]:
    """The lines, without ends: what it means, what explains it, what to do, the tickets."""
    if listing is not None:
        yield from _heading("What the list says")
        yield from lines(listing)
        yield ""
    if diagnosis.explained:
        yield from _heading("What the bounce says")
    for each in diagnosis.explained:
        said = f": {each.answer.text}" if each.answer.text else ""
        yield from _wrapped(f"{each.answer.code_text}{said}", "  ", "    ")
        yield from _wrapped(f"{each.title}. {each.words}", "    ")
        if each.meaning is not None:
            yield f"    {each.meaning.reference}"
    if diagnosis.explained:
        yield ""
    if listing is None:
        yield from _wrapped(_way(diagnosis), "  ")
    for sentence in _describe_rest(diagnosis):
        yield from _wrapped(sentence, "  ")
    yield ""
    yield from _causes(diagnosis)
    yield from _heading("What to do, in this order")
    for number, step in enumerate(steps(diagnosis, documents), start=1):
        yield from _wrapped(step, f"  {number:>2}. ", "      ")
    for ticket in tickets(diagnosis):
        yield ""
        yield from _heading("A ticket to send")
        yield from _wrapped(f"To {ticket.to}", "")
        yield ""
        yield from ticket.lines


def _describe_rest(diagnosis: Diagnosis) -> Iterator[str]:
    """What the receiver says of the message beside its code, and what SPF says of it here."""
    bounce = diagnosis.bounce
    if bounce.judged:
        words = [
            f"{each.method.upper()} {_result(each.method, each.result)}"
            f"{f' for {each.domain}' if each.domain else ''}"
            for each in bounce.judged
        ]
        yield f"In the receiver's own words, {listed(words)}."
    if diagnosis.inside:
        about = f" for {bounce.spf_domain}" if bounce.spf_domain else ""
        yield (
            f"The receiver judged {diagnosis.inside}{about}, a private address: a host in its own "
            "network, behind the one that accepted the message. That does not mean that anything "
            "in the zone is wrong, and nothing there can fix it."
        )
    if len(diagnosis.states) > 1:
        yield (
            f"{diagnosis.domain} differs between {len(diagnosis.states)} views, and each was "
            "judged: the receiver sees the one that the Internet sees."
        )
    for verdict in diagnosis.verdicts:
        yield _verdict(verdict, len(diagnosis.verdicts))
    if bounce.tries:
        hosts = dict.fromkeys(each.address or each.host for each in bounce.tries)
        places = len([host for host in hosts if host])
        yield (
            f"{_steps(bounce.tries)}, to {places} address{'' if places == 1 else 'es'}: the "
            "ticket lists all of them."
        )


def _steps(tries: Sequence[Try]) -> str:
    """How many steps a bounce lists, and when they were taken."""
    if len(tries) == 1:
        return f"1 step is listed, at {tries[0].time}"
    return (
        f"{len(tries)} steps are listed, the first at {tries[0].time}, the last at {tries[-1].time}"
    )


_RESULTS = {"fail": "failed", "pass": "passed", "softfail": "failed softly"}


def _result(method: str, result: str) -> str:
    """A result of RFC 8601 §2.7 in words."""
    if result == "none":
        return "found no signature" if method == "dkim" else "found no record"
    return _RESULTS.get(result, f"says {result}")


def _way(diagnosis: Diagnosis) -> str:
    bounce = diagnosis.bounce
    sender = f", {diagnosis.sent_by.name}" if diagnosis.sent_by else ""
    receiver = f" ({diagnosis.refused_by.name})" if diagnosis.refused_by else ""
    to = ", ".join(bounce.recipient_domains) or "a receiver that it does not name"
    source = diagnosis.domain or "a sender that it does not name"
    if diagnosis.guessed:
        source += " (the bounce does not name the sender; this is the domain of the zones)"
    lasting = "The message is lost." if diagnosis.is_final else "The sending host tries again."
    host = f" Reported by {bounce.server}{sender}." if bounce.server else ""
    return f"From {source} to {to}{receiver}.{host} {lasting}"


def _verdict(verdict: SpfVerdict, number: int) -> str:
    origin = f"It came from {verdict.client}; the SPF record of {verdict.domain}"
    origin += f"{in_view(verdict.view, number)} says "
    if verdict.missing:
        missing = ", ".join(map(without_dot, verdict.missing[:3]))
        return f"{origin}{verdict.result} for it, because {missing} is not known."
    return f"{origin}{verdict.result} for it."


def _causes(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.in_dns:
        yield from _heading(f"What could be the cause, in the DNS of {diagnosis.domain}")
        for suspicion in diagnosis.in_dns:
            yield from _cause(suspicion)
            for finding in suspicion.findings:
                place = f"{finding.span.path}:{finding.span.line}{in_view(finding.zone.view)}"
                lead = f"{finding.severity} {finding.code} {place}: "
                yield from _wrapped(f"{lead}{full_message(finding)}", "    ", "      ")
                proposed = pictured(finding)
                if proposed is not None:
                    yield from (f"      {line}" for line in proposed.signed)
            yield ""
    else:
        yield from _nothing_in_dns(diagnosis)
    if diagnosis.undecided:
        yield from _heading("What could not be decided")
        for each in diagnosis.undecided:
            yield from _wrapped(
                f"{each.code} for {each.owner}{in_view(each.zone.view)} needs {each.needs}",
                "  ",
                "    ",
            )
        yield ""
    if diagnosis.outside:
        yield from _heading("What no record shows")
        for suspicion in diagnosis.outside:
            yield from _cause(suspicion)
        yield ""


def _cause(suspicion: Suspicion) -> Iterator[str]:
    how = "the bounce names it" if suspicion.named else "possible"
    yield from _wrapped(f"{suspicion.cause.name} ({how}). {suspicion.cause.means}", "  ", "  ")


_NO_FAULT = "No fault that would explain it was found"


def _nothing_in_dns(diagnosis: Diagnosis) -> Iterator[str]:
    """Why no record is blamed; silence would look like a pass."""
    asked = [each.cause.name for each in diagnosis.suspicions if each.cause.in_dns]
    if not asked:
        return
    yield from _heading("What could be the cause, in DNS")
    if diagnosis.owner is not None:
        why = f"{diagnosis.domain} belongs to {diagnosis.owner}, not to the sender."
    elif diagnosis.domain is None:
        why = "The bounce does not name the sender: give its domain with --domain."
    elif not diagnosis.states:
        why = f"The zone of {diagnosis.domain} was not among those read: give it with --zones."
    elif diagnosis.undecided:
        why = f"{_NO_FAULT}, but not everything could be decided, see below."
    elif lacks := describe_absent(diagnosis.states):
        why = f"{diagnosis.domain} has {lacks} in the zones that were read."
    else:
        why = (
            f"{_NO_FAULT} in the records of {diagnosis.domain} ('zonelint check' tells whether "
            "there are others)."
        )
    names = "; ".join(name[0].lower() + name[1:] if name[1:2].islower() else name for name in asked)
    yield from _wrapped(f"It could be: {names}. {why}", "  ")
    yield ""


def _heading(words: str) -> Iterator[str]:
    yield words
    yield "-" * len(words)


def _wrapped(words: str, indent: str, further: str | None = None) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def facts(
    diagnosis: Diagnosis, documents: Mapping[ZoneId, str], listing: Listing | None = None
) -> dict[str, object]:
    """The diagnosis as an object for JSON."""
    bounce = diagnosis.bounce
    desks = tickets(diagnosis)
    return {
        "version": VERSION,
        "form": bounce.form.value,
        "answers": [
            {
                "reply": each.answer.reply,
                "status": each.answer.status,
                "mark": each.answer.mark,
                "text": each.answer.text,
                "title": each.title,
                "meaning": each.words,
                "reference": each.meaning.reference if each.meaning else None,
                "named": list(each.meaning.named) if each.meaning else [],
                "possible": list(each.meaning.possible) if each.meaning else [],
            }
            for each in diagnosis.explained
        ],
        "domain": diagnosis.domain,
        "guessed": diagnosis.guessed,
        "judged": bool(diagnosis.states),
        "views": [each.view for each in diagnosis.states if each.view],
        "sender": bounce.sender,
        "recipients": list(bounce.recipients),
        "server": bounce.server,
        "hosts": list(bounce.hosts),
        "sent_by": diagnosis.sent_by.id if diagnosis.sent_by else None,
        "refused_by": diagnosis.refused_by.id if diagnosis.refused_by else None,
        "client": _client(diagnosis.verdicts),
        "message_id": bounce.message_id,
        "final": diagnosis.is_final,
        "causes": [_fact(each) for each in diagnosis.suspicions],
        "undecided": [
            {"code": each.code, "owner": each.owner, "missing": list(each.missing)}
            for each in diagnosis.undecided
        ],
        "steps": list(steps(diagnosis, documents)),
        "receiver_says": [asdict(each) for each in bounce.judged],
        "private_address": diagnosis.inside,
        "tries": [asdict(each) for each in bounce.tries],
        "list": None if listing is None else asdict(listing),
        "ticket": _joined(desks[0].lines),
        "tickets": [{"to": each.to, "text": _joined(each.lines)} for each in desks],
    }


def _client(verdicts: Sequence[SpfVerdict]) -> dict[str, object] | None:
    """What SPF says of the sending address; undecided where it depends on the view."""
    if not verdicts:
        return None
    results = {each.result for each in verdicts}
    told: dict[str, object] = {
        "address": verdicts[0].client,
        "spf": results.pop() if len(results) == 1 else "undecided",
        "domain": verdicts[0].domain,
    }
    by_view = {each.view: each.result for each in verdicts}
    return told if len(verdicts) == 1 else {**told, "by_view": by_view}


def _fact(suspicion: Suspicion) -> dict[str, object]:
    return {
        "id": suspicion.cause.id,
        "name": suspicion.cause.name,
        "in_dns": suspicion.cause.in_dns,
        "named": suspicion.named,
        "means": suspicion.cause.means,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "owner": finding.owner,
                "path": finding.span.path,
                "line": finding.span.line,
                "view": finding.zone.view or None,
                "message": full_message(finding),
            }
            for finding in suspicion.findings
        ],
    }


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)

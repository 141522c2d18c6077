"""A diagnosis as text for people, or as one JSON object."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from zonelint.formats.report import proposal, told
from zonelint.grammars.zone import spoken
from zonelint.triage.diagnosis import Diagnosis, Suspicion, Verdict
from zonelint.triage.steps import listed, steps
from zonelint.triage.ticket import ticket

WIDTH = 80
VERSION = 1


def text(diagnosis: Diagnosis, paths: Sequence[str]) -> Iterator[str]:
    """The lines, without ends: what it means, what explains it, what to do, the ticket."""
    yield from _heading("What the bounce says")
    for each in diagnosis.explained:
        said = f": {each.answer.text}" if each.answer.text else ""
        yield from _wrapped(f"{each.answer.spoken}{said}", "  ", "    ")
        yield from _wrapped(f"{each.title}. {each.words}", "    ")
        if each.meaning is not None:
            yield f"    {each.meaning.reference}"
    yield ""
    yield from _wrapped(_way(diagnosis), "  ")
    if diagnosis.verdict is not None:
        yield from _wrapped(_verdict(diagnosis.verdict), "  ")
    yield ""
    yield from _causes(diagnosis)
    yield from _heading("What to do, in this order")
    for number, step in enumerate(steps(diagnosis, paths), start=1):
        yield from _wrapped(step, f"  {number:>2}. ", "      ")
    yield ""
    yield from _heading("A ticket to send")
    yield from ticket(diagnosis)


def _way(diagnosis: Diagnosis) -> str:
    bounce = diagnosis.bounce
    sender = f", {diagnosis.sent_by.name}" if diagnosis.sent_by else ""
    receiver = f" ({diagnosis.refused_by.name})" if diagnosis.refused_by else ""
    to = ", ".join(bounce.recipient_domains) or "a receiver that it does not name"
    source = diagnosis.domain or "a sender that it does not name"
    if diagnosis.guessed:
        source += " (the bounce does not name the sender; this is the domain of the zones)"
    lasting = "The message is lost." if diagnosis.is_final else "The sending host tries again."
    host = f" Told by {bounce.server}{sender}." if bounce.server else ""
    return f"From {source} to {to}{receiver}.{host} {lasting}"


def _verdict(verdict: Verdict) -> str:
    told = f"It came from {verdict.client}; the SPF record of {verdict.domain} says "
    if verdict.missing:
        missing = ", ".join(map(spoken, verdict.missing[:3]))
        return f"{told}{verdict.result} to it, for want of {missing}."
    return f"{told}{verdict.result} to it."


def _causes(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.in_dns:
        yield from _heading(f"What could be the cause, in the DNS of {diagnosis.domain}")
        for suspicion in diagnosis.in_dns:
            yield from _cause(suspicion)
            for finding in suspicion.findings:
                place = f"{finding.span.path}:{finding.span.line}"
                lead = f"{finding.severity} {finding.code} {place}: "
                yield from _wrapped(f"{lead}{told(finding)}", "    ", "      ")
                proposed = proposal(finding)
                if proposed is not None:
                    yield from (f"      - {record}" for record in proposed.before)
                    yield from (f"      + {record}" for record in proposed.after)
            yield ""
    else:
        yield from _nothing_in_dns(diagnosis)
    if diagnosis.undecided:
        yield from _heading("What could not be decided")
        for each in diagnosis.undecided:
            missing = ", ".join(each.missing) or "more than the zone"
            yield from _wrapped(f"{each.code} for {each.owner} needs {missing}", "  ", "    ")
        yield ""
    if diagnosis.outside:
        yield from _heading("What no record shows")
        for suspicion in diagnosis.outside:
            yield from _cause(suspicion)
        yield ""


def _cause(suspicion: Suspicion) -> Iterator[str]:
    how = "the bounce names it" if suspicion.named else "possible"
    yield from _wrapped(f"{suspicion.cause.name} ({how}). {suspicion.cause.means}", "  ", "  ")


def _nothing_in_dns(diagnosis: Diagnosis) -> Iterator[str]:
    """Why no record is blamed; silence would look like a pass."""
    asked = [each.cause.name for each in diagnosis.suspicions if each.cause.in_dns]
    if not asked:
        return
    yield from _heading("What could be the cause, in DNS")
    if diagnosis.domain is None:
        why = "The bounce does not name the sender: give its domain with --domain."
    elif diagnosis.state is None:
        why = f"The zone of {diagnosis.domain} was not among those read: give it with --zones."
    elif diagnosis.undecided:
        why = "No fault was found, but not all could be decided, see below."
    elif diagnosis.state.absent:
        why = (
            f"{diagnosis.domain} has {listed(diagnosis.state.absent)} in the zones that were read."
        )
    else:
        why = f"No fault was found in the records of {diagnosis.domain}."
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


def facts(diagnosis: Diagnosis, paths: Sequence[str]) -> dict[str, object]:
    """The diagnosis as an object for JSON."""
    bounce = diagnosis.bounce
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
        "judged": diagnosis.state is not None,
        "sender": bounce.sender,
        "recipients": list(bounce.recipients),
        "server": bounce.server,
        "hosts": list(bounce.hosts),
        "sent_by": diagnosis.sent_by.id if diagnosis.sent_by else None,
        "refused_by": diagnosis.refused_by.id if diagnosis.refused_by else None,
        "client": diagnosis.verdict
        and {
            "address": diagnosis.verdict.client,
            "spf": diagnosis.verdict.result,
            "domain": diagnosis.verdict.domain,
        },
        "message_id": bounce.message_id,
        "final": diagnosis.is_final,
        "causes": [_fact(each) for each in diagnosis.suspicions],
        "undecided": [
            {"code": each.code, "owner": each.owner, "missing": list(each.missing)}
            for each in diagnosis.undecided
        ],
        "steps": list(steps(diagnosis, paths)),
        "ticket": _joined(ticket(diagnosis)),
    }


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
                "message": told(finding),
            }
            for finding in suspicion.findings
        ],
    }


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)

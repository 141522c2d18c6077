"""The support ticket: what the people who run the other host need, as text to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zonelint.providers.bounces.bounce import Bounce
from zonelint.triage.diagnosis import Diagnosis, State

_SHOWN = 12
_FILL_IN = "(please fill in)"


def ticket(diagnosis: Diagnosis) -> Iterator[str]:
    """The lines of the ticket. What the bounce did not tell is left to be filled in."""
    bounce = diagnosis.bounce
    domain = diagnosis.domain or _FILL_IN
    to = ", ".join(bounce.recipient_domains) or (
        diagnosis.refused_by.name if diagnosis.refused_by else _FILL_IN
    )
    first = bounce.answers[0]
    yield f"Subject: Mail from {domain} to {to} fails with {first.spoken}"
    yield ""
    yield f"Mail from {domain} to {to} {_fate(diagnosis)}. What the hosts said:"
    yield ""
    for answer in bounce.answers:
        yield f"  {answer.spoken}  {answer.text}".rstrip()
    yield ""
    yield from _fields(_message(bounce))
    yield ""
    yield "Authentication of the sender's domain, as it stands in DNS:"
    yield ""
    if diagnosis.state is None:
        yield f"  SPF, DKIM, DMARC  {_FILL_IN}"
    else:
        yield from _fields(_published(diagnosis.state, diagnosis))
    if bounce.checked:
        yield ""
        yield "Results that the headers of the message tell:"
        yield ""
        for each in bounce.checked[:_SHOWN]:
            about = f" ({each.domain})" if each.domain else ""
            yield f"  {each.method}={each.result}{about}"
    yield ""
    yield from _asked(diagnosis)


def _fate(diagnosis: Diagnosis) -> str:
    if not diagnosis.is_final:
        return "is delayed"
    statuses = [answer.status or "" for answer in diagnosis.bounce.answers]
    expired = all(status[2:3] == "4" for status in statuses if status.startswith("5"))
    return "expires in the queue" if expired else "is refused"


def _message(bounce: Bounce) -> Iterator[tuple[str, str]]:
    yield "Message-ID", bounce.message_id or _FILL_IN
    if bounce.trace_id:
        yield "Network message id", bounce.trace_id
    yield "From", bounce.sender or _FILL_IN
    if bounce.envelope_sender and bounce.envelope_sender != bounce.sender:
        yield "Envelope sender", bounce.envelope_sender
    yield "To", _some(bounce.recipients) or _FILL_IN
    yield "Sent", bounce.sent or _FILL_IN
    if bounce.last_try:
        yield "Last try", bounce.last_try
    if bounce.bounced:
        yield "Bounced", bounce.bounced
    if bounce.client:
        yield "Came from", bounce.client
    yield "Reported by", bounce.server or _FILL_IN
    yield "Refused by", _some((*bounce.hosts, *bounce.addresses)) or _FILL_IN
    if bounce.nodes:
        yield "Went through", " > ".join(bounce.nodes[:_SHOWN])
    for domain, selector in bounce.signed[:_SHOWN]:
        yield "Signed (DKIM)", f"d={domain}, s={selector}"


def _published(state: State, diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    yield from _values("SPF", state.spf, diagnosis)
    if state.dkim is None:
        yield "DKIM", "not known"
    elif not state.dkim:
        yield "DKIM", f"no key published{_faults('DKIM', diagnosis)}"
    for name, value in (state.dkim or ())[:_SHOWN]:
        yield "DKIM", f"{name} {_cut(value)}"
    yield from _values("DMARC", state.dmarc, diagnosis)


def _values(
    name: str, values: tuple[str, ...] | None, diagnosis: Diagnosis
) -> Iterator[tuple[str, str]]:
    if values is None:
        yield name, "not known"
    elif not values:
        yield name, f"no record published{_faults(name, diagnosis)}"
    for value in values or ():
        yield name, f"{_cut(value)}{_faults(name, diagnosis)}"


def _faults(family: str, diagnosis: Diagnosis) -> str:
    """That we know of faults there and mend them: a desk that finds them itself stops reading."""
    found = any(finding.code.startswith(family) for finding in diagnosis.findings)
    return "  (being corrected)" if found else ""


def _asked(diagnosis: Diagnosis) -> Iterator[str]:
    outside = {suspicion.cause.id for suspicion in diagnosis.outside}
    yield "Please tell us:"
    yield "  - why these messages were refused, from your logs of the times above;"
    if outside & {"throttling", "reputation", "connection"}:
        yield "  - whether our sending addresses are slowed down or blocked, and since when;"
    if outside & {"forced-tls", "connection"}:
        yield "  - whether the TLS handshake or the connection failed, and at which step;"
    yield "  - what we have to change."


def _fields(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(pairs)
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        yield f"  {name:<{width}}  {value}"


def _some(values: Iterable[str]) -> str:
    listed = list(dict.fromkeys(values))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]} …"

"""The support tickets: what the people who run the hosts of either side need, as text to send."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from zonelint.grammars.listing import some
from zonelint.providers.bounces.bounce import Try
from zonelint.rules.core.rule import Step
from zonelint.triage.diagnosis import Diagnosis, PublishedMail, in_view

_SHOWN = 12
_TRIES = 40
_FAMILY = 6
_FILL_IN = "(please fill in)"
_REFUSED = "is refused"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A text for one desk; `to` says whose, in words."""

    to: str
    lines: tuple[str, ...]


def tickets(diagnosis: Diagnosis) -> tuple[Ticket, ...]:
    """For the provider that sends, where it has a desk, and for whoever refuses.

    What the bounce did not tell is left to be filled in.
    """
    sending, refusing = diagnosis.sent_by, diagnosis.refused_by
    found = []
    if sending is not None and sending.customers:
        found.append(Ticket(f"{sending.name}: {sending.customers}", tuple(_sender(diagnosis))))
    if refusing is None:
        found.append(Ticket("the operator of the receiving host", tuple(_receiver(diagnosis))))
    elif refusing is not sending or not found:
        found.append(Ticket(f"{refusing.name}: {refusing.support}", tuple(_receiver(diagnosis))))
    return tuple(found)


def _sender(diagnosis: Diagnosis) -> Iterator[str]:
    yield from _beginning(diagnosis)
    yield from _authentication(diagnosis)
    yield ""
    yield "Settings on our side:"
    yield ""
    yield from _fields(
        [
            ("DKIM signing", "enabled for the domain on (please fill in the date)"),
            ("Connectors", "(please fill in: none for these receivers, or their names)"),
            ("TLS", "(please fill in: opportunistic, or forced by which connector or rule)"),
            ("Relays", "(please fill in: none, or what changes or encrypts mail on its way out)"),
            ("Service Health", "(please fill in: no incident shown, or its number, EX...)"),
        ]
    )
    yield ""
    yield "Attached:"
    yield "  - the bounce as a file (.eml), with all of its headers;"
    yield "  - the extended report of the message trace (CSV);"
    yield "  - what our name servers answer for SPF, DKIM and DMARC."
    yield ""
    receiver = diagnosis.refused_by.name if diagnosis.refused_by else "the receiver"
    yield "Please:"
    yield "  - look into the outbound queue of Exchange Online Protection (EOP) at the times above,"
    yield f"    for {_to(diagnosis)}, and state at which step the connections end;"
    yield "  - state whether the TLS handshake completes, with which version and server name (SNI),"
    yield "    and from which of your addresses you tried;"
    yield "  - state whether a known incident (EX...) covers this, and its number;"
    yield f"  - forward this to the back-end team that is in contact with {receiver};"
    yield "  - state what we have to change."


def _receiver(diagnosis: Diagnosis) -> Iterator[str]:
    yield from _beginning(diagnosis)
    yield from _authentication(diagnosis)
    yield ""
    outside = {suspicion.cause.id for suspicion in diagnosis.outside}
    yield "Please let us know:"
    if diagnosis.inside:
        yield (
            f"  - why SPF is evaluated for {diagnosis.inside}, an address of your own network, "
            "and not for the host that connected to you;"
        )
    fate = "refused" if _is_refused(diagnosis) else "not accepted"
    yield f"  - why these messages were {fate}, from your logs of the times above;"
    if diagnosis.bounce.listed or outside & {"throttling", "reputation", "connection"}:
        yield "  - whether our sending addresses are throttled or blocked, and since when;"
    if diagnosis.bounce.listed or outside & {"forced-tls", "connection"}:
        yield "  - whether the TLS handshake or the connection failed, and at which step;"
    yield "  - whether SPF, DKIM and DMARC pass for our mail as you see it;"
    yield "  - what we have to change."


def _beginning(diagnosis: Diagnosis) -> Iterator[str]:
    """The subject, what happened, which message, and every try."""
    bounce = diagnosis.bounce
    domain = diagnosis.domain or _FILL_IN
    final_first = sorted(bounce.answers, key=lambda answer: not answer.is_final)
    codes = ", ".join(answer.code_text for answer in final_first[:3])
    yield f"Subject: Mail from {domain} to {_to(diagnosis)} fails{codes and f' with {codes}'}"
    yield ""
    yield f"Mail from {domain} to {_to(diagnosis)} {_fate(diagnosis)}."
    if bounce.answers:
        yield "What the hosts said:"
        yield ""
    for answer in bounce.answers:
        yield f"  {answer.code_text}  {answer.text}".rstrip()
    yield ""
    yield from _fields(_message(diagnosis))
    if bounce.tries:
        yield ""
        yield "Every attempt, by time and node:"
        yield ""
        yield from _tries(bounce.tries)
    yield ""


def _to(diagnosis: Diagnosis) -> str:
    domains = diagnosis.bounce.recipient_domains
    if domains:
        return some(domains, _SHOWN)
    return diagnosis.refused_by.name if diagnosis.refused_by else _FILL_IN


def _fate(diagnosis: Diagnosis) -> str:
    if diagnosis.bounce.listed and not diagnosis.bounce.answers:
        return "fails"
    if not diagnosis.is_final:
        return "is delayed"
    statuses = [answer.status or "" for answer in diagnosis.bounce.answers]
    expired = all(status[2:3] == "4" for status in statuses if status.startswith("5"))
    return "expires in the queue" if expired else _REFUSED


def _is_refused(diagnosis: Diagnosis) -> bool:
    """Whether the receiver said no, and the messages were not only waiting until the end."""
    return _fate(diagnosis) == _REFUSED


def _message(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    bounce = diagnosis.bounce
    yield "Message-ID", bounce.message_id or _FILL_IN
    if bounce.trace_id:
        yield "Network message id", bounce.trace_id
    yield "From", bounce.sender or _FILL_IN
    if bounce.envelope_sender and bounce.envelope_sender != bounce.sender:
        yield "Envelope sender", bounce.envelope_sender
    yield "To", some(bounce.recipients, _SHOWN) or _FILL_IN
    others = [name for name in diagnosis.family if name not in bounce.recipient_domains]
    if others:
        yield (
            "Same family",
            f"{', '.join(others[:_FAMILY])}: (please fill in which of them fail too)",
        )
    yield "Sent", bounce.sent or _FILL_IN
    if bounce.last_try:
        yield "Last try", bounce.last_try
    if bounce.retries is not None:
        yield "Attempts in total", str(bounce.retries)
    if bounce.bounced:
        yield "Bounced", bounce.bounced
    if bounce.client:
        yield "Came from", bounce.client
    yield "Generating server", bounce.server or _FILL_IN
    by = "Refused by" if _is_refused(diagnosis) else "Receiving host"
    yield by, some((*bounce.hosts, *bounce.addresses), _SHOWN) or _FILL_IN
    if bounce.nodes:
        yield "Went through", " > ".join(bounce.nodes[:_SHOWN])
    for domain, selector in bounce.signed[:_SHOWN]:
        yield "Signed (DKIM)", f"d={domain}, s={selector}"


def _tries(tries: Sequence[Try]) -> Iterator[str]:
    half = _TRIES // 2
    shown = tries if len(tries) <= _TRIES else (*tries[:half], *tries[-half:])
    for number, each in enumerate(shown):
        if len(tries) > _TRIES and number == half:
            yield f"  ... and {len(tries) - _TRIES} more ..."
        address = f" [{each.address}]" if each.address else ""
        way = " > ".join(filter(None, (each.node, f"{each.host or ''}{address}".strip())))
        yield "  " + "  ".join(filter(None, (each.time or "no time", each.event, way, each.said)))


def _authentication(diagnosis: Diagnosis) -> Iterator[str]:
    yield "Authentication of the sender's domain, as published in DNS:"
    yield ""
    if not diagnosis.states:
        yield f"  SPF, DKIM, DMARC  {_FILL_IN}"
    for state in diagnosis.states:
        if len(diagnosis.states) > 1:
            yield f" {in_view(state.view, 2)} (please keep what the Internet sees):"
        yield from _fields(_published(state, diagnosis))
    results = dict.fromkeys((*diagnosis.bounce.checked, *diagnosis.bounce.judged))
    if results:
        yield ""
        yield "Results from the headers of the message and the receiver:"
        yield ""
        for each in list(results)[:_SHOWN]:
            about = f" ({each.domain})" if each.domain else ""
            yield f"  {each.method}={each.result}{about}"


def _published(state: PublishedMail, diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    yield from _values("SPF", state.spf, _faults({Step.SPF, Step.SENDERS}, state, diagnosis))
    if state.dkim is None:
        yield "DKIM", "not known"
    elif not state.dkim:
        yield "DKIM", f"no key published{_faults({Step.DKIM}, state, diagnosis)}"
    for name, value in (state.dkim or ())[:_SHOWN]:
        yield "DKIM", f"{name} {_cut(value)}"
    yield from _values("DMARC", state.dmarc, _faults({Step.DMARC}, state, diagnosis))


def _values(name: str, values: tuple[str, ...] | None, faults: str) -> Iterator[tuple[str, str]]:
    if values is None:
        yield name, "not known"
    elif not values:
        yield name, f"no record published{faults}"
    for value in values or ():
        yield name, f"{_cut(value)}{faults}"


def _faults(steps: Container[Step | None], state: PublishedMail, diagnosis: Diagnosis) -> str:
    """That we know of faults there and mend them: a desk that finds them itself stops reading."""
    found = any(
        finding.rule.step in steps
        for finding in diagnosis.findings
        if len(diagnosis.states) == 1 or finding.zone.view == state.view
    )
    return "  (being corrected)" if found else ""


def _fields(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(pairs)
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        yield f"  {name:<{width}}  {value}"


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]} …"

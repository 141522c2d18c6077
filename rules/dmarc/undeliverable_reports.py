"""DMARC115: reports that go to a domain which takes no mail."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.model.answers import ADDRESSES, Status, owner_name
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC115",
    "dmarc-undeliverable-reports",
    Severity.WARNING,
    on=Dmarc,
    needs=Needs.ZONE,
    section="RFC 7505 §3",
    when={"rua", "ruf"},
    step=Step.DMARC,
)
def undeliverable_reports(dmarc: Dmarc) -> Iterator[Found | Unknown]:
    """Reports are sent to a domain in these zones that receives no mail.

    What it finds
        An address in `rua` or `ruf` in a domain of the zones that are read, where that domain has a
        null MX, does not exist, or has neither MX nor address.
    Why it matters
        The reports cannot be delivered: nobody learns who sends as the domain.
    Example
        `rua=mailto:d@example.com` where `example.com` has the null MX `0 .`
    Use instead
        An address in a domain that receives mail. Where it belongs to another organisation, that
        has to authorise the reports (DMARC112).
    References
        RFC 7505 §3; RFC 5321 §5.1
    """
    told: set[str] = set()
    for uri in (*dmarc.ast.rua, *dmarc.ast.ruf):
        name = owner_name(uri.domain) if uri.address and not uri.faults else None
        if name is None or name in told:
            continue
        told.add(name)
        why, missing = _why_not(dmarc, name)
        if missing is not None:
            yield dmarc.unknown(missing)
        elif why:
            yield dmarc.at(
                uri.place,
                f"Reports to `{uri.address}` cannot be delivered, because {without_dot(name)} "
                f"{why}",
                "Use an address in a domain that receives mail.",
                root=Root(name),
            )


def _why_not(dmarc: Dmarc, name: str) -> tuple[str, str | None]:
    """Why a domain takes no mail, empty where it does; the name that would have to be known."""
    look = dmarc.context.look
    mx = look(name, "MX")
    if mx is None:
        return "", None
    if mx.values and not any(value.partition(" ")[2] != "." for value in mx.values):
        return "has a null MX", None
    if mx.values or mx.alias is not None or _is_served_by_all(dmarc, name):
        return "", None
    if mx.status is Status.NXDOMAIN:
        return "does not exist", None
    held = [look(name, type) for type in ADDRESSES]
    answers = [dmarc.context.answers.ask(name, type) for type in ("MX", *ADDRESSES)]
    is_led_away = any(each is None or each.alias is not None for each in held)
    if any(each.values for each in answers) or (
        is_led_away and not all(each.is_void for each in answers)
    ):
        return "", None
    open_ = [each for each in answers if not each.status.is_fact]
    missing = next((answer.reason for answer in open_ if answer.reason), name) if open_ else None
    return "has neither MX nor address", missing


def _is_served_by_all(dmarc: Dmarc, name: str) -> bool:
    """Whether each of several answers of the zone, of which an asker gets one, has an exchange."""
    answers = dmarc.zone.zone.variants.get((name, "MX"), ())
    return bool(answers) and all(
        any(not record.rdata.endswith(" .") for record in answer.records or ())
        for answer in answers
    )


undeliverable_reports.bad(
    zone="""
    @ MX 0 .
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com,mailto:d@gone.example.com"
    """
)
undeliverable_reports.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject; ruf=mailto:d@example.com"
    """
)
undeliverable_reports.good(
    zone="""
    @ MX 10 mail.example.net.
    www ALIAS host
    host A 203.0.113.7
    box CNAME box.example.net.
    sub NS ns1.example.net.
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com,mailto:d@www.example.com"
    _dmarc.www TXT "v=DMARC1; p=reject; rua=mailto:d@box.example.com,mailto:d@sub.example.com"
    _dmarc.box TXT "v=DMARC1; p=reject; rua=mailto:d@example.net,d@gone.example.com"
    """
)

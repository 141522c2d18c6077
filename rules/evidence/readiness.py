"""May a domain take its next phase, by what is declared of it and what its reports prove?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from zonelint.grammars.listing import counted, listed, some
from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord, Policy
from zonelint.grammars.zone import is_below
from zonelint.rules.evidence.evidence import (
    DomainEvidence,
    Evidence,
    Flow,
    Missing,
    NoMessages,
    NoReports,
    NotReady,
    PublishedPolicy,
    Readiness,
    Ready,
    TooFewAligned,
    TooFewDays,
)
from zonelint.rules.mail.meaning import NameGroup
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import Dmarc


def published(record: DmarcRecord, domain: str) -> PublishedPolicy:
    """The policy as receivers report it once they have read the record."""

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return PublishedPolicy(
        domain.rstrip("."),
        text(record.p),
        text(record.sp),
        text(record.np),
        text(record.adkim or Alignment.RELAXED),
        text(record.aspf or Alignment.RELAXED),
        record.pct,
        record.t == "y",
    )


def reports_about(domain: str, at: str | None, evidence: Evidence) -> DomainEvidence | None:
    """The reports about a domain (absolute): its own, else its part of those about `at`.

    at: the domain whose record covers it, absolute.
    """
    found = evidence.domain(domain)
    if found is not None or at is None or at == domain:
        return found
    above = evidence.domain(at)
    return None if above is None else _only(above, lambda flow: is_below(_from(flow), domain))


def readiness(
    reports: DomainEvidence | None,
    domain: str,
    context: Context,
    present: PublishedPolicy | None = None,
    names: Collection[NameGroup] = (NameGroup.DOMAIN, NameGroup.SUBDOMAINS),
) -> Readiness:
    """Whether the reports suffice for the next phase of a policy that is for these names.

    present: the policy that stands now; without it, that of the latest report.
    """
    if reports is None:
        return NotReady(domain.rstrip("."), (NoReports(),))
    own = NameGroup.DOMAIN in names
    below = NameGroup.SUBDOMAINS in names or NameGroup.NONEXISTENT in names
    if not (own and below):
        reports = _only(reports, lambda flow: (_from(flow) in (domain, ".")) is own)
    declared = context.dmarc_declared(domain)
    answer = reports.readiness(declared.min_days, declared.min_aligned, present)
    is_covered = reports.domain.rstrip(".").lower() != domain.rstrip(".")
    if (own and not is_covered) or isinstance(answer, Ready):
        return answer
    # That nobody writes as a subdomain, be it a zone of its own, is what such a policy hopes for.
    missing = tuple(each for each in answer.missing if not isinstance(each, NoMessages))
    if missing or answer.standing is None:
        return replace(answer, missing=missing)
    days = answer.standing.days
    return Ready(answer.domain, answer.standing, days[0], days[-1], answer.tally)


def next_step(dmarc: Dmarc) -> Policy | None:
    """The policy that follows the record's own on the way to the declared target.

    None where no target is declared, it is reached, or the present phase is not taken as a whole.
    """
    step = _step_ahead(dmarc)
    return None if step is None or unfinished(dmarc) else step


def _step_ahead(dmarc: Dmarc) -> Policy | None:
    record, domain = dmarc.ast, dmarc.domain
    if domain is None or record.p is None:
        return None
    target = dmarc.context.dmarc_declared(domain).target
    if target is None or Policy(target.value).rank <= record.p.rank:
        return None
    return Policy.QUARANTINE if record.p is Policy.NONE else Policy.REJECT


def unfinished(dmarc: Dmarc) -> str:
    """Why the policy that is published is not taken as a whole, before the declared target.

    Empty where it is, or where no step is ahead.
    """
    record = dmarc.ast
    if _step_ahead(dmarc) is None:
        return ""
    if len(dmarc.zone.dmarc.get(dmarc.owner, ())) > 1:
        return "receivers use none of several DMARC records"
    tag = "t=y" if record.t == "y" else f"pct={record.pct}"
    is_whole = record.t != "y" and record.pct in (None, 100)
    return "" if is_whole else f"with `{tag}` the present policy does not hold for all mail"


def next_phase(dmarc: Dmarc) -> tuple[Policy, Readiness] | None:
    """The next step, and whether the reports allow it; None as well where none are at hand."""
    evidence, domain = dmarc.context.evidence, dmarc.domain
    if evidence is None or domain is None or (step := next_step(dmarc)) is None:
        return None
    reports = evidence.domain(domain)
    return step, readiness(reports, domain, dmarc.context, published(dmarc.ast, domain))


def _only(reports: DomainEvidence, wanted: Callable[[Flow], bool]) -> DomainEvidence:
    return replace(reports, flows=tuple(flow for flow in reports.flows if wanted(flow)))


def _from(flow: Flow) -> str:
    return f"{flow.header_from.rstrip('.').lower()}."


# -- in words --------------------------------------------------------------------------------------


def describe_missing(missing: Iterable[Missing]) -> str:
    """What is missing, as the end of a sentence."""
    return "; ".join(map(_describe, missing))


def _describe(missing: Missing) -> str:
    match missing:
        case NoReports():
            return "there is no report about it"
        case NoMessages():
            return "the reports contain no messages"
        case TooFewDays(have, need, _, broken_by, policy):
            text = f"the reports cover {have} of the {need} days that are required under one policy"
            if broken_by is None:
                return text
            other = listed(policy.unlike(broken_by.policy)) or "another `sp`, `np`, `pct` or `t`"
            return f"{text} (that of {broken_by.days[-1]} from {broken_by.org} shows {other})"
        case TooFewAligned(have, need, tally, sources):
            return (
                f"{percent(have)} of {counted(tally.messages, 'message')} are aligned, "
                f"{percent(need)} are required, and most is lost from "
                + some(
                    f"{source.address} ({counted(source.tally.unaligned, 'message')})"
                    for source in sources
                )
            )


def percent(share: float) -> str:
    """A share of 0.0 to 1.0 with one decimal; never rounded up to all, nor down to none."""
    tenths = round(share * 1000)
    if tenths == 1000 and share < 1:
        tenths = 999
    if tenths == 0 and share > 0:
        tenths = 1
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"

"""One view of the evidence for every format of `zonelint reports`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import cast

from zonelint.grammars.listing import counted, grouped
from zonelint.rules.evidence.evidence import (
    DayEvidence,
    DomainEvidence,
    NoMessages,
    PublishedPolicy,
    Ready,
    SelectorEvidence,
    SourceEvidence,
    Tally,
    TooFewAligned,
)
from zonelint.rules.evidence.failing import reasons
from zonelint.rules.evidence.readiness import describe_missing, readiness
from zonelint.rules.evidence.source_attribution import Explanation, explanation
from zonelint.rules.evidence.transport import TLSA, FailureEvidence, TlsEvidence
from zonelint.rules.model.context import Context

Render = Callable[["ReportsPage"], Iterable[str]]

FORMATS = {
    "table": "zonelint.formats.reports.table",
    "json": "zonelint.formats.reports.json",
    "csv": "zonelint.formats.reports.csv",
    "html": "zonelint.formats.reports.html",
}
_NEXT = {"none": "quarantine", "quarantine": "reject"}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A sending address, and what explains it."""

    evidence: SourceEvidence
    explanation: Explanation
    reasons: tuple[str, ...] = ()
    """Why those of its messages that are not aligned are not."""

    @property
    def explained(self) -> str:
        """Who it is, in words; empty where nothing declared explains it."""
        if self.explanation.by is not None:
            return self.explanation.by
        return "not known" if self.explanation.missing else ""

    @property
    def is_unexplained(self) -> bool:
        """Whether it passes neither way and no declared sender explains it."""
        return (
            self.evidence.passes_neither
            and self.explanation.by is None
            and not self.explanation.missing
        )


@dataclass(frozen=True, slots=True)
class Domain:
    """What the reports say of one policy domain.

    policy: that of the latest report.
    since, under: since when it stands, and for how many of the days there are reports.
    tally: all messages.
    recent: those that readiness is judged by.
    next_phase: None at the last one, or where the policy is none that is known.
    missing: what the next phase lacks, in words; empty where the domain is ready.
    is_enough: whether the share of its mail that is aligned suffices, however many days there are.
    keys: the DKIM keys of the signatures, those that verified most first.
    """

    name: str
    policy: PublishedPolicy
    since: date | None
    under: int
    first: date
    last: date
    tally: Tally
    recent: Tally
    next_phase: str | None
    missing: str
    is_enough: bool
    days: tuple[DayEvidence, ...]
    sources: tuple[SourceRow, ...]
    receivers: Mapping[str, int]
    keys: tuple[SelectorEvidence, ...] = ()

    @property
    def is_ready(self) -> bool:
        return self.next_phase is not None and not self.missing

    @property
    def verdict(self) -> str:
        """Ready, or what is missing, in a sentence."""
        if self.next_phase is None:
            if self.policy.p == "reject":
                return "At p=reject, the last phase."
            return "The reports do not give the policy, so the next phase cannot be judged."
        if self.is_ready:
            return f"Ready for p={self.next_phase}."
        return f"Not ready for p={self.next_phase}: {self.missing}."


@dataclass(frozen=True, slots=True)
class Transport:
    """What TLS reports say of one domain. least: days of reports before `mode: enforce`."""

    evidence: TlsEvidence
    least: int

    @property
    def is_ready(self) -> bool:
        """Whether nothing failed where the policy is being tested, or enforced already."""
        return not self.evidence.failed and (
            self.evidence.mode == "enforce"
            or (self.evidence.mode == "testing" and self.evidence.days >= self.least)
        )

    @property
    def verdict(self) -> str:
        """Whether the MTA-STS policy may be enforced, or what the sessions show, in a sentence."""
        seen = self.evidence
        lost = f"{seen.failed:,} of {counted(seen.sessions, 'session')} failed"
        if seen.failures:
            first = seen.failures[0]
            lost += f", most for {first.reason}{f' at {first.host}' if first.host else ''}"
        well = f"all of {counted(seen.sessions, 'session')} succeeded"
        if seen.mode == "testing":
            if self.is_ready:
                return f"Ready for mode: enforce: {well} on {seen.days} days."
            short = f"reports for {seen.days} of the {self.least} days; {well}"
            return f"Not ready for mode: enforce: {lost if seen.failed else short}."
        if seen.mode == "enforce":
            return f"At mode: enforce; {f'{lost}: such mail comes back' if seen.failed else well}."
        held = "DANE" if TLSA in seen.kinds else "No MTA-STS policy was found by the senders"
        return f"{held}; {lost if seen.failed else well}."


TLS_REASONS = {
    "starttls-not-supported": "the host offers no STARTTLS",
    "certificate-host-mismatch": "the certificate is for names other than the host's",
    "certificate-expired": "the certificate has expired",
    "certificate-not-trusted": "senders do not trust its issuer, or its chain is incomplete",
    "validation-failure": "a failure that fits no other category",
    "tlsa-invalid": "no TLSA record of the host matches its certificate",
    "dnssec-invalid": "the host's records could not be validated by DNSSEC",
    "dane-required": "the sender insists on DANE, and there are no TLSA records",
    "sts-policy-fetch-error": "the policy file could not be fetched",
    "sts-policy-invalid": "the policy file is not valid",
    "sts-webpki-invalid": "the certificate of the host that serves the policy file is not trusted",
}
"""What the result types of RFC 8460 section 4.3 mean."""


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """All that a format shows.

    tls, failures: the other kinds of reports.
    unread: files that could not be read, and why.
    remarks: what was odd in reports that count.
    """

    domains: Sequence[Domain]
    reports: int
    duplicates: int = 0
    unread: Sequence[tuple[str, str]] = ()
    colour: bool = False
    remarks: Sequence[tuple[str, str]] = ()
    tls: Sequence[Transport] = ()
    failures: Sequence[FailureEvidence] = ()


def transport(evidence: TlsEvidence, context: Context) -> Transport:
    """The view of one domain's TLS reports."""
    return Transport(evidence, context.dmarc_declared(f"{evidence.domain}.").min_days)


def domain(
    evidence: DomainEvidence, context: Context, present: PublishedPolicy | None = None
) -> Domain:
    """The view of one domain.

    present: the policy that stands now; without it, that of the latest report.
    """
    absolute = f"{evidence.domain}."
    standing = evidence.standing(present)
    answer = readiness(evidence, absolute, context, present)
    policy = evidence.present_policy
    recent = evidence.last_days(context.dmarc_declared(absolute).min_days)
    flows = grouped((flow.source_ip, flow) for flow in evidence.flows)
    return Domain(
        name=evidence.domain,
        policy=policy,
        since=standing.since,
        under=len(standing.days),
        first=evidence.first_day,
        last=evidence.last_day,
        tally=evidence.tally,
        recent=recent.tally,
        next_phase=_NEXT.get(standing.policy.p or ""),
        missing="" if isinstance(answer, Ready) else describe_missing(answer.missing),
        is_enough=isinstance(answer, Ready)
        or not any(isinstance(each, NoMessages | TooFewAligned) for each in answer.missing),
        days=evidence.by_day(),
        sources=tuple(
            SourceRow(
                each,
                explanation(each, absolute, context),
                reasons(flows.get(each.address, ()), policy),
            )
            for each in evidence.by_source()
        ),
        receivers=evidence.by_receiver(),
        keys=tuple(sorted(evidence.by_selector(), key=lambda each: (-each.passed, -each.messages))),
    )


def foremost(sources: Sequence[SourceRow], most: int) -> tuple[list[SourceRow], list[SourceRow]]:
    """The sources to show where there is no room for all, in their order; and the rest.

    Half of the room is for those that lose the most mail, however little they send.
    """
    if len(sources) <= most:
        return list(sources), []
    failing = (source for source in sources if source.evidence.tally.unaligned)
    lossy = sorted(failing, key=lambda source: -source.evidence.tally.unaligned)[: most // 2]
    chosen = {source.evidence.address for source in lossy}
    for source in sources[:most]:
        if len(chosen) < most:
            chosen.add(source.evidence.address)
    shown = [source for source in sources if source.evidence.address in chosen]
    return shown, [source for source in sources if source.evidence.address not in chosen]


def key_name(key: SelectorEvidence) -> str:
    """Where the key stands in the DNS."""
    return f"{key.selector}._domainkey.{key.domain}"


def together(sources: Sequence[SourceRow]) -> Tally:
    """The messages of several sources."""
    tallies = [source.evidence.tally for source in sources]
    return Tally(
        **{each.name: sum(getattr(t, each.name) for t in tallies) for each in fields(Tally)}
    )


def renderer(name: str) -> Render:
    """The function that renders a page in this format, piece by piece."""
    return cast("Render", importlib.import_module(FORMATS[name]).render)

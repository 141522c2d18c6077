"""What TLS reports (RFC 8460) and failure reports (RFC 6591, RFC 9991) prove of a domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zonelint.grammars.listing import grouped

STS, TLSA = "sts", "tlsa"
"""What senders call the policies of MTA-STS and of DANE; where there is none, no-policy-found."""


@dataclass(frozen=True, slots=True)
class TlsFailure:
    """Sessions that failed for one reason (RFC 8460 §4.3) at one host of the domain."""

    reason: str
    host: str
    sessions: int


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """The sessions under one policy. `mode` is that of an MTA-STS policy, where it is told."""

    domain: str
    kind: str
    mode: str | None
    succeeded: int
    failed: int
    failures: tuple[TlsFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsReport:
    """What one sender met when it delivered over TLS."""

    sender: str
    report_id: str
    first: date
    last: date
    policies: tuple[TlsPolicy, ...]

    @property
    def identity(self) -> tuple[str, str, date]:
        return self.sender, self.report_id, self.first


@dataclass(frozen=True, slots=True)
class TlsEvidence:
    """What all TLS reports say of one domain.

    `mode` is that of the latest report that tells one. `days` are the days that the reports
    under an MTA-STS policy are about. `failures` are the most frequent first.
    """

    domain: str
    reports: int
    first: date
    last: date
    kinds: tuple[str, ...]
    mode: str | None
    days: int
    succeeded: int
    failed: int
    failures: tuple[TlsFailure, ...]
    senders: Mapping[str, int]

    @property
    def sessions(self) -> int:
        return self.succeeded + self.failed


def by_domain(reports: Iterable[TlsReport]) -> tuple[TlsEvidence, ...]:
    """The reports added up, domain by domain."""
    held = grouped(
        (policy.domain, (report, policy)) for report in reports for policy in report.policies
    )
    return tuple(_evidence(domain, held[domain]) for domain in sorted(held))


def _evidence(domain: str, pairs: list[tuple[TlsReport, TlsPolicy]]) -> TlsEvidence:
    failures: Counter[tuple[str, str]] = Counter()
    senders: Counter[str] = Counter()
    days: set[date] = set()
    for report, policy in pairs:
        senders[report.sender] += policy.succeeded + policy.failed
        if policy.kind == STS:
            days.add(report.last)
        for each in policy.failures:
            failures[each.reason, each.host] += each.sessions
    latest = max((p for p in pairs if p[1].mode), key=lambda p: p[0].last, default=None)
    return TlsEvidence(
        domain=domain,
        reports=len({report.identity for report, _ in pairs}),
        first=min(report.first for report, _ in pairs),
        last=max(report.last for report, _ in pairs),
        kinds=tuple(sorted({policy.kind for _, policy in pairs})),
        mode=latest[1].mode if latest else None,
        days=len(days),
        succeeded=sum(policy.succeeded for _, policy in pairs),
        failed=sum(policy.failed for _, policy in pairs),
        failures=tuple(TlsFailure(*key, number) for key, number in failures.most_common()),
        senders=dict(senders.most_common()),
    )


@dataclass(frozen=True, slots=True)
class FailureReport:
    """One message that failed, without what points to people.

    `kind` is the type of feedback, `failed` what did (RFC 6591 §3.1, RFC 9991 §4), `aligned`
    which of DKIM and SPF were aligned all the same; `delivery` is what became of the message.
    """

    domain: str
    kind: str
    source: str
    failed: str
    aligned: str
    delivery: str
    signature: str
    when: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class FailureEvidence:
    """What all failure reports say of one domain: how many messages of which source."""

    domain: str
    reports: int
    sources: tuple[tuple[FailureReport, int], ...]


def failures_by_domain(reports: Iterable[FailureReport]) -> tuple[FailureEvidence, ...]:
    """The reports counted by domain, then by source and cause; those with most come first."""
    held: dict[str, Counter[FailureReport]] = {}
    for each in reports:
        alike = FailureReport(
            each.domain, each.kind, each.source, each.failed, each.aligned, each.delivery,
            each.signature, "",
        )  # fmt: skip
        held.setdefault(each.domain, Counter())[alike] += each.count
    return tuple(
        FailureEvidence(domain, sum(held[domain].values()), tuple(held[domain].most_common()))
        for domain in sorted(held)
    )

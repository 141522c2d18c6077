"""What the aggregate reports prove about a domain: who sends, how much is aligned, since when.

A DMARC aggregate report (RFC 7489 appendix C, RFC 9990 appendix A) is a receiver's account of one
period, a day as a rule. This module holds the model of one report, the evidence that many of them
add up to, and the question that the roll-out asks: may this domain take its next phase?
It reads nothing; `zonelint.providers.reports.reader` does.

Words used throughout:

* *aligned*: the receiver evaluated DKIM or SPF as passed with an aligned identifier
  (`policy_evaluated`), which is what DMARC asks for (RFC 9989 section 4.4);
* *messages*: every number of mail is a number of messages, never of rows or reports;
* *day*: a date in UTC.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from zonelint.grammars.listing import grouped

DAY = 86_400
"""Seconds in a day."""


class Disposition(enum.Enum):
    """What the receiver did with the messages of a row (RFC 9990: `ActionDispositionType`)."""

    NONE = "none"
    PASS = "pass"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """The policy that the receiver found in the DNS (`policy_published`).

    Every field but the domain may be absent, and absent is kept apart from the default: receivers
    differ in whether they write defaults out. Texts are in lower case.
    """

    domain: str
    p: str | None = None
    sp: str | None = None
    np: str | None = None
    adkim: str | None = None
    aspf: str | None = None
    pct: int | None = None
    testing: bool | None = None

    @property
    def fine_print(self) -> tuple[str | None, str | None, str | None, int, bool]:
        """What only counts between two reports of one receiver, with the defaults filled in.

        Some receivers write `sp=none` where the record has no `sp` and means `p`; another
        receiver's report beside it is then no change of policy.
        """
        subdomains = self.sp or self.p
        return (
            self.p,
            subdomains,
            self.np or subdomains,
            100 if self.pct is None else self.pct,
            bool(self.testing),
        )

    def unlike(self, other: PublishedPolicy) -> list[str]:
        """The tags `p`, `adkim` and `aspf` of another that both name, and name differently."""
        sides = ((tag, getattr(self, tag), getattr(other, tag)) for tag in ("p", "adkim", "aspf"))
        return [
            f"{tag}={theirs}" for tag, mine, theirs in sides if mine and theirs not in (None, mine)
        ]


@dataclass(frozen=True, slots=True)
class DkimResult:
    """One signature: its `d=`, its `s=` (empty when not told) and what verifying it gave."""

    domain: str
    selector: str
    result: str


@dataclass(frozen=True, slots=True)
class SpfResult:
    """One SPF check: the domain checked, `mfrom` or `helo` (or empty), the result."""

    domain: str
    scope: str
    result: str


@dataclass(frozen=True, slots=True)
class Row:
    """Messages of one kind from one address.

    `source_ip` is in its canonical form, or empty when the report's text was no address;
    `envelope_from` is empty for the null reverse-path and where the receiver left it out.
    """

    source_ip: str
    count: int
    disposition: Disposition
    dkim_aligned: bool
    spf_aligned: bool
    header_from: str
    envelope_from: str = ""
    dkim: tuple[DkimResult, ...] = ()
    spf: tuple[SpfResult, ...] = ()


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """One aggregate report. `begin` and `end` are seconds since 1970 UTC, begin <= end."""

    org: str
    report_id: str
    begin: int
    end: int
    policy: PublishedPolicy
    rows: tuple[Row, ...] = ()

    @property
    def domain(self) -> str:
        """The policy domain: the one whose record applied."""
        return self.policy.domain

    @property
    def days(self) -> tuple[date, ...]:
        """The days that the period stands for, oldest first.

        As many as the period is long, rounded, and at least one, from the day of its beginning:
        a day from 15:00 to 15:00 is one day, not two.
        """
        first = datetime.fromtimestamp(self.begin, UTC).date()
        length = max(1, round((self.end - self.begin) / DAY))
        return tuple(first + timedelta(days=n) for n in range(length))

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for two deliveries of one report.

        A receiver's report-id is meant to be unique, and some receivers start counting anew;
        the period keeps those apart. Without an id the rows themselves decide.
        """
        key = (self.org.lower(), self.report_id, self.domain, self.begin, self.end)
        return key if self.report_id else (*key, self.rows)


@dataclass(frozen=True, slots=True)
class ReportHead:
    """A report without its rows. `days` are oldest first and never empty."""

    org: str
    report_id: str
    begin: int
    end: int
    days: tuple[date, ...]
    policy: PublishedPolicy
    messages: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages of one kind on one day, from all reports together: the unit that is replayed.

    It holds what judging the messages again needs: under a new zone, SPF is checked for
    `source_ip` and `envelope_domain`, and every signature looks for its selector.
    For a report of several days, `day` is the last of them.
    """

    day: date
    source_ip: str
    header_from: str
    envelope_from: str
    dkim: tuple[DkimResult, ...]
    spf: tuple[SpfResult, ...]
    dkim_aligned: bool
    spf_aligned: bool
    disposition: Disposition
    count: int

    @property
    def aligned(self) -> bool:
        """DMARC passed: DKIM or SPF, aligned."""
        return self.dkim_aligned or self.spf_aligned

    @property
    def envelope_domain(self) -> str:
        """The domain of MAIL FROM; many receivers tell it only as the domain that SPF checked."""
        checked = (result.domain for result in self.spf if result.scope != "helo")
        return self.envelope_from or next(filter(None, checked), "")


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages counted: all, those aligned, and by which means (both means may hold)."""

    messages: int = 0
    aligned: int = 0
    dkim_aligned: int = 0
    spf_aligned: int = 0
    quarantined: int = 0
    rejected: int = 0

    @property
    def unaligned(self) -> int:
        """Messages for which neither DKIM nor SPF passed aligned."""
        return self.messages - self.aligned

    @property
    def share(self) -> float:
        """Aligned messages, 0.0 to 1.0; 0.0 when there are no messages."""
        return self.aligned / self.messages if self.messages else 0.0


def tally(flows: Iterable[Flow]) -> Tally:
    """Count the messages of *flows*."""
    held = list(flows)
    return Tally(
        sum(flow.count for flow in held),
        sum(flow.count for flow in held if flow.dkim_aligned or flow.spf_aligned),
        sum(flow.count for flow in held if flow.dkim_aligned),
        sum(flow.count for flow in held if flow.spf_aligned),
        sum(flow.count for flow in held if flow.disposition is Disposition.QUARANTINE),
        sum(flow.count for flow in held if flow.disposition is Disposition.REJECT),
    )


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """One sending address. The domains are sorted, and without the empty ones."""

    address: str
    tally: Tally
    first_seen: date
    last_seen: date
    header_domains: tuple[str, ...]
    envelope_domains: tuple[str, ...]
    signatures: tuple[tuple[str, str], ...]
    """(domain, selector) of the signatures that verified."""

    @property
    def passes_neither(self) -> bool:
        """Not one of its messages was aligned."""
        return self.tally.aligned == 0 and self.tally.messages > 0


@dataclass(frozen=True, slots=True)
class SelectorEvidence:
    """A DKIM key at work. Anybody can write a signature that fails, so `passed` is the proof."""

    domain: str
    selector: str
    messages: int
    passed: int
    first_seen: date
    last_seen: date
    last_passed: date | None


@dataclass(frozen=True, slots=True)
class DayEvidence:
    """One day's messages."""

    day: date
    tally: Tally


@dataclass(frozen=True, slots=True)
class Standing:
    """How long a policy has stood, as receivers saw it.

    `days` are the days since it stands for which there are reports, oldest first; empty when the
    last reports show another policy. `broken_by` is the last report that showed another policy.
    """

    policy: PublishedPolicy
    days: tuple[date, ...]
    broken_by: ReportHead | None

    @property
    def since(self) -> date | None:
        """The first of the days."""
        return self.days[0] if self.days else None


@dataclass(frozen=True, slots=True)
class NoReports:
    """There is no report for the domain."""


@dataclass(frozen=True, slots=True)
class TooFewDays:
    """Reports under the present policy cover *have* days, not *need*."""

    have: int
    need: int
    since: date | None
    broken_by: ReportHead | None
    policy: PublishedPolicy


@dataclass(frozen=True, slots=True)
class TooFewAligned:
    """The aligned share is *have*, not *need* (both 0.0 to 1.0); *sources* lose the most, first."""

    have: float
    need: float
    tally: Tally
    sources: tuple[SourceEvidence, ...]


@dataclass(frozen=True, slots=True)
class NoMessages:
    """The reports of the period hold no message, so there is no share to judge."""


Missing = NoReports | TooFewDays | TooFewAligned | NoMessages


@dataclass(frozen=True, slots=True)
class Ready:
    """The domain may take its next phase. *tally* is of the days from *first* to *last*."""

    domain: str
    standing: Standing
    first: date
    last: date
    tally: Tally


@dataclass(frozen=True, slots=True)
class NotReady:
    """The domain may not take its next phase yet, and why."""

    domain: str
    missing: tuple[Missing, ...]
    standing: Standing | None = None
    tally: Tally = Tally()


Readiness = Ready | NotReady


@dataclass(frozen=True, slots=True)
class DomainEvidence:
    """All that the reports say about one policy domain. Reports are oldest first, flows by day."""

    domain: str
    reports: tuple[ReportHead, ...]
    flows: tuple[Flow, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days for which there are reports, oldest first."""
        return tuple(sorted({day for head in self.reports for day in head.days}))

    @property
    def first_day(self) -> date:
        """The first day that a report covers."""
        return min(head.days[0] for head in self.reports)

    @property
    def last_day(self) -> date:
        """The last day that a report covers."""
        return max(head.days[-1] for head in self.reports)

    @property
    def tally(self) -> Tally:
        """All messages."""
        return tally(self.flows)

    def since(self, first: date) -> DomainEvidence:
        """The evidence of *first* and later days only (reports that reach into them are kept)."""
        return DomainEvidence(
            self.domain,
            tuple(head for head in self.reports if head.days[-1] >= first),
            tuple(flow for flow in self.flows if flow.day >= first),
        )

    def last_days(self, number: int) -> DomainEvidence:
        """The evidence of the last *number* days for which there are reports."""
        days = self.days
        return self if len(days) <= number else self.since(days[-number])

    # -- views -----------------------------------------------------------------------------------

    def by_source(self) -> tuple[SourceEvidence, ...]:
        """The sending addresses, those with the most messages first."""
        by_source = grouped((flow.source_ip, flow) for flow in self.flows)
        sources = [_source(address, flows) for address, flows in by_source.items()]
        return tuple(sorted(sources, key=lambda each: (-each.tally.messages, each.address)))

    def failing_sources(self) -> tuple[SourceEvidence, ...]:
        """Sources with messages that passed neither way, those that would lose the most first."""
        failing = [source for source in self.by_source() if source.tally.unaligned]
        return tuple(sorted(failing, key=lambda each: (-each.tally.unaligned, each.address)))

    def by_day(self) -> tuple[DayEvidence, ...]:
        """The days with reports, oldest first."""
        by_day = grouped((flow.day, flow) for flow in self.flows)
        return tuple(DayEvidence(day, tally(by_day.get(day, ()))) for day in self.days)

    def by_selector(self) -> tuple[SelectorEvidence, ...]:
        """The DKIM keys that signatures named, sorted by domain and selector."""
        signed = grouped(
            ((signature.domain, signature.selector), flow)
            for flow in self.flows
            for signature in flow.dkim
            if signature.domain and signature.selector
        )
        return tuple(_selector(*key, dict.fromkeys(signed[key])) for key in sorted(signed))

    def by_receiver(self) -> Mapping[str, int]:
        """Messages told by each reporting organisation."""
        found: dict[str, int] = {}
        for head in self.reports:
            found[head.org] = found.get(head.org, 0) + head.messages
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    # -- the present policy ----------------------------------------------------------------------

    @property
    def present_policy(self) -> PublishedPolicy:
        """The policy in the latest report."""
        return max(self.reports, key=lambda head: (head.days[-1], head.end, head.begin)).policy

    def standing(self, present: PublishedPolicy | None = None) -> Standing:
        """How long *present* (by default the policy in the latest report) has stood.

        A report that shows another `p`, `adkim` or `aspf` ends the count. `sp`, `np`,
        `pct` and `t` are compared only between reports of one receiver, because receivers
        fill them in differently (see `PublishedPolicy.fine_print`).
        """
        policy = self.present_policy if present is None else present
        latest: dict[str, ReportHead] = {}
        broken_by: ReportHead | None = None
        for head in sorted(self.reports, key=lambda each: (each.end, each.begin), reverse=True):
            newest = latest.setdefault(head.org.lower(), head)
            if (
                policy.unlike(head.policy) or newest.policy.fine_print != head.policy.fine_print
            ) and (broken_by is None or head.days[-1] > broken_by.days[-1]):
                broken_by = head
        days = self.days
        if broken_by is not None:
            last_other = broken_by.days[-1]
            days = tuple(day for day in days if day > last_other)
        return Standing(policy, days, broken_by)

    def readiness(
        self,
        min_days: int = 14,
        min_aligned: float = 0.98,
        present: PublishedPolicy | None = None,
    ) -> Readiness:
        """May the domain take its next phase?

        Ready means: reports for at least *min_days* days under the present policy, and of the
        messages of the last *min_days* of them a share of at least *min_aligned* aligned. All
        receivers' messages count. Days without a report do not count.
        """
        standing = self.standing(present)
        missing: list[Missing] = []
        if len(standing.days) < min_days:
            missing.append(
                TooFewDays(
                    len(standing.days),
                    min_days,
                    standing.since,
                    standing.broken_by,
                    standing.policy,
                )
            )
        # Under too few days the share is told all the same: who must wait wants to know for what.
        first = standing.days[-min_days:][0] if standing.days else self.days[-min_days:][0]
        window = self.since(first)
        total = window.tally
        if not total.messages:
            missing.append(NoMessages())
        elif Fraction(total.aligned, total.messages) < Fraction(str(min_aligned)):
            missing.append(TooFewAligned(total.share, min_aligned, total, window.failing_sources()))
        if missing:
            return NotReady(self.domain, tuple(missing), standing, total)
        return Ready(self.domain, standing, first, self.last_day, total)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all reports together say, by policy domain (lower case, no final dot)."""

    domains: Mapping[str, DomainEvidence]
    reports: int = 0
    """Reports that counted."""
    duplicates: int = 0
    """Reports that had been counted already."""

    def __iter__(self) -> Iterator[DomainEvidence]:
        return iter(self.domains.values())

    def domain(self, name: str) -> DomainEvidence | None:
        """The evidence for the policy domain *name*, in any case, with or without final dot."""
        return self.domains.get(name.rstrip(".").lower())


_FlowKey = tuple[
    date,
    str,
    str,
    str,
    tuple[DkimResult, ...],
    tuple[SpfResult, ...],
    bool,
    bool,
    Disposition,
]


class EvidenceBuilder:
    """Adds reports up one by one, so that their rows need not stay in memory."""

    __slots__ = ("_duplicates", "_flows", "_heads", "_seen")

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()
        self._heads: dict[str, list[ReportHead]] = {}
        self._flows: dict[str, dict[_FlowKey, int]] = {}
        self._duplicates = 0

    def add(self, report: AggregateReport) -> bool:
        """Count *report*; False when it had been counted before."""
        identity = report.identity
        if identity in self._seen:
            self._duplicates += 1
            return False
        self._seen.add(identity)
        days = report.days
        last = days[-1]
        flows = self._flows.setdefault(report.domain, {})
        for row in report.rows:
            key = (
                last,
                row.source_ip,
                row.header_from,
                row.envelope_from,
                row.dkim,
                row.spf,
                row.dkim_aligned,
                row.spf_aligned,
                row.disposition,
            )
            flows[key] = flows.get(key, 0) + row.count
        self._heads.setdefault(report.domain, []).append(
            ReportHead(
                report.org,
                report.report_id,
                report.begin,
                report.end,
                days,
                report.policy,
                sum(row.count for row in report.rows),
            )
        )
        return True

    def build(self) -> Evidence:
        """The evidence so far; adding may go on afterwards."""
        domains = {
            domain: DomainEvidence(
                domain,
                tuple(sorted(heads, key=lambda head: (head.begin, head.org, head.report_id))),
                tuple(
                    Flow(*key, count)
                    for key, count in sorted(
                        self._flows[domain].items(), key=lambda item: item[0][:4]
                    )
                ),
            )
            for domain, heads in sorted(self._heads.items())
        }
        counted = sum(len(heads) for heads in self._heads.values())
        return Evidence(domains, counted, self._duplicates)


# -- helpers -------------------------------------------------------------------------------------


def _selector(domain: str, selector: str, flows: Collection[Flow]) -> SelectorEvidence:
    """What one key signed. flows: those with a signature of it, each once."""
    verified = DkimResult(domain, selector, "pass")
    passed = [flow for flow in flows if verified in flow.dkim]
    return SelectorEvidence(
        domain,
        selector,
        sum(flow.count for flow in flows),
        sum(flow.count for flow in passed),
        min(flow.day for flow in flows),
        max(flow.day for flow in flows),
        max((flow.day for flow in passed), default=None),
    )


def _source(address: str, flows: list[Flow]) -> SourceEvidence:
    return SourceEvidence(
        address,
        tally(flows),
        min(flow.day for flow in flows),
        max(flow.day for flow in flows),
        tuple(sorted({flow.header_from for flow in flows if flow.header_from})),
        tuple(sorted({flow.envelope_domain for flow in flows if flow.envelope_domain})),
        tuple(
            sorted(
                {
                    (signature.domain, signature.selector)
                    for flow in flows
                    for signature in flow.dkim
                    if signature.result == "pass"
                }
            )
        ),
    )

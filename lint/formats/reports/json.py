"""The evidence as one JSON object, for other programs (version 1). Shares are 0.0 to 1.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from zonelint.formats.reports.summary import Domain, ReportsPage, SourceRow, Transport
from zonelint.formats.safe import dumped
from zonelint.rules.evidence.evidence import SelectorEvidence, Tally
from zonelint.rules.evidence.transport import FailureEvidence

VERSION = 1


def render(page: ReportsPage) -> Iterator[str]:
    """One object: the domains, how many reports counted, what could not be read."""
    facts = {
        "version": VERSION,
        "domains": [_domain(domain) for domain in page.domains],
        "reports": page.reports,
        "duplicates": page.duplicates,
        "tls": [_transport(each) for each in page.tls],
        "failure_reports": [_failures(each) for each in page.failures],
        "unread": [{"path": path, "message": message} for path, message in page.unread],
        "remarks": [{"path": path, "message": message} for path, message in page.remarks],
    }
    yield dumped(facts, indent=1, ascii=True) + "\n"


def _domain(domain: Domain) -> dict[str, object]:
    policy = {key: value for key, value in asdict(domain.policy).items() if value is not None}
    policy.pop("domain", None)
    return {
        "domain": domain.name,
        "policy": policy,
        "since": None if domain.since is None else str(domain.since),
        "days_under_policy": domain.under,
        "first_day": str(domain.first),
        "last_day": str(domain.last),
        **_tally(domain.tally),
        "ready": domain.is_ready,
        "next_phase": domain.next_phase,
        "missing": domain.missing,
        "days": [{"day": str(each.day), **_tally(each.tally)} for each in domain.days],
        "sources": [_source(source) for source in domain.sources],
        "selectors": [_selector(key) for key in domain.keys],
        "receivers": dict(domain.receivers),
    }


def _source(source: SourceRow) -> dict[str, object]:
    seen = source.evidence
    return {
        "address": seen.address,
        **_tally(seen.tally),
        "first_seen": str(seen.first_seen),
        "last_seen": str(seen.last_seen),
        "header_from": list(seen.header_domains),
        "envelope_from": list(seen.envelope_domains),
        "signatures": [
            {"domain": signer, "selector": selector} for signer, selector in seen.signatures
        ],
        "explained_by": source.explanation.by,
        "reasons": list(source.reasons),
        "missing": list(source.explanation.missing),
    }


def _transport(transport: Transport) -> dict[str, object]:
    seen = transport.evidence
    return {
        "domain": seen.domain,
        "verdict": transport.verdict,
        "ready": transport.is_ready,
        "reports": seen.reports,
        "first_day": str(seen.first),
        "last_day": str(seen.last),
        "policies": list(seen.kinds),
        "mode": seen.mode,
        "days": seen.days,
        "succeeded": seen.succeeded,
        "failed": seen.failed,
        "failures": [asdict(each) for each in seen.failures],
        "senders": dict(seen.senders),
    }


def _failures(evidence: FailureEvidence) -> dict[str, object]:
    keys = ("kind", "source", "failed", "aligned", "delivery", "signature")
    return {
        "domain": evidence.domain,
        "messages": evidence.reports,
        "sources": [
            {**{key: getattr(each, key) for key in keys}, "messages": number}
            for each, number in evidence.sources
        ],
    }


def _selector(key: SelectorEvidence) -> dict[str, object]:
    return {
        "domain": key.domain,
        "selector": key.selector,
        "messages": key.messages,
        "passed": key.passed,
        "first_seen": str(key.first_seen),
        "last_seen": str(key.last_seen),
        "last_passed": None if key.last_passed is None else str(key.last_passed),
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {**asdict(tally), "share": round(tally.share, 6)}

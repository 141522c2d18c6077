"""TLS reports: the JSON of RFC 8460 section 4.4, read in whatever shape senders give it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from zonelint.providers.documents import table_in
from zonelint.providers.reports.problem import ReportError, ReportProblemKind
from zonelint.rules.evidence.transport import TlsFailure, TlsPolicy, TlsReport

MOST_POLICIES = 10_000
MOST_FAILURES = 10_000
LARGEST = 8 * 1024 * 1024
"""Octets of one report, unpacked."""
MOST_SESSIONS = 1 << 53

_MARK = re.compile(rb'"(?:policies|policy-type|organization-name)"')
_NAME = re.compile(r"[\w.:\[\]-]{1,253}")


def looks_like_tls(data: bytes) -> bool:
    """Whether *data* begins as the JSON of a TLS report."""
    head = data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] == b"{" and _MARK.search(head) is not None


def parse(data: bytes) -> TlsReport:
    """Read one report. Raises ReportError."""
    if len(data) > LARGEST:
        raise ReportError(ReportProblemKind.TOO_LARGE)
    try:
        held = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ReportError(ReportProblemKind.BAD_JSON, error.lineno) from None
    except (ValueError, RecursionError):
        raise ReportError(ReportProblemKind.BAD_JSON) from None
    if not isinstance(held, dict) or not isinstance(held.get("policies"), list | dict):
        raise ReportError(ReportProblemKind.BAD_JSON)
    policies = held["policies"] if isinstance(held["policies"], list) else [held["policies"]]
    if len(policies) > MOST_POLICIES:
        raise ReportError(ReportProblemKind.TOO_MANY_ROWS)
    period = held.get("date-range")
    first, last = (_day(period, f"{end}-datetime") for end in ("start", "end"))
    if last < first:
        raise ReportError(ReportProblemKind.BAD_DATES)
    found = tuple(_policy(each) for each in policies if isinstance(each, dict))
    if not found:
        raise ReportError(ReportProblemKind.NO_DOMAIN)
    return TlsReport(
        sender=_text(held.get("organization-name")) or _text(held.get("contact-info")) or "unknown",
        report_id=_text(held.get("report-id")),
        first=first,
        last=last,
        policies=found,
    )


def _policy(held: dict[str, object]) -> TlsPolicy:
    policy, summary = table_in(held.get("policy")), table_in(held.get("summary"))
    domain = _text(policy.get("policy-domain")).lower().rstrip(".")
    if not domain:
        raise ReportError(ReportProblemKind.NO_DOMAIN)
    details = held.get("failure-details")
    listed = details if isinstance(details, list) else [details]
    if len(listed) > MOST_FAILURES:
        raise ReportError(ReportProblemKind.TOO_MANY_ROWS)
    return TlsPolicy(
        domain=domain,
        kind=_text(policy.get("policy-type")).lower() or "unknown",
        mode=_mode(policy.get("policy-string")),
        succeeded=_count(summary.get("total-successful-session-count")),
        failed=_count(summary.get("total-failure-session-count")),
        failures=tuple(_failure(each) for each in listed if isinstance(each, dict)),
    )


def _failure(held: dict[str, object]) -> TlsFailure:
    host = next(filter(None, (_name(held.get(key)) for key in _HOSTS)), "")
    return TlsFailure(
        reason=_text(held.get("result-type")).lower() or "unknown",
        host=host.lower().rstrip("."),
        sessions=_count(held.get("failed-session-count")),
    )


_HOSTS = ("receiving-mx-hostname", "receiving-mx-helo", "receiving-ip")


def _mode(strings: object) -> str | None:
    """The mode of an MTA-STS policy, whose lines the report repeats."""
    for line in _lines(strings):
        key, _, value = line.partition(":")
        if key.strip().lower() == "mode":
            return value.strip().lower()[:20] or None
    return None


def _lines(strings: object) -> Iterator[str]:
    for each in strings if isinstance(strings, list) else [strings]:
        if isinstance(each, str):
            yield from each[:10_000].splitlines()


def _day(period: object, key: str) -> date:
    try:
        moment = datetime.fromisoformat(_text(table_in(period).get(key)))
    except ValueError:
        raise ReportError(ReportProblemKind.NO_DATES) from None
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()


def _count(value: object) -> int:
    """A number of sessions; none where it is left out. Some write it as text."""
    if value is None:
        return 0
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not 0 <= number <= MOST_SESSIONS:
        raise ReportError(ReportProblemKind.NEGATIVE_COUNT, detail=text[:40])
    return number


def _text(value: object) -> str:
    return " ".join(value[:1000].split()) if isinstance(value, str) else ""


def _name(value: object) -> str:
    found = _NAME.match(_text(value))
    return found[0] if found else ""

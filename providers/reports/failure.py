"""Failure reports: the fields of a message/feedback-report (RFC 5965, RFC 6591, RFC 9991).

They are about single messages of people. Only what says why a message failed is kept: no mailbox,
no subject, no text.
"""

from __future__ import annotations

import re

from zonelint.grammars.spf.address import read_address
from zonelint.providers.reports.problem import ReportError, ReportProblemKind
from zonelint.rules.evidence.transport import FailureReport

_MARK = re.compile(rb"^feedback-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)$")
_FROM = re.compile(r"\bheader\.from=(?:[^\s;@]{0,128}@)?([\w.-]{1,253})", re.IGNORECASE)
_WORD = re.compile(r"[\w.-]{1,60}")
_HEAD = 4096
_LARGEST = 256 * 1024
_MOST_INCIDENTS = 1_000_000


def looks_like_failure(data: bytes) -> bool:
    """Whether *data* are the fields of a feedback report."""
    return _MARK.search(data[:_HEAD]) is not None


def parse(data: bytes) -> FailureReport:
    """Read one report. Raises ReportError where it does not say whose message it is about."""
    fields = _fields(data[:_LARGEST].decode("utf-8", "replace"))
    results = fields.get("authentication-results", "")
    shown = _FROM.search(results)
    domain = fields.get("reported-domain", "") or (shown[1] if shown else "")
    domain = domain.partition(" ")[0].lower().rstrip(".")
    if not domain:
        raise ReportError(ReportProblemKind.NO_DOMAIN)
    selector, signer = (_word(fields.get(f"dkim-{name}", "")) for name in ("selector", "domain"))
    return FailureReport(
        domain=domain,
        kind=_word(fields.get("feedback-type", "")).lower(),
        source=_address(fields.get("source-ip", "")),
        failed=_word(fields.get("auth-failure", "")).lower(),
        aligned=", ".join(_WORD.findall(fields.get("identity-alignment", "").lower())[:4]),
        delivery=_word(fields.get("delivery-result", "")).lower(),
        signature=f"{selector}._domainkey.{signer}" if selector and signer else signer,
        when=fields.get("arrival-date", "") or fields.get("received-date", ""),
        count=_incidents(fields.get("incidents", "")),
    )


def _fields(text: str) -> dict[str, str]:
    """The fields by their names in lower case, unfolded; of one that stands twice the first."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        match = _FIELD.match(line)
        if match is not None:
            name = match[1].lower()
            if name in found:
                name = ""
            else:
                found[name] = match[2].strip()
        elif name and line[:1] in (" ", "\t") and len(found[name]) < _HEAD:
            found[name] = f"{found[name]} {line.strip()}"
    return found


def _word(text: str) -> str:
    found = _WORD.match(text.strip())
    return found[0] if found else ""


def _address(text: str) -> str:
    return str(read_address(text.strip().strip("[]")) or "")


def _incidents(text: str) -> int:
    """How many messages the report stands for (RFC 5965 §3.2); 1 where it does not say."""
    digits = text.strip()
    known = digits.isascii() and digits.isdigit() and len(digits) < 10
    return min(max(int(digits), 1), _MOST_INCIDENTS) if known else 1

"""Whether a file holds what zonelint writes: only that is replaced by a new report."""

from __future__ import annotations

import re

_DOCUMENT = re.compile(
    rb"""\{"version":1,"findings":\[ | \#\#\ zonelint\n | \[\]\n\Z
    | [\[{<][^\0]*?(?:"name":\ ?"zonelint"|\ name="zonelint"|"check_name":)""",
    re.VERBOSE,
)
_FINDING = re.compile(rb"::(?:error|warning|notice) |[^\n]+:\d+:\d+: (?:error|warning|info) [A-Z]")
_COLOUR = re.compile(rb"\x1b\[\d+m")
_SUMMARY = re.compile(
    rb"^(?:.* in [\d,]+ zones?, [\d,]+ records?.*|No DNS records here)\.$", re.MULTILINE
)
_EVIDENCE = re.compile(
    rb'\{\s*"version": 1,\s*"domains":|domain,source,messages,'
    rb"|<!doctype html>[^\0]*<title>What the reports prove</title>"
)
_COUNTS = re.compile(rb"^(?:\d.*, )?[\d,]+ (?:TLS |failure )?reports?\b.*\.\n\Z", re.MULTILINE)


def is_report(beginning: bytes, end: bytes) -> bool:
    """Whether a file is a report of `zonelint check`, in any format, in colour or not."""
    beginning, end = _COLOUR.sub(b"", beginning), _COLOUR.sub(b"", end)
    return bool(_DOCUMENT.match(beginning) or _FINDING.match(beginning) or _SUMMARY.search(end))


def is_diff(beginning: bytes, end: bytes) -> bool:
    """Whether a file is a diff."""
    return beginning.startswith(b"--- ") and b"\n+++ " in beginning


def is_evidence(beginning: bytes, end: bytes) -> bool:
    """Whether a file is what `zonelint reports` writes, in any format."""
    return bool(_EVIDENCE.match(beginning) or _COUNTS.search(end))

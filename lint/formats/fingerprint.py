"""What a finding is known by over time: its rule, owner and type, never its line.

Where a rule finds several faults of one owner and type, they are told apart by their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from zonelint.rules.core.baseline import BaselineKey, key
from zonelint.rules.core.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint, 64 hexadecimal digits, no two of them alike."""
    import hashlib  # few formats show fingerprints

    seen: Counter[BaselineKey] = Counter()
    for finding in findings:
        known = key(finding)
        seen[known] += 1
        text = "\0".join((known.code, known.owner, known.type, str(seen[known])))
        octets = text.encode("utf-8", "surrogateescape")
        yield finding, hashlib.sha256(octets).hexdigest()

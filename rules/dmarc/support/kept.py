"""Whether a repair keeps what was written."""

from __future__ import annotations

import re

from zonelint.grammars.tags.dmarc import parse

_POLICIES = "none|quarantine|reject"
_TAG = re.compile(
    r"(?<![\w@.+/%-])(?:"
    r"(p|sp|np|rua|ruf|adkim|aspf|fo|pct|psd|t)\s*[=:]"
    rf"|(p|sp|np)-(?:{_POLICIES})\b"
    r")",
    re.IGNORECASE,
)


def keeps_tags(before: str, after: str) -> bool:
    """Whether a record still has every tag that was written, in whatever way, in a text.

    A repair that loses a policy, or an address for reports, is worse than none.
    """
    names = {(found[1] or found[2]).lower() for found in _TAG.finditer(before)}
    kept = {tag.name.lower() for tag in parse(after).tags if tag.name}
    return names <= kept

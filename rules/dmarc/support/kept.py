"""Whether a repair keeps what was written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection

from zonelint.grammars.tags.dmarc import parse

_POLICIES = "none|quarantine|reject"
_POLICY = re.compile(_POLICIES)
_NAMED = re.compile(rf"(?<![a-z])(p|sp|np)[^a-z0-9;,]{{0,4}}({_POLICIES})")
_TAG = re.compile(r"(?<![\w@.+/%-])(?:(p|sp|np|fo|psd|t)\s*[=:]|(rua|ruf|adkim|aspf|pct)(?![a-z]))")
_ADDRESS = re.compile(r"[^\s<>()\"'`,;:!=|\\]+@[^\s<>()\"'`,;:!=|\\/]+")
_OTHER = re.compile(rf"(?:adkim|aspf|fo|pct|t|psd|rf|ri|rua|ruf)\s*=\s*(?:{_POLICIES})(?![a-z])")
_FIELDS = ("p", "sp", "np")


def keeps_written(before: str, after: str, dropped: Collection[str] = ()) -> bool:
    """Whether a text still has every policy, address and tag that was written in whatever way.

    A repair that loses a policy, or an address for reports, is worse than none.

    dropped: tags that the repair takes out because their values mean nothing.
    """
    text = _folded(before)
    tags = parse(after).tags
    addresses = set(_ADDRESS.findall(text))
    rest = _OTHER.sub("", _ADDRESS.sub("", text))
    policies = {(tag.name.lower(), tag.value.strip().lower()) for tag in tags}
    values = {value for name, value in policies if name in _FIELDS}
    names = {found[1] or found[2] for found in _TAG.finditer(text)}
    return (
        addresses <= set(_ADDRESS.findall(after.lower()))
        and set(_POLICY.findall(rest)) <= values
        and set(_NAMED.findall(rest)) <= policies
        and names <= {tag.name.lower() for tag in tags} | set(dropped)
    )


def _folded(text: str) -> str:
    """The text as it reads: markup and full width resolved, nothing that has no width."""
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    return "".join(c for c in plain if unicodedata.category(c) != "Cf").lower()

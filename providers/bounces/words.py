"""What receivers say in their own words: whose message it was, from where, and what failed."""

from __future__ import annotations

import re

from zonelint.grammars.spf.address import read_address
from zonelint.providers.bounces.bounce import AuthResult, one_reply_a_line

_NAME = r"(?P<name>(?:[a-z0-9_-]{1,63}\.){1,20}[a-z][a-z0-9-]{1,62})"
_SENDER = (
    re.compile(rf"\bsending domain \[?{_NAME}\b"),
    re.compile(rf"\b(?:e-?mail|messages?|mail) from {_NAME} (?:is|are|was|were|has|did|fail)"),
    re.compile(rf"\bspf(?: check)?(?: failed)?(?: for)? \[?{_NAME}\]?"),
    re.compile(rf"<[^<>@\s]{{0,128}}@{_NAME}>:? sender address rejected"),
)
_CLIENT = re.compile(
    r"(?:\bwith ip:? ?|\bsender ip is |\bmessages from |\bclient host |\bsending ip |"
    r"\baccepted from |(?<![{\w-])(?:client-)?ip=)\[?([0-9a-f.:]{3,45})"
    r"|\[([0-9a-f.:]{3,45})\] our system has detected",
    re.IGNORECASE,
)
# The explanation of an SPF library: Why?s=mfrom;id=a%40example.com;ip=192.0.2.1;r=mx.example.org
_WHY = re.compile(
    r"[?;&]\s{0,20}id=(?:[^\s;&@%]{0,128}(?:@|%40))?" + _NAME + r"[;&]\s{0,20}ip=", re.IGNORECASE
)
_METHOD = r"(?P<method>spf|dkim|dmarc)"
_FAILS = (
    r"(?:fail(?:s|ed)? to pass|fail(?:s|ed|ure)?|softfail|hard fail|"
    r"(?:did|does|do) not pass|not pass(?:ed)?)"
)
_DOMAIN = r"(?:\[(?P<domain>[^\]\s]{1,253})\])?"
_JUDGED = (
    # SPF [example.com] with ip: [192.0.2.1] = did not pass; dkim=fail
    re.compile(
        rf"\b{_METHOD}\b ?{_DOMAIN}(?: with ip: ?\[?[0-9a-f.:]{{2,45}}\]?)? ?(?:=|:) ?"
        r"(?P<result>did not pass|passed|pass|fail|softfail|neutral|none|permerror|temperror)\b"
    ),
    re.compile(
        rf"\b{_METHOD}(?: (?:checks?|validation|verification|authentication|policy))?"
        rf"(?: for \[?(?P<domain>[\w.-]{{1,253}})\]?)? (?P<result>{_FAILS})\b"
    ),
    re.compile(rf"\b(?P<result>{_FAILS})(?: the)? {_METHOD}\b"),
    re.compile(
        rf"\bunauthenticated e-?mail from {_NAME} is not accepted due to domain's {_METHOD}"
    ),
)
_BOTH = re.compile(rf"\bspf and dkim (?:both )?{_FAILS}|\bneither spf nor dkim\b")


_LONGEST = 256 * 1024
"""Characters of a bounce in which a receiver's words are looked for."""


def client_in(text: str) -> str | None:
    """The address that a receiver says the message came from."""
    texts = ((each[1] or each[2]).strip(".:") for each in _CLIENT.finditer(_first_line(text)))
    return next((str(address) for address in map(read_address, texts) if address), None)


def sender_in(text: str) -> str | None:
    """The domain that a receiver names as the sender's in its answer."""
    lower = " ".join(text[:_LONGEST].lower().split())
    for pattern in _SENDER:
        found = pattern.search(lower)
        if found is not None:
            return found["name"]
    return None


def identity_in(text: str) -> str | None:
    """The domain that SPF was asked about, where the receiver's explanation names it."""
    found = _WHY.search(" ".join(text[:_LONGEST].split()))
    return found["name"].lower() if found else None


def judged_in(text: str) -> tuple[AuthResult, ...]:
    """What a receiver says of SPF, DKIM and DMARC; the first word on each counts."""
    lower = _first_line(text).lower()
    found: dict[str, AuthResult] = {}
    for pattern in _JUDGED:
        for match in pattern.finditer(lower):
            groups = match.groupdict()
            domain = groups.get("domain") or groups.get("name")
            result = _result(groups.get("result") or "fail")
            known = domain.strip(".") if domain and "." in domain else None
            found.setdefault(match["method"], AuthResult(match["method"], result, known))
    if _BOTH.search(lower):
        for method in ("spf", "dkim"):
            found.setdefault(method, AuthResult(method, "fail"))
    return tuple(found.values())


def _first_line(text: str) -> str:
    """The beginning of a text in one line, replies of several lines put together."""
    return " ".join(one_reply_a_line(text[:_LONGEST]).split())


def _result(words: str) -> str:
    if words in ("pass", "passed"):
        return "pass"
    return words if words in ("softfail", "neutral", "none", "permerror", "temperror") else "fail"

"""What the headers of a message tell about it and about the way that it went."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zonelint.grammars.listing import grouped
from zonelint.providers.bounces.bounce import AuthResult, Bounce, Form, mailbox_in

Headers = Sequence[tuple[str, str]]
"""Names and values in their order, the values as they stand, folded or not."""

MOST_NODES = 40
MOST_LENGTH = 8000


_FROM = re.compile(r"\bfrom\s+([A-Za-z0-9_-][\w.-]{0,253})", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([A-Za-z0-9_-][\w.-]{0,253})", re.IGNORECASE)
_RESULT = re.compile(r"\b(spf|dkim|dmarc|arc)=([a-z]+)", re.IGNORECASE)
_DOMAIN = re.compile(
    r"\b(?:smtp\.mailfrom|header\.d|header\.from)=(?:[^\s;@]{0,128}@)?([\w.-]+)", re.IGNORECASE
)
_TAG = {name: re.compile(rf"(?:^|;)\s*{name}\s*=\s*([^;\s]+)") for name in "ds"}


def read_statements(headers: Headers) -> Bounce:
    """What the headers of the message that bounced say, and no more of a bounce."""
    table = grouped((n.lower(), " ".join(value[:MOST_LENGTH].split())) for n, value in headers)

    def first(name: str) -> str | None:
        return table.get(name, [""])[0] or None

    results = [*table.get("authentication-results", ()), *table.get("received-spf", ())]
    return Bounce(
        form=Form.MAIL,
        answers=(),
        text="",
        sender=mailbox_in(first("from") or ""),
        envelope_sender=mailbox_in(first("return-path") or ""),
        recipients=tuple(filter(None, (mailbox_in(first("to") or ""),))),
        message_id=first("message-id"),
        trace_id=first("x-ms-exchange-crosstenant-network-message-id")
        or first("x-ms-office365-filtering-correlation-id"),
        sent=first("date"),
        nodes=_nodes(table.get("received", [])),
        checked=tuple(dict.fromkeys(each for value in results for each in _checked(value))),
        signed=tuple(dict.fromkeys(filter(None, map(_signed, table.get("dkim-signature", []))))),
    )


def _nodes(received: Sequence[str]) -> tuple[str, ...]:
    """The hosts of the Received headers, which stand with the last one first."""
    names: list[str] = []
    for value in reversed(received[:MOST_NODES]):
        names += [found[1].lower() for found in (_FROM.search(value), _BY.search(value)) if found]
    return tuple(dict.fromkeys(names))


def _checked(value: str) -> list[AuthResult]:
    """The results of one header: of Authentication-Results, or the one of Received-SPF."""
    if "=" not in value or _RESULT.search(value) is None:
        word = value.split(maxsplit=1)[0].lower() if value else ""
        return [AuthResult("spf", word)] if re.fullmatch("[a-z]{4,9}", word) else []
    found = []
    for piece in value.split(";"):
        result = _RESULT.search(piece)
        if result is not None:
            domain = _DOMAIN.search(piece)
            name = domain[1].lower().strip(".") if domain else None
            known = name if name and "." in name else None
            found.append(AuthResult(result[1].lower(), result[2].lower(), known))
    return found


def _signed(value: str) -> tuple[str, str] | None:
    domain, selector = (_TAG[name].search(value) for name in "ds")
    if domain is None or selector is None:
        return None
    return (domain[1].lower(), selector[1].lower())

"""Addresses for reports: the comma-separated URIs of `rua` and `ruf`.

RFC 9989 sections 4.6 and 4.8 (dmarc-urilist, obs-dmarc-report-size), RFC 8460 section 3
(tlsrpt-rua), RFC 3986 for the URI, RFC 6068 for `mailto:`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.plain import takes
from zonelint.grammars.tags.value import show

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})+"
_ADDRESS = re.compile(rf"[^@\s]+@{_DOMAIN}\.?")
_MAILBOX = re.compile(rf"(?P<local>[^@?]+)@(?P<domain>{_DOMAIN})\.?(?:\?.*)?")
_AGAIN = re.compile(r"(?:mailto:/{0,2})+", re.IGNORECASE)
_HTTPS = re.compile(rf"//(?P<domain>{_DOMAIN})\.?(?::[0-9]+)?(?:[/?#].*)?", re.I)
_LONGEST_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class ReportUri:
    """One address of a list.

    text: as written, with the size.
    uri: without it.
    scheme: lower case, "" when there is none.
    address: the mail address of a `mailto:`, percent escapes as written; "" for others.
    domain: lower case, of the mail address or the host; "" when it cannot be read.
    size_suffix: what follows the `!` of the obsolete size limit: "10m"; "" without one.
    start, end: offsets; `faults` have offsets of the same kind.
    """

    text: str
    uri: str
    scheme: str
    address: str
    domain: str
    size_suffix: str
    start: int = field(compare=False)
    end: int = field(compare=False)
    faults: tuple[Fault, ...] = field(compare=False, default=())

    def __str__(self) -> str:
        return self.text

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands, the size left out: what is wrong with it is so without it."""
        return self.start, self.start + len(self.uri)

    def shifted(self, distance: int) -> ReportUri:
        """The same address, `distance` characters further right."""
        faults = tuple(fault.shifted(distance) for fault in self.faults)
        return ReportUri(
            self.text, self.uri, self.scheme, self.address, self.domain, self.size_suffix,
            self.start + distance, self.end + distance, faults,
        )  # fmt: skip


def read(raw: str, schemes: tuple[str, ...] = ()) -> tuple[ReportUri, ...]:
    """Read a list of addresses, faulty ones too; offsets are into `raw`.

    schemes: those that receivers of the reports know; () for any.
    """
    if len(raw) <= _LONGEST_REMEMBERED:
        return _remembered(raw, schemes)
    return _read(raw, schemes)


def faults(raw: str, schemes: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """What is wrong with a list of addresses; offsets are into `raw`."""
    return tuple(fault for uri in read(raw, schemes) for fault in uri.faults)


def _read(raw: str, schemes: tuple[str, ...]) -> tuple[ReportUri, ...]:
    found: list[ReportUri] = []
    start = 0
    for item in raw.split(","):
        inner = item.strip(" \t\r\n")
        begin = start + len(item) - len(item.lstrip(" \t\r\n")) if inner else start
        if inner or start:
            found += _item(inner, begin, schemes)
        elif not found:
            found.append(_faulty("", 0, "There is no address, so no reports are sent.", None))
        start += len(item) + 1
    return tuple(found)


_remembered = lru_cache(maxsize=4096)(_read)

_NEXT_ADDRESS = re.compile(r"(?<!\s)\s++(?=(?:mailto:|https?:|[^\s@]{1,64}@))", re.IGNORECASE)


def _item(text: str, start: int, schemes: tuple[str, ...]) -> list[ReportUri]:
    if _is_uri(text):
        scheme, _, rest = text.partition(":")
        rest, _, size = rest.partition("!")
        return [_judge(text, start, scheme.lower(), rest, size, schemes)]
    if not text:
        message = "A comma has no address on one side, which the standard does not allow."
        return [_faulty("", start, message, None)]
    if len(text) <= _LONGEST_REMEMBERED:
        gap = _NEXT_ADDRESS.search(text)
        if gap is not None and gap.start() and "@" in text[: gap.start()]:
            left = _item(text[: gap.start()], start, schemes)
            right = _item(text[gap.end() :], start + gap.end(), schemes)
            missing = Fault(
                FaultKind.REPORT_URI, start + gap.start(), start + gap.end(),
                "There is a space between two addresses where a comma belongs, so receivers read "
                "neither.", ",",
            )  # fmt: skip
            first = right[0]
            right[0] = _with_fault(first, missing)
            return [*left, *right]
    return [_broken(text, start)]


def _is_uri(text: str) -> bool:
    return takes("REPORT_URI", text)


def _with_fault(uri: ReportUri, fault: Fault) -> ReportUri:
    return ReportUri(
        uri.text, uri.uri, uri.scheme, uri.address, uri.domain, uri.size_suffix,
        uri.start, uri.end, (fault, *uri.faults),
    )  # fmt: skip


def _judge(
    text: str, start: int, scheme: str, rest: str, size: str, schemes: tuple[str, ...]
) -> ReportUri:
    """Look into something that is a URI."""
    uri = text[: len(text) - len(size) - 1] if size else text
    end = start + len(text)
    address = domain = ""
    message = ""
    suggestion: str | None = None
    if scheme == "mailto":
        mailbox = _MAILBOX.fullmatch(rest)
        again = _AGAIN.match(rest)
        if again is not None:
            message = f"{show(uri)} has `mailto:` more than once, so no report arrives."
            suggestion = text.replace(rest, rest[again.end() :], 1)
        elif mailbox is not None and "//" not in rest[:2]:
            address = f"{mailbox['local']}@{mailbox['domain']}"
            domain = mailbox["domain"].lower()
        else:
            bare = rest.lstrip("/")
            message = f"{show(uri)} contains no mail address, so no report arrives."
            if bare != rest and _ADDRESS.fullmatch(bare):
                message = f"{show(uri)} has slashes after `mailto:`, so no report arrives."
                suggestion = text.replace(rest, bare, 1)
    elif scheme in ("http", "https"):
        host = _HTTPS.fullmatch(rest)
        if host is None:
            message = f"{show(uri)} names no host, so no report arrives."
        else:
            domain = host["domain"].lower()
    elif "@" in text or "." in scheme:
        # `dmarc.example.com:443`, `reports@…` with a port: a scheme by accident.
        message = f"{show(uri)} is not an address for reports, so no report arrives."
    if not message and schemes and scheme not in schemes:
        known = " or ".join(f"{known}:" for known in schemes)
        message = f"{show(uri)} starts with `{scheme}:`, and report senders know only {known}."
    found = (Fault(FaultKind.REPORT_URI, start, end, message, suggestion),) if message else ()
    return ReportUri(text, uri, scheme, address, domain, size, start, end, found)


def _broken(text: str, start: int) -> ReportUri:
    """Say what is wrong with something that is no URI."""
    shown = show(text)
    bare = text.strip(" \t\"'<>`\\")
    squeezed = re.sub(r"^(mailto|https?)\s*[:;=]\s*", r"\1:", bare, flags=re.IGNORECASE)
    if not _is_uri(bare) and _ADDRESS.fullmatch(bare) and _is_uri(f"mailto:{bare}"):
        return _faulty(
            text, start, f"{shown} lacks `mailto:` at the start, so receivers send no "
                "reports there.",
            f"mailto:{bare}",
        )  # fmt: skip
    if "!" in squeezed:
        escaped = squeezed.replace("!", "%21")
        if _is_uri(escaped):
            return _faulty(
                text, start, f"The `!` in {shown} must be written `%21`, or the address is cut off "
                "there.", escaped,
            )  # fmt: skip
    if squeezed != text and _is_uri(squeezed):
        return _faulty(
            text, start, f"A space, quote or bracket makes the address {shown} invalid, so no "
                "report arrives there.", squeezed,
        )  # fmt: skip
    return _faulty(
        text,
        start,
        f"{shown} is not an address such as `mailto:name@example.com`, so no report arrives.",
        None,
    )


def _faulty(text: str, start: int, message: str, suggestion: str | None) -> ReportUri:
    fault = Fault(FaultKind.REPORT_URI, start, start + len(text), message, suggestion)
    return ReportUri(text, text, "", "", "", "", start, start + len(text), (fault,))

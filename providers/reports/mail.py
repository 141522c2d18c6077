"""The parts of a mail, split in linear time.

The standard library's parser compares every line with every open boundary, so that a mail made
for the purpose keeps it busy for minutes; it is also the slowest step in a Maildir of reports.
Only what finding an attachment takes is read here (RFC 2045, RFC 2046 section 5.1).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import Message

from zonelint.providers.reports.problem import ReportError, ReportLimits, ReportProblemKind

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_HEADER = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*)$")
_OPENING = re.compile(rb"\A(?:[!-9;-~]{1,76}[ \t]*:|From )")
_MAIL_HEADER = re.compile(
    rb"^(?:received|return-path|delivered-to|mime-version|message-id|subject|from|to)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_HEAD_SIZE = 1024 * 1024


def looks_like_mail(data: bytes) -> bool:
    """Whether *data* begins with header lines of a mail."""
    return _OPENING.match(data) is not None and _MAIL_HEADER.search(data[:16_384]) is not None


def attachments(data: bytes, limits: ReportLimits) -> Iterator[tuple[str, bytes]]:
    """Every part of the mail *data* that is no container, decoded, with its file name (or "").

    Content types are not believed: receivers send reports as application/octet-stream, text/plain
    or with no type at all. Raises `ReportError` for too many parts or too deep a nesting.
    """
    parts = 0
    waiting: list[tuple[bytes, int]] = [(data, 0)]
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if parts > limits.members:
            raise ReportError(ReportProblemKind.TOO_MANY_MEMBERS)
        if depth > limits.nesting:
            raise ReportError(ReportProblemKind.TOO_DEEP)
        header, body = _split(part)
        main_type = header.get_content_maintype()
        boundary = header.get_boundary() if main_type == "multipart" else None
        if boundary:
            inner = _between(body, boundary, limits)
            waiting.extend((each, depth + 1) for each in reversed(inner))
        elif header.get_content_type() == "message/rfc822":
            waiting.append((_decoded(header, body), depth + 1))
        else:
            yield header.get_filename() or "", _decoded(header, body)


def _split(part: bytes) -> tuple[Message, bytes]:
    """The headers that matter, and the body."""
    header: Message = Message()
    if part[:1] == b"\n" or part[:2] == b"\r\n":
        return header, part.lstrip(b"\r\n")
    end = _BLANK_LINE.search(part, 0, _HEAD_SIZE)
    head, body = (part, b"") if end is None else (part[: end.start()], part[end.end() :])
    for line in _FOLD.sub(b" ", head[:_HEAD_SIZE]).splitlines():
        match = _HEADER.match(line)
        if match is None:
            continue
        name = match[1].lower()
        if name in _WANTED and name.decode() not in header:
            # Longer values than this are made to keep a parameter parser busy.
            header[name.decode()] = match[2][:4096].decode("ascii", "replace").strip()
    return header, body


_WANTED = frozenset({b"content-type", b"content-transfer-encoding", b"content-disposition"})


def _between(body: bytes, boundary: str, limits: ReportLimits) -> list[bytes]:
    """The parts between the boundary lines; the last may lack its closing line."""
    # Begins with a literal, which the regular expression engine searches much faster than "^".
    text = re.escape(boundary.encode("ascii", "replace"))
    mark = re.compile(rb"--" + text + rb"(--)?[ \t]*(?=\r?\n|\r?\Z)")
    parts: list[bytes] = []
    start: int | None = None
    for match in mark.finditer(body):
        at = match.start()
        if at and body[at - 1 : at] != b"\n":
            continue
        if start is not None:
            parts.append(_without_first_newline(body[start:at]))
            if len(parts) > limits.members:
                raise ReportError(ReportProblemKind.TOO_MANY_MEMBERS)
        if match[1]:
            return parts
        start = match.end()
    if start is not None:
        parts.append(_without_first_newline(body[start:]))
    return parts


def _without_first_newline(part: bytes) -> bytes:
    if part[:2] == b"\r\n":
        return part[2:]
    return part[1:] if part[:1] == b"\n" else part


def _decoded(header: Message, body: bytes) -> bytes:
    encoding = str(header.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "base64":
        return base64_decoded(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def base64_decoded(text: bytes) -> bytes:
    """*text* decoded, whatever stands between its letters and however it is padded."""
    letters = _NOT_BASE64.sub(b"", text)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))

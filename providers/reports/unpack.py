"""From a file's bytes to the reports inside: gzip, zip, mail, and these inside each other.

What something is, its first bytes say; names and content types are often wrong. Nothing here
unpacks more than the bounds allow (`Limits`), however small the bomb.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from zonelint.providers.reports import mail as reports_mail
from zonelint.providers.reports.failure import looks_like_failure
from zonelint.providers.reports.problem import ReportBudget, ReportError, ReportProblemKind
from zonelint.providers.reports.tls import looks_like_tls

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SPACE = b" \t\r\n\0"
_BASE64 = re.compile(rb"\A[A-Za-z0-9+/\r\n]{64,}")
_ZIP_ENTRY = b"PK\x01\x02"
_CHUNK = 256 * 1024
_STEP = 64 * 1024


class DocumentKind(Enum):
    """What a report is about."""

    AGGREGATE = "DMARC aggregate report"
    TLS = "TLS report"
    FAILURE = "failure report"


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """What should be one report's text, and the way to it inside the file."""

    members: tuple[str, ...]
    data: bytes
    kind: DocumentKind = DocumentKind.AGGREGATE


@dataclass(frozen=True, slots=True)
class Failure:
    """A member that could not be unpacked."""

    members: tuple[str, ...]
    error: ReportError


def looks_like_xml(data: bytes) -> bool:
    """Whether *data* begins as XML does, in any encoding of Unicode."""
    head = data[:512]
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return head.lstrip(_SPACE)[:1] == b"<"


def looks_like_report(data: bytes) -> bool:
    """Whether *data* is XML whose beginning names the element of a report, or a TLS report."""
    is_xml = looks_like_xml(data) and b"feedback" in data[:8192].replace(b"\0", b"").lower()
    return is_xml or looks_like_tls(data)


def looks_packed(data: bytes) -> bool:
    """Whether *data* is a gzip stream or a zip archive."""
    return data[:2] == b"\x1f\x8b" or data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def documents(
    data: bytes, budget: ReportBudget, members: tuple[str, ...] = ()
) -> Iterator[ReportDocument | Failure]:
    """The reports in *data*, in order; each member that fails is told, the others go on."""
    try:
        yield from _documents(data, budget, members)
    except ReportError as error:
        yield Failure(_named_members(members), error)


def _documents(
    data: bytes, budget: ReportBudget, members: tuple[str, ...]
) -> Iterator[ReportDocument | Failure]:
    if len(members) > budget.limits.nesting:
        raise ReportError(ReportProblemKind.TOO_DEEP)
    if not data.strip(_SPACE):
        raise ReportError(ReportProblemKind.EMPTY)
    if data[:2] == b"\x1f\x8b":
        yield from documents(inflated(data, budget), budget, (*members, "gzip"))
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _zipped(data, budget, members)
    elif looks_like_xml(data):
        if len(data) > budget.limits.document_size:
            raise ReportError(ReportProblemKind.TOO_LARGE)
        yield ReportDocument(_named_members(members), data)
    elif looks_like_tls(data):
        yield ReportDocument(_named_members(members), data, DocumentKind.TLS)
    elif reports_mail.looks_like_mail(data):
        yield from _mailed(data, budget, members)
    elif _BASE64.match(data) and looks_packed(reports_mail.base64_decoded(data[:64])):
        decoded = reports_mail.base64_decoded(data)
        budget.spend(len(decoded))
        yield from documents(decoded, budget, (*members, "base64"))
    else:
        raise ReportError(ReportProblemKind.NO_REPORT)


def inflated(data: bytes, budget: ReportBudget) -> bytes:
    """The gzip stream *data* unpacked: all its members, and without what trails the last.

    A stream that stops early gives what there is; the XML tells whether that is a whole report.
    """
    pieces: list[bytes] = []
    size = position = streams = 0
    bound = min(budget.limits.document_size, budget.size)
    while data[position : position + 2] == b"\x1f\x8b":
        streams += 1
        if streams > budget.limits.members:
            raise ReportError(ReportProblemKind.TOO_MANY_MEMBERS)
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            # In steps: what a stream leaves over is copied, so it had better be little.
            rest = stream.unconsumed_tail
            if not rest:
                rest = data[position : position + _STEP]
                position += len(rest)
            if not rest:
                break
            try:
                piece = stream.decompress(rest, _CHUNK)
            except zlib.error:
                raise ReportError(ReportProblemKind.BAD_COMPRESSION) from None
            size += len(piece)
            if size > bound:
                raise ReportError(ReportProblemKind.EXPANDS_TOO_FAR)
            pieces.append(piece)
        if not size and not stream.eof:
            raise ReportError(ReportProblemKind.BAD_COMPRESSION)
        position -= len(stream.unused_data)
    budget.spend(size)
    return b"".join(pieces)


def _zipped(
    data: bytes, budget: ReportBudget, members: tuple[str, ...]
) -> Iterator[ReportDocument | Failure]:
    # The standard library builds an object for every entry before anybody can count them.
    if data.count(_ZIP_ENTRY) > budget.limits.members:
        raise ReportError(ReportProblemKind.TOO_MANY_MEMBERS)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ReportError(ReportProblemKind.BAD_ARCHIVE) from None
    empty = True
    with archive:
        for entry in archive.infolist():
            # ZipInfo.is_dir() fails on an empty name.
            if entry.filename.endswith("/") or entry.filename.startswith("__MACOSX/"):
                continue
            empty = False
            name = (*members, clean_name(entry.filename))
            try:
                content = _member(archive, entry, budget)
            except ReportError as error:
                yield Failure(_named_members(name), error)
                if budget.size <= 0:
                    return
                continue
            yield from documents(content, budget, name)
    if empty:
        raise ReportError(ReportProblemKind.EMPTY)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: ReportBudget) -> bytes:
    plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if not plain or entry.flag_bits & 0x1:
        raise ReportError(ReportProblemKind.UNSUPPORTED_ARCHIVE)
    bound = min(budget.limits.document_size, budget.size)
    try:
        with archive.open(entry) as stream:
            # The size in the directory may lie, the number of bytes read does not.
            content = stream.read(bound + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise ReportError(ReportProblemKind.BAD_COMPRESSION) from None
    except RuntimeError:
        raise ReportError(ReportProblemKind.UNSUPPORTED_ARCHIVE) from None
    if len(content) > bound:
        budget.size -= bound
        raise ReportError(ReportProblemKind.EXPANDS_TOO_FAR)
    budget.spend(len(content))
    return content


def _mailed(
    data: bytes, budget: ReportBudget, members: tuple[str, ...]
) -> Iterator[ReportDocument | Failure]:
    found = False
    for number, (name, content) in enumerate(reports_mail.attachments(data, budget.limits), 1):
        if looks_like_failure(content):
            found = True
            budget.spend(len(content))
            yield ReportDocument(
                (*_named_members(members), clean_name(name) or f"part {number}"),
                content,
                DocumentKind.FAILURE,
            )
        elif looks_packed(content) or looks_like_report(content) or _packed_text(content):
            found = True
            budget.spend(len(content))
            yield from documents(content, budget, (*members, clean_name(name) or f"part {number}"))
    if not found:
        raise ReportError(ReportProblemKind.NO_REPORT)


def _packed_text(content: bytes) -> bool:
    """Base64 whose Content-Transfer-Encoding was lost on the way."""
    text = content.lstrip(b"\r\n")
    return bool(_BASE64.match(text)) and looks_packed(reports_mail.base64_decoded(text[:64]))


def _named_members(members: tuple[str, ...]) -> tuple[str, ...]:
    """The members that have a name of their own."""
    return tuple(member for member in members if member not in ("gzip", "base64"))


def clean_name(name: str) -> str:
    """A stranger's file name, made fit for a screen."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)[
        :200
    ]

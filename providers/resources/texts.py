r"""The text of a TXT record as providers write it: from a property to character-strings and back.

A text is a list of strings of octets. Where a character stands is told as its offset, from 0, in
what is written in the property; in a list of strings the offsets run on from string to string.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zonelint.grammars.fault import TextRefused
from zonelint.grammars.rdata import quote, split_octets

from .kinds import TxtForm

Written = str | tuple[str, ...]
"""What stands in a property: a string, or a list of them (`TxtForm.STRINGS`)."""
_BEGINNINGS = ("v=spf1", "v=dmarc1", "v=dkim1", "v=stsv1", "v=tlsrptv1", "k=rsa;", "k=ed25519;")


def begins_mail_record(text: str) -> bool:
    """Whether a text begins as a record about mail does."""
    return text.lstrip(" \"\\'").lower().startswith(_BEGINNINGS)


class BadText(TextRefused, ValueError):
    """A value that is no text in its provider's form. start, end: the characters that are wrong."""

    def __init__(self, message: str, advice: str, start: int, end: int) -> None:
        super().__init__(message, advice)
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Style:
    """How one value is written: the form of its provider, and what is particular to it.

    cut: octets at which the provider cuts a longer text itself, 0 where it does not.
    octal: an escape of three digits is octal, as Route 53 has it, and not decimal (RFC 1035 §5.1).
    comments: outside of quotes `;` begins a comment.
    """

    form: TxtForm
    cut: int = 0
    octal: bool = False
    comments: bool = False


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A stretch of what is written and the octets that it stands for."""

    octets: bytes
    start: int
    end: int


_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<word>(?:[^\s"\\]|\\.)++)|(?P<bad>["\\])""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"(?:[^\\;]|\\.)*+;", re.DOTALL)
_CHARACTER = re.compile(r"\\[0-9]{3}|\\.|[^\\]|\\", re.DOTALL)
_PLAIN_QUOTED = re.compile(r'"[^"\\]*+"(?:[ \t]*+"[^"\\]*+")*+')
_STRING = re.compile(r'"([^"\\]*+)"')


def strings_of(written: Written, style: Style) -> list[bytes]:
    """The character-strings that a value stands for. Raises BadText."""
    if isinstance(written, tuple):
        return [_octets(string) for string in written]
    form = _form_of(written, style.form)
    if form is TxtForm.PLAIN:
        return _cut([_octets(written)], style.cut)
    wrapped = f'"{written}"' if form is TxtForm.INNER else written
    if _PLAIN_QUOTED.fullmatch(wrapped):
        return _cut([_octets(string) for string in _STRING.findall(wrapped)], style.cut)
    pieces = _pieces(written, form, style)
    return _cut([b"".join(piece.octets for piece in string) for string in pieces], style.cut)


def places_of(written: Written, style: Style) -> list[TextPiece]:
    """The pieces of a value in their order, over all its strings. Raises BadText."""
    if isinstance(written, tuple):
        joined = "".join(written)
        return [TextPiece(_octets(char), at, at + 1) for at, char in enumerate(joined)]
    form = _form_of(written, style.form)
    if form is TxtForm.PLAIN:
        return [TextPiece(_octets(char), at, at + 1) for at, char in enumerate(written)]
    return [piece for string in _pieces(written, form, style) for piece in string]


def write(strings: Sequence[bytes], style: Style, like: Written = "") -> Written:
    """What to write for a text; `like` is what stood there, whose quotes are kept or left out.

    Strings are made no longer than 255 octets.
    """
    whole = b"".join(strings)
    parts = [part for string in strings for part in split_octets(string)]
    match style.form:
        case TxtForm.STRINGS:
            return tuple(_text(part) for part in parts)
        case TxtForm.PLAIN:
            return _text(whole)
        case TxtForm.INNER:
            return '""'.join(_escaped(part, octal=style.octal) for part in parts)
        case TxtForm.EITHER if not _is_quoted(like) and (style.cut or len(parts) == 1):
            text = _text(whole)
            if not text.lstrip().startswith('"') and not (text and text[0].isspace()):
                return text
    return " ".join(f'"{_escaped(part, octal=style.octal)}"' for part in parts)


def _form_of(written: str, form: TxtForm) -> TxtForm:
    if form is not TxtForm.EITHER:
        return form
    return TxtForm.PRESENTATION if _is_quoted(written) else TxtForm.PLAIN


def _is_quoted(written: Written) -> bool:
    return isinstance(written, str) and written.lstrip().startswith('"')


def _cut(strings: list[bytes], size: int) -> list[bytes]:
    """The strings as the provider cuts them, where it does."""
    if not size or all(len(string) <= size for string in strings):
        return strings
    return [part for string in strings for part in split_octets(string, size)]


def _pieces(written: str, form: TxtForm, style: Style) -> list[list[TextPiece]]:
    inner = form is TxtForm.INNER
    shift = 1 if inner else 0
    text = f'"{written}"' if inner else written
    found: list[list[TextPiece]] = []
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        match token.lastgroup:
            case "blank":
                continue
            case "bad":
                raise _broken(written, max(start - shift, 0))
            case "word" if inner:
                raise _quoted_twice(written)
            case "word" if style.comments and (found_at := _COMMENT.match(token[0])):
                raise _commented_out(written, start + found_at.end() - 1)
            case "quoted":
                start, end = start + 1, end - 1
        found.append(_characters(text, start, end, shift, octal=style.octal))
    if not found:
        raise BadText("The TXT record is empty.", "Write its text, or remove the record.", 0, 0)
    return found


def _characters(text: str, start: int, end: int, shift: int, *, octal: bool) -> list[TextPiece]:
    pieces = []
    for found in _CHARACTER.finditer(text, start, end):
        char = found[0]
        at = (found.start() - shift, found.end() - shift)
        if len(char) == 4:
            try:
                octets = bytes((int(char[1:], 8 if octal else 10),))
            except ValueError:
                raise BadText(
                    f"`{char}` is an invalid escape: its three digits are not an octet.",
                    r"Write the character itself, or `\\` for a backslash.",
                    *at,
                ) from None
        else:
            octets = _octets(char[-1])
        pieces.append(TextPiece(octets, *at))
    return pieces


def _broken(written: str, at: int) -> BadText:
    if (len(written) - len(written.rstrip("\\"))) % 2:
        return BadText(
            "The text ends with a backslash, which escapes the quote after it.",
            r"Remove it, or write `\\` for a backslash.",
            len(written) - 1,
            len(written),
        )
    return BadText(
        "A quote is opened here and never closed, so no name server accepts the text.",
        r"Close it, or write `\"` for a quote inside the text.",
        min(at, len(written)),
        min(at + 1, len(written)),
    )


def _commented_out(written: str, at: int) -> BadText:
    return BadText(
        "Without quotes around the text, a semicolon starts a comment, so what follows it is not "
        "published.",
        r"Put the whole text in quotes: `\"v=DMARC1; p=none\"`.",
        at,
        len(written),
    )


def _quoted_twice(written: str) -> BadText:
    if not (written.startswith('"') and written.endswith('"')):
        return BadText(
            "A quote in the middle of the text ends it there, and the rest is lost.",
            r'Write `\"` for a quote inside the text, and `""` where it is cut into two strings.',
            0,
            len(written),
        )
    return BadText(
        "The value has quotes around it, and the provider adds its own, so the record is refused "
        "or contains strings other than intended.",
        'Write the text without quotes; `""` belongs only where it is split into two strings.',
        0,
        len(written),
    )


def _octets(text: str) -> bytes:
    if text.isascii():
        return text.encode("ascii")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # JSON can hold halves of characters, too
        return text.encode("utf-8", "surrogatepass")


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


_TO_ESCAPE = re.compile(rb"[^ !#-\[\]-~]")


def _escaped(octets: bytes, *, octal: bool) -> str:
    if not octal:
        return quote(octets)[1:-1]
    return _TO_ESCAPE.sub(_octal, octets).decode("ascii")


def _octal(match: re.Match[bytes]) -> bytes:
    octet = match[0]
    return b"\\" + octet if octet in (b'"', b"\\") else b"\\%03o" % octet[0]

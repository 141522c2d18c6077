"""Rdata as zone text: what a record that zonelint proposes looks like in a master file."""

from __future__ import annotations

import re

LONGEST_STRING = 255
"""Octets in one character-string at most (RFC 1035 section 3.3)."""

_TO_ESCAPE = re.compile(rb"[^ !#-\[\]-~]")


def quote(octets: bytes) -> str:
    r"""One character-string in quotes: `"` and `\` escaped, non-printing octets as `\DDD`."""
    body = _TO_ESCAPE.sub(_escaped, octets)
    return f'"{body.decode("ascii")}"'


def _escaped(match: re.Match[bytes]) -> bytes:
    octet = match[0]
    return b"\\" + octet if octet in (b'"', b"\\") else b"\\%03d" % octet[0]


def split_octets(octets: bytes, size: int = LONGEST_STRING) -> list[bytes]:
    """Cut into pieces of `size` octets at most, never inside a UTF-8 character.

    An empty input gives one empty piece: a TXT record holds at least one string.
    """
    pieces: list[bytes] = []
    start = 0
    while len(octets) - start > size:
        cut = start + size
        # A character is at most four octets long: three continuation octets can follow its first.
        for back in range(4):
            if octets[cut - back] & 0xC0 != 0x80:
                if cut - back > start:
                    cut -= back
                break
        pieces.append(octets[start:cut])
        start = cut
    pieces.append(octets[start:])
    return pieces


def txt_rdata(text: str) -> str:
    """The rdata of a TXT record that holds `text`, in presentation format on one line.

    The text is split into quoted strings of 255 octets at most (RFC 1035 section 3.3.14, RFC 7208
    section 3.3); lone surrogates stand for the octets that they escape.
    """
    octets = text.encode("utf-8", "surrogateescape")
    return " ".join(quote(piece) for piece in split_octets(octets))

"""Inputs made of other inputs: words of the languages put in, stretches cut, doubled, swapped.

Half of the time a mutation works on words and lines, as people's mistakes do, and half of the time
on bare octets.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_SPF = """
v=spf1 all -all ~all a mx ptr include: exists: ip4: ip6: redirect= exp= // /24 /33 %{ %{d} %{ir}
%{d999} %% %_ %- 192.0.2.1 0.0.0.0/0 ::/0 2001:db8::1 255.255.255.255
"""
_TAGS = """
v=DMARC1 p=none p=reject sp= np= rua=mailto: ruf= adkim=s fo=1:d pct=50 t=y psd=y v=DKIM1 k=rsa
k=ed25519 p=MIIB h=sha1 s=email t=y:s n= g=* AQAB v=STSv1 id=1 v=TLSRPTv1 v=BIMI1 l=https:// a= avp=
"""
_ZONES = r"""
TXT MX A AAAA CNAME SOA NS PTR SRV TLSA CAA SPF DNAME TYPE16 TYPE99999 IN CH HS $ORIGIN $TTL
$INCLUDE $GENERATE 0-65535 1-9/0 ${0,3,d} ${-1,99,n} \# \000 \255 \; noqa: noqa _dmarc _domainkey
_mta-sts _smtp._tls default._bimi *. @ . .. xn--a example.com. selector1._domainkey.example.com.
localhost mail 3600 4294967296 1w2d
"""
_FILES = """
values: value: type: ttl: &a *a <<: !include !!binary !!set --- ... | > - ? [ ] { } null true false
1e999 NaN -0 <unknown> <secret> [domains. profile= === config ~root/x
"""
_SIGNS = "\" \\ ; ( ) # , : = ' ` % ! & * ~ “ ” – é ü 中 \u202e \u200b \u00a0 \ufeff \udcff \u2028"
_BLANKS = ["\r", "\n", "\r\n", "\t", "\0", "\x0b", "\x0c", "\x1b[31m", "\x85"]
_LONG = ["a" * 63, "a" * 64, "9" * 40, "x" * 256, "(" * 50, "[" * 60, "{" * 40, "a." * 130]

WORDS: tuple[bytes, ...] = tuple(
    word.encode("utf-8", "surrogateescape")
    for word in (
        *f"{_SPF} {_TAGS} {_ZONES} {_FILES}".split(),
        *_SIGNS.split(" "),
        *_BLANKS,
        *_LONG,
    )
)
"""What the languages are made of, and what breaks careless readers."""

_PIECES = re.compile(rb"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_LARGEST = 1 << 14
_SWOLLEN = 1 << 16


class Mutator:
    """Makes new inputs. `others` are inputs to take pieces from."""

    def __init__(self, seed: int, others: Sequence[bytes]) -> None:
        self.random = random.Random(seed)
        self.others = others

    def __call__(self, data: bytes, largest: int = _LARGEST) -> bytes:
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            data = self.random.choice(_WAYS)(self, data)
        if self.random.random() < 0.004:
            return self._swollen(data)[:_SWOLLEN]
        return data[:largest]

    def _spot(self, data: bytes) -> int:
        return self.random.randint(0, len(data))

    def _stretch(self, data: bytes, most: int = 64) -> tuple[int, int]:
        start = self._spot(data)
        return start, min(len(data), start + self.random.randint(1, most))

    def _word(self, data: bytes) -> bytes:
        at = self._spot(data)
        return data[:at] + self.random.choice(WORDS) + data[at:]

    def _piece(self, data: bytes) -> bytes:
        """Another word in a word's place, or a word less."""
        pieces = _PIECES.findall(data)
        if not pieces:
            return self._word(data)
        at = self.random.randrange(len(pieces))
        how = self.random.randrange(5)
        if how == 0:
            pieces[at] = self.random.choice(WORDS)
        elif how == 1:
            del pieces[at]
        elif how == 2:
            pieces.insert(at, pieces[self.random.randrange(len(pieces))])
        elif how == 3:
            other = self.random.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            pieces[at] = pieces[at].swapcase()
        return b"".join(pieces)

    def _line(self, data: bytes) -> bytes:
        """A line twice, elsewhere, gone, or from another input."""
        lines = _LINES.findall(data)
        if not lines:
            return self._splice(data)
        at = self.random.randrange(len(lines))
        how = self.random.randrange(4)
        if how == 0:
            lines.insert(self.random.randint(0, len(lines)), lines[at])
        elif how == 1:
            lines.insert(self.random.randrange(len(lines)), lines.pop(at))
        elif how == 2:
            del lines[at]
        else:
            theirs = _LINES.findall(self.random.choice(self.others)) or [b"\n"]
            lines.insert(at, self.random.choice(theirs))
        return b"".join(lines)

    def _octet(self, data: bytes) -> bytes:
        if not data:
            return bytes([self.random.randrange(256)])
        at = self.random.randrange(len(data))
        changed = data[at] ^ (1 << self.random.randrange(8))
        octet = self.random.choice((changed, self.random.randrange(256), 32))
        return data[:at] + bytes([octet]) + data[at + 1 :]

    def _cut(self, data: bytes) -> bytes:
        start, end = self._stretch(data)
        return data[:start] + data[end:]

    def _double(self, data: bytes) -> bytes:
        start, end = self._stretch(data)
        return data[:end] + data[start:end] * self.random.choice((1, 1, 2, 10)) + data[end:]

    def _splice(self, data: bytes) -> bytes:
        other = self.random.choice(self.others)
        start, end = self._stretch(other, 200)
        at = self._spot(data)
        return data[:at] + other[start:end] + data[at:]

    def _crossed(self, data: bytes) -> bytes:
        other = self.random.choice(self.others)
        return data[: self._spot(data)] + other[self._spot(other) :]

    def _number(self, data: bytes) -> bytes:
        """Another number in a number's place."""
        found = list(re.finditer(rb"[0-9]+", data))
        if not found:
            return self._word(data)
        at = self.random.choice(found)
        number = int(at[0][:18])
        new = self.random.choice(
            (0, number + 1, max(0, number - 1), 255, 256, 65535, 65536, 2**31, 2**32, 10**30)
        )
        return data[: at.start()] + str(new).encode() + data[at.end() :]

    def _swollen(self, data: bytes) -> bytes:
        """One stretch again and again: what takes more than linear time shows."""
        start, end = self._stretch(data, 20)
        piece = data[start:end] or self.random.choice(WORDS) or b"x"
        size = self.random.choice((_SWOLLEN >> 4, _SWOLLEN >> 4, _SWOLLEN >> 2, _SWOLLEN))
        return data[:start] + piece * (size // len(piece)) + data[end:]


_WAYS: tuple[Callable[[Mutator, bytes], bytes], ...] = (
    Mutator._word,
    Mutator._word,
    Mutator._piece,
    Mutator._piece,
    Mutator._piece,
    Mutator._line,
    Mutator._line,
    Mutator._octet,
    Mutator._octet,
    Mutator._cut,
    Mutator._double,
    Mutator._splice,
    Mutator._crossed,
    Mutator._number,
)

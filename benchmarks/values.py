"""What the records of the benchmarks hold: values of their own, each derived from a number.

Real zones repeat few of their values, so no address, network, key or target here stands twice: a
cache of texts or networks must not make the figures look better than they are.

Every text has three forms. CLEAN earns no finding; TWO and TEN add that many faults to the records
of one host, as FAULTS tells, which stand in values of their own as well.
"""

from __future__ import annotations

import base64
import random
from enum import IntEnum


class Form(IntEnum):
    """How many findings a host earns."""

    CLEAN = 0
    TWO = 2
    TEN = 10


FAULTS = {
    Form.CLEAN: (),
    Form.TWO: ("SPF301", "DMARC010"),
    Form.TEN: (
        *("SPF301", "SPF302", "SPF209", "SPF305", "SPF207"),
        *("DMARC010", "DMARC009", "DMARC106", "DMARC105", "DKIM006"),
    ),
}
"""The codes of the faults of one host: codes are never used for anything else."""

_RSA = bytes.fromhex("300d06092a864886f70d0101010500")  # rsaEncryption, RFC 8017 appendix A.1
_EXPONENT = bytes.fromhex("0203010001")


def _address(start: int, number: int) -> str:
    value = (start << 16) + number
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"


def host_address(number: int) -> str:
    """The address of a host."""
    return _address(52 << 8, number)


def network(number: int, second: bool = False, host_bits: bool = False) -> str:
    """A network of 16 addresses; a host has two. With host bits it is named by an address in it."""
    return f"{_address((40 if second else 20) << 8 | 64, number * 16 + host_bits)}/28"


def network6(number: int) -> str:
    """A network of IPv6."""
    return f"2a01:{0x110 + (number >> 16):x}:{number & 0xFFFF:x}::/48"


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag, *([0x80 | len(octets)] if size > 127 else []), *octets]) + content


def public_key(number: int) -> str:
    """The SubjectPublicKeyInfo of an RSA key of 2048 bits, in base64. Nobody holds its other half:
    the modulus is an odd number of that size and no product of two primes."""
    modulus = random.Random(number).getrandbits(2048) | 1 << 2047 | 1
    key = _der(0x30, _der(2, b"\0" + modulus.to_bytes(256, "big")) + _EXPONENT)
    return base64.b64encode(_der(0x30, _RSA + _der(3, b"\0" + key))).decode()


def spf(number: int, form: Form, senders: str) -> str:
    """An SPF record that names `senders` (terms) and networks of its own."""
    terms = [senders, f"ip6:{network6(number)}", f"ip4:{network(number, host_bits=bool(form))}"]
    if form is Form.TEN:
        within = network(number, host_bits=True).removesuffix("/28")
        private = _address(10 << 8, number)
        terms += [f"ip4:{within}", f"ip4:{private}", "ptr", f"x-{number}=n{number}"]
    return f"v=spf1 {' '.join(terms)} -all"


def inner_spf(number: int, senders: str = "") -> str:
    """An SPF record made to be included."""
    return f"v=spf1 ip4:{network(number, second=True)} {senders} -all".replace("  ", " ")


def dmarc(number: int, form: Form, mailbox: str) -> str:
    """A DMARC record whose reports go to `mailbox`."""
    policy = ("quarantine", "reject")[number % 2]
    tags = [f"v=DMARC1; p={policy}; adkim=s; aspf=s"]
    if form is Form.TEN:
        tags += [f"pct={number % 90 + 5}", f"x{number}=n{number}", "rf=afrf"]
    uris = [f"mailto:{mailbox}", *([f"n{number}.{mailbox}"] if form else [])]
    return "; ".join([*tags, f"rua={','.join(uris)}"])


def dkim(number: int, form: Form = Form.CLEAN) -> str:
    """A DKIM record with a key of its own."""
    testing = "t=y; " if form is Form.TEN else ""
    return f"v=DKIM1; k=rsa; {testing}p={public_key(number)}"


def strings(text: str) -> str:
    """A text as a zone file has it, in character-strings of at most 255 octets."""
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))

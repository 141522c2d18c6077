"""The public key inside a DKIM `p=`: base64 and DER, read as far as a verifier needs.

RFC 6376 section 3.6.1 wants an RSA key in DER. Its text says RSAPublicKey, its examples and
practically every key in use are SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 3279 section
2.3.1); erratum 3017 allows both, and so do verifiers that follow it. Both are read here, and
`form` tells them apart. RFC 8463 section 4 wants the 32 octets of an Ed25519 key bare.

The reader is our own few lines of DER, because it has to say where a key was cut, also for keys
that a cryptographic library refuses to load for being short; the tests hold it against
`cryptography`.
"""

from __future__ import annotations

import base64
import binascii
import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple


class KeyForm(Enum):
    """How a key is wrapped."""

    SUBJECT_PUBLIC_KEY_INFO = "SubjectPublicKeyInfo"
    RSA_PUBLIC_KEY = "RSAPublicKey"
    RAW = "raw"


class PublicKey(NamedTuple):
    """A key that verifiers can use.

    type: `"rsa"` or `"ed25519"`.
    bits: of the modulus, 256 for Ed25519.
    der: the octets of `p=`.
    sha256: hexadecimal fingerprint of the bare key (RSAPublicKey or 32 octets), so that one key in
      two wrappings has one fingerprint.
    """

    type: str
    bits: int
    der: bytes
    sha256: str
    form: KeyForm = KeyForm.SUBJECT_PUBLIC_KEY_INFO


class UnusableKey(NamedTuple):
    """Why `p=` is no key: a sentence, and the `p=` that should stand there if that is known."""

    message: str
    suggestion: str | None = None


_RSA = bytes.fromhex("2a864886f70d010101")
_ED25519 = bytes.fromhex("2b6570")
_OTHER_TYPES = {
    bytes.fromhex("2a8648ce3d0201"): "an elliptic-curve key",
    bytes.fromhex("2a8648ce380401"): "a DSA key",
    bytes.fromhex("2a864886f70d01010a"): "an RSA-PSS key",
    bytes.fromhex("2b656e"): "an X25519 key",
    bytes.fromhex("2b6571"): "an Ed448 key",
}
_ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
_NULL = b"\x05\x00"
_SEQUENCE, _INTEGER, _BIT_STRING, _OBJECT = 0x30, 0x02, 0x03, 0x06


_RUN = re.compile(rb"""[\s=:"']([a-z0-9+/]{40,64})""")
_HEADER = 44
"""Base64 characters of which most RSA keys have the same."""


def key_marks(text: bytes) -> list[bytes]:
    """What tells keys in a text in lower case: a few characters of each that looks like one."""
    runs = _RUN.findall(b"=" + text)
    return [run[_HEADER:64] if run.startswith(b"mi") else run[:20] for run in runs]


@lru_cache(maxsize=2048)
def decode(kind: str, text: str) -> PublicKey | UnusableKey:
    """Decode a `p=` without blanks. `kind`: `"rsa"` or `"ed25519"`, lower case."""
    octets = _octets(text)
    if isinstance(octets, UnusableKey):
        return octets
    return _ed25519(octets) if kind == "ed25519" else _rsa(octets)


def _octets(text: str) -> bytes | UnusableKey:
    body = text.rstrip("=")
    padded = body + "=" * (-len(body) % 4)
    if len(body) % 4 == 1:
        return UnusableKey(
            "The key is truncated: its base64 text lacks at least one character, so every "
            "signature made with it fails."
        )
    try:
        octets = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return UnusableKey("The key is not base64, so every signature made with it fails.")
    if padded == text:
        return octets
    whole = _whole(octets)
    what = "has an extra = at its end" if len(text) > len(padded) else "lacks its final ="
    if whole or (len(octets) == 32 and not _begins_as_rsa(octets)):
        return UnusableKey(f"The key {what}, and verifiers that check base64 refuse it.", padded)
    return UnusableKey(
        "The key is truncated: its base64 text is not complete, so every signature made with it "
        "fails."
    )


class _Cut(Exception):
    """DER that ends before it should: (octets there, octets announced)."""


class _Malformed(Exception):
    """Not the DER that was expected."""


def _element(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """The content of a DER element: (start, end)."""
    if at >= len(data):
        raise _Cut
    if data[at] != tag:
        raise _Malformed
    if at + 1 >= len(data):
        raise _Cut
    length = data[at + 1]
    start = at + 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4:
            raise _Malformed
        if start + count > len(data):
            raise _Cut
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > len(data):
        raise _Cut
    return start, start + length


def _whole(data: bytes) -> bool:
    """Tell whether the octets are exactly one DER sequence."""
    try:
        return _element(data, 0, _SEQUENCE)[1] == len(data)
    except (_Cut, _Malformed):
        return False


def _begins_as_rsa(octets: bytes) -> bool:
    """Whether an RSA key begins here, in SubjectPublicKeyInfo or bare: by chance no other does."""
    return _RSA_HEAD.match(octets) is not None


_RSA_HEAD = re.compile(
    rb"\x30[\x81\x82].{1,2}"
    rb"(?:\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01|\x02[\x81\x82])",
    re.DOTALL,
)


_USUAL_HEAD = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")


def _is_usual(octets: bytes) -> bool:
    """Whether it is an RSA key of 2048 bits with the exponent 65537, as most are."""
    is_framed = octets.startswith(_USUAL_HEAD) and octets.endswith(b"\x02\x03\x01\x00\x01")
    return is_framed and len(octets) == 294 and octets[len(_USUAL_HEAD)] >= 0x80


def _rsa(octets: bytes) -> PublicKey | UnusableKey:
    if _is_usual(octets):
        return PublicKey("rsa", 2048, octets, _sha256(octets[24:]))
    if len(octets) == 32 and not _begins_as_rsa(octets):
        return UnusableKey(
            "The key has 32 octets: that is an Ed25519 key, and the record lacks `k=ed25519`."
        )
    try:
        start, end = _element(octets, 0, _SEQUENCE)
    except _Cut:
        return _cut(octets)
    except _Malformed:
        return UnusableKey(
            "`p=` does not contain a public key (a DER SubjectPublicKeyInfo), so every signature "
            "made with it fails."
        )
    if end < len(octets):
        extra = len(octets) - end
        keep = base64.b64encode(octets[:end]).decode("ascii")
        return UnusableKey(
            f"There are {extra} extra octets after the key, and verifiers refuse it.",
            keep if isinstance(_rsa(octets[:end]), PublicKey) else None,
        )
    try:
        if octets[start] == _INTEGER:
            return _rsa_key(octets, 0, KeyForm.RSA_PUBLIC_KEY)
        return _wrapped_rsa(octets, start)
    except (_Cut, _Malformed, IndexError):
        return UnusableKey(
            "The key is damaged: it does not contain a public key, so every signature made with "
            "it fails."
        )


def _cut(octets: bytes) -> UnusableKey:
    announced = ""
    if len(octets) >= 4 and octets[1] in (0x81, 0x82):
        count = octets[1] & 0x7F
        total = 2 + count + int.from_bytes(octets[2 : 2 + count], "big")
        announced = f": {len(octets)} of {total} octets are present"
    return UnusableKey(
        f"The key is truncated{announced}, so every signature made with it fails. Often only the "
        "first 255 characters of the record were copied."
    )


def _wrapped_rsa(octets: bytes, start: int) -> PublicKey | UnusableKey:
    algorithm_start, algorithm_end = _element(octets, start, _SEQUENCE)
    object_start, object_end = _element(octets, algorithm_start, _OBJECT)
    identifier = octets[object_start:object_end]
    if identifier != _RSA:
        if identifier == _ED25519:
            return _ed25519_in_der(octets, "and the record lacks k=ed25519")
        what = _OTHER_TYPES.get(identifier, "a key of an unknown type")
        return UnusableKey(f"`p=` contains {what}, but the record declares an RSA key.")
    if octets[object_end:algorithm_end] not in (b"", _NULL):
        raise _Malformed
    bits_start, bits_end = _element(octets, algorithm_end, _BIT_STRING)
    if bits_start >= bits_end or octets[bits_start] != 0 or bits_end != len(octets):
        raise _Malformed
    inner = octets[bits_start + 1 : bits_end]
    key = _rsa_key(inner, 0, KeyForm.SUBJECT_PUBLIC_KEY_INFO)
    if isinstance(key, UnusableKey):
        return key
    return PublicKey(key.type, key.bits, octets, key.sha256, key.form)


def _rsa_key(data: bytes, at: int, form: KeyForm) -> PublicKey | UnusableKey:
    start, end = _element(data, at, _SEQUENCE)
    if end != len(data):
        raise _Malformed
    modulus, modulus_end = _number(data, start)
    if modulus in (0, 1) and modulus_end < end:
        return UnusableKey(
            "`p=` contains a private key, which is now public: create a new key pair, and "
            "publish only its public key."
        )
    exponent, exponent_end = _number(data, modulus_end)
    if exponent_end != end or modulus <= 0 or exponent < 3 or exponent % 2 == 0:
        raise _Malformed
    return PublicKey("rsa", modulus.bit_length(), data, _sha256(data), form)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A DER integer in its shortest form, and the offset behind it."""
    start, end = _element(data, at, _INTEGER)
    if start == end or (end - start > 1 and data[start] == 0 and data[start + 1] < 0x80):
        raise _Malformed
    return int.from_bytes(data[start:end], "big", signed=True), end


def _ed25519(octets: bytes) -> PublicKey | UnusableKey:
    if _begins_as_rsa(octets) and not isinstance(_rsa(octets), PublicKey):
        return UnusableKey(
            "`p=` contains the beginning of an RSA key, but the record declares `k=ed25519`."
        )
    if len(octets) == 32:
        return PublicKey("ed25519", 256, octets, _sha256(octets), KeyForm.RAW)
    if octets.startswith(_ED25519_PREFIX[:9]):
        return _ed25519_in_der(octets, "and verifiers expect only its last 32 octets")
    if isinstance(_rsa(octets), PublicKey):
        return UnusableKey("`p=` contains an RSA key, but the record declares `k=ed25519`.")
    size = "truncated" if len(octets) < 32 else "too long"
    return UnusableKey(
        f"An Ed25519 key has 32 octets, and `p=` contains {len(octets)}: it is {size}, so every "
        "signature made with it fails."
    )


def _ed25519_in_der(octets: bytes, why: str) -> UnusableKey:
    raw = octets[len(_ED25519_PREFIX) :]
    if octets.startswith(_ED25519_PREFIX) and len(raw) == 32:
        return UnusableKey(
            f"`p=` contains an Ed25519 key wrapped in DER, {why}.",
            base64.b64encode(raw).decode("ascii"),
        )
    return UnusableKey(f"`p=` contains a damaged Ed25519 key wrapped in DER, {why}.")


def _sha256(data: bytes) -> str:
    import hashlib  # only zones with keys need it

    return hashlib.sha256(data).hexdigest()

"""A bounce in octets, of whatever form: a mail, a message trace, or pasted text."""

from __future__ import annotations

from zonelint.providers.bounces import mail, text, trace
from zonelint.providers.bounces.bounce import Bounce, BounceError, decoded

LARGEST = 4 * 1024 * 1024
"""Octets; a bounce with the whole message attached is seldom larger."""

LARGEST_TRACE = 32 * 1024 * 1024
"""Octets of a message trace that lists many messages."""


def read(octets: bytes) -> Bounce:
    """Read a bounce of whatever form. Raises BounceError."""
    if octets.startswith(b"\xd0\xcf\x11\xe0"):
        raise BounceError("this is an Outlook item (.msg); save it as .eml, or paste its text")
    octets = _as_utf8(octets)
    if b"\0" in octets[:4096]:
        raise BounceError("this is not a text")
    is_mail = mail.is_mail(octets)
    traced = None if is_mail or len(octets) > LARGEST_TRACE else trace.read(decoded(octets))
    if traced is not None:
        return traced
    if len(octets) > LARGEST:
        raise BounceError(
            f"this is larger than {LARGEST // 1024 // 1024} MiB, too large to be read"
        )
    bounce = mail.read(octets) if is_mail else text.read(decoded(octets))
    if not bounce.answers:
        raise BounceError(
            "it contains no status code, such as 550 or 5.7.26; give the whole bounce, with the "
            "part for administrators"
        )
    return bounce


def _as_utf8(octets: bytes) -> bytes:
    """Text that an editor saved as UTF-16, or with a mark in front, as plain octets."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if octets.startswith(mark):
            return octets[2:].decode(codec, "replace").encode("utf-8", "replace")
    return octets.removeprefix(b"\xef\xbb\xbf")

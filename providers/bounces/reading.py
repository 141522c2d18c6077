"""A bounce of whatever form: which form it has, and who reads that."""

from __future__ import annotations

from zonelint.providers.bounces import mail, text
from zonelint.providers.bounces.bounce import LARGEST, Bounce, BounceError, decoded


def read(octets: bytes) -> Bounce:
    """Read a bounce of whatever form. Raises BounceError."""
    if len(octets) > LARGEST:
        raise BounceError(
            f"this is larger than {LARGEST // 1024 // 1024} MiB, too large to be read"
        )
    if octets.startswith(b"\xd0\xcf\x11\xe0"):
        raise BounceError("this is an Outlook item (.msg); save it as .eml, or paste its text")
    octets = _as_utf8(octets)
    if b"\0" in octets[:4096]:
        raise BounceError("this is no text")
    bounce = mail.read(octets) if mail.is_mail(octets) else None
    if bounce is None:
        bounce = text.read(decoded(octets))
    if not bounce.answers:
        raise BounceError(
            "there is no status code in it, such as 550 or 5.7.26; give the whole bounce, with the "
            "part that is meant for administrators"
        )
    return bounce


def _as_utf8(octets: bytes) -> bytes:
    """Text that an editor saved as UTF-16, or with a mark in front, as plain octets."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if octets.startswith(mark):
            return octets[2:].decode(codec, "replace").encode("utf-8", "replace")
    return octets.removeprefix(b"\xef\xbb\xbf")

"""DKIM key records: RFC 6376 section 3.6.1, RFC 8301 (hashes and sizes), RFC 8463 (Ed25519).

Features beside those of every tag list: `"revoked"`: `p=` is empty; `"folded-key"`: legal blanks
stand inside `p=`; each item of a list of several (`"t=y"` and `"t=s"` for `t=y:s`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.tags import publickey
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.publickey import KeyForm, PublicKey, UnusableKey
from zonelint.grammars.tags.taglist import TagList, read_pieces
from zonelint.grammars.tags.value import SHOWN, TEXT, ValueRule, show, version_of

__all__ = [
    "DKIM",
    "DkimKey",
    "KeyForm",
    "PublicKey",
    "is_dkim",
    "looks_like_dkim",
    "parse",
]

KEY_TYPES = ("rsa", "ed25519")
"""RFC 6376 section 3.6.1, RFC 8463 section 4."""
HASHES = ("sha1", "sha256")
"""RFC 6376 section 3.6.1; RFC 8301 section 3.1 forbids sha1."""

_BLANKS = re.compile(r"[ \t\r\n]+")
_ARMOUR = r"-----(?:BEGIN|END)[A-Z ]{0,40}-----"
_LEFT_BEHIND = re.compile(rf"(?:{_ARMOUR}|[\"'\\`])(?:\s*(?:{_ARMOUR}|[\"'\\`]))*")
_PLAIN_DATA = re.compile(r"[A-Za-z0-9+/=]+")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/= \t\r\n]+")
_KEY_START = re.compile(r"p\s{0,8}=[\s\"']{0,8}MI[A-Za-z0-9+/]{8}")


def _list_meant(known: tuple[str, ...]) -> Callable[[str], str | None]:
    def meant(value: str) -> str | None:
        if len(value) > SHOWN:
            return None
        items = [item for item in re.split(r"[\s,;:|]+", value) if item]
        nearest = [near_miss(item, known) for item in items]
        good = [near for near in nearest if near is not None]
        return ":".join(good) if good and len(good) == len(items) else None

    return meant


def _type_faults(value: str) -> tuple[Fault, ...]:
    if value.strip().lower() in KEY_TYPES:
        return ()
    near = near_miss(value.strip(), KEY_TYPES) if len(value) <= SHOWN else None
    if near is None and value.strip().lower().startswith("rsa"):
        near = "rsa"
    hint = f" (did you mean `{near}`?)" if near else ""
    message = f"No standard defines the key type {show(value)}{hint}, and verifiers skip the key."
    return (Fault(FaultKind.TAG_VALUE, 0, len(value), message, near),)


def _hash_faults(value: str) -> tuple[Fault, ...]:
    """Unknown algorithms are to be ignored (section 3.6.1): a fault only when none is left."""
    items = [item.strip(" \t\r\n").lower() for item in value.split(":")]
    if any(item in HASHES for item in items):
        return ()
    message = (
        f"The tag `h` names no hash algorithm that verifiers know ({show(value)}), so they accept "
        "no signature made with the key."
    )
    meant = "sha256" if any("256" in item for item in items) else None
    return (Fault(FaultKind.TAG_VALUE, 0, len(value), message, meant),)


def _data_faults(value: str) -> tuple[Fault, ...]:
    """What stands in `p=` and is no base64."""
    faults: list[Fault] = []
    left = list(_LEFT_BEHIND.finditer(value))
    covered = [match.span() for match in left]
    for match in left:
        what = "A line with BEGIN or END" if "-----" in match[0] else "A quote or backslash"
        faults.append(
            Fault(
                FaultKind.PASTED, match.start(), match.end(),
                f"{what} was left inside the key, so every signature made with it fails.", "",
            )
        )  # fmt: skip
    spans = iter(covered)
    span = next(spans, None)
    for match in _FOREIGN.finditer(value):
        while span is not None and span[1] <= match.start():
            span = next(spans, None)
        if span is not None and span[0] < match.end():
            continue
        plain = match[0].translate(_FROM_URL_SAFE)
        faults.append(
            Fault(
                FaultKind.KEY, match.start(), match.end(),
                f'"{show(match[0])}" is not allowed in base64, so every signature made with '
                "the key fails.",
                plain if not _FOREIGN.search(plain) else None,
            )
        )  # fmt: skip
    return tuple(sorted(faults, key=lambda fault: fault.start))


_FROM_URL_SAFE = str.maketrans("-_", "+/")


def _extra(name: str, value: str) -> tuple[str, ...]:
    if name == "p":
        if not value:
            return ("revoked",)
        if _PLAIN_DATA.fullmatch(value) is not None:
            return ()
        inside = _LEFT_BEHIND.sub("", value).strip(" \t\r\n")
        return ("folded-key",) if _BLANKS.search(inside) else ()
    if name in ("h", "s", "t") and ":" in value and len(value) <= SHOWN:
        return tuple(f"{name}={item.strip().lower()}" for item in value.split(":"))
    return ()


def _words(
    takes: str,
    known: tuple[str, ...],
    check: Callable[[str], tuple[Fault, ...]] = lambda value: (),
) -> ValueRule:
    return ValueRule(FaultKind.TAG_VALUE, takes, _list_meant(known), check, words=True)


DKIM = Language(
    "DKIM key",
    "dkim",
    "DKIM1",
    {
        "v": version_of("DKIM1"),
        "k": _words("rsa or ed25519", KEY_TYPES, _type_faults),
        "h": _words("hash algorithms such as sha256, separated by colons", HASHES, _hash_faults),
        "s": _words("email or *, separated by colons", ("email", "*")),
        "t": _words("y and s, separated by colons", ("y", "s")),
        "n": TEXT,
        "p": ValueRule(
            FaultKind.KEY, "a public key in base64", diagnose=_data_faults, any_text=True
        ),
    },
    required=("p",),
    version_optional=True,
    blank_first=True,
    folds=True,
    duplicates="verifiers discard the whole record",
    extra=_extra,
)


class DkimKey(TagList):
    """A DKIM key record. Defaults of absent tags are filled in (RFC 6376 section 3.6.1)."""

    __slots__ = ("_key",)
    language = DKIM

    _key: PublicKey | Fault | None

    @property
    def k(self) -> str:
        """The key type, lower case, also one that nobody knows; `"rsa"` without the tag."""
        declared = next((raw for raw, _ in self.raw_values("k")), "")
        return declared.strip(" \t\r\n\"'").lower() or "rsa"

    @property
    def h(self) -> tuple[str, ...]:
        """The hash algorithms that the key may be used with, lower case; () for any."""
        return self._list("h")

    @property
    def s(self) -> tuple[str, ...]:
        """The services that the key is for, lower case; `("*",)` without the tag."""
        return self._list("s") or ("*",)

    @property
    def t(self) -> tuple[str, ...]:
        """The flags, lower case: `y` testing, `s` no subdomains."""
        return self._list("t")

    @property
    def p(self) -> str | None:
        """The key data without blanks and without what a copy left in it; None without the tag.

        `""` is a revoked key.
        """
        for piece in self.pieces:
            for entry in piece.fields:
                if entry.name == "p":
                    if entry.sound:
                        return entry.value
                    return _BLANKS.sub("", _LEFT_BEHIND.sub("", entry.value))
        return None

    @property
    def revoked(self) -> bool:
        """`p=` is there and empty: the key is withdrawn."""
        return self.p == ""

    @property
    def signs_mail(self) -> bool:
        """Whether the key is there, and for mail: verifiers ignore one for TLS reports alone.

        RFC 6376 section 3.6.1, RFC 8460 section 3; a service that nobody knows may mean mail.
        """
        services = set(self.s)
        is_for_reports = "tlsrpt" in services and services.isdisjoint(("email", "*"))
        return not self.revoked and not is_for_reports

    @property
    def key(self) -> PublicKey | Fault | None:
        """The key itself, or a fault of kind KEY that says why it is none.

        None without `p=` and for a revoked key. What `faults` has of kind PASTED is read over.
        """
        try:
            return self._key
        except AttributeError:
            found = self._decoded()
            object.__setattr__(self, "_key", found)
            return found

    def _decoded(self) -> PublicKey | Fault | None:
        data = self.p
        if not data:
            return None
        found: PublicKey | UnusableKey
        if self.k in KEY_TYPES:
            found = publickey.decode(self.k, data)
        else:
            found = UnusableKey(
                f"No verifier can use the key: its type {show(self.k)} is not known."
            )
        if isinstance(found, PublicKey) and self.value("p") is not None:
            return found
        tag = self.tag("p")
        assert tag is not None
        if not tag.sound and any(fault.kind is FaultKind.KEY for fault in tag.faults):
            return next(fault for fault in tag.faults if fault.kind is FaultKind.KEY)
        if isinstance(found, PublicKey):
            return found
        start, end = tag.value_start, tag.value_end
        return Fault(FaultKind.KEY, start, end, found.message, found.suggestion)

    def _list(self, name: str) -> tuple[str, ...]:
        value = self.value(name)
        return () if value is None else tuple(value.lower().split(":"))


def parse(text: str) -> DkimKey:
    """Read a DKIM key record from the decoded text of a TXT record. Never raises."""
    return DkimKey.read(text)


_VERSION_MEANT = re.compile(r"[\W_]{0,8}v\s{0,8}[=:]?\s{0,8}[\"']?dkim\s?\d?(?![\w.-])", re.I)
_OTHER_VERSION = re.compile(r"[\s\"']*v\s*=\s*(?:spf|dmarc|sts|tlsrpt|bimi)", re.IGNORECASE)
_ED25519_DATA = re.compile(r"(?:\A|[;\s])p\s{0,8}=\s{0,8}[A-Za-z0-9+/]{43}=?\s*(?:;|\Z)")
_TYPE = re.compile(r"(?:\A|[;\s])k\s{0,8}=\s{0,8}(?:rsa|ed25519)", re.IGNORECASE)
_LOOKED_AT = 8192


def is_dkim(text: str) -> bool:
    """Tell whether verifiers take the text for a key record: `v` right or absent, `p` there."""
    record = parse(text)
    if not record.has("p"):
        return False
    if record.has("v"):
        return FaultKind.VERSION not in {fault.kind for fault in record.faults}
    return True


def looks_like_dkim(text: str) -> bool:
    """Tell whether somebody meant the text to be a key record, wherever it stands.

    True for a version, and for key data without one. Signing policies of DomainKeys and ADSP
    (`o=~`, `t=y; o=-`, `dkim=all`) are no keys, not even under the version of one.
    """
    head = text[:_LOOKED_AT]
    if not head.isascii():
        head = DkimKey.read(head).cleaned()
    if _OTHER_VERSION.match(head) is not None:
        return False
    if _VERSION_MEANT.match(head) is not None:
        names = {entry.name for piece in read_pieces(DKIM, head) for entry in piece.fields}
        return "p" in names or "o" not in names
    if _KEY_START.search(head) is not None:
        return True
    return _TYPE.search(head) is not None and _ED25519_DATA.search(head) is not None

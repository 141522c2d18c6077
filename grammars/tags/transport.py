"""Records about how mail travels and is shown: MTA-STS, TLS reports, BIMI.

RFC 8461 section 3.1, RFC 8460 section 3, draft-brand-indicators-for-message-identification.
Features are those of every tag list.
"""

from __future__ import annotations

import re

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags import reporturi
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.reporturi import ReportUri
from zonelint.grammars.tags.taglist import TagList
from zonelint.grammars.tags.value import ValueRule, show, version_of

__all__ = [
    "BIMI",
    "STS",
    "TLSRPT",
    "BimiRecord",
    "StsRecord",
    "TlsRptRecord",
    "is_bimi",
    "is_sts",
    "is_tlsrpt",
]

_TLS_SCHEMES = ("mailto", "https")


def _id_meant(value: str) -> str | None:
    bare = re.sub(r"[^A-Za-z0-9]", "", value)
    return bare if 1 <= len(bare) <= 32 else None


STS = Language(
    "MTA-STS record",
    "sts",
    "STSv1",
    {
        "v": version_of("STSv1"),
        "id": ValueRule(FaultKind.TAG_VALUE, "1 to 32 letters and digits", meant=_id_meant),
    },
    required=("id",),
    tight=True,
    duplicates="senders discard the whole record",
)


def _tls_faults(raw: str) -> tuple[Fault, ...]:
    """As of DMARC's addresses; a `!` is not in them at all (RFC 8460 section 3: tlsrpt-uri)."""
    found: list[Fault] = []
    for uri in reporturi.read(raw, _TLS_SCHEMES):
        found += uri.faults
        if uri.size_suffix and not uri.faults:
            at = raw.index("!", uri.start)
            message = "An address for TLS reports contains `!`, but TLS reports have no size limit."
            end = at + 1 + len(uri.size_suffix)
            found.append(Fault(FaultKind.REPORT_URI, at, end, message, ""))
    return tuple(found)


TLSRPT = Language(
    "TLS reporting record",
    "tlsrpt",
    "TLSRPTv1",
    {
        "v": version_of("TLSRPTv1"),
        "rua": ValueRule(
            FaultKind.REPORT_URI,
            "addresses such as mailto:name@example.com, separated by commas",
            check=_tls_faults,
            diagnose=_tls_faults,
        ),
    },
    required=("rua",),
    tight=True,
    repeatable=("rua",),
    duplicates="senders discard the whole record",
)


def _place_faults(raw: str) -> tuple[Fault, ...]:
    """One https URI or nothing."""
    if not raw or _PLACE.fullmatch(raw):
        return ()
    end = len(raw)
    shown = show(raw)
    if re.match(r"http:", raw, re.IGNORECASE):
        message = f"{shown} is not https, and mail programs fetch nothing over http."
        better = f"https:{raw[5:]}"
        suggestion = better if _PLACE.fullmatch(better) else None
    elif "," in raw:
        message = "A BIMI tag has one address; a comma in an address is written %2C."
        suggestion = None
    else:
        message = f"{shown} is not an https address."
        better = f"https://{raw}"
        suggestion = better if "://" not in raw and _PLACE.fullmatch(better) else None
    return (Fault(FaultKind.REPORT_URI, 0, end, message, suggestion),)


_PLACE = re.compile(
    r"https://[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?"
    r"(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?)+"
    r"(?::[0-9]+)?(?:[/?#](?:[A-Za-z0-9\-._~:/?#\[\]@$&'()*+=]|%[0-9A-Fa-f]{2})*)?",
    re.IGNORECASE,
)
_PLACES = ValueRule(
    FaultKind.REPORT_URI,
    "one https address",
    check=_place_faults,
    diagnose=_place_faults,
)

BIMI = Language(
    "BIMI record",
    "bimi",
    "BIMI1",
    {"v": version_of("BIMI1"), "l": _PLACES, "a": _PLACES},
    required=("l",),
    folds=True,
    duplicates="receivers may discard the whole record",
)


class StsRecord(TagList):
    """The record at `_mta-sts` (RFC 8461 section 3.1)."""

    __slots__ = ()
    language = STS

    @property
    def id(self) -> str | None:
        """The policy's identifier; None when it is absent or not 1 to 32 letters and digits."""
        return self.value("id")


class TlsRptRecord(TagList):
    """The record at `_smtp._tls` (RFC 8460 section 3)."""

    __slots__ = ()
    language = TLSRPT

    @property
    def rua(self) -> tuple[ReportUri, ...]:
        """Where reports go, of every `rua`; faulty addresses too, with their faults."""
        found: list[ReportUri] = []
        for raw, offset in self.raw_values("rua"):
            found += [self.placed_uri(uri, offset) for uri in reporturi.read(raw, _TLS_SCHEMES)]
        return tuple(found)


class BimiRecord(TagList):
    """A record below `_bimi`."""

    __slots__ = ()
    language = BIMI

    @property
    def location(self) -> str | None:
        """Where the picture is (`l`); `""` where the domain declines; None when unreadable."""
        return self.value("l")

    @property
    def authority(self) -> str | None:
        """Where the evidence is (`a`); `""` for none; None when absent or unreadable."""
        return self.value("a")

    @property
    def declines(self) -> bool:
        """The domain says that it has no picture: `l` is empty, `a` empty or absent."""
        return self.location == "" and not self.authority


_IS_BIMI = re.compile(r"v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|\Z)")


def is_sts(text: str) -> bool:
    """Tell whether senders keep the record: it begins `v=STSv1;` (RFC 8461 section 3.1)."""
    return text.startswith("v=STSv1;")


def is_tlsrpt(text: str) -> bool:
    """Tell whether senders keep the record: it begins `v=TLSRPTv1;` (RFC 8460 section 3)."""
    return text.startswith("v=TLSRPTv1;")


def is_bimi(text: str) -> bool:
    """Tell whether receivers take the text for a BIMI record: `v=BIMI1` stands first."""
    return _IS_BIMI.match(text) is not None

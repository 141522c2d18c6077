"""DMARC policy records: RFC 9989 section 4.7 and 4.8, with what RFC 7489 had and it removed.

Features beside those of every tag list: `"uri-size"`: an address has the obsolete size limit;
`"no-mailto"`: a tag for addresses has none to send mail to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import NamedTuple

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags import reporturi
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.reporturi import ReportUri
from zonelint.grammars.tags.taglist import TagList
from zonelint.grammars.tags.value import TEXT, ValueRule, choice, version_of

__all__ = [
    "DMARC",
    "Alignment",
    "DmarcRecord",
    "Effective",
    "Policy",
    "Reading",
    "ReportUri",
    "is_dmarc",
    "looks_like_dmarc",
    "parse",
]


class Policy(StrEnum):
    """What a domain asks receivers to do with mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """0 none, 1 quarantine, 2 reject."""
        return _RANKED.index(self)

    @property
    def one_lower(self) -> Policy:
        """One level below; none stays none (RFC 9989 section 4.7, the `t` tag)."""
        return _RANKED[max(0, self.rank - 1)]


def rank(policy: Policy | None) -> int:
    """-1 for no DMARC at all, 0 for none, 1 for quarantine, 2 for reject."""
    return -1 if policy is None else policy.rank


_RANKED = (Policy.NONE, Policy.QUARANTINE, Policy.REJECT)


class Alignment(StrEnum):
    """How exactly a domain has to match (RFC 9989 section 4.4)."""

    RELAXED = "r"
    STRICT = "s"


class Reading(Enum):
    """Which standard a receiver follows."""

    RFC7489 = "RFC 7489"
    RFC9989 = "RFC 9989"


class Effective(NamedTuple):
    """What a record means to receivers where it stands at an organisational domain.

    Each policy is None where receivers apply no DMARC at all.
    domain: for the domain itself.
    subdomains: for those that exist.
    nonexistent: for others.
    percent: of failing mail that the policies are applied to; 100 in RFC 9989.
    """

    domain: Policy | None
    subdomains: Policy | None
    nonexistent: Policy | None
    percent: int = 100


_POLICY_WORDS = {
    "quarentine": "quarantine",
    "quarantined": "quarantine",
    "rejected": "reject",
}


def _options_faults(raw: str) -> tuple[Fault, ...]:
    """RFC 9989 section 4.7: 0 and 1 exclude each other; section 4.8: each letter at most once."""
    options = [option.strip(" \t\r\n").lower() for option in raw.split(":")]
    once = list(dict.fromkeys(options))
    if "0" in once and "1" in once:
        # 1 asks for a superset of the reports that 0 asks for.
        better = ":".join(option for option in once if option != "0")
        message = "The tag `fo` has both 0 and 1, which exclude each other."
        return (Fault(FaultKind.TAG_VALUE, 0, len(raw), message, better),)
    if len(once) < len(options):
        message = "The tag `fo` names an option twice."
        return (Fault(FaultKind.TAG_VALUE, 0, len(raw), message, ":".join(once)),)
    return ()


def _options_meant(value: str) -> str | None:
    options = list(dict.fromkeys(re.findall(r"[01ds]", value.lower())))
    if re.fullmatch(r"[01ds\s,;:|/]+", value, re.IGNORECASE) is None or not options:
        return None
    if "0" in options and "1" in options:
        options.remove("0")
    return ":".join(options)


def _percent_meant(value: str) -> str | None:
    number = re.fullmatch(r"\s*0*([0-9]{1,3})\s*%?", value)
    return number[1] if number is not None and int(number[1]) <= 100 else None


_POLICIES = choice(
    "REQUEST", "none, quarantine or reject", FaultKind.POLICY_VALUE, also=_POLICY_WORDS
)
_ALIGNMENTS = choice(
    "RORS",
    "r (relaxed) or s (strict)",
    also={"relaxed": "r", "strict": "s", "relax": "r"},
)
_YES_NO = choice("YORN", "y or n", also={"yes": "y", "no": "n", "true": "y"})
_PSD = choice("YNU", "y, n or u", also={"yes": "y", "no": "n"})
_OPTIONS = ValueRule(
    FaultKind.TAG_VALUE,
    "0 or 1, d and s, separated by colons",
    meant=_options_meant,
    check=_options_faults,
    words=True,
)
_PERCENT = ValueRule(
    FaultKind.TAG_VALUE, "a number from 0 to 100", meant=_percent_meant, words=True
)
_URIS = ValueRule(
    FaultKind.REPORT_URI,
    "addresses such as mailto:name@example.com, separated by commas",
    check=reporturi.faults,
    diagnose=reporturi.faults,
)


def _extra(name: str, value: str) -> tuple[str, ...]:
    if name not in ("rua", "ruf"):
        return ()
    found = ("uri-size",) if "!" in value else ()
    return found if "mailto:" in value.lower() else (*found, "no-mailto")


DMARC = Language(
    "DMARC record",
    "dmarc",
    "DMARC1",
    {
        "v": version_of("DMARC1"),
        "p": _POLICIES,
        "sp": _POLICIES,
        "np": _POLICIES,
        "adkim": _ALIGNMENTS,
        "aspf": _ALIGNMENTS,
        "fo": _OPTIONS,
        "rua": _URIS,
        "ruf": _URIS,
        "t": _YES_NO,
        "psd": _PSD,
        "pct": _PERCENT,
        "rf": TEXT,
        "ri": TEXT,
    },
    folds_names=True,
    reports_unknown=True,
    duplicates="receivers may discard the whole record",
    extra=_extra,
)


class DmarcRecord(TagList):
    """A DMARC policy record. Accessors give what a receiver reads; None for absent or unreadable.

    Defaults are not filled in: `record.adkim or Alignment.RELAXED`.
    """

    __slots__ = ("_effective", "_reports")
    language = DMARC

    _reports: Mapping[str, tuple[ReportUri, ...]]
    _effective: Mapping[Reading, Effective]

    @property
    def p(self) -> Policy | None:
        return self._policy("p")

    @property
    def sp(self) -> Policy | None:
        return self._policy("sp")

    @property
    def np(self) -> Policy | None:
        return self._policy("np")

    @property
    def adkim(self) -> Alignment | None:
        return self._alignment("adkim")

    @property
    def aspf(self) -> Alignment | None:
        return self._alignment("aspf")

    @property
    def fo(self) -> tuple[str, ...]:
        """The failure reporting options, lower case; () without the tag."""
        value = self.value("fo")
        return () if value is None else tuple(value.lower().split(":"))

    @property
    def t(self) -> str | None:
        """`"y"` while the domain tests its policy, else `"n"`."""
        return self._letter("t")

    @property
    def psd(self) -> str | None:
        """`"y"`, `"n"` or `"u"`."""
        return self._letter("psd")

    @property
    def pct(self) -> int | None:
        """The percentage of RFC 7489, 0 to 100; RFC 9989 removed it."""
        value = self.value("pct")
        return None if value is None else int(value)

    @property
    def rua(self) -> tuple[ReportUri, ...]:
        """Where aggregate reports go; faulty addresses too, with their faults."""
        return self._addresses("rua")

    @property
    def ruf(self) -> tuple[ReportUri, ...]:
        """Where failure reports go; faulty addresses too, with their faults."""
        return self._addresses("ruf")

    @property
    def has_usable_rua(self) -> bool:
        """Whether receivers find an address for aggregate reports that has no fault."""
        entries = (entry for piece in self.pieces for entry in piece.fields if entry.name == "rua")
        first = next(entries, None)
        # Behind a missing semicolon the tag is a part of another one's value.
        return first is not None and not first.joined and any(not u.faults for u in self.rua)

    def effective(self, reading: Reading = Reading.RFC9989) -> Effective:
        """What the record asks for, at an organisational domain, of a receiver of that standard.

        RFC 9989 section 4.10.1 and RFC 7489 section 6.6.3: a missing or bad `p`, or a bad `sp` or
        `np`, makes it `p=none` if there is a usable `rua`, and no DMARC at all otherwise.
        RFC 9989 section 4.7: `t=y` lowers each policy by one level.
        """
        try:
            return self._effective[reading]
        except AttributeError:
            found = {each: self._read_effective(each) for each in Reading}
            object.__setattr__(self, "_effective", found)
            return found[reading]

    def _read_effective(self, reading: Reading) -> Effective:
        if not is_dmarc(self.text):
            return Effective(None, None, None)
        new = reading is Reading.RFC9989
        names = ("sp", "np") if new else ("sp",)
        if self.p is None or any(self.has(name) and self._policy(name) is None for name in names):
            fallback = Policy.NONE if self.has_usable_rua else None
            return Effective(fallback, fallback, fallback)
        domain = self.p
        subdomains = self.sp or domain
        nonexistent = (self.np or subdomains) if new else subdomains
        if not new:
            pct = self.pct
            return Effective(domain, subdomains, nonexistent, 100 if pct is None else pct)
        if self.t == "y":
            return Effective(domain.one_lower, subdomains.one_lower, nonexistent.one_lower)
        return Effective(domain, subdomains, nonexistent)

    def _policy(self, name: str) -> Policy | None:
        value = self.value(name)
        return None if value is None else Policy(value.lower())

    def _alignment(self, name: str) -> Alignment | None:
        value = self.value(name)
        return None if value is None else Alignment(value.lower())

    def _letter(self, name: str) -> str | None:
        value = self.value(name)
        return None if value is None else value.lower()

    def _addresses(self, name: str) -> tuple[ReportUri, ...]:
        try:
            return self._reports[name]
        except AttributeError:
            found = {name: self._read_addresses(name) for name in ("rua", "ruf")}
            object.__setattr__(self, "_reports", found)
            return found[name]

    def _read_addresses(self, name: str) -> tuple[ReportUri, ...]:
        first = next(self.raw_values(name), None)
        if first is None:
            return ()
        raw, offset = first
        return tuple(self.placed_uri(uri, offset) for uri in reporturi.read(raw))


def parse(text: str) -> DmarcRecord:
    """Read a DMARC record from the decoded text of a TXT record. Never raises."""
    return DmarcRecord.read(text)


_IS = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_OTHER = re.compile(
    r"[\s\"']*v\s*=\s*(?:spf|dkim|sts|tlsrpt|bimi)|\w[\w.-]*-verif\w*\s*[=:]", re.IGNORECASE
)
_VERSION_MEANT = re.compile(
    r"(?:\A|[;,\s\"'\\])[a-z]{0,2}v\s{0,8}[=:]?\s{0,8}[\"']?d-?marc\s?v?\d?(?![\w.@-])",
    re.IGNORECASE,
)
_BARE_VERSION = re.compile(r"[\W_]{0,8}[a-z]?\W{0,4}dmarc\s?\d?\s*[;,\s]", re.IGNORECASE)
_POLICY_MEANT = re.compile(
    r"(?:\A|[;,\s\"'\\])s?p\s{0,8}[=:]\s{0,8}[\"']?(?:none|quar\w*|rej\w*)\b", re.IGNORECASE
)
_POLICY_FIRST = re.compile(
    r"[\W_]{0,8}p\s{0,8}=\s{0,8}(?:none|quarantine|reject)\s*(?:[;,]|\Z)", re.IGNORECASE
)
_LOOKED_AT = 2048


def is_dmarc(text: str) -> bool:
    """Tell whether receivers take the text for a DMARC record (RFC 9989 sections 4.8 and 4.10).

    The version stands first, `DMARC1` in capitals, with a semicolon or the end behind it. `v` may
    be a capital: a literal of ABNF is in any case (RFC 5234 section 2.3); `DMARC1` is not one.
    """
    return _IS.match(text) is not None


def is_torn(strings: Sequence[str]) -> bool:
    """Tell whether `v=DMARC1` is a character-string of its own that the next tag joins."""
    return len(strings) > 1 and strings[0].strip().lower() == "v=dmarc1"


def looks_like_dmarc(text: str) -> bool:
    """Tell whether somebody meant the text to be a DMARC record; True for real ones as well."""
    if is_dmarc(text):
        return True
    head = text[:_LOOKED_AT]
    if not head.isascii():
        head = DmarcRecord.read(head).cleaned()
    if _OTHER.match(head) is not None:
        return False
    if _VERSION_MEANT.search(head) is not None or _POLICY_FIRST.match(head) is not None:
        return True
    return _BARE_VERSION.match(head) is not None and _POLICY_MEANT.search(head) is not None

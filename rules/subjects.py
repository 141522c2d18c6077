"""What rules look at: one parsed AST per TXT record, made once, and the zone around them.

A subject knows where its terms stand (``at``) and how its record is rewritten (``rewrite``), so
that a rule's body can read as the sentence that it checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Protocol

from zonelint.grammars import dkim, dmarc, spf, transport
from zonelint.grammars.rdata import LONGEST_STRING, txt_rdata
from zonelint.grammars.zone import Record, RRset, Span, Text, Zone, labels, octets, spoken
from zonelint.rules import change as changes
from zonelint.rules.change import Change
from zonelint.rules.finding import Found, Severity, Unknown

if TYPE_CHECKING:
    from zonelint.rules.context import Context

_NONE: frozenset[str] = frozenset()


class Placed(Protocol):
    """Anything that stands somewhere in a record's decoded text: a term, a tag, a fault."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class TxtSubject:
    """One TXT record: ``record`` in the zone, its decoded ``text``, the ``zone`` around it."""

    __slots__ = ("record", "text", "zone")

    example_owner: ClassVar[str] = "@"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        self.record = record
        self.text = text
        self.zone = zone

    @classmethod
    def example_zone(cls, text: str) -> str:
        """The zone that a rule's example of one record's text stands for."""
        return f"{cls.example_owner} TXT {txt_rdata(text)}\n"

    @property
    def features(self) -> frozenset[str]:
        """Words that say what is in the record; rules name those that they are about."""
        return _NONE

    @property
    def owner(self) -> str:
        return self.record.owner

    @property
    def spoken(self) -> str:
        """The owner as a sentence says it: without its final dot."""
        return spoken(self.record.owner)

    @property
    def value(self) -> str:
        return self.text.value

    @property
    def context(self) -> Context:
        return self.zone.context

    def at(
        self,
        place: Placed | tuple[int, int],
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
    ) -> Found:
        """A fault at a term, a tag or a range of the decoded text."""
        start, end = place if isinstance(place, tuple) else (place.start, place.end)
        span = self.text.span(start, end)
        return self._found(span, message, advice, change, severity, detail)

    def whole(
        self,
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
    ) -> Found:
        """A fault of the whole record: the place is its rdata."""
        return self._found(self.record.rdata_span, message, advice, change, severity, detail)

    def _found(
        self,
        span: Span,
        message: str,
        advice: str,
        change: Change | None,
        severity: Severity | None,
        detail: tuple[str, ...],
    ) -> Found:
        record = self.record
        return Found(record.owner, record.type, span, message, advice, change, severity, detail)

    def unknown(self, *missing: str) -> Unknown:
        return Unknown(self.record.owner, missing)

    def rewrite(self, text: str, reason: str, *, safe: bool = False) -> Change | None:
        """The record with another text; None where that would change nothing."""
        if text == self.text.value and all(octets(s) <= LONGEST_STRING for s in self.text.strings):
            return None
        return changes.replace(self.record, txt_rdata(text), reason, safe=safe)

    def remove(self, reason: str, *, safe: bool = False) -> Change:
        return changes.remove([self.record], reason, safe=safe)


class Txt(TxtSubject):
    """A TXT record that is none of the kinds below, yet looks as if it was meant to be one.

    Its features are ``"spf"``, ``"dmarc"``: what it looks like; ``"sender-id"``; ``"other"`` else.
    """

    __slots__ = ("_features",)

    def __init__(
        self, record: Record, text: Text, zone: MailZone, features: frozenset[str]
    ) -> None:
        super().__init__(record, text, zone)
        self._features = features

    @property
    def features(self) -> frozenset[str]:
        return self._features


class Spf(TxtSubject):
    """A record that receivers select as SPF (RFC 7208 §4.5)."""

    __slots__ = ("ast",)

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = spf.parse(text.value)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class Dmarc(TxtSubject):
    """A DMARC policy record (RFC 9989 §4.7), wherever it stands.

    ``domain`` is the name that the record speaks for, None where it stands at no ``_dmarc``.
    """

    __slots__ = ("ast", "domain")

    example_owner: ClassVar[str] = "_dmarc"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = dmarc.parse(text.value)
        owner = record.owner
        self.domain = owner[len("_dmarc.") :] if owner.startswith("_dmarc.") else None

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class ReportAuthorisation(TxtSubject):
    """A record below ``_report._dmarc``: leave to send reports about another domain (RFC 9990)."""

    __slots__ = ("ast",)

    example_owner: ClassVar[str] = "example.net._report._dmarc"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = dmarc.parse(text.value)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class Dkim(TxtSubject):
    """A TXT record at ``<selector>._domainkey.<domain>``, or a key that stands elsewhere.

    ``selector`` and ``domain`` are None where the owner is not of that form.
    """

    __slots__ = ("ast", "domain", "selector")

    example_owner: ClassVar[str] = "s1._domainkey"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = dkim.parse(text.value)
        self.selector, self.domain = selector_of(record.owner)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class Sts(TxtSubject):
    """The TXT record at ``_mta-sts`` (RFC 8461 §3.1)."""

    __slots__ = ("ast",)

    example_owner: ClassVar[str] = "_mta-sts"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = transport.parse_sts(text.value)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class TlsRpt(TxtSubject):
    """The TXT record at ``_smtp._tls`` (RFC 8460 §3)."""

    __slots__ = ("ast",)

    example_owner: ClassVar[str] = "_smtp._tls"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = transport.parse_tlsrpt(text.value)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


class Bimi(TxtSubject):
    """A TXT record at ``<selector>._bimi``."""

    __slots__ = ("ast",)

    example_owner: ClassVar[str] = "default._bimi"

    def __init__(self, record: Record, text: Text, zone: MailZone) -> None:
        super().__init__(record, text, zone)
        self.ast = transport.parse_bimi(text.value)

    @property
    def features(self) -> frozenset[str]:
        return self.ast.features


def selector_of(owner: str) -> tuple[str | None, str | None]:
    """The selector and the domain of ``<selector>._domainkey.<domain>``, (None, None) else.

    ``_domainkey`` itself and the names of old policy records (``_adsp._domainkey``, RFC 5617)
    are no selectors.
    """
    selector, found, domain = owner.partition("._domainkey.")
    if not found or selector == "_adsp" or selector.endswith("._adsp") or not selector:
        return None, None
    return selector, domain


class MailZone:
    """A zone with its subjects: the view that zone rules are called with.

    The dictionaries are keyed by the record's owner, in the zone's order.
    """

    __slots__ = (
        "authorisations", "bimi", "context", "dmarc", "keys", "others", "spf", "sts", "tls_reports",
        "zone",
    )  # fmt: skip

    def __init__(self, zone: Zone, context: Context) -> None:
        self.zone = zone
        self.context = context
        self.spf: dict[str, list[Spf]] = {}
        self.dmarc: dict[str, list[Dmarc]] = {}
        self.keys: dict[str, list[Dkim]] = {}
        self.sts: dict[str, list[Sts]] = {}
        self.tls_reports: dict[str, list[TlsRpt]] = {}
        self.bimi: dict[str, list[Bimi]] = {}
        self.authorisations: dict[str, list[ReportAuthorisation]] = {}
        self.others: list[Txt] = []
        for rrset in zone.of_type("TXT"):
            for record in rrset.records:
                self._classify(record)

    @classmethod
    def example_zone(cls, text: str) -> str:
        """An example of a zone rule is a zone already."""
        return text

    @property
    def features(self) -> frozenset[str]:
        return _NONE

    @property
    def origin(self) -> str:
        return self.zone.origin

    @property
    def owner(self) -> str:
        return self.zone.origin

    @property
    def previous(self) -> MailZone | None:
        """The same zone before the change; None where no change is judged or the zone is new."""
        before = self.context.previous
        return None if before is None else before.zone_at(self.origin)

    def _classify(self, record: Record) -> None:
        owner = record.owner
        text = record.text
        value = text.value
        # Most TXT records of most zones are decided by their first letters alone.
        if "._domainkey." in owner and selector_of(owner)[0] is not None:
            # Whatever stands at a selector is read as its key, and as nothing else.
            self.keys.setdefault(owner, []).append(Dkim(record, text, self))
        elif value[:6].lower() == "v=spf1" and spf.is_spf(value):
            self.spf.setdefault(owner, []).append(Spf(record, text, self))
        elif "._report._dmarc." in owner:
            found = ReportAuthorisation(record, text, self)
            self.authorisations.setdefault(owner, []).append(found)
        elif value[:1] in "vV" and dmarc.is_dmarc(value):
            self.dmarc.setdefault(owner, []).append(Dmarc(record, text, self))
        elif owner.startswith("_mta-sts."):
            self.sts.setdefault(owner, []).append(Sts(record, text, self))
        elif owner.startswith("_smtp._tls."):
            self.tls_reports.setdefault(owner, []).append(TlsRpt(record, text, self))
        elif "._bimi." in owner:
            self.bimi.setdefault(owner, []).append(Bimi(record, text, self))
        else:
            self._classify_other(record, text)

    def _classify_other(self, record: Record, text: Text) -> None:
        """What no receiver reads as what it was meant to be; most are not about mail at all."""
        value = text.value
        features = []
        if spf.looks_like_spf(value):
            features.append("spf")
        if value[:6].lower() == "spf2.0":
            features.append("sender-id")
        if dmarc.looks_like_dmarc(value):
            features.append("dmarc")
        if record.owner.startswith("_dmarc."):
            features.append("at-dmarc")
        if features:
            self.others.append(Txt(record, text, self, frozenset(features)))
        elif dkim.looks_like_dkim(value):
            self.keys.setdefault(record.owner, []).append(Dkim(record, text, self))

    def subjects(self) -> Iterator[TxtSubject]:
        """Every TXT subject of the zone."""
        for table in (
            self.spf,
            self.dmarc,
            self.keys,
            self.sts,
            self.tls_reports,
            self.bimi,
            self.authorisations,
        ):
            for found in table.values():  # type: ignore[attr-defined]
                yield from found
        yield from self.others

    # -- words that zone rules are written in ------------------------------------------------

    def mx(self, domain: str) -> RRset | None:
        """The MX RRset of a domain."""
        return self.zone.get(domain, "MX")

    def has_null_mx(self, domain: str) -> bool:
        """Whether the domain says that it takes no mail (RFC 7505): an exchange of ``.``."""
        mx = self.zone.get(domain, "MX")
        return mx is not None and any(record.target == "." for record in mx)

    def receives(self, domain: str) -> bool:
        """Whether the domain has a mail exchange of its own."""
        mx = self.zone.get(domain, "MX")
        return mx is not None and any(record.target != "." for record in mx)

    def sends(self, domain: str) -> bool:
        """Whether the domain's SPF lets anyone send as it: any term but a bare ``-all``."""
        return any(
            term.name != "all"
            for found in self.spf.get(domain, ())
            for term in found.ast.mechanisms
        ) or any(found.ast.redirect is not None for found in self.spf.get(domain, ()))

    def at(
        self,
        record: Record,
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        span: Span | None = None,
        detail: tuple[str, ...] = (),
    ) -> Found:
        """A fault at a record of the zone: its rdata, unless another span of it is given."""
        place = record.rdata_span if span is None else span
        return Found(record.owner, record.type, place, message, advice, change, severity, detail)

    def missing(
        self,
        owner: str,
        type: str,
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
    ) -> Found:
        """A record that should be there. The place is where its nearest relative stands."""
        return Found(owner, type, self.near(owner), message, advice, change, severity, detail)

    def near(self, owner: str) -> Span:
        """Where a person would look for a record that is absent.

        The owner's MX or TXT, else those of the names above it, else the SOA, else line 1.
        """
        zone = self.zone
        name = owner
        while zone.contains(name):
            for type in ("MX", "TXT", "CNAME", "A", "AAAA", "SOA", "NS"):
                rrset = zone.get(name, type)
                if rrset is not None:
                    return rrset.records[0].span
            if name == zone.origin:
                break
            name = ".".join(labels(name)[1:]) + "."
        for rrset in zone.rrsets():
            return rrset.records[0].span
        return Span(zone.path, 1, 1, 1, 1)

    def unknown(self, owner: str, *missing: str) -> Unknown:
        return Unknown(owner, missing)

"""What rules look at: one parsed AST per TXT record, made once, and the zone around them.

A subject knows where its terms stand (`at`) and how its record is rewritten (`rewrite`), so
that a rule's body can read as the sentence that it checks.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from zonelint.grammars.answered import AnsweredText
from zonelint.grammars.rdata import LONGEST_STRING, txt_rdata
from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.version import is_meant
from zonelint.grammars.tags import dmarc
from zonelint.grammars.zone import (
    Record,
    RRset,
    Span,
    Text,
    Zone,
    nearest,
    octets,
    parent,
    without_dot,
)
from zonelint.rules.core import change as changes
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Found, Root, RootScope, Severity, Unknown
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.mail.macros import target_name

if TYPE_CHECKING:
    from zonelint.grammars.tags import dkim, transport
    from zonelint.grammars.tags.taglist import TagList
    from zonelint.rules.model.context import Context

_NONE: frozenset[str] = frozenset()
_RELATIVES = ("MX", "TXT", "CNAME", "A", "AAAA", "SOA", "NS")
"""What tells where the records of a name stand, the best first."""
_POINTING = frozenset({"CNAME", "DNAME", "MX", "NS"})
_SEVERAL_STRINGS = frozenset({"several-strings"})
_LONG_STRING = frozenset({"long-string"})
_CUT_OFF = frozenset({"cut-off"})
_TAG_BEGINS = re.compile(
    r"\s*(?:v|p|sp|np|rua|ruf|adkim|aspf|fo|pct|rf|ri|t|psd|k|h|s|n|g|id|l|a)\s*=", re.IGNORECASE
)
"""The tags of all languages; a comment such as `owner=dns-team` is one."""
_SENDING = spf.MECHANISMS - {"all"}
_MOST_REDIRECTS = 10


_T = TypeVar("_T", bound="spf.SpfRecord | TagList")


def _looks_like_dkim(value: str) -> bool:
    from zonelint.grammars.tags import dkim

    return dkim.looks_like_dkim(value)


class Placed(Protocol):
    """Anything that stands somewhere in a record's decoded text: a term, a tag, a fault."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class TxtSubject:
    """One TXT record: `record` in the zone, its decoded `value`, the `zone` around it.

    features: words that say what is in the record; rules name those that they are about.
    """

    __slots__ = ("_ast", "_text", "features", "record", "value", "zone")

    example_owner: ClassVar[str] = "@"

    def __init__(
        self,
        record: Record,
        value: str,
        zone: MailZone,
        features: frozenset[str] = _NONE,
        ast: object = None,
    ) -> None:
        """Make a subject. `ast` is given where the record was read already."""
        self.record = record
        self.value = value
        self.zone = zone
        self.features = features
        # What most records are never asked for is made when it is.
        self._ast: Any = ast
        self._text: Text | None = None

    @property
    def text(self) -> Text:
        """The value, with its strings and the way back to their places."""
        if self._text is None:
            self._text = self.record.text
        return self._text

    @classmethod
    def example_zone(cls, text: str) -> str:
        """The zone that a rule's example of one record's text stands for."""
        return f"{cls.example_owner} TXT {txt_rdata(text)}\n"

    @property
    def owner(self) -> str:
        return self.record.owner

    @property
    def dotless(self) -> str:
        """The owner as a sentence says it: without its final dot."""
        return without_dot(self.record.owner)

    @property
    def context(self) -> Context:
        return self.zone.context

    @property
    def is_behind(self) -> bool:
        """Whether an alias leads to the text: it is written at another name."""
        return isinstance(self.record, AnsweredText)

    def at(
        self,
        place: Placed | tuple[int, int],
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
        root: Root | None = None,
    ) -> Found:
        """A fault at a term, a tag or a range of the decoded text."""
        start, end = place if isinstance(place, tuple) else (place.start, place.end)
        about = "" if end - start >= len(self.value) else self.value[start:end]
        span = self.text.span(start, end)
        return self._found(span, message, advice, change, severity, detail, about, root)

    def whole(
        self,
        message: str,
        advice: str = "",
        *,
        change: Change | None = None,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
        root: Root | None = None,
    ) -> Found:
        """A fault of the whole record: the place is its rdata."""
        place = self.record.rdata_span
        return self._found(place, message, advice, change, severity, detail, "", root)

    def _found(
        self,
        span: Span,
        message: str,
        advice: str,
        change: Change | None,
        severity: Severity | None,
        detail: tuple[str, ...],
        about: str,
        root: Root | None,
    ) -> Found:
        record = self.record
        if isinstance(record, AnsweredText):
            what = "the record" if self.value else "nothing"
            detail = (f"{what} is written at {without_dot(record.end)}", *detail)
            if change and any(isinstance(edit.before, AnsweredText) for edit in change.edits):
                change = None
        depends = record.doubts(span, message, advice)
        return Found(
            record.owner, record.type, span, message, advice, change, severity, detail,
            about=about, depends=depends, root=root,
        )  # fmt: skip

    def unknown(self, *missing: str) -> Unknown:
        return Unknown(self.record.owner, missing)

    def rewrite(self, text: str, reason: str, *, safe: bool = False) -> Change | None:
        """The record with another text; None where that would change nothing."""
        if self.is_behind:
            return None
        if text == self.value and all(octets(s) <= LONGEST_STRING for s in self.text.strings):
            return None
        return changes.replace(self.record, txt_rdata(text), reason, safe=safe)

    def remove(self, reason: str, *, safe: bool = False) -> Change:
        return changes.remove([self.record], reason, safe=safe)


class Parsed(TxtSubject, Generic[_T]):
    """A record in a language of its own; `ast` is made once."""

    __slots__ = ()

    # Many zones hold no key and nothing about transport: those grammars are imported on demand.
    @staticmethod
    @abstractmethod
    def read(value: str) -> _T:
        """The tree of a record's text."""

    @property
    def ast(self) -> _T:
        if self._ast is None:
            self._ast = self.read(self.value)
        found: _T = self._ast
        return found


class TagSubject(Parsed[_T]):
    """A record that is a list of tags. A feature beside those of the grammar: `"cut-off"`."""

    __slots__ = ()

    @property
    def cut_off(self) -> str | None:
        """The record as it was meant, where an unquoted semicolon made its other tags a comment.

        None where nothing is lost: there is no comment, or it does not go on as the record would.
        """
        comment = self.record.comment
        if comment is None or self.record.fields[-1].text.endswith('"'):
            return None
        tags = list(takewhile(_TAG_BEGINS.match, comment.text[1:].split(";")))
        return ";".join([self.value, *tags]).rstrip() if tags else None


class Txt(TxtSubject):
    """A TXT record that is none of the kinds below, yet looks as if it was meant to be one.

    Its features are `"spf"`, `"dmarc"`: what it looks like; `"sender-id"`; `"at-dmarc"`.
    """

    __slots__ = ()


class Spf(Parsed[spf.SpfRecord]):
    """A record that receivers select as SPF (RFC 7208 §4.5).

    Features beside those of the grammar: `"several-strings"`; `"long-string"`, one of over 255
    octets.
    """

    __slots__ = ()

    @staticmethod
    def read(value: str) -> spf.SpfRecord:
        return spf.parse(value)

    @property
    def is_alone(self) -> bool:
        """Whether it is the only SPF record that receivers find with it."""
        record = self.record
        found = record.texts if isinstance(record, AnsweredText) else len(self.zone.spf[self.owner])
        return found == 1


class Dmarc(TagSubject[dmarc.DmarcRecord]):
    """A DMARC policy record (RFC 9989 §4.7), wherever it stands."""

    __slots__ = ()

    example_owner: ClassVar[str] = "_dmarc"

    @staticmethod
    def read(value: str) -> dmarc.DmarcRecord:
        return dmarc.parse(value)

    @property
    def domain(self) -> str | None:
        """The name that the record speaks for, None where it stands at no `_dmarc`."""
        owner = self.record.owner
        return owner[len("_dmarc.") :] if owner.startswith("_dmarc.") else None


class DomainPolicy(Dmarc):
    """What receivers are answered with at `_dmarc` of a domain, wherever it is written.

    A rule about it judges the domain. It is asked about the records at `_dmarc` as well; a subject
    of this very class is what an alias there leads to.
    """

    __slots__ = ()


class PolicyText(Dmarc):
    """A DMARC record at another name than `_dmarc`, to which aliases there lead.

    What it means for their domains is told at the aliases.
    """

    __slots__ = ()


class ReportAuthorisation(Parsed[dmarc.DmarcRecord]):
    """A record below `_report._dmarc`: leave to send reports about another domain (RFC 9990)."""

    __slots__ = ()

    example_owner: ClassVar[str] = "example.net._report._dmarc"

    @staticmethod
    def read(value: str) -> dmarc.DmarcRecord:
        return dmarc.parse(value)


class Dkim(TagSubject["dkim.DkimKey"]):
    """A TXT record at `<selector>._domainkey.<domain>`, or a key that stands elsewhere."""

    __slots__ = ()

    example_owner: ClassVar[str] = "s1._domainkey"

    @staticmethod
    def read(value: str) -> dkim.DkimKey:
        from zonelint.grammars.tags import dkim

        return dkim.parse(value)

    @property
    def selector(self) -> str | None:
        """The selector; None where the owner is of another form."""
        return selector_of(self.record.owner)[0]

    @property
    def domain(self) -> str | None:
        """The domain that the key is for; None where the owner is of another form."""
        return selector_of(self.record.owner)[1]


class SelectorKey(Dkim):
    """What verifiers are answered with at a selector, wherever it is written.

    A rule about it judges what the selector's mail gets. It is asked about the keys at selectors as
    well; a subject of this very class is what an alias there leads to.
    """

    __slots__ = ()


class Sts(TagSubject["transport.StsRecord"]):
    """The TXT record at `_mta-sts` (RFC 8461 §3.1), or one that belongs there."""

    __slots__ = ()

    example_owner: ClassVar[str] = "_mta-sts"

    @staticmethod
    def read(value: str) -> transport.StsRecord:
        from zonelint.grammars.tags import transport

        return transport.StsRecord.read(value)

    @property
    def is_kept(self) -> bool:
        """Whether senders keep the record at all."""
        from zonelint.grammars.tags import transport

        return transport.is_sts(self.value)


class TlsRpt(TagSubject["transport.TlsRptRecord"]):
    """The TXT record at `_smtp._tls` (RFC 8460 §3), or one that belongs there."""

    __slots__ = ()

    example_owner: ClassVar[str] = "_smtp._tls"

    @staticmethod
    def read(value: str) -> transport.TlsRptRecord:
        from zonelint.grammars.tags import transport

        return transport.TlsRptRecord.read(value)


class Bimi(TagSubject["transport.BimiRecord"]):
    """A TXT record at `<selector>._bimi`."""

    __slots__ = ()

    example_owner: ClassVar[str] = "default._bimi"

    @staticmethod
    def read(value: str) -> transport.BimiRecord:
        from zonelint.grammars.tags import transport

        return transport.BimiRecord.read(value)


Role = Sts | TlsRpt | Bimi | Dkim


def role_of(owner: str) -> type[Sts | TlsRpt | Bimi] | None:
    """As what a TXT record is read by its owner, or by an alias there that leads to it."""
    if owner.startswith("_mta-sts."):
        return Sts
    if owner.startswith("_smtp._tls."):
        return TlsRpt
    return Bimi if "._bimi." in owner else None


_VERSIONS = ((Sts, "v=stsv1"), (TlsRpt, "v=tlsrptv1"), (Bimi, "v=bimi1"))
_MEANT: dict[type[TagSubject[Any]], tuple[str, ...]] = {
    Sts: ("sts", "id="), TlsRpt: ("tlsrpt", "rua"), Bimi: ("bimi", "l="), Dkim: ("p=", "p ="),
}  # fmt: skip
"""What is in a text that is meant for a role: other texts may stand at the end of an alias."""


def role_of_text(value: str, behind: type[Role] | None) -> type[Role] | None:
    """As what a text at another owner is read: by its version, or as what an alias leads to."""
    lowered = value.lower()
    for kind, version in _VERSIONS:
        if lowered.startswith(version):
            return kind
    return behind if behind and any(word in lowered for word in _MEANT[behind]) else None


@lru_cache(maxsize=1 << 10)
def selector_of(owner: str) -> tuple[str | None, str | None]:
    """The selector and the domain of `<selector>._domainkey.<domain>`, (None, None) else.

    `_domainkey` itself and the names of old policy records (`_adsp._domainkey`, RFC 5617)
    are no selectors, nor is what an escaped dot joins to one label with it.
    """
    selector, found, domain = owner.partition("._domainkey.")
    if not selector or not found or selector == "_adsp" or selector.endswith(("\\", "._adsp")):
        return None, None
    return selector, domain


def _names_hosts(record: Spf) -> bool:
    if "fault" not in record.features and record.features.isdisjoint(_SENDING):
        return False
    # What stands behind `all` is never looked at.
    return any(term.name != "all" for term in record.ast.mechanisms[:1])


def _is_too_long(strings: Iterable[str]) -> bool:
    """Whether one of the character-strings is longer than DNS can carry (RFC 1035 §3.3)."""
    return any(octets(string) > LONGEST_STRING for string in strings)


_S = TypeVar("_S", bound=Parsed[Any])


class MailZone:
    """A zone with its subjects: the view that zone rules are called with.

    `zone` is what is published, what a server answers with; `written` is all that stands in the
    source, for editing and for the rules about the zone itself.

    The dictionaries are keyed by the record's owner, in the zone's order. The features are the
    types of the zone's records (`"MX"`); the names of those attributes below that hold any
    subjects (`"spf"`) or records (`"overlong"`: TXT with a string of over 255 octets);
    `"several"`: an RRset of two records or more; `"faults"`: a part of the source that is no
    record; `"unknown"`: values that are not known; `"occluded"`: records that no server answers
    with; `"twin"`: another zone of the name in its view.
    """

    __slots__ = (
        "_files", "_roles", "_targets", "astray", "authorisations", "bimi", "context", "dmarc",
        "features", "identity", "is_usual", "keys", "others", "overlong", "previous", "spf", "sts",
        "tls_reports", "written", "zone",
    )  # fmt: skip

    def __init__(
        self,
        zone: Zone,
        context: Context,
        identity: ZoneId | None = None,
        previous: MailZone | None = None,
    ) -> None:
        """Make the subjects of a zone.

        `previous` is the zone before the change; None where no change is judged or it is new.
        is_usual: some got the answers of a set before that others get now.
        """
        self.is_usual = False
        self.written = zone
        self.zone = zone.published
        self.context = context
        self.identity = identity or ZoneId(zone.origin, id=zone.path)
        self.previous = previous
        self.spf: dict[str, list[Spf]] = {}
        self.dmarc: dict[str, list[Dmarc]] = {}
        self.keys: dict[str, list[Dkim]] = {}
        self.sts: dict[str, list[Sts]] = {}
        self.tls_reports: dict[str, list[TlsRpt]] = {}
        self.bimi: dict[str, list[Bimi]] = {}
        self.authorisations: dict[str, list[ReportAuthorisation]] = {}
        self.others: list[Txt] = []
        self.overlong: list[Record] = []
        self.astray: list[Role] = []
        self._files: AbstractSet[str] = frozenset()
        self._roles: dict[str, type[Role]] | None = None
        self._targets: dict[str, dict[str, list[Record]]] = {}
        self._read()
        self.features = self._features()

    def _read(self) -> None:
        """Make the subjects."""
        for rrset in self.zone.of_type("TXT"):
            for record in rrset.records:
                strings = record.strings
                value = strings[0] if len(strings) == 1 else "".join(strings)
                if (len(value) > LONGEST_STRING or not value.isascii()) and _is_too_long(strings):
                    self.overlong.append(record)
                self._classify(record, value, strings)

    def _features(self) -> frozenset[str]:
        written = self.written
        words = set(written.types())
        for name in (
            "spf", "dmarc", "keys", "sts", "tls_reports", "bimi", "authorisations", "others",
            "overlong",
        ):  # fmt: skip
            if getattr(self, name):
                words.add(name)
        if written.several:
            words.add("several")
        if written.faults:
            words.add("faults")
        if written.unread:
            words.add("unread")
        if written.unknown:
            words.add("unknown")
        if written is not self.zone:
            words.add("occluded")
        if self.context.is_twin(self.identity):
            words.add("twin")
        return frozenset(words)

    @classmethod
    def example_zone(cls, text: str) -> str:
        """An example of a zone rule is a zone already."""
        return text

    @property
    def origin(self) -> str:
        return self.zone.origin

    @property
    def owner(self) -> str:
        return self.zone.origin

    @property
    def is_public(self) -> bool:
        """Whether the internet sees the zone; one that it saw before a change counts as seen."""
        is_public = self.context.settings.is_public(self.identity.view)
        return is_public or (self.previous is not None and self.previous.is_public)

    def _classify(self, record: Record, value: str, strings: tuple[str, ...]) -> None:
        owner = record.owner
        # Most TXT records of most zones are decided by their first letters alone.
        if "._domainkey." in owner and selector_of(owner)[0] is not None:
            # Whatever stands at a selector is read as its key, and as nothing else.
            self._add(self.keys, Dkim, record, value)
        elif value[:6].lower() == "v=spf1" and spf.is_spf(value):
            self.spf.setdefault(owner, []).append(self._spf(record, value, strings))
        elif "._report._dmarc." in owner:
            self._add(self.authorisations, ReportAuthorisation, record, value)
        elif value[:1] in "vV" and dmarc.is_dmarc(value):
            if self._is_leave(owner):
                self._add(self.authorisations, ReportAuthorisation, record, value)
            else:
                self._add(self.dmarc, Dmarc, record, value)
        elif owner.startswith("_mta-sts."):
            self._add(self.sts, Sts, record, value)
        elif owner.startswith("_smtp._tls."):
            self._add(self.tls_reports, TlsRpt, record, value)
        elif "._bimi." in owner:
            self._add(self.bimi, Bimi, record, value)
        else:
            self._classify_other(record, value, strings)

    def _is_leave(self, owner: str) -> bool:
        """Whether aliases lead to an owner from below `_report._dmarc`, and only from there."""
        if owner.startswith("_dmarc."):
            return False
        aliases = [record.owner for record in self.targets("CNAME").get(owner, ())]
        aliases += self.zone.aliased.get(owner, ())
        return bool(aliases) and all("._report._dmarc." in alias for alias in aliases)

    def _add(self, table: dict[str, list[_S]], kind: type[_S], record: Record, value: str) -> None:
        table.setdefault(record.owner, []).append(self._made(kind, record, value))

    def _made(self, kind: type[_S], record: Record, value: str) -> _S:
        ast = kind.read(value)
        subject = kind(record, value, self, ast.features, ast)
        if isinstance(subject, TagSubject) and subject.cut_off is not None:
            subject.features |= _CUT_OFF
        return subject

    def _spf(self, record: Record, value: str, strings: tuple[str, ...]) -> Spf:
        ast = spf.parse(value)
        features = ast.features
        if len(strings) > 1:
            features |= _SEVERAL_STRINGS
        if _is_too_long(strings):
            features |= _LONG_STRING
        return Spf(record, value, self, features, ast)

    def _classify_other(self, record: Record, value: str, strings: tuple[str, ...]) -> None:
        """What no receiver reads as what it was meant to be; most are not about mail at all."""
        features = []
        if is_meant(strings):
            features.append("spf")
        if value[:6].lower() == "spf2.0":
            features.append("sender-id")
        if dmarc.looks_like_dmarc(value) or dmarc.is_torn(strings):
            features.append("dmarc")
        if record.owner.startswith("_dmarc."):
            features.append("at-dmarc")
        if features:
            self.others.append(Txt(record, value, self, frozenset(features)))
        elif (kind := self._meant_for(record.owner, value)) not in (None, Dkim):
            self.astray.append(self._made(kind, record, value))
        elif kind is Dkim or _looks_like_dkim(value):
            self._add(self.keys, Dkim, record, value)

    def _meant_for(self, owner: str, value: str) -> type[Role] | None:
        """What a text is by its version, or by an alias of this zone that leads to its owner."""
        if self._roles is None:
            self._roles = dict(self._ends())
        return role_of_text(value, self._roles.get(owner))

    def _ends(self) -> Iterator[tuple[str, type[Role]]]:
        """The owners of this zone to which aliases with a role lead."""
        for rrset in self.zone.of_type("CNAME"):
            is_selector = selector_of(rrset.owner)[0] is not None
            kind = Dkim if is_selector else role_of(rrset.owner)
            at: RRset | None = rrset
            for _ in range(_MOST_REDIRECTS if kind is not None else 0):
                if at is None or at.type != "CNAME":
                    break
                name = at.records[0].target
                at = self.zone.answer(self.zone.redirected(name) or name, "TXT")[1]
            if kind is not None and at is not None and at.type == "TXT":
                yield at.owner, kind

    def tables(self) -> tuple[Mapping[str, Sequence[TxtSubject]], ...]:
        """The dictionaries of subjects; those without an owner's key are in `others`."""
        return (
            self.spf,
            self.dmarc,
            self.keys,
            self.sts,
            self.tls_reports,
            self.bimi,
            self.authorisations,
        )

    def subjects(self) -> Iterator[TxtSubject]:
        """Every TXT subject of the zone."""
        for table in self.tables():
            for found in table.values():
                yield from found
        yield from self.others
        yield from self.astray

    # -- words that zone rules are written in ------------------------------------------------

    def mx(self, domain: str) -> RRset | None:
        """The MX RRset of a domain."""
        return self.zone.get(domain, "MX")

    def possible_mx(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The domains of which nobody knows whether they have an MX, and what is missing."""
        for (owner, type), why in self.zone.unknown.items():
            is_domain = type == "MX" and not owner.startswith("*.") and "_" not in owner
            if is_domain and self.zone.get(owner, "MX") is None:
                yield owner, why

    def has_null_mx(self, domain: str) -> bool:
        """Whether the domain says that it takes no mail (RFC 7505): an exchange of `.`."""
        mx = self.zone.get(domain, "MX")
        return mx is not None and any(record.target == "." for record in mx)

    def receives(self, domain: str) -> bool:
        """Whether the domain has a mail exchange of its own."""
        mx = self.zone.get(domain, "MX")
        return mx is not None and any(record.target != "." for record in mx)

    def spf_at(self, domain: str) -> Sequence[Spf]:
        """The SPF records that receivers find at a name: its own, or those that it leads to."""
        own = self.spf.get(domain)
        record = None if own else self.leading_from(domain)
        if record is None:
            return own or ()
        answer = self.context.answers.ask(domain, "TXT")
        at = record.owner if record.type == "TXT" else answer.last
        texts = [(value, spf.parse(value)) for value in answer.values if spf.is_spf(value)]
        found = (AnsweredText(domain, record, text, at, len(texts)) for text, _ in texts)
        return [
            Spf(each, text, self, ast.features, ast)
            for each, (text, ast) in zip(found, texts, strict=True)
        ]

    def leading_from(self, name: str) -> Record | None:
        """The alias, the DNAME or the wildcard by which texts are answered at a name.

        None where they are its own, or it has none. Of several records the first.
        """
        rrset = self.zone.answer(name, "TXT")[1]
        if rrset is not None:
            is_own = rrset.owner == name and rrset.type == "TXT"
            return None if is_own else rrset.records[0]
        if self.zone.redirected(name) is None:
            return None
        redirections = self.zone.table("DNAME")
        return redirections[nearest(parent(name), redirections)].records[0]

    def sends(self, domain: str) -> bool:
        """Whether the domain's SPF lets anyone send as it: any term but a bare `-all`.

        A redirect to a record that is not known does, unless a null MX says that there is no mail.
        """
        for found in self.spf_at(domain):
            if _names_hosts(found):
                return True
            sends, unknown = self._redirected(found)
            if sends or (unknown is not None and not self.has_null_mx(domain)):
                return True
        return False

    def unknown_redirect(self, domain: str) -> str | None:
        """The name, if there is one, that decides whether anyone may send, and is not known."""
        names = (self._redirected(found)[1] for found in self.spf_at(domain))
        return next((name for name in names if name is not None), None)

    def hands_over_to_nobody(self, domain: str) -> bool:
        """Whether the domain's SPF is a redirect to a record that is known and names no hosts."""
        found = self.spf_at(domain)
        return (
            len(found) == 1
            and "redirect" in found[0].features
            and not _names_hosts(found[0])
            and self._redirected(found[0]) == (False, None)
        )

    def _redirected(self, found: Spf) -> tuple[bool, str | None]:
        """Whether a redirect leads to a record that names hosts; the name that is not known."""
        if "redirect" not in found.features or "all" in found.features:
            return False, None
        record, domain = found.ast, found.owner
        for _ in range(_MOST_REDIRECTS):
            if record.redirect is None or record.all is not None:
                return False, None
            spec = record.redirect.value
            assert isinstance(spec, spf.DomainSpec), "a redirect names a domain"
            target = target_name(spec, domain)[1]
            if target is None:
                return True, None  # it depends on the message
            answer = self.context.answers.ask(target, "TXT")
            if not answer.is_fact:
                return False, answer.missing
            texts = [value for value in answer.values if spf.is_spf(value)]
            if len(texts) != 1:
                return False, None
            record, domain = spf.parse(texts[0]), target
            if any(term.name != "all" for term in record.mechanisms):
                return True, None
        return False, None

    def answers(self, name: str, type: str) -> bool:
        """Whether this zone holds records of the type at the very name, and answers with them."""
        zone = self.zone
        return zone.get(name, type) is not None and zone.contains(name) and self.speaks_for(name)

    def speaks_for(self, name: str) -> bool:
        """Whether the run's answers about a name below the origin are those of this zone."""
        zone = self.zone
        if zone.cuts and zone.is_delegated(name):
            return False
        return self.context.has_one_zone or self.holds(name)

    def holds(self, name: str) -> bool:
        """Whether the name is in this zone, and in no other one of the run below it."""
        holders = self.context.holders(name)
        return len(holders) == 1 and holders[0].identity == self.identity

    def unknown_values(self, rrset: RRset) -> tuple[str, ...]:
        """What would have to be known before all values of an RRset are."""
        return self.zone.unknown.get((rrset.owner, rrset.type), ())

    def targets(self, type: str) -> Mapping[str, Sequence[Record]]:
        """The names that records of a type point at, each with the records that do."""
        found = self._targets.get(type)
        if found is None:
            found = self._targets[type] = {}
            for rrset in self.zone.of_type(type):
                for record in rrset.records:
                    target = record.target
                    if target in found:
                        found[target].append(record)
                    else:
                        found[target] = [record]
        return found

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
        root: Root | None = None,
    ) -> Found:
        """A fault at a record of the zone: its rdata, unless another span of it is given."""
        place = record.rdata_span if span is None else span
        about = record.target if record.type in _POINTING else ""
        depends = record.doubts(place, message, advice)
        return Found(
            record.owner, record.type, place, message, advice, change, severity, detail,
            about=about, depends=depends, root=root,
        )  # fmt: skip

    def among(
        self,
        record: Record,
        message: str,
        advice: str,
        *,
        change: Change | None = None,
        span: Span | None = None,
    ) -> Found:
        """A fault of an RRset, shown at one of its records: at which, is a matter of order."""
        return self.at(record, message, advice, change=change, span=span)._replace(about="")

    def answered(self, record: Record, owner: str, message: str, advice: str) -> Found:
        """A fault of what is answered at a name, at the record by which it is."""
        return self.at(record, message, advice)._replace(owner=owner)

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
        root: Root | None = None,
    ) -> Found:
        """A record that should be there. The place is where its nearest relative stands.

        What a change takes away is told with its place before; with a part of the zone, once.
        """
        # Near one record several may be missing, and zones may have that place in common.
        root = root or Root(owner.removesuffix(self.origin), RootScope.PLACE)
        place, was, previous = self.near(owner), self._span_before(owner, type), self.previous
        if was is not None and was.path != place.path:
            detail = (*detail, f"It was at {was.path}:{was.line} before.")
            is_there = was.path in self._paths
            place = self.near(owner, was.path if is_there else self.written.path)
            if not is_there and previous is not None and was.path != previous.written.path:
                root = Root(was.path, RootScope.FILE)
        depends = self.written.unknown.get((owner, type), ())
        return Found(
            owner, type, place, message, advice, change, severity, detail,
            depends=depends, root=root,
        )  # fmt: skip

    @property
    def _paths(self) -> AbstractSet[str]:
        """The files that its records stand in."""
        if not self._files:
            self._files = {r.span.path for rrset in self.written.rrsets() for r in rrset.records}
        return self._files

    def _span_before(self, owner: str, type: str) -> Span | None:
        """Where records stood that the change takes away, of a zone in several files."""
        previous = self.previous
        was = None if previous is None else previous.zone.get(owner, type)
        if previous is None or was is None or self.zone.get(owner, type):
            return None
        return was.records[0].span if len(previous._paths) > 1 else None

    def unseen(self, owner: str, *types: str) -> tuple[str, ...]:
        """What would have to be known before no more records of some types are certain at an owner.

        Empty where all of them are here.
        """
        found = (why for type in types for why in self.zone.unseen(owner, type))
        return tuple(dict.fromkeys(found))

    def near(self, owner: str, path: str | None = None) -> Span:
        """Where a person would look for a record that is absent.

        The owner's MX or TXT, else those of the names above it, else the SOA, else line 1.
        path: the file to look in, if any of these is there.
        """
        zone, name = self.zone, owner
        found: list[Span] = []
        while zone.contains(name):
            held = (zone.get(name, type) for type in _RELATIVES)
            found += (rrset.records[0].span for rrset in held if rrset is not None)
            if name == zone.origin or (found and path is None):
                break
            name = parent(name)
        found = [each for each in found if each.path == path] or found
        for span in found or (rrset.records[0].span for rrset in zone.rrsets()):
            return span
        return Span(zone.path, 1, 1, 1, 1)

    def unknown(self, owner: str, *missing: str) -> Unknown:
        return Unknown(owner, missing)

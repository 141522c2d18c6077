"""The records that a domain's mail needs, from what is declared of it: names, types and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from zonelint.grammars.dnsname import BadName, whole_name
from zonelint.grammars.zone import is_below
from zonelint.rules.config.declaration import DeclaredAlignment, SpfStage
from zonelint.rules.config.sender import DkimForm, DkimType, Need, Sender, SenderPlace
from zonelint.rules.config.senders import Catalogue, UnknownSenderError
from zonelint.rules.core.finding import Severity

from ..resources.kinds import TxtForm
from ..resources.record import ResourceRecord
from ..resources.texts import Style
from ..resources.zones import ResourceZone


class Phase(Enum):
    """The policy that DMARC asks receivers for."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class MtaSts:
    """MTA-STS (RFC 8461). id: of the policy, changed with it. host: what serves it, for a CNAME."""

    id: Any
    host: Any = None


@dataclass(frozen=True, slots=True)
class MailRecord:
    """All records of one owner and type.

    key: a word that is unique in the domain and stays, for the resource's name. owner and zone are
      absolute.
    values: for TXT the whole text, without quotes; for CNAME the target, with or without its final
      dot; for MX `"10 mail.example.com."`. Owner, zone and values may be outputs of other
      resources.
    """

    key: str
    owner: Any
    zone: Any
    type: str
    ttl: int
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of a domain; see MailAuth for the meaning of each part."""

    domain: Any
    zone: Any = None
    senders: Sequence[str] = ()
    phase: Phase = Phase.NONE
    alignment: DeclaredAlignment = DeclaredAlignment.RELAXED
    rua: Sequence[Any] = ()
    ruf: Sequence[Any] = ()
    spf: SpfStage = SpfStage.TRANSITION
    spf_terms: Sequence[Any] = ()
    includes: Mapping[str, str] | None = None
    dkim: Mapping[str, Mapping[str, Any]] | None = None
    mx: str | Sequence[tuple[int, Any]] | None = None
    tls_rpt: Sequence[Any] = ()
    mta_sts: MtaSts | None = None
    apex_txt: Sequence[Any] = ()
    ttl: int = 3600


class DeclarationError(ValueError):
    """A declaration from which no records can be made. The message says what is missing."""


def records_for(declared: Declaration) -> list[MailRecord]:
    """The records of a declaration, in the order SPF, DMARC, DKIM, MX, TLS-RPT, MTA-STS.

    Raises DeclarationError, for records that the rules would call broken as well.
    """
    _check_forms(declared)
    if not isinstance(declared.domain, str) or not isinstance(declared.zone, str | None):
        return _records_later(declared)
    records = list(_Maker(declared).records())
    _check(records, declared)
    return records


_SOME_DOMAIN = "example.com"
"""Stands in for a domain that is an output: which records there are does not depend on it."""


def _records_later(declared: Declaration) -> list[MailRecord]:
    """The records of a domain that is an output, checked once it is known."""
    import pulumi

    def known(names: Mapping[str, Any]) -> dict[str, MailRecord]:
        return {record.key: record for record in records_for(replace(declared, **names))}

    later = pulumi.Output.all(domain=declared.domain, zone=declared.zone).apply(known)

    def of(key: str, part: Callable[[MailRecord], Any]) -> Any:
        return later.apply(lambda records: part(records[key]))

    def value_of(key: str, number: int) -> Any:
        return of(key, lambda record: record.values[number])

    return [
        replace(
            record,
            owner=of(record.key, lambda each: each.owner),
            zone=of(record.key, lambda each: each.zone),
            values=tuple(value_of(record.key, number) for number in range(len(record.values))),
        )
        for record in _Maker(replace(declared, domain=_SOME_DOMAIN, zone=None)).records()
    ]


_LISTS = ("senders", "rua", "ruf", "spf_terms", "tls_rpt", "apex_txt")
_LARGEST_TTL = 2**31 - 1


def _check_forms(declared: Declaration) -> None:
    """Raises DeclarationError for what type checkers would have told."""
    for name in _LISTS:
        value = getattr(declared, name)
        if isinstance(value, str):
            raise DeclarationError(f'{name} is a list: ["{value}"]')
    ttl: object = declared.ttl
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= _LARGEST_TTL:
        raise DeclarationError(f"ttl is a number of seconds, not {ttl!r}")


def _check(records: Sequence[MailRecord], declared: Declaration) -> None:
    """Ask the rules about the values that are known; raises DeclarationError for what is broken.

    The zone may hold more than what is declared here, so nothing is wrong because it is not there.
    """
    from zonelint.providers.project.project import Project
    from zonelint.rules.context import Context
    from zonelint.rules.core import registry
    from zonelint.rules.core.engine import Engine
    from zonelint.rules.core.rule import Tells

    zone = ResourceZone(records[0].zone, "MailAuth")
    zone.complete = False
    for record in records:
        for index, value in enumerate(record.values):
            if record.type in ("TXT", "CNAME") and isinstance(value, str):
                zone.add(
                    ResourceRecord(
                        record.owner, record.type, record.ttl, address=record.key, index=index,
                        written=value, style=_AS_IT_IS, origin=".",
                    )
                )  # fmt: skip
    table = {"domains": {declared.domain: {"senders": list(declared.senders)}}}
    intent = Project().of_table(table, "MailAuth").intent
    for finding in Engine(registry.rules()).run(Context([zone], intent)).findings:
        if finding.severity is Severity.ERROR or Tells.IGNORED in finding.rule.tells:
            told = f"{finding.message.rstrip('.')}. {finding.advice}".rstrip()
            raise DeclarationError(f"{finding.code}, {finding.span.path}: {told}")


_AS_IT_IS = Style(TxtForm.PLAIN, cut=255)


class _Maker:
    def __init__(self, declared: Declaration) -> None:
        self.declared = declared
        self.domain = _name(declared.domain, "domain")
        if self.domain == "." or self.domain.startswith("*."):
            raise DeclarationError(f'domain is the name of one domain, not "{declared.domain}"')
        self.zone = _name(declared.zone, "zone") if declared.zone else self.domain
        if not is_below(self.domain, self.zone):
            raise DeclarationError(f"{self.domain} is outside the zone {self.zone}")
        self.senders = [_sender(sender) for sender in declared.senders]
        for given in (*(declared.dkim or {}), *(declared.includes or {})):
            if given not in declared.senders:
                raise DeclarationError(f'"{given}" is not among the senders of {self.domain}')

    def records(self) -> Iterator[MailRecord]:
        declared = self.declared
        yield self._record("spf", "", "TXT", self.spf(), *declared.apex_txt)
        yield self._record("dmarc", "_dmarc", "TXT", self.dmarc())
        yield from self._dkim()
        exchanges = self._exchanges()
        if exchanges:
            yield self._record("mx", "", "MX", *exchanges)
        if declared.tls_rpt:
            text = _join(("v=TLSRPTv1; rua=", _uris(declared.tls_rpt)))
            yield self._record("tls-rpt", "_smtp._tls", "TXT", text)
        if declared.mta_sts is not None:
            text = _written("v=STSv1; id={};", declared.mta_sts.id)
            yield self._record("mta-sts", "_mta-sts", "TXT", text)
            if declared.mta_sts.host is not None:
                host = declared.mta_sts.host
                yield self._record("mta-sts-host", "mta-sts", "CNAME", host)

    def _record(self, key: str, labels: str, type: str, *values: Any) -> MailRecord:
        owner = f"{labels}.{self.domain}" if labels else self.domain
        return MailRecord(key, owner, self.zone, type, self.declared.ttl, values)

    def spf(self) -> Any:
        """The text of the SPF record (RFC 7208 §4.5)."""
        terms = [_written("{}", term) for term in self.declared.spf_terms]
        for sender in self.senders:
            include = self._include(sender)
            if include is not None and f"include:{include}" not in terms:
                terms.append(f"include:{include}")
        last = "-all" if self.declared.spf is SpfStage.FINAL else "~all"
        return _join(["v=spf1", *terms, last], " ")

    def _include(self, sender: Sender) -> str | None:
        given = (self.declared.includes or {}).get(sender.id)
        if given is not None:
            return _name(given, f"include of {sender.name}").removesuffix(".")
        form = sender.spf
        if (
            form.place not in (SenderPlace.DOMAIN, SenderPlace.SENDING_DOMAIN)
            or form.need is Need.NONE
        ):
            return None
        if form.proposal is None and form.need is Need.REQUIRED:
            raise DeclarationError(
                f"the SPF include of {sender.name} is specific to the account: give it as "
                f'includes={{"{sender.id}": …}}; {_where(sender)}'
            )
        return form.proposal

    def dmarc(self) -> Any:
        """The text of the DMARC record (RFC 9989 §4.7)."""
        declared = self.declared
        tags: list[Any] = ["v=DMARC1", f"p={declared.phase.value}"]
        if declared.alignment is DeclaredAlignment.STRICT:
            tags += ["adkim=s", "aspf=s"]
        for tag, addresses in (("rua", declared.rua), ("ruf", declared.ruf)):
            if addresses:
                tags.append(_join((f"{tag}=", _uris(addresses))))
        return _join(tags, "; ")

    def _dkim(self) -> Iterator[MailRecord]:
        seen: dict[str, str] = {}
        for sender in self.senders:
            for selector, (type, value) in self._keys(sender).items():
                if selector in seen:
                    raise DeclarationError(
                        f"{seen[selector]} and {sender.name} both use the selector {selector}"
                    )
                seen[selector] = sender.name
                _name(f"{selector}._domainkey", f"selector of {sender.name}")
                if type == DkimType.CNAME.value and isinstance(value, str):
                    _name(value, f"target of {selector}")
                yield self._record(f"dkim-{selector}", f"{selector}._domainkey", type, value)

    def _keys(self, sender: Sender) -> dict[str, tuple[str, Any]]:
        """The DKIM records of a sender: type and value by selector."""
        given = (self.declared.dkim or {}).get(sender.id)
        if given is not None:
            missing = [s for f in sender.dkim[:1] for s in f.required if given and s not in given]
            if missing:
                raise DeclarationError(
                    f"{sender.name} signs with {', '.join(missing)} as well: "
                    f'give it in dkim={{"{sender.id}": …}}; {_where(sender)}'
                )
            return {selector: (_type(sender, selector, v), v) for selector, v in given.items()}
        for form in sender.dkim:
            made = {s: form.proposal(s, self.domain) for s in form.required or form.proposed}
            if made and all(made.values()):
                return {selector: (form.type.value, value) for selector, value in made.items()}
        if not sender.dkim:
            return {}
        selectors = sender.dkim[0].required or sender.dkim[0].proposed or ("…",)
        shape = ", ".join(f'"{selector}": …' for selector in selectors)
        raise DeclarationError(
            f"the DKIM records of {sender.name} are specific to the account: give them as "
            f'dkim={{"{sender.id}": {{{shape}}}}}, or as {{}} to leave them out; {_where(sender)}'
        )

    def _exchanges(self) -> list[Any]:
        mx = self.declared.mx
        if mx is None:
            return []
        if not isinstance(mx, str):
            return [_exchange(each) for each in mx]
        receiver = _sender(mx)
        name = receiver.exchange(self.domain)
        if name is None:
            raise DeclarationError(
                f"the mail exchangers of {receiver.name} are specific to the account: give them "
                "as mx=[(10, …)]"
            )
        return [f"10 {name}"]


def _exchange(given: Any) -> Any:
    """`(10, "mail.example.com")` as it is published."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise DeclarationError('mx is a sender, or a list of pairs: [(10, "mail.example.com")]')
    preference, host = given
    if isinstance(preference, bool) or not isinstance(preference, int):
        raise DeclarationError(f"the preference of an MX is a number, not {preference!r}")
    if not 0 <= preference <= 65535:
        raise DeclarationError(f"the preference of an MX is from 0 to 65535, not {preference}")
    if isinstance(host, str) and host.strip() != ".":
        host = _name(host, "mx")
    return _written(f"{preference} {{}}", host, dot=True)


def _sender(id: str) -> Sender:
    try:
        return Catalogue().load(id)
    except UnknownSenderError as error:
        raise DeclarationError(str(error)) from None


def _type(sender: Sender, selector: str, value: Any) -> str:
    """The type of the record that a key's value makes: a text of tags is a TXT, a name a CNAME."""
    if isinstance(value, str):
        return "TXT" if ";" in value or "=" in value else "CNAME"
    forms: list[DkimForm] = [form for form in sender.dkim if form.selector(selector) is not None]
    return (forms or sender.dkim)[0].type.value if sender.dkim else DkimType.CNAME.value


def _name(text: str, what: str) -> str:
    try:
        return whole_name(text)
    except BadName as fault:
        raise DeclarationError(f"{what}: {fault.message}") from None


def _uris(addresses: Iterable[Any]) -> Any:
    """Report addresses as URIs: a bare mail address gets its `mailto:`."""

    def uri(address: str) -> str:
        return address if ":" in address else f"mailto:{address}"

    return _join([applied(address, uri) for address in addresses], ",")


def _join(parts: Sequence[Any], between: str = "") -> Any:
    """Texts put together; an output where one of them is."""
    if all(isinstance(part, str) for part in parts):
        return between.join(parts)
    import pulumi

    return pulumi.Output.all(*parts).apply(lambda known: between.join(map(str, known)))


def _where(sender: Sender) -> str:
    return f"{sender.name} shows them in {sender.where}" if sender.where else "see its console"


def _written(form: str, value: Any, *, dot: bool = False) -> Any:
    """A text with a value in it, which may be an output of another resource."""

    def written(text: Any) -> str:
        whole = str(text).strip()
        return form.format(whole.removesuffix(".") + "." if dot else whole)

    return applied(value, written)


def applied(value: Any, function: Callable[[Any], Any]) -> Any:
    """A function's result; an output where the value is one, known or not."""
    if isinstance(value, str | int):
        return function(value)
    import pulumi

    return pulumi.Output.from_input(value).apply(function)

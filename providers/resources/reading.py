"""From one resource to its records, with what is wrong in it and what is not known of it yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, NamedTuple

from zonelint.grammars.dnsname import BadName, absolute, whole_name
from zonelint.grammars.masterfile.rdata import rdata_fault
from zonelint.grammars.masterfile.tokens import logical_line
from zonelint.grammars.rdata import quote
from zonelint.grammars.zone import (
    NEAREST,
    TEXT_TYPES,
    Reason,
    Span,
    Variant,
    ZoneFault,
    ZoneFaultKind,
    is_below,
    sameness,
)
from zonelint.providers.documents import table_in
from zonelint.rules.model.answers import ADDRESSES

from .kinds import NameForm, RecordKind, ResourceWorld, Targets, TxtForm, ValueForm
from .named_zone import NamedZone
from .record import Joined, ResourceRecord
from .texts import BadText, Style, Written, strings_of
from .values import (
    UNKNOWN,
    Given,
    Hidden,
    Hole,
    Open,
    PlacedValue,
    Where,
    is_on,
    property_of,
    stand_in,
    stand_ins,
    text_of,
    what,
)

UNKNOWN_TARGET = "known-after-the-change.invalid."
"""The target of a record whose own is not known yet."""

_LARGEST_TTL = 2**31 - 1
_BY = ("place", "network", NEAREST)
_WHOLE = 1_000_000
"""A weight of 1: some providers have fractions."""
_NOT_GIVEN_BACK = "which the provider does not give back"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that holds records, as a plan or the engine hands it over.

    address: what the world calls this one resource.
    zone: its zone, where the world knows it by other means than the resource's own properties.
    ref: what that is called where its id is not known.
    at: where it is written, if a source was read.
    maybe: what decides whether there is such a resource at all, where that is not known.
    is_off: unless somebody switches it on there is none.
    within: where in the properties of a whole resource those of this part of it stand.
    holder: the address of the whole.
    variant: which of several answers the part is.
    """

    address: str
    kind: RecordKind
    world: ResourceWorld
    values: Mapping[str, Any]
    zone: NamedZone | None = None
    ref: str | None = None
    at: Span | None = None
    maybe: str | None = None
    is_off: bool = False
    within: tuple[str | int, ...] = ()
    holder: str = ""
    variant: str | None = None

    def span_of(self, property: str | None) -> Span | None:
        """Where a property is written, in a source."""
        where = self.given(property).where
        if where is None:
            return self.at
        return getattr(where, "template", None) or where.span(0, 0)

    def spelt(self, property: str | None) -> str:
        """What the resource's world calls a property of the table, for messages."""
        return "" if property is None else self.kind.spelt(property, self.world)

    def given(self, property: str | None) -> Given:
        """One of its properties, by the name in the table."""
        if property is None:
            return Given(None)
        found = property_of(self.values, self.kind.spelt(property, self.world))
        again = self.kind.given_back.get(property)
        if again is None or not found.absent:
            return found
        found = property_of(self.values, self.kind.spelt(again, self.world))
        return Given(UNKNOWN, why=_NOT_GIVEN_BACK) if found.absent else found

    def policy(self, key: str) -> list[Given]:
        """What the routing policy says of one of the things that an answer goes by."""
        return [self._inner(*path.split(".")) for path in self.kind.policy.get(key, ())]

    @property
    def made_of(self) -> str:
        """What tells it from other ones of its address: all that it says but for its TTL."""
        ttl = self.spelt(self.kind.ttl)
        said = [(key, spell_value(value)) for key, value in self.values.items() if key != ttl]
        maybe = None if self.maybe is None else sameness(self.maybe)
        return blake2b(repr((said, maybe)).encode(errors="replace")).hexdigest()

    @property
    def is_alias(self) -> bool:
        """Whether it stands for values that are not in it."""
        found = self.given(self.kind.alias)
        return found.unknown or bool(found.value)

    def target(self, path: str | None) -> Given:
        """What it says of the place of these values."""
        return Given(None) if path is None else self._inner(*path.split("."))

    def _inner(self, property: str, *rest: str) -> Given:
        found = self.given(property)
        for each in rest:
            found = (found.elements() or [Given(None)])[0][self.spelt(each)]
        return found

    def variant_of(self, name: str, records: Sequence[ResourceRecord] | None) -> Variant:
        """The answer that it is, of those of which each asker gets one."""
        if any(each.unknown for key in self.kind.policy for each in self.policy(key)):
            records = None
        told = {key: [text_of(each) or "" for each in self.policy(key)] for key in self.kind.policy}
        by = next((key for key in _BY if any(told.get(key, ()))), "")
        place = tuple(told[by]) if by else ()
        while place and place[-1] in ("", "*"):
            place = place[:-1] if place[-1] == "" else ()
        if by == "network" and place:
            place = ("/".join(place),)
        elif by == NEAREST:
            place = tuple(filter(None, place))
        weight = "".join(told.get("weight", ()))
        return Variant(
            name,
            records,
            by,
            place,
            level=int("SECONDARY" in told.get("failover", ())),
            weight=_WHOLE if weight == "" else _share_of(weight),
        )

    @property
    def style(self) -> Style:
        """How its texts are written."""
        return Style(self.kind.text, self.kind.cut, self.kind.octal, self.kind.comments)


def spell_value(value: Any) -> object:
    """A property, with what it is made of in the place of what is not known of it."""
    match value:
        case Hidden():
            return spell_value(value.value)
        case PlacedValue(value=str(text), where=where) if where.holes:
            ends = [0, *(hole.end for hole in where.holes)]
            holes = [(*sameness(hole.why), hole.of) for hole in where.holes]
            known = [text[end : hole.start] for end, hole in zip(ends, where.holes, strict=False)]
            return known, holes, text[ends[-1] :]
        case PlacedValue():
            return value.value
        case Open():
            return (*sameness(value.why), value.of)
        case Mapping():
            return [(key, spell_value(each)) for key, each in value.items()]
        case list() | tuple():
            return [spell_value(each) for each in value]
        case _:
            return value


def _share_of(weight: str) -> int:
    try:
        return round(max(0.0, min(float(weight), _LARGEST_TTL)) * _WHOLE)
    except ValueError:
        return 0


def parts_of(resource: Resource) -> Iterator[Resource]:
    """The resource; where it holds several records or answers, one for each.

    Each has an address of its own.
    """
    if resource.kind.inside is not None:
        yield from _records_in(resource, resource.kind.inside)
    elif routes := list(_routes_of(resource)):
        yield from routes
    else:
        yield resource


def _records_in(resource: Resource, inside: str) -> Iterator[Resource]:
    held = resource.given(inside)
    spelt = resource.spelt(inside)
    outer = {key: value for key, value in resource.values.items() if key != spelt}
    if held.unknown:
        open_ = _open(resource, held.why)
        yield replace(resource, values={**outer, **open_})
    elif not held.absent:
        for number, element in enumerate(held.elements()):
            own = _guarded(element)
            if element.unknown:
                own = _open(resource, element.why)
            yield _part(resource, {**outer, **own}, (spelt, number))


def _routes_of(resource: Resource) -> Iterator[Resource]:
    """The answers of a policy that gives each asker one of them."""
    kind = resource.kind
    policy = resource.given(kind.alias) if kind.routes else Given(None)
    at = resource.spelt(kind.alias)
    path: tuple[str | int, ...] = (at,)
    if isinstance(policy.value, list | tuple) and len(policy.value) == 1:
        policy, path = policy[0], (*path, 0)
    outer = {key: value for key, value in resource.values.items() if key != at}
    for route in kind.routes:
        spelt = resource.spelt(route)
        held = policy[spelt]
        if not isinstance(held.value, list | tuple):
            continue
        for number, element in enumerate(held.elements()):
            own = _guarded(element)
            if kind.default is None or own.get(resource.spelt(kind.default.at)) is None:
                own = {at: Open("known to the provider's health checks")}
            part = _part(resource, {**outer, **own}, (*path, spelt, number))
            yield replace(part, variant=part.address)


def _part(resource: Resource, values: Mapping[str, Any], within: tuple[str | int, ...]) -> Resource:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in within)
    address = resource.address + "".join(steps)
    return replace(resource, address=address, values=values, within=within, holder=resource.address)


def _guarded(element: Given) -> Mapping[str, Any]:
    """The properties of an element, each of them hidden where the element is."""
    own = table_in(element.value)
    return {key: Hidden(value) for key, value in own.items()} if element.hidden else own


def _open(resource: Resource, why: str) -> dict[str, Any]:
    """Owner and type of a record of which nothing is known."""
    kind = resource.kind
    return {resource.spelt(property): Open(why) for property in (kind.name, kind.type) if property}


class AliasTarget(NamedTuple):
    """What an alias leads to in its own zone: a name, and what is there of the alias's type.

    unknown: a phrase for each thing there that is not known.
    """

    name: str
    records: Sequence[ResourceRecord]
    unknown: Sequence[str] = ()


class HalfNamed(NamedTuple):
    """An owner of which a part is not known.

    why: what that depends on. names: what it may be, each with what stands in, if it has any.
    likely: the one at which they are if what is not known is the zone's name; "" where they are put
      at a name of the zone.
    """

    why: Reason
    names: Sequence[str]
    likely: str = ""


@dataclass(slots=True)
class Content:
    """What a resource holds.

    unknown: a phrase for each thing that is not known yet.
    blind: the owner is among them, so there is no telling where its records stand.
    behind: what it leads to. What of that is not known is told there.
    """

    owner: str | None = None
    type: str | None = None
    records: list[ResourceRecord] = field(default_factory=list)
    absent: list[ResourceRecord] = field(default_factory=list)
    faults: list[ZoneFault] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    blind: bool = False
    half_named: HalfNamed | None = None
    behind: AliasTarget | None = None

    @property
    def lacking(self) -> tuple[str, ...]:
        """What would have to be known before all of its records are."""
        return (*self.unknown, *(() if self.behind is None else self.behind.unknown))

    def rename(self, origin: str, other: str) -> None:
        """Move what lies in one zone to the same names below another."""
        self.owner = moved(self.owner, origin, other)
        for record in (*self.records, *self.absent):
            record.owner = str(moved(record.owner, origin, other))
            record.home = moved(record.home, origin, other)
        self.faults = [f._replace(owner=moved(f.owner, origin, other)) for f in self.faults]


def moved(name: str | None, origin: str, other: str) -> str | None:
    """A name that lies in a zone, below another one instead."""
    if name is None or not is_below(name, origin):
        return name
    return name.removesuffix(origin) + other


class Unfit(Exception):
    """A property that holds something else than it can. Its text never has the value in it."""


def name_of(resource: Resource) -> str | Open:
    """The owner as the resource has it; open where it is not to be shown as well. Raises Unfit."""
    found = resource.given(resource.kind.name)
    if found.stand_in and not found.hidden and resource.kind.names is not NameForm.RELATIVE:
        return found.stand_in
    if found.unknown or found.hidden:
        why = found.why if found.unknown else "which is secret"
        return Open(f"the name of {resource.address}, {why}")
    if found.absent:
        if resource.kind.names is NameForm.ABSOLUTE:
            raise Unfit(
                f"The property {resource.spelt(resource.kind.name)} is missing, so the record has "
                "no owner."
            )
        return ""
    text = text_of(found)
    if text is None:
        place = resource.spelt(resource.kind.name)
        raise Unfit(f"The property {place} has {what(found)} where a name belongs.")
    return with_wildcard(resource, text.strip())


def with_wildcard(resource: Resource, name: str) -> str:
    """A name with `*` where its provider gives a wildcard back by its octal code."""
    return name.replace(r"\052", "*") if resource.kind.octal else name


def owner_in(resource: Resource, name: str, origin: str) -> str:
    """The absolute owner of a resource's records in its zone. Raises Unfit."""
    plain = name.removesuffix(".")
    if plain == "@" and resource.kind.at_is_label:
        raise Unfit(
            "`@` does not mean the zone here: the record would be published at a name that "
            "starts with `@`, which nobody ever queries. Write the zone's whole name, or leave "
            "it empty."
        )
    try:
        if not plain or plain == "@":
            return origin
        whole = absolute(plain + ".", ".")
        match resource.kind.names:
            case NameForm.ABSOLUTE:
                return whole
            case NameForm.SUFFIX if name.endswith(".") or is_below(whole, origin):
                return whole
            case NameForm.RELATIVE if name.endswith(".") and is_below(whole, origin):
                return whole
            case _:
                return absolute(plain, origin)
    except BadName as fault:
        raise Unfit(fault.message) from None


def type_of(resource: Resource) -> str | None:
    """The record type; None where it is not known yet or secret. Raises Unfit."""
    kind = resource.kind
    if kind.fixed_type is not None:
        return kind.fixed_type
    found = resource.given(kind.type)
    if found.unknown or found.hidden:
        return None
    text = text_of(found)
    if text is None or not text.strip():
        place = resource.spelt(kind.type)
        raise Unfit(f"The property {place} has {what(found)} where a record type belongs.")
    type = text.strip().rpartition("/")[2].upper()
    if not (type.isascii() and type.isalnum()):
        place = resource.spelt(kind.type)
        raise Unfit(f"The property {place} has a text that is not a record type.")
    return kind.type_names.get(type, type)


def read(resource: Resource, origin: str, behind: AliasTarget | None = None) -> Content:
    """The records of a resource in a zone. Nothing that is wrong in it raises.

    behind: what it leads to, where it is an alias and that is in its own zone.
    """
    content = Content()
    try:
        name = name_of(resource)
        content.type = type_of(resource)
        if isinstance(name, Open):
            content.blind = True
            content.unknown.append(Reason(name.why, resource.made_of))
            return content
        content.owner = owner_in(resource, name, origin)
        if content.type is None:
            given = resource.given(resource.kind.type)
            why = "which is secret" if given.hidden else given.why
            why = f"the type of {resource.address}, {why}"
            content.unknown.append(Reason(why, resource.made_of))
            return content
        ttl = _ttl(resource)
    except Unfit as unfit:
        at = resource.span_of(resource.kind.name)
        _add_fault(content, resource, str(unfit), at=at)
        return content
    if content.type == "CNAME" and content.owner == origin and resource.kind.flattens:
        content.type = "ALIAS"
    if behind is None:
        _Reader(resource, content, origin, ttl).read()
    else:
        content.behind = behind
        answered = [answered_by(resource, content.owner, each) for each in behind.records]
        content.records = [each for each in answered if not each.reason]
        content.absent = [each for each in answered if each.reason]
    return content


def read_in(resource: Resource, origin: str, behind: AliasTarget | None = None) -> Content:
    """The same in a zone that it is known to be in, where a part of its owner may not be known.

    One that ends with what is not known may end with the zone's name, so that it has none.
    """
    content, name = read(resource, origin, behind), resource.given(resource.kind.name)
    owner = content.owner or ""
    if {*stand_ins(owner)} <= {*stand_ins(origin)}:
        return content
    why = f"the name of {resource.address}, which depends on {next(iter(name.lacks.values()))}"
    reason = Reason(why, resource.made_of)
    content.half_named = HalfNamed(reason, [owner])
    whole = whole_name(name.stand_in or str(name.value))
    head, _, tail = whole.rpartition(stand_ins(whole)[-1])
    ends_open = origin.endswith(tail) and not is_below(whole, origin)
    if ends_open and resource.kind.names is not NameForm.RELATIVE:
        likely = f"{head.rstrip('.')}.{origin}"
        content = Content(type=content.type, unknown=[reason], blind=not head)
        content.half_named = HalfNamed(reason, [owner, whole, likely], likely)
    return content


def answered_by(alias: Resource, owner: str, record: ResourceRecord) -> ResourceRecord:
    """What an alias is answered with, where it leads to a record."""
    at = alias.span_of(alias.kind.name)
    return replace(record, owner=owner, owner_at=at, behind=record.behind or record)


def _name_led_to(resource: Resource, origin: str) -> str | None:
    """The name outside of its zone that an alias leads to; None where it is not known."""
    found = resource.target(resource.kind.target)
    text = None if found.unknown or found.hidden or found.handle else text_of(found)
    if not text or "/" in text:
        return None
    try:
        name = whole_name(with_wildcard(resource, text))
    except BadName:
        return None
    return None if is_below(name, origin) else name


_OWNERS = {
    "v=spf1": "",
    "v=dmarc1": "_dmarc.",
    "v=dkim1": f"{stand_in(0)}._domainkey.",
    "v=stsv1": "_mta-sts.",
    "v=tlsrptv1": "_smtp._tls.",
}
"""Where a text stands that begins so, whatever the domain is."""


def read_texts(resource: Resource, origin: str) -> list[ResourceRecord]:
    """The texts about mail of a resource whose owner is not known, where such stand in a zone."""
    try:
        type = type_of(resource)
        if type not in TEXT_TYPES:
            return []
        content = Content(origin, type)
        _Reader(resource, content, origin, _ttl(resource)).read()
    except Unfit:
        return []
    found = []
    for record in content.records:
        begins = record.text.value[:9].lower()
        labels = [place for text, place in _OWNERS.items() if begins.startswith(text)]
        if labels:
            record.owner = labels[0] + origin
            found.append(record)
    return found


def _ttl(resource: Resource) -> int | None:
    found = resource.given(resource.kind.ttl)
    return None if resource.kind.ttl is None else _seconds(found, resource, resource.kind.ttl)


def _seconds(found: Given, resource: Resource, property: str) -> int | None:
    if found.unknown or found.absent:
        return None
    text = text_of(found)
    if text is None or not text.strip().isdigit() or int(text) > _LARGEST_TTL:
        shown = what(found) if found.hidden or text is None else "something else"
        place = resource.spelt(property)
        raise Unfit(f"The property {place} has {shown} where a TTL in seconds belongs.")
    return None if int(text) in resource.kind.ttl_default else int(text)


@dataclass(slots=True)
class _Reader:
    resource: Resource
    content: Content
    origin: str
    ttl: int | None
    made_of: str = ""

    def _made_of(self) -> str:
        self.made_of = self.made_of or self.resource.made_of
        return self.made_of

    def read(self) -> None:
        resource, content = self.resource, self.content
        assert content.type is not None, "a type that is not known has no values to look for"
        if resource.is_alias:
            if content.type in (*ADDRESSES, "CNAME"):
                why = f"the addresses that {resource.address} leads to"
                self._stand_in(0, "A" if content.type == "CNAME" else content.type, why)
            else:
                property = resource.spelt(resource.kind.alias)
                why = f"what {property} of {resource.address} leads to"
                content.unknown.append(why)
                self._stand_in(0, content.type, why)
            return
        form = resource.kind.form(content.type)
        if form is None:
            return
        for index, element in enumerate(self._elements(form)):
            self._read_element(form, index, element)

    def _elements(self, form: ValueForm) -> Iterator[Given]:
        found = self.resource.given(form.at)
        if found.absent and form.instead is not None:
            found = self.resource.given(form.instead)
        if found.absent:
            return
        if found.unknown:
            yield found
        elif form.single:
            if isinstance(found.value, list | tuple) and len(found.value) == 1:
                found = found[0]
            yield found
        elif isinstance(found.value, list | tuple):
            yield from found.elements()
        else:
            place = self.resource.spelt(form.at)
            self._fault(f"The property {place} has {what(found)} where a list belongs.", 0)

    def _read_element(self, form: ValueForm, index: int, element: Given) -> None:
        fields = [self._before(form, property) for property in form.before]
        if form.fields:
            fields += [element[key] for key in form.fields]
        else:
            fields.append(element if form.item is None else element[form.item])
        hidden = any(f.hidden for f in fields)
        if (
            lacking := next((f for f in fields if f.unknown or _holds_unknown(f)), None)
        ) is not None:
            self._unknown(index, lacking.why, fields[-1].where or element.where)
            return
        try:
            written = self._written(form, fields)
            ttl = self.ttl
            if form.item_ttl is not None:
                ttl = _seconds(element[form.item_ttl], self.resource, form.item_ttl)
        except Unfit as unfit:
            self._fault(str(unfit), index)
            return
        self._add(index, written, hidden, ttl, self._where(fields, written))

    def _before(self, form: ValueForm, property: str) -> Given:
        """What goes in front of a value."""
        found = self.resource.given(property)
        if not found.absent or form.before_in is None:
            return found
        held = self.resource.given(form.before_in)
        if held.unknown or held.absent:
            return held
        if isinstance(held.value, list | tuple) and len(held.value) == 1:
            held = held[0]
        return held[self.resource.spelt(property)]

    def _where(self, fields: list[Given], written: Written) -> Where | None:
        """Where the fields are written that make up a value."""
        parts: list[tuple[int, int, Where]] = []
        at = 0
        for number, found in enumerate(fields):
            text = text_of(found)
            if found.where is None or (text is None and not isinstance(written, tuple)):
                continue
            if self.content.type in TEXT_TYPES or text is None:
                if number == len(fields) - 1:
                    return found.where
                continue
            plain = text.strip()
            found_at = str(written).find(plain, at)
            if found_at >= 0:
                parts.append((found_at, len(text) - len(text.lstrip()), found.where))
                at = found_at + len(plain)
        if len(parts) == 1 and parts[0][:2] == (0, 0):
            return parts[0][2]
        return Joined(tuple(parts)) if parts else None

    def _written(self, form: ValueForm, fields: list[Given]) -> Written:
        type = self.content.type
        place = self.resource.spelt(form.item or form.at)
        last = fields[-1]
        if type in TEXT_TYPES and isinstance(last.value, list | tuple):
            strings = [text_of(element) for element in last.elements()]
            if any(string is None for string in strings) or not strings:
                raise Unfit(f"The property {place} does not have a list of texts.")
            return tuple(string for string in strings if string is not None)
        texts = [text_of(f) for f in fields if not f.absent]
        if last.absent or not texts or any(text is None for text in texts):
            wrong = next((f for f in reversed(fields) if text_of(f) is None), last)
            raise Unfit(
                f"The property {place} has {what(wrong)} where a value of type {type} belongs."
            )
        if type in TEXT_TYPES:
            return str(texts[-1])
        whole = [str(text).strip() for text in texts]
        if type == "MX" and len(whole[-1].split()) > 1:
            return whole[-1]  # the preference stands in the value, too
        if type == "CAA" and len(whole) > 1 and not whole[-1].startswith('"'):
            whole[-1] = quote(whole[-1].encode("utf-8", "surrogateescape"))
        return " ".join([*([form.lead] if form.lead else []), *whole])

    def _add(
        self, index: int, written: Written, hidden: bool, ttl: int | None, where: Where | None
    ) -> None:
        content, type = self.content, self.content.type
        assert type is not None, "a type that is not known has no values"
        record = self._record(index, type, written, ttl, hidden=hidden, where=where)
        if type in TEXT_TYPES:
            try:
                strings_of(written, record.style)
            except BadText as bad:
                at = None if where is None else where.span(bad.start, bad.end)
                place = (bad.start, bad.end)
                self._fault(bad.message, index, bad.advice, place, hidden=hidden, at=at)
                return
        else:
            plain = record.plain
            fields = [plain[start:end] for start, end in record.words()]
            fault = rdata_fault(type, fields, record.origin)
            if fault is not None or not logical_line("(" + plain, 0).tokens:
                if where is not None and where.holes:  # what is not known may be what lacks
                    self._unknown(index, where.holes[0].why, where)
                    return
                message = fault.message if fault else f"The {type} record is empty."
                advice = fault.advice if fault else ""
                at = None if where is None else record.span
                self._fault(message, index, advice, hidden=hidden, at=at)
                return
        content.records.append(record)

    def _record(
        self,
        index: int,
        type: str,
        written: Written,
        ttl: int | None,
        *,
        hidden: bool = False,
        reason: str = "",
        where: Where | None = None,
    ) -> ResourceRecord:
        resource = self.resource
        assert self.content.owner is not None, "read before its values"
        origin = self.origin if resource.kind.targets is Targets.RELATIVE else "."
        return ResourceRecord(
            self.content.owner,
            type,
            ttl,
            address=resource.address,
            index=index,
            written=written,
            style=resource.style,
            origin=origin,
            kind=resource.kind,
            is_proxied=is_on(resource.given(resource.kind.proxied)),
            hidden=hidden,
            reason=reason,
            where=where or _At.of(resource.at),
            owner_at=resource.span_of(resource.kind.name),
            ttl_at=resource.span_of(resource.kind.ttl),
            home=self.origin,
            made_of=self._made_of() if where is not None and where.holes else "",
        )

    def _unknown(self, index: int, why: str, where: Where | None) -> None:
        """A value that is not known yet. An address need not be known to be one."""
        type = self.content.type
        why = Reason(f"the value of {self.resource.address}, {why}", self._made_of())
        if type not in ADDRESSES:
            self.content.unknown.append(why)
        if type is not None:
            self._stand_in(index, type, why, where)

    def _stand_in(self, index: int, type: str, why: str, where: Where | None = None) -> None:
        """That something of this type stands at this owner is known, and nothing more."""
        match type:
            case "A" | "AAAA":
                written = f"({self.resource.address})"
            case "CNAME" | "ALIAS" | "DNAME" | "NS" | "PTR":
                written = UNKNOWN_TARGET
            case "MX":
                written = f"0 {UNKNOWN_TARGET}"
            case "TXT":
                written = ""
            case _:
                return
        at = None if where is None else _At(where.span(0, 0))
        record = self._record(index, type, written, self.ttl, reason=why, where=at)
        record.leads_to = _name_led_to(self.resource, self.origin) if type in ADDRESSES else None
        record.style = Style(TxtForm.PLAIN)
        self.content.absent.append(record)

    def _fault(
        self,
        message: str,
        index: int,
        advice: str = "",
        within: tuple[int, int] = (0, 0),
        *,
        hidden: bool = False,
        at: Span | None = None,
    ) -> None:
        if hidden:
            message = (
                f"The value is not a valid {self.content.type} record. It is secret and not shown "
                "here."
            )
            advice = "Check the value where it is created."
        _add_fault(self.content, self.resource, message, advice, index, within, at)


@dataclass(frozen=True, slots=True)
class _At:
    """A place of which no part can be told from another."""

    at: Span
    holes: tuple[Hole, ...] = ()

    @classmethod
    def of(cls, span: Span | None) -> _At | None:
        return None if span is None else cls(span)

    def span(self, start: int, end: int) -> Span:
        return self.at


def _holds_unknown(found: Given) -> bool:
    return isinstance(found.value, list | tuple) and any(e.unknown for e in found.elements())


def _add_fault(
    content: Content,
    resource: Resource,
    message: str,
    advice: str = "",
    index: int = 0,
    within: tuple[int, int] = (0, 0),
    at: Span | None = None,
) -> None:
    start, end = within
    span = at or resource.at
    if span is None:
        span = Span(resource.address, index + 1, start + 1, index + 1, end + 1)
    content.faults.append(
        ZoneFault(ZoneFaultKind.SYNTAX, message, advice, span, content.owner, content.type)
    )

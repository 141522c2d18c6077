"""Changes written back into the properties of a resource.

Only what one resource can hold is written: another text for a value, another TTL, another owner
or type for all of its records. Anything else is refused by giving None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zonelint.grammars.rdata import split_octets
from zonelint.grammars.zone import TEXT_TYPES, relative
from zonelint.rules.core.change import Edit
from zonelint.rules.mail.proof import text_of as text_of_rdata

from .kinds import NameForm, ValueForm
from .reading import Resource, parts_of
from .record import ResourceRecord
from .texts import Written, write
from .values import Hidden, given


def properties_after(
    resource: Resource, records: Sequence[ResourceRecord], edits: Sequence[Edit], origin: str
) -> dict[str, Any] | None:
    """The properties that change, in the world's spelling, with their new values.

    records: all records of the resource. None where the edits cannot be made in it, or stand in
      several parts of it.
    """
    before = {edit.before for edit in edits}
    parts = {part.address: part for part in parts_of(resource)}
    (address, *more) = {r.address for r in before if isinstance(r, ResourceRecord)} or {""}
    if more or address not in parts or not before <= {*records}:
        return None
    part, changed = parts[address], dict[str, Any]()
    mine = [record for record in records if record.address == address]
    for edit in edits:
        if not _apply(part, mine, edit, edits, origin, changed):
            return None
    if not changed or not part.within:
        return changed or None
    if changed.keys() & resource.values.keys():
        return None  # it holds for the other parts as well
    property, *path = part.within
    return {str(property): _put_in(resource.values[str(property)], path, changed)}


def _put_in(raw: Any, path: Sequence[str | int], changed: Mapping[str, Any]) -> Any:
    if isinstance(raw, Hidden):
        return Hidden(_put_in(raw.value, path, changed))
    if not path:
        return {**raw, **changed}
    step, *rest = path
    inner = _put_in(raw[step], rest, changed)
    if isinstance(step, str):
        return {**raw, step: inner}
    return [inner if number == step else each for number, each in enumerate(raw)]


def _apply(
    resource: Resource,
    records: Sequence[ResourceRecord],
    edit: Edit,
    edits: Sequence[Edit],
    origin: str,
    changed: dict[str, Any],
) -> bool:
    record, kind, world = edit.before, resource.kind, resource.world
    if not isinstance(record, ResourceRecord) or edit.after is None:
        return False
    if edit.is_move and len(edits) != len(records):
        return False  # the other records of the resource would move as well
    if edit.type != record.type:
        if kind.type is None or kind.form(edit.type) != kind.form(record.type):
            return False
        changed[kind.spelt(kind.type, world)] = edit.type
    if edit.owner != record.owner:
        name = kind.spelt(kind.name, world)
        changed[name] = _owner(resource, str(given(resource.values.get(name)).value), edit, origin)
    if edit.ttl is not None and edit.ttl != record.ttl:
        if kind.ttl is None:
            return False
        property = kind.spelt(kind.ttl, world)
        old = given(resource.values.get(property)).value
        changed[property] = str(edit.ttl) if isinstance(old, str) else edit.ttl
    if edit.after == record.rdata or (edit.is_move and _is_same_text(record, edit.after)):
        return True  # how the text of a record that moves is cut into strings is another matter
    form = kind.form(record.type)
    if form is None or record.type not in TEXT_TYPES:
        return False
    property = _holding(resource, form)
    raw = changed.get(property, resource.values.get(property))
    after = written_as(record, edit.after)
    changed[property] = _replaced(raw, form, record.index, after)
    return True


def _is_same_text(record: ResourceRecord, rdata: str) -> bool:
    if record.type not in TEXT_TYPES:
        return False
    return text_of_rdata(rdata) == text_of_rdata(record.rdata)


def written_as(record: ResourceRecord, rdata: str) -> Written:
    """The rdata of a TXT record as the record's provider wants it written."""
    octets = text_of_rdata(rdata).encode("utf-8", "surrogateescape")
    return write(split_octets(octets), record.style, record.written)


def _holding(resource: Resource, form: ValueForm) -> str:
    kind, world = resource.kind, resource.world
    at = kind.spelt(form.at, world)
    if form.instead is not None and given(resource.values.get(at)).absent:
        return kind.spelt(form.instead, world)
    return at


def _replaced(raw: Any, form: ValueForm, index: int, after: Written) -> Any:
    if isinstance(raw, Hidden):
        return Hidden(_replaced(raw.value, form, index, after))
    if isinstance(raw, list | tuple) and not (form.single and form.item is None and index):
        return [_element(e, form, after) if n == index else e for n, e in enumerate(raw)]
    return _element(raw, form, after)


def _element(raw: Any, form: ValueForm, after: Written) -> Any:
    if isinstance(raw, Hidden):
        return Hidden(_element(raw.value, form, after))
    if form.item is not None and isinstance(raw, Mapping):
        return {**raw, form.item: _element(raw.get(form.item), ValueForm(form.at), after)}
    return list(after) if isinstance(after, tuple) else after


def _owner(resource: Resource, old: str, edit: Edit, origin: str) -> str:
    """The new owner in the way in which the old one is written."""
    names, apex = resource.kind.names, resource.kind.apex
    plain = old.removesuffix(".").lower()
    is_whole = f"{plain}.".endswith(f".{origin}") or f"{plain}." == origin
    if old.endswith("."):
        return edit.owner
    if names is NameForm.ABSOLUTE or (names is NameForm.SUFFIX and is_whole):
        return edit.owner.removesuffix(".")
    written = relative(edit.owner, origin)
    return apex if written == "@" and apex is not None else written

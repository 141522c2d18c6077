"""Changes written into octoDNS YAML: every byte but those of the records concerned stays.

Comments, quotes, order, indentation and line ends are kept. A new name goes where octoDNS's order
of keys wants it (octodns/yaml.py, natural sort). Changes in place are made together; records that
come, go or move are written one after the other, the text read again in between. Nothing is
written to a file here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import SourceText, words_of
from zonelint.grammars.zone import TEXT_TYPES, Record, Zone, relative, without_dot
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource, compose, end_of
from zonelint.providers.octodns.yaml.record import (
    FIELD_KEYS,
    EntrySettings,
    OctoRecord,
    YamlEntry,
)
from zonelint.providers.octodns.yaml.scalar import FilledNode, like, order_key, places, write
from zonelint.providers.octodns.yaml.zone import SINGLE_VALUED, OctoZone, read_again
from zonelint.providers.zonefile.edit import EditError, Splice, refuse_twice, spliced
from zonelint.rules.core.change import Edit
from zonelint.rules.offers.amended import shared_ends

_SCALAR_TYPES = frozenset(("A", "AAAA", "ALIAS", "CNAME", "DNAME", "NS", "PTR", *TEXT_TYPES))
_KEY_START = re.compile(r"[ \t]*(?:\?[ \t]+)?")
"""What stands in front of a name on its line; octoDNS writes the zone's own as `? ''`."""

Splices = dict[SourceText, list[Splice]]


def apply(zone: OctoZone, edits: Sequence[Edit], *, within: bool = True) -> OctoZone:
    """The zone as it is after the edits, with the new texts in its sources. Raises EditError.

    within: change single characters inside a value of several lines; otherwise such a value is
      written anew. Whoever calls compares what comes out with what was meant.
    """
    if zone.unwritable:
        raise EditError(zone.unwritable)
    inside: list[Edit] = []
    moving: list[Edit] = []
    for edit in edits:
        kept = edit.before is not None and edit.after is not None and not edit.is_move
        (inside if kept else moving).append(edit)
    if any(edit.comment is not None for edit in edits):
        raise EditError("comments of YAML files are left to people")
    refuse_twice(edits)
    ordinals = _ordinals(zone) if moving else {}
    if inside:
        splices: Splices = {}
        for edit in inside:
            _refuse_shared(zone, edit, inside)
            _rewrite(zone, edit, splices, within=within)
        _retime(zone, inside, splices)
        zone = _read_again(zone, splices)
    for edit in moving:
        if edit.before is not None:
            record = _find(zone, edit.before, ordinals.get(id(edit.before), 0))
            zone = _read_again(zone, _removal(zone, record))
        if edit.after is not None:
            zone = _read_again(zone, _addition(zone, edit))
    return zone


def is_refused(zone: OctoZone, edits: Sequence[Edit]) -> bool:
    """Whether edits are refused, as far as that shows before anything is read again."""
    if zone.unwritable:
        return True
    # octoDNS takes one record of a name and type, whichever targets it is for.
    if any(edit.before is None and (edit.owner, edit.type) in zone.kept for edit in edits):
        return True
    return any(
        isinstance(place.node, FilledNode)
        for edit in edits
        if isinstance(edit.before, OctoRecord) and not edit.is_move
        if edit.after not in (None, edit.before.rdata)
        for place in edit.before.nodes
    )


RecordSet = tuple[str, str, int | None, Sequence[str]]
"""Owner, type, TTL and rdata."""


def document(zone: Zone, records: Iterable[RecordSet]) -> str:
    """Records as a YAML document, for the zone's own files if they are octoDNS's. Raises EditError.

    Of a zone that is read from elsewhere nothing is known of how octoDNS would read it: then it is
    written as octoDNS's presets want it.
    """
    settings, escapes = EntrySettings(), True
    if isinstance(zone, OctoZone):
        settings = _home(zone)[1]
        escapes = _escapes(zone, settings)
    found: dict[str, list[list[str]]] = {}
    for owner, type, ttl, rdatas in records:
        lines = _entry_lines(settings, escapes, type, rdatas, ttl)
        found.setdefault(_owner_name(zone, owner), []).append(lines)
    text = ["---"]
    for name in sorted(found, key=lambda name: order_key(name, natural=settings.natural)):
        text.append(f"{write(name)}:")
        entries = found[name]
        for lines in entries:
            first, others = ("  - ", "    ") if len(entries) > 1 else ("  ", "  ")
            text += [f"{first}{lines[0]}", *(f"{others}{line}" for line in lines[1:])]
    return _joined(text, "\n")


def texts(before: OctoZone, after: OctoZone) -> dict[str, tuple[str, str]]:
    """The texts of the files that differ, by path, each before and after."""
    new = {source.path: source.text for source in after.texts}
    return {
        old.path: (_with_mark(old, old.text), _with_mark(old, new[old.path]))
        for old in before.texts
        if old.path in new and new[old.path] != old.text
    }


def _with_mark(source: SourceText, text: str) -> str:
    return f"{source.mark}{text}" if isinstance(source, YamlSource) else text


def _read_again(zone: OctoZone, splices: Mapping[SourceText, list[Splice]]) -> OctoZone:
    """The zone of the changed texts; the files that it includes come from memory as well."""
    changed = {source.path: spliced(source.text, made) for source, made in splices.items() if made}
    return with_texts(zone, changed)


def with_texts(zone: OctoZone, changed: Mapping[str, str]) -> OctoZone:
    """The zone as it is with these texts of its files, by path; itself where none differs.

    Raises EditError where octoDNS would refuse one of them.
    """
    changed = {path: text.removeprefix("\ufeff") for path, text in changed.items()}
    if all(changed.get(source.path, source.text) == source.text for source in zone.texts):
        return zone
    fresh = {
        each.path: YamlSource(each.path, _with_mark(each, changed.get(each.path, each.text)))
        for each in zone.texts
    }

    def include(including: str, name: str) -> tuple[str, str]:
        path, text = zone.include(including, name)
        return path, fresh[path].text if path in fresh else text

    files = [(fresh[source.path], settings) for source, settings in zone.files]
    try:
        after = read_again(zone, files, include)
    except YamlFault as fault:
        raise EditError(f"the changed file would not be valid YAML: {fault.message}") from None
    if len(after.faults) > len(zone.faults):
        raise EditError("octoDNS would refuse the changed file")
    return after


# -- finding records again -----------------------------------------------------------------------


def _identity(record: Record) -> tuple[str, str, str]:
    text = record.text.value if record.type in TEXT_TYPES else record.rdata
    return record.owner, record.type, text


def _ordinals(zone: OctoZone) -> dict[int, int]:
    """Of each record, by identity, how many of the same content stand in front of it."""
    seen: dict[tuple[str, str, str], int] = {}
    found: dict[int, int] = {}
    for record in zone.each_record():
        key = _identity(record)
        found[id(record)] = seen.get(key, 0)
        seen[key] = found[id(record)] + 1
    return found


def _find(zone: OctoZone, wanted: Record, ordinal: int) -> OctoRecord:
    rrset = zone.get(wanted.owner, wanted.type)
    same = [r for r in rrset or () if _identity(r) == _identity(wanted)]
    if not same:
        raise EditError(f"{wanted.owner} {wanted.type} no longer exists")
    return _own(same[min(ordinal, len(same) - 1)])


def _own(record: Record) -> OctoRecord:
    if not isinstance(record, OctoRecord):
        raise EditError(f"the {record.type} record of {without_dot(record.owner)} is in no file")
    if record.extra:
        raise EditError(
            f"{without_dot(record.owner)} {record.type} is a geo or dynamic value, which must be "
            "changed by hand"
        )
    return record


# -- changes in place ----------------------------------------------------------------------------


def _rewrite(zone: OctoZone, edit: Edit, splices: Splices, *, within: bool) -> None:
    assert edit.before is not None, "a change in place"
    assert edit.after is not None, "a change in place"
    if edit.after == edit.before.rdata:
        return
    record = _own(edit.before)
    if any(isinstance(place.node, FilledNode) for place in record.nodes):
        raise EditError(
            f"octoDNS fills in a part of the value of {without_dot(record.owner)}; "
            "change it by hand"
        )
    if record.type in TEXT_TYPES:
        _rewrite_text(zone, record, _text_of(edit.after), splices, within=within)
        return
    if record.type not in _SCALAR_TYPES and record.type not in FIELD_KEYS:
        raise EditError(f"zonelint cannot write records of the type {record.type}")
    words = words_of(edit.after)
    if len(words) != len(record.nodes):
        raise EditError(f"{edit.after} is not a valid {record.type} record")
    for place, old, word in zip(record.nodes, words_of(record.rdata), words, strict=True):
        if old != word:
            style, new = _style(place.node), _plain_word(word)
            if style is not None or not new.isdigit():
                new = like(new, style, flow=True)
            _put(splices, place.source, place.node, new)


def _refuse_shared(zone: OctoZone, edit: Edit, edits: Sequence[Edit]) -> None:
    """A value that several names have, by an anchor or an include, is changed for all of them."""
    record, wanted = edit.before, {id(each.before): each.after for each in edits}
    if not isinstance(record, OctoRecord) or edit.after == record.rdata:
        return
    for other in zone.each_record():
        shares = isinstance(other, OctoRecord) and other.value.node is record.value.node
        if shares and other.owner != record.owner and wanted.get(id(other)) != edit.after:
            raise EditError(
                f"{without_dot(other.owner)} also has the value, through an anchor or an "
                "include; change it by hand"
            )


def _rewrite_text(
    zone: OctoZone, record: OctoRecord, text: str, splices: Splices, *, within: bool
) -> None:
    node, source = record.value.node, record.value.source
    assert isinstance(node, ScalarNode)
    written = source.text[node.start_mark.index : node.end_mark.index]
    value = _value(text, _escapes(zone, record.entry.settings))
    if within and re.search(r"[\r\n]", written.rstrip()):
        head, tail = shared_ends(node.value, value)
        spots = places(source.text, node)
        old_end, new_end = len(node.value) - tail, len(value) - tail
        if head:
            start = spots[head - 1][1]
            end = start
            if old_end > head:
                end = spots[old_end][0] if tail else spots[-1][1]
            _splice(splices, source, Splice(start, max(start, end), value[head:new_end]))
            return
    flow = _in_flow(record.entry.place.node) or not written.endswith(node.value)
    _put(splices, source, node, like(value, _style(node), flow=flow))


def _retime(zone: OctoZone, edits: Sequence[Edit], splices: Splices) -> None:
    """TTLs: an entry has one for all its values, so all of them have to change together."""
    wanted: dict[int, tuple[YamlEntry, set[int | None], int]] = {}
    for edit in edits:
        if edit.ttl is None or edit.before is None or edit.ttl == edit.before.ttl:
            continue
        entry = _own(edit.before).entry
        _, ttls, count = wanted.get(id(entry), (entry, set(), 0))
        wanted[id(entry)] = (entry, ttls | {edit.ttl}, count + 1)
    if not wanted:
        return
    records = (each for each in zone.each_record() if isinstance(each, OctoRecord))
    sizes = Counter(id(record.entry) for record in records)
    for key, (entry, ttls, count) in wanted.items():
        if len(ttls) > 1 or count != sizes[key]:
            raise EditError("octoDNS has one TTL for all values of a record")
        _put_ttl(entry, next(ttl for ttl in ttls if ttl is not None), splices)


def _put_ttl(entry: YamlEntry, ttl: int, splices: Splices) -> None:
    known = entry.parts.get("ttl")
    if known is not None:
        _put(splices, known.value.source, known.value.node, str(ttl))
        return
    source, node = entry.place
    assert isinstance(node, MappingNode)
    keys = [key for key, _ in node.value]
    after = next((key for key in keys if key.value > "ttl"), None)
    if after is None:
        raise EditError("there is no place for a TTL in the record")
    at = after.start_mark.index
    behind = ", " if node.flow_style else f"{_newline(source)}{' ' * _column(source, at)}"
    splices.setdefault(source, []).append(Splice(at, at, f"ttl: {ttl}{behind}"))


def _put(splices: Splices, source: SourceText, node: Node, new: str) -> None:
    start = node.start_mark.index
    end = end_of(source, node)
    if source.text[start:end] != new:
        _splice(splices, source, Splice(start, end, new))


def _splice(splices: Splices, source: SourceText, made: Splice) -> None:
    """Note a change of a text once, where several records have what it is about."""
    if made not in (noted := splices.setdefault(source, [])):
        noted.append(made)


# -- records that go -----------------------------------------------------------------------------


def _removal(zone: OctoZone, record: OctoRecord) -> Splices:
    entry = record.entry
    held = [r for rrset in zone.rrsets() for r in rrset if getattr(r, "entry", None) is entry]
    if any(r.extra for r in held if isinstance(r, OctoRecord)):
        raise EditError(f"{record.owner} {record.type} also has geo or dynamic values")
    if len(held) > 1:
        values = entry.parts.get("values") or entry.parts["value"]
        node = values.value.node
        assert isinstance(node, SequenceNode)
        return {values.value.source: [_without(values.value.source, node, record.value.node)]}
    source, node = entry.name.value
    if entry.listed and isinstance(node, SequenceNode) and len(node.value) > 1:
        return {source: [_without(source, node, entry.place.node)]}
    source, key = entry.name.key
    start = _line_start(source, key.start_mark.index)
    if not _KEY_START.fullmatch(source.text, start, key.start_mark.index):
        raise EditError(f"{record.owner} is on a line with other names")
    return {source: [Splice(start, _line_end(source, end_of(*entry.name.value)), "")]}


def _without(source: SourceText, listing: SequenceNode, item: Node) -> Splice:
    """One item of a list taken away, with the line that it stands on, or with its comma."""
    index = next(n for n, each in enumerate(listing.value) if each is item)
    start, end = item.start_mark.index, end_of(source, item)
    if listing.flow_style:
        if index + 1 < len(listing.value):
            return Splice(start, listing.value[index + 1].start_mark.index, "")
        return Splice(end_of(source, listing.value[index - 1]), end, "")
    dash = source.text.rfind("-", 0, start)
    begin = _line_start(source, dash)
    if source.text[begin:dash].strip():
        # The list's first dash stands behind something else on its line: keep that, and the dash.
        if index + 1 == len(listing.value):
            raise EditError("the list's only line also contains something else")
        return Splice(start, listing.value[index + 1].start_mark.index, "")
    return Splice(begin, _line_end(source, end), "")


# -- records that come ---------------------------------------------------------------------------


def _addition(zone: OctoZone, edit: Edit) -> Splices:
    assert edit.after is not None
    ttl = edit.ttl
    if ttl is None and edit.before is not None:
        ttl = edit.before.ttl
    rrset = zone.get(edit.owner, edit.type)
    if rrset is not None:
        if edit.type in SINGLE_VALUED:
            raise EditError(f"{edit.owner} has a {edit.type} record already")
        return _another_value(zone, _own(rrset.records[0]).entry, edit.type, edit.after)
    name = _owner_name(zone, edit.owner)
    here = [entry for entry in zone.entries if entry.name.name.lower() == name]
    settings = here[0].settings if here else _home(zone)[1]
    escapes = _escapes(zone, settings)
    lines = _entry_lines(settings, escapes, edit.type, [edit.after], ttl)
    return _another_entry(here[-1], lines) if here else _new_name(zone, edit.owner, lines)


def _another_value(zone: OctoZone, entry: YamlEntry, type: str, after: str) -> Splices:
    """One more value for a record that is there."""
    fields = _fields(_escapes(zone, entry.settings), type, after)
    values, value = entry.parts.get("values"), entry.parts.get("value")
    pair = values or value
    if pair is None:
        raise EditError("the record has no value beside which another could be written")
    source, node = pair.value
    if isinstance(node, SequenceNode):
        if not node.value:
            raise EditError("the record's list of values is empty")
        at = end_of(source, node.value[-1])
        if node.flow_style:
            return {source: [Splice(at, at, f", {_flow(fields)}")]}
        dash = source.text.rfind("-", 0, node.value[-1].start_mark.index)
        return {source: [_lines_behind(source, at, _item(fields), _column(source, dash))]}
    key_source, key = pair.key
    if key_source is not source or _in_flow(entry.place.node):
        raise EditError("the record's value is written in a form that allows no second one")
    column = _column(source, key.start_mark.index) + 2
    newline = _newline(source)
    renamed = Splice(key.start_mark.index, key.end_mark.index, "values")
    start, end = node.start_mark.index, end_of(source, node)
    lines = "".join(f"{newline}{' ' * column}{line}" for line in _item(fields))
    own_line = source.line(start) != source.line(key.start_mark.index)
    if own_line and isinstance(node, MappingNode):
        return {source: [renamed, *_as_item(source, node), _lines_behind(
            source, end, _item(fields), _column(source, start))]}  # fmt: skip
    if "\n" in source.text[start:end]:
        raise EditError("the record's value is written in a form that allows no second one")
    gap = len(source.text[:start]) - len(source.text[:start].rstrip(" "))
    first = Splice(start - gap, start, f"{newline}{' ' * column}- ")
    return {source: [renamed, first, Splice(end, end, lines)]}


def _another_entry(beside: YamlEntry, lines: list[str]) -> Splices:
    """One more record at a name that has some of other types."""
    source, node = beside.name.value
    item = ["- " + lines[0], *("  " + line for line in lines[1:])]
    if isinstance(node, SequenceNode):
        last = node.value[-1]
        at = end_of(source, last)
        if node.flow_style:
            raise EditError("the name's records are written in a form that allows no further one")
        dash = source.text.rfind("-", 0, last.start_mark.index)
        return {source: [_lines_behind(source, at, item, _column(source, dash))]}
    key_source, key = beside.name.key
    start, end = node.start_mark.index, end_of(source, node)
    if key_source is not source or ("\n" in source.text[start:end] and _in_flow(node)):
        raise EditError("the name's records are written in a form that allows no further one")
    column = _column(source, key.start_mark.index) + 2
    if source.line(start) != source.line(key.start_mark.index):
        behind = _lines_behind(source, end, item, _column(source, start))
        return {source: [*_as_item(source, node), behind]}
    newline = _newline(source)
    gap = len(source.text[:start]) - len(source.text[:start].rstrip(" "))
    first = Splice(start - gap, start, f"{newline}{' ' * column}- ")
    return {source: [first, _lines_behind(source, end, item, column)]}


def _as_item(source: SourceText, node: Node) -> Iterator[Splice]:
    """A block on lines of its own becomes the first item of a list: two columns to the right."""
    start, end = node.start_mark.index, end_of(source, node)
    yield Splice(start, start, "- ")
    at = source.text.find("\n", start, end) + 1
    while at:
        if source.text[at : at + 1] not in ("\n", "\r", ""):
            yield Splice(at, at, "  ")
        at = source.text.find("\n", at, end) + 1


def _new_name(zone: OctoZone, owner: str, lines: list[str]) -> Splices:
    """A name that is not there yet, where the order of the keys wants it."""
    name = _owner_name(zone, owner)
    source, settings = _home(zone)
    newline = _newline(source)
    root = compose(source)
    text = source.text
    step = "  "
    entry = [f"{write(name)}:", *(f"{step}{line}" for line in lines)]
    if root is None or not isinstance(root, MappingNode) or not root.value:
        if root is not None and text[root.start_mark.index : root.end_mark.index].strip():
            raise EditError("the file contains no names beside which to write")
        lead = "" if not text or text.endswith("\n") else newline
        return {source: [Splice(len(text), len(text), lead + _joined(entry, newline))]}
    if root.flow_style:
        raise EditError("the file's names are written inside braces")
    keys = [key for key, _ in root.value if isinstance(key, ScalarNode)]
    column = _column(source, root.start_mark.index)
    entry = [" " * column + line for line in entry]
    natural = settings.natural
    own = order_key(name, natural=natural)
    follower = next((key for key in keys if order_key(key.value, natural=natural) > own), None)
    if follower is None:
        at = _line_end(source, end_of(source, root))
        lead = "" if text[:at].endswith("\n") else newline
        tail = _joined(entry, newline)
        return {source: [Splice(at, at, lead + (tail if not lead else tail.rstrip("\r\n")))]}
    at = _line_start(source, follower.start_mark.index)
    if not _KEY_START.fullmatch(text, at, follower.start_mark.index):
        raise EditError("the file's names are written in a form that allows no further one")
    # A comment right above a name belongs to it.
    while at:
        above = text.rfind("\n", 0, at - 1) + 1
        if not text[above:at].lstrip().startswith("#") or above == 0:
            break
        at = above
    return {source: [Splice(at, at, _joined(entry, newline))]}


def _home(zone: OctoZone) -> tuple[SourceText, EntrySettings]:
    """The file that takes a new name: of a split zone its catch-all (`$example.com.yaml`)."""
    if not zone.files:
        raise EditError("the zone has no file")
    files = zone.files
    return next((f for f in files if "/$" in f[0].path or f[0].path.startswith("$")), files[0])


def _entry_lines(
    settings: EntrySettings, escapes: bool, type: str, afters: Sequence[str], ttl: int | None
) -> list[str]:
    """A record as the lines of a mapping, its keys in octoDNS's order."""
    lines = [] if ttl is None or ttl == settings.default_ttl else [f"ttl: {ttl}"]
    lines.append(f"type: {type}")
    values = [_fields(escapes, type, after) for after in afters]
    if len(values) > 1:
        return [*lines, "values:", *(f"  {line}" for value in values for line in _item(value))]
    (fields,) = values
    if isinstance(fields, str):
        return [*lines, f"value: {fields}"]
    return [*lines, "value:", *(f"  {key}: {value}" for key, value in fields.items())]


def _fields(escapes: bool, type: str, after: str) -> str | dict[str, str]:
    """A value as YAML: a scalar, or the scalars of a mapping in octoDNS's order."""
    if type in TEXT_TYPES:
        return write(_value(_text_of(after), escapes))
    words = [_plain_word(word) for word in words_of(after)]
    if type in FIELD_KEYS and len(words) == len(FIELD_KEYS[type]):
        named = {names[0]: word for names, word in zip(FIELD_KEYS[type], words, strict=True)}
        numbers = ("preference", "priority", "weight", "port", "flags", "certificate_usage",
                   "selector", "matching_type")  # fmt: skip
        return {key: named[key] if key in numbers else write(named[key]) for key in sorted(named)}
    if type not in _SCALAR_TYPES or len(words) != 1:
        raise EditError(f"zonelint cannot write records of the type {type}")
    return write(words[0])


def _item(fields: str | dict[str, str]) -> list[str]:
    if isinstance(fields, str):
        return [f"- {fields}"]
    lines = [f"{key}: {value}" for key, value in fields.items()]
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _flow(fields: str | dict[str, str]) -> str:
    if isinstance(fields, str):
        return fields if fields[0] in "'\"" or fields.isdigit() else write(fields, flow=True)
    return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in fields.items()) + "}"


def _lines_behind(source: SourceText, at: int, lines: list[str], column: int) -> Splice:
    """New lines below the one on which `at` stands, a comment at its end kept there."""
    newline = _newline(source)
    end = _line_end(source, at)
    text = _joined([" " * column + line for line in lines], newline)
    if source.text[:end].endswith("\n"):
        return Splice(end, end, text)
    return Splice(end, end, newline + text.rstrip("\r\n"))


def _joined(lines: Sequence[str], newline: str) -> str:
    return "".join(f"{line}{newline}" for line in lines)


# -- small words ---------------------------------------------------------------------------------


def _owner_name(zone: Zone, owner: str) -> str:
    name = relative(owner, zone.origin)
    return "" if name == "@" else name


def _value(text: str, escapes: bool) -> str:
    """The text as octoDNS holds it: semicolons escaped, a quote in front inside quotes."""
    value = text.replace(";", r"\;") if escapes else text
    return f'"{value}"' if value.startswith('"') else value


def _escapes(zone: OctoZone, settings: EntrySettings) -> bool:
    """Whether semicolons are escaped: as the provider says, else as this zone's files have it."""
    if settings.escaped is not None:
        return settings.escaped
    texts = [
        record.value.node.value
        for rrset in zone.of_type("TXT")
        for record in rrset
        if isinstance(record, OctoRecord)
    ]
    return any(r"\;" in text for text in texts) or not any(";" in text for text in texts)


def _plain_word(word: str) -> str:
    return string_octets(word).decode("utf-8", "surrogateescape") if word[:1] == '"' else word


def _text_of(rdata: str) -> str:
    octets = b"".join(map(string_octets, words_of(rdata)))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise EditError("the text contains octets that YAML cannot represent") from None


def _style(node: Node) -> str | None:
    style = node.style if isinstance(node, ScalarNode) else None
    return style if style in ("'", '"') else None


def _in_flow(node: Node) -> bool:
    return isinstance(node, MappingNode) and bool(node.flow_style)


def _newline(source: SourceText) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def _line_start(source: SourceText, at: int) -> int:
    return source.text.rfind("\n", 0, at) + 1


def _line_end(source: SourceText, at: int) -> int:
    """Behind the line break of the line on which `at` stands."""
    end = source.text.find("\n", at)
    return len(source.text) if end < 0 else end + 1


def _column(source: SourceText, at: int) -> int:
    return at - _line_start(source, at)

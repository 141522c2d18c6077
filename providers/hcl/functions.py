"""The functions of the language that configurations use around DNS records.

What a function keeps of a text it keeps with its place: ``trimsuffix``, ``split``, ``element``.
An argument that is not known makes the result unknown, unless the function needs less than all of
it: ``element`` of a list with unknown elements, ``length``, ``join`` (which then has holes).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .values import (
    NULL,
    Bool,
    HclPiece,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    first_hole,
    fits,
    joined,
    pieces_of,
    plain,
    text,
)

_MOST_ELEMENTS = 100_000


class Misused(Exception):
    """Arguments that the function does not take: Terraform refuses them as well."""


def call(name: str, arguments: Sequence[Value]) -> Value:
    """What a function comes to; unknown where it is not one of these, or refuses its arguments."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return HclUnknown(f"`{name}(…)`", None)
    try:
        return function(*arguments)
    except (Misused, TypeError, ValueError, IndexError, OverflowError):
        hole = next(filter(None, map(first_hole, arguments)), None)
        return HclUnknown(f"`{name}(…)` of these values" if hole is None else hole.why)


def cost(arguments: Iterable[Value]) -> int:
    """About how much work a call is."""
    return 1 + sum(
        len(a.items)
        if isinstance(a, List | HclTable)
        else len(a.pieces)
        if isinstance(a, HclText)
        else 1
        for a in arguments
    )


def bare(value: Value) -> Any:
    """The value as Python has it. Raises Misused where something in it is not known."""
    if not fits(value):
        raise Misused
    return _bare(value)


def _bare(value: Value) -> Any:
    match value:
        case HclText():
            if (known := value.known) is None:
                raise Misused
            return known
        case Number() | Bool():
            return value.value
        case Null():
            return None
        case List(items):
            return [_bare(item) for item in items]
        case HclTable() as table if table.rest is None and table.instance is None:
            return {key: _bare(each) for key, each in table.pairs()}
        case _:
            raise Misused


def value_of(python: Any) -> Value:
    """What JSON, YAML or a regular expression gave, as a value."""
    match python:
        case None:
            return NULL
        case bool():
            return Bool(python)
        case int() | float():
            return Number(python)
        case dict():
            return HclTable({str(key): value_of(each) for key, each in python.items()})
        case list() | tuple():
            return List(tuple(value_of(each) for each in python))
        case _:
            return text(str(python))


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """Two numbers added, compared and so on."""
    hole = first_hole(left) or first_hole(right)
    if hole is not None:
        return HclUnknown(hole.why)
    try:
        one, other = _number(left), _number(right)
        match sign:
            case "+":
                return Number(one + other)
            case "-":
                return Number(one - other)
            case "*":
                return Number(one * other)
            case "/":
                quotient = one / other
                return Number(int(quotient) if quotient.is_integer() else quotient)
            case "%":
                return Number(math.fmod(one, other) if other % 1 or one % 1 else one % other)
            case "<":
                return Bool(one < other)
            case ">":
                return Bool(one > other)
            case "<=":
                return Bool(one <= other)
            case ">=":
                return Bool(one >= other)
    except (Misused, ArithmeticError):
        pass
    return HclUnknown(f"`{sign}` of values that are not numbers")


# -- what arguments are ----------------------------------------------------------------------------


def _string(value: Value) -> str:
    found = plain(value)
    if found is None:
        raise Misused
    return found


def _text(value: Value) -> HclText:
    match value:
        case HclText() if value.known is not None:
            return value
        case Number() | Bool():
            return HclText(pieces_of(value))
        case _:
            raise Misused


def _number(value: Value) -> int | float:
    match value:
        case Number():
            return value.value
        case HclText() if (known := value.known) is not None:
            try:
                return int(known) if re.fullmatch(r"-?\d{1,300}", known) else float(known)
            except ValueError:
                raise Misused from None
        case _:
            raise Misused


def _whole(value: Value) -> int:
    return int(_number(value))


def _items(value: Value) -> tuple[Value, ...]:
    match value:
        case List(items):
            return items
        case _:
            raise Misused


def _table(value: Value) -> HclTable:
    if not isinstance(value, HclTable):
        raise Misused
    return value


def _unknown(*values: Value) -> HclUnknown:
    return HclUnknown(
        (next(filter(None, map(first_hole, values)), None) or HclUnknown("a value")).why
    )


def _distinct(items: Iterable[Value]) -> list[Value]:
    """The items, each once. Raises Misused where it cannot be told which are the same."""
    seen: set[str] = set()
    found = []
    for item in items:
        key = _identity(item)
        if key not in seen:
            seen.add(key)
            found.append(item)
    return found


def _identity(item: Value) -> str:
    if isinstance(item, HclUnknown):
        if item.handle is None:
            raise Misused
        return f"unknown {item.handle!r}"
    if isinstance(item, HclText) and item.known is None:
        holes = [hole.handle for hole in item.holes]
        if None in holes:
            raise Misused
        return repr([p.text if isinstance(p, HclPiece) else p.handle for p in item.pieces])
    return json.dumps(bare(item), sort_keys=True)


# -- texts -----------------------------------------------------------------------------------------


def _cut_by(pattern: Callable[[str, str], tuple[int, int]]) -> Callable[[Value, Value], Value]:
    def function(value: Value, what: Value) -> Value:
        subject = _text(value)
        known = _string(subject)
        return subject.cut(*pattern(known, _string(what)))

    return function


def _trim_prefix(known: str, what: str) -> tuple[int, int]:
    return (len(what) if known.startswith(what) else 0), len(known)


def _trim_suffix(known: str, what: str) -> tuple[int, int]:
    return 0, len(known) - (len(what) if what and known.endswith(what) else 0)


def _trim(known: str, what: str) -> tuple[int, int]:
    start = len(known) - len(known.lstrip(what)) if what else 0
    return start, max(len(known.rstrip(what)) if what else len(known), start)


def _loose_suffix(value: Value, what: Value) -> Value:
    """``trimsuffix``, of a text with holes too, if its end is fixed."""
    if isinstance(value, HclText) and value.known is None and value.pieces:
        last, ending = value.pieces[-1], _string(what)
        if isinstance(last, HclPiece) and len(last.text) >= len(ending):
            end = len(last.text) - (len(ending) if last.text.endswith(ending) else 0)
            return HclText(
                (*value.pieces[:-1], *HclText((last,)).cut(0, end).pieces), value.is_secret
            )
    if isinstance(value, HclUnknown):
        return value  # most often a name with or without its final dot
    return _cut_by(_trim_suffix)(value, what)


def _trimspace(value: Value) -> Value:
    subject = _text(value)
    known = _string(subject)
    start = len(known) - len(known.lstrip())
    return subject.cut(start, max(len(known.rstrip()), start))


def _chomp(value: Value) -> Value:
    subject = _text(value)
    known = _string(subject)
    return subject.cut(0, len(known.rstrip("\r\n")))


def _cased(change: Callable[[str], str]) -> Callable[[Value], Value]:
    def function(value: Value) -> Value:
        if isinstance(value, HclText):
            return joined(
                (
                    part if isinstance(part, HclUnknown)
                    else part if change(part.text) == part.text
                    else HclPiece(change(part.text), part.place)
                    if len(change(part.text)) == len(part.text) else HclPiece(change(part.text))
                    for part in value.pieces
                ),
                is_secret=value.is_secret,
            )  # fmt: skip
        return text(change(_string(value)))

    return function


def _split(separator: Value, value: Value) -> Value:
    subject, by = _text(value), _string(separator)
    known = _string(subject)
    if not by:
        return List(tuple(subject.cut(at, at + 1) for at in range(min(len(known), _MOST_ELEMENTS))))
    found: list[Value] = []
    at = 0
    for part in known.split(by)[:_MOST_ELEMENTS]:
        found.append(subject.cut(at, at + len(part)))
        at += len(part) + len(by)
    return List(tuple(found))


def _join(separator: Value, *lists: Value) -> Value:
    between = HclPiece(_string(separator))
    parts: list[HclPiece | HclUnknown] = []
    for number, item in enumerate(item for each in lists for item in _items(each)):
        if number:
            parts.append(between)
        parts += pieces_of(item)
    return joined(parts)


_VERB = re.compile(
    r"%(?:(?P<flags>[-+0 #]*)(?P<width>\d{1,4})?(?:\.(?P<places>\d{1,3}))?(?P<verb>[a-zA-Z%]))"
)


def _format(pattern: Value, *arguments: Value) -> Value:
    template = _text(pattern)
    known = _string(template)
    waiting = iter(arguments)
    parts: list[HclPiece | HclUnknown] = []
    at = 0
    for verb in _VERB.finditer(known):
        parts += template.cut(at, verb.start()).pieces
        at = verb.end()
        if verb["verb"] == "%":
            parts.append(HclPiece("%"))
            continue
        argument = next(waiting, None)
        if argument is None:
            raise Misused
        plainly = not verb["flags"] and not verb["width"] and verb["places"] is None
        if plainly and verb["verb"] in "sv":
            parts += pieces_of(argument)
        elif isinstance(argument, HclUnknown):
            parts.append(argument)
        elif verb["verb"] in "dfsxXqv":
            parts.append(HclPiece(_formatted(verb, argument)))
        else:
            raise Misused
    parts += template.cut(at, len(known)).pieces
    return joined(parts)


def _formatted(verb: re.Match[str], argument: Value) -> str:
    kind = verb["verb"]
    given = f"%{verb['flags']}{verb['width'] or ''}"
    if verb["places"] is not None:
        given += f".{verb['places']}"
    if kind in "dxX":
        return f"{given}{kind}" % _whole(argument)
    if kind == "f":
        return f"{given}f" % _number(argument)
    return f"{given}s" % (json.dumps(_string(argument)) if kind == "q" else _string(argument))


def _formatlist(pattern: Value, *arguments: Value) -> Value:
    length = next(len(a.items) for a in arguments if isinstance(a, List))
    rows = ([a.items[at] if isinstance(a, List) else a for a in arguments] for at in range(length))
    return List(tuple(_format(pattern, *row) for row in rows))


def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern of Go's, which never takes longer than its text is long; ours might."""
    if len(pattern) > 200 or re.search(r"[+*}]\)?[+*{]|\([^)]*[+*|][^)]*\)[+*{]", pattern):
        raise Misused
    try:
        return re.compile(pattern.replace(r"\z", r"\Z"), re.ASCII)
    except re.error:
        raise Misused from None


def _replace(value: Value, what: Value, by: Value) -> Value:
    subject, wanted, new = _text(value), _string(what), _string(by)
    known = _string(subject)
    is_pattern = len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/")
    pattern = _regex(wanted[1:-1]) if is_pattern else re.compile(re.escape(wanted))
    if len(known) > 10_000:
        raise Misused
    new = re.sub(r"\\", r"\\\\", new)
    new = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new) if is_pattern else new
    parts: list[HclPiece | HclUnknown] = []
    at = 0
    for found in pattern.finditer(known):
        parts += subject.cut(at, found.start()).pieces
        parts.append(HclPiece(found.expand(new)))
        at = found.end()
    parts += subject.cut(at, len(known)).pieces
    return joined(parts, is_secret=subject.is_secret)


def _regex_of(pattern: Value, value: Value) -> Value:
    found = _regex(_string(pattern)).search(_string(value))
    if found is None:
        raise Misused
    return _groups(found)


def _regexall(pattern: Value, value: Value) -> Value:
    return List(tuple(_groups(each) for each in _regex(_string(pattern)).finditer(_string(value))))


def _groups(found: re.Match[str]) -> Value:
    if found.re.groupindex:
        return value_of(found.groupdict())
    return value_of(list(found.groups()) if found.groups() else found[0])


def _substr(value: Value, offset: Value, length: Value) -> Value:
    subject = _text(value)
    known = _string(subject)
    start = _whole(offset)
    start = max(len(known) + start, 0) if start < 0 else min(start, len(known))
    size = _whole(length)
    return subject.cut(start, len(known) if size < 0 else min(start + size, len(known)))


# -- lists and tables ------------------------------------------------------------------------------


def _element(value: Value, index: Value) -> Value:
    if isinstance(value, HclUnknown):
        # Which one it is depends on the length; the same index gives the same one.
        known = plain(index)
        return value.step(None if known is None else f"element {known}")
    items = _items(value)
    if first_hole(index) is not None or not items:
        return _unknown(index)
    return items[_whole(index) % len(items)]


def _length(value: Value) -> Value:
    match value:
        case List(items):
            return Number(len(items))
        case HclTable() as table if table.rest is None:
            return Number(len(table.items))
        case HclText() if value.known is not None:
            return Number(len(value.known))
        case _:
            return _unknown(value)


def _flatten(value: Value) -> Value:
    found: list[Value] = []
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, List):
            waiting += reversed(each.items)
        elif isinstance(each, HclUnknown):
            return HclUnknown(each.why)  # it may be a list of any length
        else:
            found.append(each)
        if len(found) > _MOST_ELEMENTS:
            raise Misused
    return List(tuple(found))


def _concat(*lists: Value) -> Value:
    if any(isinstance(each, HclUnknown) for each in lists):
        return _unknown(*lists)
    return List(tuple(item for each in lists for item in _items(each)))


def _merge(*tables: Value) -> Value:
    items: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    rest: HclUnknown | None = None
    for each in tables:
        if isinstance(each, Null):
            continue
        if isinstance(each, HclUnknown):
            rest, items, keys = HclUnknown(each.why), {}, {}
            continue
        table = _table(each)
        items.update(table.items)
        keys.update(table.keys)
        rest = rest or table.rest
    return HclTable(items, rest, keys)


def _lookup(value: Value, key: Value, *default: Value) -> Value:
    if isinstance(value, HclUnknown):
        return HclUnknown(value.why) if default else value.step(plain(key))
    table = _table(value)
    found = table[_string(key)]
    if found is not None:
        return (
            found
            if table.rest is None or _string(key) in table.items
            else HclUnknown(found_why(found))
        )
    if not default:
        raise Misused
    return default[0]


def found_why(value: Value) -> str:
    """Why a value is not known."""
    return (first_hole(value) or HclUnknown("a value")).why


def _keys(value: Value) -> Value:
    table = _table(value)
    if table.rest is not None:
        return HclUnknown(table.rest.why)
    return List(tuple(text(key, table.keys.get(key)) for key in sorted(table.items)))


def _values(value: Value) -> Value:
    table = _table(value)
    if table.rest is not None:
        return HclUnknown(table.rest.why)
    return List(tuple(each for _, each in sorted(table.pairs(), key=lambda pair: pair[0])))


def _compact(value: Value) -> Value:
    if isinstance(value, HclUnknown):
        return HclUnknown(value.why)
    items = _items(value)
    if any(isinstance(item, HclUnknown) for item in items):
        return _unknown(value)
    return List(tuple(i for i in items if not isinstance(i, Null) and plain(i) != ""))


def _coalesce(*values: Value) -> Value:
    for value in values:
        if isinstance(value, Null) or (isinstance(value, HclText) and value.known == ""):
            continue
        return HclUnknown(value.why) if isinstance(value, HclUnknown) else value
    raise Misused


def _coalescelist(*values: Value) -> Value:
    for value in values:
        if isinstance(value, HclUnknown):
            return HclUnknown(value.why)
        if isinstance(value, List) and value.items:
            return value
    raise Misused


def _slice(value: Value, start: Value, end: Value) -> Value:
    return List(_items(value)[_whole(start) : _whole(end)])


def _chunklist(value: Value, size: Value) -> Value:
    items, width = _items(value), _whole(size)
    return List(tuple(List(items[at : at + width]) for at in range(0, len(items), width)))


def _toset(value: Value) -> Value:
    if isinstance(value, HclUnknown):
        return value
    return List(tuple(_sorted(_distinct(_items(value)))), is_set=True)


def _sorted(items: Iterable[Value]) -> list[Value]:
    """Texts in order, as sets of texts are gone through; others as they are."""
    listed = list(items)
    if all(isinstance(item, HclText) and item.known is not None for item in listed):
        return sorted(listed, key=_string)
    return listed


def _tolist(value: Value) -> Value:
    return value if isinstance(value, HclUnknown) else List(_items(value))


def _tomap(value: Value) -> Value:
    return value if isinstance(value, HclUnknown) else _table(value)


def _contains(value: Value, what: Value) -> Value:
    wanted = bare(what)
    items = _items(value)
    if any(bare(item) == wanted for item in items if first_hole(item) is None):
        return Bool(True)
    if first_hole(value) is not None:
        return _unknown(value)
    return Bool(False)


def _zipmap(keys: Value, values: Value) -> Value:
    names = [_string(key) for key in _items(keys)]
    return HclTable(dict(zip(names, _items(values), strict=True)))


def _range(*bounds: Value) -> Value:
    numbers = [_whole(bound) for bound in bounds]
    found = range(*numbers)
    if len(found) > _MOST_ELEMENTS:
        raise Misused
    return List(tuple(Number(number) for number in found))


def _setproduct(*lists: Value) -> Value:
    if math.prod(len(_items(each)) for each in lists) > _MOST_ELEMENTS:
        raise Misused
    rows: list[tuple[Value, ...]] = [()]
    for each in lists:
        rows = [(*row, item) for row in rows for item in _items(each)]
    return List(tuple(List(row) for row in rows))


def _one(value: Value) -> Value:
    items = _items(value)
    if len(items) > 1:
        raise Misused
    return items[0] if items else NULL


def _reverse(value: Value) -> Value:
    return List(tuple(reversed(_items(value))))


def _set_union(*lists: Value) -> Value:
    return _toset(List(tuple(item for each in lists for item in _items(each))))


def _set_subtract(value: Value, other: Value) -> Value:
    gone = {_identity(item) for item in _items(other)}
    kept = (item for item in _items(value) if _identity(item) not in gone)
    return _toset(List(tuple(kept)))


def _set_intersect(value: Value, *others: Value) -> Value:
    both = [{_identity(item) for item in _items(other)} for other in others]
    kept = (i for i in _items(value) if all(_identity(i) in each for each in both))
    return _toset(List(tuple(kept)))


# -- conversions, codes ----------------------------------------------------------------------------


def _tostring(value: Value) -> Value:
    match value:
        case HclUnknown() | Null() | HclText():
            return value
        case _:
            return HclText(pieces_of(value)) if plain(value) is not None else _unknown(value)


def _tonumber(value: Value) -> Value:
    return value if isinstance(value, HclUnknown | Null) else Number(_number(value))


def _tobool(value: Value) -> Value:
    if isinstance(value, HclUnknown | Null | Bool):
        return value
    return Bool({"true": True, "false": False}[_string(value)])


def _jsonencode(value: Value) -> Value:
    return text(json.dumps(bare(value), separators=(",", ":"), ensure_ascii=False, sort_keys=True))


def _jsondecode(value: Value) -> Value:
    known = _string(value)
    try:
        return value_of(json.loads(known))
    except RecursionError:
        raise Misused from None


def _same(value: Value, *_: Value) -> Value:
    """Functions that change nothing that matters here: ``sensitive``, ``nonsensitive``."""
    return value


def _starts(value: Value, what: Value) -> Value:
    beginning = _string(what)
    if isinstance(value, HclText) and value.known is None and value.pieces:
        first = value.pieces[0]
        if isinstance(first, HclPiece) and len(first.text) >= len(beginning):
            return Bool(first.text.startswith(beginning))
        return _unknown(value)
    return Bool(_string(value).startswith(beginning))


def _ends(value: Value, what: Value) -> Value:
    ending = _string(what)
    if isinstance(value, HclText) and value.known is None and value.pieces:
        last = value.pieces[-1]
        if isinstance(last, HclPiece) and len(last.text) >= len(ending):
            return Bool(last.text.endswith(ending))
        return _unknown(value)
    return Bool(_string(value).endswith(ending))


def _least(*values: Value) -> Value:
    return Number(min(_number(value) for value in values))


def _greatest(*values: Value) -> Value:
    return Number(max(_number(value) for value in values))


def _rounded(how: Callable[[float], int]) -> Callable[[Value], Value]:
    return lambda value: Number(how(_number(value)))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": lambda v: Number(abs(_number(v))), "ceil": _rounded(math.ceil),
    "chomp": _chomp, "chunklist": _chunklist, "coalesce": _coalesce, "coalescelist": _coalescelist,
    "compact": _compact, "concat": _concat, "contains": _contains,
    "distinct": lambda v: List(tuple(_distinct(_items(v)))), "element": _element, "endswith": _ends,
    "flatten": _flatten, "floor": _rounded(math.floor), "format": _format,
    "formatlist": _formatlist, "join": _join, "jsondecode": _jsondecode, "jsonencode": _jsonencode,
    "keys": _keys, "length": _length, "lookup": _lookup, "lower": _cased(str.lower),
    "max": _greatest, "merge": _merge, "min": _least, "nonsensitive": _same, "one": _one,
    "range": _range, "regex": _regex_of, "regexall": _regexall, "replace": _replace,
    "reverse": _reverse, "sensitive": _same, "setintersection": _set_intersect,
    "setproduct": _setproduct, "setsubtract": _set_subtract, "setunion": _set_union,
    "slice": _slice, "sort": lambda v: List(tuple(_sorted(_items(v)))), "split": _split,
    "startswith": _starts, "strcontains": lambda v, w: Bool(_string(w) in _string(v)),
    "strrev": lambda v: text(_string(v)[::-1]), "substr": _substr, "title": _cased(str.title),
    "tobool": _tobool, "tolist": _tolist, "tomap": _tomap, "tonumber": _tonumber,
    "toset": _toset, "tostring": _tostring, "trim": _cut_by(_trim),
    "trimprefix": _cut_by(_trim_prefix), "trimspace": _trimspace, "trimsuffix": _loose_suffix,
    "upper": _cased(str.upper), "values": _values, "zipmap": _zipmap,
    # Before version 0.12 these made lists and maps.
    "list": lambda *items: List(items),
    "map": lambda *parts: _zipmap(List(parts[::2]), List(parts[1::2])),
}  # fmt: skip

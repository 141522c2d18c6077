"""The functions of the language that configurations use around DNS records.

What a function keeps of a text it keeps with its place: `trimsuffix`, `split`, `element`.
An argument that is not known makes the result unknown, unless the function needs less than all of
it: `element` of a list with unknown elements, `length`, `join` (which then has holes).
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from zonelint.grammars.listing import grouped

from .arguments import (
    Misused,
    TooHard,
    bare,
    distinct,
    identity_of,
    items_of,
    number_of,
    string_of,
    table_of,
    unified,
    unknown_of,
    whole_of,
)
from .codes import CODE_FUNCTIONS
from .texts import TEXT_FUNCTIONS, in_characters
from .values import (
    NULL,
    Bool,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    first_hole,
    holds_secret,
    marked,
    pieces_of,
    plain,
    text,
)

_MOST_ELEMENTS = 100_000


_MOST_BITS = 4096


def call(name: str, arguments: Sequence[Value]) -> Value:
    """What a function comes to; unknown where it is not one of these, or refuses its arguments."""
    function = FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        return HclUnknown(f"`{name}(…)`", None)
    try:
        found = function(*arguments)
    except (Misused, TooHard, TypeError, ValueError, LookupError, OverflowError) as error:
        hole = next(filter(None, map(first_hole, arguments)), None)
        # Texts of octets that are not characters are not refused, and cannot be told.
        is_refused = not isinstance(error, TooHard | OverflowError | UnicodeError)
        refused = HclUnknown(f"`{name}(…)` of these values", is_refused=is_refused)
        found = refused if hole is None else hole.made()
    is_secret = name != "nonsensitive" and any(map(holds_secret, arguments))
    return marked(found) if is_secret else found


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


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """Two numbers added, compared and so on."""
    hole = first_hole(left) or first_hole(right)
    if hole is not None:
        return hole.made()
    try:
        found = _SIGNS[sign](number_of(left), number_of(right))
    except (Misused, ArithmeticError):
        return HclUnknown(f"`{sign}` of values that are not numbers", is_refused=True)
    if isinstance(found, bool):
        return Bool(found)
    if isinstance(found, int) and found.bit_length() > _MOST_BITS:
        return HclUnknown("a number that is too large")
    return Number(found)


def _wholly(number: float) -> int | float:
    return int(number) if number.is_integer() else number


_SIGNS: dict[str, Callable[[Any, Any], int | float | bool]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    "/": lambda one, other: _wholly(one / other),
    "%": lambda one, other: _wholly(math.fmod(one, other)),  # as Go has it: of the first's sign
}  # fmt: skip


# -- lists and tables ------------------------------------------------------------------------------


def _element(value: Value, index: Value) -> Value:
    if isinstance(value, HclUnknown):
        # Which one it is depends on the length; the same index gives the same one.
        known = plain(index)
        return value.step(None if known is None else f"element {known}")
    items = items_of(value)
    if first_hole(index) is not None:
        return unknown_of(index)
    if not items:
        raise Misused
    return items[whole_of(index) % len(items)]


def _length(value: Value) -> Value:
    match value:
        case List(items):
            return Number(len(items))
        case HclTable() as table if table.rest is None:
            return Number(len(table.items))
        case HclText() if value.known is not None:
            return Number(len(in_characters(value)))
        case _:
            raise Misused


def _flatten(value: Value) -> Value:
    found: list[Value] = []
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, List):
            waiting += reversed(each.items)
        elif isinstance(each, HclUnknown):
            return each.made()  # it may be a list of any length
        else:
            found.append(each)
        if len(found) > _MOST_ELEMENTS:
            raise TooHard
    return List(tuple(found))


def _concat(*lists: Value) -> Value:
    return List(tuple(item for each in lists for item in items_of(each)))


def _merge(*tables: Value) -> Value:
    items: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    rest: HclUnknown | None = None
    for each in tables:
        if isinstance(each, Null):
            continue
        if isinstance(each, HclUnknown):
            rest, items, keys = each.made(), {}, {}
            continue
        table = table_of(each)
        items.update(table.items)
        keys.update(table.keys)
        rest = rest or table.rest
    return HclTable(items, rest, keys)


def _lookup(value: Value, key: Value, *default: Value) -> Value:
    if isinstance(value, HclUnknown):
        return value.made() if default else value.step(plain(key))
    table = table_of(value)
    found = table[string_of(key)]
    if found is not None:
        return (
            found
            if table.rest is None or string_of(key) in table.items
            else (first_hole(found) or HclUnknown("a value")).made()
        )
    if not default:
        raise Misused
    return default[0]


def _keys(value: Value) -> Value:
    table = table_of(value)
    if table.rest is not None:
        return table.rest.made()
    return List(tuple(text(key, table.keys.get(key)) for key in sorted(table.items)))


def _values(value: Value) -> Value:
    table = table_of(value)
    if table.rest is not None:
        return table.rest.made()
    return List(tuple(each for _, each in sorted(table.pairs(), key=lambda pair: pair[0])))


def _compact(value: Value) -> Value:
    items = items_of(value)
    if any(isinstance(item, HclUnknown) for item in items):
        return unknown_of(value)
    return List(tuple(i for i in items if not isinstance(i, Null) and plain(i) != ""))


def _coalesce(*values: Value) -> Value:
    for value in values:
        if isinstance(value, Null) or (isinstance(value, HclText) and value.known == ""):
            continue
        return value.made() if isinstance(value, HclUnknown) else unified((value, *values))[0]
    raise Misused


def _coalescelist(*values: Value) -> Value:
    for value in values:
        if isinstance(value, HclUnknown):
            return value.made()
        if isinstance(value, List) and value.items:
            return value
    raise Misused


def _chunklist(value: Value, size: Value) -> Value:
    items, width = items_of(value), whole_of(size)
    return List(tuple(List(items[at : at + width]) for at in range(0, len(items), width)))


def _toset(value: Value) -> Value:
    if isinstance(value, HclUnknown):
        return value
    return List(tuple(_sorted(distinct(unified(items_of(value))))), is_set=True)


def _sorted(items: Iterable[Value]) -> list[Value]:
    """Texts or numbers in order, as sets of them are gone through; others as they are."""
    listed = list(items)
    if all(isinstance(item, HclText) and item.known is not None for item in listed):
        return sorted(listed, key=string_of)
    if all(isinstance(item, Number) for item in listed):
        return sorted(listed, key=number_of)
    return listed


def _tomap(value: Value) -> Value:
    if isinstance(value, HclUnknown):
        return value
    table = table_of(value)
    pairs = dict(table.pairs())
    items = dict(zip(pairs, unified(tuple(pairs.values())), strict=True))
    return HclTable({**items}, table.rest, table.keys)


def _contains(value: Value, what: Value) -> Value:
    wanted = bare(what)
    items = items_of(value)
    if any(bare(item) == wanted for item in items if first_hole(item) is None):
        return Bool(True)
    if first_hole(value) is not None:
        return unknown_of(value)
    return Bool(False)


def _zipmap(keys: Value, values: Value) -> Value:
    names = [string_of(key) for key in items_of(keys)]
    return HclTable(dict(zip(names, items_of(values), strict=True)))


def _range(*bounds: Value) -> Value:
    start, end, *step = [
        whole_of(bound) for bound in ((Number(0), *bounds) if len(bounds) == 1 else bounds)
    ]
    found = range(start, end, *(step or [1 if start <= end else -1]))
    if len(found) > _MOST_ELEMENTS:
        raise TooHard
    return List(tuple(Number(number) for number in found))


def _setproduct(*lists: Value) -> Value:
    if math.prod(len(items_of(each)) for each in lists) > _MOST_ELEMENTS:
        raise TooHard
    return List(tuple(map(List, itertools.product(*map(items_of, lists)))))


def _one(value: Value) -> Value:
    items = items_of(value)
    if len(items) > 1:
        raise Misused
    return items[0] if items else NULL


def _set_subtract(value: Value, other: Value) -> Value:
    gone = {identity_of(item) for item in items_of(other)}
    kept = (item for item in items_of(value) if identity_of(item) not in gone)
    return _toset(List(tuple(kept)))


def _set_intersect(value: Value, *others: Value) -> Value:
    both = [{identity_of(item) for item in items_of(other)} for other in others]
    kept = (i for i in items_of(value) if all(identity_of(i) in each for each in both))
    return _toset(List(tuple(kept)))


# -- conversions, codes ----------------------------------------------------------------------------


def _tostring(value: Value) -> Value:
    match value:
        case HclUnknown() | Null() | HclText():
            return value
        case _:
            return HclText(pieces_of(value)) if plain(value) is not None else unknown_of(value)


def _tobool(value: Value) -> Value:
    if isinstance(value, HclUnknown | Null | Bool):
        return value
    return Bool({"true": True, "false": False}[string_of(value)])


def _rounded(how: Callable[[float], int]) -> Callable[[Value], Value]:
    return lambda value: Number(how(number_of(value)))


def _power(value: Value, exponent: Value) -> Value:
    one, other = number_of(value), number_of(exponent)
    if abs(other) > _MOST_BITS or math.log2(max(abs(one), 1)) * other > _MOST_BITS:
        raise TooHard
    return Number(one**other)


def _sum(value: Value) -> Value:
    if not items_of(value):
        raise Misused
    return Number(sum(number_of(item) for item in items_of(value)))


def _decided(value: Value, decides: bool) -> Value:
    """`alltrue` and `anytrue`: one of the items may decide, whatever the others are."""
    items = items_of(value)
    answers = [None if first_hole(item) else bare(_tobool(item)) is True for item in items]
    if decides in answers:
        return Bool(decides)
    return unknown_of(value) if None in answers else Bool(not decides)


def _index(value: Value, what: Value) -> Value:
    wanted = bare(what)
    for number, item in enumerate(items_of(value)):
        if bare(item) == wanted:
            return Number(number)
    raise Misused


def _matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    names = {identity_of(item) for item in items_of(wanted)}
    pairs = zip(items_of(values), items_of(keys), strict=True)
    return List(tuple(value for value, key in pairs if identity_of(key) in names))


def _transpose(value: Value) -> Value:
    found = grouped(
        (string_of(item), text(key))
        for key, items in table_of(value).pairs()
        for item in items_of(items)
    )
    return HclTable({key: List(tuple(found[key])) for key in sorted(found)})


FUNCTIONS: dict[str, Callable[..., Value]] = {
    **TEXT_FUNCTIONS, **CODE_FUNCTIONS,
    "abs": lambda v: Number(abs(number_of(v))), "alltrue": lambda v: _decided(v, False),
    "anytrue": lambda v: _decided(v, True), "ceil": _rounded(math.ceil),
    "chunklist": _chunklist, "coalesce": _coalesce, "coalescelist": _coalescelist,
    "compact": _compact, "concat": _concat, "contains": _contains,
    "distinct": lambda v: List(tuple(distinct(items_of(v)))), "element": _element,
    "flatten": _flatten, "floor": _rounded(math.floor), "index": _index, "keys": _keys,
    "length": _length, "lookup": _lookup, "matchkeys": _matchkeys,
    "max": lambda *values: Number(max(map(number_of, values))), "merge": _merge,
    "min": lambda *values: Number(min(map(number_of, values))),
    "nonsensitive":
        lambda v: replace(v, is_secret=False) if isinstance(v, HclText | HclUnknown) else v,
    "one": _one, "pow": _power, "range": _range,
    "reverse": lambda v: List(items_of(v)[::-1]), "sensitive": marked,
    "setintersection": _set_intersect, "setproduct": _setproduct, "setsubtract": _set_subtract,
    "setunion": lambda *lists: _toset(_concat(*lists)),
    "signum": lambda v: Number((number_of(v) > 0) - (number_of(v) < 0)),
    "slice": lambda v, start, end: List(items_of(v)[whole_of(start) : whole_of(end)]),
    "sort": lambda v: List(tuple(_sorted(items_of(v)))), "sum": _sum,
    "tobool": _tobool,
    "tolist": lambda v: v if isinstance(v, HclUnknown) else List(tuple(unified(items_of(v)))),
    "tomap": _tomap,
    "tonumber": lambda v: v if isinstance(v, HclUnknown | Null) else Number(number_of(v)),
    "toset": _toset, "tostring": _tostring, "transpose": _transpose, "values": _values,
    "zipmap": _zipmap,
    # Before version 0.12 these made lists and maps.
    "list": lambda *items: List(items),
    "map": lambda *parts: _zipmap(List(parts[::2]), List(parts[1::2])),
}  # fmt: skip

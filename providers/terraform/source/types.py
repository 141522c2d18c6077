"""The types that variables declare: defaults of optional attributes, and conversions."""

from __future__ import annotations

from collections.abc import Callable

from zonelint.providers.hcl.arguments import Misused, number_of
from zonelint.providers.hcl.evaluate import place_of
from zonelint.providers.hcl.syntax import Call, HclName, Node, Object, Tuple
from zonelint.providers.hcl.values import (
    NULL,
    Bool,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    pieces_of,
    plain,
)

Evaluate = Callable[[Node], Value]


def converted(value: Value, type: Node, evaluate: Evaluate) -> Value:
    """The value as a variable of the type holds it. What does not fit is left as it is."""
    if isinstance(value, HclUnknown | Null):
        return value
    match type:
        case HclName(name="string"):
            return (
                HclText(pieces_of(value))
                if not isinstance(value, HclText | List | HclTable)
                else value
            )
        case HclName(name="number") if isinstance(value, HclText):
            return _number(value)
        case HclName(name="bool") if isinstance(value, HclText) and (known := value.known) in (
            "true",
            "false",
        ):
            return Bool(known == "true", place_of(value))
        case Call(name="tuple", arguments=[Tuple(items=types)]) if isinstance(value, List):
            pairs = zip(value.items, types, strict=False)
            return List(tuple(converted(item, inner, evaluate) for item, inner in pairs))
        case Call(name="list" | "set" | "map" as name, arguments=[inner]):
            return _collection(value, name, inner, evaluate)
        case Call(name="object", arguments=[Object(items=items)]) if isinstance(value, HclTable):
            return _object(value, items, evaluate)
        case Call(name="optional", arguments=[inner, *_]):
            return converted(value, inner, evaluate)
        case _:
            return value


def _number(value: HclText) -> Value:
    try:
        return Number(number_of(value), place_of(value))
    except Misused:
        return value


def _collection(value: Value, name: str, inner: Node, evaluate: Evaluate) -> Value:
    match value:
        case List(items):
            listed = tuple(converted(item, inner, evaluate) for item in items)
            if name == "set":
                known = [plain(item) for item in listed]
                if None not in known:
                    unique = dict(zip(known, listed, strict=True))
                    return List(tuple(unique[key] for key in sorted(map(str, unique))), True)
            return List(listed, name == "set")
        case HclTable() as table if name == "map" and table.instance is None:
            pairs = {key: converted(each, inner, evaluate) for key, each in table.pairs()}
            return HclTable({**pairs}, table.rest, table.keys)
        case _:
            return value


def _object(table: HclTable, items: list[tuple[Node, Node]], evaluate: Evaluate) -> Value:
    """The object with the attributes that the type names; others are dropped."""
    if table.instance is not None:
        return table
    found: dict[str, Value | Callable[[], Value]] = {}
    for key_node, type in items:
        key = plain(evaluate(key_node))
        if key is None:
            continue
        given = table[key]
        is_optional = isinstance(type, Call) and type.name == "optional"
        if (given is None or isinstance(given, Null)) and is_optional:
            assert isinstance(type, Call), "just seen"
            default = evaluate(type.arguments[1]) if len(type.arguments) > 1 else NULL
            found[key] = converted(default, type.arguments[0], evaluate)
        elif given is not None:
            found[key] = converted(given, type, evaluate)
    return HclTable(found, table.rest, table.keys)

"""Expressions worked out to values, as far as they can be without a provider or a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from .arguments import bare
from .functions import arithmetic, call, cost
from .syntax import (
    DEEPEST,
    Attribute,
    Binary,
    Call,
    Chars,
    Conditional,
    Element,
    For,
    HclIndex,
    HclLiteral,
    HclName,
    HclTemplate,
    Node,
    Object,
    Splat,
    Tuple,
    Unary,
)
from .values import (
    Bool,
    HclPiece,
    HclPlace,
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
    written,
)

MOST_STEPS = 20_000_000
"""Expressions evaluated for one configuration at most."""
FIRST_STEPS = 500_000
"""Expressions evaluated for a configuration, however short it is."""
STEPS_OF_OCTET = 20
"""Expressions evaluated besides for each octet that was read."""
NOT_DECLARED = "which is not declared"
"""Why a name is not known that leads to nothing."""


class TooMuch(Exception):
    """A configuration that would take too long to work out."""


@dataclass(slots=True)
class Budget:
    """What may still be spent on one configuration, in proportion to its size."""

    steps: int = FIRST_STEPS
    most: int = MOST_STEPS - FIRST_STEPS
    depth: int = 0

    def earn(self, octets: int) -> None:
        """Allow for what was read."""
        steps = min(octets * STEPS_OF_OCTET, self.most)
        self.most -= steps
        self.steps += steps

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooMuch


class Scope(Protocol):
    """What names mean where an expression stands."""

    budget: Budget

    def root(self, name: str) -> Value | None:
        """What a bare name leads to: `var`, `local`, a resource type; None: nothing."""

    def call(self, name: str, arguments: list[Value], at: Node) -> Value | None:
        """A function that needs more than its arguments (`file`); None: it needs no more."""


Bound = Mapping[str, Value]
_ELEMENT = "[*]"


def evaluate(node: Node, scope: Scope, bound: Bound) -> Value:
    """The value of an expression. bound: names that are bound around it (`each`, say)."""
    budget = scope.budget
    budget.spend(1)
    budget.depth += 1
    try:
        if budget.depth > DEEPEST:
            return HclUnknown("an expression that is nested too deeply")
        found = _EVALUATE[type(node)](node, scope, bound)
        if isinstance(found, HclUnknown) and found.handle is None and isinstance(node, _MAKES):
            return found.made_by(HclPlace(node.source, node.start, node.end, "opaque"))
        return found
    finally:
        budget.depth -= 1


def _literal(node: HclLiteral, scope: Scope, bound: Bound) -> Value:
    place = HclPlace(node.source, node.start, node.end, "template")
    if node.value is None:
        return Null(place)
    if isinstance(node.value, bool):
        return Bool(node.value, place)
    return Number(node.value, place)


def _template(node: HclTemplate, scope: Scope, bound: Bound) -> Value:
    parts = node.parts
    if len(parts) == 1 and not isinstance(parts[0], Chars):
        return evaluate(parts[0], scope, bound)  # "${x}" is x, whatever its type
    if not parts:
        return HclText((HclPiece("", HclPlace(node.source, node.start, node.end, "quoted")),))
    pieces: list[HclPiece | HclUnknown] = []
    is_secret = False
    for part in parts:
        if isinstance(part, Chars):
            pieces.append(written(part.source, part.start, part.end, part.escapes))
            continue
        value = evaluate(part, scope, bound)
        is_secret |= isinstance(value, HclText | HclUnknown) and value.is_secret
        pieces += [
            replace(each, at=HclPlace(part.source, part.start, part.end, "quoted"))
            if isinstance(each, HclUnknown) and each.at is None
            else each
            for each in pieces_of(value)
            if isinstance(each, HclUnknown) or each.text
        ]
    scope.budget.spend(len(pieces))
    return joined(pieces, is_secret=is_secret)


def _object(node: Object, scope: Scope, bound: Bound) -> Value:
    items: dict[str, Value | Callable[[], Value]] = {}
    keys: dict[str, HclPlace | None] = {}
    rest = None
    for key_node, value_node in node.items:
        key_value = evaluate(key_node, scope, bound)
        key = plain(key_value)
        if key is None:
            rest = first_hole(key_value) or HclUnknown("a key that is not a text")
            continue
        items[key] = evaluate(value_node, scope, bound)
        keys[key] = place_of(key_value)
    return HclTable(items, rest, keys)


def place_of(value: Value) -> HclPlace | None:
    """Where a value is written, where it is written in one piece."""
    match value:
        case HclText(pieces) if len(pieces) == 1 and isinstance(pieces[0], HclPiece):
            return pieces[0].place
        case Number() | Bool() | Null():
            return value.place
        case _:
            return None


def _name(node: HclName, scope: Scope, bound: Bound) -> Value:
    found = bound.get(node.name)
    if found is None:
        found = scope.root(node.name)
    return HclUnknown(f"`{node.name}`") if found is None else found


def _index(node: HclIndex, scope: Scope, bound: Bound) -> Value:
    base = evaluate(node.base, scope, bound)
    key = evaluate(node.key, scope, bound)
    if (hole := first_hole(key)) is not None:
        return hole.made()
    if isinstance(key, Number):
        return at_key(base, int(key.value))
    found = plain(key)
    return HclUnknown("a key that is not a text") if found is None else at_key(base, found)


def at_key(base: Value, key: str | int) -> Value:
    """The element of a value at a known key."""
    match base:
        case HclUnknown():
            return base.step(key)
        case HclTable():
            found = base[str(key)]
            if found is None:
                return HclUnknown(f"`{key}`, which is not there", is_refused=True)
            if isinstance(found, HclUnknown) and found.why == NOT_DECLARED and found.handle:
                return replace(found, why=f"{'.'.join(map(str, found.handle))}, {NOT_DECLARED}")
            return found
        case List(items, is_set) if not is_set and str(key).isdigit():
            at = int(key)
            if at < len(items):
                return items[at]
            return HclUnknown(f"element {at} of {len(items)}", is_refused=True)
        case _:
            return HclUnknown(f"`{key}` of a value that has none", is_refused=True)


def _splat(node: Splat, scope: Scope, bound: Bound) -> Value:
    base = evaluate(node.base, scope, bound)
    match base:
        case HclUnknown():
            return base.made()
        case Null():
            return List(())
        case List(items):
            pass
        case _:
            items = (base,)
    return List(tuple(evaluate(node.each, scope, {**bound, _ELEMENT: item}) for item in items))


def _call(node: Call, scope: Scope, bound: Bound) -> Value:
    if node.name in ("try", "can"):
        return _first_good(node, scope, bound)
    arguments = [evaluate(each, scope, bound) for each in node.arguments]
    if node.spread and arguments:
        last = arguments.pop()
        if not isinstance(last, List):
            return HclUnknown((first_hole(last) or HclUnknown(f"what `{node.name}` is given")).why)
        arguments += last.items
    found = scope.call(node.name, arguments, node)
    if found is None:
        scope.budget.spend(cost(arguments))
        found = call(node.name, arguments)
    return found


def _first_good(node: Call, scope: Scope, bound: Bound) -> Value:
    """`try`: the first argument that can be worked out. What is not known may fail, or not."""
    for each in node.arguments:
        found = evaluate(each, scope, bound)
        hole = first_hole(found)
        is_refused = hole is not None and hole.is_refused
        if node.name == "can":
            return (
                found.made()
                if isinstance(found, HclUnknown) and not is_refused
                else Bool(not is_refused)
            )
        if not is_refused:
            return found
    return HclUnknown("`try`, of which nothing is there", is_refused=True)


def _for(node: For, scope: Scope, bound: Bound) -> Value:
    over = evaluate(node.over, scope, bound)
    if isinstance(over, HclUnknown):
        return over.made()
    pairs = list(elements(over))
    rest = over.rest if isinstance(over, HclTable) else None
    items: list[Value] = []
    table: dict[str, Value | Callable[[], Value]] = {}
    grouped: dict[str, list[Value]] = {}
    for key, value in pairs:
        inner = {**bound, node.value_name: value}
        if node.key_name is not None:
            inner[node.key_name] = key
        if node.condition is not None:
            test = evaluate(node.condition, scope, inner)
            if isinstance(test, HclUnknown):
                rest = rest or test
                continue
            if truth(test) is not True:
                continue
        made = evaluate(node.value, scope, inner)
        if node.key is None:
            items.append(made)
            continue
        name = evaluate(node.key, scope, inner)
        known = plain(name)
        if known is None:
            rest = rest or first_hole(name) or HclUnknown("a key that is not a text")
        elif node.grouped:
            grouped.setdefault(known, []).append(made)
        else:
            table[known] = made
    if node.key is not None:
        lists = {key: List(tuple(found)) for key, found in grouped.items()}
        return HclTable({**table, **lists}, rest)
    return List(tuple(items)) if rest is None else rest.made()


def elements(value: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and values of a list, a set or a table."""
    match value:
        case List(items, is_set):
            for number, item in enumerate(items):
                yield (item if is_set else Number(number)), item
        case HclTable() as table:
            for key, item in sorted(table.pairs(), key=lambda pair: pair[0]):
                yield text(key, table.keys.get(key)), item
        case _:
            return


def truth(value: Value) -> bool | None:
    """Whether a value is true; None where it is neither."""
    match value:
        case Bool():
            return value.value
        case HclText() if value.known in ("true", "false"):
            return value.known == "true"
        case _:
            return None


def _conditional(node: Conditional, scope: Scope, bound: Bound) -> Value:
    test = evaluate(node.test, scope, bound)
    answer = truth(test)
    if answer is not None:
        chosen, other = (node.yes, node.no) if answer else (node.no, node.yes)
        found = evaluate(chosen, scope, bound)
        if isinstance(found, Number | Bool) and isinstance(other, HclTemplate) and _is_text(other):
            return HclText(pieces_of(found))
        return found
    yes, no = evaluate(node.yes, scope, bound), evaluate(node.no, scope, bound)
    if fits(yes) and fits(no) and yes == no:
        return yes
    return (first_hole(test) or HclUnknown("a condition that is neither true nor false")).made()


def _is_text(node: HclTemplate) -> bool:
    return len(node.parts) != 1 or isinstance(node.parts[0], Chars)


def _binary(node: Binary, scope: Scope, bound: Bound) -> Value:
    left = evaluate(node.left, scope, bound)
    sign = node.operator
    if sign in ("&&", "||"):
        decides = sign == "||"
        right = evaluate(node.right, scope, bound)
        answers = truth(left), truth(right)
        if decides in answers:
            return Bool(decides)
        if None in answers:
            return HclUnknown(
                (first_hole(left) or first_hole(right) or HclUnknown("a condition")).why
            )
        return Bool(not decides)
    right = evaluate(node.right, scope, bound)
    if sign in ("==", "!="):
        same = equal(left, right)
        if isinstance(same, HclUnknown):
            return same
        return Bool(same is (sign == "=="))
    return arithmetic(sign, left, right)


def equal(left: Value, right: Value) -> bool | HclUnknown:
    """Whether two values are equal, where that can be told."""
    if isinstance(left, Null) or isinstance(right, Null):
        other = left if isinstance(right, Null) else right
        if isinstance(other, HclUnknown):
            return other.made()
        return isinstance(left, Null) and isinstance(right, Null)
    hole = first_hole(left) or first_hole(right)
    if hole is not None:
        if isinstance(left, HclText) and isinstance(right, HclText) and _differ(left, right):
            return False
        return hole.made()
    return bool(bare(left) == bare(right))


def _differ(left: HclText, right: HclText) -> bool:
    """Whether two texts with holes can never be the same: what is fixed at an end differs."""
    for at in (0, -1):
        one, other = (t.pieces[at] if t.pieces else HclPiece("") for t in (left, right))
        if isinstance(one, HclPiece) and isinstance(other, HclPiece):
            ends = (one.text, other.text) if at == 0 else (one.text[::-1], other.text[::-1])
            if not (ends[0].startswith(ends[1]) or ends[1].startswith(ends[0])):
                return True
    return False


def _unary(node: Unary, scope: Scope, bound: Bound) -> Value:
    operand = evaluate(node.operand, scope, bound)
    if node.operator == "!":
        answer = truth(operand)
        if answer is None:
            return HclUnknown((first_hole(operand) or HclUnknown("a condition")).why)
        return Bool(not answer)
    return arithmetic("-", Number(0), operand)


_MAKES = (Call, For, Conditional, Binary, Unary, HclIndex, Splat)
"""Expressions that make a value of others; what is not known of them is no value of theirs."""
_EVALUATE: Mapping[type[Node], Callable[..., Value]] = {
    HclLiteral: _literal, HclTemplate: _template, Object: _object, HclName: _name,
    Tuple: lambda node, scope, bound: List(
        tuple(evaluate(item, scope, bound) for item in node.items)
    ),
    Attribute: lambda node, scope, bound: at_key(evaluate(node.base, scope, bound), node.name),
    Element: lambda node, scope, bound: bound[_ELEMENT],
    HclIndex: _index, Splat: _splat, Call: _call, For: _for, Conditional: _conditional,
    Binary: _binary, Unary: _unary,
}  # fmt: skip

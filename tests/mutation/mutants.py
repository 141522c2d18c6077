"""Mutants of a module: small faults written into its source, one at a time.

The operators are cosmic-ray's, with one of our own that takes a statement out. What changes nothing
that a test could ever see is left out: annotations (they are never evaluated, and every ``|`` in
one would give eleven mutants), blocks for the type checker, how a dataclass is laid out, the
examples that stand below a rule, and wordings.
"""

from __future__ import annotations

import ast
import difflib
import importlib.util
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

LAYOUT = {"frozen", "slots", "kw_only", "eq", "order", "repr"}
"""Arguments of ``dataclass`` that only refuse what no caller does, or save memory."""

UNSEEN_DECORATORS = {"dataclass", "cache", "lru_cache", "overload", "final"}
"""Decorators whose loss is a matter of speed or layout."""

EXAMPLES = {"bad", "good"}

_Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Mutant:
    """One fault. ``line`` is where it stands; ``source`` the whole module with it."""

    path: str
    line: int
    column: int
    operator: str
    source: str
    diff: str


@dataclass(frozen=True)
class _Place:
    operator: str
    occurrence: int
    start: tuple[int, int]


def draw(path: str, source: str, sample: int, seed: int) -> tuple[int, list[Mutant]]:
    """How many mutants ``source`` has, and ``sample`` of them.

    Places are drawn, and one operator for each: there are thirteen things to put for a ``+`` and
    one for a ``not``, which is as likely to be wrong.
    """
    places = _places(source)
    by_start: dict[tuple[int, int], list[_Place]] = defaultdict(list)
    for place in places:
        by_start[place.start].append(place)
    chance = random.Random(f"{seed} {path}")
    drawn: list[Mutant] = []
    starts = sorted(by_start)
    chance.shuffle(starts)
    for start in starts:
        if len(drawn) == sample:
            break
        found = _mutant(path, source, chance.choice(by_start[start]))
        if found is not None:
            drawn.append(found)
    return len(places), sorted(drawn, key=lambda mutant: (mutant.line, mutant.column))


def _mutant(path: str, source: str, place: _Place) -> Mutant | None:
    if place.operator == "RemoveStatement":
        mutated = _without(source, place.start)
    else:
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        mutated = mutate_code(source, get_operator(f"core/{place.operator}")(), place.occurrence)
    if mutated is None:
        return None
    try:
        if ast.dump(ast.parse(mutated)) == ast.dump(ast.parse(source)):
            return None
    except SyntaxError:
        return None
    lines = difflib.unified_diff(
        source.splitlines(), mutated.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2
    )
    return Mutant(path, *place.start, place.operator, mutated, "\n".join(lines))


def _places(source: str) -> list[_Place]:
    """Where something can be changed that a test could see."""
    tree = ast.parse(source)
    skipped = list(_skipped(tree))
    places = [_Place("RemoveStatement", 0, start) for start in _statements(tree)]
    if importlib.util.find_spec("cosmic_ray") is not None:
        places += _cosmic_places(source)
    return [p for p in places if not any(a <= p.start < b for a, b in skipped)]


def _cosmic_places(source: str) -> Iterator[_Place]:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        if "Variable" in name:  # these need to be told which variables
            continue
        operator = get_operator(name)()
        occurrence = 0
        for node in nodes:
            for start, _ in operator.mutation_positions(node):
                yield _Place(name.removeprefix("core/"), occurrence, start)
                occurrence += 1


def _statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """The statements that do something and can be left out: calls, yields, raises, additions."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
                yield node.lineno, node.col_offset
            case ast.Raise() | ast.AugAssign() | ast.Delete():
                yield node.lineno, node.col_offset


def _without(source: str, start: tuple[int, int]) -> str | None:
    """The source with ``pass`` for the statement at ``start``, every other line where it was."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) == start:
            lines = source.splitlines(keepends=True)
            first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
            tail = lines[last].encode()[node.end_col_offset :].decode()
            lines[first] = lines[first].encode()[: node.col_offset].decode() + "pass\n"
            lines[first + 1 : last + 1] = ["\n"] * (last - first)
            if tail.strip() and not tail.strip().startswith("#"):
                return None
            return "".join(lines)
    return None


def _skipped(tree: ast.Module) -> Iterator[_Span]:
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=hint):
                yield _span(hint)
            case ast.arg(annotation=ast.expr() as hint):
                yield _span(hint)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield _span(node)
            case ast.Assign(value=ast.BinOp(op=ast.BitOr()) as value) if _is_type(value):
                yield _span(value)
            case ast.Call(func=ast.Name(id="cast"), args=[hint, *_]):
                yield _span(hint)
            case ast.JoinedStr() | ast.Assert():
                # Wordings are looked at by people; assert says what is known to hold.
                yield _span(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield _span(node.returns)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _skipped_decorators(node)
    for statement in tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=attr))) if attr in EXAMPLES:
                yield _span(statement)


def _skipped_decorators(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> Iterator[_Span]:
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
        if name in UNSEEN_DECORATORS:
            (line, column), end = _span(decorator)
            yield (line, column - 1), end
        elif name == "rule":  # without it there is no rule: the index would not be made
            yield (
                (decorator.lineno, decorator.col_offset - 1),
                (
                    decorator.lineno,
                    decorator.col_offset,
                ),
            )


def _is_type(value: ast.expr) -> bool:
    """Whether this is an alias such as ``Step = Found | Unknown``."""
    match value:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _is_type(left) and _is_type(right)
        case ast.Name(id=name):
            return not name.isupper()
        case ast.Constant(value=None) | ast.Subscript():
            return True
    return False


def _span(node: ast.expr | ast.stmt) -> _Span:
    return (
        (node.lineno, node.col_offset),
        (node.end_lineno or node.lineno, node.end_col_offset or 0),
    )

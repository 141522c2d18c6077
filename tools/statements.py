"""How large the product is, and how it hangs together: `python -m tools.statements [CHECKOUT…]`.

Read from the sources alone by `ast`, so any checkout can be measured, an older one beside this
one: statements (docstrings not counted) and modules of every floor and room, the largest room,
import cycles (imports inside functions and for typing included), and public class names that two
modules define. `--list` names the cycles and the classes.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FLOORS = ("lint", "providers", "rules", "grammars")


@dataclass(slots=True)
class Module:
    """One file.

    room: its folder, as seen from the checkout.
    statements: how many there are in it, those inside functions and classes included.
    classes: the public ones at its top.
    imports: dotted names of this product that it mentions, whether modules or what is in them.
    """

    room: Path
    statements: int
    classes: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)


def name_of(path: Path) -> str:
    """The dotted name that a file of the checkout has once it is installed."""
    floor, *rest = path.with_suffix("").parts
    parts = ["zonelint", *([] if floor == "lint" else [floor]), *rest]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def count_statements(tree: ast.AST) -> int:
    """Statements of a tree without its docstrings, those below a name included."""
    return sum(isinstance(n, ast.stmt) and not _is_docstring(n) for n in ast.walk(tree))


def _is_docstring(node: ast.stmt) -> bool:
    """Of a module, a class, a function or the name above it: a text that stands alone."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def imported_names(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """Every dotted name that an import anywhere in the tree mentions, made absolute."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else []
                start = ".".join([*base, *([module] if module else [])])
                yield from (f"{start}.{alias.name}" for alias in names)


def read_modules(checkout: Path) -> dict[str, Module]:
    """The product's modules by their dotted names."""
    modules = {}
    for floor in FLOORS:
        for path in sorted((checkout / floor).rglob("*.py")):
            relative = path.relative_to(checkout)
            name, tree = name_of(relative), ast.parse(path.read_bytes(), str(path))
            package = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
            modules[name] = Module(
                relative.parent,
                count_statements(tree),
                {n.name for n in tree.body if isinstance(n, ast.ClassDef) and n.name[0] != "_"},
                set(imported_names(tree, package)),
            )
    return modules


def import_graph(modules: dict[str, Module]) -> dict[str, set[str]]:
    """Which modules each imports; a name within a module is an import of the module."""
    return {
        name: {
            each if each in modules else each.rpartition(".")[0]
            for each in module.imports
            if each in modules or each.rpartition(".")[0] in modules
        }
        - {name}
        for name, module in modules.items()
    }


def find_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules of which each reaches all others, the largest first."""
    reached = {name: reachable(graph, name) for name in graph}
    groups = {
        frozenset({name} | {n for n in reached[name] if name in reached[n]})
        for name in graph
        if name in reached[name]
    }
    return sorted((sorted(group) for group in groups), key=lambda g: (-len(g), g))


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """What a module imports, and what that imports, and so on."""
    seen: set[str] = set()
    todo = list(graph[start])
    while todo:
        if (name := todo.pop()) not in seen:
            seen.add(name)
            todo += graph[name]
    return seen


def shared_names(modules: dict[str, Module]) -> dict[str, list[str]]:
    """Public class names that more than one module defines, with these modules."""
    places = defaultdict(list)
    for name, module in modules.items():
        for each in module.classes:
            places[each].append(name)
    return {each: found for each, found in sorted(places.items()) if len(found) > 1}


def report(checkout: Path, listed: bool) -> Iterator[str]:
    """The lines about one checkout."""
    modules = read_modules(checkout)
    rooms: dict[Path, list[Module]] = defaultdict(list)
    for module in modules.values():
        rooms[module.room].append(module)
    yield "| Folder | modules | statements |\n|---|--:|--:|"
    for floor in FLOORS:
        within = [m for m in modules.values() if m.room.parts[0] == floor]
        yield f"| **{floor}/** | {len(within)} | {sum(m.statements for m in within):,} |"
        for room in sorted(room for room in rooms if room.parts[0] == floor):
            yield (
                f"| {room.as_posix()} | {len(rooms[room])}"
                f" | {sum(m.statements for m in rooms[room]):,} |"
            )
    yield f"| **all** | {len(modules)} | {sum(m.statements for m in modules.values()):,} |\n"
    largest = max(rooms, key=lambda room: len(rooms[room]))
    cycles, shared = find_cycles(import_graph(modules)), shared_names(modules)
    yield f"largest room: {largest.as_posix()}, {len(rooms[largest])} modules"
    yield f"import cycles: {len(cycles)}, of {', '.join(str(len(c)) for c in cycles) or 'none'}"
    yield f"public class names that several modules define: {len(shared)}"
    if listed:
        yield from (f"cycle: {', '.join(cycle)}" for cycle in cycles)
        yield from (f"class {name}: {', '.join(found)}" for name, found in shared.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.statements", description=__doc__)
    parser.add_argument("checkout", nargs="*", type=Path, default=[Path()])
    parser.add_argument("--list", action="store_true", help="name the cycles and the classes")
    given = parser.parse_args()
    for checkout in given.checkout:
        print(f"\n## {checkout}\n", *report(checkout, given.list), sep="\n")


if __name__ == "__main__":
    main()

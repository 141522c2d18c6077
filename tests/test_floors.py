"""The floors of the house and their rooms: every import goes down, and none in a circle.

Which room lies below which is read from the drawing in docs/architecture.md. The check reads the
sources, so it sees imports inside functions too. It is itself checked on small trees that break one
law each.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tools.statements import find_cycles, import_graph, name_of, read_modules
from zonelint.rules.core import registry

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {"grammars": 1, "rules": 2, "providers": 3, "lint": 4}

# Where a heavy or optional library may be named at all, as folders or files of the repository.
HOMES = {
    "octodns": ("providers/octodns",),
    "pulumi": ("providers/pulumi",),
    "pulumi_policy": ("providers/pulumi",),
    "lark": (
        "grammars/parser.py", "grammars/spf/grammar.py", "grammars/tags/grammar.py",
        "providers/hcl/syntax.py",
    ),
    "hcl2": ("providers/hcl/syntax.py",),
    "click": ("lint",),
}  # fmt: skip

# Imported inside a function only: Lark, which many commands do without, and what imports it.
LATE = (
    "zonelint.grammars.parser",
    "zonelint.grammars.spf.grammar",
    "zonelint.grammars.tags.grammar",
    "hcl2",
)

# The rooms of rules/ that hold no rules. Every other folder there is a family: each file a rule,
# and what they share in support/.
NO_FAMILIES = frozenset({"core", "config", "model", "mail", "evidence", "offers"})

# The modules that may look at the families.
READERS_OF_FAMILIES = frozenset({Path("rules/core/engine.py"), Path("rules/core/registry.py")})


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `target` is absolute, `late` when it stands inside a function."""

    target: str
    line: int
    late: bool
    for_types: bool


def module_of(path: Path) -> str:
    """The dotted name that a file of the repository has once it is installed."""
    floor, *rest = path.with_suffix("").parts
    parts = ["zonelint", *([] if floor == "lint" else [floor]), *rest]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    """Every import statement of a file, one name at a time."""
    relative = path.relative_to(root)
    package = module_of(relative).split(".")
    if relative.name != "__init__.py":
        package = package[:-1]

    def walk(node: ast.AST, late: bool, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.Import(names=names):
                    for alias in names:
                        yield Import(alias.name, child.lineno, late, for_types)
                case ast.ImportFrom(module=module, names=names, level=level):
                    base = package[: len(package) - level + 1] if level else []
                    parts = [*base, *([module] if module else [])]
                    for alias in names:
                        yield Import(".".join([*parts, alias.name]), child.lineno, late, for_types)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                    yield from walk(child, True, for_types)
                case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=orelse):
                    yield from walk(ast.Module(body, []), late, True)
                    yield from walk(ast.Module(orelse, []), late, for_types)
                case _:
                    yield from walk(child, late, for_types)

    yield from walk(ast.parse(path.read_bytes(), str(path)), False, False)


def floor_of(target: str) -> int | None:
    """The floor that a dotted name lives on, None for what is not ours."""
    first, _, rest = target.partition(".")
    if first != "zonelint":
        return None
    return FLOORS.get(rest.partition(".")[0], FLOORS["lint"])


def within(path: Path, homes: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(home) for home in homes)


def violations(root: Path) -> list[str]:
    """Every import in the tree that breaks a law, as `path:line: what is wrong`."""
    families = {p.name for p in (root / "rules").iterdir() if p.is_dir()} - NO_FAMILIES
    found = []
    for floor, level in FLOORS.items():
        for path in sorted((root / floor).rglob("*.py")):
            relative = path.relative_to(root)
            for imported in imports_of(path, root):
                for wrong in faults(relative, floor, level, imported, families):
                    found.append(f"{relative}:{imported.line}: {wrong}")
    return found


def faults(
    path: Path, floor: str, level: int, imported: Import, families: set[str]
) -> Iterator[str]:
    target = imported.target
    first = target.partition(".")[0]
    theirs = floor_of(target)
    if first in FLOORS:
        yield f"{target}: import it as part of zonelint"
    if theirs is not None and theirs > level:
        yield f"{target} is a floor above"
    if first in HOMES and not within(path, HOMES[first]):
        yield f"{first} belongs in {', '.join(HOMES[first])}"
    early = not imported.late and not imported.for_types and not within(path, HOMES["lark"])
    if early and target.startswith(LATE):
        yield f"{target} is imported inside the function that needs it"
    if path == Path("lint/__init__.py") and not imported.late and not imported.for_types:
        yield f"{target}: the package's root imports nothing"

    match target.split("."):
        case ["zonelint", "rules", family, *_] if family in families:
            own = path.parts[1] if floor == "rules" and len(path.parts) > 2 else None
            reader = path in READERS_OF_FAMILIES
            if floor == "rules" and own != family and not reader:
                yield f"{target}: a family of rules is nobody else's to import"
            if floor == "providers":
                yield f"{target}: a provider knows the engine, no single rule"
        case _:
            pass


def test_every_import_goes_down() -> None:
    assert violations(ROOT) == []


def test_the_check_sees_the_whole_house() -> None:
    paths = (ROOT / "grammars").rglob("*.py")
    seen = {imported.target for path in paths for imported in imports_of(path, ROOT)}
    assert any(target.partition(".")[0] == "lark" for target in seen)


LAWFUL = {
    "lint/main.py": "from zonelint.providers import dns\ndef show():\n    import click\n",
    "providers/octodns/validator.py": "import octodns\nfrom zonelint.rules import engine\n",
    "rules/core/engine.py": "from ..spf import pass_all\nfrom zonelint.grammars import spf\n",
    "rules/spf/pass_all.py": "from zonelint.rules.rule import rule\nfrom .words import word\n",
    "rules/dmarc/syntax.py": "from ..config.senders import load\n",
    "grammars/spf/grammar.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from lark import Lark\n"
        "def build() -> 'Lark':\n    import lark\n"
    ),
}


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_lawful_tree_passes(tmp_path: Path) -> None:
    plant(tmp_path, LAWFUL)
    assert violations(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("grammars/a.py", "import zonelint.rules.core.rule", "floor above"),
        ("grammars/a.py", "from ..rules import rule", "floor above"),
        ("grammars/a.py", "from zonelint import providers", "floor above"),
        ("grammars/a.py", "from zonelint import __version__", "floor above"),
        ("rules/a.py", "def f():\n    from zonelint.providers import dns", "floor above"),
        ("rules/spf/a.py", "from ... import main", "floor above"),
        ("providers/a.py", "from zonelint.formats import text", "floor above"),
        ("rules/a.py", "from grammars import spf", "as part of zonelint"),
        ("rules/a.py", "import octodns.zone", "belongs in providers/octodns"),
        ("providers/pulumi/a.py", "def f():\n    import octodns", "belongs in providers/octodns"),
        ("lint/a.py", "from pulumi_policy import PolicyPack", "belongs in providers/pulumi"),
        ("providers/a.py", "def f():\n    import click", "belongs in lint"),
        ("grammars/a.py", "def f():\n    from lark import Lark", "belongs in grammars/parser.py"),
        ("rules/a.py", "from zonelint.grammars.spf.grammar import SPF", "inside the function"),
        ("rules/spf/a.py", "from zonelint.rules.dmarc import b", "nobody else's"),
        ("rules/spf/a.py", "from ..dmarc.b import c", "nobody else's"),
        ("rules/subjects.py", "from zonelint.rules.spf.b import c", "nobody else's"),
        ("providers/a.py", "from zonelint.rules.spf import b", "no single rule"),
        ("lint/__init__.py", "import importlib.metadata", "imports nothing"),
    ],
)
def test_each_law_is_kept(tmp_path: Path, path: str, text: str, complaint: str) -> None:
    plant(tmp_path, {**LAWFUL, path: text})
    (found,) = violations(tmp_path)
    assert found.startswith(f"{path}:")
    assert complaint in found


MOST, LEAST = 15, 3
"""Modules of one room, its `__init__` not counted."""

# What is smaller: helpers of few rules, and the profiles of mail services, which are data.
SMALL = frozenset({"rules/phase/support", "rules/zone/support", "rules/config/senders"})


@cache
def graph_of(root: Path) -> dict[str, set[str]]:
    return import_graph(read_modules(root))


def rooms_of(root: Path) -> dict[str, list[Path]]:
    """The modules of every room, `__init__` not among them."""
    return {
        folder.relative_to(root).as_posix(): [
            path for path in folder.glob("*.py") if path.stem != "__init__"
        ]
        for floor in FLOORS
        for folder in [root / floor, *(root / floor).rglob("*")]
        if (folder / "__init__.py").exists()
    }


def drawn(text: str) -> dict[str, list[list[str]]]:
    """The lines of rooms of each floor, the top one first. A joined line is one list of them."""
    drawing = text.partition("```text\n")[2].partition("```")[0]
    found: dict[str, list[list[str]]] = {}
    floor = ""
    for line in filter(None, drawing.splitlines()):
        first, *rest = line.split()
        if not line.startswith(" "):
            floor, line = first, " ".join(rest)
        rooms = [room if room == "+" else f"{floor}/{room}" for room in line.split()]
        found.setdefault(floor, []).append(rooms)
    return found


def allowed(drawing: dict[str, list[list[str]]]) -> dict[str, set[str]]:
    """The rooms of its own floor that each room may import."""
    found = {}
    for lines in drawing.values():
        for number, line in enumerate(lines):
            below = {room for lower in lines[number + 1 :] for room in lower}
            for room in line:
                found[room] = below | (set(line) if "+" in line else {room})
    return found


def room_of(path: Path, drawing: dict[str, set[str]]) -> str | None:
    """The drawn room that a file belongs to, the innermost; None at the top of a floor."""
    return next((p.as_posix() for p in path.parents if p.as_posix() in drawing), None)


def crossings(root: Path, may: dict[str, set[str]]) -> list[str]:
    """Every import between rooms of one floor that does not go down in the drawing."""
    paths = {name_of(p.relative_to(root)): p.relative_to(root)
             for floor in FLOORS for p in (root / floor).rglob("*.py")}  # fmt: skip
    found = []
    for name, targets in graph_of(root).items():
        here = room_of(paths[name], may)
        for target in sorted(targets):
            there = room_of(paths[target], may)
            same_floor = paths[name].parts[0] == paths[target].parts[0]
            if here and there and same_floor and there not in may[here]:
                found.append(f"{name}: {target} is not below it in docs/architecture.md")
    return found


DRAWING = drawn((ROOT / "docs/architecture.md").read_text("utf-8"))


def test_every_room_is_drawn_and_every_drawn_room_is_there() -> None:
    inside = ("support", "senders")  # they belong to the room around them
    rooms = {room for room in rooms_of(ROOT) if "/" in room and not room.endswith(inside)}
    assert {room for lines in DRAWING.values() for line in lines for room in line} - {"+"} == rooms


def test_imports_between_rooms_go_down_in_the_drawing() -> None:
    assert crossings(ROOT, allowed(DRAWING)) == []


def test_a_room_has_a_size_in_which_one_finds_the_way() -> None:
    sizes = {room: len(modules) for room, modules in rooms_of(ROOT).items()}
    families = {f"rules/{name}" for name in registry.FAMILIES}
    assert {r: n for r, n in sizes.items() if n > MOST and r not in families} == {}
    assert {r: n for r, n in sizes.items() if n < LEAST and r not in SMALL} == {}
    assert {room for room in SMALL if sizes[room] >= LEAST} == set(), "no longer small"


def test_every_file_of_a_family_is_a_rule() -> None:
    rules = {rule.check.__module__ for rule in registry.imported()}
    for family in registry.FAMILIES:
        for path in rooms_of(ROOT)[f"rules/{family}"]:
            assert name_of(path.relative_to(ROOT)) in rules, path


def test_every_room_says_what_it_holds_and_imports() -> None:
    families = {f"rules/{name}" for name in registry.FAMILIES}
    for room in rooms_of(ROOT):
        text = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_bytes())) or ""
        assert text, room
        assert room in families or "import" in text.lower(), f"{room}: what may it import?"


def _public_classes() -> dict[str, list[str]]:
    """Where each public class of the product is defined, by its name."""
    found: dict[str, list[str]] = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    return found


def test_a_public_class_name_is_one_thing() -> None:
    classes = _public_classes()
    assert "Finding" in classes
    assert {name: places for name, places in classes.items() if len(places) > 1} == {}


def test_docstrings_have_one_markup() -> None:
    """Markdown's, which the pages of the rules need: code in single backquotes."""
    double = re.compile("(?<!`)``(?!`)")
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if double.search(line)
    ] == []


def test_no_import_goes_in_a_circle() -> None:
    assert find_cycles(graph_of(ROOT)) == []


def test_a_clean_check_loads_what_it_needs() -> None:
    """A rule is loaded when it is asked, and brings its own; a checkout, though, loads them all."""
    loaded: set[str] = set()
    todo = {"zonelint.commands.check", "zonelint.run.judging", "zonelint.formats.text"}
    files = {module_of(p.relative_to(ROOT)): p for f in FLOORS for p in (ROOT / f).rglob("*.py")}
    while todo:
        loaded.add(name := todo.pop())
        for each in imports_of(files[name], ROOT):
            if not (each.late or each.for_types):
                found = {each.target, each.target.rpartition(".")[0]} & files.keys()
                todo |= found - loaded
    assert "zonelint.rules.core.engine" in loaded
    assert loaded.isdisjoint({
        "zonelint.changes.sharing", "zonelint.rules.evidence.evidence",
        "zonelint.rules.mail.meaning", "zonelint.rules.model.parts", "zonelint.run.workers",
    })  # fmt: skip


def test_an_import_up_between_rooms_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, {
        "rules/top/a.py": "from zonelint.rules.low import b\n",
        "rules/low/b.py": "def f():\n    from ..top import a\n",
        "rules/one/c.py": "from ..two import d\n",
        "rules/two/d.py": "from ..one import c\n",
    })  # fmt: skip
    may = allowed(drawn("```text\nrules  top\n       low\n       one + two\n```"))
    assert crossings(tmp_path, may) == [
        "zonelint.rules.low.b: zonelint.rules.top.a is not below it in docs/architecture.md"
    ]


def test_the_ways_lead_through_what_is_there() -> None:
    """Each step of a way names a file, and something that is defined in it."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    ways = text.split("\n## The way of ")[1:]
    assert len(ways) == 2
    for way in ways:
        steps = re.findall(r"^(\d+)\. `([\w/]+\.py)` `([\w.]+)`", way, re.MULTILINE)
        assert [int(number) for number, _, _ in steps] == list(range(1, 11))
        for _, file, name in steps:
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            for part in name.split("."):
                tree = next(
                    node
                    for node in tree.body
                    if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part
                )

"""The four floors of the house: every import goes down.

The check reads the sources, so it sees imports inside functions too. It is itself checked on small
trees that break one law each.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {"grammars": 1, "rules": 2, "providers": 3, "lint": 4}

# Where a heavy or optional library may be named at all, as folders or files of the repository.
HOMES = {
    "octodns": ("providers/octodns",),
    "pulumi": ("providers/pulumi",),
    "pulumi_policy": ("providers/pulumi",),
    "rich": ("lint",),
    "lark": ("grammars",),
    "click": ("lint",),
}

# Imported inside a function only: most runs do without them.
LATE = ("rich", "lark")

# The rooms of rules/ that hold no rules. Every other folder there is a family: each file a rule,
# and what they share in support/.
NO_FAMILIES = frozenset({"core", "config", "model", "mail", "evidence"})

# The modules that may look at the families.
READERS_OF_FAMILIES = frozenset({Path("rules/core/engine.py"), Path("rules/core/registry.py")})


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: ``target`` is absolute, ``late`` when it stands inside a function."""

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
    """Every import in the tree that breaks a law, as ``path:line: what is wrong``."""
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
    if first in LATE and not imported.late and not imported.for_types:
        yield f"{first} is imported inside the function that needs it"
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
    "lint/main.py": "from zonelint.providers import dns\ndef show():\n    import rich\n",
    "providers/octodns/validator.py": "import octodns\nfrom zonelint.rules import engine\n",
    "rules/core/engine.py": "from ..spf import pass_all\nfrom zonelint.grammars import spf\n",
    "rules/spf/pass_all.py": "from zonelint.rules.rule import rule\nfrom .words import word\n",
    "rules/dmarc/syntax.py": "from ..config.senders import load\n",
    "grammars/spf.py": (
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
        ("lint/a.py", "from rich.progress import Progress", "inside the function"),
        ("providers/a.py", "def f():\n    import rich", "belongs in lint"),
        ("grammars/a.py", "from lark import Lark", "inside the function"),
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

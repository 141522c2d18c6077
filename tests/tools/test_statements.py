"""The measures of the house, on a house small enough to count by hand."""

from pathlib import Path

from tools.statements import find_cycles, import_graph, read_modules, report, shared_names

FILES = {
    "lint/__init__.py": '"""Nothing."""\n',
    "lint/main.py": "import os\nfrom zonelint.rules import core\nclass Result:\n    pass\n",
    "rules/__init__.py": "",
    "rules/core.py": (
        "class Result:\n"
        '    """Doc."""\n'
        "    def late(self):\n"
        '        "Doc."\n'
        "        from .spf import loop\n"
        "        return loop\n"
        "class _Own: ...\n"
    ),
    "rules/spf/__init__.py": "",
    "rules/spf/loop.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from ..core import Result\n"
        "class _Own: ...\n"
    ),
}


def plant(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_docstrings_are_no_statements(tmp_path: Path) -> None:
    modules = read_modules(plant(tmp_path))
    assert {name: module.statements for name, module in modules.items()} == {
        "zonelint": 0,
        "zonelint.main": 4,
        "zonelint.rules": 0,
        "zonelint.rules.core": 6,
        "zonelint.rules.spf": 0,
        "zonelint.rules.spf.loop": 5,
    }


def test_a_cycle_through_a_function_and_through_typing_is_seen(tmp_path: Path) -> None:
    graph = import_graph(read_modules(plant(tmp_path)))
    assert graph["zonelint.main"] == {"zonelint.rules.core"}
    assert find_cycles(graph) == [["zonelint.rules.core", "zonelint.rules.spf.loop"]]


def test_only_public_names_are_shared(tmp_path: Path) -> None:
    shared = shared_names(read_modules(plant(tmp_path)))
    assert shared == {"Result": ["zonelint.main", "zonelint.rules.core"]}


def test_the_report_counts_rooms(tmp_path: Path) -> None:
    lines = list(report(plant(tmp_path), listed=True))
    assert "| rules/spf | 2 | 5 |" in lines
    assert "| **all** | 6 | 15 |\n" in lines
    assert "import cycles: 1, of 2" in lines
    assert "class Result: zonelint.main, zonelint.rules.core" in lines

"""Mutation testing tells what the tests notice from what they do not."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutation.__main__ import modules_of
from tests.mutation.loaded import Living, built_once, function_at, marked, swap
from tests.mutation.mutants import draw
from tests.mutation.serve import importers

ROOT = Path(__file__).parents[1]


def test_a_run_finds_what_the_examples_notice(tmp_path):
    """The one statement of this rule is what reports the fault: every example needs it."""
    module = "rules/spf/neutral_all.py"
    told = tmp_path / "mutants.json"
    run = subprocess.run(
        [sys.executable, "-m", "tests.mutation", module, "--sample", "2",
         "--tests", "tests/rules/test_examples.py", "-k", "SPF202", "--json", str(told)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    row = next(line for line in run.stdout.splitlines() if line.startswith(module))
    mutants = json.loads(told.read_text("utf-8"))
    assert mutants
    assert {mutant["outcome"] for mutant in mutants} == {"killed"}
    assert row.split()[-1] == "100%"


def test_what_is_no_module_is_refused():
    run = subprocess.run(
        [sys.executable, "-m", "tests.mutation", "rules/nothing.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "rules/nothing.py is no module of grammars or rules" in run.stdout


def test_the_modules_of_a_folder(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = modules_of(["rules/zone"])
    assert "rules/zone/ttl.py" in found
    assert "rules/zone/__init__.py" not in found
    with pytest.raises(ValueError, match="is no module of"):
        modules_of(["lint/main.py"])


SOURCE = dedent(
    '''
    def total(numbers: list[int | None]) -> int | None:
        """A sum."""
        found = 0
        for number in numbers:
            found += number
        return found if numbers else None
    '''
)


def test_a_mutant_is_one_change():
    all_of_them, drawn = draw("rules/x.py", SOURCE, 100, 0)
    assert all_of_them >= len(drawn) >= 1
    removed = next(mutant for mutant in drawn if mutant.operator == "RemoveStatement")
    assert "-        found += number\n+        pass" in removed.diff
    assert removed.source.count("\n") == SOURCE.count("\n")


@pytest.mark.skipif(not importlib.util.find_spec("cosmic_ray"), reason="needs cosmic-ray")
def test_annotations_are_left_alone():
    _, drawn = draw("rules/x.py", SOURCE, 100, 0)
    assert len(drawn) > 2
    assert not [
        mutant for mutant in drawn if "def total" in mutant.diff.split("@@")[2].split("-")[1]
    ]


def test_the_same_seed_draws_the_same():
    assert draw("rules/x.py", SOURCE, 2, 5) == draw("rules/x.py", SOURCE, 2, 5)


def test_the_function_of_a_place():
    source = "A = 1\n\ndef f(b=2):\n    def g():\n        return 3\n    return lambda: 4\n"
    assert function_at(source, 1, 4) is None
    assert function_at(source, 3, 8) is None
    assert function_at(source, 5, 15) == 4
    assert function_at(source, 6, 19) == 6


def test_what_is_built_once_is_called_by_one_test_only():
    source = "@cache\ndef f():\n    return lambda: 1\n\n@cache\ndef g(a):\n    return a\n"
    assert built_once(source) == {2, 3}


def test_functions_that_live_are_given_other_code(tmp_path):
    path = str(tmp_path / "m.py")
    names: dict = {}
    exec(compile(SOURCE, path, "exec", dont_inherit=True), names)
    total = names["total"]
    assert total([1, 2]) == 3
    living = Living(tmp_path)
    swap(living.swaps(SOURCE, SOURCE.replace("found = 0", "found = 5"), path))
    assert total([1, 2]) == 8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("found = 0", "found = 0"),
        ("def total(", "A = 1\ndef total("),
        ("int | None:", "int | None:\n    ...\ndef other():"),
    ],
)
def test_what_happens_at_import_cannot_be_swapped(tmp_path, old, new):
    path = str(tmp_path / "m.py")
    names: dict = {}
    exec(compile(SOURCE, path, "exec", dont_inherit=True), names)
    assert Living(tmp_path).swaps(SOURCE, SOURCE.replace(old, new), path) is None


def test_marked_functions_tell_that_they_are_called(monkeypatch):
    import ast
    import builtins

    called = []
    monkeypatch.setattr(
        builtins, "__mutation_hit__", lambda *place: called.append(place), raising=False
    )
    tree = ast.parse("def f(a):\n    'text'\n    return (lambda: a + 1)()\n")
    marked(tree, "m.py")
    names: dict = {}
    exec(compile(tree, "m.py", "exec"), names)
    assert names["f"](1) == 2
    assert names["f"].__doc__ == "text"
    assert called == [("m.py", 1), ("m.py", 3)]


def test_who_imports_a_module():
    sources = {
        "rules/a.py": "from zonelint.rules import b\n",
        "rules/b.py": "from zonelint.grammars.spf.record import parse\n",
        "rules/c.py": "from zonelint.rules.b import x\n",
        "rules/d.py": "from .b import x\n",
    }
    assert importers(sources)["rules/b.py"] == {"rules/a.py", "rules/c.py", "rules/d.py"}

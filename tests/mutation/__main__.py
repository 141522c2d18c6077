"""Change the code in small ways and see whether a test notices: ``python -m tests.mutation``.

For each module under grammars/ and rules/, or for those that are named (``rules/spf/loop.py``,
``grammars``), a sample of mutants is drawn, and the tests that call the mutated function are asked
about each. The project is copied first: nothing is written to the working tree.

The operators are cosmic-ray's (``pip install cosmic-ray``; too large for the ``dev`` extra with all
that it brings) and one of our own, which takes statements out. Without it there is only ours.

The table says for each module how many mutants there are, how many were tried, and how they ended;
the score is the share that the tests noticed, by failing or by not coming to an end. The survivors
follow as differences: each is a test that is missing, code that does nothing, or a change that
makes no difference. Only what runs in the tests' own process is mutated, not programs that they
start.

Why cosmic-ray and not mutmut: mutmut 3 mutates no function with a decorator, and every rule has
one; and it takes a file's path for the module's name, where ``rules/`` is ``zonelint.rules``. Of
cosmic-ray only the operators are used: it would start pytest anew for every mutant.

Exit status: 0 the score is at least --fail-under (0 unless told), 1 it is less, 2 the tests fail
without any mutant, or what was asked for is not there.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]

BOTH = ("tests/rules", "tests/test_limits.py", "tests/test_crashers.py")
TESTS: dict[str, tuple[str, ...]] = {
    "grammars": ("tests/grammars", *BOTH),
    "rules": ("tests/lint", "tests/providers", *BOTH),
}
"""Which tests are asked about the modules of a folder; of them only those that run the code."""

FLOORS = ("lint", "grammars", "rules", "providers")

COLUMNS = (
    ("mutants", 8),
    ("sample", 8),
    ("killed", 8),
    ("survived", 9),
    ("timeout", 8),
    ("score", 8),
)


def main() -> int:
    options = _parser().parse_args()
    if options.copy:
        return _judge(options)
    if importlib.util.find_spec("cosmic_ray") is None:
        print("cosmic-ray is not installed (pip install cosmic-ray): statements are taken out only")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        copied(copy)
        command = [sys.executable, "-m", "tests.mutation", "--copy", *sys.argv[1:]]
        environment = os.environ | {
            "PYTHONPATH": str(copy / "build"), "PYTHONHASHSEED": "0",
        }  # fmt: skip
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


def copied(copy: Path) -> None:
    """The working tree at ``copy``, with the package laid out in ``copy / "build"``."""
    away = shutil.ignore_patterns("__pycache__", ".*", "build", "dist", "*.egg-info", "site")
    shutil.copytree(ROOT, copy, ignore=away, symlinks=True)
    package = copy / "build" / "zonelint"
    package.mkdir(parents=True)
    for entry in (copy / "lint").iterdir():
        (package / entry.name).symlink_to(entry)
    for floor in FLOORS[1:]:
        (package / floor).symlink_to(copy / floor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", help="files or folders (grammars and rules)")
    parser.add_argument("--sample", type=int, default=10, help="mutants of each module (10)")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws others (0)")
    parser.add_argument(
        "--budget", type=float, default=20, help="seconds of tests for each mutant (20)"
    )
    parser.add_argument(
        "--patience", type=float, default=10, help="seconds beyond which it is a timeout (10)"
    )
    parser.add_argument("--tests", nargs="+", help="ask these instead of the folder's own")
    parser.add_argument("-k", dest="words", default="", help="of the tests only these, as pytest's")
    parser.add_argument("--fail-under", type=float, default=0, help="score in per cent (0)")
    parser.add_argument("--json", type=Path, help="also write every mutant with its outcome here")
    parser.add_argument("--copy", action="store_true", help=argparse.SUPPRESS)
    return parser


def modules_of(named: Iterable[str]) -> list[str]:
    """The modules that are meant, as paths from the project's folder.

    :raises ValueError: for what is none.
    """
    found: dict[str, None] = {}
    for name in named or TESTS:
        path = Path(name)
        inside = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for module in inside:
            if not module.is_file() or module.parts[0] not in TESTS:
                raise ValueError(f"{name} is no module of {' or '.join(TESTS)}")
            if module.name != "__init__.py":
                found[module.as_posix()] = None
    return list(found)


def _judge(options: argparse.Namespace) -> int:
    from tests.mutation.mutants import draw
    from tests.mutation.preload import preload
    from tests.mutation.serve import BrokenTests, Mutant, Outcome, Terms, judge

    try:
        modules = modules_of(options.modules)
    except ValueError as error:
        print(error)
        return 2
    started = time.monotonic()
    preload()
    sources = {module: Path(module).read_text("utf-8") for module in modules_of(())}
    totals: dict[str, int] = {}
    drawn: dict[str, list[Mutant]] = {}
    for module in modules:
        totals[module], drawn[module] = draw(module, sources[module], options.sample, options.seed)
    outcomes: dict[str, Counter[Outcome]] = defaultdict(Counter)
    survivors: list[tuple[Mutant, Outcome]] = []
    everything: list[dict[str, object]] = []

    def report(mutant: Mutant, outcome: Outcome, seconds: float) -> None:
        outcomes[mutant.path][outcome] += 1
        if outcome in (Outcome.SURVIVED, Outcome.UNSEEN):
            survivors.append((mutant, outcome))
        everything.append({
            "path": mutant.path, "line": mutant.line, "operator": mutant.operator,
            "outcome": str(outcome), "seconds": round(seconds, 2), "diff": mutant.diff,
        })  # fmt: skip
        if options.json:
            options.json.write_text(json.dumps(everything, indent=1), "utf-8")
        if sys.stderr.isatty():
            print(
                f"\r{len(everything)} of {sum(map(len, drawn.values()))}", end="", file=sys.stderr
            )

    for folder, tests in TESTS.items():
        inside = [module for module in modules if module.split("/")[0] == folder]
        mutants = [mutant for module in inside for mutant in drawn[module]]
        if not mutants:
            continue
        try:
            judge(
                mutants, {m: text for m, text in sources.items() if m.startswith(f"{folder}/")},
                options.tests or list(tests), Terms(options.budget, options.patience), report,
                options.words,
            )  # fmt: skip
        except BrokenTests as error:
            print(f"without any mutant these tests fail:\n{error}")
            return 2
    print("module".ljust(36) + "".join(name.rjust(width) for name, width in COLUMNS))
    for module in modules:
        print(_row(module, totals[module], outcomes[module]))
    every: Counter[Outcome] = sum(outcomes.values(), Counter())
    print(_row("all", sum(totals.values()), every))
    print(f"{time.monotonic() - started:.0f} seconds, seed {options.seed}, "
          f"at most {options.sample} mutants of each module")  # fmt: skip
    for mutant, outcome in survivors:
        print(f"\n== {mutant.path}:{mutant.line} {mutant.operator} ({outcome})\n{mutant.diff}")
    return int(_score(every) < options.fail_under)


def _row(name: str, total: int, outcomes: Counter[str]) -> str:
    survived = outcomes["survived"] + outcomes["no test"]
    return (
        f"{name:<36}{total:>8}{sum(outcomes.values()):>8}{outcomes['killed']:>8}{survived:>9}"
        f"{outcomes['timeout']:>8}{_score(outcomes):>7.0f}%"
    )


def _score(outcomes: Counter[str]) -> float:
    tried = sum(outcomes.values())
    return 100 * (outcomes["killed"] + outcomes["timeout"]) / tried if tried else 100


if __name__ == "__main__":
    sys.exit(main())

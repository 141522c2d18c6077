"""What zonelint finds in real repositories: `python -m benchmarks.noise [PATH…]`.

Findings by rule and severity, the causes that they share (a person is shown each once), and the
share that comes with a fix. Without PATH: the data beside this repository, where there is some, and
the examples. `--against VENV/bin/python` puts another zonelint's numbers beside them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.contender import ENVIRONMENT, ROOT, failure, program

SEVERITIES = ("error", "warning", "info")


@dataclass(slots=True)
class Noise:
    """Findings that are counted together; causes stays empty where the report names none."""

    severities: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))
    causes: set[str] = field(default_factory=set)
    without_cause: int = 0
    safe: int = 0
    proposed: int = 0

    def add(self, finding: dict[str, Any]) -> None:
        self.severities[finding["severity"]] += 1
        if finding.get("cause"):
            self.causes.add(str(finding["cause"]))
        else:
            self.without_cause += 1
        if fix := finding["fix"]:
            self.safe += fix["safe"]
            self.proposed += not fix["safe"]

    @property
    def total(self) -> int:
        return sum(self.severities.values())

    @property
    def shown(self) -> int:
        """How many a person is shown: each cause once, and what shares none."""
        return len(self.causes) + self.without_cause

    def cells(self) -> list[str]:
        with_fix = f"{(self.safe + self.proposed) / self.total:.0%}" if self.total else ""
        counts = [*self.severities.values(), self.shown, self.safe, self.proposed]
        return [*(f"{count:,}" for count in counts), with_fix]


HEAD = ("error", "warning", "info", "shown", "safe fix", "proposal", "with a fix")


def default_paths() -> Iterator[Path]:
    """The real repositories beside this one, and the examples."""
    data = ROOT.parent / "shared" / "data"
    yield from sorted(path for path in (data.iterdir() if data.is_dir() else ()) if path.is_dir())
    yield from sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


def check(path: Path, interpreter: str) -> tuple[dict[str, Any], str]:
    """The report on a repository, and what of it could not be read.

    A part of this repository is checked as a copy: the others hold the same zones.
    """
    if ROOT in path.resolve().parents:
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder) / path.name
            shutil.copytree(path, alone)
            return _check(alone, interpreter)
    return _check(path, interpreter)


def _check(path: Path, interpreter: str) -> tuple[dict[str, Any], str]:
    command: list[str | Path] = [
        program("zonelint", interpreter),
        "check",
        "--exit-zero",
        "--format",
        "json",
        path,
    ]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    problem = failure(done.returncode, done.stderr) if done.returncode else ""
    try:
        return json.loads(done.stdout), problem
    except ValueError:
        return {"findings": [], "undecided": [], "summary": {"zones": 0}}, problem


def count(report: dict[str, Any]) -> dict[str, Noise]:
    """The findings by code, and all of them under the code "all"."""
    noise: dict[str, Noise] = defaultdict(Noise)
    for finding in report["findings"]:
        noise[finding["code"]].add(finding)
        noise["all"].add(finding)
    return noise


def rows(reports: list[dict[str, Any]]) -> Iterator[str]:
    """A table of one repository, a group of columns for every report on it."""
    if not any(report["summary"]["zones"] for report in reports):
        yield "no zones"
        return
    counted = [count(report) for report in reports]
    yield f"| rule |{' | '.join(HEAD * len(counted))} |"
    yield f"|---|{'--:|' * len(HEAD) * len(counted)}"
    for code in sorted({code for each in counted for code in each} | {"all"}):
        cells = [cell for each in counted for cell in each.get(code, Noise()).cells()]
        yield f"| {code} | {' | '.join(cells)} |"
    undecided = " against ".join(f"{len(report['undecided']):,}" for report in reports)
    zones = reports[0]["summary"]["zones"]
    yield f"\n{zones:,} zones, {undecided} undecided"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.noise", description=__doc__)
    parser.add_argument("path", nargs="*", type=Path)
    parser.add_argument("--against", metavar="PYTHON", help="another zonelint's interpreter")
    given = parser.parse_args()
    interpreters = [sys.executable, *([given.against] if given.against else [])]
    for path in given.path or default_paths():
        checked = [check(path, interpreter) for interpreter in interpreters]
        print(f"\n## {path.name}\n", *rows([report for report, _ in checked]), sep="\n")
        print(*(problem for _, problem in checked if problem), sep="\n", flush=True)


if __name__ == "__main__":
    main()

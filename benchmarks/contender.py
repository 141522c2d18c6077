"""One command over one piece of work, and what it took.

Every tool runs as a process of its own, start-up included. The tools take turns, round by round, so
that a busy machine is busy for all of them; the best round of each counts. What matters is the
ratio, that of CPU time: seconds differ from one machine, and one hour, to the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Installed tools are compiled once; where Python may not write what it compiled, ours would be
# compiled anew in each run.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(slots=True)
class Contender:
    """One command; seconds, CPU seconds (of its child processes too) and peak memory (MB) of each
    round."""

    name: str
    command: list[str | Path]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run once and note what it took; SystemExit when the command cannot do its work."""
        start = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors
            )
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                tail = errors.read().decode(errors="replace")[-2000:]
                raise SystemExit(f"{self.name}: exit status {process.returncode}\n{tail}")
        self.seconds.append(took)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.megabytes.append(usage.ru_maxrss / 1024)


@dataclass(slots=True)
class Workload:
    """The same work for several contenders: the first is the one the others are held to."""

    title: str
    contenders: list[Contender]
    rounds: int

    def measure(self) -> None:
        for _ in range(self.rounds):
            for contender in self.contenders:
                contender.run()

    def rows(self) -> list[str]:
        """The rows of the table; the last column is the first contender's CPU time as a share."""
        first = min(self.contenders[0].cpu)
        rows = []
        for contender in self.contenders:
            cpu = min(contender.cpu)
            is_first = contender is self.contenders[0]
            cells = [
                self.title if is_first else "",
                contender.name,
                f"{min(contender.seconds):.2f}",
                f"{cpu:.2f}",
                f"{max(contender.megabytes):,.0f}",
                "" if is_first else f"{first / cpu:.2f} ×",
            ]
            rows.append(f"| {' | '.join(cells)} |")
        return rows


HEAD = """\
| Work | Tool | seconds | CPU seconds | peak MB | zonelint takes |
|---|---|--:|--:|--:|--:|"""


def program(name: str) -> Path:
    """A command of the virtual environment that runs the benchmarks."""
    return Path(sys.executable).with_name(name)


def python(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, *arguments]


def zonelint(path: Path, *options: str, name: str = "zonelint check") -> Contender:
    """The whole check, every rule, its report written and thrown away, in one process."""
    given: Sequence[str] = options or ("--jobs", "1")
    return Contender(name, [program("zonelint"), "check", "--exit-zero", *given, path])

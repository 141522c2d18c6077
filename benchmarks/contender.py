"""One command over one piece of work, and what it took.

Every tool runs as a process of its own, start-up included. The tools take turns, round by round, so
that a busy machine is busy for all of them; the best round of each counts. What matters is the
ratio, that of CPU time: seconds differ from one machine, and one hour, to the next.

A process begins with the peak memory of its parent. So nothing large happens in this one: what
writes the data and counts findings is run `apart`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from benchmarks.values import Form

ROOT = Path(__file__).resolve().parents[1]
# Installed tools are compiled once; where Python may not write what it compiled, ours would be
# compiled anew in each run.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT["PYTHONPATH"] = str(ROOT)  # for `python -m benchmarks.with_dnspython`, from anywhere

P = ParamSpec("P")
T = TypeVar("T")


def apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function gives, from a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(function, *args, **kwargs).result()


@dataclass(frozen=True, slots=True)
class Task:
    """A command, before it is known whose.

    program: a command of a virtual environment, else a path or a name of the system.
    ours: also run with the other interpreter, where there is one.
    counted: its findings are counted in a run that is not measured.
    statuses: the exit statuses with which the work was done.
    """

    name: str
    program: str
    arguments: Sequence[str | Path]
    ours: bool = False
    counted: bool = False
    statuses: frozenset[int] = frozenset({0})


def check(*arguments: str | Path, jobs: int = 1, name: str = "") -> Task:
    """The whole check, every rule, its report written and thrown away."""
    label = f"zonelint check{f', {name}' if name else ''}{f' --jobs {jobs}' if jobs > 1 else ''}"
    options = ("check", "--exit-zero", "--jobs", str(jobs))
    return Task(label, "zonelint", (*options, *arguments), ours=True, counted=jobs == 1)


def python(name: str, *arguments: str | Path) -> Task:
    """A command of the interpreter that runs the benchmarks."""
    return Task(name, "python", arguments)


def program(name: str, interpreter: str) -> str:
    """The command of that interpreter's virtual environment, else the system's."""
    found = Path(interpreter).with_name(name)
    return str(found) if found.exists() else name


@dataclass(slots=True)
class Contender:
    """One task done by one interpreter's tools; seconds, CPU seconds (of its child processes too)
    and peak memory (MB) of each round."""

    task: Task
    interpreter: str = sys.executable
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    findings: Counter[str] | None = None
    failure: str = ""

    def run(self) -> None:
        """Run once and note what it took, or that it could not do its work."""
        if self.failure:
            return
        command = [program(self.task.program, self.interpreter), *self.task.arguments]
        start = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command, cwd="/", env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors
            )
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.task.statuses:
                errors.seek(0)
                self.failure = failure(process.returncode, errors.read())
                return
        self.seconds.append(took)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.megabytes.append(usage.ru_maxrss / 1024)

    def count(self) -> None:
        """Note what is found, in a run that is not measured: it also compiles the modules."""
        if self.task.counted:
            command = [program(self.task.program, self.interpreter), *self.task.arguments]
            self.findings, self.failure = apart(count_findings, command)


def count_findings(command: Sequence[str | Path]) -> tuple[Counter[str] | None, str]:
    """How often a check finds each code, "undecided" among them; or why that is not known."""
    done = subprocess.run(
        [*command, "--format", "json"], cwd="/", env=ENVIRONMENT, capture_output=True, check=False
    )
    if done.returncode:
        return None, failure(done.returncode, done.stderr)
    report = json.loads(done.stdout)
    found = Counter(finding["code"] for finding in report["findings"])
    return found + Counter(undecided=len(report["undecided"])), ""


def failure(status: int, errors: bytes) -> str:
    """Why a command could not do its work, in one line."""
    return f"exit status {status}: {' '.join(errors[-300:].decode(errors='replace').split())}"


@dataclass(slots=True)
class Workload:
    """The same work for several contenders: the first is the one the others are held to.

    kind, form, size: what the work is made of, and how much of that.
    """

    kind: str
    form: Form
    size: int
    title: str
    contenders: list[Contender]

    def measure(self, rounds: int) -> None:
        for contender in self.contenders:
            contender.count()
        for _ in range(rounds):
            for contender in self.contenders:
                contender.run()

    def rows(self, other: str = "other") -> Iterator[str]:
        """The rows of the table. `other` names the other interpreter's zonelint, which the same
        task of this one is held to; what else there is, the first contender."""
        first = self.contenders[0]
        for contender in self.contenders:
            is_other = contender.interpreter != first.interpreter
            reference = first
            if is_other:
                reference = next(c for c in self.contenders if c.task == contender.task)
            name = f"{other}: {contender.task.name}" if is_other else contender.task.name
            cells = [self.title if contender is first else "", name]
            if contender.failure or not contender.cpu:
                yield f"| {' | '.join([*cells, contender.failure or 'not run', *[''] * 5])} |"
                continue
            cells += [
                f"{min(contender.seconds):.2f}",
                f"{min(contender.cpu):.2f}",
                f"{max(contender.megabytes):,.0f}",
                found(contender.findings),
                ratio(reference, contender, lambda each: each.cpu),
                ratio(reference, contender, lambda each: each.seconds),
            ]
            yield f"| {' | '.join(cells)} |"


def found(findings: Counter[str] | None) -> str:
    """How many findings, and what could not be decided."""
    if findings is None:
        return ""
    undecided = findings["undecided"]
    return f"{findings.total() - undecided:,}{f' +{undecided:,} undecided' * bool(undecided)}"


def ratio(
    reference: Contender, contender: Contender, times: Callable[[Contender], list[float]]
) -> str:
    """The best time of the reference as a share of the contender's."""
    if reference is contender or not times(reference):
        return ""
    return f"{min(times(reference)) / min(times(contender)):.2f} ×"


HEAD = """\
| Work | Tool | seconds | CPU seconds | peak MB | found | zonelint takes, CPU | seconds |
|---|---|--:|--:|--:|--:|--:|--:|"""

"""zonelint beside the tools that read the same files, in one table: `python -m benchmarks`.

Wants the package installed with its `octodns` extra; `named-checkzone` (Debian: bind9-utils)
takes part where it is installed. With `--against VENV/bin/python` the zonelint of another virtual
environment, of an older checkout say, takes turns with this one; start-up is measured so, with an
installed wheel, for only that has the index of the rules. `--short` tries everything once
over little: that the tools run and the workloads earn what they say. The policy pack for Pulumi
has a command of its own, `python -m benchmarks.pulumi`; so has what rules find in real
repositories, `python -m benchmarks.noise`.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from benchmarks.contender import HEAD, Contender, Workload, apart
from benchmarks.values import Form
from benchmarks.workloads import KINDS

SHORT = 0.01
WORDS = {Form.CLEAN: "clean", Form.TWO: "two findings", Form.TEN: "ten findings"}


def prepare(
    name: str, form: Form, size: int, folder: Path, against: str | None
) -> tuple[Workload, Counter[str]]:
    """The work written into the folder, and what a check finds in it. Each task of ours stands
    there twice where there is another interpreter."""
    kind = KINDS[name]
    hosts = apart(kind.write, folder, size, form)
    contenders = []
    for task in kind.tasks(folder):
        contenders.append(Contender(task))
        if against and task.ours:
            contenders.append(Contender(task, against))
    title = f"{kind.title.format(size)}, {WORDS[form]}"
    expected = Counter(dict.fromkeys(kind.faults(form), hosts)) + Counter(kind.always)
    return Workload(name, form, size, title, contenders), expected


def wrong_in(work: Workload, expected: Counter[str]) -> Iterator[str]:
    """What did not go as it should have."""
    found = work.contenders[0].findings
    if found != expected:
        yield f"{work.title}: found {found}, not {expected}"
    for contender in work.contenders:
        if contender.failure:
            who = f"{contender.task.name} by {contender.interpreter}"
            yield f"{work.title}: {who}: {contender.failure}"


def measure(given: argparse.Namespace) -> Iterator[tuple[Workload, list[str]]]:
    """Each work once it is done, and what went wrong in it."""
    for name in given.only:
        kind = KINDS[name]
        for size in kind.sizes[-1:] if given.short else kind.sizes:
            for form in kind.forms:
                if form in given.forms:
                    amount = max(round(size * given.scale), kind.least)
                    with tempfile.TemporaryDirectory() as folder:
                        work, expected = prepare(name, form, amount, Path(folder), given.against)
                        work.measure(given.rounds * kind.repeats)
                    yield work, list(wrong_in(work, expected))


def growth(done: list[Workload]) -> Iterator[str]:
    """How the CPU time and the memory of a check grow with the size of the work, and with its
    findings; what the smallest work takes is taken off."""
    smallest = next((w.contenders[0] for w in done if w.kind == "file"), None)
    start_up, idle = (
        (0.0, 0.0) if smallest is None else (min(smallest.cpu), min(smallest.megabytes))
    )
    for few, many in combinations(done, 2):
        first, second = few.contenders[0], many.contenders[0]
        larger = few.form is many.form and many.size > few.size
        worse = few.size == many.size and many.form > few.form
        if few.kind != many.kind or not (larger or worse) or not (first.cpu and second.cpu):
            continue
        if few.kind == "file":
            continue
        cpu = (min(second.cpu) - start_up) / max(min(first.cpu) - start_up, 0.01)
        memory = (min(second.megabytes) - idle) / max(min(first.megabytes) - idle, 1)
        more = f"{many.size / few.size:g} × as much" if larger else WORDS[many.form]
        yield f"{few.title}: {more} takes {cpu:.2f} × the CPU time, {memory:.2f} × the memory"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    forms = [int(form) for form in Form]
    parser.add_argument("--forms", nargs="+", type=int, choices=forms, default=forms)
    parser.add_argument("--scale", type=float, default=1, help="of all sizes (1)")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")
    parser.add_argument("--against", metavar="PYTHON", help="another zonelint's interpreter")
    parser.add_argument("--short", action="store_true", help="little, once, of one size")
    given = parser.parse_args()
    if given.short:
        given.scale, given.rounds, given.forms = SHORT, 1, [Form.CLEAN, Form.TEN]
    versions = [f"{each} {importlib.metadata.version(each)}" for each in ("dnspython", "octodns")]
    print(
        f"{datetime.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores,"
        f" {', '.join(versions)}; best of {given.rounds}\n\n{HEAD}"
    )
    done, wrong = [], []
    for work, faults in measure(given):
        print(*work.rows(), sep="\n", flush=True)
        done.append(work)
        wrong += faults
    print("", *growth(done), sep="\n")
    if wrong:
        sys.exit("\n".join(["", *wrong]))


if __name__ == "__main__":
    main()

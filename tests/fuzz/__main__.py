"""Fuzz the readers and the grammars: `python -m tests.fuzz --minutes 10 [--target zone]`.

Every target gets its share of the time in a process of its own. What breaks is shrunk, printed as
text that a test can take over, and left in the folder of --save. With atheris installed
(`pip install atheris`) the code that an input reaches guides the search; without it, or with
`--engine mutation`, inputs are mutated blindly, which is faster for each of them.

Exit status: 0 nothing broke, 1 something did.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.run import Outcome

GRACE = 300.0
"""Seconds that a process gets beyond its time, for its start and for shrinking."""


def main() -> int:
    options = _parser().parse_args()
    if options.child:
        _child(options)
        return 0
    from tests.fuzz.targets import TARGETS, WEIGHTS

    wanted = options.target or list(TARGETS)
    unknown = [name for name in wanted if name not in TARGETS]
    if unknown:
        print(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
        return 2
    engine = options.engine or ("atheris" if importlib.util.find_spec("atheris") else "mutation")
    total = sum(WEIGHTS.get(name, 1) for name in wanted)
    outcomes: list[Outcome] = []
    print(f"{'target':<16}{'engine':<10}{'seeds':>7}{'executions':>12}{'a second':>10}"
          f"{'slowest s':>11}{'grown':>7}{'MiB':>6}{'bugs':>6}")  # fmt: skip
    with contextlib.ExitStack() as stack:
        folder = options.save or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            seconds = options.minutes * 60 * WEIGHTS.get(name, 1) / total
            outcome = _run(name, engine, seconds, options, folder)
            outcomes.append(outcome)
            rate = outcome.executions / outcome.seconds if outcome.seconds else 0
            print(
                f"{name:<16}{engine:<10}{outcome.seeds:>7}{outcome.executions:>12}{rate:>10.0f}"
                f"{outcome.slowest:>11.2f}{outcome.grown:>7}{outcome.memory:>6}{len(outcome.bugs):>6}",
                flush=True,
            )
    bugs = [(outcome, bug) for outcome in outcomes for bug in outcome.bugs.values()]
    print(f"\n{sum(o.executions for o in outcomes)} executions in "
          f"{sum(o.seconds for o in outcomes) / 60:.1f} minutes, {len(bugs)} bugs")  # fmt: skip
    for outcome, bug in bugs:
        print(f"\n== {outcome.target}: {bug.kind} {bug.place} ({bug.times} times)\n{bug.detail}")
        print(f"   {bug.input[:3000]!r}")
    return 1 if bugs else 0


def _run(
    name: str, engine: str, seconds: float, options: argparse.Namespace, folder: Path
) -> Outcome:
    """Fuzz one target in a process of its own: a crash of the interpreter ends only that."""
    from tests.fuzz.run import Bug, Outcome

    saved = folder / f"{name}-{options.seed}.json"
    saved.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "tests.fuzz", "--child", "--target", name, "--engine", engine,
        "--minutes", str(seconds / 60), "--seed", str(options.seed), "--save", str(saved),
    ]  # fmt: skip
    if options.corpus:
        command += ["--corpus", str(options.corpus)]
    begun = time.monotonic()
    with (folder / f"{name}-{options.seed}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            code = process.wait(seconds + GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        except BaseException:
            process.kill()
            raise
    if not saved.exists():
        return Outcome(
            name,
            bugs={
                "": Bug(
                    "the process failed",
                    "",
                    Path(log.name).read_text("utf-8", "replace")[-2000:],
                    b"",
                )
            },
        )
    outcome = Outcome.read(saved.read_text("utf-8"))
    if code != 0 and time.monotonic() - begun < seconds:
        outcome.bugs["interpreter"] = Bug(f"the process ended with {code}", "", str(log.name), b"")
    return outcome


def _child(options: argparse.Namespace) -> None:
    """Fuzz one target in this process."""
    if options.engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["zonelint"], enable_loader_override=False):
            import tests.fuzz.run as run
    else:
        import tests.fuzz.run as run
    run.bounded_memory()
    run.ENGINES[options.engine](
        options.target[0], options.minutes * 60, options.seed, options.corpus, options.save
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="in all, over all targets")
    parser.add_argument("--target", action="append", help="one target; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="where the mutations start")
    parser.add_argument("--corpus", type=Path, help="a folder of further inputs to start from")
    parser.add_argument("--engine", choices=("atheris", "mutation"))
    parser.add_argument("--save", type=Path, help="a folder for what breaks, and for the logs")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())

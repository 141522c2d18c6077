"""Ask the tests about mutants, in a process that has imported and collected them once.

Every mutant gets a fork of that process and, of the tests that call the mutated function, the
quick ones first. What a module does as it is imported cannot be mutated there: such mutants get a
fork from before the import.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.connection import Pipe as pipe
from pathlib import Path

import pytest

from tests.mutation.loaded import (
    Finder,
    Function,
    Living,
    Watch,
    built_once,
    forget,
    function_at,
    module_name,
    swap,
)
from tests.mutation.mutants import Mutant

MEMORY = 3 << 30
"""Bytes that the process of one mutant may have, so that an endless list ends only itself."""

BASELINE_SECONDS = 1800.0
"""Seconds for all tests, once, without a mutant."""


class Outcome(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    TIMEOUT = "timeout"
    UNSEEN = "no test"
    """No test calls the function at all; counts as survived."""


@dataclass(frozen=True)
class Terms:
    """What a mutant's tests may take, in seconds of the processor."""

    budget: float
    """Tests are asked, the quickest first, until they would together take this."""
    patience: float
    """A mutant is a timeout after this, and four times what its tests take without it."""


@dataclass
class _Baseline:
    """What the tests do without a mutant."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_function: dict[Function, set[str]] = field(default_factory=lambda: defaultdict(set))
    at_import: set[Function] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    importers: dict[str, set[str]] = field(default_factory=dict)
    imported: dict[str, set[str]] = field(default_factory=dict)
    """For each file of tests the modules that it imports."""
    once: set[Function] = field(default_factory=set)
    """Functions that only the first test calls that needs them: the others find their result."""

    def tests(self, mutant: Mutant, function: int | None, budget: float) -> list[str]:
        """The tests that call the function.

        What a module does as it is imported shows in all of its functions, in those of the modules
        that import it, and in tests that import it.
        """
        place = (mutant.path, function or 0)
        if function is not None and place not in self.at_import | self.once:
            found = self.by_function.get(place, set())
        else:
            found = set()
            for (path, _), tests in self.by_function.items():
                if path == mutant.path or path in self.importers[mutant.path]:
                    found |= tests
            found |= {
                test
                for test in self.seconds
                if mutant.path in self.imported.get(test.partition("::")[0], ())
            }
        chosen, total = [], 0.0
        for test in sorted(found, key=lambda test: (self.seconds[test], test)):
            total += self.seconds[test]
            if total > budget and chosen:
                break
            chosen.append(test)
        return chosen


Report = Callable[[Mutant, Outcome, float], None]


class BrokenTests(Exception):
    """Tests fail, or cannot be collected, without any mutant."""


def judge(
    mutants: list[Mutant], sources: dict[str, str], tests: list[str], terms: Terms, report: Report,
    words: str = "",
) -> None:  # fmt: skip
    """Ask ``tests`` (paths, and pytest's -k ``words``) about each of ``mutants``.

    :raises BrokenTests: where they fail already.
    """
    root = Path.cwd()
    modules = {module_name(path): path for path in sources}
    later: list[tuple[Mutant, list[str], float]] = []
    ours, theirs = pipe(duplex=False)
    arguments = [*tests, *(["-k", words] if words else [])]
    server = _fork(lambda: _serve(mutants, sources, arguments, terms, root, modules, theirs))
    theirs.close()
    with contextlib.suppress(EOFError):
        while True:
            match ours.recv():
                case ("broken", names):
                    raise BrokenTests("\n".join(names) or "no tests were collected")
                case ("fresh", mutant, chosen, seconds):
                    later.append((mutant, chosen, seconds))
                case ("judged", mutant, outcome, seconds):
                    report(mutant, outcome, seconds)
    os.waitpid(server, 0)
    for mutant, chosen, seconds in later:
        before = time.monotonic()
        child = _fork(lambda m=mutant, c=chosen: _fresh(m, c, root, modules))  # type: ignore[misc]
        outcome = _await(child, _limit(seconds + 10, terms))
        report(mutant, outcome, time.monotonic() - before)


def _serve(
    mutants: list[Mutant], sources: dict[str, str], arguments: list[str], terms: Terms,
    root: Path, modules: dict[str, str], send: Connection,
) -> int:  # fmt: skip
    watch = Watch()
    finder = Finder(modules, root)
    sys.meta_path.insert(0, finder)

    def loop(session: pytest.Session) -> None:
        at_import = watch.take()
        if session.testsfailed or not session.items:
            send.send(("broken", plugin.not_collected))
            return
        baseline = _baseline(session, watch)
        if baseline.failed:
            send.send(("broken", baseline.failed))
            return
        baseline.at_import = at_import
        baseline.once = {(path, line) for path in sources for line in built_once(sources[path])}
        baseline.importers = importers(sources)
        files = {item.nodeid.partition("::")[0] for item in session.items}
        texts = {file: (root / file).read_text("utf-8") for file in files}
        by_name = {module_name(path): path for path in sources}
        baseline.imported = {file: imports(text, by_name) for file, text in texts.items()}
        items = {item.nodeid: item for item in session.items}
        living = Living(root)
        gc.collect()
        gc.freeze()
        for mutant in mutants:
            _ask(mutant, session, items, baseline, living)

    def _ask(
        mutant: Mutant, session: pytest.Session, items: dict[str, pytest.Item],
        baseline: _Baseline, living: Living,
    ) -> None:  # fmt: skip
        source = sources[mutant.path]
        function = function_at(source, mutant.line, mutant.column)
        chosen = baseline.tests(mutant, function, terms.budget)
        if not chosen:
            send.send(("judged", mutant, Outcome.UNSEEN, 0.0))
            return
        seconds = sum(baseline.seconds[test] for test in chosen)
        name = module_name(mutant.path)
        pairs = None
        if name in sys.modules:
            if function is not None and (mutant.path, function) not in baseline.at_import:
                pairs = living.swaps(source, mutant.source, str(root / mutant.path))
            if pairs is None:
                send.send(("fresh", mutant, chosen, seconds))
                return
        before = time.monotonic()

        def child() -> int:
            if pairs is None:
                finder.mutated[mutant.path] = mutant.source
            else:
                swap(pairs)
            return _run(session, [items[test] for test in chosen])

        outcome = _await(_fork(child), _limit(seconds, terms))
        send.send(("judged", mutant, outcome, time.monotonic() - before))

    plugin = _Loop(loop)
    status = _pytest(arguments, plugin)
    if status not in (0, 1):
        send.send(("broken", plugin.not_collected or [f"pytest ended with status {status}"]))
    return 0


class _Loop:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, loop: Callable[[pytest.Session], None], only: Iterable[str] = ()) -> None:
        self._loop = loop
        self._only = {test: place for place, test in enumerate(only)}
        self.not_collected: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.not_collected.append(f"{report.nodeid}: {report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile(
            "mutation",
            settings.get_profile("zonelint") if "zonelint" in settings._profiles else None,
            phases=[Phase.explicit, Phase.generate],  # a counterexample need not be small
            database=None,
        )
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._only:
            items[:] = [item for item in items if item.nodeid in self._only]
            items.sort(key=lambda item: self._only[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._loop(session)
        return True


def _pytest(arguments: list[str], plugin: _Loop) -> int:
    return int(
        pytest.main(
            ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "--capture=no",
             "--import-mode=importlib", "-m", "not slow", *arguments],
            plugins=[plugin],
        )
    )  # fmt: skip


def _run(session: pytest.Session, items: list[pytest.Item]) -> int:
    """Run tests until one fails: the exit status of a mutant's process."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


def _fresh(mutant: Mutant, chosen: list[str], root: Path, modules: dict[str, str]) -> int:
    finder = Finder(modules, root, mark=False)
    finder.mutated[mutant.path] = mutant.source
    sys.meta_path.insert(0, finder)
    status = 1

    def loop(session: pytest.Session) -> None:
        nonlocal status
        status = int(bool(session.testsfailed) or len(session.items) != len(chosen))
        status = status or _run(session, session.items)

    _pytest(sorted({test.split("::")[0] for test in chosen}), _Loop(loop, chosen))
    return status


def _baseline(session: pytest.Session, watch: Watch) -> _Baseline:
    """Run every test once, in a process of its own: what it caches must not be there later."""
    ours, theirs = pipe(duplex=False)

    def child() -> int:
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            forget(Path.cwd())
            watch.take()
            failed = session.testsfailed
            before = _seconds()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            seconds = _seconds() - before
            theirs.send((item.nodeid, seconds, watch.take(), session.testsfailed > failed))
        return 0

    running = _fork(child)
    theirs.close()
    found = _Baseline()
    with contextlib.suppress(EOFError):
        while ours.poll(BASELINE_SECONDS):
            test, seconds, functions, failed = ours.recv()
            found.seconds[test] = seconds
            for function in functions:
                found.by_function[function].add(test)
            if failed:
                found.failed.append(test)
    os.waitpid(running, 0)
    if len(found.seconds) != len({item.nodeid for item in session.items}):
        found.failed.append("the tests ended before their end")
    return found


def _seconds() -> float:
    """Of the processor, for this process and the programs that it started."""
    return sum(os.times()[:4])


def _limit(seconds: float, terms: Terms) -> int:
    return int(seconds * 4 + terms.patience)


def _fork(work: Callable[[], int]) -> int:
    """A process that ends with the status of ``work``, and never returns here."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with _quiet():
            status = work()
    finally:
        os._exit(status)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the tests print is nothing that anybody reads."""
    nowhere = os.open(os.environ.get("MUTATION_LOG", os.devnull), os.O_WRONLY | os.O_APPEND)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    yield


def _await(child: int, limit: int) -> Outcome:
    """How the process of a mutant ends; ``limit`` is in seconds of the processor."""
    resource.prlimit(child, resource.RLIMIT_CPU, (limit, limit))
    resource.prlimit(child, resource.RLIMIT_AS, (MEMORY, MEMORY))
    end = time.monotonic() + limit * 10  # for one that sleeps, or waits for what never comes
    pause = 0.002
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return Outcome.TIMEOUT
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGXCPU):
        return Outcome.TIMEOUT
    return Outcome.SURVIVED if status == 0 else Outcome.KILLED


def importers(sources: dict[str, str]) -> dict[str, set[str]]:
    """For each module those that import it, all as paths."""
    found: dict[str, set[str]] = {path: set() for path in sources}
    by_name = {module_name(path): path for path in sources}
    for path, source in sources.items():
        package = module_name(path).rpartition(".")[0]
        for imported in imports(source, by_name, package):
            found[imported].add(path)
    return found


def imports(source: str, by_name: dict[str, str], package: str = "") -> set[str]:
    """The paths of the modules that a source imports; those beside it are in ``package``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = f"{package}.{node.module}" if node.level else node.module
            names = (module, *(f"{module}.{alias.name}" for alias in node.names))
            found |= {by_name[name] for name in names if name in by_name}
    return found

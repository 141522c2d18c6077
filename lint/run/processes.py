"""Processes that are forked from this one, each with a part of the work; they end when it does."""

from __future__ import annotations

import contextlib
import mmap
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.progress import Bar

SHOWN_EVERY = 0.1
"""Seconds after which is shown how far the processes are."""


def processors() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def stretches(sizes: Sequence[int], jobs: int) -> list[range]:
    """The numbers of what has these sizes, in so many stretches of about the same size."""
    total = sum(sizes)
    found: list[range] = []
    begin = done = 0
    for number, size in enumerate(sizes, start=1):
        done += size
        if done * jobs >= total * (len(found) + 1) or number == len(sizes):
            found.append(range(begin, number))
            begin = number
    return [each for each in found if each]


class Done:
    """How many zones all processes have judged: each counts in its own place of shared memory."""

    def __init__(self, counts: memoryview, process: int = 0) -> None:
        self._counts = counts
        self._process = process

    def add_one(self) -> None:
        self._counts[self._process] += 1

    @property
    def count(self) -> int:
        return sum(self._counts)


class Processes:
    """As many processes as `given` has parts of the work; `make` makes of one what does it.

    Nothing is copied to them: they have what this process has when they are forked.
    """

    def __init__(self, make: Callable[..., object], given: Sequence[tuple[object, ...]]) -> None:
        forking = multiprocessing.get_context("fork")
        counts = memoryview(mmap.mmap(-1, 8 * len(given))).cast("Q")
        self.done = Done(counts)
        self._pools = [
            ProcessPoolExecutor(
                1,
                mp_context=forking,
                initializer=_begin,
                initargs=(make, (*each, Done(counts, part))),
            )
            for part, each in enumerate(given)
        ]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The processes begin, and end with the block. RunRefused where one was stopped."""
        pids: list[int] = []
        try:
            pids = self._started()
            yield
        except BrokenProcessPool:
            raise RunRefused(
                "A process of this run was stopped before it finished, so the check is not "
                "complete; if memory ran out, use --jobs 1."
            ) from None
        finally:
            for pid in pids:  # whatever they do is of no use any more
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pool in self._pools:
                pool.shutdown(cancel_futures=True)

    def _started(self) -> list[int]:
        """The processes, by their numbers."""
        # Ctrl-C is for this process, which then ends the others: they begin and stay deaf to it.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self.all("pid")
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)

    def all(
        self, step: str, *given: Sequence[object], bar: Bar | None = None, zones: int = 0
    ) -> list[Any]:
        """What each answers to a step; `given` has something for each. `zones` are there in all."""
        futures = self.begin(step, *given)
        waiting: Collection[Future[Any]] = futures
        while waiting:
            waiting = wait(waiting, SHOWN_EVERY if bar is not None else None).not_done
            if bar is not None:
                bar(min(self.done.count, zones), zones)
        return [future.result() for future in futures]

    def begin(self, step: str, *given: Sequence[object]) -> list[Future[Any]]:
        """The same, without waiting for the answers."""
        return [
            pool.submit(_do, step, *(each[part] for each in given))
            for part, pool in enumerate(self._pools)
        ]

    def some(self, step: str, given: Mapping[int, object]) -> list[Any]:
        """What some of them answer to a step, each to what is given by its number."""
        futures = [self._pools[part].submit(_do, step, each) for part, each in given.items()]
        return [future.result() for future in futures]


_worker: object = None
"""What does the part of this process, where it is one of several."""


def _begin(make: Callable[..., object], given: tuple[object, ...]) -> None:
    """Begin a process, which ends when its parent is gone."""
    global _worker
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = make(*given)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "this process was forked"
    parent.join()
    os._exit(1)


def _do(step: str, *given: object) -> Any:
    """A step of this process's part."""
    return os.getpid() if step == "pid" else attrgetter(step)(_worker)(*given)

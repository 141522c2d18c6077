"""One target, run for some time: executions counted, what breaks sorted by its cause and shrunk."""

from __future__ import annotations

import json
import random
import resource
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

from tests.fuzz.broken import Broken
from tests.fuzz.corpus import seeds
from tests.fuzz.mutate import Mutator
from tests.fuzz.targets import TARGETS, Target

SECONDS = 2.0
SECONDS_PER_OCTET = 100e-6
"""CPU time that an input may take: so much, and so much more for each of its octets."""
MEMORY = 3 << 30
"""Octets of address space of a process that fuzzes."""
_SHRINKING = 20.0


class TooSlow(Broken):
    """An input that took more time than its size allows."""


@dataclass
class Bug:
    """Inputs with one cause. ``input`` is the smallest of them that was found."""

    kind: str
    place: str
    detail: str
    input: bytes
    times: int = 1


@dataclass
class Outcome:
    """What a run over one target gave."""

    target: str
    executions: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    seeds: int = 0
    bugs: dict[str, Bug] = field(default_factory=dict)

    def told(self) -> str:
        """As JSON, for the process that waits for it."""
        bugs = [{**asdict(bug), "input": bug.input.decode("latin-1")} for bug in self.bugs.values()]
        return json.dumps({**asdict(self), "bugs": bugs})

    @classmethod
    def read(cls, text: str) -> Outcome:
        held = json.loads(text)
        bugs = [Bug(**{**each, "input": each["input"].encode("latin-1")}) for each in held["bugs"]]
        return cls(**{**held, "bugs": {f"{bug.kind} {bug.place}": bug for bug in bugs}})


def limit(size: int) -> float:
    """Seconds that an input of this size may take."""
    return SECONDS + size * SECONDS_PER_OCTET


def attempt(target: Target, data: bytes) -> tuple[str, str, str] | None:
    """Run the target once; kind, place and detail of what broke, None if nothing did."""

    def stop(_: int, frame: FrameType | None) -> None:
        raise TooSlow("too slow", "".join(traceback.format_stack(frame)[-3:]))

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit(len(data)))
    try:
        target(data)
    except Broken as error:
        return error.kind, "", str(error)[:2000]
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return type(error).__name__, _place(error), str(error)[:500]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def _place(error: BaseException) -> str:
    """The innermost line of our own that the error came through."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/tests/" not in frame.filename
        and any(
            f"/{floor}/" in frame.filename for floor in ("grammars", "rules", "providers", "lint")
        )
        and "site-packages" not in frame.filename
    ]
    if not own:
        return "elsewhere"
    return f"{Path(own[-1].filename).name}:{own[-1].name}"


def shrunk(target: Target, data: bytes, kind: str, place: str) -> bytes:
    """A smaller input that breaks in the same way."""
    end = time.monotonic() + _SHRINKING
    size = max(1, len(data) // 2)
    while size >= 1 and time.monotonic() < end:
        at = 0
        while at < len(data) and time.monotonic() < end:
            shorter = data[:at] + data[at + size :]
            broke = attempt(target, shorter)
            if broke is not None and broke[:2] == (kind, place):
                data = shorter
            else:
                at += size
        size //= 2
    return data


class Run:
    """A target with its outcome so far; ``one`` takes an input."""

    def __init__(self, name: str, saved: Path | None = None) -> None:
        self.target = TARGETS[name]
        self.outcome = Outcome(name)
        self.saved = saved
        self.begun = time.monotonic()
        self._told = self.begun

    def one(self, data: bytes) -> bool:
        """Try an input; whether it broke nothing."""
        begun = time.process_time()
        broke = attempt(self.target, data)
        self.outcome.executions += 1
        self.outcome.slowest = max(self.outcome.slowest, time.process_time() - begun)
        if broke is not None:
            self._note(data, *broke)
        if broke is not None or time.monotonic() - self._told > 2:
            self.tell()
        return broke is None

    def _note(self, data: bytes, kind: str, place: str, detail: str) -> None:
        key = f"{kind} {place}"
        known = self.outcome.bugs.get(key)
        if known is not None:
            known.times += 1
            if len(data) < len(known.input):
                known.input, known.detail = data, detail
            return
        if kind != "too slow":
            data = shrunk(self.target, data, kind, place)
            detail = (attempt(self.target, data) or (kind, place, detail))[2]
        elif attempt(self.target, data) is None:
            return  # the machine was slow, not the input
        self.outcome.bugs[key] = Bug(kind, place, detail, data)

    def tell(self) -> None:
        """Leave the outcome where the waiting process finds it: this one may be stopped."""
        self._told = time.monotonic()
        self.outcome.seconds = self._told - self.begun
        if self.saved is not None:
            beside = self.saved.with_suffix(".new")
            beside.write_text(self.outcome.told(), "utf-8")
            beside.replace(self.saved)


def bounded_memory() -> None:
    """Let an input that asks for too much memory fail, and not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def by_mutation(
    name: str, seconds: float, seed: int, folder: Path | None, saved: Path | None
) -> Outcome:
    """Fuzz with our own mutations of the corpus; what broke nothing may join it."""
    run = Run(name, saved)
    pool = seeds(name, folder)
    run.outcome.seeds = len(pool)
    for each in pool:
        run.one(each)
    mutate = Mutator(seed, list(pool))
    choice = random.Random(seed)
    end = run.begun + seconds
    while time.monotonic() < end:
        data = mutate(choice.choice(pool))
        if run.one(data) and choice.random() < 0.01 and len(data) < 4096:
            pool.append(data)
    run.tell()
    return run.outcome


def by_coverage(
    name: str, seconds: float, seed: int, folder: Path | None, saved: Path | None
) -> None:
    """The same with atheris, which keeps the inputs that reach new code. Does not return."""
    import atheris

    run = Run(name, saved)
    pool = seeds(name, folder)
    run.outcome.seeds = len(pool)
    for each in pool:
        run.one(each)
    mutate = Mutator(seed, pool)

    def mutated(data: bytes, largest: int, number: int) -> bytes:
        mutate.random.seed(number)
        if mutate.random.random() < 0.2:
            return bytes(atheris.Mutate(data, largest))
        return mutate(data, largest)

    assert saved is not None, "atheris ends the process, so the outcome has to be left somewhere"
    corpus = saved.with_suffix(".corpus")
    corpus.mkdir(exist_ok=True)
    for number, each in enumerate(pool):
        (corpus / f"seed-{number}").write_bytes(each)
    arguments = [
        "fuzz",
        f"-max_total_time={max(1, round(seconds))}",
        f"-seed={seed or 1}",
        "-max_len=65536",
        "-timeout=600",
        "-rss_limit_mb=0",
        "-verbosity=0",
        "-print_final_stats=0",
        str(corpus),
    ]

    def one(data: bytes) -> None:
        run.one(data)

    atheris.Setup(arguments, one, custom_mutator=mutated)
    atheris.Fuzz()


ENGINES: dict[str, Callable[..., object]] = {"mutation": by_mutation, "atheris": by_coverage}

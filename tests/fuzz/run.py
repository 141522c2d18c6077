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
SECONDS_PER_OCTET = 250e-6
"""CPU time that an input may take: so much, and so much more for each of its octets. A target
reads an input a dozen times, and atheris makes each of them three times as slow."""
MEMORY = 3 << 30
"""Octets of address space of a process that fuzzes."""
MEMORY_FOR_ONE = 96 << 20
MEMORY_PER_OCTET = 2048
"""Octets by which one input may raise the most that the process ever had."""
GROWN = (8 << 10, 32 << 10)
"""Sizes of the two inputs that are compared to see how the time grows with the size."""
MOST_GROWTH = 9.0
"""How often the time of the smaller one the larger may take: 4 is linear, 16 is quadratic."""
LEAST_GROWN = 0.4
"""CPU seconds that the larger one has to take before it is looked at."""
EVERY = 300
"""After so many inputs one is grown."""
_SHRINKING = 20.0


class TooSlow(Broken):
    """An input that took more time than its size allows."""


@dataclass
class Bug:
    """Inputs with one cause. `input` is the smallest of them that was found."""

    kind: str
    place: str
    detail: str
    input: bytes
    times: int = 1


@dataclass
class Outcome:
    """What a run over one target gave.

    `grown` are the inputs whose time was compared in two sizes, `memory` is in MiB.
    """

    target: str
    executions: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    seeds: int = 0
    grown: int = 0
    memory: int = 0
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
    own = [f for f in traceback.extract_tb(error.__traceback__) if _is_own(f.filename)]
    if not own:
        return "elsewhere"
    return f"{Path(own[-1].filename).name}:{own[-1].name}"


def _is_own(filename: str) -> bool:
    return (
        "/tests/" not in filename
        and "site-packages" not in filename
        and any(f"/{floor}/" in filename for floor in ("grammars", "rules", "providers", "lint"))
    )


def _slow_place(target: Target, data: bytes) -> str:
    """Our own line that the target is in after half of the time that it takes."""
    half = max(0.05, time_of(target, data) / 2)
    found = "elsewhere"

    def look(_: int, frame: FrameType | None) -> None:
        nonlocal found
        own = [f for f in traceback.extract_stack(frame) if _is_own(f.filename)]
        found = f"{Path(own[-1].filename).name}:{own[-1].name}" if own else found
        raise TooSlow("seen")

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, half)
    try:
        target(data)
    except Exception:  # what the target makes of it is not asked here
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found


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


def highest_memory() -> int:
    """The most octets that this process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def time_of(target: Target, data: bytes) -> float:
    """CPU seconds that the target takes for an input, whether that breaks something or not."""
    begun = time.process_time()
    attempt(target, data)
    return time.process_time() - begun


def growth(target: Target, before: bytes, stretch: bytes, behind: bytes) -> float:
    """How often the time of a smaller input a larger one takes: a stretch of both is repeated.

    1 where both are fast. Measured again before it is believed.
    """
    small, large = (before + stretch * (size // len(stretch)) + behind for size in GROWN)
    if time_of(target, large) < LEAST_GROWN:
        return 1.0
    found = MOST_GROWTH + 1
    for _ in range(3):
        found = min(found, time_of(target, large) / max(time_of(target, small), 0.001))
        if found <= MOST_GROWTH:
            break
    return found


class Run:
    """A target with its outcome so far; `one` takes an input."""

    def __init__(self, name: str, saved: Path | None = None, seed: int = 1) -> None:
        self.target = TARGETS[name]
        self.outcome = Outcome(name)
        self.saved = saved
        self.begun = time.monotonic()
        self._told = self.begun
        self._random = random.Random(seed)

    def one(self, data: bytes) -> bool:
        """Try an input; whether it broke nothing."""
        # What an engine takes between two inputs is not theirs, so it is asked again each time.
        before = highest_memory()
        begun = time.process_time()
        broke = attempt(self.target, data)
        self.outcome.executions += 1
        self.outcome.slowest = max(self.outcome.slowest, time.process_time() - begun)
        broke = broke or _too_much_memory(data, before)
        if self.outcome.executions % EVERY == 0 and data:
            self._grow(data)
        if broke is not None:
            self._note(data, *broke)
        if broke is not None or time.monotonic() - self._told > 2:
            self.tell()
        return broke is None

    def _grow(self, data: bytes) -> None:
        """Repeat a stretch of the input in two sizes: time must grow as the size does."""
        start = self._random.randrange(len(data))
        end = min(len(data), start + self._random.randint(1, 24))
        before, stretch, behind = data[:start][-2048:], data[start:end], data[end:][:2048]
        self.outcome.grown += 1
        times = growth(self.target, before, stretch, behind)
        if times > MOST_GROWTH:
            larger = before + stretch * (GROWN[1] // len(stretch)) + behind
            detail = f"{stretch!r} repeated: {times:.1f} times the time for 4 times the size"
            self._note(larger, "grows faster than its input", _slow_place(self.target, larger),
                       detail)  # fmt: skip

    def _note(self, data: bytes, kind: str, place: str, detail: str) -> None:
        key = f"{kind} {place}"
        known = self.outcome.bugs.get(key)
        if known is not None:
            known.times += 1
            if len(data) < len(known.input):
                known.input, known.detail = data, detail
            return
        if kind not in ("too slow", "too much memory", "grows faster than its input"):
            data = shrunk(self.target, data, kind, place)
            detail = (attempt(self.target, data) or (kind, place, detail))[2]
        elif kind == "too slow" and attempt(self.target, data) is None:
            return  # the machine was slow, not the input
        self.outcome.bugs[key] = Bug(kind, place, detail, data)

    def tell(self) -> None:
        """Leave the outcome where the waiting process finds it: this one may be stopped."""
        self._told = time.monotonic()
        self.outcome.seconds = self._told - self.begun
        self.outcome.memory = highest_memory() >> 20
        if self.saved is not None:
            beside = self.saved.with_suffix(".new")
            beside.write_text(self.outcome.told(), "utf-8")
            beside.replace(self.saved)


def _too_much_memory(data: bytes, before: int) -> tuple[str, str, str] | None:
    """Whether the input made the process much larger than its size allows."""
    more = highest_memory() - before
    if more <= MEMORY_FOR_ONE + len(data) * MEMORY_PER_OCTET:
        return None
    return "too much memory", "", f"{more >> 20} MiB more for {len(data)} octets"


def bounded_memory() -> None:
    """Let an input that asks for too much memory fail, and not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def by_mutation(
    name: str, seconds: float, seed: int, folder: Path | None, saved: Path | None
) -> Outcome:
    """Fuzz with our own mutations of the corpus; what broke nothing may join it."""
    run = Run(name, saved, seed)
    run.tell()  # where the machine is busy, the time may be over before the first input
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

    run = Run(name, saved, seed)
    run.tell()  # where the machine is busy, the time may be over before the first input
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

"""The fuzzer sees what it is there to see: a net with a hole catches nothing and looks the same."""

# Some of these tests take over 3 s: the fuzzer's own loop runs for a while.

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.fuzz import run
from tests.fuzz.broken import hold
from tests.fuzz.run import Outcome, Run, attempt, growth, shrunk


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def breaks_at_x(data: bytes) -> None:
    hold(b"x" not in data, "an x", data)


def test_what_a_target_raises_is_told_with_its_kind() -> None:
    def fails(data: bytes) -> None:
        raise ValueError(data)

    assert attempt(breaks_at_x, b"abc") is None
    assert attempt(breaks_at_x, b"axc") == ("an x", "", "an x: b'axc'")
    assert attempt(fails, b"a") == ("ValueError", "elsewhere", "b'a'")


def test_an_input_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SECONDS", 0.1)
    found = attempt(lambda _: spin(5), b"")
    assert found is not None
    assert found[0] == "too slow"
    assert attempt(lambda _: spin(0.01), b"") is None


def test_what_breaks_is_made_small() -> None:
    assert shrunk(breaks_at_x, b"a" * 300 + b"x" + b"b" * 200, "an x", "") == b"x"


def test_growth_is_measured() -> None:
    def quadratic(data: bytes) -> None:
        spin((len(data) / 33_000) ** 2)

    def linear(data: bytes) -> None:
        spin(len(data) / 33_000)

    assert growth(quadratic, b"", b"ab", b"") > run.MOST_GROWTH
    assert growth(linear, b"", b"ab", b"") <= run.MOST_GROWTH
    assert growth(breaks_at_x, b"", b"ab", b"") == 1.0


def test_a_run_keeps_the_smallest_input_of_a_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(run.TARGETS, "spf", breaks_at_x)
    mine = Run("spf", tmp_path / "told.json")
    for data in (b"abc", b"aaxbb", b"x", b"xx", b"b"):
        mine.one(data)
    mine.tell()
    told = Outcome.read((tmp_path / "told.json").read_text())
    assert told.executions == 5
    [bug] = told.bugs.values()
    assert (bug.kind, bug.input, bug.times) == ("an x", b"x", 3)
    assert json.loads(mine.outcome.told())["target"] == "spf"


def test_memory_counts_for_the_input_that_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(data: bytes) -> None:
        if data == b"much":
            bytearray(run.highest_memory() + 2 * run.MEMORY_FOR_ONE)

    monkeypatch.setitem(run.TARGETS, "spf", hungry)
    mine = Run("spf")
    assert mine.one(b"little")
    assert not mine.one(b"much")
    assert mine.one(b"little")
    assert [bug.kind for bug in mine.outcome.bugs.values()] == ["too much memory"]

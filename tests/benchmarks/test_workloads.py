"""The workloads hold what they say: the findings of their form, and no value twice."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from benchmarks import values, zones
from benchmarks.__main__ import prepare
from benchmarks.contender import Task, count_findings, program
from benchmarks.values import FAULTS, Form
from benchmarks.workloads import KINDS


@pytest.mark.parametrize(
    ("name", "form"),
    [pair for pair in product(KINDS, Form) if pair[1] in KINDS[pair[0]].forms],
)
def test_each_host_earns_the_findings_of_its_form(tmp_path: Path, name: str, form: Form) -> None:
    work, expected = prepare(name, form, max(KINDS[name].least, 12), tmp_path, None)
    first = work.contenders[0]
    command = [program(first.task.program, first.interpreter), *first.task.arguments]
    assert count_findings(command) == (expected, "")


@pytest.mark.parametrize("form", Form)
def test_a_form_is_as_many_findings_as_its_number(form: Form) -> None:
    assert len(set(FAULTS[form])) == form


@pytest.mark.parametrize("form", Form)
def test_no_value_stands_in_two_hosts(form: Form) -> None:
    seen: Counter[str] = Counter()
    for number in [*range(300), *range(65_500, 65_600), 99_998, 99_999, 100_000]:
        texts = [*zones.microsoft365_texts(number, form), values.inner_spf(number)]
        own = set(re.findall(r"ip[46]:[^ ]+|p=MII\S+|x-?\w+=\w+|mailto:[^, ]+", " ".join(texts)))
        own |= {zones.dkim_target(number, 1), zones.dkim_target(number, 2)}
        own |= {zones.exchange(number), values.host_address(number), zones.name_of(number)}
        assert len(own) >= 10
        seen.update(own)
    assert max(seen.values()) == 1


def test_the_repository_has_three_large_zones(tmp_path: Path) -> None:
    zones.write_repository(tmp_path, 40, Form.CLEAN)
    sizes = sorted((path.stat().st_size for path in (tmp_path / "zones").iterdir()), reverse=True)
    assert len(sizes) == 40
    assert sizes[2] > 5 * sizes[3]


def test_a_run_against_another_interpreter_asks_it_the_same(tmp_path: Path) -> None:
    work, _ = prepare("octodns", Form.CLEAN, 3, tmp_path, "/elsewhere/bin/python")
    asked: dict[str, list[Task]] = {}
    for contender in work.contenders:
        asked.setdefault(contender.interpreter, []).append(contender.task)
    others = asked.pop("/elsewhere/bin/python")
    (ours,) = asked.values()
    assert others == [task for task in ours if task.ours]
    assert [task.program for task in others] == ["zonelint", "zonelint", "octodns-validate"]

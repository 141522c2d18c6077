"""What a run took is told as it was, and ratios are of the best rounds."""

from __future__ import annotations

import sys
from collections import Counter

from benchmarks.__main__ import growth, wrong_in
from benchmarks.contender import Contender, Task, Workload, check, python
from benchmarks.values import Form


def done(task: Task, *cpu: float, interpreter: str = sys.executable) -> Contender:
    seconds = [2 * each for each in cpu]
    memory = [100 * each for each in cpu]
    return Contender(task, interpreter, seconds, list(cpu), memory)


def test_ratios_are_of_the_best_rounds() -> None:
    ours, theirs = check("a"), python("reader", "b")
    other = done(ours, 4.0, interpreter="/elsewhere/bin/python")
    jobs = done(check("a", jobs=2), 3.0)
    other_jobs = done(check("a", jobs=2), 2.0, interpreter="/elsewhere/bin/python")
    work = Workload(
        "zone",
        Form.CLEAN,
        10,
        "a zone",
        [done(ours, 3.0, 1.0), other, jobs, other_jobs, done(theirs, 0.5, 0.8)],
    )
    assert [row.split(" | ")[-2] for row in work.rows()] == [
        "",
        "0.25 ×",
        "0.33 ×",
        "1.50 ×",
        "2.00 ×",
    ]
    assert next(work.rows()).startswith("| a zone | zonelint check | 2.00 | 1.00 | 300 |")


def test_what_a_child_process_took_is_measured() -> None:
    parent = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', sys.argv[1]])"
    child = "import time\nwhile time.process_time() < 0.2: pass\nb'x' * 50_000_000"
    contender = Contender(python("busy", "-c", parent, child))
    contender.run()
    assert contender.cpu[0] > 0.2
    assert contender.megabytes[0] > 50


def test_a_command_that_fails_is_told_and_not_timed() -> None:
    contender = Contender(python("broken", "-c", "import sys; sys.exit('no such thing')"))
    contender.run()
    assert contender.cpu == []
    work = Workload("zone", Form.CLEAN, 10, "a zone", [contender])
    assert "| exit status 1: no such thing |" in next(work.rows())
    assert list(wrong_in(work, Counter()))


def test_other_findings_than_expected_are_told() -> None:
    contender = done(check("a"), 1.0)
    contender.findings = Counter({"SPF301": 2, "undecided": 1})
    work = Workload("zone", Form.TWO, 2, "a zone", [contender])
    assert "| 2 +1 undecided |" in next(work.rows())
    assert len(list(wrong_in(work, Counter({"SPF301": 2})))) == 1
    assert list(wrong_in(work, Counter({"SPF301": 2, "undecided": 1}))) == []


def test_growth_is_in_size_and_in_findings() -> None:
    task = check("a")
    works = [
        Workload("file", Form.CLEAN, 1, "small", [done(task, 1.0)]),
        Workload("zone", Form.CLEAN, 10, "ten", [done(task, 3.0)]),
        Workload("zone", Form.TEN, 10, "ten, dirty", [done(task, 5.0)]),
        Workload("zone", Form.CLEAN, 100, "hundred", [done(task, 21.0)]),
        Workload("plan", Form.CLEAN, 100, "plan", [done(task, 2.0)]),
    ]
    assert list(growth(works)) == [
        "ten: ten findings takes 2.00 × the CPU time, 2.00 × the memory",
        "ten: 10 × as much takes 10.00 × the CPU time, 10.00 × the memory",
    ]

"""The counts of findings by rule, severity, cause and fix."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.noise import check, count, rows

EXAMPLE = Path(__file__).parents[2] / "examples" / "microsoft365" / "before"


def finding(code: str, severity: str, safe: bool | None = None, **more: Any) -> dict[str, Any]:
    fix = None if safe is None else {"safe": safe}
    return {"code": code, "severity": severity, "fix": fix, **more}


def report(*findings: dict[str, Any]) -> dict[str, Any]:
    return {"findings": findings, "undecided": [], "summary": {"zones": 2}}


def test_a_cause_is_counted_once() -> None:
    given = [
        finding("ZONE003", "info", True, cause="ttl"),
        finding("ZONE003", "info", True, cause="ttl"),
        finding("ZONE003", "warning", False, cause=None),
        finding("SPF001", "error"),
    ]
    counted = count(report(*given))
    assert counted["ZONE003"].cells() == ["0", "1", "2", "2", "2", "1", "100%"]
    assert counted["all"].cells() == ["1", "1", "2", "3", "2", "1", "75%"]


def test_two_reports_stand_side_by_side() -> None:
    before, after = report(finding("SPF001", "error")), report()
    table = list(rows([after, before]))
    assert "| SPF001 | 0 | 0 | 0 | 0 | 0 | 0 |  | 1 | 0 | 0 | 1 | 0 | 0 | 0% |" in table
    assert table[-1] == "\n2 zones, 0 against 0 undecided"


def test_a_repository_is_checked_and_what_is_none_is_told(tmp_path: Path) -> None:
    found, problem = check(EXAMPLE, sys.executable)
    assert count(found)["all"].total == len(found["findings"]) > 5
    assert problem == ""
    found, problem = check(tmp_path / "nowhere", sys.executable)
    assert not found["findings"]
    assert problem.startswith("exit status 2: ")

"""What is installed with zonelint: its licences are known, and the audit tells what it saw."""

# Some of these tests take over 3 s: every module of the product is read for its imports.

from __future__ import annotations

import json
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import audited, dependencies, statements

ROOT = Path(__file__).resolve().parents[1]

COPYLEFT = ("GPL", "AGPL", "LGPL")


def test_every_dependency_states_a_licence_that_a_company_can_take() -> None:
    found, _ = dependencies.dependencies()
    core = {each.name.lower() for each in found if "core" in each.wanted}
    assert {"click", "dnspython", "lark", "pyyaml"} <= core
    assert "cryptography" not in core
    assert "octodns" not in core
    assert "pulumi" not in core
    for each in found:
        assert each.licence != dependencies.UNKNOWN, each.name
        assert not any(word in each.licence.upper() for word in COPYLEFT), each
        assert each.size > 0, each.name


def test_the_product_imports_every_dependency() -> None:
    wanted = {each.name.lower() for each in map(Requirement, tomllib.loads(
        (ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"])}  # fmt: skip
    tops = {
        name.partition(".")[0]
        for module in statements.read_modules(ROOT).values()
        for name in module.imports
    }
    provides = packages_distributions()
    imported = {name.lower() for top in tops for name in provides.get(top, ())}
    assert wanted - imported == set()


def test_the_table_has_a_line_for_each() -> None:
    found, _ = dependencies.dependencies()
    lines = list(dependencies.table())
    assert sum(line.startswith("| ") for line in lines) == len(found) + 1
    assert any(line.startswith("`pip install zonelint`: ") for line in lines)


def report(folder: Path, held: object) -> Path:
    path = folder / "audit.json"
    path.write_text(json.dumps(held))
    return path


def test_a_vulnerability_fails_the_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vulnerable = {"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}
    sound = {"name": "b", "version": "1", "vulns": []}
    skipped = {"name": "zonelint", "skip_reason": "editable"}
    path = report(tmp_path, {"dependencies": [vulnerable, sound, skipped], "fixes": []})
    assert audited.main(path) == 1
    assert capsys.readouterr().out == (
        "a 1: X-1, fixed in 2\n"
        "2 distributions audited, 1 with known vulnerabilities, 1 not known to the service\n"
    )
    assert audited.main(report(tmp_path, {"dependencies": [sound]})) == 0


def test_an_audit_that_could_not_run_says_so_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited.main(tmp_path / "absent.json") == 0
    assert audited.main(report(tmp_path, [])) == 0
    assert capsys.readouterr().out.count("are not audited") == 2
    unknown = {"name": "a", "skip_reason": "not found"}
    assert audited.main(report(tmp_path, {"dependencies": [unknown]})) == 0
    assert capsys.readouterr().out.endswith("none of 1 distributions: nothing is audited\n")

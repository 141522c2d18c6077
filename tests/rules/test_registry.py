"""Rule packages of others are found, read whole, and named where they cannot be loaded."""

from __future__ import annotations

import sys

import pytest

from zonelint.rules.core import registry

THEIRS = """
from collections.abc import Iterator
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import rule
from zonelint.rules.subjects import MailZone

@rule("{code}", "{name}", Severity.INFO, on=MailZone, section="none")
def found(zone: MailZone) -> Iterator[Found]:
    yield from ()
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A rule package, installed beside us: its folder, and the entry point's target."""
    package = tmp_path / "house_rules"
    package.mkdir()
    (package / "__init__.py").write_text(THEIRS.format(code="HOUSE001", name="house-one"))
    (package / "more.py").write_text(THEIRS.format(code="HOUSE002", name="house-two"))
    info = tmp_path / "house_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[zonelint.rules]\nhouse = house_rules\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("house_rules", "house_rules.more"):
        sys.modules.pop(name, None)


def test_every_module_of_an_installed_package_is_read(installed):
    modules = list(registry._installed())
    assert [module.__name__ for module in modules] == ["house_rules", "house_rules.more"]
    codes = [rule.code for module in modules for rule in registry._rules_in(module)]
    assert codes == ["HOUSE001", "HOUSE002"]


def test_a_package_that_cannot_be_loaded_is_named(installed):
    (installed / "house_rules" / "more.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(registry.RegistryError, match=r"house \(house_rules\) cannot be loaded"):
        list(registry._installed())


def test_without_such_packages_nothing_is_searched(installed, monkeypatch):
    (installed / "house_rules-1.0.dist-info" / "entry_points.txt").unlink()
    monkeypatch.setattr(sys, "path", [str(installed), str(installed / "none")])
    assert not registry._any_installed()
    archive = installed / "archive.zip"
    archive.write_bytes(b"")
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert registry._any_installed()

"""What validator, processor and source do in octoDNS grows as the zones do: calls are counted."""

# These tests take over 3 s: every call of eight runs of octoDNS is counted.

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.test_growth_rules import calls, overgrown

pytest.importorskip("octodns")

YAML = "octodns.provider.yaml.YamlProvider"
OURS = "zonelint.providers.octodns"
CONFIG = f"""\
providers:
  c: {{class: {YAML}, directory: ./zones, escaped_semicolons: false, enforce_order: false}}
  t: {{class: {YAML}, directory: ./out}}
  m: {{class: {OURS}.MailAuthSource}}
processors:
  p: {{class: {OURS}.MailAuthProcessor, fail_on: never}}
validators:
  v: {{class: {OURS}.MailAuthValidator, fail_on: never}}
zones:
  '*': {{sources: [c, m], processors: [p], targets: [t]}}
"""
APEX = "'': {type: TXT, value: v=spf1 include:spf.protection.outlook.com -all}\n"
DECLARED = """\
[domains."{0}"]
senders = ["microsoft365"]
[domains."{0}".microsoft365.dkim]
selector1 = "s1-{1}.dkim.mail.microsoft"
selector2 = "s2-{1}.dkim.mail.microsoft"
"""


def many_zones(first: int, size: int) -> None:
    """Zones that each lack two keys."""
    names = range(first, first + size)
    declared = "".join(DECLARED.format(f"d{n}.example", n) for n in names)
    Path("zonelint.toml").write_text(declared)
    for n in names:
        Path(f"zones/d{n}.example.yaml").write_text(APEX)


def one_zone(first: int, size: int) -> None:
    """A zone of which most names have faults, and every other one lacks two keys."""
    names = range(first, first + size)
    declared = "".join(DECLARED.format(f"h{n}.d.example", n) for n in names)
    Path("zonelint.toml").write_text(declared)
    records = (f"h{n}: {{type: TXT, value: 'v=spf1 a:x{n}.example +all'}}\n" for n in names)
    Path("zones/d.example.yaml").write_text(APEX + "".join(records))


def _count(folder: Path, command: str) -> Counter[str]:
    """The calls of one run of octoDNS, which keeps its validators until the process ends."""
    from octodns.manager import Manager

    os.chdir(folder)

    def run() -> None:
        manager = Manager("octodns.yaml")
        manager.validate_configs() if command == "validate" else manager.sync()

    return calls(run)


@pytest.mark.parametrize("command", ["validate", "sync"])
@pytest.mark.parametrize("write", [many_zones, one_zone], ids=lambda write: write.__name__)
def test_a_run_of_octodns(
    write: object, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(write)
    counted = []
    for size in (2, 24, 48):
        folder = tmp_path / f"{size}"
        (folder / "zones").mkdir(parents=True)
        (folder / "out").mkdir()
        monkeypatch.chdir(folder)
        Path("octodns.yaml").write_text(CONFIG)
        write(1000 * size, size)
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
            counted.append(process.submit(_count, folder, command).result())
    assert sum(counted[2].values()) > 10_000, "zonelint was not asked"
    assert not overgrown(*counted[1:])

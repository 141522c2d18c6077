"""The same zone is told the same, and so is the same change, in whichever world it is written."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.worlds import WORLDS, Records, Tree, changed, drawn, zone_file
from zonelint.main import zonelint

CONFIGS = (
    "",
    '[domains."example.com"]\nsenders = ["microsoft365"]\n',
    'parked = ["example.com"]\n',
)
Told = set[tuple[object, ...]]


def write(folder: Path, files: Tree, config: str) -> None:
    for name, text in {**files, "zonelint.toml": config}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def told(*words: str) -> Told:
    """What is found and undecided, wherever it stands; whether a change is offered with it."""
    done = CliRunner().invoke(zonelint, ["check", "--format", "json", *words])
    assert done.exit_code in (0, 1), done.output
    said = json.loads(done.stdout)
    found: Told = {
        (each["code"], each["owner"], each["severity"], each["fix"] is not None)
        for each in said["findings"]
    }
    return found | {(each["code"], each["owner"], *each["missing"]) for each in said["undecided"]}


def told_of(folder: Path, files: Tree, config: str) -> Told:
    write(folder, files, config)
    return told(str(folder))


@pytest.mark.parametrize("seed", range(12))
def test_a_zone_is_told_the_same_in_every_world(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    records, config = drawn(draw), draw.choice(CONFIGS)
    wanted = told_of(tmp_path / "zone", zone_file(records), config)
    for name, world in WORLDS.items():
        assert told_of(tmp_path / name, world(records), config) == wanted, name


@pytest.mark.parametrize("seed", range(12))
def test_a_change_is_told_the_same_in_every_world(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    before, config = drawn(draw), draw.choice(CONFIGS[:2])
    after = changed(before, draw)
    wanted = _against(tmp_path / "zone", zone_file(before), zone_file(after), config)
    for name in draw.sample(sorted(WORLDS), 3):
        world = WORLDS[name]
        assert _against(tmp_path / name, world(before), world(after), config) == wanted, name


@pytest.mark.parametrize("seed", range(12))
def test_a_move_from_one_world_to_another_is_no_change(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    records: Records = drawn(draw)
    one, other = (WORLDS[name] for name in draw.sample(sorted(WORLDS), 2))
    found = _against(tmp_path, one(records), other(records), draw.choice(CONFIGS))
    assert not {each for each in found if str(each[0]).startswith("PHASE")}
    assert not {each for each in found if each[2] in ("error", "warning", "info")}


def _against(folder: Path, before: Tree, after: Tree, config: str) -> Told:
    write(folder / "before", before, config)
    write(folder / "after", after, config)
    return told(str(folder / "after"), "--against", str(folder / "before"))

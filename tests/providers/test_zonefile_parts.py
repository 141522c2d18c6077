"""Parts of zones that are named alone are checked as what includes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import ZoneFaultKind
from zonelint.main import zonelint
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.parts import with_whole
from zonelint.providers.zonefile.reader import Origins, read_file

HEAD = "$TTL 3600\n@ SOA ns1.example.net. h 1 2 3 4 5\n"
PART = '@ TXT "v=spf1 mx -all"\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "zones/example.com": f"{HEAD}$INCLUDE parts/mail.inc\n",
        "zones/example.org": f'{HEAD}$include "zones/parts/mail.inc" ; ours\n',
        "zones/example.net": f"{HEAD}; $INCLUDE parts/mail.inc\n$INCLUDE parts/other.inc\n",
        "zones/parts/mail.inc": PART,
        "zones/parts/other.inc": PART,
        "elsewhere/mail.inc": PART,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def whole(*named: str, origins: Origins | None = None) -> list[tuple[str, bool]]:
    files = with_whole([FoundFiles(path, named=True) for path in named], origins or Origins())
    return [(file.path, file.named) for file in files]


def test_the_zones_that_include_a_part_stand_for_it(repository: Path) -> None:
    assert whole("zones/parts/mail.inc") == [
        ("zones/parts/mail.inc", False),
        ("zones/example.com", True),
        ("zones/example.org", True),
    ]


def test_a_zone_that_is_named_too_is_read_once(repository: Path) -> None:
    assert whole("zones/example.com", "zones/parts/mail.inc") == [
        ("zones/example.com", True),
        ("zones/parts/mail.inc", False),
        ("zones/example.org", True),
    ]


def test_a_part_of_a_part_leads_to_the_zone(repository: Path) -> None:
    (repository / "zones/parts/other.inc").write_text("$INCLUDE zones/parts/inner.inc\n")
    (repository / "zones/parts/inner.inc").write_text(PART)
    assert whole("zones/parts/inner.inc") == [
        ("zones/parts/inner.inc", False),
        ("zones/example.net", True),
    ]


def test_absolute_paths_stay_absolute(repository: Path) -> None:
    part = str(repository / "zones/parts/other.inc")
    assert whole(part) == [(part, False), (str(repository / "zones/example.net"), True)]


def test_from_inside_a_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "zones/parts")
    assert whole("other.inc") == [("other.inc", False), ("../example.net", True)]


def test_what_nobody_includes_is_left_as_it_is(repository: Path) -> None:
    assert whole("elsewhere/mail.inc", "absent.inc") == [
        ("elsewhere/mail.inc", True),
        ("absent.inc", True),
    ]


def test_with_an_origin_given_a_part_is_a_zone(repository: Path) -> None:
    assert whole("zones/parts/mail.inc", origins=Origins("example.com")) == [
        ("zones/parts/mail.inc", True)
    ]
    named = Origins(None, {"zones/parts/mail.inc": "example.com"})
    assert whole("zones/parts/mail.inc", origins=named) == [("zones/parts/mail.inc", True)]


def test_an_include_that_leads_to_two_different_files_is_told(repository: Path) -> None:
    def told() -> list[tuple[ZoneFaultKind, int]]:
        zone = read_file(FoundFiles("zones/example.com", True))
        assert isinstance(zone, MasterZone)
        return [(fault.kind, fault.span.line) for fault in zone.faults]

    assert told() == []
    other = repository / "parts" / "mail.inc"
    other.parent.mkdir()
    other.write_text(PART)
    assert told() == []
    other.write_text(f"{PART}www A 192.0.2.9\n")
    assert told() == [(ZoneFaultKind.SERVER_DEPENDENT, HEAD.count("\n") + 1)]


@pytest.mark.parametrize("paths", [["."], ["sub"], ["db"], ["sub", "db"]])
def test_a_part_with_an_origin_of_its_own_is_judged_in_its_zone(
    repository: Path, paths: list[str]
) -> None:
    """Whichever is named, two that include each other as well."""
    sub = "$ORIGIN sub.example.se.\n@ MX 10 m\n"
    for name, text in {
        "db": f"{HEAD}$INCLUDE sub.zone\n",
        "sub": f"{sub}$INCLUDE db.zone\n",
    }.items():
        (repository / f"se/{name}.zone").parent.mkdir(exist_ok=True)
        (repository / f"se/{name}.zone").write_text(f"$ORIGIN example.se.\n{text}")
    named = [f"se/{path}.zone" if path != "." else "se" for path in paths]
    summary = CliRunner().invoke(zonelint, ["check", *named]).stdout.splitlines()[-2]
    assert " in 1 zone, " in summary

"""The command that holds our readers against others: what it gathers, compares and explains."""

# Some of these tests take over 3 s: another program reads every input as well.

from pathlib import Path

import pytest

from tests.differential import mutated, oracles
from tests.differential.oracles import UNEXPLAINED, Disagreement, Missing
from tests.differential.records import gathered

SUITE = """\
records:
  - "v=spf1 mx include:_spf.example.net -all"
  - 'v=spf1 ip4:192.0.2.300 -all'
  - "v=spf1 a:foo=bar x=%% -all"
  - "v=DMARC1\\; p=none; rua=mailto:d@example.com"
  - "v=DKIM1; k=rsa; p=AQAB"
"""
ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
@ TXT "v=spf1 -all"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "suite.yml").write_text(SUITE)
    (tmp_path / "example.com.zone").write_text(ZONE)
    (tmp_path / "broken.zone").write_text(ZONE + "www A 192.0.2.999\n")
    (tmp_path / "example.org.yaml").write_text("'':\n  type: TXT\n  value: v=spf1 -all\n")
    (tmp_path / "binary").write_bytes(b"\0v=spf1 mx")
    return tmp_path


def test_records_and_zones_are_gathered_from_any_file(folder: Path) -> None:
    found = gathered(folder)
    assert list(found.spf) == [
        "v=spf1 -all",
        "v=spf1 mx include:_spf.example.net -all",
        "v=spf1 ip4:192.0.2.300 -all",
        "v=spf1 a:foo=bar x=%% -all",
    ]
    assert list(found.dmarc) == ["v=DMARC1; p=none; rua=mailto:d@example.com"]
    assert list(found.keys) == ["v=DKIM1; k=rsa; p=AQAB"]
    assert sorted(Path(path).name for path in found.zones) == ["broken.zone", "example.com.zone"]
    assert sorted(Path(path).name for path in found.yaml) == ["example.org.yaml", "suite.yml"]


def compared(name: str, *arguments: object) -> list[Disagreement]:
    try:
        return list(getattr(oracles, name)(*arguments))
    except Missing as missing:
        pytest.skip(str(missing))


def test_readers_agree_but_for_what_is_explained(folder: Path) -> None:
    found = gathered(folder)
    assert compared("cryptography", list(found.keys)) == []
    assert compared("dnspython", found.zones) == []
    assert compared("octodns", found.yaml) == []


def test_bind_agrees(folder: Path) -> None:
    assert compared("checkzone", gathered(folder).zones) == []


def test_a_disagreement_is_told_with_its_reason() -> None:
    found = compared("pyspf", ["v=spf1 mx -all", "v=spf1 ip4:192.0.2.300", "v=spf1 x=%% -all"])
    assert [(each.text, each.ours) for each in found] == [("v=spf1 x=%% -all", "sound")]
    assert "for a broken macro" in found[0].reason


def test_a_disagreement_without_a_reason_stays_one() -> None:
    found = oracles.explained("x", "text", "sound", "something", oracles.PYSPF)
    assert found.reason == UNEXPLAINED


@pytest.mark.parametrize("name", ["dnspython", "compilezone", "octodns"])
def test_mutated_zones_are_read_as_others_read_them(name: str) -> None:
    """A few of the 20,000 that `python -m tests.differential --mutated 20000` tries."""
    batches = mutated.yaml(150, seed=5) if name == "octodns" else mutated.zones(150, seed=5)
    found = [each for batch in batches for each in compared(name, batch)]
    assert [each for each in found if each.reason == UNEXPLAINED] == []


def test_mutations_are_the_same_each_time() -> None:
    assert list(mutated.zones(20, seed=7)) == list(mutated.zones(20, seed=7))
    assert list(mutated.zones(20, seed=7)) != list(mutated.zones(20, seed=8))

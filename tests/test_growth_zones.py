"""What a run over zones that ask one another does once for each: read, parse, gather.

Calls are counted, not timed. A cache that forgets, or that is asked by what changes on the way,
shows here as a second call.
"""

from __future__ import annotations

import cProfile
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.test_growth_rules import FLOORS
from zonelint.main import zonelint
from zonelint.rules.model.facts import all_facts

_NEW = count(1)
HEAD = "$TTL 1h\n@ SOA ns.example.net. h.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"
CUSTOMER = """\
@ MX 10 mx.{host}
@ TXT "v=spf1 include:_spf.{host} include:_spf.{next} ip4:198.41.0.9/24 {end}"
_spf TXT "v=spf1 ip4:8.{run}.{n}.0/24 -all"
www CNAME @
k._domainkey CNAME k{n}._domainkey.{host}
_dmarc TXT "v=DMARC1; p=reject; adkim=strict; rua=mailto:d{n}@{host}"
"""
HOSTER = """\
@ A 192.0.2.1
mx A 192.0.2.2
_spf TXT "v=spf1 ip4:192.{run}.2.0/24 -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@{host}"
"""


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text)


def hoster(folder: str, size: int, run: int, end: str) -> None:
    """Zones that name each other, and one more; no name and no text that another run had."""
    host = f"hoster{run}.example."
    write(f"{folder}/{host}zone", HEAD + HOSTER.format(host=host, run=run))
    for n in range(size):
        after = f"c{(n + 1) % size}.r{run}.example."
        text = CUSTOMER.format(host=host, next=after, n=n, run=run, end=end)
        write(f"{folder}/c{n}.r{run}.example.zone", HEAD + text)


def calls(work: Callable[[], object]) -> Counter[str]:
    """How often each function of ours is called."""
    with cProfile.Profile(subcalls=False, builtins=False) as profile:
        work()
    found: Counter[str] = Counter()
    for entry in profile.getstats():
        if not isinstance(entry.code, str) and entry.code.co_filename.startswith(FLOORS):
            path = Path(entry.code.co_filename)
            found[f"{path.parent.name}/{path.stem}:{entry.code.co_qualname}"] += entry.callcount
    return found


_ALONE = ("--jobs", "1", "--format", "concise")
RUNS = {
    "check": ["check", "zones", *_ALONE],
    "one": ["check", "zones/c1.r{run}.example.zone"],
    "fix": ["check", "zones", "--fix", *_ALONE],
    "against": ["check", "zones", "--against", "old", *_ALONE],
    "propose": ["propose", "zones"],
}


def counted(
    words: list[str], size: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Counter[str]:
    """The calls of a run over so many zones that name each other."""
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    run = next(_NEW)
    hoster("zones", size, run, "~all")
    hoster("old", size, run, "-all")
    write("zonelint.toml", 'zones = ["zones"]\n[domains."*.example"]\nprofile = "sending"\n')

    def work() -> None:
        done = CliRunner().invoke(zonelint, [word.format(run=run) for word in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception

    return calls(work)


@pytest.mark.parametrize("name", RUNS)
def test_zones_that_ask_one_another(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(RUNS[name], 2, tmp_path / "first", monkeypatch)  # imports all that is needed
    few = counted(RUNS[name], 15, tmp_path / "few", monkeypatch)
    many = counted(RUNS[name], 30, tmp_path / "many", monkeypatch)
    grown = {each: n for each, n in many.items() if n > 100 and n > 2.2 * few[each]}
    assert not grown, "twice the zones are about twice the work"
    sides = 2 if name == "against" else 1
    # All that the change of one zone leads to, too: each names the next one.
    assert many["zonefile/reader:read_file"] == 31 * sides
    # Each text once, and those of changes: two of a zone, one of the other side, two proposed; a
    # policy and what mends it.
    assert many["spf/record:_parse"] <= 5 * 31
    assert many["tags/taglist:TagList._made"] <= 2 * 31
    # What was before is told as well; changes are tried, and what was written is judged again.
    judged = {"propose": 31, "fix": 4 * 31}.get(name, 2 * 31)
    for fact in all_facts():
        code = fact.of.__code__
        path = Path(code.co_filename)
        told = many[f"{path.parent.name}/{path.stem}:{code.co_qualname}"]
        assert told <= judged, fact.name

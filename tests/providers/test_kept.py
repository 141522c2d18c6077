"""What is kept from one look to the next is what a reader that keeps nothing reads.

Long, because after each change the whole repository is read anew to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonelint.grammars.zone import Zone
from zonelint.providers.project import kept
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.kept import KeptZones
from zonelint.providers.project.project import Project

HEAD = "$ORIGIN {}.\n$TTL 3600\n@ SOA ns h 1 1h 1h 1h 1h\n"
TEXTS = {
    "example.com.zone": (
        HEAD.format("example.com") + "$INCLUDE mail.inc\n",
        HEAD.format("example.com") + "$INCLUDE part.zone\n",
        HEAD.format("example.com") + "@ MX 0 .\n",
        "Nothing of a zone.\n",
        "",
    ),
    "mail.inc": ('@ TXT "v=spf1 -all"\n', '@ TXT "v=spf1 +all"\n', "\0"),
    "part.zone": ("@ 60 MX 10 mx\n", "$ORIGIN part.example.\n@ 60 MX 10 mx\n"),
    "example.net.zone": (HEAD.format("example.net"), HEAD.format("other.example")),
    "dns/example.org.yaml": (
        "'': {type: TXT, value: v=spf1 -all}\n",
        "'': !include more.inc\n",
        "'': {type: [TXT\n",
        "services: {}\n",
    ),
    "dns/more.inc": ("{type: TXT, value: v=spf1 +all}\n", "{type: MX\n"),
    "dns/split.example./a.yaml": ("a: {type: A, value: 192.0.2.1}\n", "a: {}\n"),
    "dns/split.example./b.yaml": ("b: {type: A, value: 192.0.2.1}\n", "b: [\n"),
    "octodns.yaml": (
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: dns}\n"
        "zones:\n  example.org.: {sources: [c], targets: [c]}\n",
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: dns,"
        " default_ttl: 60}\n"
        "zones:\n  example.org.: {sources: [c], targets: [c]}\n"
        "  lost.example.: {sources: [c], targets: [c]}\n",
        "name: something else\n",
    ),
    "infra/main.tf": (
        'resource "aws_route53_zone" "z" { name = "example.edu" }\n'
        'resource "aws_route53_record" "r" {\n  zone_id = aws_route53_zone.z.zone_id\n'
        '  name = ""\n  type = "TXT"\n  ttl = 60\n  records = [local.spf]\n}\n',
        'resource "aws_route53_zone" "z" {\n',
    ),
    "infra/more.tf": ('locals { spf = "v=spf1 -all" }\n', 'locals { spf = "v=spf1 +all" }\n'),
    "package.json": ('{"name": "x"}\n', '{"format_version": "1.2", "terraform_version": "1.9"}\n'),
}
"""What the files of a repository may be while they are typed."""

Change = tuple[str, int | None, bool]
"""A file, which of its texts it has now (None: it is closed), and whether it is saved as well."""


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """What happens to a few of the files, one after the other."""
    names = draw(st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=4, unique=True))
    change = st.sampled_from(names).flatmap(
        lambda name: st.tuples(
            st.just(name), st.none() | st.integers(0, len(TEXTS[name]) - 1), st.booleans()
        )
    )
    return draw(st.lists(change, min_size=2, max_size=12))


def contents(zones: Iterable[Zone]) -> list[tuple[str, str, list[str], list[str], bool]]:
    return sorted(
        (
            zone.origin,
            zone.path,
            sorted(f"{r.owner} {r.ttl} {r.type} {r.rdata}" for s in zone.rrsets() for r in s),
            sorted(fault.message for fault in zone.faults),
            zone.complete,
        )
        for zone in zones
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes())
def test_what_is_kept_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, done: list[Change]
) -> None:
    here = tmp_path_factory.mktemp("repository")
    monkeypatch.chdir(here)
    Path("zonelint.toml").write_text("")
    for name, texts in TEXTS.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name != "mail.inc":  # not there before it is written
            path.write_text(texts[0])
    buffers = Buffers()
    known = KeptZones(Project(buffers), buffers)
    known.paths = ["."]
    known.refresh(thorough=True)
    opened: dict[str, str] = {}
    for name, number, is_saved in done:
        path = str(here / name)
        former = opened.keys()
        opened = {key: text for key, text in opened.items() if key != path}
        if number is not None:
            opened[path] = TEXTS[name][number]
            if is_saved:
                Path(path).write_text(opened[path])
        buffers.put(opened)
        known.refresh(thorough=is_saved or opened.keys() != former)
        fresh = Project(Buffers(opened)).open(["."])
        held = [zone for zone, _ in known.zones]
        assert contents(held) == contents(fresh.zones)
        assert sorted(map(str, known.problems)) == sorted(map(str, fresh.problems))
        assert not {zone.path for zone in known.lost} & {zone.path for zone in held}


def test_a_change_reads_only_what_it_is_part_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        text = HEAD.format(f"z{number}.example") + ("$INCLUDE mail.inc\n" if number < 2 else "")
        Path(f"z{number}.example.zone").write_text(text)
    Path("mail.inc").write_text('@ TXT "v=spf1 -all"\n')
    buffers = Buffers()
    known = KeptZones(Project(buffers), buffers)
    known.paths = ["."]
    known.refresh(thorough=True)
    before = {zone.path: zone for zone, _ in known.zones}
    buffers.put({str(tmp_path / "mail.inc"): '@ TXT "v=spf1 +all"\n'})
    known.refresh(thorough=True)
    after = {zone.path: zone for zone, _ in known.zones}
    assert before.keys() == after.keys()
    changed = {path for path in after if after[path] is not before[path]}
    assert changed == {"z0.example.zone", "z1.example.zone"}
    buffers.put({str(tmp_path / "z3.example.zone"): "Nothing of a zone.\n"})
    known.refresh(thorough=True)
    assert [zone.path for zone in known.lost] == ["z3.example.zone"]
    assert {zone.path for zone, _ in known.zones} == after.keys() - {"z3.example.zone"}
    assert kept.keys_of(before["z0.example.zone"]) == {
        str(tmp_path / "mail.inc"), str(tmp_path / "z0.example.zone"),
    }  # fmt: skip

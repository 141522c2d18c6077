"""octoDNS YAML as octoDNS's own provider reads it, over one text of every kind that is special."""

from __future__ import annotations

import inspect
import pkgutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yaml import safe_dump

from tests.differential.oracles import _COMPARED, _comparable, _of_octodns
from zonelint.grammars.zone import Zone
from zonelint.main import zonelint
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.find import Includes
from zonelint.providers.octodns.yaml.options import OPTIONS
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.octodns.yaml.scalar import order_key
from zonelint.providers.octodns.yaml.zone import read
from zonelint.providers.zonefile.reader import ReadError

pytest.importorskip("octodns")
from octodns.manager import Manager
from octodns.processor.base import BaseProcessor
from octodns.record import Record
from octodns.record.exception import ValidationError
from octodns.source.base import BaseSource
from octodns.zone import DuplicateRecordException
from octodns.zone import Zone as OctodnsZone

A = "{type: A, value: 192.0.2.1}"
CORPUS = {
    "own key, then merge": "w: {type: A, value: 192.0.2.1, <<: {value: 192.0.2.2}}\n",
    "merge, then own key": "w: {<<: {value: 192.0.2.2}, type: A}\n",
    "merge out of order": "w: {type: A, <<: {ttl: 60}, value: 192.0.2.2}\n",
    "merge of the type": "w: {<<: {type: A, value: 192.0.2.2}, value: 192.0.2.1}\n",
    "list of merges": "w: {<<: [{ttl: 60, type: A}, {ttl: 90, value: 192.0.2.3}]}\n",
    "list, later key": "w: {<<: [{type: A, value: 192.0.2.1}, {ttl: 9}], value: 192.0.2.3}\n",
    "two merges": "w: {<<: {type: A, value: 192.0.2.1}, <<: {value: 192.0.2.2}}\n",
    "merge in a merge": "w: {<<: {<<: {type: A}, value: 192.0.2.1}}\n",
    "merge of names": f"<<: {{a: {A}}}\nb: {A}\n",
    "merge of names over one": f"a: {A}\n<<: {{a: {{type: A, value: 192.0.2.9}}}}\n",
    "quoted merge": f"'<<': {A}\n",
    "merge of a text": "w: {<<: text, type: A, value: 192.0.2.1}\n",
    "no": f"no: {A}\n",
    "yes and on": f"on: {A}\nyes: {A}\n",
    "quoted no": f"'no': {A}\n",
    "false beside no": f"false: {{type: A, value: 192.0.2.7}}\nno: {A}\n",
    "numbers": f"1: {A}\n2: {A}\n10: {A}\n",
    "octal": f"010: {A}\n",
    "hexadecimal": f"0x1f: {A}\n",
    "sexagesimal": f"1:30: {A}\n",
    "underscore": f"1_000: {A}\n",
    "real": f"1.10: {A}\n",
    "null": f"~: {A}\n",
    "date": f"2026-01-02: {A}\n",
    "no date": f"2026-13-02: {A}\n",
    "equals sign": f"=: {A}\n",
    "natural order": f"a2: {A}\na10: {A}\n",
    "order of characters": f"a10: {A}\na2: {A}\n",
    "names out of order": f"b: {A}\na: {A}\n",
    "keys out of order": "w: {value: 192.0.2.1, type: A}\n",
    "fields out of order": "w: {type: MX, value: {preference: 10, exchange: mx.example.com.}}\n",
    "options out of order": (
        "w: {octodns: {ignored: false, cloudflare: {}}, "
        "type: A, value: 192.0.2.1}\n"
    ),
    "capitals": f"B: {A}\na: {A}\n",
    "a preference in octal": "w: {type: MX, value: {exchange: m.example.com., preference: 010}}\n",
    "braces in a name": (
        "w: {type: MX, value: {exchange: 'a {b: 1} c.example.com.', preference: 1}}\n"
    ),
    "a name that IDNA refuses": f"\"a\\u200bb\": {A}\n",
    "an A-label that IDNA refuses": f"xn--a\"\": {A}\nxn--bro-hoa: {A}\nxn--zz--: {A}\n",
    "a target that IDNA refuses": 'w: {type: CNAME, value: "a\\u200bb.example.com."}\n',
    "a name in capitals that IDNA takes": f"Büro: {A}\n",
    "an unknown tag": "w: {type: TXT, value: !spf 'v=spf1 -all'}\n",
    "octets": "w: {type: TXT, value: !!binary dj1zcGYx}\n",
    "the tag of a text": "w: {type: TXT, value: !!str v=spf1}\n",
    "a tab between two tokens": "w: {type: A, ttl:\t60, value: 192.0.2.1}\n",
    "a tab in a text": "w: {type: TXT, value: \"v=spf1\t-all\"}\n",
    "the ttl in octal": "w: {ttl: 0120, type: A, value: 192.0.2.1}\n",
    "the ttl as a text": "w: {ttl: '60', type: A, value: 192.0.2.1}\n",
    "the ttl with a unit": "w: {ttl: 1h, type: A, value: 192.0.2.1}\n",
    "the ttl as a time": "w: {ttl: 1:00, type: A, value: 192.0.2.1}\n",
    "the ttl as a real": "w: {ttl: 60.7, type: A, value: 192.0.2.1}\n",
    "geo at MX": (
        "w:\n  geo: {AF: [192.0.2.9]}\n  type: MX\n"
        "  value: {exchange: mx.example.com., preference: 1}\n"
    ),
    "dynamic at TXT": (
        "w:\n  dynamic: {pools: {a: {values: [{value: v=spf1 +all}]}}, rules: [{pool: a}]}\n"
        "  type: TXT\n  value: v=spf1 -all\n"
    ),
    "geo at A": "w: {geo: {AF: [192.0.2.9]}, type: A, value: 192.0.2.1}\n",
    "a type twice": f"w: [{A}, {{type: A, value: 192.0.2.2}}]\n",
    "a name twice": f"w: {A}\nw: {{type: A, value: 192.0.2.2}}\n",
    "include": "w: !include record.yaml\n",
    "merged include": "w: {<<: !include record.yaml, value: 192.0.2.4}\n",
    "include out of order": "w: !include unsorted.yaml\n",
}  # fmt: skip


def of_octodns(folder: Path, order_mode: str = "natural") -> object:
    from octodns.provider.yaml import YamlProvider
    from octodns.zone import Zone

    provider = YamlProvider("x", str(folder), order_mode=order_mode, escaped_semicolons=False)
    zone = Zone("example.com.", [])
    try:
        provider.populate(zone)
    except Exception as error:  # whatever octoDNS ends on is a refusal
        return f"refused: {error}"
    return _of_octodns(zone)


def of_zonelint(folder: Path, *, natural: bool = True) -> object:
    from zonelint.providers.octodns.yaml.find import text_of

    source = text_of(str(folder / "example.com.yaml"))
    assert not isinstance(source, ReadError)
    settings = EntrySettings(escaped=False, natural=natural, ordered=True)
    try:
        zone = read("example.com.", [(source, settings)], Includes())
    except YamlFault as fault:
        return f"refused: {fault.message}"
    loud = [fault.message for fault in zone.faults if fault not in zone.silent]
    if loud:
        return f"refused: {loud[0]}"
    return sorted(
        (record.owner, record.type, record.ttl, _comparable(record.type, record))
        for rrset in zone.rrsets()
        for record in rrset
        if record.type in _COMPARED and not record.is_alternative
    )


_POOLS = """
w:
  type: CNAME
  value: last.example.com.
  dynamic:
    pools:
      down: {values: [{value: a.example.com., status: down}, {value: b.example.com.}]}
      up: {values: [{value: a.example.com., status: up}]}
      more:
        fallback: up
        values: [{value: b.example.com., weight: 3}, {value: last.example.com., weight: 2}]
    rules:
    - {pool: up, subnets: [192.0.2.0/24], geos: [AS]}
    - {geos: [EU, NA-US], pool: down}
    - {pool: more}
x: {type: A, value: 192.0.2.1, geo: {AF: [192.0.2.8, 192.0.2.9], NA-US-CA: [192.0.2.1]}}
y: {type: A, value: 192.0.2.1}
"""


def test_who_is_answered_what_is_the_same_from_a_file_and_from_octodns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from octodns.provider.yaml import YamlProvider
    from octodns.zone import Zone as OctodnsZone

    from zonelint.providers.octodns.synczone import convert
    from zonelint.providers.octodns.yaml.find import text_of

    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.yaml").write_text(_POOLS)
    theirs = OctodnsZone("example.com.", [])
    YamlProvider("x", str(tmp_path), enforce_order=False).populate(theirs)
    source = text_of("example.com.yaml")
    assert not isinstance(source, ReadError)
    ours = read("example.com.", [(source, EntrySettings())], Includes())

    def told(zone: Zone) -> set[tuple[object, ...]]:
        return {
            (owner, type, *each._replace(records=None), *(r.rdata for r in each.records or ()))
            for (owner, type), answers in zone.variants.items()
            for each in answers
        }

    assert told(convert(theirs)) == told(ours)
    answers = ours.variants["w.example.com.", "CNAME"]
    assert [(e.name[0], e.place, e.level, e.weight) for e in answers] == [
        ("a", ("", "192.0.2.0/24"), 0, 1),
        ("a", ("AS",), 0, 1),
        *(
            each
            for place in (("EU",), ("NA", "US"))
            for each in (("b", place, 0, 1), ("l", place, 1, 1))
        ),
        ("b", (), 0, 3),
        ("l", (), 0, 2),
        ("a", (), 1, 1),
    ]


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("mode", ["natural", "simple"])
def test_what_octodns_reads_is_read_and_what_it_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, mode: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "record.yaml").write_text("type: A\nvalue: 192.0.2.3\n")
    (tmp_path / "unsorted.yaml").write_text("value: 192.0.2.3\ntype: A\n")
    (tmp_path / "example.com.yaml").write_text(text)
    theirs = of_octodns(tmp_path, mode)
    ours = of_zonelint(tmp_path, natural=mode == "natural")
    if isinstance(theirs, str) and isinstance(ours, str):
        return
    assert ours == theirs


_NAME = st.text("aB0129._-*", max_size=8)


@given(_NAME, _NAME)
def test_keys_are_sorted_as_octodns_sorts_them(one: str, other: str) -> None:
    from natsort import natsort_keygen

    theirs = natsort_keygen()
    ours = [order_key(name, natural=True) for name in (one, other)]
    assert (ours[0] < ours[1]) == (theirs(one) < theirs(other))


def test_the_options_of_octodns_s_classes_are_those_of_its_source() -> None:
    for section, base in (("providers", BaseSource), ("processors", BaseProcessor)):
        for name, words in OPTIONS[section].items():
            taken, needed = _options_of(pkgutil.resolve_name(name), base)
            more = {"lenient"} if section == "processors" else set()
            assert {word.removesuffix("!") for word in words.split()} | more == taken, name
            assert {word[:-1] for word in words.split() if word.endswith("!")} == needed, name


def _options_of(made: type, base: type) -> tuple[set[str], set[str]]:
    """What a class takes by keyword, its bases' with it, and what it needs."""
    taken: set[str] = set()
    needed: set[str] = set()
    for each in (each for each in made.__mro__ if "__init__" in vars(each)):
        _, _, *found = inspect.signature(each.__init__).parameters.values()
        kinds = {one.kind for one in found}
        named = [one for one in found if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
        if not taken and not needed:
            needed = {one.name for one in named if one.default is one.empty}
        taken |= {one.name for one in named if one.default is not one.empty} | needed
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    assert issubclass(made, base)
    return taken, needed


_RULE = st.fixed_dictionaries(
    {"pool": st.sampled_from("abcd")},
    optional={
        "geos": st.lists(st.sampled_from(("NA", "NA-US", "EU", "XX")), max_size=2),
        "subnets": st.lists(st.sampled_from(("10.0.0.0/8", "10.1.0.0/16", "10.0.0.1/8", "::/0"))),
    },
)
_POOL_VALUE = st.fixed_dictionaries(
    {"value": st.just("192.0.2.1")},
    optional={
        "weight": st.sampled_from((0, 1, 2, 100, 101)),
        "status": st.sampled_from(("up", "down", "on")),
    },
)
_POOLS_OF = st.dictionaries(
    st.sampled_from("abc"),
    st.fixed_dictionaries(
        {"values": st.lists(_POOL_VALUE, min_size=1, max_size=2)},
        optional={"fallback": st.sampled_from("abcd")},
    ),
)


@given(_POOLS_OF, st.lists(_RULE, max_size=3))
@example({"a": {"values": [{"value": "192.0.2.1"}]}}, [{"pool": "a"}])
@example(
    {each: {"values": [{"value": "192.0.2.1"}]} for each in "ab"},
    [{"pool": "a", "geos": ["NA"]}, {"pool": "b"}],
)
def test_a_dynamic_part_is_refused_as_octodns_refuses_it(pools: Any, rules: Any) -> None:
    data = {
        "type": "A",
        "ttl": 60,
        "value": "192.0.2.9",
        "dynamic": {"pools": pools, "rules": rules},
    }
    Record.enable_validators({"legacy"})
    try:
        Record.new(OctodnsZone("example.com.", []), "www", deepcopy(data))
    except ValidationError as error:
        refused = bool(error.reasons)
    else:
        refused = False
    source = YamlSource("example.com.yaml", safe_dump({"www": data}))
    found = read("example.com.", [(source, EntrySettings())], Includes())
    assert bool(found.faults) is refused, found.faults


_OWNING = "octodns.processor.ownership.OwnershipProcessor"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (_OWNING, _OWNING, "_owner.a.a.example.com, which p has added"),
        (_OWNING, f"{_OWNING}, txt_value: ours", "_owner.a.a.example.com, which p has added"),
        (_OWNING, f"{_OWNING}, txt_name: _by", ""),
        (_OWNING, f"{_OWNING}, should_replace: true", ""),
        (f"{_OWNING}, should_replace: true", _OWNING, "which p has added"),
        ("octodns.processor.meta.MetaProcessor", "octodns.processor.meta.MetaProcessor", "p has"),
        (_OWNING, "octodns.processor.meta.MetaProcessor, record_name: _owner.A.a", "p has added"),
    ],
)
def test_what_two_processors_add_to_one_zone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, told: str
) -> None:
    """By whom octodns-sync ends on the second TXT record of one name."""
    monkeypatch.chdir(tmp_path)
    for folder in ("zones", "out"):
        Path(folder).mkdir()
    Path("zones/example.com.yaml").write_text(f"a: {A}\n")
    Path("octodns.yaml").write_text(
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "  out: {class: octodns.provider.yaml.YamlProvider, directory: out}\n"
        f"processors:\n  p: {{class: {one}}}\n  q: {{class: {other}}}\n"
        "zones:\n  example.com.: {sources: [c], targets: [out], processors: [p, q]}\n",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--select", "ZONE001"])
    assert run.exit_code == bool(told), run.output
    assert told in run.stdout
    try:
        Manager("octodns.yaml").sync(dry_run=True)
    except DuplicateRecordException:
        assert told
    else:
        assert not told


_TARGETS = st.sampled_from(
    ("mail.example.com.", "a.example.net", "", ".", "y", "a..b.", "-a.example.", "*.a.example.",
     "a_b.example.", "a/b.example.", "com.", f"{'x' * 64}.com.", "192.0.2.1", 5, None, ["a.b."]),
)  # fmt: skip
_NUMBERS = st.sampled_from((0, 1, 3, 255, 65535, "10", "x", "", None, 1.5, True))
_ADDRESSES = st.sampled_from(("192.0.2.1", "2001:db8::1", "1.2.3", "", None, 5))
_TEXTS = st.sampled_from(("v=spf1 -all", "a;b", "a\\;b", "a\\\\;b", "é", "", None, 5))


def _mapping_of(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({}, optional=fields)


_VALUES: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(("A", "AAAA"), _ADDRESSES),
    **dict.fromkeys(("ALIAS", "CNAME", "DNAME", "NS", "PTR"), _TARGETS),
    **dict.fromkeys(("SPF", "TXT"), _TEXTS),
    "CAA": _mapping_of(flags=_NUMBERS, tag=st.just("issue"), value=st.just("ca.example")),
    "MX": _mapping_of(preference=_NUMBERS, priority=_NUMBERS, exchange=_TARGETS),
    "SRV": _mapping_of(priority=_NUMBERS, weight=_NUMBERS, port=_NUMBERS, target=_TARGETS),
    "TLSA": _mapping_of(
        certificate_usage=_NUMBERS,
        selector=_NUMBERS,
        matching_type=_NUMBERS,
        certificate_association_data=st.just("ab"),
    ),
}
_OPTIONS = st.sampled_from(
    (
        {},
        *({"lenient": each} for each in (True, "no", None)),
        *({"healthcheck": each} for each in (None, {"protocol": "X"}, {"protocol": "HTTP"})),
    )
)


@given(st.data())
@settings(max_examples=60)
def test_what_octodns_refuses_of_a_record_is_told(data: st.DataObject) -> None:
    type = data.draw(st.sampled_from(sorted(_VALUES)))
    value = _VALUES[type]
    shape = st.one_of(
        st.fixed_dictionaries({"value": value}),
        st.fixed_dictionaries({"values": st.lists(value, max_size=2)}),
    )
    record = {"type": type, "ttl": 60, "octodns": data.draw(_OPTIONS), **data.draw(shape)}
    name = data.draw(st.sampled_from(("", "w", "_sip._tcp")))
    Record.enable_validators({"legacy"})
    try:
        Record.new(OctodnsZone("example.com.", []), name, deepcopy(record))
    except Exception:  # whatever octoDNS ends on
        source = YamlSource("example.com.yaml", safe_dump({name: record}, allow_unicode=True))
        zone = read("example.com.", [(source, EntrySettings(escaped=True))], Includes())
        assert set(zone.faults) - set(zone.silent), source.text

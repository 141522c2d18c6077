"""Pooled and weighted answers of one name are alternatives: one of them at a time."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.formats.meaning import blocks
from zonelint.grammars.zone import Place, Span, Variant, Zone
from zonelint.providers.files import Files
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.record import EntrySettings, PlacedRecord
from zonelint.providers.octodns.yaml.zone import read
from zonelint.providers.terraform.source.zones import read_source
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.mail.meaning import meanings
from zonelint.rules.model import questions

_DATA = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_KEY = f"{{type: TXT, value: 'v=DKIM1\\; k=ed25519\\; p={_DATA}'}}"
_POOLED = """
s1._domainkey:
  type: CNAME
  value: one.keys.example.com.
  dynamic:
    pools:
      a: {values: [{value: one.keys.example.com.}]}
      b: {values: [{value: SECOND, weight: 2}, {value: one.keys.example.com.}]}
    rules: [{geos: [EU], pool: b}, {pool: a}]
"""


def made(second: str, more: str) -> Context:
    return Context([read_zone(_POOLED.replace("SECOND", second) + f"one.keys: {_KEY}\n" + more)])


def read_zone(text: str) -> Zone:
    def no_include(including: str, name: str) -> tuple[str, str]:
        raise YamlFault(f"`{name}` is not there.", "")

    source = YamlSource("example.com.yaml", text)
    zone = read("example.com.", [(source, EntrySettings())], no_include)
    assert not zone.faults
    return zone


def judged(second: str, more: str) -> Result:
    rules = [each for each in registry.rules() if each.code in ("DKIM009", "DKIM013", "ZONE002")]
    return Engine(rules).run(made(second, more))


@pytest.mark.parametrize("second", ["one.keys.example.com.", "two.keys.example.com."])
def test_pools_of_a_cname_are_no_second_cname(second: str) -> None:
    result = judged(second, f"two.keys: {_KEY}\n")
    assert result.findings == []
    assert result.undecided == []


def test_each_of_them_has_to_lead_to_a_key() -> None:
    (finding,) = judged("two.keys.example.com.", "").findings
    assert finding.code == "DKIM013"
    assert "two.keys.example.com" in finding.message


def test_each_of_them_has_to_be_known() -> None:
    (undecided,) = judged("two.example.net.", "").undecided
    assert (undecided.code, undecided.missing) == ("DKIM013", ("two.example.net.",))
    asked = questions.of_zone(made("two.example.net.", "").zones[0])
    assert "two.example.net." in {each.name for each in asked}  # so a lock holds it


_POLICY = """
_dmarc:
  type: CNAME
  value: one.example.com.
  dynamic:
    pools: {a: {values: [{value: one.example.com.}]}, b: {values: [{value: WEAK.example.com.}]}}
    rules: [{geos: [EU], pool: b}, {pool: a}]
one: {type: TXT, value: 'v=DMARC1\\; p=reject'}
two: {type: TXT, value: 'v=DMARC1\\; p=none'}
"""


def test_a_change_of_one_pool_is_one_for_those_who_get_it() -> None:
    before, after = (_POLICY.replace("WEAK", name) for name in ("one", "two"))
    rules = [each for each in registry.rules() if each.code == "PHASE002"]
    old = read_zone(before)
    changed = Context([read_zone(after)], previous=Context([old]))
    ((_, lines),) = blocks(meanings(changed.repository), ())
    assert lines[0].endswith("reject → none (for those who get the answer `two.example.com.`)")
    result = Engine(rules).run(changed)
    (finding,) = result.findings
    assert "for those who get the answer `two.example.com.`: The policy for" in finding.message
    assert result.undecided == []
    assert Engine(rules).run(Context([old], previous=Context([old]))).findings == []


_TEXT = "_dmarc: {type: TXT, value: 'v=DMARC1\\; p=reject'}\n"


@pytest.mark.parametrize("weak", ["one", "two", "gone"])
def test_an_alias_that_takes_the_place_of_a_record_is_compared_with_it(weak: str) -> None:
    alias = read_zone(_POLICY.replace("WEAK", weak))
    result = Engine(_WEAKENED).run(Context([alias], previous=Context([read_zone(_TEXT)])))
    who = f"for those who get the answer `{weak}.example.com.`: "
    assert [each.message.startswith(who) for each in result.findings] == [True] * (weak != "one")
    assert {each.owner for each in result.findings} <= {_NAME}
    assert result.undecided == []
    result = Engine(_WEAKENED).run(Context([read_zone(_TEXT)], previous=Context([alias])))
    assert (result.findings, result.undecided) == ([], [])


@pytest.mark.parametrize("name", ["one", "two"])
@pytest.mark.parametrize("change", [("{type", "gone: {type"), ("p=reject", "p=none")])
def test_what_each_alias_of_a_set_leads_to_is_compared(name: str, change: tuple[str, str]) -> None:
    text = _POLICY.replace("WEAK", "two").replace("p=none", "p=reject")
    old = read_zone(text)
    assert not is_weakened(old, old)
    head, rest = text.split(f"\n{name}: ")
    new = read_zone(f"{head}\n{name}: {rest.replace(*change, 1)}".replace(f"{name}: gone", "gone"))
    result = Engine(_WEAKENED).run(Context([new], previous=Context([old])))
    assert [(each.owner, str(each.severity)) for each in result.findings] == [(_NAME, "error")]


def test_names_that_a_set_leads_to_no_more_may_go() -> None:
    old, new = read_zone(_POLICY.replace("WEAK", "one")), _POLICY.replace("two", "four")
    new = new.replace("\none", "\nthree").replace("one.", "three.")
    assert not is_weakened(old, read_zone(new.replace("WEAK", "three")))
    assert is_weakened(old, read_zone(new.replace("WEAK", "four")))


def test_an_alias_in_place_of_several_sets_is_undecided() -> None:
    both = served([((), 0, 1, 2), ((), 0, 1, 1)])
    both.variants[_NAME, "MX"] = [Variant("a", []), Variant("b", [])]
    for old, new in product((both, alias := read_zone(_POLICY)), repeat=2):
        result = Engine(_WEAKENED).run(Context([new], previous=Context([old])))
        assert result.findings == []
        assert ("several sets" in str(result.undecided)) is ((old is alias) is not (new is alias))


# -- what each asker got and gets ------------------------------------------------------------------

_STRENGTHS = ("p=none", "p=quarantine", "p=reject")
_NAME = "_dmarc.example.com."
_PLACES: tuple[Place, ...] = ((), ("EU",), ("EU", "DE"))
_Answer = tuple[Place, int, int, int]
"""Place, level, weight and strength."""

answers = st.lists(
    st.tuples(st.sampled_from(_PLACES), st.integers(0, 1), st.integers(0, 3), st.integers(0, 2)),
    min_size=1,
    max_size=4,
)


def served(set: list[_Answer], names: str = "abcd") -> Zone:
    zone = Zone("example.com.", "example.com.zone")
    made: list[Variant] = []
    for name, (place, level, weight, strength) in zip(names, set, strict=False):
        # What is added changes the text, and not what it means.
        text = f'"v=DMARC1; {_STRENGTHS[strength]}; x={name}"'
        record = PlacedRecord(_NAME, "TXT", 60, text, Span("z", 1, 1, 1, 1))
        made.append(Variant(name, [record], "place", place, level, weight))
    zone.add(next(record for each in made for record in each.records or ()))
    zone.variants[_NAME, "TXT"] = made
    return zone


_WEAKENED = [each for each in registry.rules() if each.code == "PHASE002"]


def is_weakened(old: Zone, new: Zone) -> bool:
    result = Engine(_WEAKENED).run(Context([new], previous=Context([old])))
    assert not result.undecided
    assert not result.crashes
    return bool(result.findings)


def shares_of(set: list[_Answer], place: Place, level: int) -> dict[int, Fraction]:
    """How many of those at a place get an answer of each strength, while so much is down."""
    at = next((p for p in (place, place[:-1], ()) if any(each[0] == p for each in set)), None)
    held = [each for each in set if each[0] == at]
    if not held:
        return {-1: Fraction(1)}
    levels = [each[1] for each in held]
    level = max((each for each in levels if each <= level), default=min(levels))
    held = [each for each in held if each[1] == level]
    total = sum(each[2] for each in held)
    found: dict[int, Fraction] = {}
    for _, _, weight, strength in held:
        part = Fraction(weight, total) if total else Fraction(1, len(held))
        found[strength] = found.get(strength, Fraction()) + part
    return found


def is_weaker(old: list[_Answer], new: list[_Answer]) -> bool:
    """Whether somewhere fewer get an answer of some strength or more."""
    places = {each[0] for each in (*old, *new)}
    return any(
        sum(n for s, n in shares_of(new, *who).items() if s >= strength)
        < sum(n for s, n in shares_of(old, *who).items() if s >= strength)
        for who in product(places, (0, 1))
        for strength in range(3)
    )


@given(answers, answers)
def test_a_set_is_weakened_where_somebody_gets_less(old: list[_Answer], new: list[_Answer]) -> None:
    assert is_weakened(served(old), served(new)) == is_weaker(old, new)


@given(answers, answers, st.permutations("wxyz"), st.randoms())
def test_names_and_order_tell_nothing(
    old: list[_Answer], new: list[_Answer], names: list[str], random: Random
) -> None:
    told = is_weakened(served(old), served(new))
    sides = [random.sample(side, len(side)) for side in (old, new)]
    assert is_weakened(served(sides[0]), served(sides[1], "".join(names))) is told


@given(answers, st.lists(st.integers(0, 2), min_size=4, max_size=4), st.permutations("abcd"))
def test_an_answer_that_is_no_weaker_harms_nobody(
    old: list[_Answer], more: list[int], names: list[str]
) -> None:
    new = [(*each[:3], min(2, each[3] + n)) for each, n in zip(old, more, strict=False)]
    assert not is_weakened(served(old), served(new, "".join(names)))


def test_the_worst_of_what_some_get_is_told() -> None:
    old, new = ([((), 0, 2, 2), ((), 0, 1, 2)], [((), 0, 2, 1), ((), 0, 1, 0)])
    sides = served(old), served(new)
    result = Engine(_WEAKENED).run(Context([sides[1]], previous=Context([sides[0]])))
    assert [str(each.severity) for each in result.findings] == ["warning", "error"]


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ([((), 0, 1, 0), ((), 0, 3, 2)], False),
        ([((), 0, 1, 2)], False),
        ([((), 0, 3, 0), ((), 0, 1, 2), (("EU",), 0, 1, 2)], True),
    ],
)
def test_a_stronger_answer_that_more_get_is_no_phase_left_out(
    new: list[_Answer], told: bool
) -> None:
    """Others who cannot be told apart from them got it before; those of a place can."""
    sides = served([((), 0, 3, 0), ((), 0, 1, 2)]), served(new, "abc" if len(new) > 1 else "b")
    for each in sides:
        each.add(PlacedRecord("example.com.", "MX", 60, "10 m.example.net.", Span("z", 1, 1, 1, 1)))
    rules = [each for each in registry.rules() if each.code == "PHASE001"]
    result = Engine(rules).run(Context([sides[1]], previous=Context([sides[0]])))
    assert bool(result.findings) is told


def test_more_pairs_than_are_compared_are_undecided() -> None:
    old, new = ([((), 0, 1, 2 - n)] * 9 for n in (0, 1))
    names = [chr(ord("a") + n) for n in range(9)]
    sides = [served(old, "".join(names)), served(new, "".join(reversed(names)).upper())]
    result = Engine(_WEAKENED).run(Context([sides[1]], previous=Context([sides[0]])))
    assert not result.findings
    assert "more than 50 pairs" in str(result.undecided)


def test_more_answers_than_are_told_apart_are_undecided() -> None:
    """However many they would be: places times values."""
    countries = "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK"
    geos = [f"AS-{country}" for country in countries.split()]
    values = [f"{{value: t{n}.example.com.}}" for n in range(2000)]
    text = f"""
_dmarc:
  type: CNAME
  value: one.example.com.
  dynamic:
    pools: {{a: {{values: [{", ".join(values)}]}}, b: {{values: [{{value: one.example.com.}}]}}}}
    rules: [{{geos: [{", ".join(geos)}], pool: a}}, {{pool: b}}]
"""
    old, new = read_zone(text), read_zone(text.replace("t1999.", "other."))
    assert sum(map(len, old.variants.values())) <= 1001
    for after, codes in ((old, set()), (new, {"PHASE002"})):
        result = Engine(_WEAKENED).run(Context([after], previous=Context([old])))
        assert {each.code for each in result.undecided} == codes


_MAIL = """
'': {type: MX, value: {exchange: mail.example.com., preference: 10}}
mail:
  type: A
  value: 192.0.2.1
  dynamic:
    pools: {a: {values: [{value: 192.0.2.1}]}, b: {fallback: a, values: [{value: 10.0.0.1}]}}
    rules: [RULE, {pool: a}]
"""


@pytest.mark.parametrize(
    ("rule", "who"),
    [("{pool: b, geos: [EU]}", "Not everybody"), ("{pool: b, subnets: [192.0.2.0/24]}", "")],
)
def test_nobody_is_led_to_an_address_that_is_closed_to_them(rule: str, who: str) -> None:
    (mx,) = (each for each in registry.rules() if each.code == "MX005")
    result = Engine([mx]).run(Context([read_zone(_MAIL.replace("RULE", rule))]))
    assert [each.message.startswith(who) for each in result.findings] == [True] * bool(who)
    told = _MAIL.replace("10.0.0.1", "192.0.2.2").replace("RULE", rule)
    assert not Engine([mx]).run(Context([read_zone(told)])).findings


# -- what each asker gets, judged ------------------------------------------------------------------


def _record(owner: str, type: str, text: str, line: int = 1) -> PlacedRecord:
    name = "example.com." if owner == "@" else f"{owner}.example.com."
    return PlacedRecord(name, type, 60, text, Span("z", line, 1, line, len(text)))


def _with_set(owner: str, type: str, *made: Variant, beside: list[PlacedRecord]) -> Zone:
    """A zone in which the first answer of a set stands."""
    zone = Zone("example.com.", "example.com.zone")
    for record in (*(made[0].records or ()), *beside):
        zone.add(record)
    zone.variants[_record(owner, type, "").owner, type] = list(made)
    return zone


def _mx(name: str, host: str, line: int, place: Place = (), level: int = 0) -> Variant:
    text = f"10 {host}.example.com."
    return Variant(name, [_record("@", "MX", text, line)], "place", place, level)


def _of_codes(zone: Zone, *codes: str) -> Result:
    rules = [each for each in registry.rules() if each.code in codes]
    return Engine(rules).run(Context([zone]))


_HOST = _record("mail", "A", "192.0.2.1", 9)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (_mx("b", "gone", 2), "MX002"),
        (_mx("b", "gone", 2, ("EU",)), "MX002"),
        (_mx("b", "gone", 2, level=1), "MX002"),
        (_mx("b", "home", 2), "MX005"),
    ],
)
def test_what_is_wrong_for_some_is_found_with_their_answer(other: Variant, code: str) -> None:
    beside = [_HOST, _record("home", "A", "10.0.0.1", 8)]
    zone = _with_set("@", "MX", _mx("a", "mail", 1), other, beside=beside)
    result = _of_codes(zone, "MX002", "MX005")
    (finding,) = result.findings
    assert (finding.code, finding.span.line, finding.change) == (code, 2, None)
    assert finding.message.startswith("for those who get the answer `b`: ")
    assert not result.undecided


_SOURCE = """
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "_dmarc"
  type    = "TXT"
  records = ["v=DMARC1; p=reject; rua=mailto:d@example.com"]
}
resource "aws_route53_record" "mx" {
  for_each       = { PRIMARY = "10 a.example.net", SECONDARY = "OTHER" }
  zone_id        = aws_route53_zone.z.zone_id
  name           = ""
  type           = "MX"
  set_identifier = each.key
  failover_routing_policy { type = each.key }
  records        = [each.value]
}
"""


@pytest.mark.parametrize(
    ("second", "told"),
    [("10 b.example.net", []), ("0 .", ["for those who get the answer `SECONDA"])],
)
def test_reports_arrive_where_each_answer_has_an_exchange(
    tmp_path: Path, second: str, told: list[str]
) -> None:
    (tmp_path / "main.tf").write_text(_SOURCE.replace("OTHER", second))
    zone, _ = read_source([str(tmp_path)], files=Files([tmp_path])).zones
    result = _of_codes(zone, "DMARC115")
    assert result.undecided == []
    assert [each.message[:37] for each in result.findings] == told


_ANSWER = """
resource "aws_route53_record" "NAME" {
  count          = COUNT
  zone_id        = aws_route53_zone.z.zone_id
  name           = ""
  type           = "MX"
  set_identifier = "NAME"
  weighted_routing_policy { weight = 1 }
  records        = ["VALUE"]
}
"""


@pytest.mark.parametrize("count", ["1", "var.x ? 1 : 0"])
def test_what_an_answer_lacks_that_there_may_be_is_undecided(count: str, tmp_path: Path) -> None:
    one = _ANSWER.replace("NAME", "one").replace("VALUE", "10 a.example.net").replace("COUNT", "1")
    other = _ANSWER.replace("NAME", "other").replace("VALUE", "0 .").replace("COUNT", count)
    policy = _SOURCE.partition('resource "aws_route53_record" "mx"')[0]
    (tmp_path / "main.tf").write_text(f'variable "x" {{}}\n{policy}{one}{other}')
    zone, _ = read_source([str(tmp_path)], files=Files([tmp_path])).zones
    result = _of_codes(zone, "DMARC115")
    assert [len(result.findings), len(result.undecided)] == [count == "1", count != "1"]


def test_what_is_wrong_for_all_is_found_once() -> None:
    answers = [_mx(name, "gone", 1) for name in "ab"]
    (finding,) = _of_codes(_with_set("@", "MX", *answers, beside=[]), "MX002").findings
    assert not finding.message.startswith("for those")
    other = _mx("c", "away", 2)
    found = _of_codes(_with_set("@", "MX", *answers, other, beside=[]), "MX002").findings
    assert [each.span.line for each in found] == [1, 2]


def test_it_is_told_once_and_of_all_who_get_it() -> None:
    beside = [_HOST, _record("@", "TXT", '"v=spf1 mx -all"', 7)]
    texts = [("a", "mail", 1), ("b", "gone", 2), ("c", "gone", 2)]
    zone = _with_set("@", "MX", *(_mx(*each) for each in texts), beside=beside)
    (finding,) = _of_codes(zone, "MX002").findings
    assert finding.message.startswith("for those who get the answer `b`: ")
    mail, text = _mx("a", "mail", 1), "no answer stands for all"
    zone = _with_set("@", "MX", mail, _mx("b", "other", 2), beside=[*beside])
    zone.add(_record("other", "A", "192.0.2.1", 6))
    zone.note_unknown("example.com.", "MX", text)
    result = _of_codes(zone, "MX002", "DMARC101", "TLSRPT002", "DMARC201")
    assert [each.code for each in result.findings] == ["DMARC101"]
    assert not result.findings[0].message.startswith("for those")


def test_what_nobody_gets_is_not_judged_with_the_zone() -> None:
    never = _mx("b", "gone", 2)._replace(weight=0)
    zone = _with_set("@", "MX", _mx("a", "mail", 1), never, beside=[_HOST])
    assert not _of_codes(zone, "MX002").findings


def test_an_answer_is_judged_beside_what_those_of_its_place_get() -> None:
    zone = _with_set(
        "@", "MX", _mx("eu", "mail", 1, ("EU",)), _mx("us", "away", 2, ("US",)), beside=[_HOST]
    )
    texts = {"eu": "v=spf1 -all", "us": "v=spf1 mx -all"}
    made = [
        Variant(name, [_record("@", "TXT", f'"{text}"', 3)], "place", (name.upper(),))
        for name, text in texts.items()
    ]
    zone.add(next(iter(made[0].records or ())))
    zone.variants["example.com.", "TXT"] = made
    (finding,) = _of_codes(zone, "MX002").findings
    assert finding.message.startswith("for those who get the answer `us`: ")


def test_a_host_has_no_address_for_those_whose_place_is_left_out() -> None:
    mx = _record("@", "MX", "10 mail.example.com.", 2)
    only = Variant("de", [_HOST], "place", ("EU", "DE"))
    zone = _with_set("mail", "A", only, beside=[mx])
    result = _of_codes(zone, "MX002")
    (finding,) = result.findings
    assert finding.message.startswith("for those whom no answer of the set is for: The exchange")
    assert not result.undecided
    zone.complete = False
    result = _of_codes(zone, "MX002")
    assert not result.findings
    (open_,) = result.undecided
    assert (open_.code, open_.owner) == ("MX002", "example.com.")
    assert "mail.example.com A for those whose place no record names" in open_.needs
    whole = only, only._replace(name="all", place=())
    result = _of_codes(_with_set("mail", "A", *whole, beside=[mx]), "MX002")
    assert not result.findings
    assert not result.undecided


@pytest.mark.parametrize(("usual", "other"), [(1, 0), (0, 1), (0, 2)])
def test_none_of_an_answer_is_given_to_those_whose_place_one_set_leaves_out(
    usual: int, other: int
) -> None:
    """Those of the EU have an answer of both sets, others of one alone."""
    places: tuple[Place, ...] = (("EU",), (), ("US",))
    policy = Variant("p", [_record("_dmarc", "TXT", '"v=DMARC1; p=reject"', 3)], "place")
    mx = _record("@", "MX", "10 mail.example.com.", 2)
    zone = _with_set("_dmarc", "TXT", policy._replace(place=places[other]), beside=[_HOST])
    zone.add(mx)
    zone.variants["example.com.", "MX"] = [Variant("m", [mx], "place", places[usual])]
    result = _of_codes(zone, "DMARC101")
    found = [each.message.partition(": ")[0] for each in result.findings]
    told = "for those whom no answer of the set is for"
    assert found == {(1, 0): [told], (0, 1): [], (0, 2): [told]}[usual, other]


@pytest.mark.parametrize(("answers", "records", "most"), [(60, 60, 50), (20, 5000, 9)])
def test_more_answers_than_are_judged_are_undecided(answers: int, records: int, most: int) -> None:
    """Of a large zone fewer are judged, or its time grew with both."""
    given = [_mx(f"a{n}", f"h{n}", n + 1) for n in range(answers)]
    hosts = [_record(f"h{n}", "A", "192.0.2.1", n) for n in range(records)]
    result = _of_codes(_with_set("@", "MX", *given, beside=hosts), "MX002")
    assert f"more than {most} answers" in str(result.undecided)
    assert not result.findings


@pytest.mark.parametrize(("host", "is_told"), [("mail", True), ("www", False)])
def test_an_address_that_some_no_longer_get_is_lost_for_them(host: str, is_told: bool) -> None:
    spf = _record("@", "TXT", '"v=spf1 a:mail.example.com -all"')
    one, two = (_record(host, "A", f"192.0.2.{n}", n) for n in (1, 2))
    made = [Variant("a", [one]), Variant("b", [two])]
    old = _with_set(host, "A", made[0], beside=[spf])
    new = _with_set(host, "A", *made, beside=[spf, two])  # both are addresses of the name
    told = meanings(Context([new], previous=Context([old])).repository)
    assert [each.who for each in told] == ["for those who get the answer `b`"] * is_told
    assert all(each.spf is not None and len(each.spf.lost) == 1 for each in told)


@pytest.mark.parametrize(
    ("type", "answers", "beside"),
    [
        ("TXT", ('"v=spf1 -all"', '"v=spf1 a:mail.example.com -all"'), []),
        (
            "MX",
            ("10 other.example.com.", "10 mail.example.com."),
            [_record("@", "TXT", '"v=spf1 mx -all"'), _record("other", "A", "192.0.2.9")],
        ),
    ],
)
def test_what_hosts_of_an_answer_have_is_compared(
    type: str, answers: tuple[str, str], beside: list[PlacedRecord]
) -> None:
    made = [Variant(name, [_record("@", type, a)]) for name, a in zip("ab", answers, strict=True)]
    old, new = (
        _with_set("@", type, *made, beside=[*beside, _record("mail", "A", f"192.0.2.{n}")])
        for n in (1, 2)
    )
    (told,) = meanings(Context([new], previous=Context([old])).repository)
    assert told.who == "for those who get the answer `b`"
    assert told.spf is not None
    assert told.spf.lost
    assert not meanings(Context([old], previous=Context([old])).repository)

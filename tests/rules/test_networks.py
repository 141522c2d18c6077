"""The SPF of a domain as interval maps: against check_host, and as a proof of equality."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks import going, reaching, value_at
from tests.rules.table import Table, spf, tree_from, world
from zonelint.rules.context import Context
from zonelint.rules.mail import networks
from zonelint.rules.mail.check_host import Outcome, check_host
from zonelint.rules.mail.networks import Maps, NetworkQuestion, NetworkResult, TooManyNetworks
from zonelint.rules.model.answers import World


def maps(data, domain: str = "example.com.", *, closed: bool = False) -> Maps:
    answers = world(data, closed=closed)
    return networks.of_tree(tree_from(domain, answers), answers)


def passing(found: Maps) -> dict[str, tuple[str, ...]]:
    return {str(network): value.path for network, value in reaching(found, "pass")}


def test_the_way_to_every_network_is_told() -> None:
    data = {
        "example.com": spf("v=spf1 mx/24 include:a.example ip6:2001:db8::/32 ~all")
        | {"MX": ["1 m.example."]},
        "m.example": {"A": ["198.51.100.7"]},
        "a.example": spf("v=spf1 ip4:192.0.2.0/24 -ip4:203.0.113.0/24 redirect=b.example"),
        "b.example": spf("v=spf1 ip4:203.0.112.0/23 -all"),
    }
    found = maps(data)
    assert passing(found) == {
        "192.0.2.0/24": ("include:a.example", "ip4:192.0.2.0/24"),
        "198.51.100.0/24": ("mx/24",),
        "203.0.112.0/24": ("include:a.example", "redirect=b.example", "ip4:203.0.112.0/23"),
        "2001:db8::/32": ("ip6:2001:db8::/32",),
    }
    elsewhere = value_at(found, "203.0.113.9")
    assert isinstance(elsewhere, NetworkResult)
    assert (elsewhere.result, elsewhere.path) == ("softfail", ("~all",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", ["192.0.2.0/24"]),
        ("v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all", ["192.0.2.0/24"]),
        ("v=spf1 -ip4:192.0.2.7 ip4:192.0.2.6/31 -all", ["192.0.2.6/32"]),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", ["0.0.0.0/0"]),
        ("v=spf1 ip6:::/0 -all", ["::/0"]),
        ("v=spf1 all ip4:192.0.2.1", ["0.0.0.0/0", "::/0"]),
        ("v=spf1 -all", []),
        ("v=spf1", []),
    ],
)
def test_networks_add_up(text: str, expected: list[str]) -> None:
    answers = world({"example.com": spf(text)}, closed=True)
    found = networks.of_tree(tree_from("example.com.", answers), answers, paths=False)
    assert [str(network) for network, _ in reaching(found, "pass")] == expected


def test_what_depends_on_the_message_is_a_question_in_its_place() -> None:
    found = maps({"example.com": spf("v=spf1 ip4:192.0.2.0/24 ~exists:%{i}.x.example ptr -all")})
    assert passing(found)["192.0.2.0/24"] == ("ip4:192.0.2.0/24",)
    value = value_at(found, "203.0.113.1")
    assert isinstance(value, NetworkQuestion)
    assert networks.possible(value) == {"pass", "softfail", "fail"}
    assert [each.path for each in networks.questions(value)] == [
        ("~exists:%{i}.x.example",), ("ptr",),
    ]  # fmt: skip


def test_what_nobody_knows_is_a_question_and_is_named() -> None:
    data = {"example.com": spf("v=spf1 include:a.example a:half.example -all"),
            "half.example": {"A": ["192.0.2.1"], "AAAA": "timeout"}}  # fmt: skip
    found = maps(data)
    assert found.missing == ("a.example.", "half.example.")
    four = value_at(found, "192.0.2.1")
    assert networks.possible(four) == {"pass"}
    six = value_at(found, "2001:db8::1")
    assert len(networks.questions(six)) == 2


@pytest.mark.parametrize(
    ("data", "result"),
    [
        ({"example.com": spf("v=spf1 foo -all")}, "permerror"),
        ({"example.com": spf("v=spf1 -all", "v=spf1 -all")}, "permerror"),
        ({"example.com": {"TXT": ["hello"]}}, "none"),
        ({"example.com": spf("v=spf1 include:a.example -all")}, "permerror"),
        ({"example.com": spf("v=spf1 redirect=a.example")}, "permerror"),
        ({"example.com": spf("v=spf1 include:example.com -all")}, "permerror"),
    ],
)
def test_errors_are_values(data, result: str) -> None:
    found = maps(data, closed=True)
    assert found.ip4.values == found.ip4.values[:1]
    assert networks.possible(found.ip4.values[0]) == {result}


def test_more_than_ten_exchanges_are_an_error_unless_one_of_the_first_matches() -> None:
    hosts = {f"m{n}.example": {"A": [f"192.0.2.{n}"]} for n in range(12)}
    own = spf("v=spf1 mx -all") | {"MX": [f"{n} m{n}.example." for n in range(12)]}
    found = maps({"example.com": own, **hosts})
    assert networks.possible(value_at(found, "192.0.2.9")) == {"pass"}
    assert networks.possible(value_at(found, "192.0.2.10")) == {"permerror"}


def test_a_tree_far_over_the_limit_has_no_map() -> None:
    data = {}
    for n in range(20):
        data[f"n{n}.example"] = spf("v=spf1 " + f"include:n{n + 1}.example " * 10 + "-all")
    answers = world(data)
    tree = tree_from("n0.example.", answers)
    with pytest.raises(TooManyNetworks):
        networks.of_tree(tree, answers)


def test_thousands_of_networks_are_one_sweep() -> None:
    terms = " ".join(f"ip4:10.{n >> 8 & 255}.{n & 255}.0/25" for n in range(0, 20_000, 2))
    found = maps({"example.com": spf(f"v=spf1 {terms} -all")})
    assert len(reaching(found, "pass")) == 10_000


# -- the same answers as check_host -----------------------------------------------------------

TERMS = [
    "a", "-mx", "mx:m.example", "a:two.example/30", "~a:six.example//64", "?ip4:192.0.2.0/29",
    "ip4:192.0.2.4", "-ip4:192.0.2.0/30", "ip6:2001:db8::/126", "-ip6:2001:db8::2",
    "include:one.example", "-include:one.example", "?include:two.example", "include:gone.example",
    "exists:one.example", "-exists:gone.example", "a:gone.example",
]  # fmt: skip
ENDS = ["-all", "~all", "+all", "?all", "", "redirect=one.example", "redirect=gone.example"]
BELOW = st.builds(
    lambda terms, end: " ".join(["v=spf1", *terms, end]).strip(),
    st.lists(st.sampled_from([term for term in TERMS if "include" not in term]), max_size=3),
    st.sampled_from(ENDS[:5]),
)
TOP = st.builds(
    lambda terms, end: " ".join(["v=spf1", *terms, end]).strip(),
    st.lists(st.sampled_from(TERMS), max_size=5),
    st.sampled_from(ENDS),
)
ADDRESSES = [
    *(ipaddress.ip_address(f"192.0.2.{n}") for n in range(9)),
    *(ipaddress.ip_address(f"2001:db8::{n:x}") for n in range(5)),
    ipaddress.ip_address("203.0.113.1"),
    ipaddress.ip_address("2001:db8:0:1::1"),
]


def data_with(top: str, one: str, two: str) -> Mapping[str, object]:
    hosts = {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"], "MX": ["1 m.example."]}
    return {
        "example.com": spf(top) | hosts,
        "one.example": spf(one) | hosts,
        "two.example": spf(two) | {"A": ["192.0.2.5", "192.0.2.8"], "MX": ["0 ."]},
        "six.example": {"AAAA": ["2001:db8::3"]},
        "m.example": {"A": ["192.0.2.3"], "AAAA": ["2001:db8::4"]},
        "gone.example": {"A": "nxdomain", "TXT": "nxdomain"},
    }


def limited(path: tuple[str, ...]) -> bool:
    return bool(path) and ("lookups" in path[-1])


@settings(max_examples=250, deadline=None)
@given(TOP, BELOW, BELOW)
def test_the_map_says_what_check_host_says(top: str, one: str, two: str) -> None:
    answers = world(data_with(top, one, two))
    tree = tree_from("example.com.", answers)
    found = networks.of_tree(tree, answers)
    for address in ADDRESSES:
        verdict = check_host(address, "example.com", answers)
        if verdict.result is Outcome.PERMERROR and limited(verdict.path):
            assert tree.lookups > 10 or max(tree.voids) > 2
            continue
        value = value_at(found, str(address))
        assert isinstance(value, NetworkResult)
        assert value.result == str(verdict.result)
        if value.result == "pass":
            assert value.path == verdict.path


@st.composite
def rewritten(draw) -> tuple[str, str]:
    """A record, and the same with a term dropped, doubled or swapped with its neighbour."""
    terms = draw(st.lists(st.sampled_from(TERMS), min_size=2, max_size=5))
    end = draw(st.sampled_from(ENDS))
    at = draw(st.integers(0, len(terms) - 2))
    after = {
        "drop": [*terms[:at], *terms[at + 1 :]],
        "double": [*terms, terms[at]],
        "swap": [*terms[:at], terms[at + 1], terms[at], *terms[at + 2 :]],
    }[draw(st.sampled_from(["drop", "double", "swap"]))]
    before, changed = (" ".join(["v=spf1", *each, end]).strip() for each in (terms, after))
    return before, changed


@settings(max_examples=300, deadline=None)
@given(rewritten(), BELOW, BELOW)
def test_what_is_proved_equal_is_equal(texts: tuple[str, str], one: str, two: str) -> None:
    before, after = texts
    context = Context([], outside=[Table(data_with(before, one, two))])
    assert networks.equal(before, before, "example.com.", context)
    if not networks.equal(before, after, "example.com.", context):
        return
    first, second = (World([Table(data_with(text, one, two))]) for text in texts)
    for address in ADDRESSES:
        old = check_host(address, "example.com", first)
        new = check_host(address, "example.com", second)
        assert old.result is new.result


# -- proofs -----------------------------------------------------------------------------------

KNOWN = {
    "example.com": spf("v=spf1 -all") | {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"],
                                         "MX": ["1 m.example."]},
    "m.example": {"A": ["192.0.2.2"], "AAAA": ["2001:db8::2"]},
    "a.example": spf("v=spf1 ip4:198.51.100.0/24 -all"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v=spf1 mx a -all", "v=spf1 a mx -all"),
        ("v=spf1 a a -all", "v=spf1 a -all"),
        ("v=spf1 A MX -ALL", "v=spf1 a mx -all"),
        ("v=spf1 +a ?all", "v=spf1 a"),
        ("v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all", "v=spf1 ip4:192.0.2.0/24 -all"),
        ("v=spf1 ip4:192.0.2.7/24 -all", "v=spf1 ip4:192.0.2.0/24 -all"),
        ("v=spf1 a -all mx", "v=spf1 a -all"),
        ("v=spf1 a -all redirect=a.example", "v=spf1 a -all"),
        ("v=spf1 a:example.com -all", "v=spf1 a -all"),
        ("v=spf1 include:a.example -all", "v=spf1 ip4:198.51.100.0/24 -all"),
        ("v=spf1 redirect=a.example", "v=spf1 ip4:198.51.100.0/24 -all"),
        # nothing is known of the target, the terms around it are the same
        ("v=spf1 include:far.example ip4:192.0.2.0/24 ip4:192.0.2.9 ~all",
         "v=spf1 include:far.example ip4:192.0.2.0/24 ~all"),
        ("v=spf1 Include:Far.Example. ~all", "v=spf1 include:far.example ~all"),
        ("v=spf1 ip4:192.0.2.1 exists:%{i}.x.example ip4:192.0.2.1 -all",
         "v=spf1 ip4:192.0.2.1 exists:%{i}.x.example -all"),
        ("v=spf1 ip4:192.0.2.1 redirect=far.example",
         "v=spf1 ip4:192.0.2.1/32 redirect=FAR.example"),
        (f"v=spf1 {'a ' * 11}ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all",
         f"v=spf1 {'a ' * 11}ip4:192.0.2.0/24 -all"),
    ],
)  # fmt: skip
def test_proved_equal(before: str, after: str) -> None:
    context = Context([], outside=[Table(KNOWN)])
    assert networks.equal(before, after, "example.com.", context)
    assert networks.equal(after, before, "example.com.", context)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v=spf1 a -all", "v=spf1 a ~all"),
        ("v=spf1 a mx -all", "v=spf1 a -all"),
        ("v=spf1 -mx a:m.example -all", "v=spf1 a:m.example -mx -all"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.0/25 -all"),
        # what nobody knows may cost anything and say anything
        ("v=spf1 include:far.example include:far.example -all", "v=spf1 include:far.example -all"),
        ("v=spf1 include:far.example ip4:192.0.2.1 -all",
         "v=spf1 ip4:192.0.2.1 include:far.example -all"),
        ("v=spf1 ?include:far.example -all", "v=spf1 include:far.example -all"),
        ("v=spf1 exists:%{i}.x.example exists:%{l}.x.example -all",
         "v=spf1 exists:%{l}.x.example exists:%{i}.x.example -all"),
        ("v=spf1 exists:%{L}.x.example -all", "v=spf1 exists:%{l}.x.example -all"),
        ("v=spf1 ip4:192.0.2.1 exists:%{i}.x.example -all",
         "v=spf1 exists:%{i}.x.example ip4:192.0.2.1 -all"),
        # the eleventh lookup is an error: one term less is another meaning
        (f"v=spf1 {'a ' * 11}-all", f"v=spf1 {'a ' * 10}-all"),
        # three void lookups are an error as well
        ("v=spf1 a:n1.gone.example a:n2.gone.example a:n3.gone.example -all",
         "v=spf1 a:n1.gone.example -all"),
        # faults and another explanation
        ("v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 a -all exp=why.example", "v=spf1 a -all"),
    ],
)  # fmt: skip
def test_not_proved_equal(before: str, after: str) -> None:
    gone = {f"n{n}.gone.example": {"A": "nxdomain"} for n in range(1, 4)}
    context = Context([], outside=[Table(KNOWN | gone)])
    assert not networks.equal(before, after, "example.com.", context)
    assert not networks.equal(after, before, "example.com.", context)


# -- differences ------------------------------------------------------------------------------


def test_a_change_is_told_as_networks() -> None:
    old, new = (
        world({"example.com": spf(text), "v.example": spf("v=spf1 ip4:40.92.0.0/18 -all")})
        for text in (
            "v=spf1 ip4:203.0.113.7 ip4:192.0.2.0/24 ~all",
            "v=spf1 ip4:192.0.2.0/24 include:v.example ~all",
        )
    )
    trees = [tree_from("example.com.", answers) for answers in (old, new)]
    found = networks.difference(*trees, old, new)
    assert [str(network) for network in found.gained()] == ["40.92.0.0/18"]
    assert networks.total(found.gained()) == 16_384
    assert [str(network) for network in found.lost()] == ["203.0.113.7/32"]
    assert [str(n) for n in going(found, "pass", "softfail")] == ["203.0.113.7/32"]


def test_no_difference_where_only_the_way_differs() -> None:
    old, new = (
        world({"example.com": spf(text)})
        for text in (
            "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all",
            "v=spf1 ip4:192.0.2.0/24 -all",
        )
    )
    trees = [tree_from("example.com.", answers) for answers in (old, new)]
    assert networks.difference(*trees, old, new).changed == ()

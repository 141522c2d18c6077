"""The zone model: which names exist, what the zone answers, how names are put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars.masterfile.reader import read
from zonelint.grammars.zone import (
    Answered,
    Zone,
    is_below,
    labels,
    nearest,
    octets,
    parent,
    relative,
)

ZONE = """$TTL 5
@       A     192.0.2.1
a.b.c   TXT   x
www     CNAME a
*.w     MX    10 m
x.w     A     192.0.2.1
sub     NS    ns.sub
ns.sub  A     192.0.2.2
old     DNAME new.example.org.
old     A     192.0.2.3
x.old   A     192.0.2.4
old.sub DNAME new.example.org.
"""


@pytest.fixture
def zone() -> Zone:
    return read(ZONE, "x", "example.com.")


@pytest.mark.parametrize(
    ("name", "type", "answered", "rdata"),
    [
        ("example.com.", "A", Answered.RECORDS, "192.0.2.1"),
        ("example.com.", "TXT", Answered.NODATA, None),
        ("b.c.example.com.", "TXT", Answered.NODATA, None),  # an empty non-terminal
        ("z.c.example.com.", "TXT", Answered.NXDOMAIN, None),
        ("www.example.com.", "TXT", Answered.RECORDS, "a.example.com."),
        ("any.w.example.com.", "MX", Answered.RECORDS, "10 m.example.com."),
        ("more.any.w.example.com.", "MX", Answered.RECORDS, "10 m.example.com."),
        ("any.w.example.com.", "TXT", Answered.NODATA, None),
        ("x.w.example.com.", "MX", Answered.NODATA, None),  # it exists, so no wildcard
        ("y.x.w.example.com.", "MX", Answered.NXDOMAIN, None),  # the closest name has none
        ("sub.example.com.", "A", Answered.ELSEWHERE, None),
        ("deep.sub.example.com.", "A", Answered.ELSEWHERE, None),
        ("old.example.com.", "A", Answered.RECORDS, "192.0.2.3"),
        ("a.b.old.example.com.", "A", Answered.ELSEWHERE, None),
        ("x.old.example.com.", "A", Answered.ELSEWHERE, None),  # nothing below is looked at
        ("example.org.", "A", Answered.ELSEWHERE, None),
        ("notexample.com.", "A", Answered.ELSEWHERE, None),
    ],
)
def test_what_the_zone_answers(zone: Zone, name, type, answered, rdata):
    found, rrset = zone.answer(name, type)
    assert found is answered
    assert [record.rdata for record in rrset or ()] == ([] if rdata is None else [rdata])


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a.b.old.example.com.", "a.b.new.example.org."),
        ("old.example.com.", None),
        ("bold.example.com.", None),
        ("x.old.sub.example.com.", None),  # that zone tells
        ("example.com.", None),
    ],
)
def test_where_a_dname_leads(zone: Zone, name: str, target: str | None) -> None:
    assert zone.redirected(name) == target


def test_a_dname_may_lead_to_the_root() -> None:
    zone = read("old 5 DNAME .\n", "x", "example.com.")
    assert zone.redirected("org.old.example.com.") == "org."


def test_names_include_empty_non_terminals(zone: Zone):
    assert {"c.example.com.", "b.c.example.com.", "w.example.com."} <= zone.names
    assert "com." not in zone.names


def test_names_outside_the_zone_bring_no_ancestors():
    zone = Zone("example.com.", "x")
    other = read("www 5 A 192.0.2.1\n", "x", "example.org.")
    zone.add(other.get("www.example.org.", "A").records[0])
    assert zone.names == {"example.com.", "www.example.org."}


def test_a_record_added_later_counts(zone: Zone):
    assert "new.example.com." not in zone.names
    before = zone.records
    zone.add(read("new 5 NS a\n", "x", "example.com.").get("new.example.com.", "NS").records[0])
    assert "new.example.com." in zone.names
    assert "new.example.com." in zone.cuts
    assert zone.records == before + 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".", []),
        ("com.", ["com"]),
        ("a\\.b.example.", ["a\\.b", "example"]),
        ("a\\046b.example.", ["a\\046b", "example"]),
        ("\\\\.example.", ["\\\\", "example"]),
    ],
)
def test_labels(name: str, expected: list[str]):
    assert labels(name) == expected


piece = st.sampled_from(["a", "b", "\\.", "\\\\", "\\046"])
label = st.lists(piece, min_size=1, max_size=4).map("".join)


@given(st.lists(label, min_size=1, max_size=4), st.lists(label, min_size=1, max_size=3))
def test_names_are_taken_apart_where_their_labels_end(below: list[str], above: list[str]):
    name, ancestor = ".".join([*below, *above, ""]), ".".join([*above, ""])
    assert labels(name) == below + above
    assert is_below(name, ancestor)
    for _ in below:
        name = parent(name)
    assert name == ancestor
    assert parent(".") == "."


def test_relative_names():
    assert relative("example.com.", "example.com.") == "@"
    assert relative("www.example.com.", "example.com.") == "www"
    assert relative("example.org.", "example.com.") == "example.org."


def test_octets_count_what_goes_over_the_wire():
    assert [octets(text) for text in ("abc", "é", "\udce9")] == [3, 2, 1]


def test_the_nearest_name_above_one_is_found_and_the_search_ends():
    origins = {"example.com.", "sub.example.com."}
    assert nearest("a.b.sub.example.com.", origins) == "sub.example.com."
    assert nearest("example.com.", origins) == "example.com."
    assert nearest("a.example.net.", origins) == "."
    assert nearest("stands.in", origins) == "in"  # no root above it

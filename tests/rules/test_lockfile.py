"""The lock's text: it reads back, it is stable, and nonsense is refused with the line."""

from __future__ import annotations

import datetime
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonelint.rules.model import lock as lockfile
from zonelint.rules.model.answers import Held, Status, World
from zonelint.rules.model.lock import Lock, LockEntry, LockError, compare, parse, read_plain, write

DAY = datetime.date(2026, 11, 24)

TEXT = """\
# What the DNS answered outside these zones. Written by "zonelint lock", made to be committed.
version = 1

["alias.example."]
seen = 2026-11-24
CNAME = "target.example."

["gone.example."]
seen = 2026-11-24
TXT = "nxdomain"

["target.example."]
seen = 2026-11-23
A = "timeout"
MX = [
    "10 mx.example.",
]
TXT = [
    "another \\"text\\" \\\\\\\\ \\\\200",
    "v=spf1 ip4:192.0.2.0/24 -all",
]

# end of zonelint.lock
"""


def records(*values: str) -> Held:
    return Held(Status.RECORDS, values)


def test_a_lock_reads_and_writes_back_to_the_byte() -> None:
    lock = parse(TEXT)
    assert write(lock) == TEXT
    assert lock.entries["target.example."] == LockEntry(
        datetime.date(2026, 11, 23),
        {
            "A": Held(Status.TIMEOUT),
            "MX": records("10 mx.example."),
            "TXT": records('another "text" \\ \udcc8', "v=spf1 ip4:192.0.2.0/24 -all"),
        },
    )
    assert write(parse(TEXT.replace("\n", "\r\n"))) == TEXT


def test_what_a_lock_answers() -> None:
    lock = parse(TEXT)
    assert lock.look("gone.example.", "A") == Held(Status.NXDOMAIN)
    assert lock.look("target.example.", "AAAA") is None
    assert lock.look("nobody.example.", "TXT") is None
    assert lock.look("alias.example.", "MX") == Held(Status.RECORDS, (), "target.example.")
    world = World([lock])
    assert world.ask("alias.example.", "MX").exchanges == ("mx.example.",)
    assert world.ask("alias.example.", "A").status is Status.TIMEOUT
    assert world.ask("alias.example.", "AAAA").status is Status.UNKNOWN
    assert world.ask("alias.example.", "AAAA").last == "target.example."


def test_what_a_reviewer_would_not_see_is_escaped() -> None:
    lock = Lock()
    text = "v=spf1 \u202e all-\u200b \U000e0041 ü"
    lock.put("a.example.", "TXT", records(text), DAY)
    written = write(lock)
    assert "v=spf1 \\u202E all-\\u200B \\U000E0041 ü" in written
    assert all(line.isprintable() for line in written.splitlines())
    assert parse(written).look("a.example.", "TXT") == records(text)


def test_old_entries_are_told() -> None:
    assert parse(TEXT).older_than(DAY) == ["target.example."]


NAMES = st.sampled_from(["a.example.", "b.a.example.", "z.test.", "_x._y.test.", "\\032x.test."])
TEXTS = st.text(max_size=30).map(
    lambda text: text.encode("utf-8", "replace").decode("utf-8")
) | st.binary(max_size=20).map(lambda octets: octets.decode("utf-8", "surrogateescape"))
HELD = st.one_of(
    st.tuples(st.just("TXT"), st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(
        lambda texts: Held(Status.RECORDS, tuple(sorted(texts))))),
    st.tuples(st.sampled_from(["A", "AAAA", "MX", "TXT"]),
              st.sampled_from([Status.NODATA, Status.NXDOMAIN, Status.SERVFAIL]).map(Held)),
    st.just(("A", records("192.0.2.1", "192.0.2.2"))),
    st.just(("CNAME", Held(Status.RECORDS, (), "t.example."))),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, HELD, st.dates()), max_size=8))
def test_whatever_is_put_in_is_read_back(items) -> None:
    lock = Lock()
    for name, (type, held), day in items:
        lock.put(name, type, held, day)
    text = write(lock)
    again = parse(text)
    assert again.entries == lock.entries
    assert write(again) == text
    assert text.encode("utf-8").count(b"\x00") == 0
    if "\\u" not in text.lower():
        assert read_plain(text) == tomllib.loads(text)


@settings(max_examples=500, deadline=None)
@given(
    st.integers(0, len(TEXT) - 1),
    st.integers(0, 20),
    st.text(st.sampled_from('"\\[]=.,0192 \n\r\t#\x00\x7f\u0085é') | st.characters(), max_size=3),
    st.integers(0, len(TEXT) - 1),
    st.integers(0, 80),
)
def test_the_quick_reader_reads_what_tomllib_reads(
    at: int, length: int, new: str, doubled: int, more: int
) -> None:
    text = TEXT[:at] + new + TEXT[at + length :]
    text = text[: doubled + more] + text[doubled:]
    found = read_plain(text)
    if found is not None:
        assert found == tomllib.loads(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(TEXT) - 2))
def test_a_lock_cut_short_is_always_refused(at: int) -> None:
    with pytest.raises(LockError) as caught:
        parse(TEXT[:at])
    assert 1 <= caught.value.line <= TEXT[:at].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("version = 1", "version = 2", 2, "version 2"),
        ("version = 1", 'version = "1"', 2, 'version "1"'),
        ("version = 1\n", "", 1, "not a zonelint.lock"),
        ("# end of zonelint.lock\n", "", 21, "truncated"),
        ("seen = 2026-11-23", "seen = yesterday", 13, "not what zonelint writes"),
        ("seen = 2026-11-23", "seen = 5", 13, "the day it was seen"),
        ("seen = 2026-11-23", "seen = 2026-11-23T00:00:00Z", 13, "the day it was seen"),
        ("seen = 2026-11-23\n", "", 12, "the day it was seen"),
        ('TXT = "nxdomain"', 'TXT = "nothing"', 10, "neither a list"),
        ('TXT = "nxdomain"', "TXT = []", 10, "neither a list"),
        ('TXT = "nxdomain"', "TXT = [1]", 10, "neither a list"),
        ('TXT = "nxdomain"', 'TXTT = "nxdomain"', 10, "not a type that a lock contains"),
        ('TXT = "nxdomain"', "", 8, "no answer at all"),
        ('"10 mx.example."', '"mx.example."', 15, "neither a list of MX"),
        ('"10 mx.example."', '"70000 mx.example."', 15, "neither a list of MX"),
        ('CNAME = "target.example."', 'CNAME = "target"', 6, "not one name with a final dot"),
        ('CNAME = "target.example."', 'CNAME = ["target.example."]', 6, "not one name"),
        ('CNAME = "target.example."', 'CNAME = "nxdomain"', 6, "not one name"),
        ('CNAME = "target.example."', 'CNAME = "target.example."\nTXT = ["x"]', 7, "TXT beside"),
        ('["gone.example."]', '["Gone.example"]', 8, "lower case and a final dot"),
        ('["gone.example."]', '"gone.example." = 3\n["x."]', 8, "not a type that a lock contains"),
        ('["target.example."]', '["gone.example."]', 12, "not what zonelint writes"),
        ("version = 1", "<<<<<<< HEAD\nversion = 1", 2, "not what zonelint writes"),
    ],
)
def test_nonsense_is_refused_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in TEXT
    with pytest.raises(LockError) as caught:
        parse(TEXT.replace(old, new, 1))
    assert words in str(caught.value)
    assert caught.value.line == line


def test_a_fragment_for_an_example_needs_neither_version_nor_end() -> None:
    lock = parse('["a.example."]\nseen = 2026-01-01\nA = ["192.0.2.1"]\n', complete=False)
    assert lock.look("a.example.", "A") == records("192.0.2.1")


def test_a_difference_is_told_by_the_record() -> None:
    before, after = parse(TEXT), parse(TEXT)
    after.put("target.example.", "A", records("192.0.2.7"), DAY)
    after.put("gone.example.", "TXT", records("v=spf1 -all"), DAY)
    after.put("new.example.", "A", Held(Status.NODATA), DAY)
    del after.entries["alias.example."]
    lines = [line for each in compare(before, after) for line in each.lines()]
    assert lines == [
        "- alias.example. CNAME target.example.",
        "- gone.example. TXT (nxdomain)",
        "+ gone.example. TXT v=spf1 -all",
        "+ new.example. A (nodata)",
        "- target.example. A (timeout)",
        "+ target.example. A 192.0.2.7",
    ]


def test_a_day_alone_is_no_difference() -> None:
    assert compare(parse(TEXT), parse(TEXT.replace("2026-11-23", "2026-12-01"))) == []


def test_names_of_a_lock_stand_by_their_labels_from_the_right():
    names = ["b.x.example.", "a.y.example.", "c.x.example.", "example.", "x.example."]
    assert sorted(names, key=lockfile._reading_order) == [
        "example.",
        "x.example.",
        "b.x.example.",
        "c.x.example.",
        "a.y.example.",
    ]

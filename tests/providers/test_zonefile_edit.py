"""Edits of zone files: which bytes change, and what the records around them keep."""

from __future__ import annotations

import pytest

from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.zone import Record
from zonelint.providers import writing
from zonelint.providers.zonefile import edit as zonefile_edit
from zonelint.rules.core.change import Edit

HEAD = "@ 3600 IN SOA ns.example.net. host.example.net. 1 2 3 4 5\n"


def zone_of(text: str) -> MasterZone:
    return read(text, "example.com.zone", "example.com.")


def record(zone: MasterZone, owner: str, type: str, number: int = 0) -> Record:
    rrset = zone.get(owner, type)
    assert rrset is not None
    return rrset.records[number]


def edited(zone: MasterZone, *edits: Edit, bump_serial: bool = False) -> str:
    after = writing.changed(zone, edits, bump_serial=bump_serial)
    return after.texts[zone.path][1]


def rewritten(text: str, after: str) -> str:
    zone = zone_of(f"$TTL 3600\n{HEAD}{text}")
    old = record(zone, "example.com.", "TXT")
    return edited(zone, Edit(old.owner, "TXT", old, after)).removeprefix(f"$TTL 3600\n{HEAD}")


COMMENTED = """\
@ IN TXT ( "v=spf1 mx "      ; our exchange
           "ip4:9.9.9.9 "    ; the office
           "-all" )          ; nobody else
"""


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (COMMENTED, "v=spf1 a mx ip4:9.9.9.9 -all", COMMENTED.replace(" mx", " a mx")),
        (COMMENTED, "v=spf1 mx ip4:9.9.9.9 ~all", COMMENTED.replace("-all", "~all")),
        (COMMENTED, "v=spf1 mx -all", COMMENTED.replace('"ip4:9.9.9.9 "', "")),
        (COMMENTED, "v=spf1 -all", COMMENTED.replace("mx ", "").replace('"ip4:9.9.9.9 "', "")),
        (
            COMMENTED,
            "v=spf1 a:x.example.net -all",
            COMMENTED.replace("mx ", "a:x.example.net ").replace('"ip4:9.9.9.9 "', ""),
        ),
        ('@ TXT "v=spf1 mx" " -all"\n', "v=spf1 mx", '@ TXT "v=spf1 mx"\n'),
        ('@ TXT "v=spf1 " "mx -all"\n', "v=spf1 a -all", '@ TXT "v=spf1 " "a -all"\n'),
        ('@ TXT "v=spf1 m" "x a -all"\n', "v=spf1 -all", '@ TXT "v=spf1 -all"\n'),
        ('@ TXT v=spf1\\ mx " -all"\n', "v=spf1 mx ~all", '@ TXT v=spf1\\ mx " ~all"\n'),
        ('@ TXT v=spf1\\ mx " -all"\n', "v=spf1 a -all", '@ TXT "v=spf1 a -all"\n'),
        ('@ TXT ("v=spf1 \\" é"\n"é -all")\n', 'v=spf1 " -all', '@ TXT ("v=spf1 \\" "\n"-all")\n'),
    ],
)
def test_only_the_strings_that_change_are_touched(before: str, value: str, after: str) -> None:
    escaped = value.replace('"', '\\"')
    assert rewritten(before, f'"{escaped}"') == after


def test_a_string_never_grows_over_its_limit() -> None:
    long = "a" * 250
    new = f'"{long}" "bbbbbbbbb-all"'
    assert rewritten(f'@ TXT "{long}" "-all"\n', new) == f"@ TXT {new}\n"


@pytest.mark.parametrize(
    ("serial", "after"),
    [
        ("17", "18"),
        ("0", "1"),
        ("2026112401", "2026112402"),
        ("2026112499", "2026112500"),
        ("4294967294", "4294967295"),
        ("4294967295", "1"),
    ],
)
def test_the_serial_goes_up_and_is_never_none(serial: str, after: str) -> None:
    head = HEAD.replace(" 1 2 3", f" ( {serial} ; the serial\n 2 3").replace("5\n", "5 )\n")
    text = f"$TTL 3600\n{head}@ IN TXT x\n@ IN TXT y\n"
    zone = zone_of(text)
    old = record(zone, "example.com.", "TXT", 1)
    new = edited(zone, Edit(old.owner, "TXT", old, None), bump_serial=True)
    assert new == text.replace(f"( {serial} ;", f"( {after} ;").replace("@ IN TXT y\n", "")


PLAIN = """\
a 7200 A 192.0.2.1
b 600000 A 192.0.2.2
  TXT "of b"
c A 192.0.2.3
d 600000 A 192.0.2.4
"""


@pytest.mark.parametrize(
    ("owner", "ttl", "after"),
    [
        ("b", None, PLAIN.replace("b 600000 A 192.0.2.2\n  TXT", "b  600000 TXT")),
        ("b", 3600, PLAIN.replace("b 600000", "b 3600").replace("  TXT", "  600000 TXT")),
        ("a", None, PLAIN.replace("a 7200 A 192.0.2.1\n", "")),
        ("d", 3600, PLAIN.replace("d 600000", "d 3600")),
    ],
)
def test_without_a_default_no_other_record_gets_another_ttl(
    owner: str, ttl: int | None, after: str
) -> None:
    zone = zone_of(f"{HEAD}{PLAIN}")
    old = record(zone, f"{owner}.example.com.", "A")
    new = edited(zone, Edit(old.owner, "A", old, None if ttl is None else old.rdata, ttl))
    assert new.removeprefix(HEAD) == after


def test_a_ttl_is_not_written_where_the_record_keeps_it() -> None:
    zone = zone_of(f"{HEAD}a 7200 A 192.0.2.1\na 7200 A 192.0.2.2\nb A 192.0.2.3\n")
    old = record(zone, "a.example.com.", "A", 1)
    new = edited(zone, Edit(old.owner, "A", old, None))
    assert new == f"{HEAD}a 7200 A 192.0.2.1\nb A 192.0.2.3\n"


def test_a_new_record_stands_where_its_name_is_short() -> None:
    text = (
        f"$TTL 3600\n{HEAD}@ MX 10 mail\nmail A 192.0.2.1\n"
        "$ORIGIN shop.example.com.\n@ A 192.0.2.2\n"
        "$ORIGIN .\nother.example.com A 192.0.2.3\n"
    )
    new = edited(zone_of(text), Edit("_dmarc.example.com.", "TXT", None, '"v=DMARC1; p=none"'))
    line = '_dmarc TXT "v=DMARC1; p=none"\n'
    assert new == text.replace("$ORIGIN shop", f"{line}$ORIGIN shop")


def test_a_new_record_stands_rather_in_the_zones_own_file() -> None:
    zone = read(
        f"$TTL 3600\n{HEAD}@ MX 10 mail\n$INCLUDE more.inc\n",
        "example.com.zone",
        "example.com.",
        include=lambda including, name: (name, "mail A 192.0.2.1\n"),
    )
    edit = Edit("_dmarc.example.com.", "TXT", None, '"v=DMARC1; p=none"')
    assert list(zonefile_edit.apply(zone, [edit], bump_serial=False)) == ["example.com.zone"]


def test_a_comment_that_speaks_of_a_default_is_none() -> None:
    zone = zone_of(f"; $TTL is left out here\n{HEAD}a 7200 A 192.0.2.1\n")
    new = edited(zone, Edit("b.example.com.", "A", None, "192.0.2.2"))
    assert new.endswith("a 7200 A 192.0.2.1\nb 7200 A 192.0.2.2\n")


GROUP = """\
a A 192.0.2.1
a A 192.0.2.1
; the same again
  AAAA 2001:db8::1
b A 192.0.2.2
  A 192.0.2.3
  AAAA 2001:db8::2
"""


@pytest.mark.parametrize(
    ("owner", "gone", "after"),
    [
        ("a", [1], GROUP.replace("a A 192.0.2.1\n", "", 1)),
        ("a", [0], GROUP.replace("a A 192.0.2.1\n", "", 1)),
        ("a", [0, 1], GROUP.replace("a A 192.0.2.1\n", "").replace("  AAAA", "a  AAAA", 1)),
        ("b", [0], GROUP.replace("b A 192.0.2.2\n  A", "b  A")),
        ("b", [1], GROUP.replace("  A 192.0.2.3\n", "")),
    ],
)
def test_an_owner_is_written_only_where_another_one_would_be_taken_over(
    owner: str, gone: list[int], after: str
) -> None:
    zone = zone_of(f"$TTL 3600\n{HEAD}{GROUP}")
    edits = [
        Edit(old.owner, "A", old, None)
        for old in (record(zone, f"{owner}.example.com.", "A", number) for number in gone)
    ]
    assert edited(zone, *edits).removeprefix(f"$TTL 3600\n{HEAD}") == after


def test_an_owner_is_written_behind_a_line_that_is_no_record() -> None:
    text = (
        f"$TTL 3600\n{HEAD}a A 192.0.2.1\n$GENERATE 1-2 h$ A 192.0.2.$\na A 192.0.2.1\n  AAAA ::1\n"
    )
    zone = zone_of(text)
    old = record(zone, "a.example.com.", "A", 1)
    new = edited(zone, Edit(old.owner, "A", old, None))
    assert new == text.replace("a A 192.0.2.1\n  AAAA", "a  AAAA")


def test_a_record_that_moves_leaves_its_owner_to_the_next() -> None:
    zone = zone_of(f"$TTL 3600\n{HEAD}a A 192.0.2.1\n  TXT x\n  AAAA ::1\n")
    old = record(zone, "a.example.com.", "TXT")
    new = edited(zone, Edit("b.example.com.", "TXT", old, old.rdata))
    assert new.endswith("a A 192.0.2.1\nb  TXT x\na  AAAA ::1\n")


def test_behind_a_record_comes_first_what_has_its_owner() -> None:
    text = f"$TTL 3600\n{HEAD}old A 192.0.2.1\n"
    added = [
        Edit("_dmarc.example.com.", "TXT", None, '"v=DMARC1; p=none"'),
        Edit("_dmarc.old.example.com.", "TXT", None, '"v=DMARC1; p=reject"'),
        Edit("old.example.com.", "TXT", None, '"v=spf1 -all"'),
    ]
    new = edited(zone_of(text), *added).removeprefix(text)
    assert [line.split()[0] for line in new.splitlines()] == ["old", "_dmarc", "_dmarc.old"]


@pytest.mark.parametrize(
    "soa",
    [
        "@ IN SOA ns.example.net. host ( 7 2 3 4 5 )",
        "@ IN SOA ns.example.net. host (7\n 2 3 4\n 5) ; end",
        "@ IN SOA ns.example.net. host 7( 2 3 4 5)",
        "@ ( IN SOA ns.example.net. host 7 ) 2 3 4 5",
        "@ 1h SOA ns host.example.net. 07 2h 3m 4w 5d",
    ],
)
def test_the_serial_is_found_wherever_it_stands(soa: str) -> None:
    text = f"$TTL 3600\n{soa}\n@ IN TXT x\n@ IN TXT y\n"
    zone = zone_of(text)
    old = record(zone, "example.com.", "TXT", 1)
    new = edited(zone, Edit(old.owner, "TXT", old, None), bump_serial=True)
    before, _, behind = soa.partition("7")
    assert new == f"$TTL 3600\n{before.removesuffix('0')}8{behind}\n@ IN TXT x\n"


def test_two_records_that_move_hand_their_owner_on_once() -> None:
    zone = zone_of(f"$TTL 3600\n{HEAD}a MX 10 mail\n  TXT x\n  A 192.0.2.1\n")
    old = [record(zone, "a.example.com.", type) for type in ("MX", "TXT")]
    new = edited(zone, *(Edit("b.example.com.", each.type, each, each.rdata) for each in old))
    assert new.endswith("b MX 10 mail\nb  TXT x\na  A 192.0.2.1\n")


def test_no_record_comes_between_a_name_and_who_takes_it_over() -> None:
    zone = zone_of(f"$TTL 3600\n{HEAD}@ TXT x\n  A 192.0.2.1\n")
    old = record(zone, "example.com.", "TXT")
    added = Edit("_dmarc.example.com.", "TXT", None, '"v=DMARC1; p=none"')
    new = edited(zone, Edit(old.owner, "TXT", old, None), added)
    assert new.endswith('  A 192.0.2.1\n_dmarc TXT "v=DMARC1; p=none"\n')


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a A 192.0.2.1\nb A 192.0.2.2\n", "a A 192.0.2.1\na 60 TXT x\nb 3600 A 192.0.2.2\n"),
        (
            "a A 192.0.2.1\n$TTL 3600\nb A 192.0.2.2\n",
            "a A 192.0.2.1\na 60 TXT x\n$TTL 3600\nb A 192.0.2.2\n",
        ),
    ],
)
def test_a_new_ttl_is_for_the_new_record_alone(text: str, after: str) -> None:
    zone = zone_of(f"{HEAD}{text}")
    new = edited(zone, Edit("a.example.com.", "TXT", None, "x", 60))
    assert new == f"{HEAD}{after}"


def test_a_default_rules_only_behind_its_directive() -> None:
    zone = zone_of(
        f"{HEAD}a 60 A 192.0.2.1\nb A 192.0.2.2\n$TTL 3600\nc 60 A 192.0.2.3\nd AAAA ::1\n"
    )
    old = [record(zone, f"{name}.example.com.", "A") for name in "ac"]
    new = edited(zone, *(Edit(each.owner, "A", each, None) for each in old))
    assert new == f"{HEAD}b 60 A 192.0.2.2\n$TTL 3600\nd AAAA ::1\n"


def test_the_default_of_a_zone_rules_in_what_it_includes() -> None:
    zone = read(
        f"$TTL 3600\n{HEAD}$INCLUDE more.inc\n",
        "example.com.zone",
        "example.com.",
        include=lambda including, name: (name, "a 60 A 192.0.2.1\nb A 192.0.2.2\n"),
    )
    old = record(zone, "a.example.com.", "A")
    made = zonefile_edit.apply(zone, [Edit(old.owner, "A", old, None)], bump_serial=False)
    assert made == {"more.inc": "b A 192.0.2.2\n"}

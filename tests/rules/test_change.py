"""What a change says of itself."""

from __future__ import annotations

from tests.rules.harness import HEADER, read
from zonelint.grammars.zone import Record
from zonelint.rules.core.change import Change, Edit


def record(owner: str, text: str) -> Record:
    rrset = read(f"{HEADER}{text}\n").get(owner, "TXT")
    assert rrset is not None
    return rrset.records[0]


def test_a_record_that_gets_another_name_or_type_is_moved():
    b = record("b.example.com.", 'b TXT "x"')
    for owner, type, moved in (
        ("a.example.com.", "TXT", True),
        ("c.example.com.", "TXT", True),
        ("b.example.com.", "CNAME", True),
        ("b.example.com.", "URI", True),
        ("b.example.com.", "TXT", False),
    ):
        assert Edit(owner, type, b, '"y"').is_move is moved
    assert not Edit("a.example.com.", "TXT", b, None).is_move
    assert not Edit("a.example.com.", "TXT", None, '"y"').is_move


def test_a_change_is_at_its_first_edit():
    first = Edit("a.example.com.", "TXT", None, '"y"')
    change = Change((first, Edit("b.example.com.", "MX", None, "0 .", ttl=60)), "why")
    assert change.owner == "a.example.com."
    assert change.after("a.example.com.", "TXT") == ['"y"', "b.example.com. 60 MX 0 ."]
    assert change.after("a.example.com.", "A") == [
        'a.example.com. TXT "y"',
        "b.example.com. 60 MX 0 .",
    ]
    assert change.after("a.example.com.", "URI")[0] == 'a.example.com. TXT "y"'

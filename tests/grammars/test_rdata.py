"""Proposed TXT rdata reads back as the text it was made from."""

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars.rdata import split_octets, txt_rdata


def strings_of(rdata: str) -> tuple[bytes, ...]:
    return dns.rdata.from_text("IN", "TXT", rdata).strings


@given(st.binary(max_size=1200))
def test_any_octets_read_back_as_the_same_octets(octets: bytes):
    text = octets.decode("utf-8", "surrogateescape")
    assert b"".join(strings_of(txt_rdata(text))) == octets


@given(st.text(st.characters(codec="utf-8"), max_size=900))
def test_a_character_is_never_cut(text: str):
    pieces = split_octets(text.encode())
    assert all(len(piece) <= 255 for piece in pieces)
    assert "".join(piece.decode() for piece in pieces) == text


@pytest.mark.parametrize(
    ("text", "rdata"),
    [
        ("", '""'),
        ("v=spf1 -all", '"v=spf1 -all"'),
        ('say "hi"; \\o/', '"say \\"hi\\"; \\\\o/"'),
        ("é\n", '"\\195\\169\\010"'),
        ("a" * 256, f'"{"a" * 255}" "a"'),
        ("a" * 254 + "é", f'"{"a" * 254}" "\\195\\169"'),
    ],
)
def test_presentation(text: str, rdata: str):
    assert txt_rdata(text) == rdata

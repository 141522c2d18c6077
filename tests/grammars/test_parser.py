"""Lark's parsers: from the tables that a build writes, or from the grammar, they are one."""

from __future__ import annotations

import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput

from tests.strategies_spf import nearly_terms
from tests.strategies_taglist import scraps
from zonelint.grammars import parser
from zonelint.grammars.parser import Grammar
from zonelint.grammars.spf.grammar import SPF
from zonelint.grammars.tags.grammar import TAGLIST
from zonelint.grammars.tags.grammar import parse as parse_tag
from zonelint.grammars.tags.plain import read_plain
from zonelint.grammars.terminals import Terminals, load
from zonelint.grammars.write_tables import grammars


def loaded(grammar: Grammar, monkeypatch: pytest.MonkeyPatch, tables: bytes | None) -> Lark:
    """The parser where these tables stand beside the grammar."""

    def read(package: str, name: str) -> bytes:
        if not name.endswith(".tables"):
            return real(package, name)
        if tables is None:
            raise FileNotFoundError(name)
        return tables

    real = pkgutil.get_data
    with monkeypatch.context() as patch:
        patch.setattr(parser.pkgutil, "get_data", read)
        return grammar.load()


def made(lark: Lark, text: str, start: str) -> object:
    try:
        found = lark.parse(text, start=start)
    except UnexpectedInput as error:
        return type(error), getattr(error, "pos_in_stream", None)
    except Exception as error:
        return type(error)
    return repr(found)


def test_every_grammar_has_tables() -> None:
    assert grammars() == [SPF, TAGLIST]


@pytest.mark.parametrize("grammar", [SPF, TAGLIST], ids=lambda grammar: grammar.name)
def test_tables_and_grammar_read_the_same(grammar, monkeypatch):
    from_text = loaded(grammar, monkeypatch, None)
    from_tables = loaded(grammar, monkeypatch, grammar.tables())
    assert from_tables.source_path != from_text.source_path, "one of them is made of tables"

    @settings(max_examples=400)
    @given(nearly_terms() | scraps, st.sampled_from(grammar.starts))
    def agree(text, start):
        for piece in text.split(";"):
            assert made(from_tables, piece, start) == made(from_text, piece, start)

    agree()


@pytest.mark.parametrize("grammar", [SPF, TAGLIST], ids=lambda grammar: grammar.name)
def test_the_terminals_that_a_build_writes_are_those_of_lark(grammar, monkeypatch):
    written = grammar.written()["terminals"]
    head, _, rest = written.partition(b"\n")
    asked = Terminals({"LARK": "was asked"}, {})
    monkeypatch.setattr(f"{grammar.package}.grammar.terminals", lambda: asked)
    real = pkgutil.get_data
    for octets, expected in (
        (written, parser.terminals_of(grammar.load())),
        (b"1\n" + rest, asked),
    ):
        files = {f"{grammar.name}.terminals": octets}
        monkeypatch.setattr(pkgutil, "get_data", lambda p, n, f=files: f.get(n) or real(p, n))
        assert load(grammar.package, grammar.name) == expected
    assert head != b"1"


PLAIN_TAGS = {
    "dmarc": ["v=DMARC1", " p=NONE", "fo=1:d", "rua=mailto:a@b.c,mailto:d@e.f!1m", "x=", "pct=9"],
    "dkim": ["v=DKIM1 ", "k=rsa", "p=", "p=MIIB+/==", "t=y:s", "n=some note", " foo=bar"],
    "sts": ["v=STSv1", " id=20260101"],
    "tlsrpt": ["v=TLSRPTv1", " rua=mailto:a@b.c,https://d.e/f"],
    "bimi": ["v=BIMI1", "l=https://a.b/c.svg", "a="],
    "any": ["x=y"],
}  # fmt: skip


@pytest.mark.parametrize("language", TAGLIST.starts)
def test_a_tag_with_nothing_odd_needs_no_lark(language):
    for text in PLAIN_TAGS[language]:
        assert read_plain(text, language) == parse_tag(text, language) is not None


@settings(max_examples=600)
@given(
    st.sampled_from(TAGLIST.starts),
    scraps | st.sampled_from([text for texts in PLAIN_TAGS.values() for text in texts]),
    st.text(" \t\r\n:,=!%xpv1", max_size=3),
    st.integers(0, 40),
)
def test_the_short_way_of_tags_agrees_with_the_grammar(language, text, odd, at):
    for piece in (text[:at] + odd + text[at:]).split(";"):
        short = read_plain(piece, language)
        assert short is None or short == parse_tag(piece, language)


@pytest.mark.parametrize("grammar", [SPF, TAGLIST], ids=lambda grammar: grammar.name)
def test_tables_of_another_lark_or_another_grammar_are_not_used(grammar, monkeypatch):
    from_text = loaded(grammar, monkeypatch, None)
    head, _, rest = grammar.tables().partition(b"\n")
    version, of_text = head.split()
    for other in (b"0.0.1 " + of_text, version + b" 1", b""):
        found = loaded(grammar, monkeypatch, other + b"\n" + rest)
        assert found.source_path == from_text.source_path

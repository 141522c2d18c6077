"""The line of source and its carets: under the exact term, whatever the line holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.formats.snippet import snippet


def drawn(line: str, start: int, end: int, width: int = 40) -> str:
    """What stands above the carets, taking wide characters for two columns."""
    shown = snippet(line, start + 1, end + 1, width)
    cells = [
        char if place == 0 else ""
        for char in shown.text
        for place in range(2 if unicodedata.east_asian_width(char) in "WF" else 1)
    ]
    return "".join(cells[shown.indent : shown.indent + shown.carets])


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ('@ TXT "v=spf1 +all"', "+all"),
        ('@\t\tTXT\t"v=spf1 +all"', "+all"),
        ('\t"日本 +all"', "+all"),
        ('"日本 +all"', "日本"),
        ("a" * 2000 + " +all " + "b" * 2000, "+all"),
        ("日" * 2000 + " +all " + "本" * 2000, "+all"),
        ("\t" * 2000 + "+all", "+all"),
        ("+all" + "\t" * 2000, "+all"),
        ("x" * 38 + "+all", "+all"),
    ],
)
def test_carets_stand_under_the_term(line: str, term: str) -> None:
    start = line.index(term)
    assert drawn(line, start, start + len(term)) == term
    assert len(snippet(line, start + 1, start + len(term) + 1, 40).text) <= 40


def test_a_long_line_is_cut_on_both_sides() -> None:
    line = "a" * 200 + "+all" + "b" * 200
    shown = snippet(line, 201, 205, 60)
    assert (shown.text[0], shown.text[-1], len(shown.text)) == ("…", "…", 60)


def test_a_term_longer_than_the_page_shows_its_beginning() -> None:
    shown = snippet("p=" + "k" * 500, 3, 503, 60)
    assert shown.text[shown.indent] == "k"
    assert shown.indent + shown.carets <= 60


def test_control_characters_take_the_columns_of_their_escapes() -> None:
    assert drawn("\x1b[31m \udcff +all", 8, 12) == "+all"
    assert snippet("\x1b\udcff", 1, 2, 40).text == "\\027\\255"


def test_the_end_of_the_line_has_a_caret() -> None:
    shown = snippet("abc", 4, 4, 40)
    assert (shown.indent, shown.carets) == (3, 1)


@given(
    st.text(st.characters(exclude_characters="\r\n"), max_size=200),
    st.integers(0, 250),
    st.integers(0, 250),
    st.integers(20, 120),
)
def test_any_place_of_any_line_fits_the_page(line: str, column: int, end: int, width: int) -> None:
    shown = snippet(line, column, end, width)
    assert shown.carets >= 1
    assert shown.indent + shown.carets <= width + 1
    columns = sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in shown.text
    )
    assert columns <= width

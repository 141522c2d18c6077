"""Names as written become absolute names as dnspython makes them."""

import dns.exception
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars.dnsname import BadName, absolute, bad_escape, quote_source, to_a_labels
from zonelint.grammars.zone import Zone, is_below

ORIGIN = "example.com."


@given(
    st.text(st.sampled_from('abAB-_*.@\\012;"( é/~'), max_size=20), st.sampled_from([ORIGIN, "."])
)
def test_a_name_is_what_dnspython_takes_it_for(text: str, origin: str):
    try:
        expected = dns.name.from_text(text, dns.name.from_text(origin))
    except (dns.exception.DNSException, UnicodeError):
        expected = None
    try:
        found = absolute(text, origin)
    except BadName:
        found = None
    if expected is not None:
        assert found == expected.to_text().lower()
    elif found is not None:  # octets that IDNA refuses stay what they are
        assert not text.isascii()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a..b", "empty label"),
        ("a" * 64, "label of more than 63"),
        ("a." * 128, "name of more than 255"),
        ("a\\", "escape"),
        ("a\\25", "escape"),
        ("a\\256", "escape"),
    ],
)
def test_a_bad_name_says_what_is_wrong_with_it(text: str, word: str):
    with pytest.raises(BadName) as caught:
        absolute(text, ORIGIN)
    assert word in caught.value.message


def test_the_longest_name_is_a_name():
    labels = ".".join(["a" * 63] * 3)
    assert absolute(f"{labels}.{'b' * 61}.", ORIGIN) == f"{labels}.{'b' * 61}."
    with pytest.raises(BadName):
        absolute(f"{labels}.{'b' * 62}.", ORIGIN)


def test_octets_that_are_no_text_are_kept():
    assert absolute("caf\udce9", ORIGIN) == "caf\\233.example.com."


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a", None),
        ("\\065", None),
        ("\\;", None),
        ("a\\6b", (1, 4)),
        ("\\", (0, 1)),
        ("\\999", (0, 4)),
    ],
)
def test_where_an_escape_is_broken(text: str, place: tuple[int, int] | None):
    assert bad_escape(text) == place


def test_an_escaped_dot_makes_no_label():
    zone = Zone(ORIGIN, "x")
    assert zone.contains("a.example.com.")
    assert not zone.contains("a\\.example.com.")
    assert zone.contains("a\\.b.example.com.")
    assert not is_below("x\\.com.", "com.")


def test_what_is_shown_is_short_and_printable():
    assert quote_source("a\tb\udcff\u202e") == "a\\x09b\\xFF\\u202E"
    assert len(quote_source("x" * 500)) == 60


def test_octets_that_are_no_text_are_shown_as_octets():
    assert quote_source("\udc80\udcff") == "\\x80\\xFF"
    assert quote_source("\udc7f\udd00") == "\\uDC7F\\uDD00"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Example.com.", "Example.com."),
        ("_spf.bücher.example", "_spf.xn--bcher-kva.example"),
        ("*.STRASSE.straße.de.", "*.STRASSE.xn--strae-oqa.de."),
        ("日本。jp", "xn--wgv71a.jp"),
        ("bü_cher.example", None),
        ("ü" * 64 + ".example", None),
        ("ü" * 63 + ".example", None),
    ],
)
def test_labels_beyond_ascii_are_written_in_it(name: str, expected: str | None) -> None:
    assert to_a_labels(name) == expected

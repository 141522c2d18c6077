"""What all grammars share: near misses, pasted characters, putting suggestions in place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars import nearmiss, pasted
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import Alike, near_miss
from zonelint.grammars.pasted import INVISIBLE, QUOTES, WHITE_SPACE, ascii_for, describe
from zonelint.grammars.repair import repaired
from zonelint.grammars.tags.value import article

SPF = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "exp"}
POLICIES = ["none", "quarantine", "reject"]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("inlcude", SPF, "include"),
        ("INLCUDE", SPF, "include"),
        ("nclude", SPF, "include"),
        ("ipv4", SPF, "ip4"),
        ("ipv6", SPF, "ip6"),
        ("al", SPF, "all"),
        ("prt", SPF, "ptr"),
        ("exist", SPF, "exists"),
        ("include", SPF, "include"),
        ("ip5", SPF, None),
        ("ip", SPF, None),
        ("b", SPF, None),
        ("", SPF, None),
        ("mxmx", SPF, None),
        ("incl", SPF, None),
        ("quarentine", POLICIES, "quarantine"),
        ("quarintene", POLICIES, "quarantine"),
        ("rejcet", POLICIES, "reject"),
        ("non", POLICIES, "none"),
        ("block", POLICIES, None),
        ("rau", ["rua", "ruf"], "rua"),
        ("x" * 1_000_000, POLICIES, None),
    ],
)
def test_near_misses(word, known, meant):
    assert near_miss(word, known) == meant


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("exmaple", ["example"]),
        ("exampl", ["example"]),
        ("example", []),
        ("exmapl", []),
        ("mx2", []),
        ("firma-c", []),
        ("fimra-a", ["firma-a"]),
        ("in-amil", ["in-mail"]),
        ("", ["d"]),
        ("x" * 100_000, []),
    ],
)
def test_a_word_is_found_by_what_is_one_slip_away(word: str, near: list[str]) -> None:
    words = Alike(["example", "mx1", "firma-a", "firma-b", "in-mail", "d"])
    assert words.near(word) == near


@given(st.sampled_from(["include", "redirect", "quarantine"]), st.data())
def test_one_slip_is_always_forgiven(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("abcxyz"))
    slip = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
    )
    assert near_miss(slip, ["include", "redirect", "quarantine"]) == word


@pytest.mark.parametrize(
    ("character", "plain"),
    [
        ("\u2013", "-"), ("\u2014", "-"), ("\u2212", "-"), ("\u201c", '"'), ("\u2019", "'"),
        ("\u00a0", " "), ("\u3000", " "), ("\u200b", ""), ("\ufeff", ""), ("\uff49", "i"),
        ("\u2026", "..."), ("a", "a"), ("ü", None), ("\u0430", None), ("\udcff", None),
        ("\ufffd", None),  # noqa: PT014 (the linter takes lone surrogates for this)
    ],
)  # fmt: skip
def test_pasted_characters_have_a_plain_form(character, plain):
    assert ascii_for(character) == plain


@given(st.characters(exclude_categories=[]))
def test_every_character_can_be_named(character):
    plain = ascii_for(character)
    assert plain is None or plain.isascii()
    if not character.isascii():
        assert describe(character).isprintable()


def test_the_groups_do_not_overlap():
    assert {ascii_for(character) for character in WHITE_SPACE} == {" "}
    assert {ascii_for(character) for character in INVISIBLE} == {""}
    assert {ascii_for(character) for character in QUOTES} == {"'", '"'}


def fault(start: int, end: int, suggestion: str | None) -> Fault:
    return Fault(FaultKind.SYNTAX, start, end, "Wrong.", suggestion)


def test_suggestions_are_put_in_place():
    assert repaired("abcdef", [fault(4, 5, ""), fault(0, 1, "xyz")]) == "xyzbcdf"
    assert repaired("abc", [fault(3, 3, "d")]) == "abcd"


def test_what_cannot_be_mended_stays():
    assert repaired("abc", []) is None
    assert repaired("abc", [fault(0, 1, None)]) is None
    assert repaired("abc", [fault(0, 2, "x"), fault(1, 3, "y")]) is None
    assert repaired("abc", [fault(0, 1, "a")]) is None


def test_a_fault_moves():
    assert fault(1, 3, "x").shifted(4) == fault(5, 7, "x")
    assert fault(1, 3, "x").shifted(0) == fault(1, 3, "x")


def test_of_two_words_as_near_the_one_with_the_same_letter_is_meant():
    assert nearmiss.near_miss("cat", ["bat", "cut"]) == "cut"
    assert nearmiss.near_miss("cat", ["bat", "hat"]) is None
    assert nearmiss.near_miss("cat", ["cut", "cot"]) is None


def test_octets_and_characters_are_named_apart():
    assert pasted.describe("\udc80").startswith("byte that is not text (0x80)")
    assert pasted.describe("\udcff").startswith("byte that is not text (0xFF)")
    assert pasted.describe("\udd00").startswith("non-ASCII character")
    assert pasted.describe("\udc7f").startswith("non-ASCII character")


def test_articles_go_by_sound():
    assert article("MTA-STS record") == "an MTA-STS record"
    assert article("DMARC record") == "a DMARC record"
    assert article("TLS-RPT record") == "a TLS-RPT record"

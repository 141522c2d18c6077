"""Which rules run: the longest word decides, and the command line counts for more."""

from __future__ import annotations

import pytest

from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule, rule
from zonelint.rules.core.selection import Selection, UnknownCodeError, mail_domain, meant_code
from zonelint.rules.model.subjects import MailZone


def a_rule(code: str) -> Rule:
    made = rule(code, code.lower(), Severity.WARNING, on=MailZone, section="-")
    return made(lambda zone: ())


KNOWN = [a_rule(code) for code in ("SPF201", "SPF202", "SPF301", "DMARC001", "STS001")]
CODES = [each.code for each in KNOWN]


def chosen(**words: tuple[str, ...]) -> list[str]:
    return [each.code for each in Selection(**words).rules(KNOWN)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, CODES),
        ({"select": ("SPF2",)}, ["SPF201", "SPF202"]),
        ({"select": ("SPF2", "STS001")}, ["SPF201", "SPF202", "STS001"]),
        ({"ignore": ("SPF",)}, ["DMARC001", "STS001"]),
        ({"select": ("SPF201",), "ignore": ("SPF",)}, ["SPF201"]),
        ({"select": ("SPF",), "ignore": ("SPF",)}, []),
        ({"select": ("SPF",), "ignore": ("ALL",)}, ["SPF201", "SPF202", "SPF301"]),
        # the command line
        ({"asked": ("spf2",)}, ["SPF201", "SPF202"]),
        ({"select": ("SPF",), "asked": ("DMARC",)}, ["DMARC001"]),
        ({"asked": ("all",), "refused": ("SPF",)}, ["DMARC001", "STS001"]),
        ({"asked": ("SPF201",), "refused": ("SPF",)}, ["SPF201"]),
        ({"select": ("SPF201",), "refused": ("SPF",)}, []),
        # the config's ignore stands until the same is asked for
        ({"ignore": ("SPF201",), "asked": ("SPF",)}, ["SPF202", "SPF301"]),
        ({"ignore": ("SPF201",), "asked": ("SPF201",)}, ["SPF201"]),
        ({"ignore": ("SPF",), "asked": ("SPF",)}, ["SPF201", "SPF202", "SPF301"]),
    ],
)
def test_selection(words: dict[str, tuple[str, ...]], expected: list[str]) -> None:
    assert chosen(**words) == expected


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(UnknownCodeError) as refused:
        chosen(asked=("SPF2", "SPG301"))
    assert (refused.value.word, refused.value.meant) == ("SPG301", "SPF301")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("SFP201", "SPF201"),
        ("spf2O1", "SPF201"),
        ("DMARK", "DMARC"),
        ("DMARK77", "DMARC"),
        ("AL", "ALL"),
        ("ALLL", "ALL"),
        ("SPF777", None),
        ("201", None),
        ("", None),
    ],
)
def test_what_was_meant(word: str, meant: str | None) -> None:
    assert meant_code(word, CODES) == meant


def test_nothing_configured_costs_nothing() -> None:
    assert Selection().severity_of(KNOWN) is None


def severity(selection: Selection, code: str, owner: str) -> Severity | None:
    asked = selection.severity_of(KNOWN)
    assert asked is not None
    (found,) = (each for each in KNOWN if each.code == code)
    return asked(found, owner, found.severity)


def test_the_longest_word_gives_the_severity() -> None:
    selection = Selection(severities={"SPF": Severity.INFO, "SPF201": Severity.ERROR})
    assert severity(selection, "SPF201", "example.com.") is Severity.ERROR
    assert severity(selection, "SPF301", "example.com.") is Severity.INFO
    assert severity(selection, "STS001", "example.com.") is Severity.WARNING


@pytest.mark.parametrize(
    ("glob", "owner", "ignored"),
    [
        ("legacy.*", "legacy.example.com.", True),
        ("legacy.*", "_dmarc.legacy.example.com.", True),
        ("legacy.*", "s1._domainkey.legacy.example.com.", True),
        ("legacy.*", "www.legacy.example.com.", False),
        ("example.com", "example.com.", True),
        ("example.com", "_smtp._tls.example.com.", True),
        ("example.com", "a.example.com.", False),
        ("*.example.com", "a.b.example.com.", True),
        ("*.example.com", "example.com.", False),
        ("_dmarc.*", "_dmarc.example.com.", True),
    ],
)
def test_owners(glob: str, owner: str, ignored: bool) -> None:
    selection = Selection(per_owner_ignore={glob: ("SPF2",)})
    expected = None if ignored else Severity.WARNING
    assert severity(selection, "SPF201", owner) is expected
    assert severity(selection, "DMARC001", owner) is Severity.WARNING


@pytest.mark.parametrize(
    ("owner", "domain"),
    [
        ("example.com.", "example.com."),
        ("_dmarc.example.com.", "example.com."),
        ("example.net._report._dmarc.example.com.", "example.com."),
        ("_25._tcp.mx.example.com.", "mx.example.com."),
        ("a_b.example.com.", "a_b.example.com."),
        (".", "."),
    ],
)
def test_mail_domain(owner: str, domain: str) -> None:
    assert mail_domain(owner) == domain

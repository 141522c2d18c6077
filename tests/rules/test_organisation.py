"""The organisational domain: the tree walk of RFC 9989, and the suffix list where it fails."""

from __future__ import annotations

import pytest

from tests.rules.table import Table
from zonelint.rules.context import Context
from zonelint.rules.organisation import (
    Means,
    Organisation,
    is_same,
    is_suffix,
    organisation,
    walk_names,
)


def policy(text: str = "v=DMARC1; p=none") -> dict[str, list[str]]:
    return {"TXT": [text]}


def find(name: str, data, *, closed: bool = True) -> Organisation:
    return organisation(name, Context([], outside=[Table(data, closed=closed)]))


def test_the_walk_as_in_section_4_10() -> None:
    assert list(walk_names("a.b.c.d.e.f.g.h.i.j.mail.example.com.")) == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com.",
        "g.h.i.j.mail.example.com.",
        "h.i.j.mail.example.com.",
        "i.j.mail.example.com.",
        "j.mail.example.com.",
        "mail.example.com.",
        "example.com.",
        "com.",
    ]
    assert list(walk_names("a.example.com.")) == ["a.example.com.", "example.com.", "com."]
    assert list(walk_names("1.2.3.4.5.6.7.com."))[1] == "2.3.4.5.6.7.com."


@pytest.mark.parametrize(
    ("data", "domain"),
    [
        # the three examples of section 4.10.2
        ({"_dmarc.mail.example.com": policy(), "_dmarc.example.com": policy()}, "example.com."),
        (
            {"_dmarc.mail.example.com": policy("v=DMARC1; psd=n"), "_dmarc.example.com": policy()},
            "mail.example.com.",
        ),
        ({"_dmarc.com": policy("v=DMARC1; psd=y")}, "example.com."),
        # no record anywhere: the domain itself
        ({}, "a.mail.example.com."),
        # psd=y at the start says nothing about a domain below it
        ({"_dmarc.a.mail.example.com": policy("v=DMARC1; psd=y")}, "a.mail.example.com."),
        # several records at one name are none; another text is none either
        (
            {
                "_dmarc.mail.example.com": policy(),
                "_dmarc.example.com": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
                "_dmarc.com": {"TXT": ["hello"]},
            },
            "mail.example.com.",
        ),
        ({"_dmarc.com": policy(), "_dmarc.example.com": policy()}, "com."),
    ],
)
def test_the_walk_decides(data, domain: str) -> None:
    assert find("a.mail.example.com.", data) == Organisation(domain, Means.TREE_WALK)


def test_a_long_name_goes_on_at_its_last_seven_labels() -> None:
    name = "a.b.c.d.e.f.g.h.example.com."
    psd = {"_dmarc.e.f.g.h.example.com": policy("v=DMARC1; psd=y")}
    assert find(name, psd).domain == "d.e.f.g.h.example.com."
    unseen = {"_dmarc.b.c.d.e.f.g.h.example.com": policy("v=DMARC1; psd=n")}
    assert find(name, unseen).domain == name
    seventh = {"_dmarc.d.e.f.g.h.example.com": policy("v=DMARC1; psd=y")}
    assert find(name, seventh).domain == "c.d.e.f.g.h.example.com."


def test_a_walk_that_ends_early_needs_no_more_answers() -> None:
    data = {
        "_dmarc.a.example.com": {"TXT": "nxdomain"},
        "_dmarc.example.com": policy("v=DMARC1; psd=n"),
    }
    assert find("a.example.com.", data, closed=False) == Organisation(
        "example.com.", Means.TREE_WALK
    )


def test_where_the_walk_cannot_be_made_the_suffix_list_does() -> None:
    data = {"_dmarc.a.example.co.uk": {"TXT": "nxdomain"}, "_dmarc.example.co.uk": policy()}
    assert find("a.example.co.uk.", data, closed=False) == Organisation(
        "example.co.uk.", Means.SUFFIX_LIST, ("_dmarc.co.uk.",)
    )
    assert find("co.uk.", {}, closed=False).domain == "co.uk."
    failed = data | {"_dmarc.co.uk": {"TXT": "servfail"}}
    assert find("a.example.co.uk.", failed, closed=False).means is Means.SUFFIX_LIST


def test_two_names_of_one_organisation() -> None:
    context = Context([], outside=[Table({"_dmarc.example.com": policy()}, closed=True)])
    assert is_same("a.example.com.", "example.com.", context)
    assert not is_same("example.org.", "example.com.", context)


def test_suffixes() -> None:
    assert is_suffix("co.uk.")
    assert not is_suffix("example.co.uk.")

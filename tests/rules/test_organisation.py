"""The organisational domain: the tree walk of RFC 9989, and the suffix list where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList

from tests.rules.table import Table
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.context import Context
from zonelint.rules.mail.dmarc_discovery import Cover, CoverRole
from zonelint.rules.mail.organisation import (
    Means,
    Organisation,
    by_suffix,
    domain_with_policy,
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


def _names_about_the_list() -> list[str]:
    """Every rule of the list, names below it and beside it, in letters and in A-labels."""
    names = ["example.com", "com", "a.b.unknown", "unknown", "a..com", "", "EXAMPLE.Co.UK"]
    for line in Path(PSLFILE).read_text("utf-8").split("\n"):
        rule = line.strip()
        if rule and not rule.startswith("//"):
            bare = rule.removeprefix("!").removeprefix("*.")
            for name in {bare, bare.encode("idna").decode()}:
                names += [name, f"a.{name}", f"b.a.{name}", f"c.b.a.{name}"]
    return names


def test_suffixes_are_those_of_the_package() -> None:
    known = PublicSuffixList()
    for name in _names_about_the_list():
        assert by_suffix(f"{name}.") == f"{known.privatesuffix(name) or name}.", name
        assert is_suffix(f"{name}.") == known.is_public(name), name


WALKS = st.dictionaries(
    st.sampled_from(
        [f"_dmarc.{name}" for name in ("a.b.example.com", "b.example.com", "example.com", "com")]
    ),
    st.sampled_from([policy(), policy("v=DMARC1; psd=n"), policy("v=DMARC1; psd=y")]),
)


@given(WALKS, st.booleans())
def test_the_short_way_finds_the_same(data, closed) -> None:
    data = {**data, "_dmarc.a.b.example.com": policy()}
    context = Context([], outside=[Table(data, closed=closed)])
    name = "a.b.example.com."
    assert domain_with_policy(name, context) == organisation(name, context).domain


def test_a_domain_is_its_own_organisation_by_its_name():
    name = "".join(["example", ".com."])
    own = Cover(name, None, None, CoverRole.ITSELF, "".join(["example.", "com."]))
    assert own.is_organisational is True
    assert own._replace(organisation="com.").is_organisational is False
    assert own._replace(organisation=None).is_organisational is None


def zone_context(origin: str, text: str) -> Context:
    return Context([masterfile.read(f"$TTL 5\n{text}", "x.zone", origin)])


def test_the_quick_walk_ends_where_the_walk_does():
    policies = [
        '_dmarc TXT "v=DMARC1; p=none"\n',
        '_dmarc.e.d.c.b.a TXT "v=DMARC1; p=none"\n',
        '_dmarc TXT "v=DMARC1; p=none"\n_dmarc.c.b.a TXT "v=DMARC1; p=reject; psd=n"\n',
        '_dmarc.b.a TXT "v=DMARC1; p=reject; psd=y"\n',
        '_dmarc.f.e.d.c.b.a TXT "v=DMARC1; p=none"\n',
    ]
    names = ["example.com."]
    for label in "abcdefghijkl":
        names.append(f"{label}.{names[-1]}")
    for policy in policies:
        for name in names:
            own = f'$ORIGIN example.com.\n{policy}_dmarc.{name} TXT "v=DMARC1; p=none"\n'
            context, again = zone_context("example.com.", own), zone_context("example.com.", own)
            assert domain_with_policy(name, context) == organisation(name, again).domain, name

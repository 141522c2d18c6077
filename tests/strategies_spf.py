"""Hypothesis strategies for SPF: trees that the grammar can write, and text that is nearly SPF."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from zonelint.grammars.spf.record import (
    DomainSpec,
    Escape,
    Literal,
    MacroExpand,
    MacroString,
    Mechanism,
    Modifier,
    Qualifier,
    SpfRecord,
    parse,
)

_ALNUM = string.ascii_letters + string.digits
_VISIBLE = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) != "%")


def top_labels() -> st.SearchStrategy[str]:
    """Labels that may end a domain: LDH, not all digits."""
    ends = st.sampled_from(_ALNUM)
    one = st.sampled_from(string.ascii_letters)
    with_letter = st.builds("{}{}{}".format, ends, one, ends)
    with_hyphen = st.builds("{}-{}{}".format, ends, st.text(_ALNUM + "-", max_size=6), ends)
    return one | with_letter | with_hyphen


def macros() -> st.SearchStrategy[MacroExpand | Escape]:
    expand = st.builds(
        MacroExpand,
        letter=st.sampled_from("slodipvhSLODIPVH"),
        parts=st.none() | st.integers(1, 128) | st.just(999_999_999),
        reverse=st.booleans(),
        delimiters=st.text(".-+,/_=", max_size=3),
    )
    return expand | st.builds(Escape, st.sampled_from("%_-"))


def _parts(literals: st.SearchStrategy[Literal], last: st.SearchStrategy) -> st.SearchStrategy:
    """Literals and macros, never two literals in a row, ending in one of `last`."""
    unit = st.tuples(st.none() | literals, macros())
    return st.tuples(st.lists(unit, max_size=3), last).map(
        lambda drawn: tuple(
            part for part in [*(p for pair in drawn[0] for p in pair), *drawn[1]] if part
        )
    )


def domain_specs() -> st.SearchStrategy[DomainSpec]:
    """Domains, plain ones twice as often as the others."""
    plain = st.builds(
        lambda labels, top, dot: DomainSpec((Literal(".".join([*labels, top]) + dot),)),
        st.lists(st.text(_ALNUM + "_-", min_size=1, max_size=12), min_size=1, max_size=4),
        top_labels(),
        st.sampled_from(["", "", "."]),
    )
    literals = st.text(_VISIBLE, min_size=1, max_size=8).map(Literal)
    tail = st.builds(
        lambda front, top, dot: (Literal(f"{front}.{top}{dot}"),),
        st.text(_VISIBLE, max_size=8),
        top_labels(),
        st.sampled_from(["", "."]),
    )
    ending_in_macro = st.tuples(st.none() | literals, macros())
    odd = _parts(literals, tail | ending_in_macro).map(DomainSpec)
    return plain | plain | odd


def macro_strings() -> st.SearchStrategy[MacroString]:
    literals = st.text(_VISIBLE, min_size=1, max_size=8).map(Literal)
    return _parts(literals, st.tuples(st.none() | literals)).map(MacroString)


def mechanisms() -> st.SearchStrategy[Mechanism]:
    """Directives of all eight kinds."""
    qualifiers = st.sampled_from(Qualifier)
    four, six = st.none() | st.integers(0, 32), st.none() | st.integers(0, 128)
    name = st.sampled_from
    return st.one_of(
        st.builds(Mechanism, qualifiers, st.just("all")),
        st.builds(Mechanism, qualifiers, name(["include", "exists"]), domain_specs()),
        st.builds(Mechanism, qualifiers, st.just("ptr"), st.none() | domain_specs()),
        st.builds(
            Mechanism,
            qualifiers,
            name(["a", "mx"]),
            st.none() | domain_specs(),
            cidr4=four,
            cidr6=six,
        ),
        st.builds(
            Mechanism,
            qualifiers,
            st.just("ip4"),
            address=st.ip_addresses(v=4),
            prefix=four,
        ),
        st.builds(
            Mechanism,
            qualifiers,
            st.just("ip6"),
            address=st.ip_addresses(v=6),
            prefix=six,
        ),
    )


def modifiers() -> st.SearchStrategy[Modifier]:
    unknown = st.builds(
        "{}{}".format,
        st.sampled_from(string.ascii_lowercase),
        st.text(string.ascii_lowercase + string.digits + "_.-", max_size=6),
    ).filter(lambda name: name not in ("redirect", "exp"))
    return st.one_of(
        st.builds(Modifier, st.sampled_from(["redirect", "exp"]), domain_specs()),
        st.builds(Modifier, unknown, macro_strings()),
    )


def records() -> st.SearchStrategy[SpfRecord]:
    """Sound records: any terms in any order, redirect and exp once at most."""
    terms = st.lists(mechanisms() | modifiers(), max_size=5)

    def once(drawn: list[Mechanism | Modifier]) -> SpfRecord:
        seen: set[str] = set()
        kept = []
        for term in drawn:
            if term.name in ("redirect", "exp"):
                if term.name in seen:
                    continue
                seen.add(term.name)
            kept.append(term)
        return parse(" ".join(["v=spf1", *(term.text for term in kept)]))

    return terms.map(once)


_FRAGMENTS = [
    *[
        "v=spf1",
        "all",
        "-all",
        "~all",
        "a",
        "mx",
        "ptr",
        "include:",
        "exists:",
        "ip4:",
        "ip6:",
        "redirect=",
        "exp=",
        "ip4",
        "include",
    ],
    *[
        "+",
        "-",
        "~",
        "?",
        ":",
        "=",
        "/",
        "//",
        ",",
        ";",
        ".",
        "..",
        "%",
        "%{",
        "}",
        "%{d}",
        "%{ir}",
        "%%",
        "%_",
        '"',
        "'",
        "\\",
    ],
    *[
        "192.0.2.1",
        "2001:db8::1",
        "10.0.0",
        "256",
        "/24",
        "/33",
        "/024",
        "example.com",
        "_spf.example.net",
        "foo",
    ],
    *["\u2013", "\u201c", "\u00a0", "\u200b", "ü", "а", "\t", "\n", "\x00", "\udcff", "\u212a"],
    " ",
    "  ",
]


def nearly_spf() -> st.SearchStrategy[str]:
    """Text out of SPF's own pieces, good and bad, half of it with the version in front."""
    soup = st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=3), max_size=14).map("".join)
    return soup | soup.map("v=spf1 {}".format)


def nearly_terms() -> st.SearchStrategy[str]:
    """The same, without the version and in one word."""
    return nearly_spf().map(lambda text: text.removeprefix("v=spf1").replace(" ", ""))

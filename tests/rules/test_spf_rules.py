"""Rules about SPF, beyond their examples."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.rules.harness import (
    HEADER,
    ORIGIN,
    ask,
    ask_named,
    changes_of,
    every_rule,
    owners_of,
    read,
)
from zonelint.grammars.spf import record as spf
from zonelint.rules.context import Context


@pytest.mark.parametrize(
    "network",
    """
    0.1.2.0/24 10.9.8.0/24 100.64.0.0/10 127.1.0.0/16 169.254.7.0/24 172.16.0.0/12 172.31.255.0/24
    192.0.0.0/29 192.0.2.0/25 192.168.3.4 198.18.0.0/15 198.51.100.7 203.0.113.128/25 224.0.0.0/4
    239.1.1.1 240.0.0.0/5 255.255.255.255
    """.split(),
)
def test_networks_of_the_special_registry_are_told(network: str) -> None:
    """RFC 6890: each of its IPv4 entries, whole or in part."""
    result = ask_named("spf-private-network", f'@ TXT "v=spf1 ip4:{network} mx -all"\n')
    assert len(result.findings) == 1


@pytest.mark.parametrize(
    "network", ["172.32.0.0/16", "100.128.0.0/9", "192.1.0.0/16", "198.20.0.1"]
)
def test_neighbours_of_special_networks_are_not(network: str) -> None:
    assert not ask_named("spf-private-network", f'@ TXT "v=spf1 ip4:{network} mx -all"\n').findings


@pytest.mark.parametrize(
    ("name", "record", "marked"),
    [
        # What stands behind all is another rule's business.
        ("spf-duplicate-term", "v=spf1 mx -all mx", []),
        ("spf-duplicate-term", "v=spf1 mx mx -all", ["mx"]),
        # A term without a fault does not end the search.
        ("spf-host-bits", "v=spf1 mx ip4:192.0.2.1/24 -all", ["ip4:192.0.2.1/24"]),
        # What covers everything is not also wide.
        ("spf-wide-network", "v=spf1 ip4:0.0.0.0/0 -all", []),
        ("spf-wide-network", "v=spf1 ip6:::/0 -all", []),
        ("spf-wide-network", "v=spf1 mx ip4:0.0.0.0/1 -all", ["ip4:0.0.0.0/1"]),
        ("spf-wide-network", "v=spf1 -ip4:10.0.0.0/8 ip4:8.0.0.0/8 -all", ["ip4:8.0.0.0/8"]),
    ],
)
def test_which_term_of_a_record_is_at_fault(name: str, record: str, marked: list[str]):
    line = f'@ TXT "{record}"'
    found = ask_named(name, f"{line}\n").findings
    assert [line[f.span.column - 1 : f.span.end_column - 1] for f in found] == marked


@pytest.mark.parametrize(
    ("strings", "broken"),
    [
        # The blank is missing: that is all that is told.
        ('"v=spf1 include:a.example.net" "include:b.example.net -all"', 0),
        ('"v=spf1 mx" "ip4:192.0.2.1 -all"', 0),
        # Beside it, a fault of its own.
        ('"v=spf1 mx" "ip4:192.0.2.1 ipv4:192.0.2.2 -all"', 1),
        ('"v=spf1 ipv4:192.0.2.2 mx" "ip4:192.0.2.1 -all"', 1),
        ('"v=spf1 mx:example." "com -all"', 0),
    ],
)
def test_a_missing_blank_is_told_once(strings: str, broken: int):
    assert len(ask_named("spf-syntax", f"@ TXT {strings}\n").findings) == broken


@pytest.mark.parametrize(
    ("strings", "joins"),
    [
        ('"v=spf1 mx" "a -all"', 1),
        ('"v=spf1 mx" "-all"', 1),
        ('"v=spf1 mx:a.example" "mx:b.example -all"', 1),
        ('"v=spf1 mx:a.ex" "ample.net -all"', 0),
        ('"v=spf1 mx " "a -all"', 0),
    ],
)
def test_where_a_blank_is_missing(strings: str, joins: int):
    assert len(ask_named("spf-joined-strings", f"@ TXT {strings}\n").findings) == joins


def test_records_are_merged_term_by_term():
    def merged(*records: str) -> list[str | None]:
        zone = "".join(f'@ TXT "{record}"\n' for record in records)
        [first, *_] = changes_of(ask_named("spf-multiple-records", zone))
        return [text for text in first if text is not None]

    assert merged("v=spf1 mx", "v=spf1 a -all") == ['"v=spf1 mx a -all"']
    assert merged("v=spf1 mx", "v=spf1 a") == ['"v=spf1 mx a ~all"']
    assert merged("v=spf1 mx redirect=x.example", "v=spf1 a ~all") == [
        '"v=spf1 mx include:x.example a ~all"'
    ]
    assert merged("v=spf1 redirect=x.example", "v=spf1 exp=y.example a") == [
        '"v=spf1 include:x.example a exp=y.example ~all"'
    ]


def test_softfail_is_told_of_a_single_record_only():
    config = '[domains."example.com"]\nspf = "final"\n'
    one, two = '@ TXT "v=spf1 mx ~all"\n', '@ TXT "v=spf1 a ~all"\n'
    assert len(ask_named("spf-softfail", one, config=config).findings) == 1
    assert not ask_named("spf-softfail", one + two, config=config).findings


def test_addresses_take_over_the_prefix_of_the_term_they_replace():
    includes = " ".join(f"include:s{n}.example.com" for n in range(10))
    zone = (
        f'@ TXT "v=spf1 a:h.example.com/24//64 {includes} -all"\n'
        "h A 203.0.113.7\nh AAAA 2001:db8::7\n"
        + "".join(f's{n} TXT "v=spf1 ip4:192.0.2.{n} -all"\n' for n in range(10))
    )
    [[text]] = changes_of(ask_named("spf-too-many-lookups", zone))
    assert text is not None
    assert text.startswith('"v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/64 include:s0')


def test_an_mx_behind_includes_is_counted_too():
    exchanges = "".join(f"m MX 10 h{n}\nh{n} A 192.0.2.{n}\n" for n in range(11))
    for way in ("v=spf1 a mx:m.example.com -all", "v=spf1 include:i.example.com -all"):
        zone = (
            f'@ TXT "{way}"\n@ A 192.0.2.1\ni TXT "v=spf1 a include:j.example.com -all"\n'
            f'i A 192.0.2.1\nj TXT "v=spf1 mx:m.example.com -all"\n{exchanges}'
        )
        assert "example.com." in owners_of(ask_named("spf-mx-too-many-names", zone)), way


def test_a_broken_record_of_ours_is_told_where_it_stands():
    ours = '@ TXT "v=spf1 include:b.example.com -all"\nb TXT "v=spf1 foo -all"\n'
    assert not ask_named("spf-target-without-spf", ours).findings
    theirs = '$ORIGIN example.net.\n$TTL 5\nb TXT "v=spf1 foo -all"\n'
    zone = '@ TXT "v=spf1 include:b.example.net -all"\n'
    assert not ask_named("spf-target-without-spf", zone, theirs).findings


def test_an_include_is_not_replaced_by_the_addresses_of_its_name():
    includes = " ".join(f"include:s{n}.example.com" for n in range(11))
    zone = f'@ TXT "v=spf1 {includes} -all"\n' + "".join(
        f's{n} TXT "v=spf1 ip4:192.0.2.{n} -all"\ns{n} A 192.0.2.{n}\n' for n in range(11)
    )
    assert changes_of(ask_named("spf-too-many-lookups", zone)) == [[]]


def test_a_long_circle_is_shown_in_part():
    names = [f"n{n}.example.com" for n in range(14)]
    zone = "".join(
        f'{name}. TXT "v=spf1 include:{after} -all"\n'
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    )
    messages = [finding.message for finding in ask_named("spf-loop", zone).findings]
    assert messages
    for message in messages:
        circle = message[message.index("(") + 1 : message.index(")")]
        assert circle.endswith(" → …")
        assert circle.count(" → ") == 12


def test_void_lookups_behind_an_include_count():
    own = '@ TXT "v=spf1 include:i.example.com -all"\n'
    below = 'i TXT "v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com -all"\n'
    assert "example.com." in owners_of(ask_named("spf-void-lookups", own + below))


def test_a_term_that_leads_nowhere_hides_no_include() -> None:
    result = ask_named(
        "spf-target-without-spf",
        '@ TXT "v=spf1 a:gone.example.com include:bare.example.com -all"\nbare A 8.8.8.8\n',
    )
    assert len(result.findings) == 1
    assert "bare.example.com" in result.findings[0].message


@pytest.mark.parametrize(
    ("record", "texts"),
    [
        ("v=spf1 ip4:5.0.0.0/8 -all", []),
        ("v=spf1 ip4:5.0.0.0/8 ip6:2a00::/12 ~all", []),
        ("v=spf1 ip4:5.0.0.0/8 ip4:10.0.0.1 -all", []),
        ("v=spf1 ip4:5.0.0.0/8 mx -all", ["v=spf1 mx -all"]),
        ("v=spf1 ip4:5.0.0.0/8 redirect=a.example", ["v=spf1 redirect=a.example"]),
    ],
)
def test_wide_networks_stay_where_nobody_else_may_send(record: str, texts: list[str]) -> None:
    result = ask_named("spf-wide-network", f'@ TXT "{record}"\n')
    assert result.findings
    assert [rdata for edits in changes_of(result) for rdata in edits] == [f'"{t}"' for t in texts]


@pytest.mark.parametrize(
    ("record", "edits"),
    [
        ("v=spf1; mx; -all;", ['"v=spf1 mx -all"']),
        ("v=spf1,mx,ip4:8.8.8.8,~all", ['"v=spf1 mx ip4:8.8.8.8 ~all"']),
        ("v=spf1; mx; nonsense; -all", []),
    ],
)
def test_a_hidden_record_is_mended_as_a_whole_or_not_at_all(record: str, edits: list[str]) -> None:
    assert changes_of(ask_named("spf-version", f'@ TXT "{record}"\n')) == [edits]


_TERMS = """
    mx a ptr ptr:example.net all +all ?all -all ip4:0.0.0.0/0 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ip6:::/0
    ip4:5.0.0.0/8 ip4:8.8.8.8 ip4:10.0.0.1 -ip4:8.8.8.8 include:open.example.com a/0 mx//0
    include:far.example.net exists:%{i}.any.example.com redirect=open.example.com ipv4:8.8.8.8
""".split()
_BESIDE = """
    @ MX 10 mail
    mail A 8.8.4.4
    open TXT "v=spf1 +all"
    *.any A 127.0.0.2
"""


@given(st.lists(st.sampled_from(_TERMS), max_size=5))
@example(["ip4:0.0.0.0/1", "ip6:::/0", "ip4:128.0.0.0/1", "-all"])
@example(["ip4:0.0.0.0/0", "+all"])
@example([])
def test_no_change_leaves_a_domain_that_takes_mail_without_senders(terms: list[str]) -> None:
    """Unless nobody could send before, or everybody who could is a mistake that has been named."""
    record = " ".join(["v=spf1", *terms])
    if not _may_pass(record):
        return
    body = f"{HEADER}{textwrap.dedent(_BESIDE)}@ TXT {record!r}\n".replace("'", '"')
    for found in ask(_ABOUT_SPF, Context([read(body)])).findings:
        if found.change is not None and found.owner == ORIGIN:
            texts = [edit.after for edit in found.change.edits if edit.after is not None]
            assert all(_may_pass(text.strip('"')) for text in texts), (found.code, texts)


_ABOUT_SPF = [rule for rule in every_rule() if rule.code.startswith("SPF")]


def _may_pass(text: str) -> bool:
    """Whether a term of the record, one in front of `all`, lets anybody pass."""
    record = spf.parse(text)
    last = record.all
    return record.redirect is not None or any(
        term.qualifier is spf.Qualifier.PASS and (last is None or term.start <= last.start)
        for term in record.mechanisms
    )


@pytest.mark.parametrize(
    "line", ['@ TXT "v=spf1 mx include:_spf.google.com -all', "@ CNAME a b", "@ TXT ( v=spf1 -all"]
)
def test_what_an_unreadable_line_says_is_not_taken_for_missing(line: str) -> None:
    zone = f"@ MX 10 mail\n{line}\n"
    sends = '[domains."example.com"]\nsenders = ["hubspot"]\nprofile = "sending"\n'
    for name, config in (("spf-missing", None), ("spf-missing-sender", sends)):
        result = ask_named(name, zone, config=config)
        assert not result.findings
        assert [each.owner for each in result.undecided] == [ORIGIN]

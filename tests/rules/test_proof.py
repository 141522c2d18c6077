"""A safe fix is proved to be one: the mail flow is the same before and after, for every address."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.harness import HEADER, read
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.spf.record import parse
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.change import replace
from zonelint.rules.core.engine import Engine
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.mail.check_host import check_host
from zonelint.rules.mail.proof import proved, text_of

KEY = RSA_2048
SPF_RULES = [rule for rule in registry.rules() if rule.family == "SPF"]


def changed(before: str, after: str, owner: str = "@") -> bool:
    context = Context([read(f"{owner} TXT {txt_rdata(before)}\nmail A 198.51.100.9\n")])
    zone = context.zones[0].zone
    (rrset,) = zone.of_type("TXT")
    change = replace(rrset.records[0], txt_rdata(after), "", safe=True)
    return proved(change, context.zones[0])


def test_two_zones_of_one_origin_are_judged_each_by_itself() -> None:
    zones = [read(f'@ TXT "v=spf1 mx mx {term}"\n') for term in ("-all", "~all")]
    rules = [rule for rule in registry.rules() if rule.code == "SPF302"]
    result = Engine(rules).run(Context(zones))
    assert not result.crashes
    assert [finding.change and finding.change.safe for finding in result.findings] == [True, True]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("v=spf1 ip4:203.0.113.7/24 -all", "v=spf1 ip4:203.0.113.0/24 -all", True),
        ("v=spf1 ip4:203.0.113.7/24 -all", "v=spf1 ip4:203.0.113.7 -all", False),
        ("v=spf1 mx -all a", "v=spf1 mx -all", True),
        ("v=spf1 mx ~all", "v=spf1 mx -all", False),
        # What the far tree costs is unknown: one lookup less may bring it under the limit.
        ("v=spf1 include:far.test mx mx -all", "v=spf1 include:far.test mx -all", False),
        (
            "v=spf1 include:far.test ip4:1.1.1.1 ip4:1.1.1.1 -all",
            "v=spf1 include:far.test ip4:1.1.1.1 -all",
            True,
        ),
        ("v=spf1 include:far.test mx -all", "v=spf1 mx include:far.test -all", False),
        # None and permerror are results: what receivers ignored or refused is not made to count.
        ("v=spf1 mx foo -all", "v=spf1 mx -all", False),
        ("v=spf1, -all", "v=spf1 -all", False),
        ("spf1 +all", "v=spf1 +all", False),
        ("v=spf1 mx foo bar -all", "v=spf1 mx foo -all", True),
    ],
)
def test_spf(before: str, after: str, same: bool) -> None:
    assert changed(before, after) is same


@pytest.mark.parametrize(
    ("owner", "one", "other", "after"),
    [
        ("@", "v=spf1 mx -all", "v=spf1 mx -ALL", "v=spf1 mx -all"),
        ("@", "v=spf1 MX -all", "v=spf1 mx -ALL", "v=spf1 mx -all"),
        ("@", "v=spf1 mx -all", "v=spf1 mx mx -all", "v=spf1 mx -all"),
        ("_dmarc", "v=DMARC1; p=reject", "v=DMARC1; p=reject; pct=100", "v=DMARC1; p=reject"),
    ],
)
def test_two_records_may_become_one(owner: str, one: str, other: str, after: str) -> None:
    context = Context([read(f"{owner} TXT {txt_rdata(one)}\n{owner} TXT {txt_rdata(other)}\n")])
    (rrset,) = context.zones[0].zone.of_type("TXT")
    change = replace(rrset.records[1], txt_rdata(after), "", safe=True)
    assert not proved(change, context.zones[0])


@pytest.mark.parametrize(
    ("owner", "before", "after", "same"),
    [
        ("_dmarc", "v=DMARC1; p=reject; pct=100", "v=DMARC1; p=reject", True),
        ("_dmarc", "v=DMARC1; p=reject; pct=50", "v=DMARC1; p=reject", False),
        ("_dmarc", "v=DMARC1; p=none; sp=reject", "v=DMARC1; p=none", False),
        ("_dmarc", "v=DMARC1; p=none; adkim=s", "v=DMARC1; p=none", False),
        ("_dmarc", "v=DMARC1", "v=DMARC1; p=none", True),
        ("_dmarc", "v=DMARC1; p=none; rua=mailto:a@example.com", "v=DMARC1; p=none", False),
        ("_dmarc", "v=DMARC1 p=none", "v=DMARC1; p=none", False),
        ("_dmarc", "v=dmarc1; p=none", "v=DMARC1; p=none", False),
        ("_dmarc", "v=DMARC1; p=rejct; p=none", "v=DMARC1; p=none", False),
        ("s._domainkey", f"v=DKIM1;k=rsa;p={KEY}", f"v=DKIM1; p={KEY}", True),
        ("s._domainkey", f"v=DKIM1; p={KEY}", "v=DKIM1; p=", False),
        ("s._domainkey", f"v=DKIM1; p={KEY}'", f"v=DKIM1; p={KEY}", False),
    ],
)
def test_policies_and_keys(owner: str, before: str, after: str, same: bool) -> None:
    assert changed(before, after, owner) is same


def test_the_text_of_rdata_is_what_was_written() -> None:
    assert text_of('"a b" "\\"c\\059"') == 'a b"c;'


_TERMS = st.sampled_from(
    [
        "mx", "a", "-a", "a:mail", "include:_s.example.com", "ip4:203.0.113.7/24",
        "IP4:203.0.113.9",
        "ip4:203.0.113.0/24", "-ip4:203.0.113.9", "?ip4:198.51.100.0/24", "ip6:2001:db8::1/32",
        "ip6:2001:db8:1::/48", "-all", "~all", "?all", "exists:%{i}.example.com", "ptr", "all",
        "redirect=_s.example.com", "include:_S.example.com.", "ip4:203.0.113.7/24",
    ]
)  # fmt: skip
_ADDRESSES = [
    ipaddress.ip_address(text)
    for text in (
        "203.0.113.7", "203.0.113.9", "203.0.113.0", "198.51.100.9", "198.51.100.1", "192.0.2.1",
        "2001:db8::1", "2001:db8:1::1", "2001:db9::1",
    )
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_TERMS, min_size=1, max_size=7))
def test_no_safe_fix_changes_a_result(terms: list[str]) -> None:
    """Whatever the rules call safe leaves check_host as it was, for a record that had a result."""
    text = " ".join(["v=spf1", *terms])
    rest = 'mail A 198.51.100.9\n@ MX 10 mail\n_s TXT "v=spf1 ip4:198.51.100.1 -all"\n'

    def world(record: str) -> Context:
        zone = f"{HEADER}@ TXT {txt_rdata(record)}\n{rest}"
        return Context([masterfile.read(zone, "example.com.zone", "example.com.")])

    before = world(text)
    if not parse(text).sound:
        return
    for finding in Engine(SPF_RULES).run(before).findings:
        change = finding.change
        if change is None or not change.safe or finding.owner != "example.com.":
            continue
        (edit,) = change.edits
        after = world(text_of(edit.after or ""))
        for address in _ADDRESSES:
            old, new = (check_host(address, "example.com.", c.answers) for c in (before, after))
            assert old.result is new.result, (finding.code, text, edit.after, address)


PARKED = '[domains."example.com"]\nprofile = "parked"\n'


@pytest.mark.parametrize(
    ("owner", "before", "after", "same"),
    [
        ("@", "v=spf1 ?all", "v=spf1 -all", True),
        ("@", "v=spf1 ?all", "v=spf1 mx -all", False),
        ("_dmarc", "v=DMARC1; p=none", "v=DMARC1; p=reject", True),
        ("_dmarc", "v=DMARC1; p=none", "v=DMARC1; p=quarantine", False),
    ],
)
def test_what_is_declared_of_a_parked_domain_is_safe(owner, before, after, same):
    from zonelint.rules.config import intent

    zone = read(f"{owner} TXT {txt_rdata(before)}\n")
    for declared in (None, intent.load(PARKED)):
        (seen,) = Context([zone], declared).zones
        (rrset,) = zone.of_type("TXT")
        change = replace(rrset.records[0], txt_rdata(after), "", safe=True)
        assert proved(change, seen) is (same and declared is not None)

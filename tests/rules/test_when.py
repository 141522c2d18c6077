"""What the engine may skip: a rule's `when` never hides what the rule would have found."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.harness import context_of, every_rule
from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.core.engine import ASKED
from zonelint.rules.core.rule import Example, Needs, Rule
from zonelint.rules.mail.dmarc_owner import MeantDmarc, subjects_of
from zonelint.rules.model.subjects import MailZone, TxtSubject

# Few words, so that they often meet themselves and each other.
_SPF_TERMS = [
    "all", "-all", "~all", "?all", "+all", "a", "-a", "a/24", "a:example.com", "?mx", "mx", "MX",
    "mx:www.example.com", "mx:Example.com.", "ptr", "ptr:example.com", "include:a.example.net",
    "?include:a.example.net", "include:A.example.net.", "exists:%{i}.example.net", "exists:%{x}",
    "ip4:192.0.2.1", "ip4:8.8.8.8", "ip4:8.8.8.8/32", "-ip4:8.8.8.8", "ip4:8.8.8.0/24",
    "IP4:8.8.8.8", "ip4:8.8.0.0/15", "ip4:8.8.8.9/24", "ip4:8.8.8.8/33", "ip4:8.8.8.08",
    "ip4:8.8.8", "ip4:", "ip4:0.0.0.0/0", "ip4:10.0.0.0/8", "ip6:2a00::1", "ip6:2a00::/16",
    "ip6:2A00::1", "ip6:::/0", "ipv4:8.8.8.8", "inlcude:a.example.net", "redirect=a.example.net",
    "redirect=example.com", "exp=a.example.net", "moo=1", "redirct=a.example.net",
    "include=a.example.net", "", "mx\t-all", "include:b\u00fccher.example", "\u2013all", ",",
    "a.example.net",
]  # fmt: skip
_TAGS = [
    "v=DMARC1", "p=none", "p=reject", "P=reject", "p=quarentine", "p=", "sp=none", "sp=rejct",
    "np=reject", "adkim=s", "aspf=strict", "fo=0:1", "pct=50", "pct=0", "rf=afrf", "ri=3600",
    "t=y", "psd=y", "x=1", "rua=mailto:a@example.com", "rua=mailto:a@example.com!10m",
    "rua=a@example.com", "rua=", "ruf=mailto:b@example.net", "ruf=https://example.net/",
    "rua=https://example.com/x", "", "p none", "p=\u201cnone\u201d",
    "rua=mailto:a@example.com,mailto:b@example.org", "rua=mailto:a@b",
]  # fmt: skip
_VERSIONS = ["v=spf1 ", "V=SPF1 ", "v=spf1", "v=spf1, ", "v=spf1  ", "spf2.0/pra ", "v=spf1\t"]

spf_texts = st.builds(
    lambda version, terms: version + " ".join(terms),
    st.sampled_from([*["v=spf1 "] * 8, *_VERSIONS]),
    st.lists(st.sampled_from(_SPF_TERMS), max_size=6),
)
dmarc_texts = st.builds(
    lambda version, tags, joint: joint.join([version, *tags]),
    st.sampled_from([*["v=DMARC1"] * 8, "v=dmarc1", " v=DMARC1", "v=DMARC1 ", "v = DMARC1"]),
    st.lists(st.sampled_from(_TAGS), max_size=5),
    st.sampled_from(["; ", "; ", ";", " ; ", ","]),
)
owners = st.sampled_from(
    ["@", "_dmarc", "www", "_dmarc.www", "x._report._dmarc", "s._domainkey", "_mta-sts"]
)


def _may_be_skipped(rule: Rule) -> bool:
    return bool(rule.when or rule.gate or rule.given) or Needs.CHANGE in rule.needs


RULES = [rule for rule in every_rule() if _may_be_skipped(rule)]


def _zone_of(owner: str, *texts: str) -> str:
    return "".join(f"{owner} TXT {txt_rdata(text)}\n" for text in texts)


def _is_skipped(rule: Rule, subject: TxtSubject | MailZone) -> bool:
    if rule.when and rule.when.isdisjoint(subject.features):
        return True
    if Needs.CHANGE in rule.needs and subject.context.previous is None:
        return True
    if rule.given is not None and not rule.given(subject.context):
        return True
    return rule.gate is not None and not rule.gate(subject)


def _skipped_with_something_to_say(zone: str, lock: str | None = None) -> list[str]:
    return _skipped_in(Example(zone, lock=lock))


def _skipped_in(shown: Example) -> list[str]:
    view = context_of(shown).zones[0]
    return [
        rule.code
        for subject in [view, *subjects_of(view)]
        for rule in RULES
        if type(subject) is not MeantDmarc
        if type(subject) in ASKED.get(rule.on, (rule.on,)) and _is_skipped(rule, subject)
        if list(rule.check(subject))
    ]


@settings(max_examples=300, deadline=None)
@given(owners, st.lists(spf_texts, min_size=1, max_size=2))
@example("www", ["v=spf1 mx mx:www.example.com -all"])
@example("@", ["v=spf1 ?include:a.example.net include:a.example.net -all"])
@example("@", ["v=spf1 ip4:8.8.8.8\tip4:8.8.8.0/24 -all"])
def test_nothing_is_hidden_in_spf(owner, texts):
    assert not _skipped_with_something_to_say(_zone_of(owner, *texts))


@settings(max_examples=300, deadline=None)
@given(owners, st.lists(dmarc_texts, min_size=1, max_size=2))
def test_nothing_is_hidden_in_dmarc(owner, texts):
    assert not _skipped_with_something_to_say(_zone_of(owner, *texts))


# A small world in which terms meet hosts of every kind, and records lead to each other.
_HOSTS = ["@", "www", "a", "b", "sub", "x.sub"]
_WORLD_TERMS = [
    "mx", "a", "?mx", "a:www.example.com", "a:gone.example.com", "mx:a.example.com",
    "mx:example.com", "include:a.example.com", "include:b.example.com", "include:www.example.com",
    "include:_spf.example.net", "include:loop.example.net", "include:gone.example.com",
    "include:unknown.example.org", "redirect=b.example.com", "exists:www.example.com",
    "a:www.example.com", "exists:%{i}.example.com", "ptr", "ip4:8.8.8.8", "-all", "all",
]  # fmt: skip
_WORLD_RECORDS = [
    "A 192.0.2.1", "AAAA 2001:db8::1", "MX 10 www", "MX 10 a", "MX 0 .", "MX 10 gone", "CNAME www",
    "MX 10 mail.example.net.", "NS ns.example.net.", "ALIAS www.example.net.",
]  # fmt: skip
_WORLD_LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 a:www.example.com mx:example.com -all"]
["loop.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 include:a.example.com include:loop.example.net -all"]
["mail.example.net."]
seen = 2026-11-24
A = ["192.0.2.7"]
AAAA = "nodata"
"""
worlds = st.lists(
    st.tuples(
        st.sampled_from(_HOSTS),
        st.one_of(
            st.sampled_from(_WORLD_RECORDS),
            st.lists(st.sampled_from(_WORLD_TERMS), max_size=12).map(
                lambda terms: f'TXT "{" ".join(["v=spf1", *terms])}"'
            ),
        ),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=400, deadline=None)
@given(worlds, st.sampled_from([None, _WORLD_LOCK]))
@example([("www", "A 192.0.2.1"), ("a", f'TXT "v=spf1 {"a:www.example.com " * 9}-all"')], None)
@example([("www", "A 192.0.2.1"), ("a", f'TXT "v=spf1 {"a:www.example.com " * 11}-all"')], None)
@example([("a", 'TXT "v=spf1 include:a.example.com -all"')], None)
@example(
    [
        ("a", 'TXT "v=spf1 include:b.example.com -all"'),
        ("b", 'TXT "v=spf1 include:a.example.com -all"'),
    ],
    None,
)
def test_nothing_is_hidden_in_an_evaluation(records, lock):
    assert not _skipped_with_something_to_say("".join(f"{o} {r}\n" for o, r in records), lock)


_POLICIES = ["p=none", "p=reject; psd=n", "p=none; psd=y", "p=none; sp=reject"]
_ADDRESSES = [
    "d@example.com", "d@www.example.com", "d@a.b.example.com", "d@example.net", "d@EXAMPLE.com.",
    "d@com", "d@example.com!10m",
]  # fmt: skip
policies = st.dictionaries(
    st.sampled_from(["_dmarc", "_dmarc.www", "_dmarc.b", "_dmarc.a.b", "_dmarc.x.www"]),
    st.tuples(st.sampled_from(_POLICIES), st.lists(st.sampled_from(_ADDRESSES), max_size=2)),
    min_size=1,
)


@settings(max_examples=300, deadline=None)
@given(policies, st.sampled_from(["", '["_dmarc.com."]\nseen = 2026-11-24\nTXT = "nxdomain"\n']))
def test_nothing_is_hidden_about_reports(found, lock):
    zone = "".join(
        f'{owner} TXT "v=DMARC1; {policy}; rua={",".join(f"mailto:{a}" for a in addresses)}"\n'
        for owner, (policy, addresses) in found.items()
    )
    assert not _skipped_with_something_to_say(zone, lock)


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_nothing_is_hidden_in_the_examples(rule):
    for shown in (*rule.examples_bad, *rule.examples_good):
        assert not _skipped_in(shown)
        bare = shown._replace(config=None, lock=None, before=None, reports=None)
        assert not _skipped_in(bare)

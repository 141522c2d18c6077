"""The edges of what the rules stand on: answers, evidence, policies, the engine itself.

Every case stands for a mutant that `python -m tests.mutation rules` once left alive.
"""

from __future__ import annotations

import dataclasses

import pytest

from tests.rules.harness import HEADER, every_rule, evidence_of, read
from tests.rules.table import spf, world
from zonelint.grammars import dmarc, masterfile
from zonelint.rules import intent, lockfile, lookups, readiness
from zonelint.rules.answers import Status
from zonelint.rules.context import Context
from zonelint.rules.engine import Engine
from zonelint.rules.evidence import Disposition, DkimResult, Evidence, NotReady, PublishedPolicy
from zonelint.rules.lookups import Fate
from zonelint.rules.meaning import Names, dmarc_change
from zonelint.rules.policy import Cover, Role
from zonelint.rules.readiness import percent, published

# ---- answers -----------------------------------------------------------------------------------


def test_a_loop_of_aliases_ends_where_it_closes():
    names = world(
        {
            "self.example": {"CNAME": "self.example."},
            "a.example": {"CNAME": "b.example."},
            "b.example": {"CNAME": "a.example."},
            "in.example": {"CNAME": "a.example."},
        }
    )
    for name, aliases in {
        "self.example.": (),
        "a.example.": ("b.example.",),
        "in.example.": ("a.example.", "b.example."),
    }.items():
        answer = names.ask(name, "TXT")
        assert (answer.status, answer.aliases) == (Status.SERVFAIL, aliases)


@pytest.mark.parametrize(
    ("status", "fate"),
    [("unknown", Fate.UNKNOWN), ("servfail", Fate.FAILED), ("timeout", Fate.FAILED)],
)
@pytest.mark.parametrize("term", ["mx", "a"])
def test_no_answer_is_told_from_a_failing_one(status: str, fate: Fate, term: str):
    types = {"mx": "MX", "a": "A"}
    data = {"example.com": spf(f"v=spf1 {term} -all") | {types[term]: status, "AAAA": status}}
    [branch] = lookups.tree_from("example.com.", world(data, closed=True)).branches
    assert branch.fate is fate
    assert branch.missing == ("example.com.",)


def test_a_tree_without_a_loop_has_none():
    data = {
        "example.com": spf("v=spf1 include:a.example include:b.example -all"),
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 -all"),
    }
    found = lookups.tree_from("example.com.", world(data, closed=True))
    assert not found.loops
    assert all(branch.tree is not None and not branch.tree.loops for branch in found.branches)


# ---- the engine --------------------------------------------------------------------------------


def test_a_gate_that_fails_hides_nothing():
    rule = next(rule for rule in every_rule() if rule.name == "spf-neutral-all")
    asked = []

    def broken(subject: object) -> bool:
        asked.append(subject)
        raise ZeroDivisionError

    context = Context([read(HEADER + '@ TXT "v=spf1 ?all"\n')])
    fields = {f.name: getattr(rule, f.name) for f in dataclasses.fields(type(rule).__bases__[0])}
    gated = type(rule).__bases__[0](**(fields | {"gate": broken}))
    result = Engine([gated]).run(context)
    assert asked
    assert len(result.findings) == 1
    assert not result.crashes


# ---- configuration and lock --------------------------------------------------------------------


def test_the_longest_name_of_a_domain():
    name = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert len(name) == 253
    assert intent.load(f'[domains."{name}"]\n', "zonelint.toml").domains
    with pytest.raises(intent.ConfigError, match="is not a domain name"):
        intent.load(f'[domains."{name}b"]\n', "zonelint.toml")


def test_names_of_a_lock_stand_by_their_labels_from_the_right():
    names = ["b.x.example.", "a.y.example.", "c.x.example.", "example.", "x.example."]
    assert sorted(names, key=lockfile._reading_order) == [
        "example.",
        "x.example.",
        "b.x.example.",
        "c.x.example.",
        "a.y.example.",
    ]


# ---- reports -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.00001, "0.1 %"),
        (0.123, "12.3 %"),
        (0.5, "50 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_in_words(share: float, text: str):
    assert percent(share) == text


def test_what_a_record_publishes():
    def of(text: str) -> PublishedPolicy:
        return published(dmarc.parse(text), "example.com.")

    plain = of("v=DMARC1; p=reject")
    assert plain == PublishedPolicy(
        "example.com", p="reject", adkim="r", aspf="r", pct=plain.pct, testing=False
    )
    assert of("v=DMARC1; p=reject; t=y").testing
    assert not of("v=DMARC1; p=reject; t=n").testing
    assert of("v=DMARC1; p=reject; adkim=s; sp=none").sp == "none"


def test_defaults_of_a_published_policy_are_no_difference():
    bare = PublishedPolicy("example.com", p="none")
    full = PublishedPolicy("example.com", p="none", sp="none", np="none", pct=100, testing=False)
    assert bare.fine_print == full.fine_print
    for other in ({"pct": 50}, {"sp": "reject"}, {"np": "reject"}, {"testing": True}):
        assert dataclasses.replace(bare, **other).fine_print != bare.fine_print


ROWS = """
p = "none"
rows = [
    { from = "192.0.2.1", messages = 100 },
    { from = "192.0.2.2", messages = 50, spf = "fail", header_from = "sub.example.com" },
]
"""


@pytest.mark.parametrize(
    ("names", "messages", "aligned"),
    [
        ((Names.DOMAIN, Names.SUBDOMAINS), 14 * 150, 14 * 100),
        ((Names.DOMAIN, Names.NONEXISTENT), 14 * 150, 14 * 100),
        ((Names.DOMAIN,), 14 * 100, 14 * 100),
        ((Names.SUBDOMAINS,), 14 * 50, 0),
        ((Names.NONEXISTENT,), 14 * 50, 0),
    ],
)
def test_a_policy_is_judged_by_the_mail_it_is_for(names, messages: int, aligned: int):
    about = evidence_of(ROWS).domain("example.com")
    answer = readiness.readiness(about, "example.com.", Context([]), names=names)
    assert answer.tally is not None
    assert (answer.tally.messages, answer.tally.aligned) == (messages, aligned)


def test_that_nobody_writes_as_a_subdomain_is_no_hindrance():
    rows = 'p = "none"\nrows = [{ from = "192.0.2.1", messages = 100 }]\n'
    about = evidence_of(rows).domain("example.com")
    below = readiness.readiness(about, "example.com.", Context([]), names=(Names.SUBDOMAINS,))
    assert not isinstance(below, NotReady)
    few = evidence_of("days = 3\n" + rows).domain("example.com")
    answer = readiness.readiness(few, "example.com.", Context([]), names=(Names.SUBDOMAINS,))
    assert isinstance(answer, NotReady)
    assert [type(each).__name__ for each in answer.missing] == ["TooFewDays"]


def test_what_receivers_did_is_counted():
    evidence = evidence_of(ROWS)
    [about] = evidence
    disposed = [
        dataclasses.replace(flow, disposition=disposition, count=count)
        for flow, disposition, count in zip(
            about.flows, (Disposition.REJECT, Disposition.QUARANTINE), (3, 5), strict=False
        )
    ]
    tally = dataclasses.replace(about, flows=tuple(disposed)).tally
    assert (tally.messages, tally.rejected, tally.quarantined) == (8, 3, 5)


def test_a_signature_that_names_no_key_is_of_none():
    [about] = evidence_of('rows = [{ from = "192.0.2.1", messages = 1, dkim = "s@example.com" }]')
    flows = [
        dataclasses.replace(flow, dkim=(*flow.dkim, DkimResult(*other, "pass")))
        for flow in about.flows
        for other in (("example.com", ""), ("", "s"))
    ]
    found = dataclasses.replace(about, flows=tuple(flows)).by_selector()
    assert [(each.domain, each.selector) for each in found] == [("example.com", "s")]


def test_no_reports_are_no_evidence():
    assert not list(Evidence.of([]))


# ---- policies ----------------------------------------------------------------------------------


def test_a_domain_is_its_own_organisation_by_its_name():
    name = "".join(["example", ".com."])
    own = Cover(name, None, None, Role.ITSELF, "".join(["example.", "com."]))
    assert own.is_organisational is True
    assert dataclasses.replace(own, organisation="com.").is_organisational is False
    assert dataclasses.replace(own, organisation=None).is_organisational is None


def zone(origin: str, text: str) -> Context:
    return Context([masterfile.read(f"$TTL 5\n{text}", "x.zone", origin)])


def test_names_below_count_where_the_domain_is_an_organisation_before_and_after():
    apart = '_dmarc.sub TXT "v=DMARC1; p=none; psd=n"\n_dmarc TXT "v=DMARC1; p=none"\n'
    joined = '_dmarc.sub TXT "v=DMARC1; p=reject"\n_dmarc TXT "v=DMARC1; p=none"\n'
    for before, after in ((apart, joined), (joined, apart)):
        old, new = zone("example.com.", before), zone("example.com.", after)
        change = dmarc_change("sub.example.com.", old, new)
        assert change is not None
        assert [level.names for level in change.levels] == [Names.DOMAIN]
        whole = dmarc_change("example.com.", zone("example.com.", ""), new)
        assert whole is not None
        assert len(whole.levels) == 3


def test_what_was_unknown_and_stays_so_is_no_change():
    old = zone("dev.example.com.", "@ A 192.0.2.1\n")
    new = zone("dev.example.com.", "@ A 192.0.2.2\n")
    assert dmarc_change("dev.example.com.", old, new) is None
    policy = zone("dev.example.com.", '_dmarc TXT "v=DMARC1; p=reject"\n')
    assert dmarc_change("dev.example.com.", old, policy) is not None

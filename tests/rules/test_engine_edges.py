"""The edges of what the rules stand on: answers, evidence, policies, the engine itself.

Every case stands for a mutant that `python -m tests.mutation rules` once left alive.
"""

from __future__ import annotations

import dataclasses
import sys

import pytest

from tests.rules.harness import HEADER, context_of, every_rule, evidence_of, read
from tests.rules.table import spf, world
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.tags import dmarc
from zonelint.grammars.zone import Record
from zonelint.providers.bounces.causes import Cause
from zonelint.rules.config import intent, schema, sender
from zonelint.rules.config.declaration import Thresholds
from zonelint.rules.config.toml_place import locate
from zonelint.rules.core import registry
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Example, Rule
from zonelint.rules.dkim.support.owners import meant_owner
from zonelint.rules.evidence import readiness
from zonelint.rules.evidence.evidence import (
    Disposition,
    DkimResult,
    Evidence,
    NotReady,
    PublishedPolicy,
    Tally,
)
from zonelint.rules.evidence.readiness import percent, published
from zonelint.rules.mail import dmarc_equivalence as harmless_
from zonelint.rules.mail import lookups
from zonelint.rules.mail import tag_faults as tagfaults
from zonelint.rules.mail.dmarc_discovery import Cover, Role
from zonelint.rules.mail.lookups import MX_LIMIT, Fate
from zonelint.rules.mail.meaning import Names, dmarc_change
from zonelint.rules.mail.organisation import domain_with_policy, organisation
from zonelint.rules.model import lock as lockfile
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import Context
from zonelint.rules.model.declaring import is_answered_by
from zonelint.rules.model.questions import Question, after, of_zone
from zonelint.rules.model.subjects import selector_of

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
    fields = {f.name: getattr(rule, f.name) for f in dataclasses.fields(Rule)}
    gated = Rule(**(fields | {"gate": broken}))
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
    for first, second in ((apart, joined), (joined, apart)):
        old, new = zone("example.com.", first), zone("example.com.", second)
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
            context, again = zone("example.com.", own), zone("example.com.", own)
            assert domain_with_policy(name, context) == organisation(name, again).domain, name


def test_a_zone_answers_for_what_no_other_one_holds():
    texts = {
        "example.com.": "@ NS ns.example.net.\nsub NS ns.example.net.\nother NS ns.example.net.\n",
        "sub.example.com.": "@ NS ns.example.net.\n",
    }
    context = Context(
        [masterfile.read(f"$TTL 5\n{text}", "x.zone", origin) for origin, text in texts.items()]
    )
    above, below = context.zones
    answered = ["example.com.", "a.example.com.", "sub.example.com.", "other.example.com."]
    assert [is_answered_by(above, name) for name in answered] == [True, True, False, False]
    assert [is_answered_by(below, name) for name in answered] == [False, False, True, False]


@pytest.mark.parametrize(
    ("before", "after", "harmless"),
    [
        ("v=DMARC1; p=none; sp=reject", "v=DMARC1; p=none", True),
        ("v=DMARC1; p=none; sp=reject", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=none; adkim=s; sp=none", "v=DMARC1; p=none", False),
        ("v=DMARC1; p=none; rua=mailto:a@example.com; sp=none", "v=DMARC1; p=none", False),
        ("v=DMARC1; p=none; fo=1; sp=none", "v=DMARC1; p=none", True),
    ],
)
def test_what_changes_nothing_at_the_domain_itself(before: str, after: str, harmless: bool):
    assert harmless_.is_harmless_below(dmarc.parse(before), after) is harmless


# ---- changes -----------------------------------------------------------------------------------


def record(owner: str, text: str) -> Record:
    rrset = read(f"{HEADER}{text}\n").get(owner, "TXT")
    assert rrset is not None
    return rrset.records[0]


def test_a_record_that_gets_another_name_or_type_is_moved():
    b = record("b.example.com.", 'b TXT "x"')
    for owner, type, moved in (
        ("a.example.com.", "TXT", True),
        ("c.example.com.", "TXT", True),
        ("b.example.com.", "CNAME", True),
        ("b.example.com.", "URI", True),
        ("b.example.com.", "TXT", False),
    ):
        assert Edit(owner, type, b, '"y"').is_move is moved
    assert not Edit("a.example.com.", "TXT", b, None).is_move
    assert not Edit("a.example.com.", "TXT", None, '"y"').is_move


def test_a_change_is_at_its_first_edit():
    first = Edit("a.example.com.", "TXT", None, '"y"')
    change = Change((first, Edit("b.example.com.", "MX", None, "0 .", ttl=60)), "why")
    assert (change.owner, change.type) == ("a.example.com.", "TXT")
    assert change.after("a.example.com.", "TXT") == ['"y"', "b.example.com. 60 MX 0 ."]
    assert change.after("a.example.com.", "A") == [
        'a.example.com. TXT "y"',
        "b.example.com. 60 MX 0 .",
    ]
    assert change.after("a.example.com.", "URI")[0] == 'a.example.com. TXT "y"'


# ---- questions ---------------------------------------------------------------------------------


def test_what_a_zone_asks_for():
    text = (
        '@ TXT "v=spf1 ptr a:a.example.net mx:m.example.net include:i.example.net '
        'exists:e.example.net exp=x.example.net -all"\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.example.org,mailto:d@example.com"\n'
        "k._domainkey CNAME k.example.net.\n_mta-sts CNAME s.example.net.\n"
        "www CNAME w.example.net.\n"
    )
    [mail] = Context([read(HEADER + text)]).zones
    asked = {(question.name, question.type, question.is_spf) for question in of_zone(mail)}
    assert asked == {
        ("a.example.net.", "A", False),
        ("a.example.net.", "AAAA", False),
        ("m.example.net.", "MX", False),
        ("i.example.net.", "TXT", True),
        ("e.example.net.", "A", False),
        ("x.example.net.", "TXT", False),
        ("_dmarc.example.com.", "TXT", False),
        ("_dmarc.com.", "TXT", False),
        ("_dmarc.reports.example.org.", "TXT", False),
        ("_dmarc.example.org.", "TXT", False),
        ("_dmarc.org.", "TXT", False),
        ("example.com._report._dmarc.reports.example.org.", "TXT", False),
        ("k._domainkey.example.com.", "TXT", False),
        ("_mta-sts.example.com.", "TXT", False),
    }


def test_what_an_answer_leads_on_to():
    answers = world(
        {
            "m.example": {"MX": [f"{n} h{n}.example." for n in range(MX_LIMIT + 2)]},
            "none.example": {"MX": ["0 ."]},
            "i.example": spf("v=spf1 a:a.example -all"),
            "two.example": spf("v=spf1 a:a.example -all", "v=spf1 -all"),
        }
    )

    def then(name: str, type: str, is_spf: bool = False) -> list[tuple[str, str]]:
        question = Question(name, type, is_spf)
        return [(q.name, q.type) for q in after(question, answers.ask(name, type))]

    hosts = [f"h{n}.example." for n in range(MX_LIMIT)]
    assert then("m.example.", "MX") == [(host, type) for host in hosts for type in ("A", "AAAA")]
    assert then("none.example.", "MX") == []
    assert then("i.example.", "TXT", True) == [("a.example.", "A"), ("a.example.", "AAAA")]
    assert then("i.example.", "TXT") == []
    assert then("two.example.", "TXT", True) == []


# ---- rules of others ---------------------------------------------------------------------------

THEIRS = """
from collections.abc import Iterator
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import rule
from zonelint.rules.subjects import MailZone

@rule("{code}", "{name}", Severity.INFO, on=MailZone, section="none")
def found(zone: MailZone) -> Iterator[Found]:
    yield from ()
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A rule package, installed beside us: its folder, and the entry point's target."""
    package = tmp_path / "house_rules"
    package.mkdir()
    (package / "__init__.py").write_text(THEIRS.format(code="HOUSE001", name="house-one"))
    (package / "more.py").write_text(THEIRS.format(code="HOUSE002", name="house-two"))
    info = tmp_path / "house_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[zonelint.rules]\nhouse = house_rules\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("house_rules", "house_rules.more"):
        sys.modules.pop(name, None)


def test_every_module_of_an_installed_package_is_read(installed):
    modules = list(registry._installed())
    assert [module.__name__ for module in modules] == ["house_rules", "house_rules.more"]
    codes = [rule.code for module in modules for rule in registry._rules_in(module)]
    assert codes == ["HOUSE001", "HOUSE002"]


def test_a_package_that_cannot_be_loaded_is_named(installed):
    (installed / "house_rules" / "more.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(registry.RegistryError, match=r"house \(house_rules\) cannot be loaded"):
        list(registry._installed())


def test_without_such_packages_nothing_is_searched(installed, monkeypatch):
    (installed / "house_rules-1.0.dist-info" / "entry_points.txt").unlink()
    monkeypatch.setattr(sys, "path", [str(installed), str(installed / "none")])
    assert not registry._any_installed()
    archive = installed / "archive.zip"
    archive.write_bytes(b"")
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert registry._any_installed()


# ---- words -------------------------------------------------------------------------------------


def test_a_cause_explains_the_codes_it_names_and_no_others():
    assert not Cause("a", "b", "c", "d").explains("SPF001")
    assert Cause("a", "b", "c", "d", rules=("SPF",)).explains("SPF001")
    assert not Cause("a", "b", "c", "d", rules=("SPF",)).explains("DKIM001")
    assert Cause("a", "b", "c", "d").in_dns is False


def test_a_long_list_of_words_is_cut():
    assert schema._quoted(["a", "b"], 2) == '"a", "b"'
    assert schema._quoted(["a", "b", "c"], 2) == '"a", "b", …'


def test_severities_have_their_order():
    assert [severity.rank for severity in Severity] == [0, 1, 2]


def test_defaults():
    thresholds = Thresholds()
    assert dataclasses.astuple(thresholds) == (8, 16, 32, 3600, 14400, 30)
    assert dataclasses.astuple(Tally()) == (0,) * len(dataclasses.fields(Tally))


@pytest.mark.parametrize(
    ("owner", "selector", "domain"),
    [
        ("s._domainkey.example.com.", "s", "example.com."),
        ("a.b._domainkey.example.com.", "a.b", "example.com."),
        ("_domainkey.example.com.", None, None),
        ("_adsp._domainkey.example.com.", None, None),
        ("x._adsp._domainkey.example.com.", None, None),
        ("www.example.com.", None, None),
    ],
)
def test_the_selector_of_a_name(owner: str, selector: str | None, domain: str | None):
    assert selector_of(owner) == (selector, domain)


def test_a_fault_without_room_is_at_the_whole_text():
    [mail] = Context([read(f'{HEADER}_dmarc TXT "v=DMARC1; p=none"\n')]).zones
    [subject] = mail.dmarc["_dmarc.example.com."]
    for start, end, place in ((0, 0, (0, 16)), (1, 1, (1, 1)), (0, 3, (0, 3))):
        fault = Fault(FaultKind.SYNTAX, start, end, "x")
        assert tagfaults._place(fault, subject) == place


# ---- what explains a source of mail ------------------------------------------------------------


def test_a_declared_sender_explains_what_left_under_its_own_name():
    zone_text = '@ TXT "v=spf1 ip4:192.0.2.0/24 -all"\n_dmarc TXT "v=DMARC1; p=none"\n'
    reports = """
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail", envelope = "a.amazonses.com" },
    ]
    """
    rule = next(rule for rule in every_rule() if rule.name == "phase-unknown-sources")
    for config, found in (("", 1), ('[domains."example.com"]\nsenders = ["amazon-ses"]\n', 0)):
        example = Example(zone_text, config=config, reports=reports)
        result = Engine([rule]).run(context_of(example))
        assert len(result.findings) == found
        assert not result.undecided


# ---- keys at wrong names -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "selector", "meant"),
    [
        ("s.domainkey.example.com.", None, "s._domainkey.example.com."),
        ("s._domainkey._domainkey.example.com.", None, "s._domainkey.example.com."),
        ("_domainkey.example.com.", "s", "s._domainkey.example.com."),
        ("_domainkey.s.example.com.", "s", "s._domainkey.example.com."),
        ("_domainkey.sub.example.com.", "s", "s._domainkey.sub.example.com."),
        ("s._domainkey.example.com.example.com.", None, "s._domainkey.example.com."),
    ],
)
def test_where_a_key_was_meant_to_stand(owner: str, selector: str | None, meant: str):
    found = meant_owner(owner, "example.com.", selector=selector, is_domain=lambda name: False)
    assert found is not None
    assert found.owner == meant


def test_a_key_in_its_place_is_meant_there():
    def found(owner: str) -> object:
        return meant_owner(owner, "example.com.", selector=None, is_domain=lambda name: False)

    assert found("s._domainkey.example.com.") is None
    unsaid = found("_domainkey.example.com.")
    assert unsaid is not None


# ---- smaller things ----------------------------------------------------------------------------


def test_other_kinds_of_faults_are_left_to_other_rules():
    record = dmarc.parse("p=none; adkim=strict")
    assert tagfaults.mended(record, {FaultKind.TAG_VALUE}) == "p=none; adkim=s"
    both = {FaultKind.TAG_VALUE, FaultKind.VERSION}
    assert tagfaults.mended(record, both) == "v=DMARC1; p=none; adkim=s"


def test_what_a_sender_does_not_say():
    assert sender.build("x", {"spf": {}}).spf.useless_at_domain is False
    assert sender._dkim({"type": "TXT", "selectors": {}}).minimum == 1


def test_lines_are_found_as_deep_as_any_configuration_goes():
    deep = "[" * 5000 + "]" * 5000
    assert locate(f"a = 1\nb = {deep}\nc = 2\n")[("a",)] == 1
    assert locate("a = 1\n\nb = [[[[1]]]]\nc = 2\n")[("c",)] == 4

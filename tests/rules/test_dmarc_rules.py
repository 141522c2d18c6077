"""What the examples of the DMARC rules cannot say: columns, several zones, no double reports."""

from __future__ import annotations

import pytest

from tests.rules.harness import ask_named, changes_of, every_rule, owners_of
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.tags.dmarc import Policy, parse
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding
from zonelint.rules.mail.dmarc_discovery import CoverRole, covering, is_reverse
from zonelint.rules.mail.dmarc_equivalence import is_harmless, visible
from zonelint.rules.mail.dmarc_owner import rightful
from zonelint.rules.model.answers import Held, Status

RULES = [rule for rule in every_rule() if rule.family == "DMARC" or rule.code == "SPF307"]
_HUSHED = {"DMARC102", "DMARC110", "DMARC201"}
"""True of nearly every short record, and no concern of most tests here."""


class Lock:
    """Answers from outside the zones."""

    def __init__(self, texts: dict[str, str | None]) -> None:
        self.texts = texts

    def look(self, name: str, type: str) -> Held | None:
        if type != "TXT" or name not in self.texts:
            return None
        text = self.texts[name]
        return Held(Status.NXDOMAIN) if text is None else Held(Status.RECORDS, (text,))


def context(
    zones: dict[str, str], *, config: str | None = None, lock: dict[str, str | None] | None = None
) -> Context:
    read = [
        masterfile.read(f"$ORIGIN {origin}\n$TTL 3600\n{text}\n", f"{origin}zone", origin)
        for origin, text in zones.items()
    ]
    declared = None if config is None else intent.load(config)
    return Context(read, declared, [] if lock is None else [Lock(lock)])


def run(text: str, *, config: str | None = None) -> Result:
    result = Engine(RULES).run(context({"example.com.": text}, config=config))
    assert not result.crashes, result.crashes
    return result


def told(text: str, *, config: str | None = None) -> list[str]:
    codes = [f.code for f in run(text, config=config).findings]
    return [code for code in codes if code.startswith("DMARC") and code not in _HUSHED]


def at(text: str) -> list[tuple[str, str]]:
    """Code and the source under the caret, for each finding of a one-line zone."""
    return [
        (finding.code, text[finding.span.column - 1 : finding.span.end_column - 1])
        for finding in run(text).findings
        if finding.code not in _HUSHED
    ]


def finding(text: str, code: str) -> Finding:
    (found,) = (f for f in run(text).findings if f.code == code)
    return found


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            "v=DMARC1; p=reject; sp-none; pct100; fo:0",
            [("DMARC001", "sp-none"), ("DMARC001", "pct100"), ("DMARC001", "fo:0")],
        ),
        ("v=dmarc1; p=none", [("DMARC003", "dmarc1")]),
        ("iv=DMARC1; p=none", [("DMARC003", "iv=DMARC1")]),
        ("p=none; v=DMARC1", [("DMARC003", "v=DMARC1")]),
        ("v=DMARC1; p=quarentine", [("DMARC005", "quarentine")]),
        ("v=DMARC1; p=none; adkim=strict", [("DMARC007", "strict")]),
        ("v=DMARC1; p=none; p=reject", [("DMARC008", "p=reject")]),
        (
            "v=DMARC1; p=none; ruaa=mailto:a@example.com",
            [("DMARC009", "ruaa")],
        ),
        ("v=DMARC1; p=none; rua=a@example.com", [("DMARC010", "a@example.com")]),
        ("v=DMARC1; p=none; rua=https://a.example/b", [("DMARC010", "https://a.example/b")]),
        ("v=DMARC1; p=reject; sp=none", [("DMARC103", "sp=none")]),
        ("v=DMARC1; p=reject; pct=20", [("DMARC105", "pct=20")]),
        ("v=DMARC1; p=reject; rf=afrf ;ri=1", [("DMARC106", "rf=afrf"), ("DMARC106", "ri=1")]),
        ("v=DMARC1; p=none; rua=mailto:a@example.net!10m", [("DMARC107", "!10m")]),
        ("v=DMARC1; p=reject; t=y", [("DMARC108", "t=y")]),
        ("v=DMARC1; p=reject; psd=y", [("DMARC109", "psd=y")]),
        ("v=DMARC1; p=none; fo=1", [("DMARC111", "fo=1")]),
        ("v=DMARC1; p=none; psd=U", [("DMARC113", "psd=U")]),
        # One fault, one finding.
        ("v=DMARC1; p=none; fo=0", [("DMARC111", "fo=0")]),
        ("v=DMARC1; p=none; pct=200", [("DMARC007", "200")]),
        ("v=DMARC1; p=reject; adkim=relaxed; aspf=s", [("DMARC007", "relaxed")]),
        ("v=DMARC1; p-none", [("DMARC001", "p-none")]),
        ("v=DMARC1; p=", [("DMARC005", "")]),
        ("v=DMARC1; p=none; t=y", []),
    ],
)
def test_findings_stand_at_the_exact_place(record: str, expected: list[tuple[str, str]]) -> None:
    assert at(f'_dmarc TXT "{record}"') == expected


def test_relaxed_alignment_stands_at_the_tag_or_the_record() -> None:
    line = '_dmarc TXT "v=DMARC1; p=none; aspf=r"'
    span = finding(line, "DMARC201").span
    assert line[span.column - 1 : span.end_column - 1] == "aspf=r"
    span = finding('_dmarc TXT "v=DMARC1; p=none"', "DMARC201").span
    assert span.column == 12


@pytest.mark.parametrize(
    ("config", "severity"),
    [
        (None, "info"),
        ('[domains."example.com".dmarc]\nalignment = "strict"', "warning"),
        ('[domains."example.com".dmarc]\nalignment = "relaxed"', None),
    ],
)
def test_alignment_weighs_what_is_declared(config: str | None, severity: str | None) -> None:
    found = run('_dmarc TXT "v=DMARC1; p=none"', config=config).findings
    assert [str(f.severity) for f in found if f.code == "DMARC201"] == [severity] * bool(severity)


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        ("v=DMARC1; p=none; pct=50", "warning"),
        ("v=DMARC1; p=quarantine; pct=50", "error"),
        ("v=DMARC1; p=reject; pct=0", "error"),
    ],
)
def test_a_percentage_is_an_error_where_mail_is_at_stake(record: str, severity: str) -> None:
    assert str(finding(f'_dmarc TXT "{record}"', "DMARC105").severity) == severity


# -- no cascades ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "codes"),
    [
        ('_dmarc TXT "v=dmarc1; p=none"', ["DMARC003"]),
        ('_dmarc TXT "rua=mailto:a@example.com; p=none"', ["DMARC003"]),
        ('@ TXT "v=DMARC1; p=none"', ["DMARC004"]),
        ('dmarc TXT "v=dmarc1; p=none"', ["DMARC004"]),
        ('_dmarc.example.com TXT "v=DMARC1; p=none"', ["DMARC004"]),
        ('_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"', ["DMARC002"]),
        ('_dmarc TXT "v=DMARC1; p=nome"', ["DMARC005"]),
        ('_dmarc TXT "hello"', ["DMARC101"]),
        ('_dmarc TXT "v=DMARC1; p=none"\n*._report._dmarc TXT "v=DMARC1; p=none"', []),
    ],
)
def test_a_broken_record_is_told_once(zone: str, codes: list[str]) -> None:
    assert told(f"@ MX 10 mail\n{zone}") == codes


def test_a_subdomain_is_no_second_domain_without_dmarc() -> None:
    zone = "@ MX 10 mail\nshop MX 10 mail\nnews MX 10 mail"
    assert told(zone) == ["DMARC101"]
    assert told(f'{zone}\n_dmarc TXT "v=DMARC1; p=none"') == []


def test_a_subdomain_with_a_hidden_record_of_its_own_is_told_there() -> None:
    assert told('shop MX 10 mail\n_dmarc.shop TXT "v=dmarc1; p=none"') == ["DMARC003"]


def test_reverse_zones_have_no_mail_rules() -> None:
    zones = {"2.0.192.in-addr.arpa.": "@ MX 10 mail.example.com.\n7 A 192.0.2.7"}
    result = Engine(RULES).run(context(zones))
    assert not result.findings
    assert not result.undecided
    assert is_reverse("8.b.d.0.1.0.0.2.ip6.arpa.")
    assert not is_reverse("arpa.example.com.")


# -- several zones, the lock, what is not known --------------------------------------------------


def test_a_zone_below_its_organisation_is_undecided_alone() -> None:
    result = Engine(RULES).run(context({"dev.example.com.": "@ MX 10 mail\nwww A 192.0.2.1"}))
    assert not result.findings
    assert {(u.code, u.missing) for u in result.undecided} == {
        ("DMARC101", ("_dmarc.example.com.",)),
        ("SPF307", ("_dmarc.example.com.",)),
    }


def test_a_zone_below_its_organisation_is_covered_from_above() -> None:
    zones = {
        "dev.example.com.": "@ MX 10 mail\nwww A 192.0.2.1",
        "example.com.": '_dmarc TXT "v=DMARC1; p=reject"\ndev NS ns.example.net.',
    }
    result = Engine(RULES).run(context(zones))
    assert {f.code for f in result.findings} <= _HUSHED
    assert not result.undecided


@pytest.mark.parametrize(
    ("above", "codes"), [("v=DMARC1; p=reject", set()), (None, {"DMARC101", "SPF307"})]
)
def test_the_lock_decides_as_a_zone_does(above: str | None, codes: set[str]) -> None:
    zones = {"dev.example.com.": "@ MX 10 mail\nwww A 192.0.2.1"}
    result = Engine(RULES).run(context(zones, lock={"_dmarc.example.com.": above}))
    assert {f.code for f in result.findings} == codes
    assert not result.undecided


def test_policies_for_subdomains_below_an_unknown_organisation_are_undecided() -> None:
    zones = {"dev.example.com.": '_dmarc TXT "v=DMARC1; p=reject; sp=none"'}
    result = Engine(RULES).run(context(zones))
    assert {u.code for u in result.undecided} == {"DMARC103", "DMARC104"}
    assert not {"DMARC103", "DMARC104"} & {f.code for f in result.findings}


@pytest.mark.parametrize("origin", ["example.co.uk.", "example.com.", "someone.github.io."])
def test_nothing_above_a_public_suffix_has_to_be_known(origin: str) -> None:
    result = Engine(RULES).run(context({origin: "@ MX 10 mail"}))
    assert [f.code for f in result.findings] == ["DMARC101"]
    assert not result.undecided


def test_keys_of_the_zone_above_count_in_relaxed_alignment() -> None:
    below = '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"'
    key = "s1._domainkey CNAME s1._domainkey.example.net.\ndev NS ns.example.net."
    alone = Engine(RULES).run(context({"dev.example.com.": below}))
    assert [u.missing for u in alone.undecided if u.code == "DMARC203"] == [
        ("the zone example.com",)
    ]
    strict = below.replace("p=reject", "p=reject; adkim=s")
    for text, zone, expected in ((below, key, 0), (strict, "", 1), (below, "dev NS ns.x.", 1)):
        zones = {"dev.example.com.": text, "example.com.": zone}
        result = Engine(RULES).run(context(zones))
        assert sum(f.code == "DMARC203" for f in result.findings) == expected


def test_an_unread_part_of_the_zone_leaves_it_undecided() -> None:
    result = run("$INCLUDE rest.zone\n@ MX 10 mail\nwww A 192.0.2.1")
    assert {u.code for u in result.undecided} == {"DMARC101", "SPF307"}
    assert not result.findings


# -- policy.covering -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "domain", "policy", "role", "organisation"),
    [
        (
            '_dmarc TXT "v=DMARC1; p=reject"',
            "example.com.",
            "reject",
            CoverRole.ITSELF,
            "example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=reject; sp=none; np=quarantine"\nwww A 192.0.2.1',
            "www.example.com.", "none", CoverRole.SUBDOMAIN, "example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=reject; sp=none; np=quarantine"\nwww A 192.0.2.1',
            "gone.example.com.", "quarantine", CoverRole.NONEXISTENT, "example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=none; sp=reject"\n_dmarc.b TXT "v=DMARC1; p=quarantine"\n'
            "a.b A 192.0.2.1",
            "a.b.example.com.", "reject", CoverRole.SUBDOMAIN, "example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=none"\n_dmarc.b TXT "v=DMARC1; p=reject; psd=n"\n'
            "a.b A 192.0.2.1",
            "a.b.example.com.", "reject", CoverRole.SUBDOMAIN, "b.example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=reject; psd=y"\na.b A 192.0.2.1',
            "a.b.example.com.", "reject", CoverRole.SUBDOMAIN, "b.example.com.",
        ),
        (
            '_dmarc TXT "v=DMARC1; p=reject"\n_dmarc TXT "v=DMARC1; p=none"',
            "example.com.", None, CoverRole.ITSELF, "example.com.",
        ),
        ('_dmarc TXT "v=DMARC1; p=what"', "example.com.", None, CoverRole.ITSELF, "example.com."),
        (
            '_dmarc CNAME all\nall TXT "v=DMARC1; p=reject"',
            "example.com.", "reject", CoverRole.ITSELF, "example.com.",
        ),
    ],
)  # fmt: skip
def test_covering_follows_the_tree_walk(
    zone: str, domain: str, policy: str | None, role: CoverRole, organisation: str
) -> None:
    cover = covering(context({"example.com.": zone}), domain)
    assert cover.is_known
    assert cover.policy() == (None if policy is None else Policy(policy))
    assert cover.role is role
    assert cover.organisation == organisation


def test_covering_names_what_it_would_have_to_know() -> None:
    cover = covering(context({"example.com.": "_dmarc CNAME x.policies.test."}), "example.com.")
    assert not cover.is_known
    assert cover.missing == ("x.policies.test.",)
    own = covering(context({"dev.example.com.": '_dmarc TXT "v=DMARC1"'}), "dev.example.com.")
    assert own.is_known
    assert own.is_organisational is None


# -- where records belong, and what may be done without asking -----------------------------------


@pytest.mark.parametrize(
    ("owner", "place"),
    [
        ("example.com.", "_dmarc.example.com."),
        ("dmarc.example.com.", "_dmarc.example.com."),
        ("_dmark.shop.example.com.", "_dmarc.shop.example.com."),
        ("_dmarc._dmarc._dmarc.example.com.", "_dmarc.example.com."),
        ("_dmarc.example.com.example.com.", "_dmarc.example.com."),
        ("dmarc.a.example.com.example.com.", "_dmarc.a.example.com."),
        ("_dmarc.example.com.", None),
        ("_dmarc.a.b.example.com.", None),
        ("policy.example.com.", None),
        ("example.net._report._dmarc.example.com.", None),
        ("*._dmarc.example.com.", None),
    ],
)
def test_rightful_owner(owner: str, place: str | None) -> None:
    assert rightful(owner, "example.com.") == place


@pytest.mark.parametrize(
    ("before", "after", "harmless"),
    [
        ("v=DMARC1; p=reject; pct=100", "v=DMARC1; p=reject", True),
        ("v=DMARC1; p=reject; pct=50", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=none; pct=50", "v=DMARC1; p=none", True),
        ("v=DMARC1; sp=reject; rua=mailto:a@b.test", "v=DMARC1; p=none; sp=reject", False),
        ("v=DMARC1", "v=DMARC1; p=none", True),
        ("v=DMARC1; p=none; adkim=strict", "v=DMARC1; p=none; adkim=s", False),
        ("v=DMARC1; p=none; adkim=relaxed", "v=DMARC1; p=none; adkim=r", True),
        ("v=DMARC1; p=reject; t=y", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=none; rua=mailto:a@b.test", "v=DMARC1; p=none", False),
        ("v=DMARC1; p=none; fo=1", "v=DMARC1; p=none", True),
        ("v=DMARC1; p=none; fo=1; ruf=mailto:a@b.test", "v=DMARC1; p=none; ruf=mailto:a@b.test",
         False),
        ("v=dmarc1; p=none", "v=DMARC1; p=none", False),  # none before
        ("v=dmarc1; p=reject", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=“reject”", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=reject; rua=mailto:a@b.test\u200b", "v=DMARC1; p=reject; rua=mailto:a@b.test",
         True),
        ("v=DMARC1; p=none", "hello", False),
    ],
)  # fmt: skip
def test_harmless_means_that_mail_flow_cannot_change(
    before: str, after: str, harmless: bool
) -> None:
    assert is_harmless(parse(before), after) is harmless


def test_a_record_that_appears_below_an_enforcing_policy_is_a_proposal() -> None:
    hidden = '_dmarc.shop TXT "v=dmarc1; p=none"\nshop A 192.0.2.1'
    for above, safe in (("p=none", False), ("p=reject", False)):
        found = finding(f'_dmarc TXT "v=DMARC1; {above}"\n{hidden}', "DMARC003")
        assert found.change is not None
        assert found.change.safe is safe


def test_visible_gives_up_where_no_version_helps() -> None:
    assert visible("v=DMARC1, p=none") == "v=DMARC1; p=none"
    assert visible("") in (None, "v=DMARC1")


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        # A semicolon without quotes begins a comment: that is the one fault of such a record.
        ("v=DMARC1; p=reject; rua=mailto:d@example.com", {"DMARC001"}),
        ("v=DMARC1 ;p=reject", {"DMARC001"}),
        (r"v=DMARC1\;p=reject; rua=mailto:d@example.com", {"DMARC001"}),
        # These comments are no part of the record.
        ("v=DMARC1; owner=dns-team", {"DMARC006", "DMARC110", "DMARC201"}),
        ("v=DMARC1; as agreed", {"DMARC006", "DMARC110", "DMARC201"}),
        (r"v=DMARC1\;p=reject ; rua will come", {"DMARC110", "DMARC201"}),
        ('"v=DMARC1; p=reject" ; p=none till May', {"DMARC110", "DMARC201"}),
    ],
)
def test_a_record_that_its_semicolons_cut_off_has_one_fault(record: str, codes: set[str]) -> None:
    assert {finding.code for finding in run(f"_dmarc TXT {record}").findings} == codes


def test_the_comment_that_was_lost_is_what_the_finding_points_at() -> None:
    (finding,) = run("_dmarc TXT v=DMARC1; p=none; rua=mailto:d@example.com").findings
    assert (finding.span.line, finding.span.column, finding.span.end_column) == (3, 20, 54)
    assert finding.change is not None
    assert not finding.change.safe


ED_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_a_public_suffix_may_say_that_it_is_one():
    record = '_dmarc TXT "v=DMARC1; p=reject; psd=y"\n'
    assert not ask_named("dmarc-psd", f"$ORIGIN co.uk.\n$TTL 5\n{record}").findings
    assert ask_named("dmarc-psd", f"$ORIGIN example.co.uk.\n$TTL 5\n{record}").findings


def test_reverse_zones_and_policies_that_ask_for_nothing_need_no_key():
    sends = '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p={}"\n'
    name = "dmarc-reject-without-dkim"
    assert ask_named(name, sends.format("reject")).findings
    assert not ask_named(name, sends.format("none")).findings
    reverse = "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 5\n"
    result = ask_named(name, reverse + sends.format("reject"))
    assert not result.findings
    assert not result.undecided


def test_a_key_directly_below_the_zone_is_a_key():
    zone = '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\nsub NS ns.example.net.\n'
    sub = f'$ORIGIN sub.example.com.\n$TTL 5\nk._domainkey TXT "{ED_KEY}"\n'
    other = f'$ORIGIN other.example.\n$TTL 5\nk._domainkey TXT "{ED_KEY}"\n'
    name = "dmarc-reject-without-dkim"
    assert not ask_named(name, zone, sub).findings
    assert ask_named(name, zone, other).findings


def test_every_size_limit_goes():
    record = "v=DMARC1; p=none; rua=mailto:a@example.com!10m,mailto:bcd@example.com!20000k"
    clean = "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:bcd@example.com"
    result = ask_named("dmarc-uri-size", f'_dmarc TXT "{record}"\n')
    assert changes_of(result) == [[f'"{clean}"'], [f'"{clean}"']]


def test_of_two_records_that_nobody_reads_neither_is_put_right():
    records = '_dmarc TXT "v=dmarc1; p=none"\n_dmarc TXT "v=DMARC; p=none"\n'
    result = ask_named("dmarc-version", records)
    assert len(result.findings) == 2
    assert changes_of(result) == [[], []]
    assert all("merge" in finding.advice for finding in result.findings)


def test_a_record_at_the_wrong_name_does_not_hide_the_next():
    record = 'TXT "v=DMARC1; p=none"\n'
    zone = f"_dmarc {record}@ {record}dmarc.a {record}_dmarc._dmarc.b {record}"
    found = owners_of(ask_named("dmarc-wrong-owner", zone))
    assert found == ["example.com.", "dmarc.a", "_dmarc._dmarc.b"]


def test_only_what_cannot_be_meant_is_removed():
    record = "v=DMARC1; p=none; fo=x; adkim=strict; pct=999; sp=none"
    result = ask_named("dmarc-tag-value", f'_dmarc TXT "{record}"\n')
    assert changes_of(result)[0] == ['"v=DMARC1; p=none; adkim=s; sp=none"']


def test_two_records_at_one_name_do_not_hide_those_at_the_next():
    record = 'TXT "v=DMARC1; p=none"\n'
    other = 'TXT "v=DMARC1; p=reject"\n'
    zone = f"x {record}x {other}_dmarc {record}_dmarc {other}"
    assert set(owners_of(ask_named("dmarc-multiple-records", zone))) == {"_dmarc"}


def test_an_ignored_tag_of_a_doubtful_record_is_not_removed_unasked():
    above = '_dmarc TXT "v=DMARC1; p=reject"\n'
    for record, safe in (
        ("v=DMARC1; p=reject; sp=reject", True),
        ("v=DMARC1; p=reject; sp=none; adkim-s", False),
    ):
        [finding] = ask_named("dmarc-sp-ignored", f'{above}_dmarc.a TXT "{record}"\n').findings
        assert finding.change is not None
        assert finding.change.safe is safe


def test_the_version_is_marked_whatever_else_is_wrong():
    line = '_dmarc TXT "v=dmarc1; p=nnone; foo"'
    [finding] = ask_named("dmarc-version", f"{line}\n").findings
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == "dmarc1"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("v=dmarc1; p=none; rua=mailto:d@example.com &lt;d@example.com&gt;;",
         {"DMARC001", "DMARC003", "DMARC010"}),
        ("v=DMARC1, p=none, rua=d@example.com", {"DMARC001", "DMARC003", "DMARC010"}),
        ("v=DMARC1: p=nne; adkim=strict; p=none",
         {"DMARC003", "DMARC005", "DMARC007", "DMARC008"}),
        ("p=none; v=DMARC1; rua=mailto:d@example.com", {"DMARC003"}),
        ("_dmarc= v=DMARC1; p=none; rua=mailto:d@example.com", {"DMARC003"}),
    ],
)  # fmt: skip
def test_what_else_is_wrong_with_a_hidden_record_is_told_with_its_version(text, codes):
    findings = run(f'_dmarc TXT "{text}"').findings
    assert {f.code for f in findings} - _HUSHED == codes
    assert all(f.change is None or f.code == "DMARC003" for f in findings)


@pytest.mark.parametrize(
    ("other", "which"),
    [("dmarc", "the record at _dmarc.example.com.example.com"), ("_dmarc.example.com", "another")],
)
def test_of_several_astray_for_one_owner_the_strongest_moves(other: str, which: str) -> None:
    weak = f'{other} TXT "v=DMARC1; p=none"'
    strong = '_dmarc.example.com TXT "v=DMARC1; p=reject"'
    for text in (f"{weak}\n{strong}\n", f"{strong}\n{weak}\n"):
        result = ask_named("dmarc-wrong-owner", text)
        moved = [finding for finding in result.findings if finding.change is not None]
        assert [f.change.edits[0].after for f in moved if f.change] == ['"v=DMARC1; p=reject"']
        (left,) = (finding for finding in result.findings if finding.change is None)
        assert f"{which} belongs there too, and only one" in left.message
        assert "already published" not in left.message


def test_leave_to_send_reports_that_another_zones_alias_leads_to_is_no_policy() -> None:
    zones = {
        "example.com.": "*._report._dmarc CNAME leave.other.example.\n",
        "other.example.": 'leave TXT "v=DMARC1"\n',
    }
    result = Engine(RULES).run(context(zones))
    assert not [found.code for found in result.findings if found.owner == "leave.other.example."]

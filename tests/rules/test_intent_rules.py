"""Rules about what zonelint.toml declares, beyond their examples."""

from __future__ import annotations

import pytest

from tests.rules.harness import HEADER, ask
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Severity, Undecided
from zonelint.rules.core.rule import Rule
from zonelint.rules.model.lock import parse


def rules(*codes: str) -> list[Rule]:
    return [rule for rule in registry.rules() if rule.code.startswith(codes)]


def run(zone: str, config: str, *codes: str, lock: str | None = None) -> Result:
    view = masterfile.read(HEADER + zone, "example.com.zone", "example.com.")
    outside = [] if lock is None else [parse(lock, complete=False)]
    return ask(rules(*codes), Context([view], intent.load(config), outside))


def declared(*senders: str, more: str = "") -> str:
    return f'[domains."example.com"]\nsenders = {list(senders)}\n{more}'


TARGET = "example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
KNOWN = f"""
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-{TARGET}"
selector2 = "selector2-{TARGET}"
"""


def test_several_missing_senders_are_one_change() -> None:
    result = run(
        '@ TXT "v=spf1 mx -all"\n',
        declared("microsoft365", "google-workspace", "hubspot"),
        "SPF210",
    )
    assert len(result.findings) == 3
    changes = {id(finding.change) for finding in result.findings}
    assert len(changes) == 1
    assert result.findings[0].change is not None
    assert result.findings[0].change.after("example.com.", "TXT") == [
        '"v=spf1 mx include:spf.protection.outlook.com include:_spf.google.com -all"'
    ]
    severities = {f.message.split("name ")[1].split(" (")[0]: f.severity for f in result.findings}
    assert severities["Microsoft 365"] is Severity.ERROR
    assert min(severities.values(), key=lambda each: each.rank) is Severity.INFO


@pytest.mark.parametrize("slip", ["outlok", "outloook", "outlokk", "oulook"])
def test_a_misspelt_include_is_named_at_its_term(slip: str) -> None:
    text = f'@ TXT "v=spf1 include:spf.protection.{slip}.com -all"\n'
    result = run(text, declared("microsoft365"), "SPF21")
    (finding,) = result.findings
    assert finding.code == "SPF210"
    assert f"`spf.protection.{slip}.com` looks like a misspelling of `" in finding.message
    assert finding.span.column == text.index("include") + 1


def test_a_slip_that_is_a_service_of_its_own_is_left_alone() -> None:
    lock = '["spf.protection.outlok.com."]\nseen = 2026-11-24\nTXT = ["v=spf1 -all"]\n'
    text = '@ TXT "v=spf1 include:spf.protection.outlok.com -all"\n'
    (finding,) = run(text, declared("microsoft365"), "SPF210", lock=lock).findings
    assert "does not name Microsoft 365" in finding.message


def test_an_unknown_include_may_name_the_sender() -> None:
    text = '@ TXT "v=spf1 include:flat.example.net include:_spf.google.com -all"\n'
    result = run(text, declared("microsoft365", "google-workspace"), "SPF210")
    assert not result.findings
    assert result.undecided == [Undecided("SPF210", "example.com.", ("flat.example.net.",))]
    lock = """
["flat.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 include:spf.protection.outlook.com -all"]
"""
    result = run(text, declared("microsoft365", "google-workspace"), "SPF210", lock=lock)
    assert not result.findings
    assert not result.undecided


def test_a_users_own_sender_counts() -> None:
    config = declared("ours") + '[senders.ours]\nspf.includes = ["spf.ours.example"]\n'
    (missing,) = run('@ TXT "v=spf1 mx -all"\n', config, "SPF21").findings
    assert missing.change is not None
    assert "include:spf.ours.example" in missing.change.edits[0].after
    assert not run('@ TXT "v=spf1 include:spf.ours.example -all"\n', config, "SPF21").findings


@pytest.mark.parametrize(
    ("stage", "ending"),
    [('spf = "final"\n', "-all"), ('spf = "transition"\n', "~all"), ("", "~all")],
)
def test_a_new_record_ends_as_declared(stage: str, ending: str) -> None:
    result = run("@ MX 10 mail\n", declared("microsoft365", more=stage), "SPF210")
    (finding,) = result.findings
    assert finding.change is not None
    assert (
        finding.change.edits[0].after == f'"v=spf1 mx include:spf.protection.outlook.com {ending}"'
    )


def test_a_domain_that_another_zone_answers_for_is_not_judged() -> None:
    config = '[domains."team.example.com"]\nsenders = ["microsoft365"]\n'
    assert not run("team NS ns1.example.net.\n", config, "SPF210", "DKIM101").findings
    assert not run("@ A 203.0.113.7\n", config.replace("team.example.com", "example.org"), "SPF",
                   "DKIM").findings  # fmt: skip


def test_both_selectors_of_microsoft_are_asked_for_and_never_made_up() -> None:
    result = run("@ MX 10 mail\n", declared("microsoft365"), "DKIM101")
    assert [finding.owner for finding in result.findings] == [
        "selector1._domainkey.example.com.",
        "selector2._domainkey.example.com.",
    ]
    for finding in result.findings:
        assert finding.change is None
        assert "security.microsoft.com" in finding.found.advice
        assert '[domains."example.com".microsoft365] dkim = { selector' in finding.found.advice


def test_declared_targets_are_proposed() -> None:
    result = run("@ MX 10 mail\n", declared("microsoft365", more=KNOWN), "DKIM101")
    assert [finding.change and finding.change.edits[0].after for finding in result.findings] == [
        f"selector1-{TARGET}.",
        f"selector2-{TARGET}.",
    ]


def test_a_selector_at_a_wrong_name_is_told_once() -> None:
    zone = f"selector1.domainkey CNAME selector1-{TARGET}.\n"
    result = run(zone, declared("microsoft365", more=KNOWN), "DKIM")
    assert {(f.code, f.owner) for f in result.findings} == {
        ("DKIM008", "selector1.domainkey.example.com."),
        ("DKIM101", "selector2._domainkey.example.com."),
    }


def test_old_and_new_forms_may_stand_side_by_side() -> None:
    old = "selector1-example-com._domainkey.contoso.onmicrosoft.com."
    zone = f"selector1._domainkey CNAME {old}\nselector2._domainkey CNAME selector2-{TARGET}.\n"
    assert not run(zone, declared("microsoft365"), "DKIM10").findings


def test_two_tenants_are_told_at_the_second() -> None:
    zone = (
        f"selector1._domainkey CNAME selector1-{TARGET}.\n"
        f"selector2._domainkey CNAME selector2-{TARGET.replace('contoso', 'fabrikam')}.\n"
    )
    (finding,) = run(zone, declared("microsoft365"), "DKIM10").findings
    assert finding.owner == "selector2._domainkey.example.com."
    assert "tenant fabrikam" in finding.message
    assert "tenant contoso" in finding.message


def test_a_swapped_target_is_proposed_only_where_nothing_of_it_is_drawn_for_each_key() -> None:
    vendor = "custdkim.salesforce.com."
    zone = f"sf1._domainkey CNAME sf2.1ab2cd.{vendor}\nsf2._domainkey CNAME sf1.3cd4ef.{vendor}\n"
    found = run(zone, declared("salesforce"), "DKIM102").findings
    assert [finding.change for finding in found] == [None, None]
    assert "points at the key of sf2" in found[0].message
    zone = f"selector1._domainkey CNAME selector2-{TARGET}.\n"
    (finding,) = run(zone, declared("microsoft365"), "DKIM102").findings
    assert finding.change is not None


BULK = '[domains."example.com"]\nprofile = "bulk-sender"\n'


def test_what_a_bulk_sender_lacks_is_an_error() -> None:
    result = run(
        '@ A 203.0.113.7\n@ TXT "v=spf1 a -all"\n', BULK, "SPF2", "DMARC101", "DKIM1", "MX"
    )
    assert {(f.code, f.severity) for f in result.findings} == {
        ("DMARC101", Severity.ERROR),
        ("DKIM101", Severity.ERROR),
        ("MX004", Severity.ERROR),
    }
    sending = BULK.replace("bulk-sender", "sending")
    result = run("@ A 203.0.113.7\n", sending, "SPF210", "DKIM1", "MX")
    assert {f.code for f in result.findings} == {"SPF210"}


def test_a_parked_domain_needs_no_sender() -> None:
    config = '[domains."example.com"]\nprofile = "parked"\nsenders = ["microsoft365"]\n'
    zone = '@ TXT "v=spf1 -all"\n@ MX 0 .\n'
    assert not run(zone, config, "SPF2", "DKIM1", "MX004").findings


def test_the_other_of_spf_and_dkim_makes_it_a_warning() -> None:
    zone = '_dmarc TXT "v=DMARC1; p=reject; {}"\n'
    mailgun = declared(
        "mailgun", more='[domains."example.com".mailgun]\nenvelope = "mg.example.com"\n'
    )
    for tags, severity in (
        ("adkim=s; aspf=s", Severity.ERROR),
        ("adkim=s", Severity.WARNING),
        ("aspf=s", Severity.WARNING),
    ):
        (finding,) = run(zone.format(tags), mailgun, "DMARC202").findings
        assert finding.severity is severity


@pytest.mark.parametrize(
    ("above", "below", "complete", "found", "open"),
    [
        ("", None, True, {"DKIM101", "DMARC203"}, set()),
        ("", "selector1 CNAME {}\nselector2 CNAME {}\n", True, set(), set()),
        ("", "selector1 CNAME {}\n", True, {"DKIM101"}, set()),
        ("", "", False, set(), {"DKIM101", "DMARC203"}),
        ("_domainkey NS ns1.example.net.\n", "selector1 CNAME {}\nselector2 CNAME {}\n", True,
         set(), set()),
    ],
)  # fmt: skip
def test_a_zone_of_its_own_has_the_keys_whether_it_is_delegated_or_not(
    above: str, below: str | None, complete: bool, found: set[str], open: set[str]
) -> None:
    text = f'@ MX 0 m\nm A 192.0.2.1\n_dmarc TXT "v=DMARC1; p=reject"\n{above}'
    zones = [masterfile.read(HEADER + text, "example.com.zone", "example.com.")]
    if below is not None:
        origin = "_domainkey.example.com."
        text = "$TTL 3600\n" + below.replace("{}", f"s-{TARGET}.")
        zones.append(masterfile.read(text, "keys.zone", origin))
        zones[-1].complete = complete
    context = Context(zones, intent.load(declared("microsoft365")))
    said = ask(rules("DKIM101", "DMARC203"), context)
    assert {each.code for each in said.findings} == found
    assert {each.code for each in said.undecided} == open

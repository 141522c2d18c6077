"""What the examples of the transport rules cannot say: places, severities, what is unknown."""

from __future__ import annotations

import pytest

from tests.rules.harness import HEADER, ask, ask_named, owners_of
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import UNREAD
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule

PARKED = '[domains."example.com"]\nprofile = "parked"\n'


def only(*codes: str) -> list[Rule]:
    return [rule for rule in registry.rules() if rule.code in codes]


def asked(code: str, zone: str, declared: str | None = None, *, complete: bool = True) -> Result:
    read = masterfile.read(HEADER + zone, "example.com.zone", "example.com.")
    read.complete = complete
    config = None if declared is None else intent.load(declared, "zonelint.toml")
    return ask(only(code), Context([read], config))


def test_a_second_mta_sts_record_is_told_at_its_place() -> None:
    zone = '_mta-sts TXT "v=STSv1; id=1"\n_mta-sts TXT "v=STSv1; id=2"\n'
    (found,) = asked("STS001", zone).findings
    assert found.span.line == 4
    assert "record 2 of 2" in found.message


def test_a_bad_identifier_is_told_at_the_identifier() -> None:
    (found,) = asked("STS001", '_mta-sts TXT "v=STSv1; id=2026-03-01"\n').findings
    assert (found.span.line, found.span.column, found.span.end_column) == (3, 27, 37)


def test_an_alias_of_the_provider_is_a_host() -> None:
    zone = '_mta-sts TXT "v=STSv1; id=1"\nmta-sts ALIAS sts.example.net.\n'
    assert asked("STS002", zone).findings == []


def test_where_the_alias_of_a_policy_host_leads_is_told() -> None:
    zone = '_mta-sts TXT "v=STSv1; id=1"\nmta-sts CNAME gone\n'
    (found,) = asked("STS002", zone).findings
    assert "mta-sts.example.com, an alias that leads to gone.example.com, which does not" in (
        found.message
    )
    assert found.advice.startswith("Correct the alias at mta-sts.example.com")
    assert found.change is None


def test_what_half_a_zone_does_not_hold_may_be_in_the_other_half() -> None:
    zone = """\
@ MX 10 mail
@ MX 20 192.0.2.1.
@ TXT "v=spf1 a:a.example.com a:b.example.com a:c.example.com include:_spf.example.com -all"
s1._domainkey CNAME s1.dkim
"""
    for code, name in (
        ("MX002", UNREAD),
        ("SPF101", "_spf.example.com."),
        ("DKIM013", "s1.dkim.example.com."),
    ):
        result = asked(code, zone, complete=False)
        assert [f.message for f in result.findings if "192.0.2.1" not in f.message] == []
        assert [undecided.missing for undecided in result.undecided] == [(name,)]
    for code in ("SPF103", "SPF106"):
        assert asked(code, zone).findings
        assert asked(code, zone, complete=False).findings == []
    # What it does hold is certain all the same.
    assert asked("MX002", zone + "mail A 192.0.2.2", complete=False).undecided == []


def test_what_is_missing_in_half_a_zone_is_unknown() -> None:
    zone = '_mta-sts TXT "v=STSv1; id=1"\n@ A 192.0.2.1\n'
    assert not asked("TLSRPT002", zone).findings  # STS002 tells that no host serves the policy
    for code in ("STS002", "TLSRPT002", "PARK001"):
        result = asked(code, zone.partition("\n")[2] if code == "PARK001" else zone, complete=False)
        assert result.findings == []
        assert [undecided.code for undecided in result.undecided] == [code]


def test_reports_are_not_proposed_to_strangers() -> None:
    zone = (
        '_mta-sts TXT "v=STSv1; id=1"\nmta-sts A 192.0.2.1\n'
        '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example.net"\n'
    )
    (found,) = asked("TLSRPT002", zone).findings
    assert found.change is None


def test_parking_is_safe_only_where_it_is_declared() -> None:
    zone = "@ A 192.0.2.1\n"
    (shown,) = asked("PARK001", zone).findings
    (declared,) = asked("PARK001", zone, PARKED).findings
    (evident,) = asked("PARK001", f'{zone}@ MX 0 .\n@ TXT "v=spf1 -all"\n').findings
    assert shown.change is None  # the address may get mail
    assert evident.change is not None
    assert declared.change is not None
    assert (evident.change.safe, declared.change.safe) == (False, True)
    assert len(declared.change.edits) == 3


def test_parking_a_domain_that_has_mail_is_never_safe() -> None:
    for zone in ("@ MX 10 mail.example.net.\n", '@ TXT "v=spf1 a -all"\n'):
        (found,) = asked("PARK001", zone, PARKED).findings
        assert found.change is not None
        assert not found.change.safe


def test_a_null_mx_alone_is_a_hint() -> None:
    said = '@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
    (found,) = asked("PARK001", f"@ A 192.0.2.1\n{said}").findings
    assert found.severity is Severity.INFO
    assert asked("PARK001", said).findings == []
    (declared,) = asked("PARK001", said, PARKED).findings
    assert declared.severity is Severity.WARNING


def test_a_subdomain_that_is_declared_parked_is_judged() -> None:
    declared = '[domains."old.example.com"]\nprofile = "parked"\n'
    zone = (
        "@ MX 10 mail.example.net.\n"
        '_dmarc TXT "v=DMARC1; p=reject"\n'
        "old A 192.0.2.1\n"
        '_dmarc.old TXT "v=DMARC1; p=none; np=none"\n'
    )
    (found,) = asked("PARK001", zone, declared).findings
    assert found.owner == "old.example.com."
    assert found.change is not None
    assert [(edit.owner, edit.after) for edit in found.change.edits] == [
        ("old.example.com.", '"v=spf1 -all"'),
        ("old.example.com.", "0 ."),
        ("_dmarc.old.example.com.", '"v=DMARC1; p=reject"'),
    ]


def test_a_broken_record_is_left_to_its_own_rules() -> None:
    zone = '@ A 192.0.2.1\n@ MX 0 .\n@ TXT "v=spf1 -al"\n_dmarc TXT "v=DMARC1; p=rejct"\n'
    assert asked("PARK001", zone).findings == []
    assert asked("PARK001", zone, PARKED).findings == []


def test_a_text_of_another_kind_is_one_fault() -> None:
    other = 'TXT "site-verification-0123abcd"\n'
    assert len(asked("STS001", f"_mta-sts {other}").findings) == 1
    assert len(asked("TLSRPT001", f"_smtp._tls {other}").findings) == 1


ED_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_tlsa_of_other_services_does_not_hide_that_of_mail():
    digest = "ab" * 32
    zone = f"_443._tcp.w TLSA 9 9 9 {digest}\n_25._tcp.m TLSA 9 9 9 {digest}\n"
    assert owners_of(ask_named("dane-tlsa", zone)) == ["_25._tcp.m"]


@pytest.mark.parametrize(
    ("more", "is_parked"),
    [
        ("", True),
        (f'k._domainkey TXT "{ED_KEY}"\n', False),
        ('k._domainkey TXT "v=DKIM1; p="\n', True),
        ('@ TXT "spf1 mx -all"\n', False),
        ("k._domainkey CNAME k.example.net.\n", False),
        ("_domainkey NS ns.example.net.\n", False),
        ('_mta-sts TXT "v=STSv1; id=1"\n', False),
        ("@ MX 10 m.example.net.\n", False),
        ("@ MX 0 .\n", True),
        ('@ TXT "v=spf1 mx -all"\n', False),
        ('@ TXT "v=spf1 -all"\n', True),
    ],
)
def test_what_says_that_a_domain_has_mail(more: str, is_parked: bool):
    assert bool(ask_named("parked-domain", f"@ A 192.0.2.1\n{more}").findings) is is_parked


def test_only_the_first_of_two_records_for_mta_sts_counts():
    name = "mta-sts-record"
    for second, found in (("a", 1), ("1", 1), ("5", 0)):
        zone = f'_mta-sts TXT "v=STSv1; id=5"\n_mta-sts TXT "v=STSv1; id={second}"\n'
        assert len(ask_named(name, zone).findings) == found, second
    host = '_mta-sts TXT "v=STSv1; id=5"\n_mta-sts TXT "v=STSv1; id=6"\n'
    assert len(ask_named("mta-sts-host", host).findings) == 1


def test_reports_are_asked_for_at_the_name_itself_or_behind_its_alias():
    sts = '_mta-sts TXT "v=STSv1; id=5"\nmta-sts A 192.0.2.1\n@ MX 10 m\nm A 192.0.2.2\n'
    name = "tls-rpt-missing"
    assert ask_named(name, sts).findings
    for more in (
        '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@example.com"\n',
        '_smtp._tls TXT "tlsrpt is not written so"\n',
        "_smtp._tls CNAME t.example.net.\n",
        '* TXT "v=TLSRPTv1; rua=mailto:a@example.com"\n',
    ):
        assert not ask_named(name, sts + more).findings, more
    assert ask_named(name, sts + '* TXT "v=spf1 -all"\n').findings


@pytest.mark.parametrize(
    ("name", "alias", "text"),
    [
        ("mta-sts-record", "_mta-sts", "v=STSv1; id=2026-03-01"),
        ("tls-rpt-record", "_smtp._tls", "v=TLSRPTv1; rua=!"),
        ("bimi-record", "default._bimi", "v=BIMI1; l=http://example.com/a.svg"),
    ],
)
def test_a_record_is_judged_at_an_alias_of_another_zone_and_where_that_leads(
    name: str, alias: str, text: str
) -> None:
    other = f'$ORIGIN other.example.\n$TTL 3600\nx CNAME y\ny TXT "{text}"\nz TXT "{text}"\n'
    result = ask_named(name, f"{alias} CNAME x.other.example.\n", other)
    owners = {finding.owner for finding in result.findings}
    assert owners == {f"{alias}.example.com.", "y.other.example."}


@pytest.mark.parametrize(
    ("exchange", "meant"),
    [
        ("aspmx.l.gogle.com.", "aspmx.l.google.com."),
        ("aspmx.l.google.co.", "aspmx.l.google.com."),
        ("alt2.aspmx.l.google.cmo.", "alt2.aspmx.l.google.com."),
        ("a-example.mail.protection.outlok.com.", "a-example.mail.protection.outlook.com."),
        ("mx01.mail.icloud.com.", None),
        ("mail.protonmail.com.", None),
        ("mx.soho.com.", None),
        ("mail.neighbuor.example.", "mail.neighbour.example."),
        ("mail.neighbour.exampl.", "mail.neighbour.example."),
        ("mial.neighbuor.example.", None),
        ("gone.neighbuor.example.", None),
    ],
)
def test_an_exchange_elsewhere_that_looks_like_another_is_told(
    exchange: str, meant: str | None
) -> None:
    """Nothing is told of one that looks like nothing: most domains have theirs elsewhere."""
    other = "$ORIGIN neighbour.example.\nmail 3600 A 198.18.0.1\n"
    found = ask_named("mx-target", f"@ MX 10 {exchange}\n", other).findings
    told = [(each.severity, each.found.advice) for each in found]
    wanted = (Severity.WARNING, f"Write {meant} if that is intended.")
    assert told == [wanted] * (meant is not None)

"""What the examples of the DKIM rules cannot say: places, several zones, several rules at once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.rules.harness import HEADER, ask, ask_named, changes_of, owners_of
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.rule import Rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_512, RSA_1024, RSA_2048
from zonelint.rules.dkim.support.owners import meant_owner
from zonelint.rules.model.subjects import selector_of

KEY = txt_rdata(f"v=DKIM1; p={RSA_2048}")
TARGET = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."


def rules() -> list[Rule]:
    return [rule for rule in registry.rules() if rule.code.startswith(("DKIM0", "ZONE"))]


def world(*zones: str, declared: str | None = None) -> Context:
    """Zones by their text: the first line of each is its $ORIGIN."""
    read = []
    for text in zones:
        origin = text.split()[1]
        read.append(masterfile.read(text, f"{origin}zone", origin))
    return Context(read, None if declared is None else intent.load(declared, "zonelint.toml"))


def findings(*records: str) -> list[Finding]:
    return ask(rules(), world(HEADER + "\n".join(records) + "\n")).findings


def codes(found: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in found]


def test_a_key_at_a_wrong_name_is_told_at_its_owner() -> None:
    (found,) = findings(f"  selector1.domainkey  IN  CNAME  {TARGET}".strip())
    assert (found.code, found.owner) == ("DKIM008", "selector1.domainkey.example.com.")
    assert (found.span.line, found.span.column, found.span.end_column) == (3, 1, 20)
    assert found.change is not None
    assert not found.change.safe  # a record that counts from then on
    assert found.change.owner == "selector1._domainkey.example.com."


def test_a_key_at_a_bare_name_is_moved_only_when_asked() -> None:
    """Somebody else's CNAME may point there."""
    (found,) = findings(f"selector1 TXT {KEY}")
    assert found.change is not None
    assert not found.change.safe


@pytest.mark.parametrize("owner", ["selector1.example", "a.b", "*.web"])
def test_no_move_where_the_selector_is_not_known(owner: str) -> None:
    found = [f for f in findings(f"{owner} TXT {KEY}") if f.code == "DKIM008"]
    assert [f.change for f in found] == ([] if owner.startswith("*") else [None])


def test_a_wrong_name_with_mail_of_its_own_is_the_domain() -> None:
    (found,) = findings("shop MX 10 mail.example.net.", f"s1.shop TXT {KEY}")
    assert found.change is not None
    assert found.change.owner == "s1._domainkey.shop.example.com."


def test_all_pieces_move_together() -> None:
    (found,) = findings('s1.domainkey TXT "v=DKIM1"', f's1.domainkey TXT "p={RSA_2048[:200]}"')
    assert found.change is not None
    assert {edit.owner for edit in found.change.edits} == {"s1._domainkey.example.com."}
    assert len(found.change.edits) == 2


def test_two_keys_never_move_to_one_name() -> None:
    found = findings(f"s1.domainkey CNAME {TARGET}", f"s1._domainkeys TXT {KEY}")
    assert codes(found) == ["DKIM008", "DKIM008"]
    assert [f.change is None for f in found].count(True) == 1


@pytest.mark.parametrize("owner", ["customer", "s1.domainkey", "s1-domainkey"])
def test_a_key_that_another_zone_points_at_stands_right(owner: str) -> None:
    keys = f"$ORIGIN example.net.\n$TTL 3600\n{owner} TXT {KEY}\n"
    user = f"$ORIGIN example.com.\n$TTL 3600\ns1._domainkey CNAME {owner}.example.net.\n"
    assert codes(ask(rules(), world(keys)).findings) == ["DKIM008"]
    assert ask(rules(), world(keys, user)).findings == []


def test_targets_of_declared_senders_are_known() -> None:
    declared = """
    [senders.ours]
    spf = { place = "none" }
    dkim = [{ type = "CNAME", selectors = { s1 = ["s1.{domain}.dkim.example.net"] } }]
    """
    zone = f"{HEADER}s1.domainkey CNAME s1.example.com.dkim.example.net.\n"
    assert ask(rules(), world(zone)).findings == []
    assert codes(ask(rules(), world(zone, declared=declared)).findings) == ["DKIM008"]


def test_the_doubled_name_is_told_once() -> None:
    found = findings(f"s1._domainkey.example.com CNAME {TARGET}", f"s2.example.com TXT {KEY}")
    assert codes(found) == ["DKIM008", "ZONE006"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([f's1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"'], ["DKIM002"]),
        ([f's1._domainkey TXT "v=DKIM1; p={RSA_512[:20]}\\"{RSA_512[20:]}"'], ["DKIM014"]),
        (
            ['s1._domainkey TXT "v=DKIM1; h=sha1"', f's1._domainkey TXT "p={RSA_1024}"'],
            ["DKIM015"],
        ),
        (['s1._domainkey TXT "k=rsa"', 's1._domainkey TXT "p=MIIBIjAN"'], ["DKIM015"]),
        ([f's1._domainkey TXT "v=DKIM1; k=dsa; p={RSA_1024}"'], ["DKIM001"]),
        ([f"s1._domainkey TXT {KEY}", 's1._domainkey TXT "ms=1"'], ["DKIM001"]),
        ([f"s1._domainkey TXT {KEY}", f"s1._domainkey TXT {KEY}"], ["ZONE005"]),
        ([f"s1._domainkey CNAME {TARGET}"] * 2, ["ZONE005"]),
        ([f"s1._domainkey CNAME {TARGET}", f"s1._domainkey TXT {KEY}"], ["DKIM009"]),
        ([f"* TXT {KEY}"], ["DKIM010"]),
        (['*._domainkey TXT "v=spf1 -all"'], ["DKIM010"]),
        (['*._domainkey TXT "v=DKIM1; p="', 's1._domainkey TXT "v=DKIM1; p="'], ["DKIM005"]),
        ([f'e1._domainkey TXT "k=ed25519; p={ED25519}"'], ["DKIM012"]),
    ],
)
def test_a_record_gets_its_own_fault_and_no_consequences(
    records: list[str], expected: list[str]
) -> None:
    assert codes(findings(*records)) == expected


def test_a_cut_key_says_so() -> None:
    (found,) = findings(f's1._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:216]}"')
    assert "truncated" in found.message
    assert (found.span.line, found.span.column) == (3, 38)


def test_the_severity_of_a_weak_key_follows_its_length() -> None:
    short, middle = findings(
        f's1._domainkey TXT "v=DKIM1; p={RSA_512}"', f's2._domainkey TXT "v=DKIM1; p={RSA_1024}"'
    )
    assert (short.code, short.severity) == ("DKIM003", Severity.ERROR)
    assert (middle.code, middle.severity) == ("DKIM003", Severity.WARNING)


def test_pieces_are_joined_in_whatever_order_they_stand() -> None:
    cuts = [RSA_2048[:130], RSA_2048[130:260], RSA_2048[260:]]
    pieces = [cuts[2], "k=rsa;", cuts[1], f"p={cuts[0]}", "v=DKIM1;"]
    (found,) = findings(*(f's1._domainkey TXT "{piece}"' for piece in pieces))
    assert found.code == "DKIM015"
    assert found.change is not None
    assert found.change.after("s1._domainkey.example.com.", "TXT") == [
        txt_rdata(f"v=DKIM1; k=rsa; p={RSA_2048}")
    ]


def test_a_key_shared_by_zones_is_told_at_each_further_place() -> None:
    zones = [f"$ORIGIN {n}.example.\n$TTL 3600\ns1._domainkey TXT {KEY}\n" for n in "abc"]
    found = ask(rules(), world(*zones)).findings
    assert [(f.code, f.owner) for f in found] == [
        ("DKIM011", "s1._domainkey.b.example."),
        ("DKIM011", "s1._domainkey.c.example."),
    ]


def test_many_pieces_at_one_selector_are_read_to_an_end() -> None:
    pieces = [f's1._domainkey TXT "{RSA_2048[:50]}{number:04}"' for number in range(200)]
    found = findings('s1._domainkey TXT "v=DKIM1; p="', *pieces)
    assert found


ED_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_a_zone_of_which_lines_are_missing_may_have_another_key():
    zone = f'a._domainkey TXT "{ED_KEY}"\n@ TXT "v=spf1 mx -all"\n'
    assert len(ask_named("dkim-ed25519-only", zone).findings) == 1
    result = ask_named("dkim-ed25519-only", zone + "$INCLUDE more.zone\n")
    assert not result.findings
    assert result.undecided


def test_keys_at_several_wrong_names_are_all_found():
    zone = f'a._domainkey TXT "{ED_KEY}"\nb.domainkey TXT "{ED_KEY}"\nc.domainkey TXT "{ED_KEY}"\n'
    assert owners_of(ask_named("dkim-wrong-owner", zone)) == ["b.domainkey", "c.domainkey"]


def test_a_cname_in_a_txt_record_can_stand_alone_only():
    name = "dkim-syntax"
    text = 's1._domainkey TXT "s1.domainkey.u1.wl.sendgrid.net"\n'
    assert changes_of(ask_named(name, text)) == [["s1.domainkey.u1.wl.sendgrid.net."]]
    assert changes_of(ask_named(name, text + "s1._domainkey A 192.0.2.1\n")) == [[]]


def test_every_further_text_goes_where_a_cname_comes():
    config = """
[domains."example.com"]
senders = ["microsoft365"]
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
"""
    zone = f"""
selector1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
selector1._domainkey TXT "x"
"""
    [finding] = ask_named("dkim-sender-wants-cname", zone, config=config).findings
    assert finding.change is not None
    assert [(edit.type, edit.after is None) for edit in finding.change.edits] == [
        ("CNAME", False),
        ("TXT", True),
    ]


def test_keys_that_are_none_are_shared_by_nobody():
    key = f'TXT "{ED_KEY}"\n'
    assert owners_of(ask_named("dkim-shared-key", f"a._domainkey {key}b._domainkey {key}")) == [
        "b._domainkey"
    ]
    assert not ask_named("dkim-shared-key", f"a._domainkey {key}*._domainkey {key}").findings
    assert not ask_named("dkim-shared-key", f"a._domainkey {key}_domainkey {key}").findings


def test_a_wrong_target_hides_no_dangling_one() -> None:
    zone = """\
selector1._domainkey CNAME selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.
zz._domainkey CNAME gone
"""
    result = ask_named("dkim-dangling-cname", zone)
    assert owners_of(result) == ["zz._domainkey"]
    assert owners_of(ask_named("dkim-wrong-target", zone)) == ["selector1._domainkey"]


def test_a_service_type_with_sha256_beside_sha1_is_no_sha1_key() -> None:
    public = ED_KEY.rpartition("p=")[2]
    text = f's1._domainkey TXT "v=DKIM1; h=sha1:sha256; k=ed25519; p={public}"\n'
    assert not ask_named("dkim-sha1", text).findings
    assert ask_named("dkim-sha1", text.replace(":sha256", "")).findings


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

"""Rules that need answers from outside the zone, beyond their examples."""

from __future__ import annotations

import pytest

from tests.rules.harness import HEADER, ask
from tests.rules.table import Data, Table, spf
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding, Severity, Undecided
from zonelint.rules.core.rule import Rule
from zonelint.rules.dkim.support.example_keys import RSA_2048


def rules(*codes: str) -> list[Rule]:
    return [rule for rule in registry.rules() if rule.code.startswith(codes)]


def run(
    zone: str, known: Data | None = None, *codes: str, config: str = "", closed: bool = False
) -> Result:
    view = masterfile.read(HEADER + zone, "example.com.zone", "example.com.")
    outside = [] if known is None else [Table(known, closed=closed)]
    declared = intent.load(config) if config else None
    return ask(rules(*codes), Context([view], declared, outside))


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


NESTED: Data = {
    "_spf.example.net": spf("v=spf1 include:_a.example.net include:_b.example.net ~all"),
    "_a.example.net": spf("v=spf1 a:1.example.net a:2.example.net a:3.example.net ~all"),
    "_b.example.net": spf("v=spf1 a:4.example.net a:5.example.net exp=e.example.net ~all"),
}
"""An include of it costs 8."""
TREE = ("SPF101", "SPF102", "SPF103", "SPF104", "SPF105", "SPF106")


def test_eleven_lookups_fail_and_the_tree_is_shown() -> None:
    found = only(run('@ TXT "v=spf1 mx a include:_spf.example.net ptr -all"\n', NESTED, "SPF10"))
    assert found.code == "SPF101"
    assert found.severity is Severity.ERROR
    assert "takes 11 DNS lookups" in found.message
    assert found.found.detail == (
        "  1  mx  (no answer in DNS)",
        "  1  a  (no answer in DNS)",
        "  8  include:_spf.example.net",
        "    4  include:_a.example.net",
        "      1  a:1.example.net  (not in the zones or the lock)",
        "      1  a:2.example.net  (not in the zones or the lock)",
        "      1  a:3.example.net  (not in the zones or the lock)",
        "    3  include:_b.example.net",
        "      1  a:4.example.net  (not in the zones or the lock)",
        "      1  a:5.example.net  (not in the zones or the lock)",
        "  1  ptr",
    )


def test_the_place_is_the_term_in_which_the_limit_is_crossed() -> None:
    zone = '@ TXT "v=spf1 mx a include:_spf.example.net ptr a:x.example.com -all"\n'
    found = only(run(zone, NESTED, "SPF101"))
    start = zone.index("ptr") + 1
    assert (found.span.column, found.span.end_column) == (start, start + 3)


def test_ten_lookups_warn() -> None:
    zone = '@ TXT "v=spf1 a include:_spf.example.net mx -all"\n@ A 203.0.113.7\n@ MX 10 @\n'
    found = only(run(zone, NESTED, "SPF101", "SPF102"))
    assert found.code == "SPF102"
    assert found.severity is Severity.WARNING
    assert "takes 10 of 10" in found.message
    assert "cannot add a single one" in found.message


@pytest.mark.parametrize(("near", "found"), [(8, 1), (9, 0), (10, 0)])
def test_the_threshold_of_the_warning(near: int, found: int) -> None:
    config = f"thresholds.near-lookup-limit = {near}"
    result = run('@ TXT "v=spf1 include:_spf.example.net -all"\n', NESTED, "SPF102", config=config)
    assert len(result.findings) == found


def test_without_the_lock_one_rule_says_what_is_missing() -> None:
    zone = '@ TXT "v=spf1 a mx include:_spf.example.net include:_x.example.org -all"\n'
    result = run(zone, None, "SPF1")
    assert not result.findings
    assert result.undecided == [
        Undecided("SPF101", "example.com.", ("_spf.example.net.", "_x.example.org."))
    ]


def test_a_lower_bound_over_the_limit_is_no_doubt() -> None:
    zone = '@ TXT "v=spf1 a mx ptr include:_spf.example.net include:_x.example.org -all"\n'
    result = run(zone, NESTED, "SPF101")
    assert not result.undecided
    assert "takes at least 12 DNS lookups" in only(result).message


@pytest.mark.parametrize(
    "zone",
    [
        '@ TXT "v=spf1 -all"\n',
        '@ TXT "v=spf1 mx -all"\n@ MX 10 mail.example.net.\n',
        '@ TXT "v=spf1 ip4:203.0.113.7 ip6:2001:db8::/32 ~all"\n',
        '@ TXT "v=spf1 exists:%{i}._spf.example.com a:a.example.net -all"\n',
        '* TXT "v=spf1 -all"\n@ TXT "v=spf1 redirect=a.example.com"\n',
    ],
)
def test_decided_without_a_lock(zone: str) -> None:
    result = run(zone, None, *TREE)
    assert not result.undecided
    assert not result.findings


def test_several_records_are_judged_when_one_is_left() -> None:
    zone = '@ TXT "v=spf1 include:a.example.net -all"\n@ TXT "v=spf1 redirect=example.com"\n'
    result = run(zone, {}, "SPF1", closed=True)
    assert not result.findings
    assert not result.undecided


def test_a_hostile_tree_is_shown_in_few_lines() -> None:
    known: dict[str, dict[str, list[str]]] = {}
    for level in range(20):
        below = " ".join(f"include:n{number}.l{level + 1}.test" for number in range(10))
        for number in range(10):
            known[f"n{number}.l{level}.test"] = spf(f"v=spf1 {below} -all")
    found = only(run('@ TXT "v=spf1 include:n0.l0.test -all"\n', known, "SPF101"))
    assert "over 10^9" in found.message
    assert len(found.found.detail) <= 41


def test_many_terms_get_no_proposal() -> None:
    terms = " ".join(f"a:h{number}.example.net" for number in range(60))
    chunks = " ".join(f'"{terms[at : at + 200]}"' for at in range(0, len(terms), 200))
    found = only(run(f'@ TXT "v=spf1 " {chunks} " -all"\n', None, "SPF101"))
    assert found.change is None


def test_a_circle_does_not_make_its_own_include_needless() -> None:
    known: Data = {
        "a.example.net": spf("v=spf1 include:b.example.net a:1.example.net mx ptr a -all"),
        "b.example.net": spf("v=spf1 include:a.example.net a:2.example.net mx ptr a -all"),
    }
    result = run('@ TXT "v=spf1 a mx include:a.example.net -all"\n', known, *TREE)
    found = {finding.code: finding for finding in result.findings}
    assert "SPF105" in found
    assert found["SPF101"].change is None


def test_a_vendors_own_loop_and_dead_include_are_told_with_the_way_there() -> None:
    known: Data = {
        "_spf.example.net": spf("v=spf1 include:loop.example.net include:old.example.net ~all"),
        "loop.example.net": spf("v=spf1 include:_spf.example.net ~all"),
        "old.example.net": {"TXT": "nxdomain"},
    }
    result = run('@ TXT "v=spf1 include:_spf.example.net -all"\n', known, "SPF105", "SPF106")
    loop, dead = result.findings
    assert "_spf.example.net → loop.example.net → _spf.example.net" in loop.message
    assert dead.message.startswith(
        "old.example.net does not exist, reached through include:_spf.example.net"
    )


def test_void_lookups_count_for_clients_of_each_family() -> None:
    hosts = "".join(f"h{number} A 203.0.113.{number}\n" for number in range(1, 5))
    zone = f'@ TXT "v=spf1 a:h1.example.com a:h2.example.com a:h3.example.com -all"\n{hosts}'
    one = only(run(zone, None, "SPF103"))
    assert one.severity is Severity.WARNING
    assert one.message.startswith("3 lookups of this record find nothing for a client with IPv6 ")
    both = zone + hosts.replace(" A 203.0.113.", " AAAA 2001:db8::")
    assert not run(both, None, "SPF103").findings
    dead = zone.replace("h1 ", "x1 ").replace("h2 ", "x2 ").replace("h3 ", "x3 ")
    found = only(run(dead, None, "SPF103"))
    assert found.message.startswith("3 lookups of this record find nothing (h1.example.com, ")


def test_void_lookups_that_may_be_are_undecided() -> None:
    known: Data = {"a.test": {"A": "servfail", "AAAA": "servfail"}}
    zone = '@ TXT "v=spf1 a:a.test a:gone1.example.com a:gone2.example.com -all"\n'
    result = run(zone, known, "SPF103", "SPF101")
    assert result.undecided == [Undecided("SPF103", "example.com.", ("a.test.",))]


def test_the_organisation_is_found_by_walk_or_list_and_says_so() -> None:
    zone = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.test,mailto:d@mail.example.com"\n'
    by_list = only(run(zone, {"example.com._report._dmarc.reports.test": {"TXT": "nxdomain"}},
                       "DMARC112"))  # fmt: skip
    assert by_list.found.detail == (
        "organisations: example.com and reports.test, by public suffix list",
    )
    by_walk = only(run(zone, {}, "DMARC112", closed=True))
    assert by_walk.found.detail[0].endswith("by tree walk")


def test_reports_to_several_unknown_domains_are_one_doubt() -> None:
    zone = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@a.test,mailto:d@b.test; ruf=mailto:e@a.test"'
    result = run(zone + "\n", None, "DMARC112")
    assert result.undecided == [
        Undecided(
            "DMARC112",
            "_dmarc.example.com.",
            ("example.com._report._dmarc.a.test.", "example.com._report._dmarc.b.test."),
        )
    ]


TARGET = "example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
BOTH = f"""selector1._domainkey CNAME selector1-{TARGET}.
selector2._domainkey CNAME selector2-{TARGET}.
"""
KEY = spf(f"v=DKIM1; k=rsa; p={RSA_2048}")


@pytest.mark.parametrize("status", ["nxdomain", "nodata"])
def test_the_selector_that_is_not_in_turn_yet_is_no_fault(status: str) -> None:
    known: Data = {f"selector1-{TARGET}": KEY, f"selector2-{TARGET}": {"TXT": status}}
    result = run(BOTH, known, "DKIM013")
    assert not result.findings
    assert not result.undecided


def test_both_selectors_without_a_key_are_found() -> None:
    known: Data = {f"selector{n}-{TARGET}": {"TXT": "nxdomain"} for n in (1, 2)}
    assert len(run(BOTH, known, "DKIM013").findings) == 2


def test_a_selector_whose_partner_is_unknown_is_undecided() -> None:
    result = run(BOTH, {f"selector2-{TARGET}": {"TXT": "nxdomain"}}, "DKIM013")
    assert not result.findings
    assert {each.owner.partition(".")[0] for each in result.undecided} == {"selector1", "selector2"}


def test_a_wrong_target_is_told_once() -> None:
    zone = f"selector1._domainkey CNAME selector2-{TARGET}.\n"
    result = run(zone, {}, "DKIM102", "DKIM013", closed=True)
    assert only(result).code == "DKIM102"


def test_a_policy_that_keeps_mail_away_is_an_error() -> None:
    config = '[domains."example.com"]\nmta-sts.policy = "p.txt"\n'
    view = masterfile.read(HEADER + "@ MX 10 mail\n", "example.com.zone", "example.com.")
    text = "version: STSv1\nmode: enforce\nmx: mx.example.net\nmax_age: 86400\n"
    for mode, severity in (("enforce", Severity.ERROR), ("testing", Severity.WARNING)):
        files = {"p.txt": text.replace("enforce", mode)}
        context = Context([view], intent.load(config), files=files)
        first = ask(rules("STS003"), context).findings[0]
        assert first.severity is severity
        assert "mail.example.com" in first.message or mode == "testing"


@pytest.mark.parametrize("term", ["include:%s -all", "redirect=%s", "exists:%s -all"])
@pytest.mark.parametrize("failure", ["timeout", "servfail"])
def test_what_a_name_without_an_answer_lets_pass_is_undecided(term: str, failure: str) -> None:
    name = "evil.example.net"
    known: Data = {name: {"TXT": failure, "A": failure}}
    result = run(f'@ TXT "v=spf1 {term % name}"\n', known, "SPF201")
    assert not result.findings
    assert result.undecided == [Undecided("SPF201", "example.com.", (f"{name}.",))]


def test_an_exists_of_a_name_that_nobody_knows_is_undecided() -> None:
    zone = '@ TXT "v=spf1 mx exists:evil.example.net -all"\n'
    result = run(zone, None, "SPF201")
    assert not result.findings
    assert result.undecided == [Undecided("SPF201", "example.com.", ("evil.example.net.",))]
    answered = run(zone, {"evil.example.net": {"A": ["192.0.2.1"]}}, "SPF201")
    assert only(answered).code == "SPF201"
    silent = run(zone, {}, "SPF201", closed=True)
    assert not silent.findings
    assert not silent.undecided
    macro = run('@ TXT "v=spf1 exists:%{i}.evil.example.net -all"\n', None, "SPF201")
    assert not macro.findings


@pytest.mark.parametrize(
    ("term", "advice"),
    [
        ("include:_spf.neighbuor.example", "Write include:_spf.neighbour.example if"),
        ("redirect=_spf.neighbour.exampl", "Write redirect=_spf.neighbour.example if"),
        ("include:gone.neighbuor.example", None),
    ],
)
@pytest.mark.parametrize("known", [None, {}])
def test_a_slip_in_the_name_of_ones_own_other_zone_is_told_as_one(
    term: str, advice: str | None, known: Data | None
) -> None:
    """The lock knows that no such record is there, or knows nothing of it."""
    zones = [
        masterfile.read(HEADER + f'@ TXT "v=spf1 {term}"\n', "a.zone", "example.com."),
        masterfile.read('_spf 3600 TXT "v=spf1 mx -all"\n', "b.zone", "neighbour.example."),
    ]
    config = intent.load('[domains."example.com"]\nsenders = []\n')
    outside = [] if known is None else [Table(known, closed=True)]
    found = ask(rules("SPF106", "SPF211"), Context(zones, config, outside)).findings
    found = [each for each in found if each.code == "SPF106" or advice is not None]
    wanted = Severity.WARNING if known is None else Severity.ERROR
    told = [(each.severity, each.found.advice[: len(advice or "")]) for each in found]
    if advice is not None:
        assert told == [(wanted, advice)]
    else:
        assert [each.severity for each in found] == [wanted] * (known is not None)

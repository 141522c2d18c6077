"""The roll-out's rules where examples do not reach: severities, places, no double reports."""

from __future__ import annotations

import pytest

from tests.rules.harness import (
    ORIGIN,
    ask,
    context_of,
    every_rule,
    evidence_of,
    owners_of,
    read,
    rule_named,
)
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.context import Context
from zonelint.rules.core.cause import causes_of
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.rule import Example, Needs
from zonelint.rules.model import lock as lockfile

MAIL = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'
RULES = [rule for rule in every_rule() if rule.family == "PHASE"]


def judged(before: str | None, after: str, **more: str) -> Result:
    result = Engine(RULES).run(context_of(Example(after, before=before, **more)))
    assert not result.crashes
    return result


def policy(tags: str, owner: str = "_dmarc") -> str:
    return f'{owner} TXT "v=DMARC1; {tags}"\n'


def found(result: Result) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity.value) for finding in result.findings]


def undecided(result: Result) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.code, each.missing) for each in result.undecided]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("p=none", "p=reject", [("PHASE001", "error")]),
        (None, "p=quarantine", [("PHASE001", "error")]),
        (None, "p=reject; t=y", [("PHASE001", "error")]),
        (None, "p=none", []),
        ("p=none", "p=none; np=reject", [("PHASE001", "warning")]),
        ("p=reject; np=none", "p=reject; np=reject", []),  # RFC 7489 has no np: rejected before
        ("p=quarantine; pct=10", "p=reject; pct=10", []),
        ("p=reject; t=y", "p=reject", []),
        ("p=reject", "p=quarantine", [("PHASE002", "warning")]),
        ("p=reject", "p=none", [("PHASE002", "error")]),
        ("p=quarantine", "p=none; rua=mailto:a@example.com", [("PHASE002", "error")]),
        ("p=none", None, [("PHASE002", "error")]),
        ("p=quarantine", "p=quarantine; sp=none", [("PHASE002", "error")]),
        ("p=quarantine; adkim=s; aspf=s", "p=quarantine", [("PHASE002", "warning")] * 2),
        ("p=reject", "p=reject; pct=50", [("PHASE002", "warning")]),
        ("p=reject", "p=reject; t=y", [("PHASE002", "warning")]),
        ("p=reject", "p=reject; rua=mailto:a@example.com", []),
    ],
)
def test_severity_of_a_step(old: str | None, new: str | None, said: list[tuple[str, str]]):
    before, after = (MAIL + ("" if tags is None else policy(tags)) for tags in (old, new))
    assert found(judged(before, after)) == said


@pytest.mark.parametrize(
    ("tags", "column"),
    [("p=reject", "p=reject"), ("p=quarantine; sp=reject", "sp=reject")],
)
def test_the_place_is_the_tag(tags: str, column: str):
    before = MAIL + policy("p=quarantine; sp=none") + "info MX 10 mail\n"
    after = MAIL + policy(tags) + "info MX 10 mail\n"
    (finding,) = judged(before, after).findings
    line = after.splitlines()[finding.span.line - 3]
    assert line[finding.span.column - 1 :].startswith(column)


def test_a_skipped_phase_is_not_told_of_as_too_early():
    proof = 'days = 2\nrows = [{ from = "192.0.2.1", messages = 1 }]'
    result = judged(MAIL + policy("p=none"), MAIL + policy("p=reject"), reports=proof)
    assert found(result) == [("PHASE001", "error")]
    assert not result.undecided


@pytest.mark.parametrize("record", ["v=DMARC1; p=rejct", "v=DMARC1, p=reject", "v=DMARC1; sp=none"])
def test_a_record_that_breaks_protects_no_more(record: str):
    result = judged(MAIL + policy("p=reject"), f'{MAIL}_dmarc TXT "{record}"\n')
    assert found(result) == [("PHASE002", "error")]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (policy("p=rejct"), "DMARC005"),
        (policy("p=reject; sp=nnone"), "DMARC005"),
        ('_dmarc TXT "v=DMARC1 p=reject"\n', "DMARC003"),
        (policy("p=reject") + policy("p=none"), "DMARC002"),
    ],
)
def test_what_breaks_the_record_has_one_cause_with_what_is_lost(records: str, code: str):
    result = ask(
        every_rule(), context_of(Example(MAIL + records, before=MAIL + policy("p=reject")))
    )
    told = [[each.code for each in cause.findings] for cause in causes_of(result.findings)]
    assert [code, "PHASE002"] in told
    assert ["PHASE002"] not in told


def test_an_error_is_not_told_with_a_warning():
    after = MAIL + policy("rua=mailto:d@example.com")
    result = ask(every_rule(), context_of(Example(after, before=MAIL + policy("p=reject"))))
    told = {each.code: each for each in result.findings}
    assert told["PHASE002"].severity.value == "error"
    assert told["PHASE002"].cause != told["DMARC006"].cause


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("v=spf1 mx -all", "v=spf1 mx ~all", [("PHASE002", "warning")]),
        ("v=spf1 mx ~all", "v=spf1 mx -all", []),
        ("v=spf1 mx -all", "v=spf1 mx", [("PHASE002", "warning")]),
        ("v=spf1 mx -all", "v=spf1,mx -all", [("PHASE002", "error")]),
        ("v=spf1 mx -all", "v=spf1 mx ip4:1.2.3 -all", [("PHASE002", "error")]),
        ("v=spf1 -all", "v=spf1 ip4:40.92.0.1 ~all", []),
        ("v=spf1 -all", "v=spf1 ip4:40.92.0.1 ?all", [("PHASE002", "warning")]),
        ("v=spf1 redirect=b.example.com", "v=spf1 mx ?all", [("PHASE002", "warning")]),
        ("v=spf1 mx -all", "v=spf1 redirect=b.example.com", []),
        ("v=spf1 mx -all", "v=spf1 redirect=_spf.example.net", []),
    ],
)
def test_the_end_of_spf(old: str, new: str, said: list[tuple[str, str]]):
    rest = '@ MX 10 mail\nmail A 192.0.2.1\nb TXT "v=spf1 mx:example.com -all"\n'
    result = judged(f'{rest}@ TXT "{old}"\n', f'{rest}@ TXT "{new}"\n')
    assert found(result) == said


def test_a_parked_domain_that_is_taken_into_use_is_no_error():
    before = '@ TXT "v=spf1 -all"\n' + policy("p=reject")
    after = '@ MX 10 mail\n@ TXT "v=spf1 ip4:40.92.0.1 ~all"\n' + policy("p=none")
    assert found(judged(before, after)) == [("PHASE002", "warning")]


def test_a_declared_profile_says_who_has_mail_to_lose():
    parked = '[domains."example.com"]\nprofile = "parked"\n'
    assert not judged(MAIL, MAIL + policy("p=reject"), config=parked).findings
    sending = '[domains."example.com"]\nprofile = "sending"\n'
    bare = "www A 192.0.2.1\n"
    assert found(judged(bare, bare + policy("p=reject"), config=sending)) == [("PHASE001", "error")]


def test_an_unread_side_is_undecided_and_names_what_is_missing():
    alias = MAIL + "_dmarc CNAME example-com.dmarc.example.net.\n"
    result = judged(alias, MAIL + policy("p=reject"))
    assert not result.findings
    assert undecided(result) == [("PHASE001", ("example-com.dmarc.example.net.",))]


def test_the_lock_tells_what_stood_behind_an_alias():
    lock = """
    ["example-com.dmarc.example.net."]
    seen = 2026-11-24
    TXT = ["v=DMARC1; p=none"]
    """
    alias = MAIL + "_dmarc CNAME example-com.dmarc.example.net.\n"
    result = judged(alias, MAIL + policy("p=reject"), lock=lock)
    assert found(result) == [("PHASE001", "error")]


def test_subdomains_of_another_team_are_not_touched():
    """A record of its own is what counts for a name, not the organisation's."""
    before = MAIL + policy("p=none") + policy("p=reject", "_dmarc.shop") + "shop MX 10 mail\n"
    after = MAIL + policy("p=quarantine") + policy("p=reject", "_dmarc.shop") + "shop MX 10 mail\n"
    assert found(judged(before, after)) == []


def test_a_subdomain_is_judged_by_its_part_of_the_reports():
    proof = """
    rows = [
        { from = "192.0.2.1", messages = 100, spf = "fail", envelope = "elsewhere.example" },
        { from = "192.0.2.2", messages = 100, header_from = "shop.example.com" },
    ]
    """
    both = MAIL + "shop MX 10 mail\n"
    before = both + policy("p=none")
    after = both + policy("p=none") + policy("p=quarantine", "_dmarc.shop")
    assert "PHASE003" not in dict(found(judged(before, after, reports=proof)))
    other = policy("p=quarantine")
    assert "PHASE003" in dict(found(judged(before, both + other, reports=proof)))


@pytest.mark.parametrize("writes", [False, True])
def test_a_zone_below_that_writes_no_mail_keeps_no_policy_back(writes: bool):
    lost = '{ from = "192.0.2.2", messages = 1, spf = "fail", header_from = "shop.example.com" },'
    proof = f'rows = [{{ from = "192.0.2.1", messages = 100 }}, {lost * writes}]'
    below = masterfile.read("@ 1h MX 10 mail\n", "shop", "shop.example.com.")
    before, after = ([read(MAIL + policy(f"p={word}")), below] for word in ("none", "quarantine"))
    proved = evidence_of(proof)
    result = Engine(RULES).run(
        Context(after, previous=Context(before, evidence=proved), evidence=proved)
    )
    owners = {each.owner for each in result.findings if each.code == "PHASE003"}
    assert owners == ({"_dmarc.shop.example.com."} if writes else set())


def test_subdomains_with_their_own_record_lose_nothing():
    shop = "shop MX 10 mail\n" + policy("p=none", "_dmarc.shop")
    assert not judged(shop, shop + policy("p=reject")).findings


def test_a_wildcard_that_takes_mail_counts():
    wild = "* MX 10 mail\n"
    assert found(judged(wild, wild + policy("p=reject"))) == [("PHASE001", "error")]


def test_without_a_change_and_reports_nothing_is_said():
    result = judged(None, MAIL + policy("p=none"))
    assert not result.findings
    assert not result.undecided


def test_reverse_zones_have_no_policy_to_lose():
    text = "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 3600\n1 PTR mail.example.com.\n"
    assert not judged(text, text).undecided


def test_what_needs_reports_says_so():
    for rule in RULES:
        if rule.code in ("PHASE003", "PHASE007"):
            assert Needs.REPORTS in rule.needs
            assert Needs.CHANGE in rule.needs
    assert ORIGIN == "example.com."


def test_the_weaker_policy_is_that_of_the_receivers_that_do_less():
    result = judged(MAIL + policy("p=reject"), MAIL + policy("p=reject; np=none"))
    assert "becomes weaker: none where reject held before" in result.findings[0].message


def test_the_very_same_record_written_twice_is_one():
    twice = policy("p=reject") * 2
    assert found(judged(MAIL + policy("p=none"), MAIL + twice)) == [("PHASE001", "error")]
    assert found(judged(MAIL + policy("p=none"), MAIL + twice + policy("p=none"))) == [
        ("PHASE002", "error")
    ]


ED_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def judge_named(name: str, zone: str, **more: str) -> Result:
    return ask([rule_named(name)], context_of(Example(zone, **more)))


def test_reports_about_a_domain_without_a_policy_are_no_matter():
    reports = """
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """
    spf = '@ TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
    name = "phase-unknown-sources"
    assert not judge_named(name, spf, reports=reports).findings
    for policy, found in (("none", 1), ("quarantine", 1), ("reject", 0)):
        zone = f'{spf}_dmarc TXT "v=DMARC1; p={policy}"\n'
        assert len(judge_named(name, zone, reports=reports).findings) == found, policy


def test_a_weaker_policy_is_marked_at_its_tag():
    mail = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'
    line = '_dmarc TXT "v=DMARC1; p=reject; sp=none"'
    result = judge_named(
        "phase-weakened", f"{mail}{line}\n", before=f'{mail}_dmarc TXT "v=DMARC1; p=reject"\n'
    )
    marked = [line[f.span.column - 1 : f.span.end_column - 1] for f in result.findings]
    assert marked == ["sp=none"]


def test_a_record_that_goes_to_its_place_is_not_lost():
    """Where the zone's name stood twice, or a server could not answer with all that stood."""
    alias = "s1._domainkey{} CNAME {}._domainkey.mail.example.net.\n"
    twice, once = alias.format(".example.com", "s1"), alias.format("", "s1")
    other = alias.format("", "s2")
    policy = '_dmarc{} TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"\n'
    for before, after, found in (
        (twice, once, 0),
        (twice, other, 1),  # it is another key there
        (other + once, once, 0),
        (other, once, 1),
    ):
        result = judge_named("phase-key-removed", f"w A 192.0.2.1\n{after}",
                             before=f"w A 192.0.2.1\n{before}")  # fmt: skip
        assert len(result.findings) == found, (before, after)
    for after, found in ((policy.format(""), 0), ("", 1)):
        result = judge_named("phase-weakened", f"w A 192.0.2.1\n{after}",
                             before=f"w A 192.0.2.1\n{policy.format('.example.com')}")  # fmt: skip
        assert len(result.findings) == found, after


def test_a_key_goes_where_mail_is_sent_now_or_was():
    key = f'k._domainkey TXT "{ED_KEY}"\n'
    mail = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'
    name = "phase-key-removed"
    for before, after, found in (
        (mail + key, mail, 1),
        (key, mail, 1),
        (key, "", 1),  # whoever has a key may send
        (mail + key, '@ MX 0 .\n@ TXT "v=spf1 -all"\n', 0),
    ):
        result = judge_named(name, f"w A 192.0.2.1\n{after}", before=f"w A 192.0.2.1\n{before}")
        assert len(result.findings) == found, (before, after)


@pytest.mark.parametrize("name", ["phase-skipped", "phase-too-early"])
@pytest.mark.parametrize(("faulty", "sound"), [("a", "b"), ("b", "a")])
def test_a_faulty_record_hides_no_phase_of_another(name: str, faulty: str, sound: str) -> None:
    policy = "reject" if name == "phase-skipped" else "quarantine"
    mail = "a MX 10 mail.example.net.\nb MX 10 mail.example.net.\n"
    example = Example(
        f"{mail}"
        f'_dmarc.{faulty} TXT "v=DMARC1; p={policy}; np=rejct"\n'
        f'_dmarc.{sound} TXT "v=DMARC1; p={policy}"\n',
        before=f"{mail}"
        f'_dmarc.{faulty} TXT "v=DMARC1; p=none"\n_dmarc.{sound} TXT "v=DMARC1; p=none"\n',
    )
    result = ask([rule_named(name)], context_of(example))
    if name == "phase-skipped":
        assert owners_of(result) == [f"_dmarc.{sound}"]
    else:  # without reports
        assert [each.owner for each in result.undecided] == [f"{sound}.example.com."]


def test_every_phase_without_reports_is_undecided() -> None:
    example = Example(
        '@ MX 10 a.example.net.\n_dmarc TXT "v=DMARC1; p=quarantine"\n'
        'b MX 10 a.example.net.\n_dmarc.b TXT "v=DMARC1; p=quarantine"\n',
        before='_dmarc TXT "v=DMARC1; p=none"\n_dmarc.b TXT "v=DMARC1; p=none"\n',
    )
    result = ask([rule_named("phase-too-early")], context_of(example))
    assert {each.owner for each in result.undecided} == {"example.com.", "b.example.com."}


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


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (f's._domainkey TXT "{ED_KEY}"', "DKIM1 DKIM2", ["DKIM001", "PHASE006"]),
        (f's._domainkey TXT "{ED_KEY}"', "ed25519 rsa", ["DKIM002", "PHASE006"]),
        (f's._domainkey TXT "{ED_KEY}"', "k= h=sha1;k=", ["DKIM004", "PHASE006"]),
        ('a TXT "v=spf1 mx -all"', "mx ip4:1.2.3", ["SPF001", "PHASE002"]),
        ('a TXT "v=spf1 mx -all"', "v=spf1 v=spf1,", ["SPF003", "PHASE002"]),
    ],
)
def test_what_breaks_a_record_is_told_with_what_it_does(old: str, new: str, codes: list[str]):
    zone = Example(MAIL + old.replace(*new.split(" ", 1)), before=MAIL + old)
    told = causes_of(ask(every_rule(), context_of(zone)).findings)
    assert codes in [[each.code for each in cause.findings] for cause in told]


_ABOVE = "_dmarc.example.net."


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("p=reject", "p=reject; sp=none", ["PHASE002"]),
        ("p=reject", "p=reject; np=none", ["PHASE002"]),
        ("p=quarantine", "p=reject; sp=none", ["PHASE002"]),
        ("p=reject; sp=none", "p=reject", ["PHASE001"]),
        ("p=reject; psd=n", "p=reject", ["PHASE002"]),
        ("p=none", "p=none; psd=n", ["PHASE002"]),
        ("p=reject; sp=reject", "p=reject", []),
        ("p=quarantine", "p=reject", []),
    ],
)
def test_names_below_a_zone_whose_parent_is_not_here_are_undecided(
    old: str, new: str, codes: list[str]
):
    """Whether the record counts for them depends on that of the zone above (RFC 9989 §4.10)."""
    lock = f'["{_ABOVE}"]\nseen = 2026-11-24\nTXT = [{{}}]\n'
    for known, said in (("", codes), ('"v=DMARC1; p=reject"', [])):
        before, now = (
            [masterfile.read(f"$TTL 5\nb MX 1 b\n{policy(tags)}", "x.zone", "news.example.net.")]
            for tags in (old, new)
        )
        locked = [lockfile.parse(lock.format(known), complete=False)] if known else []
        context = Context(now, None, locked, previous=Context(before, None, locked))
        rules = [rule_named("phase-skipped"), rule_named("phase-weakened")]
        result = Engine(rules).run(context)
        assert undecided(result) == [(code, (_ABOVE,)) for code in said], known

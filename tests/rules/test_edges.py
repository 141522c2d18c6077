"""The edges of the rules: what mutants of their code changed, and no example noticed.

Every case stands for one that `python -m tests.mutation rules` once left alive.
"""

from __future__ import annotations

import pytest

from tests.rules.harness import HEADER, ask, context_of, every_rule, read
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.config import intent
from zonelint.rules.core.engine import Result
from zonelint.rules.core.rule import Example
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.model.context import Context

RULES = {rule.name: rule for rule in every_rule()}
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def asked(name: str, *zones: str, config: str | None = None) -> Result:
    """Ask a rule about zones: that of example.com, and others that open with $ORIGIN."""
    declared = None if config is None else intent.load(config, "zonelint.toml")
    found = [
        masterfile.read(text, "x.zone", text.split()[1])
        if text.startswith("$ORIGIN")
        else read(HEADER + text)
        for text in zones
    ]
    return ask([RULES[name]], Context(found, declared))


def owners(result: Result) -> list[str]:
    return [finding.owner.removesuffix(".example.com.") for finding in result.findings]


def changes(result: Result) -> list[list[str | None]]:
    return [
        [] if finding.change is None else [edit.after for edit in finding.change.edits]
        for finding in result.findings
    ]


# ---- SPF ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    """
    0.1.2.0/24 10.9.8.0/24 100.64.0.0/10 127.1.0.0/16 169.254.7.0/24 172.16.0.0/12 172.31.255.0/24
    192.0.0.0/29 192.0.2.0/25 192.168.3.4 198.18.0.0/15 198.51.100.7 203.0.113.128/25 224.0.0.0/4
    239.1.1.1 240.0.0.0/5 255.255.255.255
    """.split(),
)
def test_networks_of_the_special_registry_are_told(network: str) -> None:
    """RFC 6890: each of its IPv4 entries, whole or in part."""
    assert (
        len(asked("spf-private-network", f'@ TXT "v=spf1 ip4:{network} mx -all"\n').findings) == 1
    )


@pytest.mark.parametrize(
    "network", ["172.32.0.0/16", "100.128.0.0/9", "192.1.0.0/16", "198.20.0.1"]
)
def test_neighbours_of_special_networks_are_not(network: str) -> None:
    assert not asked("spf-private-network", f'@ TXT "v=spf1 ip4:{network} mx -all"\n').findings


@pytest.mark.parametrize(
    ("name", "record", "marked"),
    [
        # What stands behind all is another rule's business.
        ("spf-duplicate-term", "v=spf1 mx -all mx", []),
        ("spf-duplicate-term", "v=spf1 mx mx -all", ["mx"]),
        # A term without a fault does not end the search.
        ("spf-host-bits", "v=spf1 mx ip4:192.0.2.1/24 -all", ["ip4:192.0.2.1/24"]),
        # What covers everything is not also wide.
        ("spf-wide-network", "v=spf1 ip4:0.0.0.0/0 -all", []),
        ("spf-wide-network", "v=spf1 ip6:::/0 -all", []),
        ("spf-wide-network", "v=spf1 mx ip4:0.0.0.0/1 -all", ["ip4:0.0.0.0/1"]),
        ("spf-wide-network", "v=spf1 -ip4:10.0.0.0/8 ip4:8.0.0.0/8 -all", ["ip4:8.0.0.0/8"]),
    ],
)
def test_which_term_of_a_record_is_at_fault(name: str, record: str, marked: list[str]):
    line = f'@ TXT "{record}"'
    found = asked(name, f"{line}\n").findings
    assert [line[f.span.column - 1 : f.span.end_column - 1] for f in found] == marked


@pytest.mark.parametrize(
    ("strings", "broken"),
    [
        # The blank is missing: that is all that is told.
        ('"v=spf1 include:a.example.net" "include:b.example.net -all"', 0),
        ('"v=spf1 mx" "ip4:192.0.2.1 -all"', 0),
        # Beside it, a fault of its own.
        ('"v=spf1 mx" "ip4:192.0.2.1 ipv4:192.0.2.2 -all"', 1),
        ('"v=spf1 ipv4:192.0.2.2 mx" "ip4:192.0.2.1 -all"', 1),
        ('"v=spf1 mx:example." "com -all"', 0),
    ],
)
def test_a_missing_blank_is_told_once(strings: str, broken: int):
    assert len(asked("spf-syntax", f"@ TXT {strings}\n").findings) == broken


@pytest.mark.parametrize(
    ("strings", "joins"),
    [
        ('"v=spf1 mx" "a -all"', 1),
        ('"v=spf1 mx" "-all"', 1),
        ('"v=spf1 mx:a.example" "mx:b.example -all"', 1),
        ('"v=spf1 mx:a.ex" "ample.net -all"', 0),
        ('"v=spf1 mx " "a -all"', 0),
    ],
)
def test_where_a_blank_is_missing(strings: str, joins: int):
    assert len(asked("spf-joined-strings", f"@ TXT {strings}\n").findings) == joins


def test_records_are_merged_term_by_term():
    def merged(*records: str) -> list[str | None]:
        zone = "".join(f'@ TXT "{record}"\n' for record in records)
        [first, *_] = changes(asked("spf-multiple-records", zone))
        return [text for text in first if text is not None]

    assert merged("v=spf1 mx", "v=spf1 a -all") == ['"v=spf1 mx a -all"']
    assert merged("v=spf1 mx", "v=spf1 a") == ['"v=spf1 mx a ~all"']
    assert merged("v=spf1 mx redirect=x.example", "v=spf1 a ~all") == [
        '"v=spf1 mx include:x.example a ~all"'
    ]
    assert merged("v=spf1 redirect=x.example", "v=spf1 exp=y.example a") == [
        '"v=spf1 include:x.example a exp=y.example ~all"'
    ]


def test_softfail_is_told_of_a_single_record_only():
    config = '[domains."example.com"]\nspf = "final"\n'
    one, two = '@ TXT "v=spf1 mx ~all"\n', '@ TXT "v=spf1 a ~all"\n'
    assert len(asked("spf-softfail", one, config=config).findings) == 1
    assert not asked("spf-softfail", one + two, config=config).findings


def test_addresses_take_over_the_prefix_of_the_term_they_replace():
    includes = " ".join(f"include:s{n}.example.com" for n in range(10))
    zone = (
        f'@ TXT "v=spf1 a:h.example.com/24//64 {includes} -all"\n'
        "h A 203.0.113.7\nh AAAA 2001:db8::7\n"
        + "".join(f's{n} TXT "v=spf1 ip4:192.0.2.{n} -all"\n' for n in range(10))
    )
    [[text]] = changes(asked("spf-too-many-lookups", zone))
    assert text is not None
    assert text.startswith('"v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/64 include:s0')


def test_an_mx_behind_includes_is_counted_too():
    exchanges = "".join(f"m MX 10 h{n}\nh{n} A 192.0.2.{n}\n" for n in range(11))
    for way in ("v=spf1 a mx:m.example.com -all", "v=spf1 include:i.example.com -all"):
        zone = (
            f'@ TXT "{way}"\n@ A 192.0.2.1\ni TXT "v=spf1 a include:j.example.com -all"\n'
            f'i A 192.0.2.1\nj TXT "v=spf1 mx:m.example.com -all"\n{exchanges}'
        )
        assert "example.com." in owners(asked("spf-mx-too-many-names", zone)), way


def test_a_broken_record_of_ours_is_told_where_it_stands():
    ours = '@ TXT "v=spf1 include:b.example.com -all"\nb TXT "v=spf1 foo -all"\n'
    assert not asked("spf-target-without-spf", ours).findings
    theirs = '$ORIGIN example.net.\n$TTL 5\nb TXT "v=spf1 foo -all"\n'
    zone = '@ TXT "v=spf1 include:b.example.net -all"\n'
    assert not asked("spf-target-without-spf", zone, theirs).findings


# ---- DMARC -------------------------------------------------------------------------------------


def test_a_public_suffix_may_say_that_it_is_one():
    record = '_dmarc TXT "v=DMARC1; p=reject; psd=y"\n'
    assert not asked("dmarc-psd", f"$ORIGIN co.uk.\n$TTL 5\n{record}").findings
    assert asked("dmarc-psd", f"$ORIGIN example.co.uk.\n$TTL 5\n{record}").findings


def test_reverse_zones_and_policies_that_ask_for_nothing_need_no_key():
    sends = '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p={}"\n'
    name = "dmarc-reject-without-dkim"
    assert asked(name, sends.format("reject")).findings
    assert not asked(name, sends.format("none")).findings
    reverse = "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 5\n"
    result = asked(name, reverse + sends.format("reject"))
    assert not result.findings
    assert not result.undecided


def test_a_key_directly_below_the_zone_is_a_key():
    zone = '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\nsub NS ns.example.net.\n'
    sub = f'$ORIGIN sub.example.com.\n$TTL 5\nk._domainkey TXT "{KEY}"\n'
    other = f'$ORIGIN other.example.\n$TTL 5\nk._domainkey TXT "{KEY}"\n'
    name = "dmarc-reject-without-dkim"
    assert not asked(name, zone, sub).findings
    assert asked(name, zone, other).findings


def test_every_size_limit_goes():
    record = "v=DMARC1; p=none; rua=mailto:a@example.com!10m,mailto:bcd@example.com!20000k"
    clean = "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:bcd@example.com"
    result = asked("dmarc-uri-size", f'_dmarc TXT "{record}"\n')
    assert changes(result) == [[f'"{clean}"'], [f'"{clean}"']]


def test_of_two_records_that_nobody_reads_neither_is_put_right():
    records = '_dmarc TXT "v=dmarc1; p=none"\n_dmarc TXT "v=DMARC; p=none"\n'
    result = asked("dmarc-version", records)
    assert len(result.findings) == 2
    assert changes(result) == [[], []]
    assert all("merge" in finding.advice for finding in result.findings)


def test_a_record_at_the_wrong_name_does_not_hide_the_next():
    record = 'TXT "v=DMARC1; p=none"\n'
    zone = f"_dmarc {record}@ {record}dmarc.a {record}_dmarc._dmarc.b {record}"
    found = owners(asked("dmarc-wrong-owner", zone))
    assert found == ["example.com.", "dmarc.a", "_dmarc._dmarc.b"]


def test_only_what_cannot_be_meant_is_removed():
    record = "v=DMARC1; p=none; fo=x; adkim=strict; pct=999; sp=none"
    result = asked("dmarc-tag-value", f'_dmarc TXT "{record}"\n')
    assert changes(result)[0] == ['"v=DMARC1; p=none; adkim=s; sp=none"']


def test_two_records_at_one_name_do_not_hide_those_at_the_next():
    record = 'TXT "v=DMARC1; p=none"\n'
    other = 'TXT "v=DMARC1; p=reject"\n'
    zone = f"x {record}x {other}_dmarc {record}_dmarc {other}"
    assert set(owners(asked("dmarc-multiple-records", zone))) == {"_dmarc"}


# ---- DKIM --------------------------------------------------------------------------------------


def test_a_zone_of_which_lines_are_missing_may_have_another_key():
    zone = f'a._domainkey TXT "{KEY}"\n@ TXT "v=spf1 mx -all"\n'
    assert len(asked("dkim-ed25519-only", zone).findings) == 1
    result = asked("dkim-ed25519-only", zone + "$INCLUDE more.zone\n")
    assert not result.findings
    assert result.undecided


def test_keys_at_several_wrong_names_are_all_found():
    zone = f'a._domainkey TXT "{KEY}"\nb.domainkey TXT "{KEY}"\nc.domainkey TXT "{KEY}"\n'
    assert owners(asked("dkim-wrong-owner", zone)) == ["b.domainkey", "c.domainkey"]


def test_a_cname_in_a_txt_record_can_stand_alone_only():
    name = "dkim-syntax"
    text = 's1._domainkey TXT "s1.domainkey.u1.wl.sendgrid.net"\n'
    assert changes(asked(name, text)) == [["s1.domainkey.u1.wl.sendgrid.net."]]
    assert changes(asked(name, text + "s1._domainkey A 192.0.2.1\n")) == [[]]


# ---- transport and zone ------------------------------------------------------------------------


def test_tlsa_of_other_services_does_not_hide_that_of_mail():
    digest = "ab" * 32
    zone = f"_443._tcp.w TLSA 9 9 9 {digest}\n_25._tcp.m TLSA 9 9 9 {digest}\n"
    assert owners(asked("dane-tlsa", zone)) == ["_25._tcp.m"]


def test_a_set_without_any_ttl_does_not_hide_the_next():
    text = (
        "$ORIGIN example.com.\nx A 192.0.2.1\nx A 192.0.2.2\n5 60 A 192.0.2.1\n5 61 A 192.0.2.2\n"
    )
    assert owners(asked("zone-mixed-ttl", text)) == ["5"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (120, "2 minutes"),
        (604800, "1 week"),
        (1209600, "2 weeks"),
        (86400 * 3, "3 days"),
        (7200, "2 hours"),
    ],
)
def test_a_ttl_in_words(seconds: int, words: str):
    from zonelint.rules.zone.ttl import _duration

    assert _duration(seconds) == words


@pytest.mark.parametrize(
    ("ttl", "is_found"), [(3599, True), (3600, False), (14400, False), (14401, True)]
)
def test_which_ttl_is_too_short_or_too_long(ttl: int, is_found: bool):
    found = asked("zone-ttl", f'@ {ttl} TXT "v=spf1 mx -all"\n').findings
    assert bool(found) is is_found
    assert all(("stands for that long" in f.message) is (ttl > 14400) for f in found)


@pytest.mark.parametrize(
    ("ttl", "severity"),
    [(299, "warning"), (300, "info"), (86400, "info"), (86401, "warning")],
)
def test_how_bad_a_ttl_is(ttl: int, severity: str):
    [finding] = asked("zone-ttl", f'@ {ttl} TXT "v=spf1 mx -all"\n').findings
    assert str(finding.severity) == severity


# ---- further cases -----------------------------------------------------------------------------


def test_an_include_is_not_replaced_by_the_addresses_of_its_name():
    includes = " ".join(f"include:s{n}.example.com" for n in range(11))
    zone = f'@ TXT "v=spf1 {includes} -all"\n' + "".join(
        f's{n} TXT "v=spf1 ip4:192.0.2.{n} -all"\ns{n} A 192.0.2.{n}\n' for n in range(11)
    )
    assert changes(asked("spf-too-many-lookups", zone)) == [[]]


def test_a_long_circle_is_shown_in_part():
    names = [f"n{n}.example.com" for n in range(14)]
    zone = "".join(
        f'{name}. TXT "v=spf1 include:{after} -all"\n'
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    )
    messages = [finding.message for finding in asked("spf-loop", zone).findings]
    assert messages
    for message in messages:
        circle = message[message.index("(") + 1 : message.index(")")]
        assert circle.endswith(" → …")
        assert circle.count(" → ") == 12


def test_void_lookups_behind_an_include_count():
    own = '@ TXT "v=spf1 include:i.example.com -all"\n'
    below = 'i TXT "v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com -all"\n'
    assert "example.com." in owners(asked("spf-void-lookups", own + below))


def test_an_ignored_tag_of_a_doubtful_record_is_not_removed_unasked():
    above = '_dmarc TXT "v=DMARC1; p=reject"\n'
    for record, safe in (
        ("v=DMARC1; p=reject; sp=reject", True),
        ("v=DMARC1; p=reject; sp=none; adkim-s", False),
    ):
        [finding] = asked("dmarc-sp-ignored", f'{above}_dmarc.a TXT "{record}"\n').findings
        assert finding.change is not None
        assert finding.change.safe is safe


def test_the_version_is_marked_whatever_else_is_wrong():
    line = '_dmarc TXT "v=dmarc1; p=nnone; foo"'
    [finding] = asked("dmarc-version", f"{line}\n").findings
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == "dmarc1"


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
    [finding] = asked("dkim-sender-wants-cname", zone, config=config).findings
    assert finding.change is not None
    assert [(edit.type, edit.after is None) for edit in finding.change.edits] == [
        ("CNAME", False),
        ("TXT", True),
    ]


def test_keys_that_are_none_are_shared_by_nobody():
    key = f'TXT "{KEY}"\n'
    assert owners(asked("dkim-shared-key", f"a._domainkey {key}b._domainkey {key}")) == [
        "b._domainkey"
    ]
    assert not asked("dkim-shared-key", f"a._domainkey {key}*._domainkey {key}").findings
    assert not asked("dkim-shared-key", f"a._domainkey {key}_domainkey {key}").findings


@pytest.mark.parametrize(
    ("more", "is_parked"),
    [
        ("", True),
        (f'k._domainkey TXT "{KEY}"\n', False),
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
    assert bool(asked("parked-domain", f"@ A 192.0.2.1\n{more}").findings) is is_parked


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        ("MX 10 m", "MX 10 M", 1),
        ("MX 10 m", "MX 20 m", 0),
        ('TXT "a"', 'TXT "A"', 0),
        ('TXT "a" "b"', 'TXT "ab"', 0),
        ('TXT "a"', "TXT a", 1),
        ('CAA 0 issue "a"', 'CAA 0 issue "A"', 0),
        ("AAAA 2001:db8::a", "AAAA 2001:DB8::A", 1),
    ],
)
def test_which_records_are_the_same(first: str, second: str, again: int):
    zone = f"@ {first}\n@ {second}\n"
    assert len(asked("zone-duplicate-record", zone).findings) == again


def test_only_the_first_of_two_records_for_mta_sts_counts():
    name = "mta-sts-record"
    for second, found in (("a", 1), ("1", 1), ("5", 0)):
        zone = f'_mta-sts TXT "v=STSv1; id=5"\n_mta-sts TXT "v=STSv1; id={second}"\n'
        assert len(asked(name, zone).findings) == found, second
    host = '_mta-sts TXT "v=STSv1; id=5"\n_mta-sts TXT "v=STSv1; id=6"\n'
    assert len(asked("mta-sts-host", host).findings) == 1


def test_reports_are_asked_for_at_the_name_itself_or_behind_its_alias():
    sts = '_mta-sts TXT "v=STSv1; id=5"\nmta-sts A 192.0.2.1\n@ MX 10 m\nm A 192.0.2.2\n'
    name = "tls-rpt-missing"
    assert asked(name, sts).findings
    for more in (
        '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@example.com"\n',
        '_smtp._tls TXT "tlsrpt is not written so"\n',
        "_smtp._tls CNAME t.example.net.\n",
        '* TXT "v=TLSRPTv1; rua=mailto:a@example.com"\n',
    ):
        assert not asked(name, sts + more).findings, more
    assert asked(name, sts + '* TXT "v=spf1 -all"\n').findings


# ---- the roll-out ------------------------------------------------------------------------------


def judged(name: str, zone: str, **more: str) -> Result:
    return ask([RULES[name]], context_of(Example(zone, **more)))


def test_reports_about_a_domain_without_a_policy_are_no_matter():
    reports = """
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """
    spf = '@ TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
    name = "phase-unknown-sources"
    assert not judged(name, spf, reports=reports).findings
    for policy, found in (("none", 1), ("quarantine", 1), ("reject", 0)):
        zone = f'{spf}_dmarc TXT "v=DMARC1; p={policy}"\n'
        assert len(judged(name, zone, reports=reports).findings) == found, policy


def test_a_weaker_policy_is_marked_at_its_tag():
    mail = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'
    line = '_dmarc TXT "v=DMARC1; p=reject; sp=none"'
    result = judged(
        "phase-weakened", f"{mail}{line}\n", before=f'{mail}_dmarc TXT "v=DMARC1; p=reject"\n'
    )
    marked = [line[f.span.column - 1 : f.span.end_column - 1] for f in result.findings]
    assert marked == ["sp=none"]


def test_a_key_goes_where_mail_is_sent_now_or_was():
    key = f'k._domainkey TXT "{KEY}"\n'
    mail = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'
    name = "phase-key-removed"
    for before, after, found in (
        (mail + key, mail, 1),
        (key, mail, 1),
        (key, "", 1),  # whoever has a key may send
        (mail + key, '@ MX 0 .\n@ TXT "v=spf1 -all"\n', 0),
    ):
        result = judged(name, f"w A 192.0.2.1\n{after}", before=f"w A 192.0.2.1\n{before}")
        assert len(result.findings) == found, (before, after)


# ---- what is passed over hides nothing behind it -------------------------------------------------


def test_a_wrong_target_hides_no_dangling_one() -> None:
    zone = """\
selector1._domainkey CNAME selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.
zz._domainkey CNAME gone
"""
    result = asked("dkim-dangling-cname", zone)
    assert owners(result) == ["zz._domainkey"]
    assert owners(asked("dkim-wrong-target", zone)) == ["selector1._domainkey"]


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
    result = ask([RULES[name]], context_of(example))
    if name == "phase-skipped":
        assert owners(result) == [f"_dmarc.{sound}"]
    else:  # without reports
        assert [each.owner for each in result.undecided] == [f"{sound}.example.com."]


def test_every_phase_without_reports_is_undecided() -> None:
    example = Example(
        '@ MX 10 a.example.net.\n_dmarc TXT "v=DMARC1; p=quarantine"\n'
        'b MX 10 a.example.net.\n_dmarc.b TXT "v=DMARC1; p=quarantine"\n',
        before='_dmarc TXT "v=DMARC1; p=none"\n_dmarc.b TXT "v=DMARC1; p=none"\n',
    )
    result = ask([RULES["phase-too-early"]], context_of(example))
    assert {each.owner for each in result.undecided} == {"example.com.", "b.example.com."}


def test_a_term_that_leads_nowhere_hides_no_include() -> None:
    result = asked(
        "spf-target-without-spf",
        '@ TXT "v=spf1 a:gone.example.com include:bare.example.com -all"\nbare A 8.8.8.8\n',
    )
    assert len(result.findings) == 1
    assert "bare.example.com" in result.findings[0].message


def test_a_service_type_with_sha256_beside_sha1_is_no_sha1_key() -> None:
    text = f's1._domainkey TXT "v=DKIM1; h=sha1:sha256; k=ed25519; p={KEY.rpartition("p=")[2]}"\n'
    assert not asked("dkim-sha1", text).findings
    assert asked("dkim-sha1", text.replace(":sha256", "")).findings

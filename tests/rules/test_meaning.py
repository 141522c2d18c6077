"""What a change means, and the mail of the reports judged again."""

from __future__ import annotations

import pytest

from tests.rules.harness import context_of
from zonelint.formats.meaning import blocks
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.tags import dmarc
from zonelint.rules.context import Context
from zonelint.rules.core.rule import Example
from zonelint.rules.evidence.replay import Replay, ReplayMeans, replays
from zonelint.rules.mail import dmarc_equivalence
from zonelint.rules.mail.meaning import NameGroup, dmarc_change, handovers, meanings

LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 ip4:198.51.100.0/24 -all"]
"""
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
OTHER = "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="


def context(before: str, after: str, **more: str) -> Context:
    return context_of(Example(after, before=before, **more))


def lines(before: str, after: str, **more: str) -> list[str]:
    told = dict(blocks(meanings(context(before, after, **more).repository), ()))
    return told.get("example.com", [])


def replayed(before: str, after: str, rows: str, **more: str) -> Replay:
    (found,) = replays(context(before, after, reports=f"rows = [{rows}]", **more).repository)
    return found


def spf(terms: str, owner: str = "@") -> str:
    return f'{owner} TXT "v=spf1 {terms}"\n'


# ---- meaning -------------------------------------------------------------------------------------


def test_the_same_meaning_is_no_change():
    assert (
        lines(spf("ip4:40.92.0.0/24 mx -all"), spf("mx ip4:40.92.0.0/25 ip4:40.92.0.128/25 -all"))
        == []
    )
    same = '_dmarc TXT "v=DMARC1; p=none; sp=none"\n'
    assert lines(same, '_dmarc TXT "v=DMARC1;p=none"\n') == []


@pytest.mark.parametrize("after", ["redirect=far.example.net", "include:far.example.net -all"])
def test_what_nobody_knows_is_neither_added_nor_removed(after: str) -> None:
    known, unknown = spf("ip4:40.92.0.0/24 -all"), spf(after)
    for line in (*lines(known, unknown), *lines(unknown, known)):
        assert "adds" not in line
        assert "removes" not in line
    assert lines(known, unknown)[-1].endswith("missing: far.example.net.")


def test_a_wildcard_is_told_that_answers_for_dmarc() -> None:
    before = '_dmarc TXT "v=DMARC1; p=reject"\n'
    after = before + '* TXT "v=DMARC1; p=none"\n'
    told = dict(blocks(meanings(context(before, after).repository), ()))
    assert told == {"*.example.com": ["DMARC for names that do not exist: reject → none"]}
    same = before + '* TXT "v=spf1 -all"\n'
    told = dict(blocks(meanings(context(before, same).repository), ()))
    assert told == {"*.example.com": ["SPF: no record → a record"]}


def test_networks_behind_an_include():
    (line,) = lines(
        spf("ip4:40.92.0.1 -all"), spf("ip4:40.92.0.1 include:_spf.example.net -all"), lock=LOCK
    )
    assert line == "SPF adds 256 addresses (198.51.100.0/24)"
    (line,) = lines(spf("include:_spf.example.net -all"), spf("ip4:198.51.100.7 -all"), lock=LOCK)
    assert line.startswith("SPF removes 255 addresses (198.51.100.0/30, 198.51.100.4/31,")
    assert line.endswith("and 3 more)")


def test_a_host_that_moves_changes_who_may_send():
    hosts = spf("a:out.example.com -all")
    (line,) = lines(f"{hosts}out A 192.0.2.1\n", f"{hosts}out A 192.0.2.2\nout AAAA 2001:db8::1\n")
    assert line == "SPF adds 192.0.2.2 and 2001:db8::1, removes 192.0.2.1"


def test_what_is_not_known_is_said():
    (line,) = lines(spf("ip4:40.92.0.1 -all"), spf("ip4:40.92.0.1 include:_spf.example.org -all"))
    assert line == "SPF cannot be compared completely; missing: _spf.example.org."


def test_records_that_come_and_go():
    assert lines("", spf("-all"))[0] == "SPF: no record → a record"
    assert lines(spf("-all"), spf("-all") + spf("~all"))[0] == (
        "SPF: a record → several records, which receivers refuse"
    )


def test_a_tree_far_over_the_limits_is_not_compared():
    many = spf(" ".join(f"include:n{n}.example.com" for n in range(120)) + " -all")
    names = "".join(spf("ip4:192.0.2.1 -all", f"n{n}") for n in range(120))
    assert lines(spf("-all") + names, many + names) == [
        "SPF: the records exceed the lookup limit by too much to be compared"
    ]


def test_both_readings_of_a_policy_are_told():
    (line,) = lines('_dmarc TXT "v=DMARC1; p=reject"\n', '_dmarc TXT "v=DMARC1; p=reject; t=y"\n')
    assert line == (
        "DMARC for the domain, its subdomains and names that do not exist: "
        "reject → reject (RFC 7489) or quarantine (RFC 9989)"
    )


def test_levels_are_told_apart():
    first, second = lines(
        '_dmarc TXT "v=DMARC1; p=none"\n', '_dmarc TXT "v=DMARC1; p=quarantine; sp=reject"\n'
    )[:2]
    assert first == "DMARC for the domain: none → quarantine"
    assert second == "DMARC for its subdomains and names that do not exist: none → reject"


def test_keys():
    one = f's1._domainkey TXT "{KEY}"\n'
    assert lines("", one) == ["DKIM selector s1 is new"]
    assert lines(one, "") == ["DKIM selector s1 is removed"]
    assert lines(one, 's1._domainkey TXT "v=DKIM1; p="\n') == ["DKIM selector s1 is revoked"]
    assert lines(one, f's1._domainkey TXT "{OTHER}"\n') == ["DKIM selector s1 has a different key"]
    assert lines(one, "s1._domainkey CNAME k.example.net.\n") == [
        "DKIM selector s1 now points at k.example.net"
    ]
    assert lines(one, f's1._domainkey TXT "k=ed25519;{KEY[KEY.index("p=") - 1 :]}"\n') == []


# ---- replay --------------------------------------------------------------------------------------

MAILER = '{ from = "198.51.100.7", messages = 30 }'
OWN = '{ from = "192.0.2.1", messages = 70 }'
BOTH = spf("ip4:192.0.2.1 include:_spf.example.net -all")


def test_a_dropped_include():
    found = replayed(BOTH, spf("ip4:192.0.2.1 -all"), f"{OWN}, {MAILER}", lock=LOCK)
    assert (found.messages, found.aligned, found.then, found.open) == (1400, 1400, 980, 0)
    (loss,) = found.losses
    assert (loss.means, loss.where, loss.messages) == (ReplayMeans.SPF, "198.51.100.0/24", 420)
    assert loss.addresses == ("198.51.100.7",)


def test_an_added_include_brings_mail_back():
    failing = '{ from = "198.51.100.7", messages = 30, spf = "fail" }'
    found = replayed(spf("ip4:192.0.2.1 -all"), BOTH, f"{OWN}, {failing}", lock=LOCK)
    assert (found.aligned, found.then, found.losses) == (980, 1400, ())


def test_what_the_lock_lacks_stays_open():
    without = spf("ip4:192.0.2.1 include:_spf.example.org -all")
    found = replayed(
        spf("include:_spf.example.org include:_spf.example.net -all"), without, MAILER, lock=LOCK
    )
    assert (found.then, found.open, found.missing) == (420, 420, ("_spf.example.org.",))


def test_no_change_no_difference_whatever_receivers_tell():
    odd = '{ from = "203.0.113.1", messages = 5 }'  # SPF passed for somebody, it would not here
    found = replayed(BOTH, BOTH, f"{odd}, {OWN}", lock=LOCK)
    assert not found.is_any


def test_a_removed_key():
    signed = '{ from = "203.0.113.1", messages = 5, spf = "fail", dkim = "s1" }'
    key = f's1._domainkey TXT "{KEY}"\n'
    found = replayed(key, "", signed)
    (loss,) = found.losses
    assert (loss.means, loss.where, loss.messages) == (
        ReplayMeans.KEY,
        "s1._domainkey.example.com.",
        70,
    )
    assert not replayed(key, key, signed).is_any


def test_another_signature_is_enough():
    signed = '{ from = "203.0.113.1", messages = 5, spf = "fail", dkim = "s1@elsewhere.example" }'
    assert replayed(f's1._domainkey TXT "{KEY}"\n', "", signed).losses == ()


def test_strict_alignment_loses_subdomains():
    row = '{ from = "192.0.2.1", messages = 5, spf = "bounce.example.com" }'
    zone = spf("ip4:192.0.2.1 -all", "bounce")
    found = replayed(
        f'{zone}_dmarc TXT "v=DMARC1; p=none"\n',
        f'{zone}_dmarc TXT "v=DMARC1; p=none; aspf=s"\n',
        row,
    )
    (loss,) = found.losses
    assert (loss.means, loss.where, found.then) == (ReplayMeans.ALIGNMENT, "bounce.example.com", 0)


def zone_context(origin: str, text: str) -> Context:
    return Context([masterfile.read(f"$TTL 5\n{text}", "x.zone", origin)])


def test_names_below_count_where_the_domain_is_an_organisation_before_or_after():
    apart = '_dmarc.sub TXT "v=DMARC1; p=none; psd=n"\n_dmarc TXT "v=DMARC1; p=none"\n'
    joined = '_dmarc.sub TXT "v=DMARC1; p=reject"\n_dmarc TXT "v=DMARC1; p=none"\n'
    for first, second in ((apart, joined), (joined, apart)):
        old, new = zone_context("example.com.", first), zone_context("example.com.", second)
        change = dmarc_change("sub.example.com.", old, new)
        assert change is not None
        assert [level.names for level in change.levels] == list(NameGroup)
        assert all(level.was is level.is_now for level in change.levels[1:])
        whole = dmarc_change("example.com.", zone_context("example.com.", ""), new)
        assert whole is not None
        assert len(whole.levels) == 3


def test_what_was_unknown_and_stays_so_is_no_change():
    old = zone_context("dev.example.com.", "@ A 192.0.2.1\n")
    new = zone_context("dev.example.com.", "@ A 192.0.2.2\n")
    assert dmarc_change("dev.example.com.", old, new) is None
    policy = zone_context("dev.example.com.", '_dmarc TXT "v=DMARC1; p=reject"\n')
    assert dmarc_change("dev.example.com.", old, policy) is not None


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
    assert dmarc_equivalence.is_harmless_below(dmarc.parse(before), after) is harmless


_PARENT = "$ORIGIN example.com.\n$TTL 1h\n@ NS ns1.example.net.\n"
_CHILD = '$ORIGIN sub.example.com.\n$TTL 1h\n@ NS {0}.\n@ NS ns.new.example.\n@ TXT "v=spf1 -all"\n'


@pytest.mark.parametrize(
    ("servers", "delegation", "told"),
    [
        ("ns1.example.net", "", False),  # they have both zones, and answer from the nearer
        ("ns.other.example", "", True),
        ("ns.other.example", "sub NS ns.third.example.\n", True),  # which the zone does not name
        ("ns.other.example", "sub NS ns.new.example.\n", False),
    ],
)
def test_a_delegated_zone_of_our_own_is_what_its_servers_answer(
    servers: str, delegation: str, told: bool
) -> None:
    child = _CHILD.format(servers)
    sides = [_PARENT + f"sub NS {servers}.\n", _PARENT + delegation]
    before, now = (
        [
            masterfile.read(text, "p", "example.com."),
            masterfile.read(child, "c", "sub.example.com."),
        ]
        for text in sides
    )
    parent, _ = Context(now, previous=Context(before)).repository.zones
    assert [each.owner for each in handovers(parent)] == ["sub.example.com."] * told

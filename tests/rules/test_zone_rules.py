"""Rules about the zone itself, beyond their examples."""

from __future__ import annotations

import pytest

from tests.rules.harness import ask, ask_named, every_rule, owners_of, read
from zonelint.rules.context import Context


def test_a_set_without_any_ttl_does_not_hide_the_next():
    text = (
        "$ORIGIN example.com.\nx A 192.0.2.1\nx A 192.0.2.2\n5 60 A 192.0.2.1\n5 61 A 192.0.2.2\n"
    )
    assert owners_of(ask_named("zone-mixed-ttl", text)) == ["5"]


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
    ("ttl", "is_found"), [(299, True), (300, False), (86400, False), (86401, True)]
)
def test_which_ttl_is_too_short_or_too_long(ttl: int, is_found: bool):
    found = ask_named("zone-ttl", f'@ {ttl} TXT "v=spf1 mx -all"\n').findings
    assert bool(found) is is_found
    assert all(("persists for that long" in f.message) is (ttl > 86400) for f in found)


@pytest.mark.parametrize(
    ("ttl", "severity"),
    [(59, "warning"), (60, "info"), (299, "info"), (86401, "warning")],
)
def test_how_bad_a_ttl_is(ttl: int, severity: str):
    [finding] = ask_named("zone-ttl", f'@ {ttl} TXT "v=spf1 mx -all"\n').findings
    assert str(finding.severity) == severity


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
    assert len(ask_named("zone-duplicate-record", zone).findings) == again


@pytest.mark.parametrize("alias", ["_dmarc CNAME _dmarc.example.net.", "s._domainkey CNAME s.e."])
def test_an_alias_out_of_a_zone_with_a_redirection_ends(alias):
    zone = read(f'{alias}\nold DNAME new\n_dmarc.a TXT "v=DMARC1; p=none"\n')
    assert zone.redirected("_dmarc.example.net.") is None
    assert not ask(every_rule(), Context([zone])).crashes

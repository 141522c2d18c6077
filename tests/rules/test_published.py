"""Rules judge what is published: what a delegation or a DNAME occludes changes nothing for them."""

import ast
from pathlib import Path

import pytest

from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Answered
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine

ROOT = Path(__file__).resolve().parents[2]

# Who may look at records that are written and perhaps not published, and why.
READERS_OF_WRITTEN = {
    "rules/core/engine.py": "counts the records",
    "rules/core/suppression.py": "finds comments",
    "rules/mail/proof.py": "compares what an edit replaces",
    "rules/model/parts.py": "asks what the rules about the zone may ask",
    "rules/model/subjects.py": "divides them",
    "rules/model/wording.py": "asks the zone how it words its names and values",
}

ORIGIN = "example.com."
HEAD = (
    "$ORIGIN example.com.\n$TTL 3600\n"
    "@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n"
)
KEY = "v=DKIM1; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

OCCLUDED = f"""\
sub NS ns1.example.net.
sub TXT "v=spf1 +all"
sub TXT "v=spf1 ?all"
sub MX 10 127.0.0.1.
_dmarc.sub TXT "v=DMARC1; p=non"
s1._domainkey.sub TXT "{KEY}"
s1._domainkey.sub CNAME a.example.net.
deep.under.sub NS ns2.example.net.
deep.under.sub DNAME example.org.
moved DNAME example.net.
_dmarc.moved TXT "v=DMARC1; p=quarantine; pct=20"
x.moved TXT "v=spf1 ip4:0.0.0.0/0 -all"
_mta-sts.moved TXT "v=STSv1; id="
"""
ABOUT_THE_ZONE = "ZONE"


def read(text):
    return masterfile.read(HEAD + text, "example.com.zone", ORIGIN)


def findings(text):
    result = Engine(registry.rules()).run(Context([read(text)]))
    assert not result.crashes
    return result


@pytest.mark.parametrize(
    "own",
    [
        "",
        '@ MX 10 mx\nmx A 192.0.2.25\n@ TXT "v=spf1 mx -all"\n',
        '@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\n',
        f'@ TXT "v=spf1 include:sub.example.com -all"\ns1._domainkey TXT "{KEY}"\n',
    ],
)
def test_what_is_occluded_changes_nothing_for_the_other_rules(own):
    cuts = "sub NS ns1.example.net.\nmoved DNAME example.net.\n"

    def told(result):
        return [
            (each.code, each.owner, each.message)
            for each in result.findings
            if not each.code.startswith(ABOUT_THE_ZONE)
        ], [(each.code, each.owner) for each in result.undecided]

    assert told(findings(own + OCCLUDED)) == told(findings(own + cuts))


def test_every_occluded_record_is_reported_once():
    found = [f for f in findings(OCCLUDED).findings if f.code == "ZONE009"]
    assert sorted((f.owner, f.type, f.severity.value) for f in found) == [
        ("_dmarc.moved.example.com.", "TXT", "error"),
        ("_dmarc.sub.example.com.", "TXT", "error"),
        ("_mta-sts.moved.example.com.", "TXT", "error"),
        ("deep.under.sub.example.com.", "DNAME", "warning"),
        ("deep.under.sub.example.com.", "NS", "warning"),
        ("s1._domainkey.sub.example.com.", "CNAME", "error"),
        ("s1._domainkey.sub.example.com.", "TXT", "error"),
        ("sub.example.com.", "MX", "error"),
        ("sub.example.com.", "TXT", "error"),
        ("x.moved.example.com.", "TXT", "error"),
    ]


def test_a_record_that_the_delegated_zone_holds_too_is_not_lost():
    parent = read('sub NS ns1.example.net.\n_dmarc.sub TXT "v=DMARC1; p=reject"\n')
    child = masterfile.read(
        '$TTL 3600\n_dmarc TXT "v=DMARC1; p=reject"\n', "sub.example.com.zone", "sub.example.com."
    )
    (found,) = [
        f
        for f in Engine(registry.rules()).run(Context([parent, child])).findings
        if f.code == "ZONE009"
    ]
    assert found.severity.value == "warning"


def test_a_zone_without_cuts_is_published_as_it_is():
    zone = read("@ NS ns1.example.net.\nwww A 192.0.2.1\n")
    assert zone.published is zone


def test_what_is_published_answers_as_the_zone_does():
    zone = read(OCCLUDED + "www A 192.0.2.1\n")
    published = zone.published
    assert published.published is published
    assert published.get("sub.example.com.", "NS") is zone.get("sub.example.com.", "NS")
    assert published.get("sub.example.com.", "TXT") is None
    for name in ("sub.example.com.", "x.moved.example.com.", "www.example.com.", ORIGIN):
        assert published.answer(name, "TXT") == zone.answer(name, "TXT")
    assert published.answer("s1._domainkey.sub.example.com.", "TXT")[0] is Answered.ELSEWHERE


def test_only_rules_about_the_zone_look_at_what_is_written():
    readers = set()
    for path in (ROOT / "rules").rglob("*.py"):
        inner = str(path.relative_to(ROOT))
        if inner.startswith("rules/zone/"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        if any(isinstance(n, ast.Attribute) and n.attr == "written" for n in ast.walk(tree)):
            readers.add(inner)
    assert readers == set(READERS_OF_WRITTEN)

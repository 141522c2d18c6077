"""Making a lock against real servers on loopback: one of our own, and BIND's named."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import dns_server
from tests.dns_server import DnsServer
from tests.networks import reaching
from tests.rules.harness import ask as ask_rules
from tests.rules.harness import every_rule, evidence_of
from tests.rules.harness import read as read_example
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.providers.dns import Limits, Reply, Resolver, Server, parse_server
from zonelint.providers.lock import DEEPEST, Collected, Refresh, collect
from zonelint.providers.project.index import repository
from zonelint.providers.project.project import Project
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core.rule import Rule
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.model import questions
from zonelint.rules.model.answers import Held, Status
from zonelint.rules.model.lock import Lock, compare, parse, write

TODAY = datetime.date(2026, 11, 24)
QUICK = Limits(one_try=2.0, tries=2, whole_run=30.0)

WORLD = {
    "vendor.example.": """
_spf 300 IN TXT "v=spf1 include:_a._spf.vendor.example. include:_b.other.example ~all"
_a._spf 300 IN TXT "v=spf1 ip4:192.0.2.0/24 a:out.vendor.example mx -all"
_a._spf 300 IN MX 10 mx1
_a._spf 300 IN MX 20 inside.example.com.
mx1 300 IN A 198.51.100.1
out 300 IN CNAME out2
out2 300 IN AAAA 2001:db8::25
key 300 IN TXT "v=DKIM1; p="
*.report._dmarc 300 IN TXT "v=DMARC1"
""",
    "other.example.": '_b 300 IN TXT "v=spf1 include:_c.other.example -all"\n'
    'dead 300 IN TXT "v=spf1 -all"\n',
}

ZONE = """
@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 300
@ 3600 IN NS ns.example.com.
@ 3600 IN TXT "v=spf1 include:_spf.vendor.example include:own.example.com a:%{i}.x.example -all"
own 3600 IN TXT "v=spf1 exists:dead.broken.example exp=why.vendor.example -all"
inside 3600 IN A 203.0.113.9
s1._domainkey 3600 IN CNAME key.vendor.example.
_dmarc 3600 IN TXT "v=DMARC1; p=none; rua=mailto:x@example.com,mailto:y@vendor.example"
"""


def context(text: str = ZONE, lock: Lock | None = None) -> Context:
    zone = masterfile.read(text, "example.com.zone", "example.com.")
    return Context([zone], outside=[] if lock is None else [lock])


@pytest.fixture(scope="module", params=["ours", "named"])
def server(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Server]:
    if request.param == "ours":
        with DnsServer(WORLD) as running:
            running.servfail.add("broken.example.")
            yield parse_server(running.address)
        return
    if dns_server.NAMED is None:
        pytest.skip("BIND's named is not installed")
    folder = tmp_path_factory.mktemp("named")
    with dns_server.bind(folder, WORLD, ("broken.example.",)) as address:
        yield parse_server(address)


def make(server: Server, text: str = ZONE, limits: Limits = QUICK, **more) -> Collected:
    async def run() -> Collected:
        resolver = Resolver([server], limits)
        return await collect(context(text), resolver, **{"today": TODAY, **more})

    return asyncio.run(run())


def records(*values: str) -> Held:
    return Held(Status.RECORDS, values)


def test_everything_that_the_zone_names_is_in_the_lock(server: Server) -> None:
    made = make(server)
    entries = made.lock.entries
    expected = {
        "_spf.vendor.example.": {
            "TXT": records("v=spf1 include:_a._spf.vendor.example. include:_b.other.example ~all")
        },
        "_a._spf.vendor.example.": {
            "TXT": records("v=spf1 ip4:192.0.2.0/24 a:out.vendor.example mx -all"),
            "MX": records("10 mx1.vendor.example.", "20 inside.example.com."),
        },
        "mx1.vendor.example.": {"A": records("198.51.100.1"), "AAAA": Held(Status.NODATA)},
        "out.vendor.example.": {"CNAME": Held(Status.RECORDS, (), "out2.vendor.example.")},
        "out2.vendor.example.": {"A": Held(Status.NODATA), "AAAA": records("2001:db8::25")},
        "_b.other.example.": {"TXT": records("v=spf1 include:_c.other.example -all")},
        "_c.other.example.": {"TXT": Held(Status.NXDOMAIN)},
        "dead.broken.example.": {"A": Held(Status.SERVFAIL)},
        "why.vendor.example.": {"TXT": Held(Status.NXDOMAIN)},
        "key.vendor.example.": {"TXT": records("v=DKIM1; p=")},
        "example.com._report._dmarc.vendor.example.": {"TXT": Held(Status.NXDOMAIN)},
        "_dmarc.vendor.example.": {"TXT": Held(Status.NODATA)},
        "_dmarc.com.": {"TXT": Held(Status.SERVFAIL)},
        "_dmarc.example.": {"TXT": Held(Status.SERVFAIL)},
        # What a message from the probe's address leads to stands for `a:%{i}.x.example`.
        "192.0.2.77.x.example.": {"A": Held(Status.SERVFAIL), "AAAA": Held(Status.SERVFAIL)},
    }
    assert {name: dict(entry.held) for name, entry in entries.items()} == expected
    assert {entry.seen for entry in entries.values()} == {TODAY}
    assert [name for name, _, _ in made.failed] == [
        "192.0.2.77.x.example.", "192.0.2.77.x.example.",
        "_dmarc.com.", "_dmarc.example.", "dead.broken.example.",
    ]  # fmt: skip
    assert made.unasked == []


def test_the_policy_above_a_zone_is_asked_for() -> None:
    """What covers hosts of a zone below a domain stands at that domain."""
    text = "@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 300\nwww 60 IN A 203.0.113.7\n"
    zone = masterfile.read(text, "a.zone", "dept.city.example.co.uk.")
    reverse = masterfile.read(text, "b.zone", "113.0.203.in-addr.arpa.")
    world = {"example.co.uk.": '_dmarc 300 IN TXT "v=DMARC1; p=reject"\n'}
    with DnsServer(world) as running:

        async def run() -> Collected:
            resolver = Resolver([parse_server(running.address)], QUICK)
            return await collect(Context([zone, reverse]), resolver, today=TODAY)

        lock = asyncio.run(run()).lock
        asked = {name for name, _, _ in running.asked}
    assert asked == {"_dmarc.city.example.co.uk.", "_dmarc.example.co.uk."}
    assert not covering(Context([zone]), "www.dept.city.example.co.uk.").is_known
    cover = covering(Context([zone], outside=[lock]), "www.dept.city.example.co.uk.")
    assert (cover.at, cover.enforces) == ("example.co.uk.", True)


def test_what_a_wildcard_says_for_the_policy_is_asked_for() -> None:
    """A host that `*` is an alias of may answer for the DMARC records that are not there."""
    text = (
        "@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 300\n@ 60 IN MX 10 mail\n"
        "mail 60 IN A 203.0.113.7\nteam 60 IN MX 10 mail\n"
    )
    alias = "* 60 IN CNAME host.vendor.example.\n"
    world = {"vendor.example.": "host 300 IN A 203.0.113.9\n", "shop.example.": ""}
    for records, expected in ((text, set()), (text + alias, {"host.vendor.example."})):
        zone = masterfile.read(records, "a.zone", "shop.example.")
        with DnsServer(world) as running:

            async def run() -> Collected:
                resolver = Resolver([parse_server(running.address)], QUICK)
                return await collect(Context([zone]), resolver, today=TODAY)  # noqa: B023

            lock = asyncio.run(run()).lock
            assert {name for name, _, _ in running.asked} == expected
        for domain in ("shop.example.", "team.shop.example."):
            assert covering(Context([zone], outside=[lock]), domain).is_known


def test_names_inside_the_zones_come_from_the_zones() -> None:
    with DnsServer(WORLD) as running:
        running.serve("example.com.", 'own 300 IN TXT "v=spf1 +all"\n')
        make(parse_server(running.address))
        asked = {name for name, _, _ in running.asked}
    assert not [name for name in asked if name.endswith(".example.com.")]
    assert "mx1.vendor.example." in asked


def test_a_second_run_gives_the_same_bytes_and_asks_only_for_failures() -> None:
    with DnsServer(WORLD) as running:
        running.servfail.add("broken.example.")
        server = parse_server(running.address)
        first = make(server)
        running.asked.clear()
        later = TODAY + datetime.timedelta(days=3)
        again = make(server, old=first.lock, today=later)
        assert write(again.lock) == write(first.lock)
        assert {name for name, _, _ in running.asked} == {name for name, _, _ in first.failed}
        everything = make(server, old=first.lock, today=later, refresh=Refresh(everything=True))
        assert write(everything.lock) == write(first.lock)


LOOPED = {
    "vendor.example.": """
l1 300 IN CNAME l2
l2 300 IN CNAME l1
"""
    + "".join(f"c{number} 300 IN CNAME c{number + 1}\n" for number in range(19))
    + 'c19 300 IN TXT "v=spf1 -all"\n'
}


@pytest.mark.parametrize("first", ["l1", "c0", "c2", "c3", "c4", "c10"])
def test_chains_of_aliases_give_the_same_lock_every_time(first: str) -> None:
    text = f'@ 60 IN TXT "v=spf1 include:{first}.vendor.example -all"\n'
    with DnsServer(LOOPED) as running:
        server = parse_server(running.address)
        made = make(server, text)
        asked = len(running.asked)
        again = make(server, text, old=made.lock)
        anew = make(server, text, old=made.lock, refresh=Refresh(everything=True))
    assert made.failed == []
    assert write(again.lock) == write(made.lock)
    assert write(anew.lock) == write(made.lock)
    assert {type for entry in made.lock.entries.values() for type in entry.held} <= {"CNAME", "TXT"}
    found = lookups.tree("example.com.", context(text, made.lock))
    reached = first in ("c3", "c4", "c10")
    assert found.is_exact == reached
    # One answer tells a whole chain: what it says is not asked for again.
    assert asked <= 4


def test_a_failure_leaves_an_alias(server: Server) -> None:
    lock = Lock()
    lock.put("a.example.", "A", Held(Status.RECORDS, (), "b.example."), TODAY)
    lock.put("a.example.", "TXT", Held(Status.TIMEOUT), TODAY)
    assert lock.look("a.example.", "TXT") == Held(Status.RECORDS, (), "b.example.")


def test_the_lock_reads_back(server: Server) -> None:
    lock = make(server).lock
    assert parse(write(lock)).entries == lock.entries


def test_only_named_entries_are_asked_anew() -> None:
    with DnsServer(WORLD) as running:
        server = parse_server(running.address)
        first = make(server)
        running.serve("other.example.", '_b 300 IN TXT "v=spf1 -all"\n')
        running.serve("vendor.example.", "")
        later = TODAY + datetime.timedelta(days=1)
        names = frozenset({"_b.other.example."})
        after = make(server, old=first.lock, today=later, refresh=Refresh(names=names))
    changes = [line for each in compare(first.lock, after.lock) for line in each.lines()]
    assert changes == [
        "- _b.other.example. TXT v=spf1 include:_c.other.example -all",
        "+ _b.other.example. TXT v=spf1 -all",
        "- _c.other.example. TXT (nxdomain)",
    ]
    assert after.lock.entries["_b.other.example."].seen == later
    assert after.lock.entries["_spf.vendor.example."].seen == TODAY


def test_an_old_entry_is_asked_anew_and_gets_a_new_day() -> None:
    with DnsServer(WORLD) as running:
        server = parse_server(running.address)
        first = make(server)
        later = TODAY + datetime.timedelta(days=40)
        oldest = later - datetime.timedelta(days=30)
        after = make(server, old=first.lock, today=later, refresh=Refresh(oldest=oldest))
    assert compare(first.lock, after.lock) == []
    assert {entry.seen for entry in after.lock.entries.values()} == {later}


def test_what_no_zone_names_any_more_goes() -> None:
    with DnsServer(WORLD) as running:
        server = parse_server(running.address)
        first = make(server)
        after = make(server, ZONE.replace("include:_spf.vendor.example ", ""), old=first.lock)
    assert "_spf.vendor.example." in first.lock.entries
    assert "_spf.vendor.example." not in after.lock.entries
    assert "key.vendor.example." in after.lock.entries


def test_a_resolver_that_never_answers_leaves_what_was_known() -> None:
    with DnsServer(WORLD) as running:
        server = parse_server(running.address)
        first = make(server)
        running.silent.add(".")
        limits = Limits(one_try=0.3, tries=1, whole_run=1.5, at_once=4)
        text = ZONE.replace("-all", "include:new.vendor.example -all", 1)
        after = make(server, text, limits, old=first.lock, refresh=Refresh(everything=True))
    assert after.answered == 0
    for name, entry in first.lock.entries.items():
        if not entry.has_failures:
            assert after.lock.entries[name] == entry
    lost = {name for name, *_ in after.failed} | {name for name, _ in after.unasked}
    assert "new.vendor.example." in lost
    assert "_spf.vendor.example." in lost


def test_a_failure_is_not_a_fact_for_the_rules() -> None:
    with DnsServer(WORLD) as running:
        running.servfail.add("other.example.")
        lock = make(parse_server(running.address)).lock
    tree = lookups.tree("example.com.", context(lock=lock))
    assert tree.missing == ("_b.other.example (no answer came on 2026-11-24)",)
    assert not tree.is_exact


def test_a_tree_without_end_is_cut() -> None:
    class Endless(DnsServer):
        """Every name includes two more."""

        def respond(self, query):
            name = query.question[0].name.to_text()
            more = f'@ 300 IN TXT "v=spf1 include:a{name} include:b{name} -all"\n'
            self.serve(name, more)
            return super().respond(query)

    # Names get longer until there is no room for another label.
    with Endless({}) as running:
        text = '@ 60 IN TXT "v=spf1 include:' + "x" * 60 + '.example -all"\n'
        chain = text.replace("include:b{name}", "")
        limits = replace(QUICK, whole_run=3.0)
        made = make(parse_server(running.address), chain, limits)
    depth = max(name.count("a") for name in made.lock.entries)
    assert depth <= DEEPEST + 4


def test_the_lock_decides_what_the_zone_alone_cannot() -> None:
    with DnsServer(WORLD) as running:
        lock = make(parse_server(running.address)).lock
    without = lookups.tree("example.com.", context())
    assert without.missing == ("_spf.vendor.example.",)
    assert without.lookups == 4
    known = context(lock=lock)
    tree = lookups.tree("example.com.", known)
    # include vendor (1) with include _a (1, a, mx) and include _b (1) with include _c (1);
    # include own (1, exists); a with a macro (1).
    assert (tree.lookups, tree.missing) == (9, ())
    passes = [str(network) for network, _ in reaching(networks.of("example.com.", known), "pass")]
    assert "192.0.2.0/24" in passes


def test_selectors_of_declared_senders_in_a_delegated_zone_are_asked_for() -> None:
    text = (
        "@ 60 IN SOA ns hostmaster 1 7200 900 1209600 300\n@ 60 IN MX 0 mail.example.net.\n"
        "_domainkey 60 IN NS ns.example.net.\n"
    )
    zone = masterfile.read(text, "example.com.zone", "example.com.")
    declared = intent.load('[domains."example.com"]\nsenders = ["microsoft365"]\n')
    with DnsServer(
        {"_domainkey.example.com.": 'selector1 60 IN TXT "v=DKIM1; p=QUJD"\n'}
    ) as running:

        async def run() -> Collected:
            resolver = Resolver([parse_server(running.address)], QUICK)
            return await collect(Context([zone], declared), resolver, today=TODAY)

        lock = asyncio.run(run()).lock
    assert lock.look("selector1._domainkey.example.com.", "TXT") == records("v=DKIM1; p=QUJD")
    assert lock.look("selector2._domainkey.example.com.", "TXT") == Held(Status.NXDOMAIN)


class _OneAnswer:
    """A resolver that has one thing to say."""

    def __init__(self, texts: dict[str, Held]) -> None:
        self.texts = texts

    async def ask(self, name: str, type: str) -> Reply:
        return Reply((), self.texts.get(type, self.texts["*"]))


_WORLDS = {
    "nothing": {"*": Held(Status.NXDOMAIN)},
    "no data": {"*": Held(Status.NODATA)},
    "more names": {
        "TXT": records("v=spf1 mx a:a.q.example exists:e.q.example include:i.q.example -all"),
        "MX": records("10 m.q.example."),
        "A": records("9.9.9.9"),
        "*": Held(Status.NODATA),
    },
}


@pytest.mark.parametrize("world", _WORLDS)
@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_lock_asks_for_whatever_a_rule_names_as_missing(rule: Rule, world: str) -> None:
    """Whatever any rule says about the examples of a rule: with its lock no name is missing.

    What only the state before leads to, its own lock has.
    """
    for example in (*rule.examples_bad, *rule.examples_good):
        if example.before is not None:
            continue
        declared = None if example.config is None else intent.load(example.config)
        texts = [example.zone, *([] if example.twin is None else [example.twin])]
        zones = [read_example(text) for text in texts]
        asked = _OneAnswer(_WORLDS[world])
        made = asyncio.run(collect(Context(zones, declared), asked, today=TODAY))
        proved = None if example.reports is None else evidence_of(example.reports)
        result = ask_rules(every_rule(), Context(zones, declared, [made.lock], evidence=proved))
        missing = {each for said in result.undecided for each in said.missing}
        assert [each for each in missing if each.endswith(".") and "%" not in each] == []


def test_a_name_that_stands_in_for_an_unknown_one_is_not_asked_for(tmp_path: Path) -> None:
    source = (
        'variable "zone_id" {}\n'
        'resource "aws_route53_record" "dmarc" {\n  zone_id = var.zone_id\n  name = "events"\n'
        '  type = "TXT"\n  ttl = 60\n  records = ["v=spf1 mx include:_spf.example.net -all"]\n}\n'
    )
    (tmp_path / "main.tf").write_text(source)
    project = Project(has_lock=False)
    zones = project.open([str(tmp_path)]).zones
    made = asyncio.run(
        collect(
            repository(project, zones).of_view(""),
            _OneAnswer({"*": Held(Status.NXDOMAIN)}),
            today=TODAY,
        )
    )
    assert "_spf.example.net." in made.lock.entries
    assert not [name for name in made.lock.entries if "unknown-" in name]


def test_an_exchange_elsewhere_is_asked_for_but_those_of_services() -> None:
    """Theirs have an address for certain, and another at every hour."""
    text = (
        "@ 3600 IN MX 10 mx1.vendor.example.\n@ 3600 IN MX 20 aspmx.l.google.com.\n"
        "@ 3600 IN MX 30 mail\n@ 3600 IN MX 40 ms123.msv1.invalid.\nsub 3600 IN MX 0 .\n"
    )
    (zone,) = context(text).zones
    asked = {question.name for question in questions.of_zone(zone)}
    assert {name for name in asked if not name.startswith("_dmarc.")} == {"mx1.vendor.example."}

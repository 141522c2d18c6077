"""The work for one record grows as the record does, in every language and for every rule; that for
a zone as its records do.

Work is counted, not timed: the calls of functions that a run makes, or the lines that it goes
through, which no other load changes.
"""

# Some of these tests take over 3 s: every line that is executed is counted, at two sizes.

import sys
from collections import Counter
from dataclasses import dataclass
from itertools import count

import pytest

from tests.rules.harness import every_rule
from tests.test_growth_rules import calls
from tests.test_limits import ring
from zonelint.formats.report import proposal
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.rdata import txt_rdata
from zonelint.providers.octodns.yaml import zone as yamlzone
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.rules.context import Context
from zonelint.rules.core.engine import MOST_OF_A_RECORD, Engine
from zonelint.rules.offers.harm import without_harm

HEAD = "$ORIGIN example.com.\n$TTL 3600\n"
SMALL = 700

SPF = {
    "the same term": "a",
    "terms with host bits": "ip4:8.{a}.{b}.7/24",
    "networks": "ip4:8.{a}.{b}.7",
    "private networks": "ip4:10.{a}.{b}.7",
    "includes": "include:e{n}.example",
    "U-labels": "include:\u00e9{n}.example",
    "bad terms": "ipv4:8.{a}.{b}.7",
    "versions": "v=spf1",
    "unknown modifiers": "x{n}=1",
    "macros": "exists:%{{i}}.e{n}.example",
    "mechanisms with lengths": "mx:e{n}.example/24",
}
TAGS = {
    "_dmarc": "v=DMARC1; p=none; ",
    "s._domainkey": "v=DKIM1; p=; ",
    "_mta-sts": "v=STSv1; id=1; ",
    "_smtp._tls": "v=TLSRPTv1; rua=mailto:a@example.com; ",
    "default._bimi": "v=BIMI1; l=https://example.com/a.svg; ",
}


def spf(term, numbers):
    terms = [term.format(n=n, a=n // 250, b=n % 250) for n in numbers]
    return " ".join(["v=spf1", *terms, "-all"])


def calls_of_record(owner, text):
    """Calls of Python functions while a zone of one record is judged by every rule."""
    made, result = calls_of_zone(f"{owner} TXT {txt_rdata(text)}\n")
    per_rule = Counter(finding.code for finding in result.findings)
    assert all(number <= MOST_OF_A_RECORD for number in per_rule.values()), per_rule
    return made


def calls_of_zone(text):
    """Calls of Python functions while a zone is judged by every rule, and what that gave."""
    zone = masterfile.read(f"{HEAD}{text}", "e.zone", "example.com.")
    engine = Engine(every_rule())
    results = []
    counts = calls(lambda: results.append(engine.run(Context([zone]))))
    (result,) = results
    assert not result.crashes
    return counts.total(), result


@pytest.mark.parametrize("steps", [(1,), (1, 2)])
def test_records_that_lead_to_one_another_are_not_walked_to_the_end(steps):
    def work(size):
        texts = (
            " ".join(["v=spf1", *(f"include:h{n + step}.example.com" for step in steps), "-all"])
            for n in range(size)
        )
        made, _ = calls_of_zone("".join(f'h{n} TXT "{text}"\n' for n, text in enumerate(texts)))
        return made

    work(8)
    assert work(300) < 2.3 * work(150)


def assert_grows_evenly(owner, text_of):
    """Twice as many pieces, none of which was met before, take about twice the work."""
    calls_of_record(owner, text_of(range(1)))
    small = calls_of_record(owner, text_of(range(1_000, 1_000 + SMALL)))
    large = calls_of_record(owner, text_of(range(3_000, 3_000 + 2 * SMALL)))
    assert large < 2.4 * small, (small, large)


@pytest.mark.parametrize("name", SPF)
def test_spf(name):
    assert_grows_evenly("@", lambda numbers: spf(SPF[name], numbers))


@pytest.mark.parametrize("owner", TAGS)
@pytest.mark.parametrize("tag", ["x{n}=1", "p=none", "rua=mailto:a{n}@example.net", "{n}"])
def test_tags(owner, tag):
    assert_grows_evenly(
        owner, lambda numbers: TAGS[owner] + "; ".join(tag.format(n=n) for n in numbers)
    )


@pytest.mark.parametrize("owner", ["_dmarc", "_smtp._tls"])
def test_addresses(owner):
    head = TAGS[owner].split("rua")[0]
    assert_grows_evenly(
        owner,
        lambda numbers: f"{head}rua=" + ",".join(f"mailto:a{n}@example.net" for n in numbers),
    )


def test_the_last_finding_tells_how_many_more_there_are():
    zone = masterfile.read(
        f"{HEAD}@ TXT {txt_rdata(spf(SPF['bad terms'], range(400)))}\n", "e.zone", "example.com."
    )
    found = [f for f in Engine(every_rule()).run(Context([zone])).findings if f.code == "SPF001"]
    assert len(found) == MOST_OF_A_RECORD
    assert sum("(and over 150 more of this record)" in each.message for each in found) == 1


# -- a zone of many ----------------------------------------------------------------------------

_NEW = count()
"""Numbers that no text had before: what is remembered of a small run would make it look quick."""


def lines(work, size):
    """The lines of Python that some work goes through."""
    counted = 0

    def trace(frame, event, _):
        nonlocal counted
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(size)
    finally:
        sys.settrace(before)
    return counted


def read_zone(text):
    return masterfile.read(f"{HEAD}{text}", "e.zone", "example.com.")


def judge(text):
    """Judge a zone, and tell the findings as JSON does."""
    for finding in Engine(every_rule()).run(Context([read_zone(text)])).findings:
        proposal(finding)


def chain(size):
    """Records each of which includes the next."""
    names = [f"c{next(_NEW)}" for _ in range(size)]
    return "".join(
        f'{name} TXT "v=spf1 include:{after}.example.com -all"\n'
        for name, after in zip(names, [*names[1:], "end"], strict=True)
    )


def many(record):
    """Work over so many records; each of them may have a number of its own."""
    return lambda size: judge("".join(record.format(n=next(_NEW)) for _ in range(size)))


def yaml_places(text):
    """Read a value in each style of YAML, and ask for the place of its end."""
    for written in (f"'{text}x'", f'"{text}{text}x"', f"x{text}x", f"|-\n    x{text}x"):
        source = SourceText("x.yaml", f"'':\n  type: TXT\n  value: {written}\n")
        zone = yamlzone.read("example.com.", [(source, EntrySettings())], lambda *_: ("", ""))
        for record in zone.get("example.com.", "TXT") or ():
            value = record.text
            value.span(len(value.value), len(value.value))


def blame(size):
    """Look for the changes that bring a fault each, far from where they change something."""
    names = [f"p{next(_NEW)}.example.com.example.com." for _ in range(size)]
    zone = read_zone("".join(f'{name} TXT "v=spf1 -all"\n' for name in names))
    found = Engine(every_rule()).run(Context([zone])).findings
    offered = [each for each in found if each.code == "ZONE006"]
    faults = {
        each.owner: each._replace(found=each.found._replace(owner=f"f{n}."))
        for n, each in enumerate(offered)
    }
    made, refused = without_harm(
        lambda left_out: Made([each for each in offered if each.owner not in left_out]),
        lambda made: [faults[each.owner] for each in made.applied],
        lambda finding: finding.owner,
    )
    assert not made.applied
    assert len(refused) == size


def test_changes_that_undo_one_another_are_not_looked_through_one_by_one():
    """Each trial brings as many faults as the one before, wherever they are now."""
    names = [f"w{n}.example.com.example.com." for n in range(64)]
    zone = read_zone("".join(f'{name} TXT "v=spf1 -all"\n' for name in names))
    found = Engine(every_rule()).run(Context([zone])).findings
    offered = [each for each in found if each.code == "ZONE006"]
    trials = []

    def harm_of(made):
        trials.append(len(made.applied))
        at = 0 if len(made.applied) % 2 else len(offered) - len(made.applied)
        one = offered[0]
        return [one._replace(found=one.found._replace(owner=f"f{at}.")) for _ in range(20)]

    made, refused = without_harm(
        lambda left_out: Made([each for each in offered if each.owner not in left_out]),
        harm_of,
        lambda finding: finding.owner,
    )
    assert not made.applied
    assert len(refused) == len(offered)
    assert len(trials) <= 14  # 40 where every round looks for one change more


@dataclass
class Made:
    applied: list


ZONES = {
    "changes that do harm": blame,
    "YAML blanks": lambda size: yaml_places(" " * size * 20),
    "YAML backslashes": lambda size: yaml_places("\\" * size * 20),
    "words like noqa": lambda size: read_zone("a A 192.0.2.1 ; xnoqa\n" * size),
    "noqa": lambda size: read_zone("; noqa noqa\n" * size),
    "one record often": many('@ TXT "v=spf1 -all"\n'),
    "SPF records": many('@ TXT "v=spf1 a:h{n} -all"\n'),
    "DMARC records": many('_dmarc TXT "v=DMARC1; p=none; rua=mailto:a@b{n}.c"\n'),
    "a ring of redirects": lambda size: judge(ring(size, "redirect=s{}.example.com", 1)),
    "a chain of includes": lambda size: judge(chain(size)),
    "records with one mx": lambda size: judge(
        "".join(f'm MX 1 h{n}\nr{n} TXT "v=spf1 mx:m.example.com -all"\n' for n in range(size))
    ),
    "delegations with glue": many("d{n} NS ns.d{n}\nns.d{n} A 192.0.2.1\nwww.d{n} A 192.0.2.2\n"),
    "MX of one host": many("h{n} MX 10 mail\n"),
    "hosts without SPF": many("h{n} A 192.0.2.1\n"),
    "aliases of keys": many("s{n}._domainkey CNAME s.example.net.\n"),
}


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_of_many(name):
    work = ZONES[name]
    work(50)  # what is made once
    small, large = lines(work, 250), lines(work, 500)  # up to 200 records, changes are proved
    assert large < 2.4 * small, (small, large)
    assert large > 1.5 * small, "nothing that grows was counted"

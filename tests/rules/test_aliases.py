"""A fault behind an alias is a fault of the domain: it is told, or undecided for a true reason.

Each is asked where it stands at its owner, and then wherever an alias can lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.rules.harness import HEADER
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Zone
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.octodns.yaml.zone import read as read_yaml
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.model import lock as lockfile
from zonelint.rules.model import questions
from zonelint.rules.model.repository import Repository, RunZone
from zonelint.rules.model.settings import Settings

ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
ONE = "one.other.example."
END = "end.other.example."

MAIL = """\
@ MX 10 mail
mail A 192.0.2.1
mail TXT "v=spf1 a -all"
"""
SPF = '@ TXT "v=spf1 mx -all"\n'
DMARC = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"\n'
STS = 'mta-sts A 192.0.2.7\n_mta-sts TXT "v=STSv1; id=2"\n'
HOST = 'mta-sts A 192.0.2.7\n_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"\n'
DECLARED = '[domains."host.example.com"]\nsenders = ["microsoft365"]\n'


class Fault(NamedTuple):
    """Texts at an owner of a zone with the rest, and the code of the rule about them.

    instead: what tells of them at an alias, where that is another rule.
    """

    code: str
    owner: str
    texts: tuple[str, ...]
    rest: str
    instead: str = ""
    config: str | None = None


_R = "rua=mailto:d@example.com"
FAULTS = [
    Fault("DMARC001", "_dmarc", (f"v=DMARC1; p=reject; {_R}; adkim-s",), SPF),
    Fault("DMARC002", "_dmarc", ("v=DMARC1; p=none", "v=DMARC1; p=reject"), SPF),
    Fault("DMARC003", "_dmarc", (f"v=dmarc1; p=reject; {_R}",), SPF, "DMARC101"),
    Fault("DMARC005", "_dmarc", (f"v=DMARC1; p=rejct; {_R}",), SPF),
    Fault("DMARC101", "_dmarc", ("hello",), SPF),
    Fault("DMARC102", "_dmarc", (f"v=DMARC1; p=none; {_R}",), SPF),
    Fault("DMARC103", "_dmarc", (f"v=DMARC1; p=reject; sp=none; {_R}",), SPF),
    Fault("DMARC109", "_dmarc", (f"v=DMARC1; p=reject; psd=y; {_R}",), SPF),
    Fault("DMARC110", "_dmarc", ("v=DMARC1; p=reject",), SPF),
    Fault("DMARC203", "_dmarc", (f"v=DMARC1; p=reject; {_R}",), SPF),
    Fault("DMARC012", "net.example._report._dmarc", ("v=DMARC2",), DMARC),
    Fault("DKIM001", "s._domainkey", ("hello",), DMARC, "DKIM013"),
    Fault("DKIM002", "s._domainkey", ("v=DKIM1; p=!!!",), DMARC),
    Fault("DKIM004", "s._domainkey", (f"v=DKIM1; h=sha1; k=ed25519; p={ED25519}",), DMARC),
    Fault("DKIM005", "s._domainkey", ("v=DKIM1; p=",), DMARC),
    Fault("DKIM006", "s._domainkey", (f"v=DKIM1; t=y; k=ed25519; p={ED25519}",), DMARC),
    Fault("DKIM009", "s._domainkey", (f"v=DKIM1; k=ed25519; p={ED25519}", "v=DKIM1; p="), DMARC),
    Fault("STS001", "_mta-sts", ("v=STSv1; id=2026-03-01",), HOST),
    Fault("STS001", "_mta-sts", ("v=STSv1; id=1", "v=STSv1; id=2"), HOST),
    Fault("STS001", "_mta-sts", ("hello",), HOST, "STS002"),
    Fault("TLSRPT001", "_smtp._tls", ("v=TLSRPTv1; rua=tls@example.com",), STS),
    Fault("TLSRPT001", "_smtp._tls", ("hello",), STS, "TLSRPT002"),
    Fault("BIMI001", "default._bimi", ("v=BIMI1; l=http://example.com/a.svg",), DMARC),
    Fault("BIMI001", "default._bimi", ("hello",), DMARC),
    Fault("SPF001", "host", ("v=spf1 ip4:1.2.3 -all",), DMARC, config=DECLARED),
    Fault("SPF002", "host", ("v=spf1 -all", "v=spf1 mx -all"), DMARC, config=DECLARED),
    Fault("SPF201", "host", ("v=spf1 +all",), DMARC, config=DECLARED),
    Fault("SPF210", "host", ("v=spf1 ip4:192.0.2.9 -all",), DMARC, config=DECLARED),
]  # fmt: skip


class World(NamedTuple):
    """Zones that are judged, zones that are known, what a lock holds."""

    judged: list[str]
    known: tuple[str, ...] = ()
    lock: str = ""


def written(owner: str, texts: tuple[str, ...]) -> str:
    return "".join(f'{owner} TXT "{text}"\n' for text in texts)


def locked(name: str, texts: tuple[str, ...]) -> str:
    held = ", ".join(f'"{text}"' for text in texts)
    return f'["{name}"]\nseen = 2026-11-30\nTXT = [{held}]\n'


def elsewhere(fault: Fault) -> str:
    return f"$ORIGIN other.example.\n$TTL 3600\n{written('end', fault.texts)}"


def worlds(fault: Fault) -> Iterator[tuple[str, World]]:
    """The ways by which receivers come to the fault's texts, or nobody knows what they come to."""
    owner, texts, rest = fault.owner, fault.texts, fault.rest
    away, here = f"{owner} CNAME {END}\n", f"{owner} CNAME end\n{written('end', texts)}"
    lock = locked(END, texts)
    yield "at the owner", World([rest + written(owner, texts)])
    yield "in the zone", World([rest + here])
    yield "in a zone that is judged", World([rest + away, elsewhere(fault)])
    yield "in a zone that is known", World([rest + away], (elsewhere(fault),))
    yield "in the lock", World([rest + away], lock=lock)
    yield "nobody knows", World([rest + away])
    chain = f"{owner} CNAME mid\nmid CNAME "
    yield "a chain in the zone", World([f"{rest}{chain}end\n{written('end', texts)}"])
    yield "a chain that leads away", World([f"{rest}{chain}{END}\n"], lock=lock)
    yield "a DNAME on the way", World([f"{rest}{owner} CNAME end.d\nd DNAME other.example.\n"],
                                      lock=lock)  # fmt: skip
    yield "a wildcard at the end", World([f"{rest}{owner} CNAME x.w\n{written('*.w', texts)}"])
    yield "a circle", World([f"{rest}{chain}{owner}\n"])
    yield "nothing", World([f"{rest}{owner} CNAME gone\n"])


def run(world: World, config: str | None) -> Result:
    zones = [read(text) for text in (*world.judged, *world.known)]
    return judge(zones, len(world.judged), world.lock, config)


def read(text: str) -> Zone:
    whole = text if text.startswith("$ORIGIN") else HEADER + MAIL + text
    origin = whole.split()[1]
    return masterfile.read(whole, f"{origin}zone", origin)


def judge(zones: list[Zone], judged: int, lock: str = "", config: str | None = None) -> Result:
    declared = None if config is None else intent.load(config, "zonelint.toml")
    outside = (lockfile.parse(lock, complete=False),) if lock else ()
    settings = Settings(declared, None, outside)
    places = [RunZone(z, settings, is_judged=n < judged) for n, z in enumerate(zones)]
    result = Engine(registry.rules()).run(Repository(places))
    assert not result.crashes, result.crashes
    return result


CASES = [
    pytest.param(fault, way, world, id=f"{fault.code}-{fault.texts[0][:9]}-{way}")
    for fault in FAULTS
    for way, world in worlds(fault)
]


@pytest.mark.parametrize(("fault", "way", "world"), CASES)
def test_a_fault_behind_an_alias_is_told(fault: Fault, way: str, world: World) -> None:
    result = run(world, fault.config)
    families = {code.rstrip("0123456789") for code in (fault.code, fault.instead or fault.code)}
    codes = {each.code for each in result.findings if each.zone.name == "example.com."}
    if way == "nobody knows":
        assert not codes & {fault.code, fault.instead}
        told = [each for each in result.undecided if END in each.missing]
        assert {each.code.rstrip("0123456789") for each in told} & families
    elif way in ("a circle", "nothing"):
        assert {code.rstrip("0123456789") for code in codes} & families or any(
            "circle" in why for each in result.undecided for why in each.missing
        )
    elif way == "at the owner":
        assert fault.code in codes
    else:
        assert {fault.code, fault.instead} & codes
        assert result.undecided == []
    for each in result.findings:
        if each.owner == f"{fault.owner}.example.com." and each.type == "CNAME":
            assert each.change is None or all(edit.before is None for edit in each.change.edits)


DOMAINS_POLICY = {"DMARC102", "DMARC109", "DMARC112", "DMARC201", "DMARC203", "DMARC204"}


def test_all_that_judge_a_policy_are_undecided_where_it_is_not_known() -> None:
    result = run(World([f"{SPF}_dmarc CNAME {END}\n"]), '[domains."example.com"]\n')
    told = {each.code for each in result.undecided if each.owner == "_dmarc.example.com."}
    assert told == DOMAINS_POLICY


def test_one_rule_that_is_asked_alone_is_undecided_about_a_text_that_is_not_known() -> None:
    zone = read(f"{DMARC}s._domainkey CNAME {END}\n")
    rules = [each for each in registry.rules() if each.code == "DKIM005"]
    (undecided,) = Engine(rules).run(Repository([RunZone(zone)])).undecided
    assert (undecided.owner, undecided.missing) == ("s._domainkey.example.com.", (END,))


@pytest.mark.parametrize("where", ["*", "sub"])
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("DMARC102", f"v=DMARC1; p=none; {_R}"),
        ("TLSRPT001", "v=TLSRPTv1; rua=tls@example.com"),
        ("STS001", "v=STSv1; id=2026-03-01"),
    ],
)
def test_what_a_wildcard_or_a_dname_gives_a_domain_is_judged(
    where: str, code: str, text: str
) -> None:
    leading = f"* CNAME {END}\n" if where == "*" else "sub MX 10 mail\nsub DNAME other.example.\n"
    labels = {"DMARC102": "_dmarc", "TLSRPT001": "_smtp._tls", "STS001": "_mta-sts"}
    name = END if where == "*" else f"{labels[code]}.other.example."
    result = run(World([SPF + leading], lock=locked(name, (text,))), None)
    owner = f"{labels[code]}.{'' if where == '*' else 'sub.'}example.com."
    (finding,) = (each for each in result.findings if each.code == code)
    assert (finding.owner, finding.type) == (owner, "CNAME" if where == "*" else "DNAME")


@pytest.mark.parametrize(
    "tags", ["p=reject", "p=none; rua=mailto:a@other.example", "p=none; psd=y"]
)
def test_a_wildcards_policy_is_judged_as_that_of_the_domain(tags: str) -> None:
    told = [
        sorted((each.code, each.owner) for each in (*result.findings, *result.undecided))
        for owner in ("_dmarc", "*")
        for result in (run(World([f"{SPF}{written(owner, (f'v=DMARC1; {tags}',))}"]), None),)
    ]
    direct, wild = ([(c, "" if "_dmarc" in o or "*" in o else o) for c, o in each] for each in told)
    assert direct == wild


_POOLED = """
'':
- {{type: MX, value: {{preference: 10, exchange: mail.example.net.}}}}
- {{type: TXT, value: v=spf1 mx -all}}
{owner}:
  type: CNAME
  value: one.other.example.
  dynamic:
    pools:
      a: {{values: [{{value: one.other.example.}}]}}
      b: {{values: [{{value: end.other.example.}}]}}
    rules: [{{geos: [EU], pool: b}}, {{pool: a}}]
"""
_GOOD = {
    "_dmarc": f"v=DMARC1; p=reject; {_R}",
    "s._domainkey": f"v=DKIM1; k=ed25519; p={ED25519}",
    "_mta-sts": "v=STSv1; id=1",
    "_smtp._tls": "v=TLSRPTv1; rua=mailto:d@example.com",
    "default._bimi": "v=BIMI1; l=https://example.com/a.svg",
    "net.example._report._dmarc": "v=DMARC1",
}


def pooled(owner: str, more: str = "") -> Zone:
    def no_include(including: str, name: str) -> tuple[str, str]:
        raise YamlFault(f"`{name}` is not there.", "")

    source = YamlSource("example.com.yaml", _POOLED.format(owner=owner) + more)
    return read_yaml("example.com.", [(source, EntrySettings())], no_include)


@pytest.mark.parametrize(
    "fault",
    [each for each in FAULTS if each.owner in _GOOD and not each.instead
     and each.code not in ("DMARC101", "DMARC203")],
    ids=lambda fault: f"{fault.code}-{fault.texts[0][:9]}",
)  # fmt: skip
@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(("bad", "good"), [(END, ONE), (ONE, END)], ids=["some", "the rest"])
def test_what_some_are_led_to_in_place_of_others_is_judged(
    fault: Fault, bad: str, good: str, is_known: bool
) -> None:
    policy = f"_dmarc: {{type: TXT, value: '{_GOOD['_dmarc']}'}}\n".replace(";", "\\;")
    zone = pooled(fault.owner, policy if fault.owner == "default._bimi" else "")
    lock = locked(good, (_GOOD[fault.owner],))
    result = judge([zone], 1, lock + (locked(bad, fault.texts) if is_known else ""))
    assert (fault.code in {each.code for each in result.findings}) is is_known
    assert any(bad in each.missing for each in result.undecided) is not is_known


@pytest.mark.parametrize("owner", ["host", *dict.fromkeys(each.owner for each in FAULTS)])
def test_of_two_aliases_that_exclude_each_other_lock_asks_what_rules_name(owner: str) -> None:
    zone = read(f"{owner} CNAME {ONE}\n{owner} CNAME {END}\n")
    config = intent.load(DECLARED, "zonelint.toml")
    context = Context([zone], config)
    asked = {
        context.answers.ask(each.name, each.type).last
        for each in questions.of_zone(context.zones[0])
    }
    missing = {
        each for said in judge([zone], 1, config=DECLARED).undecided for each in said.missing
    }
    assert missing <= asked
    assert ONE in asked


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        ("_dmarc", "DMARC101"),
        ("s._domainkey", "DKIM013"),
        ("_mta-sts", "STS002"),
        ("_smtp._tls", "TLSRPT002"),
        ("default._bimi", "BIMI001"),
        ("net.example._report._dmarc", "DMARC012"),
    ],
)
def test_what_leads_some_to_nothing_is_told(owner: str, code: str) -> None:
    lock = locked("one.other.example.", (_GOOD[owner],)) + f'["{END}"]\nseen = 2026-11-30\n'
    more = "_mta-sts: {type: TXT, value: 'v=STSv1\\; id=1'}\nmta-sts: {type: A, value: 192.0.2.7}\n"
    zone = pooled(owner, more if owner == "_smtp._tls" else "")
    result = judge([zone], 1, lock + 'TXT = "nxdomain"\n')
    assert code in {each.code for each in result.findings}


_KEYED = f'{DMARC}k._domainkey TXT "v=DKIM1; k=ed25519; p={ED25519}"\n'
SWAPS = [
    ("PHASE002", "_dmarc", f"v=DMARC1; p=reject; {_R}", f"v=DMARC1; p=none; {_R}", SPF),
    ("PHASE006", "s._domainkey", f"v=DKIM1; k=ed25519; p={ED25519}", "v=DKIM1; p=", SPF + DMARC),
    ("PHASE002", "host", "v=spf1 ip4:192.0.2.5 -all", "v=spf1 +all", _KEYED),
]


def changed(before: str, after: str, known: str = "", lock: str = "") -> Result:
    outside = (lockfile.parse(lock, complete=False),) if lock else ()
    settings = Settings(intent.load(DECLARED, "zonelint.toml"), None, outside)
    beside = [RunZone(read(known), settings)] if known else []
    old, new = ([RunZone(read(text), settings, base=settings), *beside] for text in (before, after))
    rules = [each for each in registry.rules() if each.family == "PHASE"]
    result = Engine(rules).run(Repository(new, before=Repository(old)))
    assert not result.crashes, result.crashes
    return result


@pytest.mark.parametrize(("code", "owner", "strong", "weak", "rest"), SWAPS, ids=lambda v: v[:12])
def test_a_weaker_text_is_told_whatever_alias_comes_or_goes(
    code: str, owner: str, strong: str, weak: str, rest: str
) -> None:
    away = f"{rest}{owner} CNAME {END}\n"
    direct = {text: rest + written(owner, (text,)) for text in (strong, weak)}
    here = {t: f"{rest}{owner} CNAME end\n{written('end', (t,))}" for t in (strong, weak)}
    other = f"$ORIGIN other.example.\n$TTL 3600\n{written('end', (weak,))}"
    for result in (
        changed(direct[strong], direct[weak]),
        changed(direct[strong], away, lock=locked(END, (weak,))),
        changed(direct[strong], away, known=other),
        changed(direct[strong], here[weak]),
        changed(direct[strong], f"{rest}{owner} CNAME gone\n"),
        changed(away, direct[weak], lock=locked(END, (strong,))),
        changed(away, rest, lock=locked(END, (strong,))),
        changed(here[strong], direct[weak]),
    ):
        assert code in {each.code for each in result.findings}
    assert changed(direct[strong], away, lock=locked(END, (strong,))).findings == []
    silent = f'["{END}"]\nseen = 2026-11-30\nTXT = "timeout"\n'
    for result in (
        changed(direct[strong], away),
        changed(away, direct[weak]),
        changed(away, rest),
        changed(direct[strong], away, lock=silent),
        changed(away, direct[weak], lock=silent),
    ):
        assert code in {each.code for each in (*result.findings, *result.undecided)}


def test_mta_sts_that_is_given_up_behind_an_alias_is_told() -> None:
    rest, away = SPF + DMARC + HOST, f"{SPF}{DMARC}{HOST}_mta-sts CNAME {END}\n"
    (finding,) = changed(away, rest, lock=locked(END, ("v=STSv1; id=1",))).findings
    assert (finding.code, finding.owner) == ("PHASE002", "_mta-sts.example.com.")
    (undecided,) = changed(away, rest).undecided
    assert undecided.missing == (END,)
    assert changed(away, away).undecided == []


def parked(lock: str) -> Result:
    text = f'{HEADER}@ MX 0 .\n@ TXT "v=spf1 -all"\n_dmarc CNAME {END}\n'
    return judge([masterfile.read(text, "z", "example.com.")], 1, lock, 'parked = ["example.com"]')


def test_a_parked_domain_is_held_to_the_policy_that_its_alias_leads_to() -> None:
    (finding,) = (f for f in parked(locked(END, ("v=DMARC1; p=none",))).findings
                  if f.code == "PARK001")  # fmt: skip
    assert finding.change is None
    refusing = parked(locked(END, ("v=DMARC1; p=reject",)))
    assert "PARK001" not in {each.code for each in (*refusing.findings, *refusing.undecided)}
    assert ("PARK001", (END,)) in {(each.code, each.missing) for each in parked("").undecided}


def test_a_policy_file_that_changes_under_the_id_behind_an_alias_is_told() -> None:
    def side(mode: str) -> Settings:
        policy = f"version: STSv1\nmode: {mode}\nmx: mail.example.com\nmax_age: 604800\n"
        declared = '[domains."example.com"]\nmta-sts.policy = "mta-sts.txt"\n'
        outside = (lockfile.parse(locked(END, ("v=STSv1; id=1",)), complete=False),)
        return Settings(intent.load(declared), None, outside, files={"mta-sts.txt": policy})

    zone = read(f"{SPF}{HOST}_mta-sts CNAME {END}\n")
    before = Repository([RunZone(zone, side("testing"))])
    rules = [each for each in registry.rules() if each.code == "STS003"]
    (finding,) = (
        Engine(rules).run(Repository([RunZone(zone, side("enforce"))], before=before)).findings
    )
    assert (finding.owner, finding.type) == ("_mta-sts.example.com.", "CNAME")
    assert "the `id` is still `1`" in finding.message


_ADDRESSES = ("A 192.0.2.1", "A 10.0.0.1", "A 192.0.2.1\nweb AAAA 2001:db8::1", "HINFO a b")
_MAIL_AT_WEB = """\
@ MX 10 web
@ TXT "v=spf1 mx a:web.example.com -all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@web.example.com"
"""


@pytest.mark.parametrize("addresses", _ADDRESSES)
@pytest.mark.parametrize("was", _ADDRESSES)
def test_an_alias_to_another_zone_is_judged_by_the_addresses_there(addresses: str, was: str):
    def said(is_alias: bool) -> set[tuple[str, ...]]:
        sides = []
        for held in (was, addresses):
            text = f"{HEADER}web {held}\n".replace("example.com", "example.org")
            there = masterfile.read(text, "o.zone", "example.org.")
            own = "web ALIAS web.example.org." if is_alias else f"web {held}"
            here = masterfile.read(f"{HEADER}{_MAIL_AT_WEB}{own}\n", "c.zone", "example.com.")
            sides.append([here, there])
        result = Engine(registry.rules()).run(Context(sides[1], previous=Context(sides[0])))
        found = {(f.code, f.owner, f.severity.value) for f in result.findings}
        return found | {(each.code, each.owner) for each in result.undecided}

    assert said(is_alias=True) == said(is_alias=False)

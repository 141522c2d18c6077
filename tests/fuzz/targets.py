"""What is fuzzed: a function for every reader and every grammar, from bytes to nothing.

Each raises for what must never happen; whatever else escapes from it is a bug as well.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz import judged
from tests.fuzz.broken import hold
from tests.fuzz.judged import World
from tests.fuzz.sections import SUBJECT, split
from tests.networks import value_at
from tests.strategies_taglist import Generic
from zonelint.formats.safe import plain
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.masterfile.reader import IncludeError, MasterZone
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.term import read_by_grammar
from zonelint.grammars.tags import dkim, dmarc, sts_policy, transport
from zonelint.grammars.tags.taglist import TagList
from zonelint.grammars.zone import Zone
from zonelint.providers.bounces.bounce import BounceError
from zonelint.providers.bounces.reading import read as read_bounce
from zonelint.providers.octodns.yaml import config as yamlconfig
from zonelint.providers.octodns.yaml import zone as yamlzone
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.find import Includes
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.project.configuration import read_baseline
from zonelint.providers.project.refused import ConfigRefused
from zonelint.providers.reports import reader as reports
from zonelint.providers.reports.reader import Item, ReportProblem
from zonelint.providers.resources.kinds import ResourceWorld as Kind
from zonelint.providers.resources.named_zone import NamedZone
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import shipped
from zonelint.providers.resources.values import UNKNOWN, Hidden
from zonelint.providers.resources.zones import assemble, known_zones
from zonelint.providers.terraform import plan as terraform
from zonelint.providers.zonefile import reader as zonefile
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.evidence.evidence import EvidenceBuilder
from zonelint.rules.mail import check_host as checkhost
from zonelint.rules.model import lock as lockfile
from zonelint.triage import shown as triage_shown
from zonelint.triage.diagnosis import diagnosed
from zonelint.triage.redact import Redactor

Target = Callable[[bytes], None]

ORIGIN = "example.com."
HEADER = f"$ORIGIN {ORIGIN}\n$TTL 3600\n"


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


# -- zones -----------------------------------------------------------------------------------------


def zone_files(data: bytes) -> None:
    """A zone file in its world: parts config, lock, before, reports, policy, include."""
    parts = split(text_of(data))

    def include(including: str, name: str) -> tuple[str, str]:
        if "include" in parts and "missing" not in name:
            return f"{name}.inc", parts["include"]
        raise IncludeError("There is no such file.", "Write another name.")

    zone = _zone(parts[SUBJECT], "example.com.zone", include)
    if zone is None:
        return
    judged.check_records([zone])
    before = None
    if "before" in parts:
        old = _zone(parts["before"], "before/example.com.zone", include)
        before = [] if old is None else [old]
    # The reader of the changed text follows no include that is not on the disk.
    judged.whole([zone], _world(parts, before), writable=not zone.included)


def _zone(text: str, path: str, include: Any) -> MasterZone | None:
    decoded = zonefile.text_of(zonefile.encode(text), path)
    if isinstance(decoded, zonefile.ReadError):
        return None
    zone = zonefile.read_text(decoded, path, include=include)
    return zone if isinstance(zone, MasterZone) else None


def _world(parts: dict[str, str], before: list[Zone] | None = None) -> World:
    return World(
        judged.intent_of(parts.get("config")),
        judged.lock_of(parts.get("lock")),
        judged.reports_of(parts.get("reports")),
        before,
        parts.get("policy"),
    )


def octodns_zones(data: bytes) -> None:
    """A zone of octoDNS YAML in its world; the part `include` stands in for every !include."""
    parts = split(data.decode("utf-8", "replace"))
    source = YamlSource("example.com.yaml", parts[SUBJECT])
    try:
        zone = yamlzone.read(ORIGIN, [(source, EntrySettings())], _yaml_include(parts))
    except YamlFault as fault:
        hold(str(fault), "a YAML fault says nothing")
        return
    judged.check_records([zone])
    judged.whole([zone], _world(parts), writable=len(zone.texts) == 1)


def _yaml_include(parts: dict[str, str]) -> Callable[[str, str], tuple[str, str]]:
    if "include" not in parts:
        return Includes()
    return lambda including, name: (f"{name}.inc", parts["include"])


def octodns_configs(data: bytes) -> None:
    """The configuration of octoDNS itself."""
    parts = split(data.decode("utf-8", "replace"))
    try:
        yamlconfig.read(YamlSource("config.yaml", parts[SUBJECT]), _yaml_include(parts))
    except YamlFault as fault:
        hold(str(fault), "a YAML fault says nothing")


def plans(data: bytes) -> None:
    """A plan of Terraform; a part `config` may name resource types."""
    parts = split(text_of(data))
    world = _world(parts)
    try:
        plan = terraform.read(parts[SUBJECT].encode("utf-8", "surrogateescape"), "p", world.intent)
    except terraform.PlanError as error:
        hold(str(error), "a plan is refused without a reason")
        return
    judged.check_records(plan.after)
    judged.check_records(plan.before)
    changed = World(world.intent, world.lock, world.evidence, plan.before)
    judged.whole(plan.after, changed, writable=False)


def resources(data: bytes) -> None:
    """Resources as Pulumi hands them over: a JSON list of type, properties and so on."""
    try:
        told = json.loads(split(text_of(data))[SUBJECT])
    except (ValueError, RecursionError):
        return
    if not isinstance(told, list):
        return
    found = []
    for number, each in enumerate(told[:50]):
        if not isinstance(each, dict) or not isinstance(each.get("properties"), dict):
            continue
        kind = shipped().record(str(each.get("type")))
        if kind is None:
            continue
        world = Kind.TERRAFORM if each.get("type") in kind.types else Kind.PULUMI
        zone = NamedZone(ORIGIN) if each.get("zone") else None
        found.append(Resource(f"urn:{number}", kind, world, _values(each["properties"], 0), zone))
    zones = assemble(found, known_zones([NamedZone(ORIGIN, ("z1",))], [], shipped(), ()), "stack")
    judged.check_records(zones)
    judged.whole(zones, World(), writable=False)
    for each in found[:3]:
        if each.world is Kind.PULUMI:
            _remediated(each)


def _remediated(resource: Resource) -> None:
    """What a policy would correct in a resource: once is enough. Only where Pulumi is installed."""
    judge = _policy_judge()
    if judge is None:
        return
    from zonelint.providers.pulumi.remediation import changes

    judge.of_record(resource)
    changed = changes(judge, resource)
    after = {**resource.values, **changed}
    again = changes(judge, replace(resource, values=after))
    hold(not again, "a remediation goes on and on", f"{changed} {again}")


@cache
def _policy_judge() -> Any:
    if importlib.util.find_spec("pulumi_policy") is None:
        return None
    from zonelint.providers.pulumi.judging import StackJudge
    from zonelint.providers.pulumi.settings import StackSettings

    return StackJudge(StackSettings().for_policy("any", None), safe=True)


def _values(tree: Any, depth: int) -> Any:
    """JSON with two words of its own: what is unknown, and what is secret."""
    if tree == "<unknown>":
        return UNKNOWN
    if isinstance(tree, dict):
        if set(tree) == {"<secret>"}:
            return Hidden(_values(tree["<secret>"], depth + 1))
        return {key: _values(value, depth + 1) for key, value in tree.items()}
    return [_values(each, depth + 1) for each in tree] if isinstance(tree, list) else tree


# -- other files -----------------------------------------------------------------------------------


def aggregate_reports(data: bytes) -> None:
    """DMARC reports in any packing."""
    builder = EvidenceBuilder()
    for outcome in reports.read_bytes(data, "report"):
        if isinstance(outcome, ReportProblem):
            hold(outcome.message, "a problem with a report says nothing")
            hold(plain(outcome.place) == outcome.place, "an odd character in a place")
        elif isinstance(outcome, Item):
            builder.add(outcome.report)
    builder.build()


def mail_boxes(data: bytes) -> None:
    """The same as files on the disk, where an mbox is a report's home as well."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "r")
        path.write_bytes(data)
        reports.read([str(path), folder])


def bounces(data: bytes) -> None:
    """A bounce of any form: what it means, told and masked."""
    try:
        found = read_bounce(data)
    except BounceError as error:
        hold(str(error), "a bounce is refused without a reason")
        return
    context, result = _judged_once()
    for zones, judgement in (((), None), ((context,), result)):
        diagnosis = diagnosed(found, None, zones, judgement)
        for each in (diagnosis, Redactor().diagnosis(diagnosis)):
            "".join(triage_shown.text(each, ()))
            json.dumps(triage_shown.facts(each, ()))


@cache
def _judged_once() -> tuple[Context, Result]:
    zone = judged_zone()
    return Context([zone]), judged.judge([zone], World())


def locks(data: bytes) -> None:
    """A lock: what is read is written and read again as the same."""
    try:
        lock = lockfile.parse(text_of(data), complete=False)
    except lockfile.LockError as error:
        hold(str(error), "a lock is refused without a reason")
        hold(1 <= error.line <= text_of(data).count("\n") + 1, "a lock's fault is elsewhere")
        return
    text = lockfile.write(lock)
    again = lockfile.parse(text)
    hold(not lockfile.compare(lock, again), "a lock changes when it is written", text)
    hold(lockfile.write(again) == text, "a lock is written in two ways", text)


def configs(data: bytes) -> None:
    """zonelint.toml: taken, or refused line by line."""
    text = text_of(data)
    try:
        found = intent.load(text, "zonelint.toml", [rule.code for rule in registry.rules()])
    except intent.ConfigError as error:
        hold(error.problems, "a config is refused without a problem")
        for problem in error.problems:
            hold(problem.message and "\n" not in problem.message, "a problem in several lines")
            if problem.line is not None:
                hold(1 <= problem.line <= text.count("\n") + 1, "a config's fault is elsewhere")
        return
    for name in found.declared_domains():
        found.for_domain(name)
    judged.judge([judged_zone()], World(found))


def judged_zone() -> Zone:
    zone = _zone(f'{HEADER}@ SOA a b 1 2 3 4 5\n@ MX 10 m\n@ TXT "v=spf1 -all"\n', "z", None)
    assert zone is not None, "the zone of a constant text"
    return zone


def baselines(data: bytes) -> None:
    """A baseline: what is read is written and read again as the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "b.json")
        path.write_bytes(data)
        try:
            found = read_baseline(path)
        except ConfigRefused as error:
            hold(str(error), "a baseline is refused without a reason")
            return
        path.write_text(found.text(), "utf-8", "backslashreplace")
        hold(read_baseline(path).entries == +found.entries, "a baseline changes when written")


def policies(data: bytes) -> None:
    """An MTA-STS policy file."""
    policy = sts_policy.parse(text_of(data))
    policy.faults()
    for entry in policy.mx:
        sts_policy.matches(entry.value, "mail.example.com.")


# -- grammars --------------------------------------------------------------------------------------


def spf_records(data: bytes) -> None:
    """SPF: places inside the text, one normal form, repairs that are sound; and its meaning."""
    text = text_of(data)
    record = spf.parse(text)
    _check_faults(record.faults, text)
    _check_faults(record.hints, text)
    end = len(record.version)
    for term in record.terms:
        if not isinstance(term, spf.Invalid):
            whole = read_by_grammar(term.text)
            hold(whole == term, "the grammar reads another term", whole)
        hold(end <= term.start < term.end <= len(text), "an SPF term stands elsewhere", term)
        hold(text[term.start : term.end] == term.text, "an SPF term's text is another", term)
        end = term.end
    if record.sound:
        again = spf.parse(str(record))
        hold(again.sound and again == record, "the normal form of SPF is another record", again)
        hold(str(again) == str(record), "SPF has two normal forms", again)
        hold(spf.parse(record.lowered).sound, "lower case breaks SPF")
    mended = repaired(record.text, record.faults)
    if mended is not None:
        # Modifiers that are readable now may turn out to stand twice: which one is meant, only
        # their owner knows.
        left = [f for f in spf.parse(mended).faults if f.kind is not FaultKind.DUPLICATE]
        hold(not left, "a repaired SPF record is broken", mended)
    for term in record.terms[:3]:
        spf.parse(record.without(term))
        spf.parse(record.replacing(term, "mx"))
    spf.parse(record.inserting_before_all("mx"))
    _check_host(text)


def _check_host(text: str) -> None:
    """The function of addresses, and check_host for single addresses, say the same."""
    from zonelint.rules.mail import lookups, networks
    from zonelint.rules.mail.networks import NetworkResult as Decided

    zone = _zone(f"{HEADER}@ TXT {txt_rdata(text)}\nmail A 192.0.2.1\n@ MX 10 mail\n", "z", None)
    if zone is None:
        return
    context = Context([zone])
    try:
        maps = networks.of(ORIGIN, context)
    except networks.TooManyNetworks:
        return
    tree = lookups.tree(ORIGIN, context)
    if tree.lookups > lookups.LIMIT or max(tree.voids) > lookups.VOID_LIMIT:
        return  # the maps are about addresses and leave the limits to the tree
    for number in ("192.0.2.1", "192.0.2.255", "255.255.255.255", "::", "2001:db8::1"):
        address = ipaddress.ip_address(number)
        verdict = checkhost.check_host(address, ORIGIN, context.answers, sender="a%b@example.com")
        value = value_at(maps, number)
        known = verdict.result is not checkhost.Outcome.UNDECIDED
        if isinstance(value, Decided) and known:
            hold(value.result == str(verdict.result), "the map and check_host differ", number)


def _tags(parse: Callable[[str], TagList]) -> Target:
    def target(data: bytes) -> None:
        text = text_of(data)
        record = parse(text)
        _check_faults(record.faults, text)
        end = 0
        for tag in record.tags:
            hold(0 <= tag.start <= tag.end <= len(text), "a tag stands elsewhere", tag)
            hold(end <= tag.start, "tags overlap", tag)
            end = tag.end
        hold(record.is_clean == (not record.faults), "clean, and with a fault", record.faults)
        if record.is_clean:
            again = parse(str(record))
            hold(again == record, "the normal form of tags is another record", again)
            hold(str(again) == str(record), "tags have two normal forms", again)
        corrected = parse(record.correcting())
        corrected.faults  # noqa: B018 - reading them is the test
        version_first = parse(record.with_version_first())
        if type(record).language.version:
            first = version_first.tags[0]
            hold(first.name == "v" and first.start == 0, "the version is not first", version_first)
        for tag in record.tags[:2]:
            parse(record.without(tag))
            parse(record.inserting_after(tag, "x=y"))
        parse(record.appending("x=y"))
        for name in dir(type(record)):
            if not name.startswith("_") and isinstance(getattr(type(record), name), property):
                getattr(record, name)

    return target


def _check_faults(faults: tuple[Fault, ...], text: str) -> None:
    for fault in faults:
        hold(0 <= fault.start <= fault.end <= len(text), "a fault stands elsewhere", fault)
        hold(fault.message, "a fault says nothing")


def dmarc_records(data: bytes) -> None:
    """DMARC, as tags and as a policy."""
    _tags(dmarc.parse)(data)
    text = text_of(data)
    record = dmarc.parse(text)
    hold(not dmarc.is_dmarc(text) or dmarc.looks_like_dmarc(text), "DMARC does not look like it")
    for reading in dmarc.Reading:
        record.effective(reading)
    for uri in (*record.rua, *record.ruf):
        hold(0 <= uri.start <= uri.end <= len(text), "an address stands elsewhere", uri)


def dkim_keys(data: bytes) -> None:
    """DKIM, as tags and as a key."""
    _tags(dkim.parse)(data)
    text = text_of(data)
    dkim.is_dkim(text)
    dkim.looks_like_dkim(text)


def txt_records(owner: str) -> Target:
    """One TXT record in a zone, judged and changed by every rule."""

    def target(data: bytes) -> None:
        parts = split(text_of(data))
        rest = "".join(f"{line}\n" for line in parts.get("zone", "").splitlines()[:20])
        record = f"{owner} TXT {txt_rdata(parts[SUBJECT].removesuffix(chr(10)))}\n"
        zone = _zone(f"{HEADER}@ SOA a b 1 2 3 4 5\n{record}{rest}", "example.com.zone", None)
        if zone is not None:
            judged.whole([zone], _world(parts))

    return target


TARGETS: dict[str, Target] = {
    "zone": zone_files,
    "octodns": octodns_zones,
    "octodns-config": octodns_configs,
    "plan": plans,
    "resources": resources,
    "reports": aggregate_reports,
    "mbox": mail_boxes,
    "bounce": bounces,
    "lock": locks,
    "config": configs,
    "baseline": baselines,
    "sts-policy": policies,
    "spf": spf_records,
    "dmarc": dmarc_records,
    "dkim": dkim_keys,
    "sts": _tags(transport.StsRecord.read),
    "tlsrpt": _tags(transport.TlsRptRecord.read),
    "bimi": _tags(transport.BimiRecord.read),
    "tags": _tags(Generic.read),
    "spf-rules": txt_records("@"),
    "dmarc-rules": txt_records("_dmarc"),
    "dkim-rules": txt_records("s1._domainkey"),
    "sts-rules": txt_records("_mta-sts"),
    "tlsrpt-rules": txt_records("_smtp._tls"),
    "bimi-rules": txt_records("default._bimi"),
}
"""Every target by name."""

WEIGHTS = {"zone": 5, "octodns": 3, "plan": 2, "resources": 2, "spf-rules": 3, "dmarc-rules": 3}
"""How much of the time a target gets; 1 where nothing is reported."""

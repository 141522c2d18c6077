"""A zone judged by every rule, reported in every format, and changed by every proposal.

The invariants of everything behind a reader: no rule fails, findings stand where there is text,
every format can tell them, and changes do what they say, only that, and come to an end.
"""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import defusedxml.ElementTree

from tests.fuzz.broken import Broken, hold
from tests.rules.harness import evidence_of
from zonelint.changes import fixes, fixing, textedits
from zonelint.formats import FORMATS, renderer
from zonelint.formats.report import Page, Report, fingerprints, full_message
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.spf import record as spf
from zonelint.grammars.zone import Record, Span, Zone
from zonelint.providers import writing
from zonelint.rules.config import intent
from zonelint.rules.config.intent import Intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.baseline import Baseline
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.mail.check_host import Outcome, check_host
from zonelint.rules.model import lock as lockfile
from zonelint.rules.model.lock import Lock

MOST_CHANGES = 6
"""Changes that are tried one by one for one input."""

_LONE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ADDRESSES = tuple(
    map(ipaddress.ip_address, ("192.0.2.1", "198.51.100.25", "203.0.113.7", "2001:db8::1", "::1"))
)


@dataclass(frozen=True)
class World:
    """What a zone is judged in; everything may be absent."""

    intent: Intent | None = None
    lock: Lock | None = None
    evidence: Evidence | None = None
    before: Sequence[Zone] | None = None
    policy: str | None = None

    def context(self, zones: Sequence[Zone]) -> Context:
        outside = () if self.lock is None else (self.lock,)
        previous = None
        if self.before is not None:
            previous = Context(self.before, self.intent, outside, evidence=self.evidence)
        return Context(
            zones,
            self.intent,
            outside,
            previous=previous,
            evidence=self.evidence,
            files=self._files(),
        )

    def _files(self) -> Mapping[str, str]:
        if self.intent is None or self.policy is None:
            return {}
        domains = map(self.intent.for_domain, self.intent.declared_domains())
        paths = (each.mta_sts_policy for each in domains if each is not None)
        return {path: self.policy for path in paths if path is not None}


def intent_of(text: str | None) -> Intent | None:
    """The intent that a part declares; None where it is absent or refused."""
    if text is None:
        return None
    try:
        return intent.load(text, "zonelint.toml")
    except intent.ConfigError:
        return None


def lock_of(text: str | None) -> Lock | None:
    if text is None:
        return None
    try:
        return lockfile.parse(text, complete=False)
    except lockfile.LockError:
        return None


def reports_of(text: str | None) -> Evidence | None:
    """Evidence from the short description that the rules' examples use (see the harness)."""
    if text is None:
        return None
    try:
        described = tomllib.loads(text)
        rows = described.get("rows", [])
        if not all(isinstance(row.get("messages"), int) for row in rows):
            return None
        if not 0 <= described.get("days", 14) <= 60 or any(row["messages"] < 0 for row in rows):
            return None
        for row in rows:
            ipaddress.ip_address(row["from"])
        return evidence_of(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, TypeError, KeyError):
        return None
    except AttributeError:
        return None


@cache
def _rules() -> dict[str, Rule]:
    return {rule.code: rule for rule in registry.rules()}


@cache
def _engine() -> Engine:
    return Engine(registry.rules())


def judge(zones: Sequence[Zone], world: World) -> Result:
    """What all rules say; none of them may fail."""
    result = _engine().run(world.context(zones))
    for crash in result.crashes:
        kind = crash.error.partition(":")[0]
        raise Broken(f"rule {crash.code} fails with {kind}", f"{crash.owner} {crash.error}")
    return result


def whole(zones: Sequence[Zone], world: World, *, writable: bool = True) -> None:
    """Judge, report and change; Broken where an invariant does not hold."""
    result = judge(zones, world)
    sources = {source.path: source for zone in zones for source in sources_of(zone)}
    for finding in result.findings:
        check_span(finding.span, sources, f"finding {finding.code}")
        hold(finding.message, f"{finding.code} says nothing")
        hold(
            "\n" not in full_message(finding),
            f"{finding.code} tells more than a line",
            full_message(finding),
        )
    for undecided in result.undecided:
        hold(undecided.missing, f"{undecided.code} is undecided and lacks nothing")
    rendered(result, zones, sources)
    list(fingerprints(result.findings))
    Baseline.of(result.findings).text()
    if writable:
        changed_one_by_one(zones, world, result)
        changed_altogether(zones, world, result)


def sources_of(zone: Zone) -> Sequence[SourceText]:
    if isinstance(zone, MasterZone):
        return (zone.source, *zone.included)
    return tuple(getattr(zone, "texts", ()))


def check_span(span: Span, sources: Mapping[str, SourceText], what: str) -> None:
    """The stretch must lie inside its file, its columns inside their lines."""
    hold(span.line >= 1 and span.column >= 1, f"{what}: before the start", span)
    source = sources.get(span.path)
    if source is None:
        return
    starts = source.starts()
    hold(span.end_line <= len(starts), f"{what}: behind the last line", span)
    hold((span.line, span.column) <= (span.end_line, span.end_column), f"{what}: ends first", span)
    for line, column in ((span.line, span.column), (span.end_line, span.end_column)):
        end = starts[line] if line < len(starts) else len(source.text)
        hold(column <= end - starts[line - 1] + 1, f"{what}: behind the end of its line", span)


def check_records(zones: Sequence[Zone]) -> None:
    """Whatever a record is asked, it answers, and with places inside the text."""
    for zone in zones:
        sources = {source.path: source for source in sources_of(zone)}
        for rrset in zone.rrsets():
            for record in rrset:
                check_record(record, sources)
        for fault in zone.faults:
            check_span(fault.span, sources, "fault of the zone")
            hold(fault.message, "a fault of the zone says nothing")


def check_record(record: Record, sources: Mapping[str, SourceText]) -> None:
    spans = [record.span, record.owner_span, record.ttl_span, record.rdata_span]
    for span in [*spans, *(field.span for field in record.fields)]:
        check_span(span, sources, "record")
    hold("\n" not in record.rdata, "rdata of more than one line", record.rdata)
    if record.type in ("TXT", "SPF"):
        text = record.text
        hold(text.value == joined(record.strings), "strings and text differ", text.value)
        size = len(text.value)
        for start, end in {(0, size), (0, 0), (size, size), (size // 2, size)}:
            check_span(text.span(start, end), sources, "text")


def joined(strings: Sequence[str]) -> str:
    octets = b"".join(each.encode("utf-8", "surrogateescape") for each in strings)
    return octets.decode("utf-8", "surrogateescape")


# -- reports ---------------------------------------------------------------------------------------


def rendered(result: Result, zones: Sequence[Zone], sources: Mapping[str, SourceText]) -> None:
    """Every format tells the findings, in its own grammar and without control characters."""

    def line(path: str, number: int) -> str | None:
        source = sources.get(path)
        if source is None or not 1 <= number <= len(source.starts()):
            return None
        starts = source.starts()
        end = starts[number] if number < len(starts) else len(source.text)
        return source.text[starts[number - 1] : end].rstrip("\r\n")

    said = {each.code for each in (*result.findings, *result.undecided)}
    report = Report(
        result.findings,
        result.undecided,
        result.crashes,
        (),
        {code: rule for code, rule in _rules().items() if code in said},
        line,
        zones=result.zones,
        records=result.records,
        counts=Counter(finding.severity for finding in result.findings),
        edits=textedits.maker(zones),
    )
    for name in FORMATS:
        text = "".join(renderer(name)(report, Page(statistics=True)))
        hold(not _LONE.search(text), f"a lone surrogate in format {name}")
        if name in ("json", "sarif", "gitlab"):
            json.loads(text)
        elif name == "junit":
            defusedxml.ElementTree.fromstring(text)
        found = _CONTROL.search(text)
        hold(found is None, f"a control character in format {name}", found)


# -- changes ---------------------------------------------------------------------------------------


def changed_one_by_one(zones: Sequence[Zone], world: World, result: Result) -> None:
    """Each change by itself: it leaves all else alone, and its finding is gone."""
    tried: set[tuple[str, str]] = set()
    for finding in result.findings:
        if finding.change is None or (finding.code, finding.owner) in tried:
            continue
        tried.add((finding.code, finding.owner))
        if len(tried) > MOST_CHANGES:
            break
        home = _home(zones, finding)
        if home is None:
            continue
        try:
            made = writing.changed(zones[home], finding.change.edits, bump_serial=False)
        except writing.EditError:
            continue  # refused, with a reason; the user is told
        if isinstance(zones[home], MasterZone):
            only_its_lines(zones[home], finding, made.texts)
        after = [made.zone if number == home else zone for number, zone in enumerate(zones)]
        check_records([made.zone])
        left = judge(after, world).findings
        if _count(result.findings, finding) > 1:
            continue  # one of several alike is mended, and may show another one
        hold(
            not _count(left, finding),
            f"{finding.code} stays after its change",
            f"{finding.owner} {finding.message}",
        )


def _count(findings: Sequence[Finding], like: Finding) -> int:
    key = (like.code, like.owner, like.type, like.message)
    return sum((f.code, f.owner, f.type, f.message) == key for f in findings)


def _home(zones: Sequence[Zone], finding: Finding) -> int | None:
    """The one zone that the change is about; None where there are several."""
    assert finding.change is not None
    homes: set[int | None] = set()
    for edit in finding.change.edits:
        if edit.before is None:
            homes.add(next((n for n, z in enumerate(zones) if z.contains(edit.owner)), None))
            continue
        homes.add(
            next(
                (
                    number
                    for number, zone in enumerate(zones)
                    for record in zone.get(edit.before.owner, edit.before.type) or ()
                    if record is edit.before
                ),
                None,
            )
        )
    return homes.pop() if len(homes) == 1 else None


def only_its_lines(zone: Zone, finding: Finding, texts: Mapping[str, tuple[str, str]]) -> None:
    """The lines that go or change are those of the change's records, and of their heirs."""
    assert finding.change is not None
    records = sorted(
        (r for rrset in zone.rrsets() for r in rrset), key=lambda r: (r.span.path, r.span)
    )
    span = finding.span
    allowed: set[tuple[str, int]] = {
        (span.path, line) for line in range(span.line, span.end_line + 1)
    }
    mine = {id(edit.before) for edit in finding.change.edits if edit.before is not None}
    for number, record in enumerate(records):
        # The record behind one that goes may have to be given the owner or the TTL that it had.
        follows = number > 0 and id(records[number - 1]) in mine
        if id(record) in mine or follows:
            span = record.span
            allowed |= {(span.path, line) for line in range(span.line, span.end_line + 1)}
    for path, (before, after) in texts.items():
        new = iter(_lines(after))
        for number, line in enumerate(_lines(before), start=1):
            if (path, number) in allowed:
                continue
            # All other lines stand there still, in their order; only the last may get an end.
            at_end = not line.endswith(("\n", "\r"))
            hold(
                any(line == other or (at_end and line == other.rstrip("\r\n")) for other in new),
                f"{finding.code} changes a line that is not its own",
                f"{path}:{number} {line!r}",
            )


def _lines(text: str) -> list[str]:
    return re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)


def changed_altogether(zones: Sequence[Zone], world: World, result: Result) -> None:
    """What --fix does, and --fix-proposed with everything: both end, and twice is once."""

    judged = {tuple(map(id, zones)): (result, zones)}

    def again(zones: Sequence[Zone]) -> Result:
        """Zones do not change, so each is judged once; that they are kept keeps their ids."""
        key = tuple(map(id, zones))
        if key not in judged:
            zones = list(zones)
            judged[key] = (judge(zones, world), zones)
        return judged[key][0]

    # Proposals of several rules may be alternatives; those of one rule have to agree.
    codes = sorted({f.code for f in result.findings if f.change and not f.change.safe})
    for code in ("", *_some(codes, zones)):
        chosen = fixing.chosen([code] if code else [], safe=not code)
        name = f"--fix-proposed {code}" if code else "--fix"
        made = fixing.fix(zones, again, chosen)
        hold(made.rounds < fixing.MOST_ROUNDS, f"{name} never ends", codes_of(made.applied))
        check_records(made.zones)
        "".join(fixes.diff(made.texts))
        fixes.summary(made.applied)
        twice = fixing.fix(made.zones, again, chosen)
        hold(
            not twice.texts,
            f"{name} twice is not {name} once",
            f"{codes_of(twice.applied)} {''.join(fixes.diff(twice.texts))}",
        )
        if not code and made.texts:
            same_results(zones, made.zones, world)


def _some(codes: Sequence[str], zones: Sequence[Zone]) -> Sequence[str]:
    """Two of the codes; other ones for other zones."""
    seed = zlib.crc32(repr([(zone.records, len(zone.faults)) for zone in zones]).encode())
    at = seed % max(1, len(codes))
    return [*codes[at:], *codes[:at]][:2]


def codes_of(findings: Sequence[Finding]) -> str:
    return ",".join(sorted({finding.code for finding in findings}))


def same_results(before: Sequence[Zone], after: Sequence[Zone], world: World) -> None:
    """Safe fixes keep the result of check_host wherever a receiver had one before."""
    old, new = world.context(before), world.context(after)
    for zone in before:
        for rrset in zone.rrsets():
            if rrset.type != "TXT" or not any(spf.is_spf(r.text.value) for r in rrset):
                continue
            for address in _ADDRESSES:
                first = check_host(address, rrset.owner, old.answers).result
                if first in (Outcome.PERMERROR, Outcome.NONE):
                    continue  # nothing to keep
                second = check_host(address, rrset.owner, new.answers).result
                hold(
                    first is second,
                    "a safe fix changes the result of SPF",
                    f"{rrset.owner} {address}: {first} becomes {second}",
                )

"""What the rules say about the open documents, each remark at its place in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from zonelint.formats.report import crash_message, full_message, other_places
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Span, Zone, without_dot
from zonelint.lsp import editor_buffers as overlay
from zonelint.lsp.cancelling import Token
from zonelint.lsp.document import Document, key_of
from zonelint.lsp.project import Folder
from zonelint.lsp.settings import FolderSettings
from zonelint.lsp.whereabouts import place_of
from zonelint.providers.project.index import Index
from zonelint.rules.core.cause import CommonCause, causes_of
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.rule import Rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.remedy import remedy
from zonelint.rules.model.repository import Repository
from zonelint.rules.model.wording import WordedZone


class RemarkLevel(IntEnum):
    """How much a remark matters, in LSP's numbers (DiagnosticSeverity)."""

    ERROR = 1
    WARNING = 2
    INFO = 3
    HINT = 4


LEVELS = {
    Severity.ERROR: RemarkLevel.ERROR,
    Severity.WARNING: RemarkLevel.WARNING,
    Severity.INFO: RemarkLevel.INFO,
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said at one place. `rules` are those that say it; none where no rule does.

    `related` are other places in the document with the same cause, each with the owner there.
    """

    span: Span
    level: RemarkLevel
    message: str
    rules: tuple[Rule, ...] = ()
    finding: Finding | None = None
    related: tuple[tuple[Span, str], ...] = ()


@dataclass(slots=True)
class Judgement:
    """The outcome of one run over one project's open documents.

    `remarks` by the document's key: every document that is a zone or a part of one has an entry,
    as has one that should be. `asked` are the zones that documents are open of, `zones` those
    and all others. `crashes` are for the log.
    """

    documents: dict[str, Document]
    held: FolderSettings
    evidence: Evidence | None
    zones: list[Zone]
    asked: list[Zone]
    known: Index | None = None
    by_identity: Mapping[ZoneId, Zone] = field(default_factory=dict)
    result: Result = field(default_factory=Result)
    remarks: dict[str, list[Remark]] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    def zone_of(self, path: str) -> Zone | None:
        """The first of the asked zones that a file belongs to."""
        key = key_of(path)
        return next((zone for zone in self.asked if key in overlay.keys_of(zone)), None)

    def zones_of(self, document: Document) -> list[Zone]:
        return [zone for zone in self.asked if document.key in overlay.keys_of(zone)]

    def judge(self, zones: Sequence[Zone], *, within: Sequence[Zone] | None = None) -> Result:
        """What the rules say about some zones; `within` are all that are known."""
        repository = self.repository(zones, self.zones if within is None else within)
        return Engine(self.held.rules).run(repository)

    def repository(self, zones: Sequence[Zone], within: Sequence[Zone]) -> Repository:
        """All zones that are known, some of which are judged."""
        wanted = {id(zone) for zone in zones}
        places = [
            replace(place, is_judged=id(place.zone) in wanted)
            for place in self.held.places(within, self.evidence)
        ]
        return Repository(places, known=self.known)


def judge(folder: Folder, documents: Sequence[Document], token: Token) -> Judgement:
    """Judge the open documents of a project. Raises ConfigRefused, and Cancelled."""
    held = folder.held
    texts = {document.key: document.text for document in documents}
    zones, asked, troubles = _zones(folder, documents, texts, token)
    judgement = Judgement(
        {document.key: document for document in documents},
        held, folder.evidence, zones, asked, folder.known_beside(zones),
    )  # fmt: skip
    repository = judgement.repository(asked, zones)
    judgement.by_identity = {seat.identity: seat.zone for seat in repository.judged}
    result = Engine(held.rules).run(repository, progress=token.progress)
    judgement.result = result
    token.check()
    for zone in asked:
        for key in overlay.keys_of(zone) & texts.keys():
            judgement.remarks.setdefault(key, [])
    said = [
        Remark(t.span, RemarkLevel.ERROR, f"This is not checked. {t.message}") for t in troubles
    ]
    said += _findings(held, result, repository.twins)
    said += _undecided(judgement, result)
    said += _crashes(judgement, result)
    for remark in dict.fromkeys(said):
        key = key_of(remark.span.path)
        if key in texts:
            judgement.remarks.setdefault(key, []).append(remark)
    return judgement


def _zones(
    folder: Folder, documents: Sequence[Document], texts: overlay.Texts, token: Token
) -> tuple[list[Zone], list[Zone], list[overlay.Trouble]]:
    """All zones, those of them that documents are open of, and the documents that give none."""
    zones: list[Zone] = []
    asked: list[Zone] = []
    troubles: list[overlay.Trouble] = []
    covered: set[str] = set()
    programs: list[Zone] = []
    for zone, keys in folder.zones:
        if keys.isdisjoint(texts):
            zones.append(zone)
            continue
        token.check()
        if isinstance(zone, WordedZone):  # a program: all of it is read anew, for the document
            programs.append(zone)
            continue
        covered |= keys
        made = overlay.again(zone, texts, folder.origins)
        if isinstance(made, overlay.Trouble):
            troubles.append(made)
            zones.append(zone)  # what it held is still the best that the other zones can know
        else:
            zones.append(made)
            asked.append(made)
            covered |= overlay.keys_of(made)
    single: list[Zone] = []
    for document in documents:
        if document.key in covered or document.is_config or document.is_lock:
            continue
        token.check()
        alone = overlay.alone(document, texts, folder.origins)
        if alone is None or (isinstance(alone, overlay.Trouble) and alone.orphan):
            written = folder.written_in(document)
            single += written
            covered |= {key for zone in written for key in overlay.keys_of(zone)}
        if isinstance(alone, overlay.Trouble):
            troubles.append(alone)
        elif alone is not None:
            single.append(alone)
            if not isinstance(alone, MasterZone):
                covered |= overlay.keys_of(alone)  # the other files of a zone that is split
    zones += [zone for zone in programs if covered.isdisjoint(overlay.keys_of(zone))]
    single = overlay.without_parts(single)
    covered |= {key for zone in single for key in overlay.keys_of(zone)}
    troubles = [t for t in troubles if not (t.orphan and key_of(t.span.path) in covered)]
    # What is open comes first: it is what others mean when they name a zone that is there twice.
    return [*single, *zones], [*single, *asked], troubles


def _findings(held: FolderSettings, result: Result, twins: Collection[str]) -> Iterator[Remark]:
    findings: Sequence[Finding] = result.findings
    if held.baseline is not None:
        findings = held.baseline.apply(findings, twins).findings
    for cause in causes_of(findings):
        by_document: dict[str, dict[Span, Finding]] = {}
        for finding in cause.findings:
            by_document.setdefault(finding.span.path, {}).setdefault(finding.span, finding)
        for places in by_document.values():
            yield from _of_cause(cause, list(places.values()))


MOST_RELATED = 50
"""Other places of a cause in one document that editors list beside the first."""


def _of_cause(cause: CommonCause, findings: Sequence[Finding]) -> Iterator[Remark]:
    """A cause in one document: told at its first place; at the others a hint with their change."""
    first, *others = findings
    here = CommonCause([first, *(each for each in cause.findings if each is not first)])
    message = full_message(first)
    if here.others:
        message += f"{'' if message.endswith('.') else '.'} Also at {other_places(here)}."
    yield Remark(
        first.span, LEVELS[first.severity], "\n".join((message, *first.found.detail)),
        (first.rule,), first,
        tuple((each.span, without_dot(each.owner)) for each in others[:MOST_RELATED]),
    )  # fmt: skip
    for each in others:
        message = f"{full_message(each)}\nThe same cause as in line {first.span.line}."
        yield Remark(each.span, RemarkLevel.HINT, message, (each.rule,), each)


def _undecided(judgement: Judgement, result: Result) -> Iterator[Remark]:
    """One remark for a place and what is missing there, however many rules would need it."""
    rules = {rule.code: rule for rule in judgement.held.rules}
    waiting: dict[tuple[Span, tuple[str, ...]], list[Rule]] = {}
    for each in result.undecided:
        zone = judgement.by_identity.get(each.zone)
        rule = rules.get(each.code)
        if zone is not None and rule is not None:
            place = place_of(zone, each.owner, rule, each.missing)
            waiting.setdefault((place, each.missing), []).append(rule)
    for (place, missing), waited in waiting.items():
        distinct = tuple(dict.fromkeys(waited))
        what = ", ".join(name.removesuffix(".") for name in missing) or "more than the zone"
        codes = ", ".join(rule.code for rule in distinct)
        todo = remedy(distinct[0], missing)
        message = f"Not decided ({codes}): this needs {what}."
        if todo:
            message += f" {todo[0].upper()}{todo[1:]}."
        yield Remark(place, RemarkLevel.HINT, message, distinct)


def _crashes(judgement: Judgement, result: Result) -> Iterator[Remark]:
    rules = {rule.code: rule for rule in judgement.held.rules}
    for crash in result.crashes:
        message = crash_message(crash)
        judgement.crashes.append(message)
        zone = judgement.by_identity.get(crash.zone)
        rule = rules[crash.code]
        for each in [zone] if zone is not None else judgement.asked:
            place = place_of(each, crash.owner, rule, ())
            told_here = f"{message[0].upper()}{message[1:]}."
            yield Remark(place, RemarkLevel.ERROR, told_here, (rule,))

"""What the rules say about the open documents, each remark at its place in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from zonelint.changes.sharing import shown
from zonelint.formats.report import crash_message, full_message, with_other_places
from zonelint.grammars.zone import Span, Zone, without_dot
from zonelint.lsp.cancelling import Token
from zonelint.lsp.document import Document, key_of
from zonelint.lsp.project import Folder
from zonelint.lsp.settings import FolderSettings
from zonelint.lsp.whereabouts import place_of
from zonelint.providers import writing
from zonelint.providers.project.index import Index
from zonelint.providers.project.kept import keys_of
from zonelint.providers.project.reading import Sources, forms_of
from zonelint.providers.project.sharing import Sharers, unread_sharers
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.cause import CommonCause, causes_of
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding, Severity, needed
from zonelint.rules.core.identity import Twins, ZoneId, twins_of
from zonelint.rules.core.rule import Rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.remedy import remedy
from zonelint.rules.model.repository import Repository
from zonelint.rules.offers.bulk import Offers, ZonesInHand
from zonelint.rules.offers.links import Askers, askers_of


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
    unread: Sequence[str] = ()
    by_identity: Mapping[ZoneId, Zone] = field(default_factory=dict)
    result: Result = field(default_factory=Result)
    remarks: dict[str, list[Remark]] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    judged: Repository | None = None
    _offered: dict[int, tuple[Finding, bool]] | None = None

    def zones_of(self, document: Document) -> list[Zone]:
        return [zone for zone in self.asked if document.key in keys_of(zone)]

    def offered(self, finding: Finding) -> Finding:
        """A finding as its change can be made: without it where that would bring a new fault.

        All changes are judged when the first is asked for, not with every key that is pressed.
        """
        return self._as_offered(finding)[0]

    def is_writable(self, finding: Finding) -> bool:
        """Whether the zones that share a file all want a finding's change, which can be made."""
        offered, is_apart = self._as_offered(finding)
        return offered.change is not None and not is_apart

    def _as_offered(self, finding: Finding) -> tuple[Finding, bool]:
        if self._offered is None:
            self._offered = {}
            shown_here = [r.finding for each in self.remarks.values() for r in each if r.finding]
            # Of zones that share a file one finding is shown there, and all are wishes.
            found = list({id(e): e for e in (*shown_here, *self.result.findings)}.values())
            if self.judged is not None:
                zones = ZonesInHand(self.judged)
                engine = Engine(self.held.rules, is_gate=True)
                offers = Offers(zones, self.result, engine.run)
                kept = offers.without_harm(found)
                judge = DocumentJudge.of(self, self.asked)
                told = shown(kept, zones, writing.files_of(self.judged), judge)
                self._offered = {
                    id(each): (one, told.is_apart(one))
                    for each, one in zip(found, told.findings, strict=True)
                }
        return self._offered.get(id(finding), (finding, False))

    def repository(
        self, zones: Sequence[Zone], within: Sequence[Zone], before: Repository | None = None
    ) -> Repository:
        """All zones that are known, some of which are judged."""
        found = self.held.places(within, self.evidence)
        wanted = {id(form) for zone in zones for form in forms_of(zone)}
        places = [replace(place, is_judged=id(place.zone) in wanted) for place in found]
        return Repository(places, before=before, known=self.known)


@dataclass(frozen=True, slots=True)
class DocumentJudge:
    """Judges zones of documents as they change, among the others.

    guests: the zones beside them that are written in the same files.
    """

    judgement: Judgement
    guests: Sequence[Zone]
    others: Sequence[Zone]

    @classmethod
    def of(cls, judgement: Judgement, ours: Sequence[Zone]) -> DocumentJudge:
        """Judges these zones."""
        theirs = {id(zone) for zone in ours}
        keys = {key for zone in ours if writing.is_editable(zone) for key in keys_of(zone)}
        guests: list[Zone] = []
        others: list[Zone] = []
        for zone in judgement.zones:
            if id(zone) not in theirs:
                is_guest = writing.is_editable(zone) and not keys.isdisjoint(keys_of(zone))
                (guests if is_guest else others).append(zone)
        return cls(judgement, guests, others)

    def __call__(self, zones: Sequence[Zone]) -> Result:
        return Engine(self.judgement.held.rules).run(self._repository(zones))

    def gate(self, zones: Sequence[Zone], said: Result | None = None) -> Result:
        repository = self._repository(zones)
        if said is not None and not any(each.is_narrowed for each in repository.settings.values()):
            return said
        return Engine(self.judgement.held.rules, is_gate=True).run(repository)

    def of_change(self, before: Sequence[Zone], zones: Sequence[Zone]) -> Result:
        repository = self._repository(zones, self._repository(before))
        return Engine(self.judgement.held.rules, is_gate=True).run(repository)

    def _repository(self, zones: Sequence[Zone], before: Repository | None = None) -> Repository:
        theirs = {id(zone) for zone in zones}
        others = (zone for zone in self.others if id(zone) not in theirs)
        return self.judgement.repository(zones, [*zones, *others], before)

    def sharing(self, zones: Sequence[Zone]) -> Sharers:
        unread, disk = self.judgement.unread, self.judgement.held.project.files
        return Sharers(self.guests, unread_sharers(zones, unread, disk))

    def askers(self, zones: Sequence[Zone]) -> Askers:
        return askers_of(self._repository(zones))

    def raises_serial(self, zone: Zone) -> bool:
        intent = self.judgement.held.intent
        return intent is None or intent.fix_serial


def judge(folder: Folder, documents: Sequence[Document], token: Token) -> Judgement:
    """Judge the open documents of a project. Raises ConfigRefused, and Cancelled."""
    held = folder.held
    texts = {document.key for document in documents}
    read = _read(folder, documents, token)
    zones, asked = read.zones, read.asked
    judgement = Judgement(
        {document.key: document for document in documents},
        held, folder.evidence, zones, asked, folder.known_beside(zones, texts),
        [problem.path for problem in read.problems],
    )  # fmt: skip
    repository = judgement.judged = judgement.repository(asked, zones)
    judgement.by_identity = {seat.identity: seat.zone for seat in repository.judged}
    result = Engine(held.rules).run(repository, progress=token.progress)
    judgement.result = result
    token.check()
    for zone in asked:
        for key in keys_of(zone) & texts:
            judgement.remarks.setdefault(key, [])
    said = [
        Remark(each.span, RemarkLevel.ERROR, f"This is not checked. {each.message}")
        for each in read.problems
    ]
    of = held.project.configuration_for
    mine = (zone for zone in repository.namesakes if of(zone) is held.configuration)
    said += _findings(held, result, twins_of(mine))
    said += _undecided(judgement, result)
    said += _crashes(judgement, result)
    for remark in dict.fromkeys(_in_file(each, read.plans) for each in said):
        key = key_of(remark.span.path)
        if key in texts:
            judgement.remarks.setdefault(key, []).append(remark)
    return judgement


@dataclass(slots=True)
class _Read:
    """All zones, those of them that documents are open of, and why documents give none."""

    zones: list[Zone]
    asked: list[Zone]
    problems: list[ReadError]
    plans: dict[str, str]


def _read(folder: Folder, documents: Sequence[Document], token: Token) -> _Read:
    texts = {document.key for document in documents}
    kept = folder.kept
    asked = [zone for zone, keys in kept.zones if not keys.isdisjoint(texts)]
    covered = {key for zone in asked for key in keys_of(zone)}
    covered |= {key_of(problem.path) for problem in kept.problems}
    alone = [
        document
        for document in documents
        if document.key not in covered and not document.is_config and not document.is_lock
    ]
    token.check()
    single = folder.read_alone(alone) if alone else Sources((), ())
    theirs = {key_of(zone.path) for zone in single.zones}
    others = [zone for zone, _ in kept.zones if key_of(zone.path) not in theirs]
    asked = [*single.zones, *asked]
    # What is open comes first: it is what others mean when they name a zone that is there twice.
    return _Read(
        [*single.zones, *others, *kept.lost], asked, [*kept.problems, *single.problems],
        Sources(asked, ()).plans,
    )  # fmt: skip


def _in_file(remark: Remark, plans: Mapping[str, str]) -> Remark:
    """The remark where the editor has it: a resource of a plan is in the plan's file."""
    address = remark.span.path
    if address not in plans:
        return remark
    span = Span(plans[address], 1, 1, 1, 1)
    return replace(remark, span=span, message=f"{address}: {remark.message}", related=())


def _findings(held: FolderSettings, result: Result, twins: Twins) -> Iterator[Remark]:
    findings: Sequence[Finding] = result.findings
    if held.baseline is not None:
        findings = held.baseline.apply(findings, twins, place_of=held.project.place_of).findings
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
    message = with_other_places(full_message(first), here)
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
        codes = ", ".join(rule.code for rule in distinct)
        todo = remedy(distinct[0], missing)
        message = f"Not decided ({codes}): this needs {needed(missing)}."
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

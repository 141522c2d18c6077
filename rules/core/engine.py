"""The engine: asks every selected rule about every subject that it is about.

It knows rules only through their metadata. Rules yield `Found` and `Unknown`; what comes out
is sorted, with the codes and the severities in place. A rule that fails is a `Crash`, never a
pass. What a comment silences is taken out last, and each comment is then a subject itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.variants import Seen
from zonelint.grammars.zone import TEXT_TYPES, Span
from zonelint.rules.core.cause import with_causes
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Crash, Finding, Found, Severity, Undecided, Unknown
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import FormerFindings, once_for_answers
from zonelint.rules.core.result import Result as Result
from zonelint.rules.core.rule import Fix, Gate, Needs, Rule
from zonelint.rules.core.selection import SeverityOf
from zonelint.rules.core.suppression import Silencer, Stood, comments_of, refused_comments, silence
from zonelint.rules.mail.behind import unanswered
from zonelint.rules.mail.dmarc_owner import MeantDmarc, subjects_of
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.facts import TooManyZones
from zonelint.rules.model.loosening import GatePart, Loosening
from zonelint.rules.model.repository import ContextOfZones, Repository, Seat
from zonelint.rules.model.settings import Settings
from zonelint.rules.model.subjects import (
    Dkim,
    Dmarc,
    DomainPolicy,
    MailZone,
    PolicyText,
    SelectorKey,
    TxtSubject,
)
from zonelint.rules.model.wording import SuppliedZone, WordedZone, Wording, wording_of

if TYPE_CHECKING:
    from zonelint.rules.model.parts import AskedNames

Subject = TxtSubject | MailZone | Silencer | Loosening


CommentsBeside = Callable[[Collection[ZoneId]], Mapping[Span, Silencer]]

Group = tuple[Gate | None, tuple[Rule, ...]]
"""Rules with the gate that they share."""


class _Answers(dict[frozenset[str], tuple[Group, ...]]):
    """By a subject's features, which of the rules about its class could have something to say.

    The answers are remembered: real zones have few combinations.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, features: frozenset[str]) -> tuple[Group, ...]:
        groups = grouped(
            (rule.gate, rule)
            for rule in self.rules
            if not rule.when or not rule.when.isdisjoint(features)
        )
        found = self[features] = tuple((gate, tuple(rules)) for gate, rules in groups.items())
        return found


ASKED: Mapping[type, tuple[type, ...]] = {
    Dmarc: (Dmarc, PolicyText, MeantDmarc),
    DomainPolicy: (Dmarc, DomainPolicy, MeantDmarc),
    SelectorKey: (Dkim, SelectorKey),
}
"""By what rules are about, the classes of the subjects that they are asked about."""


class RulePlan:
    """The selected rules, arranged by what they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_class = grouped(
            (kind, rule) for rule in rules for kind in ASKED.get(rule.on, (rule.on,))
        )
        self._answers = {kind: _Answers(about) for kind, about in by_class.items()}

    def about(self, kind: type) -> Sequence[Rule]:
        """The rules about a kind of text, whatever it says."""
        answers = self._answers.get(kind)
        return () if answers is None else answers.rules

    def groups_for(self, subject: Subject) -> tuple[Group, ...]:
        answers = self._answers.get(type(subject))
        return () if answers is None else answers[subject.features]


MOST_OF_A_RECORD = 50
"""Findings of one rule about one record; what is more is counted."""

MOST_COUNTED = 200
"""Findings of one rule about one record that are counted."""

UNPROVED = "This is a proposal, because it is not proved that all mail is treated as before."
"""What is said of a change that a rule makes as a safe one."""

_BOUNDED = (TxtSubject, Silencer)

_ABOUT_MAIL = ("MX", *TEXT_TYPES)


class _Bench:
    """The rules that one configuration has asked, and how severe they are."""

    def __init__(self, rules: Sequence[Rule], severity: SeverityOf | None) -> None:
        self.rules = tuple(rules)
        self.severity = severity
        self.of_run = RulePlan(rule for rule in self.rules if rule.on in (Silencer, Loosening))
        self._givens = frozenset(rule.given for rule in self.rules if rule.given is not None)
        self._plans: dict[frozenset[object], RulePlan] = {}

    def plan(
        self, zone: MailZone, *, of_change: bool | None = None, is_given: bool = False
    ) -> RulePlan:
        """The rules that zone and context give something to; the same for most of a run.

        of_change: only those of a change, or only all others. is_given: only those that say more
        of the answers that some get than what each text says.
        """
        context = zone.context
        decides = zone.written.decides if isinstance(zone.written, WordedZone) else None
        given: frozenset[object] = frozenset(each for each in self._givens if each(context))
        if context.previous is not None:
            given |= {Needs.CHANGE}
        key = given | {of_change, ("decides", decides), ("given", is_given)}
        key |= {("public", zone.is_public)}
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = RulePlan(
                rule
                for rule in self.rules
                if _is_given(rule, given)
                and (zone.is_public or rule.inside)
                and of_change in (None, Needs.CHANGE in rule.needs)
                and (decides is None or not rule.needs & ~decides)
                and (not is_given or _is_about_given(rule))
            )
        return plan


class Engine:
    """Runs rules over the zones of a repository, each by the selection that holds for it.

    is_shown: whether people see what is found; who only makes the changes needs secrets, too.
    is_gate: whether changes are judged before they are offered: whatever a selection says, by all
      rules that they are held to.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        is_shown: bool = True,
        is_gate: bool = False,
    ) -> None:
        self._is_shown = is_shown
        self._is_gate = is_gate
        self.rules = tuple(rules)
        self._benches: dict[Settings, _Bench] = {}

    def run(
        self,
        world: ContextOfZones | Repository,
        *,
        progress: Callable[[int, int], None] | None = None,
        former: Callable[[], Result] | None = None,
        judged: Result | None = None,
        beside: CommentsBeside | None = None,
    ) -> Result:
        """Every finding of every zone. `progress` is told zones done and zones in all.

        `former` gives what was said before the change: comments hide no more in it. `judged` is
        what the rules have said of each zone already. `beside` gives what comments do in zones
        that are not judged and are written in files of some of these: a comment may be theirs.
        """
        repository = world.repository if isinstance(world, ContextOfZones) else world
        result = judged or Result()
        if judged is None:
            self.judge(repository.judged, result, progress=progress)
        stood = None if former is None else _Stood(repository, former)
        return self.finish(result, repository.settings, stood, beside)

    def judge(
        self,
        seats: Sequence[Seat],
        result: Result,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Add to a result what the rules say of some of a run's zones, one zone after the other."""
        total = len(seats)
        for done, seat in enumerate(seats, start=1):
            result.add(self._judge_seat(seat))
            if progress is not None:
                progress(done, total)

    def _judge_seat(self, seat: Seat) -> Result:
        zone, bench = seat.mail, self._bench(seat.place.settings)
        wording = self._wording(zone)
        is_zone = wording is None or not wording.zone.is_part
        result = Result(zones=int(is_zone), records=zone.written.records)
        self._judge_changes(seat, bench, result)
        if seat.zone.variants:
            self._judge_given(seat, bench, result)
        if wording is not None:
            result.undecided += wording.questions(zone.identity)
        result.comments += comments_of(zone, seat)
        return result

    def _judge_changes(self, seat: Seat, bench: _Bench, result: Result) -> None:
        """Judge a zone, and what changed for each who may get another answer than others.

        Where some get one and some another, the change is what harms least of them.
        """
        if not seat.befores:
            self._judge(seat.mail, bench.plan(seat.mail), bench, result)
            return
        judged: dict[MailZone, Result] = {}

        def judge(again: MailZone) -> Result:
            if again not in judged:
                judged[again] = Result()
                self._judge(again, bench.plan(again, of_change=True), bench, judged[again])
            return judged[again]

        asked = _asked_by(seat, *seat.candidates)

        def judge_variants(before: Seat) -> Result | None:
            """What is said for those who get one of several answers; None where there is one."""
            said, seen = Result(), None
            for seen, again in seat.variants(before, lambda _, a: said.harm(judge(a)), asked):
                if seen.missing:
                    _note_open(seen, seat.mail, bench, said)
                else:
                    said.add_new(judge(again), seen.who)
            return said if seen else None

        found = {before: judge_variants(before) for before in seat.candidates}
        if len(found) < 2 and not any(found.values()):
            self._judge(seat.mail, bench.plan(seat.mail), bench, result)
            return
        self._judge(seat.mail, bench.plan(seat.mail, of_change=False), bench, result)
        said = [
            {str(before.identity): found[before] or judge(seat.after(before)) for before in some}
            for some in (seat.befores, seat.lost_twins)
        ]
        result.add_compared(*said)

    def _judge_given(self, seat: Seat, bench: _Bench, result: Result) -> None:
        """Judge a zone for those who get other answers of its sets than stand in it.

        The text of each answer is judged anyway, with what it leads to.
        """
        asked = _asked_by(seat)

        def matters(key: tuple[str, str]) -> bool:
            owner, type = key
            is_mail = type in _ABOUT_MAIL or (type not in ADDRESSES and "_" in owner)
            return is_mail or asked(key)

        said: list[tuple[Seen, Result]] = []
        again = frozenset(
            each.code
            for each in bench.rules
            if _is_about_given(each) and Needs.CHANGE not in each.needs
        )
        for seen, zone in seat.given(matters):
            given = Result()
            if seen.after is seen.before:
                _note_open(seen, zone, bench, given, Needs.ZONE)
            else:
                plan = bench.plan(zone, of_change=False, is_given=True)
                self._judge(zone, plan, bench, given)
            said.append((seen, given))
        result.add_given(said, again)

    def _wording(self, zone: MailZone) -> Wording | None:
        return wording_of(zone) if self._is_shown else None

    def _judge(self, zone: MailZone, plan: RulePlan, bench: _Bench, result: Result) -> None:
        name, wording = zone.identity, self._wording(zone)
        before = len(result.undecided)
        self._ask(zone, name, plan.groups_for(zone), bench, result, wording)
        for subject in subjects_of(zone):
            groups = plan.groups_for(subject)
            if groups:
                self._ask(subject, name, groups, bench, result, wording)
        self._leave_open(zone, plan, bench, result, {
            why for each in result.undecided[before:] for why in each.missing
        })  # fmt: skip

    def _leave_open(
        self, zone: MailZone, plan: RulePlan, bench: _Bench, result: Result, told: Collection[str]
    ) -> None:
        """Have rules be undecided about names that lead to what is not known.

        All that judge the policy of a domain; of those about a text one, if nobody has told what is
        missing.
        """
        wording = self._wording(zone)
        for owner, kind, why in unanswered(zone):
            policy = plan.about(DomainPolicy) if kind is Dmarc else ()
            for rule in policy or plan.about(kind)[: why not in told]:
                _note(rule, Unknown(owner, (why,)), zone.identity, bench, result, wording)

    def finish(
        self,
        result: Result,
        settings: Mapping[ZoneId, Settings],
        stood: Stood | None = None,
        beside: CommentsBeside | None = None,
    ) -> Result:
        """What can be said only when all zones are judged: what comments silence, the order.

        `settings` are those of each zone that was judged.
        stood: whether a finding was silenced before a change, or there if nothing could silence it.
        beside: see `run`.
        """
        benches = {zone: self._bench(held) for zone, held in settings.items()}
        comments = self._silencers(result, settings, stood or (lambda *_: True))
        if beside is not None and (idle := {each.zone for each in comments if each.is_idle}):
            there = beside(idle)
            comments = [each.joined(there.get(each.suppression.span)) for each in comments]
        for comment in comments:
            bench = benches[comment.zone]
            self._ask(comment, comment.zone, bench.of_run.groups_for(comment), bench, result)
        for loosening, zone in _loosenings(result, settings):
            bench = benches[zone]
            self._ask(loosening, zone, bench.of_run.groups_for(loosening), bench, result)
        result.findings.sort(key=lambda finding: finding.place)
        result.findings = list(
            with_causes(_at_targets(once_for_answers(result.findings), settings))
        )
        result.undecided.sort(key=lambda each: (each.code, each.owner, each.zone, each.missing))
        result.crashes.sort(key=lambda crash: (crash.code, crash.owner, crash.zone))
        return result

    def comments(self, repository: Repository) -> Mapping[Span, Silencer]:
        """What each comment does in the zones of a repository, nothing else."""
        result = Result()
        self.judge(repository.judged, result)
        found = self._silencers(result, repository.settings, lambda *_: True)
        return {each.suppression.span: each for each in found}

    def _silencers(
        self, result: Result, settings: Mapping[ZoneId, Settings], stood: Stood
    ) -> list[Silencer]:
        """Take out what comments silence; the comments, each with what it did."""
        ran = {zone: self._bench(held).rules for zone, held in settings.items()}
        declared = {zone for zone, held in settings.items() if held.intent is not None}
        return list(silence(result, ran, _known, declared=declared, stood=stood))

    def _bench(self, settings: Settings) -> _Bench:
        selection = settings.selection
        found = self._benches.get(settings)
        if found is None:
            if selection is None:
                found = _Bench(self.rules, None)
            else:
                selection = selection.as_gate() if self._is_gate else selection
                rules = selection.chosen(self.rules)
                found = _Bench(rules, selection.severity_of(rules))
            self._benches[settings] = found
        return found

    def _ask(
        self,
        subject: Subject,
        zone: ZoneId,
        groups: Iterable[Group],
        bench: _Bench,
        result: Result,
        wording: Wording | None = None,
    ) -> None:
        for gate, rules in groups:
            try:
                if gate is not None and not gate(subject):
                    continue
            except Exception:  # a gate only spares work: where it fails, the rules decide
                pass
            for rule in rules:
                try:
                    found = iter(rule.check(subject))
                    first = next(found, None)
                    if first is None:  # as nearly always
                        continue
                    for said in _weighed(chain((first,), found), rule, subject):
                        _note(rule, said, zone, bench, result, wording)
                except TooManyZones as error:
                    _note(rule, Unknown(subject.owner, (error.missing,)), zone, bench, result)
                except Exception as error:  # a rule that fails must never let a change through
                    where = f"{type(error).__name__}: {error}"
                    if wording is not None:
                        where = wording.zone.word_error(where)
                    result.crashes.append(Crash(rule.code, subject.owner, where, zone))


def _weighed(
    found: Iterable[Found | Unknown], rule: Rule, subject: Subject
) -> Iterator[Found | Unknown]:
    """What a rule says of a subject: no change safer than is proved, no more than can be told."""
    proofs: dict[Change, bool] = {}
    for said in _bounded(found, subject) if isinstance(subject, _BOUNDED) else found:
        if isinstance(said, Found):
            said = _with_usual_ttl(said, subject)
        if isinstance(said, Found) and said.change is not None and said.change.safe:
            said = _as_safe_as_proved(said, rule, subject, proofs)
        if isinstance(said, Found) and said.change is None:
            said = _of_another(said, subject)
        if isinstance(said, Found) and (depends := said.depends or _supplied(rule, said, subject)):
            said = Unknown(said.owner, depends)
        yield said


def _note(
    rule: Rule,
    said: Found | Unknown,
    zone: ZoneId,
    bench: _Bench,
    result: Result,
    wording: Wording | None = None,
) -> None:
    worded = said if wording is None else wording.word(rule, said)
    if worded is None:
        return
    said = worded
    severity: Severity | None = rule.severity
    if isinstance(said, Found) and said.severity is not None:
        severity = said.severity
    if bench.severity is not None and severity is not None:
        severity = bench.severity(rule, said.owner, severity)
    if severity is None:
        return
    if isinstance(said, Unknown):
        result.undecided.append(Undecided(rule.code, said.owner, said.missing, zone))
    else:
        result.findings.append(Finding(rule, severity, said, zone))


def _asked_by(*seats: Seat) -> AskedNames:
    """What rules ask for about some zones. Only zones with sets and changes need it loaded."""
    from zonelint.rules.model.parts import AskedNames

    return AskedNames(seats)


def _note_open(
    seen: Seen, zone: MailZone, bench: _Bench, result: Result, need: Needs = Needs.CHANGE
) -> None:
    """Note that no rule with a need, about changes above all, can tell what a set does."""
    for rule in bench.rules:
        if need in rule.needs and rule.on is MailZone and (zone.is_public or rule.inside):
            _note(rule, Unknown(seen.owner, (seen.missing,)), zone.identity, bench, result)


def _is_about_given(rule: Rule) -> bool:
    """Whether a rule may say more of an answer that some get than what its text says."""
    return rule.on is MailZone or not rule.needs.only_text


def _is_given(rule: Rule, given: Collection[object]) -> bool:
    if Needs.CHANGE in rule.needs and Needs.CHANGE not in given:
        return False
    return rule.given is None or rule.given in given


def _bounded(said: Iterable[Found | Unknown], subject: Subject) -> Iterator[Found | Unknown]:
    """What a rule says of a record or a comment, up to MOST_OF_A_RECORD; the last one tells how
    many follow."""
    last: Found | Unknown | None = None
    more = 0
    for number, each in enumerate(said, start=1):
        if number < MOST_OF_A_RECORD:
            yield each
        elif number == MOST_OF_A_RECORD:
            last = each
        elif number > MOST_COUNTED:
            break
        else:
            more += 1
    if isinstance(last, Found) and more:
        count = f"over {more:,}" if more == MOST_COUNTED - MOST_OF_A_RECORD else f"{more:,}"
        what = "comment" if isinstance(subject, Silencer) else "record"
        last = last._replace(message=f"{last.message} (and {count} more of this {what})")
    if last is not None:
        yield last


def _with_usual_ttl(found: Found, subject: Subject) -> Found:
    """The fault with its change; a new record gets a usual TTL where the zone's own is none."""
    if found.change is None or isinstance(subject, Silencer | Loosening):
        return found
    zone = subject if isinstance(subject, MailZone) else subject.zone
    implied = zone.written.end_ttl if isinstance(zone.written, MasterZone) else None
    if implied is None or (usual := zone.context.thresholds.usual_ttl(implied)) == implied:
        return found
    edits = tuple(
        edit._replace(ttl=usual)
        if edit.before is None
        and edit.after is not None
        and edit.ttl is None
        and not zone.written.get(edit.owner, edit.type)
        else edit
        for edit in found.change.edits
    )
    return found._replace(change=replace(found.change, edits=edits))


def _as_safe_as_proved(
    found: Found, rule: Rule, subject: Subject, proofs: dict[Change, bool]
) -> Found:
    """The fault with its change; one that is not proved to keep the mail flow is a proposal.

    `proofs` are those that were made: the faults of a record often share one change.
    """
    from zonelint.rules.mail.proof import proved

    change = found.change
    if change is None or isinstance(subject, Silencer | Loosening):
        return found
    if change not in proofs:
        proofs[change] = proved(change, subject if isinstance(subject, MailZone) else subject.zone)
    if proofs[change]:
        return found
    advice = f"{found.advice} {UNPROVED}".lstrip() if rule.fix is Fix.SAFE else found.advice
    return found._replace(change=replace(change, safe=False), advice=advice)


def _at_targets(findings: Sequence[Finding], zones: Iterable[ZoneId]) -> list[Finding]:
    """The findings; what holds at some only of the targets that a zone is written to names them."""
    targets: dict[tuple[str, str], set[str]] = {}
    for zone in zones:
        targets.setdefault((zone.name, zone.id), set()).add(zone.provider)
    if all(len(each) == 1 for each in targets.values()):
        return list(findings)
    at: dict[tuple[object, ...], dict[str, None]] = {}
    for each in findings:
        at.setdefault(_but_for_target(each), {})[each.zone.provider] = None
    named = []
    for each in findings:
        held = at[_but_for_target(each)]
        if each.zone.provider and len(held) < len(targets.get((each.zone.name, each.zone.id), ())):
            message = f"at {', '.join(held)}: {each.message}"
            each = each._replace(found=each.found._replace(message=message))
        named.append(each)
    return named


def once_for_targets(findings: Iterable[Finding]) -> list[Finding]:
    """The findings; what is the same at several targets of a zone once."""
    first: dict[tuple[object, ...], str] = {}
    return [e for e in findings if first.setdefault(_but_for_target(e), e.zone.provider)
            == e.zone.provider]  # fmt: skip


def _but_for_target(finding: Finding) -> tuple[object, ...]:
    zone = finding.zone
    return (finding.code, zone.name, zone.id, finding.owner, finding.span, finding.message)


def _supplied(rule: Rule, found: Found, subject: Subject) -> tuple[str, ...]:
    """What adds to the zone what the fault lacks, when it is published."""
    if found.change is None or isinstance(subject, Silencer | Loosening):
        return ()
    zone = subject if isinstance(subject, MailZone) else subject.zone
    if not isinstance(zone.written, SuppliedZone):
        return ()
    return zone.written.supplied_by(Finding(rule, rule.severity, found), zone.context.intent)


def _of_another(found: Found, subject: Subject) -> Found:
    """What is found in the records of another zone says so: there is no place for others."""
    if isinstance(subject, Silencer | Loosening):
        return found
    zone = subject if isinstance(subject, MailZone) else subject.zone
    why = zone.written.elsewhere if isinstance(zone.written, SuppliedZone) else ""
    return found._replace(advice=f"{found.advice} {why}".strip()) if why else found


class _Stood:
    """Tells whether a finding was silenced before a change; that side is judged once it matters.

    is_open: what was not silenced counts as well.
    """

    def __init__(self, repository: Repository, former: Callable[[], Result]) -> None:
        self._repository = repository
        self._former = former
        self._standing: dict[bool, FormerFindings] = {}

    def __call__(self, finding: Finding, is_open: bool) -> bool:
        if is_open not in self._standing:
            former = self._former()
            found = [*former.silenced, *(former.findings if is_open else ())]
            self._standing[is_open] = FormerFindings(found, self._repository.befores)
        return self._standing[is_open].take(finding)


def _loosenings(
    result: Result, settings: Mapping[ZoneId, Settings]
) -> Iterator[tuple[Loosening, ZoneId]]:
    """What the change loosens, each once, with the first zone that it holds for."""
    seen: set[tuple[GatePart, Span, str]] = set()
    for zone, held in settings.items():
        for each in held.loosened or ():
            key = (each.part, each.span, each.what)
            if key not in seen:
                seen.add(key)
                yield each._replace(owner=zone.name), zone
    for comment in refused_comments(result):
        yield comment.loosening, comment.zone


def _known() -> tuple[Rule, ...]:
    """Every rule there is, for comments that name one. Few runs have to know."""
    from zonelint.rules.core import registry

    return registry.rules()

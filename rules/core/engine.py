"""The engine: asks every selected rule about every subject that it is about.

It knows rules only through their metadata. Rules yield ``Found`` and ``Unknown``; what comes out
is sorted, with the codes and the severities in place. A rule that fails is a ``Crash``, never a
pass. What a comment silences is taken out last, and each comment is then a subject itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from zonelint.rules.core.finding import Crash, Finding, Found, Severity, Undecided, Unknown
from zonelint.rules.core.result import Result as Result
from zonelint.rules.core.rule import Gate, Needs, Rule
from zonelint.rules.core.suppression import Silencer, comments_of, silence
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import MailZone, TxtSubject

Subject = TxtSubject | MailZone | Silencer


Group = tuple[Gate | None, tuple[Rule, ...]]
"""Rules with the gate that they share."""


class _Answers(dict[frozenset[str], tuple[Group, ...]]):
    """By a subject's features, which of the rules about its class could have something to say.

    The answers are remembered: real zones have few combinations.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, features: frozenset[str]) -> tuple[Group, ...]:
        groups: dict[Gate | None, list[Rule]] = {}
        for rule in self._rules:
            if not rule.when or not rule.when.isdisjoint(features):
                groups.setdefault(rule.gate, []).append(rule)
        found = self[features] = tuple((gate, tuple(rules)) for gate, rules in groups.items())
        return found


class Plan:
    """The selected rules, arranged by what they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_class: dict[type, list[Rule]] = {}
        for rule in rules:
            by_class.setdefault(rule.on, []).append(rule)
        self._answers = {kind: _Answers(about) for kind, about in by_class.items()}

    def groups_for(self, subject: Subject) -> tuple[Group, ...]:
        answers = self._answers.get(type(subject))
        return () if answers is None else answers[subject.features]


class Engine:
    """Runs rules over the zones of a context.

    ``severity`` gives the severity that the user wants for a rule and an owner, or None to
    switch the rule off for that owner.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        severity: Callable[[Rule, str, Severity], Severity | None] | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._severity = severity
        self._givens = frozenset(rule.given for rule in self._rules if rule.given is not None)
        self._plans: dict[frozenset[object], Plan] = {}

    def run(
        self, context: Context, *, progress: Callable[[int, int], None] | None = None
    ) -> Result:
        """Every finding of every zone. ``progress`` is told zones done and zones in all."""
        result = Result()
        self.judge(context.zones, context, result, progress=progress)
        return self.finish(result, context)

    def judge(
        self,
        zones: Sequence[MailZone],
        context: Context,
        result: Result,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Add to a result what the rules say of some of a run's zones, one zone after the other."""
        total = len(zones)
        groups_for = self._plan(context).groups_for
        for done, zone in enumerate(zones, start=1):
            result.zones += 1
            result.records += zone.written.records
            self._ask(zone, groups_for(zone), result)
            for subject in zone.subjects():
                groups = groups_for(subject)
                if groups:
                    self._ask(subject, groups, result)
            result.comments += comments_of(zone)
            if progress is not None:
                progress(done, total)

    def finish(self, result: Result, context: Context) -> Result:
        """What can be said only when all zones are judged: what comments silence, the order."""
        groups_for = self._plan(context).groups_for
        declared = context.intent is not None
        for comment in silence(result, self._rules, _known, declared=declared):
            self._ask(comment, groups_for(comment), result)
        result.findings.sort(key=lambda finding: finding.place)
        result.undecided.sort(key=lambda undecided: (undecided.code, undecided.owner))
        return result

    def _plan(self, context: Context) -> Plan:
        """The rules that the context gives something to; the same for most contexts of a run."""
        given: frozenset[object] = frozenset(each for each in self._givens if each(context))
        if context.previous is not None:
            given |= {Needs.CHANGE}
        plan = self._plans.get(given)
        if plan is None:
            plan = self._plans[given] = Plan(r for r in self._rules if _is_given(r, given))
        return plan

    def _ask(self, subject: Subject, groups: Iterable[Group], result: Result) -> None:
        for gate, rules in groups:
            try:
                if gate is not None and not gate(subject):
                    continue
            except Exception:  # a gate only spares work: where it fails, the rules decide
                pass
            for rule in rules:
                self._ask_one(subject, rule, result)

    def _ask_one(self, subject: Subject, rule: Rule, result: Result) -> None:
        try:
            for said in rule.check(subject):
                if isinstance(said, Found) and said.change is not None and said.change.safe:
                    said = _as_safe_as_proved(said, subject)
                self._note(rule, said, result)
        except Exception as error:  # a rule that fails must never let a change through
            where = f"{type(error).__name__}: {error}"
            result.crashes.append(Crash(rule.code, subject.owner, where))

    def _note(self, rule: Rule, said: Found | Unknown, result: Result) -> None:
        severity: Severity | None = rule.severity
        if isinstance(said, Found) and said.severity is not None:
            severity = said.severity
        if self._severity is not None and severity is not None:
            severity = self._severity(rule, said.owner, severity)
        if severity is None:
            return
        if isinstance(said, Unknown):
            result.undecided.append(Undecided(rule.code, said.owner, said.missing))
        else:
            result.findings.append(Finding(rule, severity, said))


def _is_given(rule: Rule, given: Collection[object]) -> bool:
    if Needs.CHANGE in rule.needs and Needs.CHANGE not in given:
        return False
    return rule.given is None or rule.given in given


def _as_safe_as_proved(found: Found, subject: Subject) -> Found:
    """The fault with its change; one that is not proved to keep the mail flow is a proposal."""
    from zonelint.rules.mail.proof import proved

    change = found.change
    if change is None or isinstance(subject, Silencer):
        return found
    if proved(change, subject if isinstance(subject, MailZone) else subject.zone):
        return found
    return replace(found, change=replace(change, safe=False))


def _known() -> tuple[Rule, ...]:
    """Every rule there is, for comments that name one. Few runs have to know."""
    from zonelint.rules.core import registry

    return registry.rules()

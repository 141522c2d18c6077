"""Judging for policies: one resource by its text alone, and the zones of a whole stack."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs

from zonelint.grammars.zone import Zone
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Crash, Finding, Undecided
from zonelint.rules.core.rule import Needs, Rule
from zonelint.rules.model.repository import Repository, RunZone
from zonelint.rules.offers.bulk import Offers, ZonesInHand

from ..resources.kinds import RecordKind, ResourceWorld, ZoneKind
from ..resources.named_zone import NamedZone, zones_of
from ..resources.plans import pair
from ..resources.reading import Resource, parts_of
from ..resources.unread import holds_mail_record, report_unread
from ..resources.values import Hidden
from ..resources.zones import ResourceZone, assemble, known_zones
from .before import StackBefore
from .secrets import tree
from .settings import Rulebook


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What the rules say, with the resources that it is about, and their parts, by address.

    rules: all that were asked, by code.
    before: what the change was held against.
    """

    findings: Sequence[Finding] = ()
    undecided: Sequence[Undecided] = ()
    crashes: Sequence[Crash] = ()
    resources: Mapping[str, Resource] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    before: StackBefore | None = None


def is_text(rule: Rule) -> bool:
    """Whether one record's own text is all that the rule needs."""
    return rule.needs.only_text


def leads_on(rule: Rule) -> bool:
    """Whether the rule judges a record's own text, and then what the text leads to."""
    return is_text(rule) and Needs.DNS in rule.needs


@dataclass(frozen=True, slots=True)
class Stack:
    """The records of a stack, and its zones with the ids that records refer to them by.

    unread: the resources that hold records about mail and are of no known type.
    urns: those of all resources.
    """

    resources: Sequence[Resource]
    made: Sequence[NamedZone]
    unread: Sequence[tuple[str, str]] = ()
    urns: Sequence[str] = ()


class Inputs:
    """What the program gives of resources, by URN, where their provider does not give it back.

    Policies of a stack are shown what the provider gives back; those of a resource, asked before,
    what it is given.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def note(self, urn: str, kind: RecordKind | ZoneKind, props: Mapping[str, Any]) -> None:
        """Keep the properties of a resource that a stack will not show again."""
        if kind.given_back:
            self._known[urn] = tree(props, kind.properties(ResourceWorld.PULUMI))

    def complete(self, urn: str, shown: dict[str, Any]) -> dict[str, Any]:
        """The properties that a stack shows, with those that it does not."""
        return {**self._known.get(urn, {}), **shown}


class StackJudge:
    """Asks the rules of a rulebook. `safe`: secrets can be told from other values.

    inputs: what is known of resources by their own policies.
    """

    def __init__(self, book: Rulebook, *, safe: bool, inputs: Inputs | None = None) -> None:
        self.book = book
        self._safe = safe
        self._inputs = inputs or Inputs()
        known = [rule for rule in book.rules if rule.needs]  # a program has no comments
        text = [rule for rule in known if is_text(rule)]
        zone = [rule for rule in known if rule not in text or leads_on(rule)]
        selection = book.settings.selection
        assert selection is not None, "a configuration selects"
        self._rules = {rule.code: rule for rule in selection.chosen(known)}
        self._of_text, self._of_zone = Engine(text), Engine(zone)
        self._gate = Engine(known, is_gate=True)
        self._of_all = Engine(known, is_gate=True, is_shown=False)

    def asks(self, rule: Rule) -> bool:
        """Whether a rule is one of those that are asked."""
        return rule.code in self._rules

    def kind(self, type: str) -> RecordKind | None:
        """The kind of resource, where it holds records."""
        return self.book.table.record(type)

    def values(self, kind: RecordKind, props: Mapping[str, Any]) -> dict[str, Any]:
        """The properties of a resource that are read."""
        return self._guarded(kind, tree(props, kind.properties(ResourceWorld.PULUMI)))

    def _guarded(self, kind: RecordKind, found: dict[str, Any]) -> dict[str, Any]:
        """The properties, hidden but for a few where it cannot be told which are secret."""
        if self._safe:
            return found
        shown = {kind.name, kind.type, kind.zone_name, kind.zone_ref, kind.ttl}
        return {k: v if k in shown else Hidden(v) for k, v in found.items()}

    def of_record(self, resource: Resource) -> PolicyVerdict:
        """What the text rules say of one resource."""
        zones = self.zones([resource])
        result = self._offered(self._of_text, self._repository(zones))
        # That its zone is not known decides no text; what names lead to is asked for the stack.
        adrift = [zone.adrift.missing for zone in zones if zone.adrift is not None]
        undecided = [
            each
            for each in result.undecided
            if each.missing not in adrift and Needs.DNS not in self._rules[each.code].needs
        ]
        return self._verdict(result, [resource], undecided)

    def gathered(self, stack: Sequence[PolicyResource]) -> Stack:
        """The resources of a stack that are read."""
        made = [found for each in stack if (found := self._zone(each)) is not None]
        urns = [each.urn for each in stack]
        return Stack(list(self._resources(stack)), made, list(self._unread(stack)), urns)

    def of_stack(self, stack: Stack) -> PolicyVerdict:
        """What the rules about zones say of all resources of a stack."""
        before = self.book.before
        if before is not None:
            before.need_same_stack(stack.urns)
        zones = self.zones(stack.resources, stack.made, before)
        zones += report_unread(stack.unread, "the stack")
        repository = self._repository(zones, None if before is None else before.zones)
        result = self._offered(self._of_zone, repository)
        by_urn = _by_address(stack.resources)
        result.findings = [each for each in result.findings if not self._is_of_record(each, by_urn)]
        return self._verdict(result, stack.resources, result.undecided, before)

    def _is_of_record(self, finding: Finding, resources: Mapping[str, Resource]) -> bool:
        """Whether the resource alone shows it: then its own policies have reported it."""
        resource = resources.get(finding.span.path)
        if resource is None or not leads_on(finding.rule):
            return False
        alone = self.of_record(resource).findings
        return any(each.code == finding.code and each.span == finding.span for each in alone)

    def of_all(
        self, zones: Sequence[ResourceZone], before: Sequence[ResourceZone] | None = None
    ) -> Result:
        """What all rules say that changes are held to; for changes that one resource can hold.

        before: the zones before such a change.
        """
        return self._of_all.run(self._repository(zones, before))

    def zones(
        self,
        resources: Sequence[Resource],
        made: Sequence[NamedZone] = (),
        before: StackBefore | None = None,
    ) -> list[ResourceZone]:
        """The zones of resources. made: zones that are resources themselves, with their ids.

        before: what is there now, with zones of which nothing may be left.
        """
        book = self.book
        known = known_zones(made, (), book.table, book.intent.declared_domains())
        if before is None:
            return assemble(resources, known, "the stack")
        known.numbers.update(before.numbers)
        zones = assemble(resources, known, "the stack")
        pair(zones, before.zones, before.made - known.made, known, "the stack")
        return zones

    def _verdict(
        self,
        result: Result,
        resources: Iterable[Resource],
        undecided: Sequence[Undecided],
        before: StackBefore | None = None,
    ) -> PolicyVerdict:
        by_address = _by_address(resources)
        return PolicyVerdict(
            result.findings, undecided, result.crashes, by_address, self._rules, before
        )

    def _offered(self, engine: Engine, repository: Repository) -> Result:
        """What rules say, without the changes that would bring a new fault."""
        result = engine.run(repository)
        if any(finding.change is not None for finding in result.findings):
            held_to = self._gate.run(repository)
            offers = Offers(ZonesInHand(repository), held_to, self._gate.run)
            result.findings = offers.without_harm(result.findings)
        return result

    def _repository(
        self, zones: Sequence[Zone], before: Sequence[Zone] | None = None
    ) -> Repository:
        settings = self.book.settings
        then = None if before is None else Repository(RunZone(each, settings) for each in before)
        return Repository((RunZone(each, settings, base=settings) for each in zones), before=then)

    def _zone(self, resource: PolicyResource) -> NamedZone | None:
        """A zone of the stack; None where the resource is none, or its name is not known."""
        kind = self.book.table.zone(resource.resource_type)
        if kind is None:
            return None
        shown = tree(resource.props, kind.properties(ResourceWorld.PULUMI))
        values = self._inputs.complete(resource.urn, shown)
        zones = zones_of(kind, ResourceWorld.PULUMI, values)
        return zones[0] if len(zones) == 1 else None

    def _resources(self, stack: Sequence[PolicyResource]) -> Iterator[Resource]:
        for each in stack:
            kind = self.book.table.record(each.resource_type)
            if kind is None:
                continue
            shown = tree(each.props, kind.properties(ResourceWorld.PULUMI))
            values = self._guarded(kind, self._inputs.complete(each.urn, shown))
            yield Resource(
                each.urn, kind, ResourceWorld.PULUMI, values, self._zone_behind(each, kind)
            )

    def _unread(self, stack: Sequence[PolicyResource]) -> Iterator[tuple[str, str]]:
        """Resources of providers that the table does not know; components only repeat others."""
        for each in stack:
            type = each.resource_type
            if each.provider is None or self.book.table.knows(type):
                continue
            if holds_mail_record(tree(each.props, each.props)):
                yield type, each.urn

    def _zone_behind(self, record: PolicyResource, kind: RecordKind) -> NamedZone | None:
        """The zone that a record's property depends on."""
        for property in kind.zone_properties(ResourceWorld.PULUMI):
            behind = (record.property_dependencies or {}).get(property, ())
            zones = [found for each in behind if (found := self._zone(each)) is not None]
            if len({zone.name for zone in zones}) == 1:
                return min(zones, key=lambda zone: zone.private)
        return None


def _by_address(resources: Iterable[Resource]) -> dict[str, Resource]:
    """The resources and their parts, by address."""
    found = {resource.address: resource for resource in resources}
    return found | {part.address: part for whole in found.values() for part in parts_of(whole)}


class Memory:
    """What each thread has judged last, for the next policy of the same request.

    told: what an earlier policy has reported about it, so that none reports it again.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def verdict(
        self, judge: StackJudge, args: ResourceValidationArgs, kind: RecordKind
    ) -> PolicyVerdict:
        """The verdict about a resource, worked out once for all policies of a request."""
        values = judge.values(kind, args.props)
        key = (args.urn, args.resource_type, values)
        last = getattr(self._local, "last", None)
        if last is None or last[0] != key:
            self.forget()
            last = None
        if last is None or last[1] is not judge:
            verdict = judge.of_record(Resource(args.urn, kind, ResourceWorld.PULUMI, values))
            last = self._local.last = (key, judge, verdict)
        found: PolicyVerdict = last[2]
        return found

    def of_stack(self, judge: StackJudge, everything: Sequence[PolicyResource]) -> PolicyVerdict:
        """The verdict about a stack, worked out once for all policies of a request."""
        stack = judge.gathered(everything)
        last = getattr(self._local, "stack", None)
        if last is None or last[0] is not judge or last[1] != stack:
            last = self._local.stack = (judge, stack, judge.of_stack(stack))
        found: PolicyVerdict = last[2]
        return found

    def forget(self) -> None:
        """Nothing has been reported yet about the resource in hand."""
        self._local.told = set()

    @property
    def reported(self) -> set[tuple[str, str, int, str]]:
        """The findings that were reported about the resource in hand."""
        if not hasattr(self._local, "told"):
            self._local.told = set()
        found: set[tuple[str, str, int, str]] = self._local.told
        return found


def mark(said: Finding | Undecided) -> tuple[str, str, int, str]:
    """What tells one finding of a resource from another, or one undecided question."""
    if isinstance(said, Finding):
        return (said.code, said.owner, said.span.line, said.message)
    return (said.code, said.owner, 0, "")

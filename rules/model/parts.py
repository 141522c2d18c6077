"""A run in parts: what one part tells of its zones, asks of the others' and knows from them.

Each part's zones are judged where they were read. Of the zones of other parts it has their names,
what all zones tell (`facts`), and the answers to the questions that its own records lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dmarc
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.mail.lookups import MX_LIMIT
from zonelint.rules.model import questions
from zonelint.rules.model.answers import ANY, BELOW, Answer, Held, owner_name
from zonelint.rules.model.context import Context
from zonelint.rules.model.elsewhere import (
    Answers,
    Elsewhere,
    Gathered,
    Key,
    ZoneElsewhere,
    held_above,
)
from zonelint.rules.model.facts import all_facts
from zonelint.rules.model.repository import Repository, Seat
from zonelint.rules.model.subjects import MailZone


class UntoldFactError(Exception):
    """A rule asked for facts that no part has gathered: only one process knows them."""


class Part:
    """Some zones of a run, their repository being told of the others by `elsewhere`."""

    def __init__(self, repository: Repository, elsewhere: Elsewhere) -> None:
        self._repository = repository
        self._elsewhere = elsewhere
        self._told: Gathered = {}
        self._results: dict[ZoneId, Result] = {}

    @property
    def names(self) -> list[ZoneElsewhere]:
        seats = self._repository.seats
        return [
            ZoneElsewhere(s.identity, s.complete, s.cuts, s.path, frozenset(s.gone), s.is_public)
            for s in seats
        ]

    def gather(self, names: Iterable[ZoneElsewhere]) -> tuple[Gathered, list[Key]]:
        """Learn of the zones of other parts; what those of this one tell, from their text alone,
        and the questions that their records lead away to."""
        self._repository.meet(names)
        facts = all_facts()
        self._told = {seat.identity: seat.tell(facts) for seat in self._repository.tellers}
        return self._told, self._asked()

    def join(self, told: Iterable[Gathered]) -> None:
        """Learn what other parts gathered."""
        for gathered in (self._told, *told):
            self._elsewhere.gathered |= gathered

    def _asked(self) -> list[Key]:
        asked: dict[Key, None] = {}
        met: dict[Context, set[tuple[str, str]]] = {}
        open_ = self._elsewhere.open
        is_early = False
        for seat in self._repository.judged:
            context = seat.mail.context
            known = met.setdefault(context, set())
            found = dict.fromkeys(asked_by(seat.mail))
            is_early |= bool(open_)
            for name, type in (each for each in found if each not in known):
                holders = context.holders(name)
                if any(isinstance(holder, ZoneElsewhere) for holder in holders):
                    asked[context.view, name, type] = None
                elif holders:  # it may be an alias; if not, the rules have their answer
                    context.answers.ask(name, type)
                    if open_:
                        asked |= open_
                        open_.clear()
                        context.answers.forget(name, type)
            known.update(found)
        if is_early or self._elsewhere.is_early:  # it was worked out from what was not there yet
            self._repository.forget()
        return list(asked)

    def answer(self, asked: Iterable[Key]) -> tuple[Answers, list[Key]]:
        """What the zones of this part answer, as those who are asked, and what that leads to."""
        answers: Answers = {
            (view, name, type): self._repository.own_answers(view, name, type)
            for view, name, type in asked
        }
        held = ((key, each) for key, zones in answers.items() for each in zones.values())
        return answers, list(dict.fromkeys(after for each in held for after in _after(*each)))

    def judge(
        self, answers: Answers, judge: Callable[[Seat, Result], None]
    ) -> tuple[Result | None, list[Key]]:
        """What the rules say, or the questions that they met and that nobody has answered.

        `judge` asks the rules about one zone. A zone that met such a question is judged again,
        from empty memos, when it has been answered. UntoldFactError where nobody can answer.
        """
        elsewhere, results = self._elsewhere, self._results
        elsewhere.answers.update(answers)
        asked: dict[Key, None] = {}
        for seat in self._repository.judged:
            if seat.identity in results:
                continue
            result = Result()
            judge(seat, result)
            if elsewhere.untold:
                raise UntoldFactError(*sorted(elsewhere.untold))
            if elsewhere.open:
                asked |= elsewhere.open
                elsewhere.open.clear()
                self._repository.forget()
            else:
                results[seat.identity] = result
        if asked:
            return None, list(asked)
        whole = Result()
        for seat in self._repository.judged:
            whole.add(results[seat.identity])
        return whole, []


def asked_by(zone: MailZone) -> Iterator[tuple[str, str]]:
    """Names and types that rules ask for about a zone's records."""
    for question in questions.of_zone(zone):
        yield question.name, question.type
        if question.type == "MX":
            yield from _mail_to(question.name)
    for policies in zone.dmarc.values():
        for policy in policies:
            yield from _of_reports(policy.ast)
    for target in zone.targets("MX"):
        for type in ("A", "AAAA", "CNAME", ANY):
            yield target, type
        yield f"_25._tcp.{target}", "TLSA"
    for owner, aliases in zone.zone.table("CNAME").items():
        if "._domainkey." in owner:  # which of the records beside it goes, where there are any
            yield from ((record.target, "TXT") for record in aliases)
    for rrset in zone.zone.of_type("DNAME"):
        yield rrset.records[0].target, BELOW
    for rrset in zone.written.rrsets() if "occluded" in zone.features else ():
        yield rrset.owner, ANY


class AskedNames:
    """Tells of a name and type whether rules ask for them about some zones' records."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self._seats = tuple(seats)
        self._names: frozenset[str] | None = None

    def __call__(self, key: tuple[str, str]) -> bool:
        if self._names is None:
            found = (asked_by(seat.mail) for seat in self._seats)
            self._names = frozenset(name for each in found for name, _ in each)
        return key[0] in self._names or key[0].startswith("mta-sts.")


def _of_reports(policy: dmarc.DmarcRecord) -> Iterator[tuple[str, str]]:
    """Whether those who are to get a policy's reports take mail."""
    for uri in (*policy.rua, *policy.ruf):
        if uri.domain and (name := owner_name(uri.domain)) is not None:
            yield from _mail_to(name)


def _mail_to(name: str) -> Iterator[tuple[str, str]]:
    """What decides whether a name takes mail."""
    for type in ("MX", "A", "AAAA"):
        yield name, type


class Coordinator:
    """Finds out who answers the questions of the parts, and what the answers lead to."""

    def __init__(self, names: Sequence[Sequence[ZoneElsewhere]]) -> None:
        self._holding: dict[str, dict[str, set[int]]] = {}
        for part, of_part in enumerate(names):
            for zone, *_ in of_part:
                held = self._holding.setdefault(zone.view, {})
                held.setdefault(zone.name, set()).add(part)
        self.answers: Answers = {}

    def ask(
        self,
        asked: Iterable[Key],
        answer: Callable[[Mapping[int, Sequence[Key]]], Iterable[tuple[Answers, list[Key]]]],
    ) -> Answers:
        """The answers to questions and to what they lead on to; those that are new.

        `answer` has parts, by their numbers, answer questions, and say what that leads to.
        """
        new: Answers = {}
        waiting = list(asked)
        while waiting:
            by_part: dict[int, list[Key]] = {}
            for key in dict.fromkeys(waiting):
                if key not in self.answers:
                    self.answers[key] = new[key] = {}
                    for part in self._parts_holding(key):
                        by_part.setdefault(part, []).append(key)
            waiting = []
            for answers, led in answer(by_part) if by_part else ():
                for key, held in answers.items():
                    new[key].update(held)
                waiting += led
        return new

    def _parts_holding(self, key: Key) -> Iterable[int]:
        view, name, _ = key
        return sorted({part for held in held_above(view, name, self._holding) for part in held})


def _after(key: Key, held: Held | None) -> Iterator[Key]:
    """What an answer leads on to: an alias's target, the names in an SPF record, exchanges."""
    view, name, type = key
    if held is None or type in (ANY, BELOW):
        return
    if held.alias is not None and type != "CNAME":
        yield view, held.alias, type
    if type == "MX":
        answer = Answer(name, type, held.status, held.values)
        for host in answer.exchanges[:MX_LIMIT]:
            yield view, host, "A"
            yield view, host, "AAAA"
    elif type == "TXT":
        for value in filter(dmarc.is_dmarc, held.values):
            yield from ((view, *asked) for asked in _of_reports(dmarc.parse(value)))
        texts = [value for value in held.values if spf.is_spf(value)]
        for question in questions.of_spf(spf.parse(texts[0]), name) if len(texts) == 1 else ():
            yield view, question.name, question.type

"""A zone that has a say in how it is judged and in what is said of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from zonelint.grammars.zone import Record, Zone
from zonelint.rules.config.intent import Intent
from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Finding, Undecided
from zonelint.rules.core.found import Found, Unknown
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.rule import Needs, Rule
from zonelint.rules.core.selection import mail_domain
from zonelint.rules.model.subjects import MailZone


class WordedZone(Zone):
    """A zone that stands for more, or for less, than a zone of a name.

    Its name may stand in for one that is not known, its records may be apart from their zone, and
    their values secret: then what is said of it is said in other words.
    """

    __slots__ = ()

    @property
    def decides(self) -> Needs | None:
        """What a rule may need to be asked about the zone; None where it may need anything."""
        return None

    @property
    def is_part(self) -> bool:
        """Whether its records belong to another zone of the run, and are only judged apart."""
        return False

    @property
    def is_vague(self) -> bool:
        """Whether a part of its name is not known: another of this name need not be the same."""
        return False

    @property
    def state(self) -> str:
        """What it is a state of, where another document may have it in another: source, a plan."""
        return ""

    @property
    def is_redacted(self) -> bool:
        """Whether nothing is shown of what a change means for its names: something is secret."""
        return False

    @abstractmethod
    def open_questions(self) -> Iterable[Undecided]:
        """What is not known of the zone, whatever rules are asked."""

    @abstractmethod
    def word(self, rule: Rule, found: Found, before: Zone | None) -> Found:
        """What a rule has found, with nothing in it that is not to be shown."""

    @abstractmethod
    def word_owner(self, owner: str) -> str: ...

    @abstractmethod
    def word_missing(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """What is missing, apart from what is one of the zone's own open questions."""

    @abstractmethod
    def true_name(self, name: str) -> str | None:
        """The name that stands in the DNS for one of the zone's; None where it is not known."""

    @abstractmethod
    def word_error(self, error: str) -> str: ...


class Wording(NamedTuple):
    """The words of a zone, whose state before the change is known or not."""

    zone: WordedZone
    before: Zone | None

    def word(self, rule: Rule, said: Found | Unknown) -> Found | Unknown | None:
        """What a rule says, in the words of the zone; None where one of its open questions does."""
        if isinstance(said, Found):
            return self.zone.word(rule, said, self.before)
        missing = self.zone.word_missing(said.missing)
        return Unknown(self.zone.word_owner(said.owner), missing) if missing else None

    def questions(self, identity: ZoneId) -> list[Undecided]:
        """What is not known of the zone."""
        return [replace(each, zone=identity) for each in self.zone.open_questions()]


def wording_of(zone: MailZone) -> Wording | None:
    """The words of a zone that has its own."""
    if not isinstance(zone.written, WordedZone):
        return None
    before = None if zone.previous is None else zone.previous.written
    return Wording(zone.written, before)


def true_name(zone: MailZone, name: str) -> str | None:
    """What a name of a zone is in the DNS; None where the zone stands in for an unknown one."""
    return zone.written.true_name(name) if isinstance(zone.written, WordedZone) else name


@dataclass(frozen=True, slots=True)
class Supply:
    """Who makes changes of zonelint's rules when a zone is published, in words: "the source mail".

    codes: all changes of these rules; without any what the declared domains lack.
    """

    name: str
    codes: tuple[str, ...] = ()

    def supplies(self, finding: Finding, intent: Intent | None) -> bool:
        """Whether it makes the change of a finding, unless that would bring a new fault.

        What reports suggest is for a person to commit, and never deployed.
        """
        if finding.change is None or finding.ground is Ground.REPORTS:
            return False
        if intent is None or intent.for_domain(mail_domain(finding.owner)) is None:
            return False
        if self.codes:
            return finding.code.startswith(self.codes)
        return finding.ground is Ground.DECLARED and finding.role is Role.SUPPLIES


LEFT_AS_IT_IS = "what the target holds there, which octoDNS leaves as it is"


class SuppliedZone(Zone):
    """A zone that is read without what its `suppliers` add.

    `refused` are the faults for which they add nothing: code, owner and type. `supplied` are the
    records of a zone with what they add that stand in none of its files as they are. `unwritable`
    is why nothing of the zone can be written, empty where it can; `elsewhere` where its
    records have to change then, if that is in another zone or file. `kept` are the owners and types
    that octoDNS has and does not write: a target that holds them keeps what it holds
    (octodns/zone/base.py, `changes`).
    """

    __slots__ = ("elsewhere", "kept", "refused", "supplied", "suppliers", "unwritable")

    def __init__(self, origin: str, path: str) -> None:
        super().__init__(origin, path)
        self.suppliers: Collection[Supply] = ()
        self.refused: Collection[tuple[str, str, str]] = ()
        self.supplied: Collection[Record] = ()
        self.unwritable = ""
        self.elsewhere = ""
        self.kept: set[tuple[str, str]] = set()

    def follow(self, befores: Sequence[Zone]) -> None:
        """Take it that the target holds something where only one side of a change is written.

        What these hold when the zone is written, and what was there beside them.
        """
        for was in befores:
            self._leave(was)
            if isinstance(was, SuppliedZone):
                was._leave(self)

    def _leave(self, other: Zone) -> None:
        for owner, type in self.kept:
            if other.get(owner, type) is not None:
                self.note_unknown(owner, type, LEFT_AS_IT_IS)

    def supplied_by(self, finding: Finding, intent: Intent | None) -> tuple[str, ...]:
        """What has to be known before a fault is published; empty where nobody mends it."""
        if (finding.code, finding.owner, finding.type) in self.refused:
            return ()
        return tuple(
            f"what {each.name} adds to the zone"
            for each in self.suppliers
            if each.supplies(finding, intent)
        )

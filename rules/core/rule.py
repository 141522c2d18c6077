"""What a rule is: one function, its metadata, its documentation and its examples.

    @rule("SPF201", "spf-pass-all", Severity.ERROR, on=Spf, fix=Fix.PROPOSAL,
          section="RFC 7208 §5.1", when={"all", "ip4", "ip6"})
    def pass_all(spf: Spf) -> Iterator[Found | Unknown]:
        \"\"\"One sentence that sums the rule up.

        What it finds
            …
        Why it matters
            …
        Example
            …
        Use instead
            …
        References
            RFC 7208 §5.1
        \"\"\"
        …

    pass_all.bad("v=spf1 mx +all", fixed="v=spf1 mx -all")
    pass_all.good("v=spf1 mx -all")

The docstring is the documentation, the examples are tests: both are read by `zonelint rule`,
the docs and the reports.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from typing import Any, NamedTuple

from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.found import Found, Severity, Unknown

HEADINGS = ("What it finds", "Why it matters", "Example", "Use instead", "References")
"""The headings of every rule's docstring, in this order."""


class Needs(Flag):
    """What a rule must know to decide. A provider that cannot supply it does not run the rule."""

    TEXT = auto()
    """One record's own text."""
    ZONE = auto()
    """Every record of the zone."""
    DNS = auto()
    """Records outside the zone, from the lock or live."""
    CHANGE = auto()
    """The zone before and after."""
    REPORTS = auto()
    """DMARC aggregate reports."""
    INTENT = auto()
    """What zonelint.toml declares."""

    @property
    def only_text(self) -> bool:
        """Whether one record's own text decides, with what it leads to in the DNS."""
        return Needs.TEXT in self and not self & ~(Needs.TEXT | Needs.DNS)

    @property
    def words(self) -> tuple[str, ...]:
        """The catalogue's words for what is needed, in its order."""
        return tuple(need.name.lower() for need in Needs if need in self and need.name)


class Fix(Enum):
    """What kind of change the rule's findings may carry."""

    SAFE = "safe"
    PROPOSAL = "proposal"
    NONE = "none"


class Example(NamedTuple):
    """A zone in which the rule fires or stays silent.

    `zone` is the text of a zone file below `$ORIGIN example.com.` and `$TTL 3600`.
    `fixed` is what must stand there once the rule's change is applied: a record's text where
    the example was given as one, else the whole zone. `config` is the text of a zonelint.toml,
    `lock` of a zonelint.lock, `before` the zone file before the change. `reports` tells in
    short what the aggregate reports say: a TOML text with the published `p`, the number of
    `days`, and a day's `rows` (from, messages, spf, dkim: see tests/rules/harness.py).
    `policy` is the text of every MTA-STS policy file that the config names, `policy_before`
    what they said before the change. `twin` is another file that holds a zone of the name.
    `config_before` is what the config said before the change.
    """

    zone: str
    fixed: str | None = None
    config: str | None = None
    lock: str | None = None
    before: str | None = None
    undecided: bool = False
    is_text: bool = False
    reports: str | None = None
    policy: str | None = None
    policy_before: str | None = None
    twin: str | None = None
    config_before: str | None = None


class Step(Enum):
    """A step of the way that `zonelint status` shows, open while a rule of it finds anything."""

    SPF = "spf"
    """There is one SPF record that every receiver can use."""

    SENDERS = "senders"
    """Every sender is in it, and nobody else."""

    DKIM = "dkim"
    """The keys of every sender are published."""

    DMARC = "dmarc"
    """DMARC is published, and reports go somewhere."""

    MAIL = "mail"
    """Mail to the domain arrives, or is refused in so many words."""

    PARKED = "parked"
    """A domain without mail says so."""


class Tells(Flag):
    """What a rule tells by what it finds, beside the fault itself."""

    NOTHING = 0
    IGNORED = auto()
    """That receivers ignore what is written: nobody is to declare it."""

    WEAKER = auto()
    """That less is protected than before: undecided where nothing is there to be compared."""

    TIGHTENS = auto()
    """That more mail is refused after its change: first the domain's own mail has to pass."""


Check = Callable[[Any], Iterable[Found | Unknown]]
Gate = Callable[[Any], bool]
Given = Callable[[Any], bool]
Shown = tuple[tuple[str, ...], str | None, Example]
"""Examples as a rule was given them: texts, a zone, and what holds for each of them."""


@dataclass(eq=False, slots=True)
class Rule:
    """A rule of the catalogue. `on` is the class of subject that `check` is called with.

    `about` is the class of those that it speaks of, where that is the zone.
    """

    code: str
    name: str
    severity: Severity
    on: type
    check: Check
    needs: Needs
    fix: Fix
    section: str
    when: frozenset[str]
    shown_bad: list[Shown] = field(default_factory=list)
    shown_good: list[Shown] = field(default_factory=list)
    gate: Gate | None = None
    given: Given | None = None
    role: Role | None = None
    ground: Ground | None = None
    remains_of: tuple[str, ...] = ()
    doubt: str = ""
    inside: bool = False
    step: Step | None = None
    explains: tuple[str, ...] = ()
    tells: Tells = Tells.NOTHING
    about: type | None = None

    def bad(
        self,
        *texts: str,
        zone: str | None = None,
        fixed: str | None = None,
        config: str | None = None,
        lock: str | None = None,
        before: str | None = None,
        reports: str | None = None,
        policy: str | None = None,
        policy_before: str | None = None,
        twin: str | None = None,
        config_before: str | None = None,
        undecided: bool = False,
    ) -> None:
        """Examples that the rule must report: texts of single records, or one zone."""
        self.shown_bad.append((
            texts,
            zone,
            Example(
                "", fixed, config, lock, before, undecided, reports=reports, policy=policy,
                policy_before=policy_before, twin=twin, config_before=config_before,
            ),
        ))  # fmt: skip

    def good(
        self,
        *texts: str,
        zone: str | None = None,
        config: str | None = None,
        lock: str | None = None,
        before: str | None = None,
        reports: str | None = None,
        policy: str | None = None,
        policy_before: str | None = None,
        twin: str | None = None,
        config_before: str | None = None,
    ) -> None:
        """Examples on which the rule must stay silent."""
        self.shown_good.append((
            texts,
            zone,
            Example(
                "", None, config, lock, before, reports=reports, policy=policy,
                policy_before=policy_before, twin=twin, config_before=config_before,
            ),
        ))  # fmt: skip

    @property
    def examples_bad(self) -> list[Example]:
        """What the rule must report. A run that only judges does not ask."""
        return [example for shown in self.shown_bad for example in self._examples(*shown)]

    @property
    def examples_good(self) -> list[Example]:
        """What the rule must stay silent on."""
        return [example for shown in self.shown_good for example in self._examples(*shown)]

    def _examples(
        self, texts: tuple[str, ...], zone: str | None, rest: Example
    ) -> Iterator[Example]:
        """An example for each text and for the zone, with the rest of what was given."""
        if rest.before is not None:
            rest = rest._replace(before=inspect.cleandoc(rest.before) + "\n")
        if rest.twin is not None:
            rest = rest._replace(twin=inspect.cleandoc(rest.twin) + "\n")
        if zone is not None and rest.fixed is not None:
            rest = rest._replace(fixed=inspect.cleandoc(rest.fixed) + "\n")
        for text in texts:
            shown = self.on.example_zone(text)  # type: ignore[attr-defined]
            yield rest._replace(zone=shown, is_text=True)
        if zone is not None:
            yield rest._replace(zone=inspect.cleandoc(zone) + "\n")

    @property
    def ground_of_changes(self) -> Ground:
        """The ground of its changes, where they do not say their own: what the rule needs."""
        if self.ground is not None:
            return self.ground
        if Needs.REPORTS in self.needs:
            return Ground.REPORTS
        return Ground.DECLARED if Needs.INTENT in self.needs else Ground.TEXT

    @property
    def family(self) -> str:
        """The letters of the code: SPF, DMARC, PHASE, DKIM …"""
        return self.code.rstrip("0123456789")

    @property
    def summary(self) -> str:
        """The first sentence of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def documentation(self) -> str:
        return inspect.cleandoc(self.check.__doc__ or "")

    def sections(self) -> dict[str, str]:
        """The documentation's text by heading; the summary is not among them."""
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in self.documentation.splitlines()[1:]:
            if line in HEADINGS:
                lines = found.setdefault(line, [])
            else:
                lines.append(line)
        return {
            heading: inspect.cleandoc("\n" + "\n".join(text)) for heading, text in found.items()
        }


def rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    on: type,
    needs: Needs = Needs.TEXT,
    fix: Fix = Fix.NONE,
    section: str,
    when: Iterable[str] = (),
    gate: Gate | None = None,
    given: Given | None = None,
    role: Role | None = None,
    ground: Ground | None = None,
    remains_of: Iterable[str] = (),
    doubt: str = "",
    inside: bool = False,
    step: Step | None = None,
    explains: Iterable[str] = (),
    tells: Tells = Tells.NOTHING,
    about: type | None = None,
) -> Callable[[Check], Rule]:
    """Make a function a rule.

    `when` names features of the subject (see the grammars), any one of which must be there for
    the rule to have anything to say: the engine then skips all other subjects. It is only about
    speed; a rule without it is asked about every subject. `gate` is for what features cannot
    tell: False for a subject to which the rule has nothing to say for certain. Rules may share
    one, and it is asked once for all of them. `given` is the same for a whole run: False where
    the rule has nothing to say about any subject. `role` and `ground` are those of the rule's
    changes, where a change does not say its own. `remains_of` names the rules whose faults hold
    this one as well: it is what is left of them, and not new, once they are mended. `doubt` says
    what is undecided, where the name of the rule says something else. `inside`: it tells of what
    servers within a network meet as well, and is asked about zones that only they see. `step` is
    the one of `status` that stays open while the rule finds anything. `explains` names the causes
    of bounces, by their ids, that it can be behind. `tells`: what else follows from what it finds.
    `about` is the kind of record that it speaks of, where it is asked about the zone.
    """

    def make(check: Check) -> Rule:
        features = frozenset(when)
        return Rule(
            code, name, severity, on, check, needs, fix, section, features, [], [], gate, given,
            role, ground, tuple(remains_of), doubt, inside, step, tuple(explains), tells,
            about,
        )  # fmt: skip

    return make

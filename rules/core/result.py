"""What a run says, while it is gathered."""

from __future__ import annotations

from dataclasses import dataclass, field

from zonelint.grammars.zone import Suppression
from zonelint.rules.core.finding import Crash, Finding, Undecided
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.loosening import GatePart, Loosening


class Comment:
    """A suppression on its way: what it has silenced so far.

    ``owner`` and ``type`` are those of the record that it stands at in a ``zone`` (see
    ``suppression.Silencer``), ``uses`` the zones and owners of all zones that hold its file.
    ``asked`` are the codes that it names, None for all; ``codes`` those that it silences: what a
    change adds is not honoured where the change is judged.
    """

    __slots__ = ("asked", "codes", "owner", "silenced", "suppression", "type", "uses", "zone")

    def __init__(self, suppression: Suppression, zone: ZoneId, owner: str, type: str) -> None:
        codes = suppression.codes
        self.suppression = suppression
        self.zone = zone
        self.uses = [(zone, owner)]
        self.owner = owner
        self.type = type
        self.asked = None if codes is None else frozenset(code.upper() for code in codes)
        self.codes = self.asked
        self.silenced: set[str] = set()

    def silences(self, finding: Finding) -> bool:
        if self.asked is not None and finding.code not in self.asked:
            return False
        self.silenced.add(finding.code)
        return self.codes is None or finding.code in self.codes

    def join(self, other: Comment) -> None:
        """Take over the uses of the same comment in another zone; it holds for every use."""
        self.uses += other.uses
        if self.codes is not None:
            self.codes = None if other.codes is None else self.codes | other.codes

    @property
    def loosening(self) -> Loosening:
        """What the change adds by it."""
        names = (
            "every rule"
            if self.asked is None
            else ", ".join(f"`{code}`" for code in sorted(self.asked - (self.codes or frozenset())))
        )
        return Loosening(
            GatePart.NOQA,
            self.owner,
            self.type,
            self.suppression.span,
            f"adds a comment that silences {names} here",
            "its findings are reported all the same",
        )


@dataclass(slots=True)
class Result:
    """What a run says. ``findings`` by path, line, column and code; ``suppressed`` is a count.

    ``comments`` are those that ask for silence, each with what it hid.
    """

    findings: list[Finding] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    suppressed: int = 0
    zones: int = 0
    records: int = 0
    comments: list[Comment] = field(default_factory=list)

    def add(self, other: Result) -> None:
        """Take over what was said of other zones of the same run, which come after these."""
        self.findings += other.findings
        self.undecided += other.undecided
        self.crashes += other.crashes
        self.comments += other.comments
        self.suppressed += other.suppressed
        self.zones += other.zones
        self.records += other.records

    def add_new(self, other: Result) -> None:
        """Take over what is said of the same zone beside another state before."""
        known = {(each.code, each.owner, each.type) for each in self.findings}
        for new in other.findings:
            if (new.code, new.owner, new.type) not in known:
                self.findings.append(new)
        self.undecided += (new for new in other.undecided if new not in self.undecided)
        self.crashes += other.crashes

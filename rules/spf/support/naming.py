"""Which declared services an SPF record must name, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import Need, Sender, SenderPlace
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Fate, Tree, Visit
from zonelint.rules.model.declaring import senders_at, senders_of
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.spf.support.trees import UNANSWERED

_LEADING = frozenset({"include", "redirect"})
"""Terms that lead to another record: most records of most zones have none."""


class Wanted(NamedTuple):
    """A declared service that an SPF record has to name.

    domain: the domain that it sends as.
    owner: where the record stands; None: at the domain or anywhere below, for the name is not
      declared.
    include: the one the vendor gave for the account.
    """

    sender: Sender
    domain: str
    owner: str | None
    include: str | None
    proposed: str | None

    def is_named_by(self, target: str) -> bool:
        """Whether an include of this name is what the service wants."""
        if self.include is not None:
            return target == self.include
        return self.sender.spf.fulfilled_by(target)

    @property
    def proposal(self) -> str | None:
        """The name to include; None where only the vendor can tell it."""
        return without_dot(self.include) if self.include is not None else self.proposed

    @property
    def fixed(self) -> tuple[str, ...]:
        """The names, any of which the service may be named by, as far as they are always alike."""
        if self.include is not None:
            return (without_dot(self.include),)
        return tuple(form.text for form in self.sender.spf.includes if form.fixed)

    def nearly(self, target: str) -> str | None:
        """The name that somebody meant by this target; None where it is no slip of one."""
        return near_miss(without_dot(target), self.fixed)


def wanted_at(zone: MailZone, domain: DomainIntent) -> Iterator[Wanted]:
    """The declared services of a domain that have to be named in SPF."""
    for sender in senders_at(zone, domain):
        options = domain.options_for(sender.id)
        form = sender.spf
        if options.include is None and not _asks(sender, options.envelope):
            continue
        anywhere = form.place is SenderPlace.SENDING_DOMAIN and options.envelope is None
        owner = None if anywhere else options.envelope or domain.name
        exchanges = [record.target for record in zone.mx(domain.name) or ()]
        yield Wanted(sender, domain.name, owner, options.include, form.proposal_beside(exchanges))


def _asks(sender: Sender, envelope: str | None) -> bool:
    """Whether the vendor wants an include; for a declared return path some want one only there."""
    form = sender.spf
    if form.place is SenderPlace.NONE or not form.includes:
        return False
    return form.need is not Need.NONE or envelope is not None


class Naming(NamedTuple):
    """How the records of an owner name a service.

    passes: it is named, and its hosts pass.
    wrong: the branch that names it, with another result.
    slip: the branch that nearly names it.
    missing: what would have to be known to be sure.
    """

    passes: bool = False
    wrong: Visit | None = None
    slip: Visit | None = None
    missing: tuple[str, ...] = ()


def naming(zone: MailZone, owner: str, wanted: Wanted) -> Naming:
    """How the SPF of an owner names a service, whatever the zone's several records."""
    wrong = slip = None
    missing: list[str] = []
    for tree in _trees(zone, owner):
        if tree.fate in UNANSWERED:
            missing += tree.missing
        for visit in tree.walk():
            branch = visit.branch
            if not branch.descends:
                continue
            if branch.target is not None and wanted.is_named_by(branch.target):
                if all(_passes(step.term) for step in visit.path):
                    return Naming(passes=True)
                wrong = wrong or visit
            elif visit.above is None and branch.fate is not Fate.FOUND and branch.target:
                if wanted.nearly(branch.target) is not None:
                    slip = slip or visit
                else:
                    missing += _unexplained(zone, visit, wanted)
            else:
                missing += _unexplained(zone, visit, wanted)
    return Naming(wrong=wrong, slip=slip, missing=tuple(dict.fromkeys(missing)))


def _trees(zone: MailZone, owner: str) -> list[Tree]:
    records = zone.spf.get(owner)
    if records is None:
        return [lookups.tree(owner, zone.context)]
    return [lookups.of(record) for record in records]


def _passes(term: object) -> bool:
    return not isinstance(term, Mechanism) or term.qualifier is Qualifier.PASS


def _unexplained(zone: MailZone, visit: Visit, wanted: Wanted) -> tuple[str, ...]:
    """What is missing of a branch; nothing of a service whose records hold no other service."""
    branch = visit.branch
    if branch.tree is not None and branch.fate not in UNANSWERED:
        return ()
    if branch.fate not in (*UNANSWERED, Fate.MESSAGE):
        return ()
    if branch.target is None:
        return (branch.term.text,)
    service = senders_of(zone.context).by_include(branch.target)
    if service is not None and wanted.sender.id not in service.spf.resells:
        return ()
    missing = branch.missing if branch.tree is None else branch.tree.missing
    return tuple(why for why in missing if not why.endswith(".")) or (branch.target,)


def is_named_below(zone: MailZone, wanted: Wanted) -> bool:
    """Whether any SPF record at the domain or below it names the service."""
    return any(
        is_below(owner, wanted.domain)
        and any(not _LEADING.isdisjoint(record.features) for record in records)
        and naming(zone, owner, wanted).passes
        for owner, records in zone.spf.items()
    )

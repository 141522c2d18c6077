"""What is known around a zone: its configuration, what DNS answers, the state before.

Of other zones there are answers, the types at a name, facts, and who holds a name: no records.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, TypeVarTuple

from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import UNSEEN, is_below, parent, without_dot
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.answers import ANY, Held, Status, World
from zonelint.rules.model.facts import Fact, Told
from zonelint.rules.model.settings import Sees, Settings

if TYPE_CHECKING:
    from zonelint.rules.config.declaration import DmarcIntent, DomainIntent, Thresholds


_MOST_NAMED = 4
"""Files of one zone's name that are named."""


class Holder(Protocol):
    """A zone as others know it: which it is, whether all of it was read, what it delegates.

    is_public: the internet sees it.
    """

    @property
    def identity(self) -> ZoneId: ...
    @property
    def path(self) -> str: ...
    @property
    def complete(self) -> bool: ...
    @property
    def gone(self) -> AbstractSet[tuple[str, str]]: ...
    @property
    def cuts(self) -> frozenset[str]: ...
    @property
    def is_public(self) -> bool: ...


class Asker(NamedTuple):
    """Who asks: a zone's view, and what tells which zones are of its project; None: all are."""

    view: str
    sees: Sees | None = None


class Zones(Protocol):
    """Zones of several views, as contexts ask them."""

    def holders(self, asker: Asker, name: str) -> Sequence[Holder]:
        """The zones that answer a name: those with the longest origin that is it, or above it."""

    def unseen(self, view: str, name: str) -> Sequence[Holder]:
        """The zones that hold a name in views of which this one sees nothing."""

    def held_by(
        self, view: str, holders: Sequence[Holder], name: str, type: str, own: Holder | None = None
    ) -> Sequence[Held | None]:
        """What each of some zones that hold a name answers, no alias followed; `own` asks."""

    def facts(self, asker: Asker, fact: Fact[Told]) -> Sequence[Told]:
        """What all zones of a view tell, sorted, each once.

        Those of another project tell nothing of a name that a zone of the asker's has.
        """

    def telling(self, asker: Asker, fact: Fact[Told], about: str) -> Sequence[Told]:
        """What zones tell that are only known, as far as it may be about something."""

    def labels(self) -> Alike:
        """The labels of which the names of zones are made, those that nobody judges included."""

    def has_one_zone(self, view: str) -> bool: ...

    def is_twin(self, identity: ZoneId) -> bool:
        """Whether another zone of its view has the zone's name."""


class Context:
    """Everything but the zones may be absent.

    answers: what DNS answers, from the zones of the view and from outside.
    previous: the same before the change that is judged; None where no change is. memo: for what is
      worked out once: by a function and its arguments (`once_a_run`, `once_a_zone`), where a
      zone counts by its identity, or under the name of a module (the trees of `lookups`).
    """

    __slots__ = (
        "_own", "_zones", "answers", "asker", "evidence", "files", "intent", "memo", "previous",
        "settings",
    )  # fmt: skip

    def __init__(
        self,
        zones: Zones,
        asker: Asker,
        settings: Settings,
        previous: Context | None = None,
        own: Holder | None = None,
    ) -> None:
        """`own`: the zone that answers for itself before any other of its name."""
        self._zones = zones
        self._own = own
        self.asker = asker
        self.settings = settings
        self.intent = settings.intent
        self.evidence = settings.evidence
        self.files = settings.files
        self.previous = previous
        self.memo: dict[Hashable, Any] = {}
        self.answers = World([self, *settings.outside], self._why_unknown)

    @property
    def view(self) -> str:
        return self.asker.view

    @property
    def thresholds(self) -> Thresholds:
        """Where rules draw their lines: the config's, else the defaults."""
        return self.settings.thresholds

    def declared(self, name: str) -> DomainIntent | None:
        """What zonelint.toml declares of a domain (absolute); None where it says nothing of it."""
        return None if self.intent is None else self.intent.for_domain(name)

    def dmarc_declared(self, name: str | None) -> DmarcIntent:
        """What is declared of a domain's DMARC; the defaults where nothing is."""
        from zonelint.rules.config.declaration import DmarcIntent  # a clean run has no use for it

        found = None if name is None else self.declared(name)
        return DmarcIntent() if found is None else found.dmarc

    @property
    def has_one_zone(self) -> bool:
        return self._zones.has_one_zone(self.view)

    @property
    def labels(self) -> Alike:
        """The labels of which the names of zones are made, in whatever view."""
        return self._zones.labels()

    def facts(self, fact: Fact[Told]) -> Sequence[Told]:
        """What all zones of the view tell, sorted, each once."""
        return self._zones.facts(self.asker, fact)

    def telling(self, fact: Fact[Told], about: str) -> Sequence[Told]:
        """What zones of the view tell that nobody judges, as far as it may be about a name.

        Raises TooManyZones, which makes undecided what a rule was asked.
        """
        return self._zones.telling(self.asker, fact, about)

    def forget(self) -> None:
        """Have nothing of what was worked out, as if nobody had asked."""
        self.memo.clear()
        self.answers = World([self, *self.settings.outside], self._why_unknown)

    def is_twin(self, identity: ZoneId) -> bool:
        """Whether another zone of its view has a zone's name."""
        return self._zones.is_twin(identity)

    def holders(self, name: str) -> Sequence[Holder]:
        """The zones that hold a name: those with the longest matching origin, or this one.

        Where no zone of its project and view holds it, those of others that answer it.
        """
        own, found = self._own, self._zones.holders(self.asker, name)
        if own is None or not is_below(name, own.identity.name):
            return found
        is_nearer = found and len(found[0].identity.name) > len(own.identity.name)
        return found if is_nearer else (own,)

    def zone_of(self, name: str) -> Holder | None:
        """The zone of this run that holds the name; of several, one that is not whole."""
        return min(self.holders(name), key=lambda each: each.complete, default=None)

    def is_ours(self, name: str) -> bool:
        """Whether a zone of the run holds the name, in whatever view."""
        return bool(self.holders(name) or self._zones.unseen(self.view, name))

    def look(self, name: str, type: str) -> Held | None:
        """What the zones of the run hold, no alias followed; None where it is not theirs to say."""
        holders = self.holders(name)
        if not holders:
            return None
        found = self._zones.held_by(self.view, holders, name, type, self._own)
        if len(found) == 1 or len(set(map(_facts, found))) == 1:
            return found[0]
        where = without_dot(holders[0].identity.name)
        if views := sorted({each.identity.view for each in holders} - {"", self.view}):
            told = ", ".join(f"`{view}`" for view in views)
            why = f"one answer from `{where}`, which is in views that answer differently ({told})"
            return Held(Status.UNKNOWN, reason=why)
        paths = sorted({each.path for each in holders})
        more = ", …" * (len(paths) > _MOST_NAMED)
        files = f" ({', '.join(paths[:_MOST_NAMED])}{more})" if len(paths) > 1 else ""
        why = f"one answer from the zones of the name {where}{files}, which answer differently"
        return Held(Status.UNKNOWN, reason=why)

    def held_above(self, zone: str, name: str, type: str) -> Sequence[str]:
        """What the zone above one of the run holds at a name of that one, as if it were its own."""
        holders = self.holders(parent(zone)) if zone != "." else ()
        found = self._zones.held_by(self.view, holders, name, type) if holders else ()
        return [value for held in found if held is not None for value in held.values]

    def _why_unknown(self, name: str) -> str:
        """Why nobody knows a name: only another view has a zone for it, or one that is nearer."""
        own = max((len(each.identity.name) for each in self.holders(name)), default=1)  # the root
        nearer = [e for e in self._zones.unseen(self.view, name) if len(e.identity.name) > own]
        views = ", ".join(f"`{view}`" for view in sorted({each.identity.view for each in nearer}))
        return f"`{without_dot(name)}` ({UNSEEN} {views})" if views else ""

    def only_in_view(self, name: str, *types: str) -> str:
        """Where records stand of which this view sees nothing, as a sentence behind an advice."""
        for each in self._zones.unseen(self.view, name):
            view = each.identity.view
            found = [self._zones.held_by(view, [each], name, type)[0] for type in types]
            if any(held is not None and held.status is Status.RECORDS for held in found):
                place = f"{each.path}, in the view `{view}`"
                return f" {without_dot(name)} is in {place}, which is not seen from here."
        return ""

    def types_at(self, name: str) -> Sequence[str] | None:
        """The types of the records at the very name; None where no zone of the run can say."""
        held = self.look(name, ANY)
        return None if held is None or held.status is Status.UNKNOWN else held.values


def _facts(held: Held | None) -> object:
    return None if held is None else (held.status, frozenset(held.values), held.alias)


# -- what is worked out once -----------------------------------------------------------------------

_NOT_YET: Any = object()
_T = TypeVar("_T")
_Names = TypeVarTuple("_Names")


class _Zone(Protocol):
    """A zone, with what is known around it."""

    context: Context
    identity: ZoneId


class _Subject(Hashable, Protocol):
    """What a rule looks at, with what is known around its zone."""

    @property
    def context(self) -> Context: ...


_Z = TypeVar("_Z", bound=_Zone)
_S = TypeVar("_S", bound=_Subject)


def once_a_run(work_out: Callable[[*_Names, Context], _T]) -> Callable[[*_Names, Context], _T]:
    """A function of names, and last of a context, that is asked about the same names once."""

    @wraps(work_out)
    def remembered(*given: *tuple[*_Names, Context]) -> _T:
        memo, key = given[-1].memo, (work_out, *given[:-1])
        found: _T = memo.get(key, _NOT_YET)
        if found is _NOT_YET:
            found = memo[key] = work_out(*given)
        return found

    return remembered


def once_a_subject(work_out: Callable[[_S], _T]) -> Callable[[_S], _T]:
    """A function of a record's subject that is asked about the same one once."""

    @wraps(work_out)
    def remembered(subject: _S) -> _T:
        memo, key = subject.context.memo, (work_out, subject)
        found: _T = memo.get(key, _NOT_YET)
        if found is _NOT_YET:
            found = memo[key] = work_out(subject)
        return found

    return remembered


def once_a_zone(work_out: Callable[[_Z, *_Names], _T]) -> Callable[[_Z, *_Names], _T]:
    """A function of a zone, and of names, that is asked about the same zone and names once."""

    @wraps(work_out)
    def remembered(zone: _Z, *names: *_Names) -> _T:
        memo, key = zone.context.memo, (work_out, zone.identity, *names)
        found: _T = memo.get(key, _NOT_YET)
        if found is _NOT_YET:
            found = memo[key] = work_out(zone, *names)
        return found

    return remembered

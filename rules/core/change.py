"""A change to a zone: the records that should stand there instead.

Rules make changes, providers write them into their own world (a zone file, octoDNS YAML, a plan).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from zonelint.grammars.masterfile.record import DefaultTtl
from zonelint.grammars.spelling import ZONE_FILE, Spelling
from zonelint.grammars.zone import Record, Suppression

MOST_MERGED = 20
"""Records of one owner that a proposal makes one of. Each of them tells the whole proposal."""


class Role(Enum):
    """What a change does for the zone. Who may make it without a person follows from that."""

    SUPPLIES = "supplies"
    """It brings a record, or a part of one, that is missing."""

    MENDS = "mends"
    """It makes a text readable that was meant to be read; beside it the zone stays as it is."""

    REPLACES = "replaces"
    """It puts another value in the place of one."""

    NEEDS_ZONE = "needs-zone"
    """It is right because of what else the zone holds: nobody may make it who sees a part only."""


class Ground(Enum):
    """What makes a change right."""

    TEXT = "text"
    """The records themselves."""

    DECLARED = "declared"
    """What zonelint.toml declares."""

    INFERRED = "inferred"
    """A service that the records show, and nobody declared."""

    REPORTS = "reports"
    """What aggregate reports prove: a person commits such a change, nothing deploys it."""


class CommentEdit(NamedTuple):
    """A `noqa` comment that keeps these codes only; without any the request for silence goes.

    What a person wrote behind the codes stays.
    """

    comment: Suppression
    keep: tuple[str, ...] = ()

    @property
    def before(self) -> str:
        codes = self.comment.codes
        return self._written("" if codes is None else f": {','.join(codes)}")

    @property
    def after(self) -> str:
        return self._written(f": {','.join(self.keep)}") if self.keep else ""

    def _written(self, codes: str) -> str:
        return f"{self.comment.sign} noqa{codes}"


class DefaultEdit(NamedTuple):
    """A `$TTL` with other seconds, for all records that take their TTL from it."""

    default: DefaultTtl
    seconds: int

    @property
    def before(self) -> str:
        return f"$TTL {self.default.text}"

    @property
    def after(self) -> str:
        return f"$TTL {self.seconds}"


class Edit(NamedTuple):
    """One record replaced, removed or added; or a comment at a record changed.

    `before` is the record as it stands, None for an addition. `after` is the new rdata in
    presentation format with absolute names, None for a removal. `ttl` is the new TTL in
    seconds; None keeps the record's own, or takes the zone's default for an addition.
    With `comment` the record stays as it is: `before` and `after` are None. So they are with
    `default`.
    """

    owner: str
    type: str
    before: Record | None
    after: str | None
    ttl: int | None = None
    comment: CommentEdit | None = None
    default: DefaultEdit | None = None

    @property
    def beside(self) -> CommentEdit | DefaultEdit | None:
        """What is changed beside the records."""
        return self.comment or self.default

    @property
    def is_move(self) -> bool:
        """Whether the record gets another owner or another type."""
        return (
            self.before is not None
            and self.after is not None
            and (self.before.owner != self.owner or self.before.type != self.type)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a finding proposes. `safe`: mail flow cannot change, so `--fix` may apply it.

    role, ground: what it does and why; None takes both from the rule, and from the edits. `spell`
      is how names and rdata are shown, where a part of them is not known; `spelling` how the source
      of the zone writes them, which people are shown.
    """

    edits: tuple[Edit, ...]
    reason: str
    safe: bool = False
    role: Role | None = None
    ground: Ground | None = None
    spell: Callable[[str], str] | None = field(default=None, compare=False)
    spelling: Spelling = field(default=ZONE_FILE, compare=False)

    @property
    def owner(self) -> str:
        return self.edits[0].owner

    def before(self, owner: str, type: str) -> list[str]:
        """The records that go, as rdata; as whole records where they are not at owner and type."""
        ttl, spell = self._tells_ttl(), self.spell or str
        return [edit.beside.before for edit in self.edits if edit.beside is not None] + [
            _format(spell(edit.before.owner), edit.before.type, edit.before.ttl,
                   spell(edit.before.rdata), owner, type, ttl=ttl)
            for edit in self.edits
            if edit.before is not None
        ]  # fmt: skip

    def after(self, owner: str, type: str) -> list[str]:
        """The records that come, as rdata; as whole records where not at owner and type."""
        ttl, spell = self._tells_ttl(), self.spell or str
        comments = (edit.beside.after for edit in self.edits if edit.beside is not None)
        return [comment for comment in comments if comment] + [
            _format(
                spell(edit.owner),
                edit.type,
                _new_ttl(edit),
                spell(edit.after),
                owner,
                type,
                ttl=ttl,
            )
            for edit in self.edits
            if edit.after is not None
        ]  # fmt: skip

    def lines(self) -> list[tuple[str, str]]:
        """For each edit the line that goes and the one that comes, empty where there is none.

        Whole records (owner, TTL, type, data) as the source writes them.
        """
        return [
            (edit.beside.before, edit.beside.after)
            if edit.beside is not None
            else (self._line_before(edit), self._line_after(edit))
            for edit in self.edits
        ]

    def _line_before(self, edit: Edit) -> str:
        record = edit.before
        if record is None:
            return ""
        return self._line(record.owner, record.type, record.ttl, record.spelt)

    def _line_after(self, edit: Edit) -> str:
        if edit.after is None:
            return ""
        words = self.spelling if edit.before is None else edit.before.spelling
        return self._line(edit.owner, edit.type, _new_ttl(edit), words.value(edit.type, edit.after))

    def _line(self, owner: str, type: str, ttl: int | None, value: str) -> str:
        return (self.spell or str)(whole(self.spelling.owner(owner), type, ttl, value))

    @property
    def role_of_edits(self) -> Role:
        """What the edits do by themselves, where neither the change nor its rule says."""
        if all(edit.before is None and edit.beside is None for edit in self.edits):
            return Role.SUPPLIES
        (first, *others) = self.edits
        if others or first.after is None or first.is_move or first.ttl is not None:
            return Role.NEEDS_ZONE
        return Role.REPLACES

    def _tells_ttl(self) -> bool:
        """A change of nothing but TTLs would read as no change, were they left out."""
        return any(
            edit.before is not None and edit.ttl is not None and edit.before.rdata == edit.after
            for edit in self.edits
        )


def _new_ttl(edit: Edit) -> int | None:
    if edit.ttl is not None or edit.before is None:
        return edit.ttl
    return edit.before.ttl


def _format(
    at: str, kind: str, seconds: int | None, rdata: str, owner: str, type: str, *, ttl: bool
) -> str:
    if at == owner and kind == type and not ttl:
        return rdata
    return whole(at, kind, seconds, rdata)


def whole(owner: str, type: str, ttl: int | None, rdata: str) -> str:
    """A whole record on one line, as in a zone file, every name absolute."""
    return f"{owner} {type} {rdata}" if ttl is None else f"{owner} {ttl} {type} {rdata}"


def replace(
    record: Record, after: str, reason: str, *, safe: bool = False, ttl: int | None = None
) -> Change:
    """The record gets another rdata."""
    return Change((Edit(record.owner, record.type, record, after, ttl),), reason, safe)


def retime(records: Sequence[Record], ttl: int, reason: str, *, safe: bool = True) -> Change:
    """The records get another TTL, nothing else."""
    edits = tuple(Edit(r.owner, r.type, r, r.rdata, ttl) for r in records)
    return Change(edits, reason, safe)


def default_to(default: DefaultTtl, seconds: int, zone: str, reason: str) -> Change:
    """The records of a zone that take their TTL from a `$TTL` get another one with it."""
    return Change((Edit(zone, "$TTL", None, None, default=DefaultEdit(default, seconds)),), reason)


def join(records: Sequence[Record], after: str, reason: str, *, type: str = "") -> Change:
    """One record in the place of several of one owner, of another type where that is given."""
    first, *others = records
    kept = Edit(first.owner, type or first.type, first, after)
    return Change((kept, *remove(others, reason).edits), reason)


def remove(records: Sequence[Record], reason: str, *, safe: bool = False) -> Change:
    """The records go."""
    return Change(tuple(Edit(r.owner, r.type, r, None) for r in records), reason, safe)


def add(
    owner: str, type: str, after: str, reason: str, *, safe: bool = False, ttl: int | None = None
) -> Change:
    """A new record."""
    return Change((Edit(owner, type, None, after, ttl),), reason, safe)


def move(record: Record, owner: str, reason: str, *, safe: bool = False) -> Change:
    """The record stands at another owner, its type, TTL and rdata kept."""
    return Change((Edit(owner, record.type, record, record.rdata),), reason, safe)

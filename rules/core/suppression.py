"""Silence that was asked for: `; noqa` comments, and those among them that silence nothing.

A comment holds for findings that start on the lines of its logical record. What each comment did
becomes a subject of its own, `Silencer`, so that NOQA001 is a rule like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import Span, Suppression
from zonelint.rules.core.change import Change, CommentEdit, Edit
from zonelint.rules.core.finding import Finding, Found, Severity
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Comment, Result
from zonelint.rules.core.rule import Fix, Needs, Rule, rule
from zonelint.rules.core.selection import meant_code
from zonelint.rules.model.wording import WordedZone

if TYPE_CHECKING:
    from zonelint.rules.model.repository import Seat
    from zonelint.rules.model.subjects import MailZone

_NONE: frozenset[str] = frozenset()


class Silencer(NamedTuple):
    """A comment that asks for silence, after every other rule has spoken.

    `owner` and `type` are those of the record that it stands at, the zone's origin and ""
    where it stands at none. `silenced` are the codes of the findings that it hid; `judged`
    those of the rules that had their say about its record: they ran, had what they need, and
    were neither undecided nor failed. `complete` when that holds for every rule. Of a file that
    several zones hold, `zone` is the first, and the codes are those that hold in all of them.
    """

    suppression: Suppression
    zone: ZoneId
    owner: str
    type: str
    silenced: frozenset[str]
    judged: frozenset[str]
    known: frozenset[str]
    complete: bool

    @property
    def features(self) -> frozenset[str]:
        return _NONE

    @property
    def is_idle(self) -> bool:
        """Whether it is held to be without use here, all of it or a code."""
        codes = self.suppression.codes
        if codes is None:
            return self.complete and not self.silenced
        return any(code.upper() in self.judged - self.silenced for code in codes)

    def joined(self, other: Silencer | None) -> Silencer:
        """The same comment with what it does in other zones."""
        if other is None:
            return self
        return self._replace(
            silenced=self.silenced | other.silenced,
            judged=self.judged & other.judged,
            complete=self.complete and other.complete,
        )

    def at(
        self, span: Span, message: str, advice: str, *, keep: tuple[str, ...] | None = None
    ) -> Found:
        """A fault of the comment. keep: the codes that it should keep; None for no change."""
        change = None
        if keep is not None:
            comment = CommentEdit(self.suppression, keep)
            edit = Edit(self.owner, self.type, None, None, comment=comment)
            change = Change((edit,), "a comment hides the next fault where it is not needed", True)
        return Found(self.owner, self.type, span, message, advice, change)


@rule(
    "NOQA001",
    "unused-suppression",
    Severity.WARNING,
    on=Silencer,
    needs=Needs(0),
    fix=Fix.SAFE,
    section="zonelint",
)
def unused_suppression(comment: Silencer) -> Iterator[Found]:
    """A `noqa` comment suppresses nothing.

    What it finds
        A `; noqa` comment on a record without findings, a code in `; noqa: CODE` that finds nothing
        on that record, a code that does not belong to a rule, and no code after the colon. Only
        rules that ran, and could decide, count against a comment. And a comment that says something
        but names no rule (`; noqa we move house`): it suppresses everything, which few mean.
    Why it matters
        The fault that the comment once accepted no longer exists. The comment would hide the next
        one of its kind on that record, and nobody would notice.
    Example
        `@ TXT "v=spf1 mx -all" ; noqa: SPF201`
    Use instead
        `@ TXT "v=spf1 mx -all"`
    References
        The comment syntax is zonelint's own.
    """
    suppression = comment.suppression
    if suppression.codes is None:
        if comment.complete and not comment.silenced:
            yield comment.at(
                suppression.span,
                "This comment suppresses every rule, and none finds anything here: it would hide "
                "the record's next fault",
                "Remove the comment.",
                keep=(),
            )
        elif suppression.has_words:
            hidden = tuple(sorted(comment.silenced))
            names = ", ".join(hidden)
            yield comment.at(
                suppression.span,
                "This comment names no rule, so it suppresses all that is found here"
                + (f": {names}" if names else ""),
                f"Write `noqa: {names or 'CODE'}` in front of the words; where all is meant, put "
                "the words into a comment of their own behind it.",
                keep=hidden if hidden and comment.complete else None,
            )
        return
    if not suppression.codes:
        yield comment.at(
            suppression.span,
            "The comment names no rule, so it has no effect",
            "Write the code of the rule after the colon, as in `; noqa: SPF203`.",
        )
        return
    codes = [code.upper() for code in suppression.codes]
    if unused_suppression.code in codes:  # a comment can ask for silence about itself
        return
    spans = suppression.code_spans or (suppression.span,) * len(codes)
    useful = tuple(
        code
        for code in dict.fromkeys(codes)
        if code in comment.known and (code in comment.silenced or code not in comment.judged)
    )
    for code, span in zip(codes, spans, strict=True):
        if code not in comment.known:
            meant = meant_code(code, comment.known)
            yield comment.at(
                span,
                f"No rule has the code {code}, so this comment suppresses nothing",
                f"Write {meant} if that is what you mean."
                if meant in comment.known
                else "Remove the code.",
                keep=None if meant in comment.known else useful,
            )
        elif code in comment.judged and code not in comment.silenced:
            yield comment.at(
                span,
                f"{code} finds nothing here: the comment would hide the next fault of its kind",
                "Remove the code; remove the comment if this was the last.",
                keep=useful,
            )


unused_suppression.bad(
    zone="""
    @ TXT "v=spf1 mx +all" ; noqa: SPF2101
    """
)
unused_suppression.bad(
    zone="""
    @ TXT "v=spf1 mx +all" ; noqa: SPF999 whatever it means
    """,
    fixed="""
    @ TXT "v=spf1 mx +all" ; whatever it means
    """,
)
unused_suppression.bad(
    zone="""
    @ TXT "v=spf1 mx +all" ; noqa agreed with Peter
    """
)
unused_suppression.good(
    zone="""
    @ TXT "v=spf1 mx +all" ; noqa: SPF201
    """
)
unused_suppression.good(
    zone="""
    @ TXT "v=spf1 mx +all" ; noqa ; agreed with Peter
    """
)


T = TypeVar("T")
Stood = Callable[[Finding, bool], bool]
Lines = dict[tuple[str, int], list[list[T]]]
"""The comments that hold for a line, those of a record together."""


def comments_of(zone: MailZone, seat: Seat | None = None) -> list[Comment]:
    """The comments of a zone, each with the record that it stands at.

    seat: where what a change loosens is not honoured, neither is a comment that it adds.
    """
    suppressions = zone.written.suppressions
    if not suppressions:
        return []
    places = _places(zone, suppressions)
    nowhere = (zone.origin, "")
    comments = [Comment(s, zone.identity, *places.get(s.span, nowhere)) for s in suppressions]
    loosened = None if seat is None else seat.place.settings.loosened
    if seat is None or loosened is None or loosened.trusts_comments:
        return comments
    if loosened.is_export and not any(before.zone.suppressions for before in seat.befores):
        for comment in comments:
            comment.is_held = comment.is_incomparable = True
        return comments
    for before in seat.befores or (None,):
        _hold_to(comments, () if before is None else comments_of(before.mail))
    return comments


def _hold_to(comments: Iterable[Comment], before: Iterable[Comment]) -> None:
    """Have comments silence what as many did before them at records of their owner and type."""
    left = Counter(
        (comment.owner, comment.type, code)
        for comment in before
        for code in (comment.asked if comment.asked is not None else (_EVERYTHING,))
    )
    for comment in comments:
        comment.is_held = True
        at = (comment.owner, comment.type)
        asked = comment.asked if comment.asked is not None else (_EVERYTHING,)
        known = {code for code in asked if left[*at, code] > 0}
        if comment.asked is not None and len(known) < len(asked) and left[*at, _EVERYTHING]:
            left[*at, _EVERYTHING] -= 1
            continue
        left.subtract((*at, code) for code in known)
        if len(known) < len(asked):
            comment.codes = frozenset(known if comment.codes is None else known & comment.codes)


_EVERYTHING = "ALL"


def refused_comments(result: Result) -> Iterator[Comment]:
    """The comments that a change adds, or has hide more than they did, each once."""
    comments = {comment.suppression.span: comment for comment in reversed(result.comments)}
    return (comment for comment in reversed(comments.values()) if comment.is_new or comment.refused)


def silence(
    result: Result,
    ran: Mapping[ZoneId, Sequence[Rule]],
    known: Callable[[], Sequence[Rule]],
    *,
    declared: Collection[ZoneId],
    stood: Stood,
) -> Iterable[Silencer]:
    """Take what is silenced out of the result, and give each comment for NOQA001 to judge.

    `ran` are the rules that each zone was judged by, `known` gives all there are (asked only where
    there is a comment).
    declared: the zones with an intent.
    stood: whether a finding was silenced before the change, or there, if nothing could silence it.
      A comment of a file that several zones hold silences in all of them.
    """
    comments: dict[Span, Comment] = {}
    for comment in result.comments:
        first = comments.setdefault(comment.suppression.span, comment)
        if first is not comment:
            first.join(comment)
    if not comments:
        return ()
    lines = by_line((comment.suppression, comment) for comment in comments.values())
    findings, result.findings = result.findings, []
    for finding in findings:
        is_hidden = _silenced(finding, lines, stood)
        (result.silenced if is_hidden else result.findings).append(finding)
    judging = _Judged(result, ran, known(), declared)
    return [judging.silencer(comment) for comment in comments.values()]


def by_line(comments: Iterable[tuple[Suppression, T]]) -> Lines[T]:
    """What stands for each comment, by the lines that it holds for."""
    together = grouped(
        ((held.span.path, held.first_line, held.last_line), each) for held, each in comments
    )
    return grouped(
        ((path, line), there)
        for (path, first_line, last_line), there in together.items()
        for line in range(first_line, last_line + 1)
    )


def holding(lines: Lines[T], span: Span) -> list[T]:
    """What stands for the comments that hold for a finding."""
    return [each for there in lines.get((span.path, span.line), ()) for each in there]


def _silenced(finding: Finding, lines: Lines[Comment], stood: Stood) -> bool:
    comments = holding(lines, finding.span)
    # Every comment that names the code has a use, so all of them are asked.
    silencing = [comment for comment in comments if comment.silences(finding)]
    if not silencing or any(_may_hide_news(comment, finding) for comment in silencing):
        return bool(silencing)
    if stood(finding, all(comment.is_incomparable for comment in silencing)):
        return True
    for comment in silencing:
        if not comment.is_incomparable:
            comment.refused.add(finding.code)
    return False


def _may_hide_news(comment: Comment, finding: Finding) -> bool:
    """Whether a comment hides a finding whatever was there before.

    A finding about a change never was: there a code that was written for it before is leave enough.
    """
    about_change = comment.asked is not None and finding.code.startswith("PHASE")
    return not comment.is_held or (about_change and not comment.is_incomparable)


class _Judged:
    """Which rules had their say about a record."""

    def __init__(
        self,
        result: Result,
        ran: Mapping[ZoneId, Sequence[Rule]],
        known: Sequence[Rule],
        declared: Collection[ZoneId],
    ) -> None:
        self.codes = frozenset(each.code for each in known)
        self._plain = {each.code for each in known if _of_the_zone(each)}
        self._ran = ran
        self._declared = declared
        self._failed = {crash.code for crash in result.crashes}
        self._doubts: dict[tuple[ZoneId, str], set[str]] = {}
        for doubt in result.undecided:
            self._doubts.setdefault((doubt.zone, doubt.owner), set()).add(doubt.code)

    def silencer(self, comment: Comment) -> Silencer:
        uses = [self._of_use(zone, owner) for zone, owner in comment.uses]
        return Silencer(
            comment.suppression,
            comment.zone,
            comment.owner,
            comment.type,
            frozenset(comment.silenced),
            frozenset.intersection(*(judged for judged, _ in uses)),
            self.codes,
            all(complete for _, complete in uses),
        )

    def _of_use(self, zone: ZoneId, owner: str) -> tuple[frozenset[str], bool]:
        """The codes of the rules that could decide, and whether those are all there are."""
        has = Needs.TEXT | Needs.ZONE | Needs.DNS
        if zone in self._declared:
            has |= Needs.INTENT
        rules = self._ran[zone]
        doubts = {code for at in (owner, zone.name) for code in self._doubts.get((zone, at), ())}
        could = {each.code for each in rules if each.needs in has} - self._failed
        everything = self._plain <= {each.code for each in rules} - self._failed
        return frozenset(could - doubts), everything and not doubts


def _of_the_zone(rule: Rule) -> bool:
    """Whether a plain check of the zones runs the rule; others speak at other times only."""
    return not rule.needs & (Needs.CHANGE | Needs.REPORTS)


def _places(zone: MailZone, suppressions: Iterable[Suppression]) -> dict[Span, tuple[str, str]]:
    """Owner and type of the record that each comment of the zone stands at."""
    found: dict[Span, tuple[str, str]] = {}
    written = zone.written
    word_owner = written.word_owner if isinstance(written, WordedZone) else str
    wanted = grouped(((held.span.path, held.first_line), held.span) for held in suppressions)
    for rrset in zone.written.rrsets():
        for record in rrset:
            span = record.span
            for comment_span in wanted.get((span.path, span.line), ()):
                found.setdefault(comment_span, (word_owner(record.owner), record.type))
    return found

"""How what is said of zones made of resources is worded: no secret, no name that stands in.

A zone whose name is not known stands below a name that nobody has, and so does what is not known of
a text; neither reaches a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import starmap

from zonelint.grammars.zone import Reason, Zone, is_below, relative, sameness, without_dot
from zonelint.rules.core.finding import Undecided
from zonelint.rules.core.found import Found
from zonelint.rules.core.rule import Needs, Rule
from zonelint.rules.model.answers import SECRET
from zonelint.rules.model.wording import WordedZone

from .kinds import RecordKind
from .spelling import ResourceSpelling
from .values import STAND_IN_VALUE, VALUE_STAND_IN, stand_ins

_STAND_IN = re.compile(
    r"""(?<![^\s"'`(,=])((?:[^\s."'`(),;@]+\.)+)?unknown-zone-[0-9]+\.invalid(?=\.?(?:[\s"'`),:;?!]|$))"""
)
_IS_ONE_OF_SEVERAL = re.compile(r"module\.|.*\]$", re.DOTALL)
_STAND_IN_DOT = re.compile(_STAND_IN.pattern.replace(r"\.invalid", r"\.invalid\.?"))
_TEXT = Needs.TEXT | Needs.DNS
"""What decides about a record by itself: its text, and what the names that it has lead to."""
_WORD = re.compile(r"[^\s;,=\"':]+")
_PIECE = 8
_SHORTEST = 3
_WORDS_OF_ALL = frozenset(
    """
    all ip4 ip6 include redirect exists spf1 ptr -all ~all ?all +all exp
    dmarc1 none quarantine reject rua ruf mailto adkim aspf pct
    dkim1 rsa ed25519 sha256 sha1 email stsv1 tlsrptv1
    """.split()
)
"""What stands in every such record and tells nothing of this one."""


class WordedResources(WordedZone):
    """A zone made of resources, as far as it is spoken of.

    hidden: values of which nothing may be shown, by `place_of` their records. kind: that of its
    first resource. open_texts: what the stand-ins for unknown parts of a text depend on.
    stand_in: the zone's name is not known, or only the texts of its records are to be judged.
    called: the name that it does have then. ref: the id of a zone whose name is not known.
      undecided: what of it is not known. is_apart: it holds the texts of a resource whose owner is
      not known.
    """

    __slots__ = (
        "_members", "_secrets", "called", "hidden", "is_apart", "kind", "open_texts", "ref",
        "stand_in", "undecided",
    )  # fmt: skip

    def __init__(
        self, origin: str, path: str, *, stand_in: bool = False, called: str | None = None
    ) -> None:
        super().__init__(origin, path)
        self._members: dict[str, str] = {}
        self.stand_in = stand_in
        self.called = called
        self.is_apart = False
        self.hidden: dict[str, list[str]] = {}
        self.undecided: list[Undecided] = []
        self.kind: RecordKind | None = None
        self.open_texts: dict[str, str] = {}
        self.ref: str | None = None
        self._secrets: SecretWords | None = None

    @property
    def decides(self) -> Needs | None:
        """Of a zone that is known by its id all records are here that have the id; of what is
        judged apart from its zone there is only the text."""
        if not self.stand_in:
            return None
        return _TEXT if self.ref is None or self.is_apart else _TEXT | Needs.ZONE

    @property
    def is_part(self) -> bool:
        return self.called is not None or self.is_apart

    @property
    def is_vague(self) -> bool:
        return bool(stand_ins(self.origin))

    @property
    def is_redacted(self) -> bool:
        return bool(self.hidden) or self.stand_in

    @property
    def adrift(self) -> Undecided | None:
        """That the name of the zone is not known, where it is not; told once for all records."""
        return None

    def open_questions(self) -> Iterable[Undecided]:
        found = self.undecided if self.adrift is None else [*self.undecided, self.adrift]
        for each in found:
            yield Undecided(each.code, self.word_owner(each.owner), each.missing)

    def word(self, rule: Rule, found: Found, before: Zone | None) -> Found:
        found = self._at_its_call(self._redact(rule, found))
        found = self._at_what_goes(rule, self._in_its_words(found), before)
        return _without_stand_ins(self._placed(found))

    def word_owner(self, owner: str) -> str:
        if self.called is not None and is_below(owner, self.origin):
            owner = owner.removesuffix(self.origin) + self.called
        elif self.stand_in:
            owner = relative(owner, self.origin)
            owner = self.ref or owner if owner == "@" else owner
        return shown_holes(owner)

    def true_name(self, name: str) -> str | None:
        if not self.stand_in or not is_below(name, self.origin):
            return name
        return None if self.called is None else name.removesuffix(self.origin) + self.called

    def word_missing(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        secrets, here = self._secret_words(), without_dot(self.origin)
        # Names in the zone, and its other records, wait for its name.
        waits = self.adrift is not None or self.is_apart
        found: dict[str, str] = {}
        for each in missing:
            shown = SECRET if secrets.leak((each,)) else self._depending(each)
            if waits and (shown == self.rest or here in shown):
                continue
            parts = (each, *(self.open_texts.get(name, "") for name in stand_ins(each)))
            text = spoken_names(shown, self.called)
            found[text] = "".join((found.get(text, ""), *(sameness(part)[1] for part in parts)))
        return tuple(starmap(Reason, found.items()))

    def word_error(self, error: str) -> str:
        return error.partition(":")[0] if self.hidden else error

    def _secret_words(self) -> SecretWords:
        if self._secrets is None:
            self._secrets = SecretWords(value for each in self.hidden.values() for value in each)
        return self._secrets

    def _depending(self, what: str) -> str:
        """What is missing, by what it depends on where its name is not known itself."""
        found = stand_ins(what)
        if not found:
            return what
        depends = self.open_texts.get(found[0], "?")
        return f"`{shown_holes(without_dot(what))}`, which depends on {depends}"

    def _redact(self, rule: Rule, found: Found) -> Found:
        """What is found without anything that may come from a secret value."""
        if not self.hidden or self._is_of_the_reader(found):
            return found
        if self.hidden.keys().isdisjoint((found.span.path, f"{found.span.path}:{found.span.line}")):
            change = found.change
            changed = [] if change is None else change.before("", "") + change.after("", "")
            texts = (found.message, found.advice, *found.detail, *changed)
            if rule.needs in _TEXT or not self._secret_words().leak(texts):
                return found
        return found._replace(
            message=rule.summary.rstrip("."),
            advice="A value that this is about is secret, so it is not shown here.",
            change=None,
            detail=(),
        )

    def _is_of_the_reader(self, found: Found) -> bool:
        """Whether the reader of the resources told it, who shows no secret."""
        return any(found.message == each.message.rstrip(".") for each in self.faults)

    def owner_of(self, address: str) -> str | None:
        """The owner of a resource's records, where it belongs here."""
        return self._members.get(address)

    def _at_its_call(self, found: Found) -> Found:
        """What is found with the resource's address, where one place of a source makes several."""
        rrset = self.get(found.owner, found.type)
        for record in () if rrset is None else rrset.records:
            at, address = record.span, getattr(record, "address", "")
            is_here = at.path == found.span.path and at.line <= found.span.line <= at.end_line
            if is_here and at.path != address and _IS_ONE_OF_SEVERAL.match(address):
                return found._replace(detail=(*found.detail, f"In {address}."))
        return found

    def _in_its_words(self, found: Found) -> Found:
        """What is found with its change as the zone's provider writes it."""
        if found.change is None or self.kind is None:
            return found
        spelling = ResourceSpelling(self.kind, self.origin)
        return found._replace(change=replace(found.change, spelling=spelling))

    def _placed(self, found: Found) -> Found:
        """What is found with no word of the stand-in for a zone."""
        if not self.stand_in:
            return found
        called = self.called
        spell: Callable[[str], str] = as_shown
        owner = relative(found.owner, self.origin)
        if called is not None:
            owner, spell = self.word_owner(found.owner), partial(_as_called, called)
        return found._replace(
            owner=owner,
            change=None if found.change is None else replace(found.change, spell=spell),
            message=spoken_names(found.message, called),
            advice=spoken_names(found.advice, called),
            detail=tuple(spoken_names(line, called) for line in found.detail),
        )

    def _at_what_goes(self, rule: Rule, found: Found, before: Zone | None) -> Found:
        """What is found at the resource whose record the change takes away, if it is about one.

        A line of the source before says nothing of the source now: there it is at what the
        resource has become, and the line is told.
        """
        owner, type = found.owner, found.type
        if Needs.CHANGE not in rule.needs or before is None or self.get(owner, type) is not None:
            return found
        for record in before.get(owner, type) or ():
            was, address = record.span, getattr(record, "address", "")
            if was.path == address:
                return found._replace(span=was)
            records = (r for rrset in self.at(self.owner_of(address) or "") for r in rrset)
            now = (r.span for r in records if getattr(r, "address", "") == address)
            told = f"It was at {was.path}:{was.line} before."
            detail = found.detail if told in found.detail else (*found.detail, told)
            return found._replace(span=next(now, found.span), detail=detail)
        return found


def shown_holes(text: str) -> str:
    """A text for people: `<?>` where something in it is not known."""
    return VALUE_STAND_IN.sub("<?>", text) if STAND_IN_VALUE in text else text


def as_shown(text: str) -> str:
    """A name or rdata for people: names in a zone of unknown name as they are written in it."""
    return shown_holes(_STAND_IN_DOT.sub(lambda found: (found[1] or "@.")[:-1], text))


def _as_called(called: str, text: str) -> str:
    """The same where the name of the zone is known."""
    return shown_holes(spoken_names(text, called))


def _without_stand_ins(found: Found) -> Found:
    """What is found with `<?>` where something is not known."""
    texts = [found.owner, found.message, found.advice, *found.detail]
    if found.change is not None:
        texts += found.change.before("", "") + found.change.after("", "")
    if not any(STAND_IN_VALUE in text for text in texts):
        return found
    change = found.change
    return found._replace(
        owner=shown_holes(found.owner),
        message=shown_holes(found.message),
        advice=shown_holes(found.advice),
        detail=tuple(map(shown_holes, found.detail)),
        change=None if change is None else replace(change, spell=change.spell or as_shown),
    )


def spoken_names(text: str, called: str | None = None) -> str:
    """A text for people without the names of stand-ins for zones.

    called: the name of the zone that is stood in for; where it is not known, names in it are told
      as they are written in it, and the zone itself is "the domain".
    """
    name = None if called is None else without_dot(called)

    def in_place(found: re.Match[str]) -> str:
        labels = found[1] or ""
        if name is not None:
            return labels + name
        return labels[:-1] or "the domain"

    return _STAND_IN.sub(in_place, text)


class SecretWords:
    """The words of a zone's secret values, cut so that a look into a text is quick."""

    def __init__(self, values: Iterable[str]) -> None:
        self._pieces: dict[int, set[str]] = {}
        for word in {w for value in values for w in _WORD.findall(value.lower())}:
            if word not in _WORDS_OF_ALL and len(word) >= _SHORTEST:
                size = min(len(word), _PIECE)
                self._pieces.setdefault(size, set()).update(_cut(word, size))

    def leak(self, texts: Iterable[str]) -> bool:
        """Whether a text may tell anything of a value: a word of it, or a piece of a word."""
        told = "\n".join(texts).lower()
        return any(not known.isdisjoint(_cut(told, size)) for size, known in self._pieces.items())


def _cut(text: str, size: int) -> Iterable[str]:
    return (text[at : at + size] for at in range(len(text) - size + 1))

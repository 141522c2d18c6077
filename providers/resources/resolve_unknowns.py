"""What rules say about zones made of resources, with what is unknown and secret respected.

A rule sees a record whose value is not known yet as a record that stands there, empty. What it
then finds is no finding: it is undecided. And of a value that is secret nothing reaches a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from zonelint.grammars.zone import Span, Zone, is_below, parent, relative, without_dot
from zonelint.providers.resources.spelling import ResourceSpelling
from zonelint.providers.resources.values import STAND_IN_VALUE
from zonelint.providers.resources.zones import UNREAD, ResourceZone
from zonelint.rules.core.change import Change
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Crash, Finding, Undecided
from zonelint.rules.core.identity import NOWHERE, ZoneId
from zonelint.rules.core.rule import Needs

NOT_SHOWN = "a value that is secret and not shown here"

_STAND_IN = re.compile(
    r"""(?<![^\s"'`(,=])((?:[^\s."'`(),;@]+\.)+)?unknown-zone-[0-9]+\.invalid(?=\.?(?:[\s"'`),:;?!]|$))"""
)
_STAND_IN_DOT = re.compile(_STAND_IN.pattern.replace(r"\.invalid", r"\.invalid\.?"))
_TEXT = Needs.TEXT | Needs.DNS
"""What decides about a record by itself: its text, and what the names that it has lead to."""
_HOLE = re.compile(rf"{STAND_IN_VALUE}[0-9]+")
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


def settle(result: Result, zones: Sequence[Zone], before: Sequence[Zone] | None = None) -> Result:
    """The result of a run over zones, some of which may be made of resources; changed in place.

    before: the zones before the change that is judged.
    """
    made = [zone for zone in zones if isinstance(zone, ResourceZone)]
    if not made:
        return result
    ours = _Zones(made)
    past = _Zones(zone for zone in before or () if isinstance(zone, ResourceZone))
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    for finding in result.findings:
        zone = ours.of(finding.owner, finding.zone, finding.span)
        if zone is None:
            findings.append(finding)
        elif zone.stand_in and finding.rule.needs & _beyond(zone):
            continue  # that its zone is not known is told once for each record
        else:
            finding = _discreet(finding, zone, ours.secrets(zone))
            finding = _at_what_goes(_in_its_words(finding, zone), zone, past.like(zone, ours))
            findings.append(_without_stand_ins(_placed(finding, zone)))
    for each in result.undecided:
        zone = ours.of(each.owner, each.zone)
        if zone is not None and zone.stand_in:
            continue  # told below, a record at a time
        if zone is not None:
            each = _veiled(each, ours.secrets(zone))
            each = replace(each, missing=tuple(_depending(what, zone) for what in each.missing))
        undecided.append(each)
    for zone in made:
        undecided += [_at_home(each, zone) for each in zone.undecided]
        if zone.adrift is not None:
            undecided.append(zone.adrift)
    result.zones -= sum(zone.called is not None for zone in made)
    result.findings = findings
    undecided = [replace(each, owner=shown_holes(each.owner)) for each in undecided]
    result.undecided = sorted(dict.fromkeys(undecided), key=lambda each: (each.code, each.owner))
    result.crashes = [_without_values(crash, ours.of(crash.owner)) for crash in result.crashes]
    return result


def _beyond(zone: ResourceZone) -> Needs:
    """What a rule may not need to be asked about a stand-in.

    Of a zone that is known by its id all records are here that have the id; of what is judged
    apart from its zone there is only the text.
    """
    return ~(_TEXT | Needs.ZONE) if zone.ref is not None else ~_TEXT


def shown_holes(text: str) -> str:
    """A text for people: ``<?>`` where something in it is not known."""
    return _HOLE.sub("<?>", text) if STAND_IN_VALUE in text else text


def as_shown(text: str) -> str:
    """A name or rdata for people: names in a zone of unknown name as they are written in it."""
    return shown_holes(_STAND_IN_DOT.sub(lambda found: (found[1] or "@.")[:-1], text))


def _depending(what: str, zone: ResourceZone) -> str:
    """What is missing, by what it depends on where its name is not known itself."""
    found = _HOLE.search(what)
    if found is None:
        return what
    return (
        f"`{shown_holes(without_dot(what))}`, which depends on {zone.open_texts.get(found[0], '?')}"
    )


def _without_stand_ins(finding: Finding) -> Finding:
    """The finding with ``<?>`` where something is not known."""
    found = finding.found
    texts = [found.owner, found.message, found.advice, *found.detail]
    if found.change is not None:
        texts += found.change.before("", "") + found.change.after("", "")
    if not any(STAND_IN_VALUE in text for text in texts):
        return finding
    found = replace(
        found,
        owner=shown_holes(found.owner),
        message=shown_holes(found.message),
        advice=shown_holes(found.advice),
        detail=tuple(map(shown_holes, found.detail)),
        change=None if found.change is None else replace(found.change, spell=as_shown),
    )
    return replace(finding, found=found)


def untold_in(zones: Sequence[Zone]) -> Callable[[str], bool]:
    """Tells of a name whether what a change means for it is not to be told.

    It lies in a zone of which a record is secret, or in the stand-in for a zone.
    """
    untold = _Zones(
        zone for zone in zones if isinstance(zone, ResourceZone) and (zone.hidden or zone.stand_in)
    )
    return lambda name: untold.of(name) is not None


def spoken_names(text: str, called: str | None = None) -> str:
    """A text for people without the names of stand-ins for zones.

    called: the name of the zone that is stood in for; where it is not known, names in it are told
    as they are written in it, and the zone itself is "the domain".
    """
    name = None if called is None else without_dot(called)

    def told(found: re.Match[str]) -> str:
        labels = found[1] or ""
        if name is not None:
            return labels + name
        return labels[:-1] or "the domain"

    return _STAND_IN.sub(told, text)


class _Zones:
    def __init__(self, zones: Iterable[ResourceZone]) -> None:
        self._by_origin: dict[str, list[ResourceZone]] = {}
        for zone in zones:
            self._by_origin.setdefault(zone.origin, []).append(zone)
        self._secrets: dict[int, _Secrets] = {}

    def secrets(self, zone: ResourceZone) -> _Secrets:
        """The secret values of a zone."""
        found = self._secrets.get(id(zone))
        if found is None:
            values = (value for each in zone.hidden.values() for value in each)
            found = self._secrets[id(zone)] = _Secrets(values)
        return found

    def of(self, owner: str, id: ZoneId = NOWHERE, span: Span | None = None) -> ResourceZone | None:
        """The zone that holds a name; the innermost where there are several.

        id, span: of which zone it is told, and of which place, where several have the name.
        """
        while (found := self._by_origin.get(owner)) is None and owner != ".":
            owner = parent(owner)
        if found is None or len(found) == 1:
            return found[0] if found else None
        for zone in found:
            if (zone.provider, zone.handle or zone.path) == (id.provider, id.id):
                return zone
        return next((zone for zone in found if _holds_place(zone, span)), found[0])

    def like(self, zone: ResourceZone, others: _Zones) -> ResourceZone | None:
        """The zone that is another's state here: of its provider and id, else the only one."""
        found = self._by_origin.get(zone.origin, [])
        for each in found:
            if (each.provider, each.handle) == (zone.provider, zone.handle):
                return each
        is_only = len(found) == 1 and len(others._by_origin.get(zone.origin, ())) == 1
        return found[0] if is_only else None


def _holds_place(zone: ResourceZone, span: Span | None) -> bool:
    return span is not None and any(
        record.span.path == span.path for rrset in zone.rrsets() for record in rrset
    )


def _discreet(finding: Finding, zone: ResourceZone, secrets: _Secrets) -> Finding:
    """The finding without anything that may come from a secret value."""
    if not zone.hidden or finding.code == UNREAD:  # whose messages show no secret anyway
        return finding
    if zone.hidden.keys().isdisjoint(
        (finding.span.path, f"{finding.span.path}:{finding.span.line}")
    ):
        found = finding.found
        change = (
            [] if found.change is None else found.change.before("", "") + found.change.after("", "")
        )
        texts = (found.message, found.advice, *found.detail, *change)
        if finding.rule.needs in _TEXT or not secrets.leak(texts):
            return finding
    found = replace(
        finding.found,
        message=finding.rule.summary.rstrip("."),
        advice="A value that this is about is secret, so it is not shown here.",
        change=None,
        detail=(),
    )
    return replace(finding, found=found)


def _in_its_words(finding: Finding, zone: ResourceZone) -> Finding:
    """The finding with its change as the zone's provider writes it."""
    change = finding.change
    if change is None or zone.kind is None:
        return finding
    change = replace(change, spelling=ResourceSpelling(zone.kind, zone.origin))
    return replace(finding, found=replace(finding.found, change=change))


def _placed(finding: Finding, zone: ResourceZone) -> Finding:
    """The finding with no word of the stand-in for a zone."""
    if not zone.stand_in:
        return finding
    found, called = finding.found, zone.called
    if called is not None:
        found = replace(found, owner=_home(found.owner, zone), change=_moved(found.change, zone))
    else:
        change = None if found.change is None else replace(found.change, spell=as_shown)
        found = replace(found, owner=relative(found.owner, zone.origin), change=change)
    found = replace(
        found,
        message=spoken_names(found.message, called),
        advice=spoken_names(found.advice, called),
        detail=tuple(spoken_names(line, called) for line in found.detail),
    )
    return replace(finding, found=found)


def _at_what_goes(finding: Finding, zone: ResourceZone, past: ResourceZone | None) -> Finding:
    """The finding at the resource whose record the change takes away, if it is about one."""
    owner, type = finding.owner, finding.type
    if Needs.CHANGE not in finding.rule.needs or past is None or zone.get(owner, type) is not None:
        return finding
    gone = past.get(owner, type)
    if gone is None:
        return finding
    return replace(finding, found=replace(finding.found, span=gone.records[0].span))


def _at_home(undecided: Undecided, zone: ResourceZone) -> Undecided:
    return replace(undecided, owner=_home(undecided.owner, zone))


def _moved(change: Change | None, zone: ResourceZone) -> Change | None:
    """The change at the names that its records do have."""
    if change is None:
        return None
    for edit in change.edits:
        if edit.before is not None:
            edit.before.owner = _home(edit.before.owner, zone)
    edits = (replace(edit, owner=_home(edit.owner, zone)) for edit in change.edits)
    return replace(change, edits=tuple(edits))


def _home(owner: str, zone: ResourceZone) -> str:
    if zone.called is None or not is_below(owner, zone.origin):
        return owner
    return owner.removesuffix(zone.origin) + zone.called


def _veiled(undecided: Undecided, secrets: _Secrets) -> Undecided:
    missing = (NOT_SHOWN if secrets.leak((what,)) else what for what in undecided.missing)
    return replace(undecided, missing=tuple(dict.fromkeys(missing)))


def _without_values(crash: Crash, zone: ResourceZone | None) -> Crash:
    if zone is None or not zone.hidden:
        return crash
    return replace(crash, error=crash.error.partition(":")[0])


class _Secrets:
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

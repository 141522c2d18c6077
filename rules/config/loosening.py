"""What a configuration lets pass that another one did not, key by key.

A key that only asks for more, or in other words for the same, is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from zonelint.rules.config.declaration import Thresholds
from zonelint.rules.config.intent import Intent
from zonelint.rules.config.schema import Path
from zonelint.rules.core.found import FailOn, Severity
from zonelint.rules.core.selection import ALL, asks, longest

_MORE_IS_LOOSER = frozenset({"near-lookup-limit", "ttl-most", "lock-max-age"})
"""The thresholds that let more pass when they are raised; the others do when they are lowered."""
_TYPES = ("types", "zone-types")
_WORLDS = ("pulumi", "terraform", "cloudformation")
_PHASE_DEFAULTS = {("dmarc", "min-days"): 14, ("dmarc", "min-aligned"): 0.98}


class LooserKey(NamedTuple):
    """A key that lets more pass than before: its path in the file, and both its values."""

    path: Path
    before: object
    after: object


def looser_keys(
    after: Intent, before: Intent, is_built_in: Callable[[str], bool] = lambda _: False
) -> Iterator[LooserKey]:
    """Every key by which a configuration lets more pass than the one before it.

    is_built_in: whether a resource type is read without any configuration.
    """
    yield from _rules(after, before)
    if _failing(before.fail_on) - _failing(after.fail_on):
        yield LooserKey(("fail-on",), before.fail_on, after.fail_on)
    if after.baseline != before.baseline:
        yield LooserKey(("baseline",), before.baseline, after.baseline)
    if after.pulumi_before != before.pulumi_before and before.pulumi_before is not None:
        yield LooserKey(("pulumi", "before"), before.pulumi_before, after.pulumi_before)
    yield from _whole_zones(after.resources, before.resources)
    yield from _resource_types(after.resources, before.resources, is_built_in)
    yield from _renamed(("resources", "zones"), _table(after.resources, "zones"),
                        _table(before.resources, "zones"))  # fmt: skip
    yield from _renamed(("origins",), after.origins, before.origins)
    for view, is_public in after.public.items():
        if not is_public and before.is_public(_former_view(view, after, before)):
            yield LooserKey(("views", view, "public"), True, False)
    yield from _severities(after.severity, before.severity)
    for pattern, words in after.per_owner_ignore.items():
        known = before.per_owner_ignore.get(pattern, ())
        if not all(_is_covered(word, known) for word in words):
            yield LooserKey(("per-owner-ignore", pattern), known, words)
    yield from _thresholds(after.thresholds, before.thresholds)
    yield from _phases(after, before)


def loosened_as(
    after: Intent, before: Intent, is_built_in: Callable[[str], bool] = lambda _: False
) -> Intent:
    """The same, with what the configuration before it says where it lets more pass."""
    for key in looser_keys(after, before, is_built_in):
        path: Sequence[Any] = key.path
        if path[0] == "domains":
            if path[1] not in after.domains:
                continue  # what is declared of a domain comes from the change
            path = (*path[:2], path[2:])
        elif path[0] == "views":
            path = ("public", path[1])
        elif path[0] == "pulumi":
            path = ("pulumi-before",)
        after = _with(after, path, key.before)
    return after


def _with(held: Any, path: Sequence[Any], value: object) -> Any:
    """A copy with another value at a path; None: with none there."""
    key, *rest = path
    if isinstance(held, Mapping):
        inner = _with(held.get(key, {}), rest, value) if rest else value
        others = {name: each for name, each in held.items() if name != key}
        return others if inner is None else {**others, key: inner}
    name = key.replace("-", "_")
    return replace(held, **{name: _with(getattr(held, name), rest, value) if rest else value})


def _whole_zones(after: Mapping[str, object], before: Mapping[str, object]) -> Iterator[LooserKey]:
    """Fewer zones of which every record is here: of the others none is called missing."""
    new, old = after.get("whole"), before.get("whole")
    if not isinstance(new, list):  # absent: all that are made here, or declared
        return
    if not isinstance(old, list) or not {*old} <= {*new}:
        yield LooserKey(("resources", "whole"), old, new)


def _resource_types(
    after: Mapping[str, object],
    before: Mapping[str, object],
    is_built_in: Callable[[str], bool],
) -> Iterator[LooserKey]:
    """Types that are read otherwise than before, or no longer: any property may be named instead.

    Only what nothing read before is for a change to add.
    """
    known = {name for part in _TYPES for each in _table(before, part).values()
             for name in _type_names(each)}  # fmt: skip
    for part in _TYPES:
        new, old = _table(after, part), _table(before, part)
        for id in dict.fromkeys((*old, *new)):
            if id in old:
                if new.get(id) != old[id]:
                    yield LooserKey(("resources", part, id), old[id], new.get(id))
            elif any(name in known or is_built_in(name) for name in _type_names(new[id])):
                yield LooserKey(("resources", part, id), None, new[id])


def _type_names(type: object) -> Iterator[str]:
    """What the worlds call a type."""
    if not isinstance(type, Mapping):
        return
    for world in _WORLDS:
        names = type.get(world)
        for name in names if isinstance(names, list) else ():
            yield str(name)


def _table(held: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = held.get(name)
    return found if isinstance(found, Mapping) else {}


def _renamed(
    path: Path, after: Mapping[str, object], before: Mapping[str, object]
) -> Iterator[LooserKey]:
    """Zones that get another name, or none: they would be compared with none before."""
    for key, old in before.items():
        if after.get(key) != old:
            yield LooserKey((*path, key), old, after.get(key))


def _former_view(view: str, after: Intent, before: Intent) -> str:
    """What a view was called: one that is gone and had its words is the same view."""
    gone = (name for name in before.views if name not in after.views)
    was = (name for name in gone if before.views[name] == after.views.get(view))
    return view if view in before.views else next(was, view)


def _rules(after: Intent, before: Intent) -> Iterator[LooserKey]:
    """Rules that were asked and are not: tried with each word, which stands for all it begins."""
    words = {*after.select, *after.ignore, *before.select, *before.ignore, ""} - {ALL}
    asked, still = ([w for w in words if asks(e.select, e.ignore, w)] for e in (before, after))
    if not {*asked} <= {*still}:
        for name in ("select", "ignore"):
            old, new = getattr(before, name), getattr(after, name)
            if set(old) != set(new):
                yield LooserKey((name,), old, new)


def _is_covered(word: str, words: Iterable[str]) -> bool:
    return longest(words, "" if word == ALL else word) is not None


def _failing(word: FailOn) -> set[object]:
    """What fails a run."""
    failing: set[object] = {severity for severity in Severity if word.fails(severity)}
    return failing | {FailOn.UNDECIDED} if word is FailOn.UNDECIDED else failing


def _severities(
    after: Mapping[str, Severity], before: Mapping[str, Severity]
) -> Iterator[LooserKey]:
    """Where a severity is lower. What a rule's own one is, is not known here."""
    for word in sorted({*after, *before}):
        code = "" if word == ALL else word
        new, old = (held.get(longest(held, code) or "") for held in (after, before))
        most = Severity.ERROR if old is None else old
        least = Severity.INFO if new is None else new
        if new is not old and least.rank < most.rank:
            yield LooserKey(("severity", word), old, new)


def _thresholds(after: Thresholds, before: Thresholds) -> Iterator[LooserKey]:
    for name in Thresholds._fields:
        key, old, new = name.replace("_", "-"), getattr(before, name), getattr(after, name)
        if (new > old) if key in _MORE_IS_LOOSER else (new < old):
            yield LooserKey(("thresholds", key), old, new)


def _phases(after: Intent, before: Intent) -> Iterator[LooserKey]:
    """Fewer days, or a smaller share of aligned mail, before the next phase."""
    for name in dict.fromkeys((*after.domains, *before.domains)):
        for path, default in _PHASE_DEFAULTS.items():
            old, new = (each.inherited(name, path, default) for each in (before, after))
            if new < old:  # type: ignore[operator]
                yield LooserKey(("domains", name, *path), old, new)

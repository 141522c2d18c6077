"""What a configuration lets pass that another one did not, key by key.

A key that only asks for more, or in other words for the same, is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zonelint.rules.config.declaration import Thresholds
from zonelint.rules.core.found import FailOn, Severity

if TYPE_CHECKING:
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.config.schema import Path

_ALL = "ALL"
_MORE_IS_LOOSER = frozenset({"near-lookup-limit", "ttl-most", "lock-max-age"})
"""The thresholds that let more pass when they are raised; the others do when they are lowered."""
_PHASE_DEFAULTS = {("dmarc", "min-days"): 14, ("dmarc", "min-aligned"): 0.98}


@dataclass(frozen=True, slots=True)
class LooserKey:
    """A key that lets more pass than before: its path in the file, and both its values."""

    path: Path
    before: object
    after: object


def looser_keys(after: Intent, before: Intent) -> Iterator[LooserKey]:
    """Every key by which a configuration lets more pass than the one before it."""
    yield from _rules(after, before)
    if _failing(before.fail_on) - _failing(after.fail_on):
        yield LooserKey(("fail-on",), before.fail_on.value, after.fail_on.value)
    if after.baseline != before.baseline:
        yield LooserKey(("baseline",), before.baseline, after.baseline)
    if after.pulumi_before != before.pulumi_before and before.pulumi_before is not None:
        yield LooserKey(("pulumi", "before"), before.pulumi_before, after.pulumi_before)
    yield from _whole_zones(after.resources, before.resources)
    yield from _severities(after.severity, before.severity)
    for pattern, words in after.per_owner_ignore.items():
        known = before.per_owner_ignore.get(pattern, ())
        if not all(_is_covered(word, known) for word in words):
            yield LooserKey(("per-owner-ignore", pattern), known, words)
    yield from _thresholds(after.thresholds, before.thresholds)
    yield from _phases(after, before)


def loosened_as(after: Intent, before: Intent) -> Intent:
    """The same, with what the configuration before it says where it lets more pass."""
    fields: dict[str, Any] = {}
    domains = {name: dict(own) for name, own in after.domains.items()}
    for key in looser_keys(after, before):
        head, *rest = key.path
        if head == "resources":
            continue  # the zones are read by then
        if head != "domains":
            name = "pulumi_before" if head == "pulumi" else str(head).replace("-", "_")
            fields[name] = getattr(before, name)
        elif rest[0] in domains:
            domains[str(rest[0])][str(rest[1]), str(rest[2])] = key.before
    return replace(after, domains=domains, **fields)


def _whole_zones(after: Mapping[str, object], before: Mapping[str, object]) -> Iterator[LooserKey]:
    """Fewer zones of which every record is here: of the others none is called missing."""
    new, old = after.get("whole"), before.get("whole")
    if not isinstance(new, list):  # absent: all that are made here, or declared
        return
    if not isinstance(old, list) or not {*old} <= {*new}:
        yield LooserKey(("resources", "whole"), old, new)


def _rules(after: Intent, before: Intent) -> Iterator[LooserKey]:
    """Rules that were asked and are not: tried with each word, which stands for all it begins."""
    words = {*after.select, *after.ignore, *before.select, *before.ignore, ""} - {_ALL}
    if any(_asks(before, word) and not _asks(after, word) for word in words):
        for name in ("select", "ignore"):
            old, new = getattr(before, name), getattr(after, name)
            if set(old) != set(new):
                yield LooserKey((name,), old, new)


def _asks(intent: Intent, code: str) -> bool:
    """As a Selection does: the longest word decides, and `ignore` where both are as long."""
    return _longest(intent.select, code) > _longest(intent.ignore, code)


def _longest(words: Iterable[str], code: str) -> int:
    return max((0 if word == _ALL else len(word) for word in _fitting(words, code)),
               default=-1)  # fmt: skip


def _fitting(words: Iterable[str], code: str) -> Iterator[str]:
    return (word for word in words if word == _ALL or code.startswith(word))


def _is_covered(word: str, words: Iterable[str]) -> bool:
    return any(True for _ in _fitting(words, "" if word == _ALL else word))


def _failing(word: FailOn) -> set[object]:
    """What fails a run."""
    failing: set[object] = {severity for severity in Severity if word.fails(severity)}
    return failing | {FailOn.UNDECIDED} if word is FailOn.UNDECIDED else failing


def _severities(
    after: Mapping[str, Severity], before: Mapping[str, Severity]
) -> Iterator[LooserKey]:
    """Where a severity is lower. What a rule's own one is, is not known here."""
    for word in sorted({*after, *before}):
        code = "" if word == _ALL else word
        new, old = (
            held[max(fits, key=lambda each: 0 if each == _ALL else len(each))] if fits else None
            for held, fits in ((held, list(_fitting(held, code))) for held in (after, before))
        )
        most = Severity.ERROR if old is None else old
        least = Severity.INFO if new is None else new
        if new is not old and least.rank < most.rank:
            yield LooserKey(("severity", word), old and old.value, new and new.value)


def _thresholds(after: Thresholds, before: Thresholds) -> Iterator[LooserKey]:
    for name in Thresholds.__dataclass_fields__:
        key, old, new = name.replace("_", "-"), getattr(before, name), getattr(after, name)
        if (new > old) if key in _MORE_IS_LOOSER else (new < old):
            yield LooserKey(("thresholds", key), old, new)


def _phases(after: Intent, before: Intent) -> Iterator[LooserKey]:
    """Fewer days, or a smaller share of aligned mail, before the next phase."""
    for name in dict.fromkeys((*after.domains, *before.domains)):
        for path, default in _PHASE_DEFAULTS.items():
            old = before.domains.get(name, {}).get(path, default)
            new = after.domains.get(name, {}).get(path, default)
            if new < old:  # type: ignore[operator]
                yield LooserKey(("domains", name, *path), old, new)

"""The baseline: findings that a team knows of and will mend later; new ones still show.

A text file, sorted, made to be committed. An entry is a rule, an owner and a type with the number
of findings there; one more than that is new. A finding is known by these three, never by its line,
and by the words that it was found at: what is written otherwise since is another fault. An entry
without them, as in older files, holds whatever they are. Where several zones have one name an entry
names its zone as well, by its view where no other of them is in it; one that does not holds only
while that name is unique.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import NO_TWINS, Twins, ZoneId, told_apart

PlaceOf = Callable[[ZoneId], str]

VERSION = 1


class BaselineKey(NamedTuple):
    """What a finding is known by over time. `zone` tells its zone from others of one name.

    about: a digest of the words that it was found at; "" for a whole record, or any.
    """

    code: str
    owner: str
    type: str
    zone: str = ""
    about: str = ""


class BaselineError(ValueError):
    """A text that is no baseline. `line` counts from 1; None: it has no such place."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def key(finding: Finding, twins: Twins = NO_TWINS, place_of: PlaceOf = str) -> BaselineKey:
    """What a finding is known by over time.

    twins: the names that several zones have. place_of: what one of these is called, wherever the
      run was started.
    """
    zone = told_apart(finding.zone, twins, place_of)
    return BaselineKey(finding.code, finding.owner, finding.type, zone, _digest(finding.about))


def _digest(about: str) -> str:
    """The words are not written down: they may be long, or secret."""
    import hashlib  # a clean run has no use for it

    octets = about.encode("utf-8", "surrogateescape")
    return hashlib.sha256(octets).hexdigest()[:12] if octets else ""


def is_kept(code: str) -> bool:
    """Whether a baseline holds findings of a rule: never of those about a change, PHASE."""
    return not code.startswith("PHASE")


@dataclass(frozen=True, slots=True)
class Applied:
    """What a baseline leaves: the new findings, how many it knew, and entries without a finding.

    expired: these entries, each with how many of it were not found.
    by_file: how many were known, where several baselines have been applied.
    """

    findings: Sequence[Finding]
    known: int
    expired: Mapping[BaselineKey, int]
    by_file: Mapping[Path, int] = field(default_factory=dict)


class Baseline:
    """The findings that are known, counted by rule, owner and type."""

    def __init__(self, entries: Counter[BaselineKey]) -> None:
        self.entries = entries

    @classmethod
    def of(
        cls, findings: Iterable[Finding], twins: Twins = NO_TWINS, place_of: PlaceOf = str
    ) -> Self:
        kept = (each for each in findings if is_kept(each.code))
        return cls(Counter(key(each, twins, place_of) for each in kept))

    def __add__(self, more: Mapping[BaselineKey, int]) -> Baseline:
        """The baseline with more entries."""
        return Baseline(self.entries + Counter(more))

    def within(self, base: Baseline | None) -> Baseline:
        """The entries that another baseline has as well: those that a change did not add."""
        left = Counter() if base is None else Counter(base.entries)
        places: dict[BaselineKey, list[str]] = {}
        for entry in left:  # by their places, as older files have them
            view = entry.zone.partition(" ")[0]
            if view != entry.zone:
                places.setdefault(entry._replace(zone=view), []).append(entry.zone)
        held: Counter[BaselineKey] = Counter()
        for entry, count in sorted(self.entries.items()):
            words = dict.fromkeys((entry, entry._replace(about="")))
            older = [each._replace(zone=zone) for each in words for zone in places.get(each, ())]
            for known in (*words, *older):
                taken = min(count - held[entry], left[known])
                held[entry] += taken
                left[known] -= taken
        return Baseline(+held)

    def added(self, base: Baseline | None) -> Counter[BaselineKey]:
        """The entries that another one does not have."""
        new = self.entries - self.within(base).entries
        return Counter({entry: count for entry, count in new.items() if is_kept(entry.code)})

    @property
    def counts(self) -> Counter[BaselineKey]:
        """How many findings there are of each kind, whatever their words."""
        found: Counter[BaselineKey] = Counter()
        for entry, count in self.entries.items():
            found[entry._replace(about="")] += count
        return found

    def text(self) -> str:
        """The file's text: one entry a line, sorted, so that two of them can be compared."""
        lines = [
            json.dumps(
                {"code": known.code, "owner": known.owner, "type": known.type}
                | ({"zone": known.zone} if known.zone else {})
                | ({"about": known.about} if known.about else {})
                | {"count": count},
                ensure_ascii=False,
            )
            for known, count in sorted(self.entries.items())
        ]
        body = ",\n".join(f"  {line}" for line in lines)
        return f'{{"version": {VERSION}, "findings": [\n{body}\n]}}\n'

    def apply(
        self,
        findings: Sequence[Finding],
        twins: Twins = NO_TWINS,
        stood: Callable[[Finding], bool] = lambda _: True,
        place_of: PlaceOf = str,
    ) -> Applied:
        """Take out the findings that are known; of several alike the first ones are.

        twins, place_of: as for `key`.
        stood: whether a finding was there before the change that is judged; none that the change
          brings is known.
        """
        left = Counter(self.entries)
        new = []
        for finding in findings:
            if not is_kept(finding.code) or not stood(finding):
                new.append(finding)
                continue
            known = next((each for each in _keys(finding, twins, place_of) if left[each] > 0), None)
            if known is None:
                new.append(finding)
            else:
                left[known] -= 1
        expired = dict(sorted((+left).items()))
        return Applied(new, len(findings) - len(new), expired)


def _keys(finding: Finding, twins: Twins, place_of: PlaceOf) -> Iterator[BaselineKey]:
    """The entries that would hold for a finding, the closest first."""
    known, zone = key(finding, twins, place_of), finding.zone
    names = [known.zone, place_of(zone), str(zone)]  # by its place, as older files have it
    if not known.zone:  # an entry of a zone that had a namesake
        names.append(zone.view)
    as_written = _digest(finding.found.about)  # as older files have it
    for about in dict.fromkeys((known.about, as_written, "")):
        for name in dict.fromkeys(names):
            yield known._replace(zone=name, about=about)


def parse(text: str) -> Baseline:
    """The baseline that a file's text holds. Raises BaselineError."""
    try:
        held = json.loads(text)
    except json.JSONDecodeError as error:
        message = "this is not a baseline: its JSON is invalid here"
        raise BaselineError(message, error.lineno) from None
    except RecursionError:
        raise BaselineError("this is not a baseline: it is nested too deeply") from None
    except ValueError:
        message = "this is not a baseline: a number in it has thousands of digits"
        raise BaselineError(message) from None
    return Baseline(_entries(held))


def _entries(held: object) -> Counter[BaselineKey]:
    if not isinstance(held, dict) or not isinstance(held.get("findings"), list):
        raise BaselineError("this is not a baseline; --write-baseline creates one")
    if held.get("version") != VERSION:
        raise BaselineError(
            f"the baseline has version {held.get('version')!r}, this zonelint reads "
            f"{VERSION}; create it again with --write-baseline"
        )
    entries: Counter[BaselineKey] = Counter()
    for number, entry in enumerate(held["findings"], start=1):
        known = _key(entry)
        count = entry.get("count", 1) if known else 0
        if known is None or not _is_count(count):
            raise BaselineError(f"entry {number} is not a finding")
        entries[known] += count
    return entries


def _key(entry: object) -> BaselineKey | None:
    if not isinstance(entry, dict):
        return None
    words: list[Any] = [entry.get(name) for name in ("code", "owner", "type")]
    words += [entry.get(name, "") for name in ("zone", "about")]
    return BaselineKey(*words) if all(isinstance(word, str) for word in words) else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0

"""What findings come from: those of one root share a cause, which people are shown once.

Causes are made once, over all findings of a run, whoever judged the zones.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.found import Root, RootScope
from zonelint.rules.core.rule import Needs

_AT_ITS_PLACE = Root("", RootScope.PLACE)


class CommonCause(NamedTuple):
    """The findings of one root, by their places."""

    findings: Sequence[Finding]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def others(self) -> Sequence[Finding]:
        return self.findings[1:]


def causes_of(findings: Iterable[Finding]) -> list[CommonCause]:
    """The causes of findings, by their first places; a finding without one is its own."""
    found = grouped((each.cause or number, each) for number, each in enumerate(findings))
    return [CommonCause(sorted(each, key=_shown_after)) for each in found.values()]


def _shown_after(finding: Finding) -> tuple[bool, bool, bool]:
    """What a cause is shown by does not follow, has a change, or else is of the zone that its file
    is named after, if any of its findings is.
    """
    name = os.path.basename(finding.span.path)  # noqa: PTH119 - of a resource it is an address
    is_other = not name.startswith(without_dot(finding.zone.name))
    return finding.found.follows, finding.change is None, is_other


def with_causes(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Each finding with the id of its cause; the findings come by their places."""
    told = list(_with_roots(findings))
    of_records = grouped(((e.zone, e.owner, e.type), e) for e in told if _is_of_records(e))
    for each in told:
        if each.found.follows:
            faults = of_records.get((each.zone, each.owner, each.type), ())
            worst = max(faults, key=_blame, default=each)
            if worst.severity.rank >= each.severity.rank:
                each = each._replace(cause=worst.cause)
        yield each


def _is_of_records(finding: Finding) -> bool:
    """Whether it is a fault of the records as they stand."""
    return Needs.CHANGE not in finding.rule.needs


def _blame(finding: Finding) -> tuple[int, bool]:
    """How likely a fault breaks the records: a text that is wrong in itself does so first."""
    return finding.severity.rank, finding.rule.needs.only_text


def _with_roots(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Each finding with the id of its root."""
    real = _RealPaths()
    nth: Counter[tuple[object, ...]] = Counter()
    ids: dict[tuple[object, ...], str] = {}
    new_id = _Ids()
    for finding in findings:
        key = _root_of(finding, real)
        if key[-1] is RootScope.PLACE:
            # Two faults at one place of one zone are two; the places of several zones may be one.
            same = (key, finding.zone, finding.owner, finding.type)
            key = (nth[same], *key)
            nth[same] += 1
        found = ids.get(key)
        if found is None:
            found = ids[key] = new_id(finding)
        yield finding._replace(cause=found)


def _root_of(finding: Finding, real: _RealPaths) -> tuple[object, ...]:
    """What is equal for the findings of one cause."""
    root = finding.found.root or _AT_ITS_PLACE
    span = finding.span
    place: tuple[object, ...] = ()
    if root.scope is RootScope.FILE:
        place = (real[span.path],)
    elif root.scope is RootScope.PLACE:
        about = (finding.found.about, _advice(finding))
        place = (real[span.path], span.line, span.column, span.end_line, span.end_column, about)
    return (finding.code, finding.severity, finding.confidence, root.name, *place, root.scope)


def _advice(finding: Finding) -> str:
    """What to do, whatever the zone and the owner are called: one cause has one advice."""
    advice = finding.found.advice
    for name in (finding.owner, finding.zone.name):
        advice = advice.replace(without_dot(name), "")
    return advice


class _Ids:
    """Ids of 12 digits, each the same in every run that has the same first finding."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: Counter[bytes] = Counter()

    def __call__(self, first: Finding) -> str:
        """An id that no other cause has."""
        root = first.found.root or _AT_ITS_PLACE
        words = [first.code, str(first.severity), str(first.confidence), root.name]
        if root.scope is not RootScope.RUN:
            words += [first.zone.name, first.owner, first.type, first.found.about]
        text = "\0".join(words).encode("utf-8", "surrogateescape")
        number = self._next[text]
        while (found := _sum(number, text)) in self._used:
            number += 1
        self._next[text] = number + 1
        self._used.add(found)
        return found


def _sum(number: int, text: bytes) -> str:
    import hashlib  # a clean run has no use for it

    return hashlib.sha256(b"%d\0%b" % (number, text)).hexdigest()[:12]


_INSTANCE = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
"""What tells the instances of one resource or module apart, in an address of Terraform's."""


class _RealPaths(dict[str, str]):
    """The file behind the links of a path; of a resource's address, what all instances have."""

    def __missing__(self, path: str) -> str:
        try:
            real = os.path.realpath(path)
            if "[" in path and not os.path.lexists(path):
                real = _INSTANCE.sub("[]", path)
        except (OSError, ValueError):  # what no file can be called
            real = path
        self[path] = real
        return real

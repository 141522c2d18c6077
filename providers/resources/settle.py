"""What rules say about zones made of resources, with what is unknown and secret respected.

A rule sees a record whose value is not known yet as a record that stands there, empty. What it
then finds is no finding: it is undecided. And of a value that is secret nothing reaches a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from zonelint.grammars.zone import Zone, is_below
from zonelint.rules.engine import Result
from zonelint.rules.finding import Crash, Finding, Undecided
from zonelint.rules.rule import Needs

from .zones import UNREAD, ResourceZone

NOT_SHOWN = "a value that is secret and not shown here"

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


def settle(result: Result, zones: Sequence[Zone]) -> Result:
    """The result of a run over zones, some of which may be made of resources; changed in place."""
    made = [zone for zone in zones if isinstance(zone, ResourceZone)]
    if not made:
        return result
    ours = _Zones(made)
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    for finding in result.findings:
        zone = ours.of(finding.owner)
        if zone is None:
            findings.append(finding)
        elif zone.stand_in and finding.rule.needs != Needs.TEXT and finding.code[:4] != "ZONE":
            continue  # that its zone is not known is told once for each record
        elif (missing := _unknown(finding, zone)) is not None:
            undecided.append(Undecided(finding.code, finding.owner, tuple(missing)))
        else:
            findings.append(_discreet(finding, zone, ours.secrets(zone)))
    for each in result.undecided:
        zone = ours.of(each.owner)
        if zone is not None and zone.stand_in:
            continue
        undecided.append(each if zone is None else _veiled(each, ours.secrets(zone)))
    for zone in made:
        undecided += [*zone.undecided, *zone.adrift]
    result.findings = findings
    result.undecided = sorted(dict.fromkeys(undecided), key=lambda each: (each.code, each.owner))
    result.crashes = [_without_values(crash, ours.of(crash.owner)) for crash in result.crashes]
    return result


def has_secrets(zones: Sequence[Zone], name: str) -> bool:
    """Whether the name lies in a zone of which a record is secret."""
    made = [zone for zone in zones if isinstance(zone, ResourceZone)]
    return any(zone.hidden and zone.contains(name) for zone in made)


class _Zones:
    def __init__(self, zones: Iterable[ResourceZone]) -> None:
        self._zones = sorted(zones, key=lambda zone: len(zone.origin), reverse=True)
        self._found: dict[str, ResourceZone | None] = {}
        self._secrets: dict[int, _Secrets] = {}

    def secrets(self, zone: ResourceZone) -> _Secrets:
        """The secret values of a zone."""
        found = self._secrets.get(id(zone))
        if found is None:
            values = (value for each in zone.hidden.values() for value in each)
            found = self._secrets[id(zone)] = _Secrets(values)
        return found

    def of(self, owner: str) -> ResourceZone | None:
        if owner not in self._found:
            holding = (zone for zone in self._zones if is_below(owner, zone.origin))
            self._found[owner] = next(holding, None)
        return self._found[owner]


def _unknown(finding: Finding, zone: ResourceZone) -> Sequence[str] | None:
    """What has to be known before the finding is one; None where it is one already."""
    span = finding.span
    if zone.absent.get((span.path, span.line)) == (finding.owner, finding.type):
        return zone.unknown.get(finding.owner) or [f"the value of {span.path}"]
    if finding.rule.needs == Needs.TEXT:
        return None
    return zone.unknown.get(finding.owner) if finding.code[:4] != "ZONE" else None


def _discreet(finding: Finding, zone: ResourceZone, secrets: _Secrets) -> Finding:
    """The finding without anything that may come from a secret value."""
    if not zone.hidden or finding.code == UNREAD:  # whose messages show no secret anyway
        return finding
    if finding.span.path not in zone.hidden:
        found = finding.found
        change = (
            [] if found.change is None else found.change.before("", "") + found.change.after("", "")
        )
        texts = (found.message, found.advice, *found.detail, *change)
        if finding.rule.needs == Needs.TEXT or not secrets.leak(texts):
            return finding
    found = replace(
        finding.found,
        message=finding.rule.summary.rstrip("."),
        advice="A value that this is about is secret, so it is not shown here.",
        change=None,
        detail=(),
    )
    return replace(finding, found=found)


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

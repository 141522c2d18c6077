"""The records that the intent of zonelint.toml still lacks: found by rules, made by fixing.

A proposal is what the rules' own changes leave behind once all of them are applied, in rounds, to
the zones in memory: one SPF record out of two, with the senders that are declared, is several
findings and one record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from zonelint.changes.fixing import Fixed
from zonelint.changes.harm import fix_without_harm
from zonelint.grammars.listing import some
from zonelint.grammars.tags.dmarc import Policy
from zonelint.grammars.zone import Zone, is_below, without_dot, zones_of
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.intent import Intent
from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Confidence, Finding
from zonelint.rules.core.rule import Fix
from zonelint.rules.evidence.evidence import NotReady
from zonelint.rules.evidence.readiness import describe_missing, next_phase, next_step, unfinished
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.model.declaring import declared_in
from zonelint.rules.model.repository import Repository
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.offers.harm import Refused
from zonelint.run.judging import Judge


@dataclass(frozen=True, slots=True)
class ProposedRecords:
    """The records of one owner and type that go and that come, in presentation format.

    zone: the zone that they are of, as it was.
    """

    owner: str
    type: str
    ttl: int | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    reasons: tuple[str, ...]
    zone: Zone


@dataclass(frozen=True, slots=True)
class ProposalPlan:
    """What is proposed, what a person has to fill in, and the zones and files as they would be.

    waiting: the domains that may not take their next phase yet, each with the reason.
    homeless: declared domains that are in none of the zones, so nothing can be said of them.
    held_back: changes that would bring a new fault, and are not proposed.
    """

    proposals: Sequence[ProposedRecords]
    fill_in: Sequence[Finding]
    fixed: Fixed
    waiting: Sequence[tuple[str, str]] = ()
    homeless: Sequence[str] = ()
    held_back: Sequence[Refused] = ()


def plan(
    zones: Sequence[Zone], judge: Judge, intent: Intent, domains: Collection[str]
) -> ProposalPlan:
    """The plan for the declared domains, or for those of them that are named (absolute)."""
    wanted = tuple(domains) or intent.declared_domains()

    def chosen(finding: Finding) -> bool:
        return _is_offered(finding) and _is_about(finding.owner, wanted, intent)

    fixed = fix_without_harm(zones, judge, chosen)
    held_back = [each for each in fixed.refused if each.harm is not None]
    fixed.refused = [each for each in fixed.refused if each.harm is None]
    fill_in = [
        finding
        for finding in fixed.result.findings
        if finding.change is None
        and finding.confidence is Confidence.CERTAIN
        and finding.rule.ground_of_changes in _OFFERED
        and finding.rule.fix is not Fix.NONE
        and _is_about(finding.owner, wanted, intent)
    ]
    offered = {finding.owner for finding in fixed.applied if finding.ground is Ground.REPORTS}
    waiting = said_once(_waiting(judge.repository(fixed.zones), wanted, intent, offered), zones)
    homeless = [domain for domain in wanted if not any(zone.contains(domain) for zone in zones)]
    return ProposalPlan(_differences(zones, fixed), fill_in, fixed, waiting, homeless, held_back)


_OFFERED = frozenset({Ground.DECLARED, Ground.REPORTS})


def _is_offered(finding: Finding) -> bool:
    """Whether a change brings what is declared, or makes readable what it has to be read with.

    Nothing declared works before the text that stands there can be read.
    """
    return finding.change is not None and (finding.ground in _OFFERED or finding.role is Role.MENDS)


def said_once(
    sentences: Iterable[tuple[str, str, str]], zones: Sequence[Zone]
) -> list[tuple[str, str]]:
    """Domains and what is said of each, once; with the files, where only some of the zones of a
    name, as views are, are meant. A sentence comes with its domain and the zone's path."""
    said: dict[tuple[str, str], dict[str, None]] = {}
    for domain, path, text in sentences:
        said.setdefault((domain, text), {})[path] = None
    found = []
    for (domain, text), paths in said.items():
        views = {zone.path for zone in zones_of(f"{domain}.", zones)}
        place = f" ({some(paths)})" if len(views) > 1 and views - set(paths) else ""
        found.append((f"{domain}{place}", text))
    return found


def _waiting(
    repository: Repository, domains: Collection[str], intent: Intent, offered: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    for zone in repository.zones:
        for owner, policies in zone.dmarc.items() if zone.is_public else ():
            if owner in offered or not _is_about(owner, domains, intent):
                continue
            domain, path = without_dot(owner.removeprefix("_dmarc.")), zone.zone.path
            ahead, step = next_phase(policies[0]), next_step(policies[0])
            if ahead is not None and isinstance(ahead[1], NotReady):
                why = describe_missing(ahead[1].missing)
                yield domain, path, f"p={step} waits: {why}"
            elif ahead is None and step is not None:
                why = "name their folder as `reports` in zonelint.toml"
                yield domain, path, f"p={step} waits for DMARC reports; {why}"
            elif why := unfinished(policies[0]):
                yield domain, path, f"the next phase waits: {why}"
        for covered in declared_in(zone) if zone.is_public else ():
            if f"_dmarc.{covered.name}" not in zone.dmarc and _is_about(
                covered.name, domains, intent
            ):
                yield from _waiting_above(zone, covered)


def _waiting_above(zone: MailZone, domain: DomainIntent) -> Iterator[tuple[str, str, str]]:
    """Why a domain does not have its target that the record of one above covers."""
    cover, target = covering(zone.context, domain.name), domain.dmarc.target
    policy = cover.policy()
    if target is None or policy is None or cover.at is None or cover.at == domain.name:
        return
    if policy.rank < Policy(target.value).rank:
        why = f"the record of {without_dot(cover.at)} covers it with p={policy.value}"
        yield without_dot(domain.name), zone.zone.path, f"p={target.value} waits: {why}"


def _is_about(owner: str, domains: Collection[str], intent: Intent) -> bool:
    """Whether the owner belongs to one of the domains; a pattern declares the names below it."""
    if any(is_below(owner, domain) for domain in domains):
        return True
    return not domains and intent.for_domain(owner) is not None


def _differences(zones: Sequence[Zone], fixed: Fixed) -> list[ProposedRecords]:
    """What the zones hold afterwards and did not before, by owner and type."""
    found: list[ProposedRecords] = []
    for old, new in zip(zones, fixed.zones, strict=True):
        if old is new:
            continue
        keys = dict.fromkeys(
            (rrset.owner, rrset.type) for zone in (old, new) for rrset in zone.rrsets()
        )
        for owner, type in keys:
            before, after = _rdatas(old, owner, type), _rdatas(new, owner, type)
            ttls = [_ttl(zone, owner, type) for zone in (old, new)]
            if type == "SOA" or (before == after and ttls[0] == ttls[1]):
                continue
            reasons = dict.fromkeys(
                finding.change.reason
                for finding in fixed.applied
                if finding.change is not None
                and any((edit.owner, edit.type) == (owner, type) for edit in finding.change.edits)
            )
            found.append(
                ProposedRecords(
                    owner, type, ttls[1], tuple(before), tuple(after), tuple(reasons), old
                )
            )
    return found


def _rdatas(zone: Zone, owner: str, type: str) -> list[str]:
    rrset = zone.get(owner, type)
    return [] if rrset is None else [record.rdata for record in rrset]


def _ttl(zone: Zone, owner: str, type: str) -> int | None:
    rrset = zone.get(owner, type)
    return None if rrset is None else rrset.records[0].ttl

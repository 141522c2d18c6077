"""A domain at a glance: its records, the phase that it is in, and what is still to be done.

Three answers here as well: a step is done, it is not, or that cannot be decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, takewhile

from zonelint.formats.reports.summary import Domain as Reported
from zonelint.formats.reports.summary import Transport, key_name
from zonelint.grammars.listing import counted, grouped, some
from zonelint.grammars.spf.record import Qualifier
from zonelint.grammars.tags import dkim
from zonelint.grammars.tags.dmarc import Alignment, Policy, rank
from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import Record, ancestors, is_below, parent, without_dot
from zonelint.rules.config.declaration import DomainIntent, Profile
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding, Severity, needed
from zonelint.rules.core.rule import Step
from zonelint.rules.evidence.evidence import SourceEvidence
from zonelint.rules.evidence.readiness import percent
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.behind import redirected_names, texts_at, unanswered
from zonelint.rules.mail.dmarc_discovery import Cover, covering
from zonelint.rules.mail.meaning import key_state
from zonelint.rules.mail.organisation import walk_names
from zonelint.rules.model.answers import BELOW, UNANSWERED
from zonelint.rules.model.context import Context, once_a_zone
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.remedy import ASK_AGAIN, lock_helps
from zonelint.rules.model.repository import Seat
from zonelint.rules.model.subjects import MailZone, Sts, TlsRpt
from zonelint.rules.transport.support.hosts import unknown_addresses
from zonelint.rules.transport.support.parked import is_evidently_parked
from zonelint.rules.zone.occluded import occluded
from zonelint.standing.questions import domain_of


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step of the way stands.

    done: None where that is not decided. why: what is open. is_of_records: what the zone itself
    has to say, which can be mended there at once.
    """

    text: str
    done: bool | None
    why: str = ""
    is_of_records: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """A domain: its records in words by their kind, the steps, and what comes next."""

    domain: str
    path: str
    records: tuple[tuple[str, tuple[str, ...]], ...]
    steps: tuple[StepState, ...]
    next_step: str
    phase: str | None
    lookups: int | None
    ready: bool | None
    zone: str = ""
    """What tells its zone from others of the name: a view, or where it is published."""


@dataclass(frozen=True, slots=True)
class DomainState:
    """All that is known of a domain (absolute) beside its zone. cover: see `covered`."""

    domain: str
    seat: Seat
    cover: Cover
    result: Result
    reported: Reported | None
    transport: Transport | None
    has_reports: bool
    strangers: tuple[SourceEvidence, ...] = ()
    """Sources that pass neither way and that nothing explains, without every domain's noise."""
    missing: tuple[str, ...] = ()
    """The names without which that cannot be said of others."""
    told_apart: str = ""
    """What tells its zone from others of the name."""
    ignored: frozenset[str] = frozenset()
    """The codes that the configuration ignores at the domain."""

    @property
    def zone(self) -> MailZone:
        return self.seat.mail

    @property
    def context(self) -> Context:
        return self.zone.context

    @property
    def declared(self) -> DomainIntent | None:
        return self.context.declared(self.domain)

    @property
    def is_parked(self) -> bool:
        """Whether it has no mail: declared so, or nothing in its zone concerns mail."""
        if self.declared is not None and self.declared.profile is Profile.PARKED:
            return True
        return self.domain == self.zone.origin and is_evidently_parked(self.zone)


def glance(known: DomainState) -> Glance:
    """Look at a domain."""
    tree, trees = lookups.tree(known.domain, known.context), _trees(known)
    policy = known.cover.policy()
    steps = tuple(_parked(known) if known.is_parked else _steps(known, trees, policy))
    reported = known.reported
    return Glance(
        domain=without_dot(known.domain),
        path=known.zone.zone.path,
        records=tuple(
            (kind, tuple(words))
            for kind, words in (
                ("SPF", _spf(known, trees)),
                ("DKIM", _dkim(known)),
                ("DMARC", _dmarc(known)),
                ("MX", _mx(known)),
                ("MTA-STS", _sts(known)),
                ("TLS-RPT", _tls_reports(known)),
            )
        ),
        steps=steps,
        next_step=_next(steps, reported),
        phase=None if policy is None else policy.value,
        lookups=None if tree.record is None else tree.lookups,
        ready=None if reported is None else reported.is_ready,
        zone=known.told_apart,
    )


def _trees(known: DomainState) -> Mapping[str, lookups.Tree]:
    """What its SPF record costs, for those who get each answer, where there are several."""
    zones = known.seat.answering(known.domain) or {"": known.zone}
    return {name: lookups.tree(known.domain, zone.context) for name, zone in zones.items()}


def covered(domain: str, seat: Seat) -> Cover:
    """What covers a domain to those receivers who do the least: each may get another answer."""
    owners = (f"_dmarc.{at}" for at in walk_names(domain))
    seen = [zone for owner in owners for zone in seat.answering(owner).values()] or [seat.mail]
    covers = (covering(zone.context, domain) for zone in seen)
    return min(covers, key=lambda each: (rank(each.policy()), not each.is_known))


# -- the records, in words -------------------------------------------------------------------------

_FATES = {
    lookups.Fate.NO_RECORD: "no record",
    lookups.Fate.SEVERAL: "several records, so receivers use none of them",
    lookups.Fate.BROKEN: "a record that receivers cannot parse",
}


def _spf(known: DomainState, trees: Mapping[str, lookups.Tree]) -> Iterator[str]:
    answers = grouped((tuple(_spf_of(known, tree)), name) for name, tree in trees.items())
    for words, names in answers.items():
        if len(answers) > 1:
            yield f"{some(f'`{name}`' for name in names)}: {', '.join(words)}"
        else:
            yield from words


def _spf_of(known: DomainState, tree: lookups.Tree) -> Iterator[str]:
    if tree.record is None or tree.fate is not lookups.Fate.FOUND:
        yield _FATES.get(tree.fate) or _not_known(tree.missing)
        return
    least = "" if tree.is_exact else "at least "
    if tree.loops:
        yield "leads into a loop, so most receivers use none of it"
    else:
        yield f"{least}{lookups.format_number(tree.lookups)} of {lookups.LIMIT} lookups"
    senders = _senders(known, tree) if networks.may_pass(tree, known.context.answers) else ()
    yield f"senders: {', '.join(dict.fromkeys(senders)) or 'nobody'}"
    end, other = tree.record.all, tree.record.redirect
    if end is not None:
        yield f"ends in {end.qualifier.value}all"
    else:
        yield f"ends in {other}" if other is not None else "has neither all nor redirect"


def _senders(known: DomainState, tree: lookups.Tree) -> Iterator[str]:
    """Whom the record lets send: a declared service by its name. What finds nothing lets nobody."""
    catalogue, own = senders_of(known.context), 0
    declared = known.declared and known.declared.senders
    assert tree.record is not None
    void = {id(branch.term) for branch in tree.branches if branch.finds_nothing}
    for term in tree.record.mechanisms:
        if term.qualifier is not Qualifier.PASS or id(term) in void:
            pass
        elif term.name == "include":
            target = str(term).partition(":")[2]
            service = catalogue.by_include(f"{target.rstrip('.').lower()}.")
            yield service.name if service and service.id in (declared or ()) else target
        elif term.name in ("ip4", "ip6", "a", "mx"):
            own += 1
        else:
            yield "everybody" if term.name == "all" else f"whom {term.text} finds"
        if term is tree.record.all:
            break
    if tree.record.all is None and tree.record.redirect is not None:
        yield str(tree.record.redirect).partition("=")[2]
    if own:
        yield f"{own} of your own"


_UNKNOWN_SIZE = "size not known without the lock"


def _dkim(known: DomainState) -> Iterator[str]:
    below = f"._domainkey.{known.domain}"
    found = grouped(
        (f"{_key(known.context, owner)}{' (CNAME)' * (type == 'CNAME')}", owner.removesuffix(below))
        for owner, type in _selectors(known).items()
    )
    yield from (f"{some(selectors, 5)}: {what}" for what, selectors in found.items())
    if not found:
        yield "no key" if _knows_selectors(known) else "not known"
    yield from _only_in_reports(known)


def _selectors(known: DomainState) -> Mapping[str, str]:
    """The selectors of the domain that the zones tell of, each with the type of its record."""
    below = f"._domainkey.{known.domain}"
    types = _at_selectors(known.zone)
    served = known.context.answers.ask(below[1:], BELOW).values
    return {
        owner: types.get(owner, "TXT")
        for owner in dict.fromkeys((*types, *redirected_names(known.zone), *served))
        if owner.endswith(below) and _may_be_key(known.context, owner)
    }


@once_a_zone
def _at_selectors(zone: MailZone) -> Mapping[str, str]:
    """The texts and aliases at selectors of any domain: these with the types of their records."""
    rrsets = chain.from_iterable(map(zone.zone.of_type, ("TXT", "CNAME")))
    return {rrset.owner: rrset.type for rrset in rrsets if "._domainkey." in rrset.owner}


def _knows_selectors(known: DomainState) -> bool:
    """Whether there is no selector but those that the zones tell of."""
    asked = known.context.answers.ask(f"s._domainkey.{known.domain}", "TXT")
    return known.zone.zone.complete and asked.is_fact


def _may_be_key(context: Context, owner: str) -> bool:
    """Whether a name is a selector's: a wildcard's text for all names need not be a key."""
    answer = context.answers.ask(owner, "TXT")
    return not (owner.startswith("*.") and answer.is_fact) or any(map(dkim.is_dkim, answer.values))


def _only_in_reports(known: DomainState) -> Iterator[str]:
    """The keys that mail passes with to the last day of the reports, and that no zone here has."""
    seen = known.reported
    for key in () if seen is None else seen.keys:
        owner = f"{key_name(key)}."
        answer = known.context.answers.ask(owner, "TXT")
        if seen and key.last_passed == seen.last and answer.is_fact and not answer.values:
            yield (
                f"{key_name(key)}: mail passes with it in the reports, and it is not in the zone; "
                "is this zone what is published?"
            )


def _key(context: Context, owner: str) -> str:
    """What stands at a selector, aliases followed."""
    answer = context.answers.ask(owner, "TXT")
    if not answer.is_fact:
        return f"size {_not_known([answer.reason])}" if answer.reason else _UNKNOWN_SIZE
    keys = [dkim.parse(value).key for value in answer.values]
    sizes = [f"{key.type.upper()} {key.bits} bits" for key in keys if isinstance(key, PublicKey)]
    return ", ".join(sizes) or ("no usable key" if keys else "no key is published there")


def _dmarc(known: DomainState) -> Iterator[str]:
    cover, policy = known.cover, known.cover.policy()
    if cover.record is None:
        yield "no record" if cover.is_known else _not_known(cover.missing)
        return
    declared = known.declared
    target = declared.dmarc.target if declared is not None else None
    goal = ""
    if target is not None and (policy is None or policy.value != target.value):
        is_beyond = policy is not None and policy.rank > Policy(target.value).rank
        words = "stricter than the declared" if is_beyond else "on the way to"
        goal = f", {words} p={target.value}"
    by = (
        f" (by the record of {without_dot(cover.at)})"
        if cover.at not in (None, known.domain)
        else ""
    )
    held = f"p={policy.value}" if policy else "a record without a policy that receivers can use"
    yield f"{held}{by}{goal}"
    seen = known.reported
    if seen is None:
        yield "no reports read" if not known.has_reports else "the reports do not mention it"
        return
    aligned = f"{percent(seen.recent.share)} of {seen.recent.messages:,} messages aligned"
    if seen.policy.p != (policy.value if policy else None):
        yield f"the last reports still show p={seen.policy.p or 'nothing'}, {aligned}"
        return
    if seen.since is not None:
        yield f"since {seen.since} or earlier, {counted(seen.under, 'day')} of reports"
    yield aligned
    yield seen.verdict.rstrip(".")


def _mx(known: DomainState) -> Iterator[str]:
    rrset = known.zone.mx(known.domain)
    if rrset is None:
        yield "no record" if _has_mx(known) is False else "not known"
    elif known.zone.has_null_mx(known.domain):
        yield "receives no mail (null MX)"
    elif answers := known.zone.zone.variants.get((known.domain, "MX")):
        several = (answer.records or () for answer in answers)
        yield " or ".join(", ".join(map(_exchange, records)) or "nothing" for records in several)
    else:
        yield from map(_exchange, rrset.records)


def _exchange(record: Record) -> str:
    return without_dot(record.target)


def _sts(known: DomainState) -> Iterator[str]:
    zone, owner = known.zone, f"_mta-sts.{known.domain}"
    held = texts_at(zone, zone.sts, Sts, owner)
    yield "a policy" if held else _absent(zone, owner, "none")
    if known.transport is not None:
        yield known.transport.verdict.rstrip(".")


def _tls_reports(known: DomainState) -> Iterator[str]:
    zone, owner = known.zone, f"_smtp._tls.{known.domain}"
    held = texts_at(zone, zone.tls_reports, TlsRpt, owner)
    addresses = [part for each in held for part in each.value.split("rua=")[1:]]
    yield ", ".join(addresses) if addresses else _absent(zone, owner, "not requested")


def _absent(zone: MailZone, owner: str, what: str) -> str:
    """What to say of a record that is not there, where an alias leads to nobody knows what."""
    missing = [why for name, _, why in unanswered(zone) if name == owner]
    return _not_known(missing) if missing else what


def _not_known(missing: Sequence[str]) -> str:
    return f"not known, needs {needed(missing, 2)}" if missing else "not known"


# -- the steps -------------------------------------------------------------------------------------


def _steps(
    known: DomainState, trees: Mapping[str, lookups.Tree], policy: Policy | None
) -> Iterator[StepState]:
    """The way of the story: records first, then what the reports prove, then the phases."""
    found = [_has_spf(each) for each in trees.values()]
    has_spf = False if False in found else None if None in found else True
    yield _judged(known, "one SPF record that every receiver can use", Step.SPF, has_spf)
    counts = has_spf and all(tree.fate not in _FATES for tree in trees.values())
    yield _judged(known, "every sender is in it", Step.SENDERS, counts, "no record counts")
    yield _keys(known)
    has_dmarc = known.cover.record is not None or (False if known.cover.is_known else None)
    yield _judged(known, "DMARC is published, and reports go somewhere", Step.DMARC, has_dmarc)
    yield _arrives(known)
    yield _evidence(known)
    if known.declared is not None and known.declared.dmarc.target is not None:
        target = Policy(known.declared.dmarc.target.value)
    else:
        target = Policy.REJECT
    for phase in (Policy.QUARANTINE, Policy.REJECT):
        if phase.rank <= target.rank:
            yield StepState(f"p={phase.value}", policy is not None and policy.rank >= phase.rank)


def _parked(known: DomainState) -> Iterator[StepState]:
    """What PARK001 leaves to other rules, as a record that nobody can use, is open as well."""
    text = "says that it has no mail: v=spf1 -all, p=reject, a null MX where mail could arrive"
    refuses = known.cover.policy() is Policy.REJECT if known.cover.is_known else None
    judged = [_judged(known, text, step) for step in (Step.PARKED, Step.SPF, Step.MAIL)]
    judged.append(_judged(known, text, Step.DMARC, refuses, "its policy is not `p=reject`"))
    yield min(judged, key=lambda each: (False, None, True).index(each.done))


def _has_spf(tree: lookups.Tree) -> bool | None:
    """Whether there is a record, or several; None where that is not known."""
    if tree.fate in (lookups.Fate.UNKNOWN, lookups.Fate.FAILED):
        return None
    return tree.fate is not lookups.Fate.NO_RECORD


def _keys(known: DomainState) -> StepState:
    """Whether there are keys. A selector's may stand in a zone that nobody has read."""
    text = "the DKIM keys of every sender are published"
    owners = _selectors(known)
    states = {owner: key_state(owner, known.context).is_live for owner in owners}
    if owners:
        is_there = any(live is not False for live in states.values())
        step = _judged(known, text, Step.DKIM, is_there, "no key is published at a selector")
    else:
        above = _signed_above(known)
        is_open = bool(above) or not _knows_selectors(known)
        step = _judged(known, text, Step.DKIM, None if is_open else False)
        if above and step.done is None:
            step = replace(step, why=f"no key of its own; its mail may be signed as {above}")
    unknown = [owner for owner, is_live in states.items() if is_live is None]
    answers = (known.context.answers.ask(owner, "TXT") for owner in unknown)
    return _lacking(step, [each.missing for each in answers])


def _signed_above(known: DomainState) -> str:
    """The nearest domain above with keys, where its signatures align with this one's mail."""
    record, organisation = known.cover.record, known.cover.organisation
    if record is None or record.adkim is Alignment.STRICT or organisation is None:
        return ""
    for name in takewhile(
        partial(is_below, ancestor=organisation), ancestors(parent(known.domain))
    ):
        owners = _selectors(replace(known, domain=name))
        if any(key_state(owner, known.context).is_live for owner in owners):
            return without_dot(name)
    return ""


def _lacking(step: StepState, missing: Sequence[str]) -> StepState:
    """A step that is ticked, where that needs what nobody knows."""
    if not (step.done and missing):
        return step
    return replace(step, done=None, why=f"needs {needed(missing, 2)}{_how_to_know(missing)}")


def _arrives(known: DomainState) -> StepState:
    """Whether mail finds a host, or a null MX. An exchange may be known to no zone and no lock."""
    if known.zone.has_null_mx(known.domain):
        return _judged(known, "it receives no mail, and says so", Step.MAIL)
    step = _judged(known, "mail to the domain arrives", Step.MAIL, _has_mx(known))
    return _lacking(step, _unknown_hosts(known) if step.done else ())


def _unknown_hosts(known: DomainState) -> tuple[str, ...]:
    """The exchanges of which an address has to be known, where that of none is."""
    context, catalogue = known.context, senders_of(known.context)
    unknown = [
        () if catalogue.by_mx(host) else unknown_addresses(context, host)
        for host in context.answers.ask(known.domain, "MX").exchanges
    ]
    return tuple(dict.fromkeys(chain(*unknown))) if all(unknown) else ()


def _has_mx(known: DomainState) -> bool | None:
    if known.zone.mx(known.domain) is not None:
        return True
    answer = known.context.answers.ask(known.domain, "MX")
    return bool(answer.values) if answer.is_fact else None


def _judged(
    known: DomainState,
    text: str,
    step: Step,
    is_there: bool | None = True,
    absent: str = "there is no record",
) -> StepState:
    """A step that the rules judge: done where nothing is found that keeps it open.

    `is_there`: whether there is something to judge; rules are silent about what is not there.
    """
    found = _faults(known, known.result.findings, step)
    if found:
        worst = max(found, key=lambda each: each.severity.rank)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return StepState(text, False, f"{worst.code}: {worst.message}{more}", True)
    if is_there is False:
        return StepState(text, False, absent, True)
    codes = {rule.code for rule in registry.rules() if rule.step is step} | {occluded.code}
    unknown = [
        each
        for each in known.result.undecided
        if each.code in codes and _is_about(known, each.owner)
    ]
    if unknown:
        missing = needed(unknown[0].missing, 2)
        how = _how_to_know(unknown[0].missing)
        return StepState(text, None, f"{unknown[0].code} needs {missing}{how}")
    if is_there is None:
        return StepState(text, None, "what is published is not known")
    return StepState(text, True, _without(known, step))


def _without(known: DomainState, step: Step) -> str:
    """What a step is ticked without: rules that are ignored, and what comments hide."""
    grave = (rule for rule in registry.rules() if rule.severity is not Severity.INFO)
    codes = {rule.code for rule in grave if rule.step is step and rule.code in known.ignored}
    codes |= {each.code for each in _faults(known, known.result.silenced, step)}
    return f"not counting {some(sorted(codes), 3)} (ignored)" if codes else ""


def _faults(known: DomainState, findings: Iterable[Finding], step: Step) -> list[Finding]:
    """The findings that keep a step of a domain open, at warning or above.

    An info alone tells of a null MX that is wanting.
    """
    return [
        each
        for each in findings
        if each.rule.step is step
        and (step is Step.PARKED or each.severity in (Severity.ERROR, Severity.WARNING))
        and _is_about(known, each.owner)
        and not _is_of_another(known, each)
    ]


def _how_to_know(missing: Sequence[str]) -> str:
    """What to do about what is missing, where that is a name that DNS can be asked for."""
    if not lock_helps(missing):
        return ""
    is_again = all(UNANSWERED in each for each in missing)
    return f"; {ASK_AGAIN}" if is_again else " ('zonelint lock' resolves it)"


def _is_about(known: DomainState, owner: str) -> bool:
    if known.domain in (owner, domain_of(owner)):
        return True
    return owner == f"_dmarc.{known.cover.at}"


def _is_of_another(known: DomainState, found: Finding) -> bool:
    """Whether this is about what another zone has for names of the one that is shown: one of its
    name, or one above that does not delegate it."""
    own = known.zone.identity
    is_above = is_below(found.owner, own.name) and is_below(own.name, found.zone.name)
    return found.zone != own and is_above


def _evidence(known: DomainState) -> StepState:
    text = "reports arrive, and every source in them is known"
    if known.reported is None:
        why = "they do not mention this domain" if known.has_reports else "none were read"
        return StepState(text, None if known.has_reports else False, why)
    if known.strangers:
        address = known.strangers[0].address
        why = f"{address} passes neither SPF nor DKIM"
        if len(known.strangers) > 1:
            why += f", and {len(known.strangers) - 1} more"
        told = (each for each in known.reported.sources if each.evidence.address == address)
        why += "".join(f" ({source.reasons[0]})" for source in told if source.reasons)
        if known.reported.is_enough:
            why += "; the next phase does not wait for so little mail, so declare it if it is yours"
            return StepState(text, True, why)
        return StepState(text, False, why)
    if known.missing:
        return StepState(
            text,
            None,
            f"because {needed(known.missing, 2)} is not known{_how_to_know(known.missing)}",
        )
    return StepState(text, True)


def _next(steps: Sequence[StepState], reported: Reported | None) -> str:
    """What to do now: the first step that is open, what is sure first, and what it waits for."""
    left = [step for step in steps if step.done is not True]
    sure = (step for step in left if step.done is False and step.is_of_records)
    open_ = next(chain(sure, left), None)
    if open_ is None:
        return "nothing: the last phase is reached"
    if open_.text.startswith("p="):
        if reported is None:
            return f"{open_.text}; it waits for reports"
        if reported.is_ready and open_.text == f"p={reported.next_phase}":
            return f"{open_.text}: the evidence is there, 'zonelint propose' writes it"
        return f"{open_.text}; it waits: {reported.missing or 'the reports show another policy'}"
    why = f" ({open_.why})" if open_.why else ""
    return f"{'not decided: ' if open_.done is None else ''}{open_.text}{why}"


def domains_of(zone: MailZone) -> list[str]:
    """The domains of a zone that are shown without being asked for: its own, and the declared."""
    intent = zone.context.intent
    declared = () if intent is None else intent.declared_domains()
    names = (f"{name.rstrip('.')}." for name in declared if "*" not in name)
    return list(dict.fromkeys([zone.origin, *filter(zone.zone.contains, names)]))

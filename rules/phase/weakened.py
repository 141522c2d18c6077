"""PHASE002: a change takes protection away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.spf.record import SpfRecord
from zonelint.grammars.tags import sts_policy
from zonelint.grammars.tags.dmarc import Alignment, Policy, is_dmarc, rank
from zonelint.grammars.tags.sts_policy import matches
from zonelint.grammars.tags.transport import is_sts
from zonelint.grammars.zone import Record, is_below, without_dot
from zonelint.rules.config.declaration import DeclaredAlignment, SpfStage
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Tells, rule
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.behind import found_at, return_paths, shadowed
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.dmarc_owner import rightful
from zonelint.rules.mail.macros import target_name
from zonelint.rules.mail.meaning import (
    DmarcChange,
    RecordsChange,
    SpfChange,
    Subject,
    alignment,
    dmarc_changes,
    handovers,
    percent,
    records_changes,
    spf_changes,
    wildcard_changes,
)
from zonelint.rules.mail.networks import total
from zonelint.rules.model.answers import Answer, Status
from zonelint.rules.model.declaring import declared_at, senders_of
from zonelint.rules.model.subjects import Dmarc, MailZone, Spf, Sts, Txt
from zonelint.rules.phase.support.rollout import (
    at_policy,
    describe_names,
    inherits,
    is_faulty,
    keep_psd,
    own_record,
    sends,
    tag_for,
    was_host_alias,
    word,
)

_MANY = 1 << 16
"""Addresses that a change may add without a word: those of a /16."""
_MOST = 1 << 31
"""More than half of all IPv4 addresses are about everybody."""
_STRENGTH = {"pass": 0, "neutral": 1, "softfail": 2, "fail": 3}
_ENDINGS = {"pass": "+all", "neutral": "?all", "softfail": "~all", "fail": "-all"}
_USELESS = (lookups.Fate.BROKEN, lookups.Fate.SEVERAL)
"""Records that receivers answer with permerror."""

_UNANSWERED = (lookups.Fate.UNKNOWN, lookups.Fate.FAILED)
"""Records of which neither the zones nor the lock can tell."""


@rule(
    "PHASE002",
    "phase-weakened",
    Severity.WARNING,
    on=MailZone,
    about=Dmarc,
    needs=Needs.CHANGE,
    section="RFC 9989 §4.7",
    tells=Tells.WEAKER,
)
def weakened(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change weakens a policy, the alignment or the final term of SPF.

    What it finds
        A DMARC policy that becomes weaker (`p`, `sp`, `np`, `t=y` or a smaller `pct`), strict
        alignment that becomes relaxed, an SPF record that ends in a weaker `all`, or that lets more
        than 65,536 further addresses send that do not belong to a known service, or a record that
        was a permerror and lets every host send once it is mended; undecided where
        nobody knows what a new `include` lets send. MTA-STS of a domain, or the TLSA records of a
        host, that are given up or that senders use no more; a new exchange without TLSA records,
        where all had some; a policy file of MTA-STS that leaves `mode: enforce`, undecided where
        zonelint.toml names none any more. A wildcard TXT or CNAME that answers for
        `_dmarc` below names that do not exist counts as their policy, and is undecided where nobody
        knows what its alias leads to. Undecided as well where a delegation or a DNAME is removed,
        or leads to others, and for a weaker `sp` or `np` where nobody knows whether a name above
        has the organisation's record. A DMARC record in which a tag appears twice now. For
        information a name that is new in the zone and has no SPF record, where a wildcard's
        answered for it before. An error when protection disappears: the DMARC or SPF record is
        removed or broken, SPF leads to permerror, or an enforcing policy becomes `none`. A host
        that goes with its record takes no protection away where a policy covers its name; undecided
        is who included a record that goes at a name with an underscore.
    Why it matters
        What was refused yesterday is delivered tomorrow, which is what forgers of the domain wait
        for. A change that was made for another reason often does this unnoticed.
    Example
        `_dmarc TXT "v=DMARC1; p=none"` where it was `p=reject` before
    Use instead
        The policy as it was; correct the sender whose mail fails.
    References
        RFC 9989 §4.7, §4.4, §4.10.1; RFC 4592 §2.2; RFC 7208 §5.1; RFC 8461 §8.3; RFC 7672 §2.2
    """
    for change in dmarc_changes(zone):
        if change.missing:
            if change.before.enforces or _may_weaken(change):
                yield zone.unknown(change.domain, *change.missing)
        elif not _is_moved(zone, change):
            is_broken = is_faulty(zone, change.domain)
            for found in _policy(zone, change) or _fine_print(zone, change):
                yield found._replace(follows=is_broken)
            if any(level.is_weakened for level in change.open_levels):
                yield zone.unknown(change.domain, *change.open_below)
    yield from _doubled(zone)
    for owner, change in wildcard_changes(zone):
        yield from _wildcard(zone, owner, change)
    for changed in spf_changes(zone):
        yield from _spf(zone, changed)
    for records in records_changes(zone):
        if records.subject in _TRANSPORT:
            yield from _transport(zone, records)
    yield from _without_dane(zone)
    yield from _no_more_enforced(zone)
    for each in handovers(zone):
        if each.is_of_policies:
            yield zone.unknown(each.owner, each.missing)


def _may_weaken(change: DmarcChange) -> bool:
    """Whether nobody knows what held before, and what holds now is not the strictest policy."""
    return not change.before.is_known and change.after.policy() is not Policy.REJECT


def _is_moved(zone: MailZone, change: DmarcChange) -> bool:
    """Whether the record goes from where it stood by mistake to where it belongs."""
    place = rightful(f"_dmarc.{change.domain}", zone.origin)
    return place is not None and change.after.record is None and place in zone.dmarc


_MEND, _PUT_BACK = "Mend the record, and keep its policy.", "Put the record back."
_MEND_RECORD = "Mend the record, or what it leads to."


def _policy(zone: MailZone, change: DmarcChange) -> list[Found]:
    """Policies that are weaker now; each tag is told of once."""
    domain = change.domain
    record, is_broken = own_record(zone, domain), is_faulty(zone, domain)
    found: dict[str, Found] = {}
    if change.before.record is not None and change.after.record is None:
        how, advice = ("cannot be used any more", _MEND) if is_broken else ("is removed", _PUT_BACK)
        message = (
            f"The DMARC record of {without_dot(domain)} {how}, so receivers no longer check mail "
            "in its name and send no reports"
        )
        return [at_policy(zone, domain, "p")(message, advice, severity=_loss(zone, change))]
    for level in change.levels:
        tag = "p" if record is None or is_broken else tag_for(record.ast, level.names)
        if not level.is_weakened or tag in found:
            continue
        strictest = max(level.before, key=rank)
        enforced = strictest not in (None, Policy.NONE)
        gone = enforced and min(level.after, key=rank) in (None, Policy.NONE)
        testing = record is not None and record.ast.t == "y" and strictest is level.is_now
        old, new = level.loss
        how = (
            f"is now only a test (`t=y`), where {word(strictest)} applied before"
            if testing
            else f"becomes weaker: {word(new)} where {word(old)} held before"
        )
        found[tag] = at_policy(zone, domain, "t" if testing else tag)(
            f"The policy for {describe_names(level.names, domain)} {how}, so "
            + (
                "forged mail that was held back gets through"
                if enforced
                else "nobody reports on it"
            ),
            _MEND
            if is_broken
            else f"{keep_psd(change)}."
            if inherits(change, level)
            else "Keep the policy, and correct the sender whose mail fails.",
            severity=_loss(zone, change) if gone and not testing else None,
        )
    return list(found.values())


def _doubled(zone: MailZone) -> Iterator[Found]:
    """Policies that some receivers may not apply any more: a tag of the record appears twice."""
    before = zone.previous
    for owner, records in zone.dmarc.items():
        was = () if before is None else before.dmarc.get(owner, ())
        if not len(was) == len(records) == 1 or was[0].ast.p in (None, Policy.NONE):
            continue
        if _is_doubled(records[0]) and not _is_doubled(was[0]):
            found = records[0].whole(
                f"A tag appears twice in the DMARC record {without_dot(owner)} now, so receivers "
                "may discard the policy that held forged mail back",
                _MEND,
            )
            yield found._replace(follows=True)


def _is_doubled(record: Dmarc) -> bool:
    return any(fault.kind is FaultKind.DUPLICATE for fault in record.ast.faults)


def _wildcard(zone: MailZone, owner: str, change: DmarcChange) -> Iterator[Found | Unknown]:
    """A wildcard's record is that of every name that does not exist: no other one is asked for."""
    if change.missing:
        if change.before.enforces:
            yield zone.unknown(owner, *change.missing)
        return
    level = change.levels[0]
    if not level.is_weakened:
        return
    old, new = level.loss
    message = (
        f"Names below {without_dot(owner[2:])} that do not exist get a weaker policy through the "
        f"wildcard {without_dot(owner)}: {word(new)} where {word(old)} held before, so they can "
        "be forged"
    )
    advice = "Keep DMARC records out of wildcards: the record of the organisation covers all names."
    severity = Severity.ERROR if new in (None, Policy.NONE) else None
    for type in ("TXT", "CNAME"):
        for record in zone.zone.get(owner, type) or ():
            if type == "CNAME" or is_dmarc(record.text.value):
                yield zone.at(record, message, advice, severity=severity)
                return
    yield zone.missing(
        owner,
        "TXT",
        f"The wildcard {without_dot(owner)} is removed that gave names which do not exist the "
        f"policy {word(old)}; {word(new)} holds now, so they can be forged",
        "Give the organisation's record that policy first.",
        severity=severity,
    )


_TRANSPORT = {Subject.MTA_STS: "MTA-STS", Subject.DANE: "DANE"}


def _transport(zone: MailZone, change: RecordsChange) -> Iterator[Found | Unknown]:
    """What made senders encrypt mail on its way, and does no more."""
    name, is_sts_change = change.domain, change.subject is Subject.MTA_STS
    if is_sts_change:
        owner, type = f"_mta-sts.{name}", "TXT"
        still = bool(zone.context.answers.ask(name, "MX").exchanges)
        how = "first have its policy say `mode: none` for its `max_age`"
    else:
        owner, type = f"_25._tcp.{name}", "TLSA"
        still = any(zone.zone.get(name, each) for each in ("A", "AAAA"))
        how = "have the host receive mail no more"
    was = _protects(type, change.before) or (change.unknown and not change.before)
    if not was or _protects(type, change.after) or not still:
        return
    if change.unknown:
        yield zone.unknown(owner, *change.unknown)
        return
    message = (
        f"{_TRANSPORT[change.subject]} of {without_dot(name)} is given up, so whoever intercepts "
        "connections can read and change mail to it again"
    )
    standing = zone.zone.get(owner, type) or zone.zone.get(owner, "CNAME")
    if standing is not None:
        yield zone.at(standing.records[0], message, _MEND_RECORD)._replace(follows=True)
    else:
        yield zone.missing(owner, type, message, f"Put the {type} records back, or {how}.")


def _protects(type: str, values: Iterable[str]) -> bool:
    """Whether senders use the records (RFC 8461 §3.1, RFC 7672 §3.1.3)."""
    if type == "TXT":
        return sum(map(is_sts, values)) == 1
    return any(value.startswith(("2 ", "3 ")) for value in values)


def _without_dane(zone: MailZone) -> Iterator[Found | Unknown]:
    """Exchanges that a change adds and that have no TLSA records, where all had some."""
    for domain, record in _added_to_dane(zone):
        host, answer = without_dot(record.target), _tlsa(zone, record.target)
        if answer.is_void:
            yield zone.at(
                record,
                f"DANE of {without_dot(domain)} is given up: {host} has no TLSA records, so "
                "whoever intercepts connections can read and change mail to it again",
                f"Publish TLSA records at _25._tcp.{host} first.",
                span=record.fields[-1].span,
            )
        elif not answer.is_fact:
            yield zone.unknown(domain, f"whether {host} has TLSA records, as the exchanges had")


def _added_to_dane(zone: MailZone) -> Iterator[tuple[str, Record]]:
    """The exchanges that are new to domains of which all had TLSA records."""
    for domain, exchanges in zone.zone.table("MX").items():
        before = None if zone.previous is None else zone.previous.mx(domain)
        if zone.previous is None or before is None:
            continue
        old = {record.target for record in before}
        if all(_tlsa(zone.previous, host).values for host in old):
            new = (record for record in exchanges if record.target not in {*old, "."})
            yield from ((domain, record) for record in new)


def _tlsa(zone: MailZone, host: str) -> Answer:
    return zone.context.answers.ask(f"_25._tcp.{host}", "TLSA")


def _no_more_enforced(zone: MailZone) -> Iterator[Found | Unknown]:
    """Domains whose policy file of MTA-STS had senders insist on it, and does no more."""
    for owner, records in (*zone.sts.items(), *found_at(zone, Sts)):
        name = owner.removeprefix("_mta-sts.")
        declared = declared_at(zone, name)
        path = (declared and declared.mta_sts_policy) or ""
        if zone.previous is None or not _was_enforced(zone.previous, name, path):
            continue
        text = zone.context.files.get(path)
        mode = None if text is None else sts_policy.parse(text).mode
        if text is None:
            yield zone.unknown(name, "the policy file of MTA-STS (`mta-sts.policy`)")
        elif mode in ("testing", "none"):
            found = records[0].whole(
                f"The MTA-STS policy of {without_dot(name)} goes from `mode: enforce` to "
                f"`mode: {mode}`, so whoever intercepts connections can read and change mail to it "
                "again",
                "Keep `mode: enforce`, unless MTA-STS is to be given up.",
            )
            yield found._replace(follows=True)


def _was_enforced(before: MailZone, name: str, path: str) -> bool:
    """Whether the policy file at a path was one to insist on; if none was there, any for its MX.

    Which domain a file was named for whose name is taken out is not known.
    """
    texts, exchanges = before.context.files, {each.target for each in before.mx(name) or ()}
    for policy in map(sts_policy.parse, [texts[path]] if path in texts else texts.values()):
        hosts = {each for each in exchanges if any(matches(mx.value, each) for mx in policy.mx)}
        if policy.mode == "enforce" and not policy.faults() and hosts == exchanges:
            return True
    return False


def _loss(zone: MailZone, change: DmarcChange) -> Severity | None:
    """Protection that disappears is an error; not so where a parked domain is taken into use."""
    previous = zone.previous
    was_parked = previous is not None and not sends(previous, change.domain)
    return None if was_parked and sends(zone, change.domain) else Severity.ERROR


def _fine_print(zone: MailZone, change: DmarcChange) -> Iterator[Found]:
    """Alignment and percentage."""
    domain = change.domain
    wants_relaxed = _wants_relaxed(zone, domain)
    modes = zip(alignment(change.before), alignment(change.after), strict=True)
    for (old, new), (tag, kind) in zip(modes, (("adkim", "DKIM"), ("aspf", "SPF")), strict=True):
        if old is Alignment.STRICT and new is Alignment.RELAXED and not wants_relaxed:
            yield at_policy(zone, domain, tag)(
                f"The {kind} alignment of {without_dot(domain)} is relaxed now and was strict, so "
                "anyone who controls one of its subdomains can send in its name",
                f"Keep `{tag}=s`, and have the sender that needs more use {without_dot(domain)} "
                "itself.",
            )
    if percent(change.after) < percent(change.before):
        yield at_policy(zone, domain, "pct")(
            f"Only {percent(change.after)} % of failing mail is subject to the policy of "
            f"{without_dot(domain)}, where {percent(change.before)} % was: receivers that follow "
            "RFC 7489 let the rest through",
            "Remove `pct`; RFC 9989 no longer has it.",
        )


def _wants_relaxed(zone: MailZone, domain: str) -> bool:
    """Whether relaxed alignment is declared, or a sender that uses a name below the domain."""
    declared = declared_at(zone, domain)
    if declared is None:
        return False
    envelopes = (declared.options_for(sender).envelope for sender in declared.senders)
    return declared.dmarc.alignment is DeclaredAlignment.RELAXED or any(
        name is not None and name != domain and is_below(name, domain) for name in envelopes
    )


def _spf(zone: MailZone, change: SpfChange) -> Iterator[Found | Unknown]:
    domain = change.domain
    records = zone.spf_at(domain)
    previous = zone.previous
    if previous is None or was_host_alias(zone, domain):
        return
    if not records and _is_removed(change):
        yield from _removed(zone, change)
        return
    if _is_unanswered(change):
        weaker = list(_less_strict(zone, change, records))
        yield from weaker
        is_path = change.before.fate in _UNANSWERED and domain in return_paths(previous)
        if not weaker and not is_path:
            yield zone.unknown(domain, *change.missing)
        return
    if change.before.fate in _USELESS:
        yield from _opened(change, records)
    if change.before.fate is not lookups.Fate.FOUND:
        return
    if records and (change.breaks or change.after.fate in _USELESS):
        words = _broken if change.after.fate in _USELESS else _erring
        broken = records[-1].whole(*words(domain), severity=Severity.ERROR)
        yield broken._replace(follows=True)
        return
    yield from _many_more(zone, change, records)
    yield from _less_strict(zone, change, records)


def _is_removed(change: SpfChange) -> bool:
    """Whether a record was there, were it known in part, and none is."""
    was_there = change.before.fate is lookups.Fate.FOUND or change.in_part[0] is not None
    return was_there and change.after.fate is lookups.Fate.NO_RECORD


def _removed(zone: MailZone, change: SpfChange) -> Iterator[Found | Unknown]:
    """A domain that has no SPF record any more."""
    domain = change.domain
    wildcard = shadowed(zone, domain, "TXT")
    if wildcard is not None and declared_at(zone, domain) is None:
        yield zone.missing(
            domain,
            "TXT",
            f"{without_dot(domain)} exists now, so {without_dot(wildcard)} no longer answers "
            "for it: it has no SPF record now",
            "Add an SPF record, `v=spf1 -all` if it sends no mail.",
            severity=Severity.INFO,
            root=Root(wildcard),
        )
    elif stands := _read_like_spf(zone, domain):
        yield stands.whole(*_broken(domain), severity=Severity.ERROR)._replace(follows=True)
    else:
        yield from _spf_removed(zone, change)


def _is_unanswered(change: SpfChange) -> bool:
    """Whether the record before is not known, or what became of it."""
    old, new = change.before.fate, change.after.fate
    return old in _UNANSWERED or (old is lookups.Fate.FOUND and new in _UNANSWERED)


def _less_strict(zone: MailZone, change: SpfChange, records: Sequence[Spf]) -> Iterator[Found]:
    """A weaker result for those that no term lists, whatever is not known in front of it."""
    domain, previous = change.domain, zone.previous
    old, new = change.endings
    was_parked = previous is not None and not previous.sends(domain)
    is_weaker = old is not None and new is not None and _STRENGTH[new] < _STRENGTH[old]
    if not is_weaker and change.eased is not None:
        old, new = change.eased
    elif not is_weaker:
        return
    if old is None or new is None or len(records) != 1:
        return
    if was_parked and zone.sends(domain) and new == "softfail":
        return  # a parked domain is taken into use, by the book
    declared = declared_at(zone, domain)
    if new == "softfail" and declared is not None and declared.spf is SpfStage.TRANSITION:
        return  # it is declared to be so
    if not is_weaker:
        yield records[0].whole(
            f"About every host gets `{new}` from SPF of {without_dot(domain)} now, and got `{old}` "
            f"before: what is in front of {_ENDINGS[old]} holds for all of them",
            "Remove the networks that are too wide.",
        )
        return
    term = records[0].ast.all or records[0].ast.redirect
    place = (0, len(records[0].value)) if term is None else term
    yield records[0].at(
        place,
        f"SPF of {without_dot(domain)} ends in {_ENDINGS[new]} now and ended in {_ENDINGS[old]} "
        "before, so hosts that it does not list are treated better than they were",
        f"Keep {_ENDINGS[old]}, and list the hosts that are missing.",
    )


def _spf_removed(zone: MailZone, change: SpfChange) -> Iterator[Found | Unknown]:
    """A record that is not there any more, at a name that may have gone with it."""
    domain, severity = change.domain, Severity.ERROR
    is_gone = zone.context.answers.ask(domain, "A").status is Status.NXDOMAIN
    if is_gone and not domain.startswith("*."):
        if domain.startswith("_") or "._" in domain:  # it was there to be included
            yield zone.unknown(domain, f"whose SPF records include {without_dot(domain)}")
            return
        if change.before.record is not None and _is_of_host(change.before.record):
            if covering(zone.context, domain).enforces:
                return
            severity = Severity.WARNING
    yield zone.missing(
        domain,
        "TXT",
        f"The SPF record of {without_dot(domain)} is removed, so receivers cannot know which "
        "hosts may send as the domain",
        _PUT_BACK,
        severity=severity,
    )


def _is_of_host(record: SpfRecord) -> bool:
    """Whether nobody but the very host may send: who goes with the name takes no sender away."""
    return (
        all(
            term.name == "all" or (term.name in ("a", "mx") and term.domain is None)
            for term in record.mechanisms
        )
        and not record.modifiers
    )


def _opened(change: SpfChange, records: Sequence[Spf]) -> Iterator[Found]:
    """A record that gave receivers no result protected nobody: mending it weakens nothing.

    Unless it then lets everybody send.
    """
    count = total(network for network in change.gained if network.version == 4)
    if len(records) == 1 and (change.endings[1] == "pass" or count > _MOST):
        record = records[0]
        yield record.at(
            record.ast.all or record.ast.redirect or (0, len(record.value)),
            f"SPF of {without_dot(change.domain)} lets about every host send now, and gave no "
            "result before",
            "List the hosts that send, and end the record with `-all`.",
        )


def _many_more(
    zone: MailZone, change: SpfChange, records: Sequence[Spf]
) -> Iterator[Found | Unknown]:
    """Networks larger than a /16 that may newly send, and that no known service brings."""
    domain = change.domain
    if len(records) != 1 or change.endings[1] == "pass":
        return  # SPF201 says the latter
    gained = [network for network in change.gained if network.version == 4]
    count = total(gained) - _of_services(zone, domain, records[0])
    if count > _MANY:
        yield records[0].whole(
            f"{count:,} addresses may send as {without_dot(domain)} that could not before, more "
            "than a single sender uses",
            "List the networks that send, no wider than needed; `zonelint spf` shows them all.",
        )
    elif names := _newly_unknown(zone, change):
        yield records[0].unknown(*names)


def _newly_unknown(zone: MailZone, change: SpfChange) -> list[str]:
    """The records that the change leads to, that are no known service's, and that nobody knows."""
    return [
        name
        for name in change.after.missing
        if name not in change.before.missing
        and name.endswith(".")
        and senders_of(zone.context).by_include(name) is None
    ]


def _of_services(zone: MailZone, domain: str, record: Spf) -> int:
    """How many addresses the includes of mail services let send that are new in the record."""
    before = zone.previous
    had = {term.text for found in (before.spf.get(domain, ()) if before else ())
           for term in found.ast.mechanisms}  # fmt: skip
    count = 0
    for term in record.ast.mechanisms:
        if term.name != "include" or term.text in had:
            continue
        target = target_name(term.domain, domain)[1]
        if target is None or senders_of(zone.context).by_include(target) is None:
            continue
        with suppress(networks.TooManyNetworks):
            passing = networks.of(target, zone.context).ip4
            count += total(net for net, _ in passing.networks(_is_pass))
    return count


def _is_pass(value: networks.Value) -> bool:
    return networks.possible(value) == {"pass"}


def _read_like_spf(zone: MailZone, domain: str) -> Txt | None:
    """The text that was meant to be the record, as the rules about it tell."""
    texts = (each for each in zone.others if each.record.owner == domain)
    return next((each for each in texts if "spf" in each.features), None)


def _broken(domain: str) -> tuple[str, str]:
    """What is said of a record that a change breaks, and what to do."""
    return (
        f"The SPF record of {without_dot(domain)} cannot be used any more, so receivers cannot "
        "know which hosts may send as the domain",
        "Mend the record.",
    )


def _erring(domain: str) -> tuple[str, str]:
    """The same of a record that can be read, and leads to an error."""
    return (
        f"SPF of {without_dot(domain)} gives permerror now to all hosts that are not listed in "
        "front of the term that fails, so receivers cannot know which of them may send",
        "Mend what the record leads to.",
    )


_MAIL = '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n'

weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n""",
)
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=quarantine; adkim=s"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=quarantine"\n""",
)
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject; t=y"\n""",
)
weakened.bad(before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n""", zone=_MAIL)
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; rua=mailto:d@example.com"\n""",
)
weakened.bad(before=_MAIL, zone="@ MX 10 mail\n")
_OLD = 'old A 8.8.8.8\nold TXT "v=spf1 a -all"\n'
weakened.bad(before=_OLD, zone="www A 8.8.8.8\n")
weakened.bad(
    before='@ TXT "v=spf1 -all"\n_s TXT "v=spf1 a -all"', zone='@ TXT "v=spf1 -all"', undecided=True
)
weakened.bad(before='sub DNAME t\nx.t TXT "v=spf1 -all"', zone='x.t TXT "v=spf1 -all"')
weakened.bad(before='* TXT "v=spf1 -all"', zone="www A 8.8.8.8")
weakened.bad(before='* TXT "v=spf1 -all"', zone='* TXT "v=spf1 -all"\nwww A 8.8.8.8')  # a new host
weakened.good(before='* TXT "v=spf1 -all"\nwww A 8.8.8.8', zone='* TXT "v=spf1 -all"')
weakened.bad(before='@ TXT "v=spf1 mx -all"', zone='@ TXT "v=spf1 mx ~all"')
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject; np=none"\n""",
)
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
    zone=f"{_MAIL}_dmarc CNAME example-com.dmarc.example.net.\n",
    undecided=True,
)
_REJECT = f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n"""
weakened.bad(before=_REJECT, zone=f"""{_REJECT}* TXT "v=DMARC1; p=none"\n""")
weakened.bad(
    before=f"{_REJECT}www A 8.8.8.8\n",
    zone=f"""{_REJECT}www A 8.8.8.8\n*.www TXT "v=DMARC1; p=quarantine"\n""",
)
weakened.bad(before=_REJECT, zone=f"""{_REJECT}* CNAME d\nd TXT "v=DMARC1; p=none"\n""")
weakened.bad(before=_REJECT, zone=f"{_REJECT}* CNAME far.example.net.\n", undecided=True)
weakened.bad(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n* TXT "v=DMARC1; p=reject"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n""",
)
weakened.bad(before='@ TXT "v=spf1 a -all"', zone='@ TXT "v=spf1 a ip4:8.0.0.0/9 -all"')
weakened.bad(
    before='@ TXT "v=spf1 include:_a.example.com -all"\n_a TXT "v=spf1 ip4:8.8.8.8 -all"\n',
    zone='@ TXT "v=spf1 include:_a.example.com -all"\n_a TXT "v=spf1 ip4:8.0.0.0/15 -all"\n',
)
weakened.bad(
    before='@ TXT "v=spf1 a -all"',
    zone='@ TXT "v=spf1 a include:far.example.net -all"',
    undecided=True,
)
weakened.bad(before='@ TXT "v=spf1 a +al"', zone='@ TXT "v=spf1 a +all"')
weakened.bad(
    before='@ TXT "v=spf1 ip4:0.0.0.0/1, ip4:128.0.0.0/1 -all"',
    zone='@ TXT "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"',
)
_NEWS = "news NS ns.mailer.example.\n"
weakened.bad(before=_NEWS, zone="www A 8.8.8.8", undecided=True)
weakened.bad(before=_NEWS, zone="news NS ns.other.example.", undecided=True)
weakened.bad(before="_dmarc NS a.example.net.", zone="_dmarc NS b.example.net.", undecided=True)
weakened.good(  # the host is gone, and the policy of its domain covers the name
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n{_OLD}""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
)
weakened.bad(  # others than the host sent in its name
    before=f"""{_REJECT}{_OLD.replace("-all", "ip4:8.8.4.4 -all")}""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
)
_ALIAS = '@ A 8.8.8.8\n@ TXT "v=spf1 a -all"\n'
weakened.good(before=f"{_ALIAS}www CNAME @", zone=f"{_ALIAS}www A 8.8.4.4")
weakened.good(before=f"{_ALIAS}www CNAME @", zone=f"{_ALIAS}www CNAME cdn.example.net.")
weakened.bad(
    before=f"{_ALIAS}news CNAME @",
    zone=f"{_ALIAS}news A 8.8.4.4",
    config='[domains."news.example.com"]\nsenders = ["mailgun"]\n',
)
weakened.good(before=_NEWS, zone=f"{_NEWS}news NS ns2.mailer.example.\n")
weakened.good(before="_acme-challenge NS a.example.net.", zone="_acme-challenge NS b.example.net.")
weakened.bad(before=_REJECT, zone=_REJECT.replace("p=reject", "p=reject; p=none"))
weakened.good(before=_REJECT.replace("reject", "none"), zone=_REJECT.replace("p=", "p=none; p="))
_INCLUDE = '@ TXT "v=spf1 include:_s.example.com -all"\n'
_INCLUDED = '_s TXT "v=spf1 ip4:8.8.8.8 -all"\n'
weakened.bad(before=_INCLUDE + _INCLUDED, zone=_INCLUDE.replace("_s", "_t") + _INCLUDED)
weakened.bad(
    before='@ TXT "v=spf1 a -all"',
    zone=f'@ TXT "v=spf1 {" ".join(f"a:h{n}.example.com" for n in range(11))} -all"',
)
weakened.good(before=_INCLUDE, zone=_INCLUDE.replace("_s", "_t"))  # it was one before
_STS = '_mta-sts TXT "v=STSv1; id=1"\n'
_TLSA = f"mail A 8.8.8.8\n_25._tcp.mail TLSA 3 1 1 {'ab' * 32}\n"
weakened.bad(before=_MAIL + _STS, zone=_MAIL)
_FILE = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n"
_NAMED = '[domains."example.com"]\nmta-sts.policy = "mta-sts.txt"\n'
weakened.bad(
    before=_MAIL + _STS,
    zone=_MAIL + _STS.replace("id=1", "id=2"),
    config=_NAMED,
    policy=_FILE.replace("enforce", "none"),
    policy_before=_FILE,
)
weakened.good(
    before=_MAIL + _STS,
    zone=_MAIL + _STS.replace("id=1", "id=2"),
    config=_NAMED,
    policy=_FILE.replace("604800", "86400"),
    policy_before=_FILE,
)
weakened.bad(before=_MAIL + _TLSA, zone=f"{_MAIL}mail A 8.8.8.8\n")
weakened.bad(before='@ TXT "v=spf1 a -all"', zone='@ TXT "v=spf1 a ?ip4:0.0.0.0/0 -all"')
weakened.bad(
    before='@ TXT "v=spf1 mx:far.example.net -all"',
    zone='@ TXT "v=spf1 mx:far.example.net ~ip4:0.0.0.0/1 ~ip4:128.0.0.0/1 -all"',
)
weakened.bad(before=_MAIL + _STS, zone=_MAIL + _STS.replace("STSv1", "STSv2"))
weakened.bad(before=_MAIL + _STS, zone=_MAIL + "_mta-sts CNAME s\ns A 8.8.8.8\n")
weakened.bad(before=_MAIL + _STS, zone=_MAIL + "_mta-sts CNAME s.example.net.\n", undecided=True)
weakened.bad(before=_MAIL + _TLSA, zone=_MAIL + _TLSA.replace("3 1 1", "1 1 1"))
weakened.good(before=_MAIL, zone=_MAIL + _STS.replace("STSv1", "STSv2"))
weakened.good(before='@ TXT "v=spf1 a -all"', zone='@ TXT "v=spf1 a ?ip4:8.0.0.0/8 -all"')
weakened.good(before=_MAIL + _STS, zone=_MAIL + _STS.replace("id=1", "id=2"))
weakened.good(before=_MAIL + _TLSA, zone=_MAIL + _TLSA.replace("ab", "cd"))
_MOVED = f"{_MAIL}{_TLSA}mx A 8.8.8.8\n".replace("10 mail", "10 mx")
weakened.bad(before=_MAIL + _TLSA, zone=_MOVED)
weakened.bad(
    before=_MAIL + _TLSA, zone=_MOVED.replace("10 mx", "10 mx.example.net."), undecided=True
)
weakened.good(before=_MAIL + _TLSA, zone=f"{_MOVED}_25._tcp.mx CNAME _25._tcp.mail\n")
weakened.good(before=f"{_MAIL}{_TLSA}@ MX 20 mx\n", zone=_MOVED)  # one had none
weakened.good(
    before=_REJECT, zone=f"""{_REJECT}* TXT "v=spf1 -all"\n*.www TXT "v=DMARC1; p=reject"\n"""
)
weakened.good(before=_REJECT, zone=f"{_REJECT}* CNAME www\nwww A 8.8.8.8\n")
weakened.good(before='@ TXT "v=spf1 a foo -all"', zone='@ TXT "v=spf1 a mx ~all"')
weakened.good(
    before='@ TXT "v=spf1 a include:far.example.net -all"',
    zone='@ TXT "v=spf1 include:far.example.net ip4:8.8.8.8 include:mailgun.org -all"',
)
weakened.good(before='@ TXT "v=spf1 a -all"', zone='@ TXT "v=spf1 a ip4:8.8.0.0/16 -all"')
weakened.good(
    before='@ TXT "v=spf1 a -all"',
    zone='@ TXT "v=spf1 a include:spf.protection.outlook.com -all"',
    lock="""["spf.protection.outlook.com."]
seen = 2026-11-30
TXT = ["v=spf1 ip4:40.92.0.0/15 ip4:52.100.0.0/14 -all"]
""",
)
weakened.good(
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=quarantine; adkim=s"\n""",
)
_DEPT = f"""{_MAIL}_dmarc TXT "v=DMARC1; p=none"\n_dmarc.dept TXT "v=DMARC1; p=reject; psd=n"\n"""
weakened.bad(before=_DEPT, zone=_DEPT.replace("; psd=n", ""))  # names below dept
weakened.bad(before=_REJECT, zone=_REJECT + '_dmarc.dept TXT "v=DMARC1; p=reject; sp=none; psd=n"')
weakened.good(  # no sender of RFC 7489 was ever held back, and nobody drew a line
    before='_dmarc.dept TXT "v=DMARC1; p=reject"\n', zone=_DEPT.replace("; psd=n", "")
)
weakened.good(  # the organisation's record says the same
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n_dmarc.www TXT "v=DMARC1; p=reject"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
)
weakened.good(  # its sender is declared to need it
    before=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"\n""",
    zone=f"""{_MAIL}_dmarc TXT "v=DMARC1; p=reject"\n""",
    config="""
    [domains."example.com"]
    senders = ["mailgun"]
    mailgun.envelope = "mg.example.com"
    """,
)
weakened.good(  # it is declared to be in transition
    before='@ TXT "v=spf1 mx -all"',
    zone='@ TXT "v=spf1 mx ~all"',
    config='[domains."example.com"]\nspf = "transition"\n',
)
weakened.good(  # a parked domain is taken into use
    before='@ TXT "v=spf1 -all"', zone='@ TXT "v=spf1 include:mailgun.org ~all"'
)
weakened.good(zone='_dmarc TXT "v=DMARC1; p=none"')

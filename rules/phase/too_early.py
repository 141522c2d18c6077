"""PHASE003: a change takes the next phase before the reports allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from zonelint.grammars.listing import counted, some
from zonelint.grammars.tags.dmarc import Alignment, Policy, parse, rank
from zonelint.grammars.tags.taglist import Tag
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.evidence.evidence import Flow, Ready, tally
from zonelint.rules.evidence.readiness import (
    describe_missing,
    published,
    readiness,
    reports_about,
)
from zonelint.rules.evidence.replay import realigned
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.meaning import (
    DmarcChange,
    NameGroup,
    PolicyLevel,
    alignment,
    dmarc_changes,
    percent,
)
from zonelint.rules.model.answers import owner_name
from zonelint.rules.model.remedy import REPORTS
from zonelint.rules.model.subjects import Dmarc, MailZone
from zonelint.rules.phase.support.rollout import (
    at_policy,
    can_lose,
    capped,
    describe_names,
    fate,
    inherits,
    is_faulty,
    is_skip,
    keep_psd,
    own_record,
    raised,
    tag_for,
    word,
)


@rule(
    "PHASE003",
    "phase-too-early",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.CHANGE | Needs.REPORTS,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §7.4",
    explains=["policy"],
)
def too_early(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change moves a domain to its next phase before the reports show that its mail is aligned.

    What it finds
        A policy that becomes stricter by one phase, also by a `t=y` or a `pct` that is dropped,
        while the aggregate reports cover fewer days under the previous policy than `dmarc.min-days`
        requires (14), or show a smaller share of aligned messages than `dmarc.min-aligned` (0.98),
        aligned as the new record says. Under an enforcing policy also `adkim=s` or `aspf=s` that
        were not there, where the reports show that more mail than that is aligned only in relaxed
        mode. Parked domains need no reports. Whatever the reports show, a policy that becomes
        stricter than the `dmarc.target` that is declared: it may be another domain's, to which a
        CNAME leads.
    Why it matters
        Mail that is not aligned today goes to the junk folder, or is refused, from the change on.
        The reports show which senders that affects; without them nobody knows.
    Example
        `_dmarc TXT "v=DMARC1; p=quarantine"` where it was `p=none` before, with reports of 5 days
    Use instead
        `_dmarc TXT "v=DMARC1; p=none"` until the reports suffice; `zonelint reports` shows what is
        missing.
    References
        RFC 9989 §7.4, §4.4; RFC 9990
    """
    told: set[str] = set()
    for said in chain(_raised(zone), _stricter(zone)):
        owner = said.owner.removeprefix("_dmarc.")
        if owner not in told:
            yield said
        told.add(owner)


def _raised(zone: MailZone) -> Iterator[Found | Unknown]:
    """Policies that take the next phase."""
    for change, levels in raised(zone):
        domain = change.domain
        levels = [level for level in levels if not is_skip(level)]
        if not levels or is_faulty(zone, domain):
            continue
        declared, evidence = zone.context.dmarc_declared(domain).target, zone.context.evidence
        target = Policy.REJECT if declared is None else Policy(declared.value)
        beyond = [level for level in levels if rank(level.is_now) > rank(target)]
        first = [*beyond, *levels][0]
        whose = f"The policy for {describe_names(first.names, domain)} becomes {word(first.is_now)}"
        advice = f"Stay at {word(first.was)}"
        eased = _dropped(change) if all(map(_is_in_full, levels)) else []
        if eased:
            tags = "; ".join(tag.text for tag in eased)
            whose, advice = f"{whose} without `{tags}`", f"Keep `{tags}`"
        elif inherits(change, first):
            advice = keep_psd(change)
        if beyond:
            message = f"{whose}, beyond the declared target {target}, so mail may be lost"
            advice += f', or declare `target = "{word(first.is_now)}"` in zonelint.toml.'
        elif evidence is None:
            yield zone.unknown(domain, REPORTS)
            continue
        else:
            names = [level.names for level in levels]
            before = change.before.record
            reports = reports_about(domain, change.before.at, evidence)
            stood = None if before is None else published(before, change.before.at or domain)
            reports = reports and realigned(reports, zone.context)
            answer = readiness(reports, domain, zone.context, stood, names)
            if isinstance(answer, Ready):
                continue
            strictly = " and alignment strict" if _made_strict(zone, change) else ""
            missing = describe_missing(answer.missing)
            message = f"{whose} too early{strictly}, so mail may be lost: {missing}"
            advice += " until the reports show that the mail is aligned."
        record = own_record(zone, domain)
        most = {level.names: level.was for level in levels if level.was is not None}
        text = None if record is None or inherits(change, first) else capped(record.ast, most)
        if record is not None and eased:
            bare = parse(record.ast.without(*(tag.name for tag in eased)))
            text = bare.inserting_after("p", bare.separator.join(tag.text for tag in eased))
        yield at_policy(zone, domain, "p" if record is None else tag_for(record.ast, first.names))(
            message,
            advice,
            change=None
            if record is None or not text
            else record.rewrite(text, "the previous phase"),
        )


def _is_in_full(level: PolicyLevel) -> bool:
    """Whether the policy was there already, as a test or for a part of the mail."""
    return level.is_freed and rank(max(level.before, key=rank)) == rank(level.is_now)


def _dropped(change: DmarcChange) -> list[Tag]:
    """The tags that took force from the policy before."""
    old, new = change.before.record, change.after.record
    if old is None or new is None:
        return []
    names = ["t"] if old.t == "y" != new.t else []
    names += ["pct"] if percent(change.before) < percent(change.after) else []
    return [tag for name in names if (tag := old.tag(name)) is not None]


def _stricter(zone: MailZone) -> Iterator[Found | Unknown]:
    """Alignment that becomes strict where mail that fails is not delivered."""
    for change in dmarc_changes(zone):
        domain, tags = change.domain, _made_strict(zone, change)
        evidence, declared = zone.context.evidence, zone.context.dmarc_declared(domain)
        if not tags:
            continue
        told = None if evidence is None else reports_about(domain, change.before.at, evidence)
        if told is None:
            yield zone.unknown(domain, REPORTS)
            continue
        recent = told.last_days(declared.min_days)
        then = realigned(recent, zone.context)
        pairs = [
            (was, now)
            for was, now in zip(recent.flows, then.flows, strict=True)
            if was.aligned and _is_covered(was, change, zone)
        ]
        lost = [now for _, now in pairs if not now.aligned]
        aligned, failing = (tally(flows).messages for flows in ((was for was, _ in pairs), lost))
        if failing <= (1 - declared.min_aligned) * aligned:
            continue
        sources = replace(then, flows=tuple(lost)).failing_sources()
        record = own_record(zone, domain)
        yield at_policy(zone, domain, tags[0])(
            f"The alignment of {without_dot(domain)} becomes strict, and {failing:,} of "
            f"{counted(aligned, 'aligned message')} of the last {len(recent.days)} days of reports "
            f"are aligned only in relaxed mode, by {some(each.address for each in sources)}: such "
            f"mail is {fate(change.after.policy())} from now on",
            f"Keep the alignment relaxed until all senders use {without_dot(domain)} itself.",
            change=record and record.rewrite(record.ast.without(*tags), "relaxed as before"),
        )


def _made_strict(zone: MailZone, change: DmarcChange) -> list[str]:
    """The tags that make alignment strict, for names that have mail to lose."""
    if change.missing or change.before.record is None or change.after.record is None:
        return []
    if change.after.at != change.domain and zone.context.zone_of(str(change.after.at)):
        return []  # told where the record stands
    if not change.after.enforces or not can_lose(zone, change.domain, NameGroup.DOMAIN):
        return []
    modes = zip(alignment(change.before), alignment(change.after), strict=True)
    stricter = (Alignment.RELAXED, Alignment.STRICT)
    return [tag for tag, pair in zip(("adkim", "aspf"), modes, strict=True) if pair == stricter]


def _is_covered(flow: Flow, change: DmarcChange, zone: MailZone) -> bool:
    """Whether the policy that changes is that of the flow's domain, and stops what fails."""
    header = owner_name(flow.header_from)
    cover = None if header is None else covering(zone.context, header)
    return cover is not None and cover.at == change.after.at and cover.enforces


_BEFORE = '@ MX 10 mail\n_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n'
_AFTER = '@ MX 10 mail\n_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:d@example.com"\n'

too_early.bad(
    before=_BEFORE,
    zone=_AFTER,
    reports="""
    days = 5
    rows = [{ from = "192.0.2.1", messages = 100 }]
    """,
    fixed=_BEFORE,
)
too_early.bad(
    before=_BEFORE,
    zone=_AFTER,
    reports="""
    days = 14
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """,
    fixed=_BEFORE,
)
too_early.bad(before=_BEFORE, zone=_AFTER, undecided=True)
_LOST = 'p = "quarantine"\nrows = [{ from = "192.0.2.1", messages = 9, spf = "fail" }]'
for _tag in ("t=y", "pct=0", "pct=20"):
    _TEST = _AFTER.replace("; rua", f"; {_tag}; rua")
    too_early.bad(before=_TEST, zone=_AFTER, reports=_LOST, fixed=_TEST)
    too_early.bad(before=_TEST, zone=_AFTER, undecided=True)
    too_early.good(before=_TEST, zone=_AFTER, reports=_LOST.replace(', spf = "fail"', ""))
_STRICT = _AFTER.replace("rua", "adkim=s; aspf=s; rua")
_BELOW = """
p = "quarantine"
rows = [{ from = "192.0.2.1", messages = 100, spf = "b.example.com", dkim = "s@m.example.com" }]
"""
too_early.bad(before=_AFTER, zone=_STRICT, reports=_BELOW, fixed=_AFTER)
too_early.bad(before=_BEFORE, zone=_STRICT, reports=_BELOW.replace("quarantine", "none"))
too_early.bad(before=_AFTER, zone=_STRICT, undecided=True)
too_early.good(
    before=_AFTER,
    zone=_STRICT,
    reports='p = "quarantine"\nrows = [{ from = "192.0.2.1", messages = 100 }]',
)
too_early.good(  # aligned by DKIM
    before=_AFTER,
    zone=_STRICT,
    reports=_BELOW.replace("s@m.example.com", "s"),
)
too_early.bad(
    before=_BEFORE,
    zone=_AFTER,
    config="""
    [domains."example.com".dmarc]
    target = "none"
    """,
    fixed=_BEFORE,
)
too_early.good(
    before=_BEFORE,
    zone=_AFTER,
    reports="""
    days = 14
    rows = [
        { from = "192.0.2.1", messages = 99 },
        { from = "203.0.113.66", messages = 1, spf = "fail" },
    ]
    """,
)
too_early.good(
    before=_BEFORE,
    zone=_AFTER,
    config="""
    [domains."example.com".dmarc]
    min-days = 5
    """,
    reports="""
    days = 5
    rows = [{ from = "192.0.2.1", messages = 100 }]
    """,
)
too_early.good(  # parked
    before='@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=quarantine"\n',
    zone='@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n',
)
too_early.good(before=_AFTER, zone=_BEFORE)

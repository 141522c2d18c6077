"""PHASE003: a change takes the next phase before the reports allow it."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy, rank
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.evidence.evidence import Ready
from zonelint.rules.evidence.readiness import (
    describe_missing,
    published,
    readiness,
    reports_about,
    wanted,
)
from zonelint.rules.model.remedy import REPORTS
from zonelint.rules.model.subjects import Dmarc, MailZone
from zonelint.rules.phase.support.rollout import (
    at_policy,
    capped,
    describe_names,
    is_faulty,
    is_skip,
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
        A policy that becomes stricter by one phase while the aggregate reports cover fewer days
        under the previous policy than `dmarc.min-days` requires (14), or show a smaller share of
        aligned messages than `dmarc.min-aligned` (0.98). Parked domains need no reports. Whatever
        the reports show, a policy that becomes stricter than the `dmarc.target` that is declared:
        it may be another domain's, to which a CNAME leads.
    Why it matters
        Mail that is not aligned today goes to the junk folder, or is refused, from the change on.
        The reports show which senders that affects; without them nobody knows.
    Example
        `_dmarc TXT "v=DMARC1; p=quarantine"` where it was `p=none` before, with reports of 5 days
    Use instead
        `_dmarc TXT "v=DMARC1; p=none"` until the reports suffice; `zonelint reports` shows what is
        missing.
    References
        RFC 9989 §7.4; RFC 9990
    """
    for change, levels in raised(zone):
        domain = change.domain
        levels = [level for level in levels if not is_skip(level)]
        if not levels or is_faulty(zone, domain):
            continue
        declared, evidence = wanted(domain, zone.context).target, zone.context.evidence
        target = Policy.REJECT if declared is None else Policy(declared.value)
        beyond = [level for level in levels if rank(level.is_now) > rank(target)]
        first = [*beyond, *levels][0]
        whose = f"The policy for {describe_names(first.names, domain)} becomes {word(first.is_now)}"
        advice = f"Stay at {word(first.was)}"
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
            answer = readiness(reports, domain, zone.context, stood, names)
            if isinstance(answer, Ready):
                continue
            message = f"{whose} too early, so mail may be lost: {describe_missing(answer.missing)}"
            advice += " until the reports show that the mail is aligned."
        record = own_record(zone, domain)
        most = {level.names: level.was for level in levels if level.was is not None}
        yield at_policy(zone, domain, "p" if record is None else tag_for(record.ast, first.names))(
            message,
            advice,
            change=record and record.rewrite(capped(record.ast, most), "the previous phase"),
        )


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

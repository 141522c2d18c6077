"""PHASE001: a change leaves out a phase of the roll-out."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.meaning import NameGroup
from zonelint.rules.model.subjects import Dmarc, MailZone
from zonelint.rules.phase.support.rollout import (
    at_policy,
    capped,
    describe_names,
    fate,
    inherits,
    is_faulty,
    is_skip,
    keep_psd,
    own_record,
    phase_after,
    raised,
    tag_for,
    word,
)


@rule(
    "PHASE001",
    "phase-skipped",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.CHANGE,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §7.4",
    explains=["policy"],
)
def skipped(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change moves a domain by more than one phase of the roll-out.

    What it finds
        A policy that goes from `none` to `reject` in one change, and a domain without a DMARC
        record that gets `quarantine` or `reject` at once. This concerns the policy for the domain,
        for its subdomains (`sp`) and for names that do not exist (`np`). A domain that neither
        sends nor receives mail may go to `reject` at once, and an answer of a weighted set that is
        given already may be given more often.
    Why it matters
        Nobody has seen yet which senders fail. The newsletter, the invoices, the forgotten printer:
        with `reject` their mail is refused on the day of the change, without a step at which little
        is lost.
    Example
        `_dmarc TXT "v=DMARC1; p=reject"` where it was `p=none` before
    Use instead
        `_dmarc TXT "v=DMARC1; p=quarantine"`; continue with `p=reject` when some weeks of reports
        show that the mail is aligned.
    References
        RFC 9989 §7.4, §4.7
    """
    for change, levels in raised(zone):
        domain = change.domain
        if not levels:
            yield zone.unknown(domain, *(change.missing or change.open_below))
            continue
        record = own_record(zone, domain)
        if is_faulty(zone, domain) or zone.is_usual:
            continue
        steps = {level.names: level for level in levels if is_skip(level)}
        most = {names: phase_after(level.was) for names, level in steps.items()}
        shown: set[str] = set()
        for names, level in steps.items():
            tag = "p" if record is None else tag_for(record.ast, names)
            if tag in shown:
                continue
            shown.add(tag)
            falls = inherits(change, level)
            yield at_policy(zone, domain, tag)(
                f"The policy for {describe_names(names, domain)} goes from {word(level.was)} to "
                f"{word(level.is_now)} in one change, so mail of senders that are not set up yet "
                f"is {fate(level.is_now)} before anybody has seen it fail",
                f"{keep_psd(change)}."
                if falls
                else f"Publish `{tag}={most[names]}` first, and continue when the reports show "
                "that the mail is aligned.",
                change=None
                if falls or record is None
                else record.rewrite(capped(record.ast, most), "the next phase first"),
                severity=Severity.WARNING if names is NameGroup.NONEXISTENT else None,
            )


skipped.bad(
    before="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
    """,
)
skipped.bad(
    before="""
    @ MX 10 mail
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=quarantine; sp=reject"
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none; sp=reject"
    """,
)
skipped.bad(
    before="""
    news TXT "v=spf1 ip4:192.0.2.1 -all"
    _dmarc TXT "v=DMARC1; p=quarantine; sp=none"
    """,
    zone="""
    news TXT "v=spf1 ip4:192.0.2.1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    fixed="""
    news TXT "v=spf1 ip4:192.0.2.1 -all"
    _dmarc TXT "v=DMARC1; p=reject; sp=quarantine"
    """,
)
skipped.bad(
    before="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; sp=none"
    info MX 10 mail
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; sp=reject"
    info MX 10 mail
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; sp=quarantine"
    info MX 10 mail
    """,
)
skipped.bad(
    before="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; sp=reject"
    _dmarc.lists TXT "v=DMARC1; p=none"
    lists MX 10 mail
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject; sp=reject"
    lists MX 10 mail
    """,
)
skipped.bad(
    before="""
    @ MX 10 mail
    _dmarc CNAME example-com.dmarc.example.net.
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    undecided=True,
)
skipped.bad(  # news.dept falls to the organisation's record
    before="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.dept TXT "v=DMARC1; p=none; psd=n"
    news.dept MX 10 mail
    """,
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.dept TXT "v=DMARC1; p=none"
    news.dept MX 10 mail
    """,
)
skipped.good(
    before="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none"
    """,
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=quarantine"
    """,
)
skipped.good(  # parked, before and after
    before="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    """,
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
)
skipped.good(  # covered by the organisation's record before
    before="""
    @ MX 10 mail
    news MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    zone="""
    @ MX 10 mail
    news MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.news TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
    """,
)
skipped.good(zone='_dmarc TXT "v=DMARC1; p=reject"')

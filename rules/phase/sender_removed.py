"""PHASE007: a change takes a sender out of SPF that the reports still show."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import counted, some
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.evidence.replay import judged_spf, passed_spf
from zonelint.rules.mail.behind import return_paths
from zonelint.rules.mail.check_host import Outcome
from zonelint.rules.mail.lookups import Fate
from zonelint.rules.mail.meaning import spf_changes
from zonelint.rules.model.remedy import REPORTS
from zonelint.rules.model.subjects import MailZone

_MOST = 20


@rule(
    "PHASE007",
    "phase-sender-removed",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.CHANGE | Needs.REPORTS,
    section="RFC 7208 §5.2",
)
def sender_removed(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change removes hosts from SPF that still send mail as the domain.

    What it finds
        An `include` or a network that is removed from an SPF record, or a term that no longer
        covers a host, while the last days of aggregate reports show messages from there that passed
        SPF for this domain. Undecided for an alias to where a service takes the bounces of its mail
        that is removed or leads elsewhere, unless reports show that no mail uses it.
    Why it matters
        SPF no longer passes for that mail. Where it is not signed with an aligned key either, it
        fails DMARC, and an enforcing policy stops it.
    Example
        `include:_spf.example.net` removed, with 3,870 messages of its hosts in the last 14 days
    Use instead
        Keep the term until the sender is switched off and the reports no longer show it.
    References
        RFC 7208 §5.2, §5.6; RFC 9990
    """
    evidence = zone.context.evidence
    for change in spf_changes(zone):
        domain = change.domain
        records = zone.spf_at(domain)
        is_path = (
            change.before.fate is Fate.UNKNOWN
            and zone.previous is not None
            and domain in return_paths(zone.previous)
        )
        if not records and not is_path:
            continue  # PHASE002 tells of it
        if evidence is None or not _tells_of(domain, evidence):
            if is_path or change.lost or change.is_risked:
                yield zone.unknown(domain, REPORTS)
            continue
        days = zone.context.dmarc_declared(domain).min_days
        if is_path:
            if _sources(domain, evidence, days):
                yield zone.unknown(domain, *change.before.missing)
            continue
        lost: dict[str, dict[str, int]] = {}
        missing: dict[str, None] = {}
        for address, messages in _sources(domain, evidence, days).items():
            judged = judged_spf(address, domain, zone.context)
            if judged is None or not judged.is_changed:
                continue
            if judged.after.result is Outcome.UNDECIDED:
                missing |= dict.fromkeys(judged.after.missing)
            elif judged.after.result is not Outcome.PASS:
                before = judged.before
                term = before.path[0] if before is not None and before.path else "A sender"
                lost.setdefault(term, {})[address] = messages
        if missing:
            yield zone.unknown(domain, *missing)
        now = change.after.record
        standing = frozenset[str]() if now is None else {str(each) for each in now.terms}
        for term, sources in lost.items():
            ordered = sorted(sources, key=lambda address: (-sources[address], address))
            what, keep = (
                (f"{term} now covers other hosts in the SPF record", "host")
                if term in standing
                else (f"{term} is removed from the SPF record", "term")
            )
            yield records[0].whole(
                f"{what} of {without_dot(domain)}, and the last {days} days of "
                f"reports show {counted(sum(sources.values()), 'message')} from there, by "
                f"{some(ordered)}: SPF fails for such mail from now on",
                f"Keep the {keep} until the reports no longer show mail from there.",
                detail=tuple(
                    f"{address}  {counted(sources[address], 'message')}"
                    for address in ordered[:_MOST]
                ),
            )


def _sources(domain: str, evidence: Evidence, days: int) -> dict[str, int]:
    """The addresses of which mail passed SPF for the domain, with their messages."""
    found: dict[str, int] = {}
    for about in evidence:
        for flow in about.last_days(days).flows:
            if flow.source_ip and f"{flow.envelope_domain}." == domain and passed_spf(flow):
                found[flow.source_ip] = found.get(flow.source_ip, 0) + flow.count
    return found


def _tells_of(domain: str, evidence: Evidence) -> bool:
    """Whether there are reports in which mail with this envelope sender would show."""
    return any(is_below(domain, f"{about.domain}.") for about in evidence)


_LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 ip4:198.51.100.0/24 -all"]
"""
_BEFORE = '@ TXT "v=spf1 ip4:192.0.2.1 include:_spf.example.net -all"\n'
_AFTER = '@ TXT "v=spf1 ip4:192.0.2.1 -all"\n'
_REPORTS = """
rows = [
    { from = "192.0.2.1", messages = 900 },
    { from = "198.51.100.7", messages = 100 },
]
"""

sender_removed.bad(before=_BEFORE, zone=_AFTER, lock=_LOCK, reports=_REPORTS)
sender_removed.bad(before=f"em1 CNAME u1.wl.sendgrid.net.\n{_AFTER}", zone=_AFTER, undecided=True)
sender_removed.bad(
    before=f"em1 CNAME u1.wl.sendgrid.net.\n{_AFTER}",
    zone=f'em1 CNAME mail\nmail TXT "v=spf1 a -all"\n{_AFTER}',
    undecided=True,
)
sender_removed.good(
    before=f"em1 CNAME u1.wl.sendgrid.net.\n{_AFTER}", zone=_AFTER, reports=_REPORTS
)
sender_removed.bad(before=_BEFORE, zone=_AFTER, reports=_REPORTS)
sender_removed.bad(  # the term stays, the host moves
    before='@ TXT "v=spf1 a:mail.example.com -all"\nmail A 192.0.2.1\n',
    zone='@ TXT "v=spf1 a:mail.example.com -all"\nmail A 192.0.2.2\n',
    reports='rows = [{ from = "192.0.2.1", messages = 900 }]',
)
for _alias in ("CNAME", "ALIAS"):  # which hosts those are nobody knows, before and after
    sender_removed.bad(
        before=f'@ TXT "v=spf1 a:mail.example.com -all"\nmail {_alias} one.example.net.\n',
        zone=f'@ TXT "v=spf1 a:mail.example.com -all"\nmail {_alias} two.example.net.\n',
        undecided=True,
    )
sender_removed.bad(
    before='@ TXT "v=spf1 include:s.example.com -all"\ns CNAME one.example.net.\n',
    zone='@ TXT "v=spf1 include:s.example.com -all"\ns CNAME two.example.net.\n',
    undecided=True,
)
sender_removed.good(
    before='@ TXT "v=spf1 include:s.example.com -all"\ns CNAME one.example.net.\n',
    zone='@ TXT "v=spf1 include:one.example.net -all"\n',
)
sender_removed.good(  # what goes is in what stays
    before='@ TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 include:_spf.example.org -all"\n',
    zone='@ TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.example.org -all"\n',
)
sender_removed.bad(before=_BEFORE, zone=_AFTER, lock=_LOCK, undecided=True)
sender_removed.bad(before=_BEFORE, zone=_AFTER, undecided=True)
sender_removed.bad(  # what is left of the record is not known
    before='@ TXT "v=spf1 include:_spf.example.org include:_spf.example.net -all"\n',
    zone='@ TXT "v=spf1 include:_spf.example.org -all"\n',
    lock=_LOCK,
    reports=_REPORTS,
    undecided=True,
)
sender_removed.good(
    before=_BEFORE,
    zone=_AFTER,
    lock=_LOCK,
    reports='rows = [{ from = "192.0.2.1", messages = 900 }]',
)
sender_removed.good(  # the same networks, written out
    before=_BEFORE,
    zone='@ TXT "v=spf1 ip4:192.0.2.1 ip4:198.51.100.0/24 -all"\n',
    lock=_LOCK,
    reports=_REPORTS,
)
sender_removed.good(before=_AFTER, zone=_BEFORE, lock=_LOCK)

"""STS002: an MTA-STS record without the host that has the policy."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.transport import is_sts
from zonelint.grammars.zone import Record, spoken
from zonelint.rules.change import Change, Edit
from zonelint.rules.context import Context
from zonelint.rules.finding import Found, Severity, Unknown
from zonelint.rules.policy import UNREAD
from zonelint.rules.rule import Fix, Needs, rule
from zonelint.rules.subjects import MailZone
from zonelint.rules.survey import Survey
from zonelint.rules.transport.hosts import may_have_address

_RECORD = "_mta-sts."
_HOST = "mta-sts."


@rule(
    "STS002", "mta-sts-host", Severity.ERROR, on=MailZone, needs=Needs.ZONE, fix=Fix.PROPOSAL,
    section="RFC 8461 §3.3", when={"sts", "CNAME"},
)  # fmt: skip
def mta_sts_host(zone: MailZone) -> Iterator[Found | Unknown]:
    """The host with the MTA-STS policy has no address.

    What it finds
        A domain with a record at `_mta-sts`, and no A, AAAA, CNAME or ALIAS at `mta-sts`.
    Why it matters
        Senders fetch the policy from that host. Without it they use no MTA-STS: mail to the
        domain can be sent unencrypted, or to somebody else's server.
    Example
        `_mta-sts TXT "v=STSv1; id=20260301"` alone
    Use instead
        `mta-sts CNAME sts.example.net.` beside it
    References
        RFC 8461 §3.3
    """
    for record in _records(zone):
        domain = record.owner.removeprefix(_RECORD)
        host = _HOST + domain
        if may_have_address(zone.context, host):
            continue
        if not zone.zone.complete:
            yield zone.unknown(record.owner, UNREAD)
            continue
        yield zone.at(
            record,
            f"Senders fetch the MTA-STS policy of {spoken(domain)} from {spoken(host)}, which has "
            "no address, so they use no MTA-STS",
            f"Add {spoken(host)} and serve the policy there, or remove the record.",
            change=_like_the_others(zone.context, host),
        )


def _records(zone: MailZone) -> Iterator[Record]:
    for found in zone.sts.values():
        taken = [sts.record for sts in found if is_sts(sts.value)]
        yield from taken[:1]
    for rrset in zone.zone.of_type("CNAME"):
        if rrset.owner.startswith(_RECORD):
            yield rrset.records[0]


def _policy_hosts(zone: MailZone) -> Iterator[str]:
    for rrset in zone.zone.of_type("CNAME"):
        if rrset.owner.startswith(_HOST):
            yield from (record.target for record in rrset)


POLICY_HOSTS = Survey("mta_sts_host", _policy_hosts)


def _like_the_others(context: Context, host: str) -> Change | None:
    """The host as a CNAME to where all other policies of the run are."""
    targets: frozenset[str] | None = context.memo.get(("mta_sts_host",))
    if targets is None:
        targets = context.memo[("mta_sts_host",)] = frozenset(context.survey(POLICY_HOSTS))
    zone = context.zone_of(host)
    if len(targets) != 1 or zone is None or zone.zone.at(host):
        return None
    (target,) = targets
    return Change((Edit(host, "CNAME", None, target),), "the host of all the other policies")


mta_sts_host.bad(zone='_mta-sts TXT "v=STSv1; id=20260301"')
mta_sts_host.bad(zone="_mta-sts CNAME _mta-sts.example.net.")
mta_sts_host.bad(
    zone="""
    _mta-sts.shop TXT "v=STSv1; id=20260301"
    mta-sts.shop CNAME sts.example.net.
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
    fixed="""
    _mta-sts.shop TXT "v=STSv1; id=20260301"
    mta-sts.shop CNAME sts.example.net.
    _mta-sts TXT "v=STSv1; id=20260301"
    mta-sts  CNAME sts.example.net.
    """,
)
mta_sts_host.good(
    zone="""
    _mta-sts TXT "v=STSv1; id=20260301"
    mta-sts A 192.0.2.1
    _mta-sts.six CNAME _mta-sts
    mta-sts.six AAAA 2001:db8::1
    _mta-sts.cname TXT "v=STSv1; id=20260301"
    mta-sts.cname CNAME sts.example.net.
    _mta-sts.wild TXT "v=STSv1; id=20260301"
    *.wild CNAME sts.example.net.
    _mta-sts.sub TXT "v=STSv1; id=20260301"
    mta-sts.sub NS ns1.example.net.
    _mta-sts.text TXT "site-verification=0123abcd"
    """
)

"""STS002: of the record and the host of MTA-STS, only one is there."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import Record, without_dot
from zonelint.rules.core.change import Change, Edit, Ground, add
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.behind import Behind, behind
from zonelint.rules.model.answers import ADDRESSES, Status
from zonelint.rules.model.context import Context
from zonelint.rules.model.declaring import declared_in
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import MailZone, Sts
from zonelint.rules.transport.support.hosts import may_have_address, unknown_addresses

_RECORD = "_mta-sts."
_HOST = "mta-sts."


@rule(
    "STS002", "mta-sts-host", Severity.ERROR, on=MailZone, about=Sts, needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 8461 §3.3",
    ground=Ground.DECLARED,
)  # fmt: skip
def mta_sts_host(zone: MailZone) -> Iterator[Found | Unknown]:
    """The host with the MTA-STS policy has no address, or no record leads senders to it.

    What it finds
        A domain with a record at `_mta-sts`, and no A, AAAA, CNAME or ALIAS at `mta-sts`, or an
        alias there that leads to no address; an alias at `_mta-sts` that leads to no record. What
        an alias leads to outside your zones is taken from zonelint.lock. Also a
        domain that receives mail and for which zonelint.toml names a policy file
        (`mta-sts.policy`), with no record at `_mta-sts`: a warning.
    Why it matters
        Senders fetch the policy from that host once the record announces it. Without both they do
        not use MTA-STS: mail to the domain can be sent unencrypted, or to somebody else's server.
    Example
        `_mta-sts TXT "v=STSv1; id=20260301"` alone
    Use instead
        `mta-sts CNAME sts.example.net.` beside it
    References
        RFC 8461 §3.1, §3.3
    """
    for record in _records(zone):
        domain = record.owner.removeprefix(_RECORD)
        host = _HOST + domain
        is_possible = may_have_address(zone.context, host)
        if missing := unknown_addresses(zone.context, host) or zone.unseen(host, *ADDRESSES):
            yield zone.unknown(record.owner, *missing)
        if missing or is_possible:
            continue
        answer = zone.context.answers.ask(host, "A")
        is_alias = answer.last != host
        is_gone = is_alias and answer.status is Status.NXDOMAIN
        lacks = "does not exist" if is_gone else "has no address"
        yield zone.at(
            record,
            f"Senders fetch the MTA-STS policy of {without_dot(domain)} from {without_dot(host)}, "
            + (f"an alias that leads to {without_dot(answer.last)}, " if is_alias else "")
            + f"which {lacks}, so they do not use MTA-STS",
            f"Correct the alias at {without_dot(host)}, or remove the record."
            if is_alias
            else f"Add {without_dot(host)} and serve the policy there, or remove the record.",
            change=_like_the_others(zone.context, host),
        )
    for each in behind(zone):
        if each.kind is Sts and each.leading.is_meant and not each.subjects:
            yield from _leads_to_none(zone, each)
    yield from _unannounced(zone)


def _leads_to_none(zone: MailZone, each: Behind) -> Iterator[Found | Unknown]:
    """An alias that leads to no MTA-STS record; what is wrong with one STS001 tells."""
    if not each.is_known:
        yield zone.unknown(each.owner, each.answer.missing)
        return
    yield zone.at(
        each.leading.record,
        f"The alias at {without_dot(each.owner)} leads to {without_dot(each.answer.last)}, where "
        "no MTA-STS record is published, so senders do not use MTA-STS",
        "Correct the alias, or remove it.",
    )


def _unannounced(zone: MailZone) -> Iterator[Found | Unknown]:
    """Policies that zonelint.toml names and no record tells senders of."""
    for domain in declared_in(zone):
        path, owner = domain.mta_sts_policy, _RECORD + domain.name
        if path is None or not zone.receives(domain.name):
            continue
        held = zone.context.look(owner, "TXT")
        if held is not None and held.status in (Status.RECORDS, Status.UNKNOWN):
            continue
        if held is None:
            if zone.zone.complete or not zone.speaks_for(owner):
                continue  # another zone's to say
            yield zone.unknown(owner, zone.zone.rest)
            continue
        text = zone.context.files.get(path)
        yield zone.missing(
            owner,
            "TXT",
            f"zonelint.toml names {path} as the MTA-STS policy of {without_dot(domain.name)}, and "
            f"no record at {without_dot(owner)} leads senders to it, so they do not use MTA-STS",
            f"Serve the policy at {without_dot(_HOST + domain.name)}, then add the record.",
            change=None if text is None else _announced(owner, text),
            severity=Severity.WARNING,
        )


def _announced(owner: str, policy: str) -> Change:
    """The record with an id that goes with this policy alone: any will do that is new."""
    from hashlib import sha256  # takes longer to load than most zones to judge

    id = sha256(policy.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return add(owner, "TXT", txt_rdata(f"v=STSv1; id={id}"), "senders learn about the policy")


def _records(zone: MailZone) -> Iterator[Record]:
    for found in zone.sts.values():
        taken = [sts.record for sts in found if sts.is_kept]
        yield from taken[:1]
    for rrset in zone.zone.of_type("CNAME"):
        if rrset.owner.startswith(_RECORD):
            yield rrset.records[0]


def _policy_hosts(zone: MailZone) -> Iterator[str]:
    for rrset in zone.zone.of_type("CNAME"):
        if rrset.owner.startswith(_HOST):
            yield from (record.target for record in rrset)


POLICY_HOSTS = Fact("mta_sts_host", _policy_hosts)


def _like_the_others(context: Context, host: str) -> Change | None:
    """The host as a CNAME to where all other policies of the run are."""
    targets = {*context.facts(POLICY_HOSTS), *context.telling(POLICY_HOSTS, _HOST)}
    if len(targets) != 1 or context.types_at(host) != ():
        return None
    (target,) = targets
    return Change((Edit(host, "CNAME", None, target),), "the host of all the other policies")


mta_sts_host.bad(zone='_mta-sts TXT "v=STSv1; id=20260301"')
mta_sts_host.bad(zone="_mta-sts CNAME _mta-sts.example.net.")
mta_sts_host.bad(
    zone="""
    mta-sts A 192.0.2.1
    _mta-sts CNAME gone
    """
)
mta_sts_host.bad(
    zone="""
    mta-sts A 192.0.2.1
    _mta-sts CNAME a.loop
    a.loop CNAME b.loop
    b.loop CNAME a.loop
    """
)
mta_sts_host.bad(
    zone="""
    mta-sts A 192.0.2.1
    _mta-sts CNAME _mta-sts.example.net.
    """,
    undecided=True,
)
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
    _mta-sts.text TXT "site-verification=0123abcd"
    """,
    lock="""
    ["sts.example.net."]
    seen = 2026-11-30
    A = ["192.0.2.1"]
    AAAA = "nodata"
    """,
)
_ALIAS = """
_mta-sts TXT "v=STSv1; id=20260301"
mta-sts CNAME sts.example.net.
"""
mta_sts_host.bad(zone=_ALIAS, undecided=True)
mta_sts_host.bad(zone=_ALIAS.replace("CNAME sts", "NS ns1"), undecided=True)
mta_sts_host.bad(
    zone=_ALIAS,
    lock="""
    ["sts.example.net."]
    seen = 2026-11-30
    A = "nxdomain"
    """,
)
_DECLARED = '[domains."example.com"]\nmta-sts.policy = "mta-sts.txt"\n'
_POLICY = "version: STSv1\nmode: enforce\nmx: mail.example.net\nmax_age: 604800\n"

mta_sts_host.bad(
    zone="""
    @ MX 10 mail.example.net.
    mta-sts A 192.0.2.1
    """,
    config=_DECLARED,
    policy=_POLICY,
    fixed="""
    @ MX 10 mail.example.net.
    mta-sts A 192.0.2.1
    _mta-sts TXT "v=STSv1; id=ea4d998dc048fb65"
    """,
)
mta_sts_host.bad(zone="@ MX 10 mail.example.net.", config=_DECLARED)
mta_sts_host.good(zone="@ MX 0 .", config=_DECLARED, policy=_POLICY)
mta_sts_host.good(
    zone="""
    @ MX 10 mail.example.net.
    _mta-sts CNAME _mta-sts.example.net.
    mta-sts CNAME sts.example.net.
    """,
    config=_DECLARED,
    policy=_POLICY,
    lock="""
    ["_mta-sts.example.net."]
    seen = 2026-11-30
    TXT = ["v=STSv1; id=20260301"]
    ["sts.example.net."]
    seen = 2026-11-30
    A = ["192.0.2.1"]
    """,
)

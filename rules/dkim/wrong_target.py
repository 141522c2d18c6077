"""DKIM102: CNAMEs that do not point at the service's key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from zonelint.grammars.zone import ancestors, is_below, without_dot
from zonelint.rules.config.sender import Sender
from zonelint.rules.config.template import is_for_another
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.services import Alias, aliases_of
from zonelint.rules.dkim.support.targets import (
    Wrong,
    for_another_domain,
    service_of,
    wrong_targets,
)
from zonelint.rules.model.declaring import senders_at
from zonelint.rules.model.inferring import inferred_for_dkim
from zonelint.rules.model.subjects import MailZone


@rule(
    "DKIM102",
    "dkim-wrong-target",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.2.1",
    when={"CNAME"},
    role=Role.SUPPLIES,
    step=Step.DKIM,
    explains=["dkim"],
)
def wrong_target(zone: MailZone) -> Iterator[Found | Unknown]:
    """The CNAME at a selector does not point at the key that the mail service holds for it.

    What it finds
        A target other than the one declared in zonelint.toml; a target that belongs to another
        selector (`selector1` and `selector2` swapped); two targets of one domain that belong to two
        tenants or two partitions of the service; and, for declared senders, a target that belongs
        to another domain or has none of the forms that the service uses. For Microsoft 365 these
        are `selectorN-<domain with dashes>._domainkey.<tenant>.onmicrosoft.com` and
        `selectorN-<domain with dashes>._domainkey.<tenant>.<x>-v<n>.dkim.mail.microsoft`. Where
        the service is not declared, a warning for a target of another domain.
    Why it matters
        Verifiers find no key, or the wrong one: mail signed with the selector fails DKIM.
    Example
        `selector1._domainkey CNAME selector2-example-com._domainkey.contoso.onmicrosoft.com.`
    Use instead
        `selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.`: the
        name that the vendor gives. zonelint never makes it up.
    References
        RFC 6376 §3.6.2.1; the vendor's documentation, named in zonelint's profile of the service
    """
    known = wrong_targets(zone)
    for owner, wrong in known.items():
        if wrong.is_open:
            yield zone.unknown(
                owner, f"the target that the service shows for {wrong.alias.selector}"
            )
        else:
            yield _found(zone, wrong)
    told = set(known)
    for inferred in inferred_for_dkim(zone):
        for sender in senders_at(zone, inferred.intent):
            for alias in aliases_of(zone).get(inferred.intent.name, ()):
                misfit = for_another_domain(alias, sender)
                if misfit is not None and alias.rrset.owner not in told:
                    told.add(alias.rrset.owner)
                    yield inferred.weighed(_found(zone, misfit), sender)
    for alias in chain(*aliases_of(zone).values()):
        if without_dot(alias.domain).replace(".", "-") in alias.target:
            continue  # as most have it
        service = None if alias.rrset.owner in told else service_of(zone, alias)
        misfit = None if service is None else for_another_domain(alias, service)
        if service is None or misfit is None:
            continue
        if not _is_of_domain_above(alias, service, zone.origin):
            yield _found(zone, misfit)._replace(severity=Severity.WARNING)


def _is_of_domain_above(alias: Alias, service: Sender, origin: str) -> bool:
    """Whether the key is that of a domain above in the zone, by which mail may be signed below."""
    above = [each for each in ancestors(alias.domain) if is_below(each, origin)]
    return any(
        not is_for_another(match.values, name) for match in alias.matches(service) for name in above
    )


def _found(zone: MailZone, wrong: Wrong) -> Found:
    record = wrong.alias.rrset.records[0]
    return zone.at(
        record, wrong.message, wrong.advice, change=wrong.change, span=record.fields[-1].span
    )


_OLD = "example-com._domainkey.contoso.onmicrosoft.com."
_NEW = "example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
_M365 = '[domains."example.com"]\nsenders = ["microsoft365"]\n'
_GIVEN = (
    _M365
    + f"""
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-{_NEW}"
selector2 = "selector2-{_NEW}"
"""
)

wrong_target.bad(
    zone=f"""
    selector1._domainkey CNAME selector2-{_NEW}
    selector2._domainkey CNAME selector1-{_NEW}
    """,
    fixed=f"""
    selector1._domainkey CNAME selector1-{_NEW}
    selector2._domainkey CNAME selector2-{_NEW}
    """,
)
wrong_target.bad(
    zone=f"""
    selector1._domainkey CNAME selector1-{_OLD}
    selector2._domainkey CNAME selector2-{_OLD}
    """,
    config=_GIVEN,
    fixed=f"""
    selector1._domainkey CNAME selector1-{_NEW}
    selector2._domainkey CNAME selector2-{_NEW}
    """,
)
wrong_target.bad(
    zone=f"""
    selector1._domainkey CNAME selector1-{_OLD}
    selector2._domainkey CNAME selector2-{_OLD.replace("contoso", "fabrikam")}
    """
)
wrong_target.bad(
    zone=f"""
    selector1._domainkey CNAME selector1-{_NEW}
    selector2._domainkey CNAME selector2-{_NEW.replace("n-v1", "r-v1")}
    """
)
wrong_target.bad(
    zone=f"""
    @ MX 0 example-com.mail.protection.outlook.com.
    @ TXT "v=spf1 include:spf.protection.outlook.com -all"
    selector1._domainkey CNAME selector1-example-org._domainkey.contoso.onmicrosoft.com.
    selector2._domainkey CNAME selector2-{_OLD}
    """
)
wrong_target.bad(  # pasted into the wrong zone
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    selector1._domainkey CNAME selector1-example-org._domainkey.contoso.onmicrosoft.com.
    """
)
for _target in (
    "selector1-example-org._domainkey.contoso.onmicrosoft.com.",
    "selector1-example-com.contoso.onmicrosoft.com.",
    "selector1-example-com._domainkey.contoso.onmicrosoft.co.",
    "selector1._domainkey.contoso.onmicrosoft.com.",
    "key.example.com.",
):
    wrong_target.bad(zone=f"selector1._domainkey CNAME {_target}", config=_M365)
for _target in ("selector1.hosted.example.net.", "selector1._domainkey.contoso.onmicrosoft.us."):
    wrong_target.bad(zone=f"selector1._domainkey CNAME {_target}", config=_M365, undecided=True)
wrong_target.good(
    zone=f"""
    selector1._domainkey CNAME SELECTOR1-{_NEW}
    selector2._domainkey CNAME selector2-{_NEW}
    """,
    config=_GIVEN,
)
wrong_target.good(
    zone=f"""
    selector1._domainkey CNAME selector1-{_OLD.replace("example-com", "example-com0ie")}
    selector2._domainkey CNAME selector2-{_NEW}
    s1._domainkey CNAME s1.domainkey.u123.wl001.sendgrid.net.
    s2._domainkey CNAME s2.domainkey.u123.wl001.sendgrid.net.
    m1._domainkey CNAME m1.domainkey.u456.wl001.sendgrid.net.
    """,
    config=_M365,
)
wrong_target.good(
    zone=f"""
    selector1._domainkey CNAME key1.dkim
    key1.dkim CNAME selector1-{_NEW}
    selector1._domainkey.shop CNAME selector1-{_NEW}
    k9._domainkey CNAME k9.dkim.example.net.
    """,
    config=_M365,
)

"""SPF records that other records include, and that no domain sends mail under."""

from __future__ import annotations

from zonelint.grammars.spf.record import DomainSpec
from zonelint.grammars.zone import labels
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone, Spf


def is_part(spf: Spf) -> bool:
    """Whether the record only serves others, so that its `all` decides nothing.

    Names with an underscore are none that mail comes from (RFC 5321 §2.3.5), and to who includes
    a record neutral and fail are the same: no match (RFC 7208 §5.2). A redirect is another
    matter: it takes the target's result as its own (§6.1). Those of other zones are not looked at.
    """
    if not any(label.startswith("_") for label in labels(spf.owner)):
        return False
    return spf.owner not in _redirected(spf.zone)


@once_a_zone
def _redirected(zone: MailZone) -> frozenset[str | None]:
    """The names that redirects of the zone's records lead to."""
    return frozenset(
        _redirects(found)
        for records in zone.spf.values()
        for found in records
        if "redirect" in found.features
    )


def _redirects(spf: Spf) -> str | None:
    """The name that the record's redirect leads to."""
    redirect = spf.ast.redirect
    if redirect is None or not isinstance(redirect.value, DomainSpec):
        return None
    return target_name(redirect.value, spf.owner)[1]

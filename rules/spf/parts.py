"""SPF records that other records include, and that no domain sends mail under."""

from __future__ import annotations

from zonelint.grammars.zone import labels
from zonelint.rules.lookups import target_name
from zonelint.rules.subjects import Spf


def is_part(spf: Spf) -> bool:
    """Whether the record only serves others, so that its ``all`` decides nothing.

    Names with an underscore are none that mail comes from (RFC 5321 §2.3.5), and to who includes
    a record neutral and fail are the same: no match (RFC 7208 §5.2). A redirect is another
    matter: it takes the target's result as its own (§6.1). Those of other zones are not looked at.
    """
    if not any(label.startswith("_") for label in labels(spf.owner)):
        return False
    return not any(
        found.ast.redirect is not None
        and target_name(found.ast.redirect.value, found.owner)[1] == spf.owner
        for records in spf.zone.spf.values()
        for found in records
        if "redirect" in found.features
    )

"""MX001: null MX records that are not."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Role, remove, replace
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.model.subjects import MailZone


@rule(
    "MX001", "mx-null", Severity.ERROR, on=MailZone, needs=Needs.ZONE, fix=Fix.SAFE,
    section="RFC 7505 §3", when={"MX"},
    role=Role.MENDS,
    inside=True, step=Step.MAIL, explains=["null-mx"],
)  # fmt: skip
def mx_null(zone: MailZone) -> Iterator[Found]:
    """A null MX has a preference other than 0 or exists beside other MX records.

    What it finds
        An MX whose exchange is `.` with a preference other than 0, and one beside other MX.
    Why it matters
        A null MX says that the domain receives no mail. Beside other exchanges, senders disagree on
        which applies: some deliver, some bounce.
    Example
        `@ MX 10 .`
    Use instead
        `@ MX 0 .`, and no other MX
    References
        RFC 7505 §3
    """
    found = grouped((record.owner, record) for record in zone.targets("MX").get(".", ()))
    for owner, null in found.items():
        rrset = zone.mx(owner)
        others = rrset is not None and len(rrset) > len(null)
        for record in null:
            if others:
                yield zone.at(
                    record,
                    f"The null MX of {without_dot(owner)} exists beside other MX records, so some "
                    "senders bounce mail that others deliver",
                    "Remove it if the domain receives mail, otherwise remove the others.",
                    change=remove(null, "a domain with mail servers has no null MX"),
                )
            elif record.preference != 0:
                yield zone.at(
                    record,
                    f"The null MX of {without_dot(owner)} has the preference {record.preference} "
                    "where the standard requires 0, so some senders look for a host to deliver to",
                    "Write `0 .` for a domain that receives no mail.",
                    change=replace(record, "0 .", "the form of a null MX", safe=True),
                )


mx_null.bad(
    zone="""
    @ MX 10 .
    """,
    fixed="""
    @ MX 0 .
    """,
)
mx_null.bad(
    zone="""
    @ MX 0 .
    @ MX 10 mail
    """,
    fixed="""
    @ MX 10 mail
    """,
)
mx_null.good(zone="@ MX 0 .")
mx_null.good(zone="@ MX 10 mail")

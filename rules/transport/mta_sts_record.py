"""STS001: MTA-STS records that senders do not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.tag_faults import mended, report_cut_off, report_faults
from zonelint.rules.model.subjects import Sts
from zonelint.rules.transport.support.places import astray, published_at, strangers

_PLACE = "_mta-sts."
_KINDS = frozenset(FaultKind) - {FaultKind.SUSPECT, FaultKind.UNKNOWN_TAG}


@rule(
    "STS001",
    "mta-sts-record",
    Severity.ERROR,
    on=Sts,
    fix=Fix.PROPOSAL,
    section="RFC 8461 §3.1",
    role=Role.MENDS,
)
def mta_sts_record(sts: Sts) -> Iterator[Found]:
    """There is not exactly one valid MTA-STS record.

    What it finds
        A record at `_mta-sts` that does not start with `v=STSv1;`, that has no `id` of 1 to 32
        letters and digits, or that appears twice; also where an alias at `_mta-sts` leads to. Also
        one at the apex or at a name that is nearly right, such as `mta-sts`.
    Why it matters
        Senders then treat the domain as one without MTA-STS: mail to it can be sent unencrypted, or
        to somebody else's server.
    Example
        `_mta-sts TXT "v=STSv1; id=2026-03-01"`
    Use instead
        `_mta-sts TXT "v=STSv1; id=20260301"`
    References
        RFC 8461 §3.1
    """
    place = published_at(sts)
    if place is None:
        yield from astray(sts, _PLACE, "MTA-STS", "they do not use MTA-STS")
        return
    domain = without_dot(place.removeprefix(_PLACE))
    effect = f"senders then do not use MTA-STS for {domain}"
    if sts.cut_off is not None:
        yield from report_cut_off(sts, effect)
        return
    seen = [other for other in sts.zone.sts.get(sts.owner) or strangers(sts) if other.is_kept]
    if seen and sts not in seen:
        return  # senders discard what is no record; the other one counts
    if seen and sts is not seen[0] and sts.value != seen[0].value:
        yield sts.whole(
            f"This is MTA-STS record {seen.index(sts) + 1} of {len(seen)} at {sts.dotless}; "
            f"{effect}",
            "Keep one, with an `id` that was not used before.",
            change=sts.remove("one record in the form that senders accept"),
        )
        return
    if "sts" not in sts.value.lower() and not sts.ast.has("id"):
        yield sts.whole(
            "This text is not an MTA-STS record, and it is published where senders look for one; "
            f"{effect}",
            "Remove it, or move it to the name that it was intended for.",
        )
        return
    yield from report_faults(
        sts, sts.ast, _KINDS, effect,
        "Write `v=STSv1; id=` and 1 to 32 letters and digits, new with each change of the policy.",
        lambda: _mended(sts),
    )  # fmt: skip


def _mended(sts: Sts) -> str | None:
    text = mended(sts.ast, _KINDS)
    if text is None and not sts.ast.has("id"):
        # Any id will do that senders have not seen.
        text = mended(type(sts.ast).read(sts.ast.appending("id=1")), _KINDS)
        text = text or sts.ast.appending("id=1")
    return None if text is None or not type(sts.ast).read(text).is_clean else text


mta_sts_record.bad("v=STSv1; id=2026-03-01", "v=STSv1 ; id=20260301", fixed="v=STSv1; id=20260301")
mta_sts_record.bad("v=STSV1; id=20260301;", fixed="v=STSv1; id=20260301;")
mta_sts_record.bad("id=20260301; v=STSv1", fixed="v=STSv1; id=20260301")
mta_sts_record.bad("v=STSv1;", fixed="v=STSv1; id=1;")
mta_sts_record.bad("v=STSv1; id=\u201c20260301\u201d", fixed="v=STSv1; id=20260301")
mta_sts_record.bad(
    zone="""
    _mta-sts TXT v=STSv1; id=20260301
    """,
    fixed="""
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
)
mta_sts_record.bad("v=STSv1 id=20260301", fixed="v=STSv1; id=20260301")
mta_sts_record.bad(f"v=STSv1; id={'1' * 33}", "site-verification=0123abcd")
mta_sts_record.bad(
    zone="""
    _mta-sts TXT "v=STSv1; id=20260301"
    _mta-sts TXT "v=STSv1; id=20260302"
    """,
    fixed="""
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
)
mta_sts_record.bad(
    zone="""
    mta-sts TXT "v=STSv1; id=20260301"
    """,
    fixed="""
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
)
mta_sts_record.bad(
    zone="""
    @ TXT "v=STSv1; id=20260301"
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
    fixed="""
    _mta-sts TXT "v=STSv1; id=20260301"
    """,
)
mta_sts_record.bad(
    zone="""
    _mta-sts CNAME sts.policies
    sts.policies CNAME x.all.policies
    *.all.policies TXT "id=20260301"
    """,
    fixed="""
    _mta-sts CNAME sts.policies
    sts.policies CNAME x.all.policies
    *.all.policies TXT "v=STSv1; id=20260301"
    """,
)
mta_sts_record.good(
    zone="""
    _mta-sts CNAME mta_sts.example.com.
    mta_sts TXT "v=STSv1; id=20260301"
    policies TXT "v=STSv1; id=20260301"
    """
)
mta_sts_record.good("v=STSv1; id=20260301", "v=STSv1;id=1;", "v=STSv1; id=20260301; ext=1;")
mta_sts_record.good(
    zone="""
    _mta-sts TXT "v=STSv1; id=20260301"
    _mta-sts TXT "site-verification=0123abcd"
    _mta-sts.shop CNAME _mta-sts.example.net.
    """
)

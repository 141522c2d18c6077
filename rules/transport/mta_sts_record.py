"""STS001: MTA-STS records that senders do not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.behind import beside
from zonelint.rules.mail.tag_faults import mended
from zonelint.rules.model.subjects import Sts
from zonelint.rules.transport.support.places import KINDS, report_record


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
    yield from report_record(
        sts,
        [other for other in beside(sts) if other.is_kept],
        _mended,
        asked="MTA-STS",
        lost="they do not use MTA-STS",
        effect="senders then do not use MTA-STS for",
        keep="Keep one, with an `id` that was not used before.",
        advice="Write `v=STSv1; id=` and 1 to 32 letters and digits, new with each change of the "
        "policy.",
    )


def _mended(sts: Sts, _: str) -> str | None:
    text = mended(sts.ast, KINDS)
    if text is None and not sts.ast.has("id"):
        # Any id will do that senders have not seen.
        text = mended(type(sts.ast).read(sts.ast.appending("id=1")), KINDS)
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
mta_sts_record.bad(
    zone="""
    _mta-sts CNAME _mta-sts.example.net.
    """,
    lock="""
    ["_mta-sts.example.net."]
    seen = 2026-11-30
    TXT = ["v=STSv1; id=2026-03-01"]
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
    """
)

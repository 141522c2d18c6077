"""DMARC012: records below `_report._dmarc` that allow nothing."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags.dmarc import is_dmarc, looks_like_dmarc
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Change, add
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.mail.behind import beside
from zonelint.rules.model.subjects import ReportAuthorisation

_BREAKING = {
    FaultKind.SYNTAX, FaultKind.NON_ASCII, FaultKind.REPORT_URI, FaultKind.DUPLICATE,
}  # fmt: skip
_SEPARATOR = "._report._dmarc."


@rule(
    "DMARC012",
    "dmarc-report-authorisation",
    Severity.WARNING,
    on=ReportAuthorisation,
    fix=Fix.PROPOSAL,
    section="RFC 9990",
    step=Step.DMARC,
)
def report_authorisation(leave: ReportAuthorisation) -> Iterator[Found]:
    """A record that should authorise reports about another domain does not.

    What it finds
        TXT records below `_report._dmarc` that do not start with `v=DMARC1`, that are not a tag
        list, or whose `rua` is not a usable address in the domain that the reports go to.
    Why it matters
        Receivers then send this domain no reports about the other one.
    Example
        `example.net._report._dmarc TXT "v=DMARC"`
    Use instead
        `example.net._report._dmarc TXT "v=DMARC1"`
    References
        RFC 9990 (Verifying External Destinations); RFC 7489 §7.1
    """
    about, _, target = leave.owner.partition(_SEPARATOR)
    lost = f"so no reports about {'any domain' if about == '*' else about} arrive here"
    if not is_dmarc(leave.value):
        yield from _unseen(leave, lost)
        return
    change = leave.rewrite("v=DMARC1", "the minimum that authorises the reports")
    for fault in leave.ast.faults:
        if fault.kind in _BREAKING:
            yield leave.at(
                fault, f"{fault.message.partition(', so ')[0].rstrip('.')}, {lost}",
                "Write only `v=DMARC1`.",
                change=change,
            )  # fmt: skip
    for uri in leave.ast.rua if target else ():  # an alias leads here from anywhere
        if not uri.faults and uri.domain and f"{uri.domain}." != target:
            yield leave.at(
                uri,
                f"`{uri.text}` is not an address in {without_dot(target)}, {lost}",
                "Remove `rua`, or use an address in the domain that the record belongs to.",
                change=leave.rewrite(
                    leave.ast.without("rua"), "the address that the other domain names is used"
                ),
            )


def _unseen(leave: ReportAuthorisation, lost: str) -> Iterator[Found]:
    """A record that is no authorisation; where a good one stands beside it, it may be anything."""
    others = beside(leave)
    if any(is_dmarc(other.value) for other in others):
        return
    if leave.is_behind:
        yield leave.whole(
            f"The alias leads to no record that starts with `v=DMARC1`, {lost}",
            "Correct the alias, or publish `v=DMARC1` in its place.",
        )
        return
    meant = looks_like_dmarc(leave.value)
    reason = "the minimum that authorises the reports"
    change: Change | None = None
    if meant and others[0] is leave:
        change = leave.rewrite("v=DMARC1", reason)
    elif others[0] is leave:
        change = add(leave.owner, "TXT", '"v=DMARC1"', reason)
    yield leave.whole(
        f"The record does not start with `v=DMARC1`, {lost}",
        "Publish `v=DMARC1` here.",
        change=change,
    )


report_authorisation.bad(
    "v=DMARC",
    "v=dmarc1;",
    "v=DMARC1; rua=reports@example.com",
    "v=DMARC1; rua=mailto:reports@example.org",
    fixed="v=DMARC1",
)
report_authorisation.bad(
    zone='*._report._dmarc TXT "yes"',
    fixed="""
    *._report._dmarc TXT "yes"
    *._report._dmarc TXT "v=DMARC1"
    """,
)
report_authorisation.bad(zone="example.net._report._dmarc CNAME gone")
report_authorisation.bad(zone="example.net._report._dmarc CNAME d.example.net.", undecided=True)
report_authorisation.good(
    zone="""
    @ MX 10 mail
    *._report._dmarc CNAME leave
    leave TXT "v=DMARC1; rua=mailto:d@example.net"
    """
)
report_authorisation.good("v=DMARC1", "v=DMARC1;", "v=DMARC1; rua=mailto:reports@example.com")
report_authorisation.good(
    zone="""
    *._report._dmarc TXT "v=DMARC1"
    *._report._dmarc TXT "google-site-verification=abc"
    _dmarc TXT "v=DMARC"
    """
)

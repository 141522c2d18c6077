"""SPF104: `mx` of a domain with more exchanges than receivers look at."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.lookups import MX_LIMIT
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.trees import UNANSWERED, is_within_limit, judged, named, through


@rule(
    "SPF104",
    "spf-mx-too-many-names",
    Severity.ERROR,
    on=Spf,
    needs=Needs.DNS,
    section="RFC 7208 §4.6.4",
    when={"mx", "include", "redirect"},
    gate=tree_may_matter,
    step=Step.SPF,
    explains=["spf"],
)
def mx_too_many_names(spf: Spf) -> Iterator[Found | Unknown]:
    """An `mx` names a domain with more than 10 mail exchanges.

    What it finds
        An `mx`, in the record or in one that it includes, for a domain with more than 10 MX
        records. How many names `ptr` meets depends on the sending address: SPF207 covers that term.
    Why it matters
        Receivers stop with permerror: SPF then fails for every sender that was not matched before.
    Example
        `v=spf1 mx -all` at a domain with 11 MX records
    Use instead
        The networks of the exchanges: `v=spf1 ip4:203.0.113.0/28 -all`
    References
        RFC 7208 §4.6.4
    """
    tree = judged(spf)
    if tree is None:
        return
    missing: list[str] = []
    for visit in tree.walk():
        branch = visit.branch
        if branch.term.name != "mx":
            continue
        if len(branch.exchanges) > MX_LIMIT:
            yield spf.at(
                visit.top.term,
                f"{named(branch)} has {len(branch.exchanges)} mail exchanges{through(visit)}, and "
                f"receivers stop with permerror where `mx` yields more than {MX_LIMIT}, so SPF "
                "fails for most senders",
                "List the networks of the exchanges with `ip4:` and `ip6:` in place of `mx`.",
                root=None if branch.target is None else Root(branch.target),
            )
        elif branch.fate in UNANSWERED and not branch.exchanges:
            missing += branch.missing
    if missing and is_within_limit(tree):
        yield spf.unknown(*dict.fromkeys(missing))


_MANY = "\n".join(f"    @ MX {number} mail{number}.example.net." for number in range(1, 12))

mx_too_many_names.bad(zone=f'\n    @ TXT "v=spf1 mx -all"\n{_MANY}\n')
mx_too_many_names.bad(
    zone=f"""
    www TXT "v=spf1 ip4:203.0.113.7 include:_spf.example.com -all"
    _spf TXT "v=spf1 mx:example.com ~all"
{_MANY}
    """
)
mx_too_many_names.bad("v=spf1 mx:example.net -all", undecided=True)
mx_too_many_names.good("v=spf1 mx -all", "v=spf1 include:_spf.example.net -all")
mx_too_many_names.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ MX 10 mail.example.net.
    @ MX 20 mail2.example.net.
    """
)

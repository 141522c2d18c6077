"""SPF101: more DNS lookups than receivers make."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Mechanism, Modifier
from zonelint.rules.core.change import Ground
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.lookups import LIMIT, Tree, format_number
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.fewer_lookups import lightened
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.trees import judged


@rule(
    "SPF101",
    "spf-too-many-lookups",
    Severity.ERROR,
    on=Spf,
    needs=Needs.DNS,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.6.4",
    when={"include", "a", "mx", "ptr", "exists", "redirect"},
    gate=tree_may_matter,
    ground=Ground.DECLARED,
    step=Step.SPF,
    explains=["spf"],
)
def too_many_lookups(spf: Spf) -> Iterator[Found | Unknown]:
    """Evaluating the record takes more than 10 DNS lookups.

    What it finds
        Records that lead to more than 10 of `include`, `a`, `mx`, `ptr`, `exists` and `redirect`,
        those in included records counted as well, as if no term matched. `exp`, `all`, `ip4`, `ip6`
        and the addresses of mail exchanges do not count. Records outside your zones are taken from
        zonelint.lock; where one is not known, the count is a lower bound, and the rule is undecided
        unless that bound alone exceeds the limit.
    Why it matters
        Receivers stop with permerror as soon as an eleventh lookup is needed: SPF then fails for
        every sender that was not matched before, and DMARC cannot rely on it.
    Example
        `v=spf1 a mx include:_spf.example.net -all` where `_spf.example.net` takes eight lookups.
    Use instead
        Remove includes of services that do not need one and terms that appear twice, and write
        `ip4:` in place of `a` and `mx`: `v=spf1 ip4:203.0.113.7 include:_spf.example.net -all`
    References
        RFC 7208 §4.6.4
    """
    tree = judged(spf)
    if tree is None:
        return
    if tree.lookups > LIMIT:
        bound = "" if tree.is_exact else "at least "
        yield spf.at(
            _eleventh(tree),
            f"Evaluating the SPF record of {spf.dotless} takes "
            f"{bound}{format_number(tree.lookups)} DNS lookups, and receivers stop with permerror "
            f"after {LIMIT}, so SPF fails for most senders",
            "Remove includes that are not needed, and list your own hosts with `ip4:` and `ip6:`.",
            change=lightened(spf, LIMIT),
            detail=tree.lines(),
            root=_heavy(tree),
        )
    elif tree.missing and spf.ast.sound:
        yield spf.unknown(*tree.missing)


def _heavy(tree: Tree) -> Root | None:
    """The include that takes too many lookups by itself, whoever has it; None where none does."""
    heavy = (b.target for b in tree.branches if b.descends and b.lookups > LIMIT)
    return next((Root(target) for target in heavy if target is not None), None)


def _eleventh(tree: Tree) -> Mechanism | Modifier:
    """The term in which the limit is crossed."""
    total = 0
    for branch in tree.branches:
        total += branch.lookups
        if total > LIMIT:
            return branch.term
    raise AssertionError("the tree is within the limit")


_LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 include:_spf1.example.net include:_spf2.example.net -all"]
["_spf1.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 a:a.example.net a:b.example.net a:c.example.net -all"]
["_spf2.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 a:d.example.net a:e.example.net a:f.example.net exp=exp.example.net -all"]
["amazonses.com."]
seen = 2026-11-24
TXT = ["v=spf1 ip4:203.0.113.0/25 -all"]
"""

too_many_lookups.bad(
    "v=spf1 a:1.example.com a:2.example.com a:3.example.com a:4.example.com a:5.example.com "
    "a:6.example.com a:7.example.com a:8.example.com a:9.example.com a:10.example.com "
    "a:11.example.com -all"
)
too_many_lookups.bad(
    zone="""
    @ TXT "v=spf1 mx include:_spf.example.net a -all"
    @ A 203.0.113.7
    @ MX 10 mail.example.net.
    """,
    lock=_LOCK,
    fixed="""
    @ TXT "v=spf1 mx include:_spf.example.net ip4:203.0.113.7 -all"
    @ A 203.0.113.7
    @ MX 10 mail.example.net.
    """,
)
too_many_lookups.bad(
    zone="""
    @ TXT "v=spf1 mx/24 include:amazonses.com include:_spf.example.net mx:example.com/24 -all"
    @ MX 10 mail
    mail A 203.0.113.7
    """,
    lock=_LOCK,
    fixed="""
    @ TXT "v=spf1 mx/24 include:_spf.example.net -all"
    @ MX 10 mail
    mail A 203.0.113.7
    """,
)
too_many_lookups.bad(
    zone="""
    @ TXT "v=spf1 include:_spf1.example.net mx ?a include:_spf.example.net -all"
    @ MX 10 mail
    @ AAAA 2001:db8::7
    mail A 203.0.113.7
    """,
    lock=_LOCK,
    fixed="""
    @ TXT "v=spf1 ip4:203.0.113.7 ?a include:_spf.example.net -all"
    @ MX 10 mail
    @ AAAA 2001:db8::7
    mail A 203.0.113.7
    """,
)
too_many_lookups.bad(
    zone="""
    @ TXT "v=spf1 a include:_spf.example.net mx -all"
    @ MX 10 mail
    mail A 203.0.113.7
    """,
    lock=_LOCK,
    fixed="""
    @ TXT "v=spf1 include:_spf.example.net mx -all"
    @ MX 10 mail
    mail A 203.0.113.7
    """,
)
too_many_lookups.bad(
    "v=spf1 include:_spf.example.net -all",
    "v=spf1 include:%{ir}._spf.example.com -all",
    undecided=True,
)
too_many_lookups.good(
    "v=spf1 -all",
    "v=spf1 mx a ptr exists:%{i}._spf.example.com ip4:203.0.113.7 exp=exp.example.net -all",
    "v=spf1 a mx -all include:_spf.example.net",
)
too_many_lookups.good(
    zone="""
    @ TXT "v=spf1 mx include:_spf.example.net -all"
    @ MX 10 mail.example.net.
    """,
    lock=_LOCK,
)
too_many_lookups.good(
    zone="""
    @ TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 mx:example.com -all"
    team NS ns1.example.net.
    team TXT "v=spf1 include:_spf.example.net -all"
    """
)

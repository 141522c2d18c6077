"""SPF102: nearly as many DNS lookups as receivers make."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.lookups import LIMIT
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.fewer_lookups import lightened
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.trees import is_within_limit, judged


@rule(
    "SPF102",
    "spf-near-lookup-limit",
    Severity.WARNING,
    on=Spf,
    needs=Needs.DNS,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.6.4",
    when={"include", "a", "mx", "ptr", "exists", "redirect"},
    gate=tree_may_matter,
    remains_of=["SPF101"],
    step=Step.SPF,
)
def near_lookup_limit(spf: Spf) -> Iterator[Found]:
    """Evaluating the record takes nearly as many DNS lookups as receivers allow.

    What it finds
        Records that take 8, 9 or 10 of the 10 lookups; `thresholds.near-lookup-limit` in
        zonelint.toml sets the lower end. A count that is not fully known is left to SPF101.
    Why it matters
        A service that adds an `include` to its own record, as services do without notice, breaks
        SPF for everybody who is near the limit.
    Example
        `v=spf1 a mx include:n.example.net -all` where `n.example.net` takes six lookups.
    Use instead
        `v=spf1 ip4:203.0.113.7 include:n.example.net -all`
    References
        RFC 7208 §4.6.4
    """
    tree = judged(spf)
    near = spf.context.thresholds.near_lookup_limit
    if tree is None or not is_within_limit(tree) or tree.lookups < near:
        return
    left = LIMIT - tree.lookups
    more = f"may add only {left} more" if left else "cannot add a single one"
    yield spf.whole(
        f"Evaluating the SPF record of {spf.dotless} takes {tree.lookups} of {LIMIT} DNS lookups, "
        f"so a service that it includes {more} before SPF fails for everybody",
        "Remove includes that are not needed, and list your own hosts with `ip4:` and `ip6:`.",
        change=lightened(spf, near - 1),
        detail=tree.lines(),
    )


_LOCK = """
["n.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 a:a.example.net a:b.example.net a:c.example.net a:d.example.net -all"]
["o.example.org."]
seen = 2026-11-24
TXT = ["v=spf1 mx -all"]
"""

near_lookup_limit.bad(
    zone="""
    @ TXT "v=spf1 a mx include:o.example.org include:n.example.net -all"
    @ A 203.0.113.7
    @ MX 10 mail
    mail A 203.0.113.8
    """,
    lock=_LOCK,
    fixed="""
    @ TXT "v=spf1 ip4:203.0.113.7 ip4:203.0.113.8 include:o.example.org include:n.example.net -all"
    @ A 203.0.113.7
    @ MX 10 mail
    mail A 203.0.113.8
    """,
)  # fmt: skip
near_lookup_limit.bad(
    zone="""
    @ TXT "v=spf1 include:n.example.net -all"
    """,
    lock=_LOCK,
    config="thresholds.near-lookup-limit = 5",
)
near_lookup_limit.good(
    zone="""
    @ TXT "v=spf1 include:o.example.org include:n.example.net -all"
    """,
    lock=_LOCK,
)
near_lookup_limit.good(
    "v=spf1 mx -all",
    "v=spf1 include:n.example.net a mx ptr exists:a.example.net a:b.example.net "
    "a:c.example.net mx:d.example.net -all",
)

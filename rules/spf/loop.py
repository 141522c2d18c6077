"""SPF105: includes that lead back to themselves."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Mechanism, Modifier
from zonelint.grammars.zone import spoken
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.mail.lookups import Fate, Tree
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.trees import judged


@rule(
    "SPF105",
    "spf-loop",
    Severity.ERROR,
    on=Spf,
    needs=Needs.DNS,
    section="RFC 7208 §4.6.4",
    when={"include", "redirect"},
    gate=tree_may_matter,
)
def loop(spf: Spf) -> Iterator[Found]:
    """An include or redirect leads back to a record that is being evaluated.

    What it finds
        `include` and `redirect` that name the record's own domain, or a domain whose record leads
        back there, by whatever many steps.
    Why it matters
        Receivers go round until the limit of 10 lookups and stop with permerror: SPF fails for
        every sender that was not found before.
    Example
        `v=spf1 include:example.com mx -all` at example.com
    Use instead
        `v=spf1 mx -all`
    References
        RFC 7208 §4.6.4, §5.2, §6.1
    """
    tree = judged(spf)
    if tree is None:
        return
    for term, names in _loops(tree):
        itself = names == (spf.owner, spf.owner)
        round_ = " → ".join(map(spoken, names[:12])) + (" → …" if len(names) > 12 else "")
        yield spf.at(
            term,
            f"{term.text} names the domain that the record itself belongs to, so receivers give "
            "up with an error and SPF fails for most senders"
            if itself
            else f"{term.text} leads into a circle ({round_}), so receivers give up with an "
            "error and SPF fails for most senders",
            "Remove it." if itself else "Remove one of the includes of the circle.",
        )


def _loops(tree: Tree) -> Iterator[tuple[Mechanism | Modifier, tuple[str, ...]]]:
    """The record's own terms that lead into a loop, and the names of the first loop of each."""
    for branch in tree.branches:
        below = branch.tree
        if branch.fate is Fate.LOOP and branch.target is not None:
            ends = (tree.domain, branch.target)
            yield branch.term, next((loop for loop in tree.loops if loop[-2:] == ends), ends)
        elif below is not None and below.loops:
            yield branch.term, below.loops[0]


loop.bad(
    "v=spf1 include:example.com mx -all",
    "v=spf1 mx redirect=EXAMPLE.com.",
    "v=spf1 include:%{d} -all",
)
loop.bad(
    zone="""
    @ TXT "v=spf1 mx include:_spf.example.com -all"
    _spf TXT "v=spf1 include:_more.example.com ~all"
    _more TXT "v=spf1 redirect=_spf.example.com"
    """
)
loop.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.example.net -all"
    """,
    lock="""
    ["_spf.example.net."]
    seen = 2026-11-24
    TXT = ["v=spf1 include:example.com -all"]
    """,
)
loop.good(
    "v=spf1 a:example.com mx:example.com exists:example.com -all",
    "v=spf1 mx -all include:example.com",
    "v=spf1 include:_spf.example.net -all",
)
loop.good(
    zone="""
    @ TXT "v=spf1 include:a.example.com include:b.example.com -all"
    a TXT "v=spf1 include:c.example.com -all"
    b TXT "v=spf1 include:c.example.com -all"
    c TXT "v=spf1 mx -all"
    """
)

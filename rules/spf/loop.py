"""SPF105: includes that lead back to themselves."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import DomainSpec, Mechanism, Modifier
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.dmarc_discovery import unnamed_below
from zonelint.rules.mail.lookups import Fate, Tree, costly_terms
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.subjects import MailZone, Spf
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
    step=Step.SPF,
    explains=["spf"],
)
def loop(spf: Spf) -> Iterator[Found]:
    """An `include` or `redirect` leads back to a record that is being evaluated.

    What it finds
        `include` and `redirect` that name the record's own domain, or a domain whose record leads
        back there, in any number of steps; also with a macro, where a wildcard in the zone answers
        for the expanded names with a record that names such a name again.
    Why it matters
        Receivers follow the loop up to the limit of 10 lookups and stop with permerror: SPF fails
        for every sender that was not matched before.
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
        round_ = " → ".join(map(without_dot, names[:12])) + (" → …" if len(names) > 12 else "")
        yield spf.at(
            term,
            f"`{term.text}` names the record's own domain, so receivers stop with permerror and "
            "SPF fails for most senders"
            if itself
            else (
                f"`{term.text}` leads into a loop ({round_}), so receivers stop with permerror "
                "and SPF fails for most senders"
            ),
            "Remove it." if itself else "Remove one of the includes in the loop.",
            root=None if itself else Root(" ".join(sorted(set(names)))),
        )
    for term, wildcard in _wildcard_loops(spf):
        yield spf.at(
            term,
            f"`{term.text}` is answered by the record at {without_dot(wildcard)}, which names "
            "such a name again, so receivers loop until they stop with permerror and SPF fails "
            "for most senders",
            "Remove the include from the record at the wildcard.",
        )


def _wildcard_loops(spf: Spf) -> Iterator[tuple[Mechanism | Modifier, str]]:
    """The terms whose macro a wildcard answers with a record that asks for such a name again."""
    for term, below in _varying(spf):
        wildcard = _wildcard_over(spf.zone, below)
        if wildcard is not None and any(
            _wildcard_over(spf.zone, again) == wildcard
            for record in spf.zone.spf[wildcard]
            for _, again in _varying(record)
        ):
            yield term, wildcard


def _varying(spf: Spf) -> Iterator[tuple[Mechanism | Modifier, str]]:
    """The includes and the redirect with a macro, each with the name that all its names end in."""
    for term in costly_terms(spf.ast):
        domain = term.domain if isinstance(term, Mechanism) else term.value
        if term.name in ("include", "redirect") and isinstance(domain, DomainSpec):
            _, macro, tail = str(domain).rpartition("}.")
            if macro and target_name(domain, spf.owner)[1] is None:
                yield term, f"{tail.lower().removesuffix('.')}."


def _wildcard_over(zone: MailZone, name: str) -> str | None:
    """The wildcard with an SPF record that answers for whatever stands in front of a name."""
    _, found = zone.zone.answer(unnamed_below(f"*.{name}"), "TXT")
    return found.owner if found is not None and found.owner in zone.spf else None


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
loop.bad(
    zone="""
    @ TXT "v=spf1 include:%{i}._spf.example.com -all"
    *._spf TXT "v=spf1 redirect=%{i}.x._spf.example.com"
    """
)
loop.good(
    zone="""
    @ TXT "v=spf1 include:%{i}.mail.example.com -all"
    * TXT "v=spf1 include:%{i}.mail.example.com -all"
    host.mail A 192.0.2.1
    """
)
loop.good(
    zone="""
    @ TXT "v=spf1 include:%{i}._spf.example.com -all"
    *._spf TXT "v=spf1 ip4:203.0.113.7 include:%{i}.other.example.net -all"
    """
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

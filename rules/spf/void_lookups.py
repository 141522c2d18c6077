"""SPF103: lookups that find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Qualifier
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.lookups import LIMIT, VOID_LIMIT, Fate, Term, Tree, Visit
from zonelint.rules.mail.signing import signing_domains
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.slips import meant
from zonelint.rules.spf.support.trees import (
    UNANSWERED,
    expanded,
    is_within_limit,
    judged,
    named,
    way,
)


@rule(
    "SPF103",
    "spf-void-lookups",
    Severity.ERROR,
    on=Spf,
    needs=Needs.DNS,
    section="RFC 7208 §4.6.4",
    when={"include", "a", "mx", "exists", "redirect"},
    gate=tree_may_matter,
    step=Step.SPF,
    explains=["spf"],
)
def void_lookups(spf: Spf) -> Iterator[Found | Unknown]:
    """More than two of the record's lookups find nothing.

    What it finds
        Records in whose evaluation more than two of `a`, `mx`, `exists`, `include` and `redirect`
        query names that do not exist or have no such record (void lookups). A host with addresses
        of only one family is a void lookup for clients of the other: a warning where only such
        clients meet too many. Fewer are a warning where a name is one slip of the keyboard away
        from one that is there, and where they are all that lets anybody send, in a domain that has
        an MX or a DKIM key.
    Why it matters
        Receivers should stop with permerror at the third such lookup: SPF then fails for every
        sender that was not matched before.
    Example
        `v=spf1 a:old1.example.com a:old2.example.com a:old3.example.com include:… -all`
    Use instead
        The record without the names that no longer exist.
    References
        RFC 7208 §4.6.4
    """
    tree = judged(spf)
    if tree is None:
        return
    own = (branch for branch in tree.branches if not branch.descends)
    slips = [(b, near) for b in own if (near := meant(b, spf.zone)) is not None]
    for branch, near in slips:
        is_own = spf.zone.zone.contains(branch.target or "")
        why = "is not in its zone" if is_own else f"looks like a misspelling of {without_dot(near)}"
        yield spf.at(
            branch.term,
            f"{named(branch)} {why}, so `{branch.term.text}` lets nobody send",
            f"Write {without_dot(near)} if that host is intended, or remove the term.",
            severity=Severity.WARNING,
        )
    if not slips and max(tree.voids) <= VOID_LIMIT and _lets_nobody(tree):
        yield from _nobody(spf, tree)
    if max(tree.voids) > VOID_LIMIT:
        # A host with addresses of one family only is void for clients of the other.
        found = [
            visit
            for visit in tree.walk()
            if visit.branch.fate in (Fate.VOID, Fate.NO_RECORD)
            or (not visit.branch.descends and any(visit.branch.voids))
        ]
        if not found:
            return  # behind more lookups than receivers make
        names = list(dict.fromkeys(named(visit.branch) for visit in found))
        listed = ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
        one = _one_family(tree)
        yield spf.at(
            found[0].top.term,
            f"{max(tree.voids)} lookups of this record find nothing{one} ({listed}), and "
            f"receivers stop with permerror after {VOID_LIMIT}, so SPF fails for "
            f"{'every such client' if one else 'most senders'} that no earlier term matches",
            "List the hosts with `ip4:` and `ip6:` instead."
            if one
            else "Remove the terms whose names no longer exist, or correct the names.",
            detail=tuple(f"  {way(visit)}" for visit in found[:20]),
            severity=Severity.WARNING if one else None,
        )
        if not one:
            return
    # Where clients of one family are known to meet too many, the others may do so as well.
    known = min(tree.voids) if max(tree.voids) > VOID_LIMIT else max(tree.voids)
    if is_within_limit(tree) and known + _open(tree) > VOID_LIMIT:
        missing = [name for branch in expanded(tree) for name in branch.missing]
        yield spf.unknown(*dict.fromkeys(missing))


def _lets_nobody(tree: Tree) -> bool:
    """Whether the terms by which somebody may send find nothing, all of them."""
    is_small = tree.lookups <= LIMIT  # or receivers do not come to the end
    return is_small and _passes_nobody(tree) and any(v.branch.finds_nothing for v in tree.walk())


def _passes_nobody(tree: Tree) -> bool:
    """The same of a record that may have no such term, as `v=spf1 -all`."""
    record = tree.record
    if record is None or tree.fate is not Fate.FOUND:
        return False
    asked = {id(branch.term): branch for branch in tree.branches}
    passing: list[Term] = [t for t in record.mechanisms if t.qualifier is Qualifier.PASS]
    if record.redirect is not None and record.all is None:
        passing.append(record.redirect)

    def is_void(term: Term) -> bool:
        branch = asked.get(id(term))
        if branch is None or branch.tree is None or branch.fate is not Fate.FOUND:
            return branch is not None and branch.finds_nothing
        return _passes_nobody(branch.tree)

    return all(map(is_void, passing))


def _nobody(spf: Spf, tree: Tree) -> Iterator[Found]:
    """Told of a domain that has mail: a key, or an exchange."""
    signs = spf.owner in signing_domains(spf.zone)
    if not signs and not spf.zone.receives(spf.owner):
        return
    terms = list(dict.fromkeys(_named(v, tree) for v in tree.walk() if v.branch.finds_nothing))
    listed = " and ".join(terms)
    yield spf.at(
        tree.branches[0].term,
        f"{listed} {'matches' if len(terms) == 1 else 'match'} no address, so the record lets "
        f"nobody send as {spf.dotless}, which has {'a DKIM key' if signs else 'an MX'}",
        "Name the hosts that send; if none does, write `v=spf1 -all`.",
        severity=Severity.WARNING,
    )


def _named(visit: Visit, root: Tree) -> str:
    """A term, with the record that it is in: there it asks about that name, not the domain's."""
    where = "" if visit.tree is root else f" of {without_dot(visit.tree.domain)}"
    return f"`{visit.branch.term.text}`{where}"


def _one_family(tree: Tree) -> str:
    """Whose clients alone meet too many of them; empty where those of both families do."""
    if min(tree.voids) > VOID_LIMIT:
        return ""
    return " for a client with IPv6" if tree.voids[1] > VOID_LIMIT else " for a client with IPv4"


def _open(tree: Tree) -> int:
    """How many lookups may be void for all that is known."""
    return sum(1 for branch in expanded(tree) if branch.fate in UNANSWERED)


_LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 a:a.example.net mx:b.example.net -all"]
["a.example.net."]
seen = 2026-11-24
A = "nxdomain"
AAAA = "nxdomain"
["b.example.net."]
seen = 2026-11-24
MX = "nodata"
"""

void_lookups.bad("v=spf1 a:old1.example.com a:old2.example.com exists:old3.example.com -all")
void_lookups.bad(
    zone="""
    @ TXT "v=spf1 mx include:_spf.example.net -all"
    """,
    lock=_LOCK,
)
void_lookups.bad(
    zone="""
    @ TXT "v=spf1 a mx a:one.example.com mx:one.example.com a:two.example.com mx:two.example.com"
    @ MX 10 mail
    @ AAAA 2001:db8::1
    one MX 10 mail
    one AAAA 2001:db8::1
    two MX 10 mail
    two AAAA 2001:db8::1
    mail A 203.0.113.7
    """
)
void_lookups.bad(
    zone="""
    @ TXT "v=spf1 a:mial.example.com mx:lists.example.com -all"
    mail A 203.0.113.1
    list MX 10 mail
    """
)
void_lookups.good(
    zone="""
    @ TXT "v=spf1 a:mx2.example.com a:ma.example.com -all"
    mx1 A 203.0.113.1
    mail A 203.0.113.1
    """
)
_FRAGMENT = '@ MX 10 mail\nmail A 8.8.8.8\n_s TXT "v=spf1 mx -all"\n'  # of which _s has no MX
void_lookups.bad(zone=f'{_FRAGMENT}@ TXT "v=spf1 redirect=_s.example.com"')
void_lookups.bad(zone=f'{_FRAGMENT}@ TXT "v=spf1 include:_s.example.com -all"')
void_lookups.good(zone=f'{_FRAGMENT}@ TXT "v=spf1 mx include:_s.example.com -all"')
void_lookups.good(
    zone=f'{_FRAGMENT.replace("mx -all", "-all")}@ TXT "v=spf1 redirect=_s.example.com"'
)
void_lookups.bad("v=spf1 a:a.example.net a:b.example.net a:c.example.net -all", undecided=True)
void_lookups.bad(
    zone="""
    @ TXT "v=spf1 a -all"
    @ MX 10 mail
    mail A 203.0.113.1
    """
)
void_lookups.good(
    zone="""
    @ TXT "v=spf1 a mx -all"
    @ MX 10 mail
    mail A 203.0.113.1
    """
)
void_lookups.good("v=spf1 a mx -all", "v=spf1 a:a.example.net a:b.example.net -all")
void_lookups.bad(
    zone="""
    @ TXT "v=spf1 a:one.example.com a:two.example.com a:three.example.com mx -all"
    @ MX 10 one
    one A 203.0.113.1
    two A 203.0.113.2
    three A 203.0.113.3
    """
)
_HOSTS = " ".join(f"a:{name}.example.com" for name in ("old", "one", "two", "three"))
void_lookups.bad(
    zone=f"""
    @ TXT "v=spf1 {_HOSTS} a:a.example.net a:b.example.net -all"
    one A 203.0.113.1
    two A 203.0.113.2
    three A 203.0.113.3
    """
)
void_lookups.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.net -all"
    """,
    lock=_LOCK,
)

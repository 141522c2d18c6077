"""SPF106: includes of names that have no usable SPF record."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.lookups import Fate, Visit
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import MailZone, Spf
from zonelint.rules.spf.support.lookup_gate import tree_may_matter
from zonelint.rules.spf.support.slips import meant
from zonelint.rules.spf.support.trees import UNANSWERED, judged, named, through


@rule(
    "SPF106",
    "spf-target-without-spf",
    Severity.ERROR,
    on=Spf,
    needs=Needs.DNS,
    section="RFC 7208 §5.2, §6.1",
    when={"include", "redirect"},
    gate=tree_may_matter,
    step=Step.SPF,
    explains=["spf"],
)
def target_without_spf(spf: Spf) -> Iterator[Found]:
    """An `include` or `redirect` leads to a name that does not have exactly one SPF record.

    What it finds
        `include` and `redirect`, in the record or in one that it includes, whose name has no SPF
        record, has several, or has one outside your zones that receivers cannot parse. Names that
        are neither in your zones nor in zonelint.lock make SPF101 undecided; a warning where such a
        name looks like a misspelling of one in your zones that has an SPF record.
    Why it matters
        Receivers stop with permerror: SPF then fails for every sender that was not matched before,
        and DMARC cannot rely on it.
    Example
        `v=spf1 include:mail.example.net -all` where mail.example.net has an address but no TXT.
    Use instead
        The name that the service's documentation gives, or the record without the term.
    References
        RFC 7208 §5.2, §6.1, §4.5
    """
    tree = judged(spf)
    if tree is None:
        return
    for visit in tree.find(*_LACKING):
        if not visit.branch.descends:
            continue
        near = meant(visit.branch, spf.zone) if visit.above is None else None
        is_known = visit.branch.fate not in UNANSWERED
        why = _why(visit, spf) if is_known else _SLIP.format(without_dot(near)) if near else None
        if why is not None:
            yield spf.at(
                visit.top.term,
                f"{named(visit.branch)} {why}{through(visit)}, so receivers stop with permerror "
                "and SPF fails for most senders",
                _advice(visit, spf, near),
                severity=None if is_known else Severity.WARNING,
                root=None if visit.branch.target is None else Root(visit.branch.target),
            )


_LACKING = (Fate.NO_RECORD, Fate.SEVERAL, Fate.BROKEN, Fate.NO_NAME, *UNANSWERED)
_SLIP = "looks like a misspelling of {}, which is in your zones"


def _advice(visit: Visit, spf: Spf, near: str | None) -> str:
    """What to do; a record that lacks in one's own zones, in whatever view, can be published."""
    if near is not None:
        sign = ":" if visit.branch.term.name == "include" else "="
        return f"Write {visit.branch.term.name}{sign}{without_dot(near)} if that is intended."
    target = visit.branch.target
    lacks = visit.branch.fate in (Fate.NO_RECORD, Fate.NO_NAME)
    if lacks and target is not None and spf.context.is_ours(target):
        return (
            f"Publish an SPF record at {without_dot(target)}, correct the name, or remove the term."
            f"{spf.context.only_in_view(target, 'TXT')}"
        )
    return "Correct the name, or remove the term."


def _why(visit: Visit, spf: Spf) -> str | None:
    """What is wrong with the target; None where another finding tells it at the target itself."""
    branch = visit.branch
    match branch.fate:
        case Fate.SEVERAL:
            return "has more than one SPF record"
        case Fate.NO_NAME:
            own = branch.term is visit.top.term
            return None if own and spf.ast.hints else "cannot be a name in DNS"
        case Fate.BROKEN:
            is_ours = branch.target is not None and spf.context.zone_of(branch.target) is not None
            return None if is_ours else "has an SPF record with a syntax error"
    assert branch.target is not None
    context = spf.context
    if branch.target in _meant(context) or branch.target in context.telling(MEANT, branch.target):
        return None
    gone = context.answers.ask(branch.target, "TXT").status is Status.NXDOMAIN
    return "does not exist" if gone else "has no SPF record"


@once_a_run
def _meant(context: Context) -> frozenset[str]:
    """The owners of records that look as if they were meant as SPF: SPF003 tells of them."""
    return frozenset(context.facts(MEANT))


def _meant_in(zone: MailZone) -> Iterator[str]:
    return (txt.owner for txt in zone.others if "spf" in txt.features)


MEANT = Fact("target_without_spf", _meant_in, is_own=True)

_LOCK = """
["_spf.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 include:gone.example.net include:several.example.net -all"]
["gone.example.net."]
seen = 2026-11-24
TXT = "nxdomain"
["several.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 -all", "v=spf1 mx -all"]
["broken.example.net."]
seen = 2026-11-24
TXT = ["v=spf1 ipv4:192.0.2.1 -all"]
["sound.example.net."]
seen = 2026-11-24
TXT = ["hello", "v=spf1 ip4:192.0.2.1 -all"]
"""

target_without_spf.good("v=spf1 include:a..example.net -all")
target_without_spf.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1; ip4:203.0.113.7 -all"
    """
)
target_without_spf.bad("v=spf1 include:www.example.com -all", "v=spf1 redirect=gone.example.com")
for _text in (
    "v=spf1 include:_spf.example.net -all",
    "v=spf1 include:gone.example.net -all",
    "v=spf1 redirect=several.example.net",
    "v=spf1 include:broken.example.net -all",
):
    target_without_spf.bad(_text, lock=_LOCK)
target_without_spf.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "google-site-verification=abc"
    """
)
target_without_spf.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.exmaple.com -all"
    _spf TXT "v=spf1 ip4:203.0.113.7 -all"
    """
)
target_without_spf.good("v=spf1 include:sound.example.net -all", lock=_LOCK)
target_without_spf.good(
    "v=spf1 include:_spf.example.net -all", "v=spf1 mx -all include:www.example.com"
)
target_without_spf.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1 mx ~all"
    """
)

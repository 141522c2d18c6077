"""SPF211: includes that nobody declared, or that do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.spf.record import Mechanism
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.core.change import Ground
from zonelint.rules.core.finding import Found, Root, Severity, needed
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.behind import beside
from zonelint.rules.mail.lookups import Fate, tree
from zonelint.rules.mail.macros import target_name
from zonelint.rules.mail.slips import record_meant
from zonelint.rules.model.declaring import declared_at, is_return_path, senders_of
from zonelint.rules.model.inferring import Sign, infer_services, own_id
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import deciding, without_terms
from zonelint.rules.spf.support.naming import Wanted, naming, wanted_at


@rule(
    "SPF211",
    "spf-undeclared-sender",
    Severity.WARNING,
    on=Spf,
    needs=Needs.TEXT | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.2",
    when={"include"},
    given=intent_is_declared,
    ground=Ground.TEXT,
    step=Step.SENDERS,
    explains=["alignment"],
)
def undeclared_sender(spf: Spf) -> Iterator[Found]:
    """An `include` lets hosts send that no declared sender needs.

    What it finds
        Where a domain's senders are declared: includes that belong to none of them, and includes of
        a service that never uses the domain itself as envelope sender. Includes of names in your
        own zones count as yours. An `include` whose record in turn includes that of a declared
        sender, as far as zonelint.lock knows, belongs to that sender. No removal is offered of a
        name that no service has and at which no SPF record is known: another may be meant. Nor of
        a service that an MX or a DKIM key of the domain shows, nor beside a second SPF record.
    Why it matters
        Anybody who uses the included service can send as the domain, and each `include` uses up
        some of the ten lookups.
    Example
        `v=spf1 include:spf.protection.outlook.com include:servers.mcsv.net -all` with `senders =
        ["microsoft365"]`
    Use instead
        `v=spf1 include:spf.protection.outlook.com -all`, or add the service to the senders.
    References
        RFC 7208 §5.2, §11.4
    """
    domain = declared_at(spf.zone, spf.owner)
    if domain is None or "senders" not in domain.declared:
        return
    last = spf.ast.all
    wanted = list(wanted_at(spf.zone, domain))
    found = [
        (term, why)
        for term in spf.ast.mechanisms
        if term.name == "include"
        and (last is None or term.start < last.start)
        and (why := _why(spf, domain, wanted, term)) is not None
    ]
    shown = {term: said for term, _ in found if (said := _shown_by(spf, term)) is not None}
    certain = [term for term, _ in found if not _is_perhaps_a_slip(spf, term) and term not in shown]
    # What stands behind an include that nobody knows may be what a declared sender needs.
    hidden = {name: None for w in wanted for name in naming(spf.zone, spf.owner, w).missing}
    change = None
    if certain and not hidden and len(beside(spf)) == 1:
        change = without_terms(spf, certain, "no declared sender needs them")
    for term, (message, advice) in found:
        target = target_name(term.domain, spf.owner)[1]
        root = None if target is None else Root(target)
        is_certain = term in certain
        if term in shown:
            advice = f"Declare it first: {shown[term]}. {advice}"
        elif not is_certain and target is not None:
            advice += (
                f" No change is offered, because no SPF record is known at {without_dot(target)}: "
                "another name may be meant."
            )
        elif hidden:
            advice += (
                f" No change is offered, because what {needed(hidden, 2)} holds is not known, and "
                "a declared sender may need it."
            )
        else:
            advice = deciding(advice, change)
        yield spf.at(term, message, advice, change=change if is_certain else None, root=root)


def _shown_by(spf: Spf, term: Mechanism) -> str | None:
    """What shows, beside the SPF record, that a service sends as the domain."""
    target = target_name(term.domain, spf.owner)[1]
    sender = None if target is None else senders_of(spf.context).by_include(target)
    shown = infer_services(spf.zone).get(spf.owner)
    if sender is None or shown is None or sender.id not in shown.services:
        return None
    evidence = shown.services[sender.id].evidence
    return next((each.clause for each in evidence if each.sign is not Sign.INCLUDE), None)


def _is_perhaps_a_slip(spf: Spf, term: Mechanism) -> bool:
    """Whether a name that no service has may be that of one's own, or of one, written wrongly."""
    target = target_name(term.domain, spf.owner)[1]
    if target is None or senders_of(spf.context).by_include(target) is not None:
        return False
    return tree(target, spf.context).fate is not Fate.FOUND


def _why(
    spf: Spf, domain: DomainIntent, wanted: Sequence[Wanted], term: Mechanism
) -> tuple[str, str] | None:
    """What is wrong with an include, and what to do; None where it is one that is needed."""
    varies, target = target_name(term.domain, spf.owner)
    if varies or target is None or spf.context.is_ours(target):
        return None
    if _holds_one(spf, target, wanted):
        return None
    if any(each.include == target for each in wanted):
        return None
    sender = senders_of(spf.context).by_include(target)
    if sender is None and _is_perhaps_a_slip(spf, term) and record_meant(target, spf.context):
        return None  # SPF106 tells
    for each in wanted if sender is None else ():
        near = each.nearly(target)
        if (
            near is not None
            and tree(target, spf.context).fate is not Fate.FOUND
            and not naming(spf.zone, spf.owner, each).passes
        ):
            return None  # a slip is SPF210's to tell
        if near is not None:
            return (
                f"`{term.text}` looks like a misspelling of the `include` of {each.sender.name}, "
                "and the hosts that it names may send as the domain",
                f"Write `include:{near}` if that is intended, otherwise declare the service.",
            )
    if sender is None:
        return (
            f"No declared sender of {spf.dotless} explains `{term.text}`, and its hosts may send "
            "as the domain",
            "Declare the service in zonelint.toml, or remove the include: "
            f'`[senders.{own_id(target)}]` with `spf.includes = ["{without_dot(target)}"]`, and '
            f'`"{own_id(target)}"` among the senders of {spf.dotless}.',
        )
    if sender.spf.useless_at_domain and not is_return_path(spf.zone, spf.owner, sender):
        return (
            f"`{term.text}` has no effect here, because {sender.name} never uses {spf.dotless} as "
            "envelope sender, and it uses up lookups",
            f"Remove it; mail from {sender.name} is authenticated by DKIM.",
        )
    if sender.id not in domain.senders:
        return (
            f"`{term.text}` lets {sender.name} send as {spf.dotless}, which is not among the "
            "declared senders",
            f'Add `"{sender.id}"` to the senders in zonelint.toml, or remove the `include`.',
        )
    return None


def _holds_one(spf: Spf, target: str, wanted: Sequence[Wanted]) -> bool:
    """Whether the record of an included name names a declared sender, as far as is known."""
    if senders_of(spf.context).by_include(target) is not None:
        return False
    names = {visit.branch.target for visit in tree(target, spf.context).walk()} - {None}
    return any(each.is_named_by(name) for each in wanted for name in names if name is not None)


_M365 = '[domains."example.com"]\nsenders = ["microsoft365"]\n'
_SES = '[domains."example.com"]\nsenders = ["amazon-ses"]\n'

undeclared_sender.bad(
    "v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all",
    "v=spf1 include:a.example.net include:spf.protection.outlook.com include:b.example.net -all",
    config=_M365,
    lock="""
    ["a.example.net."]
    seen = 2026-11-29
    TXT = ["v=spf1 ip4:203.0.113.1 -all"]
    ["b.example.net."]
    seen = 2026-11-29
    TXT = ["v=spf1 ip4:203.0.113.2 -all"]
    """,
    fixed="v=spf1 include:spf.protection.outlook.com -all",
)
undeclared_sender.bad(
    "v=spf1 include:a.example.net mx -all",
    "v=spf1 include:spf.protection.outlook.com include:spf.protection.outlok.com -all",
    config=_M365,
)
undeclared_sender.bad(
    "v=spf1 mx include:a.example.net include:_spf.google.com -all",
    config='[domains."example.com"]\nsenders = []\n',
    fixed="v=spf1 mx include:a.example.net -all",
)
undeclared_sender.bad(
    "v=spf1 mx include:spf.protection.outlok.com -all",
    config=_M365,
    lock="""
    ["spf.protection.outlok.com."]
    seen = 2026-11-29
    TXT = ["v=spf1 ip4:203.0.113.0/24 -all"]
    """,
    fixed="v=spf1 mx -all",
)
undeclared_sender.bad("v=spf1 include:amazonses.com -all", config=_SES)
undeclared_sender.bad("v=spf1 include:_spf.google.com include:a.example.net -all", config=_M365)
undeclared_sender.good(
    "v=spf1 include:flat.example.net -all",
    config=_M365,
    lock="""
    ["flat.example.net."]
    seen = 2026-11-29
    TXT = ["v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com -all"]
    """,
)
undeclared_sender.bad(
    "v=spf1 mx include:amazonses.com -all", config=_SES, fixed="v=spf1 mx -all"
)  # fmt: skip
undeclared_sender.good(
    "v=spf1 include:spf.protection.outlook.com -all",
    "v=spf1 include:spf.protection.outlok.com -all",
    "v=spf1 include:%{i}._spf.example.net include:_spf.example.com mx -all",
    "v=spf1 mx -all include:a.example.net",
    config=_M365,
)
undeclared_sender.good(
    "v=spf1 include:spf.example.net -all",
    config=_M365 + '[domains."example.com".microsoft365]\ninclude = "spf.example.net"\n',
)
undeclared_sender.bad(
    "v=spf1 mx include:_spf.google.com -all",
    config='[domains."example.com"]\nsenders = []\n',
    fixed="v=spf1 mx -all",
)
undeclared_sender.bad(
    zone="""
    @ MX 0 example-com.mail.protection.outlook.com.
    @ TXT "v=spf1 include:spf.protection.outlook.com -all"
    """,
    config='[domains."example.com"]\nsenders = []\n',
)
undeclared_sender.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 include:_spf.google.com ~all"
    """,
    config='[domains."example.com"]\nsenders = []\n',
)
undeclared_sender.good("v=spf1 include:a.example.net -all")
undeclared_sender.good(
    "v=spf1 include:a.example.net -all", config='[domains."example.com"]\nspf = "final"\n'
)
undeclared_sender.good(
    zone="""
    bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.
    bounce TXT "v=spf1 include:amazonses.com ~all"
    """,
    config='[domains."*.example.com"]\nsenders = ["amazon-ses"]\n',
)

"""SPF210: declared senders that the SPF record does not let send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zonelint.grammars.repair import spliced
from zonelint.grammars.spf import record as grammar
from zonelint.grammars.spf.record import SpfRecord
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import DomainIntent, Profile, SpfStage
from zonelint.rules.config.sender import Need
from zonelint.rules.core.change import Change, Role
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Fate, Visit
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import declared_in
from zonelint.rules.model.inferring import Inferred, inferred_for_spf
from zonelint.rules.model.subjects import MailZone, Spf
from zonelint.rules.spf.support.anew import propose_record, record_before
from zonelint.rules.spf.support.naming import Naming, Wanted, is_named_below, naming, wanted_at


@rule(
    "SPF210",
    "spf-missing-sender",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.2",
    role=Role.SUPPLIES,
    step=Step.SENDERS,
    explains=["spf"],
)
def missing_sender(zone: MailZone) -> Iterator[Found | Unknown]:
    """The domain's SPF record does not authorise a service that sends as the domain.

    What it finds
        Declared senders whose `include` is missing from the SPF record, misspelt, or has a
        qualifier other than `+`; and domains that are declared to send and have no SPF record. An
        `include` in a record that the domain includes counts as well. Only an info where the vendor
        merely recommends the `include`, except at a declared envelope sender whose record lets
        nobody send. Where nothing is declared, a warning for a service that
        other records show: its MX, the keys that it hosts, an MX that receives its bounces. Not
        where the record says that the domain sends nothing, and not behind a mail gateway.
    Why it matters
        Receivers treat the service's mail as forged: it is refused, or filed as spam.
    Example
        `v=spf1 mx -all` with `senders = ["microsoft365"]`
    Use instead
        `v=spf1 mx include:spf.protection.outlook.com -all`
    References
        RFC 7208 §5.2; the vendor's documentation, named in zonelint's profile of the service
    """
    for domain in (*declared_in(zone), *_declared_beside(zone)):
        at = _lacks(zone, domain)
        if domain.profile is not None and zone.speaks_for(domain.name):
            at.setdefault(domain.name, [])
        for owner, lacks in at.items():
            yield from _report(zone, owner, domain, lacks)
    for inferred in inferred_for_spf(zone):
        for owner, lacks in _lacks(zone, inferred.intent, inferred).items():
            yield from _report(zone, owner, inferred.intent, lacks)


def _lacks(
    zone: MailZone, domain: DomainIntent, inferred: Inferred | None = None
) -> dict[str, list[_Lack]]:
    """The services that are not named, by the owner of the record that should name them."""
    at: dict[str, list[_Lack]] = {}
    for wanted in wanted_at(zone, domain):
        if wanted.owner is None and is_named_below(zone, wanted):
            continue
        owner = wanted.owner or domain.name
        if not zone.speaks_for(owner):
            continue
        found = naming(zone, owner, wanted)
        if not found.passes:
            at.setdefault(owner, []).append(_Lack(wanted, found, inferred))
    return at


def _declared_beside(zone: MailZone) -> Iterator[DomainIntent]:
    """The declared domains of other zones, whose envelope senders may stand in this one."""
    context = zone.context
    intent = context.intent
    if intent is None:
        return
    for name in intent.declared_below(zone.origin):
        if not zone.holds(name) and context.zone_of(name) is not None:
            domain = intent.for_domain(name)
            if domain is not None and domain.profile is not Profile.PARKED:
                yield domain


class _Lack(NamedTuple):
    """A service, and how it is not named; `inferred` where it is not declared."""

    wanted: Wanted
    naming: Naming
    inferred: Inferred | None = None

    def weighed(self, found: Found) -> Found:
        if self.inferred is None:
            return found
        return self.inferred.weighed(found, self.wanted.sender)

    @property
    def is_near(self) -> bool:
        return self.naming.wrong is not None or self.naming.slip is not None


def _report(
    zone: MailZone, owner: str, domain: DomainIntent, lacks: Sequence[_Lack]
) -> Iterator[Found | Unknown]:
    """The findings at one owner; one change mends all of them."""
    records = zone.spf.get(owner)
    if records is None:
        if not any(each.inferred and owner == domain.name for each in lacks):  # SPF110 tells
            yield from _without_record(zone, owner, domain, lacks)
        return
    first = records[0]
    missing = [name for each in lacks if not each.is_near for name in each.naming.missing]
    if missing:
        yield zone.unknown(owner, *dict.fromkeys(missing))
    told = [each for each in lacks if each.is_near or not each.naming.missing]
    told = [each for each in told if not _is_misspelt(each.wanted, records)]
    change = _mended(first, told)
    for each in told:
        yield each.weighed(_lacking(first, records, each, change))


@once_a_zone
def _unseen(zone: MailZone) -> frozenset[str]:
    """The owners of SPF records that receivers do not see."""
    return frozenset(txt.owner for txt in zone.others if "spf" in txt.features)


def _without_record(
    zone: MailZone, owner: str, domain: DomainIntent, lacks: Sequence[_Lack]
) -> Iterator[Found | Unknown]:
    tree = lookups.tree(owner, zone.context)
    if missing := zone.unseen(owner, "TXT"):
        yield zone.unknown(owner, *missing)
    elif tree.fate in (Fate.UNKNOWN, Fate.FAILED):
        yield zone.unknown(owner, *tree.missing)
    elif owner in _unseen(zone):
        return  # a record that receivers do not see: SPF003 tells
    elif tree.fate is Fate.NO_RECORD:
        before = zone.previous if record_before(zone, owner) else None
        names = [
            name
            for each in lacks
            if (name := each.wanted.proposal) is not None
            and (before is None or not naming(before, owner, each.wanted).passes)
        ]
        ending = "-all" if domain.spf is SpfStage.FINAL else "~all"
        alias = zone.zone.get(owner, "CNAME") is not None
        who = " and ".join(each.wanted.sender.name for each in lacks) or "whoever sends as it"
        found = zone.missing(
            owner,
            "TXT",
            f"{without_dot(owner)} has no SPF record, so receivers cannot distinguish mail from "
            f"{who} from forged mail",
            "Publish one that names every sender." + "".join(_where(e.wanted) for e in lacks),
            change=None
            if alias
            else propose_record(zone, owner, names, ending, "the domain's senders"),
        )
        yield lacks[0].weighed(found) if lacks else found
    elif lacks:  # behind an alias, or a wildcard's
        for each in lacks:
            found = zone.missing(
                owner, "TXT",
                f"The SPF record that answers for {without_dot(owner)} does not name "
                f"{each.wanted.sender.name}, so mail that it sends fails SPF",
                f"Add its `include` to that record.{_where(each.wanted)}",
            )  # fmt: skip
            yield each.weighed(found)


def _lacking(first: Spf, records: Sequence[Spf], lack: _Lack, change: Change | None) -> Found:
    wanted, how = lack.wanted, lack.naming
    name, proposal = wanted.sender.name, wanted.proposal
    severity = None
    if wanted.include is None and wanted.sender.spf.need is not Need.REQUIRED:
        is_envelope = wanted.owner not in (None, wanted.domain)
        if not is_envelope or first.zone.sends(first.owner):
            severity = Severity.INFO
    if how.wrong is not None or how.slip is not None:
        visit = how.wrong or how.slip
        assert visit is not None
        term = visit.top.term
        subject = next((each for each in records if _holds(each, visit)), first)
        target = without_dot(visit.branch.target or "")
        message = (
            f"`{term.text}` does not let {name} pass, so mail that it sends fails SPF"
            if how.wrong is not None
            else (
                f"`{target}` looks like a misspelling of `{wanted.nearly(target)}`, the "
                f"`include` of {name}, so mail that it sends fails SPF"
            )
        )
        advice = (
            "Write the `include` without a qualifier." if how.wrong is not None
            else f"Write include:{wanted.nearly(target)}."
        )  # fmt: skip
        return subject.at(term, message, advice, change=change, severity=severity)
    shown = f" (include:{proposal})" if proposal else ""
    return first.whole(
        f"The SPF record of {first.dotless} does not name {name}{shown}, so mail that it sends "
        "fails SPF",
        (f"Add `include:{proposal}` before `all`." if proposal
         else "Add the `include` that the vendor gave you before `all`.") + _where(wanted),
        change=change,
        severity=severity,
    )  # fmt: skip


def _where(wanted: Wanted) -> str:
    """Where the vendor shows the include, if only the vendor can tell it; and its remarks."""
    sender = wanted.sender
    parts = []
    if wanted.proposal is None and sender.where:
        parts.append(f"{sender.name} shows it in {sender.where}.")
    if wanted.include is None and sender.spf.note:
        parts.append(sender.spf.note)
    if wanted.owner is None:
        parts.append(
            f"If {sender.name} uses an envelope sender below {without_dot(wanted.domain)}, "
            "declare that name as its `envelope` in zonelint.toml."
        )
    return "".join(f" {part}" for part in parts)


def _is_misspelt(wanted: Wanted, records: Sequence[Spf]) -> bool:
    """Whether a term that SPF001 reports was meant to name the service."""
    return any(
        name in term.text.lower()
        for record in records
        for term in record.ast.invalid
        for name in wanted.fixed
    )


def _holds(record: Spf, visit: Visit) -> bool:
    """Whether a branch starts at a term of this record: a domain may have several."""
    term = visit.top.term
    return record.value[term.start : term.end] == term.text


def _mended(subject: Spf, lacks: Sequence[_Lack]) -> Change | None:
    """The record with every service that it lacks."""
    ast = subject.ast
    edits: dict[tuple[int, int], str] = {}
    added: list[str] = []
    for each in lacks:
        visit = each.naming.wrong or each.naming.slip
        proposal = each.wanted.proposal
        if visit is not None and visit.above is None and _holds(subject, visit):
            target = without_dot(visit.branch.target or "")
            name = target if each.naming.wrong is not None else each.wanted.nearly(target)
            edits[visit.top.term.start, visit.top.term.end] = f"include:{name}"
        elif proposal is not None:
            added.append(f"include:{proposal}")
    text = spliced(ast.text, ((*place, new) for place, new in edits.items()))
    if added:
        record: SpfRecord = grammar.parse(text)
        text = record.inserting_before_all(" ".join(dict.fromkeys(added)))
    return subject.rewrite(text, "the domain's senders may send")


_M365 = '[domains."example.com"]\nsenders = ["microsoft365"]\n'
_TWO = '[domains."example.com"]\nsenders = ["microsoft365", "google-workspace"]\nspf = "final"\n'
_MAILGUN = """
[domains."example.com"]
senders = ["mailgun"]
"""

missing_sender.bad(
    zone='@ TXT "v=spf1 mx -all"',
    config=_M365,
    fixed='@ TXT "v=spf1 mx include:spf.protection.outlook.com -all"',
)
missing_sender.bad(
    zone='@ TXT "v=spf1 redirect=_spf.google.com"',
    config=_M365,
    fixed='@ TXT "v=spf1 include:spf.protection.outlook.com redirect=_spf.google.com"',
)
missing_sender.bad(
    zone='@ TXT "v=spf1 mx ~include:spf.protection.outlook.com -all"',
    config=_M365,
    fixed='@ TXT "v=spf1 mx include:spf.protection.outlook.com -all"',
)
missing_sender.bad(
    zone='@ TXT "v=spf1 include:spf.protection.outlok.com -all"',
    config=_M365,
    fixed='@ TXT "v=spf1 include:spf.protection.outlook.com -all"',
)
missing_sender.bad(
    zone='@ TXT "v=spf1 include:spf.protection.outlok.com -all"',
    config=_TWO,
    fixed='@ TXT "v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all"',
)
missing_sender.bad(
    zone="""
    @ MX 10 mail
    """,
    config=_TWO,
    fixed="""
    @ MX 10 mail
    @ TXT "v=spf1 mx include:spf.protection.outlook.com include:_spf.google.com -all"
    """,
)
missing_sender.bad(
    zone="@ MX 10 mail.example.net.",
    config=_M365,
    fixed="""
    @ MX 10 mail.example.net.
    @ TXT "v=spf1 include:spf.protection.outlook.com ~all"
    """,
)
missing_sender.bad(
    zone="@ MX 10 mail",
    before="""
    @ MX 10 mail
    @ TXT "v=spf1 mx a:lists.example.com -all"
    """,
    config=_M365,
    fixed="""
    @ MX 10 mail
    @ TXT "v=spf1 mx a:lists.example.com include:spf.protection.outlook.com -all"
    """,
)
missing_sender.bad(
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    mg TXT "v=spf1 -all"
    """,
    config=_MAILGUN + '[domains."example.com".mailgun]\nenvelope = "mg.example.com"\n',
    fixed="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    mg TXT "v=spf1 include:mailgun.org -all"
    """,
)
missing_sender.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    bounce TXT "v=spf1 -all"
    """,
    config='[domains."example.com"]\nsenders = ["amazon-ses"]\n'
    '[domains."example.com".amazon-ses]\nenvelope = "bounce.example.com"\n',
    fixed="""
    @ TXT "v=spf1 mx -all"
    bounce TXT "v=spf1 include:amazonses.com -all"
    """,
)
missing_sender.bad(
    zone='@ TXT "v=spf1 mx -all"', config='[domains."example.com"]\nsenders = ["hubspot"]\n'
)
missing_sender.bad(
    zone="""
    @ A 203.0.113.7
    """,
    config='[domains."example.com"]\nprofile = "bulk-sender"\n',
)
missing_sender.bad(
    zone='@ TXT "v=spf1 include:flat.example.net -all"', config=_M365, undecided=True
)
for _text in (
    "v=spf1 include:spf.protection.outlook.com -all",
    "v=spf1 mx include:SPF.protection.OUTLOOK.com. ~all",
    "v=spf1 include:spf.protection.office365.us -all",
    "v=spf1 inlcude:spf.protection.outlook.com -all",
):
    missing_sender.good(zone=f'@ TXT "{_text}"', config=_M365)
missing_sender.good(zone='@ TXT "v=spf1 mx -all"')
missing_sender.good(
    zone="""
    @ TXT "v=spf1 include:_spf.%{d} -all"
    _spf TXT "v=spf1 include:spf.protection.outlook.com ~all"
    """,
    config=_M365,
)
missing_sender.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    mg TXT "v=spf1 include:mailgun.org ~all"
    """,
    config=_MAILGUN,
)
missing_sender.good(
    zone='@ TXT "v=spf1 mx -all"',
    config='[domains."example.com"]\nsenders = ["sendgrid", "mailchimp", "amazon-ses"]\n',
)
missing_sender.good(
    zone="""
    @ TXT "v=spf1 -all"
    www TXT "v=spf1 -all"
    """,
    config='[domains."example.com"]\nprofile = "parked"\n[domains."*.example.com"]\n'
    'senders = ["microsoft365"]\n',
)

_MX = "@ MX 0 example-com.mail.protection.outlook.com."
missing_sender.bad(
    zone=f"""
    {_MX}
    @ TXT "v=spf1 ip4:203.0.113.7 -all"
    """,
    fixed=f"""
    {_MX}
    @ TXT "v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com -all"
    """,
)
missing_sender.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ MX 10 mail.example.net.
    bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    @ MX 10 mail.example.net.
    bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.
    bounce TXT "v=spf1 include:amazonses.com ~all"
    """,
)
missing_sender.bad(
    zone=f"""
    {_MX}
    @ TXT "v=spf1 include:flat.example.net -all"
    """,
    undecided=True,
)
for _text in ("v=spf1 -all", "v=spf1 include:eu._netblocks.mimecast.com -all"):
    missing_sender.good(zone=f'{_MX}\n@ TXT "{_text}"')
for _config in ('[domains."example.com"]\nsenders = []\n', '[domains."*"]\nsenders = []\n'):
    missing_sender.good(zone=f'{_MX}\n@ TXT "v=spf1 mx -all"', config=_config)
missing_sender.good(
    zone="""
    @ MX 10 eu-smtp-inbound-1.mimecast.com.
    @ TXT "v=spf1 mx -all"
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.
    """
)
missing_sender.bad(
    zone="""
    @ MX 0 example-com.mail.protection.office365.us.
    @ TXT "v=spf1 mx -all"
    """,
    fixed="""
    @ MX 0 example-com.mail.protection.office365.us.
    @ TXT "v=spf1 mx include:spf.protection.office365.us -all"
    """,
)
missing_sender.good(
    zone="""
    noreply MX 0 example-com.mail.protection.outlook.com.
    noreply TXT "v=spf1 ip4:203.0.113.7 -all"
    """
)
missing_sender.bad(
    zone=f"""
    {_MX}
    @ TXT "v=spf1 include:secureserver.net -all"
    """,
    undecided=True,
)

"""DKIM101: keys of declared senders that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from zonelint.grammars.listing import grouped
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import ancestors, without_dot
from zonelint.rules.config.declaration import DomainIntent, Profile
from zonelint.rules.config.sender import DkimForm, DkimType, Sender, SenderPlace
from zonelint.rules.core.change import Change, add
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.services import (
    aliases_of,
    fixed_selectors,
    is_key_text,
    misplaced,
    owner_of,
    rightful_target,
    to_declare,
    where_documented,
)
from zonelint.rules.mail.signing import keys_elsewhere
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import declared_in, senders_at, senders_of
from zonelint.rules.model.inferring import inferred_for_dkim
from zonelint.rules.model.subjects import MailZone


@rule(
    "DKIM101",
    "dkim-missing-selector",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.2.1",
    step=Step.DKIM,
    explains=["dkim"],
)
def missing_selector(zone: MailZone) -> Iterator[Found | Unknown]:
    """A selector that a sender of the domain signs with is missing.

    What it finds
        Selectors that a declared sender needs and that have no record: both `selector1._domainkey`
        and `selector2._domainkey` for Microsoft 365, those named in zonelint.toml, or any key that
        is no other service's where the service generates its selectors or lets you choose them.
        Where a service offers several ways, one is enough. Also a domain with the profile
        bulk-sender that has no key. Where nothing is declared, a warning for the service that hosts
        the domain's mailboxes according to the MX or the SPF record, and for a service of which
        only some of the selectors that it always uses together are present.
    Why it matters
        Verifiers find no key: mail that the service signs fails DKIM, and also fails DMARC once it
        is forwarded.
    Example
        `senders = ["microsoft365"]` and no `selector1._domainkey`
    Use instead
        `selector1._domainkey CNAME …`, with the target that the vendor gives. zonelint proposes it
        once it is in zonelint.toml.
    References
        RFC 6376 §3.6.2.1; the vendor's documentation, named in zonelint's profile of the service
    """
    owners: set[str] = set()
    for domain in declared_in(zone):
        if missing := keys_elsewhere(zone, domain.name):
            if domain.senders:
                yield zone.unknown(domain.name, *missing)
            continue
        needed = (_Needed(zone, domain, sender) for sender in senders_at(zone, domain))
        told = [said for each in needed for said in each.lacking()]
        owners.update(said.owner for said in told)
        yield from told
        if not told and domain.profile is Profile.BULK_SENDER and not _has_any(zone, domain.name):
            yield zone.missing(
                owner_of("<selector>", domain.name).removeprefix("<selector>."),
                "TXT",
                f"{without_dot(domain.name)} is declared to send in bulk and has no DKIM key, so "
                "the large mailbox providers refuse its mail",
                "Publish the key of each service that sends as the domain.",
            )
    for inferred in inferred_for_dkim(zone):
        domain = inferred.intent
        if missing := keys_elsewhere(zone, domain.name):
            yield zone.unknown(domain.name, *missing)
            continue
        for sender in senders_at(zone, domain):
            for said in _Needed(zone, domain, sender).lacking():
                if said.owner not in owners:
                    yield inferred.weighed(said, sender) if isinstance(said, Found) else said


class _Needed(NamedTuple):
    """What one declared sender needs at one domain."""

    zone: MailZone
    domain: DomainIntent
    sender: Sender

    def lacking(self) -> Iterator[Found | Unknown]:
        options = self.domain.options_for(self.sender.id)
        if not self.sender.dkim:
            # Nothing is known of how the service signs: only what is declared can be held to.
            yield from self._absent(self.domain.name, options.selectors or tuple(options.dkim))
            return
        base = self._base()
        if base is None:
            if any(self._satisfied(form, name) for form, name in self._anywhere()):
                return
            if options.selectors:
                wanted = self._with_required(options.selectors)
                yield from self._absent(self._begun(options.selectors), wanted)
            elif self._is_elsewhere(self.domain.name):
                owner = f"_domainkey.{self.domain.name}"
                yield self.zone.unknown(owner, f"the zone {without_dot(owner)}")
            else:
                yield self._no_key(self.domain.name)
            return
        if not self.zone.holds(base):
            return
        if options.selectors:
            said = list(self._absent(base, self._with_required(options.selectors)))
            yield from said or ([self._no_key(base)] if self._is_short(base) else [])
        elif self._is_elsewhere(base):
            if any(form.required and self._satisfied(form, base) for form in self.sender.dkim):
                return
            if all(form.required for form in self.sender.dkim):
                yield from self._absent(base, self._nearest(base).required)
            else:
                yield self.zone.unknown(f"_domainkey.{base}", f"_domainkey.{base}")
        elif not any(self._satisfied(form, base) for form in self.sender.dkim):
            form = self._nearest(base)
            names = form.required or form.proposed
            said = list(self._absent(base, names))
            yield from said or ([] if names else [self._no_key(base)])

    def _with_required(self, selectors: Sequence[str]) -> Sequence[str]:
        """The declared selectors, and those that the service needs beside one of them."""
        sets = (
            form.required or (form.proposed if len(selectors) < form.minimum else ())
            for form in self.sender.dkim
        )
        beside = (name for names in sets if not set(names).isdisjoint(selectors) for name in names)
        return tuple(dict.fromkeys((*selectors, *beside)))

    def _is_short(self, base: str) -> bool:
        """Whether fewer selectors are declared than the service always has, and no others stand."""
        declared = len(self.domain.options_for(self.sender.id).selectors)
        begun = [form for form in self.sender.dkim if self._count(form, base)]
        return any(declared < form.minimum for form in begun) and not any(
            self._satisfied(form, base) for form in self.sender.dkim
        )

    def _base(self) -> str | None:
        """The domain in the signatures; None where it may be any below the sender's."""
        envelope = self.domain.options_for(self.sender.id).envelope
        below = all(form.signs_as is SenderPlace.SENDING_DOMAIN for form in self.sender.dkim)
        return envelope if below else self.domain.name

    def _is_elsewhere(self, base: str) -> bool:
        """Whether the keys of the domain stand in another zone."""
        owner = f"_domainkey.{base}"
        return not self.zone.speaks_for(owner) or self.zone.zone.get(owner, "DNAME") is not None

    def _anywhere(self) -> Iterator[tuple[DkimForm, str]]:
        for name in _with_keys(self.zone).get(self.domain.name, ()):
            for form in self.sender.dkim:
                yield form, name

    def _begun(self, selectors: Sequence[str]) -> str:
        """The domain, or the one below it, at which most of some selectors stand."""

        def standing(name: str) -> int:
            return sum(1 for each in selectors if self._exists(owner_of(each, name)))

        names: list[str] = [self.domain.name, *_with_keys(self.zone).get(self.domain.name, ())]
        return max(names, key=standing)

    def _satisfied(self, form: DkimForm, base: str) -> bool:
        if form.required:
            return all(self._exists(owner_of(name, base)) for name in form.required)
        if form.type is DkimType.TXT:
            return any(
                form.selector(name) is not None
                for name in _own_keys(self.zone, base)
                if not (self._is_reserved(name) or self._names_another(name))
            )
        return self._count(form, base) >= form.minimum

    def _count(self, form: DkimForm, base: str) -> int:
        """How many of the service's aliases stand below a domain."""
        return sum(
            any(match.form is form for match in alias.matches(self.sender))
            for alias in aliases_of(self.zone).get(base, ())
        )

    def _is_reserved(self, selector: str) -> bool:
        """Whether a selector is another of the domain's senders', as `20240101pm` is Postmark's."""
        return any(
            each.name.match(selector) is not None
            for other in senders_at(self.zone, self.domain)
            if other.id != self.sender.id
            for form in other.dkim
            for each in form.selectors
            if each.name.text in form.required or (each.name.names and each.name.tail)
        )

    def _names_another(self, selector: str) -> bool:
        """Whether a selector has the name of another service, which always uses it: `google`."""
        if any(selector in fixed_selectors(form) for form in self.sender.dkim):
            return False
        catalogue = senders_of(self.zone.context)
        named = (id for id in catalogue.known() if id.partition("-")[0] in selector)
        return any(
            selector in fixed_selectors(form) for id in named for form in catalogue.load(id).dkim
        )

    def _nearest(self, base: str) -> DkimForm:
        """The way that the domain has gone furthest; the first where it has gone none."""

        def standing(form: DkimForm) -> int:
            names = form.required or form.proposed
            return sum(1 for name in names if self._exists(owner_of(name, base)))

        return max(self.sender.dkim, key=standing)

    def _exists(self, owner: str) -> bool | None:
        """Whether anything stands at a selector, perhaps elsewhere; None where nobody knows."""
        zone = self.zone.zone
        if zone.get(owner, "TXT") is not None or zone.get(owner, "CNAME") is not None:
            return True
        if not self.zone.speaks_for(owner):
            answer = self.zone.context.answers.ask(owner, "TXT")
            # The target of a selector that is not in use yet may not be there.
            if answer.values or answer.aliases:
                return True
            return False if answer.is_fact else None
        wildcard = "*." + owner.partition(".")[2]
        return zone.get(wildcard, "CNAME") is not None or owner in misplaced(self.zone)

    def _absent(self, base: str, selectors: Sequence[str]) -> Iterator[Found | Unknown]:
        for selector in selectors:
            owner = owner_of(selector, base)
            stands = self._exists(owner)
            if stands is None:
                yield self.zone.unknown(owner, owner)
            elif not stands:
                yield self._missing(selector, base)

    def _missing(self, selector: str, base: str) -> Found:
        sender, owner = self.sender, owner_of(selector, base)
        type, rdata = self._rdata(selector, base)
        change: Change | None = None
        advice = f"Publish the {type} that {sender.name} gave you.{where_documented(sender)}"
        if rdata is not None and self.zone.speaks_for(owner):
            change = add(owner, type, rdata, f"{sender.name} signs with {selector}")
            advice = f"Publish the {type} from zonelint.toml."
            if selector not in self.domain.options_for(sender.id).dkim:
                advice = f"Publish a {type} to {without_dot(rdata)}."
        elif type == "CNAME":
            advice += f" {to_declare(sender, selector, self.domain.name)}"
        effect = f"mail that {sender.name} signs with {selector} fails DKIM"
        if not any(
            self._exists(owner_of(name, base)) for name in fixed_selectors(self._nearest(base))
        ):
            effect = self._effect(base) or effect
        return self.zone.missing(
            owner,
            type,
            f"{without_dot(owner)} is missing, so {effect}",
            advice,
            change=change,
        )

    def _effect(self, base: str) -> str | None:
        """What comes of it that no key is there, where the service then signs as itself."""
        signer = self.sender.default_signer
        if signer is None:
            return None
        return (
            f"{self.sender.name} signs with a name below {signer}, its own domain, and DMARC finds "
            f"no aligned signature for {without_dot(base)}"
        )

    def _rdata(self, selector: str, base: str) -> tuple[str, str | None]:
        """The type and the rdata that belong at a selector; None where only the vendor knows."""
        options = self.domain.options_for(self.sender.id)
        declared = options.dkim.get(selector)
        if declared is not None and is_key_text(declared):
            return "TXT", txt_rdata(declared)
        if declared is not None:
            return "CNAME", declared
        forms = [form for form in self.sender.dkim if form.selector(selector) is not None]
        for form in forms:
            if form.type is DkimType.CNAME:
                return "CNAME", rightful_target(form, options, selector, base)
        return "TXT" if forms else "CNAME", None

    def _no_key(self, base: str) -> Found:
        sender = self.sender
        form = max(sender.dkim, key=lambda form: self._count(form, base))
        told = f"No DKIM key for {sender.name} is"
        effect = self._effect(base) or "mail that it signs fails DKIM"
        if 0 < (count := self._count(form, base)) < form.minimum:
            told = f"Only {count} of the {form.minimum} DKIM keys of {sender.name}"
            told += " is" if count == 1 else " are"
            effect = "mail that it signs with another fails DKIM"
        return self.zone.missing(
            f"_domainkey.{base}",
            form.type.value,
            f"{told} published below {without_dot(base)}, so {effect}",
            f"Publish the records that {sender.name} gave you.{where_documented(sender)}",
        )


@once_a_zone
def _with_keys(zone: MailZone) -> dict[str, list[str]]:
    """The domains with keys or aliases of keys, by each name above them."""
    names = {key.domain for keys in zone.keys.values() for key in keys if key.domain is not None}
    below = sorted({*names, *aliases_of(zone)})
    return grouped((above, name) for name in below for above in ancestors(name))


@once_a_zone
def _selectors(zone: MailZone) -> dict[str, list[str]]:
    """The selectors of the keys that sign mail, by their domains."""
    return grouped(
        (key.domain, key.selector)
        for key in chain(*zone.keys.values())
        if key.domain is not None and key.selector and key.ast.signs_mail
    )


def _own_keys(zone: MailZone, base: str) -> list[str]:
    """The selectors at which a key stands that no target shows to be a known service's."""
    catalogue = senders_of(zone.context)
    return _selectors(zone).get(base, []) + [
        alias.selector
        for alias in aliases_of(zone).get(base, ())
        if all(catalogue.by_dkim_target(name) is None for name in alias.names)
    ]


def _has_any(zone: MailZone, domain: str) -> bool:
    """Whether a key stands at the domain, or at one below or above it in the zone."""
    signing = {*_selectors(zone), *aliases_of(zone)}
    below = _with_keys(zone).get(domain, ())
    return (
        any(name in signing for name in (*below, *ancestors(domain)))
        or any("_domainkey." in cut for cut in zone.zone.cuts)
        or not zone.speaks_for(f"_domainkey.{domain}")
        or bool(misplaced(zone))
    )


_M365 = '[domains."example.com"]\nsenders = ["microsoft365"]\n'
_TARGET = "example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
_GIVEN = (
    _M365
    + f"""
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-{_TARGET}"
selector2 = "selector2-{_TARGET}"
"""
)
_ZONE = "@ MX 0 example-com.mail.protection.outlook.com."


def _declared(*senders: str) -> str:
    return f'[domains."example.com"]\nsenders = {list(senders)}\n'


missing_selector.bad(
    zone=_ZONE,
    config=_GIVEN,
    fixed=f"""
    {_ZONE}
    selector1._domainkey CNAME selector1-{_TARGET}.
    selector2._domainkey CNAME selector2-{_TARGET}.
    """,
)
missing_selector.bad(
    zone=f"""
    {_ZONE}
    selector1._domainkey CNAME selector1-{_TARGET}.
    """,
    config=_M365,
)
missing_selector.bad(
    zone=f"""
    {_ZONE}
    selector1._domainkey CNAME selector1-{_TARGET}.
    """,
    config=_M365
    + f'[domains."example.com".microsoft365.dkim]\nselector1 = "selector1-{_TARGET}"\n',
)
missing_selector.bad(
    zone="""
    @ MX 10 in1-smtp.messagingengine.com.
    fm1._domainkey CNAME fm1.example.com.dkim.fmhosted.com.
    fm2._domainkey CNAME fm2.example.com.dkim.fmhosted.com.
    """,
    config=_declared("fastmail"),
    fixed="""
    @ MX 10 in1-smtp.messagingengine.com.
    fm1._domainkey CNAME fm1.example.com.dkim.fmhosted.com.
    fm2._domainkey CNAME fm2.example.com.dkim.fmhosted.com.
    fm3._domainkey CNAME fm3.example.com.dkim.fmhosted.com.
    """,
)
for _sender in ("google-workspace", "amazon-ses", "mailgun", "salesforce", "sendgrid"):
    missing_selector.bad(zone=_ZONE, config=_declared(_sender))
missing_selector.bad(
    zone=f"""
    {_ZONE}
    s1._domainkey CNAME s1.domainkey.u1111111.wl005.sendgrid.net.
    """,
    config=_declared("sendgrid") + "sendgrid.selectors = ['s1']",
)
for _at in ("", ".mg"):
    missing_selector.bad(
        zone=f"""
        {_ZONE}
        pdk2._domainkey{_at} CNAME pdk2._domainkey.abc12.dkim1.mailgun.com.
        """,
        config=_declared("mailgun") + "mailgun.selectors = ['pdk2']",
    )
_TWO_OF_SES = f"""
    {_ZONE}
    a1._domainkey CNAME a1.dkim.amazonses.com.
    a2._domainkey CNAME a2.dkim.amazonses.com.
"""
missing_selector.bad(zone=_TWO_OF_SES, config=_declared("amazon-ses"))
missing_selector.bad(
    zone=_TWO_OF_SES, config=_declared("amazon-ses") + "amazon-ses.selectors = ['a1', 'a2']"
)
missing_selector.good(
    zone=f"""
    {_TWO_OF_SES}
    own._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config=_declared("amazon-ses") + "amazon-ses.selectors = ['own']",
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    k2._domainkey CNAME dkim2.mcsv.net.
    """,
    config=_declared("mailchimp") + "mailchimp.selectors = ['k2']",
)
missing_selector.bad(
    zone=_ZONE,
    config=_declared("mailgun") + f'mailgun.dkim.pic = "k=rsa; p={RSA_2048}"\n',
    fixed=f"""
    {_ZONE}
    pic._domainkey TXT "k=rsa; p={RSA_2048[:246]}" "{RSA_2048[246:]}"
    """,
)
missing_selector.bad(
    zone=_ZONE, config='[domains."example.com"]\nprofile = "bulk-sender"\n'
)  # fmt: skip
missing_selector.bad(
    zone=f"""
    {_ZONE}
    _domainkey NS ns1.example.net.
    """,
    config=_M365,
    undecided=True,
)
_ELSEWHERE = f"""
    {_ZONE}
    _domainkey NS ns1.example.net.
    """
missing_selector.bad(
    zone=_ELSEWHERE,
    config=_M365,
    lock="""
    ["selector1._domainkey.example.com."]
    seen = 2026-11-29
    TXT = ["v=DKIM1; p=QUJD"]
    ["selector2._domainkey.example.com."]
    seen = 2026-11-29
    TXT = "nxdomain"
    """,
)
missing_selector.bad(zone=_ELSEWHERE, config=_declared("mailgun"), undecided=True)
missing_selector.good(
    zone=_ELSEWHERE,
    config=_M365,
    lock=f"""
    ["selector1._domainkey.example.com."]
    seen = 2026-11-29
    TXT = ["v=DKIM1; p=QUJD"]
    ["selector2._domainkey.example.com."]
    seen = 2026-11-29
    CNAME = "selector2-{_TARGET}."
    ["selector2-{_TARGET}."]
    seen = 2026-11-29
    TXT = "nxdomain"
    """,
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    selector1._domainkey CNAME selector1-{_TARGET}.
    selector2._domainkey CNAME selector2-{_TARGET}.
    google._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config=_declared("microsoft365", "google-workspace"),
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    selector1 CNAME selector1-{_TARGET}.
    selector2._domainkeys CNAME selector2-{_TARGET}.
    """,
    config=_GIVEN,
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    a1._domainkey CNAME a1.dkim.amazonses.com.
    a2._domainkey CNAME a2.dkim.amazonses.com.
    a3._domainkey CNAME a3.dkim.amazonses.com.
    pdk1._domainkey.mg CNAME pdk1._domainkey.abc12.dkim1.mailgun.com.
    pdk2._domainkey.mg CNAME pdk2._domainkey.abc12.dkim1.mailgun.com.
    """,
    config=_declared("amazon-ses", "mailgun"),
)
missing_selector.bad(
    zone=f"""
    {_ZONE}
    20240101pm._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config=_declared("google-workspace", "postmark"),
)
for _sender in ("amazon-ses", "mailgun", "sendgrid"):
    missing_selector.bad(
        zone=f"""
        {_ZONE}
        google._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
        """,
        config=_declared("google-workspace", _sender),
    )
missing_selector.good(
    zone=f"""
    {_ZONE}
    mail._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config=_declared("mailgun"),
)
missing_selector.good(zone="@ MX 10 mail.example.net.")
missing_selector.good(zone=_ZONE, config='[domains."example.com"]\nsenders = []\n')
missing_selector.good(
    zone=_ZONE,
    config="""
    [domains."example.com"]
    senders = ["newsletter"]
    [senders.newsletter]
    spf = { place = "domain", includes = ["_spf.news.example"] }
    """,
)
missing_selector.bad(zone=_ZONE)
missing_selector.bad(
    zone=f"""
    {_ZONE}
    selector1._domainkey CNAME selector1-{_TARGET}.
    """
)
missing_selector.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.google.com -all"
    """
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    @ TXT "v=spf1 -all"
    """
)
missing_selector.good(
    zone=f"""
    {_ZONE}
    @ TXT "v=spf1 include:spf.protection.outlook.com include:eu._netblocks.mimecast.com -all"
    """
)
missing_selector.good(
    zone="""
    @ TXT "v=spf1 include:_spf.google.com include:sendgrid.net -all"
    s1._domainkey CNAME s1.domainkey.u1111111.wl005.sendgrid.net.
    s2._domainkey CNAME s2.domainkey.u1111111.wl005.sendgrid.net.
    google._domainkey CNAME google.keys.example.net.
    """
)

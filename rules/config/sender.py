"""A mail service that sends for a domain: what its records look like, and how to know them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, cast

from zonelint.rules.config.schema import (
    DAY,
    FLAG,
    Choice,
    Entry,
    Many,
    Rest,
    Table,
    TextValue,
    UnfitValue,
    Whole,
)
from zonelint.rules.config.template import PLACEHOLDERS, SenderTemplate, is_for_another, template


class SenderPlace(Enum):
    """Whose SPF record has to name the service."""

    DOMAIN = "domain"
    """The domain of the From address: it is the envelope sender as well."""
    SENDING_DOMAIN = "sending-domain"
    """The name registered with the service: the domain or one below it."""
    SUBDOMAIN = "subdomain"
    """Always a name below the domain, which has its own SPF record."""
    NONE = "none"
    """None: the envelope sender is the vendor's, or a CNAME to the vendor's record."""


class Need(Enum):
    """How much the vendor asks for its SPF include."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    NONE = "none"


class Envelope(Enum):
    """The domain of the envelope sender, which SPF is asked for and DMARC aligns."""

    DOMAIN = "domain"
    """The From address's own domain: aligned, also strictly."""
    SENDING_DOMAIN = "sending-domain"
    """The name registered with the service, the domain or one below it."""
    SUBDOMAIN = "subdomain"
    """A name below the domain: not aligned where alignment is strict."""
    VENDOR = "vendor"
    """The vendor's own domain: never aligned."""
    UNKNOWN = "unknown"
    """The vendor's documentation does not say, or it depends on the account."""


class DkimType(Enum):
    """The record that holds, or leads to, the key."""

    CNAME = "CNAME"
    """The vendor holds the key and can change it."""
    TXT = "TXT"
    """The customer publishes the key itself."""


class SpfForm(NamedTuple):
    """What a service wants in an SPF record.

    includes are the domains of its include terms: any one is enough, the first is proposed. also
    are domains that belong to the service, too (older names, inner parts of its tree): they explain
    an include but do not fulfil the need.
    useless_at_domain: the service never has the From address's own domain as envelope sender, so
      that an include there does nothing.
    resells: services that it sells as well, whose hosts its include lets send.
    """

    place: SenderPlace
    need: Need
    includes: tuple[SenderTemplate, ...] = ()
    also: tuple[SenderTemplate, ...] = ()
    useless_at_domain: bool = False
    note: str = ""
    resells: tuple[str, ...] = ()

    def fulfilled_by(self, domain: str) -> bool:
        """Whether an include of this domain is what the service wants."""
        return any(form.match(domain) is not None for form in self.includes)

    def explains(self, domain: str) -> bool:
        """Whether this domain belongs to the service at all."""
        return any(form.match(domain) is not None for form in (*self.includes, *self.also))

    @property
    def proposal(self) -> str | None:
        """The include to propose; None where it holds the customer's own number."""
        return next((form.text for form in self.includes if form.fixed), None)

    def proposal_beside(self, exchanges: Iterable[str]) -> str | None:
        """The include of the same part of the service as the domain's exchanges (absolute)."""
        fixed = [form.text for form in self.includes if form.fixed]
        for name in fixed:
            cloud = "." + name.partition(".")[2]
            if any(each.removesuffix(".").lower().endswith(cloud) for each in exchanges):
                return name
        return self.proposal


class ReturnPath(NamedTuple):
    """The records by which the envelope sender becomes a name of the customer's.

    name is the usual name below the domain ("pm-bounces"), a template; targets are for type CNAME,
    mx and include are for type MX+TXT.
    """

    type: str
    name: SenderTemplate | None = None
    targets: tuple[SenderTemplate, ...] = ()
    mx: SenderTemplate | None = None
    include: str | None = None

    @property
    def places(self) -> tuple[SenderTemplate, ...]:
        """Where its bounces go: what an alias leads to, or the exchange."""
        return self.targets if self.mx is None else (self.mx,)


@dataclass(frozen=True, slots=True)
class EnvelopeForm:
    """Whose domain the envelope sender has: as set up by default, and with a return path."""

    default: Envelope = Envelope.UNKNOWN
    vendor_domains: tuple[str, ...] = ()
    custom: ReturnPath | None = None
    note: str = ""


class Selector(NamedTuple):
    """One selector, or form of selectors, and the forms of its CNAME's target (none for TXT)."""

    name: SenderTemplate
    targets: tuple[SenderTemplate, ...]


class DkimForm(NamedTuple):
    """One way in which a service has its DKIM keys published; several forms are alternatives.

    required are the selectors that must be there by name. minimum is how many selectors of these
    forms there must be at least. proposed are the selectors to name where none is there. shared are
    the placeholders whose values must be the same in every target of a domain.
    keys_follow: the keys are made only once the CNAMEs are published and signing is enabled.
    vendor_key: every customer publishes the same key, as the service gives it. signs_as tells the
      domain in the signature (its `d=`): Place.DOMAIN or Place.SENDING_DOMAIN. undecided_below are
      names of the vendor's: a target below one of them may be right although its form is not among
      the known ones.
    """

    type: DkimType
    selectors: tuple[Selector, ...]
    required: tuple[str, ...] = ()
    minimum: int = 1
    proposed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    keys_follow: bool = False
    vendor_key: bool = False
    signs_as: SenderPlace = SenderPlace.DOMAIN
    undecided_below: tuple[str, ...] = ()

    def undecided(self, target: str) -> bool:
        """Whether a target that matches no form may be one of the vendor's all the same."""
        name = "." + target.lower().removesuffix(".")
        return any(name.endswith(f".{suffix}") for suffix in self.undecided_below)

    def selector(self, name: str) -> Selector | None:
        """The form that a selector name belongs to."""
        return next((form for form in self.selectors if form.name.match(name) is not None), None)

    def proposal(self, selector: str, domain: str) -> str | None:
        """The target of a selector's CNAME, without final dot, where the domain alone tells it."""
        form = self.selector(selector)
        if form is None:
            return None
        plain = domain.lower().removesuffix(".")
        values = {
            **(form.name.match(selector) or {}),
            "selector": selector,
            "domain": plain,
            "dashed-domain": plain.replace(".", "-"),
        }
        return next((name for to in form.targets if (name := to.fill(values)) is not None), None)


@dataclass(frozen=True, slots=True)
class Sender:
    """One mail service.

    dkim are alternatives: one of the forms is enough. where tells in which place of the vendor's
    console the values are shown. tails are what every DKIM target of the service ends in.
    verification are exchanges that only prove whose the domain is. default_signer is the domain
    that it signs as where no key is published.
    gateway: mail passes through it, in or out, and what stands behind it is not to be seen in the
      DNS.
    """

    id: str
    name: str
    spf: SpfForm
    envelope: EnvelopeForm = EnvelopeForm()
    dkim: tuple[DkimForm, ...] = ()
    mx: tuple[SenderTemplate, ...] = ()
    verification: tuple[SenderTemplate, ...] = ()
    default_signer: str | None = None
    gateway: bool = False
    where: str = ""
    references: tuple[str, ...] = ()
    checked: datetime.date | None = None
    tails: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def receives_at(self, exchange: str) -> bool:
        """Whether a mail exchanger is one of the service's."""
        return any(form.match(exchange) is not None for form in self.mx)

    def has_mailboxes_at(self, exchange: str, domain: str) -> bool:
        """Whether mail of the domain goes to its own mailboxes there, and not to another domain's.

        Where the exchange names a domain, as Microsoft's does, that has to be the one.
        """
        found = (form.match(exchange) for form in self.mx)
        return any(match is not None and not is_for_another(match, domain) for match in found)

    def takes_bounces_at(self, place: str) -> bool:
        """Whether an exchange or a target is that of a return path of the customer's own."""
        custom = self.envelope.custom
        forms = () if custom is None else custom.places
        return any(form.match(place) is not None for form in forms)

    def is_verification(self, exchange: str) -> bool:
        """Whether an exchange only proves to the service whose the domain is; it takes no mail."""
        return any(form.match(exchange) is not None for form in self.verification)

    def exchange(self, domain: str) -> str | None:
        """The mail exchanger that the domain alone tells; absolute, as is the domain.

        None where the service has several that could be meant, or tells it to its customer only:
        what it makes of a domain's dashes is for it to say.
        """
        fixed = [form.text.partition(".")[0] for form in self.mx if form.fixed]
        if len(set(fixed)) < len(fixed):
            return None  # the same host in several regions
        plain = domain.removesuffix(".")
        values = {"domain": plain}
        name = self.mx[0].fill(values) if self.mx else None
        return None if name is None or len(name.partition(".")[0]) > 63 else f"{name}."


class TargetMatch(NamedTuple):
    """A CNAME target that has a service's form.

    values are what stands in the gaps of the target, in lower case.
    """

    form: DkimForm
    selector: Selector
    target: SenderTemplate
    values: Mapping[str, str]

    @property
    def shared_values(self) -> Mapping[str, str]:
        """The values that must be the same in all of a domain's targets."""
        return {gap: self.values[gap] for gap in self.form.shared if gap in self.values}

    @property
    def expected_selector(self) -> str | None:
        """The selector that this target belongs to; None where the target does not tell it."""
        return self.selector.name.fill(self.values)


def target_matches(sender: Sender, target: str) -> Iterator[TargetMatch]:
    """Every way in which a name can be a DKIM target of the service."""
    if not target.lower().removesuffix(".").endswith(sender.tails):
        return
    for form in sender.dkim:
        for selector in form.selectors:
            for to in selector.targets:
                if (values := to.match(target)) is not None:
                    yield TargetMatch(form, selector, to, values)


def _template_text(text: str) -> str:
    template(text)
    return text


def _plain_name(text: str) -> str:
    read = template(text)
    if not read.fixed:
        raise UnfitValue("no placeholder is allowed here")
    return read.text


_NAME = TextValue("domain name", _plain_name)
_FORM = TextValue("domain name with {placeholders}", _template_text)

PROFILE = Table(
    (
        Entry(
            "id", TextValue(), "The word that `senders` names the service by.", "the table's name"
        ),
        Entry("name", TextValue(), "The service's name in messages.", "the id"),
        Entry("checked", DAY, "When the profile was last compared with the documentation."),
        Entry("references", Many(TextValue("URL")), "The vendor's own documentation.", "[]"),
        Entry("where", TextValue(), "Where the vendor's console shows the values."),
        Entry(
            "spf",
            Table(
                (
                    Entry(
                        "place",
                        Choice.of(SenderPlace, "place"),
                        "Whose SPF record has to name the service.",
                        '"domain"',
                    ),
                    Entry(
                        "need",
                        Choice.of(Need, "need"),
                        "How strongly the vendor asks for the include.",
                        '"required", "none" where place is "none"',
                    ),
                    Entry("includes", Many(_FORM), "Its include; any one is enough.", "[]"),
                    Entry("also", Many(_FORM), "Other domains that belong to it.", "[]"),
                    Entry(
                        "useless-at-domain",
                        FLAG,
                        "It never has the domain itself as envelope sender.",
                        "false",
                    ),
                    Entry("note", TextValue(), "What else there is to say about it."),
                    Entry(
                        "resells",
                        Many(TextValue("sender")),
                        "Services whose hosts its include lets send as well.",
                        "[]",
                    ),
                )
            ),
            "What the service wants in SPF.",
            required=True,
        ),
        Entry(
            "envelope",
            Table(
                (
                    Entry(
                        "default",
                        Choice.of(Envelope, "envelope"),
                        "Whose domain the envelope sender has.",
                        '"unknown"',
                    ),
                    Entry("vendor-domains", Many(_NAME), "The vendor's bounce domains.", "[]"),
                    Entry("note", TextValue(), "What else there is to say about it."),
                    Entry(
                        "custom",
                        Table(
                            (
                                Entry(
                                    "type",
                                    Choice(("CNAME", "MX+TXT"), "type"),
                                    "The records of a custom return path.",
                                    required=True,
                                ),
                                Entry("name", _FORM, "Its usual name below the domain."),
                                Entry("targets", Many(_FORM), "The CNAME's target.", "[]"),
                                Entry("mx", _FORM, "The exchange of its MX."),
                                Entry("include", _NAME, "The include of its SPF record."),
                            )
                        ),
                        "The return path by which the envelope sender becomes the customer's.",
                    ),
                )
            ),
            "The domain of the envelope sender.",
        ),
        Entry(
            "dkim",
            Many(
                Table(
                    (
                        Entry(
                            "type",
                            Choice.of(DkimType, "type"),
                            "Whether the key is published as CNAME or TXT.",
                            required=True,
                        ),
                        Entry(
                            "selectors",
                            Table(
                                rest=Rest(
                                    "<selector>",
                                    Many(_FORM),
                                    _FORM,
                                    "The forms of the CNAME's target; empty for TXT.",
                                )
                            ),
                            "The selectors.",
                            required=True,
                        ),
                        Entry("required", Many(_NAME), "Selectors that must be there.", "[]"),
                        Entry(
                            "minimum",
                            Whole(1, 10),
                            "How many selectors there must be.",
                            "as many as are required, or 1",
                        ),
                        Entry(
                            "proposed",
                            Many(_NAME),
                            "Selectors to propose where there is none.",
                            "the required ones",
                        ),
                        Entry(
                            "shared",
                            Many(Choice(tuple(PLACEHOLDERS), "placeholder", listed=False)),
                            "Placeholders with one value in all targets of a domain.",
                            "[]",
                        ),
                        Entry(
                            "keys-follow",
                            FLAG,
                            "The keys are made once the CNAMEs are published.",
                            "false",
                        ),
                        Entry(
                            "vendor-key",
                            FLAG,
                            "All customers publish one key, the service's own.",
                            "false",
                        ),
                        Entry(
                            "signs-as",
                            Choice(("domain", "sending-domain"), "place"),
                            "The domain in the signature.",
                            '"domain"',
                        ),
                        Entry(
                            "undecided-below",
                            Many(_NAME),
                            "The vendor's names below which a target of unknown form may be right.",
                            "[]",
                        ),
                    )
                )
            ),
            "How the DKIM keys are published.",
            "[]",
        ),
        Entry("mx", Many(_FORM), "The exchanges, where the service receives mail.", "[]"),
        Entry(
            "verification-mx",
            Many(_FORM),
            "Exchanges that only prove ownership of the domain, and receive no mail.",
            "[]",
        ),
        Entry("default-signer", _NAME, "The domain it signs as while no key is published."),
        Entry(
            "gateway",
            FLAG,
            "Mail passes through it, in or out: DNS does not show what is behind it.",
            "false",
        ),
    )
)
"""What a sender's table holds, in our own files and in `[senders.NAME]`."""


def build(sender_id: str, table: object) -> Sender:
    """Make a sender of a table that PROFILE has read without a problem."""
    # PROFILE has checked every type: Any saves a cast for each value
    data = cast(dict[str, Any], table)
    spf = data["spf"]
    place = SenderPlace(spf.get("place", "domain"))
    by_default = Need.NONE if place is SenderPlace.NONE else Need.REQUIRED
    envelope = data.get("envelope", {})
    dkim = tuple(_dkim(form) for form in data.get("dkim", ()))
    targets = (to for form in dkim for selector in form.selectors for to in selector.targets)
    return Sender(
        id=sender_id,
        name=data.get("name", sender_id),
        spf=SpfForm(
            place,
            Need(spf["need"]) if "need" in spf else by_default,
            _templates(spf.get("includes", ())),
            _templates(spf.get("also", ())),
            spf.get("useless-at-domain", False),
            spf.get("note", ""),
            tuple(spf.get("resells", ())),
        ),
        envelope=EnvelopeForm(
            Envelope(envelope.get("default", "unknown")),
            tuple(envelope.get("vendor-domains", ())),
            _return_path(envelope["custom"]) if "custom" in envelope else None,
            envelope.get("note", ""),
        ),
        dkim=dkim,
        mx=_templates(data.get("mx", ())),
        verification=_templates(data.get("verification-mx", ())),
        default_signer=data.get("default-signer"),
        gateway=data.get("gateway", False),
        where=data.get("where", ""),
        references=tuple(data.get("references", ())),
        checked=data.get("checked"),
        tails=tuple(dict.fromkeys(to.tail for to in targets)),
    )


def _return_path(table: dict[str, Any]) -> ReturnPath:
    def form(key: str) -> SenderTemplate | None:
        return template(table[key]) if key in table else None

    return ReturnPath(
        table["type"],
        form("name"),
        _templates(table.get("targets", ())),
        form("mx"),
        table.get("include"),
    )


def _dkim(table: dict[str, Any]) -> DkimForm:
    required = tuple(table.get("required", ()))
    return DkimForm(
        DkimType(table["type"]),
        tuple(Selector(template(n), _templates(to)) for n, to in table["selectors"].items()),
        required,
        table.get("minimum", max(1, len(required))),
        tuple(table.get("proposed", required)),
        tuple(table.get("shared", ())),
        table.get("keys-follow", False),
        table.get("vendor-key", False),
        SenderPlace(table.get("signs-as", "domain")),
        tuple(table.get("undecided-below", ())),
    )


def _templates(texts: tuple[str, ...]) -> tuple[SenderTemplate, ...]:
    return tuple(template(text) for text in texts)

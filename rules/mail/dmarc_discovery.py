"""Which DMARC record covers a domain, as far as this run can see (RFC 9989 §4.10.1).

The zones of the run and the lock are asked. A record that nobody here knows is never taken for one
that is absent; only what would stand at a public suffix is, where it is unknown: such a record
could be no more than the suffix operator's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from zonelint.grammars.tags.dmarc import DmarcRecord, Policy, Reading
from zonelint.grammars.zone import is_below, labels
from zonelint.rules.mail.organisation import is_suffix, policy_at, walk_names
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.subjects import MailZone

_UNNAMED = "any-other-name."
"""The first label of a name that stands for all those that do not exist."""


class CoverRole(Enum):
    """By which tag of the record a domain is covered."""

    ITSELF = "p"
    SUBDOMAIN = "sp"
    NONEXISTENT = "np"


class Cover(NamedTuple):
    """The record that receivers apply to mail from `domain`.

    record: None where there is none, or where it is not known.
    at: the domain it stands at.
    organisation: the organisational domain, None where it is not known.
    missing: the names whose answers are wanting.
    """

    domain: str
    record: DmarcRecord | None
    at: str | None
    role: CoverRole
    organisation: str | None
    missing: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it is certain which record covers the domain, or that none does."""
        return self.record is not None or not self.missing

    @property
    def is_organisational(self) -> bool | None:
        """Whether the domain is an organisational domain; None where that is not known."""
        return None if self.organisation is None else self.organisation == self.domain

    def policy(self, reading: Reading = Reading.RFC9989) -> Policy | None:
        """What receivers are asked to do with mail that fails; None: they apply no DMARC."""
        if self.record is None:
            return None
        effective = self.record.effective(reading)
        match self.role:
            case CoverRole.ITSELF:
                return effective.domain
            case CoverRole.SUBDOMAIN:
                return effective.subdomains
            case CoverRole.NONEXISTENT:
                return effective.nonexistent

    @property
    def enforces(self) -> bool:
        """Whether mail that fails is to be quarantined or refused."""
        return self.policy() not in (None, Policy.NONE)


def covering(context: Context, domain: str) -> Cover:
    """The record that covers an absolute name; worked out once a run."""
    return _discover(domain, context)


def wildcards(zone: MailZone) -> Iterator[str]:
    """The wildcards of a zone that may answer for `_dmarc` below a name (RFC 4592 §2.2)."""
    for type in ("TXT", "CNAME"):
        for owner in zone.zone.table(type):
            if owner.startswith("*.") and "._" not in owner and not zone.zone.is_delegated(owner):
                yield owner


def unnamed_below(wildcard: str) -> str:
    """A name that does not exist, and for whose `_dmarc` the wildcard answers."""
    return _UNNAMED + wildcard[2:]


@lru_cache(maxsize=1 << 10)
def is_reverse(domain: str) -> bool:
    """Whether a name belongs to an address, not to a mail domain."""
    return is_below(domain, "in-addr.arpa.") or is_below(domain, "ip6.arpa.")


@once_a_run
def _discover(domain: str, context: Context) -> Cover:
    """RFC 9989 §4.10.1: the domain's own record, its organisation's, its public suffix's."""
    found: dict[str, DmarcRecord] = {}
    missing: list[str] = []
    organisation = suffix = None
    for at in walk_names(domain):
        certain, record = policy_at(at, context)
        if record is None:
            if (not certain or _may_hide(context, at)) and not _is_suffix(at):
                missing.append(context.answers.ask(f"_dmarc.{at}", "TXT").missing)
            continue
        found[at] = record
        if record.psd == "y" and at != domain:
            organisation, suffix = _below(domain, at), at
            break
        if record.psd in ("y", "n"):
            organisation = at  # the walk ends here, and below the domain itself there is nothing
            break
    if organisation is None:
        organisation = list(found)[-1] if found else domain
    stands = next((at for at in (domain, organisation, suffix) if at in found), None)
    if missing and stands != domain:
        stands = None
    return Cover(
        domain, None if stands is None else found[stands], stands, _role(context, domain, stands),
        None if missing else organisation, tuple(missing),
    )  # fmt: skip


def _role(context: Context, domain: str, at: str | None) -> CoverRole:
    if at is None or at == domain:
        return CoverRole.ITSELF
    gone = context.answers.ask(domain, "A").status is Status.NXDOMAIN
    return CoverRole.NONEXISTENT if gone else CoverRole.SUBDOMAIN


def _may_hide(context: Context, at: str) -> bool:
    """Whether a zone that was not read as a whole answers for the name's record."""
    name = f"_dmarc.{at}"
    zone = context.zone_of(name)
    return zone is not None and not zone.complete and (name, "TXT") not in zone.gone


def _is_suffix(name: str) -> bool:
    return name == "." or is_suffix(name)


def _below(domain: str, ancestor: str) -> str:
    """The name one label below an ancestor, on the way down to the domain."""
    return ".".join(labels(domain)[-len(labels(ancestor)) - 1 :]) + "."


def report_name(domain: str, target: str) -> str:
    """Where a target says that it takes reports about a domain (RFC 9990)."""
    return f"{domain}_report._dmarc.{target}"

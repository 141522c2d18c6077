"""The mail of the aggregate reports, judged again under the zones as they are after a change.

Every flow keeps what the receiver told of it; what the change can have touched is decided anew:

* SPF, where the envelope sender's domain is in a zone of the run and check_host says something
  else than it did before the change;
* alignment, where the policy's mode is another one;
* DKIM, where the signature's selector is in a zone of the run and no longer answers, or with
  another key.

So the difference between now and then is the change's, and no receiver's odd report disturbs it.
Without a side before, everything that the zones of the run can tell is decided anew.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from zonelint.grammars.tags.dmarc import Alignment
from zonelint.rules.core.identity import told_apart
from zonelint.rules.evidence.evidence import DomainEvidence, Flow
from zonelint.rules.mail import networks
from zonelint.rules.mail.check_host import Outcome, Verdict, check_host
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.meaning import (
    KeyFate,
    alignment,
    dmarc_change,
    key_change,
    key_state,
    redacted_in,
    spf_change,
    twins_in,
)
from zonelint.rules.mail.organisation import is_same
from zonelint.rules.model.answers import owner_name
from zonelint.rules.model.context import Context, once_a_run

if TYPE_CHECKING:
    from zonelint.rules.model.repository import Repository


class ReplayMeans(Enum):
    """Why mail is not aligned any more."""

    SPF = "SPF"
    KEY = "key"
    ALIGNMENT = "alignment"


@dataclass(frozen=True, slots=True)
class Loss:
    """Messages that were aligned and would not be.

    where: a network, or the selector's or envelope sender's name.
    addresses: the sources, sorted.
    """

    means: ReplayMeans
    where: str
    messages: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """The messages of the last days, as reported and as they would be; `losses` largest first.

    aligned: as the receivers told.
    then: as it would be.
    open: messages of which nobody can say, counted as they were.
    missing: the names whose answers are wanting for them.
    where: what tells the domain's zone from others of its name, "" where there is none.
    """

    domain: str
    days: int
    messages: int
    aligned: int
    then: int
    open: int = 0
    missing: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    where: str = ""

    @property
    def share(self) -> float:
        """Aligned messages as reported, 0.0 to 1.0."""
        return self.aligned / self.messages if self.messages else 0.0

    @property
    def share_then(self) -> float:
        """Aligned messages as it would be, 0.0 to 1.0."""
        return self.then / self.messages if self.messages else 0.0

    @property
    def is_any(self) -> bool:
        """Whether the change makes any difference to the mail of the reports."""
        return bool(self.losses or self.open) or self.then != self.aligned


def replay(evidence: DomainEvidence, context: Context, days: int = 14) -> Replay:
    """The last *days* days of a domain's reports under the zones of the context."""
    recent = evidence.last_days(days)
    judge = _Judge(context)
    messages = aligned = then = open_ = 0
    missing: dict[str, None] = {}
    lost: dict[tuple[ReplayMeans, str], dict[str, int]] = {}
    for flow in recent.flows:
        judged = judge(flow)
        messages += flow.count
        aligned += flow.count if flow.aligned else 0
        then += flow.count if judged.aligned else 0
        if judged.missing:
            open_ += flow.count
            missing |= dict.fromkeys(judged.missing)
        if flow.aligned and not judged.aligned:
            sources = lost.setdefault((judged.means, judged.where), {})
            sources[flow.source_ip] = sources.get(flow.source_ip, 0) + flow.count
    losses = (
        Loss(means, where, sum(sources.values()), tuple(sorted(sources)))
        for (means, where), sources in lost.items()
    )
    return Replay(
        recent.domain, len(recent.days), messages, aligned, then, open_, tuple(missing),
        tuple(sorted(losses, key=lambda loss: (-loss.messages, loss.where))),
    )  # fmt: skip


def realigned(evidence: DomainEvidence, context: Context) -> DomainEvidence:
    """The reports of a domain as receivers would make them if the alignment alone had changed."""
    judge = _Judge(context, is_of_alignment=True)
    return replace(evidence, flows=tuple(map(judge.realigned, evidence.flows)))


@dataclass(frozen=True, slots=True)
class _Judged:
    aligned: bool
    missing: tuple[str, ...] = ()
    means: ReplayMeans = ReplayMeans.ALIGNMENT
    where: str = ""


@dataclass(frozen=True, slots=True)
class ReplaySpf:
    """What SPF says of an address and an envelope sender's domain, before and after.

    before is None where there is no side before.
    """

    before: Verdict | None
    after: Verdict

    @property
    def is_changed(self) -> bool:
        """Whether the result is, or may be, another one."""
        return (
            self.before is None
            or self.before.result is not self.after.result
            or self.after.result is Outcome.UNDECIDED
        )


@once_a_run
def judged_spf(address: str, domain: str, context: Context) -> ReplaySpf | None:
    """SPF for an address (as text) and a domain (absolute).

    None where the run's zones do not hold the domain, or where its SPF means what it did.
    """
    if context.zone_of(domain) is None or not address:
        return None
    before = context.previous
    if before is not None and spf_change(domain, context) is None:
        return None
    ip = ipaddress.ip_address(address)
    old = None if before is None else check_host(ip, domain, before.answers)
    return ReplaySpf(old, check_host(ip, domain, context.answers))


class _Judge:
    """Judges one flow after the other.

    is_of_alignment: whether only a changed mode counts, and neither SPF nor keys.
    """

    def __init__(self, context: Context, *, is_of_alignment: bool = False) -> None:
        self.context = context
        self._is_of_alignment = is_of_alignment
        self._known_modes: dict[str | None, tuple[Alignment | None, Alignment | None]] = {}
        self._known_keys: dict[str, KeyFate | None] = {}

    def realigned(self, flow: Flow) -> Flow:
        spf, dkim = self._both(flow)
        return replace(flow, spf_aligned=spf.aligned, dkim_aligned=dkim.aligned)

    def _both(self, flow: Flow) -> tuple[_Judged, _Judged]:
        """By SPF, and by DKIM."""
        header = owner_name(flow.header_from)
        if header not in self._known_modes:
            self._known_modes[header] = self._modes(header)
        dkim_mode, spf_mode = self._known_modes[header]
        return self._spf(flow, header, spf_mode), self._dkim(flow, header, dkim_mode)

    def __call__(self, flow: Flow) -> _Judged:
        spf, dkim = self._both(flow)
        if spf.aligned or dkim.aligned:
            decided = (spf.aligned and not spf.missing) or (dkim.aligned and not dkim.missing)
            return _Judged(True, () if decided else (*spf.missing, *dkim.missing))
        lost = dkim if flow.dkim_aligned and not flow.spf_aligned else spf
        return _Judged(False, (), lost.means, lost.where)

    def _modes(self, header: str | None) -> tuple[Alignment | None, Alignment | None]:
        """The modes after the change, where they are other than before; None elsewhere."""
        if header is None:
            return None, None
        before = self.context.previous
        if before is None:
            after = covering(self.context, header)
            return alignment(after) if after.record is not None else (None, None)
        change = dmarc_change(header, before, self.context)
        if change is None or change.missing:
            return None, None
        old, new = alignment(change.before), alignment(change.after)
        return (
            None if old[0] is new[0] else new[0],
            None if old[1] is new[1] else new[1],
        )

    def _spf(self, flow: Flow, header: str | None, mode: Alignment | None) -> _Judged:
        domain = owner_name(flow.envelope_domain) if flow.envelope_domain else None
        judged = None
        if domain is not None and not self._is_of_alignment:
            judged = judged_spf(flow.source_ip, domain, self.context)
        if judged is None or not judged.is_changed or domain is None:
            if mode is None or header is None or domain is None or not passed_spf(flow):
                return _Judged(flow.spf_aligned)
            fits = self._aligned(domain, header, mode, of=1)
            return _Judged(fits, (), ReplayMeans.ALIGNMENT, flow.envelope_domain)
        if judged.after.result is Outcome.UNDECIDED:
            return _Judged(flow.spf_aligned, judged.after.missing)
        if judged.after.result is not Outcome.PASS:
            return _Judged(False, (), ReplayMeans.SPF, self._network(flow.source_ip, domain))
        fits = flow.spf_aligned if header is None else self._aligned(domain, header, mode, of=1)
        return _Judged(fits, (), ReplayMeans.ALIGNMENT, flow.envelope_domain)

    def _dkim(self, flow: Flow, header: str | None, mode: Alignment | None) -> _Judged:
        passed = [each for each in flow.dkim if each.result == "pass" and each.domain]
        if not passed or header is None:
            return _Judged(flow.dkim_aligned)
        missing: list[str] = []
        lost = _Judged(False, (), ReplayMeans.ALIGNMENT, passed[0].domain)
        for signature in passed:
            signer = owner_name(signature.domain)
            if signer is None:
                continue
            if mode is None and not flow.dkim_aligned:
                continue
            if not self._aligned(signer, header, mode, of=0):
                continue
            owner = owner_name(f"{signature.selector}._domainkey.{signature.domain}")
            fate = None if owner is None or not signature.selector else self._key(owner)
            if owner is not None and fate in (KeyFate.REMOVED, KeyFate.CHANGED):
                lost = _Judged(False, (), ReplayMeans.KEY, owner)
            elif owner is not None and fate is KeyFate.UNKNOWN:
                missing.append(owner)
            else:
                return _Judged(True)
        return _Judged(True, tuple(missing)) if missing else lost

    def _key(self, owner: str) -> KeyFate | None:
        """What became of a selector; None where it answers as before, or is not ours to say."""
        if owner not in self._known_keys:
            self._known_keys[owner] = self._fate(owner)
        return self._known_keys[owner]

    def _fate(self, owner: str) -> KeyFate | None:
        if self._is_of_alignment or self.context.zone_of(owner) is None:
            return None
        before = self.context.previous
        if before is not None:
            change = key_change(owner, before, self.context)
            return None if change is None else change.fate
        return KeyFate.REMOVED if key_state(owner, self.context).is_live is False else None

    def _aligned(self, domain: str, header: str, mode: Alignment | None, *, of: int) -> bool:
        """RFC 9989 §4.4; without a changed mode that which holds for the header's domain.

        of: 0 for DKIM's mode, 1 for SPF's.
        """
        if domain == header:
            return True
        if mode is None:
            mode = alignment(covering(self.context, header))[of]
        return mode is Alignment.RELAXED and is_same(domain, header, self.context)

    def _network(self, address: str, domain: str) -> str:
        """The lost network around an address, else the address."""
        before = self.context.previous
        change = None if before is None else spf_change(domain, self.context)
        for network in change.lost if change is not None and address else ():
            if ipaddress.ip_address(address) in network:
                return networks.spelt(network)
        return address


def passed_spf(flow: Flow) -> bool:
    return flow.spf_aligned or any(
        result.result == "pass" and result.domain == flow.envelope_domain for result in flow.spf
    )


def replays(repository: Repository, days: int = 14) -> Iterator[Replay]:
    """A replay for each domain of the reports that is in a zone of the run and can be shown."""
    is_redacted = redacted_in(repository)
    twins = twins_in(repository)
    told_of = (seat for seat in repository.judged if seat.place.settings.evidence)
    for context in dict.fromkeys(seat.mail.context for seat in told_of):
        for evidence in context.evidence or ():
            domain = owner_name(evidence.domain)
            if domain is None or is_redacted(domain):
                continue
            holder = context.zone_of(domain)
            if holder is None:
                continue
            found = replay(evidence, context, days)
            yield replace(found, where=told_apart(holder.identity, twins))

"""What to do about a bounce, in the order in which it should be done."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set

from zonelint.formats.report import proposal
from zonelint.grammars.listing import listed, spelled
from zonelint.grammars.zone import without_dot
from zonelint.providers.bounces.bounce import TracedMessage
from zonelint.providers.bounces.trace import is_failure
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.rule import Tells
from zonelint.rules.model.remedy import lock_helps
from zonelint.triage.diagnosis import Diagnosis, PublishedMail, in_view

_DAY = 86_400


def steps(diagnosis: Diagnosis, documents: Mapping[ZoneId, str]) -> Iterator[str]:
    """First the records, then what the sending side must do, then the proof, then the ticket.

    `documents` are the root documents of the zones, for the commands to type.
    """
    findings = diagnosis.findings
    if diagnosis.owner is not None:
        yield (
            f"Send from a domain of your own: only {diagnosis.owner} can send mail with "
            f"{diagnosis.domain} in From. Put an address of your own domain there, and the "
            "person's address in Reply-To."
        )
    if diagnosis.inside:
        yield (
            "Leave the zone as it is, and ask the receiver to evaluate the host that connects to "
            f"it: {diagnosis.inside} belongs to its own internal network."
        )
    for suspicion in diagnosis.in_dns:
        codes = ", ".join(dict.fromkeys(finding.code for finding in suspicion.findings))
        yield f"{suspicion.cause.step} ({codes})"
    if findings:
        yield from _records(diagnosis, documents)
    if any(lock_helps(each.missing) for each in diagnosis.undecided):
        yield (
            "Run 'zonelint lock' and this command again: some rules could not decide without the "
            "records that the zones refer to."
        )
    if diagnosis.domain and not diagnosis.states and diagnosis.owner is None:
        yield (
            f"Run this command again with the zone of {diagnosis.domain} (--zones): its records "
            "were not checked."
        )
    if diagnosis.states and not findings and not diagnosis.inside:
        yield from _without_findings(diagnosis)
    for verdict in diagnosis.verdicts:
        if not verdict.is_clear:
            continue
        place = in_view(verdict.view, len(diagnosis.verdicts))
        yield (
            f"Find out which service {verdict.client} belongs to: the SPF record of "
            f"{verdict.domain}{place} says {verdict.result} for it. If it is yours, it belongs "
            "into the record; if not, the message was not yours to lose."
        )
    if diagnosis.bounce.listed and not diagnosis.bounce.answers:
        yield from _open_one(diagnosis.bounce.listed)
    for suspicion in sorted(diagnosis.outside, key=lambda each: each.cause.id != "signing"):
        yield suspicion.cause.step
    causes = {each.cause.id for each in diagnosis.suspicions}
    if diagnosis.sent_by is not None and diagnosis.sent_by.id == "microsoft":
        yield from _microsoft(causes)
    if causes & {"connection", "throttling", "forced-tls"}:
        yield (
            "Until it is fixed: write to important recipients from another mailbox or through "
            "another relay that is in your SPF record, or ask them for another address. Undo "
            "this once mail arrives again."
        )
    if any(suspicion.cause.in_dns for suspicion in diagnosis.suspicions):
        yield (
            "Send a message to a mailbox of your own at another provider and read its "
            "Authentication-Results: spf, dkim and dmarc should all be pass."
        )
    yield f"If it bounces again, send the ticket below to {' and to '.join(_desks(diagnosis))}."
    if diagnosis.states and diagnosis.owner is None:
        yield (
            "Watch bounces and DMARC reports for 7 to 14 days after the change ('zonelint "
            "reports'), and only then move to the next phase of DMARC."
            f"{_tightening(diagnosis)}"
        )


def _microsoft(causes: Set[str]) -> Iterator[str]:
    """What an administrator of Microsoft 365 can look at; portals say where."""
    if not causes & {"connection", "throttling", "forced-tls", "connector"}:
        return
    yield (
        "Look into Service Health (Microsoft 365 admin centre, Health) for an Exchange Online "
        "incident (EX and a number): if there is one, wait until it is resolved."
    )
    yield (
        "Check the outbound connectors (Exchange admin centre, Mail flow, Connectors): for these "
        "receivers there should be none, or at least none that forces TLS or a certificate name. "
        "Anything that relays or encrypts mail on its way out must support TLS 1.2 and send the "
        "receiver's host name (SNI)."
    )
    yield (
        "Send bulk mail in small batches over hours, or through a separate service under a "
        "subdomain; personal mail should not wait behind it."
    )


def _open_one(listed: Sequence[TracedMessage]) -> Iterator[str]:
    """A list tells that messages failed; what the hosts said stands in the detail of each."""
    failed = next((each for each in listed if is_failure(each.status)), None)
    if failed is None:
        return
    which = f" -MessageTraceId {failed.trace_id}" if failed.trace_id else ""
    yield (
        "Open one of the failed messages, because the list does not show what the hosts said: "
        f"Get-MessageTraceDetailV2{which} -RecipientAddress {failed.recipient} | Export-Csv "
        "detail.csv, then 'zonelint triage detail.csv'."
    )


def _without_findings(diagnosis: Diagnosis) -> Iterator[str]:
    """What to do where the bounce names records and none of the zones' is at fault."""
    named = [each.cause.name for each in diagnosis.suspicions if each.named and each.cause.in_dns]
    lacks = describe_absent(diagnosis.states)
    if named and lacks:
        yield (
            f"Publish what {diagnosis.domain} lacks ({lacks}): the sending service "
            "shows the records, and 'zonelint propose' writes them once zonelint.toml declares "
            "it."
        )
    elif named:
        said = "; ".join(f"'{name}'" for name in named)
        yield (
            f"Compare what DNS answers with the zones that were read: the bounce says {said}, and "
            "nothing in the zones explains it. Perhaps they are not deployed, or the message "
            "came from a host that they do not list."
        )


def describe_absent(states: Sequence[PublishedMail]) -> str:
    """What the domain lacks, and in which view; empty where it lacks nothing."""
    return "; ".join(
        f"{listed(state.absent)}{in_view(state.view, len(states))}"
        for state in states
        if state.absent
    )


def _desks(diagnosis: Diagnosis) -> Iterator[str]:
    """Who can look into the logs: the provider that sends, and whoever refused."""
    sending, refusing = diagnosis.sent_by, diagnosis.refused_by
    if sending is not None and sending.customers:
        yield f"your own provider ({sending.customers})"
    if refusing is None:
        yield "the operator of the receiving host"
    elif refusing is not sending:
        yield f"{refusing.name} ({refusing.support})"


def _records(diagnosis: Diagnosis, documents: Mapping[ZoneId, str]) -> Iterator[str]:
    """How to write the records, and how long the old ones live on."""
    proposed = [each for each in _proposed(diagnosis) if each.code not in _later(diagnosis)]
    if proposed:
        codes = ",".join(dict.fromkeys(finding.code for finding in proposed))
        paths = dict.fromkeys(documents[each.zone] for each in proposed if each.zone in documents)
        command = shlex.join(["zonelint", "check", "--diff", "--fix-proposed", codes, *paths])
        yield (
            f"Review the change with '{command}', then write it without --diff and deploy the zone."
        )
    longest = max(map(_remembered, proposed), default=0)
    if longest:
        owner = next(without_dot(each.owner) for each in proposed if _remembered(each) == longest)
        yield (
            f"Wait until the old records have expired: those of {owner} may be cached for "
            f"{spelled(longest)}."
        )


def _proposed(diagnosis: Diagnosis) -> list[Finding]:
    return [finding for finding in diagnosis.findings if proposal(finding) is not None]


def _later(diagnosis: Diagnosis) -> set[str]:
    """Rules whose change has more mail refused: it waits until the domain's own mail passes."""
    return {each.code for each in diagnosis.findings if Tells.TIGHTENS in each.rule.tells}


def _tightening(diagnosis: Diagnosis) -> str:
    """Which proposals wait until then, as a sentence."""
    later = _later(diagnosis)
    codes = dict.fromkeys(each.code for each in _proposed(diagnosis) if each.code in later)
    return f" The change for {listed(list(codes))} waits until then too." if codes else ""


def _remembered(finding: Finding) -> int:
    """Seconds for which a record that the finding changes may still be answered from caches."""
    if finding.change is None:
        return 0
    return max(
        (edit.before.ttl or 0 for edit in finding.change.edits if edit.before is not None),
        default=0,
    )

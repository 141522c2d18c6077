"""What to do about a bounce, in the order in which it should be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zonelint.formats.report import proposal
from zonelint.grammars.zone import spoken
from zonelint.rules.core.finding import Finding
from zonelint.triage.diagnosis import Diagnosis

_DAY = 86_400


def steps(diagnosis: Diagnosis, paths: Iterable[str]) -> Iterator[str]:
    """First the records, then what the sending side must do, then the proof, then the ticket.

    ``paths`` are those that the zones were read from, for the commands to type.
    """
    findings = diagnosis.findings
    for suspicion in diagnosis.in_dns:
        codes = ", ".join(dict.fromkeys(finding.code for finding in suspicion.findings))
        yield f"{suspicion.cause.step} ({codes})"
    if findings:
        yield from _records(findings, " ".join(["", *paths]))
    if diagnosis.undecided:
        yield (
            "Run 'zonelint lock' and this command again: some rules could not decide without "
            "knowing what the zones name."
        )
    if diagnosis.domain and diagnosis.state is None:
        yield (
            f"Run this command again with the zone of {diagnosis.domain} (--zones): its records "
            "were not looked at."
        )
    if diagnosis.state is not None and not findings:
        named = [
            each.cause.name for each in diagnosis.suspicions if each.named and each.cause.in_dns
        ]
        absent = diagnosis.state.absent
        if named and absent:
            yield (
                f"Publish for {diagnosis.domain} what it lacks ({listed(absent)}): the service "
                "that sends shows the records, and 'zonelint propose' writes them once "
                "zonelint.toml declares it."
            )
        elif named:
            said = "; ".join(f"'{name}'" for name in named)
            yield (
                f"Compare what DNS answers with the zones that were read: the bounce says {said}, "
                "and nothing in the zones explains it. Perhaps they are not deployed, or the "
                "message came from a host that they do not know."
            )
    if diagnosis.verdict is not None and diagnosis.verdict.result not in ("pass", "undecided"):
        verdict = diagnosis.verdict
        yield (
            f"Find out which service {verdict.client} belongs to: the SPF record of "
            f"{verdict.domain} says {verdict.result} to it. If it is yours, it belongs into the "
            "record; if not, the message was not yours to lose."
        )
    for suspicion in sorted(diagnosis.outside, key=lambda each: each.cause.id != "signing"):
        yield suspicion.cause.step
    if any(suspicion.cause.in_dns for suspicion in diagnosis.suspicions):
        yield (
            "Send a message to a mailbox of your own at another provider and read its "
            "Authentication-Results: spf, dkim and dmarc should all say pass."
        )
    yield f"If it bounces again, send the ticket below to {' and to '.join(_desks(diagnosis))}."


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _desks(diagnosis: Diagnosis) -> Iterator[str]:
    """Who can look into the logs: the provider that sends, and whoever refused."""
    sending, refusing = diagnosis.sent_by, diagnosis.refused_by
    if sending is not None and sending.customers:
        yield f"your own provider ({sending.customers})"
    if refusing is None:
        yield "whoever runs the refusing host"
    elif refusing is not sending:
        yield f"{refusing.name} ({refusing.support})"


def _records(findings: tuple[Finding, ...], paths: str) -> Iterator[str]:
    """How to write the records, and how long the old ones live on."""
    proposed = [finding for finding in findings if proposal(finding) is not None]
    if proposed:
        codes = ",".join(dict.fromkeys(finding.code for finding in proposed))
        yield (
            f"Look at the change with 'zonelint check --diff --fix-proposed {codes}{paths}', then "
            "write it without --diff and deploy the zone."
        )
    longest = max(map(_remembered, findings), default=0)
    if longest:
        owner = next(spoken(each.owner) for each in findings if _remembered(each) == longest)
        yield (
            f"Wait until the old records are forgotten: those of {owner} may be remembered for "
            f"{_spelled(longest)}."
        )


def _remembered(finding: Finding) -> int:
    """Seconds for which a record that the finding changes may still be answered from caches."""
    if finding.change is None:
        return 0
    return max(
        (edit.before.ttl or 0 for edit in finding.change.edits if edit.before is not None),
        default=0,
    )


def _spelled(seconds: int) -> str:
    for size, word in ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            number = -(-seconds // size)
            return f"{number} {word}{'' if number == 1 else 's'}"
    return "no time"

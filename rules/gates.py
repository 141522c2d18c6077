"""Gates that rules of several families share: what must be there for them to say anything."""

from __future__ import annotations

from zonelint.rules.subjects import MailZone, TxtSubject


def intent_is_declared(subject: TxtSubject | MailZone) -> bool:
    """For rules that hold a record against zonelint.toml."""
    return subject.context.intent is not None


def evidence_is_there(subject: TxtSubject | MailZone) -> bool:
    """For rules that only aggregate reports make speak."""
    return subject.context.evidence is not None

"""A bounce without what points to people: mailboxes keep their domain, addresses their network.

Equal mailboxes stay equal, so that the story can still be followed. Message ids stay: a support
desk finds nothing without them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from zonelint.providers.bounces.bounce import MAILBOX, Bounce, SmtpReply
from zonelint.triage.diagnosis import Diagnosis

_IP4 = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}(?![\d.])")
_IP6 = re.compile(
    r"(?<![0-9A-Za-z:.])([0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}):[0-9A-Fa-f:.]{2,40}(?![0-9A-Za-z])"
)
_INSIDE = (".local", ".lan", ".internal", ".intra", ".corp", ".home.arpa")


class Redactor:
    """Masks texts; the same mailbox becomes the same word in all of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        """The text with every mailbox and every address masked."""
        text = MAILBOX.sub(self._mailbox, text)
        text = _IP4.sub(r"\1.x.x", text)
        return _IP6.sub(r"\1:x", text)

    def _mailbox(self, match: re.Match[str]) -> str:
        mailbox = match[0].lower()
        number = self._numbers.setdefault(mailbox, len(self._numbers) + 1)
        return f"masked{number}@{match[1].lower()}"

    def bounce(self, bounce: Bounce) -> Bounce:
        """The bounce with everything masked that is shown of it."""

        def maybe(text: str | None) -> str | None:
            return None if text is None else self(text)

        return replace(
            bounce,
            answers=tuple(self._answer(answer) for answer in bounce.answers),
            sender=maybe(bounce.sender),
            envelope_sender=maybe(bounce.envelope_sender),
            recipients=tuple(map(self, bounce.recipients)),
            addresses=tuple(map(self, bounce.addresses)),
            client=maybe(bounce.client),
            nodes=tuple(map(_node, bounce.nodes)),
            tries=tuple(
                replace(
                    each,
                    said=self(each.said),
                    node=each.node and _node(each.node),
                    address=maybe(each.address),
                )
                for each in bounce.tries
            ),
        )

    def diagnosis(self, diagnosis: Diagnosis) -> Diagnosis:
        """The diagnosis with everything masked that is shown of its bounce."""
        return replace(
            diagnosis,
            bounce=self.bounce(diagnosis.bounce),
            explained=tuple(
                replace(each, answer=self._answer(each.answer)) for each in diagnosis.explained
            ),
            inside=diagnosis.inside and self(diagnosis.inside),
            verdicts=tuple(replace(each, client=self(each.client)) for each in diagnosis.verdicts),
        )

    def _answer(self, answer: SmtpReply) -> SmtpReply:
        return replace(answer, text=self(answer.text))


def _node(name: str) -> str:
    """A host's name; one that only an internal network knows can be a person's computer."""
    if "." not in name or name.endswith(_INSIDE):
        return "(internal host)"
    return _IP4.sub(r"\1.x.x", name)

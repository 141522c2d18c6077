"""The fields of a delivery status (RFC 3464), in a mail or in text that was copied out of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from zonelint.providers.bounces.bounce import SmtpReply, answers_in

Group = dict[str, str]
"""The fields of one block of a delivery status, by their names in lower case."""

_MARKS = re.compile(r"^(?:final-recipient|diagnostic-code)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(r"\n\s*\n")
_FOLD = re.compile(r"\n[ \t]+")


def has_status(text: str) -> bool:
    """Whether fields of a delivery status stand in a text."""
    return _MARKS.search(text) is not None


def groups_in(text: str) -> Iterator[Group]:
    """The blocks of a delivery status: of the message first, then one for each recipient."""
    for block in _BLANK.split(text):
        pairs = (line.partition(":") for line in _FOLD.sub(" ", block).split("\n") if ":" in line)
        group = {name.strip().lower(): " ".join(value.split()) for name, _, value in pairs}
        if group:
            yield group


def answers_of(groups: Iterable[Group]) -> list[SmtpReply]:
    """What the hosts said: the diagnostic text first, for the status may be a translation of it.

    A text without a code of its own belongs to the status beside it. A status that says nothing
    in particular is left out where something else is said.
    """
    lines = []
    for group in filter(failed, groups):
        said = group.get("diagnostic-code", "").partition(";")[2].strip()
        status = group.get("status", "")
        lines += [f"{status} {said}"] if said and not answers_in(said) else [said, status]
    found = answers_in("\n".join(lines))
    telling = [each for each in found if each.text or not (each.status or "").endswith(".0.0")]
    return telling or list(found)


def failed(group: Group) -> bool:
    """Whether the block tells of a recipient that the message did not reach, or not yet."""
    return group.get("action", "failed").lower().split(" ")[0] in ("failed", "delayed")

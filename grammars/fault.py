"""What is wrong with a piece of a record's text, and where.

A fault is an object with a kind, so that a rule can pick the kinds that it reports
and never has to read a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FaultKind(Enum):
    """The kinds of fault that rules tell apart. The value is the word used in `features`."""

    SYNTAX = "syntax"
    """The grammar does not allow the text, and no kind below says more."""
    MACRO = "macro"
    """An SPF macro that RFC 7208 section 7 does not allow."""
    CIDR = "cidr"
    """A prefix length out of range or badly written, or an address of the other family."""
    NON_ASCII = "non-ascii"
    """A character that was pasted in: typographic quote or dash, odd blank, any non-ASCII."""
    UNICODE_DOMAIN = "unicode-domain"
    """A domain name with a U-label where DNS needs the A-label (`xn--…`)."""
    DUPLICATE = "duplicate"
    """Something that may stand once stands again. The place is the second one's."""
    VERSION = "version"
    """The version is missing, misspelt or not in front: receivers do not see the record."""
    MISSING = "missing"
    """Something required is absent. The place is where it would stand."""
    UNKNOWN = "unknown"
    """A name that no RFC defines, in a place where unknown names are ignored."""
    POLICY_VALUE = "policy-value"
    """A DMARC policy (`p`, `sp`, `np`) other than none, quarantine or reject."""
    TAG_VALUE = "tag-value"
    """A value that a tag of a tag list does not take, where no kind beside it says more."""
    UNKNOWN_TAG = "unknown-tag"
    """A tag that no RFC defines: receivers ignore it."""
    REPORT_URI = "report-uri"
    """An address for reports that receivers cannot use."""
    KEY = "key"
    """A DKIM `p=` that is no public key of the declared type."""
    PASTED = "pasted"
    """Plain quotes, backslashes or armour lines that a copy or a web form left in a key."""
    SUSPECT = "suspect"
    """The grammar allows it, and nobody can have meant it. Used for hints, not for faults."""


class TextRefused(Exception):
    """A text that cannot be used. `message` and `advice` are sentences for the user."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a decoded record text.

    start, end: character offsets into the text, from 0, end exclusive.
    message: one plain sentence for a DNS keeper.
    suggestion: what should stand in place of text[start:end]; None unless there is exactly one
      sensible answer ("" means: remove it).
    """

    kind: FaultKind
    start: int
    end: int
    message: str
    suggestion: str | None = None

    def shifted(self, distance: int) -> Fault:
        """The same fault, `distance` characters further right."""
        if distance == 0:
            return self
        return Fault(
            self.kind,
            self.start + distance,
            self.end + distance,
            self.message,
            self.suggestion,
        )

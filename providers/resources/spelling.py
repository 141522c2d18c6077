"""How each provider writes names and texts, for messages, proposals and fixes.

What is particular to a provider stands in the table; here is only what follows from it.
"""

from __future__ import annotations

import json

from zonelint.grammars.masterfile.rdata import NAME_FIELDS
from zonelint.grammars.rdata import split_octets
from zonelint.grammars.spelling import Spelling
from zonelint.grammars.zone import TEXT_TYPES, is_below, relative, without_dot
from zonelint.rules.mail.proof import text_of

from .kinds import NameForm, RecordKind, Targets, TxtForm
from .texts import Style, Written, write

_SPLIT = {
    TxtForm.INNER: r'`"v=DKIM1; p=first part\"\"second part"`',
    TxtForm.PRESENTATION: r'`"\"v=DKIM1; p=first part\" \"second part\""`',
    TxtForm.EITHER: r'`"\"v=DKIM1; p=first part\" \"second part\""`',
    TxtForm.STRINGS: '`["v=DKIM1; p=first part", "second part"]`',
}


class ResourceSpelling(Spelling):
    """The spelling of a resource type, in a zone where it is known.

    like: what is written now, whose quotes are kept or left out.
    """

    def __init__(self, kind: RecordKind, origin: str | None = None, like: Written = "") -> None:
        self.kind = kind
        self.origin = origin
        self.like = like
        self.owner_dots = False
        self.target_dots = kind.targets is Targets.RELATIVE
        example = _SPLIT.get(kind.text)
        if example is not None:
            self.split = (
                f"Split the text into strings of at most 255 octets, as in {example}; receivers "
                "join them."
            )

    def owner(self, name: str) -> str:
        kind = self.kind
        if self.origin is not None and is_below(name, self.origin):
            apex = kind.apex if kind.apex is not None else None
            if kind.names is NameForm.RELATIVE:
                written = relative(name, self.origin)
                return (apex or '""') if written == "@" else written
        return name if kind.final_dot else without_dot(name)

    def value(self, type: str, rdata: str) -> str:
        if type in TEXT_TYPES:
            octets = text_of(rdata).encode("utf-8", "surrogateescape")
            kind = self.kind
            style = Style(kind.text, kind.cut, kind.octal, kind.comments)
            return json.dumps(write(split_octets(octets), style, self.like), ensure_ascii=False)
        if self.target_dots or self.kind.final_dot:
            return rdata
        fields = rdata.split(" ")
        for index in NAME_FIELDS.get(type, ()):
            if index < len(fields) and fields[index] != ".":
                fields[index] = without_dot(fields[index])
        return " ".join(fields)

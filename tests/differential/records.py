"""Records and zones out of a folder: whatever looks like one in any text file, of any kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zonelint.grammars.masterfile.tokens import looks_like_zone

_LARGEST = 8 << 20
_RECORD = re.compile(
    r"(?:v=spf1|v=DMARC1|v=DKIM1|k=rsa|k=ed25519)(?:[^\"'`\r\n\\]|\\[;\"])*", re.IGNORECASE
)
_KEY = re.compile(r"\bp\s*=\s*[A-Za-z0-9+/]")


@dataclass
class Material:
    """What is compared. Records each once, in the order in which they were found."""

    spf: dict[str, None] = field(default_factory=dict)
    dmarc: dict[str, None] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    yaml: dict[str, str] = field(default_factory=dict)

    def add_record(self, text: str) -> None:
        lowered = text.lower()
        if lowered.startswith("v=spf1"):
            self.spf[text] = None
        elif lowered.startswith("v=dmarc1"):
            self.dmarc[text] = None
        elif _KEY.search(text):
            self.keys[text] = None


def gathered(folder: Path) -> Material:
    """Everything that the folder's files hold. Files that are too large or binary are left out."""
    found = Material()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > _LARGEST:
            continue
        octets = path.read_bytes()
        if b"\0" in octets:
            continue
        text = octets.decode("utf-8", "surrogateescape")
        for record in _records(text):
            found.add_record(record)
        if path.suffix in (".yaml", ".yml"):
            found.yaml[str(path)] = text
        elif path.suffix in ("", ".zone", ".db", ".good", ".text", ".tst") and looks_like_zone(
            text
        ):
            found.zones[str(path)] = text
    return found


def _records(text: str) -> Iterator[str]:
    for match in _RECORD.finditer(text):
        yield match[0].replace("\\;", ";").replace('\\"', '"')

"""Which files mention a name or a key, by their octets: what few of many files have to be read for.

A name is found by its labels, each of which its text has somewhere: behind `$ORIGIN`, between the
strings of a long record, in a part that is included. A file may be found that means something else;
none is missed that writes its labels out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from zonelint.grammars.listing import reached
from zonelint.grammars.zone import labels, parent
from zonelint.providers.files import Files
from zonelint.providers.zonefile.parts import parts_named
from zonelint.providers.zonefile.reader import ReadError, load

_MOST_HELD = 1 << 26
"""Octets that are kept; those of further files are read again for each look."""

_MOST_OF_MANY = 1 << 13
"""Octets of most of many files: those have no need of all that reading a large one takes."""
_MOST_LOOKS = 40
_BETWEEN = re.compile(rb'"(?:[\s()]++|;[^\n]*+\n){1,20}+"')
"""What is between two strings of a text."""
_FOLDED = re.compile(rb"\\\r?\n[ \t]*+")
"""What is between two lines of a string."""
_ESCAPE = re.compile(rb"\\(?:([0-9]{3})|([^0-9]))", re.DOTALL)

GENERATED = b"$generate"
"""What makes names of which only parts are written out."""
MACRO = b"%{"
"""What stands for a part of a name in SPF."""
Marks = Callable[[bytes], Iterable[bytes]]
"""What texts have in common that tell the same, in a text in lower case."""


class Mentions:
    """Looks into files for what they mention. Each is read when the first is looked for."""

    def __init__(self, paths: Collection[str], known: Mapping[str, bytes], disk: Files) -> None:
        """`known`: the octets of files that have been read already."""
        self._paths = paths
        self._known = known
        self._disk = disk
        self._texts: dict[str, bytes] = {}
        self._held = 0
        self._looks = 0
        self._parts: dict[Path, bytes] = {}
        self._parts_of: dict[str, Sequence[Path]] = {}
        self._leading: dict[Path, Sequence[Path]] = {}
        self._having: dict[str, Sequence[str]] = {}
        self._marked: dict[Marks, dict[bytes, list[str]]] = {}

    def of_name(self, name: str) -> Sequence[str]:
        """The files that may write a name out."""
        if name == ".":
            return list(self._paths)
        found = self._having.get(name)
        if found is None:
            words = spellings(labels(name)[0])
            found = self._having[name] = self.of_words(words, self.of_name(parent(name)))
        return found

    def of_words(self, words: Sequence[bytes], paths: Iterable[str]) -> list[str]:
        """Those of some files that have one of the words, which is in lower case."""
        parts: dict[Path, bool] = {}
        found = []
        for path in paths:
            text = self._texts.get(path) or self._text(path)
            if _has(text, words) or (path in self._parts_of and self._part_has(path, words, parts)):
                found.append(path)
        return found

    def _part_has(self, path: str, words: Sequence[bytes], known: dict[Path, bool]) -> bool:
        for part in self._parts_of[path]:
            if part not in known:
                known[part] = _has(self._parts[part], words)
            if known[part]:
                return True
        return False

    def including(self, parts: Collection[str]) -> list[str]:
        """The files that include one of some files, which are real paths."""
        self._all_parts()
        return [
            path
            for path, included in self._parts_of.items()
            if any(str(part) in parts for part in included)
        ]

    def of_mark(self, marks: Marks, mark: bytes) -> Sequence[str]:
        """The files whose text has a mark, which is looked for, or looked up where many are."""
        found = self._marked.get(marks)
        if found is None and self._looks < _MOST_LOOKS:
            self._looks += 1
            return self.of_words((mark,), self._paths)
        if found is None:
            found = self._marked[marks] = {}
            parts = {part: set(marks(text)) for part, text in self._all_parts().items()}
            for path in self._paths:
                own = (parts[part] for part in self._parts_of.get(path, ()))
                for each in set(marks(self._text(path))).union(*own):
                    found.setdefault(each, []).append(path)
        return found.get(mark, ())

    def _all_parts(self) -> Mapping[Path, bytes]:
        for path in self._paths:
            self._text(path)
        return self._parts

    def _text(self, path: str) -> bytes:
        """A file's own text; what it includes is known then."""
        text = self._texts.get(path)
        if text is not None:
            return text
        data = self._known.get(path)
        if data is None:
            data = _octets(path, self._disk)
        text = _flat(data)
        if path not in self._parts_of and (b"$include" in text or b"!include" in text):
            self._parts_of[path] = self._parts_in(path, data)
        if self._held + len(text) <= _MOST_HELD:
            self._held += len(text)
            self._texts[path] = text
        return text

    def _parts_in(self, path: str, data: bytes) -> list[Path]:
        """The files that a file includes, and those that they do."""
        return reached(parts_named(path, data, self._disk), self._parts_of_part)

    def _parts_of_part(self, part: Path) -> Sequence[Path]:
        if part not in self._parts:
            octets = _octets(str(part), self._disk)
            self._parts[part] = _flat(octets)
            self._leading[part] = parts_named(str(part), octets, self._disk)
        return self._leading[part]


def _has(text: bytes, words: Sequence[bytes]) -> bool:
    for word in words:  # noqa: SIM110 - half the time of any(), ten thousand times
        if word in text:
            return True
    return False


def _octets(path: str, disk: Files) -> bytes:
    """What a file has; nothing where it cannot be read."""
    try:
        data = disk.beginning(path, _MOST_OF_MANY)
    except OSError:
        return b""
    if len(data) < _MOST_OF_MANY:
        return data
    read = load(path, disk)
    return b"" if isinstance(read, ReadError) else read


def _flat(data: bytes) -> bytes:
    """A text in lower case, its strings joined and its escapes resolved."""
    if b'"' in data:
        data = _BETWEEN.sub(b"", data)
    if b"\\" in data:
        data = _FOLDED.sub(b"", data)
        data = _ESCAPE.sub(_unescaped, data)
    return data.lower()


def _unescaped(found: re.Match[bytes]) -> bytes:
    number = found[1]
    return found[2] if number is None else bytes((int(number) & 0xFF,))


def spellings(label: str) -> tuple[bytes, ...]:
    """How a label may be written: an A-label as its U-label, too."""
    plain = _ESCAPE.sub(_unescaped, label.encode("utf-8", "surrogateescape")).lower()
    if not plain.startswith(b"xn--"):
        return (plain, GENERATED)
    import idna

    try:
        return (plain, GENERATED, idna.decode(plain).encode("utf-8"))
    except UnicodeError:
        return (plain, GENERATED)

"""What `--fix`, `--fix-proposed` and `--diff` do with the texts that fixing leaves."""

from __future__ import annotations

import difflib
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from zonelint.changes.fixing import Fixed
from zonelint.formats.safe import plain
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers.files import DISK
from zonelint.providers.replacing import replace_all
from zonelint.providers.writing import files
from zonelint.providers.zonefile.reader import encode
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding

Texts = Mapping[str, tuple[str, str]]
"""Files that change, by path: their text before and after."""


def diff(texts: Texts) -> Iterator[str]:
    """A unified diff that `git apply` and `patch -p1` take.

    They refuse a file outside of where they run: then that is the folder above all files, and the
    first line says so.
    """
    names = {path: os.path.relpath(path) for path in texts}
    if any(name.startswith(os.pardir + os.sep) for name in names.values()):
        whole = [os.path.abspath(path) for path in texts]  # noqa: PTH100 - links stay
        top = os.path.commonpath([Path(path).parent for path in whole])
        names = {path: os.path.relpath(path, top) for path in texts}
        yield f"# Apply this in {_name(os.path.relpath(top))}, which the names are relative to.\n"
    for path, (before, after) in sorted(texts.items()):
        old, new = (_name(f"{side}/{names[path]}") for side in "ab")
        for line in difflib.unified_diff(_lines(before), _lines(after), old, new, n=3):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _name(path: str) -> str:
    """A file's name as Git writes it in a diff: between quotes where it could mislead.

    `patch` needs a tab behind a name with a blank.
    """
    if plain(path) == path and not set('"\\\n\t') & set(path):
        return f"{path}\t" if " " in path else path
    octets = path.encode("utf-8", "surrogateescape")
    return f'"{"".join(_octet(octet) for octet in octets)}"'


def _octet(octet: int) -> str:
    if octet in b'"\\':
        return f"\\{octet:c}"
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03o}"


def _lines(text: str) -> list[str]:
    """Lines as diff sees them: only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def summary(applied: Sequence[Finding]) -> str:
    """What was changed, in one line: how many findings of which rules."""
    counts = Counter(finding.code for finding in applied)
    codes = ", ".join(f"{code} ({n})" if n > 1 else code for code, n in sorted(counts.items()))
    return f"Fixed {len(applied)} finding{'' if len(applied) == 1 else 's'}: {codes}."


def beside(fixed: Fixed) -> list[str]:
    """The files that changed and are part of none of the zones of the run."""
    return sorted(fixed.texts.keys() - {path for zone in fixed.zones for path in files(zone)})


def echo(zones: Iterable[Zone], path: str) -> None:
    """Print the text of the zone that came from standard input."""
    for zone in zones:
        if isinstance(zone, MasterZone) and zone.path == path:
            sys.stdout.buffer.write(encode(zone.source.text))
            sys.stdout.buffer.flush()


def save(
    fixed: Fixed, judge: Callable[[Sequence[Zone]], Result], *, piped: str | None = None
) -> list[tuple[str, str]]:
    """Put the new texts in place of the files; gives the paths that were left, and why.

    Files that only make sense together are all changed or none of them. What was left is undone
    in `fixed`, so that it tells what stands on the disk. `piped` is no file.
    """
    failures: dict[str, str] = {}
    writable: list[str] = []
    for paths in fixed.sets():
        hindered = {
            path: why
            for path in sorted(paths - {piped})
            if (why := _hindrance(Path(path), fixed.texts[path][0])) is not None
        }
        failures.update(hindered)
        locked = list(hindered)
        if not locked:
            writable += sorted(paths - {piped})
            continue
        for path in sorted(paths - {*locked, piped}):
            failures[path] = f"this file was left unchanged because it belongs to {locked[0]}"
    for links in _one_file_twice(fixed.texts, writable):
        why = f"this file was left unchanged: {' and '.join(links)} are one file, and differ"
        failures.update(dict.fromkeys(links, f"{why} in the content they would get"))
    texts = {Path(path): fixed.texts[path][1] for path in writable if path not in failures}
    for failed, error in replace_all(texts, errors="surrogateescape").items():
        why = error.strerror or "it cannot be written"
        failures[str(failed)] = f"this file was left unchanged: {why}"
    fixed.undo(failures, judge)
    return sorted(failures.items())


def _one_file_twice(texts: Texts, paths: Iterable[str]) -> list[list[str]]:
    """Paths that lead to one file, by links, and do not agree about its new text."""
    same = grouped((os.path.realpath(path), path) for path in paths)
    return [each for each in same.values() if len({texts[path][1] for path in each}) > 1]


def _hindrance(path: Path, before: str) -> str | None:
    """Why a file must not be written over; None where it may."""
    if not _is_writable(path):
        return "this file is read-only and was left unchanged"
    octets = encode(before)
    try:
        is_same = DISK.beginning(path, len(octets) + 1) == octets
    except OSError:
        is_same = False
    return None if is_same else "this file has changed since it was read and was left unchanged"


def _is_writable(path: Path) -> bool:
    """Whether the owner of the file means it to be changed; root may write anything."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)) and os.access(path, os.W_OK)

"""What ``--fix``, ``--fix-proposed`` and ``--diff`` do with the texts that fixing leaves."""

from __future__ import annotations

import difflib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from zonelint.files import replaced
from zonelint.grammars.masterfile import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers.zonefile import encode
from zonelint.rules.finding import Finding

Texts = Mapping[str, tuple[str, str]]
"""Files that change, by path: their text before and after."""


def diff(texts: Texts) -> Iterator[str]:
    """A unified diff that ``git apply`` and ``patch -p1`` take."""
    for path, (before, after) in sorted(texts.items()):
        shown = path.removeprefix("./")
        lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{shown}", f"b/{shown}", n=3)
        for line in lines:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines as diff sees them: only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def summary(applied: Sequence[Finding]) -> str:
    """What was changed, in one line: how many findings of which rules."""
    counts = Counter(finding.code for finding in applied)
    codes = ", ".join(f"{code} ({n})" if n > 1 else code for code, n in sorted(counts.items()))
    return f"Fixed {len(applied)} finding{'' if len(applied) == 1 else 's'}: {codes}."


def echo(zones: Iterable[Zone], path: str) -> None:
    """Print the text of the zone that came from standard input."""
    for zone in zones:
        if isinstance(zone, MasterZone) and zone.path == path:
            sys.stdout.buffer.write(encode(zone.source.text))
            sys.stdout.buffer.flush()


def write(texts: Texts) -> list[tuple[str, str]]:
    """Put the new texts in place of the files; gives the paths that could not be written, and why.

    All of them are written beside the old ones first: on a full disk every old file is whole.
    """
    failures: list[tuple[str, str]] = []
    writable: Sequence[str] = []
    for path in sorted(texts):
        if not _is_writable(Path(path)):
            failures.append((path, "this file is read-only and was left as it is"))
        else:
            writable = [*writable, path]
    try:
        with ExitStack() as stack:
            for path in writable:
                out = stack.enter_context(replaced(Path(path), errors="surrogateescape"))
                out.write(texts[path][1])
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        failures += [(path, f"this file was left as it is: {reason}") for path in writable]
    return failures


def _is_writable(path: Path) -> bool:
    """Whether the owner of the file means it to be changed; root may write anything."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)) and os.access(path, os.W_OK)

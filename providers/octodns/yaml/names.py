"""Which zone a file or folder of octoDNS is named after."""

from __future__ import annotations

import os
import re
from pathlib import Path

from zonelint.grammars.dnsname import BadName, absolute

_LABEL = r"[^\s./\\$*:,;'\"()\[\]{}]{1,63}"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
ENDINGS = (".yaml", ".yml")


def origin_of(name: str) -> str | None:
    """The zone of a name without its final dot, in A-labels; None where it can be none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        if not name.isascii():
            import idna

            name = ".".join(
                label if label.isascii() else idna.encode(label.lower()).decode()
                for label in name.split(".")
            )
        return absolute(f"{name}.", ".")
    except (BadName, UnicodeError):
        return None


def origin_of_file(name: str) -> str | None:
    """The zone that a file's name tells: `example.com.yaml`, and nothing of one label."""
    if not name.endswith(ENDINGS):
        return None
    origin = origin_of(name.rpartition(".")[0])
    return origin if origin is not None and origin.count(".") > 1 else None


def origin_of_folder(name: str) -> str | None:
    """The zone of a folder of split files: `example.com.`, with the final dot."""
    return origin_of(name[:-1]) if name.endswith(".") and name.count(".") > 1 else None


def zone_of_folder(folder: Path) -> str | None:
    """The zone of a folder of split files with an extension of its own: `example.com.zone`."""
    origin = origin_of(folder.stem)
    return origin if origin is not None and origin.count(".") > 1 else None


def last_part(path: str) -> str:
    """The name of a file or folder."""
    return os.path.split(path)[1]


def whole_path(path: str) -> str:
    """The path from the root, links kept."""
    return os.path.abspath(path)  # noqa: PTH100 - links stay


def decoded(origin: str) -> str:
    """The name with its A-labels as Unicode, as octoDNS names files and fills templates in."""
    if "xn--" not in origin:
        return origin
    import idna

    labels = []
    for label in origin.split("."):
        try:
            labels.append(idna.decode(label) if label.startswith("xn--") else label)
        except idna.IDNAError:
            labels.append(label)
    return ".".join(labels)

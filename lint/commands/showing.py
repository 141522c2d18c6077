"""What a check would read and be held to: `check --show-files` and `--show-settings`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from zonelint.grammars.listing import reached
from zonelint.providers.files import Files
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Listed
from zonelint.providers.project.refused import display_path
from zonelint.providers.terraform.source.find import ENDINGS
from zonelint.providers.zonefile.find import walk
from zonelint.providers.zonefile.parts import parts_named
from zonelint.providers.zonefile.reader import ReadError, load
from zonelint.rules.config.intent import schema
from zonelint.terminal import clean

_KEY = 40
"""Columns of a key and its value in front of where it comes from."""


def files(found: Listed) -> Iterator[str]:
    """The files that are read, a line each."""
    absent = missing(found)
    paths: dict[str, None] = {}
    for path in found.documents_with_zones:
        # A folder with Terraform source stands for all files below it: modules lie there.
        folder = Path(path).parent if Path(path).name == "*.tf" else None
        paths.update(dict.fromkeys([path] if folder is None else _source(folder, found.disk)))
    yaml = [] if found.octodns is None else [p for t in found.octodns.tasks for p in t.weight]
    zones = [*yaml, *(file.path for file in found.files)]
    paths.update(dict.fromkeys(reached(reversed(zones), lambda path: _parts(path, found.disk))))
    yield from (f"{clean(path)}\n" for path in paths if path not in absent)


def _parts(path: str, disk: Files) -> list[str]:
    """The files that one includes."""
    data = load(path, disk)
    parts = [] if isinstance(data, ReadError) else parts_named(path, data, disk)
    return list(map(display_path, parts))


def missing(found: Listed) -> list[str]:
    """The files that were named and are not there."""
    return [file.path for file in found.files if not found.disk.exists(file.path)]


def _source(folder: Path, disk: Files) -> Iterator[str]:
    for at, names in walk(str(folder), disk):
        yield from (str(Path(at, name)) for name in names if name.endswith(ENDINGS))


def settings(
    project: Project, found: Listed, given: Mapping[str, tuple[object, str]], *, compares: bool
) -> Iterator[str]:
    """What holds for the files: every key with its value, and where that comes from.

    given: what the command line says, with its options.
    compares: whether there is a state before.
    """
    documents = found.documents_with_zones
    holding = project.configurations_of(documents) or [project.configuration_at(".")]
    said = {key: (_format(value), origin) for key, (value, origin) in given.items()}
    for number, each in enumerate(holding):
        count = sum(project.configuration_of(document) is each for document in documents)
        name = "no configuration" if each.file is None else display_path(each.file)
        yield from ["\n"] * (number > 0)
        yield f"{clean(name)} holds for {count:,} file{'' if count == 1 else 's'}:\n"
        for key, value, origin in _values(each, said):
            yield f"  {clean(f'{key} = {value}'):<{_KEY}}  {clean(origin)}\n"
    if compares:
        yield "\nWhat loosens these counts as it is in the state before (see PHASE009).\n"


def _values(
    configuration: Configuration, given: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Key, value and origin: what the command line says, else what is written, else the default."""
    written = {key: (_format(value), origin) for key, value, origin in configuration.written()}
    if "fail-on" not in written and "min-severity" in written:
        written["fail-on"] = written.pop("min-severity")
    defaults = {
        key.path: (key.default, "default")
        for key in schema()
        if key.default and "<" not in key.path and "[]" not in key.path
    }
    found = {**defaults, **written, **given}
    yield from ((key, *found[key]) for key in sorted(found, key=lambda key: key not in defaults))


def _format(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(_format, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_format(each)}' for key, each in value.items())} }}"
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Which folders are configurations of Terraform's, and which of them hold records.

A folder that another one calls as a module is no configuration of its own: it is judged with each
call. A file of a module may be all that a run is given, so the callers are looked for in the whole
repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zonelint.grammars.listing import grouped, reached
from zonelint.providers.files import Files, Places, each_once
from zonelint.providers.zonefile.find import walk

if TYPE_CHECKING:
    from zonelint.providers.resources.table import ResourceTable

LARGEST_FILE = 1 << 24
"""Octets of one file at most."""
TOFU = (".tofu", ".tofu.json")
ENDINGS = (".tf", ".tf.json", *TOFU)
FILES = (*ENDINGS, ".tfvars", ".tfvars.json")
_CALL = re.compile(rb'^[ \t]*source[ \t]*=[ \t]*"(\.{1,2}(?:[/\\][^"\r\n]*)?)"', re.MULTILINE)
_RESOURCE = re.compile(rb'^[ \t]*resource[ \t]+"?([A-Za-z0-9_-]+)"?[ \t]', re.MULTILINE)
_JSON_CALL = re.compile(rb'"source"[ \t\r\n]*:[ \t\r\n]*"(\.{1,2}(?:/[^"\r\n]*)?)"')
_JSON_KEY = re.compile(rb'"([A-Za-z0-9_-]+)"[ \t\r\n]*:')
_MAIL_TEXT = re.compile(
    rb"""["' ](?:v=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1)\b|k=(?:rsa|ed25519);)""", re.IGNORECASE
)
_MAIL_TYPE = re.compile(rb"""type"?[ \t]*[=:][ \t]*"(?:TXT|MX|CNAME)\"""", re.IGNORECASE)
_NAME = re.compile(rb'"((?:[a-z0-9_-]+\.)+[a-z0-9-]+)\.?"', re.IGNORECASE)
_MOST_FOLDERS = 100_000


class GivenVariable(NamedTuple):
    """A value by the variable's name; or, without a name, the path of a file of values."""

    name: str | None
    text: str

    def __str__(self) -> str:
        return f"--var-file {self.text}" if self.name is None else f"--var {self.name}"


@dataclass(slots=True)
class ConfigurationSearch:
    """roots: the configurations to judge. folders: all folders that hold files of Terraform's."""

    roots: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Folder:
    """What a look at a folder's files tells. calls: the folders that it calls as modules.

    types: those of its resources; has_text: it has what mail records say.
    """

    calls: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    has_text: bool = False


Folders = dict[str, _Folder]
"""Folders by their paths."""


def is_source(path: str) -> bool:
    """Whether a file is one of Terraform's or OpenTofu's, by its name."""
    return path.endswith(FILES)


def has_source(path: str, files: Files) -> bool:
    """Whether a path is, or holds, a file of Terraform's: few runs need more of this."""
    if not files.is_dir(path):
        return is_source(path)
    return any(True for _ in _source_folders(path, files))


def _source_folders(top: str, files: Files) -> Iterator[tuple[str, list[str]]]:
    """The folders with files of Terraform's, each with the names of all of its files."""
    found = (each for each in walk(top, files) if any(map(_is_code, each[1])))
    return islice(found, _MOST_FOLDERS)


def _is_code(name: str) -> bool:
    return name.endswith(ENDINGS)


def names_told(paths: Sequence[str], files: Files) -> dict[str, set[str]]:
    """The folders below paths with files of Terraform's, and the names that may be zones there.

    Those are all domain names that stand in quotes, and what is above them: nothing is worked out.
    """
    found: dict[str, set[str]] = {}
    for path in filter(files.is_dir, paths):
        for at, names in _source_folders(path, files):
            texts = (_read(at, name, files) for name in names if is_source(name))
            told = {name.lower() for text in texts for name in _NAME.findall(text)}
            found[os.path.normpath(at)] = {up for name in told for up in _upwards(name)}
    return found


def _read(folder: str, name: str, files: Files) -> bytes:
    try:
        return files.read(Path(folder, name), LARGEST_FILE)
    except OSError:
        return b""


def _upwards(name: bytes) -> Iterator[str]:
    """A name and those above it, without the top-level domain."""
    labels = name.decode("ascii").split(".")
    return (f"{'.'.join(labels[n:])}." for n in range(len(labels) - 1))


def roots(
    paths: Sequence[str],
    table_of: Callable[[str], ResourceTable],
    files: Files,
    repositories: dict[str, Folders] | None = None,
) -> ConfigurationSearch:
    """The configurations that files and folders belong to.

    table_of: the resource types that a configuration's folder is read by.
    repositories: what was seen of whole ones, for who asks more than once.
    """
    found = ConfigurationSearch()
    repositories = {} if repositories is None else repositories
    seen: Folders = {}
    spelt: dict[str, str] = {}
    for path in paths:
        if files.is_dir(path):
            below = _below(path, files, spelt)
            seen.update(below)
            found.folders.update(below)
        else:
            folder = _plain(str(Path(path).parent), spelt)
            seen.setdefault(folder, _look(folder, files.names(folder), files))
            found.folders.add(folder)
    wanted = set(seen)
    for top in {_top_of(folder, files) for folder in wanted} - {None}:
        if top is not None and not any(is_within(top, path) for path in paths):
            if top not in repositories:
                repositories[top] = _below(top, files, {})
            seen = {**repositories[top], **seen}
    callers = grouped((called, at) for at, looked in seen.items() for called in looked.calls)
    tops = {top for folder in wanted for top in _tops(folder, callers)}
    tops = {top for top in tops if _reaches_records(top, seen, table_of)}
    # A folder may be given twice; relative as it is shown most.
    shown = (spelt.get(top, top) for top in tops)
    found.roots = sorted(each_once(sorted(shown, key=os.path.isabs), Places(files).folder))
    return found


def _top_of(folder: str, files: Files) -> str | None:
    """The root of the repository that a folder lies in, as a path like the folder's own."""
    whole = os.path.abspath(folder)  # noqa: PTH100 - links stay
    root = files.repository_of(whole)
    if root is None:
        return None
    up = os.path.relpath(root, files.resolve(whole))
    return os.path.normpath(Path(folder, up))


def is_within(folder: str, path: str) -> bool:
    """Whether a folder is another, or lies below it."""
    return Path(os.path.abspath(folder)).is_relative_to(os.path.abspath(path))  # noqa: PTH100


def _plain(folder: str, spelt: dict[str, str] | None = None) -> str:
    """The folder as it is known again: relative ones by their way from the working one.

    spelt: takes note of how it is written.
    """
    whole = os.path.normpath(folder)
    plain = whole if folder.startswith(os.sep) else os.path.relpath(folder)
    if spelt is not None:
        spelt.setdefault(plain, whole)
    return plain


def _below(top: str, files: Files, spelt: dict[str, str]) -> Folders:
    folders = ((_plain(at, spelt), names) for at, names in _source_folders(top, files))
    return {folder: _look(folder, names, files) for folder, names in folders}


def _look(folder: str, names: Iterable[str], files: Files) -> _Folder:
    looked = _Folder()
    for name in filter(_is_code, names):
        try:
            octets = files.read(Path(folder, name), LARGEST_FILE)
        except OSError:
            looked.has_text = True  # reading it tells what is wrong with it
            continue
        is_json = name.endswith(".json")
        for source in (_JSON_CALL if is_json else _CALL).findall(octets):
            path = source.decode("utf-8", "surrogateescape")
            looked.calls.add(_plain(str(Path(folder, path))))
        if not looked.has_text:
            named = (_JSON_KEY if is_json else _RESOURCE).findall(octets)
            looked.types.update(type.decode("ascii") for type in named)
            looked.has_text = any(
                pattern.search(octets) is not None for pattern in (_MAIL_TEXT, _MAIL_TYPE)
            )
    looked.calls.discard(folder)
    return looked


def _tops(folder: str, callers: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The folders that nobody calls and that lead to this one; itself where all go in a circle."""
    above = reached([folder], lambda at: callers.get(at, ()))
    return [each for each in above if each not in callers] or [folder]


def _reaches_records(
    top: str, seen: dict[str, _Folder], table_of: Callable[[str], ResourceTable]
) -> bool:
    called = reached([top], lambda at: seen[at].calls & seen.keys())
    return any(
        seen[at].has_text or any(table_of(top).record(type) for type in seen[at].types)
        for at in called
    )

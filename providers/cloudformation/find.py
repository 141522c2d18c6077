"""Which files are templates of CloudFormation that hold DNS: by what stands in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zonelint.providers.files import DISK, Files
from zonelint.providers.zonefile.find import SKIPPED

LARGEST_TEMPLATE = 1 << 22
"""Octets of one template at most; CloudFormation itself takes 1 MB."""
ENDINGS = (".yaml", ".yml", ".json", ".template", ".template.json")
_MARK = b"AWS::Route53::"


@dataclass(slots=True)
class TemplateSearch:
    """files: the templates. rest: the other paths, folders among them. folders: with a template."""

    files: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def search(paths: Iterable[str], files: Files = DISK) -> TemplateSearch:
    """Sort the templates out of the paths, those in folders included."""
    found = TemplateSearch()
    for path in paths:
        if files.is_dir(path):
            found.rest.append(path)
            inside = list(_below(path, files))
            if inside:
                found.folders.add(path)
                found.files += inside
        else:
            (found.files if looks_like_template(path, files) else found.rest).append(path)
    found.files = list(dict.fromkeys(found.files))
    return found


def looks_like_template(path: str, files: Files = DISK) -> bool:
    """Whether a file is called as a template may be, and names a resource of Route 53."""
    if not path.lower().endswith(ENDINGS):
        return False
    try:
        octets = files.read(path, LARGEST_TEMPLATE)
    except OSError:
        return False
    # A plan of Terraform's or a stack of Pulumi's may speak of such a type as well.
    return _MARK in octets and b"Resources" in octets and b'"format_version"' not in octets


def _below(folder: str, files: Files) -> Iterator[str]:
    for at, folders, names in files.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            path = os.path.normpath(Path(at, name))
            if looks_like_template(path, files):
                yield path

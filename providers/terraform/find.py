"""Which of the paths of a run are plans in JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from zonelint.providers.files import DISK, Files, PathSearch, Places, each_once
from zonelint.providers.zonefile.find import walk

_HEAD = 4096
SOURCE = (".tf.json", ".tofu.json", ".tfvars.json")
"""What is called so is no plan, but source in another form."""
_MARKS = (
    (b'"format_version"', b'"terraform_version"'),
    (b'"steps"', b"urn:pulumi:"),
    (b'"deployment"', b'"manifest"'),
)
"""What stands at the beginning of a plan, of Pulumi's preview, of an exported stack."""


def search(paths: Iterable[str], disk: Files = DISK, as_found: Collection[str] = ()) -> PathSearch:
    """Sort the plans out: files named `*.json`, and those in folders that begin like a plan.

    A JSON file that the user names is taken for a plan, so that what is wrong with it is told; one
    of `as_found` is treated as those of folders.
    """
    found = PathSearch()
    for path in paths:
        if not disk.is_dir(path):
            if not path.lower().endswith(".json") or path.endswith(SOURCE):
                found.rest.append(path)
            elif path not in as_found or looks_like_plan(path, disk):
                found.files.append(path)
            continue
        found.rest.append(path)
        inside = _plans_in(path, disk)
        if inside:
            found.folders.add(path)
            found.files += inside
    found.files = each_once(found.files, Places(disk))
    return found


def looks_like_plan(path: str, disk: Files = DISK) -> bool:
    """Whether a file begins as a plan in JSON does; for files that a search of a folder found."""
    try:
        head = disk.beginning(path, _HEAD)
    except OSError:
        return False
    plain = head.replace(b"\0", b"")  # PowerShell writes UTF-16
    return any(all(mark in plain for mark in marks) for marks in _MARKS)


def _plans_in(folder: str, disk: Files) -> list[str]:
    found = (
        str(Path(at, name))
        for at, names in walk(folder, disk)
        for name in names
        if name.lower().endswith(".json")
    )
    return [path for path in found if looks_like_plan(path, disk)]

"""Which files are templates of CloudFormation that hold DNS: by what stands in them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator

from zonelint.providers.files import DISK, Files, PathSearch, Places, each_once
from zonelint.providers.zonefile.find import walk

LARGEST_TEMPLATE = 1 << 22
"""Octets of one template at most; CloudFormation itself takes 1 MB."""
ENDINGS = (".yaml", ".yml", ".json", ".template", ".template.json")
_MARK = b"AWS::Route53::"
_ANY_MARK = b"AWS::"
_OTHER_MARKS = (b"Custom::", b"AWSTemplateFormatVersion")


def search(paths: Iterable[str], files: Files = DISK, as_found: Collection[str] = ()) -> PathSearch:
    """Sort the templates out of the paths, of those in folders only the ones with DNS.

    as_found: files that are treated as those of folders.
    """
    found = PathSearch()
    for path in paths:
        if files.is_dir(path):
            found.rest.append(path)
            for each in below(path, files):
                mark = _mark_of(each, files)
                found.folders.update([path] if mark else [])
                found.files += [each] if mark == _MARK else []
        elif (mark := _mark_of(path, files)) is None:
            found.rest.append(path)
        elif mark == _MARK or path not in as_found:
            found.files.append(path)
    found.files = each_once(found.files, Places(files))
    return found


def _mark_of(path: str, files: Files) -> bytes | None:
    """What tells that a file is a template: a resource of Route 53, or of anything else."""
    if not _may_be_template(path):
        return None
    try:
        octets = files.read(path, LARGEST_TEMPLATE)
    except OSError:
        return None
    # A plan of Terraform's or a stack of Pulumi's may speak of such a type as well.
    if b"Resources" not in octets or b'"format_version"' in octets:
        return None
    found = next((mark for mark in (_MARK, _ANY_MARK) if mark in octets), None)
    # A resource of somebody else's type may hold records all the same.
    is_template = found is not None or any(mark in octets for mark in _OTHER_MARKS)
    return _MARK if is_template and _holds_mail(octets) else found


def _holds_mail(octets: bytes) -> bool:
    from .template import MAIL_TEXT  # few runs meet a template, and need the table of resources

    return re.search(MAIL_TEXT.encode(), octets, re.IGNORECASE) is not None


def below(folder: str, files: Files) -> Iterator[str]:
    """The files of a folder that may be templates, by their names."""
    for at, names in walk(folder, files):
        here = os.path.normpath(at)
        beside = "" if here == os.curdir else os.path.join(here, "")  # noqa: PTH118 - quicker
        yield from (f"{beside}{name}" for name in filter(_may_be_template, names))


def _may_be_template(name: str) -> bool:
    return name.lower().endswith(ENDINGS)

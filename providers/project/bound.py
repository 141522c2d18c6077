"""Zone files that configurations of octoDNS read, by octodns-bind: what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from zonelint.providers.files import Files
from zonelint.providers.octodns.yaml.search import search_folder

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.config import BoundFile, Config

_FIRST_LOOK = 1 << 20


def bound_files(folder: str, disk: Files) -> Mapping[str, tuple[str, BoundFile]]:
    """By their paths, those that the configurations below a folder read; each with which does."""
    likely = [path for path in _yaml_files(folder, disk) if _may_read_zone_files(path, disk)]
    return {
        str(disk.resolve(path)): (os.path.relpath(config.path, folder), bound)
        for config in _configurations(likely, disk)
        for path, bound in config.bound
    }


def _yaml_files(folder: str, disk: Files) -> Iterator[str]:
    """Those that may be configurations: a name of several parts is a zone's."""
    for file in search_folder(folder, disk):
        if not file.folder and os.path.basename(file.path).count(".") < 2:  # noqa: PTH119 - quicker
            yield file.path


def _may_read_zone_files(path: str, disk: Files) -> bool:
    """By a first look, for which a run over zone files alone imports nothing."""
    try:
        octets = disk.beginning(path, _FIRST_LOOK)
    except OSError:
        return False
    return b"octodns_bind" in octets or b"!include" in octets


def _configurations(paths: Sequence[str], disk: Files) -> Iterator[Config]:
    if not paths:
        return
    from zonelint.providers.octodns.yaml.config import looks_like_config, read
    from zonelint.providers.octodns.yaml.document import YamlFault
    from zonelint.providers.octodns.yaml.find import Includes, text_of
    from zonelint.providers.zonefile.reader import ReadError

    for path in paths:
        source = text_of(path, disk)
        if not isinstance(source, ReadError) and looks_like_config(source.text):
            with suppress(YamlFault):  # whoever judges its zones is told why
                yield read(source, Includes(disk), disk)

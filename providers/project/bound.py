"""Zone files that configurations of octoDNS read, by octodns-bind: what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from zonelint.providers.files import Files
from zonelint.providers.octodns.yaml.config import BoundFile, Config, looks_like_config, read
from zonelint.providers.octodns.yaml.document import YamlFault
from zonelint.providers.octodns.yaml.find import Includes, text_of
from zonelint.providers.octodns.yaml.search import search_folder
from zonelint.providers.zonefile.reader import ReadError


def bound_files(folder: str, disk: Files) -> Mapping[str, tuple[str, BoundFile]]:
    """By their paths, those that the configurations below a folder read; each with which does."""
    return {
        str(disk.resolve(path)): (os.path.relpath(config.path, folder), bound)
        for config in _configurations(folder, disk)
        for path, bound in config.bound
    }


def _configurations(folder: str, disk: Files) -> Iterator[Config]:
    """Those that may read zone files, by a first look. A name of several parts is a zone's."""
    for file in search_folder(folder, disk):
        if file.folder or os.path.basename(file.path).count(".") > 1:  # noqa: PTH119 - quicker
            continue
        source = text_of(file.path, disk)
        if isinstance(source, ReadError) or not looks_like_config(source.text):
            continue
        if "octodns_bind" in source.text or "!include" in source.text:
            with suppress(YamlFault):  # whoever judges its zones is told why
                yield read(source, Includes(disk), disk)

"""Files as an editor has them: the texts of open documents over the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from zonelint.providers.files import Files, Stamp, TooLarge


@dataclass(slots=True)
class _Open:
    """The open documents: their texts by real path, and their names."""

    texts: Mapping[str, bytes]
    names: Collection[str]


class Buffers(Files):
    """The disk with other texts for some files. One may be of a file that is not saved yet.

    texts: by real path. `put` changes them; what was read of them before is read again.
    folders: those that the editor has open (real paths), where files lie in no repository.
    """

    def __init__(self, texts: Mapping[str, str] | None = None, given: Sequence[str] = ()) -> None:
        super().__init__(given)
        self.folders: Sequence[Path] = ()
        self._open = _Open({}, ())
        self._hidden: Collection[str] = ()
        self._noted: dict[str, Stamp] | None = None
        self.put(texts or {})

    def put(self, texts: Mapping[str, str]) -> None:
        """Have these texts, and no others."""
        self._open.texts = {
            path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()
        }
        self._open.names = {os.path.split(path)[1] for path in texts}

    def without(self, paths: Collection[str]) -> Buffers:
        """The same documents, with the disk's text for these paths whatever the editor has."""
        view = Buffers(given=[str(path) for path in self.given])
        view._open, view.folders = self._open, self.folders
        view._hidden = frozenset(map(os.path.realpath, paths))
        return view

    @property
    def open_paths(self) -> Collection[str]:
        """The files whose text is the editor's."""
        return self._open.texts.keys() - self._hidden

    @contextmanager
    def noting(self) -> Iterator[Mapping[str, Stamp]]:
        """Note which files are asked for meanwhile, there or not, as they were before."""
        former, self._noted = self._noted, {}
        try:
            yield self._noted
        finally:
            self._noted = former

    def roots(self, folder: Path) -> list[Path]:
        """As of the disk; where a folder has no other root, the editor's own folder is one."""
        found = super().roots(folder)
        around = [each for each in self.folders if folder.is_relative_to(each)]
        return around if around and found == [folder] else found

    def _note(self, path: str | Path) -> None:
        if self._noted is not None and str(path) not in self._noted:
            self._noted[str(path)] = self.stamp(path)

    @property
    def _texts(self) -> Mapping[str, bytes]:
        if not self._hidden:
            return self._open.texts
        return {path: self._open.texts[path] for path in self.open_paths}

    def _text(self, path: str | Path) -> bytes | None:
        """The text of an open document; few files share a name with one."""
        if os.path.split(path)[1] not in self._open.names and not Path(path).is_symlink():
            return None
        return self._texts.get(os.path.realpath(path))

    def is_file(self, path: str | Path) -> bool:
        self._note(path)
        return self._text(path) is not None or super().is_file(path)

    def exists(self, path: str | Path) -> bool:
        return self._text(path) is not None or super().exists(path)

    def names(self, folder: str | Path) -> list[str]:
        new = self._unsaved_in(folder)
        if not new:
            return super().names(folder)
        return sorted({*new, *(super().names(folder) if super().is_dir(folder) else ())})

    def _walk(
        self, folder: str, onerror: Callable[[OSError], None] | None
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        for at, folders, names in super()._walk(folder, onerror):
            yield at, folders, [*names, *self._unsaved_in(at)]

    def _unsaved_in(self, folder: str | Path) -> list[str]:
        """The documents of a folder that the disk does not have."""
        if all(Path(path).exists() for path in self._texts):
            return []
        real = os.path.realpath(folder)
        found = (os.path.split(path) for path in self._texts if not Path(path).exists())
        return [name for at, name in found if at == real]

    def matching(self, pattern: str, folder: str | Path) -> list[str]:
        start = os.path.realpath(folder)
        new = (os.path.relpath(p, start) for p in self._texts if not Path(p).exists())
        unsaved = (path for path in new if fnmatchcase(path, pattern))
        return sorted({*super().matching(pattern, folder), *unsaved})

    def read(self, path: str | Path, most: int) -> bytes:
        self._note(path)
        text = self._text(path)
        if text is None:
            return super().read(path, most)
        if len(text) > most:
            raise TooLarge
        return text

    def beginning(self, path: str | Path, most: int) -> bytes:
        self._note(path)
        text = self._text(path)
        return super().beginning(path, most) if text is None else text[:most]

    def stamp(self, path: str | Path) -> Stamp:
        text = self._text(path)
        return super().stamp(path) if text is None else (len(text), hash(text))

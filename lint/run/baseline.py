"""The file of the baseline: where it stands, how it is read and how it is refused."""

from __future__ import annotations

from pathlib import Path

from zonelint.providers.files import DISK, TooLarge
from zonelint.rules.core import baseline
from zonelint.rules.core.baseline import Applied
from zonelint.status import RunRefused

__all__ = ["Applied", "Baseline", "BaselineError"]

_LARGEST = 64 * 1024 * 1024


class BaselineError(RunRefused):
    """A baseline that cannot be used. The message names the file and, where it can, the line."""


class Baseline(baseline.Baseline):
    """The findings that are known, as a file keeps them."""

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """The baseline of a file. Raises BaselineError."""
        try:
            text = DISK.read(path, _LARGEST).decode("utf-8")
        except UnicodeDecodeError:
            raise BaselineError(f"{path}: this is no baseline: it is not UTF-8 text") from None
        except TooLarge:
            raise BaselineError(f"{path}: this file is too large to be a baseline") from None
        except OSError as error:
            raise BaselineError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
        try:
            return cls(baseline.parse(text, str(path)).entries)
        except baseline.BaselineError as error:
            raise BaselineError(str(error)) from None

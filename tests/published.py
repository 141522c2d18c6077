"""Schemas that others have published, fetched from the package registries by their own clients.

They are kept in a cache folder and checked against the digest that is written here. Where the
registry is out of reach, `Unreachable` says so, and the tests that need the schema are skipped.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 240
"""Seconds that a client may take."""


class Unreachable(Exception):
    """The schema is not in the cache and could not be fetched."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file in a package: what fetches the package's archive, and the file's path and SHA-256."""

    command: tuple[str, ...]
    member: str
    digest: str

    def path(self) -> Path:
        """Where the file is in the cache. Raises Unreachable."""
        kept = _cache() / f"{self.digest[:16]}-{Path(self.member).name}"
        if not (kept.is_file() and _digest(kept.read_bytes()) == self.digest):
            octets = self._fetched()
            if _digest(octets) != self.digest:
                raise Unreachable(f"{self.member} is not the file that it was")
            kept.parent.mkdir(parents=True, exist_ok=True)
            beside = kept.with_suffix(f".{os.getpid()}")
            beside.write_bytes(octets)
            beside.replace(kept)
        return kept

    def _fetched(self) -> bytes:
        if shutil.which(self.command[0]) is None:
            raise Unreachable(f"{self.command[0]} is not installed")
        with tempfile.TemporaryDirectory() as folder:
            try:
                subprocess.run(
                    self.command, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT
                )
            except (subprocess.SubprocessError, OSError):
                called = " ".join(Path(word).name for word in self.command)
                raise Unreachable(
                    f"'{called}' fetched nothing: is the registry in reach?"
                ) from None
            for archive in sorted(Path(folder).iterdir()):
                with tarfile.open(archive) as packed:
                    held = packed.extractfile(self.member)
                    assert held is not None
                    return held.read()
        raise Unreachable(f"no archive holds {self.member}")


SARIF = Published(
    ("npm", "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"),
    "package/lib/schemas/sarif-2.1.0-rtm.5.json",
    "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8",
)
"""The schema of SARIF 2.1.0 as OASIS made it, in Microsoft's matchers for Jest."""

JUNIT = Published(
    (
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
        "pytest==9.0.2",
    ),
    "pytest-9.0.2/testing/example_scripts/junit-10.xsd",
    "a1a816f58d1bf95ebabf371994df0b9246dee66ea9572fbec4f9296f1b2c0ff6",
)  # fmt: skip
"""The schema of Jenkins' xUnit plug-in, which pytest holds its own reports against."""


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "zonelint-tests"

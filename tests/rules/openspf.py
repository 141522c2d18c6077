"""The openspf project's test suite for RFC 7208, fetched when the tests run.

The suite stands in the source distribution of pyspf. It is kept in the user's cache, never in the
repository.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zonelint.rules.model.answers import Held, Status, owner_name

RELEASE = "pyspf==2.0.14"
MEMBER = "rfc7208-tests.yml"
PATIENCE = 60


@dataclass(frozen=True)
class Case:
    """One test: what to ask, and the results that the suite allows, the preferred one first."""

    name: str
    host: str
    sender: str
    helo: str
    results: tuple[str, ...]
    explanation: str | None
    zone: SuiteZone


class SuiteZone:
    """The suite's zone data as a source of answers: every name that is not there does not exist."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self._held: dict[str, dict[str, Held]] = {}
        self._silent: set[str] = set()
        for name, records in data.items():
            owner = owner_name(name)
            assert owner is not None, name
            self._held[owner] = self._read(records)
            if "TIMEOUT" in records:
                self._silent.add(owner)

    @staticmethod
    def _read(records: list[Any]) -> dict[str, Held]:
        pairs = [pair for record in records if record != "TIMEOUT" for pair in record.items()]
        # A name with SPF records and no TXT record at all has them as TXT too.
        if not any(type == "TXT" for type, _ in pairs):
            pairs += [("TXT", value) for type, value in pairs if type == "SPF"]
        held: dict[str, Held] = {}
        for type, value in pairs:
            if value == "TIMEOUT":
                held[type] = Held(Status.TIMEOUT)
            elif type == "CNAME":
                held[type] = Held(Status.RECORDS, (), owner_name(value))
            elif value != "NONE":
                before = held[type].values if type in held else ()
                held[type] = Held(Status.RECORDS, (*before, _text(type, value)))
        return held

    def look(self, name: str, type: str) -> Held:
        held = self._held.get(name)
        if held is None:
            return Held(Status.NXDOMAIN)
        found = held.get(type) or held.get("CNAME")
        if found is not None:
            return found
        return Held(Status.TIMEOUT if name in self._silent else Status.NODATA)


def _text(type: str, value: Any) -> str:
    match type:
        case "TXT" | "SPF":
            return value if isinstance(value, str) else "".join(value)
        case "MX":
            preference, host = value
            return f"{preference} {owner_name(host) if host else '.'}"
        case "PTR":
            return str(owner_name(value))
        case _:
            return str(value)


@cache
def cases() -> tuple[list[Case], str]:
    """Every case, and why there is none, if so."""
    path, reason = _fetched()
    if path is None:
        return [], reason
    found = []
    for scenario in yaml.safe_load_all(path.read_bytes()):
        zone = SuiteZone(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            wanted = test["result"]
            results = (wanted,) if isinstance(wanted, str) else tuple(wanted)
            case = Case(name, test["host"], test["mailfrom"], test["helo"], results,
                        test.get("explanation"), zone)  # fmt: skip
            found.append(case)
    return found, ""


def _fetched() -> tuple[Path | None, str]:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "zonelint-tests"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _fetch_once(folder)
    except OSError as error:
        return None, f"no place to keep the openspf suite: {error}"


def _fetch_once(folder: Path) -> tuple[Path | None, str]:
    path = folder / MEMBER
    if path.exists():
        return path, ""
    failed = folder / "out-of-reach"
    if failed.exists() and time.time() - failed.stat().st_mtime < PATIENCE:
        return None, failed.read_text()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:",
               "--no-deps", "--retries", "1", "--timeout", "10", "--dest", str(folder),
               RELEASE]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=2 * PATIENCE)
        (archive,) = folder.glob("pyspf-*.tar.gz")
        with tarfile.open(archive) as tar:
            (member,) = (m for m in tar.getmembers() if m.name.endswith(f"/{MEMBER}"))
            content = tar.extractfile(member)
            assert content is not None
            beside = folder / f"{MEMBER}.new"
            beside.write_bytes(content.read())
        beside.replace(path)
    except (subprocess.SubprocessError, OSError, ValueError, tarfile.TarError):
        reason = f"the openspf suite needs {RELEASE}, and the package registry is out of reach"
        failed.write_text(reason)
        return None, reason
    return path, ""

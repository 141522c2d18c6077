"""What zonelint brings along: `python -m tools.dependencies`.

Every distribution that `pip install zonelint` and its extras install, as a Markdown table: version,
licence, installed size, and which of them needs it. Read from the running environment; an extra
that is not installed there is named.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

NAME = "zonelint"
EXTRAS = ("octodns", "pulumi", "lsp")
"""The extras that are for users; `dev` is for this repository."""

UNKNOWN = "not stated"


@dataclass
class Dependency:
    """One distribution. `size` in octets, as installed; `wanted` by the core or by extras."""

    name: str
    version: str
    licence: str
    size: int
    wanted: list[str] = field(default_factory=list)


def dependencies() -> tuple[list[Dependency], list[str]]:
    """All of them by name, and the extras that are not installed here."""
    found: dict[str, Dependency] = {}
    absent = []
    for extra in ("", *EXTRAS):
        try:
            for each in _closure(NAME, extra):
                held = found.setdefault(each.name.lower(), each)
                held.wanted.append(extra or "core")
        except PackageNotFoundError as missing:
            absent.append(f"{extra} ({missing.name} is not installed)")
    return sorted(found.values(), key=lambda each: each.name.lower()), absent


def _closure(name: str, extra: str) -> Iterator[Dependency]:
    """Everything that the distribution with the extra needs, itself left out, each once."""
    seen: set[tuple[str, frozenset[str]]] = set()
    given: set[str] = set()
    waiting = list(_needs(distribution(name), frozenset({extra}), only=bool(extra)))
    while waiting:
        requirement = waiting.pop()
        key = (_normal(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        held = distribution(requirement.name)
        if key[0] not in given:
            given.add(key[0])
            yield Dependency(held.metadata["Name"], held.version, licence(held), _size(held))
        waiting += _needs(held, frozenset({"", *requirement.extras}))


def _needs(held: Distribution, extras: frozenset[str], *, only: bool = False) -> list[Requirement]:
    """What a distribution needs with these extras; `only`: not what it needs in any case."""
    needed = []
    for text in held.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if only and (marker is None or marker.evaluate({"extra": ""})):
            continue
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            needed.append(requirement)
    return needed


def licence(held: Distribution) -> str:
    """The licence as the distribution states it: SPDX, else its classifier, else its own words."""
    meta = held.metadata
    if "License-Expression" in meta:
        return str(meta["License-Expression"])
    classified = [
        text.rpartition(" :: ")[2]
        for text in meta.get_all("Classifier") or ()
        if text.startswith("License ::") and not text.endswith("OSI Approved")
    ]
    if classified:
        return ", ".join(classified)
    stated = str(meta["License"]).strip() if "License" in meta else ""
    return stated.splitlines()[0][:60] if stated else UNKNOWN


def _size(held: Distribution) -> int:
    sizes = 0
    for file in held.files or ():
        path = Path(str(held.locate_file(file)))
        if path.suffix != ".pyc" and path.is_file():
            sizes += path.stat().st_size
    return sizes


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def table() -> Iterator[str]:
    """The lines of the table, and a line for each installation with its whole size."""
    found, absent = dependencies()
    yield "| Distribution | Version | Licence | Size (MiB) | Needed by |"
    yield "|---|---|---|---:|---|"
    for each in found:
        wanted = ", ".join(each.wanted)
        yield f"| {each.name} | {each.version} | {each.licence} | {_mib(each.size)} | {wanted} |"
    yield ""
    core = [each for each in found if "core" in each.wanted]
    yield f"`pip install {NAME}`: {len(core)} distributions, {_mib(sum(e.size for e in core))} MiB."
    for extra in EXTRAS:
        more = [each for each in found if extra in each.wanted and "core" not in each.wanted]
        if more:
            size = _mib(sum(each.size for each in more))
            yield f"`{NAME}[{extra}]`: {len(more)} distributions more, {size} MiB."
    for extra in absent:
        yield f"Not listed: {extra}."


def page() -> str:
    """The page of the documentation."""
    lines = "\n".join(table())
    return f"""\
# Dependencies

What an installation brings along, with the licence that each distribution states and its size as
installed, in the environment that this page was built in. `python -m tools.dependencies` prints the
same for yours. The continuous integration asks for known vulnerabilities of all of them
(`pip-audit`), where it reaches the service that knows.

{lines}
"""


def _mib(octets: int) -> str:
    return f"{octets / (1 << 20):.1f}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table())

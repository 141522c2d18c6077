"""Zone files: one small one, one of 1,000 to 1,000,000 records, and 10,000 small ones."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks import generate
from benchmarks.contender import ROOT, Contender, Workload, python, zonelint

IMPORTS = "import dns.rdata, lark, click"
"""What any tool made of these libraries pays before it does anything."""
SLOW_ABOVE = 100_000
"""Records above which the tools that would take many minutes are left out."""


def small_file(rounds: int) -> Workload:
    """The file of a company on Microsoft 365, from the examples: mostly start-up."""
    example = ROOT / "examples" / "microsoft365" / "after" / "example.com.zone"
    return Workload(
        "one small file",
        [
            zonelint(example),
            Contender(f'`python -c "{IMPORTS}"`', python("-c", IMPORTS)),
            Contender("`python -c pass`", python("-c", "pass")),
        ],
        rounds * 5,
    )


def big_zones(folder: Path, sizes: list[int], rounds: int) -> Iterator[Workload]:
    """One zone of each size, read by everything that reads zone files, and checkdmarc's parsers
    over the SPF and DMARC records in it."""
    for records in sizes:
        path = generate.big(folder / str(records), records)
        contenders = [
            zonelint(path),
            with_dnspython("reader", path),
        ]
        named_checkzone = shutil.which("named-checkzone")
        if named_checkzone:
            # "-i local": without it, it asks the network about names outside the zone.
            command: list[str | Path] = [named_checkzone, "-i", "local", "example.com", path]
            contenders.append(Contender("`named-checkzone -i local`", command))
        if records <= SLOW_ABOVE:
            contenders.append(with_dnspython("zone", path))
            if importlib.util.find_spec("checkdmarc"):
                command = python("-m", "benchmarks.with_checkdmarc", path)
                contenders.append(Contender("checkdmarc, its parsers", command))
        yield Workload(
            f"one zone of {records:,} records, {path.stat().st_size / 1e6:.1f} MB",
            contenders,
            rounds if records <= SLOW_ABOVE else 1,
        )


def small_zones(folder: Path, zones: int, rounds: int) -> Workload:
    """Many files of ten records."""
    small = generate.small(folder / "small", zones)
    contenders = [
        zonelint(small),
        zonelint(small, "--jobs", "2", name="zonelint check --jobs 2"),
        with_dnspython("reader", small),
        with_dnspython("zone", small),
    ]
    return Workload(f"{zones:,} zones of 10 records", contenders, rounds)


def with_dnspython(how: str, path: Path) -> Contender:
    name = {"zone": "dnspython, `dns.zone.from_text`", "reader": "dnspython, bare reader"}[how]
    return Contender(name, python("-m", "benchmarks.with_dnspython", how, path))

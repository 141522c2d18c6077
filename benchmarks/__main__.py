"""zonelint beside the tools that read the same files, in one table: ``python -m benchmarks``.

Wants the package installed with its ``octodns`` extra; ``named-checkzone`` (Debian: bind9-utils)
and checkdmarc (``pip install checkdmarc``) take part where they are installed. The policy pack for
Pulumi has a command of its own: ``python -m benchmarks.pulumi``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import check, octodns
from benchmarks.contender import HEAD, Workload

SIZES = [1_000, 10_000, 100_000, 1_000_000]


def workloads(folder: Path, given: argparse.Namespace) -> Iterator[Workload]:
    if "file" in given.only:
        yield check.small_file(given.rounds)
    if "big" in given.only:
        yield from check.big_zones(folder, given.sizes, given.rounds)
    if "small" in given.only:
        yield check.small_zones(folder, given.zones, given.rounds)
    if "octodns" in given.only:
        yield octodns.repository(folder, given.octodns_zones, given.rounds)


def growth(done: list[Workload], sizes: list[int]) -> Iterator[str]:
    """How much longer ten times the records take, the start-up of the small file taken off."""
    start_up = min(done[0].contenders[0].cpu)
    took = [min(workload.contenders[0].cpu) - start_up for workload in done[1 : 1 + len(sizes)]]
    for (few, short), (many, long) in zip(
        zip(sizes, took, strict=True), zip(sizes[1:], took[1:], strict=True), strict=False
    ):
        yield f"{few:,} to {many:,} records: {many / few:g} times the records, {long / short:.1f} times the time"  # noqa: E501


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = ["file", "big", "small", "octodns"]
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="records of one zone")
    parser.add_argument("--zones", type=int, default=10_000, help="how many small zones")
    parser.add_argument("--octodns-zones", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")
    given = parser.parse_args()
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("zonelint", "dnspython", "octodns", "checkdmarc")
        if any(importlib.metadata.distributions(name=name))
    ]
    print(
        f"{datetime.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores,"
        f" {', '.join(versions)}; best of {given.rounds}\n\n{HEAD}"
    )
    done = []
    with tempfile.TemporaryDirectory() as folder:
        for workload in workloads(Path(folder), given):
            workload.measure()
            print("\n".join(workload.rows()), flush=True)
            done.append(workload)
    if {"file", "big"} <= set(given.only):
        print("", *growth(done, given.sizes), sep="\n")


if __name__ == "__main__":
    main()

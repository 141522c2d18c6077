"""zonelint beside the tools that read the same files: ``python -m benchmarks.check [FOLDER]``.

Every tool runs as a process of its own, start-up included. The tools take turns, round by round, so
that a busy machine is busy for all of them; the best round of each counts. What matters is the
ratio, that of CPU time: seconds differ from one machine, and one hour, to the next.

FOLDER holds the files of ``python -m benchmarks.generate``; without it they are written to a
temporary folder and removed.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import generate

ROOT = Path(__file__).resolve().parents[1]
ZONELINT = Path(sys.executable).with_name("zonelint")
# Installed tools are compiled once; where Python may not write what it compiled, ours would be
# compiled anew in each run.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(slots=True)
class Contender:
    """One command over one workload; seconds, CPU seconds and peak memory (MB) of each round."""

    name: str
    command: list[str | Path]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run once and note what it took; SystemExit when the command cannot do its work."""
        start = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors
            )
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                tail = errors.read().decode(errors="replace")[-2000:]
                raise SystemExit(f"{self.name}: exit status {process.returncode}\n{tail}")
        self.seconds.append(took)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.megabytes.append(usage.ru_maxrss / 1024)

    @property
    def best(self) -> float:
        return min(self.seconds)


def python(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, *arguments]


def zonelint(path: Path) -> Contender:
    """The whole check, every rule, its report written and thrown away."""
    return Contender("zonelint check", [ZONELINT, "check", "--exit-zero", path])


def with_dnspython(how: str, path: Path) -> Contender:
    name = {"zone": "dnspython, dns.zone.from_text", "reader": "dnspython, bare reader"}[how]
    return Contender(name, python("-m", "benchmarks.with_dnspython", how, path))


def workloads(big: Path, small: Path) -> dict[str, list[Contender]]:
    """What is measured: the first contender of each workload is the one the others are held to."""
    with big.open() as lines:
        records = sum(line.startswith(("h", "_dmarc.h")) for line in lines)
    zones = sum(1 for _ in small.glob("*.zone"))
    one = [zonelint(big), with_dnspython("zone", big), with_dnspython("reader", big)]
    named_checkzone = shutil.which("named-checkzone")
    if named_checkzone:
        # "-i local": without it, it asks the network about names outside the zone.
        one.append(
            Contender("named-checkzone", [named_checkzone, "-i", "local", "example.com", big])
        )
    example = ROOT / "examples" / "microsoft365" / "after" / "example.com.zone"
    return {
        f"one zone of {records:,} records": one,
        f"{zones:,} zones of 10 records": [
            zonelint(small),
            with_dnspython("zone", small),
            with_dnspython("reader", small),
        ],
        "one small file": [
            zonelint(example),
            Contender('python -c "import dns.rdata, lark, click"', python(
                "-c", "import dns.rdata, lark, click"
            )),
            Contender("python -c pass", python("-c", "pass")),
        ],
    }  # fmt: skip


def measure(contenders: list[Contender], rounds: int) -> None:
    for _ in range(rounds):
        for contender in contenders:
            contender.run()


def table(title: str, contenders: list[Contender]) -> str:
    """The workload's figures; the last column is zonelint's CPU time as a share of the tool's."""
    lines = [f"{title:<45} {'seconds':>9} {'CPU':>9} {'peak MB':>9} {'zonelint takes':>15}"]
    for contender in contenders:
        share = min(contenders[0].cpu) / min(contender.cpu)
        lines.append(
            f"  {contender.name:<43} {contender.best:>9.3f} {min(contender.cpu):>9.3f}"
            f" {max(contender.megabytes):>9.0f} {f'{share:.2f} ×':>15}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--records", type=int, default=generate.RECORDS)
    parser.add_argument("--zones", type=int, default=generate.ZONES)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        big, small = folder / "big" / "example.com.zone", folder / "small"
        if not big.exists() or not small.exists():
            big, small = generate.write(folder, given.records, given.zones)
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, best of {given.rounds}")
        for title, contenders in workloads(big, small).items():
            rounds = given.rounds * 5 if "small file" in title else given.rounds
            measure(contenders, rounds)
            print(f"\n{table(title, contenders)}", flush=True)


if __name__ == "__main__":
    main()

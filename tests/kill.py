"""Kill the commands that write files, at random moments: `python -m tests.kill --times 200`.

Every file must then be the old one or the new one, whole. Half of the kills come at any moment of
the run, half of them while the new file is being written beside the old one. What a kill leaves
behind must not disturb the next run.

Exit status: 0 all files were whole, 1 one was not.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.dns_server import DnsServer
from zonelint.rules.model import lock as lockfile
from zonelint.rules.model.answers import Held, Status
from zonelint.rules.model.lock import Lock

HOSTS = 4000
"""Records that make a file large enough for its writing to take a while."""

HEAD = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
ns A 192.0.2.53
@ MX 10 example-com.mail.protection.outlook.com.
@ TXT "v=spf1 IP4:192.0.2.0/24 ip4:192.0.2.0/24 include:a.vendor.example -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
"""
UNKNOWN = "include:a.vendor.example "
"""What there is no lock for: while it is unknown, no sender is added to the record."""
CONFIG = """\
[domains."example.com"]
profile = "sending"
senders = ["microsoft365"]
[domains."example.com".dmarc]
target = "reject"
rua = ["mailto:dmarc@example.com"]
"""
VENDOR = "".join(
    f'{name} 300 IN TXT "v=spf1 ip4:198.51.100.{number} include:{after}.vendor.example -all"\n'
    for number, (name, after) in enumerate(zip("abcdefgh", "bcdefghi", strict=True))
)
WORLD = {"vendor.example.": VENDOR + 'i 300 IN TXT "v=spf1 -all"\n'}

COMMANDS: dict[str, Sequence[str]] = {
    "fix": ("check", "--fix", "--exit-zero", "."),
    "lock": ("lock", "--update"),
    "propose": ("propose", "--write"),
}


@dataclass
class Tally:
    """What the kills met: files left old and new, kills in the middle of writing, what was torn."""

    kills: int = 0
    old: int = 0
    new: int = 0
    while_writing: int = 0
    torn: list[str] = field(default_factory=list)


@contextlib.contextmanager
def command(name: str) -> Iterator[list[str]]:
    """The command line to run; the lock's has a DNS server as long as it is needed."""
    line = [sys.executable, "-m", "zonelint", *COMMANDS[name]]
    if name != "lock":
        yield line
        return
    with DnsServer(WORLD) as server:
        yield [*line, "--nameserver", server.address]


def prepare(name: str, folder: Path) -> list[Path]:
    """The folder that a command works in; gives the files that it will write."""
    hosts = "".join(f"host{number} A 192.0.2.{number % 250}\n" for number in range(HOSTS))
    zones = [folder / "example.com.zone"]
    if name == "fix":
        zones.append(folder / "example.net.zone")
    head = HEAD.replace(UNKNOWN, "") if name == "propose" else HEAD
    for path in zones:
        path.write_text(head.replace("example.com.\n", f"{path.stem}.\n", 1) + hosts)
    if name == "propose":
        (folder / "zonelint.toml").write_text(CONFIG)
    if name != "lock":
        return zones
    lock = folder / "zonelint.lock"
    old = Lock()
    held = Held(Status.RECORDS, ("v=spf1 -all",))
    old.put("a.vendor.example.", "TXT", held, datetime.date(2026, 1, 1))
    lock.write_text(lockfile.write(old))
    return [lock]


def trials(name: str, times: int, seed: int = 1) -> Tally:
    """Kill a command so many times, each in a folder of its own."""
    chance = random.Random(seed)
    tally = Tally()
    with tempfile.TemporaryDirectory() as top, command(name) as line:
        model = Path(top, "model")
        model.mkdir()
        files = prepare(name, model)
        old = [path.read_bytes() for path in files]
        begun = time.monotonic()
        done = subprocess.run(line, cwd=model, capture_output=True, text=True, check=False)
        lasts = time.monotonic() - begun
        new = [path.read_bytes() for path in files]
        if any(before == after for before, after in zip(old, new, strict=True)):
            raise RuntimeError(f"{name} writes nothing to be killed at: {done.stderr[-500:]}")
        for number in range(times):
            folder = Path(top, str(number))
            folder.mkdir()
            written = prepare(name, folder)
            _kill(line, folder, chance, lasts, while_writing=number % 2 == 1)
            tally.kills += 1
            left = any(path.name.startswith(".") for path in folder.iterdir())
            tally.while_writing += left
            for path, before, after in zip(written, old, new, strict=True):
                found = path.read_bytes() if path.exists() else b""
                if found == before:
                    tally.old += 1
                elif found == after:
                    tally.new += 1
                else:
                    tally.torn.append(f"{path.name}: {len(found)} octets of {len(after)}")
            if left:
                subprocess.run(line, cwd=folder, capture_output=True, check=False)
                for path, after in zip(written, new, strict=True):
                    if path.read_bytes() != after:
                        tally.torn.append(f"{path.name}: another result after a kill")
            shutil.rmtree(folder)
    return tally


def _kill(
    line: Sequence[str], folder: Path, chance: random.Random, lasts: float, *, while_writing: bool
) -> None:
    process = subprocess.Popen(
        line, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if not while_writing:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, lasts * 1.1))
    else:
        # The new file shows under a hidden name before it is put in place.
        while process.poll() is None and not _is_writing(folder):
            pass
        time.sleep(chance.choice((0, 0, chance.uniform(0, 0.004))))
    process.kill()
    process.wait()


def _is_writing(folder: Path) -> bool:
    return any(path.name.startswith(".") for path in folder.iterdir())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="kills in all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torn: Counter[str] = Counter()
    print(f"{'command':<10}{'kills':>7}{'while writing':>15}{'files old':>11}{'files new':>11}"
          f"{'torn':>6}")  # fmt: skip
    for number, name in enumerate(COMMANDS):
        share = options.times // len(COMMANDS) + (number < options.times % len(COMMANDS))
        tally = trials(name, share, options.seed)
        print(f"{name:<10}{tally.kills:>7}{tally.while_writing:>15}{tally.old:>11}{tally.new:>11}"
              f"{len(tally.torn):>6}", flush=True)  # fmt: skip
        torn.update(tally.torn)
    for what, times in torn.items():
        print(f"torn: {what} ({times} times)")
    return 1 if torn else 0


if __name__ == "__main__":
    sys.exit(main())

"""The hosts that tests run, built from their pinned sources: `python -m tests.hosts.build`.

Each folder of `go/` is a Go module of ours whose go.mod and go.sum pin what one program is made
of. It is built once into `$XDG_CACHE_HOME/zonelint-hosts/NAME-VERSION-DIGEST`; the digest is that
of the folder, so that any change of a pin or of a source builds anew. Nothing is built twice at the
same time, however many processes ask.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

GO = Path(__file__).with_name("go")


class BuildError(Exception):
    """A host that cannot be built; the message holds what Go said."""


@dataclass(frozen=True)
class Host:
    """A program in Go. module: the module whose version is its own; None: its source is ours.

    symbols: what the linker writes into it, `{version}` for the version.
    """

    name: str
    folder: str
    package: str
    module: str | None = None
    symbols: tuple[str, ...] = ()

    @cached_property
    def version(self) -> str:
        """The version that go.mod pins."""
        if self.module is None:
            return "0.0.1"
        for line in (GO / self.folder / "go.mod").read_text("utf-8").splitlines():
            words = line.removeprefix("require ").split()
            if words[:1] == [self.module]:
                return words[1].removeprefix("v")
        raise BuildError(f"{self.folder}/go.mod does not require {self.module}")

    @property
    def path(self) -> Path:
        """Where the program is once it is built."""
        digest = hashlib.sha256(json.dumps([self.package, *self.symbols]).encode())
        for file in sorted((GO / self.folder).iterdir()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        kept = f"{self.folder}-{self.version}-{digest.hexdigest()[:12]}"
        return cache() / kept / self.name


HOSTS = {
    host.folder: host
    for host in (
        Host(
            "pulumi",
            "pulumi",
            "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            "github.com/pulumi/pulumi/pkg/v3",
            # Without a version of its own the Automation API refuses the command line.
            ("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",),
        ),
        Host(
            "pulumi-language-yaml",
            "pulumi-yaml",
            "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
            "github.com/pulumi/pulumi-yaml",
        ),
        Host(
            "tofu",
            "tofu",
            "github.com/opentofu/opentofu/cmd/tofu",
            "github.com/opentofu/opentofu",
            ("github.com/opentofu/opentofu/version.dev=no",),
        ),
        Host("terraform-provider-standin", "provider", "."),
    )
}


def cache() -> Path:
    """Where built hosts are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "zonelint-hosts"


def find_go() -> str | None:
    """The Go command; None where it is missing."""
    return shutil.which("go") or shutil.which("/usr/local/go/bin/go")


def build(name: str) -> Path:
    """A host's program, built if it is missing. Raises BuildError."""
    host = HOSTS[name]
    program = host.path
    if program.exists():
        return program
    go = find_go()
    if go is None:
        raise BuildError(f"{name} is not built, and there is no go to build it with")
    program.parent.mkdir(parents=True, exist_ok=True)
    with (program.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _compile(go, host, program)
    return program


def _compile(go: str, host: Host, program: Path) -> None:
    flags = ["-s", "-w", *(f"-X {each.format(version=host.version)}" for each in host.symbols)]
    made = program.with_suffix(".part")
    print(f"{host.name} {host.version}: building", file=sys.stderr, flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [
            *(go, "build", "-mod=readonly", "-buildvcs=false", "-trimpath"),
            *("-ldflags", " ".join(flags), "-o", str(made), host.package),
        ],
        cwd=GO / host.folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise BuildError(f"{host.name} {host.version} cannot be built:\n{done.stdout}")
    made.replace(program)
    seconds = time.monotonic() - began
    print(f"{host.name} {host.version}: built in {seconds:.0f} s", file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Build what is missing, and say where each host is."""
    parser = argparse.ArgumentParser(prog="python -m tests.hosts.build", description=__doc__)
    parser.add_argument("hosts", nargs="*", metavar="HOST", help=f"of {', '.join(HOSTS)}; else all")
    args = parser.parse_args(argv)
    if unknown := set(args.hosts) - set(HOSTS):
        parser.error(f"there is no host {', '.join(sorted(unknown))}")
    try:
        for name in args.hosts or HOSTS:
            print(build(name))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

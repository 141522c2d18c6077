"""Pulumi's engine and OpenTofu for the pages of the site, where the tests' build has made them.

The commands of a page are run as they stand there, with three things in their place that cannot be
had: vendors are the tests' stand-ins, which publish on a name server of the page's own (what
`dig` asks); `--policy-pack FOLDER` names a program that starts the folder as Pulumi's Python
host does; and a program in Python is run by the Automation API.
"""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ZONES = ("example.com",)
PROGRAMS = {"pulumi": ("pulumi", "pulumi-yaml"), "tofu": ("tofu", "provider")}
"""What a page may need, and what has to be built for it."""
_NOISE = re.compile(
    r"^.*warning: using pulumi-language-.*\n?|^.*: (?:starting|done)\n|^@ .*\n"
    r"|^\n?Warning: Provider development overrides(?s:.*?)releases\.\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of one page. environment: for its commands."""

    folder: Path
    environment: dict[str, str]
    port: int

    def run_as(self, command: str, here: Path) -> str:
        """A command of the page, as it is run."""
        project = here / "Pulumi.yaml"
        is_python = project.is_file() and "runtime: python" in project.read_text("utf-8")
        if is_python and command.startswith("pulumi preview"):
            return shlex.join([sys.executable, str(Path(__file__)), *shlex.split(command)[1:]])
        command = re.sub(r"^dig\b", f"dig -p {self.port}", command)
        return re.sub(
            r"--policy-pack (\S+)", lambda found: self._pack((here / found[1]).resolve()), command
        )

    def _pack(self, pack: Path) -> str:
        program = self.folder / ".hosts" / pack.name
        start = f'cd {shlex.quote(str(pack))} && exec {sys.executable} -u -m pulumi.policy "$1" .'
        program.write_text(f"#!/bin/sh\n{start}\n")
        program.chmod(0o755)
        return f"--policy-pack {shlex.quote(str(program))}"


def tidy(output: str) -> str:
    """An output without what only the stand-ins and the tests' builds make the hosts say."""
    return _NOISE.sub("", output).replace("~/.hosts/", "~/examples/")


@contextmanager
def running(folder: Path, needs: set[str]) -> Iterator[Hosts | None]:
    """What a page needs; None where that is nothing, is not built, or where there is no named."""
    if not needs:
        yield None
        return
    sys.path.insert(0, str(ROOT))
    try:
        from tests.dns_server import NAMED
        from tests.hosts.build import HOSTS
        from tests.hosts.commands import pulumi_environment, tofu_environment
        from tests.hosts.nameserver import serving
        from tests.hosts.pulumi_provider import attached
    finally:
        sys.path.remove(str(ROOT))
    wanted = [name for need in sorted(needs) for name in PROGRAMS[need]]
    if NAMED is None or not all(HOSTS[name].path.exists() for name in wanted):
        yield None
        return
    own = folder / ".hosts"
    (own / "named").mkdir(parents=True)
    with ExitStack() as stack:
        server = stack.enter_context(serving(own / "named", ZONES))
        environment: dict[str, str] = {}
        if "pulumi" in needs:
            environment = pulumi_environment(own, stack.enter_context(attached(server)))
        if "tofu" in needs:
            environment = tofu_environment(own, server)
        yield Hosts(folder, environment, server.port)


def main(command: str, *words: str) -> int:
    """`pulumi preview` of the Python program `__main__.py` in this folder."""
    from pulumi import automation

    assert command == "preview", "nothing else is needed of a program in Python"
    stack = automation.create_or_select_stack(
        "test",
        project_name=Path.cwd().name,
        program=lambda: runpy.run_path("__main__.py", run_name="__main__") and None,
        opts=automation.LocalWorkspaceOptions(work_dir=str(Path.cwd())),
    )
    stack.preview(on_output=lambda line: print(line, flush=True), diff="--diff" in words)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The commands of a page, run when the site is built: what stands under them is what they print.

Three comments in a page's Markdown ask for it, each in front of a fenced block:

    <!-- run -->              run the block's `$` lines and put their output below each
    <!-- run: status=1 -->    the same; the last of them must end so (others and by default: 0);
                              lines=N shows no more of each output, tidy leaves out log lines of
                              the level INFO, times, tracebacks and empty lines;
                              needs=pulumi, needs=tofu: run where these are built (docs_hosts.py),
                              elsewhere the block is shown as it is
    <!-- file: NAME -->       write the block into this file of the page's folder
    <!-- show: NAME -->       (without a block) put a file of the page's folder here

Every page has a temporary folder of its own, with a copy of `examples/` where it names them. A
command that ends otherwise than told fails the build.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from docs_hosts import Hosts, running, tidy

ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 120
_ASKED = re.compile(
    r"^(?P<indent> *)<!-- (?P<what>run|file|show)(?:: *(?P<given>[^\n]*?))? -->\n"
    r"(?:(?P<head>(?P=indent)```[^\n]*\n)(?P<body>.*?\n)(?P=indent)```\n)?",
    re.MULTILINE | re.DOTALL,
)
_LANGUAGES = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".py": "python",
              ".zone": "dns-zone", ".lock": "toml", ".tf": "terraform"}  # fmt: skip


class PageError(Exception):
    """A page whose commands do not do what it says; the message names page and command."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command of a page: what it printed (both streams, as they came) and how it ended."""

    command: str
    output: str
    status: int


@dataclass(slots=True)
class Page:
    """The folder of one page and what was run in it so far."""

    name: str
    folder: Path
    here: Path
    nameserver: str | None = None
    hosts: Hosts | None = None
    ran: list[Ran] = field(default_factory=list)

    def run(self, command: str, status: int | None) -> str:
        """Run one command; gives its output. Raises PageError when it ends otherwise."""
        if command.startswith("cd "):
            command, _, rest = command.partition(" && ")
            self.here = (self.here / shlex.split(command)[1]).resolve()
            if not self.here.is_dir():
                raise PageError(f"{self.name}: {command}: there is no such folder")
            return self.run(rest, status) if rest else ""
        done = subprocess.run(
            ["bash", "-c", self._run_as(command)],
            cwd=self.here,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        output = done.stdout.replace(str(self.folder), "~").rstrip()
        self.ran.append(Ran(command, output, done.returncode))
        if status is not None and done.returncode != status:
            raise PageError(
                f"{self.name}: '{command}' ends with {done.returncode} instead of {status}:\n"
                f"{output}"
            )
        return output

    def _run_as(self, command: str) -> str:
        """The command as it is run: the page's name server and hosts stand for others."""
        if self.hosts is not None:
            command = self.hosts.run_as(command, self.here)
        if self.nameserver is None:
            return command
        return re.sub(r"^zonelint lock\b", f"zonelint lock --nameserver {self.nameserver}", command)

    def _environment(self) -> dict[str, str]:
        tools = Path(sys.executable).parent
        kept = {key: os.environ[key] for key in ("TMPDIR", "SYSTEMROOT") if key in os.environ}
        git = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (
                ("NAME", "Postmaster"),
                ("EMAIL", "postmaster@example.com"),
                ("DATE", "2026-03-12T09:00:00Z"),
            )
        }
        hosts = {} if self.hosts is None else self.hosts.environment
        return {
            **kept,
            **git,
            **hosts,
            "PATH": hosts.get("PATH") or f"{tools}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "COLUMNS": "90",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@contextmanager
def page(name: str, markdown: str, nameserver: str | None = None) -> Iterator[Page]:
    """A page's temporary folder, with the examples in it where the page names them."""
    with tempfile.TemporaryDirectory(prefix="zonelint-docs-") as made:
        folder = Path(made).resolve()
        if "examples/" in markdown:
            shutil.copytree(
                ROOT / "examples",
                folder / "examples",
                ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "deployed"),
            )
        with running(folder, set(re.findall(r"<!-- run:.*\bneeds=(\w+)", markdown))) as hosts:
            yield Page(name, folder, folder, nameserver, hosts)


def filled(markdown: str, here: Page) -> str:
    """The page with every command run and every file written or shown."""
    return _ASKED.sub(lambda found: _answer(found, here), markdown)


def _answer(found: re.Match[str], here: Page) -> str:
    indent, what, given = found["indent"], found["what"], found["given"] or ""
    if what == "show":
        text = _indented(_shown(here, given), indent)
        return text + "\n" + found[0].partition("\n")[2]
    if found["body"] is None:
        raise PageError(f"{here.name}: there is no block behind <!-- {what}: {given} -->")
    body = "".join(line.removeprefix(indent) for line in found["body"].splitlines(keepends=True))
    if what == "file":
        target = here.here / given
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, "utf-8")
        return found[0].partition("\n")[2]
    text = "".join(_output(body, given, here))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"^`{3,}", text, re.MULTILINE)), 3)
    return _indented(f"{fence}console\n{text}{fence}", indent) + "\n"


def _output(body: str, given: str, here: Page) -> Iterator[str]:
    """The block again, with the output below each of its commands."""
    settings = dict(each.partition("=")[::2] for each in given.split())
    if "needs" in settings and here.hosts is None:
        yield body
        return
    last = int(settings.get("status", 0))
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    for number, command in enumerate(commands):
        output = here.run(command, last if number == len(commands) - 1 else 0)
        yield f"$ {command}\n"
        if shown := _cut(output, settings).strip("\n"):
            yield f"{shown}\n"


_TRACE = re.compile(
    r"^Traceback .*\n(?:[ \t].*\n)*|^.* INFO .*(?:\n|$)(?:[ \t].*\n)*", re.MULTILINE
)
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\S+ +\[\d+\] +", re.MULTILINE)
"""What `tidy` leaves out: the way through a program to its message, its progress, the time."""


def _cut(output: str, settings: dict[str, str]) -> str:
    """The first lines of a long output, where the page asks for no more."""
    if "needs" in settings:
        output = tidy(output)
    if "tidy" in settings:
        output = _STAMP.sub("", _TRACE.sub("", output))
    lines = [line for line in output.splitlines() if line or "tidy" not in settings]
    most = int(settings.get("lines", len(lines)))
    return "\n".join([*lines[:most], "…"] if len(lines) > most else lines)


def _shown(here: Page, given: str) -> str:
    path = here.here / given
    if not path.is_file():
        raise PageError(f"{here.name}: there is no file {given} to show")
    language = _LANGUAGES.get(path.suffix, "text")
    language = "text" if language == "dns-zone" else language
    return f'```{language} title="{given}"\n{path.read_text("utf-8").rstrip()}\n```'


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else "" for line in text.splitlines())

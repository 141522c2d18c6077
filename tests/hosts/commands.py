"""The hosts' command lines, run as users run them: Pulumi and OpenTofu."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.warm.command import warm

from .build import HOSTS, build
from .nameserver import NameServer

PACK = Path(__file__).resolve().parents[2] / "examples" / "pulumi-policy-pack"


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: what it printed, how it ended and how long it took."""

    output: str
    errors: str
    status: int
    seconds: float

    @property
    def said(self) -> str:
        return self.output + self.errors


@dataclass(slots=True)
class Host:
    """A folder in which commands are run, with the environment for them."""

    folder: Path
    environment: dict[str, str]
    ran: list[Done] = field(default_factory=list)

    def run(self, *command: str | Path, status: int | None = 0) -> Done:
        """Run a command to its end; it has to end with this status (None: with any)."""
        began = time.monotonic()
        process = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        seconds = time.monotonic() - began
        done = Done(process.stdout, process.stderr, process.returncode, seconds)
        self.ran.append(done)
        shown = " ".join(str(word) for word in command)
        assert status is None or done.status == status, f"{shown}: {done.status}\n{done.said}"
        return done

    def zonelint(self, *words: str | Path, status: int | None = 0) -> Done:
        return self.run(*warm("zonelint"), *words, status=status)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a shell of a user would have, without this machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
    path = f"{Path(sys.executable).parent}:{kept['PATH']}"
    return {**kept, "HOME": str(folder), "PATH": path, "NO_COLOR": "1", "COLUMNS": "200", **more}


# -- Pulumi ---------------------------------------------------------------------------------------


def pulumi_environment(folder: Path, providers: str) -> dict[str, str]:
    """For Pulumi's commands: no account, its state in a folder, the vendors' stand-ins attached."""
    for each in ("backend", "home"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    env = environment(
        folder,
        PULUMI_BACKEND_URL=f"file://{folder}/backend",
        PULUMI_CONFIG_PASSPHRASE="",
        PULUMI_HOME=str(folder / "home"),
        PULUMI_SKIP_UPDATE_CHECK="1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true",
        PULUMI_DEBUG_PROVIDERS=providers,
    )
    programs = [str(HOSTS[name].path.parent) for name in ("pulumi", "pulumi-yaml")]
    return {**env, "PATH": ":".join([*programs, env["PATH"]])}


class Stack(Host):
    """A Pulumi project with the stack `test`, whose backend is a folder."""

    def __init__(self, folder: Path, providers: str) -> None:
        shutil.copytree(begun(), folder)
        told = {**pulumi_environment(folder, providers), "PULUMI_STACK": "test"}
        super().__init__(folder / "project", told)
        self.packs: list[str] = []
        self.program({})

    def program(self, resources: Mapping[str, Any], **more: Any) -> None:
        """Write the program: its resources, and other sections by their names."""
        project = {"name": "mail", "runtime": "yaml", **more, "resources": dict(resources)}
        text = yaml.safe_dump(project, sort_keys=False, allow_unicode=True)
        (self.folder / "Pulumi.yaml").write_text(text, "utf-8")

    def pack(
        self,
        folder: Path = PACK,
        config: Mapping[str, Any] | None = None,
        name: str = "pack",
    ) -> None:
        """Use a policy pack from now on, in place of the one of this name.

        The engine starts the pack's folder through its Python host, which cannot be had; it does
        what that host does by a program of two lines.
        """
        program = self.folder.parent / name
        start = f'cd {folder} && exec {sys.executable} -u -m pulumi.policy "$1" .'
        program.write_text(f"#!/bin/sh\n{start}\n")
        program.chmod(0o755)
        told = self.folder.parent / f"{name}.json"
        told.write_text(json.dumps(config or {}))
        given = [f"--policy-pack={program}", f"--policy-pack-config={told}"]
        self.packs = [*(word for word in self.packs if word not in given), *given]

    def preview(self, *words: str, status: int | None = 0) -> Done:
        return self.run("pulumi", "preview", "--diff", *self.packs, *words, status=status)

    def up(self, *words: str, status: int | None = 0) -> Done:
        return self.run("pulumi", "up", "--yes", *self.packs, *words, status=status)

    def destroy(self) -> Done:
        return self.run("pulumi", "destroy", "--yes")


@cache
def begun() -> Path:
    """A folder as each stack begins in: with a project, and a backend that knows the stack."""
    build("pulumi")
    build("pulumi-yaml")
    folder = Path(tempfile.mkdtemp(prefix="stack-"))
    atexit.register(shutil.rmtree, folder)
    host = Host(folder / "project", pulumi_environment(folder, ""))
    host.folder.mkdir()
    (host.folder / "Pulumi.yaml").write_text("name: mail\nruntime: yaml\nresources: {}\n")
    host.run("pulumi", "stack", "init", "test", "--non-interactive")
    return folder


# -- OpenTofu -------------------------------------------------------------------------------------


def tofu_environment(folder: Path, server: NameServer) -> dict[str, str]:
    """For OpenTofu's commands: the vendors' providers are the stand-ins, under their names."""
    told = ""
    for owner, name in (("hashicorp", "aws"), ("cloudflare", "cloudflare")):
        home = folder / "providers" / name
        home.mkdir(parents=True)
        (home / f"terraform-provider-{name}").symlink_to(HOSTS["provider"].path)
        told += f'    "{owner}/{name}" = "{home}"\n'
    rc = folder / "tofu.rc"
    rc.write_text(f"provider_installation {{\n  dev_overrides {{\n{told}  }}\n  direct {{}}\n}}\n")
    env = environment(
        folder, TF_CLI_CONFIG_FILE=str(rc), CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1",
        TF_INPUT="0", TF_CLI_ARGS="-no-color", **server.environment,
    )  # fmt: skip
    return {**env, "PATH": f"{HOSTS['tofu'].path.parent}:{env['PATH']}"}


class Tofu(Host):
    """A folder with an OpenTofu configuration; the vendors' providers are the stand-ins."""

    def __init__(self, folder: Path, server: NameServer) -> None:
        build("tofu")
        build("provider")
        super().__init__(folder / "project", tofu_environment(folder, server))
        self.folder.mkdir()

    def program(self, text: str, file: str = "main.tf") -> None:
        """Write a file of the configuration, below the two providers' requirements."""
        head = (
            "terraform {\n  required_providers {\n"
            '    aws        = { source = "hashicorp/aws" }\n'
            '    cloudflare = { source = "cloudflare/cloudflare" }\n  }\n}\n\n'
        )
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + text, "utf-8")

    def plan(self, *words: str, status: int | None = 0) -> Path:
        """Plan as the docs tell it; the plan as JSON."""
        self.run("tofu", "plan", "-out", "tfplan", *words, status=status)
        shown = self.run("tofu", "show", "-json", "tfplan")
        path = self.folder / "plan.json"
        path.write_text(shown.output, "utf-8")
        return path

    def apply(self, status: int | None = 0) -> Done:
        """Apply what was planned last."""
        return self.run("tofu", "apply", "-auto-approve", "tfplan", status=status)

"""The vendors' own Pulumi SDKs, as wheels of pinned versions kept beside the hosts.

They say which properties their resources have, and programs that people write import them.
"""

from __future__ import annotations

import ast
import fcntl
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .build import cache
from .vendors import PACKAGES


class MissingError(Exception):
    """A wheel that the package registry does not give."""


def wheel(package: str) -> Path:
    """The wheel of a package's SDK, downloaded once. Raises MissingError."""
    version = PACKAGES[package][0]
    kept = cache() / "wheels" / f"{package}-{version}"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(kept.glob("*.whl")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--dest", str(kept), f"pulumi-{package}=={version}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if done.returncode:
                raise MissingError(f"pulumi-{package} {version}: {done.stderr.strip()}")
    (found,) = kept.glob("*.whl")
    return found


def unpacked(package: str) -> Path:
    """A folder to import the SDK from."""
    from_wheel = wheel(package)
    folder = from_wheel.parent / "unpacked"
    with (from_wheel.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            part = folder.with_name(f"part-{os.getpid()}")
            with zipfile.ZipFile(from_wheel) as archive:
                archive.extractall(part)
            part.rename(folder)
    return folder


def properties(package: str, token: str) -> tuple[set[str], set[str]]:
    """The inputs and the outputs of a resource, by their names in Pulumi."""
    with zipfile.ZipFile(wheel(package)) as archive:
        for name in archive.namelist():
            if name.endswith(".py") and ("record" in name or "zone" in name):
                text = archive.read(name).decode()
                if f'@pulumi.type_token("{token}")' in text:
                    return sides(ast.parse(text))
    raise LookupError(f"{token} is not in {package}")


def sides(tree: ast.Module) -> tuple[set[str], set[str]]:
    inputs: set[str] = set()
    outputs: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Args"):
            inputs |= set(getters(node))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            outputs |= set(getters(node))
    return inputs, outputs


def getters(tree: ast.ClassDef) -> Iterator[str]:
    """The properties of a class, by their names in Pulumi."""
    for node in tree.body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Call) and decorator.keywords:
                value = decorator.keywords[0].value
                if isinstance(value, ast.Constant):
                    yield str(value.value)
            elif ast.unparse(decorator) == "pulumi.getter" and isinstance(node, ast.FunctionDef):
                yield node.name

"""Real hosts for tests: each test has a name server, a stack and a configuration of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dns_server import NAMED

from .build import HOSTS, build, find_go
from .commands import Stack, Tofu
from .nameserver import NameServer, serving
from .pulumi_provider import attached
from .table_provider import attached_table

ZONES = ("example.com", "example.net")


def need(*hosts: str) -> None:
    """Build hosts that are missing; skip where there is nothing to build them with."""
    for name in hosts:
        if not HOSTS[name].path.exists() and find_go() is None:
            pytest.skip(f"{name} is not built, and there is no go to build it with")
        build(name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NameServer]:
    if NAMED is None:
        pytest.skip("named is not installed (bind9)")
    folder = tmp_path / "named"
    folder.mkdir()
    with serving(folder, ZONES) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, server: NameServer) -> Iterator[Stack]:
    need("pulumi", "pulumi-yaml")
    with attached(server) as providers:
        yield Stack(tmp_path / "pulumi", providers)


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Stack]:
    """A stack that knows every provider of the table, and publishes nothing."""
    need("pulumi", "pulumi-yaml")
    with attached_table() as providers:
        yield Stack(tmp_path / "pulumi", providers)


@pytest.fixture
def tofu(tmp_path: Path, server: NameServer) -> Tofu:
    need("tofu", "provider")
    (tmp_path / "tofu").mkdir()
    return Tofu(tmp_path / "tofu", server)

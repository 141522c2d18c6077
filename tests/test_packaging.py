"""What is built from this repository: everything that the package needs, and nothing generic.

The wheel is built once, from a copy, so that no left-over of an earlier build can reach it.
"""

# Some of these tests take over 3 s: the distribution is built and installed.

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest

from tools import dependencies
from zonelint.rules.core import registry, write_index

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"lint": "", "grammars": "grammars/", "rules": "rules/", "providers": "providers/"}
EPOCH = "1790000000"
"""A moment for SOURCE_DATE_EPOCH; a release takes that of its commit."""
SHIPPED = (".py", ".lark", ".toml", ".zone")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, **kwargs: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def copied(to: Path) -> Path:
    """A copy of what the wheel is built from."""
    for name in (*FLOORS, "pyproject.toml", "setup.py", "README.md", "LICENSE"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name)
        else:
            shutil.copy(ROOT / name, to)
    return to


def built(source: Path, out: Path, **environment: str) -> Path:
    env = {**os.environ, **environment}
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, source, env=env)
    (made,) = out.glob("zonelint-*.whl")
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = copied(tmp_path_factory.mktemp("source"))
    return built(source, tmp_path_factory.mktemp("wheel"), SOURCE_DATE_EPOCH=EPOCH)


def test_the_wheel_is_the_same_octet_by_octet_wherever_it_is_built(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another folder, other times, another order on the disk, another time zone."""
    source = tmp_path_factory.mktemp("again") / "deeper"
    source.mkdir()
    copied(source)
    for number, path in enumerate(sorted(source.rglob("*"), reverse=True)):
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    out = tmp_path_factory.mktemp("wheel-again")
    again = built(source, out, SOURCE_DATE_EPOCH=EPOCH, TZ="Pacific/Auckland", LC_ALL="C")
    assert again.name == wheel.name
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert one.namelist() == other.namelist()
        assert [n for n in one.namelist() if one.read(n) != other.read(n)] == []
    assert again.read_bytes() == wheel.read_bytes()


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as pip does it; its dependencies come from the running environment."""
    target = tmp_path_factory.mktemp("site")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, wheel)
    return target


def installed(site: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that imports zonelint from the unpacked wheel, away from the repository."""
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=site, env=environment)


def test_nothing_generic_reaches_site_packages(contents: set[str]) -> None:
    tops = {name.partition("/")[0] for name in contents}
    assert "zonelint" in tops
    assert {top for top in tops if top != "zonelint" and not top.endswith(".dist-info")} == set()


@pytest.mark.parametrize("floor", FLOORS)
def test_every_file_of_a_floor_is_in_the_wheel(floor: str, contents: set[str]) -> None:
    wanted = {
        f"zonelint/{FLOORS[floor]}{path.relative_to(ROOT / floor).as_posix()}"
        for path in (ROOT / floor).rglob("*")
        if path.suffix in SHIPPED or path.name == "py.typed"
    }
    assert f"zonelint/{FLOORS[floor]}py.typed" in wanted
    assert wanted - contents == set()


def test_the_index_in_the_wheel_is_that_of_the_rules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = archive.read("zonelint/rules/core/index_data.py").decode()
    assert held == write_index.index_text(registry.imported())


def test_an_installed_run_imports_no_rule_that_has_nothing_to_look_at(
    site: Path, tmp_path: Path
) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 3600\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\n@ TXT "v=spf1 -all"\n')
    script = (
        "import sys\n"
        "from zonelint.commands.check import check\n"
        f"check.main([{str(zone)!r}, '--exit-zero'], standalone_mode=False)\n"
        "print('zonelint.rules.spf.pass_all' in sys.modules)"
    )
    done = installed(site, sys.executable, "-P", "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


def test_the_tables_in_the_wheel_are_those_of_the_grammars(wheel: Path) -> None:
    """With hashes as the build has them: the order of Lark's tables hangs on them."""
    script = (
        "import sys, zlib\n"
        "from zonelint.grammars.write_tables import grammars\n"
        "print(*(f'{each.name} {zlib.crc32(each.tables())}' for each in grammars()), sep='\\n')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    expected = run(sys.executable, "-c", script, cwd=ROOT, env=environment).stdout.split()
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).stem: name for name in archive.namelist() if name.endswith(".tables")}
        held = {name: zlib.crc32(archive.read(path)) for name, path in names.items()}
    assert held == {
        name: int(sum_) for name, sum_ in zip(expected[::2], expected[1::2], strict=True)
    }


def test_no_test_or_cache_is_in_the_wheel(contents: set[str]) -> None:
    strangers = {n for n in contents if "__pycache__" in n or "/tests/" in n}
    assert strangers == set()


def test_an_installation_is_small(wheel: Path) -> None:
    """Ours and what it needs, without byte code. A quarter of it comes with python-hcl2."""
    with zipfile.ZipFile(wheel) as archive:
        own = sum(each.file_size for each in archive.infolist())
    found, _ = dependencies.dependencies()
    needed = sum(each.size for each in found if "core" in each.wanted)
    assert own + needed < 25 << 19  # 12.5 MiB


def test_the_licence_is_in_the_wheel(contents: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in contents)


def test_the_modules_come_from_the_wheel(site: Path) -> None:
    code = (
        "import zonelint, zonelint.grammars, zonelint.rules, zonelint.providers\n"
        "for m in (zonelint, zonelint.grammars, zonelint.rules, zonelint.providers):\n"
        "    print(m.__file__)\n"
        "print(zonelint.__version__)"
    )
    done = installed(site, sys.executable, "-P", "-c", code)
    assert done.returncode == 0, done.stderr
    *files, version = done.stdout.splitlines()
    assert [Path(f).is_relative_to(site) for f in files] == [True] * 4
    assert version == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_installed_command_checks_the_example(site: Path) -> None:
    command = site / "bin" / "zonelint"
    example = ROOT / "examples" / "microsoft365"
    before = installed(site, command, "check", example / "before")
    assert before.returncode == 1, before.stderr
    assert "SPF002" in before.stdout
    after = installed(site, command, "check", example / "after")
    assert after.returncode == 0, after.stdout + after.stderr

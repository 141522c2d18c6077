"""The pieces of work: how each is written, and what is run over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import octodns, plan, zones
from benchmarks.contender import Task, check, python
from benchmarks.values import FAULTS, Form

IMPORTS = "import dns.rdata, lark, click"
"""What any tool made of these libraries pays before it does anything."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work.

    write: writes that much of it into a folder; the number of hosts that earn the form's findings.
    tasks: what is run over the folder, zonelint first.
    sizes: how much of it, several to see how the time grows.
    title: what the table calls it.
    faults: the codes that each host earns; `always` is found once, in every form.
    repeats: how many rounds more than others it takes, being short.
    least: below this much the work is not what its title says.
    """

    write: Callable[[Path, int, Form], int]
    tasks: Callable[[Path], Iterator[Task]]
    sizes: tuple[int, ...]
    title: str
    forms: tuple[Form, ...] = tuple(Form)
    always: tuple[str, ...] = ()
    repeats: int = 1
    least: int = 10

    def faults(self, form: Form) -> tuple[str, ...]:
        """The codes that each host earns."""
        return FAULTS[form][:1] if self.write is zones.write_terms else FAULTS[form]


def _file(folder: Path) -> Iterator[Task]:
    yield check(folder)
    yield python(f'`python -c "{IMPORTS}"`', "-c", IMPORTS)
    yield python("`python -c pass`", "-c", "pass")


def _zone(folder: Path) -> Iterator[Task]:
    path = folder / "example.com.zone"
    yield check(path)
    yield _bare_reader(path)
    yield from _named_checkzone(path)


def _named_checkzone(path: Path) -> Iterator[Task]:
    if shutil.which("named-checkzone"):
        # "-i local": without it, it asks the network about names outside the zone.
        arguments = ("-i", "local", "example.com", path)
        yield Task("`named-checkzone -i local`", "named-checkzone", arguments)


def _bare_reader(path: Path) -> Task:
    return python("dnspython, bare reader", "-m", "benchmarks.with_dnspython", "zones", path)


def _folder(folder: Path) -> Iterator[Task]:
    where = folder / "zones"
    yield check(where)
    yield check(where, jobs=2)
    yield _bare_reader(where)
    yield from _one_file(folder)


def _one_file(folder: Path) -> Iterator[Task]:
    """One file, where it is, as before a commit, and in a repository of its own."""
    name = zones.name_of(4)
    alone = folder.with_name(f"{folder.name}-alone")
    if not alone.exists():
        (alone / "zones").mkdir(parents=True)
        for each in (f"zones/{name}.zone", "zonelint.toml", "zonelint.lock"):
            if (folder / each).exists():
                shutil.copyfile(folder / each, alone / each)
    yield check(folder / "zones" / f"{name}.zone", name="one of the files")
    yield check(alone / "zones" / f"{name}.zone", name="that file alone")


def _repository(folder: Path) -> Iterator[Task]:
    yield from _folder(folder)
    yield check(folder / "zones", "--against", _before(folder), name="--against the day before")


def _before(folder: Path) -> Path:
    """The zones as they were: in every tenth an SPF record let the web server send, too."""
    before = folder.with_name(f"{folder.name}-before")
    if not before.exists():
        shutil.copytree(folder / "zones", before / "zones")
        for each in ("zonelint.toml", "zonelint.lock"):
            shutil.copyfile(folder / each, before / each)
        for path in sorted((before / "zones").iterdir())[::10]:
            text = path.read_text()
            path.write_text(text.replace(' IN TXT "v=spf1 include', ' IN TXT "v=spf1 a include'))
    return before / "zones"


def _octodns(folder: Path) -> Iterator[Task]:
    yield check(folder / "config")
    yield check(folder / "config", jobs=2)
    arguments = ("--config-file", folder / octodns.PLAIN)
    yield Task("`octodns-validate`", "octodns-validate", arguments)
    arguments = ("--config-file", folder / octodns.INSIDE)
    name = "`octodns-validate` with MailAuthValidator"
    yield Task(name, "octodns-validate", arguments, ours=True, statuses=frozenset({0, 1}))


def _plan(folder: Path) -> Iterator[Task]:
    path = folder / "plan.json"
    yield check(path)
    yield python("json and dnspython", "-m", "benchmarks.with_dnspython", "plan", path)


KINDS = {
    "file": Kind(
        zones.write_microsoft365,
        _file,
        (1,),
        "{:,} small zone",
        (Form.CLEAN, Form.TEN),
        repeats=5,
        least=1,
    ),
    "zone": Kind(zones.write_zone, _zone, (1_000, 10_000, 100_000), "one zone of {:,} records"),
    "terms": Kind(
        zones.write_terms,
        _zone,
        (500, 1_000, 2_000),
        "one SPF record of {:,} terms",
        (Form.CLEAN, Form.TWO),
        always=("SPF107",),
        repeats=2,
        least=50,
    ),
    "microsoft365": Kind(
        zones.write_microsoft365, _folder, (5_000, 10_000), "{:,} zones on Microsoft 365, lock"
    ),
    "hoster": Kind(zones.write_hoster, _folder, (2_500, 5_000), "{:,} zones of a hoster"),
    "repository": Kind(
        zones.write_repository, _repository, (400,), "repository of {:,} zones, 3 large"
    ),
    "octodns": Kind(octodns.write_octodns, _octodns, (500, 1_000), "{:,} octoDNS zones"),
    "plan": Kind(plan.write_plan, _plan, (5_000, 10_000), "plan of {:,} records"),
}

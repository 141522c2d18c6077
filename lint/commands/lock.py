"""`zonelint lock`: ask DNS what the zones name, and keep the answers in a file."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from zonelint.commands import shared
from zonelint.grammars.listing import counted
from zonelint.progress import Bar
from zonelint.providers.dns import Limits, NoServer, Resolver, Server, system_servers
from zonelint.providers.files import DISK
from zonelint.providers.lock import Collected, Refresh, collect
from zonelint.providers.project.configuration import Configuration, read_lock
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.project.refused import display_path
from zonelint.providers.replacing import replaced
from zonelint.rules.context import Context
from zonelint.rules.model.answers import typed_name
from zonelint.rules.model.lock import Difference, Lock, compare, write
from zonelint.rules.model.repository import Repository
from zonelint.status import CLEAN, COULD_NOT, FOUND
from zonelint.terminal import clean, print_errors

MOST_SHOWN = 200
"""Lines of a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOptions:
    """What the command line says: one field for each parameter of the command, by its name."""

    arguments: tuple[str, ...]
    update: bool
    check: bool
    servers: tuple[Server, ...]
    lock: Path | None
    config: Path | None
    origin: str | None
    timeout: float

    @property
    def names(self) -> frozenset[str]:
        """Those to ask anew."""
        found = map(_name_to_ask, self.arguments) if self.update else ()
        return frozenset(name for name in found if name is not None)

    @property
    def paths(self) -> tuple[str, ...]:
        """What is read: the arguments that are no names."""
        if not self.update:
            return self.arguments
        return tuple(each for each in self.arguments if _name_to_ask(each) is None)


@click.command(
    epilog="Exit status: 0 done, 1 --check found a difference, 2 something could not be resolved.",
)
@click.argument("arguments", nargs=-1, metavar="[PATH|NAME]...")
@click.option(
    "--update",
    is_flag=True,
    help="Resolve everything again, or each NAME given; the other entries stay as they are.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Resolve everything and compare; write nothing. 1 if DNS has changed.",
)
@shared.name_servers("The server to query instead of this machine's resolvers. May be repeated.")
@shared.lock
@shared.config
@shared.origin
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1, max=3600),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the whole run may take.",
)
@click.pass_context
def lock(ctx: click.Context, /, **given: Any) -> None:
    """Resolve what the zones name outside themselves and write zonelint.lock.

    The lock makes every check repeatable: it is text, made to be committed,
    and its difference shows how a vendor's records have changed. Answers that
    it has already are kept for as long as 'lock-max-age' of zonelint.toml
    says (30 days); failures are always asked for again.

    With --update, an argument that is no file or folder is a NAME whose
    entry is asked for anew, or added; the zones have to lead to it.
    """
    ctx.exit(run(LockOptions(**given)))


def _name_to_ask(argument: str) -> str | None:
    """The name that an argument of --update is; None for a path."""
    return None if Path(argument).exists() else typed_name(argument)


def run(options: LockOptions) -> int:
    """The whole command; gives the exit status."""
    today = datetime.datetime.now(datetime.UTC).date()
    status = CLEAN
    try:
        locks = _locks(options)
        if locks is None:
            return COULD_NOT
        known = {path: read_lock(path) for path in locks}
        made = {
            path: _collect(
                options, context, known[path], _refresh(options, configuration, today), today
            )
            for path, (configuration, context) in locks.items()
        }
        strangers = options.names - {name for each in made.values() for name in each.lock.entries}
        if strangers:
            return print_errors(f"nothing in the zones leads to {at}" for at in sorted(strangers))
        for path, collected in made.items():
            end = _compared if options.check else _written
            status = max(status, end(Path(display_path(path)), known[path], collected))
    except NoServer as error:
        return print_errors([str(error)])
    return status


def _locks(options: LockOptions) -> dict[Path, tuple[Configuration, Context]] | None:
    """Each lock that the run is about, with the zones that it belongs to.

    The zones know of no lock. None where some could not be read.
    """
    project = Project(config=options.config, origin=options.origin, has_lock=False)
    sources = project.open(options.paths)
    if sources.problems:
        print_errors(str(problem) for problem in sources.problems)
        return None
    documents = sources.documents
    known = known_beside(project, documents, options.paths)
    places = project.places(sources.zones)
    found: dict[Path, tuple[Configuration, Context]] = {}
    for configuration in project.configurations_of(documents):
        settings = project.settings_of(configuration)
        own = [replace(each, is_judged=each.settings is settings) for each in places]
        path = options.lock or project.file_of(configuration, configuration.lock_path)
        if options.lock is not None:
            own = places
        else:
            configuration.refuse_outside(path, "lock")
        found.setdefault(path, (configuration, Repository(own, known=known).of_view("", settings)))
    return found


def _refresh(options: LockOptions, configuration: Configuration, today: datetime.date) -> Refresh:
    everything = (options.update or options.check) and not options.names
    oldest = today - datetime.timedelta(days=configuration.values.thresholds.lock_max_age)
    # Somebody east of here may be a day ahead.
    latest = today + datetime.timedelta(days=1)
    return Refresh(everything, options.names, oldest, latest)


def _collect(
    options: LockOptions, context: Context, old: Lock | None, refresh: Refresh, today: datetime.date
) -> Collected:
    servers = options.servers or tuple(system_servers())

    async def resolve() -> Collected:
        resolver = Resolver(servers, Limits(whole_run=options.timeout), is_checked=True)
        return await collect(context, resolver, old=old, refresh=refresh, today=today, progress=bar)

    with Bar("Asking DNS") as bar:
        return asyncio.run(resolve())


def _compared(path: Path, old: Lock | None, made: Collected) -> int:
    if old is None:
        return print_errors([f"{path}: there is no lock; 'zonelint lock' creates it"])
    _tell_failures(made)
    differences = [each for each in compare(old, made.lock) if not each.is_failure]
    _show(line for each in differences for line in each.lines())
    if differences:
        told = "; ".join(_describe_differences(differences, old, made.lock))
        click.echo(f"{path}: {told}; 'zonelint lock --update' accepts it")
    if made.unasked or _newly_failed(old, made):
        return COULD_NOT
    if differences:
        return FOUND
    click.echo(f"{path}: as in DNS, {counted(len(made.lock.entries), 'name')}")
    return CLEAN


def _describe_differences(differences: Sequence[Difference], old: Lock, new: Lock) -> Iterator[str]:
    """What has changed, in numbers: answers, names that the lock lacks, and those it need not have.

    A name comes or goes with the records that name it: those of the zones, or a vendor's.
    """
    names = {each.name for each in differences}
    come = names - old.entries.keys()
    gone = names - new.entries.keys()
    if changed := names - come - gone:
        yield f"DNS has changed at {counted(len(changed), 'name')}"
    if come:
        yield f"{counted(len(come), 'name')} not in the lock yet"
    if gone:
        yield f"{counted(len(gone), 'name')} that nothing refers to any more"


def _newly_failed(old: Lock | None, made: Collected) -> bool:
    """Whether a question got no answer that the old lock does not have as a failure already."""
    for name, type, _ in made.failed:
        held = None if old is None else old.look(name, type)
        if held is None or held.status.is_fact:
            return True
    return False


def _written(path: Path, old: Lock | None, made: Collected) -> int:
    text = write(made.lock)
    octets = text.encode()
    try:
        same = old is not None and DISK.beginning(path, len(octets) + 1) == octets
        if not same:
            with replaced(path) as out:
                out.write(text)
    except OSError as error:
        return print_errors([f"{path}: {(error.strerror or 'it cannot be written').lower()}"])
    _show(
        line for each in compare(Lock() if old is None else old, made.lock) for line in each.lines()
    )
    _tell_failures(made)
    state = "unchanged" if same else "written"
    click.echo(f"{path}: {state}, {counted(len(made.lock.entries), 'name')}")
    nothing_came = made.failed and not made.answered
    is_news = _newly_failed(old, made) or not made.has_facts
    return COULD_NOT if made.unasked or (nothing_came and is_news) else CLEAN


def _show(lines: Iterator[str]) -> None:
    for number, line in enumerate(lines):
        if number == MOST_SHOWN:
            click.echo("… and more")
            return
        click.echo(clean(line))


def _tell_failures(made: Collected) -> None:
    print_errors(
        f"{name} {type}: {_WORDS[status.value]}; rules that need it are undecided"
        if not made.knows(name, type)
        else f"{name} {type}: {_WORDS[status.value]}; what the lock knew is kept"
        for name, type, status in made.failed
    )
    print_errors(f"not resolved: {why}" for why in made.kept_back)
    print_errors(
        f"{name} {type}: not resolved, because the run reached its limit of time or queries"
        for name, type in made.unasked
    )


_WORDS = {
    "servfail": "the servers answer with a failure",
    "timeout": "no answer came",
}

"""`zonelint init`: a first zonelint.toml from the zones found."""

from __future__ import annotations

import glob
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath

import click

from zonelint.commands import shared
from zonelint.grammars.listing import some
from zonelint.grammars.zone import Zone, without_dot
from zonelint.providers.project.configuration import OWN, find_here, parse
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import document_of
from zonelint.providers.project.refused import ConfigRefused, display_path
from zonelint.providers.replacing import replaced
from zonelint.providers.zonefile.find import PATTERNS, is_zone_name
from zonelint.rules.config.senders import Catalogue
from zonelint.rules.config.toml_text import quote_toml
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.run import guessing
from zonelint.run.guessing import Guess
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import print_errors


@click.command(
    epilog="Exit status: 0 done, 2 there is one already, or no zone was found.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=shared.any_path)
@click.option("--stdout", "show", is_flag=True, help="Print it instead of writing the file.")
@click.option("--force", is_flag=True, help="Replace an existing zonelint.toml.")
@click.option(
    "--lock",
    is_flag=True,
    help="Then resolve the names that the zones refer to and write zonelint.lock.",
)
@click.pass_context
def init(ctx: click.Context, paths: tuple[str, ...], show: bool, force: bool, lock: bool) -> None:
    """Write a first zonelint.toml in the current folder.

    Reads the zones at PATH (the current folder without one), guesses from
    their records which services send for which domain and which domains have
    no mail, and writes that down with the reason for each guess. Read the file
    and correct it: rules about what is declared believe every word of it.
    """
    status = run(paths, show=show, force=force)
    if lock and not show and status == CLEAN:
        from zonelint.commands.lock import lock as resolve  # what asks DNS is slow to import

        ctx.invoke(resolve, paths=paths)
    ctx.exit(status)


def run(paths: Sequence[str], *, show: bool, force: bool) -> int:
    """The whole command; gives the exit status."""
    target = Path(OWN)
    standing = find_here(Path())
    if standing is not None and not show and not force:
        return print_errors([_already(standing)])
    # A configuration that is there is what this one replaces.
    project = Project(is_configured=False)
    sources = project.open(paths)
    print_errors(str(problem) for problem in sources.problems)
    if not sources.zones:
        return COULD_NOT
    context = Context(sources.zones)
    catalogue = Catalogue()
    named = [zone for zone in context.zones if not getattr(zone.zone, "stand_in", False)]
    documents = {id(zone): Path(document_of(zone.zone)).resolve() for zone in named}
    nearer = {zone: project.nearer(document.parent) for zone, document in documents.items()}
    own = [zone for zone in named if nearer[id(zone)] is None]
    files = sorted({display_path(file) for file in nearer.values() if file is not None})
    parts = guessing.included(named)
    found = guessing.together(
        guess for zone in own for guess in guessing.guesses(zone, catalogue, parts)
    )
    if any(getattr(zone.zone, "adrift", None) for zone in context.zones):
        print_errors(
            [
                "the names of some zones are not known, so nothing is guessed about them; "
                "'zonelint check' lists them"
            ]
        )
    if files:
        none = "nothing is declared for them here"
        print_errors([f"{name} holds for the zones beside it; {none}" for name in files])
        if not own:
            return print_errors(["every zone has a configuration, so there is none to write"])
    if outside := sorted({str(d.parent) for d in documents.values() if not _is_here(d)}):
        held = "a zonelint.toml here holds for these zones only where --config names it"
        print_errors([f"{some(map(display_path, outside))} is outside of this folder; {held}"])
    suggested = guessing.views([zone.zone for zone in own])
    origins = {} if project.replaced is None else project.replaced.values.origins
    places = patterns(_places(sources.zones), project)
    try:
        text = _readable(partial(guessing.written, places, found, files, suggested, origins), found)
    except ConfigRefused as error:
        why = "; ".join(fault.message for fault in error.faults)
        part = "run 'zonelint init' in folders that have fewer zones each"
        return print_errors([f"{len(found):,} domains are too many for one file ({why}); {part}"])
    if show:
        click.echo(text, nl=False)
        return CLEAN
    try:
        with replaced(target) as out:
            out.write(text)
    except OSError as error:
        return print_errors([f"zonelint.toml: this cannot be written: {error.strerror}"])
    domains = len(found)
    click.echo(
        f"Wrote zonelint.toml with {domains} domain{'' if domains == 1 else 's'}, guessed from "
        f"{len(own)} zone{'' if len(own) == 1 else 's'}. Read it and correct "
        "it; then run 'zonelint lock' and 'zonelint check'.",
        err=True,
    )
    return CLEAN


def _is_here(document: Path) -> bool:
    return Path.cwd().resolve() in document.parents


def _readable(write: Callable[[], str], found: Sequence[Guess]) -> str:
    """The text of a configuration that a check can read.

    What a check would refuse of a domain's services (a rule finds it wrong in the records, too) is
    not declared.
    """
    codes = [rule.code for rule in registry.rules()]
    text = write()
    try:
        parse(text, Path(OWN), codes)
    except ConfigRefused as error:
        faulty = {fault.key for fault in error.faults}
        for guess in found:
            name = quote_toml(without_dot(guess.domain))
            if any(key.startswith(f"domains.{name}") for key in faulty):
                guess.dkim, guess.envelopes, guess.includes = {}, {}, {}
        text = write()
        parse(text, Path(OWN), codes)
    return text


def _already(standing: Path) -> str:
    """Why nothing is written beside a configuration that is there."""
    if standing.name == "zonelint.toml":
        return "zonelint.toml already exists; --force replaces it, --stdout shows a new one"
    return (
        f"{standing.name} has a [tool.zonelint] table, which a zonelint.toml beside it would "
        "replace; --stdout shows one to copy from, --force writes it anyway"
    )


def _places(zones: Iterable[Zone]) -> Iterable[str]:
    """The files that a check is to read. octoDNS's configuration stands for the zones it names:
    it tells how their files are read, and which of them belong together."""
    return dict.fromkeys(getattr(zone, "configuration", "") or zone.path for zone in zones)


def patterns(paths: Iterable[str], project: Project) -> list[str]:
    """Few patterns that match the files, and the next of their kind: one for each folder and kind.

    A folder of which a check reads these files and no others is named itself, unless all are called
    as zone files are. A pattern for several files may match zone files that could not be read, so
    that a check says so again. Where it would match something else, the files are listed.
    """
    folders: dict[PurePath, dict[str, list[PurePath]]] = {}
    for path in map(PurePath, paths):
        folders.setdefault(path.parent, {}).setdefault(_kind(path), []).append(path)
    found = []
    for folder, groups in folders.items():
        name = glob.escape(folder.as_posix())
        if _is_searched(folder, {each for members in groups.values() for each in members}, project):
            found.append(name)
            continue
        for kind, members in groups.items():
            pattern = f"{name}/{kind}".removeprefix("./")
            if kind and _matches_no_other(pattern, members):
                found.append(pattern)
            else:
                found += [glob.escape(member.as_posix()) for member in members]
    return found


def _kind(path: PurePath) -> str:
    """A pattern for the names of files like this one; empty where there is none."""
    if is_zone_name(path.name) and f"*{path.suffix.lower()}" not in PATTERNS:
        return f"{path.name.partition('.')[0]}.*"
    return f"*{glob.escape(path.suffix)}" if path.suffix else ""


def _is_searched(folder: PurePath, members: Collection[PurePath], project: Project) -> bool:
    """Whether a check of the folder reads these files, not all called as zones are, and no more."""
    if len(members) < 2 or all(is_zone_name(member.name) for member in members):
        return False
    return set(map(PurePath, project.listed([str(folder)]).documents_with_zones)) == members


def _matches_no_other(pattern: str, members: Sequence[PurePath]) -> bool:
    """Whether what a pattern matches today is to be checked. One file shows no more than that
    those called as zones are lie here: a pattern for it matches nothing else yet."""
    others = set(map(PurePath, glob.glob(pattern))) - set(members)  # noqa: PTH207 - as a check does
    if len(members) == 1:
        return is_zone_name(members[0].name) and not others
    return all(is_zone_name(other.name) for other in others)

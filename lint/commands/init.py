"""``zonelint init``: a first zonelint.toml from the zones found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

import click

from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import refused


@click.command(
    short_help="Write a first zonelint.toml from the zones found.",
    epilog="Exit status: 0 done, 2 there is one already, or no zone was found.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@click.option("--stdout", "show", is_flag=True, help="Print it instead of writing the file.")
@click.option("--force", is_flag=True, help="Replace a zonelint.toml that is there.")
@click.option("--lock", is_flag=True, help="Then resolve what the zones name into zonelint.lock.")
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
        from zonelint.commands.lock import lock as resolve

        ctx.invoke(resolve, paths=paths)
    ctx.exit(status)


def run(paths: Sequence[str], *, show: bool, force: bool) -> int:
    """The whole command; gives the exit status."""
    from zonelint import guessing
    from zonelint.config import ConfigRefused
    from zonelint.files import replaced
    from zonelint.lockfiles import zones as read_zones
    from zonelint.rules.context import Context
    from zonelint.rules.senders import Catalogue

    target = Path("zonelint.toml")
    if target.exists() and not show and not force:
        return refused(
            ["zonelint.toml is there already; --force replaces it, --stdout shows a new one"]
        )
    try:
        sources = read_zones(paths, None, None)
    except ConfigRefused as error:
        return refused(error.messages)
    refused(str(problem) for problem in sources.problems)
    if not sources.zones:
        return COULD_NOT
    context = Context(sources.zones)
    catalogue = Catalogue()
    found = [guess for zone in context.zones for guess in guessing.guesses(zone, catalogue)]
    text = guessing.written(patterns(zone.path for zone in sources.zones), found)
    if show:
        click.echo(text, nl=False)
        return CLEAN
    try:
        with replaced(target) as out:
            out.write(text)
    except OSError as error:
        return refused([f"zonelint.toml: this cannot be written: {error.strerror}"])
    domains = len(found)
    click.echo(
        f"Wrote zonelint.toml with {domains} domain{'' if domains == 1 else 's'}, guessed from "
        f"{len(sources.zones)} zone{'' if len(sources.zones) == 1 else 's'}. Read it and correct "
        "it; then run 'zonelint lock' and 'zonelint check'.",
        err=True,
    )
    return CLEAN


def patterns(paths: Iterable[str]) -> list[str]:
    """Few patterns that match the files: one for each folder and ending, single files else."""
    groups: dict[tuple[PurePath, str], list[PurePath]] = {}
    for path in map(PurePath, paths):
        groups.setdefault((path.parent, path.suffix), []).append(path)
    found = []
    for (folder, suffix), members in groups.items():
        if len(members) > 1 and suffix:
            found.append((folder / f"*{suffix}").as_posix())
        else:
            found += [member.as_posix() for member in members]
    return found

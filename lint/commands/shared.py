"""Options that several commands share, in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

any_path = click.Path(readable=False)
"""What is read one by one: a path that cannot be opened must not keep the others from it."""

config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration, instead of the nearest zonelint.toml or pyproject.toml.",
)
lock = click.option(
    "--lock",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The lock, instead of zonelint.lock beside the configuration.",
)
origin = click.option(
    "--origin", metavar="NAME", help="The origin of the zone files that do not tell their own."
)
zones = click.option(
    "--zones",
    multiple=True,
    type=any_path,
    metavar="PATH",
    help="Zone files or folders, instead of those that zonelint.toml names. May be repeated.",
)


def code_completed(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """How the last of a list of rule codes could go on, for the shell."""
    from click.shell_completion import CompletionItem

    from zonelint.rules.core import registry

    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{rule.code}", help=rule.name)
        for rule in registry.rules()
        if rule.code.startswith(last.upper())
    ]

"""Options that several commands share, in the same words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zonelint.formats.safe import decoded, dumped
from zonelint.terminal import clean, write

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zonelint.providers.dns import Server

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

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
    "--origin", metavar="NAME", help="The origin of zone files that do not state their own."
)
zones = click.option(
    "--zones",
    multiple=True,
    type=any_path,
    metavar="PATH",
    help="Zone files or folders, instead of those that zonelint.toml names. May be repeated.",
)


def domain_name(text: str) -> str:
    """The domain that somebody types, absolute and in ASCII: the `type` of an argument."""
    from zonelint.rules.model.answers import typed_name

    name = typed_name(text)
    if name is None or "\\" in name or name == ".":
        raise click.BadParameter(f"{text!r} is not a domain name.")
    return name


def _servers(_: click.Context, __: click.Parameter, given: Sequence[str]) -> tuple[Server, ...]:
    if not given:
        return ()
    from zonelint.providers.dns import NoServer, parse_server

    try:
        return tuple(parse_server(text) for text in given)
    except NoServer as error:
        raise click.BadParameter(str(error), param_hint="--nameserver") from None


def name_servers(help: str) -> Callable[[FC], FC]:
    """The option that names the servers to ask; the parameter is `servers`."""
    return click.option(
        "--nameserver",
        "servers",
        multiple=True,
        callback=_servers,
        metavar="HOST[:PORT]",
        help=help,
    )


def output_format(*formats: str, help: str = "The output format.") -> Callable[[FC], FC]:
    """The option that says how to write, the first of the formats where it is left out.

    The parameter is `format_`.
    """
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=help,
    )


def answer(format: str, facts: Callable[[], object], lines: Iterable[str]) -> None:
    """Print what a command says: one JSON object, or lines of text."""
    if format == "json":
        write(sys.stdout, [decoded(dumped(facts(), indent=1)), "\n"])
    else:
        write(sys.stdout, (f"{clean(line)}\n" for line in lines))


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

"""The command line's front door: which commands there are, and how a run ends.

A command's module is imported when the command is asked for, and imports what it needs in turn:
`zonelint check` on one small file must not pay for what other commands use.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from zonelint.status import CLEAN, COULD_NOT, INTERRUPTED, RunRefused

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "check": "Check zones and report what is wrong with their mail records.",
    "rule": "Explain the rule CODE, or list them all.",
    "propose": "Propose the records that zonelint.toml still lacks.",
    "status": "Show the state of each domain, and its next step.",
    "verify": "Check whether the name servers answer what is written.",
    "reports": "Show what receivers' reports prove, and which domains are ready.",
    "lock": "Resolve the names that the zones refer to and write zonelint.lock.",
    "spf": "Show who may send as a domain, and why.",
    "triage": "Explain a bounce, find its cause, write the ticket.",
    "init": "Write a first zonelint.toml from the zones found.",
    "lsp": "Check zones in an editor while you write them.",
}
"""Every command, by the module of `commands` that holds it, in the order of `zonelint --help`."""


class LateGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"zonelint.commands.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, without importing all commands for what each is for."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """As click does it, without importing all commands for what each is for."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=text)
            for name, text in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; a command that is not there is answered with the near miss."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from zonelint.grammars.nearmiss import near_miss

            meant = near_miss(args[0], COMMANDS)
            hint = f"did you mean {meant!r}?" if meant else f"there are: {', '.join(COMMANDS)}."
            ctx.fail(f"No such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and tell why it cannot do what it was asked for.

        Half a report is no report, even if its reader wanted no more.
        """
        try:
            return super().invoke(ctx)
        except RunRefused as error:
            from zonelint.terminal import print_errors

            ctx.exit(print_errors(error.messages))
        except BrokenPipeError:
            # Nothing may be written any more, not even when Python ends and flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(COULD_NOT)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        import zonelint

        click.echo(f"zonelint {zonelint.__version__}")
        ctx.exit()


@click.group(
    cls=LateGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="'zonelint COMMAND --help' explains a command.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def zonelint() -> None:
    """Find in DNS zones what makes mail bounce or a domain spoofable.

    zonelint reads zones before they are deployed and writes the record that
    should stand there instead. It has three answers: found, clean, and
    undecided, where something is missing that it would have to know.
    """


def main() -> NoReturn:
    """Run the command line. The exit status is 0, 1 for findings, 2 for work that failed."""
    # A run makes next to no cycles, and the collector's passes over all records of a large zone
    # cost a quarter of the time. A command that stays (a server) turns it on again.
    gc.disable()
    status = _run()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # told already, or nobody is there to be told
        status = COULD_NOT
    # All is written, so there is nothing to tidy up, and much to take apart.
    os._exit(status)


def _run() -> int:
    try:
        status = zonelint.main(prog_name="zonelint", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return COULD_NOT
    except (click.Abort, KeyboardInterrupt):
        click.echo("zonelint: interrupted", err=True)
        return INTERRUPTED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else COULD_NOT
    except Exception:
        # An error of ours must not look like a finding (1), let alone like a pass.
        import traceback

        traceback.print_exc()
        click.echo("zonelint: this is a bug in zonelint itself; nothing was decided", err=True)
        return COULD_NOT
    return status if isinstance(status, int) else CLEAN


if __name__ == "__main__":
    main()

"""The reference of the command line: each command's own `--help`."""

from __future__ import annotations

import click

from zonelint.main import COMMANDS, zonelint

_HEAD = """\
# Commands

What `--help` prints, 80 columns wide. Exit statuses are the same everywhere:

| Status | Means |
|---|---|
| 0 | Nothing at or above the failing severity: `warning`, or what `min-severity` says |
| 1 | Something was found |
| 2 | The work could not be done, or not all of it: never a pass |
| 130 | Interrupted with Ctrl-C |
"""


def page() -> str:
    """The whole page as Markdown."""
    context = click.Context(zonelint, info_name="zonelint", max_content_width=80, terminal_width=80)
    parts = [_HEAD]
    for name in COMMANDS:
        command = zonelint.get_command(context, name)
        assert command is not None
        below = click.Context(
            command, context, info_name=name, max_content_width=80, terminal_width=80
        )
        parts += [f"## zonelint {name}", f"```text\n{command.get_help(below)}\n```"]
    return "\n\n".join(parts) + "\n"

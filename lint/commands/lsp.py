"""`zonelint lsp`: the language server, for editors."""

from __future__ import annotations

import click

from zonelint.status import COULD_NOT


@click.command()
@click.option(
    "--stdio", is_flag=True, help="Communicate over standard input and output: the default."
)
@click.pass_context
def lsp(ctx: click.Context, stdio: bool) -> None:
    """Run the language server, which an editor starts by itself.

    It shows the findings of the text that is not saved yet, offers the fixes,
    and explains each rule where the pointer rests on a finding. It speaks the
    Language Server Protocol over standard input and output.
    """
    import gc

    # For a run that ends soon the collector is off (zonelint.main); a server stays.
    gc.unfreeze()
    gc.enable()
    try:
        from zonelint.lsp.session import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        click.echo(
            "zonelint: the language server needs pygls: install zonelint with its extra [lsp]",
            err=True,
        )
        ctx.exit(COULD_NOT)
    ctx.exit(serve())

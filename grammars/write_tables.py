"""Writes the tables of the parsers, and their terminals, beside their grammars.

The wheel's build does it (setup.py): `python -m zonelint.grammars.write_tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonelint.grammars.parser import Grammar


def grammars() -> list[Grammar]:
    """Every grammar that Lark parses."""
    from zonelint.grammars.spf.grammar import SPF
    from zonelint.grammars.tags.grammar import TAGLIST

    return [SPF, TAGLIST]


def main() -> None:
    here = Path(__file__).parent
    for grammar in grammars():
        room = grammar.package.rpartition(".")[2]
        for ending, octets in grammar.written().items():
            (here / room / f"{grammar.name}.{ending}").write_bytes(octets)


if __name__ == "__main__":
    main()

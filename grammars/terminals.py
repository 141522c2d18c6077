"""What Lark's grammars say that can be asked without Lark: their terminals, and their rules.

Lark takes longer to load than to check a small zone, and a text with nothing odd in it can be read
by the grammar's own terminals alone. A build writes them beside the grammar
(`python -m zonelint.grammars.write_tables`); in a checkout, Lark is asked.
"""

from __future__ import annotations

import json
import pkgutil
import re
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple


class Terminals(NamedTuple):
    """The terminals of a grammar.

    patterns: each terminal's regular expression, by its name.
    rules: what a rule may be made of, by the rule's name; an element is a terminal or a rule.
    """

    patterns: Mapping[str, str]
    rules: Mapping[str, Sequence[Sequence[str]]]

    def compile(self, name: str) -> re.Pattern[str]:
        """What one terminal takes."""
        return re.compile(self.patterns[name], re.ASCII)

    def dump(self, grammar: bytes) -> bytes:
        """What `load` reads where a build wrote it beside this text of the grammar."""
        return b"%d\n%s" % (zlib.crc32(grammar), json.dumps([self.patterns, self.rules]).encode())


def load(package: str, name: str) -> Terminals:
    """Read the terminals of a grammar as a build wrote them down; else have Lark asked."""
    with suppress(OSError):
        written = pkgutil.get_data(package, f"{name}.terminals")
        text = pkgutil.get_data(package, f"{name}.lark")
        assert written is not None, "the loaders of packages can read their files"
        assert text is not None, "the loaders of packages can read their files"
        head, _, rest = written.partition(b"\n")
        if head == b"%d" % zlib.crc32(text):
            return Terminals(*json.loads(rest))
    asked: Terminals = import_module(f"{package}.grammar").terminals()
    return asked

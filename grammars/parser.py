"""Lark's parser of a grammar: from the tables that the wheel holds, else from the grammar itself.

To work the tables out takes longer than to check a small zone, so a build writes them beside the
grammar (`python -m zonelint.grammars.write_tables`). They belong to one version of Lark and one
text of the grammar; with any other, and in a checkout, they are worked out anew.
"""

from __future__ import annotations

import io
import pickle
import pkgutil
import re
import sys
import zlib
from dataclasses import dataclass
from typing import Any

import lark
from lark import Lark, Transformer

from zonelint.grammars.listing import grouped
from zonelint.grammars.terminals import Terminals


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar in a package of ours.

    name: of its file, without the ending.
    starts: the rules that a text may be read by.
    build: makes the values while Lark parses. Tables name it by its module, so it stands in one.
    """

    package: str
    name: str
    starts: tuple[str, ...]
    build: type[Transformer[lark.Token, Any]]

    def load(self) -> Lark:
        """Make the parser as fast as can be."""
        text = self._read("lark")
        try:
            tables = io.BytesIO(self._read("tables"))
        except OSError:
            return self.make(text)
        if tables.readline() != _describe(text):
            return self.make(text)
        return Lark.load(tables)

    def make(self, text: bytes) -> Lark:
        """Make the parser from the grammar's text."""
        return Lark(
            text.decode("utf-8"),
            parser="lalr",
            lexer="contextual",
            start=list(self.starts),
            transformer=self.build(),
            maybe_placeholders=True,
            # Without this the Kelvin sign would pass as a k where case does not count.
            g_regex_flags=re.ASCII,
        )

    def written(self) -> dict[str, bytes]:
        """What a build writes beside the grammar, by the ending of the file's name."""
        terminals = terminals_of(self.load()).dump(self._read("lark"))
        return {"tables": self.tables(), "terminals": terminals}

    def tables(self) -> bytes:
        """What `load` reads where a build wrote it beside the grammar."""
        text = self._read("lark")
        file = io.BytesIO()
        self.make(text).save(file)
        saved = pickle.loads(file.getvalue())
        frontend = saved["data"]["parser"]
        frontend["parser"] = _in_order(frontend["parser"])
        return _describe(text) + pickle.dumps(_interned(saved), protocol=pickle.HIGHEST_PROTOCOL)

    def _read(self, ending: str) -> bytes:
        data = pkgutil.get_data(self.package, f"{self.name}.{ending}")
        assert data is not None, "the loaders of packages can read their files"
        return data


def terminals_of(parser: Lark) -> Terminals:
    """What a text with nothing odd in it can be read by."""
    rules = grouped(
        (str(rule.origin.name), [str(symbol.name) for symbol in rule.expansion])
        for rule in parser.rules
    )
    patterns = {each.name: each.pattern.to_regexp() for each in parser.terminals}
    return Terminals(patterns, rules)


def _describe(text: bytes) -> bytes:
    """What tables were made by and from, as their first line."""
    return f"{lark.__version__} {zlib.crc32(text)}\n".encode()


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """The same table, its states numbered as they are met and its tokens by their names.

    Lark numbers them by where objects lie in memory, and a wheel is the same each time it is built.
    """
    names, states = table["tokens"], table["states"]
    met = [state for _, state in sorted(table["start_states"].items())]
    numbers: dict[int, int] = {}
    for state in met:
        numbers.setdefault(state, len(numbers))
        shifts = {names[token]: to for token, (reduces, to) in states[state].items() if not reduces}
        met += [to for _, to in sorted(shifts.items()) if to not in numbers and to not in met]
    tokens = dict(enumerate(sorted(names.values())))
    of_token = {name: token for token, name in tokens.items()}

    def put(actions: dict[int, tuple[int, Any]]) -> dict[int, tuple[int, Any]]:
        moved = {
            of_token[names[token]]: (reduces, to if reduces else numbers[to])
            for token, (reduces, to) in actions.items()
        }
        return dict(sorted(moved.items()))

    return {
        "tokens": tokens,
        "states": {number: put(states[state]) for state, number in numbers.items()},
        "start_states": {s: numbers[at] for s, at in sorted(table["start_states"].items())},
        "end_states": {s: numbers[at] for s, at in sorted(table["end_states"].items())},
    }


def _interned(value: Any) -> Any:
    """The same value with one object for equal texts, for pickle writes down which are one."""
    match value:
        case dict():
            return {_interned(key): _interned(held) for key, held in value.items()}
        case list() | tuple():
            return type(value)(map(_interned, value))
        case _:
            return sys.intern(value) if type(value) is str else value

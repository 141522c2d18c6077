"""HCL written as JSON: the bodies and expressions of `.tf.json` and `.tfvars.json` files.

JSON does not tell attributes from nested blocks, so all that a block holds is an attribute, but for
the blocks that change how the others are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from zonelint.grammars.masterfile.tokens import SourceText

from .blocks import Block, HclFault
from .syntax import (
    Body,
    Chars,
    HclLiteral,
    HclName,
    HclTemplate,
    Nested,
    Node,
    Object,
    SyntaxFault,
    Tuple,
    read_expression,
    read_template,
)

_DEEPEST = 100
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "locals": 0}


@dataclass(slots=True)
class JsonValue:
    """A text, number, truth value or null, which stands at `source.text[start:end]`."""

    start: int
    end: int


@dataclass(slots=True)
class JsonList(JsonValue):
    items: list[JsonValue]


@dataclass(slots=True)
class JsonObject(JsonValue):
    pairs: list[tuple[JsonValue, JsonValue]]


class JsonReader:
    """Reads one file. Raises SyntaxFault where it is not JSON."""

    def __init__(self, source: SourceText) -> None:
        self.text = source.text
        # As long as the file, with expressions as HCL writes them.
        self.source = SourceText(source.path, _STRING.sub(_without_escapes, source.text))
        self.at = source.first

    def document(self) -> JsonValue:
        """The value that the file is."""
        found = self._value(0)
        if self._next():
            raise self._fault("The end of the file is expected here.")
        return found

    def spelt(self, value: JsonValue) -> str:
        """What a text or a key says, without templates."""
        raw = self.text[value.start : value.end]
        return str(json.loads(raw)) if raw.startswith('"') else raw

    def _next(self) -> str:
        """The character that follows, behind blanks."""
        match = _BLANK.match(self.text, self.at)
        self.at = self.at if match is None else match.end()
        return self.text[self.at : self.at + 1]

    def _value(self, depth: int) -> JsonValue:
        if depth > _DEEPEST:
            raise self._fault("This is nested too deeply.")
        start, sign = self.at, self._next()
        start = self.at
        if sign == "{":
            pairs = list(self._items("}", depth, is_object=True))
            return JsonObject(start, self.at, [(key, value) for key, value in pairs if key])
        if sign == "[":
            items = [value for _, value in self._items("]", depth, is_object=False)]
            return JsonList(start, self.at, items)
        return self._scalar(_STRING if sign == '"' else _LITERAL, "A value")

    def _items(
        self, end: str, depth: int, *, is_object: bool
    ) -> Iterator[tuple[JsonValue | None, JsonValue]]:
        self.at += 1
        if self._next() == end:
            self.at += 1
            return
        while True:
            key = None
            if is_object:
                self._next()
                key = self._scalar(_STRING, "A key in quotes")
                self._take(":")
            yield key, self._value(depth + 1)
            if self._next() == end:
                self.at += 1
                return
            self._take(",", f"`,` or `{end}`")

    def _take(self, sign: str, expected: str | None = None) -> None:
        if self._next() != sign:
            raise self._fault(f"{expected or f'`{sign}`'} is expected here.")
        self.at += 1

    def _scalar(self, pattern: re.Pattern[str], expected: str) -> JsonValue:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise self._fault(f"{expected} is expected here.")
        self.at = match.end()
        return JsonValue(match.start(), match.end())

    def _fault(self, message: str) -> SyntaxFault:
        return SyntaxFault(HclFault(self.source, self.at, message))

    # -- as blocks -----------------------------------------------------------------------------

    def blocks(self) -> Iterator[Block]:
        """The blocks of a file of Terraform's. Raises SyntaxFault."""
        whole = self.document()
        for inner in whole.items if isinstance(whole, JsonList) else [whole]:
            for key, value in _pairs(inner):
                type = self.spelt(key)
                if type in _LABELS:
                    yield from self._labelled(type, (), key, value, _LABELS[type])

    def _labelled(
        self, type: str, labels: tuple[str, ...], key: JsonValue, value: JsonValue, left: int
    ) -> Iterator[Block]:
        if left:
            for label, inner in _pairs(value):
                yield from self._labelled(
                    type, (*labels, self.spelt(label)), label, inner, left - 1
                )
            return
        for body in value.items if isinstance(value, JsonList) else [value]:
            read = partial(self.body, body, type)
            yield Block(self.source, type, labels, key.start, key.end, body.end, read)

    def assignments(self) -> Iterator[tuple[str, Node]]:
        """The values of a file of variables, which are no templates. Raises SyntaxFault."""
        for key, value in _pairs(self.document()):
            yield self.spelt(key), self.node(value, is_template=False)

    # -- as expressions ------------------------------------------------------------------------

    def body(self, value: JsonValue, type: str = "") -> Body:
        """The body of a block. Raises SyntaxFault."""
        body = Body()
        for key, inner in _pairs(value):
            name = self.spelt(key)
            if name == "lifecycle":
                body.blocks.append(Nested(name, (), self._lifecycle(inner)))
            elif name == "dynamic":
                for label, content in _pairs(inner):
                    body.blocks += self._dynamic(self.spelt(label), content)
            elif type == "variable" and name == "type":
                body.attributes[name] = self._meant(inner)
            else:
                body.attributes[name] = self.node(inner, is_template=type != "variable")
        return body

    def _lifecycle(self, value: JsonValue) -> Body:
        body = Body()
        for key, inner in _pairs(value):
            names = inner.items if isinstance(inner, JsonList) else [inner]
            nodes = [self._meant(each) for each in names]
            one = nodes[0] if not isinstance(inner, JsonList) else None
            node = one or Tuple(self.source, inner.start, inner.end, nodes)
            body.attributes[self.spelt(key)] = node
        return body

    def _dynamic(self, label: str, value: JsonValue) -> Iterator[Nested]:
        for each in value.items if isinstance(value, JsonList) else [value]:
            body = Body()
            for key, inner in _pairs(each):
                name = self.spelt(key)
                if name == "content":
                    body.blocks.append(Nested(name, (), self.body(inner)))
                elif name == "iterator":
                    body.attributes[name] = HclName(
                        self.source, inner.start, inner.end, self.spelt(inner)
                    )
                else:
                    body.attributes[name] = self.node(inner)
            yield Nested("dynamic", (label,), body)

    def _meant(self, value: JsonValue) -> Node:
        """A text that is an expression itself: a type, a name."""
        if self.text[value.start] != '"' or "\\" in self.text[value.start : value.end]:
            return self.node(value)
        return read_expression(self.source, value.start + 1, value.end - 1)

    def node(self, value: JsonValue, *, is_template: bool = True) -> Node:
        """An expression. Raises SyntaxFault."""
        place = (self.source, value.start, value.end)
        match value:
            case JsonList(items=items):
                return Tuple(*place, [self.node(e, is_template=is_template) for e in items])
            case JsonObject(pairs=pairs):
                made = [
                    tuple(self.node(each, is_template=is_template) for each in pair)
                    for pair in pairs
                ]
                return Object(*place, [(key, value) for key, value in made])
            case _ if self.text[value.start] == '"':
                inner = (self.source, value.start + 1, value.end - 1)
                if is_template:
                    return read_template(*inner, escapes="json")
                chars = [Chars(*inner, "yaml")] if inner[1] < inner[2] else []
                return HclTemplate(*inner, [*chars])
            case _:
                return HclLiteral(*place, json.loads(self.text[value.start : value.end]))


def _without_escapes(string: re.Match[str]) -> str:
    """A text whose expressions have quotes as HCL has them, in as many characters."""
    raw = string[0]
    if "\\" not in raw or "{" not in raw:
        return raw
    found: list[str] = []
    depth, opens = 0, True
    for token in _PARTS.findall(raw):
        if token in ("${", "%{"):
            depth += 1
        elif depth and token in "{}":
            depth += 1 if token == "{" else -1
        elif depth and token == '\\"':
            token = ' "' if opens else '" '
            opens = not opens
        found.append(token)
    return "".join(found)


_PARTS = re.compile(r"\$\$\{|%%\{|[$%]\{|\\.|.", re.DOTALL)


def _pairs(value: JsonValue) -> list[tuple[JsonValue, JsonValue]]:
    """Keys and values, of an object or of each of a list of them."""
    match value:
        case JsonObject(pairs=pairs):
            return pairs
        case JsonList(items=items):
            return [pair for item in items if isinstance(item, JsonObject) for pair in item.pairs]
        case _:
            return []

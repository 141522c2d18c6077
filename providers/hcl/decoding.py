"""YAML and JSON as values that keep the lines of the file that they stand in."""

from __future__ import annotations

import re
from collections.abc import Callable

from yaml.error import YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .values import (
    NULL,
    Bool,
    HclPiece,
    HclPlace,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Number,
    Value,
    first_hole,
    text,
    written,
)
from .values import plain as plain_of

_MOST_NODES = 200_000
_WHOLE = re.compile(r"[-+]?[0-9]{1,300}")
_REAL = re.compile(r"[-+]?(?:[0-9]{1,300}\.[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,3})?")


def decoded(value: Value) -> Value:
    """The YAML or JSON that a text is; JSON is YAML. Unknown where it is neither."""
    import yaml

    known = plain_of(value)
    if known is None:
        return HclUnknown((first_hole(value) or HclUnknown("a text that is not known")).why)
    place = None
    if (
        isinstance(value, HclText)
        and len(value.pieces) == 1
        and isinstance(value.pieces[0], HclPiece)
    ):
        place = value.pieces[0].place
    try:
        node = yaml.compose(known, Loader=yaml.SafeLoader)
        return NULL if node is None else Decoder(known, place).value(node)
    except (YAMLError, RecursionError, ValueError):
        return HclUnknown("a text that is neither YAML nor JSON")


class Decoder:
    """Makes values of the nodes of a text. place: where the text is written, if that is known."""

    def __init__(self, known: str, place: HclPlace | None) -> None:
        self.known = known
        self.place = place if place is not None and place.exact else None
        self.left = _MOST_NODES

    def value(self, node: Node) -> Value:
        """The value of a node of YAML."""
        self.left -= 1
        if self.left < 0:
            raise ValueError("too many nodes")
        match node:
            case ScalarNode():
                return self.scalar(node)
            case SequenceNode():
                return List(tuple(self.value(each) for each in node.value))
            case MappingNode():
                items: dict[str, Value | Callable[[], Value]] = {}
                keys: dict[str, HclPlace | None] = {}
                for key, each in node.value:
                    items[str(key.value)] = self.value(each)
                    keys[str(key.value)] = self.place_of(key)
                return HclTable(items, None, keys)
        return NULL

    def scalar(self, node: ScalarNode) -> Value:
        """The text, number or truth value of a node."""
        plain, place = node.value, self.place_of(node)
        if node.style is None and node.tag != "tag:yaml.org,2002:str":
            if plain in ("", "~", "null", "Null", "NULL"):
                return NULL
            if plain.lower() in ("true", "false"):
                return Bool(plain.lower() == "true", place)
            if _WHOLE.fullmatch(plain):
                return Number(int(plain), place)
            if _REAL.fullmatch(plain):
                return Number(float(plain), place)
        return text(plain, place)

    def place_of(self, node: Node) -> HclPlace | None:
        """Where a scalar is written."""
        if self.place is None or not isinstance(node, ScalarNode):
            return None
        start, end = node.start_mark.index, node.end_mark.index
        raw = self.known[start:end]
        if node.style in ("'", '"') and raw[1:-1] == node.value:
            start, end, raw = start + 1, end - 1, raw[1:-1]
        at, source = self.place.start, self.place.source
        if raw == node.value:
            return HclPlace(source, at + start, at + end, "file")
        if node.style == '"':
            spelt = written(source, at + start + 1, at + end - 1, "yaml")
            if spelt.text == node.value:
                return spelt.place
        return HclPlace(source, at + start, at + end, "opaque")

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
_NUMBER = re.compile(
    r"[-+]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,3})?"
)
_DATE = re.compile(r"[0-9]{4}-([0-9]{1,2})-([0-9]{1,2})")
_CODED = re.compile(r"0(?:x[0-9a-fA-F]{1,16}|o[0-7]{1,21}|b[01]{1,64})")
_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}


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
                    if key.value == "<<" and key.style is None:
                        self.merge(items, keys, each)
                for key, each in node.value:
                    name = plain_of(self.scalar(key)) if isinstance(key, ScalarNode) else None
                    if key.value == "<<" and key.style is None:
                        continue
                    if name is None:
                        raise ValueError("a key that is not a text")
                    items[name] = self.value(each)
                    keys[name] = self.place_of(key)
                return HclTable(items, None, keys)
        return NULL

    def merge(
        self,
        items: dict[str, Value | Callable[[], Value]],
        keys: dict[str, HclPlace | None],
        node: Node,
    ) -> None:
        """Take what `<<` names, the first of several before the others."""
        for each in reversed(node.value) if isinstance(node, SequenceNode) else [node]:
            table = self.value(each)
            if not isinstance(table, HclTable):
                raise ValueError("`<<` of what is not a mapping")
            items.update(table.items)
            keys.update(table.keys)

    def scalar(self, node: ScalarNode) -> Value:
        """The text, number or truth value of a node, by the words that Terraform takes for them."""
        plain, place = node.value, self.place_of(node)
        is_tagged = self.known.startswith("!", node.start_mark.index)
        if node.style is not None or (node.tag == "tag:yaml.org,2002:str" and is_tagged):
            return text(plain, place)
        if plain in ("", "~", "null", "Null", "NULL"):
            return NULL
        if plain in _TRUE or plain in _FALSE:
            return Bool(plain in _TRUE, place)
        if _CODED.fullmatch(plain):
            return Number(int(plain, 0), place)
        if date := _DATE.fullmatch(plain):
            return text(f"{plain[:4]}-{int(date[1]):02}-{int(date[2]):02}T00:00:00Z")
        if _NUMBER.fullmatch(plain):
            number = float(plain)
            whole = plain.lstrip("-+").isdigit()
            return Number(int(plain) if whole else number, place)
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

"""``yamldecode`` and ``jsondecode``: values that keep the lines of the file that they stand in."""

from __future__ import annotations

import re
from collections.abc import Callable

from yaml.error import YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.providers.hcl.values import (
    NULL,
    Bool,
    List,
    Number,
    Piece,
    Place,
    Table,
    Text,
    Unknown,
    Value,
    first_hole,
    plain,
    text,
)

_MOST_NODES = 200_000
_WHOLE = re.compile(r"[-+]?[0-9]{1,300}")
_REAL = re.compile(r"[-+]?(?:[0-9]{1,300}\.[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,3})?")


def decoded(value: Value) -> Value:
    """The YAML or JSON that a text is; JSON is YAML. Unknown where it is neither."""
    import yaml

    known = plain(value)
    if known is None:
        return Unknown((first_hole(value) or Unknown("a text that is not known")).why)
    place = None
    if isinstance(value, Text) and len(value.pieces) == 1 and isinstance(value.pieces[0], Piece):
        place = value.pieces[0].place
    try:
        node = yaml.compose(known, Loader=yaml.SafeLoader)
        return NULL if node is None else _Decoder(known, place).value(node)
    except (YAMLError, RecursionError, ValueError):
        return Unknown("a text that is neither YAML nor JSON")


class _Decoder:
    def __init__(self, known: str, place: Place | None) -> None:
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
                return self._scalar(node)
            case SequenceNode():
                return List(tuple(self.value(each) for each in node.value))
            case MappingNode():
                items: dict[str, Value | Callable[[], Value]] = {}
                keys: dict[str, Place | None] = {}
                for key, each in node.value:
                    items[str(key.value)] = self.value(each)
                    keys[str(key.value)] = self._place(key)
                return Table(items, None, keys)
        return NULL

    def _scalar(self, node: ScalarNode) -> Value:
        written, place = node.value, self._place(node)
        if node.style is None and node.tag != "tag:yaml.org,2002:str":
            if written in ("", "~", "null", "Null", "NULL"):
                return NULL
            if written.lower() in ("true", "false"):
                return Bool(written.lower() == "true", place)
            if _WHOLE.fullmatch(written):
                return Number(int(written), place)
            if _REAL.fullmatch(written):
                return Number(float(written), place)
        return text(written, place)

    def _place(self, node: Node) -> Place | None:
        if self.place is None or not isinstance(node, ScalarNode):
            return None
        start, end = node.start_mark.index, node.end_mark.index
        raw = self.known[start:end]
        if node.style in ("'", '"') and raw[1:-1] == node.value:
            start, end, raw = start + 1, end - 1, raw[1:-1]
        exact = raw == node.value
        at = self.place.start
        kind = "file" if exact else "opaque"
        return Place(self.place.source, at + start, at + end, kind, exact)

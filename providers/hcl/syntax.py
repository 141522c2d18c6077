"""Expressions and bodies of HCL as trees, each node with its place in the text.

python-hcl2 does the reading; what it gives, a tree of tokens, is made into nodes that are quick to
evaluate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonelint.grammars.masterfile.tokens import SourceText

from .blocks import Assignment, Block, HclFault, template_parts

if TYPE_CHECKING:
    from lark import Tree


@dataclass(slots=True)
class Node:
    """An expression, which stands at ``source.text[start:end]``."""

    source: SourceText
    start: int
    end: int


@dataclass(slots=True)
class HclLiteral(Node):
    """A number, true, false or null."""

    value: int | float | bool | None


@dataclass(slots=True)
class Chars(Node):
    """A stretch of a text; its escapes are those of a quoted text, or of a heredoc."""

    quoted: bool


@dataclass(slots=True)
class HclTemplate(Node):
    """A text: stretches, and expressions between them; the place is that inside the quotes."""

    parts: list[Node]


@dataclass(slots=True)
class Directive(Node):
    """``%{ if … }`` and its like, up to the end: what it comes to is not worked out."""


@dataclass(slots=True)
class Tuple(Node):
    items: list[Node]


@dataclass(slots=True)
class Object(Node):
    """keys: an expression each; a bare name is the text of the name."""

    items: list[tuple[Node, Node]]


@dataclass(slots=True)
class HclName(Node):
    """A bare name: ``var``, ``each``, a type, a key."""

    name: str


@dataclass(slots=True)
class Attribute(Node):
    base: Node
    name: str


@dataclass(slots=True)
class HclIndex(Node):
    base: Node
    key: Node


@dataclass(slots=True)
class Splat(Node):
    """``base[*]`` or ``base.*``, with what is done to each element; ``Element`` stands for it."""

    base: Node
    each: Node


@dataclass(slots=True)
class Element(Node):
    """The element inside a splat."""


@dataclass(slots=True)
class Call(Node):
    name: str
    arguments: list[Node]
    spread: bool


@dataclass(slots=True)
class For(Node):
    """``[for …]``, or ``{for …}`` where there is a key."""

    key_name: str | None
    value_name: str
    over: Node
    key: Node | None
    value: Node
    condition: Node | None
    grouped: bool


@dataclass(slots=True)
class Conditional(Node):
    test: Node
    yes: Node
    no: Node


@dataclass(slots=True)
class Binary(Node):
    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Unary(Node):
    operator: str
    operand: Node


@dataclass(slots=True)
class Body:
    """What stands between the braces of a block."""

    source: SourceText
    start: int
    end: int
    attributes: dict[str, Node] = field(default_factory=dict)
    blocks: list[Nested] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    """Where each attribute and nested block stands, its name included."""

    def nested(self, type: str) -> Iterator[Body]:
        """The bodies of the nested blocks of a type."""
        return (block.body for block in self.blocks if block.type == type)


@dataclass(slots=True)
class Nested:
    """A block inside a block."""

    type: str
    labels: tuple[str, ...]
    body: Body


class SyntaxFault(Exception):
    """A text that is not HCL."""

    def __init__(self, fault: HclFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_block(block: Block) -> Body:
    """The body of a top-level block. Raises SyntaxFault."""
    return _Maker(block.source, block.start).body(_block_of(_parsed(block)))


def read_assignment(assignment: Assignment) -> Node:
    """The value of a top-level attribute. Raises SyntaxFault."""
    tree = _parsed(assignment)
    found = _Maker(assignment.source, assignment.start).attributes(_first(tree, "body"))
    return found[assignment.name]


def read_template(source: SourceText, start: int, end: int, *, quoted: bool) -> HclTemplate:
    """A stretch of a text as a template: a heredoc, a file, a text in JSON. Raises SyntaxFault."""
    parts: list[Node] = []
    depth, began = 0, start
    for kind, first, last in template_parts(source.text[:end], start):
        if kind == "%{":
            word = _WORD.match(source.text, first)
            step = {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(word[1] if word else "", 0)
            if not depth:
                began = first - 2
            depth += step
            if depth <= 0:
                depth = 0
                parts.append(Directive(source, began, last + 1))
        elif not depth and kind == "text":
            parts.append(Chars(source, first, last, quoted))
        elif not depth:
            parts.append(_expression_at(source, first, last))
    if depth:
        parts.append(Directive(source, began, end))
    return HclTemplate(source, start, end, parts)


_WORD = re.compile(r"~?\s*([a-z]+)")


def _expression_at(source: SourceText, start: int, end: int) -> Node:
    """An expression that stands in a text of another form."""
    before = "a = ("
    text = f"{before}{source.text[start:end].strip('~')})\n"
    shift = start + (source.text[start : start + 1] == "~") - len(before)
    tree = _tree(text, source, shift)
    return _Maker(source, shift).attributes(_first(tree, "body"))["a"]


def _parsed(part: Block | Assignment) -> Tree[Any]:
    return _tree(f"{part.text}\n", part.source, part.start)


def _tree(text: str, source: SourceText, shift: int) -> Tree[Any]:
    from hcl2.api import parses_to_tree
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    try:
        return parses_to_tree(text)
    except UnexpectedInput as error:
        reached = max(getattr(error, "pos_in_stream", None) or 0, 0)
        at = min(shift + reached, len(source.text))
        message = "This is not HCL."
        if isinstance(error, UnexpectedToken):
            accepted = error.accepts
            expected = sorted({_SPELT[name] for name in accepted if name in _SPELT})
            what = f"`{error.token}`" if str(error.token).strip() else "The end of the line"
            message = f"{what} is not expected here"
            message += f"; {', '.join(expected)} would be." if expected else "."
        elif isinstance(error, UnexpectedCharacters):
            message = f"`{text[reached : reached + 1]}` is not expected here."
        raise SyntaxFault(HclFault(source, at, message)) from None
    except RecursionError:
        raise SyntaxFault(HclFault(source, shift, "This is nested too deeply.")) from None


_SPELT = {
    "EQ": "`=`", "LBRACE": "`{`", "RBRACE": "`}`", "RSQB": "`]`", "RPAR": "`)`", "COMMA": "`,`",
    "COLON": "`:`", "DBLQUOTE": "a text", "NAME": "a name", "INT_LITERAL": "a number",
    "NL_OR_COMMENT": "a new line", "FOR_OBJECT_ARROW": "`=>`", "IN": "`in`",
}  # fmt: skip


def _first(tree: Tree[Any], name: str) -> Tree[Any]:
    return next(child for child in _trees(tree) if child.data == name)


def _trees(tree: Tree[Any]) -> Iterator[Tree[Any]]:
    return (child for child in tree.children if not isinstance(child, str) and child is not None)


def _block_of(tree: Tree[Any]) -> Tree[Any]:
    return _first(_first(_first(tree, "body"), "block"), "body")


class _Maker:
    """Makes nodes of python-hcl2's trees; ``shift`` is where its text begins in the source."""

    def __init__(self, source: SourceText, shift: int) -> None:
        self.source = source
        self.shift = shift

    def body(self, tree: Tree[Any]) -> Body:
        body = Body(self.source, *self._place(tree))
        for child in _trees(tree):
            if child.data == "attribute":
                name, value = self._attribute(child)
                body.attributes[name] = value
                body.stretches.append(self._place(child))
            elif child.data == "block":
                *labels, inner = [c for c in _trees(child) if c.data != "new_line_or_comment"]
                type, *rest = [_label(label) for label in labels]
                body.blocks.append(Nested(type, tuple(rest), self.body(inner)))
                body.stretches.append(self._place(child))
        return body

    def attributes(self, tree: Tree[Any]) -> dict[str, Node]:
        """The attributes of a body by name."""
        return dict(self._attribute(child) for child in _trees(tree) if child.data == "attribute")

    def _attribute(self, tree: Tree[Any]) -> tuple[str, Node]:
        name, value = _trees(tree)
        return _label(name), self.node(value)

    def _place(self, tree: Tree[Any]) -> tuple[int, int]:
        meta = tree.meta
        if meta.empty:
            return self.shift, self.shift
        return meta.start_pos + self.shift, meta.end_pos + self.shift

    def node(self, tree: Tree[Any]) -> Node:
        """The node of an expression."""
        while tree.data == "expr_term":
            tree = _meant(tree)[0]
        return _MAKERS[tree.data](self, tree)

    # -- one method for each form ----------------------------------------------------------------

    def number(self, tree: Tree[Any]) -> Node:
        text = "".join(str(token) for token in tree.children)
        value = float(text)
        is_whole = tree.data == "int_lit" and len(text) < 400
        return HclLiteral(self.source, *self._place(tree), int(text) if is_whole else value)

    def literal(self, tree: Tree[Any]) -> Node:
        value = {"true": True, "false": False, "null": None}[str(tree.children[0])]
        return HclLiteral(self.source, *self._place(tree), value)

    def name(self, tree: Tree[Any]) -> Node:
        return HclName(self.source, *self._place(tree), str(tree.children[0]))

    def string(self, tree: Tree[Any]) -> Node:
        start, end = self._place(tree)
        parts: list[Node] = []
        depth, began = 0, start
        for part in _trees(tree):
            inner = part.children[0]
            if isinstance(inner, str):
                if not depth:
                    parts.append(Chars(self.source, *self._place(part), True))
            elif inner.data == "interpolation":
                if not depth:
                    parts.append(self.node(_meant(inner)[0]))
            else:
                if not depth:
                    began = self._place(part)[0]
                depth += 1 if inner.data.endswith("_start") else -1 if "_end" in inner.data else 0
                if not depth:
                    parts.append(Directive(self.source, began, self._place(part)[1]))
        if depth:
            parts.append(Directive(self.source, began, end - 1))
        return HclTemplate(self.source, start + 1, end - 1, parts)

    def heredoc(self, tree: Tree[Any]) -> Node:
        start, end = self._place(tree)
        text = self.source.text[start:end]
        first = start + text.index("\n") + 1
        last = start + text.rstrip().rindex("\n") + 1
        found = read_template(self.source, min(first, last), last, quoted=False)
        if text.startswith("<<-"):
            found.parts = list(self._dedented(found))
        return found

    def _dedented(self, found: HclTemplate) -> Iterator[Node]:
        """The parts of a heredoc without the indentation that all of its lines share."""
        text = self.source.text
        lines = [line for line in text[found.start : found.end].split("\n") if line.strip()]
        width = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
        for part in found.parts:
            if not isinstance(part, Chars):
                yield part
                continue
            at = part.start
            while at < part.end:
                stop = text.find("\n", at, part.end) + 1 or part.end
                begins = at == found.start or text[at - 1] == "\n"
                start = min(at + width, stop - 1) if begins else at
                yield Chars(self.source, start, stop, False)
                at = stop

    def tuple(self, tree: Tree[Any]) -> Node:
        return Tuple(self.source, *self._place(tree), [self.node(each) for each in _meant(tree)])

    def object(self, tree: Tree[Any]) -> Node:
        items: list[tuple[Node, Node]] = []
        for element in _meant(tree):
            key, value = _trees(element)
            made = self._key(_meant(key)[0])
            items.append((made, self.node(value)))
        return Object(self.source, *self._place(tree), items)

    def _key(self, tree: Tree[Any]) -> Node:
        """A key: a bare name is a text, one between parentheses is an expression."""
        if tree.data == "expr_term" and len(inner := _meant(tree)) == 1:
            bare = not isinstance(tree.children[0], str) and inner[0].data in _BARE
            if bare:
                place = self._place(inner[0])
                return HclTemplate(self.source, *place, [Chars(self.source, *place, False)])
        elif tree.data == "keyword":
            place = self._place(tree)
            return HclTemplate(self.source, *place, [Chars(self.source, *place, False)])
        return self.node(tree)

    def call(self, tree: Tree[Any]) -> Node:
        names = [str(c.children[0]) for c in _trees(tree) if c.data == "identifier"]
        arguments: list[Node] = []
        spread = False
        for child in _trees(tree):
            if child.data == "arguments":
                arguments = [self.node(each) for each in _meant(child)]
                spread = any(str(token) == "..." for token in child.children)
        return Call(self.source, *self._place(tree), "::".join(names), arguments, spread)

    def attribute(self, tree: Tree[Any]) -> Node:
        base, step = _meant(tree)
        return self._stepped(self.node(base), step, self._place(tree)[1])

    def _stepped(self, base: Node, step: Tree[Any], end: int) -> Node:
        match step.data:
            case "get_attr":
                name = _label(_meant(step)[0])
                return Attribute(self.source, base.start, end, base, name)
            case "short_index":
                at = step.children[-1]
                place = self._place(step)
                key: Node = HclLiteral(self.source, *place, int(str(at)))
                return HclIndex(self.source, base.start, end, base, key)
            case "braces_index":
                return HclIndex(self.source, base.start, end, base, self.node(_meant(step)[0]))
            case _:
                return self._splat(base, step, end)

    def _splat(self, base: Node, step: Tree[Any], end: int) -> Node:
        each: Node = Element(self.source, base.end, end)
        steps = list(_meant(step))
        while steps and (step.data == "full_splat" or steps[0].data == "get_attr"):
            each = self._stepped(each, steps.pop(0), end)
        found: Node = Splat(self.source, base.start, end, base, each)
        for inner in steps:  # behind `.*` an index is one of the whole list
            found = self._stepped(found, inner, end)
        return found

    def loop(self, tree: Tree[Any]) -> Node:
        intro, *rest = _meant(tree)
        *names, over = _meant(intro)
        condition = None
        if rest[-1].data == "for_cond":
            condition = self.node(_meant(rest.pop())[0])
        called = [str(name.children[0]) for name in names]
        values = [self.node(each) for each in rest]
        return For(
            self.source,
            *self._place(tree),
            called[0] if len(called) > 1 else None,
            called[-1],
            self.node(over),
            values[0] if tree.data == "for_object_expr" else None,
            values[-1],
            condition,
            any(str(token) == "..." for token in tree.children),
        )

    def conditional(self, tree: Tree[Any]) -> Node:
        return Conditional(self.source, *self._place(tree), *map(self.node, _meant(tree)))

    def binary(self, tree: Tree[Any]) -> Node:
        left, term = _meant(tree)
        operator, right = _meant(term)
        sign = str(operator.children[0]).split()[-1]
        return Binary(self.source, *self._place(tree), sign, self.node(left), self.node(right))

    def unary(self, tree: Tree[Any]) -> Node:
        sign = str(tree.children[0]).strip()
        return Unary(self.source, *self._place(tree), sign, self.node(_meant(tree)[0]))

    def other(self, tree: Tree[Any]) -> Node:
        return Directive(self.source, *self._place(tree))


_BARE = ("identifier", "literal_value", "int_lit", "float_lit")


def _meant(tree: Tree[Any]) -> Sequence[Any]:
    """The subtrees without line breaks and comments."""
    return [child for child in _trees(tree) if child.data != "new_line_or_comment"]


def _label(tree: Tree[Any]) -> str:
    if tree.data == "string":
        return "".join(str(part.children[0]) for part in _trees(tree))
    return str(tree.children[0])


_MAKERS: dict[str, Callable[[_Maker, Any], Node]] = {
    "int_lit": _Maker.number, "float_lit": _Maker.number, "literal_value": _Maker.literal,
    "identifier": _Maker.name, "keyword": _Maker.name, "string": _Maker.string,
    "template_string": _Maker.other, "heredoc_template": _Maker.heredoc,
    "heredoc_template_trim": _Maker.heredoc, "tuple": _Maker.tuple, "object": _Maker.object,
    "function_call": _Maker.call, "get_attr_expr_term": _Maker.attribute,
    "index_expr_term": _Maker.attribute, "attr_splat_expr_term": _Maker.attribute,
    "full_splat_expr_term": _Maker.attribute, "for_tuple_expr": _Maker.loop,
    "for_object_expr": _Maker.loop, "conditional": _Maker.conditional, "binary_op": _Maker.binary,
    "unary_op": _Maker.unary, "expression": _Maker.conditional,
}  # fmt: skip

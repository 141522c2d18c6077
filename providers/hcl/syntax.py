"""Expressions and bodies of HCL as trees, each node with its place in the text.

python-hcl2 does the reading; what it gives, a tree of tokens, is made into nodes that are quick to
evaluate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonelint.grammars.masterfile.tokens import SourceText

from .blocks import Assignment, Block, HclFault, template_parts

if TYPE_CHECKING:
    from lark import Tree


DEEPEST = 150
"""Expressions inside each other at most: where one is an operand of the next, their number."""
_TOO_DEEP = "This is nested too deeply."


@dataclass(slots=True)
class Node:
    """An expression, which stands at `source.text[start:end]`."""

    source: SourceText
    start: int
    end: int


@dataclass(slots=True)
class HclLiteral(Node):
    """A number, true, false or null."""

    value: int | float | bool | None


@dataclass(slots=True)
class Chars(Node):
    """A stretch of a text; escapes: those of a quoted text, a heredoc ("template"), JSON."""

    escapes: str


@dataclass(slots=True)
class HclTemplate(Node):
    """A text: stretches, and expressions between them; the place is that inside the quotes."""

    parts: list[Node]


@dataclass(slots=True)
class Tuple(Node):
    items: list[Node]


@dataclass(slots=True)
class Object(Node):
    """keys: an expression each; a bare name is the text of the name."""

    items: list[tuple[Node, Node]]


@dataclass(slots=True)
class HclName(Node):
    """A bare name: `var`, `each`, a type, a key."""

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
    """`base[*]` or `base.*`, with what is done to each element; `Element` stands for it."""

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
    """`[for …]`, or `{for …}` where there is a key."""

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

    attributes: dict[str, Node] = field(default_factory=dict)
    blocks: list[Nested] = field(default_factory=list)

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
        super().__init__(fault.message)
        self.fault = fault


def read_block(block: Block) -> Body:
    """The body of a top-level block. Raises SyntaxFault."""
    if block.read is not None:
        body: Body = block.read()
        return body
    with _told_as_fault(block):
        whole = _first(_parsed(block), "body")
        return _Maker(block.source, block.start).body(_first(_first(whole, "block"), "body"))


def read_assignment(assignment: Assignment) -> Node:
    """The value of a top-level attribute. Raises SyntaxFault."""
    with _told_as_fault(assignment):
        tree = _parsed(assignment)
        found = _Maker(assignment.source, assignment.start).attributes(_first(tree, "body"))
        return found[assignment.name]


@contextmanager
def _told_as_fault(part: Block | Assignment) -> Iterator[None]:
    """Templates in templates are read each by itself, as deep as they are written."""
    try:
        yield
    except RecursionError:
        raise SyntaxFault(HclFault(part.source, part.start, _TOO_DEEP)) from None


def read_template(source: SourceText, start: int, end: int, *, escapes: str) -> HclTemplate:
    """A stretch of a text as a template: a heredoc, a file, a text in JSON. Raises SyntaxFault."""
    return HclTemplate(
        source, start, end, _Template(source, _template_parts(source, start, end, escapes)).parts()
    )


@dataclass(slots=True)
class _Directive(Node):
    """`%{ if … }` and its like; the place is that inside the braces."""

    word: str


_TemplatePart = Chars | _Directive | Node


def _template_parts(source: SourceText, start: int, end: int, escapes: str) -> list[_TemplatePart]:
    """The stretches, expressions and directives of a template, in order; each line by itself."""
    found: list[_TemplatePart] = []
    strip = False  # whether what was before takes the blanks that follow
    text = source.text
    for kind, first, last in template_parts(text[:end], start):
        if kind == "text":
            for at, stop in _lines(text, first, last):
                if strip:
                    at += len(text[at:stop]) - len(text[at:stop].lstrip())
                    strip = False
                found.append(Chars(source, at, stop, escapes))
            continue
        if text[first] == "~" and found and isinstance(last_part := found[-1], Chars):
            last_part.end = last_part.start + len(text[last_part.start : last_part.end].rstrip())
        strip = text[last - 1] == "~"
        if kind == "%{":
            word = _WORD.match(text, first)
            found.append(_Directive(source, first, last, word[1] if word else ""))
        else:
            found.append(read_expression(source, first, last))
    return found


def _dedent(found: list[_TemplatePart]) -> None:
    """Take the indentation away that the lines of a heredoc share; blank ones stay as they are."""
    begins: list[Chars] = []
    widths: list[int] = []
    begins_line = True
    for part in found:
        line = part.source.text[part.start : part.end] if isinstance(part, Chars) else ""
        if begins_line and (line.strip() or not line.endswith("\n")):
            widths.append(len(line) - len(line.lstrip()))
            begins += [part] if isinstance(part, Chars) else []
        begins_line = line.endswith("\n")
    for chars in begins:
        chars.start += min(widths)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = text.find("\n", start, end) + 1 or end
        yield start, stop
        start = stop


class _Template:
    """Makes conditions and loops of the directives of a template."""

    def __init__(self, source: SourceText, found: list[_TemplatePart]) -> None:
        self.source = source
        kept = (part for part in found if not isinstance(part, Chars) or part.start < part.end)
        self.waiting = list(kept)[::-1]

    def parts(self) -> list[Node]:
        """The whole template. Raises SyntaxFault."""
        parts, ended = self._until(())
        assert ended is None, "nothing ends the whole"
        return parts

    def _until(self, words: tuple[str, ...]) -> tuple[list[Node], _Directive | None]:
        parts: list[Node] = []
        while self.waiting:
            part = self.waiting.pop()
            if not isinstance(part, _Directive):
                parts.append(part)
            elif part.word in words:
                return parts, part
            elif part.word == "if":
                parts.append(self._condition(part))
            elif part.word == "for":
                parts.append(self._loop(part))
            else:
                raise self._fault(part, f"`{part.word}` is not expected here.")
        return parts, None

    def _body(self, opened: _Directive, *words: str) -> tuple[HclTemplate, _Directive]:
        start = opened.end + 1
        parts, ended = self._until(words)
        if ended is None:
            raise self._fault(opened, f"This `{opened.word}` is never closed with `{words[-1]}`.")
        return HclTemplate(self.source, start, ended.start - 2, parts), ended

    def _condition(self, opened: _Directive) -> Node:
        test = read_expression(self.source, *self._behind(opened))
        yes, ended = self._body(opened, "else", "endif")
        no = HclTemplate(self.source, ended.start, ended.start, [])
        if ended.word == "else":
            no, ended = self._body(ended, "endif")
        return Conditional(self.source, opened.start - 2, ended.end + 1, test, yes, no)

    def _loop(self, opened: _Directive) -> Node:
        start, end = self._behind(opened)
        names = _NAMES.match(self.source.text, start, end)
        if names is None:
            raise self._fault(opened, "`for` and a name with `in` are expected here.")
        over = read_expression(self.source, names.end(), end)
        body, ended = self._body(opened, "endfor")
        place = (self.source, opened.start - 2, ended.end + 1)
        key = names["first"] if names["second"] else None
        value = names["second"] or names["first"]
        made = For(*place, key, value, over, None, body, None, False)
        return Call(*place, "join", [HclTemplate(*place, []), made], False)

    def _behind(self, opened: _Directive) -> tuple[int, int]:
        """What stands behind the word of a directive."""
        word = _WORD.match(self.source.text, opened.start)
        assert word is not None, "it was found by it"
        return word.end(), opened.end

    def _fault(self, at: _Directive, message: str) -> SyntaxFault:
        return SyntaxFault(HclFault(self.source, at.start, message))


_WORD = re.compile(r"~?\s*([a-z]+)")
_NAMES = re.compile(r"\s*(?P<first>[\w-]+)(?:\s*,\s*(?P<second>[\w-]+))?\s+in\b")


def read_expression(source: SourceText, start: int, end: int) -> Node:
    """An expression that stands in a text of another form. Raises SyntaxFault."""
    before = "a = ("
    text = f"{before}{source.text[start:end].strip('~')})\n"
    shift = start + (source.text[start : start + 1] == "~") - len(before)
    tree = _tree(text, source, shift)
    return _Maker(source, shift).attributes(_first(tree, "body"))["a"]


def _parsed(part: Block | Assignment) -> Tree[Any]:
    return _tree(f"{part.text}\n", part.source, part.start)


_NOT_PARSED = re.compile(r"(?<=\$\{)~|~(?=\})|\bcore::")
"""What python-hcl2 does not take: marks that take blanks away, and the functions' own namespace."""


def _tree(text: str, source: SourceText, shift: int) -> Tree[Any]:
    from hcl2.api import parses_to_tree
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    try:
        return parses_to_tree(_NOT_PARSED.sub(lambda found: " " * len(found[0]), text))
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
        raise SyntaxFault(HclFault(source, shift, _TOO_DEEP)) from None


_SPELT = {
    "EQ": "`=`", "LBRACE": "`{`", "RBRACE": "`}`", "RSQB": "`]`", "RPAR": "`)`", "COMMA": "`,`",
    "COLON": "`:`", "DBLQUOTE": "a text", "NAME": "a name", "INT_LITERAL": "a number",
    "NL_OR_COMMENT": "a new line", "FOR_OBJECT_ARROW": "`=>`", "IN": "`in`",
}  # fmt: skip


def _first(tree: Tree[Any], name: str) -> Tree[Any]:
    return next(child for child in _trees(tree) if child.data == name)


def _trees(tree: Tree[Any]) -> Iterator[Tree[Any]]:
    return (child for child in tree.children if not isinstance(child, str) and child is not None)


@dataclass(slots=True)
class _Maker:
    """Makes nodes of python-hcl2's trees; `shift` is where its text begins in the source."""

    source: SourceText
    shift: int
    _depth: int = 0

    def body(self, tree: Tree[Any]) -> Body:
        body = Body()
        for child in _trees(tree):
            if child.data == "attribute":
                name, value = self._attribute(child)
                body.attributes[name] = value
            elif child.data == "block":
                *labels, inner = [c for c in _trees(child) if c.data != "new_line_or_comment"]
                type, *rest = [_label(label) for label in labels]
                body.blocks.append(Nested(type, tuple(rest), self.body(inner)))
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
        if self._depth == DEEPEST:
            message = f"An expression is nested more than {DEEPEST} levels deep here."
            raise SyntaxFault(HclFault(self.source, self._place(tree)[0], message))
        self._depth += 1
        try:
            return _MAKERS[tree.data](self, tree)
        finally:
            self._depth -= 1

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
        if _MARKED.search(self.source.text, start, end):
            return read_template(self.source, start + 1, end - 1, escapes="quoted")
        parts: list[Node] = []
        for part in _trees(tree):
            inner = part.children[0]
            if isinstance(inner, str):
                parts.append(Chars(self.source, *self._place(part), "quoted"))
            else:
                parts.append(self.node(_meant(inner)[0]))
        return HclTemplate(self.source, start + 1, end - 1, parts)

    def heredoc(self, tree: Tree[Any]) -> Node:
        start, end = self._place(tree)
        text = self.source.text[start:end]
        first = start + text.index("\n") + 1
        last = start + text.rstrip().rindex("\n") + 1
        first = min(first, last)
        parts = _template_parts(self.source, first, last, escapes="template")
        if text.startswith("<<-"):
            _dedent(parts)
        return HclTemplate(self.source, first, last, _Template(self.source, parts).parts())

    def tuple(self, tree: Tree[Any]) -> Node:
        return Tuple(self.source, *self._place(tree), [self.node(each) for each in _meant(tree)])

    def object(self, tree: Tree[Any]) -> Node:
        pairs = (_trees(element) for element in _meant(tree))
        items = [(self._key(_meant(key)[0]), self.node(value)) for key, value in pairs]
        return Object(self.source, *self._place(tree), items)

    def _key(self, tree: Tree[Any]) -> Node:
        """A key: a bare name is a text, one between parentheses is an expression."""
        bare = tree if tree.data == "keyword" else None
        if tree.data == "expr_term" and not isinstance(tree.children[0], str):
            inner = _meant(tree)
            bare = inner[0] if len(inner) == 1 and inner[0].data in _BARE else None
        if bare is None:
            return self.node(tree)
        place = self._place(bare)
        return HclTemplate(self.source, *place, [Chars(self.source, *place, "template")])

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

    def escaped_string(self, tree: Tree[Any]) -> Node:
        """A text whose quotes are escaped, inside of a directive."""
        start, end = self._place(tree)
        part = Chars(self.source, start + 2, end - 2, "quoted")
        return HclTemplate(self.source, start + 2, end - 2, [part])


_MARKED = re.compile(r"%\{|\$\{~|~\}")
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
    "template_string": _Maker.escaped_string, "heredoc_template": _Maker.heredoc,
    "heredoc_template_trim": _Maker.heredoc, "tuple": _Maker.tuple, "object": _Maker.object,
    "function_call": _Maker.call, "get_attr_expr_term": _Maker.attribute,
    "index_expr_term": _Maker.attribute, "attr_splat_expr_term": _Maker.attribute,
    "full_splat_expr_term": _Maker.attribute, "for_tuple_expr": _Maker.loop,
    "for_object_expr": _Maker.loop, "conditional": _Maker.conditional, "binary_op": _Maker.binary,
    "unary_op": _Maker.unary, "expression": _Maker.conditional,
}  # fmt: skip

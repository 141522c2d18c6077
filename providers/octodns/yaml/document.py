"""YAML text into nodes that know their place, within bounds: depth, size, aliases, includes.

Nodes are composed, never constructed: a scalar stays the text that was written, and nothing in a
file can make an object. What octoDNS's own loader knows beside plain YAML is known here too:
`!include` and the merge key `<<` (octodns/yaml.py).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.fault import TextRefused
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Span
from zonelint.providers.octodns.yaml.scalar import meant

if TYPE_CHECKING:
    from yaml import BaseLoader as _BaseLoader
else:
    # libyaml's parser and composer, where PyYAML comes with it: many times as fast.
    _BaseLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

LARGEST_FILE = 1 << 24
"""Characters of one YAML file; a zone of a hundred thousand records is smaller."""

DEEPEST = 100
"""Collections inside each other: an octoDNS zone needs eight."""

MOST_PAIRS = 500_000
"""Keys of one zone, each counted as often as aliases and merges repeat it."""

MOST_INCLUDES = 50
"""Files that one zone may include, one inside the other or side by side."""

_INCLUDE_TAG = "!include"
_MERGE = "<<"
_BLOCK_START = re.compile(r"^[ \t\-?:]{%d,}" % DEEPEST, re.MULTILINE)  # noqa: UP031
_FLAT = re.compile(r"""\[[^][{}"'#\n]*\]|\{[^][{}"'#\n]*\}""")
"""A list or mapping on one line with nothing inside that a bracket could hide in."""
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))

Include = Callable[[str, str], tuple[str, str]]
"""Given the including file's path and the name that it includes: the file's path and text.

Raises YamlFault without a place of its own."""


class YamlFault(TextRefused):
    """A text that cannot be read as YAML: one sentence on what is wrong, one on what to do."""

    def __init__(self, message: str, advice: str, span: Span | None = None) -> None:
        super().__init__(message, advice)
        self.span = span


class YamlSource(SourceText):
    """The text of a YAML file behind its byte-order mark, which `mark` keeps."""

    __slots__ = ("mark",)

    def __init__(self, path: str, text: str) -> None:
        behind = text.removeprefix("\ufeff")
        super().__init__(path, behind)
        self.mark = text[: len(text) - len(behind)]


class YamlPlace(NamedTuple):
    """A node and the file that it stands in."""

    source: SourceText
    node: Node

    @property
    def span(self) -> Span:
        return self.source.span(self.node.start_mark.index, end_of(self.source, self.node))

    @property
    def written(self) -> str:
        """The text of the node, and what may follow it to the next one."""
        return self.source.text[self.node.start_mark.index : self.node.end_mark.index]


class Pair(NamedTuple):
    """A key of a mapping with its value, and the file of each: an included value has its own.

    merged: another mapping brought it in, through `<<`.
    """

    key_source: SourceText
    key_node: Node
    source: SourceText
    node: Node
    merged: bool = False

    @property
    def key(self) -> YamlPlace:
        return YamlPlace(self.key_source, self.key_node)

    @property
    def value(self) -> YamlPlace:
        return YamlPlace(self.source, self.node)

    @property
    def name(self) -> str:
        """The key as octoDNS makes a text of it; what no name can be where it is no scalar."""
        meaning = self.meaning
        return meaning if isinstance(meaning, str) else str(meaning)

    @property
    def meaning(self) -> Hashable:
        """What YAML 1.1 reads the key as: two keys that mean one value are one key."""
        node = self.key_node
        if not isinstance(node, ScalarNode):
            return _NO_NAME
        return node.value if node.style else meant(node.value)

    @property
    def is_merge(self) -> bool:
        """Whether the key is `<<`, which merges other mappings in."""
        node = self.key_node
        return isinstance(node, ScalarNode) and node.value == _MERGE and not node.style


_NO_NAME = "\0"
_TAGS = {"", "!", _INCLUDE_TAG, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
"""The tags that a value may have: none was written, or one that changes nothing."""


class _Loader(_BaseLoader):
    """A composer that resolves nothing: a scalar's kind is asked for where it matters."""

    def resolve(self, kind: type[Node], value: str, implicit: object) -> str:
        return ""

    def descend_resolver(self, node: Node, index: object) -> None:
        """No tag depends on the path to a node."""

    def ascend_resolver(self) -> None:
        """No tag depends on the path to a node."""


def compose(source: SourceText) -> Node | None:
    """The root of the only document of a text; None where it holds none. Raises YamlFault.

    The text begins behind the byte-order mark, if the file has one: marks count from there.
    """
    text = source.text
    if len(text) > LARGEST_FILE:
        raise YamlFault(
            f"This file has more than {LARGEST_FILE >> 20} million characters.",
            "Split the zone into several files.",
        )
    _check_depth(source, text)
    try:
        root = _Loader(StringIO(text)).get_single_node()
        if "\t" in text:
            # libyaml takes a tab in places where PyYAML's own reader, which is octoDNS's, ends.
            deque(yaml.scan(StringIO(text), yaml.SafeLoader), maxlen=0)
    except yaml.YAMLError as error:
        raise _fault(error, source) from None
    assert root is None or isinstance(root, Node)
    return root


def _below(root: Node) -> Iterator[Node]:
    """A node and all below it, each once."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ScalarNode):
            continue
        is_mapping = isinstance(node, MappingNode)
        for each in chain.from_iterable(node.value) if is_mapping else node.value:
            if id(each) not in seen:
                seen.add(id(each))
                waiting.append(each)


def is_null(node: Node) -> bool:
    """Whether YAML reads the node as no value."""
    return isinstance(node, ScalarNode) and not node.style and node.value in _NULLS


def scalar(node: Node) -> str | None:
    """The text of a scalar; None where the node is something else, or null."""
    return None if not isinstance(node, ScalarNode) or is_null(node) else node.value


def end_of(source: SourceText, node: Node) -> int:
    """Where the last written character of a node ends; the mark of a block lies further down."""
    while isinstance(node, (MappingNode, SequenceNode)):
        last: Node | None = None
        if not node.flow_style and node.value:
            last = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
        # What an alias names stands elsewhere, or is this node: then the mark is the best there is.
        if last is None or last.start_mark.index <= node.start_mark.index:
            break
        node = last
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(source.text[start:end].rstrip())


class YamlDocument:
    """Reads mappings of one zone's files, with their merges and includes, within bounds.

    `roots` remembers the roots of sources, by identity, for whoever reads them again.
    """

    def __init__(self, include: Include, roots: dict[int, Node | None] | None = None) -> None:
        self._include = include
        self._roots = {} if roots is None else roots
        self._included: dict[tuple[str, str], YamlPlace | None] = {}
        self._merged: dict[int, list[Pair]] = {}
        self._merging: set[int] = set()
        self._pairs = 0
        self.sources: list[SourceText] = []

    def open(self, source: SourceText) -> YamlPlace | None:
        """The root of a file; None where the file holds nothing. Raises YamlFault."""
        self.sources.append(source)
        if id(source) not in self._roots:
            self._roots[id(source)] = compose(source)
        root = self._roots[id(source)]
        return None if root is None else self.resolved(YamlPlace(source, root))

    def odd_tags(self) -> Iterator[YamlPlace]:
        """What has a tag that is not read here: octoDNS ends on it, or takes it for no text."""
        roots = [(source, self._roots.get(id(source))) for source in self.sources]
        for source, root in (*roots, *filter(None, self._included.values())):
            if root is not None and "!" in source.text:
                odd = (node for node in _below(root) if node.tag not in _TAGS)
                yield from (YamlPlace(source, node) for node in odd)

    def resolved(self, place: YamlPlace) -> YamlPlace:
        """The place itself, or what it includes. An included file without content is null."""
        for _ in range(MOST_INCLUDES):
            if place.node.tag != _INCLUDE_TAG:
                return place
            found = self._open_included(place)
            if found is None:
                marks = place.node.start_mark, place.node.end_mark
                return YamlPlace(place.source, ScalarNode("", "", *marks))
            place = found
        raise YamlFault("The file includes itself.", "Break the loop.", place.span)

    def _open_included(self, place: YamlPlace) -> YamlPlace | None:
        name = scalar(place.node) or ""
        key = (place.source.path, name)
        if key not in self._included:
            if len(self._included) >= MOST_INCLUDES:
                raise YamlFault(
                    f"The zone includes more than {MOST_INCLUDES} files.",
                    "Include fewer files.",
                    place.span,
                )
            try:
                path, text = self._include(place.source.path, name)
            except YamlFault as fault:
                raise YamlFault(fault.message, fault.advice, fault.span or place.span) from None
            source = YamlSource(path, text)
            self.sources.append(source)
            root = compose(source)
            self._included[key] = None if root is None else YamlPlace(source, root)
        return self._included[key]

    def pairs(self, place: YamlPlace) -> list[Pair]:
        """The keys of a mapping as octoDNS reads them, those that are written twice kept.

        What `<<` brings in stands where `<<` stands, and of one key the last counts. Raises
        YamlFault where there are too many of them.
        """
        found = self.uncounted(place)
        self._pairs += len(found)
        if self._pairs > MOST_PAIRS:
            raise YamlFault(
                f"The aliases of this file repeat its content to more than {MOST_PAIRS:,} keys.",
                "Write the records themselves.",
                place.span,
            )
        return found

    def uncounted(self, place: YamlPlace) -> list[Pair]:
        """As `pairs`, for whoever comes to each mapping once."""
        source, node = place
        assert isinstance(node, MappingNode), "the caller has looked"
        found: list[Pair] = []
        merging = including = False
        for key, value in node.value:
            if key.value == _MERGE and not key.style:
                merging = True
            if value.tag == _INCLUDE_TAG:
                including = True
            found.append(Pair(source, key, source, value))
        if merging:
            found = self._with_merged(place, found)
        if including or merging:
            return [
                Pair(p.key_source, p.key_node, *self.resolved(p.value), p.merged) for p in found
            ]
        return found

    def _with_merged(self, place: YamlPlace, pairs: list[Pair]) -> list[Pair]:
        """The pairs with what `<<` brings in, in the place of each `<<`.

        Of a key that comes twice octoDNS keeps the place of the first and the value of the last; of
        a list that is merged the first mapping is the last one (octodns/yaml.py).
        """
        known = self._merged.get(id(place.node))
        if known is not None:
            return known
        if id(place.node) in self._merging or len(self._merging) > DEEPEST:
            raise YamlFault("The mapping merges itself.", "Break the loop.", place.span)
        self._merging.add(id(place.node))
        found: list[Pair] = []
        at: dict[Hashable, int] = {}
        for pair in pairs:
            brought = [pair]
            if pair.is_merge:
                mappings = [*self._merge_sources(pair.value)]
                each = (inner for mapping in reversed(mappings) for inner in self.pairs(mapping))
                brought = [inner._replace(merged=True) for inner in each]
            for one in brought:
                before = at.get(one.meaning)
                if before is not None and found[before].merged:
                    found[before] = one
                else:
                    at[one.meaning] = len(found)
                    found.append(one)
        self._merging.discard(id(place.node))
        self._merged[id(place.node)] = found
        return found

    def _merge_sources(self, place: YamlPlace) -> Iterator[YamlPlace]:
        listed = isinstance(place.node, SequenceNode)
        nodes = place.node.value if listed else [place.node]
        for node in nodes:
            found = self.resolved(YamlPlace(place.source, node))
            if found.source is not place.source and found.node.value == "":
                continue  # the included file holds `---` and nothing else
            if not isinstance(found.node, MappingNode):
                raise YamlFault(
                    "`<<` merges something that is not a mapping.",
                    "Name a mapping, or a list of mappings.",
                    found.span,
                )
            yield found

    def items(self, place: YamlPlace) -> list[YamlPlace]:
        """The items of a sequence; anything else is its own only item."""
        if not isinstance(place.node, SequenceNode):
            return [place]
        self._pairs += len(place.node.value)
        if self._pairs > MOST_PAIRS:
            raise YamlFault(
                f"The aliases of this file repeat its content to more than {MOST_PAIRS:,} values.",
                "Write the records themselves.",
                place.span,
            )
        return [self.resolved(YamlPlace(place.source, item)) for item in place.node.value]


def _check_depth(source: SourceText, text: str) -> None:
    """Refuse what is nested too deeply: libyaml's composer recurses and would end the process.

    Most texts cannot be: but for flat lists they have too few brackets, and no line begins with so
    many indicators.
    """
    nesting = text.count("[") + text.count("{")
    if nesting >= DEEPEST:
        nesting -= len(_FLAT.findall(text))
    if nesting < DEEPEST and not _BLOCK_START.search(text):
        return
    depth = 0
    try:
        for event in yaml.parse(StringIO(text), _Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    raise _too_deep(source, event.start_mark)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        if "maximum nesting depth" in str(error):
            # libyaml has a bound of its own, and may reach it before it tells of any event.
            raise _too_deep(source, getattr(error, "problem_mark", None)) from None
        return  # composing it gives the same fault, and tells of it


def _too_deep(source: SourceText, mark: object) -> YamlFault:
    at = getattr(mark, "index", 0)
    return YamlFault(
        f"The YAML is nested more than {DEEPEST} levels deep.",
        "An octoDNS zone needs no more than eight.",
        source.span(at, at),
    )


_TAB = (
    "There is a tab where YAML requires spaces, so the file cannot be read from here on.",
    "Indent with spaces.",
)
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "unknown escape character",
        "In double quotes a backslash is an escape, and this one has no meaning, so the file "
        "cannot be read from here on.",
        r"Write the value without quotes or in single quotes, or write `\\;` for `\;`.",
    ),
    (
        "mapping values are not allowed",
        "A colon followed by a space appears where no new key can start, so the file cannot be "
        "read from here on.",
        "Put the value in quotes, or correct the indentation.",
    ),
    (
        "found unexpected end of stream",
        "A quote is opened here and not closed, so the file cannot be read from here on.",
        "Close the quote.",
    ),
    (
        "could not find expected ':'",
        "This line is not a key followed by a colon, so the file cannot be read from here on.",
        "Write `key: value`, or correct the indentation.",
    ),
    (
        "found undefined alias",
        "The alias names an anchor that does not exist.",
        "Write `&name` at the intended value, above this line; put a value that starts with `*` "
        "in quotes.",
    ),
    (
        "did not find expected alphabetic or numeric character",
        ("`*` and `&` start an alias or an anchor in YAML, so the file cannot be read from here "
        "on."),
        "Put the name in quotes: `'*':`.",
    ),
    (
        "found duplicate anchor",
        "Two values have the same anchor.",
        "Give each its own name.",
    ),
    (
        "expected a single document",
        "A second YAML document starts here, and octoDNS reads only files with one.",
        "Remove the line `---`, or put the second document in a separate file.",
    ),
)  # fmt: skip
_ELSE = (
    "The file is not valid YAML from here on.",
    "Compare the indentation and the quotes with the records above.",
)


def _fault(error: yaml.YAMLError, source: SourceText) -> YamlFault:
    """A library's complaint in the user's words, with the place."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        said = f"{error.context or ''} {error.problem or ''}"
        if "end of stream" in said and error.context_mark is not None:
            mark = error.context_mark
        at = 0 if mark is None else mark.index
        if "cannot start any token" in said and source.text[at : at + 1] == "\t":
            return YamlFault(*_TAB, source.span(at, at))
        for part, message, advice in _WORDS:
            if part in said:
                return YamlFault(message, advice, source.span(at, at))
        return YamlFault(*_ELSE, source.span(at, at))
    position = getattr(error, "position", None)
    span = None
    if isinstance(position, int):
        at = len(source.text.encode()[:position].decode("utf-8", "ignore"))
        span = source.span(at, at)
    return YamlFault(
        "The file contains a character that YAML does not allow, so it cannot be read.",
        "Remove the control character.",
        span,
    )

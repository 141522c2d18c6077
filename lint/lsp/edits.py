"""Two texts as the replacements that make one of the other, for the client to apply."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from lsprotocol import types

from zonelint.lsp.document import Document, Ruler, key_of, lines_with_ends, uri_of

MOST_COMPARED = 2000
"""Lines that differ up to which they are matched with each other; beyond, they are one edit."""

Texts = Mapping[str, tuple[str, str]]
"""Files that change, by path: their text before and after."""


def workspace_edit(
    texts: Texts, documents: Mapping[str, Document], ruler: Ruler, *, versioned: bool
) -> types.WorkspaceEdit:
    """The edit of all the files; ``documents`` are those that are open, by key.

    ``versioned``: the client takes edits that name the version they are made for.
    """
    listed: list[tuple[Document, list[types.TextEdit]]] = []
    for path, (before, after) in texts.items():
        document = documents.get(key_of(path))
        if document is None:
            document = Document(uri_of(path), None, "", before, path, key_of(path))
        # Where a file's byte-order mark is kept apart from its text, the document has it.
        mark = document.text[: len(document.text) - len(before)] if document.text != before else ""
        listed.append((document, list(text_edits(document, mark + after, ruler))))
    if not versioned:
        return types.WorkspaceEdit(changes={document.uri: made for document, made in listed})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version), made
            )
            for document, made in listed
        ]
    )


def text_edits(document: Document, after: str, ruler: Ruler) -> Iterator[types.TextEdit]:
    """The replacements, as small as they can be with lines that stay as they are."""
    old = lines_with_ends(document.text)
    new = lines_with_ends(after)
    starts = list(accumulate(map(len, old), initial=0))
    for first, last, begin, end in _blocks(old, new):
        text = "".join(new[begin:end])
        replaced = "".join(old[first:last])
        head = _shared(replaced, text)
        tail = _shared(replaced[head:][::-1], text[head:][::-1])
        start = starts[first] + head
        stop = starts[last] - tail
        yield types.TextEdit(
            types.Range(
                _position(document, starts, start, ruler), _position(document, starts, stop, ruler)
            ),
            text[head : len(text) - tail],
        )


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of lines that differ: first and last in the old text, and in the new one."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old), len(new)) > MOST_COMPARED:
        yield head, head + len(old), head, head + len(new)
        return
    for tag, first, last, begin, end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield head + first, head + last, head + begin, head + end


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many items both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _position(
    document: Document, starts: Sequence[int], offset: int, ruler: Ruler
) -> types.Position:
    line = min(bisect_right(starts, offset), len(starts) - 1) - 1
    return types.Position(line, ruler.units(document.text[starts[line] : offset]))

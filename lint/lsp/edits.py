"""Two texts as the replacements that make one of the other, for the client to apply."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate

from lsprotocol import types

from zonelint.changes.textedits import lines_with_ends, replacements
from zonelint.lsp.document import Document, Ruler, key_of, uri_of

Texts = Mapping[str, tuple[str, str]]
"""Files that change, by path: their text before and after."""


def workspace_edit(
    texts: Texts, documents: Mapping[str, Document], ruler: Ruler, *, versioned: bool
) -> types.WorkspaceEdit:
    """The edit of all the files; `documents` are those that are open, by key.

    versioned: the client takes edits that name the version they are made for.
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
    starts = list(accumulate(map(len, lines_with_ends(document.text)), initial=0))

    def position(offset: int) -> types.Position:
        line = min(bisect_right(starts, offset), len(starts) - 1) - 1
        return types.Position(line, ruler.units(document.text[starts[line] : offset]))

    for start, stop, text in replacements(document.text, after):
        yield types.TextEdit(types.Range(position(start), position(stop)), text)

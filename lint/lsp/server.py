"""The server: documents come in, diagnostics go out; everything slow happens in one thread.

Whatever may change the outcome starts a run after a pause; a newer text cancels a run under way.
A run judges every project that has open documents, for a change in one zone can be a finding in
another. Requests about a document wait for the run that knows its newest text.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

import zonelint
from zonelint.formats.safe import plain
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.reader import collector_paused
from zonelint.lsp import actions, diagnostics
from zonelint.lsp.cancelling import Cancelled, Token
from zonelint.lsp.document import Document, Ruler, key_of, uri_of
from zonelint.lsp.judgement import Judgement, judge
from zonelint.lsp.project import Folder
from zonelint.lsp.settings import Home, faults_in, home_of
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.refused import ConfigRefused, FileFault

PAUSE = 0.2
"""Seconds without a change before a run begins."""

LOOK = 2.0
"""Seconds between two looks at the files that settings come from: not every client tells."""

T = TypeVar("T")


@dataclass(slots=True)
class WorkspaceRun:
    """What one run over everything gave."""

    judgements: list[tuple[Folder, Judgement]] = field(default_factory=list)
    faults: list[tuple[Document, ConfigRefused]] = field(default_factory=list)
    failures: list[tuple[Sequence[Document], str]] = field(default_factory=list)


class ZonelintServer(LanguageServer):
    """The state of one session. Only `_work` runs in the other thread."""

    def __init__(self) -> None:
        # Whole texts: what client and server hold can then never drift apart. pygls would cut
        # lines for partial changes where LSP has none (at U+2028, at a form feed).
        super().__init__(
            "zonelint",
            zonelint.__version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
        )
        self.ended = False
        self.client = actions.Client(Ruler(), versioned=False, resolves=False)
        self.documents: dict[str, Document] = {}
        self._files = Buffers()
        self._folders: dict[Home, Folder] = {}
        self._worker = ThreadPoolExecutor(1, "zonelint")
        self._run: asyncio.Task[None] | None = None
        self._token = Token()
        self._thorough = False
        self._scenes: dict[str, actions.Scene] = {}
        self._published: set[str] = set()
        self._told: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    # -- documents ---------------------------------------------------------------------------

    def put(self, uri: str, version: int | None, language: str, text: str) -> None:
        document = Document.opened(uri, version, language, text)
        if document is not None:
            self.documents[uri] = document
            self._scenes.pop(uri, None)

    def drop(self, uri: str) -> None:
        self.documents.pop(uri, None)
        self._scenes.pop(uri, None)
        self._publish(uri, None, [])

    # -- runs --------------------------------------------------------------------------------

    def start(self, *, thorough: bool = False, pause: float = PAUSE) -> None:
        """Begin a run after the pause, in place of one that has not ended yet.

        thorough: files on the disk may have changed.
        """
        self._token.cancel()
        if self._run is not None:
            self._run.cancel()
        self._thorough |= thorough
        self._token = Token()
        self._run = asyncio.get_running_loop().create_task(self._judge(self._token, pause))

    async def settled(self) -> None:
        """Wait until the newest texts are judged."""
        while (run := self._run) is not None and not run.done():
            await asyncio.wait([run])

    async def worked(self, work: Callable[[], T]) -> T:
        """The outcome of something slow, from the other thread."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _judge(self, token: Token, pause: float) -> None:
        await asyncio.sleep(pause)
        documents = list(self.documents.values())
        thorough = self._thorough
        try:
            outcome = await self.worked(lambda: self._work(documents, token, thorough))
        except Cancelled:
            return
        except Exception:
            outcome = WorkspaceRun(failures=[(documents, traceback.format_exc())])
        if token is self._token:
            self._thorough = False
            try:
                self._tell(outcome)
            except Exception:  # the session goes on, and the next run may fare better
                self._log([traceback.format_exc()])

    def _work(self, documents: Sequence[Document], token: Token, thorough: bool) -> WorkspaceRun:
        """Judge every project. Raises Cancelled; anything else that fails is in the outcome."""
        outcome = WorkspaceRun()
        self._files.put({document.key: document.text for document in documents})
        uris = [*self.workspace.folders, self.workspace.root_uri or ""]
        self._files.folders = [self._files.resolve(path) for path in map(to_fs_path, uris) if path]
        groups = grouped((home_of(each.path, self._files), each) for each in documents)
        for gone in self._folders.keys() - groups.keys():
            del self._folders[gone]
        for home, group in groups.items():
            token.check()
            folder = self._folders.setdefault(home, Folder(home, self._files))
            try:
                with collector_paused():  # it would go over all zones again and again
                    folder.refresh(token, thorough=thorough)
                    for layer in _layers(group):
                        outcome.judgements.append((folder, judge(folder, layer, token)))
            except ConfigRefused as error:
                outcome.faults += [(document, error) for document in group]
            except Cancelled:
                raise
            except Exception:
                outcome.failures.append((group, traceback.format_exc()))
        return outcome

    def keep_looking(self) -> None:
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        """Start a run whenever a file that settings come from has changed."""
        while True:
            await asyncio.sleep(LOOK)
            if self._run is not None and not self._run.done():
                continue
            homes = {home_of(document.path, self._files) for document in self.documents.values()}
            if homes != self._folders.keys() or any(p.stale for p in self._folders.values()):
                self.start(thorough=True, pause=0)

    # -- what the client is told -------------------------------------------------------------

    def _tell(self, outcome: WorkspaceRun) -> None:
        ruler = self.client.ruler
        self._scenes.clear()
        made: dict[str, list[types.Diagnostic]] = {uri: [] for uri in self.documents}
        faults: dict[str, list[FileFault]] = {}
        for folder, judgement in outcome.judgements:
            for document in judgement.documents.values():
                remarks = judgement.remarks.get(document.key, [])
                shown = diagnostics.of_remarks(document, remarks, ruler)
                made[document.uri] += shown
                self._scenes[document.uri] = actions.Scene(document, judgement, remarks, shown)
            self._log(map(str, folder.kept.problems))
            self._log(judgement.crashes)
        for document, error in outcome.faults:
            for fault in error.faults:
                known = faults.setdefault(key_of(fault.path), [])
                if fault not in known:
                    known.append(fault)
            if not (document.is_config or document.is_lock):
                made[document.uri].append(diagnostics.not_checked(error.faults, document, ruler))
        for documents, details in outcome.failures:
            self._log([details])
            for document in documents:
                made[document.uri].append(diagnostics.failed(document, ruler))
            self._show("zonelint failed on an open document; its log has the details.")
        self._tell_faults(faults, made)
        for uri, listed in made.items():
            opened = self.documents.get(uri)
            self._publish(uri, opened.version if opened else None, listed)
        for uri in self._published - made.keys():
            self._publish(uri, None, [])

    def _tell_faults(
        self, faults: dict[str, list[FileFault]], made: dict[str, list[types.Diagnostic]]
    ) -> None:
        """Settings that cannot be used, on their lines; of an open file its unsaved text counts."""
        ruler = self.client.ruler
        for listed in faults.values():
            for fault in listed:
                place = f"{fault.path}, line {fault.line or 1}"
                self._show(f"zonelint checks nothing there: {place}: {fault.message}")
        for document in self.documents.values():
            if document.is_config or document.is_lock:
                saved = [fault for fault in faults.pop(document.key, []) if fault.beyond]
                listed = [*faults_in(document, self._files), *saved]
                made[document.uri] += diagnostics.of_faults(listed, document, ruler)
        for listed in faults.values():
            uri = uri_of(listed[0].path)
            made[uri] = diagnostics.of_faults(listed, None, ruler)

    def _publish(self, uri: str, version: int | None, listed: Sequence[types.Diagnostic]) -> None:
        if listed or uri in self.documents:
            self._published.add(uri)
        else:
            self._published.discard(uri)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, list(listed), version)
        )

    def _log(self, messages: Iterable[str]) -> None:
        """Messages for the server's log, each once in a session: runs are many."""
        for message in messages:
            if message not in self._told:
                self._told.add(message)
                self.window_log_message(
                    types.LogMessageParams(types.MessageType.Error, plain(message))
                )

    def _show(self, message: str) -> None:
        """A message that a person sees, once in a session."""
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, plain(message))
            )

    async def scene(self, uri: str) -> actions.Scene | None:
        """The document as it was judged in its newest version; None where it could not be."""
        await self.settled()
        return self._scenes.get(uri)


def _layers(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """The documents such that no two of a layer are one file: it can be open by a link as well."""
    left = list(documents)
    while left:
        layer = {document.key: document for document in left}
        yield list(layer.values())
        left = [document for document in left if layer[document.key] is not document]

"""The session: which messages of a client mean what, and the loop over standard input."""

from __future__ import annotations

import os
import sys

from lsprotocol import types

from zonelint.lsp import actions, hover
from zonelint.lsp.document import Ruler
from zonelint.lsp.server import ZonelintServer
from zonelint.status import CLEAN, FOUND

WATCHED = ("**/*.toml", "**/*.lock", "**/*.zone", "**/*.db", "**/db.*", "**/*.yaml", "**/*.yml")
"""What the client tells us of when it changes on the disk."""


def serve() -> int:
    """Speak LSP over standard input and output until the client ends it; the exit status.

    0 after an orderly shutdown, 1 where the client went away without one (LSP, `exit`).
    """
    server = ZonelintServer()
    connect(server)
    # Nothing else may write where the client reads: a stray print goes to standard error.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server.start_io(sys.stdin.buffer, out)
    return CLEAN if server.ended else FOUND


def connect(server: ZonelintServer) -> None:
    """Tell the server what to do with each message."""
    _connect_session(server)
    _connect_documents(server)
    _connect_requests(server)


def _connect_session(server: ZonelintServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        document = params.capabilities.text_document
        workspace = params.capabilities.workspace
        asked = document.code_action if document else None
        resolving = asked.resolve_support if asked else None
        edits = workspace.workspace_edit if workspace else None
        encoding = server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        server.client = actions.Client(
            Ruler(str(getattr(encoding, "value", encoding))),
            versioned=bool(edits and edits.document_changes),
            resolves=bool(resolving and "edit" in resolving.properties),
        )

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        server.keep_looking()
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            await server.client_register_capability_async(
                types.RegistrationParams(
                    [
                        types.Registration(
                            "zonelint-files",
                            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                            types.DidChangeWatchedFilesRegistrationOptions(watchers),
                        )
                    ]
                )
            )

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_on_disk(_: types.DidChangeWatchedFilesParams) -> None:
        server.start(thorough=True)

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.ended = True


def _connect_documents(server: ZonelintServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        server.put(item.uri, item.version, item.language_id, item.text)
        server.start(thorough=True, pause=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        item = params.text_document
        text = server.workspace.get_text_document(item.uri)
        server.put(item.uri, item.version, text.language_id or "", text.source)
        server.start()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(_: types.DidSaveTextDocumentParams) -> None:
        server.start(thorough=True, pause=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.drop(params.text_document.uri)
        server.start(thorough=True)


def _connect_requests(server: ZonelintServer) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=list(actions.KINDS), resolve_provider=True),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        scene = await server.scene(params.text_document.uri)
        if scene is None:
            return None
        return await server.worked(lambda: list(actions.offered(scene, params, server.client)))

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        uri = action.data.get("uri") if isinstance(action.data, dict) else None
        scene = await server.scene(uri) if isinstance(uri, str) else None
        if scene is not None and action.kind == actions.FIX_ALL:
            action.edit = await server.worked(lambda: actions.fix_all(scene, server.client))
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        scene = await server.scene(params.text_document.uri)
        if scene is None:
            return None
        ruler, offered = server.client.ruler, scene.judgement.offered
        return await server.worked(
            lambda: hover.at(scene.document, scene.remarks, params.position, ruler, offered)
        )

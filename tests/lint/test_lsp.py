"""`zonelint lsp` in real sessions: a client starts the server and speaks to it over stdio."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.warm.command import warm
from zonelint.lsp.document import Document, Ruler
from zonelint.lsp.edits import text_edits

PATIENCE = 60
"""Seconds after which a test gives up on a server that hangs."""

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1 hostmaster 1 7200 900 1209600 3600
@ IN NS ns1.example.net.
@ IN MX 10 mx.example.net.
@ IN TXT "v=spf1 ip4:40.92.0.7/17 +all"
_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
"""

LOCK = """\
version = 1

["_spf.example.org."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip4:40.96.0.0/13 -all",
]

# end of zonelint.lock
"""


class Editor(LanguageClient):
    """A client that keeps what the server tells it."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.versions: list[tuple[str, int | None]] = []
        self.shown: list[str] = []
        self.logged: list[str] = []
        self.registered: list[types.Registration] = []
        self.news = asyncio.Condition()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def _(params: types.PublishDiagnosticsParams) -> None:
            async with self.news:
                self.published[params.uri] = params
                self.versions.append((params.uri, params.version))
                self.news.notify_all()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def _(params: types.ShowMessageParams) -> None:
            self.shown.append(params.message)

        @self.feature(types.WINDOW_LOG_MESSAGE)
        def _(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def _(params: types.RegistrationParams) -> None:
            self.registered += params.registrations

    async def until(
        self, path: Path | str, fits: Callable[[Sequence[types.Diagnostic]], bool]
    ) -> list[types.Diagnostic]:
        """The diagnostics of a file as soon as they fit."""
        uri = uri_of(path)

        def there() -> bool:
            return uri in self.published and fits(self.published[uri].diagnostics)

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(there), PATIENCE)
            return list(self.published[uri].diagnostics)

    async def of_version(self, path: Path | str, version: int) -> list[types.Diagnostic]:
        uri = uri_of(path)

        def there() -> bool:
            return uri in self.published and self.published[uri].version == version

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(there), PATIENCE)
            return list(self.published[uri].diagnostics)

    async def open(
        self, path: Path | str, text: str, language: str = "plaintext"
    ) -> list[types.Diagnostic]:
        item = types.TextDocumentItem(uri_of(path), language, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.of_version(path, 1)

    def change(self, path: Path | str, version: int, text: str) -> None:
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, uri_of(path)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def type(self, path: Path | str, version: int, text: str) -> list[types.Diagnostic]:
        self.change(path, version, text)
        return await self.of_version(path, version)

    def touched(self, path: Path) -> None:
        """Tell the server what a client tells it that watches files."""
        self.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent(path.as_uri(), types.FileChangeType.Changed)]
            )
        )

    async def actions(
        self,
        path: Path,
        place: types.Range | None = None,
        diagnostics: Sequence[types.Diagnostic] = (),
        only: Sequence[str] | None = None,
    ) -> list[types.CodeAction]:
        whole = types.Range(types.Position(0, 0), types.Position(10_000, 0))
        answer = await self.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(path.as_uri()),
                place or whole,
                types.CodeActionContext(list(diagnostics), only=only),
            )
        )
        return [action for action in answer or () if isinstance(action, types.CodeAction)]

    async def hover(self, path: Path, line: int, character: int) -> str | None:
        answer = await self.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(path.as_uri()), types.Position(line, character)
            )
        )
        if answer is None:
            return None
        assert isinstance(answer.contents, types.MarkupContent)
        assert answer.contents.kind is types.MarkupKind.Markdown
        return answer.contents.value


@asynccontextmanager
async def session(
    capabilities: types.ClientCapabilities | None = None,
    root: Path | None = None,
    **kwargs: Any,
) -> AsyncIterator[Editor]:
    """A session from `initialize` to `exit`; at its end the server must have ended well."""
    editor = Editor()
    begun = [sys.executable, "-m", "zonelint"] if "env" in kwargs else warm("zonelint")
    await editor.start_io(*begun, "lsp", **kwargs)
    await editor.initialize_async(
        types.InitializeParams(
            capabilities or types.ClientCapabilities(), root_uri=root and root.as_uri()
        )
    )
    editor.initialized(types.InitializedParams())
    yield editor
    server = editor._server
    assert server is not None
    assert server.stderr is not None
    await editor.shutdown_async(None)
    editor.exit(None)
    assert await asyncio.wait_for(server.wait(), PATIENCE) == 0
    assert (await server.stderr.read()).decode() == ""
    await editor.stop()


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 2 * PATIENCE))


def uri_of(path: Path | str) -> str:
    return path if isinstance(path, str) else path.as_uri()


def codes(diagnostics: Sequence[types.Diagnostic]) -> list[Any]:
    return [each.code for each in diagnostics]


def one(diagnostics: Sequence[types.Diagnostic], code: str) -> types.Diagnostic:
    (found,) = [each for each in diagnostics if each.code == code]
    return found


def applied(text: str, edit: types.WorkspaceEdit | None, path: Path) -> str:
    """The text with a workspace edit made, as a client with utf-16 positions makes it."""
    assert edit is not None
    edits: list[Any] = list((edit.changes or {}).get(path.as_uri(), ()))
    for each in edit.document_changes or ():
        assert isinstance(each, types.TextDocumentEdit)
        if each.text_document.uri == path.as_uri():
            edits += each.edits
    return spliced(text, edits)


def spliced(text: str, edits: Sequence[Any]) -> str:
    def offset(position: types.Position) -> int:
        at = 0
        for _ in range(position.line):
            ends = [found for found in (text.find("\n", at), text.find("\r", at)) if found >= 0]
            at = min(ends) + 1
            if text[at - 1] == "\r" and text[at : at + 1] == "\n":
                at += 1
        units = 0
        while units < position.character:
            units += 2 if ord(text[at]) > 0xFFFF else 1
            at += 1
        return at

    places = [(offset(e.range.start), offset(e.range.end), e.new_text) for e in edits]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def action(actions: Sequence[types.CodeAction], beginning: str) -> types.CodeAction:
    (found,) = [each for each in actions if each.title.startswith(beginning)]
    return found


# -- diagnostics -----------------------------------------------------------------------------


def test_an_open_text_is_judged_before_it_is_saved(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "example.com.zone"
        async with session() as editor:
            found = one(await editor.open(path, ZONE), "SPF201")
            assert found.severity is types.DiagnosticSeverity.Error
            assert found.source == "zonelint"
            assert found.range == types.Range(types.Position(5, 34), types.Position(5, 38))
            assert found.code_description is not None
            assert found.code_description.href.endswith("rfc7208#section-5.1")
            assert "every host on the internet" in found.message
            assert not path.exists()

    run(scene())


def test_severities_are_those_of_the_findings(tmp_path: Path) -> None:
    async def scene() -> None:
        async with session() as editor:
            text = ZONE.replace("+all", "ptr -all")
            found = await editor.open(tmp_path / "example.com.zone", text)
            assert one(found, "SPF301").severity is types.DiagnosticSeverity.Warning
            text = text.replace("ptr", "include:_spf.example.org").replace("IP4", "ip4")
            found = await editor.type(tmp_path / "example.com.zone", 2, text)
            hint = one(found, "SPF101")
            assert hint.severity is types.DiagnosticSeverity.Hint
            assert "this needs _spf.example.org." in hint.message
            assert "zonelint lock" in hint.message
            line = text.splitlines()[5]
            assert hint.range.start.line == 5
            assert line[hint.range.start.character : hint.range.end.character] == "_spf.example.org"
            strict = text.replace("_dmarc IN", "_DMARC IN").replace("p=reject;", "p=none;")
            found = await editor.type(tmp_path / "example.com.zone", 3, strict)
            assert one(found, "DMARC102").severity is types.DiagnosticSeverity.Information

    run(scene())


def test_two_configurations_of_one_domain_hold_for_their_own_zones(tmp_path: Path) -> None:
    async def scene() -> None:
        text = ZONE.replace("+all", "-all")
        for team, senders in (("alpha", '["google-workspace"]'), ("beta", "[]")):
            (tmp_path / team).mkdir()
            (tmp_path / team / "example.com.zone").write_text(text)
            declared = f'[domains."example.com"]\nsenders = {senders}\n'
            (tmp_path / team / "zonelint.toml").write_text(f'zones = ["*.zone"]\n{declared}')
        async with session(root=tmp_path) as editor:
            for team, is_asked in (("alpha", True), ("beta", False)):
                path = tmp_path / team / "example.com.zone"
                found = codes(await editor.open(path, text))
                assert ("SPF210" in found, "ZONE010" in found) == (is_asked, False)
                offered = await editor.actions(path)
                assert any("_spf.google.com" in repr(each) for each in offered) is is_asked

    run(scene())


def test_findings_of_one_cause_are_told_once_and_changed_at_each_place(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "example.com.zone"
        text = re.sub("IN (MX|TXT)", r"1w IN \1", ZONE.replace("+all", "-all"))
        async with session() as editor:
            found = [each for each in await editor.open(path, text) if each.code == "ZONE003"]
            first, *others = found
            assert first.severity is types.DiagnosticSeverity.Warning
            assert "Also at example.com TXT (line 6), _dmarc.example.com" in first.message
            assert first.related_information is not None
            assert [each.message for each in first.related_information] == [
                "example.com", "_dmarc.example.com",
            ]  # fmt: skip
            assert [each.location.range.start.line for each in first.related_information] == [5, 6]
            assert {each.severity for each in others} == {types.DiagnosticSeverity.Hint}
            assert all("The same cause as in line 5." in each.message for each in others)
            for each in found:
                offered = await editor.actions(path, each.range, [each])
                assert any("ZONE003" in one.title for one in offered)

    run(scene())


def test_the_newest_text_counts(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "example.com.zone"
        async with session() as editor:
            await editor.open(path, ZONE)
            for version in range(2, 12):
                editor.change(path, version, ZONE + f"; {version}\n" * version)
            last = ZONE.replace("+all", "-all")
            assert "SPF201" not in codes(await editor.type(path, 12, last))
            versions = [version for _, version in editor.versions]
            assert versions == sorted(versions)
            assert "SPF201" in codes(await editor.type(path, 13, ZONE))

    run(scene())


def test_closing_takes_the_diagnostics_away(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "example.com.zone"
        async with session() as editor:
            assert await editor.open(path, ZONE)
            editor.text_document_did_close(
                types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
            )
            assert await editor.until(path, lambda found: not found) == []

    run(scene())


@pytest.mark.parametrize(
    ("encodings", "width"), [(None, 2), (["utf-16"], 2), (["utf-8", "utf-16"], 4), (["utf-32"], 1)]
)
def test_positions_are_in_the_encoding_of_the_client(
    encodings: list[str] | None, width: int, tmp_path: Path
) -> None:
    general = types.GeneralClientCapabilities(position_encodings=encodings)  # type: ignore[arg-type]
    text = ZONE.replace("ip4:40.92.0.7/17", "include:\U0001f600.example.net")

    async def scene() -> None:
        async with session(types.ClientCapabilities(general=general)) as editor:
            found = one(await editor.open(tmp_path / "example.com.zone", text), "SPF201")
            before = text.splitlines()[5].partition("+all")[0]
            start = len(before) - 1 + width
            assert found.range.start == types.Position(5, start)
            assert found.range.end == types.Position(5, start + 4)

    run(scene())


def test_a_byte_order_mark_shifts_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        text = '\ufeff@ 3600 IN TXT "v=spf1 mx +all"\r\n@ 3600 IN MX 10 mx.example.net.\r\n'
        path = tmp_path / "example.com.zone"
        async with session() as editor:
            found = one(await editor.open(path, text), "SPF201")
            assert found.range.start == types.Position(0, text.index("+all"))
            fix = action(await editor.actions(path, diagnostics=[found]), "Fix SPF201")
            assert applied(text, fix.edit, path) == text.replace("+all", "-all")

    run(scene())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.md", "# Notes\n\nNothing of a zone here.\n"),
        ("compose.yaml", "services:\n  web:\n    image: example\n"),
        ("main.py", "print('hello')\n"),
        ("pyproject.toml", "[project]\nname = 1\n"),
    ],
)
def test_other_files_are_left_alone(name: str, text: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with session() as editor:
            assert await editor.open(tmp_path / name, text) == []

    run(scene())


def test_what_should_be_a_zone_and_is_none_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with session() as editor:
            (found,) = await editor.open(tmp_path / "example.com.zone", "Nothing of a zone.\n")
            assert found.severity is types.DiagnosticSeverity.Error
            assert found.message.startswith("This is not checked. This is not a zone file")

    run(scene())


def test_a_text_without_a_file_is_judged_by_its_language(tmp_path: Path) -> None:
    async def scene() -> None:
        async with session(cwd=tmp_path) as editor:
            found = await editor.open("untitled:Untitled-1", ZONE, "dns")
            assert "SPF201" in codes(found)

    run(scene())


def test_half_a_surrogate_pair_does_no_harm(tmp_path: Path) -> None:
    async def scene() -> None:
        async with session() as editor:
            text = ZONE + "; \ud83d\n"
            assert "SPF201" in codes(await editor.open(tmp_path / "example.com.zone", text))

    run(scene())


def test_a_file_that_is_open_twice_is_judged_twice(tmp_path: Path) -> None:
    path, link = tmp_path / "example.com.zone", tmp_path / "link.zone"
    path.write_text(ZONE)
    link.symlink_to(path)

    async def scene() -> None:
        async with session() as editor:
            assert "SPF201" in codes(await editor.open(path, ZONE))
            assert "SPF201" in codes(await editor.open(link, ZONE))
            assert "SPF201" in codes(await editor.type(path, 2, ZONE))

    run(scene())


def test_a_path_that_can_be_none_is_passed_over(tmp_path: Path) -> None:
    async def scene() -> None:
        async with session() as editor:
            item = types.TextDocumentItem("file:///a%00b.zone", "dns", 1, ZONE)
            editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
            item = types.TextDocumentItem("git:/example.com.zone?HEAD", "dns", 1, ZONE)
            editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
            path = tmp_path / "example.com.zone"
            assert await editor.open(path, ZONE)
            assert list(editor.published) == [path.as_uri()]
            assert editor.shown == []

    run(scene())


# -- other files -----------------------------------------------------------------------------


def test_the_configuration_is_respected_and_read_again(tmp_path: Path) -> None:
    config = tmp_path / "zonelint.toml"
    path = tmp_path / "zones" / "example.com.zone"
    path.parent.mkdir()
    path.write_text(ZONE)
    config.write_text('zones = ["zones/*.zone"]\nignore = ["SPF201"]\n')
    watching = types.WorkspaceClientCapabilities(
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        )
    )

    async def scene() -> None:
        async with session(types.ClientCapabilities(workspace=watching)) as editor:
            found = await editor.open(path, ZONE)
            assert "SPF201" not in codes(found)
            assert "SPF301" in codes(found)
            (registered,) = editor.registered
            assert registered.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            config.write_text('zones = ["zones/*.zone"]\n[severity]\nSPF201 = "info"\n')
            editor.touched(config)
            found = await editor.until(path, lambda told: "SPF201" in codes(told))
            assert one(found, "SPF201").severity is types.DiagnosticSeverity.Information

    run(scene())


def test_a_change_of_the_configuration_is_seen_without_the_clients_help(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            assert "SPF201" in codes(await editor.open(path, ZONE))
            (tmp_path / "zonelint.toml").write_text('ignore = ["SPF201"]\n')
            await editor.until(path, lambda told: "SPF201" not in codes(told))
            (tmp_path / "zonelint.toml").write_text('ignore = ["SPF301"]\n')
            await editor.until(path, lambda told: "SPF301" not in codes(told))

    run(scene())


def test_the_lock_is_respected_and_read_again(tmp_path: Path) -> None:
    text = ZONE.replace("+all", "include:_spf.example.org -all")
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            assert "SPF101" in codes(await editor.open(path, text))
            (tmp_path / "zonelint.lock").write_text(LOCK)
            editor.touched(tmp_path / "zonelint.lock")
            await editor.until(path, lambda told: "SPF101" not in codes(told))

    run(scene())


@pytest.mark.parametrize("config", ['baseline = "known.json"\n', "", None])
def test_the_baseline_is_respected(tmp_path: Path, config: str | None) -> None:
    path = tmp_path / "zones" / "example.com.zone"
    path.parent.mkdir()
    path.write_text(ZONE)
    if config is not None:
        (tmp_path / "zonelint.toml").write_text(config)
    subprocess.run(
        [sys.executable, "-m", "zonelint", "check", "zones", "--write-baseline"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip

    async def scene() -> None:
        async with session() as editor:
            assert await editor.open(path, ZONE) == []
            text = ZONE.replace("p=reject", "p=rejekt")
            assert codes(await editor.type(path, 2, text)) == ["DMARC005"]

    run(scene())


def test_a_broken_configuration_is_told_on_its_line_and_passes_nothing(tmp_path: Path) -> None:
    config = tmp_path / "zonelint.toml"
    config.write_text('select = ["ALL"]\nignroe = ["SPF201"]\n')
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            (found,) = await editor.open(path, ZONE)
            assert found.severity is types.DiagnosticSeverity.Error
            assert "not checked" in found.message
            (told,) = await editor.until(config, bool)
            assert told.range.start.line == 1
            assert "ignore" in told.message
            await editor.type(path, 2, ZONE + "; more\n")
            assert len(editor.shown) == 1
            assert "zonelint.toml, line 2" in editor.shown[0]
            config.write_text('select = ["ALL"]\nignore = ["SPF201"]\n')
            editor.touched(config)
            found = await editor.until(path, lambda told: "SPF301" in codes(told))
            assert "SPF201" not in codes(found)
            assert await editor.until(config, lambda told: not told) == []

    run(scene())


def test_an_open_configuration_is_checked_while_it_is_written(tmp_path: Path) -> None:
    config = tmp_path / "zonelint.toml"
    config.write_text("")
    zone = tmp_path / "example.com.zone"
    zone.write_text(ZONE)

    async def scene() -> None:
        async with session() as editor:
            (found,) = await editor.open(config, '\n  selcet = ["ALL"]\n')
            assert found.range == types.Range(types.Position(1, 2), types.Position(1, 18))
            assert await editor.type(config, 2, '\nselect = ["ALL"]\n') == []
            # What the zones are judged by is what the editor has.
            (found,) = await editor.type(config, 3, 'zones = ["nowhere/*.zone"]\n')
            assert "matches no file" in found.message

    run(scene())


def test_a_broken_lock_is_told_on_its_line(tmp_path: Path) -> None:
    lock = tmp_path / "zonelint.lock"
    lock.write_text("version = 1\nnothing of a lock\n")

    async def scene() -> None:
        async with session() as editor:
            (found,) = await editor.open(tmp_path / "example.com.zone", ZONE)
            assert "zonelint.lock, line 2" in found.message
            (found,) = await editor.until(lock, bool)
            assert found.range.start.line == 1

    run(scene())


@pytest.mark.parametrize("folders", [("", ""), ("a", "b")], ids=["configured", "two folders"])
def test_other_zones_are_known_and_their_open_texts_win(
    folders: tuple[str, str], tmp_path: Path
) -> None:
    here = tmp_path / folders[0] / "example.com.zone"
    there = tmp_path / folders[1] / "example.net.zone"
    if here.parent == there.parent:
        (tmp_path / "zonelint.toml").write_text('zones = ["*.zone"]\n')
    else:
        (tmp_path / ".git").mkdir()
        here.parent.mkdir()
        there.parent.mkdir()
    text = ZONE.replace("+all", "include:_spf.example.net -all")
    other = ZONE.replace("example.com", "example.net").replace("+all", "-all")
    other += '_spf IN TXT "v=spf1 ip4:40.96.0.0/13 -all"\n'
    here.write_text(text)
    there.write_text(other)

    async def scene() -> None:
        async with session() as editor:
            found = codes(await editor.open(here, text))
            assert "SPF101" not in found  # decided, with what the other zone holds
            assert "SPF106" not in found
            await editor.open(there, other)
            editor.change(there, 2, other.replace("_spf IN", "_fps IN"))
            found = codes(await editor.until(here, lambda told: "SPF106" in codes(told)))
            await editor.type(there, 3, other)
            await editor.until(here, lambda told: "SPF106" not in codes(told))

    run(scene())


def test_a_file_that_a_zone_includes_is_judged_as_its_part(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text('zones = ["example.com.zone"]\n')
    part = tmp_path / "mail.inc"
    part.write_text('@ IN TXT "v=spf1 -all"\n')
    (tmp_path / "example.com.zone").write_text(
        "$ORIGIN example.com.\n$TTL 3600\n$INCLUDE mail.inc\n"
    )

    async def scene() -> None:
        async with session() as editor:
            await editor.open(part, '@ IN TXT "v=spf1 -all"\n')
            found = one(await editor.type(part, 2, '\n@ IN TXT "v=spf1 +all"\n'), "SPF201")
            assert found.range.start == types.Position(1, 17)

    run(scene())


@pytest.mark.parametrize("is_open", [False, True])
def test_the_folder_that_is_open_is_inside_where_there_is_no_repository(
    is_open: bool, tmp_path: Path
) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / "mail.inc").write_text('@ IN TXT "v=spf1 -all"\n')
    zone = tmp_path / "zones" / "example.com.zone"

    async def scene() -> None:
        async with session(root=tmp_path if is_open else None) as editor:
            text = "$ORIGIN example.com.\n$TTL 3600\n$INCLUDE ../mail.inc\n"
            assert ("ZONE001" in codes(await editor.open(zone, text))) is not is_open

    run(scene())


def test_a_zone_on_the_disk_is_read_again_when_it_is_saved(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text('zones = ["*.zone"]\n')
    here, there = tmp_path / "example.com.zone", tmp_path / "example.net.zone"
    text = ZONE.replace("+all", "include:_spf.example.net -all")
    other = ZONE.replace("example.com", "example.net").replace("+all", "-all")
    here.write_text(text)
    there.write_text(other)

    async def scene() -> None:
        async with session() as editor:
            assert "SPF106" in codes(await editor.open(here, text))
            there.write_text(other + '_spf IN TXT "v=spf1 ip4:40.96.0.0/13 -all"\n')
            editor.touched(there)
            await editor.until(here, lambda told: "SPF106" not in codes(told))
            there.unlink()
            editor.touched(there)
            await editor.until(here, lambda told: "SPF101" in codes(told))

    run(scene())


# -- octoDNS ---------------------------------------------------------------------------------

YAML = """\
---
'':
  - type: MX
    values:
      - preference: 10
        exchange: mx.example.net.
  - type: TXT
    values:
      - v=spf1 ip4:40.92.0.7/17 +all
_dmarc:
  type: TXT
  value: v=DMARC1\\; p=reject\\; rua=mailto:dmarc@example.com
"""


SENDING = """\
[domains."example.com"]
senders = ["mailgun"]
"""


def test_yaml_that_octodns_includes_is_judged_as_a_part_of_its_zones(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "octodns.yaml").write_text(
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "zones:\n  example.com.: {sources: [c], targets: [c]}\n"
        "  example.net.: {sources: [c], targets: [c]}\n"
    )
    part = tmp_path / "parts" / "apex.yaml"
    for folder in ("zones", "parts"):
        (tmp_path / folder).mkdir()
    for name in ("example.com", "example.net"):
        (tmp_path / "zones" / f"{name}.yaml").write_text("'': !include ../parts/apex.yaml\n")
    part.write_text("type: TXT\nvalue: v=spf1 -all\n")

    async def scene() -> None:
        async with session(root=tmp_path) as editor:
            text = "type: TXT\nvalue: v=spf1 ip4:40.92.0.7 +all\n"
            found = one(await editor.open(part, text, "yaml"), "SPF201")
            assert found.range.start == types.Position(1, 28)
            assert "Also at example.net." in found.message
            fix = action(await editor.actions(part, diagnostics=[found]), "Fix SPF201")
            assert applied(text, fix.edit, part) == text.replace("+all", "-all")

    run(scene())


def test_octodns_yaml_is_judged_and_changed(tmp_path: Path) -> None:
    path = tmp_path / "example.com.yaml"

    async def scene() -> None:
        async with session() as editor:
            found = await editor.open(path, YAML, "yaml")
            assert one(found, "SPF201").range == types.Range(
                types.Position(8, 32), types.Position(8, 36)
            )
            there = one(found, "SPF301")
            actions = await editor.actions(path, diagnostics=[there])
            fix = action(actions, "Fix SPF301")
            assert applied(YAML, fix.edit, path) == YAML.replace("40.92.0.7/17", "40.92.0.0/17")
            silent = applied(YAML, action(actions, "Suppress SPF301").edit, path)
            assert silent == YAML.replace("+all\n", "+all  # noqa: SPF301\n")
            found = await editor.type(path, 2, silent)
            assert "SPF301" not in codes(found)
            assert "SPF201" in codes(found)

    run(scene())


def test_octodns_yaml_of_a_configuration_is_judged_with_it(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text('zones = ["zones"]\n')
    folder = tmp_path / "zones" / "example.com."
    folder.mkdir(parents=True)
    apex, dmarc = folder / "$example.com.yaml", folder / "_dmarc.yaml"
    head, _, tail = YAML.partition("_dmarc:")
    apex.write_text(head)
    dmarc.write_text("---\n_dmarc:" + tail)

    async def scene() -> None:
        async with session() as editor:
            found = codes(await editor.open(apex, head, "yaml"))
            assert "SPF201" in found
            assert "DMARC101" not in found
            found = await editor.type(apex, 2, head.replace("+all", "-all"))
            assert "SPF201" not in codes(found)
            # The same folder without a configuration.
            (tmp_path / "zonelint.toml").unlink()
            editor.touched(tmp_path / "zonelint.toml")
            found = await editor.type(apex, 3, head)
            assert "SPF201" in codes(found)
            assert "DMARC101" not in codes(found)

    run(scene())


def test_octodns_yaml_is_judged_with_what_a_source_adds(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text('zones = ["octodns.yaml"]\n' + SENDING)
    (tmp_path / "octodns.yaml").write_text(
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "  m: {class: zonelint.providers.octodns.MailAuthSource}\n"
        "zones:\n  example.com.: {sources: [c, m], targets: [t]}\n"
    )
    (tmp_path / "zones").mkdir()
    path = tmp_path / "zones" / "example.com.yaml"
    path.write_text("'':\n  type: TXT\n  value: v=spf1 mx mx -all\n")

    async def scene() -> None:
        async with session() as editor:
            found = codes(await editor.open(path, path.read_text(), "yaml"))
            assert "SPF302" in found
            assert "SPF210" not in found

    run(scene())


def test_broken_yaml_is_told_where_it_breaks(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text('zones = ["*.yaml"]\n')
    path = tmp_path / "example.com.yaml"
    path.write_text(YAML)

    async def scene() -> None:
        async with session() as editor:
            await editor.open(path, YAML, "yaml")
            broken = YAML.replace("- type: MX", "- type: [MX")
            (found,) = await editor.type(path, 2, broken)
            assert found.severity is types.DiagnosticSeverity.Error
            assert found.message.startswith("This is not checked.")
            assert found.range.start.line >= 2
            assert "SPF201" in codes(await editor.type(path, 3, YAML))

    run(scene())


# -- code actions ----------------------------------------------------------------------------


def test_a_safe_fix_is_preferred_and_a_proposal_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            found = await editor.open(path, ZONE)
            actions = await editor.actions(path, diagnostics=[one(found, "SPF301")])
            fix = action(actions, "Fix SPF301")
            assert fix.kind == types.CodeActionKind.QuickFix
            assert fix.is_preferred is True
            assert [each.code for each in fix.diagnostics or ()] == ["SPF301"]
            assert applied(ZONE, fix.edit, path) == ZONE.replace("40.92.0.7/17", "40.92.0.0/17")
            # Without diagnostics in the request, the place tells which are meant.
            at = one(found, "SPF201").range
            actions = await editor.actions(path, at)
            assert not any("SPF301" in each.title for each in actions)
            fix = action(actions, "Fix SPF201")
            assert fix.title.endswith(" (proposal)")
            assert not fix.is_preferred
            after = applied(ZONE, fix.edit, path)
            assert after == ZONE.replace("+all", "-all")
            assert "SPF201" not in codes(await editor.type(path, 2, after))

    run(scene())


def test_actions_are_for_the_newest_text_and_name_its_version(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"
    edits = types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
    )

    async def scene() -> None:
        async with session(types.ClientCapabilities(workspace=edits)) as editor:
            old = await editor.open(path, ZONE)
            text = "; a line more\n" + ZONE
            editor.change(path, 2, text)
            # Asked at once, with diagnostics of the old text.
            actions = await editor.actions(path, diagnostics=[one(old, "SPF301")])
            fix = action(actions, "Fix SPF301")
            assert fix.edit is not None
            (change,) = fix.edit.document_changes or ()
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == 2
            assert applied(text, fix.edit, path) == text.replace("40.92.0.7/17", "40.92.0.0/17")

    run(scene())


@pytest.mark.parametrize("resolves", [True, False])
def test_all_safe_findings_are_fixed_at_once(resolves: bool, tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"
    text = (
        ZONE.replace("+all", "-all a")
        .replace("p=reject;", "p=reject; pct=100;")
        .replace("hostmaster 1 ", "hostmaster 2024010100 ")
    )
    support = types.ClientCodeActionResolveOptions(["edit"]) if resolves else None
    document = types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(resolve_support=support)
    )

    async def scene() -> None:
        async with session(types.ClientCapabilities(text_document=document)) as editor:
            await editor.open(path, text)
            everywhere = await editor.actions(path)
            (fix,) = await editor.actions(path, only=["source.fixAll"])
            assert fix.title == "Fix all safe findings in this file"
            assert fix.kind == "source.fixAll.zonelint"
            if resolves:
                assert fix.edit is None
                fix = await editor.code_action_resolve_async(fix)
            else:
                # A lamp in the margin must not cost several rounds of judging.
                assert all(each.kind == types.CodeActionKind.QuickFix for each in everywhere)
            after = applied(text, fix.edit, path)
            assert "40.92.0.0/17" in after
            assert "-all a" not in after
            assert "pct" not in after
            assert "2024010101" in after
            assert await editor.actions(path, only=["refactor"]) == []
            await editor.type(path, 2, after)
            assert await editor.actions(path, only=["source"]) == []

    run(scene())


def test_fixing_everything_does_what_the_command_does(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"
    source = Path(__file__).with_name("faults.zone").read_text()
    path.write_text(source)
    resolving = types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            resolve_support=types.ClientCodeActionResolveOptions(["edit"])
        )
    )
    after = ""

    async def scene() -> None:
        nonlocal after
        async with session(types.ClientCapabilities(text_document=resolving)) as editor:
            await editor.open(path, source)
            (fix,) = await editor.actions(path, only=["source.fixAll.zonelint"])
            fix = await editor.code_action_resolve_async(fix)
            after = applied(source, fix.edit, path)

    run(scene())
    subprocess.run(
        [sys.executable, "-m", "zonelint", "check", "--fix", path.name],
        cwd=tmp_path, check=False, capture_output=True,
    )  # fmt: skip
    assert path.read_text() == after != source


def test_a_finding_is_suppressed_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            found = await editor.open(path, ZONE)
            actions = await editor.actions(path, diagnostics=[one(found, "SPF201")])
            text = applied(ZONE, action(actions, "Suppress SPF201").edit, path)
            assert text == ZONE.replace('+all"\n', '+all"  ; noqa: SPF201\n')
            found = await editor.type(path, 2, text)
            assert "SPF201" not in codes(found)
            actions = await editor.actions(path, diagnostics=[one(found, "SPF301")])
            text = applied(text, action(actions, "Suppress SPF301").edit, path)
            assert '+all"  ; noqa: SPF201, SPF301\n' in text
            assert {"SPF201", "SPF301", "NOQA001"}.isdisjoint(
                codes(await editor.type(path, 3, text))
            )

    run(scene())


def test_a_finding_in_a_text_of_several_lines_is_suppressed_in_front_of_it(tmp_path: Path) -> None:
    path = tmp_path / "example.com.yaml"
    folded = "    value: >-\n      v=spf1 ip4:40.92.0.0/17\n      +all\n"
    text = YAML.replace("    values:\n      - v=spf1 ip4:40.92.0.7/17 +all\n", folded)

    async def scene() -> None:
        async with session() as editor:
            found = one(await editor.open(path, text, "yaml"), "SPF201")
            actions = await editor.actions(path, diagnostics=[found])
            after = applied(text, action(actions, "Suppress SPF201").edit, path)
            assert "\n      +all\n" in after
            assert after.count("# noqa: SPF201") == 1
            assert "SPF201" not in codes(await editor.type(path, 2, after))

    run(scene())


# -- hover -----------------------------------------------------------------------------------


def test_hovering_over_a_finding_shows_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            await editor.open(path, ZONE)
            text = await editor.hover(path, 5, 34)
            assert text is not None
            assert text.startswith("### SPF201 spf-pass-all\n\n")
            for heading in ("What it finds", "Why it matters", "Use instead", "References"):
                assert f"**{heading}**" in text
            whole = 'example.com. 3600 TXT "v=spf1 ip4:40.92.0.7/17'
            assert f'```diff\n- {whole} +all"\n+ {whole} -all"\n```' in text
            assert await editor.hover(path, 1, 2) is None

    run(scene())


def test_a_change_that_would_make_a_fault_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "example.com.zone"
    text = ZONE.replace("@ IN MX 10 mx.example.net.", "@ IN MX 10 mail.example.com")
    assert text != ZONE, "the zone names another exchange"
    (tmp_path / "zonelint.toml").write_text('select = ["ZONE"]\n')

    async def scene() -> None:
        async with session() as editor:
            found = one(await editor.open(path, text), "ZONE006")
            actions = await editor.actions(path, diagnostics=[found])
            assert [each.title for each in actions] == ["Suppress ZONE006 on this line"]
            at = found.range.start
            shown = await editor.hover(path, at.line, at.character)
            assert shown is not None
            assert "No change is offered, because it would bring MX002" in shown

    run(scene())


# -- failures --------------------------------------------------------------------------------

FAILING = '''
from zonelint.rules.finding import Severity
from zonelint.rules.rule import rule
from zonelint.rules.subjects import Spf


@rule("ACME001", "acme-fails", Severity.WARNING, on=Spf, section="none")
def fails(spf):
    """It fails."""
    raise ValueError("as it was written")
    yield
'''


def test_a_rule_that_fails_is_told_and_the_server_lives_on(tmp_path: Path) -> None:
    """The rule comes as other people's rules come: in an installed package."""
    (tmp_path / "acme_rules.py").write_text(FAILING)
    metadata = tmp_path / "acme_rules-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[zonelint.rules]\nacme = acme_rules\n")
    path = tmp_path / "zones" / "example.com.zone"
    path.parent.mkdir()

    async def scene() -> None:
        async with session(env={"PYTHONPATH": str(tmp_path)}) as editor:
            found = await editor.open(path, ZONE)
            crash = one(found, "ACME001")
            assert crash.severity is types.DiagnosticSeverity.Error
            assert crash.range.start.line == 5
            assert "the check is not complete" in crash.message
            assert "SPF201" in codes(found)
            assert any("ACME001" in message for message in editor.logged)
            found = await editor.type(path, 2, ZONE.replace("+all", "-all"))
            assert "ACME001" in codes(found)
            assert "SPF201" not in codes(found)

    run(scene())


def test_without_pygls_one_line_says_how_to_install_it() -> None:
    script = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['zonelint', 'lsp']\n"
        "from zonelint.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "zonelint: the language server needs pygls: install zonelint with its extra [lsp]\n"
    )


def test_a_client_that_goes_away_ends_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zonelint", "lsp", "--stdio"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


# -- edits -----------------------------------------------------------------------------------

TEXTS = st.lists(st.sampled_from(["a", "b", "\n", "\r\n", "\r", "\U0001f600", "ä", " "])).map(
    "".join
)


@settings(max_examples=300)
@given(TEXTS, TEXTS)
def test_edits_make_the_one_text_of_the_other(before: str, after: str) -> None:
    document = Document("file:///x", 1, "", before, "/x", "/x")
    assert spliced(before, list(text_edits(document, after, Ruler()))) == after


def test_zones_go_by_the_configuration_that_is_not_saved_yet(tmp_path: Path) -> None:
    zone, config = tmp_path / "example.com.zone", tmp_path / "zonelint.toml"

    async def scene() -> None:
        async with session() as editor:
            found = await editor.open(zone, ZONE)  # neither of them is on the disk
            assert "SPF201" in {each.code for each in found}
            await editor.open(config, 'ignore = ["SPF201"]\n')
            left = await editor.until(zone, lambda told: "SPF201" not in {d.code for d in told})
            assert {each.code for each in left} == {each.code for each in found} - {"SPF201"}
            # While the text cannot be read, the last that could stays in force.
            (fault,) = await editor.type(config, 2, 'ignore = ["SPF201"\n')
            assert fault.severity == types.DiagnosticSeverity.Error
            told = await editor.type(zone, 2, ZONE + "www A 192.0.2.1\n")
            assert {each.code for each in told} == {each.code for each in left}
            await editor.type(config, 3, "")
            await editor.until(zone, lambda told: "SPF201" in {d.code for d in told})

    run(scene())
    assert not zone.exists()
    assert not config.exists()


@pytest.mark.parametrize("config", ["", "[thresholds]\n"])
def test_zones_of_the_repository_are_known_as_a_check_knows_them(
    config: str, tmp_path: Path
) -> None:
    """Without a configuration too; a text that is open counts before it is saved."""
    (tmp_path / ".git").mkdir()
    if config:
        (tmp_path / "zonelint.toml").write_text(config)
    (tmp_path / "a").mkdir()
    other, path = tmp_path / "a" / "example.net.zone", tmp_path / "example.com.zone"
    target = ZONE.replace("example.com", "example.net")
    other.write_text(target.replace("ip4:40.92.0.7/17 +all", "ip4:40.92.0.7 -all"))
    text = ZONE.replace("ip4:40.92.0.7/17 +all", "include:example.net -all")
    path.write_text(text)

    async def scene() -> None:
        async with session() as editor:
            alone = await editor.open(path, text)
            assert "SPF201" not in codes(alone)
            assert "example.net." not in str([each.message for each in alone])
            assert not any("SPF101" in each.message for each in alone)
            await editor.open(other, target.replace("ip4:40.92.0.7/17 +all", "exists:%{i} +all"))
            await editor.until(path, lambda shown: "SPF201" in codes(shown))

    run(scene())


@pytest.mark.parametrize("config", ["", 'zones = ["."]\n'])
def test_terraform_source_is_judged_before_it_is_saved(config: str, tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text(config)
    path = tmp_path / "main.tf"
    text = """\
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "r" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "example.com"
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 ip4:40.92.0.1 -all"]
}
"""
    path.write_text(text)

    async def scene() -> None:
        async with session() as editor:
            assert "SPF201" not in codes(await editor.open(path, text, "terraform"))
            found = await editor.type(path, 2, text.replace("-all", "+all"))
            assert one(found, "SPF201").range.start.line == 6
            assert "SPF201" not in codes(await editor.type(path, 3, text))

    run(scene())


# -- one reader ------------------------------------------------------------------------------


def test_what_is_not_saved_is_read_as_a_check_reads_what_is(tmp_path: Path) -> None:
    """A zone, what it includes, an octoDNS configuration and its zone: the disk has none of it."""
    (tmp_path / "zonelint.toml").write_text('zones = ["."]\n')
    zone, part = tmp_path / "example.com.zone", tmp_path / "mail.inc"
    text = "$ORIGIN example.com.\n$TTL 3600\n@ IN MX 10 mx.example.net.\n$INCLUDE mail.inc\n"
    config, yaml = tmp_path / "production.yaml", tmp_path / "dns" / "example.net.yaml"
    yaml.parent.mkdir()
    settings = "providers:\n  here: {class: octodns.provider.yaml.YamlProvider, directory: dns}\n"
    settings += "zones:\n  example.net.: {sources: [here], targets: [here]}\n"

    def is_refused(told: Sequence[types.Diagnostic]) -> bool:
        return any("semicolon is not escaped" in each.message for each in told)

    async def scene() -> None:
        async with session(cwd=tmp_path) as editor:
            missing = await editor.open(zone, text, "dns")
            assert any("no file `mail.inc`" in each.message for each in missing)
            found = one(await editor.open(part, '@ IN TXT "v=spf1 mx +all"\n'), "SPF201")
            assert found.range.start == types.Position(0, 20)
            fix = action(await editor.actions(part, diagnostics=[found]), "Fix SPF201")
            changed = applied('@ IN TXT "v=spf1 mx +all"\n', fix.edit, part)
            assert changed == '@ IN TXT "v=spf1 mx -all"\n'
            silent = action(await editor.actions(part, diagnostics=[found]), "Suppress SPF201")
            assert "noqa: SPF201" in applied('@ IN TXT "v=spf1 mx +all"\n', silent.edit, part)
            assert "SPF201" not in codes(await editor.type(part, 2, changed))
            await editor.until(
                zone, lambda told: not any("mail.inc" in each.message for each in told)
            )
            await editor.open(config, settings, "yaml")
            assert "SPF201" in codes(await editor.open(yaml, YAML, "yaml"))
            doubled = await editor.type(yaml, 2, YAML.replace("\\;", ";"))
            assert is_refused(doubled)  # as octoDNS reads it, by its configuration
            escaping = settings.replace("dns}", "dns, escaped_semicolons: false}")
            await editor.type(config, 2, escaping)
            await editor.until(yaml, lambda told: not is_refused(told))

    run(scene())
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dns", "zonelint.toml"]


TEMPLATE = """\
Resources:
  Spf:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneName: example.com.
      Name: example.com.
      Type: TXT
      TTL: '300'
      ResourceRecords: ['"v=spf1 +all"']
"""

PLAN = """\
{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [
  {"address": "aws_route53_record.spf", "mode": "managed", "type": "aws_route53_record",
   "name": "spf", "provider_name": "registry.terraform.io/hashicorp/aws",
   "change": {"actions": ["create"], "before": null, "after_unknown": {},
    "after": {"zone_id": "Z1", "name": "example.com", "type": "TXT", "ttl": 300,
     "records": ["v=spf1 +all"]}}}]}
"""


@pytest.mark.parametrize("config", ["", 'zones = ["."]\n'])
def test_templates_and_plans_are_judged_as_the_command_judges_them(
    config: str, tmp_path: Path
) -> None:
    (tmp_path / "zonelint.toml").write_text(config)
    template, plan = tmp_path / "mail.yaml", tmp_path / "plan.json"
    other = tmp_path / "package.json"

    async def scene() -> None:
        async with session(cwd=tmp_path) as editor:
            found = one(await editor.open(template, TEMPLATE, "yaml"), "SPF201")
            assert found.range.start.line == 8
            (broken,) = await editor.type(template, 2, TEMPLATE.replace("+all\"']", "+all\"'"))
            assert broken.message.startswith("This is not checked.")
            assert broken.range.start.line > 0
            assert "SPF201" in codes(await editor.open(plan, PLAN, "json"))
            told = await editor.type(plan, 2, PLAN[:-4])
            assert any("truncated" in each.message for each in told)
            assert "SPF201" not in codes(await editor.type(plan, 3, PLAN.replace("+all", "-all")))
            secret = PLAN.replace(
                '"before": null', '"before": null, "after_sensitive": {"records": true}'
            )
            told = await editor.type(plan, 4, secret)
            assert "SPF201" in codes(told)
            assert "A value that this is about is secret" in one(told, "SPF201").message
            assert await editor.open(other, '{"name": "x",\n', "json") == []

    run(scene())


def test_a_new_unreadable_configuration_leaves_the_saved_one_in_force(tmp_path: Path) -> None:
    zone, config = tmp_path / "example.com.zone", tmp_path / "zonelint.toml"
    config.write_text('ignore = ["SPF201"]\n')
    zone.write_text(ZONE)

    async def scene() -> None:
        async with session() as editor:
            (fault,) = await editor.open(config, 'ignore = ["SPF201"\n')
            assert fault.severity == types.DiagnosticSeverity.Error
            found = await editor.open(zone, ZONE)
            assert "SPF301" in codes(found)
            assert "SPF201" not in codes(found)
            # The texts of zones are the editor's all the same, from one to the next.
            told = await editor.type(zone, 2, ZONE.replace("p=reject", "p=rejekt"))
            assert "DMARC005" in codes(told)

    run(scene())

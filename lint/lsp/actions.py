"""What the editor can do about a finding: its fix, a comment that accepts it, all safe fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from zonelint.changes.harm import fix_without_harm
from zonelint.formats.safe import plain
from zonelint.grammars.zone import Zone
from zonelint.lsp.document import Document, Ruler, key_of
from zonelint.lsp.edits import Texts, workspace_edit
from zonelint.lsp.judgement import DocumentJudge, Judgement, Remark
from zonelint.lsp.suppressing import suppressed
from zonelint.providers import writing
from zonelint.rules.core.finding import Finding

FIX_ALL = "source.fixAll.zonelint"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)


@dataclass(frozen=True, slots=True)
class Client:
    """What the client takes. `resolves`: it asks for an action's edit when it is chosen."""

    ruler: Ruler
    versioned: bool
    resolves: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A document as it was judged, with the diagnostics that were made of its remarks."""

    document: Document
    judgement: Judgement
    remarks: Sequence[Remark]
    diagnostics: Sequence[types.Diagnostic]

    def edit(self, texts: Texts, client: Client) -> types.WorkspaceEdit:
        return workspace_edit(
            texts, self.judgement.documents, client.ruler, versioned=client.versioned
        )


def offered(
    scene: Scene, params: types.CodeActionParams, client: Client
) -> Iterator[types.CodeAction]:
    """The actions for a place in the document."""
    only = params.context.only
    if _wanted(types.CodeActionKind.QuickFix, only):
        yield from _without_doubles(
            action
            for number in _meant(scene, params)
            if (finding := scene.remarks[number].finding) is not None
            for action in _quick(scene, finding, scene.diagnostics[number], client)
        )
    if _wanted(FIX_ALL, only) and any(map(_is_safe, scene.remarks)):
        action = types.CodeAction(
            "Fix all safe findings in this file",
            kind=FIX_ALL,
            data={"uri": scene.document.uri},
        )
        if client.resolves:
            yield action
        elif only:
            # To fix everything takes several rounds of judging: not whenever the cursor moves.
            action.edit = fix_all(scene, client)
            if action.edit is not None:
                yield action


def _without_doubles(actions: Iterator[types.CodeAction]) -> Iterator[types.CodeAction]:
    """Each action once, and no two of one title: findings of one cause share an action, and where
    one rule has several at hand each says where.
    """
    held: list[types.CodeAction] = []
    for action in actions:
        same = next((e for e in held if (e.title, e.edit) == (action.title, action.edit)), None)
        if same is None:
            held.append(action)
        else:
            same.diagnostics = [*(same.diagnostics or ()), *(action.diagnostics or ())]
    titles = Counter(action.title for action in held)
    for action in held:
        if titles[action.title] > 1 and action.diagnostics:
            start = action.diagnostics[0].range.start
            action.title += f" (line {start.line + 1}, column {start.character + 1})"
    yield from held


def fix_all(scene: Scene, client: Client) -> types.WorkspaceEdit | None:
    """The edit that applies every safe fix of the document; None where nothing can be done.

    As `check --fix` does it: in rounds, with the zone's serial raised if the settings want it.
    """
    judgement, key = scene.judgement, scene.document.key
    ours = judgement.zones_of(scene.document)

    def chosen(finding: Finding) -> bool:
        change = finding.change
        return change is not None and change.safe and key_of(finding.span.path) == key

    fixed = fix_without_harm(ours, DocumentJudge.of(judgement, ours), chosen)
    return scene.edit(fixed.texts, client) if fixed.texts else None


def _quick(
    scene: Scene, finding: Finding, diagnostic: types.Diagnostic, client: Client
) -> Iterator[types.CodeAction]:
    offered = scene.judgement.offered(finding)
    texts = _changed(scene, offered) if scene.judgement.is_writable(finding) else {}
    finding, change = offered, offered.change
    if change is not None and texts:
        mark = "" if change.safe else " (proposal)"
        yield types.CodeAction(
            plain(f"Fix {finding.code}: {change.reason}{mark}"),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            is_preferred=True if change.safe else None,
            edit=scene.edit(texts, client),
        )
    for zone in scene.judgement.zones_of(scene.document):
        commented = suppressed(zone, finding)
        if commented:
            yield types.CodeAction(
                f"Suppress {finding.code} on this line",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=scene.edit(commented, client),
            )
            break


def _changed(scene: Scene, finding: Finding) -> Texts:
    """The files with the finding's change made, and nothing else; none where it cannot be."""
    zone = _home(scene, finding)
    if finding.change is None or zone is None:
        return {}
    try:
        return writing.changed(zone, finding.change.edits, bump_serial=False).texts
    except writing.EditError:
        return {}


def _home(scene: Scene, finding: Finding) -> Zone | None:
    """The zone whose records the finding would change: the file may belong to several."""
    if finding.change is None:
        return None
    befores = [edit.before for edit in finding.change.edits if edit.before is not None]
    for zone in scene.judgement.zones_of(scene.document):
        if befores:
            held = zone.get(befores[0].owner, befores[0].type) or ()
            if any(record is befores[0] for record in held):
                return zone
        elif zone.contains(finding.change.owner):
            return zone
    return None


def _meant(scene: Scene, params: types.CodeActionParams) -> list[int]:
    """The remarks that the client asks about: by the data of their diagnostics, else by place."""
    version = scene.document.version
    known = [
        number
        for diagnostic in params.context.diagnostics
        if (number := _number(diagnostic.data, version)) in range(len(scene.remarks))
    ]
    if known:
        return known
    asked = params.range
    return [
        number
        for number, diagnostic in enumerate(scene.diagnostics)
        if diagnostic.range.start <= asked.end and asked.start <= diagnostic.range.end
    ]


def _number(data: Any, version: int | None) -> int:
    """Which remark of the version a diagnostic is; -1 for none. The data was with the client."""
    if isinstance(data, dict) and data.get("version") == version:
        number = data.get("remark")
        return number if type(number) is int else -1
    return -1


def _is_safe(remark: Remark) -> bool:
    change = remark.finding.change if remark.finding is not None else None
    return change is not None and change.safe


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the client wants the kind: it names kinds, each with all that are below it."""
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)

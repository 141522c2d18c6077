"""Faults of a tag list that no piece of it has alone."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.tree import LONGEST_REMEMBERED, Piece, PieceTag
from zonelint.grammars.tags.value import article, show


def whole_faults(language: Language, pieces: Sequence[Piece], starts: Sequence[int]) -> list[Fault]:
    """Faults that no piece has alone: empty tags, the version's place, duplicates, absences.

    starts: the offset of each piece in the cleaned text; those of the faults are into it, too.
    """
    faults: list[Fault] = []
    length = starts[-1] + len(pieces[-1].text)
    run: int | None = None
    for number, piece in enumerate(pieces):
        if piece.sort.blank and number < len(pieces) - 1:
            run = starts[number] if run is None else run
        elif run is not None:
            faults.append(_empty(run, min(starts[number], length)))
            run = None
    if run is not None:
        faults.append(_empty(run, length))
    placed = [
        (entry, start)
        for piece, start in zip(pieces, starts, strict=True)
        for entry in piece.fields
    ]
    faults += _version_faults(language, pieces, placed)
    faults += _duplicate_faults(language, placed)
    present = {entry.name for entry, _ in placed}
    if placed:
        faults += [
            Fault(
                FaultKind.MISSING, length, length,
                f"The tag `{name}` is missing: without it {article(language.noun)} has no meaning.",
            )
            for name in language.required
            if name not in present
        ]  # fmt: skip
    return faults


def _version_faults(
    language: Language, pieces: Sequence[Piece], placed: list[tuple[PieceTag, int]]
) -> list[Fault]:
    if not language.version:
        return []
    kinds = {kind for piece in pieces for kind in piece.sort.kinds}
    if not placed:
        return [Fault(FaultKind.VERSION, 0, 0, f"This is not a {language.noun}: it has no tag.")]
    unseen = f"so receivers do not see {article(language.noun)} at all."
    first, offset = placed[0]
    if first.name == "v" and first.sound:
        start = first.start + offset
        if start and not language.blank_first and not pieces[0].faults:
            if pieces[0].sort.blank:
                return []  # the empty tag in front is a fault of its own
            return [
                Fault(FaultKind.VERSION, 0, start,
                      f"There is a space before `v={language.version}`, {unseen}", "")
            ]  # fmt: skip
        piece = pieces[0].text
        if language.tight and len(pieces) > 1 and first.end < len(piece):
            return [
                Fault(FaultKind.VERSION, first.end, len(piece),
                      f"There is a space before the semicolon after `v={language.version}`; many "
                      f"receivers look for `v={language.version};` with nothing between, and "
                      "discard the record.", "")
            ]  # fmt: skip
        return []
    if FaultKind.VERSION in kinds:
        return []
    begin, end = first.start + offset, first.end + offset
    for entry, where in placed[1:]:
        if entry.name == "v":
            return [
                Fault(FaultKind.VERSION, entry.start + where, entry.end + where,
                      f"`v={language.version}` does not come first, {unseen}")
            ]  # fmt: skip
    if language.version_optional:
        return []
    written = ";".join(piece.text for piece in pieces)[begin:end]
    return [
        Fault(FaultKind.VERSION, begin, end,
              f"The record does not start with `v={language.version}`, {unseen}",
              f"v={language.version}; {written}" if len(written) <= LONGEST_REMEMBERED else None)
    ]  # fmt: skip


def _duplicate_faults(language: Language, placed: list[tuple[PieceTag, int]]) -> list[Fault]:
    seen: dict[str, PieceTag] = {}
    faults = []
    for entry, offset in placed:
        if not entry.name or entry.name in language.repeatable:
            continue
        if entry.name not in seen:
            seen[entry.name] = entry
        else:
            earlier = seen[entry.name]
            same = earlier.value == entry.value
            faults.append(
                Fault(
                    FaultKind.DUPLICATE, entry.start + offset, entry.end + offset,
                    f"The tag `{show(entry.name)}` appears twice"
                    f"{'' if same else ', with two values'}; {language.duplicates}.",
                )
            )  # fmt: skip
    return faults


def _empty(start: int, end: int) -> Fault:
    return Fault(
        FaultKind.SYNTAX, start, end, "There is no tag between two semicolons; some receivers "
        "discard the record for that.", "",
    )  # fmt: skip

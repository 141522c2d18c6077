"""What a rule is about, as Markdown for the box beside the pointer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from lsprotocol import types

from zonelint.formats.markdown import prose
from zonelint.formats.references import linked
from zonelint.formats.report import pictured
from zonelint.formats.safe import decoded
from zonelint.lsp.document import Document, Ruler
from zonelint.lsp.judgement import Remark
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Fix, Rule

_BACKTICKS = re.compile("`{3,}")
_FIXES = {
    Fix.SAFE: "a safe fix, where it is proved not to change the mail flow",
    Fix.PROPOSAL: "a proposal, to be reviewed first",
    Fix.NONE: "none: only you know what belongs there",
}


def at(
    document: Document,
    remarks: Sequence[Remark],
    position: types.Position,
    ruler: Ruler,
    offered: Callable[[Finding], Finding],
) -> types.Hover | None:
    """The rules behind every remark at a position; None where there is none.

    offered: gives a finding without a change that is not to be made.
    """
    there = [
        (remark, place)
        for remark in remarks
        if remark.rules and _holds(place := ruler.range(document, remark.span), position)
    ]
    if not there:
        return None
    there.sort(key=lambda each: _size(each[1]))  # what the pointer rests on most exactly
    explained: dict[str, str] = {}
    for remark, _ in there:
        for rule in remark.rules:
            if rule.code not in explained:
                explained[rule.code] = "\n\n".join(
                    [_title(rule), *_change(remark, offered), *text(rule)]
                )
    content = types.MarkupContent(
        types.MarkupKind.Markdown, decoded("\n\n---\n\n".join(explained.values()))
    )
    return types.Hover(content, there[0][1])


def _holds(place: types.Range, position: types.Position) -> bool:
    return place.start <= position <= place.end


def _size(place: types.Range) -> tuple[int, int]:
    lines = place.end.line - place.start.line
    return lines, place.end.character - (0 if lines else place.start.character)


def _title(rule: Rule) -> str:
    return f"### {rule.code} {rule.name}\n\n{rule.summary}"


def _change(remark: Remark, offered: Callable[[Finding], Finding]) -> Iterator[str]:
    """The change that the finding carries, as a diff; or why it is not offered."""
    finding = remark.finding
    if finding is None or finding.change is None:
        return
    kept = offered(finding)
    proposed = pictured(kept)
    if why := kept.found.advice.removeprefix(finding.found.advice).strip():
        yield prose(why)
    if proposed is None:
        return
    diff = "\n".join(line.replace("\n", " ") for line in proposed.signed)
    fence = "`" * max((len(run) + 1 for run in _BACKTICKS.findall(diff)), default=3)
    yield f"**{'Fix' if proposed.safe else 'Proposal'}**\n\n{fence}diff\n{diff}\n{fence}"


def text(rule: Rule) -> Iterator[str]:
    """A rule's documentation, its headings in bold."""
    for heading, body in rule.sections().items():
        yield f"**{heading}**\n\n{linked(body) if heading == 'References' else body}"
        if heading == "Use instead":
            yield f"**Fix**: {_FIXES[rule.fix]}"

"""Remarks and faults as LSP's diagnostics."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from zonelint.formats.references import first
from zonelint.formats.safe import plain
from zonelint.lsp.document import Document, Ruler
from zonelint.lsp.judgement import Remark
from zonelint.providers.project.refused import FileFault

SOURCE = "zonelint"


def of_remarks(
    document: Document, remarks: Iterable[Remark], ruler: Ruler
) -> list[types.Diagnostic]:
    """One diagnostic for each remark, in the same order.

    `data` tells code actions which remark of which version it is. The code is a link to the
    standard that the rule names; hovering shows the rule's own text.
    """
    return [
        types.Diagnostic(
            range=ruler.range(document, remark.span),
            severity=types.DiagnosticSeverity(remark.level),
            code=remark.rules[0].code if remark.rules else None,
            code_description=_standard(remark),
            source=SOURCE,
            message=plain(remark.message),
            data={"remark": number, "version": document.version},
            related_information=[
                types.DiagnosticRelatedInformation(
                    types.Location(document.uri, ruler.range(document, span)), plain(name)
                )
                for span, name in remark.related
            ]
            or None,
        )
        for number, remark in enumerate(remarks)
    ]


def _standard(remark: Remark) -> types.CodeDescription | None:
    """Where the standard can be read that the rule of a remark names."""
    link = first(remark.rules[0].section) if remark.rules else None
    return types.CodeDescription(link) if link else None


def of_faults(
    faults: Iterable[FileFault], document: Document | None, ruler: Ruler
) -> list[types.Diagnostic]:
    """What is wrong with a configuration, each on its line; `document` if it is open."""
    return [
        types.Diagnostic(
            range=_line(fault.line or 1, document, ruler),
            severity=types.DiagnosticSeverity.Error,
            source=SOURCE,
            message=plain(fault.message),
        )
        for fault in faults
    ]


def not_checked(faults: Iterable[FileFault], document: Document, ruler: Ruler) -> types.Diagnostic:
    """A document that no rule has seen, because of faults elsewhere: never a silent pass."""
    why = "; ".join(f"{fault.path}, line {fault.line or 1}: {fault.message}" for fault in faults)
    return types.Diagnostic(
        range=ruler.whole_line(document, 1),
        severity=types.DiagnosticSeverity.Error,
        source=SOURCE,
        message=plain(f"This is not checked, because its configuration cannot be used. {why}"),
    )


def failed(document: Document, ruler: Ruler) -> types.Diagnostic:
    """A document on which zonelint itself failed."""
    return types.Diagnostic(
        range=ruler.whole_line(document, 1),
        severity=types.DiagnosticSeverity.Error,
        source=SOURCE,
        message="This is not checked: zonelint itself failed on it. "
        "The server's log has the details; please report them.",
    )


def _line(number: int, document: Document | None, ruler: Ruler) -> types.Range:
    if document is not None:
        return ruler.whole_line(document, number)
    # How long the line is nobody has looked up; editors end the range where the line ends.
    return types.Range(types.Position(number - 1, 0), types.Position(number, 0))

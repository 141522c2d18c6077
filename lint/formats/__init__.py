"""The forms that a report comes in, by the name that `--format` takes.

Each is a module with `render(report, page)`, imported when it is asked for. All of them look at
the same `Report`.

Imports findings and evidence, and nothing of how they came about.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from zonelint.formats.report import Page, Report

    Render = Callable[[Report, Page], Iterable[str]]

FORMATS = {
    "text": "zonelint.formats.text",
    "concise": "zonelint.formats.concise",
    "json": "zonelint.formats.json",
    "sarif": "zonelint.formats.sarif",
    "github": "zonelint.formats.github",
    "gitlab": "zonelint.formats.gitlab",
    "junit": "zonelint.formats.junit",
    "markdown": "zonelint.formats.markdown",
    "rdjson": "zonelint.formats.rdjson",
}


def renderer(name: str) -> Render:
    """The function that renders a report in this format, piece by piece."""
    return cast("Render", importlib.import_module(FORMATS[name]).render)

"""Domains at a glance, as text, Markdown, or one JSON object."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from zonelint.formats.markdown import code, prose
from zonelint.standing.glance import Glance, StepState

VERSION = 1
_MARKS = {True: "[x]", False: "[ ]", None: "[?]"}


def text(glances: Sequence[Glance], width: int) -> Iterator[str]:
    """One screen a domain."""
    for glance in glances:
        place = glance.path
        if glance.zone and glance.zone != place:
            place = glance.zone if place in glance.zone else f"{place}, {glance.zone}"
        yield f"{glance.domain}  ({place})"
        for kind, words in glance.records:
            yield from _wrapped("; ".join(words), f"  {kind:<8}  ", width)
        for step in glance.steps:
            why = f": {step.why}" if step.why else ""
            yield from _wrapped(f"{step.text}{why}", f"  {_MARKS[step.done]} ", width)
        yield from _wrapped(glance.next_step, "  next: ", width)
        yield ""


def markdown(glances: Sequence[Glance]) -> Iterator[str]:
    """A section a domain, for a pull request or a wiki."""
    for glance in glances:
        place = f" ({code(glance.zone)})" if glance.zone else ""
        yield f"## {code(glance.domain)}{place}"
        yield ""
        yield "| | |"
        yield "|---|---|"
        for kind, words in glance.records:
            yield f"| {kind} | {'; '.join(code(each) for each in words)} |"
        yield ""
        for step in glance.steps:
            mark = "x" if step.done else " "
            yield f"- [{mark}] {step.text}{_why(step)}"
        yield ""
        yield f"Next: {prose(glance.next_step)}"
        yield ""


def _why(step: StepState) -> str:
    unknown = "not decided" if step.done is None else ""
    words = ": ".join(filter(None, (unknown, step.why)))
    return f" ({prose(words)})" if words else ""


def facts(glances: Sequence[Glance]) -> dict[str, object]:
    """The same for other programs (version 1)."""
    return {
        "version": VERSION,
        "domains": [
            {
                "domain": glance.domain,
                "path": glance.path,
                **({"zone": glance.zone} if glance.zone else {}),
                "phase": glance.phase,
                "spf_lookups": glance.lookups,
                "ready": glance.ready,
                "records": {kind: list(words) for kind, words in glance.records},
                "steps": [
                    {"step": each.text, "done": each.done, "why": each.why} for each in glance.steps
                ],
                "next": glance.next_step,
            }
            for glance in glances
        ],
    }


def _wrapped(words: str, lead: str, width: int) -> list[str]:
    return textwrap.wrap(
        words,
        max(width, 40),
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )

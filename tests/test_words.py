"""Messages, help and pages are plain English: phrases that nobody would write are kept out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("grammars", "rules", "providers", "lint")
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").glob("*/README.md"),
]

_NO_NOUN = (
    r"(?<![Tt]here )\b(?:is|are|was|were|be) no (?!longer\b|more\b|other\b|one\b|need\b|use\b)"
)
_STANDS = (
    r"\bst(?:ands?|ood) (?:twice|alone|at|in|on|below|beside|behind|after|before|there|here)\b"
)
_SAID = (
    r"\b(?:is|are|was|not|none|nobody) told\b|\btold by\b|\b(?:is|are|not) asked\b|\basked for\b"
)
_OTHERS = r"\bfor want of\b|\banew\b|\ball the same\b|\b[Bb]lanks?\b"
FOREIGN = re.compile("|".join((_NO_NOUN, _STANDS, _SAID, _OTHERS)))

# A name of a pattern's group, a note for developers, and what is meant as it is written.
RIGHT = {
    "extra-blank",
    "unless told to",
    "at the term's name, and what was wrong with that is told no more",
    "only zones are asked for their names",
    "minutes are always told",
}


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that people can meet: no patterns, no docstrings but a rule's page."""
    tree = ast.parse(path.read_text("utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            values = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(map(str, values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_page = "What it finds" in node.value
            if id(node) not in parts and (id(node) not in notes or is_page):
                yield node.lineno, node.value


def _is_pattern(text: str) -> bool:
    return any(mark in text for mark in ("(?", "[ \\t", "\\b", "\\s", "\\d")) or " " not in text


def _foreign(text: str) -> list[str]:
    flat = " ".join(text.split())
    return [] if any(right in flat for right in RIGHT) else FOREIGN.findall(flat)


@pytest.mark.parametrize("floor", FLOORS)
def test_what_people_read_is_plain_english(floor: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrases}: {text[:80]}"
        for path in sorted((ROOT / floor).rglob("*.py"))
        for line, text in _texts(path)
        if not _is_pattern(text) and (phrases := _foreign(text))
    ]
    assert found == []


def test_the_pages_are_plain_english() -> None:
    found = [
        f"{page.relative_to(ROOT)}: {phrases}: {paragraph[:80]}"
        for page in sorted(PAGES)
        if page.name != "CHANGELOG.md"
        for paragraph in re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S).split("\n\n")
        if (phrases := _foreign(paragraph))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    ["`x` is no TTL.", "The tag p stands twice.", "A name is asked for.", "Two blanks in a row."],
)
def test_such_phrases_are_seen(text: str) -> None:
    assert _foreign(text)


@pytest.mark.parametrize(
    "text", ["There is no record.", "It is no longer used.", "`a` stands for the host's address."]
)
def test_right_english_is_left_alone(text: str) -> None:
    assert not _foreign(text)

"""Links to the standards that a text names, where the RFC Editor publishes them."""

from __future__ import annotations

import re

_RFC = re.compile(r"\bRFC (?P<number>\d+)(?P<sections>(?:,? (?:and |to )?§[\d.]*\d)*)")
_SECTION = re.compile(r"§([\d.]*\d)")
_DRAFT = re.compile(r"\bdraft-[a-z0-9-]+\b")


def linked(text: str) -> str:
    """Markdown with every RFC in it linked, and each of its sections."""
    return _RFC.sub(_link, text)


def first(text: str) -> str | None:
    """Where the first standard that the text names can be read; None where it names none."""
    rfc = _RFC.search(text)
    if rfc is None:
        draft = _DRAFT.search(text)
        return f"https://datatracker.ietf.org/doc/{draft[0]}/" if draft else None
    section = _SECTION.search(rfc["sections"])
    return _place(rfc["number"]) + (f"#section-{section[1]}" if section else "")


def _place(number: str) -> str:
    return f"https://www.rfc-editor.org/rfc/rfc{number}"


def _link(found: re.Match[str]) -> str:
    place = _place(found["number"])
    sections = _SECTION.sub(rf"[§\1]({place}#section-\1)", found["sections"])
    return f"[RFC {found['number']}]({place}){sections}"

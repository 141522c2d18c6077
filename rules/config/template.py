"""Domain names with gaps: `{selector}._domainkey.{tenant}.onmicrosoft.com`.

Sender profiles tell by them what a vendor's names look like. A template is compared with a whole
name, without regard to case or final dot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache

from zonelint.rules.config.schema import UnfitValue

_PIECE = "[a-z0-9-]{1,63}"

PLACEHOLDERS: Mapping[str, tuple[str, str]] = {
    "domain": (
        r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}",
        "the customer's domain, as it is",
    ),
    "dashed-domain": (_PIECE, "the customer's domain with hyphens for dots, see fit()"),
    "selector": (r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,3}", "the DKIM selector"),
    "tenant": (_PIECE, "the customer's name with the vendor"),
    "account": ("[a-z0-9]{1,40}", "the customer's number with the vendor"),
    "token": (_PIECE, "what the vendor draws at random"),
    "partition": ("[a-z0-9]{1,8}", "a part of the vendor's service; never derived"),
    "region": (_PIECE, "a data centre of the vendor"),
    "n": ("[0-9]{1,9}", "a number"),
}
"""What may stand in braces: its form, and what it means."""

_MOST_PLACEHOLDERS = 5
_LONGEST_NAME = 254  # RFC 1035 §2.3.4: 253 visible characters and the final dot
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True)
class SenderTemplate:
    """One name with gaps; compare by its text. `tail` is what follows the last gap."""

    text: str
    names: tuple[str, ...]
    tail: str = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    @property
    def fixed(self) -> bool:
        """Whether there is no gap: the text is the name."""
        return not self.names

    def match(self, name: str) -> Mapping[str, str] | None:
        """What stands in the gaps when `name` is of this form, in lower case; None otherwise."""
        name = name.lower().removesuffix(".")
        if len(name) >= _LONGEST_NAME or not name.endswith(self.tail):
            return None
        found = _pattern(self.text).fullmatch(name)
        if found is None:
            return None
        return {gap: found[_group(gap)] for gap in self.names}

    def fill(self, values: Mapping[str, str]) -> str | None:
        """The name with the gaps filled, without final dot; None if a value is missing."""
        if any(gap not in values for gap in self.names):
            return None
        return _GAP.sub(lambda found: values[found[1]], self.text)


_GAP = re.compile(r"\{([^{}]*)\}")


def template(text: str) -> SenderTemplate:
    """Read a template; raises Unfit with what is wrong with it, in words."""
    parts = _GAP.split(text.lower().removesuffix("."))
    gaps = parts[1::2]
    for gap in gaps:
        if gap not in PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise UnfitValue(f"unknown placeholder {{{gap}}}; known: {known}")
    if len(gaps) > _MOST_PLACEHOLDERS:
        raise UnfitValue(f"at most {_MOST_PLACEHOLDERS} placeholders are allowed in one name")
    if any(not between for between in parts[2:-1:2]):
        raise UnfitValue("two placeholders need some text between them")
    # every gap is at least one character long: the rest must be a name as it stands
    solid = "x".join(parts[::2])
    if len(solid) > _LONGEST_NAME or not all(_LABEL.fullmatch(la) for la in solid.split(".")):
        raise UnfitValue(f'"{text}" is not a domain name, with or without {{placeholders}}')
    return SenderTemplate(text.lower().removesuffix("."), tuple(dict.fromkeys(gaps)), parts[-1])


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = _GAP.split(text)
    out = ""
    seen: set[str] = set()
    for i, part in enumerate(parts):
        if i % 2 == 0:
            out += re.escape(part)
        elif part in seen:
            out += f"(?P={_group(part)})"
        else:
            seen.add(part)
            out += f"(?P<{_group(part)}>{PLACEHOLDERS[part][0]})"
    return re.compile(out)


def _group(gap: str) -> str:
    return gap.replace("-", "_")


class Fit(Enum):
    """How a vendor's spelling of a domain without dots goes with the domain."""

    EXACT = auto()
    """The domain with a dash for every dot: the documented form."""
    LOOSE = auto()
    """The same but for the dashes, or with a digit and a few characters joined to the end:
    vendors add an ending where two domains would have one spelling (`example-com0ie`), leave
    out the domain's own dashes, or double them."""
    TOO_LONG = auto()
    """The domain is too long for one label; how the vendor shortens it is not known."""
    OTHER = auto()
    """Another domain's."""


def is_for_another(values: Mapping[str, str], domain: str) -> bool:
    """Whether what stands in a template's gaps belongs to another domain (absolute or not)."""
    dashed = values.get("dashed-domain")
    if dashed is not None and fit(dashed, domain) is Fit.OTHER:
        return True
    whole = values.get("domain")
    return whole is not None and whole != domain.lower().removesuffix(".")


_ENDING = re.compile("[0-9][a-z0-9]{0,7}")
_ROOM = 48  # 63 octets of a label, less a selector and a short ending


def fit(dashed: str, domain: str) -> Fit:
    """Compare the value of `{dashed-domain}` with a domain (with or without final dot)."""
    plain = domain.lower().removesuffix(".")
    dashed = dashed.lower()
    if dashed == plain.replace(".", "-"):
        return Fit.EXACT
    bare, wanted = dashed.replace("-", ""), plain.replace("-", "").replace(".", "")
    if bare == wanted:
        return Fit.LOOSE
    if re.fullmatch(rf"{re.escape(plain.replace('.', '-'))}-[a-z]{{2}}[0-9]{{2}}[a-z]", dashed):
        return Fit.LOOSE
    ending = bare.removeprefix(wanted)
    # the ending is joined to the last label: behind a dash, a label of another domain begins
    if bare != ending and _ENDING.fullmatch(ending) and dashed.endswith(plain[-1] + ending):
        return Fit.LOOSE
    return Fit.TOO_LONG if len(plain) > _ROOM else Fit.OTHER

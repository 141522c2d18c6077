"""Which TXT records are SPF, and which were only meant to be (RFC 7208 section 4.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from zonelint.grammars.pasted import INVISIBLE, QUOTES, WHITE_SPACE

VERSION = "v=spf1"

# Beside blanks what stands for one: NUL, and the no-break space of other encodings than UTF-8.
_BLANK = rf"[ \t\r\n\v\f\x00\udca0{WHITE_SPACE}]"
_FRONT = rf"(?:{_BLANK}|[{INVISIBLE}{QUOTES}\"'`\\(\[])*"
_BEHIND = rf"(?:[,;:.{QUOTES}\"'`\\]*{_BLANK}+|[,;:.{QUOTES}\"'`\\]+|\Z)"
# "v=spf1" with blanks in it, or with a colon for the equals sign.
_SPELT = rf"v{_BLANK}*[=:]{{1,2}}{_BLANK}*spf{_BLANK}*v?1"
# Further from it; only a record when a term of SPF follows.
_FAR = (
    rf"v{_BLANK}*[=:-]?{_BLANK}*(?:spf|psf|sfp|sp|sf|sspf|spff|sppf){_BLANK}*"
    rf"(?:[=:_-]?v?[0-9]{{1,2}}(?:\.[0-9])?)?|[=:]?spf{_BLANK}*[=:_-]?v?1(?:\.0)?"
)
_SURE = rf"{_FRONT}(?:{_SPELT}){_BEHIND}"
_UNSURE = (
    rf"{_FRONT}(?:{_SPELT}|{_FAR})(?:{_BEHIND}|(?=[-+~?]?(?:all|include|ip[46]|mx|a|ptr|exists)\b)|"
    r"(?=redirect=))"
)
# A right version behind what does not belong there: a stray sign or letter, or the head of the
# record, copied into its text ("example.com. 3600 IN TXT").
_HEAD = (
    rf"(?:[a-z0-9_.@*-]+{_BLANK}+)?(?:[0-9]+[smhdw]?{_BLANK}+)?(?:in{_BLANK}+)?"
    rf"(?:txt|spf)(?:{_BLANK}*[:=]{_BLANK}*|{_BLANK}+)"
)
_BURIED = rf"(?:{_FRONT}{_HEAD}|[a-z0-9=:;,.*_~+-]){_FRONT}v=spf1{_BEHIND}"
_A_TERM = (
    r"(?<![a-z0-9._-])(?:[-+~?\u2010-\u2015]all(?![a-z0-9.-])|[-+~?]?(?:include|ip4|ip6|exists):|"
    r"redirect=|[-+~?]?mx(?![a-z0-9._=-]))|(?:include|ip4|ip6):|[-~?+]all\"?\Z"
)
_STRAY_QUOTES = QUOTES + "\"'`"
_LONGEST_FRONT = 64
_LOOKED_AT = 1024


def is_spf(text: str) -> bool:
    """Whether receivers select the record: `v=spf1`, then a blank or the end. Case is ignored."""
    return text[:6].lower() == VERSION and (len(text) == 6 or text[6] == " ")


def is_torn(strings: Sequence[str]) -> bool:
    """Whether `v=spf1` is a character-string of its own, so that the next term joins it.

    Receivers join the strings without a blank (section 3.3), and see no SPF then. Single quotes,
    which mean nothing in a zone file, leave such strings too.
    """
    if len(strings) < 2 or strings[1][:1] == " ":
        return False
    return strings[0].lstrip(_STRAY_QUOTES).lower() == VERSION


def second_text(strings: Sequence[str]) -> int | None:
    """Give the number of the string that begins a record of its own behind another text."""
    return next((at for at, string in enumerate(strings) if at > 0 and is_spf(string)), None)


def without_quotes(text: str) -> str:
    """Give the text without the quotes around it that are a part of it."""
    return text.strip(_STRAY_QUOTES)


def looks_like_spf(text: str) -> bool:
    """Whether somebody meant SPF with a record that receivers do not select.

    A version that is nearly right is enough; one that is further off (`spf1`, `v=spf`) or behind
    something else (`TXT v=spf1`) counts only when a term of SPF follows. Sender ID (`spf2.0/pra`)
    is something else.
    """
    return not is_spf(text) and misspelt_version(text) is not None


def is_meant(strings: Sequence[str]) -> bool:
    """Whether somebody meant SPF with the strings of a record that receivers do not select."""
    return looks_like_spf("".join(strings)) or is_torn(strings) or second_text(strings) is not None


def misspelt_version(text: str) -> int | None:
    """Give the end of what stands for `v=spf1` in a record that receivers do not select.

    Blanks and separators behind it are counted in. None when it is no version at all.
    """
    if text[:5].lower() == "spf2.":
        return None
    front = text[:_LONGEST_FRONT]
    lowered = front.lower()
    if "sp" not in lowered and "sf" not in lowered:
        return None  # most TXT records: no need for a closer look
    found = _pattern(_SURE).match(front)
    if found is not None:
        return found.end()
    found = _pattern(_UNSURE).match(front) or _pattern(_BURIED).match(front)
    if found is None or _pattern(_A_TERM).search(text, found.end(), _LOOKED_AT) is None:
        return None
    return found.end()


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)

"""Times as hosts, traces and spreadsheets write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBERS = re.compile(
    r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
    r"(?:,?\s{1,3}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s?([AaPp]\.?[Mm])?)?"
)
_FRACTION = re.compile(r"\.\d+")


def moments(texts: Sequence[str]) -> list[datetime | None]:
    """The moments of a column of times, those without a zone in UTC; None where one is not clear.

    Whether `3/4/2026` is in March or in April, the others of the column tell: one with a 13th day
    decides, and so does AM or PM, which only those write who put the month first.
    """
    month_first = _month_first(texts)
    return [_moment(text, month_first) for text in texts]


def _month_first(texts: Iterable[str]) -> bool | None:
    found = [match for match in map(_NUMBERS.match, texts) if match]
    if any(int(match[1]) > 12 for match in found):
        return False
    if any(int(match[2]) > 12 or match[7] for match in found):
        return True
    return False if any("." in match[0][:6] for match in found) else None


def _moment(text: str, month_first: bool | None) -> datetime | None:
    text = text.strip()
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
    except ValueError:
        moment = _numbers(text, month_first) or _mail_date(text)
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _numbers(text: str, month_first: bool | None) -> datetime | None:
    match = _NUMBERS.match(text)
    if match is None or month_first is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    month, day = (first, second) if month_first else (second, first)
    hour = int(match[4] or 0)
    if match[7]:
        hour = hour % 12 + 12 * (match[7][0] in "Pp")
    try:
        return datetime(year, month, day, hour, int(match[5] or 0), int(match[6] or 0))
    except ValueError:
        return None


def _mail_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

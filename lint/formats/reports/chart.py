"""The charts of the HTML page, as SVG with the page's own classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from zonelint.formats.reports.summary import SourceRow, foremost, together
from zonelint.grammars.listing import counted
from zonelint.rules.evidence.evidence import DayEvidence
from zonelint.rules.evidence.readiness import percent
from zonelint.terminal import clean

_WIDTH = 720
_HEIGHT = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 44, 12, 24
_MOST_BARS = 92
_MOST_SOURCES = 12
_ROW = 22
_LABEL = 230


@dataclass(frozen=True, slots=True)
class _Bar:
    """Messages of one day, or of several where there are too many days to draw."""

    label: str
    messages: int
    aligned: int

    @property
    def share(self) -> float:
        return self.aligned / self.messages if self.messages else 0.0

    @property
    def title(self) -> str:
        if not self.messages:
            return f"{self.label}: no message"
        return f"{self.label}: {percent(self.share)} of {counted(self.messages, 'message')} aligned"


def by_day(days: Sequence[DayEvidence]) -> str:
    """Messages of each day as bars, aligned at the bottom, and the aligned share as a line."""
    bars = _bars(days)
    most = max((bar.messages for bar in bars), default=0) or 1
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = wide / max(1, len(bars))
    base = _TOP + high
    parts = [_axis(y, most, high, base) for y in (0.0, 0.5, 1.0)]
    points: list[tuple[float, float]] = []
    for number, bar in enumerate(bars):
        x, width = _LEFT + number * step + step * 0.1, step * 0.8
        good, all_ = high * bar.aligned / most, high * bar.messages / most
        parts.append(
            f"<g><title>{escape(bar.title)}</title>"
            f'<rect class="bad" x="{x:.1f}" y="{base - all_:.1f}" width="{width:.1f}" '
            f'height="{all_ - good:.1f}"/>'
            f'<rect class="good" x="{x:.1f}" y="{base - good:.1f}" width="{width:.1f}" '
            f'height="{good:.1f}"/></g>'
        )
        if bar.messages:
            points.append((x + width / 2, base - high * bar.share))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    if len(points) > 1:
        parts.append(f'<polyline class="share" points="{path}"/>')
    elif points:
        parts.append(f'<circle class="dot" cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3"/>')
    if days:
        ends = ((_LEFT, "start", days[0].day), (_WIDTH - _RIGHT, "end", days[-1].day))
        parts += (
            f'<text x="{x}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{day}</text>'
            for x, anchor, day in ends[: 1 + (len(days) > 1)]
        )
    return _svg(_HEIGHT, "Messages and their aligned share, day by day", parts)


def _bars(days: Sequence[DayEvidence]) -> list[_Bar]:
    size = max(1, math.ceil(len(days) / _MOST_BARS))
    bars = []
    for start in range(0, len(days), size):
        group = days[start : start + size]
        first, last = group[0].day, group[-1].day
        bars.append(
            _Bar(
                str(first) if first == last else f"{first} to {last}",
                sum(each.tally.messages for each in group),
                sum(each.tally.aligned for each in group),
            )
        )
    return bars


def _axis(part: float, most: int, high: int, base: int) -> str:
    y = base - high * part
    return (
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(most * part)}</text>'
        f'<text x="{_WIDTH - _RIGHT + 6}" y="{y + 4:.1f}">{part:.0%}</text>'
    )


def _short(number: float) -> str:
    """A number for an axis: 950, 1.2k, 3.4M."""
    for bound, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= bound:
            return f"{number / bound:.3g}{letter}"
    return f"{number:.3g}"


def by_source(sources: Sequence[SourceRow]) -> str:
    """The foremost sources as bars, aligned first; the rest in words."""
    shown, rest = foremost(sources, _MOST_SOURCES)
    rows = [
        (source.evidence.address or "not given", source.evidence.tally.messages,
         source.evidence.tally.aligned)
        for source in shown
    ]  # fmt: skip
    most = max((messages for _, messages, _ in rows), default=0) or 1
    wide = _WIDTH - _LABEL - 76
    parts = []
    for number, (label, messages, aligned) in enumerate(rows):
        y = number * _ROW
        good, all_ = wide * aligned / most, wide * messages / most
        bar = _Bar(label, messages, aligned)
        parts.append(
            f"<g><title>{escape(clean(bar.title))}</title>"
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(clean(label))}</text>'
            f'<rect class="good" x="{_LABEL}" y="{y + 4}" width="{good:.1f}" height="14"/>'
            f'<rect class="bad" x="{_LABEL + good:.1f}" y="{y + 4}" width="{all_ - good:.1f}" '
            f'height="14"/>'
            f'<text x="{_LABEL + all_ + 6:.1f}" y="{y + 15}">{percent(bar.share)}</text></g>'
        )
    if rest:
        tally = together(rest)
        words = f"{counted(tally.messages, 'message')}, {percent(tally.share)} aligned"
        y = len(rows) * _ROW + 15
        parts.append(
            f'<text x="{_LABEL - 8}" y="{y}" text-anchor="end">{len(rest):,} more</text>'
            f'<text x="{_LABEL}" y="{y}">{words}</text>'
        )
    height = (len(rows) + bool(rest)) * _ROW + 4
    return _svg(height, "Messages by source, aligned and not", parts)


def _svg(height: int, label: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<div class="wide"><svg viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}">\n{body}\n</svg></div>\n'
    )

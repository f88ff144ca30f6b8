"""Charts as inline SVG: drawn here, so that a page asks nobody for anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 12, 24, 28
_TICKS = 4


class Series(NamedTuple):
    """One line or one row of bars. *Units*: whole numbers on one scale."""

    name: str
    colour: str
    values: Sequence[int]


def line_chart(title: str, days: Sequence[date], series: Sequence[Series], *, unit: int) -> str:
    """Draw lines over days. *unit*: how many of the values' units one unit of the axis is (100 fen a yuan)."""
    top = _nice(max((value for each in series for value in each.values), default=0))
    steps = max(1, len(days) - 1)
    body = [_axis(top, unit), _day_marks(days)]
    for each in series:
        points = " ".join(f"{_x(place, steps):.1f},{_y(value, top):.1f}" for place, value in enumerate(each.values))
        body.append(f'<polyline fill="none" stroke="{each.colour}" stroke-width="1.8" points="{points}"/>')
    return _svg(title, body, series)


def bar_chart(title: str, names: Sequence[str], series: Series, *, unit: int) -> str:
    """Draw one bar for each name."""
    top = _nice(max(series.values, default=0))
    count = max(1, len(names))
    width = (WIDTH - _LEFT - _RIGHT) / count
    body = [_axis(top, unit)]
    for place, (name, value) in enumerate(zip(names, series.values, strict=True)):
        x, y = _LEFT + place * width, _y(value, top)
        bar = f'<rect x="{x + width * 0.15:.1f}" y="{y:.1f}" width="{width * 0.7:.1f}"'
        body.append(f'{bar} height="{HEIGHT - _BOTTOM - y:.1f}" fill="{series.colour}"/>')
        body.append(f'<text x="{x + width / 2:.1f}" y="{HEIGHT - 10}" class="mid">{escape(name)}</text>')
    return _svg(title, body, [series])


def _svg(title: str, body: Sequence[str], series: Sequence[Series]) -> str:
    legend = "".join(
        f'<rect x="{_LEFT + 8 + 150 * place}" y="4" width="10" height="10" fill="{each.colour}"/>'
        f'<text x="{_LEFT + 24 + 150 * place}" y="13">{escape(each.name)}</text>'
        for place, each in enumerate(series)
    )
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    return f"{head}{legend}{''.join(body)}</svg>"


def _axis(top: int, unit: int) -> str:
    lines = []
    for tick in range(_TICKS + 1):
        value = top * tick // _TICKS
        y = _y(value, top)
        lines.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="end">{value // unit:,}</text>')
    return "".join(lines)


def _day_marks(days: Sequence[date]) -> str:
    if not days:
        return ""
    steps = max(1, len(days) - 1)
    places = sorted({0, len(days) // 3, 2 * len(days) // 3, len(days) - 1})
    return "".join(
        f'<text x="{_x(place, steps):.1f}" y="{HEIGHT - 8}" class="{"end" if place == len(days) - 1 else "mid"}">'
        f"{days[place].isoformat()}</text>"
        for place in places
    )


def _x(place: int, steps: int) -> float:
    return _LEFT + place * (WIDTH - _LEFT - _RIGHT) / steps


def _y(value: int, top: int) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - max(0, value) / top)


def _nice(top: int) -> int:
    """Find the first of 1, 2, 4, 5, 8 or 10 times a power of ten that is not below *top*."""
    zeros = "0" * (len(str(max(1, top))) - 1)
    steps = (int(f"{factor}{zeros}") for factor in (1, 2, 4, 5, 8, 10))
    return next(step for step in steps if step >= max(1, top))

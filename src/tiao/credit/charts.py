"""Charts as inline SVG and pages that load nothing: readable by day and by night, each with its words.

Colours are named by class, so that one style sheet turns a page and all its charts dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

#: How wide a letter of a label is, about.
_LETTER = 6.2
_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 34, 44
_TICKS = 4

STYLE = """
:root{color-scheme:light dark;--ink:#1d2733;--soft:#5d6b7a;--rule:#d5dbe1;--one:#2563a8;--two:#c2571a;--paper:#fff;
--good:#1d7a46;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e3e8ee;--soft:#9fadbb;--rule:#39434f;--one:#78b0ee;--two:#f0a06a;
--paper:#12171d;--good:#6fcf97;--bad:#ff8a80}}
body{font:16px/1.55 system-ui,"Noto Sans CJK SC",sans-serif;color:var(--ink);background:var(--paper);
max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25}h2{margin-top:2.2rem;border-bottom:1px solid var(--rule)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.8rem 0}
td,th{padding:.25rem .7rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;flex:1 1 26rem;min-width:0;max-width:31rem}
small{color:var(--soft)}
figcaption{color:var(--soft);font-size:.9rem}svg{width:100%;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}.end{text-anchor:end}.mid{text-anchor:middle}
.grid{stroke:var(--rule)}.one{stroke:var(--one)}.two{stroke:var(--two)}.plain{stroke:var(--soft);stroke-dasharray:4 4}
.line{fill:none;stroke-width:2}.f-one{fill:var(--one)}.f-two{fill:var(--two)}.f-plain{fill:var(--soft)}
ul.many{columns:19rem;font-size:.9rem}summary{cursor:pointer;color:var(--one)}
.whisker{stroke:var(--ink);stroke-width:1.2}.good{color:var(--good)}.bad{color:var(--bad)}.soft{color:var(--soft)}
"""

Told = Callable[[float], str]


class Line(NamedTuple):
    """One line. Shape: (x, y) from left to right; *look* is `one`, `two` or `plain`."""

    name: str
    look: str
    points: Sequence[tuple[float, float]]


class Bars(NamedTuple):
    """One row of bars. Shape: a value for each name; *spans* are intervals drawn over them."""

    name: str
    look: str
    values: Sequence[float]
    spans: Sequence[tuple[float, float]] = ()


class Mark(NamedTuple):
    """A point with words beside it."""

    name: str
    look: str
    x: float
    y: float


def percent(value: float) -> str:
    """Write a share."""
    return f"{value:.1%}" if value < 0.1 else f"{value:.0%}"  # noqa: PLR2004  a small share needs its decimal


def line_chart(
    title: str, axes: tuple[str, str], lines: Sequence[Line], *, marks: Sequence[Mark] = (), told: Told = percent
) -> str:
    """Draw lines over one scale for each axis; *axes* names what runs right and what runs up."""
    points = [point for line in lines for point in line.points] + [(mark.x, mark.y) for mark in marks]
    right = _nice(max((x for x, _ in points), default=1.0))
    top = _nice(max((y for _, y in points), default=1.0))

    def x_of(value: float) -> float:
        return _LEFT + value / right * (_WIDTH - _LEFT - _RIGHT)

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)

    body = [_rules(top, told)]
    body += [
        f'<text class="mid" x="{x_of(value):.1f}" y="{_HEIGHT - 26}">{told(value)}</text>'
        for value in (right * tick / _TICKS for tick in range(_TICKS + 1))
    ]
    for line in lines:
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line.points)
        body.append(f'<polyline class="line {line.look}" points="{path}"/>')
    for mark in marks:
        side = -1 if mark.x > right / 2 else 1
        anchor = ' class="end"' if side < 0 else ""
        body.append(
            f'<circle class="f-{mark.look}" cx="{x_of(mark.x):.1f}" cy="{y_of(mark.y):.1f}" r="5"/>'
            f'<text{anchor} x="{x_of(mark.x) + 9 * side:.1f}" y="{y_of(mark.y) - 7:.1f}">{escape(mark.name)}</text>'
        )
    body.append(f'<text class="mid" x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 8}">{escape(axes[0])}</text>')
    return _figure(f"{title}: {axes[1]}", body, [(line.name, line.look) for line in lines])


def bar_chart(title: str, names: Sequence[str], rows: Sequence[Bars], *, told: Told = percent) -> str:
    """Draw for each name one bar of each row, side by side, with their intervals."""
    top = _nice(max((value for row in rows for value in (*row.values, *(high for _, high in row.spans))), default=1.0))
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(names))
    width = step * 0.72 / max(1, len(rows))

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - max(0.0, value) / top * (_HEIGHT - _TOP - _BOTTOM)

    body = [_rules(top, told)]
    for number, row in enumerate(rows):
        for place, value in enumerate(row.values):
            x, y = _LEFT + place * step + step * 0.14 + number * width, y_of(value)
            high = _HEIGHT - _BOTTOM - y
            body.append(f'<rect class="f-{row.look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{high:.1f}"/>')
            if row.spans:
                low_y, high_y = (y_of(bound) for bound in row.spans[place])
                middle = f"{x + width / 2:.1f}"
                body.append(f'<line class="whisker" x1="{middle}" x2="{middle}" y1="{low_y:.1f}" y2="{high_y:.1f}"/>')
    body += [
        f'<text class="mid" x="{_LEFT + (place + 0.5) * step:.1f}" y="{_HEIGHT - 26}">{_fitting(name, step)}</text>'
        for place, name in enumerate(names)
    ]
    return _figure(title, body, [(row.name, row.look) for row in rows])


def _fitting(name: str, width: float) -> str:
    """Write a name within a width, cut where it is longer; the whole of it is told on asking."""
    most = max(3, int(width / _LETTER))
    if len(name) <= most:
        return escape(name)
    return f"<title>{escape(name)}</title>{escape(name[: most - 1])}…"


def _nice(value: float) -> float:
    """Round up to what four ticks divide without odd digits."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next(step for step in (1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0) if step * scale >= value) * scale


def _rules(top: float, told: Told) -> str:
    lines = []
    for tick in range(_TICKS + 1):
        y = _HEIGHT - _BOTTOM - tick / _TICKS * (_HEIGHT - _TOP - _BOTTOM)
        lines.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="end" x="{_LEFT - 6}" y="{y + 4:.1f}">{told(top * tick / _TICKS)}</text>'
        )
    return "".join(lines)


def _figure(title: str, body: Sequence[str], legend: Sequence[tuple[str, str]]) -> str:
    keys, x = [], _LEFT
    for name, look in legend:
        words = f'<text x="{x + 16}" y="18">{escape(name)}</text>'
        keys.append(f'<rect class="f-{look}" x="{x}" y="8" width="11" height="11"/>{words}')
        x += 34 + 7 * len(name)
    head = (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    )
    drawn = f"{head}{''.join(keys)}{''.join(body)}</svg>"
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawn}</figure>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; cells that read as figures are set to the right."""
    numbers = [
        bool(rows) and all(row[place][:1].isdigit() or row[place][:1] in "+-(" for row in rows if row[place])
        for place in range(len(head))
    ]

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = [" class=n" if is_number else "" for is_number in numbers]
        written = [_cell(cell) for cell in cells]
        return "<tr>" + "".join(f"<{tag}{k}>{one}</{tag}>" for k, one in zip(kinds, written, strict=True)) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f'<div class="wide"><table><thead>{line(head, "th")}</thead><tbody>{body}</tbody></table></div>'


def _cell(text: str) -> str:
    """Write a cell; what stands on a second line is said softly."""
    first, _, second = text.partition("\n")
    return escape(first) + (f"<br><small>{escape(second)}</small>" if second else "")


def document(title: str, body: Sequence[str]) -> str:
    """Write a page that loads nothing."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )

"""Raw cells to feature values: one definition that training, files and single rows all use.

Everything works on single cells in plain Python floats, so that the value of a row cannot depend on its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tiao.credit.scoring.model import Column, Feature
from tiao.learning.cells import Cell, category_label

#: A bill counts as covered from this share on; a month counts for at most so much in a mean of ratios.
_FULL, _RATIO_MAX = 0.95, 2.0

#: A feature's formula: cells of its inputs (numbers already cleaned) to a number or None.
Formula = Callable[..., float | None]


def number_cell(cell: Cell, column: Column) -> float | None:
    """Read a number: not finite and out of the column's range is missing, a special code stays as it is."""
    if cell is None:
        return None
    value = float(cell)
    if not math.isfinite(value):
        return None
    if value in column.special:
        return value
    if (column.low is not None and value < column.low) or (column.high is not None and value > column.high):
        return None
    return value


def quantity(value: float | None, column: Column) -> float | None:
    """Take a cleaned number as a quantity: a special code is no quantity."""
    return None if value is None or value in column.special else value


def _ratio(upper: float | None, lower: float | None) -> float | None:
    if upper is None or lower is None or lower == 0.0:
        return None
    value = upper / lower
    return value if math.isfinite(value) else None


def _known(cells: Sequence[float | None]) -> list[float]:
    return [cell for cell in cells if cell is not None]


def _mean(*cells: float | None) -> float | None:
    known = _known(cells)
    total = 0.0
    for cell in known:
        total += cell
    return total / len(known) if known else None


def _high(*cells: float | None) -> float | None:
    return max(_known(cells), default=None)


def _low(*cells: float | None) -> float | None:
    return min(_known(cells), default=None)


def _rise(*cells: float | None) -> float | None:
    """Latest (first) value against the mean of those before it."""
    before = _mean(*cells[1:])
    return None if cells[0] is None or before is None else cells[0] - before


def _count_positive(*cells: float | None) -> float | None:
    known = _known(cells)
    return float(sum(1 for cell in known if cell > 0.0)) if known else None


def _count_zero(*cells: float | None) -> float | None:
    known = _known(cells)
    return float(sum(1 for cell in known if cell == 0.0)) if known else None


def _since_positive(*cells: float | None) -> float | None:
    """How many steps back the latest positive value lies; past the end of the series when there is none."""
    if not _known(cells):
        return None
    return float(next((step for step, cell in enumerate(cells) if cell is not None and cell > 0.0), len(cells)))


def _spread(*cells: float | None) -> float | None:
    high, low = _high(*cells), _low(*cells)
    return None if high is None or low is None else high - low


def _over(inner: Formula) -> Formula:
    """Take a formula over all inputs but the last, as a share of the last."""
    return lambda *cells: _ratio(inner(*cells[:-1]), cells[-1])


def _product(first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return None
    value = first * second
    return value if math.isfinite(value) else None


def _per(whole: float | None, count: float | None) -> float | None:
    """Share a whole among a count of others and oneself."""
    return None if count is None or count < 0.0 else _ratio(whole, 1.0 + count)


def _step(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _flow(now: float | None, before: float | None, paid: float | None) -> float | None:
    """Give what was newly spent: the rise of a balance, with what was paid off it."""
    return None if now is None or before is None or paid is None else now - before + paid


def _total_ratio(*cells: float | None) -> float | None:
    """Total of the first half of the inputs against the total of the second."""
    half = len(cells) // 2
    return _ratio(_mean(*cells[:half]), _mean(*cells[half:]))


def _ratios(cells: Sequence[float | None]) -> list[float]:
    """Set each of the first half of the inputs against its partner in the second, where that is positive."""
    half = len(cells) // 2
    pairs = zip(cells[:half], cells[half:], strict=True)
    return [upper / lower for upper, lower in pairs if upper is not None and lower is not None and lower > 0.0]


def _low_ratio(*cells: float | None) -> float | None:
    return min(_ratios(cells), default=None)


def _mean_ratio(*cells: float | None) -> float | None:
    """Mean of the ratios, none of which counts for more than two: one surplus hides no month without."""
    return _mean(*(min(ratio, _RATIO_MAX) for ratio in _ratios(cells)))


def _count_full(*cells: float | None) -> float | None:
    """How often the first covers the second, but for small change."""
    ratios = _ratios(cells)
    return float(sum(1 for ratio in ratios if ratio >= _FULL)) if ratios else None


FORMULAS: dict[str, Formula] = {
    "ratio": _ratio,
    "product": _product,
    "per": _per,
    "mean": _mean,
    "high": _high,
    "low": _low,
    "rise": _rise,
    "spread": _spread,
    "mean_over": _over(_mean),
    "high_over": _over(_high),
    "rise_over": _over(_rise),
    "step_over": _over(_step),
    "flow_over": _over(_flow),
    "total_ratio": _total_ratio,
    "count_positive": _count_positive,
    "count_zero": _count_zero,
    "low_ratio": _low_ratio,
    "mean_ratio": _mean_ratio,
    "count_full": _count_full,
    "since_positive": _since_positive,
}


def cleaner(column: Column) -> Callable[[Cell], float | str | None]:
    """Make the function that reads a column's raw cell: a label, or a number as `number_cell` gives it."""
    if column.kind == "category":
        return category_label
    return lambda cell: number_cell(cell, column)


def formula(feature: Feature, columns: dict[str, Column]) -> Formula:
    """Make the function from the cleaned cells of a feature's inputs to its value (a category's value is its label)."""
    if feature.op == "value":
        return lambda cell: cell
    if feature.op == "is_code":
        wanted = feature.code
        return lambda cell: 1.0 if cell == wanted else 0.0
    inner, inputs = FORMULAS[feature.op], [columns[name] for name in feature.inputs]
    if not any(column.special for column in inputs):
        return inner
    return lambda *cells: inner(*[quantity(cell, column) for cell, column in zip(cells, inputs, strict=True)])

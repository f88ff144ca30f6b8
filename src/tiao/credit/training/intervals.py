"""How sure the figures are: a bootstrap over the tested rows, overall, by segment and by grade.

Source: percentile intervals, Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Grade
from tiao.credit.training.fairness import group_place
from tiao.learning.metrics import area, gap

Floats = npt.NDArray[np.float64]

_DRAWS, _SEED = 200, 20260319
_BOUNDS = (2.5, 97.5)
#: The normal quantile of the same interval.
_Z = 1.959964
#: A segment with fewer rows of either kind is counted and not measured.
_EACH_MIN = 30
#: Points of a curve that is drawn.
_CURVE, _DECILES = 60, 10


def measured_in_detail(
    target: Floats,
    probability: Floats,
    weight: Floats,
    *,
    grades: Sequence[Grade],
    segments: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Measure overall, by segment and by grade, and trace the curves of the model card.

    Shape: overall {figure: [value, low, high]}; segments {column: {group: {rows, bad_rate, and overall's}}}; grades
    {grade: [bad rate, low, high]}; curves {roc: [[x, y]], calibration: [[expected, seen, low, high]]}.
    """
    by_segment: dict[str, dict[str, Any]] = {}
    for column, names in segments.items():
        labels = np.array(names)
        by_segment[column] = {}
        for name in sorted(set(names), key=group_place):
            inside = labels == name
            found: dict[str, Any] = {"rows": int(inside.sum()), "bad_rate": _rounded(float(target[inside].mean()))}
            if min(target[inside].sum(), (1 - target[inside]).sum()) >= _EACH_MIN:
                found |= _figures(target[inside], probability[inside], weight[inside])
            by_segment[column][name] = found
    place = np.searchsorted(np.array([grade.pd_high for grade in grades[:-1]]), probability, side="right")
    return {
        "draws": _DRAWS,
        "rows": len(target),
        "bad_rate": _rounded(float(np.average(target, weights=weight))),
        "overall": _figures(target, probability, weight),
        "segments": by_segment,
        "grades": {
            grade.grade: _rate(target[place == number])
            for number, grade in enumerate(grades)
            if (place == number).any()
        },
        "curves": {"roc": _roc(target, probability, weight), "calibration": _deciles(target, probability)},
    }


def _figures(target: Floats, probability: Floats, weight: Floats) -> dict[str, list[float]]:
    """Give AUC, KS and Brier with their intervals; each draw weighs the rows anew."""
    chance, rows = np.random.default_rng(_SEED), len(target)
    _, group = np.unique(probability, return_inverse=True)
    error = (probability - target) ** 2

    def figures(drawn: Floats) -> tuple[float, float, float]:
        bad = np.bincount(group, drawn * target).astype(np.float64)
        good = np.bincount(group, drawn * (1 - target)).astype(np.float64)
        if bad.sum() == 0 or good.sum() == 0:
            return float("nan"), float("nan"), float("nan")
        return area(bad, good), gap(bad, good), float((drawn * error).sum() / drawn.sum())

    whole = figures(weight)
    draws = np.array(
        [figures(weight * np.bincount(chance.integers(0, rows, rows), minlength=rows)) for _ in range(_DRAWS)]
    )
    low, high = np.nanpercentile(draws, _BOUNDS, axis=0)
    return {
        name: [_rounded(whole[at]), _rounded(float(low[at])), _rounded(float(high[at]))]
        for at, name in enumerate(("auc", "ks", "brier"))
    }


def _rate(target: Floats) -> list[float]:
    """Give a bad rate with its interval, which of a few rows without a bad one is not nothing.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), the score interval.
    """
    rows, rate = len(target), float(target.mean())
    middle = rate + _Z**2 / (2 * rows)
    spread = _Z * math.sqrt(rate * (1 - rate) / rows + _Z**2 / (4 * rows**2))
    low, high = ((middle + side * spread) / (1 + _Z**2 / rows) for side in (-1, 1))
    return [_rounded(rate), _rounded(max(0.0, low)), _rounded(min(1.0, high))]


def _roc(target: Floats, probability: Floats, weight: Floats) -> list[list[float]]:
    """Trace from the riskiest row on which share of goods (x) and of bads (y) is above."""
    order = np.argsort(-probability, kind="stable")
    bad, good = np.cumsum((weight * target)[order]), np.cumsum((weight * (1 - target))[order])
    at = np.unique(np.linspace(0, len(order) - 1, _CURVE).astype(int))
    points = zip((good[at] / good[-1]).tolist(), (bad[at] / bad[-1]).tolist(), strict=True)
    return [[0.0, 0.0], *([_rounded(x), _rounded(y)] for x, y in points)]


def _deciles(target: Floats, probability: Floats) -> list[list[float]]:
    parts = np.array_split(np.argsort(probability, kind="stable"), min(_DECILES, len(target)))
    return [[_rounded(float(probability[part].mean())), *_rate(target[part])] for part in parts]


def _rounded(value: float) -> float:
    return round(value, 6)

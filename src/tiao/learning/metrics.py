"""How good a probability is: ranking, calibration and stability. Plain numpy; no training library."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Bins of equal count for the calibration error.
_ECE_BINS = 10
#: Of the rows that a watch would look at, when it looks at a tenth.
WORST_SHARE = 0.10
#: The normal quantile of one in a hundred, on one side.
_ONE_IN_A_HUNDRED = 0.01


class Quality(NamedTuple):
    """The four figures by which a model is judged."""

    auc: float
    ks: float
    brier: float
    ece: float


def auc(target: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Give the chance that a bad row scores above a good one, ties counting half; NaN without both kinds."""
    weight = np.ones(len(target)) if weight is None else weight
    _, group = np.unique(score, return_inverse=True)
    return area(*_counts(target, group, weight))


def _counts(target: Floats, group: npt.NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats]:
    """Count bad and good rows by score."""
    bad, good = np.bincount(group, weight * target), np.bincount(group, weight * (1.0 - target))
    return bad.astype(np.float64), good.astype(np.float64)


def area(bad: Floats, good: Floats) -> float:
    """Give the AUC of counts over scores in rising order; NaN without both kinds."""
    if bad.sum() == 0 or good.sum() == 0:
        return float("nan")
    below = np.cumsum(good) - good
    return float((bad * (below + 0.5 * good)).sum() / (bad.sum() * good.sum()))


def ks(target: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Give the largest gap between the cumulative shares of bad and good rows."""
    weight = np.ones(len(target)) if weight is None else weight
    _, group = np.unique(score, return_inverse=True)
    return gap(*_counts(target, group, weight))


def gap(bad: Floats, good: Floats) -> float:
    """Give the KS of counts over scores in rising order; NaN without both kinds."""
    if bad.sum() == 0 or good.sum() == 0:
        return float("nan")
    return float(np.abs(np.cumsum(bad) / bad.sum() - np.cumsum(good) / good.sum()).max())


def brier(target: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """Give the mean squared error of a probability."""
    return float(np.average((probability - target) ** 2, weights=weight))


def ece(target: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """Give the mean gap of predicted and seen bad rate over ten bins of equal count."""
    weight = np.ones(len(target)) if weight is None else weight
    order = np.argsort(probability, kind="stable")
    gap = sum(
        abs(float((weight[part] * (probability[part] - target[part])).sum()))
        for part in np.array_split(order, min(_ECE_BINS, len(order)))
    )
    return float(gap / weight.sum())


def quality(target: Floats, probability: Floats, weight: Floats | None = None) -> Quality:
    """Give all four."""
    return Quality(
        auc(target, probability, weight),
        ks(target, probability, weight),
        brier(target, probability, weight),
        ece(target, probability, weight),
    )


def caught(target: Floats, score: Floats, share: float = WORST_SHARE) -> float:
    """Give the share of all bad rows that lie among the worst rows by score; NaN without a bad row."""
    worst = np.argsort(-score, kind="stable")[: int(len(score) * share)]
    bads = float(target.sum())
    return float(target[worst].sum()) / bads if bads else float("nan")


def auc_interval(target: Floats, score: Floats) -> tuple[float, float]:
    """Give the 95 % interval of the AUC. Source: Hanley and McNeil, Radiology 143 (1982), equation 1."""
    area, bad = auc(target, score), float(target.sum())
    good = len(target) - bad
    if bad == 0 or good == 0:
        return float("nan"), float("nan")
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = np.sqrt((area * (1 - area) + (bad - 1) * (q1 - area**2) + (good - 1) * (q2 - area**2)) / (bad * good))
    return max(0.0, area - 1.96 * float(spread)), min(1.0, area + 1.96 * float(spread))


def psi(expected: Floats, actual: Floats) -> float:
    """Give the population stability index of counts over the same bins; an empty bin counts as half a row."""
    before = np.maximum(expected, 0.5) / np.maximum(expected, 0.5).sum()
    after = np.maximum(actual, 0.5) / np.maximum(actual, 0.5).sum()
    return float(((after - before) * np.log(after / before)).sum())


def by_chance(bins: int, rows: int, *, among: int = 1) -> float:
    """Say how large an index so few rows reach by chance alone, once in a hundred times, with nothing moved.

    *among* indices that are looked at together, one or more reach it as seldom: each of sixty features would else alarm
    somebody every other month for nothing (Bonferroni).
    Source: the index times the rows is about chi-square; its quantile as Wilson and Hilferty (1931) put it.
    """
    free = max(1, bins - 1)
    normal = NormalDist().inv_cdf(1 - _ONE_IN_A_HUNDRED / max(1, among))
    return free * (1 - 2 / (9 * free) + normal * math.sqrt(2 / (9 * free))) ** 3 / max(1, rows)

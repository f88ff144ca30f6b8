"""How good a fraud score is: average precision, and how many compromised cards a day's list finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Cards that can be looked at in a day.
CARDS_A_DAY = 100


def average_precision(target: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Give the mean precision over frauds, tied scores together; NaN where there is no fraud."""
    weight = np.ones(len(target)) if weight is None else weight
    found = weight * target
    if not found.sum():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hits, looked = np.cumsum(found[order])[last], np.cumsum(weight[order])[last]
    return float((np.diff(hits, prepend=0.0) * hits / looked).sum() / found.sum())


def cards_found(
    day: Rows, card: Sequence[str | None], target: Floats, score: Floats, *, cards: int = CARDS_A_DAY
) -> float:
    """Give the mean share of compromised cards among each day's highest *cards*; those found leave the pool.

    Source: Fraud Detection Handbook, chapter 4, "Precision top-k metrics" (card precision top-k).
    """
    found: set[str] = set()
    shares = []
    for today in np.unique(day).tolist():
        highest: dict[str, float] = {}
        compromised: set[str] = set()
        for row in np.flatnonzero(day == today).tolist():
            name = card[row]
            if name is None or name in found:
                continue
            if score[row] > highest.get(name, -1.0):
                highest[name] = float(score[row])
            if target[row] == 1.0:
                compromised.add(name)
        listed = sorted(highest, key=lambda name: (-highest[name], name))[:cards]
        hits = compromised.intersection(listed)
        shares.append(len(hits) / cards)
        found |= hits
    return float(np.mean(shares)) if shares else float("nan")

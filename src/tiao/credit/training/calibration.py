"""From a logit to a probability that can be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from tiao.credit.scoring.model import Calibration

Floats = npt.NDArray[np.float64]

#: From this many rows on a fitted model is calibrated enough by itself (measured error .001 to .007).
ROWS_ENOUGH = 5_000
#: With fewer rows or bads a free curve follows chance: a straight line it is.
CURVE_ROWS, CURVE_BADS = 1_000, 200
#: Rows that a knot of the curve stands for at least, and the least rise between two.
_KNOT_ROWS, _RISE_MIN = 50, 1e-3
_PARTS, _SEED = 5, 20260511


def calibrate(logit: Floats, target: Floats, weight: Floats, *, rows: int) -> Calibration:
    """Fit on out-of-fold logits when there are few rows, otherwise leave them as they are.

    A straight line, or from 1,000 rows on a rising curve if it is likelier on rows that it was not fitted on.
    Source: Platt (1999), with his smoothed targets; Oron and Flournoy, Centered isotonic regression (2017).
    """
    if rows >= ROWS_ENOUGH:
        return Calibration(1.0, 0.0, "none")
    if rows < CURVE_ROWS or target.sum() < CURVE_BADS:
        return _line(logit, target, weight)
    part = np.random.default_rng(_SEED).permutation(len(logit)) % _PARTS
    losses = {_line: 0.0, _curve: 0.0}
    for number in range(_PARTS):
        fit, test = part != number, part == number
        for way in losses:
            made = way(logit[fit], target[fit], weight[fit])
            losses[way] += _loss(calibrated(logit[test], made), target[test], weight[test])
    best = _curve if losses[_curve] < losses[_line] else _line
    return best(logit, target, weight)


def _line(logit: Floats, target: Floats, weight: Floats) -> Calibration:
    bad, good = float((weight * target).sum()), float((weight * (1 - target)).sum())
    smooth = np.where(target == 1.0, (bad + 1) / (bad + 2), 1 / (good + 2))

    def loss(at: Floats) -> tuple[float, Floats]:
        line = at[0] * logit + at[1]
        slope = weight * (1 / (1 + np.exp(-line)) - smooth)
        value = float((weight * (np.logaddexp(0, line) - smooth * line)).sum())
        return value, np.array([(slope * logit).sum(), slope.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20.0), (None, None)])
    return Calibration(round(float(found.x[0]), 9), round(float(found.x[1]), 9), "platt")


def _curve(logit: Floats, target: Floats, weight: Floats) -> Calibration:
    """Pool neighbours until bad rates rise, and draw lines between the middles of the pools."""
    line = _line(logit, target, weight)
    order = np.argsort(logit, kind="stable")
    base = float(np.average(target, weights=weight))
    pools: list[tuple[float, float, float]] = []  # weight, bads, weight times logit
    for part in np.array_split(order, max(2, len(order) // _KNOT_ROWS)):
        heavy = weight[part]
        pools.append((float(heavy.sum()), float((heavy * target[part]).sum()), float((heavy * logit[part]).sum())))
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            (w1, b1, x1), (w0, b0, x0) = pools.pop(), pools.pop()
            pools.append((w0 + w1, b0 + b1, x0 + x1))
    knots: list[tuple[float, float]] = []
    for total, bads, middle in pools:
        rate = (bads + base) / (total + 1.0)
        x, y = round(middle / total, 9), round(float(np.log(rate / (1 - rate))), 9)
        if not knots or (x > knots[-1][0] + _RISE_MIN and y > knots[-1][1] + _RISE_MIN):
            knots.append((x, y))
    if len(knots) < 2:  # noqa: PLR2004  one knot is no curve
        return line
    return Calibration(line.slope, line.intercept, "isotonic", tuple(knots))


def _loss(line: Floats, target: Floats, weight: Floats) -> float:
    return float((weight * (np.logaddexp(0.0, line) - target * line)).sum())


def calibrated(logit: Floats, calibration: Calibration) -> Floats:
    """Apply a calibration, as serving does."""
    if not calibration.knots:
        return np.asarray(calibration.intercept + calibration.slope * logit)
    return np.array([calibration.apply(one) for one in logit.tolist()])


def probabilities(logit: Floats, calibration: Calibration) -> Floats:
    """Turn logits into calibrated probabilities."""
    line = np.clip(calibrated(logit, calibration), -20.0, 20.0)
    return np.asarray(1.0 / (1.0 + np.exp(-line)))

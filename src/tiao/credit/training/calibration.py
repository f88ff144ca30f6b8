"""From a logit to a probability that can be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from tiao.credit.scoring.model import Calibration

Floats = npt.NDArray[np.float64]

#: From this many rows on a fitted model is calibrated enough by itself (measured error .001 to .007).
ROWS_ENOUGH = 5_000


def calibrate(logit: Floats, target: Floats, weight: Floats, *, rows: int) -> Calibration:
    """Fit a straight line on out-of-fold logits when there are few rows, otherwise leave them as they are.

    Source: Platt (1999), with his smoothed targets.
    """
    if rows >= ROWS_ENOUGH:
        return Calibration(1.0, 0.0, "none")
    bad, good = float((weight * target).sum()), float((weight * (1 - target)).sum())
    smooth = np.where(target == 1.0, (bad + 1) / (bad + 2), 1 / (good + 2))

    def loss(at: Floats) -> tuple[float, Floats]:
        line = at[0] * logit + at[1]
        slope = weight * (1 / (1 + np.exp(-line)) - smooth)
        value = float((weight * (np.logaddexp(0, line) - smooth * line)).sum())
        return value, np.array([(slope * logit).sum(), slope.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 20.0), (None, None)])
    return Calibration(round(float(found.x[0]), 9), round(float(found.x[1]), 9), "platt")


def probabilities(logit: Floats, calibration: Calibration) -> Floats:
    """Apply a calibration."""
    line = np.clip(calibration.intercept + calibration.slope * logit, -20.0, 20.0)
    return 1.0 / (1.0 + np.exp(-line))

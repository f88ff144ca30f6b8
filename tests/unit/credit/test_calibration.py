"""Calibration: by size a line, a rising curve or nothing, and never a turn in the order."""

from __future__ import annotations

import numpy as np
import pytest

from tiao.credit.scoring.model import Calibration
from tiao.credit.training.calibration import calibrate, calibrated, probabilities


def made(rows: int, *, is_bent: bool) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(rows)
    logit = chance.normal(-0.5, 1.5, rows)
    truth = np.where(logit < 0, 0.3 * logit, 2.0 * logit) if is_bent else logit
    return logit, (chance.random(rows) < 1 / (1 + np.exp(-truth))).astype(float)


@pytest.mark.parametrize(
    ("rows", "is_bent", "method"),
    [(400, True, "platt"), (4000, True, "isotonic"), (4000, False, "platt"), (6000, True, "none")],
)
def test_the_way_follows_size_and_shape(*, rows: int, is_bent: bool, method: str) -> None:
    logit, target = made(rows, is_bent=is_bent)
    assert calibrate(logit, target, np.ones(rows), rows=rows).method == method


def test_a_curve_rises_strictly_and_comes_closer_than_the_line() -> None:
    logit, target = made(4000, is_bent=True)
    curve = calibrate(logit, target, np.ones(4000), rows=4000)
    steps = np.linspace(-8, 8, 400)
    assert (np.diff(calibrated(steps, curve)) > 0).all()
    truth = 1 / (1 + np.exp(-np.where(logit < 0, 0.3 * logit, 2.0 * logit)))
    line = calibrate(logit, target, np.ones(4000), rows=400)
    straight = Calibration(line.slope, line.intercept, "platt")
    assert np.abs(probabilities(logit, curve) - truth).mean() < np.abs(probabilities(logit, straight) - truth).mean()


def test_a_curve_goes_through_its_knots_and_on_beyond_them() -> None:
    curve = Calibration(0.5, 0.0, "isotonic", ((-1.0, -2.0), (0.0, -1.0), (2.0, 3.0)))
    assert [curve.apply(at) for at in (-3.0, -1.0, -0.5, 0.0, 1.0, 2.0, 4.0)] == [-3.0, -2.0, -1.5, -1.0, 1.0, 3.0, 4.0]
    assert Calibration(2.0, 1.0, "platt").apply(3.0) == 7.0

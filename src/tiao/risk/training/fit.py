"""Boosted trees on binned values, with the same bits from the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import lightgbm
import numpy as np
import numpy.typing as npt

from tiao.learning.boosters import Design
from tiao.risk.training.design import BINS

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ROUNDS_MAX = 300
#: Fewer rounds than this are not believed: a short run after a change of times says little.
_ROUNDS_MIN = 50
SEEDS = (11, 29)

#: One setting for all files, found on the public simulated set; depth 5 keeps a tree within 32 leaves.
_SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "max_depth": 5,
    "num_leaves": 31,
    "learning_rate": 0.05,
    "lambda_l2": 10.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": BINS + 2,
    "min_data_in_bin": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


class Rehearsal(NamedTuple):
    """A fit on the earlier rows looked at on the later ones. Shape: *logits* of the later rows."""

    rounds: int
    logits: Floats


def rehearse(
    design: Design, target: Floats, weight: Floats, earlier: Rows, later: Rows, *, rounds: int | None = None
) -> Rehearsal:
    """Fit on the *earlier* rows and let the *later* ones say how many rounds are enough, unless that is given."""
    data = lightgbm.Dataset(design.matrix[earlier], target[earlier], weight=weight[earlier], free_raw_data=False)
    watched = lightgbm.Dataset(design.matrix[later], target[later], weight=weight[later], reference=data)
    losses: dict[str, dict[str, list[float]]] = {}
    settings = _settings(SEEDS[0], len(earlier))
    booster = lightgbm.train(
        settings, data, rounds or ROUNDS_MAX, valid_sets=[watched], callbacks=[lightgbm.record_evaluation(losses)]
    )
    curve = losses["valid_0"]["binary_logloss"]
    rounds = rounds or max(_ROUNDS_MIN, int(np.argmin(curve)) + 1)
    logits = booster.predict(design.matrix[later], num_iteration=rounds, raw_score=True)
    return Rehearsal(rounds, np.asarray(logits, dtype=np.float64))


def boost(design: Design, target: Floats, weight: Floats, rows: Rows, rounds: int) -> Sequence[lightgbm.Booster]:
    """Fit all *rows*, once for each seed; the mean of their trees is the model."""
    boosters = []
    for seed in SEEDS:
        data = lightgbm.Dataset(design.matrix[rows], target[rows], weight=weight[rows])
        boosters.append(lightgbm.train(_settings(seed, len(rows)), data, rounds))
    return boosters


def _settings(seed: int, rows: int) -> dict[str, Any]:
    return {**_SETTINGS, "seed": seed, "min_data_in_leaf": min(100, max(20, rows // 500))}

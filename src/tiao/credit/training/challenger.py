"""The challenger: monotone shallow boosted trees, or, where data are few, a finely binned logistic regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Additive, Trees
from tiao.credit.training.champion import fit_scorecard, logits
from tiao.credit.training.contract import Table
from tiao.credit.training.design import Design, values_of
from tiao.credit.training.folds import Split

Floats = npt.NDArray[np.float64]


class Challenger(NamedTuple):
    """A fitted challenger with its out-of-fold logits."""

    method: str
    form: Additive | Trees
    oof: Floats
    left_out: dict[str, str]


def fit_challenger(design: Design, kept: Table, target: Floats, weight: Floats, folds: Split) -> Challenger:
    values = values_of(design.columns, design.plain, kept)
    oof = np.full(len(target), np.nan)
    for fit, test in folds.folds:
        oof[test] = logits(fit_scorecard(values.take(fit), target[fit], weight[fit]).form, values.take(test))
    f = fit_scorecard(values, target, weight)
    return Challenger("scorecard of plain columns", f.form, oof, f.left_out)


def out_of_fold(fitted: Challenger, rows: int) -> Floats:
    assert len(fitted.oof) == rows
    return fitted.oof

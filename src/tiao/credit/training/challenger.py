"""The challenger: monotone shallow boosted trees, with a quantile-normal logistic regression where rows are few."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Additive, Trees
from tiao.credit.training.boosting import fit_boosting
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import Split
from tiao.credit.training.smooth import fit_smooth, smooth_logits

Floats = npt.NDArray[np.float64]

#: Below either, trees lose to a smooth line (measured on firms and on small consumer sets).
ROWS_MIN, BADS_MIN = 1_000, 100


#: A share of the smooth line is tried beside the trees up to this many rows; with more, trees find it themselves.
BLEND_ROWS_MAX = 30_000
_SHARES = (0.0, 0.25, 0.5)


class Challenger(NamedTuple):
    """A fitted challenger with its out-of-fold logits (NaN where a row was never tested)."""

    method: str
    forms: tuple[Additive | Trees, ...]
    oof: Floats


def fit_challenger(values: Values, target: Floats, weight: Floats, folds: Split) -> Challenger:
    """Fit trees when there are rows and bads enough, beside them the logistic regression when there are not too many.

    The share of the regression is the one of 0, 1/4 and 1/2 whose out-of-fold probabilities are likeliest.
    """
    boosted = None
    if len(target) >= ROWS_MIN and target.sum() >= BADS_MIN:
        boosted = fit_boosting(values, target, weight, folds)
        if len(target) > BLEND_ROWS_MAX:
            return Challenger(f"monotone boosted trees ({boosted.told})", (boosted.form,), boosted.oof)
    smooth = np.full(len(target), np.nan)
    for fit, test in folds.folds:
        form = fit_smooth(values.take(fit), target[fit], weight[fit])
        smooth[test] = smooth_logits(form, values.take(test))
    if boosted is None:
        whole = fit_smooth(values, target, weight)
        return Challenger("logistic on quantile-normal values", (whole,), smooth)
    share = min(_SHARES, key=lambda part: _loss((1 - part) * boosted.oof + part * smooth, target, weight))
    trees = f"monotone boosted trees ({boosted.told})"
    if share == 0.0:
        return Challenger(trees, (boosted.form,), boosted.oof)
    forms = (weighted(boosted.form, 1 - share), weighted(fit_smooth(values, target, weight), share))
    oof = (1 - share) * boosted.oof + share * smooth
    return Challenger(f"{trees}, {share:.0%} logistic on quantile-normal values", forms, oof)


def weighted(form: Additive | Trees, share: float) -> Additive | Trees:
    """Scale the weights of a form. Rounds: each weight to its unit."""

    def scaled(table: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(round(share * value) for value in row) for row in table)

    intercept = round(share * form.intercept)
    if isinstance(form, Trees):
        return msgspec.structs.replace(form, intercept=intercept, leaves=scaled(form.leaves))
    return msgspec.structs.replace(form, intercept=intercept, points=scaled(form.points))


def _loss(logit: Floats, target: Floats, weight: Floats) -> float:
    known = ~np.isnan(logit)
    line, label = logit[known], target[known]
    return float(np.average(np.logaddexp(0.0, line) - label * line, weights=weight[known]))

"""The challenger: monotone shallow boosted trees, with a quantile-normal logistic regression where rows are few."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Additive
from tiao.credit.training.boosting import fit_boosting, log_loss
from tiao.credit.training.champion import Values
from tiao.credit.training.folds import Split
from tiao.credit.training.smooth import fit_smooth, smooth_logits
from tiao.learning.forms import Trees
from tiao.learning.shelf import Workplace

Floats = npt.NDArray[np.float64]

#: Below either, trees lose to a smooth line (measured on firms and on small consumer sets).
ROWS_MIN, BADS_MIN = 1_000, 100


#: Lines are tried beside the trees up to this many rows; with more, trees find them themselves.
BLEND_ROWS_MAX = 30_000


class _Shares(NamedTuple):
    """What of the logit comes from the trees, from the smooth line and from the scorecard."""

    trees: float
    smooth: float
    card: float


_BLENDS = (
    _Shares(1.0, 0.0, 0.0),
    _Shares(0.75, 0.25, 0.0),
    _Shares(0.5, 0.5, 0.0),
    _Shares(0.75, 0.0, 0.25),
    _Shares(0.5, 0.25, 0.25),
    _Shares(0.5, 0.0, 0.5),
    _Shares(0.25, 0.25, 0.5),
)


class Card(NamedTuple):
    """The champion, which the challenger may lean on: its form and its out-of-fold logits."""

    form: Additive
    oof: Floats


class Challenger(NamedTuple):
    """A fitted challenger with its out-of-fold logits (NaN where a row was never tested)."""

    method: str
    forms: tuple[Additive | Trees, ...]
    oof: Floats


def fit_challenger(
    values: Values, target: Floats, weight: Floats, folds: Split, card: Card, place: Workplace
) -> Challenger:
    """Fit trees when there are rows and bads enough, beside them a smooth line when there are not too many.

    Of a few blends of trees, line and scorecard the one is taken whose out-of-fold probabilities are likeliest.
    """
    boosted, rows = None, folds.whole
    if len(rows) >= ROWS_MIN and target[rows].sum() >= BADS_MIN:
        boosted = fit_boosting(values, target, weight, folds, place)
        if len(rows) > BLEND_ROWS_MAX:
            return Challenger(f"monotone boosted trees ({boosted.told})", (boosted.form,), boosted.oof)
    smooth = np.full(len(target), np.nan)
    for fit, test in folds.folds:
        form = fit_smooth(values.take(fit), target[fit], weight[fit])
        smooth[test] = smooth_logits(form, values.take(test))
        place.say("smooth line, one fold")
    if boosted is None:
        whole = fit_smooth(values.take(rows), target[rows], weight[rows])
        return Challenger("logistic on quantile-normal values", (whole,), smooth)

    def blended(shares: _Shares) -> Floats:
        assert boosted is not None, "there are trees"
        return np.asarray(shares.trees * boosted.oof + shares.smooth * smooth + shares.card * card.oof)

    best = min(_BLENDS, key=lambda shares: log_loss(blended(shares), target, weight))
    method = [f"monotone boosted trees ({boosted.told})"]
    forms = [weighted(boosted.form, best.trees) if best.trees < 1 else boosted.form]
    if best.smooth:
        method.append(f"{best.smooth:.0%} logistic on quantile-normal values")
        line = fit_smooth(values.take(rows), target[rows], weight[rows])
        forms.append(weighted(line, best.smooth))
    if best.card:
        method.append(f"{best.card:.0%} scorecard")
        forms.append(weighted(card.form, best.card))
    return Challenger(", ".join(method), tuple(forms), blended(best))


def weighted(form: Additive | Trees, share: float) -> Additive | Trees:
    """Scale the weights of a form. Rounds: each weight to its unit."""

    def scaled(table: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(round(share * value) for value in row) for row in table)

    intercept = round(share * form.intercept)
    if isinstance(form, Trees):
        return msgspec.structs.replace(form, intercept=intercept, leaves=scaled(form.leaves))
    return msgspec.structs.replace(form, intercept=intercept, points=scaled(form.points))

"""The champion: a scorecard of monotone bins whose weights all point the way their bins do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from tiao.credit.scoring.model import Additive, Feature
from tiao.credit.training.binning import Binned, Rules, Value, bin_labels, bin_numbers
from tiao.learning.coding import Codes, code_column
from tiao.learning.forms import LOGIT_UNIT, Coding

Floats = npt.NDArray[np.float64]

#: A feature that tells less than this (information value) is left out.
_VALUE_MIN = 0.01
#: A weight below this adds nothing that a customer could be told.
_WEIGHT_MIN = 0.02
#: L2 penalty on weights of standardised evidence, as rows of evidence.
_PENALTY = 40.0


class Values(NamedTuple):
    """Feature values of rows. Shape: one column a feature, numbers as floats, labels as text, missing as None."""

    features: tuple[Feature, ...]
    columns: list[list[Value]]
    special: list[tuple[float, ...]]
    directions: list[int | None]

    def take(self, rows: npt.NDArray[np.int64]) -> Values:
        """Keep only *rows*."""
        index = rows.tolist()
        return self._replace(columns=[[column[row] for row in index] for column in self.columns])


class Fitted(NamedTuple):
    """A fitted additive form and, by feature, why it was left out."""

    form: Additive
    left_out: dict[str, str]
    binned: tuple[Binned, ...]


def bin_all(values: Values, target: Floats, weight: Floats, rules: Rules) -> list[Binned]:
    """Bin every feature."""
    return [
        bin_labels(feature.name, column, target, weight, rules)
        if feature.kind == "category"
        else bin_numbers(feature.name, column, target, weight, special, rules, direction)
        for feature, column, special, direction in zip(*values, strict=True)
    ]


def fit_scorecard(values: Values, target: Floats, weight: Floats) -> Fitted:
    """Fit the scorecard: bins, then one weight a feature, none of which may turn its bins round."""
    rules = Rules(rows_min=max(20, min(50, len(target) // 50)))
    binned = bin_all(values, target, weight, rules)
    left_out: dict[str, str] = {}
    kept: list[Binned] = []
    for one in binned:
        if np.count_nonzero(one.counts) < 2:  # noqa: PLR2004  one bin separates nothing
            left_out[one.coding.feature] = "constant, or no difference beyond chance"
        elif one.value < _VALUE_MIN:
            left_out[one.coding.feature] = f"information value {one.value:.4f} below {_VALUE_MIN}"
        else:
            kept.append(one)
    kept.sort(key=lambda one: (-one.value, one.coding.feature))
    columns = {feature.name: column for feature, column in zip(values.features, values.columns, strict=True)}
    codes = [code_column(one.coding, columns[one.coding.feature]) for one in kept]
    evidence = np.column_stack([one.woe[code] for one, code in zip(kept, codes, strict=True)]) if kept else None
    intercept, weights = _weights(evidence, target, weight)
    chosen = [index for index in range(len(kept)) if weights[index] >= _WEIGHT_MIN]
    if evidence is not None and len(chosen) < len(kept):
        for index, one in enumerate(kept):
            if index not in chosen:
                left_out[one.coding.feature] = "adds nothing beside the other features"
        intercept, weights = _weights(evidence[:, chosen] if chosen else None, target, weight)
    kept, codes = [kept[index] for index in chosen], [codes[index] for index in chosen]
    form = additive(intercept, [(one.coding, w * one.woe) for one, w in zip(kept, weights, strict=True)], codes, target)
    return Fitted(form, left_out, tuple(kept))


def additive(
    intercept: float, parts: Sequence[tuple[Coding, Floats]], codes: Sequence[Codes], target: Floats
) -> Additive:
    """Write fitted weights as integer points, with the bin of the median good customer as reference.

    Rounds: to a billionth of a logit.
    """
    points = [tuple(round(float(value) * LOGIT_UNIT) for value in part) for _, part in parts]
    is_good = target == 0.0
    reference = tuple(
        _median_bin(np.asarray(one, dtype=np.float64), code[is_good]) for one, code in zip(points, codes, strict=True)
    )
    return Additive(round(intercept * LOGIT_UNIT), tuple(coding for coding, _ in parts), tuple(points), reference)


def _median_bin(points: Floats, codes: Codes) -> int:
    """Give the bin in which, ordered by points, half of the rows are reached."""
    counts = np.bincount(codes, minlength=len(points))
    order = np.argsort(points, kind="stable")
    return int(order[np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)])


def _weights(evidence: Floats | None, target: Floats, weight: Floats) -> tuple[float, Floats]:
    """Fit a logistic regression with an L2 penalty and weights of at least zero."""
    base = float(np.log(np.average(target, weights=weight) / (1 - np.average(target, weights=weight))))
    if evidence is None:
        return base, np.empty(0)
    spread = np.maximum(evidence.std(axis=0), 1e-9)
    matrix = evidence / spread

    def loss(at: Floats) -> tuple[float, Floats]:
        line = at[0] + matrix @ at[1:]
        value = float((weight * (np.logaddexp(0.0, line) - target * line)).sum() + 0.5 * _PENALTY * (at[1:] ** 2).sum())
        slope = weight * (1.0 / (1.0 + np.exp(-line)) - target)
        return value, np.concatenate([[slope.sum()], matrix.T @ slope + _PENALTY * at[1:]])

    start = np.concatenate([[base], np.zeros(matrix.shape[1])])
    bounds = [(None, None), *[(0.0, None)] * matrix.shape[1]]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-10})
    return float(found.x[0]), found.x[1:] / spread


def logits(form: Additive, values: Values) -> Floats:
    """Score rows with an additive form."""
    columns = {feature.name: column for feature, column in zip(values.features, values.columns, strict=True)}
    total = np.full(len(values.columns[0]), form.intercept, dtype=np.int64)
    for coding, points in zip(form.codings, form.points, strict=True):
        total += np.asarray(points, dtype=np.int64)[code_column(coding, columns[coding.feature])]
    return total / LOGIT_UNIT

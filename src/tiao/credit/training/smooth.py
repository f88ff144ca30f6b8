"""Logistic regression on quantile-normal values, written as finely binned points and so served like a scorecard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.stats import norm

from tiao.credit.scoring.model import Additive
from tiao.credit.training.binning import Value
from tiao.credit.training.champion import Values, additive, logits
from tiao.learning.coding import Codes, code_column, special_key
from tiao.learning.forms import Coding

Floats = npt.NDArray[np.float64]

#: Inverse strength of the L2 penalty: chosen on small sets, where a stronger pull to zero wins.
_STRENGTH = 0.05
_STEPS = 100
_LABEL_ROWS = 10


def fit_smooth(values: Values, target: Floats, weight: Floats) -> Additive:
    """Fit all features at once; a number is one slope over its normal scores, a label or a code one weight each."""
    codings = [
        _label_steps(feature.name, column)
        if feature.kind == "category"
        else _number_steps(feature.name, column, special)
        for feature, column, special in zip(values.features, values.columns, values.special, strict=True)
    ]
    codes = [code_column(coding, column) for coding, column in zip(codings, values.columns, strict=True)]
    bases = [_basis(coding, code) for coding, code in zip(codings, codes, strict=True)]
    matrix = np.column_stack([basis[code] for basis, code in zip(bases, codes, strict=True)])
    intercept, slopes = _ridge(matrix, target, weight, _bounds(values, bases))
    parts: list[tuple[Coding, Floats]] = []
    start = 0
    for coding, basis in zip(codings, bases, strict=True):
        parts.append((coding, basis @ slopes[start : start + basis.shape[1]]))
        start += basis.shape[1]
    return additive(intercept, parts, codes, target)


def smooth_logits(form: Additive, values: Values) -> Floats:
    """Score rows."""
    return logits(form, values)


def _number_steps(name: str, column: Sequence[Value], special: Sequence[float]) -> Coding:
    numbers = np.array([np.nan if cell is None else cell for cell in column], dtype=np.float64)
    plain = numbers[~np.isnan(numbers) & ~np.isin(numbers, special)]
    cuts = np.unique(np.quantile(plain, np.linspace(0, 1, _STEPS + 1)[1:-1], method="lower")) if len(plain) else plain
    edges = tuple(float(cut) for cut in cuts if cut < plain.max())
    size = len(edges) + 1
    own = {special_key(code): size + 1 + place for place, code in enumerate(special)}
    return Coding(name, size + 1 + len(special), size, size, edges, own)


def _label_steps(name: str, column: Sequence[Value]) -> Coding:
    counts: dict[str, int] = {}
    for cell in column:
        if isinstance(cell, str):
            counts[cell] = counts.get(cell, 0) + 1
    common = sorted(label for label, count in counts.items() if count >= _LABEL_ROWS)
    codes = {label: place for place, label in enumerate(common)}
    other, missing = len(common), len(common) + 1
    codes |= {label: other for label in sorted(counts) if label not in codes}
    return Coding(name, missing + 1, missing, other, (), {}, codes)


def _basis(coding: Coding, code: Codes) -> Floats:
    """Shape: (bins, columns): a normal score for numbers; an indicator for each label, code and for missing."""
    counts = np.bincount(code, minlength=coding.size).astype(np.float64)
    if coding.labels:
        return np.eye(coding.size)
    steps = len(coding.edges) + 1
    shares = counts[:steps] / max(1.0, counts[:steps].sum())
    middle = np.clip(np.cumsum(shares) - shares / 2, 0.001, 0.999)
    basis = np.zeros((coding.size, 1 + coding.size - steps))
    basis[:steps, 0] = norm.ppf(middle)
    for place in range(steps, coding.size):
        basis[place, 1 + place - steps] = 1.0
    return basis


def _bounds(values: Values, bases: Sequence[Floats]) -> list[tuple[float | None, float | None]]:
    """Hold the declared directions: a slope may be zero and not turn round."""
    bounds: list[tuple[float | None, float | None]] = []
    for direction, feature, basis in zip(values.directions, values.features, bases, strict=True):
        free: list[tuple[float | None, float | None]] = [(None, None)] * basis.shape[1]
        if direction is not None and feature.kind == "number":
            free[0] = (0.0, None) if direction > 0 else (None, 0.0)
        bounds += free
    return bounds


def _ridge(
    matrix: Floats, target: Floats, weight: Floats, bounds: list[tuple[float | None, float | None]]
) -> tuple[float, Floats]:
    def loss(at: Floats) -> tuple[float, Floats]:
        line = at[0] + matrix @ at[1:]
        value = float(
            (weight * (np.logaddexp(0.0, line) - target * line)).sum() + 0.5 / _STRENGTH * (at[1:] ** 2).sum()
        )
        slope = weight * (1.0 / (1.0 + np.exp(-line)) - target)
        return value, np.concatenate([[slope.sum()], matrix.T @ slope + at[1:] / _STRENGTH])

    rate = float(np.average(target, weights=weight))
    start = np.concatenate([[np.log(rate / (1 - rate))], np.zeros(matrix.shape[1])])
    options = {"maxiter": 1000, "ftol": 1e-11}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *bounds], options=options)
    return float(found.x[0]), found.x[1:]

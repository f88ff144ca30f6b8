"""Values to the bins that trees are grown on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tiao.learning.boosters import Design, by_size
from tiao.learning.cells import Cell, category_label
from tiao.learning.coding import code_column, code_numbers
from tiao.learning.forms import Coding
from tiao.risk.model import Input

Floats = npt.NDArray[np.float64]
Column = Floats | Sequence[Cell]

#: A label has a bin of its own from this many payments on, and so many labels do at most: the most frequent.
_LABEL_ROWS, _LABELS_MAX = 30, 60
#: Fraud lies in the tails of amounts, where the quantiles of mostly genuine payments are far apart.
BINS = 1022
#: A label's rate of fraud is drawn to the mean as though so many more payments had it.
_SHRINK = 50.0


def design_of(
    inputs: Sequence[Input], columns: Sequence[Column], target: Floats, weight: Floats, fit: npt.NDArray[np.int64]
) -> Design:
    """Learn the bins on the rows *fit* and bin all rows; labels come in the order of their risk."""
    codings, coded = [], []
    for feature, column in zip(inputs, columns, strict=True):
        if feature.kind == "category":
            labels = [category_label(cell) for cell in column]
            coding = _by_risk(feature.name, [labels[row] for row in fit.tolist()], target[fit], weight[fit])
            coded.append(code_column(coding, labels).astype(np.float64))
        else:
            numbers = np.asarray(column, dtype=np.float64)
            coding = by_size(feature.name, numbers[fit], bins=BINS)
            codes = code_numbers(coding, numbers).astype(np.float64)
            codes[codes == coding.missing] = np.nan
            coded.append(codes)
        codings.append(coding)
    return Design(np.column_stack(coded), codings, [0] * len(codings))


def _by_risk(name: str, labels: list[str | None], target: Floats, weight: Floats) -> Coding:
    """Give each frequent label its place in the order of risk; the rare, the missing and the unseen share one."""
    counts: dict[str, int] = {}
    for label in labels:
        if label is not None:
            counts[label] = counts.get(label, 0) + 1
    frequent = sorted(counts, key=lambda label: (-counts[label], label))[:_LABELS_MAX]
    frequent = [label for label in frequent if counts[label] >= _LABEL_ROWS]
    place = {label: number for number, label in enumerate(frequent)}
    at = np.array([-1 if label is None else place.get(label, -1) for label in labels]) + 1
    mean = float((weight * target).sum() / weight.sum())
    bad = np.bincount(at, weight * target, len(frequent) + 1)
    rate = (bad + mean * _SHRINK) / (np.bincount(at, weight, len(frequent) + 1) + _SHRINK)
    rank = np.empty(len(rate), dtype=np.int64)
    rank[np.argsort(rate, kind="stable")] = np.arange(len(rate))
    other = int(rank[0])
    # A coding without labels would be read as numbers; one label that never comes keeps it a category.
    ranked = {label: int(rank[number + 1]) for label, number in place.items()} or {"": other}
    return Coding(name, len(rate), other, other, (), {}, ranked)

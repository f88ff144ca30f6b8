"""A single feature that nearly knows the answer has most likely seen it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tiao.credit.training.binning import Rules, Value
from tiao.credit.training.champion import Values, bin_all
from tiao.learning.coding import code_column
from tiao.learning.metrics import auc
from tiao.learning.refusals import Fault, InputRefused

Floats = npt.NDArray[np.float64]

#: One feature alone: a warning from the first on, a refusal from the second. In seven files of six public sets the best
#: single feature reaches .60 to .83 (measured in sample with these bins).
WARN_AUC, REFUSE_AUC = 0.90, 0.99
#: A column is ranked by size where this share of its cells, and so many bad and good rows, have a number.
_KNOWN_MIN, _EACH_MIN = 0.5, 20


def leaks(values: Values, target: Floats, weight: Floats) -> list[str]:
    """Warn of features that separate too well alone, whatever way the schema says. Refuses: InputRefused beyond belief.

    What leaks need not run the way that was declared, nor one way at all.
    """
    warnings, faults = [], []
    free = values._replace(directions=[None] * len(values.directions))
    for one, column in zip(bin_all(free, target, weight, Rules(is_monotone=False)), values.columns, strict=True):
        area = max(auc(target, one.woe[code_column(one.coding, column)], weight), _by_size(column, target, weight))
        if area >= REFUSE_AUC:
            faults.append(Fault("target_leakage", one.coding.feature, value=round(area, 4)))
        elif area >= WARN_AUC:
            warnings.append(f"{one.coding.feature} alone has AUC {area:.3f}: check that it was known at the decision")
    if faults:
        raise InputRefused(faults)
    return warnings


def _by_size(column: Sequence[Value], target: Floats, weight: Floats) -> float:
    """Rank by the value itself, either way: with few rows bins are too coarse to show a perfect order.

    Rows without a number are left out; where they leave fewer than half, or too few of a kind, nothing is said.
    """
    numbers = np.array([cell if isinstance(cell, int | float) else np.nan for cell in column], dtype=np.float64)
    known = ~np.isnan(numbers)
    bads, goods = target[known].sum(), (1 - target[known]).sum()
    if known.mean() < _KNOWN_MIN or min(bads, goods) < _EACH_MIN:
        return 0.5
    area = auc(target[known], numbers[known], weight[known])
    return max(area, 1 - area)

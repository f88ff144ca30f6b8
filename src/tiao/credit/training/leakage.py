"""A single feature that nearly knows the answer has most likely seen it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tiao.credit.training.binning import Rules
from tiao.credit.training.champion import Values, bin_all
from tiao.learning.coding import code_column
from tiao.learning.metrics import auc
from tiao.learning.refusals import Fault, InputRefused

Floats = npt.NDArray[np.float64]

#: One feature alone: a warning from the first on, a refusal from the second. In seven files of six public sets the best
#: single feature reaches .60 to .83 (measured in sample with these bins).
WARN_AUC, REFUSE_AUC = 0.90, 0.99


def leaks(values: Values, target: Floats, weight: Floats) -> list[str]:
    """Warn of features that separate too well alone, whatever way the schema says. Refuses: InputRefused beyond belief.

    What leaks need not run the way that was declared, nor one way at all.
    """
    warnings, faults = [], []
    free = values._replace(directions=[None] * len(values.directions))
    for one, column in zip(bin_all(free, target, weight, Rules(is_monotone=False)), values.columns, strict=True):
        area = auc(target, one.woe[code_column(one.coding, column)], weight)
        if area >= REFUSE_AUC:
            faults.append(Fault("target_leakage", one.coding.feature, value=round(area, 4)))
        elif area >= WARN_AUC:
            warnings.append(f"{one.coding.feature} alone has AUC {area:.3f}: check that it was known at the decision")
    if faults:
        raise InputRefused(faults)
    return warnings

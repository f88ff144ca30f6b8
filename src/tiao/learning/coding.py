"""Values to bins, by bisection: one cell at a time or a column at once, with the same answer."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tiao.learning.forms import Coding

Codes = npt.NDArray[np.int64]


def special_key(value: float) -> str:
    """Write a special code as a JSON key."""
    return str(int(value)) if value.is_integer() else repr(value)


def coder(coding: Coding) -> Callable[[Any], int]:
    """Make the function from a feature's value (a number, a label or None) to its bin."""
    edges, missing, other, labels = coding.edges, coding.missing, coding.other, coding.labels
    special = {float(key): code for key, code in coding.special.items()}

    def label_code(value: str | None) -> int:
        return missing if value is None else labels.get(value, other)

    def special_code(value: float | None) -> int:
        if value is None:
            return missing
        code = special.get(value)
        return bisect_left(edges, value) if code is None else code

    def number_code(value: float | None) -> int:
        return missing if value is None else bisect_left(edges, value)

    if labels:
        return label_code
    return special_code if special else number_code


def code_column(coding: Coding, values: Sequence[float | str | None]) -> Codes:
    """Bin a whole column."""
    code = coder(coding)
    return np.fromiter((code(value) for value in values), dtype=np.int64, count=len(values))


def code_numbers(coding: Coding, values: npt.NDArray[np.float64]) -> Codes:
    """Bin a column of numbers at once, as `coder` does cell by cell. Shape: a missing one is NaN."""
    codes = np.searchsorted(np.asarray(coding.edges, dtype=np.float64), values, side="left").astype(np.int64)
    for key, code in coding.special.items():
        codes[values == float(key)] = code
    codes[np.isnan(values)] = coding.missing
    return codes

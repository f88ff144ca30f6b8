"""Has the population moved? Counts kept at training, and how far later rows are from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tiao.credit.training.binning import Value
from tiao.learning.metrics import psi

_BINS = 10
_LABELS_MAX = 20


def reference_counts(column: Sequence[Value]) -> dict[str, Any]:
    """Count a feature's values in at most ten bins of equal count, or by its twenty most frequent labels."""
    known = [value for value in column if value is not None]
    if any(isinstance(value, str) for value in known):
        common = sorted(
            Counter(str(value) for value in known).most_common(_LABELS_MAX), key=lambda one: (-one[1], one[0])
        )
        labels = [label for label, _ in common]
        return {"labels": labels, "counts": counts_like({"labels": labels}, column)}
    numbers = np.array(known, dtype=np.float64)
    cuts = (
        np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower")) if len(numbers) else numbers
    )
    edges = [float(cut) for cut in cuts]
    return {"edges": edges, "counts": counts_like({"edges": edges}, column)}


def counts_like(reference: dict[str, Any], column: Sequence[Value]) -> list[int]:
    """Count values over the same bins; the last count is of the missing, before it that of other labels."""
    if "labels" in reference:
        place = {label: number for number, label in enumerate(reference["labels"])}
        codes = [len(place) + 1 if value is None else place.get(str(value), len(place)) for value in column]
        return np.bincount(codes, minlength=len(place) + 2).tolist()  # type: ignore[no-any-return]
    edges = np.array(reference["edges"], dtype=np.float64)
    numbers = np.array([np.nan if value is None else value for value in column], dtype=np.float64)
    bins = np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers, side="left"))
    return np.bincount(bins, minlength=len(edges) + 2).tolist()  # type: ignore[no-any-return]


def drift(reference: dict[str, Any], column: Sequence[Value]) -> float:
    """Give the stability index of a feature against training (.10 is a question, .25 a stop)."""
    return psi(np.array(reference["counts"], dtype=float), np.array(counts_like(reference, column), dtype=float))

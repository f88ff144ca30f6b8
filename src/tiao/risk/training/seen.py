"""How training's payments fell into bins: what drift is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tiao.risk.model import Input, Seen, Stability
from tiao.risk.training.design import Column

Floats = npt.NDArray[np.float64]
#: Tenths, as is usual for the index.
_PARTS = 10


def stability_of(
    inputs: Sequence[Input],
    columns: Sequence[Column],
    weight: Floats,
    used: set[str],
    *,
    score: Floats,
    score_weight: Floats,
) -> Stability:
    """Keep what the score and every number that the trees read looked like."""
    features = [
        seen_of(feature.name, np.asarray(column, dtype=np.float64), weight)
        for feature, column in zip(inputs, columns, strict=True)
        if feature.name in used and feature.kind != "category"
    ]
    return Stability(seen_of("score", score, score_weight), tuple(features))


def seen_of(name: str, values: Floats, weight: Floats) -> Seen:
    """Cut at the tenths of the payments by weight, and count."""
    known = ~np.isnan(values)
    edges: Floats = np.empty(0)
    if known.any():
        order = np.argsort(values[known], kind="stable")
        rising, upto = values[known][order], np.cumsum(weight[known][order])
        places = np.searchsorted(upto, upto[-1] * np.arange(1, _PARTS) / _PARTS)
        edges = np.unique(rising[np.minimum(places, len(rising) - 1)])
    return Seen(name, tuple(edges.tolist()), tuple(counts(edges, values, weight)))


def counts(edges: Floats, values: Floats, weight: Floats) -> list[float]:
    """Count by bin: up to each edge, above, missing."""
    known = ~np.isnan(values)
    place = np.searchsorted(edges, values[known], side="left")
    inside = np.bincount(place, weight[known], minlength=len(edges) + 1)
    return [round(float(each), 3) for each in (*inside, weight[~known].sum())]

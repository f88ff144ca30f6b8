"""The master scale: bands of probability whose seen bad rates rise and stand apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tiao.credit.scoring.model import Grade

Floats = npt.NDArray[np.float64]

GRADES_MIN, GRADES_MAX = 7, 10
#: Neighbouring bands should differ by this many standard errors; with less, fewer bands are made.
_APART = 4.0
_CANDIDATES = 40
_SHARE_MIN = 0.03
_LETTERS = "ABCDEFGHIJ"


def cut_grades(target: Floats, probability: Floats) -> tuple[Grade, ...]:
    """Cut 7 to 10 bands: as many as stand apart, placed so that the closest two neighbours are as far apart as can be.

    Rounds: bounds to six decimals.
    """
    cuts = _cuts(probability)
    code = np.searchsorted(cuts, probability, side="right")
    rows = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(cuts) + 1))])
    bads = np.concatenate([[0.0], np.cumsum(np.bincount(code, target, len(cuts) + 1))])
    best: list[int] | None = None
    for apart, bounds in _placements(rows, bads):
        if best is None or apart >= _APART:
            best = bounds
        if apart < _APART:
            break
    assert best is not None, "at least the smallest number of bands was tried"
    highs = [float(cuts[bound - 1]) for bound in best[1:-1]]
    edges = _at_least([0.0, *highs, 1.0])
    return tuple(
        _grade(_LETTERS[i], low, high, target, probability) for i, (low, high) in enumerate(itertools.pairwise(edges))
    )


def _cuts(probability: Floats) -> Floats:
    distinct = np.unique(np.round(probability, 6))
    cuts = np.unique(np.round(np.quantile(probability, np.linspace(0, 1, _CANDIDATES + 1)[1:-1]), 6))
    inner: Floats = cuts[(cuts > distinct[0]) & (cuts > 0.0) & (cuts < 1.0)]
    return inner


def _at_least(edges: list[float]) -> list[float]:
    """Fill up to the smallest number of bands when the probabilities are too few to be cut: halve the widest band."""
    while len(edges) - 1 < GRADES_MIN:
        widths = [high - low for low, high in itertools.pairwise(edges)]
        at = int(np.argmax(widths))
        edges = [*edges[: at + 1], (edges[at] + edges[at + 1]) / 2, *edges[at + 1 :]]
    return edges


def _placements(rows: Floats, bads: Floats) -> Iterator[tuple[float, list[int]]]:
    """For 7, 8, ... 10 bands (fewer where there are fewer cuts), maximise the least distance of neighbours.

    Dynamic programming over (the last band's start, its end); one band more is one step more.
    """
    last, smallest = len(rows) - 1, _SHARE_MIN * float(rows[-1])

    def apart(a: int, b: int, c: int) -> float:
        n1, n2 = float(rows[b] - rows[a]), float(rows[c] - rows[b])
        if min(n1, n2) < smallest:
            return -1e9 + min(n1, n2)
        p1, p2 = float(bads[b] - bads[a]) / n1, float(bads[c] - bads[b]) / n2
        pooled = (float(bads[c] - bads[a]) + 0.5) / (n1 + n2 + 1)
        return (p2 - p1) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))

    distance = {
        (a, b, c): apart(a, b, c) for a in range(last) for b in range(a + 1, last) for c in range(b + 1, last + 1)
    }
    state: dict[tuple[int, int], tuple[float, list[int]]] = {(0, end): (np.inf, [0, end]) for end in range(1, last + 1)}
    for count in range(1, GRADES_MAX + 1):
        if count >= min(GRADES_MIN, last):
            yield max(((worst, bounds) for (_, end), (worst, bounds) in state.items() if end == last), key=_first)
        following: dict[tuple[int, int], tuple[float, list[int]]] = {}
        for (start, end), (worst, bounds) in state.items():
            for stop in range(end + 1, last + 1):
                value = min(worst, distance[start, end, stop])
                if (end, stop) not in following or value > following[end, stop][0]:
                    following[end, stop] = (value, [*bounds, stop])
        state = following
        if not state:
            return


def _first(placement: tuple[float, list[int]]) -> float:
    return placement[0]


def _grade(name: str, low: float, high: float, target: Floats, probability: Floats) -> Grade:
    inside = (probability >= low) & ((probability < high) | (high >= 1.0))
    count = int(inside.sum())
    return Grade(name, low, high, count, round(float(target[inside].mean()), 6) if count else 0.0)

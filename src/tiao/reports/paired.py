"""What a difference between two lives of the same customers is worth: intervals over customers, each with both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float64]

#: Draws of customers, with replacement; the interval holds the middle 95 % of what they give.
DRAWS, _SEED = 2_000, 20240229
_LOW, _HIGH = 2.5, 97.5


class CustomerLife(Struct, frozen=True):
    """What a life came to for one customer. *Units*: minor units; *limit_days* and *used_days* times days."""

    customer_id: UUID
    days: int
    limit_days: int
    used_days: int
    bought_minor: int
    lost_minor: int


class Difference(NamedTuple):
    """A figure in both lives, what the second has more, and its 95 % interval. *kind*: money or ppm."""

    name: str
    kind: str
    before: float
    after: float
    low: float
    high: float

    @property
    def more(self) -> float:
        """What the second life has more."""
        return self.after - self.before

    @property
    def is_plain(self) -> bool:
        """Whether chance alone hardly explains it: the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def differences(off: Sequence[CustomerLife], on: Sequence[CustomerLife]) -> list[Difference]:
    """Hold two lives against each other over the customers that both have.

    Shape: drawn customers come with both of their lives, so that what differs between people falls out.
    """
    mine = {each.customer_id: each for each in on}
    pairs = [(each, mine[each.customer_id]) for each in off if each.customer_id in mine]
    if not pairs:
        return []
    before, after = (_Life([pair[place] for pair in pairs]) for place in (0, 1))
    chance = np.random.default_rng(_SEED)
    drawn = chance.integers(0, len(pairs), size=(DRAWS, len(pairs)))
    figures: list[tuple[str, str, Callable[[_Life, npt.NDArray[np.int64]], Floats]]] = [
        ("principal lost or 61 days late", "money", lambda life, rows: life.lost[rows].sum(axis=-1)),
        ("  as a share of what was bought", "ppm", lambda life, rows: _over(life.lost, life.bought, rows)),
        ("limits, mean over the days", "money", lambda life, rows: life.limits[rows].sum(axis=-1)),
        ("in use, mean over the days", "money", lambda life, rows: life.used[rows].sum(axis=-1)),
        ("share of limits in use", "ppm", lambda life, rows: _over(life.used, life.limits, rows)),
        ("bought", "money", lambda life, rows: life.bought[rows].sum(axis=-1)),
    ]
    every = np.arange(len(pairs))
    found = []
    for name, kind, figure in figures:
        spread = figure(after, drawn) - figure(before, drawn)
        low, high = np.percentile(spread, [_LOW, _HIGH])
        found.append(
            Difference(name, kind, float(figure(before, every)), float(figure(after, every)), float(low), float(high))
        )
    return found


class _Life:
    """One life as columns, a row for each customer."""

    def __init__(self, rows: Sequence[CustomerLife]) -> None:
        days = max(1, rows[0].days)
        self.limits = np.array([each.limit_days / days for each in rows])
        self.used = np.array([each.used_days / days for each in rows])
        self.bought = np.array([float(each.bought_minor) for each in rows])
        self.lost = np.array([float(each.lost_minor) for each in rows])


def _over(upper: Floats, lower: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    """Give the ratio of two sums, in millionths."""
    whole = lower[rows].sum(axis=-1)
    return np.asarray(np.where(whole > 0, upper[rows].sum(axis=-1) / np.where(whole > 0, whole, 1.0), 0.0) * 1e6)

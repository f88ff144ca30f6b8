"""Which rows a model learns from, and what is usual among them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import ColumnSchema
from tiao.risk.features.definition import HIGH, PACE_WINDOWS
from tiao.risk.replay import Events

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: All frauds, and of the genuine payments at most so many, with the weight of those left out.
GENUINE_MAX = 200_000
#: Fewer of either kind teach nothing.
_EACH_MIN = 20
#: The first part of a file, at most, is left out because its windows are not full yet.
_WARMING_MAX = 0.3
_SEED = 1


class Sample(NamedTuple):
    """Rows to learn from. Shape: *places* in the order of time; weight and target of the same length."""

    places: Rows
    weight: Floats
    target: Floats


def sample_of(events: Events, *, unit_us: int, target: ColumnSchema | None = None) -> Sample:
    """Choose the rows. Refuses: InputRefused, with the name of *target*, where one kind is missing or nearly so."""
    named = None if target is None else target.name
    known = ~np.isnan(events.is_fraud)
    if not known.any():
        raise InputRefused([Fault("no_labelled_rows", named)])
    warm_from = events.at[0] + min(
        (max(PACE_WINDOWS) + 2) * unit_us, round(_WARMING_MAX * int(events.at[-1] - events.at[0]))
    )
    warm = known & (events.at >= warm_from)
    bad = np.flatnonzero(warm & (events.is_fraud == 1.0))
    good = np.flatnonzero(warm & (events.is_fraud == 0.0))
    for kind, places in (("bad", bad), ("good", good)):
        if len(places) < _EACH_MIN:
            raise InputRefused([Fault("too_few_labelled_rows", named, value=f"{len(places)} {kind}")])
    taken = good
    if len(good) > GENUINE_MAX:
        taken = np.random.default_rng(_SEED).choice(good, GENUINE_MAX, replace=False)
    places = np.sort(np.concatenate([bad, taken]))
    is_fraud = events.is_fraud[places]
    weight = np.where(is_fraud == 1.0, 1.0, len(good) / len(taken))
    return Sample(places, weight, is_fraud)


def habit_of(amounts: Floats) -> tuple[float, float]:
    """Give mean and variance of a typical amount; what is high by the fold's own rule is left out.

    Rounds: to four significant digits.
    """
    given = amounts[np.isfinite(amounts)]
    if not len(given):
        return 1.0, 1.0
    usual = given[given <= HIGH * max(float(np.median(given)), 1e-9)]
    return float(f"{usual.mean():.4g}"), float(f"{max(usual.var(), 1e-6):.4g}")

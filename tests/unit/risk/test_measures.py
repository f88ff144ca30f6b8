"""Average precision, cards found and thresholds, in cases small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tiao.risk.decisions import bands, expected_costs, thresholds
from tiao.risk.measures import average_precision, cards_found
from tiao.risk.model import Costs


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_average_precision_counts_ties_together() -> None:
    assert average_precision(array(1, 0, 1, 0), array(0.9, 0.8, 0.7, 0.1)) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(array(1, 0), array(0.5, 0.5)) == 0.5
    assert average_precision(array(1, 0), array(0.5, 0.5), array(1, 3)) == 0.25
    assert np.isnan(average_precision(array(0, 0), array(0.1, 0.2)))


def test_a_card_that_was_found_leaves_the_pool() -> None:
    day = np.array([0, 0, 0, 1, 1, 1])
    cards = ["a", "b", "c", "a", "b", "c"]
    fraud = array(1, 0, 1, 1, 0, 1)
    score = array(0.9, 0.5, 0.1, 0.9, 0.5, 0.6)
    # Day 0 lists a; day 1 lists c, for a was found.
    assert cards_found(day, cards, fraud, score, cards=1) == 1.0
    # Both days list two; a is found, then c.
    assert cards_found(day, cards, fraud, score, cards=2) == 0.5


def test_each_decision_is_the_cheapest_somewhere() -> None:
    chance = np.linspace(0, 1, 2001)
    amount, weight = np.full(2001, 100.0), np.ones(2001)
    bounds = thresholds(chance, amount, weight, Costs(), typical=100.0)
    assert 0 < bounds[0] < bounds[1] < bounds[2] < 1
    cheapest = np.argmin(expected_costs(chance, amount, Costs(), typical=100.0), axis=1)
    decided = np.searchsorted(bounds, chance, side="right")
    # A threshold lies between groups of payments, so a few next to it may fall on the other side.
    assert (cheapest != decided).mean() < 0.02
    made = bands(bounds, chance, (chance > 0.5).astype(float), weight)
    assert [band.grade for band in made] == ["allow", "step_up", "review", "block"]
    assert [band.pd_high for band in made[:-1]] == [band.pd_low for band in made[1:]]
    assert sum(band.rows for band in made) == 2001


def test_where_friction_costs_more_than_fraud_everything_is_allowed() -> None:
    chance = np.linspace(0, 0.001, 500)
    assert thresholds(chance, np.full(500, 1.0), np.ones(500), Costs(), typical=1000.0) == [1.0, 1.0, 1.0]

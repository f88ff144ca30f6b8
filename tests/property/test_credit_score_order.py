"""The better the odds, the more points: a score never rises with the probability of going bad."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tiao.credit.scoring.bundle import score_of
from tiao.credit.scoring.model import Scale

LOGITS = st.floats(-20, 20)


@given(first=LOGITS, second=LOGITS)
def test_a_score_never_rises_with_the_logit(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert score_of(low, Scale()) >= score_of(high, Scale())


@given(points=st.integers(300, 900))
def test_twice_the_odds_are_the_stated_points_more(points: int) -> None:
    scale = Scale(low=-10_000, high=10_000)
    odds = scale.base_odds * 2 ** ((points - scale.base_score) / scale.double_odds)
    assert abs(score_of(-math.log(odds), scale) - points) <= 1
    assert abs(score_of(-math.log(2 * odds), scale) - points - scale.double_odds) <= 1

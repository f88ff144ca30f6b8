"""A penalty charged day by day is what one charge over the same days would be."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.penalties import accrue, posted_minor


@given(st.integers(0, 10**9), st.integers(0, 1000), st.lists(st.integers(0, 40), max_size=12))
def test_penalty_is_the_same_however_days_are_cut(base: int, ppm: int, pieces: list[int]) -> None:
    accrued, charged = 0, 0
    for days in pieces:
        step = accrue(base, ppm, days=days, accrued_micro=accrued)
        accrued, charged = step.accrued_micro, charged + step.to_post_minor
    exact = Fraction(base * ppm * sum(pieces), 10**6)
    assert charged == posted_minor(accrued) == int(exact)
    assert 0 <= exact - charged < 1

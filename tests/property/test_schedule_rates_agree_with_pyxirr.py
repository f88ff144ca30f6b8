"""Where a rate is unique, another library finds the same."""

from decimal import Decimal
from fractions import Fraction

import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.rates import Timed, solve


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=36), st.integers(1_000, 1_000_000))
def test_the_rate_of_level_periods_agrees(paid: list[int], lent: int) -> None:
    found = solve(
        [Timed(Fraction(-lent), Fraction(0)), *(Timed(Fraction(each), Fraction(at)) for at, each in enumerate(paid, 1))]
    )
    assert found is not None
    assert found.is_unique
    value = pyxirr.npv(float(found.rate), [-lent, *paid])
    assert abs(value) <= 1e-6 * max(lent, *paid) or found.rate < Decimal("-0.9")

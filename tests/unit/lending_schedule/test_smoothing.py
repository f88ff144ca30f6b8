"""The last row is brought close to the others only where that is worth a step, and in three steps at most."""

from fractions import Fraction

import pytest

from tiao.lending.schedule.smoothing import Parts, smoothed
from tiao.lending.schedule.terms import Terms

#: Rows, what they pay back in all, the instalment tried first and the one kept, what the last row comes to.
CASES = [
    pytest.param(4, 402, 100, 100, 102, id="a gap of half a unit a row stays"),
    pytest.param(4, 403, 100, 101, 100, id="a greater one is spread"),
    pytest.param(5, 502, 100, 100, 102, id="half of five rows is two"),
    pytest.param(5, 503, 100, 101, 99, id="and three are spread"),
    pytest.param(4, 397, 100, 99, 100, id="downwards alike"),
    pytest.param(1, 150, 100, 100, 150, id="a single row has nothing to compare with"),
]


def terms(multiple: int | None = None) -> Terms:
    return Terms(principal_minor=1, annual_rate=Fraction(0), instalments=1, instalment_multiple_minor=multiple)


@pytest.mark.parametrize(("rows", "total", "first", "kept", "last"), CASES)
def test_the_gap_is_spread_where_it_exceeds_half_a_unit_a_row(
    rows: int, total: int, first: int, kept: int, last: int
) -> None:
    def attempt(instalment: int) -> Parts:
        return [*[instalment] * (rows - 1), total - instalment * (rows - 1)], [0] * rows

    found = smoothed(first, terms(), attempt)
    assert (found.instalment, found.last, found.is_smoothed) == (kept, last, kept != first)


def test_a_step_that_the_multiple_undoes_is_not_taken() -> None:
    def attempt(instalment: int) -> Parts:
        return [instalment, 170 - instalment], [0, 0]

    assert smoothed(100, terms(multiple=100), attempt).instalment == 100


def test_a_step_that_does_not_narrow_the_gap_is_not_taken() -> None:
    tried: list[int] = []

    def attempt(instalment: int) -> Parts:
        tried.append(instalment)
        return [100, 110], [0, 0]

    assert smoothed(100, terms(), attempt).instalment == 100
    assert tried == [100, 105]


def test_three_steps_are_the_most() -> None:
    tried: list[int] = []

    def attempt(instalment: int) -> Parts:
        tried.append(instalment)
        return [1000, 1000 + 1000 // len(tried)], [0, 0]

    smoothed(100, terms(), attempt)
    assert tried == [100, 600, 850, 1016]

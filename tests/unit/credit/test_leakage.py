"""A feature that has seen the answer is refused, whichever way it runs."""

import numpy as np
import pytest

from tiao.credit.scoring.model import Feature
from tiao.credit.training.champion import Values
from tiao.credit.training.leakage import leaks
from tiao.learning.refusals import InputRefused

ROWS = 600
TARGET = np.array([float(row % 4 == 0) for row in range(ROWS)])


def _values(column: list[float], direction: int | None) -> Values:
    return Values((Feature("paid", "number", "repayment", ("paid",)),), [column], [()], [direction])


@pytest.mark.parametrize("direction", [None, 1, -1])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_direction_that_a_schema_declares_hides_no_leak(direction: int | None, sign: float) -> None:
    seen = [sign * (1000.0 * bad + row % 3) for row, bad in enumerate(TARGET)]
    with pytest.raises(InputRefused) as caught:
        leaks(_values(seen, direction), TARGET, np.ones(ROWS))
    assert [(fault.error, fault.column) for fault in caught.value.faults] == [("target_leakage", "paid")]


def test_a_leak_in_the_middle_of_a_range_is_one_too() -> None:
    seen = [500.0 + row % 3 if bad else 1000.0 * (row % 2) for row, bad in enumerate(TARGET)]
    with pytest.raises(InputRefused):
        leaks(_values(seen, 1), TARGET, np.ones(ROWS))


def test_what_tells_much_is_warned_of_and_what_tells_little_is_not() -> None:
    chance = np.random.default_rng(3)
    much = (TARGET + chance.normal(0, 0.42, ROWS)).tolist()
    assert len(leaks(_values(much, 1), TARGET, np.ones(ROWS))) == 1
    little = (TARGET + chance.normal(0, 2.0, ROWS)).tolist()
    assert leaks(_values(little, 1), TARGET, np.ones(ROWS)) == []


def test_with_few_rows_a_perfect_order_is_refused_however_coarse_the_bins_are() -> None:
    chance = np.random.default_rng(5)
    target = (chance.random(400) < 0.3).astype(float)
    seen = (target + chance.random(400) * 0.001).tolist()
    with pytest.raises(InputRefused):
        leaks(_values(seen, None), target, np.ones(400))


def test_a_column_that_is_mostly_empty_is_not_judged_by_the_few_cells_it_has() -> None:
    seen: list[float | None] = [None] * ROWS
    for row in range(30):
        seen[row] = float(TARGET[row])
    assert leaks(_values(seen, None), TARGET, np.ones(ROWS)) == []  # type: ignore[arg-type]

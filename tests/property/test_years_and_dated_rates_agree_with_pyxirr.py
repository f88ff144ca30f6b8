"""Years between dates and rates of dated flows are those another library finds."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import pyxirr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxirr import DayCount

from tiao.lending.rates.times import YearCount, years_between
from tiao.lending.rates.wire import answer_line

COUNTS = {
    YearCount.ACT_365: DayCount.ACT_365F,
    YearCount.ACT_360: DayCount.ACT_360,
    YearCount.ACT_ACT: DayCount.ACT_ACT_ISDA,
    YearCount.THIRTY_360: DayCount.THIRTY_360_ISDA,
    YearCount.THIRTY_E_360: DayCount.THIRTY_E_360,
    YearCount.THIRTY_360_US: DayCount.THIRTY_U_360,
}
days = st.dates(date(1999, 1, 1), date(2060, 12, 31))
#: Root finding in floats: what two libraries may differ by, relative to the money that moves.
AGREE = 1e-6


def is_plain(count: YearCount, start: date, end: date) -> bool:
    """Tell whether the two libraries mean the same: their rules for ends of February under 30/360 US differ."""
    return count is not YearCount.THIRTY_360_US or (start.month, end.month) != (2, 2)


@pytest.mark.parametrize("count", COUNTS)
@given(first=days, second=days)
def test_the_years_between_two_days_agree(count: YearCount, first: date, second: date) -> None:
    start, end = min(first, second), max(first, second)
    if is_plain(count, start, end):
        assert float(years_between(start, end, count)) == pytest.approx(
            pyxirr.year_fraction(start, end, COUNTS[count]), abs=1e-9
        )


@pytest.mark.parametrize("count", [YearCount.ACT_365, YearCount.ACT_360, YearCount.ACT_ACT])
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    lent=st.integers(1_000, 100_000),
    shares=st.lists(st.tuples(st.integers(20, 400), st.integers(5, 60)), min_size=3, max_size=12),
)
def test_the_present_value_at_the_yearly_rate_is_nothing(
    count: YearCount, start: date, lent: int, shares: list[tuple[int, int]]
) -> None:
    on = start
    flows = [{"amount": f"-{lent}", "on": start.isoformat()}]
    dates, amounts = [start], [-float(lent)]
    for after, percent in shares:
        on += timedelta(days=after)
        amount = lent * percent // 100
        flows.append({"amount": str(amount), "on": on.isoformat()})
        dates.append(on)
        amounts.append(float(amount))
    question = {"id": "x", "convention": "effective_annual", "day_count": count, "cash_flows": flows}
    answer = json.loads(answer_line(json.dumps(question)))
    assert answer["is_unique"]
    rate = float(answer["rate"])
    moved = max(abs(amount) for amount in amounts)
    value = pyxirr.xnpv(rate, dates, amounts, day_count=COUNTS[count])
    assert value is not None
    # Below -90 % the smallest figure of the rate moves the present value by more than the money.
    assert abs(value) <= AGREE * moved or rate < -0.9

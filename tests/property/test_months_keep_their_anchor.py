"""Months counted from an anchor keep its day wherever the month has it, and run in order."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tiao.values.calendar import add_months, china_calendar, month_length

days = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@given(days, st.integers(-600, 600))
def test_months_keep_their_anchor(anchor: date, months: int) -> None:
    moved = add_months(anchor, months)
    assert (moved.year - anchor.year) * 12 + moved.month - anchor.month == months
    assert moved.day == min(anchor.day, month_length(moved.year, moved.month))
    assert add_months(anchor, months + 1) > moved


@given(days)
def test_the_next_workday_is_the_first_one_later(day: date) -> None:
    calendar = china_calendar()
    found = calendar.next_workday(day)
    assert calendar.is_workday(found)
    assert found > day
    between = [date.fromordinal(number) for number in range(day.toordinal() + 1, found.toordinal())]
    assert not any(calendar.is_workday(other) for other in between)
    assert calendar.previous_workday(found) <= day

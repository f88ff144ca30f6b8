from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar import constants

from tiao.values.calendar import BusinessCalendar, DayKind, add_months, china_calendar

CALENDAR = china_calendar()
YEARS = range(2004, 2027)


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-31", -2, "2025-11-30"),
        ("2026-03-30", 0, "2026-03-30"),
        ("2000-01-30", 1, "2000-02-29"),
        ("2100-01-30", 1, "2100-02-28"),
    ],
)
def test_a_month_without_the_day_ends_on_its_last(anchor: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(anchor), months) == date.fromisoformat(expected)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_the_package_it_was_taken_from(year: int) -> None:
    days = list(CALENDAR.days_of(year))
    assert [row.day for row in days if CALENDAR.is_workday(row.day)] == [
        row.day for row in days if chinese_calendar.is_workday(row.day)
    ]
    assert not any(row.is_provisional for row in days)
    assert len(days) in {365, 366}


def test_the_package_knows_no_year_more_than_we_do() -> None:
    assert max(constants.holidays).year == YEARS[-1]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-02-14", DayKind.MAKEUP),
        ("2026-02-15", DayKind.STATUTORY),
        ("2026-02-24", DayKind.WORKDAY),
        ("2026-03-07", DayKind.REST),
        ("2027-02-05", DayKind.STATUTORY),
        ("2027-02-06", DayKind.STATUTORY),
        ("2027-02-10", DayKind.WORKDAY),
        ("2027-05-02", DayKind.STATUTORY),
        ("2099-10-02", DayKind.STATUTORY),
        ("1990-01-02", DayKind.WORKDAY),
    ],
)
def test_each_day_has_its_kind(day: str, kind: DayKind) -> None:
    assert CALENDAR.kind(date.fromisoformat(day)) is kind


@pytest.mark.parametrize("day", [date.min, date.max, date(2003, 12, 31), date(2027, 1, 1), date(2041, 5, 1)])
def test_a_day_outside_the_published_years_is_provisional_and_never_raises(day: date) -> None:
    assert CALENDAR.is_provisional(day)
    assert isinstance(CALENDAR.is_workday(day), bool)
    assert CALENDAR.next_workday(day) >= day
    assert CALENDAR.previous_workday(day) <= day


@pytest.mark.parametrize(
    ("after", "count", "expected"),
    [
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-11-20", 15, "2026-12-11"),
    ],
)
def test_workdays_are_counted_from_the_day_after(after: str, count: int, expected: str) -> None:
    assert CALENDAR.workdays_after(date.fromisoformat(after), count) == date.fromisoformat(expected)


def test_banks_do_not_settle_on_makeup_days() -> None:
    assert CALENDAR.next_workday(date(2026, 2, 13)) == date(2026, 2, 14)
    assert CALENDAR.bank_days().next_workday(date(2026, 2, 13)) == date(2026, 2, 24)
    assert CALENDAR.bank_days().kind(date(2026, 2, 14)) is DayKind.MAKEUP


def test_loading_a_years_notice_replaces_what_was_computed() -> None:
    loaded = CALENDAR.with_year(
        2027,
        off=[date(2027, 2, 5) + timedelta(days=number) for number in range(8)],
        makeup=[date(2027, 1, 30)],
        version="an invented notice",
    )
    assert not loaded.is_provisional(date(2027, 2, 10))
    assert loaded.kind(date(2027, 2, 10)) is DayKind.STATUTORY
    assert loaded.kind(date(2027, 10, 1)) is DayKind.WORKDAY, "the notice alone decides its year"
    assert loaded.next_workday(date(2027, 1, 29)) == date(2027, 1, 30)
    assert CALENDAR.is_provisional(date(2027, 2, 10))


def test_a_calendar_that_knows_nothing_still_answers() -> None:
    empty = BusinessCalendar("XX", "none", {})
    assert empty.next_workday(date(2026, 11, 20)) == date(2026, 11, 23)
    assert empty.is_provisional(date(2026, 11, 20))

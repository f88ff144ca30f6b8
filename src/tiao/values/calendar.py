"""Days: months that keep their anchor, and working days that are known for every date without ever raising.

Contract dates (due dates, accrual) count calendar days and never ask a business calendar; settlement dates do. A year
whose official notice is not out yet is answered from weekends and statutory holidays and marked provisional, so that
loading the notice later moves settlement dates and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cache
from importlib import resources
from typing import NamedTuple

_DAY = timedelta(days=1)
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2
_SATURDAY = 5

#: Holidays with a fixed date that the law has named since 1999: the fallback where nothing else is known.
_FIXED_STATUTORY = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})


def month_length(year: int, month: int) -> int:
    """Count the days of a month."""
    if month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def day_in_month(year: int, month: int, day: int) -> date:
    """Take day *day* of a month, or the month's last day when it has no such day.

    Source: Civil Code art. 202: no corresponding day in the month, then its last day.
    """
    return date(year, month, day if day <= 28 else min(day, month_length(year, month)))  # noqa: PLR2004  every month has 28


def add_months(anchor: date, n: int) -> date:
    """Move *anchor* by *n* months; a missing day becomes the month's last, and always counts from the anchor's own day.

    The anchor is sticky because callers count every date from it: 31 January gives 28 February, then 31 March.
    Source: Civil Code art. 202.
    """
    years, month = divmod(anchor.month - 1 + n, 12)
    return day_in_month(anchor.year + years, month + 1, anchor.day)


class DayKind(Enum):
    """What a calendar day is to a business."""

    WORKDAY = "workday"
    REST = "rest"  # an ordinary weekend
    STATUTORY = "statutory"  # a holiday, its exchanged days off included
    MAKEUP = "makeup"  # a weekend day that is worked


class CalendarYear(NamedTuple):
    """One year of days that differ from the plain week."""

    off: frozenset[date]
    makeup: frozenset[date]
    is_provisional: bool


class CalendarDay(NamedTuple):
    """One row of the calendar table."""

    day: date
    kind: DayKind
    is_provisional: bool


class BusinessCalendar:
    """Working days of one region; it answers for every date and never raises.

    *is_makeup_worked* is false for a calendar of bank settlement days: whether banks settle on a make-up workday
    differs by channel and must be set, not guessed.
    """

    __slots__ = ("_makeup", "_off", "_years", "is_makeup_worked", "region", "version")

    def __init__(
        self, region: str, version: str, years: Mapping[int, CalendarYear], *, is_makeup_worked: bool = True
    ) -> None:
        self.region = region
        self.version = version
        self.is_makeup_worked = is_makeup_worked
        self._years = dict(years)
        self._off = frozenset().union(*(year.off for year in years.values()))
        self._makeup = frozenset().union(*(year.makeup for year in years.values()))

    def kind(self, day: date) -> DayKind:
        """Say what *day* is."""
        if day in self._makeup:
            return DayKind.MAKEUP
        if day in self._off or (day.year not in self._years and (day.month, day.day) in _FIXED_STATUTORY):
            return DayKind.STATUTORY
        return DayKind.REST if day.weekday() >= _SATURDAY else DayKind.WORKDAY

    def is_workday(self, day: date) -> bool:
        """Tell whether business is done on *day*."""
        kind = self.kind(day)
        return kind is DayKind.WORKDAY or (kind is DayKind.MAKEUP and self.is_makeup_worked)

    def is_provisional(self, day: date) -> bool:
        """Tell whether *day* lies in a year whose official notice this calendar does not hold."""
        year = self._years.get(day.year)
        return year is None or year.is_provisional

    def next_workday(self, after: date) -> date:
        """Find the first working day later than *after* (`date.max` stands for anything beyond)."""
        day = after
        while day < date.max:
            day += _DAY
            if self.is_workday(day):
                break
        return day

    def previous_workday(self, before: date) -> date:
        """Find the last working day earlier than *before* (`date.min` stands for anything earlier)."""
        day = before
        while day > date.min:
            day -= _DAY
            if self.is_workday(day):
                break
        return day

    def workdays_after(self, day: date, count: int) -> date:
        """Count *count* working days on from *day*; the day itself is not counted (Civil Code art. 201)."""
        for _ in range(count):
            day = self.next_workday(day)
        return day

    def bank_days(self) -> BusinessCalendar:
        """Give the same calendar for settlement: make-up workdays do not settle."""
        return BusinessCalendar(self.region, self.version, self._years, is_makeup_worked=False)

    def with_year(self, number: int, *, off: Iterable[date], makeup: Iterable[date], version: str) -> BusinessCalendar:
        """Load the official notice of a year over whatever was known of it."""
        loaded = CalendarYear(frozenset(off), frozenset(makeup), is_provisional=False)
        assert all(day.year == number for day in loaded.off | loaded.makeup), "a year's days lie in that year"
        assert not loaded.off & loaded.makeup, "a day is not both off and worked"
        years = self._years | {number: loaded}
        return BusinessCalendar(self.region, version, years, is_makeup_worked=self.is_makeup_worked)

    def days_of(self, year: int) -> Iterator[CalendarDay]:
        """List every day of a year, to seed the calendar table."""
        day, end = date(year, 1, 1), date(year, 12, 31)
        while day < end:
            yield CalendarDay(day, self.kind(day), self.is_provisional(day))
            day += _DAY
        yield CalendarDay(end, self.kind(end), self.is_provisional(end))


@cache
def china_calendar() -> BusinessCalendar:
    """Load mainland China's working days: published for 2004 to 2026, computed and provisional beyond.

    Source: values/data/cn_days.txt, whose head says where each line comes from.
    """
    text = resources.files("tiao.values").joinpath("data", "cn_days.txt").read_text(encoding="utf-8")
    listed: dict[int, dict[str, frozenset[date]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            year, kind, *spans = line.split()
            days = frozenset(day for span in spans for day in _span(int(year), span))
            listed.setdefault(int(year), {})[kind] = days
    years = {
        year: CalendarYear(
            off=kinds["rest"] if "rest" in kinds else kinds["statutory"],
            makeup=kinds.get("makeup", frozenset()),
            is_provisional="rest" not in kinds,
        )
        for year, kinds in listed.items()
    }
    return BusinessCalendar("CN", "chinesecalendar-1.11.0", years)


def _span(year: int, text: str) -> Iterator[date]:
    """Read ``02-15..02-23`` or ``06-19``."""
    first, _, last = text.partition("..")
    day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
    while day <= end:
        yield day
        day += _DAY

"""When cash flows move: years by day count, and unit periods as US Regulation Z counts them."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

_FEBRUARY = 2
_MONTHS = 12
_THIRTY = 30
_LAST_OF_LONG_MONTH = 31
_HALF_MONTH = 15
_WEEK = 7


class YearCount(StrEnum):
    """How the days between two dates become years."""

    ACT_365 = "ACT/365"
    ACT_360 = "ACT/360"
    ACT_ACT = "ACT/ACT"
    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_360_US = "30/360 US"


class UnitName(StrEnum):
    """The unit a unit period is made of."""

    MONTH = "month"
    HALF_MONTH = "half_month"
    WEEK = "week"
    DAY = "day"


class UnitPeriods(NamedTuple):
    """Whole unit periods, and the fraction of one that is left."""

    whole: int
    fraction: Fraction


def years_between(start: date, end: date, count: YearCount) -> Fraction:
    """Count the years from *start* to a day not before it."""
    days = (end - start).days
    match count:
        case YearCount.ACT_365:
            return Fraction(days, 365)
        case YearCount.ACT_360:
            return Fraction(days, 360)
        case YearCount.ACT_ACT:
            return _calendar_years(start, end)
        case _:
            return Fraction(_thirty_days(start, end, count), 360)


def _calendar_years(start: date, end: date) -> Fraction:
    """Divide the days in each calendar year by its length."""
    total = Fraction(0)
    for year in range(start.year, end.year + 1):
        first = max(start, date(year, 1, 1)).toordinal()
        after = min(end.toordinal(), date(year, 12, 31).toordinal() + 1)
        total += Fraction(after - first, 366 if isleap(year) else 365)
    return total


def _is_end_of_february(day: date) -> bool:
    return day.month == _FEBRUARY and day.day == monthrange(day.year, _FEBRUARY)[1]


def _thirty_days(start: date, end: date, count: YearCount) -> int:
    """Count days with months of thirty. Source: the three rules as the README's table states them."""
    first, second = start.day, end.day
    if count is YearCount.THIRTY_E_360:
        first, second = min(first, _THIRTY), min(second, _THIRTY)
    else:
        if count is YearCount.THIRTY_360_US and _is_end_of_february(start):
            if _is_end_of_february(end):
                second = _THIRTY
            first = _THIRTY
        first = min(first, _THIRTY)
        if second == _LAST_OF_LONG_MONTH and first == _THIRTY:
            second = _THIRTY
    return 360 * (end.year - start.year) + _THIRTY * (end.month - start.month) + second - first


def months_before(day: date, months: int) -> date:
    """Step back by whole months; a day that its month lacks becomes the last."""
    index = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(index, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _whole_months(start: date, end: date) -> int:
    """Count whole months back from *end* that do not pass *start*."""
    months = (end.year - start.year) * _MONTHS + end.month - start.month
    return months if months_before(end, months) >= start else months - 1


def unit_periods_between(start: date, end: date, unit: UnitName, every: int) -> UnitPeriods:
    """Count unit periods back from *end* to *start*, and what is left of one. Source: 12 CFR 1026, App. J (b)(5)."""
    if unit in (UnitName.WEEK, UnitName.DAY):
        length = every * (_WEEK if unit is UnitName.WEEK else 1)
        whole, rest = divmod((end - start).days, length)
        return UnitPeriods(whole, Fraction(rest, length))
    months = _whole_months(start, end)
    days = (months_before(end, months) - start).days
    if unit is UnitName.HALF_MONTH:
        half = int(days >= _HALF_MONTH)
        return UnitPeriods(2 * months + half, Fraction(days - half * _HALF_MONTH, _HALF_MONTH))
    whole, rest = divmod(months, every)
    return UnitPeriods(whole, Fraction(_THIRTY * rest + days, _THIRTY * every))


def unit_periods_a_year(unit: UnitName, every: int) -> Fraction:
    """Count the unit periods of a year. Source: 12 CFR 1026, App. J (b)(6)."""
    a_year = {UnitName.MONTH: _MONTHS, UnitName.HALF_MONTH: 24, UnitName.WEEK: 52, UnitName.DAY: 365}[unit]
    return Fraction(a_year, every)

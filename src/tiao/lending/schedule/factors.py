"""Interest factors, exact: whole numbers over one common denominator for the whole loan.

A period is cut wherever the interest of a day changes (year ends, rate changes, pauses); within a piece every day
weighs the same, so the factor of any part is a sum of products.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm

from tiao.lending.schedule.terms import DayCount, InterestPeriod, LeapYear, Terms, Unit, YearBoundary

_FEBRUARY = 2
_LEAP_DAY = 29
_YEAR = 365
_LEAP = 366
#: Days of a period in the 30/360 convention, and periods a year for interest by whole instalments.
_THIRTY_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 360}
_PERIODS_A_YEAR = {Unit.MONTH: 12, Unit.WEEK: 52, Unit.YEAR: 1}
_FIXED_YEAR = {DayCount.ACT_360: 360, DayCount.ACT_364: 364, DayCount.ACT_365: 365}

#: A run of days (from, to] of which each adds numerator / denominator of a year.
Weight = tuple[int, int, int, int]
Piece = tuple[int, int, int]


def is_leap(year: int) -> bool:
    """Say whether *year* has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _has_leap_day(from_day: int, due_day: int) -> bool:
    years = range(date.fromordinal(from_day).year, date.fromordinal(due_day).year + 1)
    return any(is_leap(year) and from_day < date(year, _FEBRUARY, _LEAP_DAY).toordinal() <= due_day for year in years)


@lru_cache(maxsize=1 << 15)
def _calendar_weights(from_day: int, due_day: int, is_leap_day_only: bool, shift: int) -> tuple[Weight, ...]:  # noqa: FBT001  a cache key of scalars
    if is_leap_day_only and not _has_leap_day(from_day, due_day):
        return ((from_day, due_day, 1, _YEAR),)
    first, last = date.fromordinal(from_day).year, date.fromordinal(due_day).year
    runs: list[Weight] = []
    at = from_day
    for year in range(first - shift, last + 1):
        end = min(date(year, 12, 31).toordinal() + shift, due_day)
        if end > at:
            runs.append((at, end, 1, _LEAP if is_leap(year) else _YEAR))
            at = end
    return tuple(runs)


def _weights(terms: Terms, from_days: Sequence[int], due_days: Sequence[int]) -> list[Sequence[Weight]]:
    """Cut the periods into runs of days that weigh the same. Source: the table of day counts in the README."""
    every, unit = terms.frequency.every, terms.frequency.unit
    spans = zip(from_days, due_days, strict=True)
    if terms.interest_period is InterestPeriod.INSTALMENT and unit in _PERIODS_A_YEAR:
        a_year = _PERIODS_A_YEAR[unit]
        return [((start, end, every, a_year * (end - start)),) for start, end in spans]
    if terms.day_count is DayCount.THIRTY_360:
        counted = _THIRTY_DAYS[unit] * every
        return [((start, end, counted, 360 * (end - start)),) for start, end in spans]
    fixed = _FIXED_YEAR.get(terms.day_count)
    if fixed is not None:
        return [((start, end, 1, fixed),) for start, end in spans]
    is_leap_day_only = terms.leap_year is LeapYear.FEB_29_PERIOD_ONLY
    shift = int(terms.year_boundary is YearBoundary.JAN_1)
    return [_calendar_weights(start, end, is_leap_day_only, shift) for start, end in spans]


class Factors:
    """The factors of every period under the rates and pauses known so far.

    *whole* is a period's factor with pauses taken out, *planned* the same with pauses left in; both are numerators over
    *denominator*, which never changes for one loan.
    """

    __slots__ = ("_rates", "_weights", "denominator", "pieces", "planned", "whole")

    def __init__(
        self, terms: Terms, from_days: Sequence[int], due_days: Sequence[int], rates: Sequence[Fraction]
    ) -> None:
        """*rates* are all that the loan will ever have, so that one denominator serves every one of them."""
        weights = _weights(terms, from_days, due_days)
        for row in range(terms.grace.interest_free_periods):
            weights[row] = ((from_days[row], due_days[row], 0, 1),)
        by_weight = lcm(*{run[3] for runs in weights for run in runs})
        by_rate = lcm(*{rate.denominator for rate in rates})
        self.denominator = by_weight * by_rate
        self._weights = [
            [(start, end, numerator * (by_weight // below)) for start, end, numerator, below in runs]
            for runs in weights
        ]
        self._rates = by_rate
        self.pieces: list[list[Piece]] = []
        self.whole: list[int] = []
        self.planned: list[int] = []

    def set(self, rates: Sequence[tuple[int, Fraction]], pauses: Sequence[tuple[int, int]]) -> None:
        """Apply the *rates*, each from the end of a day on, and the *pauses* (from, to]."""
        steps = [(start, rate.numerator * (self._rates // rate.denominator)) for start, rate in rates]
        if len(steps) == 1 and not pauses:
            rate = steps[0][1]
            self.pieces = [[(start, end, weight * rate) for start, end, weight in runs] for runs in self._weights]
            self.whole = [sum([(end - start) * each for start, end, each in runs]) for runs in self.pieces]
            self.planned = self.whole
            return
        unpaused = [_at_rates(runs, steps) for runs in self._weights]
        self.planned = [sum((end - start) * each for start, end, each in runs) for runs in unpaused]
        self.pieces = [_without_pauses(runs, pauses) for runs in unpaused] if pauses else unpaused
        self.whole = [sum((end - start) * each for start, end, each in runs) for runs in self.pieces]

    def part(self, row: int, from_day: int, to_day: int) -> int:
        """Sum the days (from, to] of one period; what lies outside the period is nothing."""
        total = 0
        for start, end, each in self.pieces[row]:
            days = (min(end, to_day)) - (max(start, from_day))
            if days > 0:
                total += days * each
        return total


def _at_rates(runs: Sequence[Piece], steps: Sequence[tuple[int, int]]) -> list[Piece]:
    cut: list[Piece] = []
    for start, end, weight in runs:
        at = start
        for index, (_, rate) in enumerate(steps):
            until = min(end, steps[index + 1][0]) if index + 1 < len(steps) else end
            if until > at:
                cut.append((at, until, weight * rate))
                at = until
    return cut


def _without_pauses(runs: Sequence[Piece], pauses: Sequence[tuple[int, int]]) -> list[Piece]:
    kept = list(runs)
    for pause_from, pause_to in pauses:
        left: list[Piece] = []
        for start, end, each in kept:
            if pause_to <= start or end <= pause_from:
                left.append((start, end, each))
                continue
            if start < pause_from:
                left.append((start, pause_from, each))
            if pause_to < end:
                left.append((pause_to, end, each))
        kept = left
    return kept

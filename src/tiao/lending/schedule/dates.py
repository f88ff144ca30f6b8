"""Due dates: always counted from the anchor's own day, so that 31 January leads to 28 February and then to 31 March."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date
from functools import lru_cache

from tiao.lending.schedule.refusals import ScheduleDayImpossible, ScheduleTermsImpossible
from tiao.lending.schedule.terms import Frequency, MonthEnd, Terms, Unit

_MONTHS = 12
_DAYS_A_WEEK = 7
_LAST_ORDINAL = date.max.toordinal()


def due_ordinals(anchor: date, frequency: Frequency, count: int, month_end: MonthEnd) -> list[int]:
    """Count *count* due dates from *anchor*, as proleptic ordinals.

    A day that its month lacks becomes the month's last or the first of the next, as *month_end* says. Dates that fall
    on holidays are moved by the caller, after they are made, so that the next still counts from the anchor.
    Refuses: ScheduleTermsImpossible when the calendar ends first.
    """
    every = frequency.every
    if frequency.unit in (Unit.DAY, Unit.WEEK):
        step = every if frequency.unit is Unit.DAY else every * _DAYS_A_WEEK
        first = anchor.toordinal()
        if first + step * count > _LAST_ORDINAL:
            raise _too_long()
        return list(range(first + step, first + step * count + 1, step))
    months = every if frequency.unit is Unit.MONTH else every * _MONTHS
    if anchor.year + (anchor.month + months * count) // _MONTHS >= MAXYEAR:
        raise _too_long()
    start = anchor.year * _MONTHS + anchor.month - 1
    return [
        _in_month(start + months * step, anchor.day, month_end is MonthEnd.LAST_DAY) for step in range(1, count + 1)
    ]


@lru_cache(maxsize=1 << 14)
def _in_month(month: int, day: int, is_last_day: bool) -> int:  # noqa: FBT001  a cache key of three scalars
    year, index = divmod(month, _MONTHS)
    length = monthrange(year, index + 1)[1]
    first = date(year, index + 1, 1).toordinal()
    if day <= length:
        return first + day - 1
    return first + length - 1 if is_last_day else first + length


def _too_long() -> ScheduleTermsImpossible:
    return ScheduleTermsImpossible("the plan ends after the last day of the calendar", pointer="/terms/instalments")


def periods(terms: Terms, start_on: date, count: int) -> tuple[list[int], list[int]]:
    """Lay out *count* periods (from, due], the first from *start_on*.

    Refuses: ScheduleDayImpossible when the first due date is not after the start.
    """
    anchor = terms.due_dates_from_on or start_on
    due = due_ordinals(anchor, terms.frequency, count, terms.month_end)
    start = start_on.toordinal()
    if due[0] <= start:
        raise ScheduleDayImpossible(
            f"the first due date, {date.fromordinal(due[0])}, is not after the start, {start_on}",
            pointer="/terms/due_dates_from_on",
        )
    return [start, *due[:-1]], due

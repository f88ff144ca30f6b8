"""Bringing the last row of an equal plan close to the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tiao.lending.schedule.rounding import rounded, to_multiple
from tiao.lending.schedule.terms import Terms

#: An instalment is smoothed at most three times. Source: Apache Fineract's progressive schedules.
_SMOOTHINGS_MAX = 3

#: Principal and interest of the rows being set.
Parts = tuple[list[int], list[int]]


class Smoothed(NamedTuple):
    """An instalment, the rows it leads to, and whether it differs from the one tried first."""

    instalment: int
    parts: Parts
    is_smoothed: bool

    @property
    def last(self) -> int:
        """The total of the last row."""
        principal, interest = self.parts
        return principal[-1] + interest[-1]


def smoothed(instalment: int, terms: Terms, attempt: Callable[[int], Parts]) -> Smoothed:
    """Move the gap of the last row over all of them, while that narrows it and it is more than half a unit a row.

    *attempt* plans the rows at an instalment. Rounds: each step, then to the agreed multiple.
    """
    parts = attempt(instalment)
    count = len(parts[0])
    gap = _gap(parts)
    is_smoothed = False
    for _ in range(_SMOOTHINGS_MAX):
        if count == 1 or abs(gap) <= count // 2:
            break
        candidate = to_multiple(max(instalment + rounded(gap, count, terms.rounding), 0), terms)
        if candidate == instalment:
            break
        tried = attempt(candidate)
        new_gap = _gap(tried)
        if abs(new_gap) >= abs(gap):
            break
        instalment, parts, gap, is_smoothed = candidate, tried, new_gap, True
    return Smoothed(instalment, parts, is_smoothed)


def _gap(parts: Parts) -> int:
    """How far the last row's total is from the last but one's."""
    principal, interest = parts
    if len(principal) == 1:
        return 0
    return principal[-1] + interest[-1] - principal[-2] - interest[-2]

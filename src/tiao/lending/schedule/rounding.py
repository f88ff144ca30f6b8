"""Rounding of exact ratios of whole numbers; amounts here are never negative."""

from __future__ import annotations

from tiao.lending.schedule.terms import Terms
from tiao.values.money import Rounding


def rounded(numerator: int, denominator: int, mode: Rounding) -> int:
    """Round a ratio to a whole number. Rounds: half even or half up, as *mode* says; symmetric about zero."""
    if numerator < 0:
        return -rounded(-numerator, denominator, mode)
    whole, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and (mode is Rounding.HALF_UP or whole & 1)):
        return whole + 1
    return whole


def to_multiple(amount: int, terms: Terms) -> int:
    """Round to the agreed multiple; an amount that it would take to nothing stays. Rounds: as the terms say."""
    multiple = terms.instalment_multiple_minor
    if multiple is None:
        return amount
    return rounded(amount, multiple, terms.rounding) * multiple or amount

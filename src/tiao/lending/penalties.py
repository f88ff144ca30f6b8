"""The penalty on overdue money, in exact integers: no rounding error can build up over days.

A day's penalty is *base × parts per million* and is kept in millionths of a minor unit; only the whole minor units of
the sum are ever charged.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from tiao.lending.refusals import PenaltyAboveCap

MICRO = 10**6
_DAYS_IN_YEAR = 365
_PPM = Decimal("0.000001")


class PenaltyDay(NamedTuple):
    """An accrual after some days: what has built up in millionths, and what of it is newly due to be charged."""

    accrued_micro: int
    to_post_minor: int


def cap_ppm_per_day(cap_annual: Decimal) -> int:
    """Turn a yearly cap into parts per million a day. Rounds: down to six decimals."""
    return int((cap_annual / _DAYS_IN_YEAR).quantize(_PPM, ROUND_DOWN) * MICRO)


def penalty_ppm_per_day(daily_rate: Decimal, cap_annual: Decimal, *, interest_ppm_per_day: int = 0) -> int:
    """Find what is charged a day: the smaller of the contract's rate and what the cap leaves beside running interest.

    Rounds: down to six decimals. Units: parts per million a day.
    Source: policy `penalty.daily_rate`, `penalty.annual_cap`.
    """
    rate_ppm = int(daily_rate.quantize(_PPM, ROUND_DOWN) * MICRO)
    return max(0, min(rate_ppm, cap_ppm_per_day(cap_annual) - interest_ppm_per_day))


def check_penalty_rate(daily_rate: Decimal, cap_annual: Decimal, *, interest_daily_rate: Decimal = Decimal(0)) -> None:
    """Decide whether a product may be published with this penalty; what is charged is the smaller one in any case.

    Refuses: PenaltyAboveCap.
    """
    if daily_rate + interest_daily_rate > Decimal(cap_ppm_per_day(cap_annual)) / MICRO:
        raise PenaltyAboveCap(rule="penalty.daily_rate", cap_annual=str(cap_annual), daily_rate=str(daily_rate))


def accrue(base_minor: int, ppm_per_day: int, *, days: int = 1, accrued_micro: int = 0) -> PenaltyDay:
    """Add some days of penalty on an unchanged base to what has built up. It bears no penalty itself.

    Rounds: down, on the running sum, so that the charged total is that of the whole time however it is cut into days.
    """
    after = accrued_micro + base_minor * ppm_per_day * days
    return PenaltyDay(after, after // MICRO - accrued_micro // MICRO)


def posted_minor(accrued_micro: int) -> int:
    """Say how many whole minor units have been charged of an accrual. Rounds: down."""
    return accrued_micro // MICRO

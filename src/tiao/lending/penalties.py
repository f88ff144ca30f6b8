"""The penalty on overdue money, in exact integers: no rounding error can build up over days.

A day's penalty is *base × parts per million* and is kept in millionths of a minor unit; only the whole minor units of
the sum are ever charged.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import Enum
from typing import NamedTuple

from msgspec import Struct

from tiao.lending.refusals import PenaltyAboveCap
from tiao.policy.pack import NO_FACTS, Facts, Pack

MICRO = 10**6
#: The yearly ceilings that a daily penalty answers to.
_CEILINGS = ("penalty.annual_cap", "penalty.total_ceiling")
_DAYS_IN_YEAR = 365
_PPM = Decimal("0.000001")


class PenaltyBase(Enum):
    """What a penalty is charged on."""

    OVERDUE_PRINCIPAL = "overdue_principal"
    OVERDUE_PRINCIPAL_AND_FEE = "overdue_principal_and_fee"


class PenaltyPolicy(Struct, frozen=True):
    """What a contract charges for being late; fixed on its day. Units: parts per million a day."""

    ppm_per_day: int
    base: PenaltyBase
    grace_days: int

    def base_minor(self, *, principal_minor: int, fee_minor: int) -> int:
        """Say how much of what is overdue bears a penalty; a penalty never does."""
        return principal_minor + (fee_minor if self.base is PenaltyBase.OVERDUE_PRINCIPAL_AND_FEE else 0)


class PenaltyDay(NamedTuple):
    """An accrual after some days: what has built up in millionths, and what of it is newly due to be charged."""

    accrued_micro: int
    to_post_minor: int


def penalty_policy(pack: Pack, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> PenaltyPolicy:
    """Read what a contract made on a day charges for being late. Refuses: PolicyValueMissing."""
    daily_rate = pack.decimal("penalty.daily_rate", on=on, lender_type=lender_type, when=when)
    ceiling = penalty_ceiling(pack, on=on, lender_type=lender_type, when=when)
    return PenaltyPolicy(
        ppm_per_day=_ppm(daily_rate) if ceiling is None else penalty_ppm_per_day(daily_rate, ceiling),
        base=PenaltyBase(pack.text("penalty.base", on=on, lender_type=lender_type)),
        grace_days=pack.integer("grace_days", on=on, lender_type=lender_type),
    )


def penalty_ceiling(pack: Pack, *, on: date, lender_type: str, when: Facts = NO_FACTS) -> Decimal | None:
    """Find the lowest yearly ceiling on penalties of contracts made on a day, or nothing where no rule reaches."""
    reached = [rule for rule in _CEILINGS if pack.reaches(rule, on=on, lender_type=lender_type, when=when)]
    return min((pack.decimal(rule, on=on, lender_type=lender_type, when=when) for rule in reached), default=None)


def cap_ppm_per_day(cap_annual: Decimal) -> int:
    """Turn a yearly cap into parts per million a day. Rounds: down to six decimals."""
    return _ppm(cap_annual / _DAYS_IN_YEAR)


def penalty_ppm_per_day(daily_rate: Decimal, cap_annual: Decimal, *, interest_ppm_per_day: int = 0) -> int:
    """Find what is charged a day: the smaller of the contract's rate and what the cap leaves beside running interest.

    Rounds: down to six decimals. Units: parts per million a day.
    Source: policy `penalty.daily_rate`, `penalty.annual_cap`.
    """
    return max(0, min(_ppm(daily_rate), cap_ppm_per_day(cap_annual) - interest_ppm_per_day))


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


def _ppm(daily_rate: Decimal) -> int:
    return int(daily_rate.quantize(_PPM, ROUND_DOWN) * MICRO)

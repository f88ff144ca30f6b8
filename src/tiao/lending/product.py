"""What a product is: a price, its plans, and the days on which it is sold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum

import msgspec

from tiao.lending.model import BillingMode, Pricing
from tiao.lending.schedule.terms import NO_GRACE, DayCount, Grace
from tiao.values.money import Rounding


class Scene(Enum):
    """Where a product may be chosen: buying, putting a bill into instalments, a plan for somebody in hardship."""

    PURCHASE = "purchase"
    BILL = "bill"
    HARDSHIP = "hardship"


class EarlyPayoff(Enum):
    """What settling early saves."""

    NOTHING_TO_SAVE = "nothing_to_save"
    #: The fee of a term that is settled before its statement falls away.
    UNBILLED_FEES_FALL = "unbilled_fees_fall"
    #: Interest stops on the day.
    INTEREST_TO_THE_DAY = "interest_to_the_day"


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of a product, sold from *effective_from* until before *effective_to*.

    *plans* gives for each plan code its number of terms. Units: *fee_rate_per_term* is a share of the original
    principal a term, *rate_annual* a share a year.
    """

    name: str
    version: int = 1
    effective_from: date
    effective_to: date | None = None
    pricing: Pricing
    fee_rate_per_term: Decimal = Decimal(0)
    rate_annual: Decimal = Decimal(0)
    plans: dict[str, int]
    mode: BillingMode
    day_count: DayCount = DayCount.THIRTY_360
    rounding: Rounding = Rounding.HALF_EVEN
    grace: Grace = NO_GRACE
    scenes: tuple[Scene, ...] = (Scene.PURCHASE,)
    early_payoff: EarlyPayoff

"""What a purchase on credit is: its terms, its instalments, and the billing rules they were made under."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import NamedTuple, TypeAlias
from uuid import UUID

from msgspec import Struct

from tiao.lending.schedule.terms import NO_GRACE, DayCount, Grace
from tiao.values.money import Rounding

#: An exact rate. Decimal where it was written down, Fraction where a total had to be split over terms.
Rate: TypeAlias = Decimal | Fraction


#: The last day of the month that February always has.
DUE_DAY_MAX = 28


class FeePayer(Enum):
    """Who bears the instalment fee; it is the whole fee or none of it."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"


class Pricing(Enum):
    """What a product costs, and how its principal comes back."""

    INTEREST_FREE = "interest_free"
    #: 分期手续费
    FLAT_FEE = "flat_fee"
    #: 等额本息
    ANNUITY = "annuity"
    #: 等额本金
    EQUAL_PRINCIPAL = "equal_principal"
    #: 按期付息、到期还本
    BULLET = "bullet"

    @property
    def bears_interest(self) -> bool:
        """Tell whether it costs interest for the days on which money is used, rather than a fee a term."""
        return self is Pricing.ANNUITY or self is Pricing.EQUAL_PRINCIPAL or self is Pricing.BULLET


class CostKind(Enum):
    """What the cost of a loan is, and is booked as; a loan has one of them."""

    FEE = "fee"
    INTEREST = "interest"


def cost_kind_of(interest_from_on: date | None, carry_through: date | None) -> CostKind:
    """Say what the cost of an instalment is: interest where a day counts from which, or through which, it runs."""
    return CostKind.FEE if interest_from_on is None and carry_through is None else CostKind.INTEREST


class BillingMode(Enum):
    """Where due dates come from: the account's monthly statement, or the order's own anniversaries."""

    STATEMENT = "statement"
    ORDER = "order"


class DueRule(Enum):
    """How a statement's due date is found."""

    OFFSET_DAYS = "offset_days"
    FIXED_DAY_OF_MONTH = "fixed_day_of_month"


class OrderDueRule(Enum):
    """How due dates follow the day of purchase in order mode."""

    MONTHLY_ANNIVERSARY = "monthly_anniversary"
    PLUS_30_DAYS = "plus_30_days"


class Remainder(Enum):
    """Which instalment takes the fen of the fee that an even split leaves over."""

    LAST = "last"
    FIRST = "first"


class BillingPolicy(Struct, frozen=True):
    """The dated parameters a plan is made under; read from a policy pack by `billing.billing_policy`."""

    due_rule: DueRule
    due_offset_days: int
    due_day_of_month: int
    order_due_rule: OrderDueRule
    fee_remainder_to: Remainder
    terms_offered: tuple[int, ...]
    instalment_min_minor: int
    autopay_offset_days: int

    def __post_init__(self) -> None:
        """Keep to due days that every month has: else two statements could fall due on one day, about February."""
        assert 1 <= self.due_day_of_month <= DUE_DAY_MAX, f"a fixed due day is 1 to {DUE_DAY_MAX}"


class PlanTerms(Struct, frozen=True):
    """What a customer may agree to: over how many terms, at which price, paid by whom, billed how.

    Units: *fee_rate_per_term* is a share of the original principal a term, *rate_annual* a share a year, never percent.
    """

    code: str
    terms: int
    fee_rate_per_term: Rate
    fee_payer: FeePayer
    mode: BillingMode
    #: Which version of its product it comes from; what is sold keeps it.
    version: int = 1
    pricing: Pricing = Pricing.FLAT_FEE
    rate_annual: Decimal = Decimal(0)
    day_count: DayCount = DayCount.THIRTY_360
    rounding: Rounding = Rounding.HALF_EVEN
    grace: Grace = NO_GRACE

    @property
    def cost_kind(self) -> CostKind:
        """Say what the customer's cost is."""
        is_interest = self.pricing.bears_interest and self.fee_payer is FeePayer.CONSUMER
        return CostKind.INTEREST if is_interest else CostKind.FEE


class Instalment(Struct, frozen=True, gc=False):
    """One part of a plan; *subsidy_minor* is the cost the merchant bears in the customer's place.

    *fee_minor* is its fee, or where *interest_from_on* is given its interest: that of *interest_on_minor* from that day
    to the statement date.
    """

    number: int
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    subsidy_minor: int
    interest_from_on: date | None = None
    interest_on_minor: int = 0


class Plan(Struct, frozen=True):
    """A purchase as agreed; its parts add up to its totals."""

    terms: PlanTerms
    instalments: tuple[Instalment, ...]
    principal_minor: int
    fee_minor: int
    subsidy_minor: int


class Component(Enum):
    """What a payment can be put against."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class InstalmentKey(NamedTuple):
    """Which instalment of which loan."""

    loan_id: UUID
    number: int


class OpenInstalment(Struct, frozen=True):
    """What is unpaid of one instalment; *is_billed* is true once its statement is out or its due date has come."""

    instalment_id: InstalmentKey
    due_on: date
    is_billed: bool
    principal_minor: int
    fee_minor: int = 0
    penalty_minor: int = 0
    interest_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Add up what money of its day can pay."""
        return self.principal_minor + self.fee_minor + self.interest_minor + self.penalty_minor


class AllocatedPart(Struct, frozen=True):
    """What of one payment went to one instalment."""

    instalment_id: InstalmentKey
    penalty_minor: int
    fee_minor: int
    interest_minor: int
    principal_minor: int

    @property
    def total_minor(self) -> int:
        """Add up the components."""
        return self.penalty_minor + self.cost_minor + self.principal_minor

    @property
    def cost_minor(self) -> int:
        """Give what went to the cost of the credit: its fee or its interest, of which a loan has one."""
        return self.fee_minor + self.interest_minor

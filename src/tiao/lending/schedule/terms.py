"""What was agreed: the terms of one loan, frozen at signing. Amounts in minor units, rates exact and a year."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction

import msgspec

from tiao.values.money import Rounding

#: Longest plan accepted: a century of months.
INSTALMENTS_MAX = 1200


class Unit(StrEnum):
    """The calendar step between due dates."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class MonthEnd(StrEnum):
    """Where a due date goes that its month does not have."""

    LAST_DAY = "last_day"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


class DayCount(StrEnum):
    """How days become a share of a year."""

    THIRTY_360 = "30/360"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_365 = "ACT/365"
    ACT_ACT = "ACT/ACT"


class LeapYear(StrEnum):
    """Which days ACT/ACT divides by 366."""

    CALENDAR = "calendar"
    FEB_29_PERIOD_ONLY = "feb_29_period_only"


class YearBoundary(StrEnum):
    """The day up to which ACT/ACT counts the old year."""

    DEC_31 = "dec_31"
    JAN_1 = "jan_1"


class InterestMethod(StrEnum):
    """What interest is charged on."""

    DECLINING_BALANCE = "declining_balance"
    FLAT = "flat"


class Amortisation(StrEnum):
    """How principal comes back: 等额本息, 等额本金, 到期还本."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"
    BULLET = "bullet"


class InterestPeriod(StrEnum):
    """Whether interest counts days or whole periods."""

    DAILY = "daily"
    INSTALMENT = "instalment"


class ScheduleModel(StrEnum):
    """Two ways to plan a flat loan."""

    PROGRESSIVE = "progressive"
    CUMULATIVE = "cumulative"


class Rest(StrEnum):
    """How often recalculated interest is set."""

    DAILY = "daily"
    INSTALMENT = "instalment"


class PayoffInterest(StrEnum):
    """Up to which day interest is payable when money comes before it is due."""

    TO_PAYOFF_DATE = "to_payoff_date"
    TO_REST_DATE = "to_rest_date"


class AfterEarlyPayment(StrEnum):
    """What gives way when principal is paid early."""

    ADJUST_LAST_UNPAID = "adjust_last_unpaid"
    REDUCE_INSTALMENT = "reduce_instalment"
    MOVE_NEXT_DUE = "move_next_due"


class Compounding(StrEnum):
    """Whether unpaid interest bears interest; it never does."""

    NONE = "none"


class ChargeOffInterest(StrEnum):
    """What a charge-off does to the plan."""

    REGULAR = "regular"
    ZERO_INTEREST = "zero_interest"
    ACCELERATE_MATURITY = "accelerate_maturity"


class Component(StrEnum):
    """One of the four parts of a row."""

    PENALTIES = "penalties"
    FEES = "fees"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class Future(StrEnum):
    """Which rows in advance take money first."""

    NEXT = "next"
    LAST = "last"
    NEXT_THEN_LAST = "next_then_last"
    SPREAD = "spread"


class Direction(StrEnum):
    """Row by row, or entry by entry."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class DueState(StrEnum):
    """Where a row stands on a day; it is due on its day and past due after it."""

    PAST_DUE = "past_due"
    DUE = "due"
    IN_ADVANCE = "in_advance"


class Frequency(msgspec.Struct, frozen=True):
    """The distance between due dates."""

    every: int
    unit: Unit


class DownPayment(msgspec.Struct, frozen=True):
    """The part of each draw that is due on its day."""

    share: Fraction
    is_automatic: bool


class Grace(msgspec.Struct, frozen=True):
    """How many periods run without principal, without interest due, and without interest."""

    principal_periods: int = 0
    interest_payment_periods: int = 0
    interest_free_periods: int = 0


class Recalculation(msgspec.Struct, frozen=True):
    """How interest follows what is really outstanding."""

    rest: Rest = Rest.DAILY
    payoff_interest: PayoffInterest = PayoffInterest.TO_PAYOFF_DATE
    after_early_payment: AfterEarlyPayment = AfterEarlyPayment.ADJUST_LAST_UNPAID
    is_interest_on_overdue: bool = True


class Rule(msgspec.Struct, frozen=True):
    """The order in which one type of payment is used up; *by_state* is the same order, state by state."""

    order: tuple[tuple[DueState, Component], ...]
    by_state: tuple[tuple[DueState, tuple[Component, ...]], ...]
    future: Future


class ByDueState(msgspec.Struct, frozen=True):
    """Allocation by whether a row is past due, due or in advance; a type without a rule has the default one."""

    direction: Direction
    rules: dict[str, Rule]


class ByInstalment(msgspec.Struct, frozen=True):
    """Allocation row by row from the oldest, with one order for rows that are due and one for the others."""

    order_due: tuple[Component, ...]
    order_in_advance: tuple[Component, ...]


USUAL_ORDER = tuple(Component)


def rule_of(order: tuple[tuple[DueState, Component], ...], future: Future) -> Rule:
    """Make a rule; its states come in the order of their first mention."""
    by_state = tuple(
        (state, tuple(part for each, part in order if each is state))
        for state in dict.fromkeys(each for each, _ in order)
    )
    return Rule(order, by_state, future)


#: Penalties, fees, interest, principal; past due, due, in advance; the next row first.
USUAL_RULE = rule_of(tuple((state, part) for state in DueState for part in USUAL_ORDER), Future.NEXT)
USUAL_ALLOCATION = ByDueState(direction=Direction.HORIZONTAL, rules={"default": USUAL_RULE})

NO_GRACE = Grace()
MONTHLY = Frequency(1, Unit.MONTH)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that fixes a plan. *Units:* amounts in minor units, rates a year, shares of one."""

    principal_minor: int
    annual_rate: Fraction
    instalments: int
    frequency: Frequency = MONTHLY
    currency_decimals: int = 2
    rounding: Rounding = Rounding.HALF_EVEN
    due_dates_from_on: date | None = None
    month_end: MonthEnd = MonthEnd.LAST_DAY
    day_count: DayCount = DayCount.THIRTY_360
    leap_year: LeapYear = LeapYear.CALENDAR
    year_boundary: YearBoundary = YearBoundary.DEC_31
    interest_method: InterestMethod = InterestMethod.DECLINING_BALANCE
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENTS
    interest_period: InterestPeriod = InterestPeriod.DAILY
    is_partial_period_interest_allowed: bool = True
    schedule_model: ScheduleModel = ScheduleModel.PROGRESSIVE
    instalment_multiple_minor: int | None = None
    down_payment: DownPayment | None = None
    grace: Grace = NO_GRACE
    instalment_fee_share: Fraction | None = None
    recalculation: Recalculation | None = None
    is_term_extended_by_draw: bool = False
    allocation: ByDueState | ByInstalment = USUAL_ALLOCATION
    interest_refund_on: frozenset[str] = frozenset()
    on_charge_off: ChargeOffInterest = ChargeOffInterest.REGULAR
    chargeback_order: tuple[Component, ...] = USUAL_ORDER

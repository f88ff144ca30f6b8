"""The JSON documents of `tiao schedule`, as they are written. Every field is read; an unknown one is refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from tiao.lending.schedule.slots import RowKind
from tiao.lending.schedule.terms import (
    AfterEarlyPayment,
    Amortisation,
    ChargeOffInterest,
    Component,
    Compounding,
    DayCount,
    Direction,
    Future,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    MonthEnd,
    PayoffInterest,
    Rest,
    ScheduleModel,
    Unit,
    YearBoundary,
)
from tiao.lending.schedule.transactions import ChargeKind

_ID_MAX = 200

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=_ID_MAX)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON object of which every field is read."""


class FrequencyDoc(_Strict, frozen=True):
    """How far due dates lie apart."""

    every: Annotated[int, msgspec.Meta(le=10_000)]
    unit: Unit


class DownPaymentDoc(_Strict, frozen=True):
    """The share of a draw that is due at once."""

    share: str
    is_automatic: bool


class GraceDoc(_Strict, frozen=True):
    """Periods of grace."""

    principal_periods: int = 0
    interest_payment_periods: int = 0
    interest_free_periods: int = 0


class RecalculationDoc(_Strict, frozen=True):
    """How interest follows payments."""

    rest: Rest = Rest.DAILY
    payoff_interest: PayoffInterest = PayoffInterest.TO_PAYOFF_DATE
    after_early_payment: AfterEarlyPayment = AfterEarlyPayment.ADJUST_LAST_UNPAID
    is_interest_on_overdue: bool = True
    compounding: Compounding = Compounding.NONE


class RuleDoc(_Strict, frozen=True):
    """What one type of payment is used for; what is missing comes from the default rule."""

    order: list[str] | None = None
    future: Future | None = None


class ByDueStateDoc(_Strict, frozen=True, tag_field="mode", tag="by_due_state"):
    """Allocation by the state of a row."""

    direction: Direction = Direction.HORIZONTAL
    rules: dict[str, RuleDoc] = {}


class ByInstalmentDoc(_Strict, frozen=True, tag_field="mode", tag="by_instalment"):
    """Allocation row by row."""

    order_due: list[Component]
    order_in_advance: list[Component]


class TermsDoc(_Strict, frozen=True):
    """The terms as they are written."""

    principal: str
    annual_rate: str
    instalments: int
    frequency: FrequencyDoc
    currency_decimals: int = 2
    rounding: Literal["half_even", "half_up"] = "half_even"
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
    instalment_multiple: str | None = None
    down_payment: DownPaymentDoc | None = None
    grace: GraceDoc | None = None
    instalment_fee_share: str | None = None
    recalculation: RecalculationDoc | None = None
    is_term_extended_by_draw: bool = False
    allocation: ByDueStateDoc | ByInstalmentDoc | None = None
    interest_refund_on: list[Literal["merchant_refund", "payout_refund"]] | None = None
    on_charge_off: ChargeOffInterest = ChargeOffInterest.REGULAR
    chargeback_order: list[Component] | None = None


class _Entry(_Strict, frozen=True, tag_field="type"):
    """What every transaction has."""

    id: Id
    posted_on: date


class _Money(_Entry, frozen=True):
    effective_on: date
    amount: str


class DrawDoc(_Money, frozen=True, tag="draw"):
    """A draw."""


class RepaymentDoc(_Money, frozen=True, tag="repayment"):
    """A repayment."""


class GoodwillDoc(_Money, frozen=True, tag="goodwill_credit"):
    """A goodwill credit."""


class WaiverDoc(_Money, frozen=True, tag="interest_waiver"):
    """A waiver of interest, which pays like money."""


class _Refund(_Money, frozen=True):
    is_interest_refunded: bool = True


class MerchantRefundDoc(_Refund, frozen=True, tag="merchant_refund"):
    """Goods went back."""


class PayoutRefundDoc(_Refund, frozen=True, tag="payout_refund"):
    """A refund that we paid out."""


class PayoffDoc(_Entry, frozen=True, tag="payoff"):
    """A payoff."""

    effective_on: date


class ChargeDoc(_Entry, frozen=True, tag="charge"):
    """A fee or penalty."""

    kind: ChargeKind
    due_on: date
    amount: str


class ReversalDoc(_Entry, frozen=True, tag="reversal"):
    """A reversal."""

    of: str


class RateChangeDoc(_Entry, frozen=True, tag="rate_change"):
    """A change of the yearly rate."""

    effective_on: date
    annual_rate: str


class PauseDoc(_Entry, frozen=True, tag="interest_pause"):
    """A pause of interest."""

    from_on: date
    to_on: date


PaymentDoc = RepaymentDoc | GoodwillDoc | WaiverDoc | MerchantRefundDoc | PayoutRefundDoc
TransactionDoc = PaymentDoc | DrawDoc | PayoffDoc | ChargeDoc | ReversalDoc | RateChangeDoc | PauseDoc


class Document(_Strict, frozen=True):
    """One question to the engine."""

    id: str
    start_on: date
    terms: TermsDoc
    transactions: list[TransactionDoc] = []
    as_of_on: date | None = None


class RowDoc(msgspec.Struct):
    """One row of the answer."""

    number: int
    kind: RowKind
    from_on: date
    due_on: date
    days: int
    principal: str
    interest: str
    fees: str
    penalties: str
    total: str
    balance: str
    paid: str
    paid_early: str
    paid_late: str
    outstanding: str
    settled_on: date | None


class BookedDoc(msgspec.Struct):
    """One payment of the answer."""

    id: str
    type: str
    effective_on: date
    amount: str
    principal: str
    interest: str
    fees: str
    penalties: str
    overpaid: str
    principal_balance: str
    is_reversed: bool
    is_generated: bool


class AnswerDoc(msgspec.Struct):
    """The answer to one document."""

    id: str
    as_of_on: date
    rows: list[RowDoc]
    transactions: list[BookedDoc]

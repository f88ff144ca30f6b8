"""What happened to a loan, in the order of entry. Each has its own day and the business day on which it was entered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction

import msgspec


class PaymentType(StrEnum):
    """Money, or what pays like money."""

    REPAYMENT = "repayment"
    GOODWILL_CREDIT = "goodwill_credit"
    INTEREST_WAIVER = "interest_waiver"
    MERCHANT_REFUND = "merchant_refund"
    PAYOUT_REFUND = "payout_refund"


#: Payments that undo part of the purchase.
REFUNDS = frozenset({PaymentType.MERCHANT_REFUND, PaymentType.PAYOUT_REFUND})

#: What the engine books itself, named after its cause.
DOWN_PAYMENT = "down_payment"
INTEREST_REFUND = "interest_refund"
PAYOFF = "payoff"


class ChargeKind(StrEnum):
    """What a charge is for."""

    FEE = "fee"
    PENALTY = "penalty"


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Money paid out to the borrower or to the merchant for them."""

    id: str
    posted_on: date
    effective_on: date
    amount_minor: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, or a credit that pays like it."""

    id: str
    posted_on: date
    effective_on: date
    amount_minor: int
    type: PaymentType
    is_interest_refunded: bool = True


class Payoff(msgspec.Struct, frozen=True, kw_only=True):
    """The payment that leaves nothing open; the engine finds its amount."""

    id: str
    posted_on: date
    effective_on: date


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A fee or penalty due on a day."""

    id: str
    posted_on: date
    due_on: date
    amount_minor: int
    kind: ChargeKind


class Reversal(msgspec.Struct, frozen=True, kw_only=True):
    """Undoes an earlier transaction, or what the engine booked because of one."""

    id: str
    posted_on: date
    of: str


class RateChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another yearly rate, for its day and later."""

    id: str
    posted_on: date
    effective_on: date
    annual_rate: Fraction


class InterestPause(msgspec.Struct, frozen=True, kw_only=True):
    """Days without interest, the first and the last included."""

    id: str
    posted_on: date
    from_on: date
    to_on: date


Transaction = Draw | Payment | Payoff | Charge | Reversal | RateChange | InterestPause

"""What lending stores: loans and their instalments, bills, repayments, refunds."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending.interest import Bearing, payable_minor
from tiao.lending.model import CostKind, InstalmentKey, OpenInstalment, Plan, cost_kind_of


class LoanStatus(StrEnum):
    """What became of a loan."""

    ACTIVE = "active"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"


class LoanKind(StrEnum):
    """What a loan came from."""

    PURCHASE = "purchase"
    BILL_PLAN = "bill_plan"
    HARDSHIP_PLAN = "hardship_plan"
    #: What only the minimum was paid of.
    REVOLVING = "revolving"
    #: What was moved of a loan that was arranged anew.
    RESCHEDULED = "rescheduled"


class ReceiptKind(StrEnum):
    """Where the money of a repayment came from."""

    DEBIT = "debit"
    TRANSFER = "transfer"
    CREDIT_BALANCE = "credit_balance"
    REFUND = "refund"
    GOODWILL = "goodwill"
    REFINANCING = "refinancing"
    RECOVERY = "recovery"

    @property
    def may_recover(self) -> bool:
        """Tell whether what is left over makes a loss good first: the customer's own money does."""
        return self in {ReceiptKind.DEBIT, ReceiptKind.TRANSFER, ReceiptKind.RECOVERY}


class NewLoan(NamedTuple):
    """A capture to be booked: whose purchase, under which plan, at which cost to the merchant."""

    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID | None
    currency: str
    plan: Plan
    discount_minor: int
    penalty_ppm: int
    taken_on: date
    #: What the authorisation held for this capture and now lets go.
    released_hold_minor: int
    kind: LoanKind = LoanKind.PURCHASE
    refinances_statement_on: date | None = None
    refinances_loan_id: UUID | None = None


class Loan(Struct, frozen=True):
    """A loan as stored."""

    bucket: int
    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID | None
    currency: str
    plan_code: str
    mode: str
    principal_minor: int
    fee_minor: int
    subsidy_minor: int
    discount_minor: int
    penalty_ppm: int
    taken_on: date
    stage: int
    status: str
    settled_on: date | None
    kind: str
    refinances_statement_on: date | None
    refinances_loan_id: UUID | None
    recorded_at: datetime
    recorded_no: int
    product_version: int
    #: What `fee_minor` is here and in its instalments: a fee, or interest.
    cost_kind: CostKind


class LoanInstalment(Struct, frozen=True):
    """An instalment as stored: what it was made with, and what became of each part."""

    bucket: int
    loan_id: UUID
    number: int
    line_id: UUID
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    subsidy_minor: int
    principal_paid_minor: int
    principal_refunded_minor: int
    principal_written_off_minor: int
    fee_paid_minor: int
    fee_cancelled_minor: int
    fee_written_off_minor: int
    subsidy_cancelled_minor: int
    penalty_minor: int
    penalty_paid_minor: int
    penalty_waived_minor: int
    penalty_charged_minor: int
    penalty_micros: int
    penalty_through: date | None
    is_billed: bool
    settled_on: date | None
    #: As agreed, before anything was charged or deferred.
    agreed_fee_minor: int
    agreed_due_on: date
    #: Where given, the fee columns hold interest: that of `interest_on_minor` from this day to the statement date.
    interest_from_on: date | None = None
    interest_on_minor: int = 0
    #: Daily interest of a balance that was carried on; its whole part is in *fee_minor*.
    carry_ppm: int = 0
    carry_micros: int = 0
    carry_through: date | None = None

    @property
    def key(self) -> InstalmentKey:
        """Name it."""
        return InstalmentKey(self.loan_id, self.number)

    @property
    def principal_open_minor(self) -> int:
        """Principal still owed."""
        return (
            self.principal_minor
            - self.principal_paid_minor
            - self.principal_refunded_minor
            - self.principal_written_off_minor
        )

    @property
    def fee_open_minor(self) -> int:
        """Fee still owed, billed or not."""
        return self.fee_minor - self.fee_paid_minor - self.fee_cancelled_minor - self.fee_written_off_minor

    @property
    def penalty_open_minor(self) -> int:
        """Penalty still owed."""
        return self.penalty_minor - self.penalty_paid_minor - self.penalty_waived_minor

    @property
    def open_minor(self) -> int:
        """All that is still owed."""
        return self.principal_open_minor + self.fee_open_minor + self.penalty_open_minor

    @property
    def cost_kind(self) -> CostKind:
        """Say what its fee is."""
        return cost_kind_of(self.interest_from_on, self.carry_through)

    @property
    def as_bearing(self) -> Bearing:
        """See it as its interest does."""
        return Bearing(
            key=self.key,
            from_on=self.interest_from_on,
            to_on=self.statement_on,
            on_minor=self.interest_on_minor,
            agreed_minor=self.fee_minor,
            cancelled_minor=self.fee_cancelled_minor,
            paid_minor=self.fee_paid_minor,
            open_minor=self.fee_open_minor,
            principal_minor=self.principal_minor - self.principal_refunded_minor,
            principal_open_minor=self.principal_open_minor,
        )

    def as_open(self, day: date, *, is_payoff: bool = False) -> OpenInstalment:
        """See it as what a payment of *day* can be put against; a statement counts from its day, closed or not."""
        is_interest = self.interest_from_on is not None
        interest = payable_minor(self.as_bearing, day, is_payoff=is_payoff) if is_interest else self.fee_open_minor
        return OpenInstalment(
            instalment_id=self.key,
            due_on=self.due_on,
            is_billed=self.statement_on <= day or (self.is_billed and not is_interest),
            principal_minor=self.principal_open_minor,
            fee_minor=self.fee_open_minor if self.cost_kind is CostKind.FEE else 0,
            interest_minor=interest if self.cost_kind is CostKind.INTEREST else 0,
            penalty_minor=self.penalty_open_minor,
        )


class InstalmentChange(NamedTuple):
    """What a repayment, refund or write-off adds to an instalment's columns. *Units*: minor units, never negative."""

    key: InstalmentKey
    principal_paid_minor: int = 0
    fee_paid_minor: int = 0
    penalty_paid_minor: int = 0
    principal_refunded_minor: int = 0
    fee_cancelled_minor: int = 0
    subsidy_cancelled_minor: int = 0
    principal_written_off_minor: int = 0
    fee_written_off_minor: int = 0
    penalty_waived_minor: int = 0
    becomes_billed: bool = False


class Receipt(NamedTuple):
    """Money received for a line, to be put against what it owes. Its id makes it count once."""

    id: UUID
    line_id: UUID
    customer_id: UUID
    kind: ReceiptKind
    currency: str
    amount_minor: int
    effective_on: date
    debit_id: UUID | None = None
    funding_source_id: UUID | None = None
    #: It settles a loan early, or without *for_loan_id* the whole line.
    is_payoff: bool = False
    for_loan_id: UUID | None = None
    #: Who put it there by hand, and why.
    actor: str | None = None
    reason: str | None = None


class BookedReceipt(NamedTuple):
    """A receipt with what of it was left over, and what of it made a loss good."""

    receipt: Receipt
    overpaid_minor: int
    recovered_minor: int


class Repayment(Struct, frozen=True):
    """A repayment as stored.

    *recovered_minor* made a loss good, *returned_minor* is what refunds have sent back to its source since.
    """

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    kind: str
    debit_id: UUID | None
    funding_source_id: UUID | None
    currency: str
    amount_minor: int
    overpaid_minor: int
    recovered_minor: int
    returned_minor: int
    effective_on: date
    recorded_at: datetime
    reversed_on: date | None
    is_payoff: bool
    for_loan_id: UUID | None
    actor: str | None
    reason: str | None
    recorded_no: int


class RepaymentPart(Struct, frozen=True):
    """What of a repayment went to one instalment, and which fee fell away because it was settled before its time."""

    repayment_id: UUID
    loan_id: UUID
    number: int
    principal_minor: int
    fee_minor: int
    penalty_minor: int
    fee_cancelled_minor: int
    #: Whether its fee is interest.
    is_interest: bool


class Bill(Struct, frozen=True):
    """A statement as cut; what is still open of it is read from its instalments."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    currency: str
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    carried_minor: int
    settled_on: date | None
    open_minor: int


class RefundFilter(NamedTuple):
    """Which refunds are wanted; None: all. Days are those on which they took effect, both included."""

    from_on: date | None = None
    until_on: date | None = None
    reference: str | None = None


class RefundRequest(NamedTuple):
    """A merchant gives money back for a purchase. Its id makes it happen once."""

    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    reference: str
    effective_on: date


class Refund(Struct, frozen=True):
    """A refund as stored: what came off the plan and what goes back to where it was paid from.

    *recovered_minor* made a loss good; *shortfall_minor* of the offset found the plan paid when it was lived again.
    """

    bucket: int
    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    offset_principal_minor: int
    returned_minor: int
    fee_cancelled_minor: int
    subsidy_cancelled_minor: int
    recovered_minor: int
    reference: str
    effective_on: date
    recorded_at: datetime
    shortfall_minor: int = 0
    #: Given by the database; 0 until then.
    recorded_no: int = 0


class ReturnToSource(NamedTuple):
    """Money that a refund sends back along a repayment."""

    repayment_id: UUID
    funding_source_id: UUID | None
    amount_minor: int


class DueLine(Struct, frozen=True):
    """A line with money due on a day, for autopay and reminders. *due_on*: the latest of the days it fell due on."""

    line_id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    due_on: date | None = None

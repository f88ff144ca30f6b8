"""What the checkout handles: offers and quotes, orders to buy, purchases."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending.model import FeePayer


class OfferedInstalment(Struct, frozen=True):
    """One instalment as shown before buying."""

    number: int
    due_on: date
    principal_minor: int
    fee_minor: int
    interest_minor: int
    total_minor: int


class Offer(Struct, frozen=True):
    """One plan with all that it costs, of one version of its product.

    *Units*: rates are exact decimal strings, a share a year; *rate_annual* is that of the interest, if it bears any.
    """

    plan: str
    terms: int
    fee_payer: FeePayer
    principal_minor: int
    fee_minor: int
    total_minor: int
    annual_rate: str
    annual_rate_simple: str
    cost_sheet_digest: str
    instalments: tuple[OfferedInstalment, ...]
    interest_minor: int
    rate_annual: str | None
    version: int


class Quote(Struct, frozen=True):
    """Offers made to one customer for one purchase, good until *expires_at*."""

    bucket: int
    id: UUID
    merchant_id: UUID
    customer_id: UUID
    line_id: UUID
    currency: str
    amount_minor: int
    offers: tuple[Offer, ...]
    created_at: datetime
    expires_at: datetime
    accepted_plan: str | None = None
    accepted_at: datetime | None = None
    cost_sheet_digest: str | None = None


class Quoted(Struct, frozen=True):
    """What of a quote an order is made from, its offers left where they are."""

    id: UUID
    merchant_id: UUID
    customer_id: UUID
    line_id: UUID
    currency: str
    amount_minor: int
    fee_payer: FeePayer
    plan_codes: list[str]


class SignedQuote(Struct, frozen=True):
    """What an order is held against: the terms of its quote, and what the customer accepted of it."""

    id: UUID
    merchant_id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    expires_at: datetime
    accepted_plan: str | None
    cost_sheet_digest: str | None
    is_used: bool


class DeclineReason(StrEnum):
    """Why a purchase is declined; the customer is told, the merchant is not."""

    CREDIT_LIMIT = "credit_limit"
    LINE_NOT_ACTIVE = "line_not_active"
    PAYMENT_OVERDUE = "payment_overdue"
    MERCHANT_SUSPENDED = "merchant_suspended"
    #: Risk control said no, at once or after a look; why is for staff.
    RISK = "risk"
    #: The customer did not confirm with the code that was sent.
    NOT_CONFIRMED = "not_confirmed"


class PurchaseOutcome(StrEnum):
    """What was decided about a purchase. Suspended ones hold the line and lend nothing until they are released."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    #: Suspended: the customer is to confirm it with a code.
    STEP_UP = "step_up"
    #: Suspended: a person looks at it.
    IN_REVIEW = "in_review"


SUSPENDED = frozenset({PurchaseOutcome.STEP_UP, PurchaseOutcome.IN_REVIEW})


class Context(NamedTuple):
    """What an order comes from, as keyed digests of 32 bytes; None where nobody said."""

    device: bytes | None = None
    ip: bytes | None = None
    terminal: bytes | None = None


class Order(NamedTuple):
    """A purchase to be authorised, and captured at once where *is_captured* says so.

    *idempotency_id* is derived from the caller and its key.
    """

    idempotency_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    plan: str
    fee_payer: FeePayer
    reference: str
    is_captured: bool
    quote_id: UUID | None = None
    context: Context = Context()


class Purchase(Struct, frozen=True):
    """A purchase as stored, declined and suspended ones included."""

    bucket: int
    id: UUID
    idempotency_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    quote_id: UUID | None
    plan_code: str
    fee_payer: str
    reference: str
    currency: str
    amount_minor: int
    captured_minor: int
    released_minor: int
    refunded_minor: int
    outcome: str
    decline_reasons: list[str]
    closed_as: str | None
    authorised_at: datetime
    expires_at: datetime
    #: Unknown of purchases from before this was kept.
    is_capture_asked: bool | None
    #: When it was released or refused; None where it was decided at once or not yet.
    decided_at: datetime | None = None

    @property
    def held_minor(self) -> int:
        """What the line still holds for it."""
        if self.outcome == PurchaseOutcome.DECLINED:
            return 0
        return self.amount_minor - self.captured_minor - self.released_minor

    @property
    def is_suspended(self) -> bool:
        """Whether it waits for the customer's code or for a person."""
        return self.outcome in SUSPENDED and self.closed_as is None


class Facts(Struct, frozen=True):
    """What an order is decided by: its line, its merchant, what the line owes longest, what its key stands for already.

    Without a line or a merchant their fields say nothing. *test_time*: what the programme's test clock shows, if any.
    """

    has_line: bool
    currency: str
    limit_minor: int
    held_minor: int
    used_minor: int
    statement_day: int
    line_status: str
    oldest_due_on: date | None
    merchant_status: str | None
    discount_rate: str
    #: How many sublimits the line has, and in which scene the merchant sells.
    sublimits: int
    scene: str
    known: Purchase | None
    test_time: datetime | None
    quote: SignedQuote | None
    #: What of the line is for other places, is over, or is beyond a scene's own limit (`tiao.credit.limits`).
    withheld_minor: int = 0


class Challenge(NamedTuple):
    """The code that was sent for a purchase; it is kept as a keyed hash."""

    purchase_id: UUID
    code_hash: bytes
    codes_sent: int
    attempts_left: int
    sent_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None


class Bought(Struct, frozen=True):
    """Purchases of one amount under one plan, and how many."""

    plan_code: str
    fee_payer: str
    amount_minor: int
    purchases: int

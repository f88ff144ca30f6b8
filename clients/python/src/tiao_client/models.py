"""What the server answers. Fields that a newer server adds are passed over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; *next* is where the rest begins."""

    data: list[T]
    has_more: bool
    next: str | None


class Session(msgspec.Struct, frozen=True):
    """A checkout session: the customer is sent to *url*. *status*: open, processing, paid or expired."""

    id: str
    url: str
    status: str
    reference: str
    amount_minor: int
    currency: str
    description: str
    return_url: str | None
    terms: int | None
    fee_payer: str
    purchase: str | None
    plan: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None


class Purchase(msgspec.Struct, frozen=True):
    """A purchase and what became of its amount."""

    id: str
    merchant: str
    customer: str
    plan: str
    fee_payer: str
    reference: str
    currency: str
    amount_minor: int
    held_minor: int
    captured_minor: int
    released_minor: int
    refunded_minor: int
    outcome: str
    decline_reasons: list[str]
    closed_as: str | None
    authorised_at: datetime
    expires_at: datetime


class Capture(msgspec.Struct, frozen=True):
    """A capture: the loan it became and the purchase after it."""

    loan: str
    purchase: Purchase


class Instalment(msgspec.Struct, frozen=True):
    """One instalment of an offer."""

    number: int
    due_on: date
    principal_minor: int
    fee_minor: int
    interest_minor: int
    total_minor: int


class Offer(msgspec.Struct, frozen=True):
    """One plan with all that it costs; rates are shares a year, as decimal strings."""

    plan: str
    terms: int
    fee_payer: str
    principal_minor: int
    fee_minor: int
    interest_minor: int
    total_minor: int
    annual_rate: str
    annual_rate_simple: str
    instalments: list[Instalment]


class Quote(msgspec.Struct, frozen=True):
    """Every plan on offer for one customer and one purchase."""

    id: str
    merchant: str
    customer: str
    currency: str
    amount_minor: int
    offers: list[Offer]
    created_at: datetime
    expires_at: datetime
    accepted_plan: str | None


class PlacedPlan(msgspec.Struct, frozen=True):
    """What a plan comes to for nobody in particular."""

    plan: str
    count: int
    per_period_minor: int
    first_minor: int
    last_minor: int
    fee_minor: int
    total_minor: int
    apr: str
    apr_simple: str


class Placement(msgspec.Struct, frozen=True):
    """What a product page shows of a price; *words* by language."""

    currency: str
    amount_minor: int
    lender: str
    plans: list[PlacedPlan]
    words: dict[str, str]


class Refund(msgspec.Struct, frozen=True):
    """Money given back of a purchase."""

    id: str
    purchase: str
    currency: str
    amount_minor: int
    reference: str
    effective_on: date
    recorded_at: datetime


class Settlement(msgspec.Struct, frozen=True):
    """What a merchant is owed for a day; what of the net is not paid is carried on."""

    id: str
    business_date: date
    currency: str
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    adjusted_minor: int
    reserved_minor: int
    released_minor: int
    carried_minor: int
    withdrawn_minor: int
    net_minor: int
    paid_minor: int
    pays_on: date


class StatementMonth(msgspec.Struct, frozen=True):
    """A month there is a statement of; one that is final does not change."""

    month: str
    is_final: bool


class StatementLines(msgspec.Struct, frozen=True):
    """A month's figures; what is owed to the merchant is positive."""

    opening_minor: int
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    adjusted_minor: int
    income_minor: int
    shared_minor: int
    disputed_minor: int
    reserved_minor: int
    net_minor: int
    paid_minor: int
    returned_minor: int
    between_servers_minor: int
    closing_minor: int
    reserve_opening_minor: int
    reserve_closing_minor: int
    sales: int
    refunds: int


class Statement(msgspec.Struct, frozen=True):
    """A month's statement."""

    merchant: str
    month: str
    is_final: bool
    currency: str
    statement: StatementLines


class RefundMade(msgspec.Struct, frozen=True):
    """The refund that a call made."""

    refund: Refund


class Endpoint(msgspec.Struct, frozen=True):
    """Where events are told."""

    id: str
    url: str
    status: str


class EndpointIssued(msgspec.Struct, frozen=True):
    """An endpoint with its secret, which is shown this once."""

    endpoint: Endpoint
    secret: str


class Store(msgspec.Struct, frozen=True):
    """A place where the merchant sells."""

    id: str
    name: str
    address: str
    city: str


class Terminal(msgspec.Struct, frozen=True):
    """A till of a store; *code_payload*, *code_url* and *poster_url* are there when it has a printed code."""

    id: str
    store: str
    label: str
    code_payload: str | None
    code_url: str | None
    poster_url: str | None


class Sale(msgspec.Struct, frozen=True):
    """A sale in person. *outcome*: paid, confirm_on_phone, declined, processing, expired or show_code.

    *code_payload* is what a till draws for wallets to scan; a phone's own camera follows the session's address.
    """

    outcome: str
    code_payload: str | None
    session: Session


class Receipt(msgspec.Struct, frozen=True):
    """The lines of a receipt."""

    lines: list[str]


class PlacedTerms(msgspec.Struct, frozen=True):
    """What a product page says: from *per_period* a month, and beside it, as large, the *annual_rate*."""

    plan: str
    count: int
    per_period_minor: int
    first_minor: int
    last_minor: int
    fee_minor: int
    total_minor: int
    annual_rate: str
    annual_rate_simple: str
    fee_payer: str
    lender: str


class Prequalification(msgspec.Struct, frozen=True):
    """*answer*: yes, likely or no; a quote of the same day gives these terms alike."""

    answer: str
    currency: str
    amount_minor: int
    placement: PlacedTerms | None


class Balance(msgspec.Struct, frozen=True):
    """What the merchant is owed now, by where it stands."""

    currency: str
    balance_minor: int
    available_minor: int
    reserve_minor: int
    held_minor: int
    in_transit_minor: int
    prepaid_minor: int
    at: datetime


class Receivable(msgspec.Struct, frozen=True):
    """Money that is still to come, and when, where that is known."""

    kind: str
    business_date: date | None
    expected_on: date | None
    amount_minor: int


class Receivables(msgspec.Struct, frozen=True):
    """All that is still to come; it adds up to *total*."""

    currency: str
    total_minor: int
    data: list[Receivable]


class PrepaidHold(msgspec.Struct, frozen=True):
    """What is kept of a sale until its service is given; the next step is released on *next_on*."""

    purchase: str
    currency: str
    held_minor: int
    left_minor: int
    steps: int
    steps_done: int
    next_on: date


class PrepaidHolds(msgspec.Struct, frozen=True):
    """What is kept, the latest sales first."""

    data: list[PrepaidHold]
    left_minor: int


class Application(msgspec.Struct, frozen=True):
    """A company's application. *state*: draft, submitted, proposed, approved, signed, active, refused or withdrawn."""

    id: str
    state: str
    company: str
    credit_code: str
    trade_name: str
    scenes: list[str]
    reasons: list[str]


class ApplicationInFull(msgspec.Struct, frozen=True):
    """An application."""

    application: Application


class PaperKept(msgspec.Struct, frozen=True):
    """A document as it is kept."""

    number: int
    kind: str
    digest: str
    size_bytes: int


class Contract(msgspec.Struct, frozen=True):
    """A contract's words, signed by their digest."""

    scene: str
    version: int
    title: str
    body: str
    digest: str
    effective_on: date


class Signatures(msgspec.Struct, frozen=True):
    """What is still to be signed."""

    unsigned: list[Contract]


class NewMerchant(msgspec.Struct, frozen=True):
    """A merchant that the company became for one scene, with its key, shown this once."""

    id: str
    scene: str
    name: str
    discount_rate: str
    token: str


class Activation(msgspec.Struct, frozen=True):
    """What the company became."""

    merchants: list[NewMerchant]

"""What payments are made of: bound accounts, debits, payouts, settlements, and what a bank may answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from tiao.ledger.model import HOUSE
from tiao.payments.routing.capability import CardKind
from tiao.payments.routing.decision import RouteDecision
from tiao.values.ids import bucket_of
from tiao.values.refusal import Refusal

#: Where rows of merchants live; a customer's live in the customer's bucket.
MERCHANT_BUCKET = bucket_of(HOUSE)

#: The bank has never seen the number asked about.
NEVER_SEEN = "never_seen"


class Succeeded(NamedTuple):
    """The money moved. *at* is the bank's time, *channel_no* its own number, the amount what it says has moved."""

    channel_no: str
    at: datetime
    amount_minor: int | None = None
    currency: str | None = None


class Failed(NamedTuple):
    """The money did not move and never will under this number; *is_retryable* under another one, later."""

    code: str
    is_retryable: bool


class Unknown(NamedTuple):
    """Nobody knows yet whether the money moved. Ask again; never act as if it had failed."""

    reason: str


Answer: TypeAlias = Succeeded | Failed | Unknown


class SourceStatus(StrEnum):
    """Whether a bound account may be used."""

    ACTIVE = "active"
    UNBOUND = "unbound"


class DebitPurpose(StrEnum):
    """Why money is taken: the customer asked, or agreed to it beforehand."""

    REPAYMENT = "repayment"
    AUTOPAY = "autopay"


class DebitState(StrEnum):
    """How far a debit has come. *succeeded* and *failed* are final."""

    CREATED = "created"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PayoutKind(StrEnum):
    """What a payout is for."""

    SETTLEMENT = "settlement"
    REFUND = "refund"


class PayoutState(StrEnum):
    """How far a payout has come. *succeeded* and *failed* are final."""

    CREATED = "created"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class FundingSource(msgspec.Struct, frozen=True):
    """A bank account or card that a customer bound; only the channel knows its number."""

    bucket: int
    id: UUID
    customer_id: UUID
    channel: str
    agreement: str
    display: str
    status: SourceStatus
    autopay_agreed_at: datetime | None
    bound_at: datetime
    issuer: str | None = None
    card_kind: CardKind | None = None
    account_class: int | None = None
    position: int = 0


class LimitedRefund(NamedTuple):
    """A refund to an account of class 2 or 3, and what was sent to that account today. *Units*: minor units."""

    id: UUID
    account_class: int
    used_minor: int


class CardFacts(NamedTuple):
    """What is known of the card or account behind a source; *account_class* 1, 2 or 3, where the bank has said so."""

    issuer: str | None
    kind: CardKind | None
    account_class: int | None


class SourceAgreement(NamedTuple):
    """What a channel calls a bound account."""

    source_id: UUID
    channel: str
    agreement: str


class NewDebit(NamedTuple):
    """A debit to begin. Its id is the caller's, in the line's bucket, and is the request number at the bank."""

    line_id: UUID
    customer_id: UUID
    funding_source_id: UUID
    amount_minor: int
    currency: str
    purpose: DebitPurpose
    debit_id: UUID


class Debit(msgspec.Struct, frozen=True):
    """One attempt to take money through one channel. *queries* counts the answers that were none.

    What was ordered is the chain of attempts: *order_id* names the first, *next_id* the one that followed a failure.
    """

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    funding_source_id: UUID
    channel: str
    agreement: str
    purpose: DebitPurpose
    currency: str
    amount_minor: int
    state: DebitState
    code: str | None
    created_at: datetime
    answered_at: datetime | None
    query_after: datetime | None
    queries: int
    order_id: UUID
    attempt: int
    next_id: UUID | None


class Attempt(NamedTuple):
    """Where an order is sent: the account at a channel, and the decision that chose it, if one did."""

    order: NewDebit
    channel: str | None = None
    agreement: str | None = None
    order_id: UUID | None = None
    attempt: int = 1
    decision: RouteDecision | None = None


class RefusedDebit(NamedTuple):
    """A debit that was not begun, and why; a caller who asked for one only may raise the refusal."""

    order: NewDebit
    refusal: Refusal


class BegunDebits(NamedTuple):
    """What became of a set of orders. A debit begun before under the same id stands among *debits* as it is now."""

    debits: list[Debit]
    refused: list[RefusedDebit]


class DebitResolved(NamedTuple):
    """A debit that has just become final. *answer* is Succeeded or Failed, *debit* already has its new state."""

    debit: Debit
    answer: Succeeded | Failed

    @property
    def is_success(self) -> bool:
        """Tell whether the money came."""
        return isinstance(self.answer, Succeeded)


class IgnoredAnswer(NamedTuple):
    """An answer that changed nothing: the state was final, or nobody here knows the number.

    *is_contradiction*: it says the opposite of what was recorded, and stands among the contradictions.
    """

    id: UUID
    answer: Answer
    is_contradiction: bool


class RecordedDebits(NamedTuple):
    """What a set of answers did to debits. *again* are attempts at other channels, begun and not sent yet."""

    succeeded: list[DebitResolved]
    failed: list[DebitResolved]
    unknown: list[Debit]
    ignored: list[IgnoredAnswer]
    again: Sequence[Debit] = ()


class NewPayout(NamedTuple):
    """A refund to pay out to a customer's account. *source_id* is the refund, *payout_id* lies in its bucket."""

    payout_id: UUID
    customer_id: UUID
    source_id: UUID
    channel: str
    agreement: str
    currency: str
    amount_minor: int
    due_on: date


class Payout(msgspec.Struct, frozen=True):
    """Money on its way to a merchant or customer. *agreement* names the account at the channel."""

    bucket: int
    id: UUID
    kind: PayoutKind
    beneficiary_id: UUID
    source_id: UUID
    channel: str
    agreement: str
    currency: str
    amount_minor: int
    state: PayoutState
    code: str | None
    due_on: date
    created_at: datetime
    answered_at: datetime | None
    query_after: datetime | None
    tries: int


class PayoutResolved(NamedTuple):
    """A payout that has just become final. *retry* is the new payout that follows a failed refund, if one does."""

    payout: Payout
    answer: Succeeded | Failed
    retry: Payout | None = None


class RecordedPayouts(NamedTuple):
    """What a set of answers did to payouts. *unknown* holds those to ask about, or to send again, later."""

    succeeded: list[PayoutResolved]
    failed: list[PayoutResolved]
    unknown: list[Payout]
    ignored: list[IgnoredAnswer]


class Settlement(msgspec.Struct, frozen=True):
    """What a merchant is owed for one business day. *Units*: minor units; what of the net is not paid is carried on.

    *adjusted* is whatever else was booked to it, *reserved* is kept back of sales and *released* later, *withdrawn* was
    paid on demand since the last settlement.
    """

    merchant_id: UUID
    business_date: date
    id: UUID
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
    payout_id: UUID | None


class SettlementPart(msgspec.Struct, frozen=True):
    """What one server of several owes a merchant for one of its days. *Units*: minor units.

    On the server that booked it *gathered_on* is None; at home it is the day of the settlement that covers it.
    """

    shard: int
    merchant_id: UUID
    business_date: date
    currency: str
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    returned_minor: int
    adjusted_minor: int
    net_minor: int
    gathered_on: date | None


class SettlementLine(msgspec.Struct, frozen=True):
    """One posting on the merchant's payable that a settlement covers. *Units*: minor units, what we owe is positive."""

    bucket: int
    posting_id: UUID
    kind: str
    source_id: UUID
    amount_minor: int
    recorded_at: datetime


class NoticeSubject(StrEnum):
    """What a bank's notice is about."""

    DEBIT = "debit"
    PAYOUT = "payout"


class Resolution(StrEnum):
    """How a contradiction ended: the money was booked, the first word was upheld, or people settled it."""

    BOOKED = "booked"
    UPHELD = "upheld"
    SETTLED = "settled"


class Contradiction(msgspec.Struct, frozen=True):
    """A bank that says the opposite of its own final word. *stood* is what was recorded, *told* what came later."""

    bucket: int
    id: UUID
    subject: NoticeSubject
    subject_id: UUID
    channel: str
    stood: str
    told: str
    channel_no: str | None
    amount_minor: int | None
    currency: str | None
    code: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    times: int
    query_after: datetime | None
    queries: int
    resolution: Resolution | None = None
    note: str | None = None
    actor: str | None = None
    resolved_at: datetime | None = None


class Notice(NamedTuple):
    """What a bank told us unasked, its signature already checked."""

    subject: NoticeSubject
    id: UUID
    answer: Answer


class SettlementHold(NamedTuple):
    """A merchant that waits for its money: since when, by whom and why."""

    merchant_id: UUID
    held_at: datetime
    held_by: str
    reason: str

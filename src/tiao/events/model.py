"""What an event, an endpoint and a delivery are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class EventKind(StrEnum):
    """What happened; the part before the point is what to. A purchase captured at once is told of as captured."""

    #: It waits for the customer or for a person: the goods must not leave yet.
    PURCHASE_IN_REVIEW = "purchase.in_review"
    PURCHASE_AUTHORISED = "purchase.authorised"
    PURCHASE_DECLINED = "purchase.declined"
    PURCHASE_CAPTURED = "purchase.captured"
    PURCHASE_VOIDED = "purchase.voided"
    PURCHASE_EXPIRED = "purchase.expired"
    REFUND_CREATED = "refund.created"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_ANSWERED = "dispute.answered"
    DISPUTE_DECIDED = "dispute.decided"
    DISPUTE_WITHDRAWN = "dispute.withdrawn"
    SETTLEMENT_CREATED = "settlement.created"
    SETTLEMENT_PAID = "settlement.paid"
    SETTLEMENT_RETURNED = "settlement.returned"
    WITHDRAWAL_PAID = "withdrawal.paid"
    WITHDRAWAL_RETURNED = "withdrawal.returned"
    MERCHANT_SUSPENDED = "merchant.suspended"
    MERCHANT_REINSTATED = "merchant.reinstated"
    MERCHANT_TERMINATED = "merchant.terminated"
    #: New words of the contract of the merchant's scene; the subject is the merchant itself.
    CONTRACT_ANNOUNCED = "contract.announced"

    @property
    def subject(self) -> str:
        """What it happened to."""
        return self.value.partition(".")[0]


class Event(msgspec.Struct, frozen=True):
    """One event: what happened to what, and nothing about anybody. *place* is where it stands in its server's log."""

    bucket: int
    number: int
    merchant_id: UUID
    kind: EventKind
    subject_id: UUID
    key_id: UUID
    happened_at: datetime
    place: int


class Wanted(Event, frozen=True):
    """An event, and the endpoint whose turn it is."""

    endpoint_id: UUID


class EndpointStatus(StrEnum):
    """Whether an endpoint is told."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint is told no more: the merchant said so, its server said 410, or the plan came to its end."""

    MERCHANT = "merchant"
    GONE = "gone"
    EXHAUSTED = "exhausted"


class NewEndpoint(NamedTuple):
    """Where a merchant wants to be told, and of which kinds; none named: all."""

    url: str
    kinds: tuple[EventKind, ...]
    description: str


class Endpoint(msgspec.Struct, frozen=True):
    """An endpoint as stored; *pending* counts what it has not taken yet."""

    id: UUID
    merchant_id: UUID
    url: str
    kinds: list[EventKind]
    description: str
    status: EndpointStatus
    reason: DisabledReason | None
    rests_until: datetime | None
    made_at: datetime
    changed_at: datetime
    pending: int


class Secret(msgspec.Struct, frozen=True):
    """The keys that one endpoint's messages are signed with, sealed."""

    endpoint_id: UUID
    number: int
    hmac_sealed: bytes
    ed25519_sealed: bytes
    public_key: str
    made_at: datetime
    ends_at: datetime | None


class IssuedSecret(NamedTuple):
    """An endpoint and its newest keys: the secret is shown once and never again."""

    endpoint: Endpoint
    secret: str
    public_key: str

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"IssuedSecret({self.endpoint.id})"


class Progress(NamedTuple):
    """How far one server's log was read for an endpoint, and what of it is wanted."""

    endpoint_id: UUID
    merchant_id: UUID
    kinds: list[str]
    place: int


class Delivery(msgspec.Struct, frozen=True):
    """An event on its way to an endpoint. *attempts* counts those of the present plan, *tries* all."""

    endpoint_id: UUID
    bucket: int
    event_number: int
    merchant_id: UUID
    kind: EventKind
    subject_id: UUID
    key_id: UUID
    happened_at: datetime
    attempts: int
    tries: int
    due_at: datetime
    delivered_at: datetime | None
    url: str


class Attempt(msgspec.Struct, frozen=True):
    """One attempt at a delivery: an HTTP status, or 0 and why there was none."""

    number: int
    at: datetime
    status: int
    reason: str
    took_ms: int

"""What a dispute is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Reason(StrEnum):
    """What the customer says is wrong."""

    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    SERVICE_ENDED = "service_ended"
    UNAUTHORISED = "unauthorised"


class DisputeState(StrEnum):
    """Where a dispute stands. The last four are final.

    *accepted*: the merchant gave in; *undefended*: it said nothing in time; *withdrawn*: the customer took it back.
    """

    OPENED = "opened"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    UNDEFENDED = "undefended"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has decided yet."""
        return self in {DisputeState.OPENED, DisputeState.ANSWERED}


class Dispute(msgspec.Struct, frozen=True):
    """A dispute as stored. *Units*: minor units; *awarded* is what goes back to the customer.

    *refunded_before* is what had gone back of the purchase when it was disputed.
    """

    bucket: int
    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    held_minor: int
    refunded_before_minor: int
    awarded_minor: int | None
    reason: Reason
    state: DisputeState
    opened_at: datetime
    evidence_due_at: datetime
    decide_due_at: datetime
    closed_at: datetime | None
    decided_by: str | None
    note: str | None
    refund_id: UUID | None
    #: What one person would award, until another says the same.
    proposed_minor: int | None = None
    proposed_by: str | None = None
    proposed_at: datetime | None = None


class Author(StrEnum):
    """Who said or showed something."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    OPERATOR = "operator"


class Statement(msgspec.Struct, frozen=True):
    """What somebody said; sealed."""

    number: int
    author: Author
    text_sealed: bytes
    at: datetime


class NewFile(NamedTuple):
    """Evidence as it is handed in."""

    name: str
    media_type: str
    content: bytes


class File(msgspec.Struct, frozen=True):
    """Evidence as stored, without its content."""

    number: int
    author: Author
    name: str
    media_type: str
    size_bytes: int
    digest: bytes
    at: datetime

"""What a label is and where it comes from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Source(StrEnum):
    """Who said what a payment was, from the weakest word to the strongest."""

    #: The customer confirmed it with a code, or could not.
    STEP_UP = "step_up"
    #: A reviewer released or refused it.
    REVIEW = "review"
    #: The debt went unpaid from the first instalment on, and nobody was reached: first-payment default.
    COLLECTIONS = "collections"
    #: The customer said: not me.
    CUSTOMER = "customer"
    #: A bank took a payment behind it back.
    RECALL = "recall"
    #: A scheme or the merchant took it back as fraud.
    CHARGEBACK = "chargeback"
    #: Somebody looked at everything and put it right.
    CORRECTION = "correction"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said a payment was. It is known since *known_at*, and was told us at *told_at*."""

    bucket: int
    id: UUID
    purchase_id: UUID
    customer_id: UUID
    source: Source
    is_fraud: bool
    actor: str
    known_at: datetime
    told_at: datetime
    learned_at: datetime | None


class NewLabel(NamedTuple):
    """What is said of a payment. Without *known_at* it is known from now on."""

    purchase_id: UUID
    customer_id: UUID
    source: Source
    is_fraud: bool
    actor: str
    known_at: datetime | None = None

"""What a card is: who issued it, of what kind it is, how far binding it has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class CardState(StrEnum):
    """How far a card has come. Its number is kept only while it is pending or bound."""

    PENDING = "pending"
    BOUND = "bound"
    ENDED = "ended"


class CardFace(NamedTuple):
    """What a number tells: who issued the card, and of what kind it is."""

    issuer: str
    issuer_name: str
    kind: str


class Card(msgspec.Struct, frozen=True):
    """A card of a customer's. Its number is sealed, and found again by a keyed digest; *tail* may be shown."""

    bucket: int
    id: UUID
    customer_id: UUID
    number_sealed: bytes | None
    number_hmac: bytes | None
    tail: str
    issuer: str
    kind: str
    account_class: int | None
    state: CardState
    source_id: UUID | None
    code_hmac: bytes | None
    code_until: datetime | None
    code_tries: int
    made_at: datetime
    bound_at: datetime | None
    ended_at: datetime | None

    def __repr__(self) -> str:
        """Name the card by id alone."""
        return f"Card({self.id})"


class Holder(NamedTuple):
    """The four elements: a name, an identity number, a card number and the phone that its bank knows."""

    name: str
    identity_number: str
    card_number: str
    phone: str

    def __repr__(self) -> str:
        """Say nothing about the person."""
        return "Holder(...)"

"""What a message is: a kind, a language, a text, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec


class Language(StrEnum):
    """What a message is written in; every kind has a text in each."""

    ZH = "zh-CN"
    EN = "en"


class Recipient(StrEnum):
    """To whom something is said. A merchant reads it over the API; a customer is also sent it."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"


class MessageState(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"
    SENT = "sent"  # the gateway took it; no receipt yet
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the gateway took it and could not deliver it
    GIVEN_UP = "given_up"  # no gateway took it
    KEPT = "kept"  # there to be read, and never sent


class NewMessage(NamedTuple):
    """What is to be said. Shape: *values* fill the kind's text; *about_id* is the fact it tells of."""

    kind: str
    recipient: Recipient
    recipient_id: UUID
    values: Mapping[str, str]
    about_id: UUID | None = None
    language: Language = Language.ZH


class Message(msgspec.Struct, frozen=True):
    """A message as it is kept. A secret in its text is masked; what is sent holds it, sealed, until it has left."""

    bucket: int
    id: UUID
    recipient: Recipient
    recipient_id: UUID
    kind: str
    language: Language
    text: str
    about_id: UUID | None
    state: MessageState
    secret_sealed: bytes | None
    attempts: int
    made_at: datetime
    expires_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    gateway_no: str | None
    code: str | None


class Accepted(NamedTuple):
    """The gateway took a message, under a number of its own."""

    gateway_no: str


class Rejected(NamedTuple):
    """The gateway will never take this message."""

    code: str


class Throttled(NamedTuple):
    """The gateway has had enough for now."""

    retry_after_seconds: int


class NoAnswer(NamedTuple):
    """The gateway may or may not have taken it; asked again under the same number it says so."""

    reason: str


Answer: TypeAlias = Accepted | Rejected | Throttled | NoAnswer


class Receipt(NamedTuple):
    """What became of a message on its way to the handset."""

    message_id: UUID
    gateway_no: str
    is_delivered: bool
    code: str | None
    at: datetime

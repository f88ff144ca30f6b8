"""What a consent is: a purpose, allowed from an instant until it is taken back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Purpose(StrEnum):
    """What data is read for credit only with a consent of its own (Personal Information Protection Law, art. 14)."""

    SOCIAL_DATA = "social_data"
    PARTNER_DATA = "partner_data"


class Consent(msgspec.Struct, frozen=True):
    """A consent as it is kept."""

    bucket: int
    id: UUID
    customer_id: UUID
    purpose: Purpose
    given_at: datetime
    revoked_at: datetime | None


class ConsentChannel(StrEnum):
    """Where somebody agreed to a query: on which of our pages, at a merchant's counter, or on paper."""

    WALLET = "wallet"
    CASHIER = "cashier"
    COUNTER = "counter"
    PAPER = "paper"


class BureauConsent(msgspec.Struct, frozen=True):
    """A consent to one query of a credit bureau, for one application; *text_version* is the day of its wording."""

    bucket: int
    application_id: UUID
    customer_id: UUID
    text_version: date
    language: str
    channel: ConsentChannel
    given_at: datetime

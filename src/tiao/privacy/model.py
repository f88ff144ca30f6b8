"""What a consent is: a purpose, allowed from an instant until it is taken back."""

from __future__ import annotations

from datetime import datetime
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

"""What a mandate is: which text a customer agreed to about automatic payment, and up to how much."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec


class MandateLimits(NamedTuple):
    """Up to how much automatic payment may take. *Units*: minor units; None: what is due."""

    single_max_minor: int | None = None
    daily_max_minor: int | None = None


#: What is due, whatever it is.
NO_LIMITS = MandateLimits()


class Mandate(msgspec.Struct, frozen=True):
    """What a customer agreed to about automatic payment from an account: which text, up to how much."""

    bucket: int
    id: UUID
    customer_id: UUID
    source_id: UUID
    text_version: str
    text_sha256: str
    single_max_minor: int | None
    daily_max_minor: int | None
    agreed_at: datetime
    revoked_at: datetime | None

    @property
    def limits(self) -> MandateLimits:
        """Give its limits."""
        return MandateLimits(self.single_max_minor, self.daily_max_minor)

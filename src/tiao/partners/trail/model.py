"""What an act of an operator is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Did(StrEnum):
    """What sort of thing was done."""

    CHANGED = "changed"
    SAW = "saw"
    EXPORTED = "exported"


class Act(msgspec.Struct, frozen=True):
    """One thing an operator did."""

    id: UUID
    at: datetime
    operator_id: UUID
    key_id: UUID
    did: Did
    operation: str
    reason: str | None

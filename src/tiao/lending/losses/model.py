"""What is proposed about a loan that will not be paid."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class WriteOffState(StrEnum):
    """Whether anybody has decided."""

    OPEN = "open"
    AGREED = "agreed"
    REJECTED = "rejected"


class WriteOffProposal(msgspec.Struct, frozen=True):
    """That somebody holds a loan for lost, why, and what another person said to it."""

    bucket: int
    id: UUID
    loan_id: UUID
    reason: str
    state: WriteOffState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None

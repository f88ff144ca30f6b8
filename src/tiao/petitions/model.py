"""What a petition is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class PetitionKind(StrEnum):
    """What is asked for."""

    COMPLAINT = "complaint"
    DATA_COPY = "data_copy"
    DATA_CORRECTION = "data_correction"
    DATA_DELETION = "data_deletion"
    HARDSHIP = "hardship"
    CLOSE_LINE = "close_line"


class PetitionState(StrEnum):
    """How far a petition has come."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Petition(msgspec.Struct, frozen=True):
    """What a customer asked for, in the customer's words, and what was answered. *about_id*: a loan in hardship."""

    bucket: int
    id: UUID
    customer_id: UUID
    kind: PetitionKind
    words: str
    about_id: UUID | None
    state: PetitionState
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    answer: str | None
    answered_by: str | None


class Kept(msgspec.Struct, frozen=True):
    """A petition as it is stored: what people wrote is sealed, or still clear where it is older than the sealing."""

    bucket: int
    id: UUID
    customer_id: UUID
    kind: PetitionKind
    words_sealed: bytes | None
    words_clear: str | None
    about_id: UUID | None
    state: PetitionState
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    answer_sealed: bytes | None
    answer_clear: str | None
    answered_by: str | None

"""What a case is: something that people decide, by a day, with so many of them agreeing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from tiao.credit.limits.model import LimitKind


class CaseKind(StrEnum):
    """What is asked of people."""

    APPLICATION = "application"  # a limit above what the engine may grant alone
    OBJECTION = "objection"  # the customer wants a person to look at a decision again
    LIMIT = "limit"  # a member of staff proposes another limit


class CaseState(StrEnum):
    """How a case stands."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    EXPIRED = "expired"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case. *maker* proposed it, decided what is contested, or is the engine; *about_id* is the decision it is about.

    *limit_minor* is the limit proposed, of an objection the one that the first who agreed found right,
    of a temporary or exclusive limit what it adds. *due_at* is when
    an answer is owed; at *expires_at* it lapses, which an objection never does.
    """

    bucket: int
    id: UUID
    kind: CaseKind
    customer_id: UUID
    application_id: UUID | None
    line_id: UUID | None
    about_id: UUID | None
    maker: str
    reason: str
    limit_minor: int | None
    approvers_needed: int
    state: CaseState
    opened_at: datetime
    due_at: datetime
    expires_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    closed_at: datetime | None
    answer_id: UUID | None
    limit_kind: LimitKind = LimitKind.FIXED
    scene: str | None = None
    merchant_id: UUID | None = None
    ends_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state is CaseState.OPEN


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What one person said about a case."""

    bucket: int
    case_id: UUID
    number: int
    maker: str
    actor: str
    agrees: bool
    limit_minor: int | None
    reason: str
    voted_at: datetime

"""What a case of risk control is, and what is done about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

#: Who opens a case when no person does.
RISK = "risk"


class Subject(StrEnum):
    """What a case is about."""

    PURCHASE = "purchase"
    CUSTOMER = "customer"
    MERCHANT = "merchant"


class CaseState(StrEnum):
    """How a case stands. It lapses where what it is about was over before anybody answered."""

    OPEN = "open"
    RELEASED = "released"
    REFUSED = "refused"
    LAPSED = "lapsed"


class StepKind(StrEnum):
    """What can be done about a case."""

    OPENED = "opened"
    CLAIMED = "claimed"
    LET_GO = "let_go"
    ASSIGNED = "assigned"
    NOTE = "note"
    EVIDENCE = "evidence"
    RELEASE = "release"
    REFUSE = "refuse"
    LAPSED = "lapsed"


class RiskCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case. Units: *probability_ppm* in parts of a million; *loss_minor* is what it costs on average."""

    bucket: int
    id: UUID
    subject: Subject
    purchase_id: UUID | None
    customer_id: UUID | None
    merchant_id: UUID | None
    maker: str
    reasons: list[str]
    currency: str
    amount_minor: int
    probability_ppm: int
    loss_minor: int
    approvers_needed: int
    state: CaseState
    opened_at: datetime
    due_at: datetime
    expires_at: datetime | None
    assigned_to: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state is CaseState.OPEN


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a case. *digest* is that of a document, for evidence."""

    bucket: int
    case_id: UUID
    number: int
    kind: StepKind
    actor: str
    said: str
    digest: bytes | None
    made_at: datetime


class Suspect(NamedTuple):
    """What a case is to be opened about."""

    subject: Subject
    amount_minor: int
    currency: str
    probability_ppm: int
    reasons: list[str]
    purchase_id: UUID | None = None
    customer_id: UUID | None = None
    merchant_id: UUID | None = None
    expires_at: datetime | None = None
    maker: str = RISK


class Waiting(NamedTuple):
    """A suspended purchase that nobody was asked about yet. *score* is the model's, if it had one."""

    bucket: int
    id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    expires_at: datetime
    score: float | None
    reasons: list[str]


class Related(NamedTuple):
    """A payment that hangs together with a case, and by what."""

    by: str
    purchase_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    outcome: str
    authorised_at: datetime
    is_fraud: bool | None


class QueueState(NamedTuple):
    """How the queue stands for one kind of subject. Units: *oldest_minutes* since the oldest was opened."""

    subject: Subject
    open: int
    unclaimed: int
    late: int
    loss_minor: int
    oldest_minutes: int
    next_due_at: datetime

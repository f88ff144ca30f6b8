"""What collecting works with: lines that are late, contacts, promises."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Channel(StrEnum):
    """How somebody was tried."""

    CALL = "call"
    TEXT = "text"
    LETTER = "letter"
    VISIT = "visit"


class ContactOutcome(StrEnum):
    """What came of it."""

    REACHED = "reached"
    PROMISED = "promised"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    REFUSED = "refused"
    COMPLAINT = "complaint"


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class Blocker(StrEnum):
    """What bars collecting, as the policy pack names it and this platform knows it."""

    DISPUTE = "dispute"
    HARDSHIP_PLAN = "hardship_plan"


class LateLine(msgspec.Struct, frozen=True):
    """A line that owes something past its due date. *unanswered*: attempts of today that reached nobody."""

    bucket: int
    line_id: UUID
    customer_id: UUID
    currency: str
    overdue_minor: int
    oldest_due_on: date
    last_contact_at: datetime | None
    unanswered: int
    promise_minor: int | None
    promise_on: date | None
    has_dispute: bool
    has_hardship_plan: bool


class Contact(msgspec.Struct, frozen=True):
    """A contact as it is kept."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    channel: Channel
    outcome: ContactOutcome
    script: str
    note: str
    promise_minor: int | None
    promise_on: date | None
    operator: str
    on_day: date
    at: datetime


class ContactMade(msgspec.Struct, frozen=True):
    """A contact and what was paid since, by the day of its promise."""

    contact: Contact
    paid_minor: int


class Said(NamedTuple):
    """What somebody reports of an attempt."""

    channel: Channel
    outcome: ContactOutcome
    script: str
    note: str
    promise_minor: int | None
    promise_on: date | None


class Guards(NamedTuple):
    """What the rules say of contacts now: the quiet hours, whether they are on, how often one is tried a day."""

    quiet_from: time | None
    quiet_to: time | None
    is_quiet: bool
    attempts_max: int | None
    blockers: tuple[str, ...]

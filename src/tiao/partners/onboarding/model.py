"""What an application, a paper, a check, a grade and a contract are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.partners.scenes.model import Paper


class ApplicationState(StrEnum):
    """How far a company has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    #: One person would approve it; another has not said so yet.
    PROPOSED = "proposed"
    APPROVED = "approved"
    SIGNED = "signed"
    ACTIVE = "active"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


#: States in which a company may still change what it said.
OPEN_TO_APPLICANT = frozenset({ApplicationState.DRAFT})
#: States in which nothing is decided for good.
UNDER_WAY = frozenset(
    {
        *(ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.PROPOSED),
        *(ApplicationState.APPROVED, ApplicationState.SIGNED),
    }
)


class Private(msgspec.Struct, frozen=True):
    """What is sealed at rest: who represents the company, how to reach them, where it is paid."""

    representative: str
    phone: str
    account_holder: str
    account: str


class Said(msgspec.Struct, frozen=True):
    """What a company says of itself."""

    company: str
    credit_code: str
    trade_name: str
    currency: str
    scenes: list[str]
    websites: list[str]
    stores: list[str]
    private: Private


class Application(msgspec.Struct, frozen=True):
    """An application as stored; what is private is sealed."""

    id: UUID
    state: ApplicationState
    company: str
    credit_code: str
    trade_name: str
    currency: str
    scenes: list[str]
    websites: list[str]
    stores: list[str]
    private_sealed: bytes
    opened_by: str
    opened_at: datetime
    submitted_at: datetime | None
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    grade: str | None
    reasons: list[str]


class StepKind(StrEnum):
    """What was done about an application."""

    OPENED = "opened"
    CHANGED = "changed"
    PAPER_SHOWN = "paper_shown"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    GRADED = "graded"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"
    ACTIVATED = "activated"


class Step(msgspec.Struct, frozen=True):
    """One thing that was done about an application."""

    number: int
    kind: StepKind
    actor: str
    said: str
    at: datetime


class NewPaper(NamedTuple):
    """A document as it comes."""

    kind: Paper
    name: str
    media_type: str
    content: bytes


class KeptPaper(msgspec.Struct, frozen=True):
    """A document without its content."""

    number: int
    kind: Paper
    name: str
    media_type: str
    size_bytes: int
    digest: bytes
    shown_by: str
    at: datetime


class PaperView(msgspec.Struct, frozen=True):
    """That somebody looked at a document."""

    number: int
    viewer: str
    reason: str
    at: datetime


class Standing(StrEnum):
    """How a company stands in the register."""

    OPERATING = "operating"
    ABNORMAL = "abnormal"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


class Record(msgspec.Struct, frozen=True):
    """What the register of companies says of one. *Units*: *capital_minor* in fen."""

    credit_code: str
    company: str
    representative: str
    standing: Standing
    registered_on: date
    capital_minor: int
    scope: str


class NoRecord(StrEnum):
    """Why there is no record: the register does not know the code, or did not answer as it should."""

    NOT_REGISTERED = "not_registered"
    UNAVAILABLE = "unavailable"


class CheckState(StrEnum):
    """What came of asking the register."""

    ASKED = "asked"
    FOUND = "found"
    NOT_REGISTERED = "not_registered"
    UNAVAILABLE = "unavailable"


class Check(msgspec.Struct, frozen=True):
    """A question to the register. *record* is what it said, as JSON text; *findings* what does not agree."""

    id: UUID
    application_id: UUID
    state: CheckState
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    record: str | None
    findings: list[str]


class Reason(msgspec.Struct, frozen=True):
    """One thing that counts for or against a company."""

    finding: str
    points: int


class GradeTerms(msgspec.Struct, frozen=True):
    """What a grade brings: more discount, a reserve; *is_approvable* says whether anybody may approve it at all."""

    grade: str
    points_below: int | None
    is_approvable: bool
    discount_extra: Decimal
    reserve_rate: Decimal
    reserve_days: int


class Grade(msgspec.Struct, frozen=True):
    """A grade as given. *reasons* is JSON text."""

    number: int
    grade: str
    points: int
    reasons: str
    rules_version: str
    actor: str
    at: datetime


class ContractText(msgspec.Struct, frozen=True):
    """What merchants of a scene sign. It is announced once a second person has agreed to it."""

    scene: str
    version: int
    title: str
    body: str
    digest: bytes
    effective_on: date
    proposed_by: str
    proposed_at: datetime
    agreed_by: str | None
    announced_at: datetime | None


class Signature(msgspec.Struct, frozen=True):
    """That a company signed a text."""

    id: UUID
    application_id: UUID
    scene: str
    version: int
    digest: bytes
    signatory_sealed: bytes
    key_id: UUID
    signed_at: datetime


class Admission(msgspec.Struct, frozen=True):
    """A merchant that an application became, for one scene."""

    application_id: UUID
    scene: str
    merchant_id: UUID
    discount_rate: Decimal
    grade: str
    at: datetime

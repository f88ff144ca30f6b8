"""What a credit decision is: what was asked, what was seen, under which versions, and what was answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from tiao.credit.limits.model import LimitKind
from tiao.credit.scoring import Bundle, Scored
from tiao.credit.strategy import LimitPolicy
from tiao.learning.cells import Cell
from tiao.learning.forms import Reason

#: How many months of statuses, bills and payments a bureau reports.
MONTHS = 6


class Application(msgspec.Struct, frozen=True):
    """A customer asks for a line. *Units*: the income is a month's, declared, in minor units.

    *id*: what it was named by before, where a consent to ask a bureau was kept for it.
    """

    customer_id: UUID
    currency: str
    income_minor: int
    id: UUID | None = None


class RecordedApplication(msgspec.Struct, frozen=True):
    """An application as it is kept."""

    bucket: int
    id: UUID
    customer_id: UUID
    currency: str
    income_minor: int
    received_at: datetime


class BureauReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bureau knows of a person: the last six months, latest first.

    Shape: a status is -2 for no use, -1 for paid in full, 0 for revolving, n for n months late; six of each.
    Units: whole units of the currency the bureau reports in; the model is trained on the same.
    """

    statuses: tuple[int, ...]
    bills: tuple[int, ...]
    payments: tuple[int, ...]
    limit: int

    def __post_init__(self) -> None:
        """Refuse a report that does not cover the six months."""
        if not len(self.statuses) == len(self.bills) == len(self.payments) == MONTHS:
            raise ValueError("a report covers six months")

    def features(self) -> dict[str, int]:
        """Name its figures as the model's columns do. The latest status is PAY_0 and there is no PAY_1."""
        return {
            "LIMIT_BAL": self.limit,
            **{f"PAY_{month + 1 if month else 0}": status for month, status in enumerate(self.statuses)},
            **{f"BILL_AMT{month}": bill for month, bill in enumerate(self.bills, start=1)},
            **{f"PAY_AMT{month}": payment for month, payment in enumerate(self.payments, start=1)},
        }


class NoReport(StrEnum):
    """Why there is no report. It refuses nobody: such a customer gets the smallest line."""

    THIN_FILE = "thin_file"  # the bureau does not know the person
    UNAVAILABLE = "unavailable"  # the bureau did not answer, or not in time


Report = BureauReport | NoReport


class Scorer(Protocol):
    """What credit needs of a model; `tiao.credit.scoring.Bundle` is one."""

    def score_one(self, features: Mapping[str, Cell], /) -> Scored:
        """Score one row."""

    def score(self, rows: Mapping[str, Sequence[Cell]], /) -> list[Scored]:
        """Score many rows given as columns."""


def no_cap(_: date) -> int | None:
    """Say that no rule bounds what a person may owe."""
    return None


def no_age(_: date) -> int:
    """Say that no rule asks for an age."""
    return 0


class Engine(NamedTuple):
    """What decides: a model, a policy, their versions, and the words for the model's reasons."""

    scorer: Scorer
    model_version: str
    policy: LimitPolicy
    policy_version: str
    texts: Mapping[str, Reason]
    policies: tuple[LimitPolicy, ...] = ()
    #: What the rules let one person owe one lender of this kind on a day; None where no rule says.
    cap_on: Callable[[date], int | None] = no_cap
    #: How old the rules want who applies on a day to be; a stricter policy of limits counts all the same.
    age_min_on: Callable[[date], int] = no_age
    #: The model as it is kept in the database; empty for a scorer that has no such form.
    content: bytes = b""
    #: The model in shadow: it scores what this engine decides, and never decides.
    challenger: Bundle | None = None


class StatementDays(StrEnum):
    """Where a new line's statement day comes from."""

    SPREAD = "spread"  # over days 1 to 28, from the customer's id, so that the close's work is even
    ACTIVATION_DAY = "activation_day"  # the day of the month on which the line is opened


class DecisionKind(StrEnum):
    """What called for a decision."""

    APPLICATION = "application"
    REVIEW = "review"
    MANUAL = "manual"
    CASE = "case"


class DecisionOutcome(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    DECLINED = "declined"
    REFERRED = "referred"
    LAPSED = "lapsed"
    UPHELD = "upheld"
    RAISED = "raised"
    CUT = "cut"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    GRANTED = "granted"
    ENDED = "ended"


class ApplicationInputs(msgspec.Struct, frozen=True, tag="application", forbid_unknown_fields=True):
    """Everything an application's decision saw; *features* is absent when there was no report, *no_report* says why."""

    currency: str
    income_minor: int
    features: dict[str, int] | None
    no_report: NoReport | None
    cap_minor: int | None = None
    profile: dict[str, int | None] | None = None
    profile_version: str | None = None
    absent: tuple[str, ...] = ()


class ReviewInputs(msgspec.Struct, frozen=True, tag="review", forbid_unknown_fields=True):
    """Everything a limit review saw. *limit_minor* is the fixed limit, without what sublimits add."""

    line_id: UUID
    reviewed_on: date
    grade: str
    limit_minor: int
    is_active: bool
    bills_on_time_in_a_row: int
    worst_stage: int
    bills_since_change: int = 0
    is_after_cut: bool = False
    late_bills: int = 0
    used_minor: int = 0
    behaviour: float | None = None
    warnings_before: tuple[str, ...] = ()
    income_minor: int | None = None
    cap_minor: int | None = None
    behaviour_on: date | None = None
    behaviour_version: str | None = None
    behaviour_reasons: tuple[str, ...] = ()
    inflow_minor: int | None = None
    exposure_minor: int | None = None
    absent: tuple[str, ...] = ()


class ManualInputs(msgspec.Struct, frozen=True, tag="manual", forbid_unknown_fields=True):
    """What a person decided about a line, and why."""

    line_id: UUID
    outcome: DecisionOutcome
    limit_before_minor: int
    limit_after_minor: int
    reason: str


class CaseInputs(msgspec.Struct, frozen=True, tag="case", forbid_unknown_fields=True):
    """What people decided about a case, or that they did not in time: the last word and who said it."""

    case_id: UUID
    about_id: UUID | None
    outcome: DecisionOutcome
    limit_before_minor: int
    limit_after_minor: int
    approvers: tuple[str, ...]
    reason: str
    limit_kind: LimitKind = LimitKind.FIXED
    scene: str | None = None
    merchant_id: UUID | None = None
    ends_on: date | None = None


class EndInputs(msgspec.Struct, frozen=True, tag="end", forbid_unknown_fields=True):
    """A sublimit whose last day is over."""

    sublimit_id: UUID
    limit_kind: LimitKind
    ends_on: date
    limit_before_minor: int
    limit_after_minor: int


Inputs = ApplicationInputs | ReviewInputs | ManualInputs | CaseInputs | EndInputs


class Verdict(msgspec.Struct, frozen=True):
    """What inputs lead to under an engine; the part of a decision that is computed and can be computed again."""

    outcome: DecisionOutcome
    reasons: tuple[str, ...]
    limit_before_minor: int
    limit_after_minor: int
    probability: float | None = None
    score: int | None = None
    grade: str | None = None
    threshold: Decimal | None = None


class Difference(NamedTuple):
    """Where a stored and a computed value part: their bytes, and how many bits agree before the first that does not."""

    field: str
    stored: bytes
    computed: bytes
    bit: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it is kept: canonical inputs, versions, verdict, and who decided when."""

    bucket: int
    id: UUID
    customer_id: UUID
    application_id: UUID | None
    line_id: UUID | None
    kind: DecisionKind
    outcome: DecisionOutcome
    inputs: bytes
    inputs_digest: bytes
    model_version: str
    policy_version: str
    probability: float | None
    score: int | None
    grade: str | None
    threshold: Decimal | None = None
    reasons: tuple[str, ...]
    limit_before_minor: int
    limit_after_minor: int
    actor: str
    decided_at: datetime

    @property
    def verdict(self) -> Verdict:
        """The computed part."""
        return Verdict(
            outcome=self.outcome,
            reasons=self.reasons,
            limit_before_minor=self.limit_before_minor,
            limit_after_minor=self.limit_after_minor,
            probability=self.probability,
            score=self.score,
            grade=self.grade,
            threshold=self.threshold,
        )


class About(NamedTuple):
    """What a decision is about and who makes it; the rest of its record is computed."""

    decision_id: UUID
    customer_id: UUID
    application_id: UUID | None
    line_id: UUID | None
    kind: DecisionKind
    model_version: str
    policy_version: str
    actor: str


class LineHistory(NamedTuple):
    """How a line was repaid, as lending saw it on the day of its review.

    *bills_on_time_in_a_row* counts bills paid in full by their due date since the last raise or cut
    (`actions.last_changes`), *bills_since_change* all bills since then, *late_bills* the late ones of the
    last six; *worst_stage* is the worst days-past-due stage of its loans now: 1 for 1 to 30 days, 2 for 31 to 60, and
    so on.
    """

    line_id: UUID
    bills_on_time_in_a_row: int
    worst_stage: int
    bills_since_change: int = 0
    late_bills: int = 0
    is_after_cut: bool = False


class LastChange(NamedTuple):
    """When a review last moved a line's limit, and whether it was a cut."""

    on: date
    is_cut: bool


class Rerun(NamedTuple):
    """A decision computed again from its stored inputs, and where it came out otherwise."""

    decision: Decision
    verdict: Verdict | None
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> tuple[str, ...]:
        """Name the fields that differ."""
        return tuple(each.field for each in self.differences)

    @property
    def is_equal(self) -> bool:
        """Whether every field came out as stored, to the bit."""
        return not self.differences


class ReasonText(NamedTuple):
    """One reason in the customer's words."""

    code: str
    zh: str
    en: str


class Explanation(NamedTuple):
    """A decision in the customer's words, and where to go with an objection; *words* are what a person wrote."""

    zh: str
    en: str
    reasons: tuple[ReasonText, ...]
    words: str | None

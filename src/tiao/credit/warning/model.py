"""What an early warning is: how a line was used and repaid month by month, what a model makes of it, who wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

#: How many months a model sees of a line: as many as a bureau reports.
MONTHS = 6


class Mode(StrEnum):
    """What behavioural scores do in a programme."""

    OFF = "off"  # no line is scored
    SHADOW = "shadow"  # lines are scored and the scores kept; they move nothing
    ON = "on"  # they take part in limit reviews and mark lines for early reminders


class WarningStep(NamedTuple):
    """One turn of the switch, who turned it and why; *version* is the model that scores, none when it is off."""

    number: int
    mode: Mode
    version: str | None
    maker: str
    actor: str
    reason: str
    taken_at: datetime


class Standing(NamedTuple):
    """What holds now: the mode, the model, and who proposed it."""

    mode: Mode
    version: str | None
    maker: str | None


class LineMonth(NamedTuple):
    """How a line stood at one of its statements; *number* 1 is the latest.

    *months_late* is -2 where nothing was to be paid, -1 where all was paid, 0 where the minimum was paid and the rest
    carried on, n where something is n months late. *owed_minor* is what the statement asked for with what earlier ones
    still did, *paid_minor* the money that came since the statement before.
    """

    line_id: UUID
    customer_id: UUID
    limit_minor: int
    used_minor: int
    number: int
    months_late: int
    owed_minor: int
    paid_minor: int


class BehaviourInputs(msgspec.Struct, frozen=True, tag="behaviour", forbid_unknown_fields=True):
    """Everything a behavioural score saw."""

    line_id: UUID
    scored_on: date
    features: dict[str, int | None]
    profile_version: str


class Behaviour(msgspec.Struct, frozen=True):
    """A behavioural score as it is kept: one for each line and month."""

    bucket: int
    line_id: UUID
    customer_id: UUID
    scored_on: date
    model_version: str
    inputs: bytes
    inputs_digest: bytes
    probability: float
    score: int
    grade: str
    reasons: Sequence[str]
    is_acting: bool
    scored_at: datetime


class Watched(NamedTuple):
    """How a line looks: its latest behavioural probability, by which model and why, and the warnings that are on."""

    line_id: UUID
    behaviour: float | None
    behaviour_on: date | None
    behaviour_version: str | None
    behaviour_reasons: Sequence[str]
    flags: Sequence[str]


class EarlyWarning(NamedTuple):
    """A line whose behaviour warns, since when, and why: for whoever reminds before a due day, not after."""

    line_id: UUID
    customer_id: UUID
    warned_on: date
    probability: float
    reasons: Sequence[str]


class Looked(NamedTuple):
    """A row of a past score with what came of it, as training reads it."""

    line_id: UUID
    customer_id: UUID
    scored_on: date
    features: Mapping[str, int | None]
    is_bad: bool
    known_on: date

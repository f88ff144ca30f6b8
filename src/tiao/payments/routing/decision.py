"""What is kept of a choice of channel, and what an outcome teaches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.routing.capability import Excluded


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A channel that might have been chosen: what was believed of it, its score, how likely it was to be chosen.

    *outcomes*: how many outcomes the rate stands on. A probe and an only candidate have no score.
    """

    channel: str
    rate: float
    outcomes: int
    score: float | None
    propensity: float


class LeftOut(msgspec.Struct, frozen=True):
    """A channel that might not be used, and every reason."""

    channel: str
    reasons: tuple[Excluded, ...]


class RouteDecision(msgspec.Struct, frozen=True):
    """Why an attempt took its channel. *shadows*: what other policies would have chosen from the same beliefs."""

    bucket: int
    debit_id: UUID
    decided_at: datetime
    policy: str
    policy_digest: str
    issuer: str | None
    amount_minor: int
    chosen: str
    because: str
    propensity: float
    candidates: tuple[Candidate, ...]
    excluded: tuple[LeftOut, ...]
    shadows: dict[str, str]


class NoneUsable(NamedTuple):
    """No channel may be used, and why, channel by channel."""

    excluded: tuple[LeftOut, ...]


class Taught(StrEnum):
    """What an attempt says about its channel. What the payer caused says nothing and is no outcome."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Outcome(NamedTuple):
    """What an attempt taught; *number* orders them."""

    number: int
    issuer: str | None
    channel: str
    outcome: Taught
    amount_minor: int
    learned_at: datetime

"""What is kept of a decision, and what is said of a payment afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from tiao.risk.deciding import Judged
from tiao.risk.live import Asked
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import PARTS


class Decision(msgspec.Struct, frozen=True):
    """A decision as it is kept. Shape: *inputs* as `tiao.risk.live.Inputs`, *sha256* their digest.

    *fold_number* is its place among all that was folded on its server; *versions* names what it was made by.
    """

    bucket: int
    purchase_id: UUID
    fold_number: int
    customer_id: UUID
    merchant_id: UUID
    device: bytes | None
    ip: bytes | None
    terminal: bytes | None
    amount_minor: int
    outcome: str
    reasons: list[str]
    hits: list[str]
    score: float | None
    shadow_outcome: str | None
    shadow_hits: list[str]
    challenger_score: float | None
    challenger_outcome: str | None
    fallback: str
    versions: str
    inputs: bytes
    sha256: bytes
    decided_at: datetime

    @property
    def entities(self) -> tuple[str | None, ...]:
        """Whom it names, in the order of `tiao.risk.live.ENTITIES`."""
        digests = (self.device, self.ip, self.terminal)
        return (
            self.customer_id.hex,
            self.merchant_id.hex,
            *(None if each is None else each.hex() for each in digests),
        )


def is_honest(decision: Decision, truth: Mapping[UUID, bool]) -> bool:
    """Tell whether a purchase counts as honest: it is said to be, or it was approved and nobody has said otherwise.

    What was stopped and never looked into proves nothing about itself.
    """
    said = truth.get(decision.purchase_id)
    return decision.outcome == RiskOutcome.APPROVE if said is None else not said


class Decided(NamedTuple):
    """A purchase that was decided: what was asked, and what was said."""

    purchase_id: UUID
    asked: Asked
    judged: Judged


class NewOutcome(NamedTuple):
    """What a payment turned out to be, who says so, and since when that is known. Saying something else corrects it."""

    purchase_id: UUID
    is_fraud: bool
    source: str
    known_at: datetime


class Told(Protocol):
    """What somebody says a payment turned out to be: a label is one."""

    @property
    def purchase_id(self) -> UUID:
        """Which payment."""

    @property
    def is_fraud(self) -> bool:
        """What it was."""

    @property
    def source(self) -> str:
        """Who says so."""

    @property
    def known_at(self) -> datetime:
        """Since when that is known."""


class Said(NamedTuple):
    """A payment that was folded, or what was said about one."""

    fold_number: int
    bucket: int
    purchase_id: UUID
    is_fraud: bool | None
    known_at: datetime | None


class Allowance(NamedTuple):
    """What a capped rule may still stop, and did. Units: *level* in millionths of a purchase."""

    code: str
    cap_ppm: int
    level: int
    decided: int
    asked: int
    granted: int
    short_at: datetime | None

    @property
    def is_short(self) -> bool:
        """Whether it has used its share up: it stops nobody until more purchases were decided."""
        return self.short_at is not None and self.level < PARTS

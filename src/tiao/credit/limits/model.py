"""What a sublimit is: more for a while, more for one place, or at most so much for a scene."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class LimitKind(StrEnum):
    """Which limit is meant."""

    FIXED = "fixed"  # the line's own
    TEMPORARY = "temporary"  # more, until a day
    EXCLUSIVE = "exclusive"  # more, at one merchant or in one scene, until a day
    SCENE = "scene"  # of the line, at most so much in a scene


class Place(NamedTuple):
    """Where something may be used; everywhere, when nothing is named. A scene is a merchant's category."""

    scene: str | None = None
    merchant_id: UUID | None = None

    def covers(self, scene: str, merchant_id: UUID) -> bool:
        """Whether a purchase there falls under it."""
        return self.scene in {None, scene} and self.merchant_id in {None, merchant_id}


class Sublimit(msgspec.Struct, frozen=True, kw_only=True):
    """A sublimit of a line. It is in force through *ends_on*; one of a scene has no end."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    kind: LimitKind
    scene: str | None
    merchant_id: UUID | None
    amount_minor: int
    ends_on: date | None
    granted_id: UUID
    granted_at: datetime
    ended_at: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it holds."""
        return Place(self.scene, self.merchant_id)

    def is_over(self, today: date) -> bool:
        """Whether its last day is past."""
        return self.ends_on is not None and self.ends_on < today

    @property
    def extra_minor(self) -> int:
        """What it adds to the line."""
        return 0 if self.kind is LimitKind.SCENE else self.amount_minor


class Use(NamedTuple):
    """What a line owes or holds at one merchant."""

    merchant_id: UUID
    scene: str
    amount_minor: int

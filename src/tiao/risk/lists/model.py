"""What an entry of a list is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.risk.entities import EntityKind


class ListKind(StrEnum):
    """What an entry means: never let pass, let pass past the model, look closer."""

    BLOCK = "block"
    ALLOW = "allow"
    WATCH = "watch"


class Origin(StrEnum):
    """Where an entry comes from."""

    PERSON = "person"
    CASE = "case"
    RULE = "rule"
    IMPORT = "import"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. An allow list needs a second person: until *approved_at* it counts for nothing.

    *digest* is all that is kept of the value; *shown* is what staff recognise it by.
    """

    id: UUID
    list: ListKind
    entity: EntityKind
    digest: bytes
    shown: str
    reason: str
    origin: Origin
    maker: str
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it counts at an instant."""
        begun = self.approved_at is not None and self.approved_at <= at
        return begun and at < self.expires_at and (self.ended_at is None or at < self.ended_at)


class NewEntry(NamedTuple):
    """What is to be listed, until when, and why."""

    list: ListKind
    entity: EntityKind
    value: str
    reason: str
    expires_at: datetime
    origin: Origin = Origin.PERSON

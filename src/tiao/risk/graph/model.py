"""What the graph remembers and says."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.risk.entities import EntityKind


class Sighting(NamedTuple):
    """A customer was seen with something."""

    customer_id: UUID
    entity: EntityKind
    digest: bytes


class Counts(NamedTuple):
    """How many hang together: *size* counts the customer too, *joined_7* those new in 7 days."""

    size: int
    bads: int
    joined_7: int
    is_bad: bool


class Links(NamedTuple):
    """How a customer hangs together with others, as `Counts` has it."""

    customer_id: UUID
    component_id: UUID
    size: int
    bads: int
    oldest_at: datetime
    newest_at: datetime
    joined_7: int
    is_bad: bool

    @property
    def counts(self) -> Counts:
        """What matters of it."""
        return Counts(self.size, self.bads, self.joined_7, self.is_bad)


class Shared(NamedTuple):
    """Something that a customer shares with others, and with how many."""

    entity: EntityKind
    digest: bytes
    customers: int


class YoungRing(NamedTuple):
    """A component that grew not long ago, and who came last."""

    component_id: UUID
    customer_id: UUID


class Indicators(NamedTuple):
    """What rules and cases read of the graph. Shares are of the other customers of the component."""

    ring_size: int
    ring_new_share: float
    ring_bad_share: float
    is_ring: bool

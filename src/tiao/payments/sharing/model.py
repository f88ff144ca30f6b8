"""What may be shared of a payment, what was, and what came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

#: Money kept for sharing is let go after so long. Source: the form that first asked for it.
KEPT_TIME = timedelta(days=30)


class Pool(msgspec.Struct, frozen=True):
    """What a merchant got of one payment, and how much of it is where. *Units*: minor units.

    *kept* is not the merchant's to be paid yet; *given* is with receivers, less what they gave back. A pool that keeps
    nothing shares out of what the merchant is owed. *source_id* is what was paid for.
    """

    source_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    kept_minor: int
    given_minor: int
    opened_at: datetime
    keeps_until: datetime | None

    @property
    def available_minor(self) -> int:
        """What may still be given."""
        return self.kept_minor if self.keeps_until is not None else self.amount_minor - self.given_minor


class Part(NamedTuple):
    """What one receiver gets; *named*: by which number the merchant means the receiver."""

    receiver_id: UUID
    named: str
    amount_minor: int
    description: str


class NewShare(NamedTuple):
    """What a merchant gives, under its own number; *form* says whose numbers those are.

    *is_final*: the rest is let go.
    """

    form: str
    number: str
    parts: tuple[Part, ...]
    is_final: bool = False


class NewReturn(NamedTuple):
    """What a receiver gives back of a share, under the merchant's number."""

    form: str
    number: str
    receiver_id: UUID
    amount_minor: int
    description: str


class StoredPart(msgspec.Struct, frozen=True):
    """What one receiver got, and how much of it came back."""

    share_id: UUID
    place: int
    receiver_id: UUID
    named: str
    amount_minor: int
    returned_minor: int
    description: str


class Share(msgspec.Struct, frozen=True):
    """A share as stored. *digest* is of all that makes another share under the same number another one."""

    id: UUID
    source_id: UUID
    merchant_id: UUID
    form: str
    number: str
    digest: bytes
    is_final: bool
    released_minor: int
    made_at: datetime


class ShareInFull(NamedTuple):
    """A share with its parts."""

    share: Share
    parts: list[StoredPart]


class Return(msgspec.Struct, frozen=True):
    """Money given back of a share, as stored."""

    id: UUID
    share_id: UUID
    merchant_id: UUID
    form: str
    number: str
    receiver_id: UUID
    amount_minor: int
    description: str
    made_at: datetime


class Receiver(msgspec.Struct, frozen=True):
    """Somebody a merchant has named as one who may receive."""

    merchant_id: UUID
    receiver_id: UUID
    relation: str
    added_at: datetime

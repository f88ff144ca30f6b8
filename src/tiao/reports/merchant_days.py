"""A merchant's account on one business day, as the books have it: what its bills are written from."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.reports")


class Movement(msgspec.Struct, frozen=True):
    """One posting on a merchant's account. *Units*: minor units; what is owed to the merchant is positive.

    A sale has its price as amount and what the merchant bore of it as fee; a refund has both negative. In every
    movement amount less fee is what moved.
    """

    bucket: int
    posting_id: UUID
    kind: str
    recorded_at: datetime
    purchase_id: UUID | None
    refund_id: UUID | None
    reference: str | None
    moved_minor: int
    amount_minor: int
    fee_minor: int


async def movements(tx: Tx, merchant_id: UUID, day: date) -> list[Movement]:
    """Read what one server booked on a merchant's account on a day."""
    return await tx.rows(_QUERIES.merchant_movements, Movement, merchant=merchant_id, day=day)


async def balance_before(tx: Tx, merchant_id: UUID, day: date) -> int:
    """Read what one server owed a merchant when a day began. *Units*: minor units."""
    return int(await tx.value(_QUERIES.merchant_balance_before, merchant=merchant_id, day=day))

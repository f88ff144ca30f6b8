"""Rows to sublimits and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.credit.limits.model import Sublimit
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.credit.limits")


async def insert(tx: Tx, sublimits: Sequence[Sublimit]) -> None:
    """Write new sublimits, and count them on their lines."""
    await tx.execute(
        _QUERIES.insert_sublimits,
        bucket=[each.bucket for each in sublimits],
        id=[each.id for each in sublimits],
        line=[each.line_id for each in sublimits],
        customer=[each.customer_id for each in sublimits],
        kind=[each.kind.value for each in sublimits],
        scene=[each.scene for each in sublimits],
        merchant=[each.merchant_id for each in sublimits],
        amount=[each.amount_minor for each in sublimits],
        ends_on=[each.ends_on for each in sublimits],
        granted=[each.granted_id for each in sublimits],
        at=[each.granted_at for each in sublimits],
    )
    await _count(tx, [each.line_id for each in sublimits])


async def read(tx: Tx, line_ids: Sequence[UUID]) -> list[Sublimit]:
    """Read what is in force on lines."""
    return await tx.rows(_QUERIES.sublimits, Sublimit, lines=list(line_ids), buckets=_buckets(line_ids))


async def read_over(tx: Tx, first: int, last: int, day: date) -> list[Sublimit]:
    """Read what ends with a day."""
    return await tx.rows(_QUERIES.over, Sublimit, first=first, last=last, day=day)


async def end(tx: Tx, sublimits: Sequence[Sublimit], at: datetime) -> None:
    """Take sublimits back, and count what is left on their lines."""
    ids = [each.id for each in sublimits]
    await tx.execute(_QUERIES.end_sublimits, ids=ids, buckets=_buckets(ids), at=at)
    await _count(tx, [each.line_id for each in sublimits])


async def _count(tx: Tx, line_ids: Sequence[UUID]) -> None:
    await tx.execute(_QUERIES.count_sublimits, lines=list(line_ids), buckets=_buckets(line_ids))


def _buckets(identifiers: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(identifier) for identifier in identifiers})

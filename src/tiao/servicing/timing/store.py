"""Rows to tries and outcomes, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.servicing.timing.model import AccountOutcome, CollectionTry, TryOutcome
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.servicing.timing")
_COLUMNS = ("bucket", "order_id", "line_id", "customer_id", "due_on", "due_minor", "amount_minor")


async def insert_tries(tx: Tx, tries: Sequence[CollectionTry], at: datetime) -> None:
    """Keep tries."""
    await tx.execute(
        _QUERIES.insert_tries,
        tried_at=at,
        why=[msgspec.json.encode(each.why).decode() for each in tries],
        **{name: [getattr(each, name) for each in tries] for name in _COLUMNS},
    )


async def read_tries(tx: Tx, line_ids: Sequence[UUID], since: datetime) -> list[TryOutcome]:
    """Read the tries at lines' bills since an instant, each with how it stands."""
    return await tx.rows(_QUERIES.tries_of, TryOutcome, buckets=_buckets(line_ids), lines=list(line_ids), since=since)


async def read_shown(tx: Tx, line_id: UUID, limit: int) -> list[CollectionTry]:
    """Read a line's latest tries."""
    return await tx.rows(_QUERIES.tries_shown, CollectionTry, bucket=bucket_of(line_id), line=line_id, limit=limit)


async def read_outcomes(tx: Tx, source_ids: Sequence[UUID], since: datetime) -> list[AccountOutcome]:
    """Read what became of debits from accounts since an instant, where it says whether there was money."""
    return await tx.rows(
        _QUERIES.outcomes_of, AccountOutcome, buckets=_buckets(source_ids), sources=list(source_ids), since=since
    )


def _buckets(ids: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(each) for each in ids})

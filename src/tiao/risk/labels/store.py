"""Rows to labels and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.risk.labels.model import Label, NewLabel
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.risk.labels")


class Learning(NamedTuple):
    """How long labels took to be learned. Units: seconds."""

    told: int
    learned: int
    p50_seconds: float
    p95_seconds: float


class Unlearned(NamedTuple):
    """A payment of which something was said that the features do not know."""

    bucket: int
    purchase_id: UUID
    told_at: datetime


async def insert(tx: Tx, labels: Sequence[tuple[UUID, NewLabel]], at: datetime) -> None:
    """Write labels under their ids."""
    await tx.execute(
        _QUERIES.insert_labels,
        at=at,
        bucket=[bucket_of(each.purchase_id) for _, each in labels],
        id=[label_id for label_id, _ in labels],
        purchase=[each.purchase_id for _, each in labels],
        customer=[each.customer_id for _, each in labels],
        source=[each.source.value for _, each in labels],
        is_fraud=[each.is_fraud for _, each in labels],
        actor=[each.actor for _, each in labels],
        known_at=[each.known_at for _, each in labels],
    )


async def read_unlearned(tx: Tx, limit: int) -> list[Unlearned]:
    """Read what is to be learned."""
    return await tx.rows(_QUERIES.unlearned, Unlearned, limit=limit)


async def read_of(tx: Tx, purchase_ids: Sequence[UUID]) -> list[Label]:
    """Read everything said of payments."""
    buckets = sorted({bucket_of(each) for each in purchase_ids})
    return await tx.rows(_QUERIES.labels_of, Label, buckets=buckets, purchases=list(purchase_ids))


async def read_of_customers(tx: Tx, customer_ids: Sequence[UUID]) -> list[Label]:
    """Read everything said of the payments of customers."""
    buckets = sorted({bucket_of(each) for each in customer_ids})
    return await tx.rows(_QUERIES.labels_of_customers, Label, buckets=buckets, customers=list(customer_ids))


async def mark_learned(tx: Tx, labels: Sequence[Label], at: datetime) -> None:
    """Note that labels were learned."""
    buckets = sorted({each.bucket for each in labels})
    await tx.execute(_QUERIES.learned, buckets=buckets, ids=[each.id for each in labels], at=at)


async def read_learning(tx: Tx, since: datetime) -> Learning:
    """Read how long labels took to be learned."""
    return await tx.one(_QUERIES.learning, Learning, since=since)


async def read_of_collections(tx: Tx, first: int, last: int) -> list[Label]:
    """Read what was said because a debt went unpaid."""
    return await tx.rows(_QUERIES.of_collections, Label, first=first, last=last)

"""Rows to mandates and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.payments.mandate import Mandate
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.payments", "mandates.sql")


async def insert(tx: Tx, mandate: Mandate) -> None:
    """Write a mandate."""
    names = [name for name in mandate.__struct_fields__ if name != "revoked_at"]
    await tx.execute(_QUERIES.insert_mandate, **{name: getattr(mandate, name) for name in names})


async def revoke(tx: Tx, source_id: UUID, at: datetime) -> None:
    """End the mandate of an account."""
    await tx.execute(_QUERIES.revoke_mandate, bucket=bucket_of(source_id), source=source_id, at=at)


async def read_in_force(tx: Tx, source_ids: Sequence[UUID]) -> list[Mandate]:
    """Read the mandates of accounts that are in force."""
    return await tx.rows(_QUERIES.mandates_in_force, Mandate, buckets=_buckets(source_ids), sources=list(source_ids))


async def read_of(tx: Tx, customer_id: UUID) -> list[Mandate]:
    """Read a customer's mandates."""
    return await tx.rows(_QUERIES.mandates_of, Mandate, bucket=bucket_of(customer_id), customer=customer_id)


async def read_taken(tx: Tx, source_ids: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """Read what automatic payment took, or may be taking, from accounts since an instant."""
    rows = await tx.records(
        _QUERIES.taken_automatically, buckets=_buckets(source_ids), sources=list(source_ids), since=since
    )
    return dict(rows)


def _buckets(ids: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(each) for each in ids})

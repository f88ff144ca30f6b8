"""Rows to events and states and back. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.profile.model import Event, Kind, Source
from tiao.runtime.arrays import Blobs, Smallints, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.profile")


class _Fact(NamedTuple):
    customer_id: UUID
    kind: str
    id: UUID
    on_day: date
    available_at: datetime
    amount: int
    label: str
    until_on: date | None


class KeptState(NamedTuple):
    """A customer's folds as they are kept."""

    customer_id: UUID
    version: str
    state: bytes
    folded_at: datetime


async def read_facts(
    tx: Tx, customer_ids: Sequence[UUID], *, since: datetime, until: datetime
) -> dict[UUID, list[Event]]:
    """Read what is recorded about customers, by customer."""
    found: dict[UUID, list[Event]] = defaultdict(list)
    rows = await tx.rows(
        _QUERIES.facts,
        _Fact,
        customers=list(customer_ids),
        buckets=_buckets(customer_ids),
        since=since,
        until=until,
    )
    for row in rows:
        found[row.customer_id].append(
            Event(Kind(row.kind), row.id, row.on_day, row.available_at, row.amount, row.label, row.until_on)
        )
    return found


async def read_stirred(tx: Tx, first: int, last: int, since: datetime) -> list[UUID]:
    """Name customers about whom something was recorded."""
    return await tx.column(_QUERIES.stirred, first=first, last=last, since=since)


async def lock_states(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, KeptState]:
    """Read and lock the folds of customers."""
    rows = await tx.rows(_QUERIES.lock_states, KeptState, customers=list(customer_ids), buckets=_buckets(customer_ids))
    return {row.customer_id: row for row in rows}


async def keep_states(tx: Tx, states: Mapping[UUID, bytes], *, version: str, at: datetime) -> None:
    """Keep the folds of customers."""
    await tx.execute(
        _QUERIES.keep_states,
        bucket=Smallints(map(bucket_of, states)),
        customer=Uuids(states),
        state=Blobs(states.values()),
        version=version,
        at=at,
    )


async def read_customers(tx: Tx, bucket: int) -> list[UUID]:
    """Name customers of a bucket whose features are under way."""
    return await tx.column(_QUERIES.customers_with_states, bucket=bucket)


async def insert_signal(
    tx: Tx,
    signal_id: UUID,
    customer_id: UUID,
    *,
    source: Source,
    name: str,
    value: int,
    observed_at: datetime,
    received_at: datetime,
) -> None:
    """Write what was told of a customer."""
    await tx.execute(
        _QUERIES.insert_signal,
        bucket=bucket_of(customer_id),
        id=signal_id,
        customer=customer_id,
        source=source.value,
        name=name,
        value=value,
        observed_at=observed_at,
        received_at=received_at,
    )


def _buckets(identifiers: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(identifier) for identifier in identifiers})

"""Rows of the graph and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tiao.risk.entities import EntityKind
from tiao.risk.graph.model import Links, Shared, Sighting, YoungRing
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.risk.graph")


async def see(tx: Tx, sightings: Sequence[Sighting], at: datetime) -> None:
    """Write sightings."""
    await tx.execute(
        _QUERIES.see,
        at=at,
        bucket=[bucket_of(each.customer_id) for each in sightings],
        customer=[each.customer_id for each in sightings],
        entity=[each.entity.value for each in sightings],
        digest=[each.digest for each in sightings],
    )


async def see_decided(
    tx: Tx, most: dict[EntityKind, int], *, since: datetime, after: int, limit: int, at: datetime
) -> int:
    """Write with what customers paid since an instant, in decisions numbered above one; answers the latest number."""
    return int(await tx.value(_QUERIES.see_decided, since=since, after=after, limit=limit, at=at, **_limits(most)))


async def read_young_rings(tx: Tx, since: datetime, size: int) -> list[YoungRing]:
    """Read components that grew since an instant and are large enough."""
    return await tx.rows(_QUERIES.young_rings, YoungRing, since=since, size=size)


async def link(tx: Tx, most: dict[EntityKind, int], *, limit: int, at: datetime) -> int:
    """Take sightings into the graph; answers how many."""
    return int(await tx.value(_QUERIES.link, limit=limit, at=at, **_limits(most)))


def _limits(most: dict[EntityKind, int]) -> dict[str, list[Any]]:
    return {"entity": [each.value for each in most], "most": list(most.values())}


async def mark_bad(tx: Tx, bad_at: dict[UUID, datetime | None]) -> None:
    """Note for which customers a fraud is known."""
    await tx.execute(_QUERIES.mark_bad, customer=list(bad_at), bad_at=list(bad_at.values()))


async def read_links(tx: Tx, customer_ids: Sequence[UUID], *, new_from: datetime) -> list[Links]:
    """Read how customers hang together."""
    buckets = sorted({bucket_of(each) for each in customer_ids})
    return await tx.rows(_QUERIES.links, Links, buckets=buckets, customers=list(customer_ids), new_from=new_from)


async def read_members(tx: Tx, component_id: UUID, limit: int) -> list[UUID]:
    """Read who is in a component."""
    return await tx.column(_QUERIES.members, component=component_id, limit=limit)


async def read_shared(tx: Tx, customer_id: UUID) -> list[Shared]:
    """Read what a customer shares with others."""
    return await tx.rows(_QUERIES.shared, Shared, bucket=bucket_of(customer_id), customer=customer_id)

"""What can be done with the graph, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.graph import rules, store
from tiao.risk.graph.model import Indicators, Links, Shared, Sighting
from tiao.runtime.db import Database, Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

#: So many sightings are taken in at once.
LINKED_AT_ONCE = 1000
#: What was paid with in a busy second.
DECIDED_AT_ONCE = 5000
#: So far back decisions are read for what customers paid with; what is missed then is seen the next time.
DECIDED = timedelta(minutes=2)


async def see(
    tx: Tx, now: Moment, vault: FieldCipher, customer_id: UUID, seen: Mapping[EntityKind, str]
) -> list[Sighting]:
    """Note what a customer was seen with; the graph takes it in within seconds. Refuses: EntityInvalid."""
    sightings = [Sighting(customer_id, kind, digest_of(vault, kind, value)) for kind, value in seen.items()]
    await see_all(tx, now, sightings)
    return sightings


async def see_all(tx: Tx, now: Moment, sightings: Sequence[Sighting]) -> None:
    """Note what customers were seen with, digests given."""
    if sightings:
        await store.see(tx, sightings, now.at)


async def see_decided(tx: Tx, now: Moment, *, after: int = 0) -> int:
    """Take in with which devices and networks customers paid a moment ago, where that is new of them.

    Answers the number that decisions had reached before: those above it are asked for *after* it the next time.
    """
    since = now.at - DECIDED
    return await store.see_decided(tx, rules.SHARED_MOST, since=since, after=after, limit=DECIDED_AT_ONCE, at=now.at)


async def rings(tx: Tx, now: Moment) -> dict[UUID, Indicators]:
    """Tell the rings that grew within the week, each by the customer who came last."""
    young = await store.read_young_rings(tx, now.at - rules.NEW, rules.RING_SIZE)
    found = await indicators_of(tx, [each.customer_id for each in young], now.at) if young else {}
    return {customer: seen for customer, seen in found.items() if seen.is_ring}


async def link(tx: Tx, now: Moment, *, limit: int = LINKED_AT_ONCE) -> int:
    """Take new sightings into the graph, at most so many; answers how many."""
    return await store.link(tx, rules.SHARED_MOST, limit=limit, at=now.at)


async def link_all(db: Database, at: Moment) -> int:
    """Take in everything that waits, a set at a time; answers how much."""
    taken = 0
    while True:
        async with db.begin() as tx:
            linked = await link(tx, at)
        taken += linked
        if linked < LINKED_AT_ONCE:
            return taken


async def mark_bad(tx: Tx, bad_at: dict[UUID, datetime | None]) -> None:
    """Note since when a fraud of customers is known; None takes it back."""
    if bad_at:
        await store.mark_bad(tx, bad_at)


async def links_of(tx: Tx, customer_ids: Sequence[UUID], at: datetime) -> dict[UUID, Links]:
    """Read how customers hang together with others; who was never seen with anything is left out."""
    found = await store.read_links(tx, customer_ids, new_from=at - rules.NEW)
    return {each.customer_id: each for each in found}


async def indicators_of(tx: Tx, customer_ids: Sequence[UUID], at: datetime) -> dict[UUID, Indicators]:
    """Say what rules and cases read of the graph, for each customer."""
    found = await links_of(tx, customer_ids, at)
    return {each: rules.indicators(found[each].counts if each in found else None) for each in customer_ids}


async def members(tx: Tx, component_id: UUID, limit: int) -> list[UUID]:
    """Read who is in a component, the longest there first."""
    return await store.read_members(tx, component_id, limit)


async def shared_by(tx: Tx, customer_id: UUID) -> list[Shared]:
    """Read what a customer was seen with, and with how many others it is shared."""
    return await store.read_shared(tx, customer_id)

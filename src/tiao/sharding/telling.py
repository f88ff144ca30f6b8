"""A merchant's events on every server, as one log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from uuid import UUID

from tiao.events import actions as events
from tiao.events.model import Event, EventKind
from tiao.sharding.shards import Shards


async def last_places(shards: Shards) -> dict[int, int]:
    """Tell how far each server's log goes; one that cannot be reached is left out."""
    places = {}
    for number, site in enumerate(shards.sites):
        if site.is_up:
            async with site.db.begin() as tx:
                await events.give_places(tx)
                places[number] = await events.last_place(tx)
    return places


async def events_of(
    shards: Shards, merchant_id: UUID, places: Sequence[int], *, kind: EventKind | None, limit: int
) -> tuple[list[Event], list[int], bool]:
    """Read a merchant's events after a place of each log; answers them, the places after them, and whether more wait.

    Each log is read in its own order, and the logs among one another by when things happened.
    Refuses: ShardUnavailable.
    """
    after = [*places, *([0] * (len(shards.sites) - len(places)))]
    logs: list[list[tuple[datetime, int, int, Event]]] = []
    for shard, platform in enumerate(shards.all()):
        async with platform.db.begin() as tx:
            await events.give_places(tx)
            found = await events.events_of(tx, merchant_id, after=after[shard], kind=kind, limit=limit + 1)
        logs.append([(each.happened_at, shard, each.place, each) for each in found])
    page = list(islice(merge(*logs, key=lambda each: each[:3]), limit))
    for _, shard, place, _ in page:
        after[shard] = place
    return [each for *_, each in page], after, sum(map(len, logs)) > len(page)


async def events_between(
    shards: Shards, merchant_id: UUID, *, from_at: datetime, until_at: datetime, limit: int
) -> list[Event]:
    """Read a merchant's events of a range of time on every server. Refuses: ShardUnavailable."""
    found: list[Event] = []
    for platform in shards.all():
        async with platform.db.begin() as tx:
            await events.give_places(tx)
            found += await events.events_between(tx, merchant_id, from_at=from_at, until_at=until_at, limit=limit)
    return sorted(found, key=lambda each: each.happened_at)

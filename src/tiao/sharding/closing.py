"""Days on several servers: each closes its own, the home last, so that it gathers what the others sent on its way.

A server that is down does not hold the others up. When it is back it closes the days it missed, and what it owes
merchants is in the next settlement of the home.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta

from tiao.payments.model import SettlementPart
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database, DatabaseUnavailable
from tiao.runtime.placement import BucketMap, Shard
from tiao.runtime.programme import MomentSource, read_programme
from tiao.servicing.close import Closer, CloseStep, close_day, close_steps
from tiao.sharding.refusals import ShardUnavailable
from tiao.sharding.shards import ANSWER_SECONDS, Shards, Site, any_programme, parts_on_their_way
from tiao.values.ids import id_source
from tiao.values.refusal import Refusal
from tiao.wiring import OneOfSeveral, closer_of, shipped_engine


async def have_closed(sites: Sequence[Site], day: date) -> bool:
    """Tell whether every one of these servers has closed a day; one that cannot be reached is not waited for."""
    for site in sites:
        if site.is_up:
            try:
                async with site.db.begin() as tx:
                    if (await read_programme(tx)).closed_through < day:
                        return False
            except Refusal:
                continue
    return True


async def close_everywhere(shards: Shards, day: date) -> None:
    """Close a day on every server that can be reached, and say if one was left out: ask again when it is back.

    Refuses: ShardUnavailable after the others are closed, DayNotOver, DayOutOfTurn.
    """
    for platform in shards.others_first():
        is_home = platform is shards.sites[0].platform
        closer = platform.servicer.closer
        await (close_day(closer, day) if is_home else _close_through(closer, day))
    shards.all()


async def close_with(bucket_map: BucketMap, day: date) -> dict[Shard, list[CloseStep]]:
    """Close a day from a command: what `close_everywhere` does, without a server process.

    Refuses: ShardUnavailable after the others are closed, NoShardAnswers, DayNotOver, DayOutOfTurn.
    """
    async with AsyncExitStack() as stack:
        reached: dict[Shard, Database] = {}
        for shard in bucket_map.shards:
            try:
                reached[shard] = await Database.open(shard.url, wait_seconds=ANSWER_SECONDS)
            except DatabaseUnavailable:
                continue
            stack.push_async_callback(reached[shard].close)
        programme = await any_programme(list(reached.values()))
        others = {shard: db for shard, db in reached.items() if not shard.is_home}

        async def read_parts(through: date) -> list[SettlementPart]:
            return await parts_on_their_way(reached[bucket_map.shards[0]], others, through)

        closed = {}
        for shard in (*others, *(each for each in reached if each.is_home)):
            moments = MomentSource(ProgrammeClock(), programme.zone, id_source(secrets.token_bytes))
            one_of = OneOfSeveral(shard, programme, read_parts)
            closer = closer_of(reached[shard], programme, moments, shipped_engine(), one_of=one_of)
            closed[shard] = await (close_day(closer, day) if shard.is_home else _close_through(closer, day))
        for shard in bucket_map.shards:
            if shard not in reached:
                raise ShardUnavailable(f"the server of buckets {shard.ranges} cannot be reached; the others are closed")
        return closed


async def _close_through(closer: Closer, day: date) -> list[CloseStep]:
    """Close a day, and before it those that the server missed."""
    async with closer.db.begin() as tx:
        missed = (await read_programme(tx)).closed_through + timedelta(days=1)
    while missed <= day:
        await close_day(closer, missed)
        missed += timedelta(days=1)
    async with closer.db.begin() as tx:
        return await close_steps(tx, day)

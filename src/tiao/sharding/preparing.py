"""Making servers ready: the schema current, their share of the buckets written down, one programme."""

from __future__ import annotations

from typing import NamedTuple

from tiao.runtime.db import Database, DatabaseUnavailable
from tiao.runtime.migrations import migrate
from tiao.runtime.placement import BucketMap, Shard, record_placement
from tiao.runtime.programme import Programme, ProgrammeMissing, read_programme
from tiao.sharding.refusals import NoShardAnswers
from tiao.sharding.shards import ANSWER_SECONDS, check_same


class Prepared(NamedTuple):
    """What was done on which server; *down* could not be reached."""

    applied: dict[Shard, list[str]]
    programmes: dict[Shard, Programme]
    down: list[Shard]

    def programme(self) -> Programme:
        """Give the one programme. Refuses: ProgrammeMissing, ProgrammesDiffer."""
        if not self.programmes:
            raise ProgrammeMissing
        first, *others = self.programmes.values()
        for other in others:
            check_same(other, first)
        return first


async def prepare(bucket_map: BucketMap) -> Prepared:
    """Bring every server that answers up to date and hold it against the map.

    Refuses: NoShardAnswers, PlacementDiffers, MigrationChanged.
    """
    made = Prepared({}, {}, [])
    for shard in bucket_map.shards:
        try:
            db = await Database.open(shard.url, pool_max=1, wait_seconds=ANSWER_SECONDS)
        except DatabaseUnavailable:
            made.down.append(shard)
            continue
        try:
            made.applied[shard] = await migrate(db)
            async with db.begin() as tx:
                await record_placement(tx, bucket_map, shard.number)
            async with db.begin() as tx:
                made.programmes[shard] = await read_programme(tx)
        except ProgrammeMissing:
            pass
        finally:
            await db.close()
    if not made.applied:
        raise NoShardAnswers
    return made

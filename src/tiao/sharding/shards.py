"""The servers of a programme: one platform each, which of them can be reached, and where a request belongs.

With one server there is one platform, it is never thought to be down, and nothing here costs a round trip.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import Self

import structlog

from tiao.credit.model import Engine
from tiao.lending.product import Product
from tiao.payments import gathering
from tiao.payments.model import SettlementPart
from tiao.runtime.db import Database
from tiao.runtime.placement import BucketMap, Shard, check_placement
from tiao.runtime.programme import Programme, read_programme
from tiao.runtime.secrets import FieldCipher
from tiao.sharding import following
from tiao.sharding.refusals import NoShardAnswers, ProgrammesDiffer, ShardUnavailable
from tiao.values.ids import BUCKETS, IdSource
from tiao.values.refusal import Refusal
from tiao.wiring import OneOfSeveral, Outside, Platform, open_platform, shipped_engine

#: How often each server is looked at: so long may a request still be sent to one that has just died.
LOOK_SECONDS = 1.0
#: A server that does not answer within this time counts as down.
ANSWER_SECONDS = 2.0
#: What a caller is told to wait before asking again: a server that returns is seen within LOOK_SECONDS.
RETRY_AFTER_SECONDS = 2
#: The whole of the buckets, for a single server.
EVERYTHING = Shard(0, "", tuple(range(BUCKETS)))


class Site:
    """One server: its share of the buckets, its platform, and whether it can be reached."""

    def __init__(self, shard: Shard, platform: Platform, *, is_up: bool) -> None:
        self.shard = shard
        self.platform = platform
        self.is_up = is_up
        #: Why it is down.
        self.reason = ""

    @property
    def db(self) -> Database:
        """Its database."""
        return self.platform.db


class Shards:
    """Every server of the programme, the home first."""

    def __init__(self, sites: Sequence[Site], bucket_map: BucketMap | None) -> None:
        self.sites = tuple(sites)
        self.bucket_map = bucket_map

    @classmethod
    def single(cls, platform: Platform) -> Self:
        """One server that holds everything."""
        return cls([Site(EVERYTHING, platform, is_up=True)], None)

    @property
    def is_several(self) -> bool:
        """Whether there is more than one server."""
        return self.bucket_map is not None

    @property
    def others(self) -> tuple[Site, ...]:
        """Every server but the home."""
        return self.sites[1:]

    def site_of(self, bucket: int | None) -> Site:
        """Find the server of a bucket; without one, the home."""
        if self.bucket_map is None or bucket is None:
            return self.sites[0]
        return self.sites[self.bucket_map.number_of(bucket)]

    def platform(self, bucket: int | None) -> Platform:
        """Give the platform that serves a bucket; without one, the home's. Refuses: ShardUnavailable."""
        return living(self.site_of(bucket)).platform

    def all(self) -> list[Platform]:
        """Give every platform, for what needs them all. Refuses: ShardUnavailable."""
        return [living(site).platform for site in self.sites]

    def databases(self) -> list[Database]:
        """Give every server's database, for what is read from all. Refuses: ShardUnavailable."""
        return [platform.db for platform in self.all()]

    def others_first(self) -> list[Platform]:
        """Give the platforms that can be reached, the home last: it gathers what the others sent on its way."""
        return [site.platform for site in (*self.others, self.sites[0]) if site.is_up]

    async def spread(self) -> None:
        """Let every server that can be reached follow the home at once: a merchant or key was changed there."""
        if self.sites[0].is_up:
            await asyncio.gather(*(self._follow(site) for site in self.others if site.is_up))

    async def look(self) -> None:
        """Look once which servers can be reached."""
        await asyncio.gather(*(self._look_at(site) for site in self.sites))
        await self.spread()

    async def watch(self) -> None:
        """Go on looking, and let the others follow the home."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def _look_at(self, site: Site) -> None:
        was_up = site.is_up
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await (self._still_there(site) if was_up else self._admit(site))
        except (Refusal, TimeoutError, OSError) as error:
            site.is_up, site.reason = False, error.code if isinstance(error, Refusal) else type(error).__name__
        else:
            site.is_up, site.reason = True, ""
        if site.is_up != was_up:
            structlog.get_logger().info(
                "shard_returned" if site.is_up else "shard_lost", bucket=site.shard.buckets[0], code=site.reason
            )

    async def _still_there(self, site: Site) -> None:
        async with site.db.begin() as tx:
            await tx.value("select 1")

    async def _admit(self, site: Site) -> None:
        """Look harder at a server that comes back: it must be the one the map means, and current."""
        async with site.db.begin() as tx:
            await following.check_current(tx)
            await check_placement(tx, self.bucket_map, site.shard.number)
            check_same(await read_programme(tx), site.platform.programme)
        await site.platform.adopt_rules()

    async def _follow(self, site: Site) -> None:
        try:
            await following.follow_home(self.sites[0].db, site.db)
            await following.follow_decisions(self.sites[0].db, site.db)
            await following.follow_registers(self.sites[0].db, site.db)
            await following.follow_lists(self.sites[0].db, site.db)
        except Refusal as refusal:
            structlog.get_logger().warning("job", job="follow", bucket=site.shard.buckets[0], refusal=refusal.code)


def living(site: Site) -> Site:
    """Demand that a server can be reached. Refuses: ShardUnavailable."""
    if not site.is_up:
        raise ShardUnavailable(
            f"the server of buckets {site.shard.ranges} cannot be reached",
            retry_after=RETRY_AFTER_SECONDS,
            buckets=site.shard.ranges,
        )
    return site


def check_same(found: Programme, known: Programme) -> None:
    """Demand that two servers hold one programme; how far its clock has come may differ. Refuses: ProgrammesDiffer."""
    fields = ("name", "currency", "time_zone", "market", "lender_type", "is_test_clock", "opened_on")
    differing = [field for field in fields if getattr(found, field) != getattr(known, field)]
    if differing:
        raise ProgrammesDiffer(f"they differ in {', '.join(differing)}")


@asynccontextmanager
async def open_shards(
    bucket_map: BucketMap,
    outside: Outside,
    *,
    ids: IdSource,
    vault: FieldCipher,
    engine: Engine | None = None,
    products: tuple[Product, ...] | None = None,
) -> AsyncIterator[Shards]:
    """Open a platform on every server of the map and watch them; those that are down are served when they return.

    Refuses: NoShardAnswers, ProgrammeMissing.
    """
    async with AsyncExitStack() as stack:
        databases = []
        for shard in bucket_map.shards:
            databases.append(await Database.reach_for(shard.url, wait_seconds=ANSWER_SECONDS))
            stack.push_async_callback(databases[-1].close)
        programme = await any_programme(databases)
        shards = Shards([], bucket_map)
        chosen = engine or shipped_engine()

        async def read_parts(day: date) -> list[SettlementPart]:
            up = {site.shard: site.db for site in shards.others if site.is_up}
            return await parts_on_their_way(shards.sites[0].db, up, day)

        sites = []
        for shard, db in zip(bucket_map.shards, databases, strict=True):
            one_of = OneOfSeveral(shard, programme, read_parts)
            opening = open_platform(db, outside, ids=ids, vault=vault, engine=chosen, products=products, one_of=one_of)
            sites.append(Site(shard, await stack.enter_async_context(opening), is_up=False))
        shards.sites = tuple(sites)
        await shards.look()
        watching = asyncio.create_task(shards.watch())
        try:
            yield shards
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def any_programme(databases: Sequence[Database]) -> Programme:
    """Read the programme from the first server that answers. Refuses: NoShardAnswers, ProgrammeMissing."""
    for db in databases:
        try:
            async with asyncio.timeout(ANSWER_SECONDS), db.begin() as tx:
                return await read_programme(tx)
        except (TimeoutError, OSError):
            continue
        except Refusal as refusal:
            if refusal.code == "database_unavailable":
                continue
            raise
    raise NoShardAnswers


async def parts_on_their_way(home: Database, others: Mapping[Shard, Database], day: date) -> list[SettlementPart]:
    """Read what the other servers sent on its way through *day* and the home has not gathered.

    What a server that cannot be reached owes is left for the next settlement after it returns.
    """
    async with home.begin() as tx:
        through = await gathering.gathered_through(tx)
    found: list[SettlementPart] = []
    for shard, db in others.items():
        try:
            async with db.begin() as tx:
                found += await gathering.sent(tx, after=through.get(shard.number, date.min), through=day)
        except Refusal as refusal:
            structlog.get_logger().warning("job", job="gather", bucket=shard.buckets[0], refusal=refusal.code)
    return found

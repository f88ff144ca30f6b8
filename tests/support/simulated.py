"""A world or a replay on a database of its own, opened as the commands open it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tiao.ledger import actions as ledger
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.neighbours import Neighbours, open_neighbours
from tiao.simulator.world import World, open_world
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, Platform, open_platform


@asynccontextmanager
async def platform_of(
    db: Database, seed: str, *, with_notices: bool = False
) -> AsyncIterator[tuple[Platform, Neighbours]]:
    """Join a platform and its simulated neighbours."""
    async with open_neighbours(seed, with_notices=with_notices) as near:
        outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
        vault = FieldCipher({1: b"k" * 32})
        async with open_platform(db, outside, ids=seeded_ids(seed), vault=vault) as platform:
            yield platform, near


@asynccontextmanager
async def opened(url: str, world: World) -> AsyncIterator[tuple[Database, Platform, Neighbours]]:
    """Open a world on an empty database."""
    db = await Database.open(url)
    try:
        await migrate(db)
        await open_world(db, world, name="simulated")
        async with platform_of(db, world.seed, with_notices=True) as (platform, near):
            yield db, platform, near
    finally:
        await db.close()


async def fingerprint(db: Database) -> str:
    async with db.snapshot() as tx:
        return await ledger.fingerprint(tx)

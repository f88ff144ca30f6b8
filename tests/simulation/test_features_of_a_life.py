"""A simulated life with a failing bank: the features kept day by day equal a replay of everything recorded."""

from datetime import date

import pytest

from support.simulated import opened
from tiao.profile import actions as profile
from tiao.runtime.embedded import Embedded
from tiao.simulator.living import live_year
from tiao.simulator.world import make_world
from tiao.values.ids import BUCKETS

pytestmark = pytest.mark.anyio

WORLD = make_world("features", customers=40, opened_on=date(2026, 3, 1), with_mishaps=True, merchants=6)
DAYS = 75


async def test_kept_and_replayed_features_have_no_difference(server: Embedded) -> None:
    name = "features_of_a_life"
    server.drop_database(name)
    server.ensure_database(name)
    try:
        async with opened(server.url(name), WORLD) as (db, platform, near):
            await live_year(platform, WORLD, DAYS, neighbours=near)
            customers = 0
            async with db.begin() as tx:
                now = await platform.moments(tx)
                for bucket in range(BUCKETS):
                    assert await profile.differences(tx, now, bucket) == {}
                customers = await tx.value("select count(*) from profile_state")
            assert customers == len({*range(40)})
    finally:
        server.drop_database(name)

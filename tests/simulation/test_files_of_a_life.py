"""A simulated life's bank writes the file of every day, so that no day waits and the books are what the files say."""

from datetime import date

import pytest

from support.simulated import opened
from tiao.payments.reconciling import actions as reconciling
from tiao.runtime.embedded import Embedded
from tiao.simulator.living import live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio
DAYS = 40


async def test_every_days_file_is_held_and_none_is_late(server: Embedded) -> None:
    server.ensure_database("files_of_a_life")
    world = make_world("files of a life", customers=16, opened_on=date(2026, 6, 1), with_mishaps=True)
    async with opened(server.url("files_of_a_life"), world) as (db, platform, near):
        await live_year(platform, world, DAYS, neighbours=near)
        async with db.begin() as tx:
            days = await reconciling.channel_days(tx, limit=2 * DAYS)
            alarms = await reconciling.alarms(tx, await platform.moments(tx))
    assert len(days) >= DAYS - 1
    assert sum(each.rows for each in days) > 0, "nothing was paid: the files say nothing"
    assert (alarms.files_late, alarms.files_at_fault, alarms.differences_late) == (0, 0, 0)

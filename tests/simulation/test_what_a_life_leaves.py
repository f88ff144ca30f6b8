"""A demo's life leaves cases of each kind in the queue, and honest people share devices and change phones."""

from datetime import date

import pytest

from support.simulated import opened
from tiao.risk.cases.model import Subject
from tiao.runtime.checks import run_checks
from tiao.runtime.embedded import Embedded
from tiao.simulator.leftovers import leave_cases
from tiao.simulator.living import live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio
DAYS = 24


async def test_cases_of_each_kind_wait_and_the_graph_knows_homes(server: Embedded) -> None:
    server.ensure_database("leftovers")
    world = make_world("leftovers", customers=24, opened_on=date(2026, 6, 1), with_mishaps=False)
    async with opened(server.url("leftovers"), world) as (db, platform, near):
        await live_year(platform, world, DAYS, neighbours=near)
        made = await leave_cases(platform, staff="opr_demo")
        async with db.begin() as tx:
            found = await tx.column("select subject from risk_case where state = 'open' order by subject")
            devices = await tx.value("select count(distinct device) from risk_decision")
            payers = await tx.value("select count(distinct customer_id) from risk_decision")
            shared = await tx.value(
                "select count(*) from (select device from risk_decision group by device "
                "having count(distinct customer_id) > 1) as d"
            )
            assert await run_checks(tx) == []
    assert made == len(found) == 5
    assert set(found) == {each.value for each in Subject}
    assert devices > payers, "some have two, or changed their phone"
    assert shared > 0

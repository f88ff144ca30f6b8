"""What people ask for and staff decide about loans, far more often than usual: the equations hold."""

from datetime import date

import pytest

from support.simulated import opened
from tiao.reports.reading import report
from tiao.runtime.checks import examining, run_checks
from tiao.runtime.embedded import Embedded
from tiao.simulator.cases import Case
from tiao.simulator.living import DayLog, live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio

WORLD = make_world("cases", customers=36, opened_on=date(2025, 11, 1), with_mishaps=True, merchants=5)._replace(
    cases_times=40, arrival_days=10
)
DAYS = 100
#: Days on which everything is looked at: after the first statements, after the first due dates, at the end.
LOOKED_AT = {25, 55, DAYS - 1}


async def test_every_case_comes_up_and_records_and_books_agree(server: Embedded) -> None:
    server.drop_database("cases")
    server.ensure_database("cases")
    try:
        async with opened(server.url("cases"), WORLD) as (db, platform, near):

            async def on_day(lived: DayLog) -> None:
                if (lived.day - WORLD.opened_on).days in LOOKED_AT:
                    async with examining(db) as tx:
                        assert await run_checks(tx) == [], lived.day
                        found = await report(tx)
                    assert [each.name for each in found.equations if each.difference_minor] == [], lived.day

            log = await live_year(platform, WORLD, DAYS, neighbours=near, on_day=on_day)
    finally:
        server.drop_database("cases")
    # Few loans that are overdue have rows left in a life this short.
    assert {case for case in Case if not log.totals[case]} <= {Case.REAMORTISATION}
    assert log.totals["transfers undone"]
    assert log.totals["minimum payments undone"]
    assert log.totals["policy overrides approved"]

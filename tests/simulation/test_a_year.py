"""A year of a small world in which everything fails now and then: the books are sound after every day, and again."""

from datetime import date

import pytest

from support.simulated import fingerprint, opened
from tiao.runtime.checks import run_checks
from tiao.runtime.embedded import Embedded
from tiao.simulator.living import DayLog, Log, live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio

WORLD = make_world("a year", customers=150, opened_on=date(2025, 11, 1), with_mishaps=True, merchants=12)
DAYS = 365
#: What a year must have seen for the test to mean anything.
SEEN = (
    "approved",
    "autopay debits",
    "autopay debits failed",
    "autopay debits unknown",
    "capture",
    "declined applicants",
    "notices",
    "payouts",
    "payouts failed",
    "payouts unknown",
    "purchases captured at once",
    "purchases captured in two parts",
    "purchases declined",
    "purchases left to expire",
    "purchases less captured than held",
    "quotes accepted",
    "recoveries",
    "refund",
    "repayment debits",
    "repayment debits failed",
    "unknown debits resolved",
    "unknown payouts resolved",
    "void",
    "written off",
)


async def lived(server: Embedded, name: str, *, checks: bool) -> tuple[Log, str]:
    server.drop_database(name)
    server.ensure_database(name)
    try:
        async with opened(server.url(name), WORLD) as (db, platform, near):

            async def on_day(lived: DayLog) -> None:
                if checks:
                    async with db.snapshot() as tx:
                        assert await run_checks(tx) == [], lived.day

            log = await live_year(platform, WORLD, DAYS, neighbours=near, on_day=on_day)
            return log, await fingerprint(db)
    finally:
        server.drop_database(name)


async def test_the_books_are_sound_after_every_day_and_a_second_life_is_the_same(server: Embedded) -> None:
    first, digest = await lived(server, "year_first", checks=True)
    assert [what for what in SEEN if not first.totals[what]] == []
    second, again = await lived(server, "year_second", checks=False)
    assert second == first
    assert again == digest

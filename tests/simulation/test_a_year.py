"""A year of a small world in which everything fails now and then: the books are sound after every day, and again."""

from datetime import date
from typing import NamedTuple

import pytest

from support.settled import assert_files_agree
from support.simulated import fingerprint, opened
from tiao.reports import store
from tiao.reports.equations import equations
from tiao.reports.model import AccountRow, Figures
from tiao.runtime.checks import examining, run_checks
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.simulator.living import DayLog, Log, live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio

WORLD = make_world("a year", customers=150, opened_on=date(2025, 11, 1), with_mishaps=True, merchants=12)
DAYS = 365
#: What a year must have seen for the test to mean anything; what is rarer is sought out in test_cases and test_losses.
SEEN = (
    "approved",
    "autopay debits",
    "autopay debits failed",
    "autopay debits unknown",
    "bills in instalments",
    "capture",
    "charges",
    "declined applicants",
    "deferrals",
    "disputes",
    "goodwill",
    "hardship plans",
    "line payoffs",
    "loan payoffs",
    "merchant adjustments",
    "notices",
    "payouts",
    "payouts failed",
    "payouts unknown",
    "penalty pauses",
    "policy overrides approved",
    "policy overrides withdrawn",
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
    "transfers",
    "unknown debits resolved",
    "unknown payouts resolved",
    "void",
    "waivers",
    "waivers undone",
    "withdrawals",
    "written off",
)


async def read_figures(db: Database) -> tuple[Figures, list[AccountRow]]:
    async with db.snapshot() as tx:
        return await store.read_figures(tx), await store.read_accounts(tx)


def differences(figures: Figures, accounts: list[AccountRow]) -> list[str]:
    return [each.name for each in equations(figures, accounts) if each.difference_minor]


class Lived(NamedTuple):
    log: Log
    fingerprint: str
    figures: Figures
    accounts: list[AccountRow]


async def lived(server: Embedded, name: str, *, checks: bool) -> Lived:
    server.drop_database(name)
    server.ensure_database(name)
    try:
        async with opened(server.url(name), WORLD) as (db, platform, near):

            async def on_day(lived: DayLog) -> None:
                if checks:
                    async with examining(db) as tx:
                        assert await run_checks(tx) == [], lived.day
                    await assert_files_agree(db, lived.day, near.bank_server.books.movements)
                    if lived.day.day == 1:
                        assert differences(*await read_figures(db)) == [], lived.day

            log = await live_year(platform, WORLD, DAYS, neighbours=near, on_day=on_day)
            return Lived(log, await fingerprint(db), *await read_figures(db))
    finally:
        server.drop_database(name)


async def test_the_books_are_sound_after_every_day_and_a_second_life_is_the_same(server: Embedded) -> None:
    first = await lived(server, "year_first", checks=True)
    assert [what for what in SEEN if not first.log.totals[what]] == []
    assert differences(first.figures, first.accounts) == []
    forgotten = [
        name
        for name, amount in first.figures._asdict().items()
        if amount and not differences(first.figures._replace(**{name: 0}), first.accounts)
    ]
    assert forgotten == [], "a figure could be left out and every equation would still hold"
    second = await lived(server, "year_second", checks=False)
    assert second == first

"""The demo's first three months: lived once, by the seeded simulator, through the same actions as the API."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tiao.cli.demo_credentials import LENDER
from tiao.runtime.config import Config, field_key
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.runtime.server import Server
from tiao.simulator.bank.journal import SqliteJournal
from tiao.simulator.leftovers import leave_cases
from tiao.simulator.living import DayLog, live_year
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.watching import turn_warning_on
from tiao.simulator.world import World, make_world, open_world
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, open_platform, shipped_behaviour

SEED = "demo"
FIRST_DAY = date(2026, 6, 1)
#: Three months: bills were cut three times, somebody paid late, somebody sent things back.
DAYS = 92
CUSTOMERS = 60
#: So many times as often as in a simulated year, so that each kind of decision about a loan can be looked at.
CASES_TIMES = 3


async def live(out: Console, config: Config, server: Server, journal: Path) -> None:
    """Live the demo's months in a database of their own, which becomes the demo's when they are complete."""
    world = make_world(SEED, customers=CUSTOMERS, opened_on=FIRST_DAY, with_mishaps=True)
    world = world._replace(cases_times=CASES_TIMES)
    building = f"{config.programme}_building"
    for left in journal.parent.glob("bank.sqlite*"):
        left.unlink()
    if server.embedded is None:
        await _live_in(out, server.url(), world, config, journal)
        return
    server.embedded.drop_database(building)
    server.embedded.drop_database(config.programme)
    await _live_in(out, server.ensure_programme(building), world, config, journal)
    server.embedded.ensure_database(config.programme, template=building)
    server.embedded.drop_database(building)


async def _live_in(out: Console, url: str, world: World, config: Config, journal: Path) -> None:
    db = await Database.open(url)
    kept = SqliteJournal(journal)
    try:
        await migrate(db)
        await open_world(db, world, name=SEED, lender=LENDER)
        async with open_neighbours(world.seed, with_notices=True, journal=kept) as near:
            outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
            vault = FieldCipher({1: field_key(config)})
            async with open_platform(db, outside, ids=seeded_ids(world.seed), vault=vault) as platform:
                await turn_warning_on(platform, shipped_behaviour())
                columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
                with Progress(*columns, console=out) as progress:
                    task = progress.add_task("living three months", total=DAYS)

                    async def on_day(lived: DayLog) -> None:
                        progress.update(task, advance=1, description=f"living three months: {lived.day}")

                    await live_year(platform, world, DAYS, neighbours=near, on_day=on_day)
                    await leave_cases(platform, staff=SEED)
    finally:
        kept.close()
        await db.close()

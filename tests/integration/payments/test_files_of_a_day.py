"""A channel's file that is late, short or another day's is fetched until it is right; what stays wrong alarms."""

from datetime import date, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tiao.payments import jobs
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.reconciling.jobs import Owner, ReconcileRun, run_files
from tiao.payments.reconciling.model import Alarms, ChannelDay
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm, WireFormat
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import Policies, Policy
from tiao.runtime.checks import run_checks
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
ZONE = ZoneInfo("Asia/Shanghai")
BANK = Capability("bank", "bank", WireFormat.TIAO, FileFormat.TIAO, StatementForm.EACH)
OWNER = Owner("CNY", ZONE, date(2026, 3, 2))


async def fetched(world: World) -> ReconcileRun:
    channels = jobs.RoutedChannels(world.channels, Chooser([BANK], Policies("p", {"p": Policy()}), ZONE))
    return await run_files(world.db, channels, world.moment, OWNER, world.repay)


async def paid(world: World, amount: int, first: int) -> None:
    orders = [world.order(await world.customer(first + number), amount + number) for number in range(4)]
    done = await jobs.run_debits(world.db, world.channels, world.moment, orders, world.repay)
    assert len(done.succeeded) == len(orders)


def to_morning(world: World) -> None:
    world.at = (world.at.astimezone(ZONE) + timedelta(days=1)).replace(hour=10, minute=30)


async def days(world: World) -> list[ChannelDay]:
    async with world.db.begin() as tx:
        return await reconciling.channel_days(tx, limit=10)


async def alarms(world: World) -> Alarms:
    async with world.db.begin() as tx:
        return await reconciling.alarms(tx, world.now)


async def sound(world: World) -> None:
    async with world.db.snapshot() as tx:
        assert await run_checks(tx) == []


async def test_a_days_file_and_statement_are_held_and_a_second_look_changes_nothing(world: World) -> None:
    await paid(world, 1_000, 1)
    to_morning(world)
    assert [each.day.matched for each in (await fetched(world)).held] == [4]
    assert (await fetched(world)).held == [], "nothing is owed any more"
    [day] = await days(world)
    assert (day.rows, day.different, day.fault, day.statement_minor) == (4, 0, None, 4_006)
    assert await alarms(world) == Alarms(0, 0, 0, 0, 0)
    await sound(world)


async def test_a_file_that_is_cut_short_at_a_row_is_seen_by_the_statement_and_fetched_again(world: World) -> None:
    await paid(world, 1_000, 1)
    world.books.set_faults(FaultRates(file_short_ppm=CERTAIN_PPM))
    to_morning(world)
    assert [each.day.matched for each in (await fetched(world)).held] == [4]
    [day] = await days(world)
    assert (day.rows, day.fault) == (4, None), "two short ones left nothing behind"


async def test_a_file_that_is_late_is_awaited_and_the_days_after_it_wait_too(world: World) -> None:
    await paid(world, 1_000, 1)
    world.books.set_faults(FaultRates(file_late_ppm=CERTAIN_PPM))
    to_morning(world)
    assert [each[1] for each in (await fetched(world)).waiting] == [date(2026, 3, 2)]
    assert (await alarms(world)).files_late == 1
    assert len((await fetched(world)).held) == 1, "an hour later it is there"
    assert (await alarms(world)).files_late == 0


async def test_the_file_of_the_day_before_is_refused_and_the_right_one_fetched(world: World) -> None:
    await paid(world, 1_000, 1)
    to_morning(world)
    await fetched(world)
    await paid(world, 3_000, 11)
    world.books.set_faults(FaultRates(file_again_ppm=CERTAIN_PPM))
    to_morning(world)
    [held] = (await fetched(world)).held
    assert (held.day.business_date, held.day.matched, held.day.different) == (date(2026, 3, 3), 4, 0)
    await sound(world)


async def test_a_file_that_stays_at_odds_is_held_in_the_end_with_tickets_and_an_alarm(world: World) -> None:
    await paid(world, 1_000, 1)
    world.books.set_faults(FaultRates(row_missing_ppm=CERTAIN_PPM))
    to_morning(world)
    assert len((await fetched(world)).held) == 1
    [day] = await days(world)
    assert day.fault == "the file comes to 0, the statement to 4006"
    assert (await alarms(world)).files_at_fault == 1
    async with world.db.begin() as tx:
        found = await reconciling.differences(tx, is_open=True, limit=20)
    assert sorted({each.kind.value for each in found}) == ["doubtful", "statement"]
    world.books.set_faults(FaultRates())
    assert len((await fetched(world)).held) == 1, "a file at fault is fetched again"
    [day] = await days(world)
    assert (day.rows, day.matched, day.fault) == (4, 4, None)
    assert (await alarms(world)).files_at_fault == 0
    await sound(world)

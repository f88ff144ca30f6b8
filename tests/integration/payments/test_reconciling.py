"""A channel's day against our books: what agrees leaves no trace, each difference is one ticket, cash is the bank's."""

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tiao.casework.refusals import MakerIsChecker
from tiao.ledger.model import Account
from tiao.payments import jobs
from tiao.payments.files import zm
from tiao.payments.files.model import ChannelFileRefused, FileRow
from tiao.payments.files.plain import PlainFile, write_plain
from tiao.payments.model import NewDebit
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.reconciling.model import DayFile, Difference, Ending, Reconciled, Statement, StatementRow
from tiao.payments.reconciling.refusals import (
    ChannelDayNotOver,
    DifferenceClosed,
    EndingNotAllowed,
    NothingProposed,
)
from tiao.payments.routing.capability import Capability, FileFormat, StatementForm, WireFormat
from tiao.runtime.checks import run_checks
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
ZONE = ZoneInfo("Asia/Shanghai")
#: 20 basis points and a cent.
PRICED = Capability(
    "bank", "bank", WireFormat.UNIONPAY, FileFormat.ZM, StatementForm.NET, cost_bps=20, cost_fixed_minor=1
)


def fee(amount: int) -> int:
    return (amount * 20 + 5000) // 10000 + 1


def row(order: NewDebit, **changes: Any) -> FileRow:  # noqa: ANN401  any cell of a row
    plain = FileRow(order.debit_id.hex, f"C{order.amount_minor}", "debit", order.amount_minor, fee(order.amount_minor))
    return plain._replace(**changes)


def zm_file(rows: Sequence[FileRow]) -> bytes:
    return b"".join(
        zm.write_record(
            {
                "order_no": each.request_no,
                "query_no": each.channel_no,
                "amount": f"{each.amount_minor:012}",
                "fee": f"{'D' if each.fee_minor >= 0 else 'C'}{abs(each.fee_minor):012}",
                "trade_kind": "01" if each.flow == "debit" else "12",
                "submerchant_name": "山脚书店",
            }
        )
        + b"\r\n"
        for each in rows
    )


async def hold(world: World, rows: Sequence[FileRow], day: date, statement: Statement | None = None) -> Reconciled:
    async with world.db.begin() as tx:
        file = DayFile(PRICED, day, zm.ZmFile(io.BytesIO(zm_file(rows))), statement)
        return await reconciling.reconcile(tx, world.now, file, currency="CNY", zone=ZONE, on_succeeded=world.repay)


async def tickets(world: World, *, is_open: bool = True) -> list[Difference]:
    async with world.db.begin() as tx:
        return await reconciling.differences(tx, is_open=is_open, limit=100)


async def kinds(world: World) -> list[tuple[str, int | None, int | None]]:
    found = [(each.kind.value, each.ours_minor, each.theirs_minor) for each in await tickets(world)]
    return sorted(found, key=str)


async def sound(world: World) -> None:
    async with world.db.snapshot() as tx:
        assert await run_checks(tx) == []


async def paid(world: World, *amounts: int, first: int = 1) -> list[NewDebit]:
    orders = [world.order(await world.customer(first + n), amount) for n, amount in enumerate(amounts)]
    done = await jobs.run_debits(world.db, world.channels, world.moment, orders, world.repay)
    assert len(done.succeeded) == len(amounts)
    return orders


def to_morning(world: World, days: int = 1) -> date:
    """Go to ten in the morning, so many days later; gives the day that has just ended."""
    local = world.at.astimezone(ZONE) + timedelta(days=days)
    world.at = local.replace(hour=10, minute=30, second=0)
    return local.date() - timedelta(days=1)


async def test_a_day_that_agrees_leaves_no_ticket_and_books_what_the_channel_took(world: World) -> None:
    orders = await paid(world, 1000, 2500, 10_000)
    day = to_morning(world)
    held = await hold(world, [row(each) for each in orders], day)
    assert (held.day.rows, held.day.matched, held.day.different) == (3, 3, 0)
    assert held.day.debited_minor == 13_500
    assert held.day.channel_fee_minor == sum(fee(each.amount_minor) for each in orders)
    assert await world.balance(Account.CASH) == 13_500 - held.day.channel_fee_minor
    again = await hold(world, [row(each) for each in orders], day)
    assert again.day == held.day, "the same file again changes nothing"
    assert await tickets(world) == []
    await sound(world)


async def test_every_kind_of_difference_is_one_ticket_however_often_the_day_is_run(world: World) -> None:
    same, less, dear, twice, absent = await paid(world, 1000, 2000, 3000, 4000, 5000)
    day = to_morning(world)
    rows = [
        row(same),
        row(less, amount_minor=1900, fee_minor=fee(1900)),
        row(dear, fee_minor=fee(3000) + 50),
        row(twice),
        row(twice, channel_no="C4000b"),
        FileRow("f" * 32, "C6000", "debit", 6000, fee(6000)),
        FileRow("not-ours-at-all", "C7000", "debit", 7000, fee(7000)),
    ]
    expected = [
        ("amount", 2000, 1900),
        ("doubtful", 5000, None),
        ("duplicate", None, 4000),
        ("fee", fee(3000), fee(3000) + 50),
        ("long", None, 6000),
        ("long", None, 7000),
    ]
    await hold(world, rows, day)
    assert await kinds(world) == expected
    await hold(world, [*rows, FileRow("e" * 32, "C8000", "debit", 8000, fee(8000))], day)
    assert await kinds(world) == [*expected, ("long", None, 8000)]
    await hold(world, [*rows, FileRow("e" * 32, "C8000", "debit", 8000, fee(8000)), row(absent)], day)
    assert await kinds(world) == [each for each in [*expected, ("long", None, 8000)] if each[0] != "doubtful"]
    await sound(world)


async def test_what_is_sent_near_midnight_is_carried_one_day_in_either_direction(world: World) -> None:
    world.at = world.at.astimezone(ZONE).replace(hour=23, minute=50)
    [ours_first] = await paid(world, 1000)
    day = to_morning(world)
    theirs_first = (await paid(world, 2000, first=9))[0]
    await hold(world, [row(theirs_first)], day)
    assert await kinds(world) == [("cut_off", 1000, None)]
    held = await hold(world, [row(ours_first)], to_morning(world))
    assert (held.day.matched, await kinds(world)) == (0, [])
    assert sorted((each.kind.value, each.resolution) for each in await tickets(world, is_open=False)) == [
        ("cut_off", "matched_later"),
        ("cut_off", "matched_later"),
    ]
    await hold(world, [row(theirs_first, channel_no="once more")], to_morning(world))
    assert await kinds(world) == [("duplicate", 2000, 2000)], "brought a second time it is no carry any more"
    await sound(world)


async def test_what_no_file_brings_ages_from_doubtful_to_short_and_two_people_end_it(world: World) -> None:
    await paid(world, 1000)
    first = to_morning(world)
    await hold(world, [], first)
    assert await kinds(world) == [("doubtful", 1000, None)]
    for _ in range(2):
        await hold(world, [], to_morning(world))
    [ticket] = await tickets(world)
    assert ticket.kind.value == "short"
    await end(world, ticket, Ending.SUSPEND)
    assert (await world.balance(Account.SUSPENSE_RECEIVABLE), await world.balance(Account.CASH)) == (1000, 0)
    await sound(world)
    with pytest.raises(EndingNotAllowed):
        await propose(world, ticket, Ending.TAKE_IN, "ann")
    await end(world, ticket, Ending.WRITE_OFF)
    assert await world.balance(Account.SETTLEMENT_DIFFERENCES) == 1000
    with pytest.raises(DifferenceClosed):
        await propose(world, ticket, Ending.CORRECT, "ann")
    await sound(world)


async def propose(world: World, ticket: Difference, ending: Ending, actor: str) -> None:
    async with world.db.begin() as tx:
        await reconciling.propose(tx, world.now, ticket.id, ending, actor=actor, note="checked with the bank")


async def approve(world: World, ticket: Difference, actor: str) -> Difference:
    async with world.db.begin() as tx:
        return await reconciling.approve(tx, world.now, ticket.id, actor=actor, currency="CNY")


async def end(world: World, ticket: Difference, ending: Ending) -> None:
    world.later(minutes=1)
    await propose(world, ticket, ending, "ann")
    with pytest.raises(MakerIsChecker):
        await approve(world, ticket, "ann")
    world.later(minutes=1)
    await approve(world, ticket, "bob")


@pytest.mark.parametrize(
    ("ending", "account", "left"), [(Ending.TAKE_IN, Account.SETTLEMENT_DIFFERENCES, -6000), (Ending.CORRECT, None, 0)]
)
async def test_money_nobody_asked_for_waits_in_suspense_until_it_goes_back_or_is_taken_in(
    world: World, ending: Ending, account: Account | None, left: int
) -> None:
    day = to_morning(world)
    await hold(world, [FileRow("f" * 32, "C6000", "debit", 6000, 0)], day)
    long = next(each for each in await tickets(world) if each.kind.value == "long")
    with pytest.raises(NothingProposed):
        await approve(world, long, "bob")
    await end(world, long, Ending.SUSPEND)
    assert (await world.balance(Account.CASH), await world.balance(Account.SUSPENSE_PAYABLE)) == (6000, -6000)
    await sound(world)
    await end(world, long, ending)
    assert await world.balance(Account.SUSPENSE_PAYABLE) == 0
    assert await world.balance(account or Account.CASH) == left
    await sound(world)


async def test_the_file_settles_what_was_unknown_and_ends_what_two_files_did_not_have(world: World) -> None:
    taken, lost = [world.order(await world.customer(n), 700 + n) for n in (1, 2)]
    silent = FaultRates(time_out_after_ppm=CERTAIN_PPM, query_time_out_ppm=CERTAIN_PPM)
    world.books.set_faults(silent)
    run = await jobs.run_debits(world.db, world.channels, world.moment, [taken, lost], world.repay)
    assert len(run.unknown) == 2
    first = await hold(world, [row(taken)], to_morning(world))
    assert (first.settled, first.ended) == (1, 0)
    assert await world.balance(Account.CASH) == 701 - fee(701)
    second = await hold(world, [], to_morning(world))
    assert (second.settled, second.ended) == (0, 1)
    async with world.db.begin() as tx:
        _, states = await tx.table("select amount_minor, state, code from debit order by 1")
        assert [tuple(each) for each in states] == [(701, "succeeded", None), (702, "failed", "absent_from_file")]
        alarms = await reconciling.alarms(tx, world.now)
    assert (alarms.unknown_late, alarms.files_late) == (0, 0)
    await sound(world)


async def test_what_we_call_failed_and_the_file_calls_done_is_a_contradiction_and_ends_when_it_is_booked(
    world: World,
) -> None:
    order = world.order(await world.customer(1), 900)
    world.books.set_faults(FaultRates(time_out_before_ppm=CERTAIN_PPM))
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    world.books.set_faults(FaultRates())
    world.later(seconds=10)
    assert len((await jobs.resolve_unknown(world.db, world.channels, world.moment, world.repay)).failed) == 1
    await hold(world, [row(order)], to_morning(world))
    [ticket] = await tickets(world)
    assert (ticket.kind.value, ticket.theirs_minor) == ("status", 900)
    async with world.db.begin() as tx:
        assert await tx.value("select told from bank_contradiction") == "succeeded"


async def test_the_statement_is_the_third_side(world: World) -> None:
    orders = await paid(world, 1000, 2000)
    day = to_morning(world)
    net = 3000 - fee(1000) - fee(2000)
    await hold(world, [row(each) for each in orders], day, Statement([StatementRow("20260302", net)], "one"))
    assert await tickets(world) == []
    short = Statement([StatementRow("20260302", net - 100)], "two")
    await hold(world, [row(each) for each in orders], day, short)
    [ticket] = await tickets(world)
    assert (ticket.kind.value, ticket.ours_minor, ticket.theirs_minor) == ("statement", net, net - 100)
    await end(world, ticket, Ending.SUSPEND)
    assert await world.balance(Account.CASH) == net - 100
    await sound(world)


def cut(text: bytes) -> bytes:
    return text[:-1]


BROKEN: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("cut in a record", lambda text: text[:-300], "line 2"),
    ("a sign of Chinese in UTF-8", lambda text: text.replace("山脚书店".encode("gbk"), "山脚书店".encode()), "line 1"),
    ("a letter in an amount", lambda text: text.replace(b"000000002000", b"00000000x000"), "line 2, byte 75"),
    ("no blank between fields", lambda text: text[:3] + b"_" + text[4:], "line 1, byte 4"),
    ("another kind of trade", lambda text: text.replace(b" 01 ", b" 99 "), "line 1"),
    ("a backslash in a number", lambda text: text.replace(b"C1000", b"C\\N00"), "line 1"),
    ("no line ends", lambda text: text.replace(b"\r\n", b"  "), "line 1"),
]


@pytest.mark.parametrize(("what", "broken", "place"), BROKEN, ids=[each[0] for each in BROKEN])
async def test_a_file_with_any_fault_is_refused_with_its_place_and_nothing_is_applied(
    world: World, what: str, broken: Callable[[bytes], bytes], place: str
) -> None:
    orders = await paid(world, 1000, 2000)
    day = to_morning(world)
    text = broken(zm_file([row(each) for each in orders]))

    async def apply() -> None:
        async with world.db.begin() as tx:
            file = DayFile(PRICED, day, zm.ZmFile(io.BytesIO(text)))
            await reconciling.reconcile(tx, world.now, file, currency="CNY", zone=ZONE, on_succeeded=world.repay)

    async with world.db.begin() as tx:
        before = await tx.value("select count(*) from ledger_posting")
    with pytest.raises(ChannelFileRefused) as refused:
        await apply()
    assert place in str(refused.value), what
    async with world.db.begin() as tx:
        assert await tx.value("select count(*) from channel_day where state = 'reconciled'") == 0
        assert await tx.value("select count(*) from ledger_posting") == before
    assert await tickets(world) == []


async def test_a_day_that_is_not_over_has_no_file(world: World) -> None:
    with pytest.raises(ChannelDayNotOver):
        await hold(world, [], world.now.today)


async def test_a_file_that_does_not_come_is_told_after_its_hour(world: World) -> None:
    day = to_morning(world)
    async with world.db.begin() as tx:
        assert await reconciling.owed_days(tx, world.now, "bank", since=day, zone=ZONE) == [day]
        assert (await reconciling.alarms(tx, world.now)).files_late == 1


async def test_a_plain_file_says_the_same(world: World) -> None:
    orders = await paid(world, 1000, 2500)
    day = to_morning(world)
    text = write_plain([row(each) for each in orders])
    async with world.db.begin() as tx:
        file = DayFile(PRICED, day, PlainFile(io.BytesIO(text)))
        held = await reconciling.reconcile(tx, world.now, file, currency="CNY", zone=ZONE, on_succeeded=world.repay)
    assert (held.day.matched, held.day.different) == (2, 0)
    for broken in (cut(text), text[:-20], text.replace(b"total,2", b"total,3"), b"", text + b"x\n"):
        with pytest.raises(ChannelFileRefused):
            list(PlainFile(io.BytesIO(broken)).blocks())
    assert UUID(hex=orders[0].debit_id.hex) == orders[0].debit_id

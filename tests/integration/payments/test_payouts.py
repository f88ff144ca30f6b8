"""Money out: settlements to merchants, refunds to customers, on a real PostgreSQL against a bank on its real wire."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.payments import actions, jobs
from tiao.payments.model import Answer, FundingSource, NewPayout, PayoutKind, PayoutState, Settlement
from tiao.payments.providers.channel import PayoutOrder
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.refusals import PayoutDiffers, PayoutNotFailed, PayoutUnknown, SettlementUnknown
from tiao.runtime.db import Tx
from tiao.simulator.bank.books import BankAccount
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates
from tiao.values.calendar import china_calendar
from tiao.values.ids import derived_id
from tiao.values.money import Money

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any

FRIDAY = date(2026, 3, 6)
MONDAY = date(2026, 3, 9)


class Killed(Exception):  # noqa: N818  a death, not an error
    """The process died here."""


class DyingBank(HttpBank):
    """The process dies when the answer arrives."""

    def __init__(self, real: HttpBank) -> None:
        self.real = real

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        await self.real.pay_out(orders, at=at)
        raise Killed


async def settle(world: World, day: date) -> int:
    async with world.db.begin() as tx:
        await ledger.cut_off(tx, day)
        return await actions.settle(tx, world.now, day, china_calendar(), "bank")


async def pay(world: World) -> jobs.PayoutRun:
    return await jobs.run_payouts(world.db, world.channels, world.moment)


async def settlements(world: World, merchant_id: UUID) -> list[Settlement]:
    async with world.db.begin() as tx:
        return await actions.settlements_of(tx, merchant_id)


def refund(source: FundingSource, world: World, amount_minor: int = 500, number: int = 1) -> NewPayout:
    return NewPayout(
        payout_id=derived_id("payout", source.customer_id, str(number), bucket=source.bucket),
        customer_id=source.customer_id,
        source_id=derived_id("refund", source.customer_id, str(number), bucket=source.bucket),
        channel="bank",
        agreement=source.agreement,
        currency="CNY",
        amount_minor=amount_minor,
        due_on=world.now.today,
    )


async def begin_refund(world: World, source: FundingSource, amount_minor: int = 500, number: int = 1) -> NewPayout:
    order = refund(source, world, amount_minor, number)
    await world.owe_customer(source.customer_id, amount_minor, number=number)
    async with world.db.begin() as tx:
        await actions.begin_payout(tx, world.now, order)
    return order


async def test_a_merchant_is_paid_on_the_next_working_day(world: World) -> None:
    merchant_id = await world.merchant(1)
    world.later(days=4)
    assert world.now.today == FRIDAY
    for number in range(3):
        await world.owe_merchant(merchant_id, 1_000, number=number)
    async with world.db.begin() as tx:
        assert await actions.merchant_balance(tx, merchant_id) == 3_000
    world.later(hours=15)
    assert await settle(world, FRIDAY) == 1
    assert await settle(world, FRIDAY) == 0, "a day is settled once"
    [settled] = await settlements(world, merchant_id)
    assert (settled.net_minor, settled.pays_on) == (3_000, MONDAY)
    assert (await pay(world)).succeeded == [], "not on Saturday"
    world.later(days=2)
    paid = await pay(world)
    assert [(each.payout.id, each.payout.amount_minor) for each in paid.succeeded] == [(settled.payout_id, 3_000)]
    assert world.books.balances["shop1"] == 3_000
    assert (await pay(world)) == jobs.PayoutRun([], [], [], [])
    async with world.db.begin() as tx:
        assert await actions.merchant_balance(tx, merchant_id) == 0
        lines = await actions.settlement_lines(tx, settled, limit=2)
        last = lines[-1]
        lines += await actions.settlement_lines(tx, settled, after=(last.bucket, last.posting_id), limit=2)
        [booked] = await ledger.postings_of(tx, 0, settled.id)
    assert sum(line.amount_minor for line in lines) == settled.net_minor
    assert len({line.posting_id for line in lines}) == 3
    assert booked[0].kind == "payout_succeeded"
    await world.books_agree()


async def test_a_settlement_that_failed_flows_into_the_next_one(world: World) -> None:
    merchant_id = await world.merchant(1)
    world.books.set_account(BankAccount("shop1", is_frozen=True))
    await world.owe_merchant(merchant_id, 1_000)
    world.later(days=1)
    await settle(world, date(2026, 3, 2))
    failed = await pay(world)
    assert [each.payout.code for each in failed.failed] == ["account_frozen"]
    async with world.db.begin() as tx:
        assert await actions.merchant_balance(tx, merchant_id) == 1_000
    await world.books_agree()
    world.books.set_account(BankAccount("shop1"))
    await world.owe_merchant(merchant_id, 70, number=2)
    world.later(days=1)
    await settle(world, date(2026, 3, 3))
    assert len((await pay(world)).succeeded) == 1
    newest, oldest = await settlements(world, merchant_id)
    assert (oldest.net_minor, newest.adjusted_minor, newest.carried_minor, newest.net_minor) == (
        1_000,
        70,
        1_000,
        1_070,
    )
    assert world.books.balances["shop1"] == 1_070
    async with world.db.begin() as tx:
        older = await actions.settlements_of(tx, merchant_id, before=newest.business_date)
        assert older == [oldest] == [await actions.settlement(tx, merchant_id, oldest.business_date)]
        with pytest.raises(SettlementUnknown):
            await actions.settlement(tx, merchant_id, date(2020, 1, 1))
    await world.books_agree()


@pytest.mark.parametrize("fault", ["time_out_after_ppm", "garbled_ppm", "wrongly_signed_ppm", "processing_ppm"])
async def test_money_paid_without_an_answer_is_found_by_asking_and_paid_once(world: World, fault: str) -> None:
    sources = [await world.customer(number, balance_minor=0) for number in range(3)]
    for source in sources:
        await begin_refund(world, source)
    world.books.set_faults(FaultRates(**{fault: CERTAIN_PPM}))
    assert len((await pay(world)).unknown) == 3
    assert world.books.balances["house"] == -1_500, "the bank paid"
    world.later(seconds=5)
    assert len((await jobs.resolve_payouts(world.db, world.channels, world.moment)).succeeded) == 3
    assert await world.balance(Account.CASH) == -1_500
    assert await world.balance(Account.PAYOUT_IN_TRANSIT) == 0
    await world.books_agree()


async def test_payouts_that_never_arrived_are_sent_again_under_their_number(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    order = await begin_refund(world, source)
    world.books.set_faults(FaultRates(time_out_before_ppm=CERTAIN_PPM))
    assert len((await pay(world)).unknown) == 1
    world.books.set_faults(FaultRates())
    world.later(seconds=5)
    assert [each.payout.id for each in (await pay(world)).succeeded] == [order.payout_id]
    await world.books_agree()


async def test_a_kill_after_sending_pays_once(world: World) -> None:
    order = await begin_refund(world, await world.customer(1, balance_minor=0))
    with pytest.raises(ExceptionGroup):
        await jobs.run_payouts(world.db, {"bank": DyingBank(world.bank)}, world.moment)
    async with world.db.begin() as tx:
        [payout] = await actions.payouts_of(tx, order.source_id)
    assert payout.state is PayoutState.SENT
    assert (await pay(world)) == jobs.PayoutRun([], [], [], []), "whoever sent it may still be alive"
    world.later(seconds=120)
    assert len((await pay(world)).succeeded) == 1
    assert world.books.balances["house"] == -500
    await world.books_agree()


async def test_a_refund_declined_for_a_while_is_paid_the_next_day_under_a_new_number(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    order = await begin_refund(world, source)
    world.books.set_faults(FaultRates(maintenance_ppm=CERTAIN_PPM))
    failed = await pay(world)
    [first] = failed.failed
    assert first.retry is not None
    assert first.retry.id != order.payout_id
    assert (await pay(world)) == jobs.PayoutRun([], [], [], []), "not on the same day"
    await world.books_agree()
    world.books.set_faults(FaultRates())
    world.later(days=1)
    assert [each.payout.id for each in (await pay(world)).succeeded] == [first.retry.id]
    async with world.db.begin() as tx:
        assert [each.state for each in await actions.payouts_of(tx, order.source_id)] == ["failed", "succeeded"]
        assert await actions.failed_refunds(tx, 10) == []
    assert await world.balance(Account.REFUND_PAYABLE, source.customer_id) == 0
    await world.books_agree()


async def test_a_refund_to_a_dead_account_waits_until_somebody_names_another_one(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    order = await begin_refund(world, source)
    world.books.set_account(BankAccount("6222000000000001", is_frozen=True))
    assert [each.retry for each in (await pay(world)).failed] == [None]
    assert await world.balance(Account.REFUND_PAYABLE, source.customer_id) == -500
    other = await world.customer(2, balance_minor=0)
    async with world.db.begin() as tx:
        [waiting] = await actions.failed_refunds(tx, 10)
        assert waiting.id == order.payout_id
        again = await actions.retry_refund(tx, world.now, waiting.id, channel="bank", agreement=other.agreement)
        with pytest.raises(PayoutNotFailed):
            await actions.retry_refund(tx, world.now, waiting.id, channel="bank", agreement=other.agreement)
        with pytest.raises(PayoutUnknown):
            await actions.retry_refund(tx, world.now, source.id, channel="bank", agreement="AG")
    assert [each.payout.id for each in (await pay(world)).succeeded] == [again.id]
    assert world.books.balances["6222000000000002"] == 500
    await world.books_agree()


async def test_a_payout_begun_twice_is_one_and_with_other_content_refused(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    order = await begin_refund(world, source)
    async with world.db.begin() as tx:
        again = await actions.begin_payout(tx, world.now, order._replace(due_on=date(2026, 4, 1)))
        assert (again.id, again.due_on, again.kind) == (order.payout_id, order.due_on, PayoutKind.REFUND)
        with pytest.raises(PayoutDiffers):
            await actions.begin_payout(tx, world.now, order._replace(amount_minor=501))
    assert await world.balance(Account.PAYOUT_IN_TRANSIT) == -500
    await world.books_agree()


async def test_more_payouts_than_one_batch_holds_and_two_senders_pay_each_once(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    count = 1_203
    orders = [refund(source, world, 1, number) for number in range(count)]
    await world.owe_customer(source.customer_id, count)
    async with world.db.begin() as tx:
        await actions.begin_payouts(tx, world.now, orders)
    runs = await asyncio.gather(pay(world), pay(world))
    assert sum(len(run.succeeded) for run in runs) == count
    assert world.books.balances["house"] == -count
    await world.books_agree()


async def test_what_one_sender_has_taken_another_leaves_alone_without_waiting(world: World) -> None:
    order = await begin_refund(world, await world.customer(1, balance_minor=0))
    async with world.db.begin() as mine, world.db.begin() as theirs:
        assert [each.id for each in await actions.due_payouts(mine, world.now.today, 10)] == [order.payout_id]
        async with asyncio.timeout(5):
            assert await actions.due_payouts(theirs, world.now.today, 10) == []


async def test_racing_records_of_one_answer_book_one_payment(world: World) -> None:
    order = await begin_refund(world, await world.customer(1, balance_minor=0))
    asked = PayoutOrder(order.payout_id.hex, order.agreement, order.amount_minor, "CNY")
    [answer] = await world.bank.pay_out([asked], at=world.at)

    async def record() -> int:
        async with world.db.begin() as tx:
            recorded = await actions.record_payout_answers(tx, world.now, [(order.payout_id, answer)])
            return len(recorded.succeeded)

    assert sum(await asyncio.gather(*(record() for _ in range(6)))) == 1
    await world.books_agree()


async def test_answers_that_come_late_or_for_nobody_change_nothing(world: World) -> None:
    order = await begin_refund(world, await world.customer(1, balance_minor=0))
    [done] = (await pay(world)).succeeded

    async def record(tx: Tx) -> list[bool]:
        answers = [(order.payout_id, done.answer), (world.ids(world.at), done.answer)]
        recorded = await actions.record_payout_answers(tx, world.now, answers)
        assert (recorded.succeeded, recorded.failed, recorded.unknown) == ([], [], [])
        return [ignored.is_contradiction for ignored in recorded.ignored]

    assert await world.db.retrying(record) == [False, False]
    await world.books_agree()


async def test_what_the_owner_puts_in_is_booked_once(world: World) -> None:
    funding_id = world.ids(world.at)
    for _ in range(2):
        async with world.db.begin() as tx:
            await actions.fund(tx, world.now, funding_id, Money(10_000, "CNY"))
    world.books.deposit("house", 10_000, "CNY", world.at)
    assert await world.balance(Account.CASH) == 10_000
    assert await world.balance(Account.OWNER_FUNDING) == -10_000
    await world.books_agree()

"""Money in, on a real PostgreSQL against a bank on its real wire."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from tiao.ledger.model import Account
from tiao.payments import actions, jobs
from tiao.payments.model import Answer, DebitPurpose, DebitResolved, DebitState, Failed, NewDebit, Unknown
from tiao.payments.providers.channel import DebitOrder
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.refusals import (
    AutopayNotAgreed,
    DebitAlreadyRunning,
    DebitDiffers,
    FundingSourceUnbound,
    FundingSourceUnknown,
)
from tiao.runtime.db import Tx
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates
from tiao.values.moment import Moment

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any


IDLE = """
select count(*) from pg_stat_activity
 where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()
"""


class Killed(Exception):  # noqa: N818  a death, not an error
    """The process died here."""


class DyingBank(HttpBank):
    """The process dies around the call: before it leaves, or when the answer arrives."""

    def __init__(self, real: HttpBank, *, is_sent: bool) -> None:
        self.real = real
        self.is_sent = is_sent

    async def debit(self, order: DebitOrder) -> Answer:
        if self.is_sent:
            await self.real.debit(order)
        raise Killed


async def state(world: World, order: NewDebit) -> DebitState:
    async with world.db.begin() as tx:
        return (await actions.debit(tx, order.debit_id)).state


async def run(world: World, *orders: NewDebit) -> jobs.DebitRun:
    return await jobs.run_debits(world.db, world.channels, world.moment, orders, world.repay)


async def resolve(world: World) -> jobs.DebitRun:
    return await jobs.resolve_unknown(world.db, world.channels, world.moment, world.repay)


async def agreement_of(world: World, order: NewDebit) -> str:
    async with world.db.begin() as tx:
        found = await actions.source(tx, customer_id=order.customer_id, source_id=order.funding_source_id)
    return found.agreement


async def test_debits_bring_repayments_and_our_cash_is_the_banks(world: World) -> None:
    sources = [await world.customer(number) for number in range(5)]
    orders = [world.order(source, 100 + number) for number, source in enumerate(sources)]
    done = await run(world, *orders)
    assert len(done.succeeded) == 5
    assert await world.balance(Account.CASH) == 510
    again = await run(world, *orders)
    assert again == jobs.DebitRun([], [], [], [], []), "a finished run does nothing again"
    await world.books_agree()


async def test_a_refusal_concerns_its_own_item_only(world: World) -> None:
    good, running, gone, shy = [await world.customer(number) for number in range(4)]
    stranger = await world.customer(256 + 0)
    async with world.db.begin() as tx:
        await actions.begin_debits(tx, world.now, [world.order(running)])
        await actions.unbind(tx, world.now, customer_id=gone.customer_id, source_id=gone.id)
        await actions.set_autopay(tx, world.now, customer_id=shy.customer_id, source_id=shy.id, is_autopay_agreed=False)
    orders = [
        world.order(good),
        world.order(running, number=2),
        world.order(gone),
        world.order(shy)._replace(purpose=DebitPurpose.AUTOPAY),
        world.order(stranger)._replace(customer_id=good.customer_id),
        world.order(running, 101),
        world.order(good, number=3),
    ]
    async with world.db.begin() as tx:
        begun = await actions.begin_debits(tx, world.now, orders)
    assert [debit.id for debit in begun.debits] == [orders[0].debit_id]
    assert [(refused.order, type(refused.refusal)) for refused in begun.refused] == [
        (orders[1], DebitAlreadyRunning),
        (orders[2], FundingSourceUnbound),
        (orders[3], AutopayNotAgreed),
        (orders[4], FundingSourceUnknown),
        (orders[5], DebitDiffers),
        (orders[6], DebitAlreadyRunning),
    ]


async def test_a_line_may_be_debited_again_once_the_outcome_is_known(world: World) -> None:
    source = await world.customer(1, balance_minor=150)
    assert len((await run(world, world.order(source))).succeeded) == 1
    short = await run(world, world.order(source, number=2))
    assert [(each.debit.code, each.answer) for each in short.failed] == [
        ("insufficient_funds", Failed("insufficient_funds", is_retryable=True))
    ]
    assert len((await run(world, world.order(source, 50, number=3))).succeeded) == 1
    await world.books_agree()


@pytest.mark.parametrize("fault", ["time_out_after_ppm", "garbled_ppm", "wrongly_signed_ppm", "processing_ppm"])
async def test_money_taken_without_an_answer_is_found_by_asking_and_taken_once(world: World, fault: str) -> None:
    source = await world.customer(1)
    order = world.order(source, 777)
    world.books.set_faults(FaultRates(**{fault: CERTAIN_PPM}))
    done = await run(world, order)
    assert [debit.id for debit in done.unknown] == [order.debit_id]
    assert world.books.balances["house"] == 777, "the bank took the money"
    assert await world.balance(Account.CASH) == 0, "and we do not know it"
    assert [type(each.refusal) for each in (await run(world, world.order(source, number=2))).refused] == [
        DebitAlreadyRunning
    ]
    assert (await resolve(world)).succeeded == [], "it is not yet time to ask"
    world.later(seconds=5)
    assert [each.debit.id for each in (await resolve(world)).succeeded] == [order.debit_id]
    assert await state(world, order) is DebitState.SUCCEEDED
    await world.books_agree()


async def test_an_order_that_never_arrived_fails_and_its_number_is_closed_at_the_bank(world: World) -> None:
    source = await world.customer(1)
    order = world.order(source)
    world.books.set_faults(FaultRates(time_out_before_ppm=CERTAIN_PPM))
    assert len((await run(world, order)).unknown) == 1
    world.books.set_faults(FaultRates())
    world.later(seconds=5)
    resolved = await resolve(world)
    assert [each.answer for each in resolved.failed] == [Failed("never_seen", is_retryable=True)]
    late = await world.bank.debit(DebitOrder(order.debit_id.hex, source.agreement, 100, "CNY", world.at))
    assert late == Failed("request_closed", is_retryable=True), "a request that was still on its way takes no money"
    assert len((await run(world, world.order(source, number=2))).succeeded) == 1
    await world.books_agree()


@pytest.mark.parametrize("is_sent", [False, True])
@pytest.mark.parametrize("is_run_again", [False, True])
async def test_a_kill_around_the_call_loses_nothing(world: World, *, is_sent: bool, is_run_again: bool) -> None:
    order = world.order(await world.customer(1), 300)
    dying = {"bank": DyingBank(world.bank, is_sent=is_sent)}
    with pytest.raises(ExceptionGroup):
        await jobs.run_debits(world.db, dying, world.moment, [order], world.repay)
    assert await state(world, order) is DebitState.CREATED
    if is_run_again:
        assert len((await run(world, order)).succeeded) == 1
    else:
        assert (await resolve(world)).failed == [], "whoever sent it may still be alive"
        world.later(seconds=120)
        resolved = await resolve(world)
        assert (len(resolved.succeeded), len(resolved.failed)) == ((1, 0) if is_sent else (0, 1))
    await world.books_agree()


async def test_a_kill_while_the_answer_is_recorded_leaves_both_debit_and_repayment_for_later(world: World) -> None:
    order = world.order(await world.customer(1), 300)

    async def dies(tx: Tx, now: Moment, resolved: Sequence[DebitResolved]) -> None:
        await world.repay(tx, now, resolved)
        raise Killed

    with pytest.raises(Killed):
        await jobs.run_debits(world.db, world.channels, world.moment, [order], dies)
    assert await state(world, order) is DebitState.CREATED
    assert await world.balance(Account.CASH) == 0
    world.later(seconds=120)
    assert len((await resolve(world)).succeeded) == 1
    await world.books_agree()


async def test_no_transaction_is_open_while_the_bank_is_called(world: World) -> None:
    source = await world.customer(1)
    seen = []

    class Watching(HttpBank):
        async def debit(self, order: DebitOrder) -> Answer:
            async with world.db.begin() as tx:
                seen.append(await tx.value(IDLE))
            answer: Answer = await world.bank.debit(order)
            return answer

    watching = Watching(world.client, key=b"k" * 32)
    await jobs.run_debits(world.db, {"bank": watching}, world.moment, [world.order(source)], world.repay)
    assert seen == [0]


async def test_a_bank_we_no_longer_have_leaves_a_debit_unknown(world: World) -> None:
    order = world.order(await world.customer(1))
    done = await jobs.run_debits(world.db, {}, world.moment, [order], world.repay)
    assert [debit.code for debit in done.unknown] == ["channel_not_configured"]


async def test_contradicting_and_late_answers_are_reported_and_change_nothing(world: World) -> None:
    order = world.order(await world.customer(1))
    done = await run(world, order)
    yes, no = done.succeeded[0].answer, Failed("account_frozen", is_retryable=False)
    async with world.db.begin() as tx:
        known, stranger = order.debit_id, world.ids(world.at)
        answers = [(known, no), (known, yes), (known, Unknown("late")), (stranger, yes)]
        recorded = await actions.record_debit_answers(tx, world.now, answers)
    assert (recorded.succeeded, recorded.failed, recorded.unknown) == ([], [], [])
    assert [ignored.is_contradiction for ignored in recorded.ignored] == [True, False, False, False]
    await world.books_agree()


async def test_racing_senders_begin_one_debit_a_line_and_none_deadlocks(world: World) -> None:
    sources = [await world.customer(number) for number in range(40)]

    async def begin(number: int) -> list[UUID]:
        orders = [world.order(source, number=number) for source in sources]
        ordered = orders if number % 2 else orders[::-1]
        async with world.db.begin() as tx:
            begun = await actions.begin_debits(tx, world.now, ordered)
            await asyncio.sleep(0.01)
        return [debit.line_id for debit in begun.debits]

    lines = [line for begun in await asyncio.gather(*(begin(number) for number in range(6))) for line in begun]
    assert Counter(lines) == Counter(world.order(source).line_id for source in sources)


async def test_racing_records_of_one_answer_bring_one_repayment(world: World) -> None:
    order = world.order(await world.customer(1))
    async with world.db.begin() as tx:
        await actions.begin_debits(tx, world.now, [order])
    agreement = await agreement_of(world, order)
    answer = await world.bank.debit(DebitOrder(order.debit_id.hex, agreement, 100, "CNY", world.at))

    async def record() -> int:
        async with world.db.begin() as tx:
            recorded = await actions.apply_debit_answers(tx, world.now, [(order.debit_id, answer)], world.repay)
            return len(recorded.succeeded)

    assert sum(await asyncio.gather(*(record() for _ in range(6)))) == 1
    await world.books_agree()

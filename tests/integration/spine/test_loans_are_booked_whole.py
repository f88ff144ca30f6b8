"""What `ledger_post_new` holds although it asks nothing first: it balances, happens once, and locks in one order."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from support.spine import Spine
from tiao.checkout import authorising, store
from tiao.checkout.model import Order
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending import booking
from tiao.lending import store as loans
from tiao.lending.records import NewLoan
from tiao.runtime.arrays import Bigints


async def decided(spine: Spine, orders: list[Order]) -> list[NewLoan]:
    async with spine.db.begin() as tx:
        facts = await store.read_facts(tx, orders)
        return authorising.decide(await spine.moments(tx), spine.book, orders, facts).loans


async def test_entries_that_do_not_balance_are_refused(spine: Spine) -> None:
    line = await spine.line(100_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
    made = await decided(spine, [spine.order(line, 10_000)])
    arrays = booking.own_arrays(made) | booking.arrays(made, today=now.today, recorded_at=now.at)
    amounts = arrays["e_amount"]
    assert isinstance(amounts, Bigints)
    amounts[0] += 1
    with pytest.raises(psycopg.errors.RaiseException, match="does not balance"):
        async with spine.db.begin() as tx:
            await loans.book_loans(tx, arrays)
    assert await spine.read(line) == line
    await spine.assert_sound()


async def test_a_loan_that_was_booked_is_not_booked_again(spine: Spine) -> None:
    line = await spine.line(100_000)
    purchase = await spine.buy(line, 10_000)
    [again] = await decided(spine, [spine.order(line, 10_000)])
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with spine.db.begin() as tx:
            await lending.book(tx, now, [again._replace(id=purchase.id, purchase_id=purchase.id)])
    assert (await spine.read(line)).used_minor == 10_000
    await spine.assert_sound()


async def test_two_loans_of_a_line_in_one_set_are_both_counted(spine: Spine) -> None:
    line, other = await spine.line(100_000), await spine.line(100_000, bucket=8)
    bought = [await spine.buy(each, amount, captured=False) for each, amount in ((line, 700), (line, 40), (other, 9))]
    made = await decided(spine, [spine.order(line, 700)]) + await decided(spine, [spine.order(line, 40)])
    made += await decided(spine, [spine.order(other, 9)])
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await lending.book(
            tx,
            now,
            [
                loan._replace(purchase_id=purchase.id, released_hold_minor=purchase.amount_minor)
                for loan, purchase in zip(made, bought, strict=True)
            ],
        )
    stands = [(each.used_minor, each.held_minor) for each in (await spine.read(line), await spine.read(other))]
    assert stands == [(740, 0), (9, 0)]


async def test_what_is_bought_on_a_day_that_is_cut_off_counts_for_the_next(spine: Spine) -> None:
    line = await spine.line(100_000)
    async with spine.db.begin() as tx:
        today = (await spine.moments(tx)).today
        await ledger.cut_off(tx, today)
    purchase = await spine.buy(line, 10_000)
    async with spine.db.begin() as tx:
        booked = await tx.value("select booked_on from ledger_posting where id = %(id)s", id=purchase.id)
    assert booked == today + timedelta(days=1)


async def test_sets_over_the_same_lines_never_deadlock(spine: Spine) -> None:
    lines = [await spine.line(10**9, bucket=bucket) for bucket in range(60)]
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)

    async def book(chosen: list[CreditLine]) -> None:
        for _ in range(12):
            made = await decided(spine, [spine.order(line, 100) for line in chosen])
            async with spine.db.begin() as tx:  # TransactionConflict, were two of them to wait for each other
                await lending.book(tx, now, made)

    await asyncio.gather(*(book(chosen) for chosen in (lines, lines[::-1], lines[30:] + lines[:30])))
    assert {(await spine.read(line)).used_minor for line in lines} == {3 * 12 * 100}

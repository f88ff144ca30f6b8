"""Accounts of class II and III: what leaves them in a day, and what comes back to them, stays within their class."""

from datetime import timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest

from tiao.payments import actions, jobs
from tiao.payments.model import CardFacts, FundingSource, NewPayout
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.payments.routing.capability import Capability, CardKind, FileFormat, StatementForm, WireFormat
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import Policies, Policy
from tiao.simulator.bank.books import BankAccount
from tiao.values.ids import derived_id

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
ZONE = ZoneInfo("Asia/Shanghai")
BANK = Capability("bank", "bank", WireFormat.TIAO, FileFormat.TIAO, StatementForm.EACH)
#: class, what an account of it gives in a day
LIMITS = [(2, 1_000_000), (3, 200_000)]


async def bound(world: World, account_class: int) -> FundingSource:
    number = f"6222{account_class:012}"
    world.books.set_account(BankAccount(number, account_class=account_class))
    world.books.deposit(number, 100_000_000, "CNY", world.at)
    agreed = await world.bank.bind(BindOrder(f"bind{account_class}", number, "", world.at))
    assert isinstance(agreed, Bound)
    async with world.db.begin() as tx:
        return await actions.bind_source(
            tx,
            world.now,
            customer_id=derived_id("customer", str(account_class), bucket=account_class),
            channel="bank",
            agreement=agreed.agreement,
            display=agreed.display,
            is_autopay_agreed=True,
            card=CardFacts("ICBC", CardKind.DEBIT, account_class),
        )


@pytest.mark.parametrize(("account_class", "limit"), LIMITS)
async def test_no_more_leaves_an_account_in_a_day_than_its_class_allows(
    world: World, account_class: int, limit: int
) -> None:
    source = await bound(world, account_class)
    channels = jobs.RoutedChannels(world.channels, Chooser([BANK], Policies("p", {"p": Policy()}), ZONE))

    async def debited(amount: int, number: int) -> tuple[int, list[str]]:
        order = world.order(source, amount, number=number)
        run = await jobs.run_debits(world.db, channels, world.moment, [order], world.repay)
        return len(run.succeeded), [str(each.refusal) for each in run.refused]

    async def left() -> int:
        async with world.db.begin() as tx:
            began = world.at.astimezone(ZONE).replace(hour=0, minute=0)
            return int((await actions.left_today(tx, [source.id], began))[source.id])

    assert await left() == limit
    assert await debited(limit + 1, 1) == (0, ["bank: above_class_limit"])
    assert await debited(limit - 100, 2) == (1, [])
    assert await left() == 100, "autopay takes no more than that today"
    assert await debited(101, 3) == (0, ["bank: above_class_limit"])
    assert await debited(100, 4) == (1, [])
    world.later(days=1)
    assert await left() == limit
    assert await debited(limit, 5) == (1, [])


async def refund(world: World, source: FundingSource, amount: int, number: int) -> None:
    await world.owe_customer(source.customer_id, amount, number=number)
    async with world.db.begin() as tx:
        order = NewPayout(
            payout_id=derived_id("payout", source.customer_id, str(number), bucket=source.bucket),
            customer_id=source.customer_id,
            source_id=derived_id("refund", source.customer_id, str(number), bucket=source.bucket),
            channel="bank",
            agreement=source.agreement,
            currency="CNY",
            amount_minor=amount,
            due_on=world.now.today,
        )
        await actions.begin_payout(tx, world.now, order)


@pytest.mark.parametrize(("account_class", "limit"), LIMITS)
async def test_refunds_beyond_a_days_limit_wait_for_the_next(world: World, account_class: int, limit: int) -> None:
    source, other = await bound(world, account_class), await bound(world, 1)
    for number, amount in enumerate((limit - 500, 400, 200, 300), start=1):
        await refund(world, source, amount, number)
    await refund(world, other, limit * 3, 9)
    run = await jobs.run_payouts(world.db, world.channels, world.moment)
    paid = sorted(each.payout.amount_minor for each in run.succeeded if each.payout.agreement == source.agreement)
    assert sum(paid) <= limit
    assert len(run.succeeded) == len(paid) + 1, "an account of class I takes what comes"
    assert (await jobs.run_payouts(world.db, world.channels, world.moment)).succeeded == [], "not later today either"
    world.at += timedelta(days=1)
    later = await jobs.run_payouts(world.db, world.channels, world.moment)
    assert sum(each.payout.amount_minor for each in later.succeeded) + sum(paid) == limit - 500 + 400 + 200 + 300
    await world.books_agree()


async def test_a_refund_larger_than_any_day_goes_alone_for_its_bank_to_decide(world: World) -> None:
    source = await bound(world, 3)
    await refund(world, source, 300_000, 1)
    assert len((await jobs.run_payouts(world.db, world.channels, world.moment)).succeeded) == 1

"""A bank that takes its final word back: written down, asked again, booked where money came, and never booked twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from tiao.payments import actions, jobs
from tiao.payments.model import (
    Answer,
    Contradiction,
    DebitState,
    Failed,
    NewDebit,
    Resolution,
    Succeeded,
    Unknown,
)
from tiao.payments.providers.channel import DebitOrder
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.refusals import ContradictionResolved, ContradictionUnknown
from tiao.runtime.checks import run_checks

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
NO = Failed("account_frozen", is_retryable=False)


async def contradictions(world: World, *, is_open: bool = True) -> Sequence[Contradiction]:
    async with world.db.begin() as tx:
        return await actions.contradictions(tx, is_open=is_open, limit=10)


async def state(world: World, debit_id: UUID) -> DebitState:
    async with world.db.begin() as tx:
        return (await actions.debit(tx, debit_id)).state


async def told(world: World, debit_id: UUID, answer: Answer) -> None:
    """Record what the bank says of itself, as a notice does."""
    async with world.db.begin() as tx:
        await actions.apply_debit_answers(tx, world.now, [(debit_id, answer)], world.repay)


async def taken_but_called_failed(world: World) -> NewDebit:
    """Have the bank take 1.00 and first say that it did not."""
    order: NewDebit = world.order(await world.customer(1))

    class Mistaken(HttpBank):
        async def debit(self, order: DebitOrder) -> Answer:
            await super().debit(order)
            return NO

    mistaken = {"bank": Mistaken(world.client, key=b"k" * 32)}
    done = await jobs.run_debits(world.db, mistaken, world.moment, [order], world.repay)
    assert [each.debit.state for each in done.failed] == [DebitState.FAILED]
    return order


async def test_money_that_came_although_the_bank_had_said_no_is_booked_once_the_bank_stands_by_it(world: World) -> None:
    order = await taken_but_called_failed(world)
    yes = Succeeded("b1", world.at, 100, "CNY")
    await told(world, order.debit_id, yes)
    [found] = await contradictions(world)
    assert (found.stood, found.told, found.channel_no, found.times) == ("failed", "succeeded", "b1", 1)
    assert (await state(world, order.debit_id), world.applied) == (DebitState.FAILED, [])
    await told(world, order.debit_id, yes)
    assert (await contradictions(world))[0].times == 2

    run = await jobs.resolve_unknown(world.db, world.channels, world.moment, world.repay)
    assert [each.debit.id for each in run.succeeded] == [order.debit_id]
    assert await state(world, order.debit_id) is DebitState.SUCCEEDED
    assert await contradictions(world) == []
    assert [each.resolution for each in await contradictions(world, is_open=False)] == [Resolution.BOOKED]
    await jobs.resolve_unknown(world.db, world.channels, world.moment, world.repay)
    assert len(world.applied) == 1
    await world.books_agree()


async def test_a_bank_that_falls_back_on_its_first_word_is_believed_and_nothing_is_booked(world: World) -> None:
    source = await world.customer(1, balance_minor=0)
    order = world.order(source)
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    assert await state(world, order.debit_id) is DebitState.FAILED
    await told(world, order.debit_id, Succeeded("b1", world.at, 100, "CNY"))
    await jobs.resolve_unknown(world.db, world.channels, world.moment, world.repay)
    assert [each.resolution for each in await contradictions(world, is_open=False)] == [Resolution.UPHELD]
    assert (await state(world, order.debit_id), world.applied) == (DebitState.FAILED, [])
    await told(world, order.debit_id, Succeeded("b1", world.at, 100, "CNY"))
    assert [each.times for each in await contradictions(world)] == [2]
    await world.books_agree()


@pytest.mark.parametrize("answer", [Unknown("time_out"), Succeeded("b1", None, 99, "CNY")])  # type: ignore[arg-type]
async def test_what_the_bank_does_not_confirm_is_asked_again_later_and_stays_listed(
    world: World, answer: Answer
) -> None:
    order = await taken_but_called_failed(world)
    await told(world, order.debit_id, Succeeded("b1", world.at, 100, "CNY"))

    class Silent(HttpBank):
        async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
            assert (request_no, at) == (order.debit_id.hex, world.at)
            return answer

    silent = {"bank": Silent(world.client, key=b"k" * 32)}
    await jobs.resolve_unknown(world.db, silent, world.moment, world.repay)
    [found] = await contradictions(world)
    assert (found.queries, world.applied) == (1, [])
    assert found.query_after is not None
    assert found.query_after > world.at


async def test_a_contradiction_lies_for_days_of_the_programme(world: World) -> None:
    """Soon after midnight there, it is still the day before in Greenwich."""
    order = world.order(await world.customer(1))
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    await told(world, order.debit_id, NO)
    async with world.db.begin() as tx:
        await tx.execute(
            "update bank_contradiction set first_seen_at ="
            " ((select closed_through from programme) + 1 + time '00:30') at time zone 'Asia/Shanghai'"
        )
        for days in range(9):
            assert await run_checks(tx) == [], f"{days} days were closed since"
            await tx.execute("update programme set closed_through = closed_through + 1, cut_off_on = cut_off_on + 1")
        assert [each.check for each in await run_checks(tx)] == ["no_contradiction_is_left_lying"]


async def test_what_only_people_can_settle_stays_open_until_somebody_says_how(world: World) -> None:
    order = world.order(await world.customer(1))
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    await told(world, order.debit_id, NO)
    [found] = await contradictions(world)
    assert (found.stood, found.told, found.code, found.query_after) == ("succeeded", "failed", "account_frozen", None)
    assert await state(world, order.debit_id) is DebitState.SUCCEEDED
    async with world.db.begin() as tx:
        await tx.execute("update programme set closed_through = closed_through + 9, cut_off_on = cut_off_on + 9")
        assert [each.check for each in await run_checks(tx)] == ["no_contradiction_is_left_lying"]
        closed = await actions.close_contradiction(tx, world.now, found.id, actor="key", note="the bank withdrew it")
        assert closed.resolution is Resolution.SETTLED
        assert await run_checks(tx) == []
        with pytest.raises(ContradictionResolved):
            await actions.close_contradiction(tx, world.now, found.id, actor="key", note="again")
        with pytest.raises(ContradictionUnknown):
            await actions.close_contradiction(tx, world.now, UUID(int=9), actor="key", note="what")

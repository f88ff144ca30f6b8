"""Everything goes wrong at once, for weeks; in the end every outcome is known and our cash is the bank's, to a cent."""

from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from tiao.payments import actions, jobs
from tiao.payments.model import NewPayout
from tiao.simulator.bank.faults import FaultRates
from tiao.values.ids import derived_id

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any

CUSTOMERS = 24
ROUNDS = 6
BAD = FaultRates(
    insufficient_funds_ppm=50_000,
    limit_exceeded_ppm=50_000,
    maintenance_ppm=100_000,
    time_out_before_ppm=100_000,
    time_out_after_ppm=150_000,
    processing_ppm=100_000,
    garbled_ppm=50_000,
    wrongly_signed_ppm=50_000,
    query_time_out_ppm=400_000,
)


class Kill(Exception):  # noqa: N818  a death, not an error
    """The process died here."""


class FlakyWire(httpx.AsyncBaseTransport):
    """Between us and the bank: sometimes the process dies, before the request leaves or after the bank has done it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, chance: Random) -> None:
        self.inner = inner
        self.chance = chance
        self.is_deadly = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_deadly and self.chance.random() < 0.01:
            raise Kill
        answer = await self.inner.handle_async_request(request)
        if self.is_deadly and self.chance.random() < 0.01:
            raise Kill
        return answer


async def refund(world: World, source: Any, number: int) -> None:  # noqa: ANN401  a FundingSource of conftest's world
    await world.owe_customer(source.customer_id, 30 + number, number=number)
    order = NewPayout(
        payout_id=derived_id("payout", source.customer_id, str(number), bucket=source.bucket),
        customer_id=source.customer_id,
        source_id=derived_id("refund", source.customer_id, str(number), bucket=source.bucket),
        channel="bank",
        agreement=source.agreement,
        currency="CNY",
        amount_minor=30 + number,
        due_on=world.now.today,
    )
    async with world.db.begin() as tx:
        await actions.begin_payout(tx, world.now, order)


async def survive(kills: list[Kill], work: Any) -> None:  # noqa: ANN401  a coroutine of jobs
    try:
        await work
    except (Kill, ExceptionGroup) as death:
        kills.append(Kill(str(death)))


@pytest.mark.parametrize("seed", range(3))
async def test_weeks_of_faults_and_kills_end_with_every_cent_agreed(world: World, seed: int) -> None:
    chance = Random(seed)
    sources = [await world.customer(number, balance_minor=3_000) for number in range(CUSTOMERS)]
    wire = FlakyWire(world.client._transport, chance)  # noqa: SLF001  httpx has no public name for it
    kills: list[Kill] = []
    world.books.set_faults(BAD)
    async with httpx.AsyncClient(transport=wire, base_url="http://bank") as client:
        channels = {"bank": type(world.bank)(client, key=b"k" * 32)}
        for number in range(ROUNDS):
            orders = [world.order(source, chance.randrange(1, 900), number=number) for source in sources]
            await survive(kills, jobs.run_debits(world.db, channels, world.moment, orders, world.repay))
            for source in chance.sample(sources, 4):
                await refund(world, source, number)
            for _ in range(4):
                world.later(seconds=chance.choice([5, 30, 120, 600]))
                await survive(kills, jobs.resolve_unknown(world.db, channels, world.moment, world.repay))
                await survive(kills, jobs.run_payouts(world.db, channels, world.moment))
            world.later(days=chance.randrange(1, 5))
        world.books.set_faults(FaultRates())
        wire.is_deadly = False
        for _ in range(3):
            world.later(days=2)
            await jobs.resolve_unknown(world.db, channels, world.moment, world.repay)
            await jobs.run_payouts(world.db, channels, world.moment)
    await expect_every_outcome_known(world)
    await world.books_agree()
    assert kills, "nothing died: the test is too kind"


async def expect_every_outcome_known(world: World) -> None:
    """Hold each debit and payout against what the bank decided about its number."""
    async with world.db.begin() as tx:
        _, debits = await tx.table("select id, state, amount_minor from debit")
        _, payouts = await tx.table("select id, state, amount_minor from payout")
    assert {state for _, state, _ in debits} == {"succeeded", "failed"}
    assert {state for _, state, _ in payouts} <= {"succeeded", "failed"}
    moved = {move.request_no: abs(move.amount_minor) for move in world.books.movements if move.request_no}
    ours = {id_.hex: amount for id_, state, amount in [*debits, *payouts] if state == "succeeded"}
    assert ours == moved

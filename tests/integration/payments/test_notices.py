"""What the bank posts unasked: signed, sometimes twice, sometimes never, sometimes before its answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import httpx
import pytest

from tiao.ledger.model import Account
from tiao.payments import actions, jobs
from tiao.payments.model import Answer
from tiao.payments.providers import wire
from tiao.payments.providers.channel import DebitOrder
from tiao.payments.providers.http_bank import HttpBank, read_notice
from tiao.payments.refusals import NoticeNotGenuine
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
Message: TypeAlias = MutableMapping[str, Any]


class Receiver:
    """Stands for the API: reads a notice and records it in a transaction of its own."""

    def __init__(self, world: World, key: bytes) -> None:
        self.world = world
        self.key = key
        self.recorded: list[Any] = []

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = (await receive())["body"]
        status = 204
        try:
            notice = read_notice(
                self.key,
                path=scope["path"],
                time=headers[wire.TIME_HEADER],
                signature=headers[wire.SIGNATURE_HEADER],
                body=body,
            )
            async with self.world.db.begin() as tx:
                recorded = await actions.receive_notice(tx, self.world.now, notice, self.world.repay)
            self.recorded.append(recorded)
        except NoticeNotGenuine:
            status = 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def deliver(world: World, receiver: Receiver) -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(receiver)) as client:
        return int(await world.server.deliver_notices(client))


async def test_a_notice_resolves_what_the_answer_left_open_and_its_duplicate_is_harmless(world: World) -> None:
    order = world.order(await world.customer(1))
    world.books.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM, duplicate_notice_ppm=CERTAIN_PPM))
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    receiver = Receiver(world, b"k" * 32)
    assert await deliver(world, receiver) == 2
    first, second = receiver.recorded
    assert (len(first.succeeded), len(second.succeeded), len(second.ignored)) == (1, 0, 1)
    assert not second.ignored[0].is_contradiction
    assert len(world.applied) == 1
    await world.books_agree()


async def test_a_notice_that_overtakes_the_answer_books_once(world: World) -> None:
    order = world.order(await world.customer(1))
    receiver = Receiver(world, b"k" * 32)

    class Overtaken(HttpBank):
        async def debit(self, order: DebitOrder) -> Answer:
            answer = await super().debit(order)
            await deliver(world, receiver)
            return answer

    done = await jobs.run_debits(
        world.db, {"bank": Overtaken(world.client, key=b"k" * 32)}, world.moment, [order], world.repay
    )
    assert len(receiver.recorded[0].succeeded) == 1
    assert (len(done.succeeded), len(done.ignored), done.ignored[0].is_contradiction) == (0, 1, False)
    assert await world.balance(Account.CASH) == 100
    await world.books_agree()


async def test_a_notice_with_another_key_is_refused_and_sent_again_in_vain(world: World) -> None:
    order = world.order(await world.customer(1))
    world.books.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM))
    await jobs.run_debits(world.db, world.channels, world.moment, [order], world.repay)
    receiver = Receiver(world, b"another key")
    assert [await deliver(world, receiver) for _ in range(6)] == [0] * 6
    assert receiver.recorded == []
    assert world.applied == []


@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_the_bank_itself_refuses_what_is_not_signed(world: World, body: bytes) -> None:
    for path in (*wire.Path, "/simulator/faults", "/simulator/statement"):
        answer = await world.client.post(path, content=body, headers={wire.TIME_HEADER: world.at.isoformat()})
        assert answer.status_code == 401
    assert (await world.client.get("/health")).status_code == 200

"""Messages leave once, whatever the gateway does, and codes leave no trace."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from tiao.messages import actions as messages
from tiao.messages.jobs import Post, deliver
from tiao.messages.model import Message, MessageState, NewMessage, Receipt, Recipient
from tiao.messages.providers import wire
from tiao.messages.providers.http_gateway import HttpGateway, read_receipts
from tiao.messages.refusals import ReceiptNotGenuine
from tiao.runtime.checks import run_checks
from tiao.runtime.clock import FixedClock
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.sms import GatewayBehaviour, Receive, Scope, Send, SmsSimulator
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

KEY = b"k" * 32
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
VAULT = FieldCipher({1: b"v" * 32})
IDS = seeded_ids("messages")
ZONE = ZoneInfo("Asia/Shanghai")


def moment(at: datetime = AT) -> Moment:
    return Moment(at, date(2026, 11, 20), IDS)


def moments(at: datetime) -> MomentSource:
    return MomentSource(FixedClock(at), ZONE, IDS)


async def phones(_tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Everybody has a phone but those in the last bucket."""
    return {each: f"138{each.int % 10**8:08}" for each in customer_ids if each.bytes[15] != 255}


@asynccontextmanager
async def gateway(behaviour: GatewayBehaviour | None = None) -> AsyncIterator[tuple[SmsSimulator, Post]]:
    simulator = SmsSimulator(KEY, seed=3, receipt_url="http://tiao/v1/messages/receipts", behaviour=behaviour)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(simulator), base_url="http://sms") as client:
        yield simulator, Post(HttpGateway(client, key=KEY), phones, VAULT, "条科技")


def released(customer_id: UUID) -> NewMessage:
    said = {"merchant": "山脚书店", "amount": "¥1,200.00"}
    return NewMessage("purchase_released", Recipient.CUSTOMER, customer_id, said)


async def say_to(db: Database, count: int) -> list[Message]:
    now = moment()
    async with db.begin() as tx:
        return await messages.say(tx, now, [released(now.new_id(number % 200)) for number in range(count)])


async def read(db: Database, message: Message) -> Message:
    async with db.begin() as tx:
        [found] = await messages.said_to(
            tx, message.recipient_id, before_at=AT + timedelta(days=9), before_id=UUID(int=2**128 - 1), limit=5
        )
    return found


async def test_every_message_reaches_its_handset_once_through_failures_lost_answers_and_throttles(
    database: Database,
) -> None:
    behaviour = GatewayBehaviour(lost=0.3, failing=0.3, burst=7, twice=0.4, dead=0.2)
    async with gateway(behaviour) as (simulator, post):
        said = await say_to(database, 100)
        at = AT
        for _ in range(60):
            while await deliver(database, moments(at), post):
                pass
            at += timedelta(seconds=30)
        assert len(simulator.taken) == 100
        found = [await read(database, each) for each in said]
        assert {each.state for each in found} == {MessageState.SENT}
        receipts = await posted(simulator)
    assert len(receipts) > 110, "some came twice"
    async with database.begin() as tx:
        assert await messages.receive(tx, receipts) == 100
        assert await messages.receive(tx, receipts) == 0
        assert await run_checks(tx) == []
    ends = [(await read(database, each)).state for each in said]
    assert set(ends) == {MessageState.DELIVERED, MessageState.UNDELIVERED}
    assert 8 <= ends.count(MessageState.UNDELIVERED) <= 35


async def posted(simulator: SmsSimulator) -> list[Receipt]:
    """Take what the gateway posts, as the API does: with the signature checked."""
    found: list[Receipt] = []

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        found.extend(
            read_receipts(
                KEY,
                path=scope["path"],
                time=headers[wire.TIME_HEADER],
                signature=headers[wire.SIGNATURE_HEADER],
                body=(await receive())["body"],
            )
        )
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(take)) as client:
        while await simulator.deliver_receipts(client):
            pass
    return found


async def test_a_code_is_on_the_handset_and_nowhere_else_once_it_has_left(database: Database) -> None:
    now = moment()
    new = NewMessage("one_time_code", Recipient.CUSTOMER, now.new_id(9), {"purpose": "付款", "minutes": "5"})
    async with gateway() as (simulator, post):
        async with database.begin() as tx:
            said = await messages.say_secret(tx, now, VAULT, new, "482913")
        before = await read(database, said)
        assert before.secret_sealed is not None
        assert b"482913" not in before.secret_sealed
        assert await deliver(database, moments(AT), post) == 1
        [taken] = simulator.taken.values()
    assert "482913" in taken.text
    kept = await read(database, said)
    assert (kept.state, kept.secret_sealed) == (MessageState.SENT, None)
    assert "482913" not in kept.text


async def test_what_cannot_be_sent_is_given_up_and_says_why(database: Database) -> None:
    now = moment()
    late = AT + timedelta(hours=25)
    async with gateway() as (simulator, post):
        async with database.begin() as tx:
            [without_phone] = await messages.say(tx, now, [released(now.new_id(255))])
        await deliver(database, moments(AT), post)
        [too_late] = await say_to(database, 1)
        await deliver(database, moments(late), post)
        assert not simulator.taken
    ends = [await read(database, each) for each in (without_phone, too_late)]
    assert [(each.state, each.code) for each in ends] == [
        (MessageState.GIVEN_UP, "no_phone"),
        (MessageState.GIVEN_UP, "expired"),
    ]


async def test_a_secret_whose_key_is_lost_is_given_up_and_its_neighbours_are_sent(database: Database) -> None:
    now, lost = moment(), FieldCipher({2: b"l" * 32})
    new = [
        NewMessage("one_time_code", Recipient.CUSTOMER, now.new_id(bucket), {"purpose": "付款", "minutes": "5"})
        for bucket in range(3)
    ]
    async with gateway() as (simulator, post):
        async with database.begin() as tx:
            said = [
                await messages.say_secret(tx, now, vault, each, "482913")
                for each, vault in zip(new, (VAULT, lost, VAULT), strict=True)
            ]
        assert await deliver(database, moments(AT), post) == 3
        assert await deliver(database, moments(AT + timedelta(minutes=2)), post) == 0, "it is not tried again"
        assert {each.text.count("482913") for each in simulator.taken.values()} == {1}
        assert len(simulator.taken) == 2
    ends = [await read(database, each) for each in said]
    assert [(each.state, each.code, each.secret_sealed) for each in ends] == [
        (MessageState.SENT, None, None),
        (MessageState.GIVEN_UP, "secret_unreadable", None),
        (MessageState.SENT, None, None),
    ]


async def test_two_who_deliver_at_once_never_send_the_same_message(database: Database) -> None:
    await say_to(database, 40)
    async with gateway() as (simulator, post), database.begin() as tx:
        taken_here = await tx.execute("select from message for update limit 5")
        assert taken_here == 5
        assert await deliver(database, moments(AT), post) == 35
        assert len(simulator.taken) == 35


async def test_what_is_said_to_a_merchant_is_kept_and_not_sent(database: Database) -> None:
    now = moment()
    new = NewMessage("order_released", Recipient.MERCHANT, now.new_id(), {"reference": "A-1", "amount": "¥12.00"})
    async with gateway() as (simulator, post):
        async with database.begin() as tx:
            [said] = await messages.say(tx, now, [new])
        assert await deliver(database, moments(AT), post) == 0
        assert not simulator.taken
    assert (await read(database, said)).state is MessageState.KEPT


async def test_receipts_that_nobody_signed_are_refused() -> None:
    body = b'{"receipts":[]}'
    with pytest.raises(ReceiptNotGenuine):
        read_receipts(KEY, path="/x", time="t", signature="0" * 64, body=body)
    signed = wire.sign_request(KEY, method="POST", path="/x", time="t", body=body)
    with pytest.raises(ReceiptNotGenuine, match="not receipts"):
        read_receipts(KEY, path="/x", time="t", signature=signed, body=body)

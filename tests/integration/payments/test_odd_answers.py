"""A table a wire of answers that are genuine and odd: none moves money or the books, and the true answer does so once.

The bank of each wire says, rightly signed, whatever a row of its table says.
"""

# ruff: noqa: ANN401  what ASGI passes has no type of its own

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import httpx
import pytest

from support.unionpay_keys import rsa
from tiao.ledger.model import Account as Books
from tiao.payments import actions, jobs
from tiao.payments.iso20022 import messages as iso
from tiao.payments.model import Debit, DebitState
from tiao.payments.providers import iso8583_wire, unionpay_wire, wire
from tiao.payments.providers.channel import Channel
from tiao.payments.providers.iso8583_host import Iso8583Host
from tiao.payments.providers.iso20022_bank import Iso20022Bank
from tiao.payments.providers.unionpay import UnionPay
from tiao.runtime.checks import run_checks

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
ZONE = ZoneInfo("Asia/Shanghai")
KEY = b"k" * 32
OTHER = "f" * 32
COUNTED = ("repayment", "ledger_posting", "payout", "bank_contradiction", "funding_source", "settlement")


class Odd(NamedTuple):
    """What a bank says: how its right answer is changed, and what is made of it."""

    why: str
    change: Callable[[Any], Any]
    becomes: DebitState
    code: str


class Liar(NamedTuple):
    """A channel whose bank says what the last row says."""

    channel: Channel
    say: Callable[[Callable[[Any], Any]], None]


def _with(**changes: str | None) -> Callable[[dict[str, str]], dict[str, str]]:
    def change(fields: dict[str, str]) -> dict[str, str]:
        return {name: said for name, said in {**fields, **changes}.items() if said is not None}

    return change


def _status(**changes: object) -> Callable[[iso.StatusReport], iso.StatusReport]:
    return lambda report: report._replace(statuses=(report.statuses[0]._replace(**changes),))


UNKNOWN, FAILED = DebitState.UNKNOWN, DebitState.FAILED
PAIN_002 = [
    Odd("more than was ordered", _status(amount_minor=101), UNKNOWN, "amount_differs"),
    Odd("less than was ordered", _status(amount_minor=99), UNKNOWN, "amount_differs"),
    Odd("in another currency", _status(currency="USD"), UNKNOWN, "amount_differs"),
    Odd("without an amount", _status(amount_minor=None), UNKNOWN, "answer_garbled"),
    Odd("without the bank's number", _status(bank_no=None), UNKNOWN, "answer_garbled"),
    Odd("about a number nobody asked about", _status(end_to_end_id=OTHER), UNKNOWN, "answer_missing"),
    Odd("about nothing", lambda report: report._replace(statuses=()), UNKNOWN, "answer_missing"),
    Odd("about another order", lambda report: report._replace(about=OTHER), UNKNOWN, "answer_garbled"),
    Odd(
        "the number twice, done both times",
        lambda report: report._replace(statuses=report.statuses * 2),
        UNKNOWN,
        "answer_garbled",
    ),
    Odd(
        "the number twice, done and rejected",
        lambda report: report._replace(
            statuses=(report.statuses[0], report.statuses[0]._replace(state="RJCT", reason="AM04"))
        ),
        UNKNOWN,
        "answer_garbled",
    ),
    Odd("accepted, not settled", _status(state="ACSP"), UNKNOWN, "processing"),
    Odd("pending", _status(state="PDNG"), UNKNOWN, "processing"),
    Odd("a state nobody knows", _status(state="XXXX"), UNKNOWN, "processing"),
    Odd(
        "as it is said between banks (pacs.002)", lambda report: (report, iso.PAYMENT_STATUS), UNKNOWN, "answer_garbled"
    ),
    Odd("cut short", lambda _report: b"<Document><CstmrPmtStsRpt>", UNKNOWN, "answer_garbled"),
    Odd(
        "an entity",
        lambda _report: b'<!DOCTYPE a [<!ENTITY x "y">]><Document>&x;</Document>',
        UNKNOWN,
        "answer_garbled",
    ),
    Odd("nothing", lambda _report: b"", UNKNOWN, "answer_garbled"),
    Odd("rejected for a reason nobody knows", _status(state="RJCT", reason="ZZ99"), FAILED, "iso20022_ZZ99"),
    Odd("rejected for want of money", _status(state="RJCT", reason="AM04"), FAILED, "insufficient_funds"),
]
ISO_8583 = [
    Odd("more than was ordered", _with(**{"4": "000000000101"}), UNKNOWN, "amount_differs"),
    Odd("less than was ordered", _with(**{"4": "000000000001"}), UNKNOWN, "amount_differs"),
    Odd("in another currency", _with(**{"49": "840"}), UNKNOWN, "answer_garbled"),
    Odd("without a currency", _with(**{"49": None}), UNKNOWN, "answer_garbled"),
    Odd("without an amount", _with(**{"4": None}), UNKNOWN, "answer_garbled"),
    Odd("without the host's number", _with(**{"37": None}), UNKNOWN, "answer_garbled"),
    Odd("about another number", _with(**{"48": OTHER}), UNKNOWN, "answer_garbled"),
    Odd("about no number", _with(**{"48": None}), UNKNOWN, "answer_garbled"),
    Odd("under another trace number", _with(**{"11": "000000"}), UNKNOWN, "answer_garbled"),
    Odd("without a time", _with(**{"120": None}), UNKNOWN, "answer_garbled"),
    Odd("with a time that is none", _with(**{"120": "20261399000000"}), UNKNOWN, "answer_garbled"),
    Odd("to another question", lambda fields: {**fields, "t": iso8583_wire.FILE_ANSWER}, UNKNOWN, "signature_invalid"),
    Odd("in progress (09)", _with(**{"39": "09"}), UNKNOWN, "processing"),
    Odd("late (68)", _with(**{"39": "68"}), UNKNOWN, "processing"),
    Odd("without a code", _with(**{"39": None}), UNKNOWN, "processing"),
    Odd("never seen (25)", _with(**{"39": "25"}), UNKNOWN, "never_seen"),
    Odd("a message of no length", lambda _fields: b"\x00\x00", UNKNOWN, "signature_invalid"),
    Odd("cut short", lambda _fields: b"\x00\x99half", UNKNOWN, "connection_lost"),
    Odd("nothing", lambda _fields: b"", UNKNOWN, "connection_lost"),
    Odd("declined by a code nobody knows", _with(**{"39": "7Z"}), FAILED, "iso8583_7Z"),
    Odd("declined for want of money", _with(**{"39": "51"}), FAILED, "insufficient_funds"),
]
UNIONPAY = [
    Odd("more than was ordered", _with(txnAmt="101"), UNKNOWN, "amount_differs"),
    Odd("less than was ordered", _with(txnAmt="1"), UNKNOWN, "amount_differs"),
    Odd("an amount that is none", _with(txnAmt="1e2"), UNKNOWN, "answer_garbled"),
    Odd("without an amount", _with(txnAmt=None), UNKNOWN, "answer_garbled"),
    Odd("in another currency", _with(currencyCode="840"), UNKNOWN, "answer_garbled"),
    Odd("without a query number", _with(queryId=None), UNKNOWN, "answer_garbled"),
    Odd("about another order", _with(orderId=OTHER), UNKNOWN, "answer_garbled"),
    Odd("about no order", _with(orderId=None), UNKNOWN, "answer_garbled"),
    Odd("to another merchant", _with(merId="777290058110099"), UNKNOWN, "answer_garbled"),
    Odd("to another question", _with(txnType=unionpay_wire.PAY), UNKNOWN, "answer_garbled"),
    Odd("in progress (05)", _with(respCode="05"), UNKNOWN, "processing"),
    Odd("without a code", _with(respCode=None), UNKNOWN, "processing"),
    Odd("a field twice", lambda fields: (fields, b"&respCode=00"), UNKNOWN, "signature_invalid"),
    Odd("a field that is not signed", lambda fields: (fields, b"&more=1"), UNKNOWN, "signature_invalid"),
    Odd("nothing", lambda _fields: b"", UNKNOWN, "signature_invalid"),
    Odd("declined by a code nobody knows", _with(respCode="7Z"), FAILED, "unionpay_7Z"),
]


@asynccontextmanager
async def iso20022() -> AsyncIterator[Liar]:
    said: list[Callable[[Any], Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["path"] == "/iso20022/orders":
            number = iso.read_orders(body, iso.DIRECT_DEBIT).message_id
        else:
            number = body.decode()
        right = iso.TxStatus(number, iso.TxState.SETTLED, None, "B1", 100, "CNY")
        made = said[-1](iso.StatusReport("R1", datetime(2026, 3, 2, 2, tzinfo=UTC), number, "pain.008", (right,)))
        report, kind = made if type(made) is tuple else (made, iso.ORDER_STATUS)
        text = report if isinstance(report, bytes) else iso.write_status(report, kind)
        signed = wire.sign_answer(KEY, request_signature=headers[wire.SIGNATURE_HEADER], status=200, body=text)
        reply = [(wire.SIGNATURE_HEADER.encode(), signed.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": reply})
        await send({"type": "http.response.body", "body": text})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bank") as client:
        yield Liar(Iso20022Bank(client, key=KEY, account=iso.Account("条科技", "house"), zone=ZONE), said.append)


@asynccontextmanager
async def iso8583() -> AsyncIterator[Liar]:
    said: list[Callable[[Any], Any]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = iso8583_wire.decoded(await iso8583_wire.read_message(reader), iso8583_wire.REQUEST, KEY)
        right = {name: asked[name] for name in ("3", "7", "11", "48", "120")}
        made = said[-1]({**right, "4": "000000000100", "49": "156", "37": "000000000001", "39": "00"})
        if isinstance(made, dict):
            made = iso8583_wire.encoded(made.pop("t", iso8583_wire.ANSWER), made, KEY)
        writer.write(made)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Liar(Iso8583Host("127.0.0.1", port, key=KEY, timeout_seconds=2), said.append)


@asynccontextmanager
async def unionpay() -> AsyncIterator[Liar]:
    said: list[Callable[[Any], Any]] = []
    ours, theirs = rsa()

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        asked = dict(parse_qsl((await receive())["body"].decode()))
        names = ("version", "encoding", "signMethod", "merId", "txnTime", "txnType", "orderId")
        right = {name: asked[name] for name in names} | {"respCode": "00", "txnAmt": "100", "currencyCode": "156"}
        made: Any = said[-1]({**right, "queryId": "Q1", **_asked_about(asked)})
        fields, more = made if isinstance(made, tuple) else (made, b"")
        text = fields if isinstance(fields, bytes) else unionpay_wire.signed(fields, theirs) + more
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": text})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bank") as client:
        yield Liar(UnionPay(client, ours, merchant_id="777290058110048", zone=ZONE), said.append)


def _asked_about(asked: Mapping[str, str]) -> dict[str, str]:
    return {"origRespCode": "00"} if asked["txnType"] == unionpay_wire.ASK else {}


WIRES = {"pain.002": (iso20022, PAIN_002), "ISO 8583": (iso8583, ISO_8583), "UnionPay": (unionpay, UNIONPAY)}
ROWS = [(name, row) for name, (_, table) in WIRES.items() for row in table]


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name}: {row.why}" for name, row in ROWS])
async def test_an_odd_answer_moves_nothing_and_the_true_one_moves_it_once(world: World, name: str, row: Odd) -> None:
    opened, _ = WIRES[name]
    source = await world.customer(1)
    order, untouched = world.order(source), await counts(world)
    async with opened() as liar:
        channels = {"bank": liar.channel}
        liar.say(row.change)
        await jobs.run_debits(world.db, channels, world.moment, [order], world.repay)
        found = await debit(world, order.debit_id)
        assert (found.state, found.code) == (row.becomes, row.code)
        assert (await counts(world), world.applied) == (untouched, [])
        assert await world.balance(Books.CASH) == 0
        for _ in range(2):
            world.later(minutes=10)
            await jobs.resolve_unknown(world.db, channels, world.moment, world.repay)
            assert (await debit(world, order.debit_id)).state is row.becomes, "asked again, it says the same"
        assert (await counts(world), world.applied) == (untouched, [])
        liar.say(lambda right: right)
        for _ in range(2):
            world.later(hours=1)
            await jobs.resolve_unknown(world.db, channels, world.moment, world.repay)
    is_open = row.becomes is UNKNOWN
    assert len(world.applied) == is_open, "the true answer, once"
    assert (await debit(world, order.debit_id)).state is (DebitState.SUCCEEDED if is_open else FAILED)
    assert await world.balance(Books.CASH) == 100 * is_open
    async with world.db.snapshot() as tx:
        assert await run_checks(tx) == []


async def counts(world: World) -> dict[str, int]:
    async with world.db.begin() as tx:
        return {each: await tx.value(f"select count(*)::int from {each}") for each in COUNTED}


async def debit(world: World, debit_id: Any) -> Debit:
    async with world.db.begin() as tx:
        return await actions.debit(tx, debit_id)

"""What a bank or network does never raises, and is never Failed unless the bank says so under its signature."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from tiao.payments.model import Failed, Notice, NoticeSubject, Succeeded, Unknown
from tiao.payments.providers import wire
from tiao.payments.providers.channel import BindOrder, BindRefused, Bound, DebitOrder, PayoutOrder
from tiao.payments.providers.http_bank import HttpBank, read_notice
from tiao.payments.refusals import NoticeNotGenuine

KEY = b"k" * 32
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
NO = UUID(int=1).hex
ORDER = DebitOrder(NO, "AG1", 100, "CNY", AT)
YES = {
    "request_no": NO,
    "status": "succeeded",
    "at": AT.isoformat(),
    "channel_no": "SB1",
    "amount_minor": 100,
    "currency": "CNY",
}
NO_MONEY = YES | {"status": "failed", "code": "insufficient_funds", "channel_no": None}


class ScriptedBank(httpx.AsyncBaseTransport):
    """Answers what it was told to, signed with *key*."""

    def __init__(self, answer: object, *, status: int = 200, key: bytes = KEY, body: bytes | None = None) -> None:
        self.answer = answer
        self.status = status
        self.key = key
        self.body = body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "silence":
            await asyncio.sleep(30)
        body = json.dumps(self.answer).encode() if self.body is None else self.body
        asked = request.headers[wire.SIGNATURE_HEADER]
        signed = wire.sign_answer(self.key, request_signature=asked, status=self.status, body=body)
        return httpx.Response(self.status, content=body, headers={wire.SIGNATURE_HEADER: signed})


def bank(transport: httpx.AsyncBaseTransport) -> HttpBank:
    client = httpx.AsyncClient(transport=transport, base_url="http://bank")
    return HttpBank(client, key=KEY, timeout_seconds=0.05)


CASES = [
    ("signed yes", ScriptedBank(YES), Succeeded("SB1", AT, 100, "CNY")),
    ("signed no", ScriptedBank(NO_MONEY), Failed("insufficient_funds", is_retryable=True)),
    ("frozen", ScriptedBank(NO_MONEY | {"code": "account_frozen"}), Failed("account_frozen", is_retryable=False)),
    ("new code", ScriptedBank(NO_MONEY | {"code": "moon_in_retrograde"}), Failed("moon_in_retrograde", False)),
    ("processing", ScriptedBank(YES | {"status": "processing"}), Unknown("processing")),
    ("silence", ScriptedBank("silence"), Unknown("timed_out")),
    ("time-out", ScriptedBank(httpx.ReadTimeout("slow")), Unknown("timed_out")),
    ("lost", ScriptedBank(httpx.ReadError("gone")), Unknown("connection_lost")),
    ("no connection", ScriptedBank(httpx.ConnectError("closed")), Unknown("connection_lost")),
    ("500", ScriptedBank({}, status=500), Unknown("http_500")),
    ("504 of a gateway", ScriptedBank({}, status=504, key=b"none"), Unknown("http_504")),
    ("signed no in a 400", ScriptedBank(NO_MONEY, status=400), Unknown("http_400")),
    ("wrong key", ScriptedBank(YES, key=b"another"), Unknown("signature_invalid")),
    ("no in wrong key", ScriptedBank(NO_MONEY, key=b"another"), Unknown("signature_invalid")),
    ("not JSON", ScriptedBank(None, body=b"<html>"), Unknown("answer_garbled")),
    ("half", ScriptedBank(None, body=b'{"request_no":"0'), Unknown("answer_garbled")),
    ("of another order", ScriptedBank(YES | {"request_no": "2"}), Unknown("answer_garbled")),
    ("other amount", ScriptedBank(YES | {"amount_minor": 99}), Unknown("amount_differs")),
    ("other currency", ScriptedBank(YES | {"currency": "USD"}), Unknown("amount_differs")),
    ("yes without number", ScriptedBank(YES | {"channel_no": None}), Unknown("answer_garbled")),
    ("no without code", ScriptedBank(NO_MONEY | {"code": None}), Unknown("answer_garbled")),
    ("time without zone", ScriptedBank(YES | {"at": "2026-03-02T04:00:00"}), Unknown("answer_garbled")),
]


@pytest.mark.parametrize(("transport", "answer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_only_a_signed_definite_answer_is_believed(transport: ScriptedBank, answer: object) -> None:
    assert await bank(transport).debit(ORDER) == answer


async def test_a_batch_answers_each_order_and_what_is_left_out_is_unknown() -> None:
    orders = [PayoutOrder(number, "AG1", 100, "CNY") for number in ("a", "b", "c")]
    outcomes = [YES | {"request_no": "c"}, NO_MONEY | {"request_no": "a"}]
    answers = await bank(ScriptedBank({"outcomes": outcomes})).pay_out(orders, at=AT)
    assert answers == [
        Failed("insufficient_funds", is_retryable=True),
        Unknown("answer_missing"),
        Succeeded("SB1", AT, 100, "CNY"),
    ]


@pytest.mark.parametrize("transport", [ScriptedBank("silence"), ScriptedBank({}, status=502)])
async def test_a_batch_without_an_answer_is_unknown_as_a_whole(transport: ScriptedBank) -> None:
    channel = bank(transport)
    sent = await channel.pay_out([PayoutOrder(NO, "AG1", 100, "CNY")] * 2, at=AT)
    asked = await channel.query_payouts([NO, NO], at=AT)
    assert all(isinstance(answer, Unknown) for answer in [*sent, *asked, await channel.query_debit(NO, at=AT)])


BINDINGS = [
    ({"agreement": "AG1", "display": "Bank 1234"}, Bound("AG1", "Bank 1234")),
    ({"code": "holder_differs"}, BindRefused("holder_differs", is_retryable=False)),
    ({"code": "maintenance"}, BindRefused("maintenance", is_retryable=True)),
    ({"agreement": "AG1"}, BindRefused("answer_garbled", is_retryable=True)),
    (httpx.ConnectError("closed"), BindRefused("connection_lost", is_retryable=True)),
]


@pytest.mark.parametrize(("answer", "expected"), BINDINGS)
async def test_an_account_is_bound_only_when_the_bank_names_an_agreement(answer: object, expected: object) -> None:
    assert await bank(ScriptedBank(answer)).bind(BindOrder("1", "6222", "", AT)) == expected


PATH, TIME = "/notices/bank", AT.isoformat()


def signed(body: object, key: bytes = KEY) -> dict[str, Any]:
    raw = json.dumps(body).encode()
    signature = wire.sign_request(key, method="POST", path=PATH, time=TIME, body=raw)
    return {"path": PATH, "time": TIME, "signature": signature, "body": raw}


def test_a_signed_notice_is_read() -> None:
    notice = read_notice(KEY, **signed({"subject": "payout", "outcome": YES}))
    assert notice == Notice(NoticeSubject.PAYOUT, UUID(int=1), Succeeded("SB1", AT, 100, "CNY"))


REFUSED = {
    "wrong key": signed({"subject": "debit", "outcome": YES}, key=b"another"),
    "other path": signed({"subject": "debit", "outcome": YES}) | {"path": "/elsewhere"},
    "other time": signed({"subject": "debit", "outcome": YES}) | {"time": "2027-01-01T00:00:00+00:00"},
    "changed body": signed({"subject": "debit", "outcome": YES}) | {"body": b"{}"},
    "no notice": signed({"subject": "debit"}),
    "unknown subject": signed({"subject": "weather", "outcome": YES}),
    "number that is no id": signed({"subject": "debit", "outcome": YES | {"request_no": "x"}}),
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_a_notice_that_is_not_the_banks_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(NoticeNotGenuine):
        read_notice(KEY, **given)

"""A bank reached over HTTP with signed messages (see wire.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import NamedTuple, TypeVar
from uuid import UUID

import httpx
import msgspec

from tiao.payments.model import NEVER_SEEN, Answer, Failed, Notice, NoticeSubject, Succeeded, Unknown
from tiao.payments.providers import wire
from tiao.payments.providers.channel import (
    PAYOUTS_MAX,
    BindAnswer,
    BindOrder,
    BindRefused,
    Bound,
    DebitOrder,
    PayoutOrder,
)
from tiao.payments.providers.deflating import DayText
from tiao.payments.refusals import NoticeNotGenuine

Body = TypeVar("Body")

#: Codes after which another order, later, may succeed. Any other failure, one we do not know included, is for people.
RETRYABLE = frozenset({"insufficient_funds", "limit_exceeded", "maintenance", NEVER_SEEN, "request_closed"})
TIMEOUT_SECONDS = 10.0


class BankFault(NamedTuple):
    """Why a question got no answer that may be believed."""

    reason: str


class SignedClient:
    """Asks signed questions and believes only signed answers to them.

    *timeout_seconds* bounds a whole call, however slowly the other side drips.
    """

    def __init__(self, client: httpx.AsyncClient, *, key: bytes, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        assert key, "an empty key signs nothing"
        self._client = client
        self._key = key
        self._timeout_seconds = timeout_seconds

    async def ask(self, path: str, body: object, answer_type: type[Body], *, at: datetime) -> Body | BankFault:
        """Ask, and give the answer or why there is none; what the bank or the network does never raises."""
        sent = msgspec.json.encode(body)
        time = at.isoformat()
        signature = wire.sign_request(self._key, method="POST", path=path, time=time, body=sent)
        headers = {
            "content-type": "application/json",
            wire.TIME_HEADER: time,
            wire.SIGNATURE_HEADER: signature,
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.post(path, content=sent, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            return BankFault("timed_out")
        except httpx.HTTPError:
            return BankFault("connection_lost")
        expected = wire.sign_answer(
            self._key, request_signature=signature, status=response.status_code, body=response.content
        )
        if not wire.is_signature(expected, response.headers.get(wire.SIGNATURE_HEADER)):
            # A gateway's own error page is unsigned too; name it by its status.
            is_ok = response.status_code == HTTPStatus.OK
            return BankFault("signature_invalid" if is_ok else f"http_{response.status_code}")
        if response.status_code != HTTPStatus.OK:
            return BankFault(f"http_{response.status_code}")
        try:
            return msgspec.json.decode(response.content, type=answer_type)
        except msgspec.DecodeError:
            return BankFault("answer_garbled")


class HttpBank:
    """The channel to a bank that speaks the wire of wire.py."""

    def __init__(self, client: httpx.AsyncClient, *, key: bytes, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._bank = SignedClient(client, key=key, timeout_seconds=timeout_seconds)

    async def debit(self, order: DebitOrder) -> Answer:
        """Take money from a customer's account."""
        body = wire.OrderBody(order.request_no, order.agreement, order.amount_minor, order.currency)
        outcome = await self._bank.ask(wire.Path.DEBIT, body, wire.OutcomeBody, at=order.at)
        if isinstance(outcome, BankFault):
            return Unknown(outcome.reason)
        return _answer_to(body, outcome)

    async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
        """Ask what became of a debit; a number never seen is closed by the question."""
        return (await self._query(wire.Path.QUERY_DEBIT, [request_no], at))[0]

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        """Pay out a batch; an order missing from the answer is Unknown."""
        assert len(orders) <= PAYOUTS_MAX, f"a batch has at most {PAYOUTS_MAX} payouts"
        bodies = [wire.OrderBody(o.request_no, o.agreement, o.amount_minor, o.currency) for o in orders]
        answer = await self._bank.ask(wire.Path.PAY_OUT, wire.PayoutsBody(bodies), wire.OutcomesBody, at=at)
        if isinstance(answer, BankFault):
            return [Unknown(answer.reason)] * len(bodies)
        found = {outcome.request_no: outcome for outcome in answer.outcomes}
        return [
            _answer_to(body, found[body.request_no]) if body.request_no in found else Unknown("answer_missing")
            for body in bodies
        ]

    async def query_payouts(self, request_nos: Sequence[str], *, at: datetime) -> list[Answer]:
        """Ask what became of payouts."""
        return await self._query(wire.Path.QUERY_PAYOUTS, request_nos, at)

    async def bind(self, order: BindOrder) -> BindAnswer:
        """Ask for an agreement to debit an account."""
        if not is_text(order.holder_name):
            return BindRefused("holder_differs", is_retryable=False)
        body = wire.BindBody(order.request_no, order.account_no, order.holder_name)
        answer = await self._bank.ask(wire.Path.BIND, body, wire.BoundBody, at=order.at)
        if isinstance(answer, BankFault):
            return BindRefused(answer.reason, is_retryable=True)
        if answer.agreement and answer.display:
            return Bound(answer.agreement, answer.display)
        code = answer.code or "answer_garbled"
        return BindRefused(code, is_retryable=code in RETRYABLE or answer.code is None)

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the file of a day; None when it is not there yet."""
        return await self._file(day, wire.FileKind.PAYMENTS, at)

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the statement of a day (camt.053)."""
        return await self._file(day, wire.FileKind.STATEMENT, at)

    async def _file(self, day: date, kind: wire.FileKind, at: datetime) -> DayText | None:
        answer = await self._bank.ask(wire.Path.FILES, wire.DayFileBody(day, kind), wire.DayFileAnswer, at=at)
        if isinstance(answer, BankFault) or answer.content is None:
            return None
        return DayText(answer.content)

    async def _query(self, path: wire.Path, request_nos: Sequence[str], at: datetime) -> list[Answer]:
        assert len(request_nos) <= PAYOUTS_MAX, f"a question names at most {PAYOUTS_MAX} orders"
        answer = await self._bank.ask(path, wire.QueryBody(list(request_nos)), wire.OutcomesBody, at=at)
        if isinstance(answer, BankFault):
            return [Unknown(answer.reason)] * len(request_nos)
        found = {outcome.request_no: outcome for outcome in answer.outcomes}
        return [_answer(found[each]) if each in found else Unknown("answer_missing") for each in request_nos]


def is_text(name: str) -> bool:
    """Tell whether a name can be written at all: half a sign of UTF-16 cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


def read_notice(key: bytes, *, path: str, time: str, signature: str, body: bytes) -> Notice:
    """Read a bank's notice once its signature is checked. Refuses: NoticeNotGenuine."""
    expected = wire.sign_request(key, method="POST", path=path, time=time, body=body)
    if not wire.is_signature(expected, signature):
        raise NoticeNotGenuine
    try:
        notice = msgspec.json.decode(body, type=wire.NoticeBody)
        return Notice(NoticeSubject(notice.subject), UUID(hex=notice.outcome.request_no), _answer(notice.outcome))
    except (msgspec.DecodeError, ValueError) as error:
        raise NoticeNotGenuine("signed, but not a notice") from error


def _answer_to(order: wire.OrderBody, outcome: wire.OutcomeBody) -> Answer:
    """Believe an outcome only when it is about this order and its amount."""
    if outcome.request_no != order.request_no:
        return Unknown("answer_garbled")
    is_moved = outcome.status is wire.Status.SUCCEEDED
    if is_moved and (outcome.amount_minor, outcome.currency) != (order.amount_minor, order.currency):
        return Unknown("amount_differs")
    return _answer(outcome)


def _answer(outcome: wire.OutcomeBody) -> Answer:
    match outcome.status:
        case wire.Status.SUCCEEDED:
            if not outcome.channel_no:
                return Unknown("answer_garbled")
            return Succeeded(outcome.channel_no, outcome.at, outcome.amount_minor, outcome.currency)
        case wire.Status.FAILED:
            if not outcome.code:
                return Unknown("answer_garbled")
            return Failed(outcome.code, is_retryable=outcome.code in RETRYABLE)
        case wire.Status.PROCESSING:
            return Unknown("processing")

"""The simulated bank as a program: an ASGI application that speaks tiao's wire."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

import httpx
import msgspec

from tiao.payments.providers import wire
from tiao.payments.providers.wire import Path
from tiao.simulator.bank.books import BankAccount, Books, Decided, Flow, Order, RequestDiffers
from tiao.simulator.bank.control import ControlPath, DepositBody, Done, EndAgreementBody, Statement, StatementBody
from tiao.simulator.bank.faults import FaultRates, draw, pick
from tiao.simulator.bank.notices import Notices
from tiao.simulator.bank.teller import Teller, plain_file

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_MAX_BYTES = 4_000_000
DELIVERY_PAUSE_SECONDS = 0.2
SHOWN_DIGITS = 4


class _Answer(NamedTuple):
    status: HTTPStatus
    body: bytes
    is_signed_wrongly: bool = False


class BankServer:
    """Serves one bank. Every request is signed, the simulator's own included; `/health` alone is open.

    *teller*: writes the files of a day; without one there are none. *notice_url*: where decisions are announced; a
    running server posts them by itself, a test calls `deliver_notices`.
    """

    def __init__(
        self,
        books: Books,
        *,
        key: bytes,
        currency: str = "CNY",
        notice_url: str | None = None,
        teller: Teller | None = None,
    ) -> None:
        assert key, "an empty key signs nothing"
        self.books = books
        self._key = key
        self._teller = teller
        self._currency = currency
        self._notices = Notices(notice_url, key)
        self._asked: Counter[tuple[str, str]] = Counter()
        self._routes: dict[str, Callable[[bytes, datetime], Awaitable[_Answer]]] = {
            Path.DEBIT: self._debit,
            Path.QUERY_DEBIT: self._query_debits,
            Path.PAY_OUT: self._pay_out,
            Path.QUERY_PAYOUTS: self._query_payouts,
            Path.BIND: self._bind,
            Path.ELEMENTS: self._check_elements,
            Path.FILES: self._file,
            ControlPath.FAULTS: self._set_faults,
            ControlPath.ACCOUNTS: self._set_account,
            ControlPath.DEPOSITS: self._deposit,
            ControlPath.END_AGREEMENT: self._end_agreement,
            ControlPath.STATEMENT: self._statement,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def deliver_notices(self, client: httpx.AsyncClient) -> int:
        """Post what waits, once each, and count what was taken."""
        return await self._notices.deliver(client)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        signature = headers.get(wire.SIGNATURE_HEADER, "")
        body = await read_body(receive)
        if path == "/health":
            answer = _Answer(HTTPStatus.OK, b'{"is_up":true}')
        elif body is None:
            answer = _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"")
        else:
            answer = await self._answer(scope["method"], path, headers.get(wire.TIME_HEADER, ""), signature, body)
        key = b"another key" if answer.is_signed_wrongly else self._key
        signed = wire.sign_answer(key, request_signature=signature, status=answer.status, body=answer.body)
        reply = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer.body)).encode()),
            (wire.SIGNATURE_HEADER.encode(), signed.encode()),
        ]
        await send({"type": "http.response.start", "status": int(answer.status), "headers": reply})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, method: str, path: str, time: str, signature: str, body: bytes) -> _Answer:
        expected = wire.sign_request(self._key, method=method, path=path, time=time, body=body)
        if not wire.is_signature(expected, signature):
            return _refusal(HTTPStatus.UNAUTHORIZED, "signature_invalid")
        route = self._routes.get(path)
        if route is None or method != "POST":
            return _refusal(HTTPStatus.NOT_FOUND, "path_unknown")
        try:
            at = msgspec.convert(time, wire.Instant)
            return await route(body, at)
        except msgspec.DecodeError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, f"request_invalid: {error}")
        except RequestDiffers:
            return _refusal(HTTPStatus.CONFLICT, "request_differs")

    async def _debit(self, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=wire.OrderBody)

        def execute() -> wire.OutcomeBody:
            return self._execute(Flow.DEBIT, asked, at)

        return await self._interrupted(Path.DEBIT, asked.request_no, execute)

    async def _pay_out(self, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=wire.PayoutsBody)

        def execute() -> wire.OutcomesBody:
            return wire.OutcomesBody([self._execute(Flow.PAYOUT, order, at) for order in asked.orders])

        return await self._interrupted(Path.PAY_OUT, asked.orders[0].request_no, execute)

    async def _file(self, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=wire.DayFileBody)
        if self._teller is None:
            return _ok(wire.DayFileAnswer())
        if asked.kind is wire.FileKind.STATEMENT:
            return _ok(wire.DayFileAnswer(zlib.compress(self._teller.statement(asked.day, at, is_net=False))))
        rows = self._teller.day_rows(asked.day)
        return _ok(wire.DayFileAnswer(None if rows is None else zlib.compress(plain_file(rows))))

    async def _query_debits(self, body: bytes, at: datetime) -> _Answer:
        return await self._query(Path.QUERY_DEBIT, body, at)

    async def _query_payouts(self, body: bytes, at: datetime) -> _Answer:
        return await self._query(Path.QUERY_PAYOUTS, body, at)

    async def _query(self, path: Path, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=wire.QueryBody)
        if self._drawn(path, asked.request_nos[0]) < self.books.faults.query_time_out_ppm:
            return await self._time_out()
        closes = path is Path.QUERY_DEBIT
        found = [(no, self.books.look_up(no, closes=closes)) for no in asked.request_nos]
        return _ok(wire.OutcomesBody([_outcome(no, decided, at) for no, decided in found]))

    async def _bind(self, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=wire.BindBody)
        made = self.books.bind(asked.account_no, asked.holder_name, self._currency, at)
        if isinstance(made, str):
            return _ok(wire.BoundBody(code=made))
        account = self.books.account_of_agreement(made.agreement)
        display = f"{account.bank_name} {account.account_no[-SHOWN_DIGITS:]}"
        return _ok(wire.BoundBody(agreement=made.agreement, display=display))

    async def _check_elements(self, body: bytes, at: datetime) -> _Answer:
        """Confirm that a card is somebody's; a phone is told apart only for accounts that have one."""
        asked = msgspec.json.decode(body, type=wire.ElementsBody)
        if self._drawn(Path.ELEMENTS, asked.request_no) < self.books.faults.query_time_out_ppm:
            return await self._time_out()
        account = self.books.find_account(asked.account_no, self._currency, at)
        code = None
        if account is None:
            code = "account_unknown"
        elif account.is_frozen:
            code = "account_frozen"
        elif account.holder_name not in {"", asked.holder_name} or account.phone not in {"", asked.phone}:
            code = "holder_differs"
        account_class = None if account is None else account.account_class
        return _ok(wire.ElementsAnswer(asked.request_no, code, account_class))

    async def _set_faults(self, body: bytes, _at: datetime) -> _Answer:
        self.books.set_faults(msgspec.json.decode(body, type=FaultRates))
        return _ok(self.books.faults)

    async def _set_account(self, body: bytes, _at: datetime) -> _Answer:
        self.books.set_account(msgspec.json.decode(body, type=BankAccount))
        return _ok(Done())

    async def _deposit(self, body: bytes, at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=DepositBody)
        if not self.books.deposit(asked.account_no, asked.amount_minor, asked.currency, at):
            return _refusal(HTTPStatus.NOT_FOUND, "account_unknown")
        return _ok(Done())

    async def _end_agreement(self, body: bytes, _at: datetime) -> _Answer:
        self.books.end_agreement(msgspec.json.decode(body, type=EndAgreementBody).agreement)
        return _ok(Done())

    async def _statement(self, body: bytes, _at: datetime) -> _Answer:
        asked = msgspec.json.decode(body, type=StatementBody)
        page = self.books.movements[asked.after : asked.after + asked.limit]
        end = asked.after + len(page)
        shown = [each for each in page if asked.account_no in {None, each.account_no}]
        return _ok(Statement(shown, end if end < len(self.books.movements) else None))

    def _execute(self, flow: Flow, asked: wire.OrderBody, at: datetime) -> wire.OutcomeBody:
        is_new = asked.request_no not in self.books.decisions
        order = Order(flow, asked.request_no, asked.agreement, asked.amount_minor, asked.currency)
        decided = self.books.execute(order, at)
        outcome = _outcome(asked.request_no, decided, at)
        if not is_new:
            return outcome
        self._announce(flow, outcome)
        if draw(self.books.seed, asked.request_no, "processing") < self.books.faults.processing_ppm:
            return wire.OutcomeBody(asked.request_no, wire.Status.PROCESSING, at)
        return outcome

    def _announce(self, flow: Flow, outcome: wire.OutcomeBody) -> None:
        faults, seed, number = self.books.faults, self.books.seed, outcome.request_no
        if draw(seed, number, "notice lost") < faults.lost_notice_ppm:
            return
        is_twice = draw(seed, number, "notice twice") < faults.duplicate_notice_ppm
        self._notices.add(wire.NoticeBody(flow, outcome), times=2 if is_twice else 1)

    async def _interrupted(self, path: Path, number: str, execute: Callable[[], object]) -> _Answer:
        """Execute an order, and let chance decide what the caller gets to see of it."""
        fault = pick(self._drawn(path, number), self.books.faults.interruptions())
        if fault == "time_out_before":
            return await self._time_out()
        answer = _ok(execute())
        match fault:
            case "time_out_after":
                return await self._time_out()
            case "garbled":
                return answer._replace(body=answer.body[: len(answer.body) // 2])
            case "wrongly_signed":
                return answer._replace(is_signed_wrongly=True)
        return answer

    def _drawn(self, path: Path, number: str) -> int:
        """Draw for the n-th time that this is asked about this number."""
        self._asked[path, number] += 1
        return draw(self.books.seed, number, path, str(self._asked[path, number]))

    async def _time_out(self) -> _Answer:
        await asyncio.sleep(self.books.faults.hang_ms / 1000)
        return _Answer(HTTPStatus.GATEWAY_TIMEOUT, b"")

    async def _live(self, receive: Receive, send: Send) -> None:
        """Post notices for as long as the server runs."""
        await receive()
        async with httpx.AsyncClient(timeout=10) as client:
            delivery = asyncio.create_task(self._deliver_for_ever(client))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            delivery.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _deliver_for_ever(self, client: httpx.AsyncClient) -> None:
        while True:
            await self.deliver_notices(client)
            await asyncio.sleep(DELIVERY_PAUSE_SECONDS)


async def read_body(receive: Receive) -> bytes | None:
    """Read a request to its end; None when it is larger than any a client of ours sends."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_MAX_BYTES:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if size <= BODY_MAX_BYTES else None


def _outcome(number: str, decided: Decided | None, at: datetime) -> wire.OutcomeBody:
    if decided is None:
        return wire.OutcomeBody(number, wire.Status.FAILED, at, code="never_seen")
    return wire.OutcomeBody(
        request_no=number,
        status=wire.Status.FAILED if decided.code else wire.Status.SUCCEEDED,
        at=decided.at,
        code=decided.code,
        channel_no=None if decided.code else decided.channel_no,
        amount_minor=decided.amount_minor,
        currency=decided.currency,
    )


def _ok(body: object) -> _Answer:
    return _Answer(HTTPStatus.OK, msgspec.json.encode(body))


def _refusal(status: HTTPStatus, code: str) -> _Answer:
    return _Answer(status, msgspec.json.encode({"code": code}))

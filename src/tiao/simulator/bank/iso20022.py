"""A bank that speaks ISO 20022 and is not real: the same books behind pain.001, pain.008, pain.002 and camt.053."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from http import HTTPStatus

import msgspec

from tiao.payments.iso20022 import accounts, mandates
from tiao.payments.iso20022 import messages as iso
from tiao.payments.iso20022.reading import MessageRefused
from tiao.payments.providers import wire
from tiao.payments.providers.iso20022_bank import (
    CODES,
    MANDATES_PATH,
    NEVER_SEEN,
    ORDERS_PATH,
    STATEMENT_PATH,
    STATUS_PATH,
)
from tiao.simulator.bank.books import HOUSE_ACCOUNT, AgreementMade, Flow, Order, RequestDiffers
from tiao.simulator.bank.server import BankServer, Receive, Scope, Send, read_body
from tiao.simulator.bank.teller import Manner, Teller, Told

_CODE_OF = {named: code for code, named in CODES.items()} | {"request_closed": "MS03"}
_PATHS = {ORDERS_PATH, STATUS_PATH, STATEMENT_PATH, MANDATES_PATH}


class Iso20022Server:
    """Serves the bank's three addresses; everything else is the simulator's control, as with any bank."""

    def __init__(self, teller: Teller, *, key: bytes, control: BankServer) -> None:
        self.teller = teller
        self._key = key
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] not in _PATHS:
            await self._control(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read_body(receive) or b""
        signature, time = headers.get(wire.SIGNATURE_HEADER, ""), headers.get(wire.TIME_HEADER, "")
        expected = wire.sign_request(self._key, method="POST", path=scope["path"], time=time, body=body)
        status, answer, key = HTTPStatus.UNAUTHORIZED, b"", self._key
        if wire.is_signature(expected, signature):
            status, answer, key = await self._answer(scope["path"], body, msgspec.convert(time, wire.Instant))
        signed = wire.sign_answer(key, request_signature=signature, status=status, body=answer)
        reply = [(b"content-type", b"application/xml"), (wire.SIGNATURE_HEADER.encode(), signed.encode())]
        await send({"type": "http.response.start", "status": int(status), "headers": reply})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, path: str, body: bytes, at: datetime) -> tuple[HTTPStatus, bytes, bytes]:
        try:
            if path == STATEMENT_PATH:
                return self._statement(date.fromisoformat(body.decode()), at)
            if path == MANDATES_PATH:
                return HTTPStatus.OK, self._mandate(mandates.read_request(body), at), self._key
            about, told = await (self._orders(body, at) if path == ORDERS_PATH else self._status(body))
        except (MessageRefused, RequestDiffers, ValueError):
            return HTTPStatus.BAD_REQUEST, b"", self._key
        manner = told[0][1].manner
        if manner is Manner.SILENTLY:
            return HTTPStatus.GATEWAY_TIMEOUT, b"", self._key
        text = iso.write_status(_report(about, told, at), iso.ORDER_STATUS)
        if manner is Manner.GARBLED:
            return HTTPStatus.OK, text[: len(text) // 2], self._key
        return HTTPStatus.OK, text, b"another key" if manner is Manner.WRONGLY_SIGNED else self._key

    def _mandate(self, asked: mandates.MandateRequest, at: datetime) -> bytes:
        name = "" if asked.payer.name == "payer" else asked.payer.name
        made = self.teller.books.bind(asked.payer.number, name, "CNY", at)
        if isinstance(made, AgreementMade):
            answer = mandates.MandateAnswer(asked.number, at, made.agreement, None)
        else:
            answer = mandates.MandateAnswer(asked.number, at, None, _CODE_OF.get(made, "MS03"))
        return mandates.write_answer(answer, asked)

    async def _orders(self, body: bytes, at: datetime) -> tuple[str, list[tuple[str, Told]]]:
        kind = iso.DIRECT_DEBIT if iso.DIRECT_DEBIT.encode() in body[:500] else iso.CREDIT_TRANSFER
        orders = iso.read_orders(body, kind)
        flow = Flow.DEBIT if kind == iso.DIRECT_DEBIT else Flow.PAYOUT
        found = []
        for one in orders.transfers:
            account = one.mandate or one.account.number
            order = Order(flow, one.end_to_end_id, account, one.amount_minor, one.currency)
            found.append((one.end_to_end_id, await self.teller.execute(order, at)))
        return orders.message_id, found

    async def _status(self, body: bytes) -> tuple[str, list[tuple[str, Told]]]:
        numbers = body.decode().split("\n")
        return numbers[0], [(number, await self.teller.look_up(number)) for number in numbers]

    def _statement(self, day: date, at: datetime) -> tuple[HTTPStatus, bytes, bytes]:
        rows = self.teller.day_rows(day)
        if rows is None:
            return HTTPStatus.NOT_FOUND, b"", self._key
        entries = tuple(
            accounts.Booked(
                row.request_no,
                row.channel_no,
                row.amount_minor if row.flow is Flow.DEBIT else -row.amount_minor,
                "CNY",
                day,
            )
            for row in rows
        )
        sequence = (day - date(2000, 1, 1)) // timedelta(days=1)
        number = f"ST{day:%Y%m%d}"
        report = accounts.AccountReport(number, at, sequence, HOUSE_ACCOUNT, "CNY", self._opening(day), entries)
        return HTTPStatus.OK, accounts.write_account(report, accounts.STATEMENT), self._key

    def _opening(self, day: date) -> int:
        return sum(
            move.amount_minor
            for move in self.teller.books.movements
            if move.account_no == HOUSE_ACCOUNT and move.at.astimezone(self.teller.zone).date() < day
        )


def _report(about: str, told: Iterable[tuple[str, Told]], at: datetime) -> iso.StatusReport:
    # The first one's silence is the whole answer's; another's is left out of the report, for it is no word about it.
    statuses = tuple(_said(number, one) for number, one in told if one.manner is not Manner.SILENTLY)
    return iso.StatusReport(f"PSR{statuses[0].end_to_end_id[:28]}", at, about, "pain", statuses)


def _said(number: str, told: Told) -> iso.TxStatus:
    decided = told.decided
    if told.manner is Manner.AS_PROCESSING:
        return iso.TxStatus(number, iso.TxState.PENDING)
    if decided is None:
        return iso.TxStatus(number, iso.TxState.REJECTED, reason=NEVER_SEEN)
    if decided.code is not None:
        return iso.TxStatus(number, iso.TxState.REJECTED, reason=_CODE_OF.get(decided.code, "MS03"))
    return iso.TxStatus(
        number,
        iso.TxState.SETTLED,
        bank_no=decided.channel_no,
        amount_minor=decided.amount_minor,
        currency=decided.currency,
    )

"""A bank spoken to in ISO 20022 over HTTP: pain.001, pain.008 and pain.002, mandates (pain.009, pain.012), camt.053.

Each body is signed with a shared key, its answer together with the question's signature (see wire.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import httpx

from tiao.payments.iso20022 import mandates
from tiao.payments.iso20022 import messages as iso
from tiao.payments.iso20022.reading import MessageRefused
from tiao.payments.model import Answer, Failed, Succeeded, Unknown
from tiao.payments.providers import wire
from tiao.payments.providers.channel import BindAnswer, BindOrder, BindRefused, Bound, DebitOrder, PayoutOrder
from tiao.payments.providers.deflating import DayText
from tiao.payments.routing.tables import Again, meaning_of

TIMEOUT_SECONDS = 30.0
ORDERS_PATH, STATUS_PATH, STATEMENT_PATH = "/iso20022/orders", "/iso20022/status", "/iso20022/statement"
MANDATES_PATH = "/iso20022/mandates"
#: What a failure is here, by the reason code of the external code set.
CODES = {
    "AC01": "account_unknown",
    "AC04": "account_unknown",
    "AC06": "account_frozen",
    "AG01": "rejected_by_channel",
    "AM02": "limit_exceeded",
    "AM04": "insufficient_funds",
    "AB08": "maintenance",
    "BE01": "holder_differs",
    "FOCR": "rejected_by_channel",
    "FRAD": "suspected_fraud",
    "MD01": "agreement_invalid",
    "MS03": "rejected_by_channel",
    "TM01": "channel_closed",
}
#: The bank's word for a number it has not seen; it does not close it.
NEVER_SEEN = "NOOR"


class Iso20022Bank:
    """The channel to such a bank. *account* is ours there, by the name and number that orders carry."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        key: bytes,
        account: iso.Account,
        zone: ZoneInfo,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._key = key
        self._account = account
        self._zone = zone
        self._timeout_seconds = timeout_seconds

    async def debit(self, order: DebitOrder) -> Answer:
        """Collect by mandate: an order of one transaction."""
        one = iso.Transfer(
            order.request_no, order.amount_minor, order.currency, iso.Account("payer", order.agreement), order.agreement
        )
        return (await self._order(iso.DIRECT_DEBIT, order.request_no, [one], order.at))[0]

    async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
        """Ask what became of a debit. It closes no number: what it has not seen is Unknown until the statement."""
        return (await self._status([request_no], at, about=request_no))[0]

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        """Pay out a batch as one order."""
        ordered = [
            iso.Transfer(one.request_no, one.amount_minor, one.currency, iso.Account("payee", one.agreement))
            for one in orders
        ]
        return await self._order(iso.CREDIT_TRANSFER, orders[0].request_no, ordered, at)

    async def query_payouts(self, request_nos: Sequence[str], *, at: datetime) -> list[Answer]:
        """Ask what became of payouts; one never seen may be sent again under its number."""
        unseen = Failed("never_seen", is_retryable=True)
        return [unseen if each == Unknown("never_seen") else each for each in await self._status(list(request_nos), at)]

    async def bind(self, order: BindOrder) -> BindAnswer:
        """Ask for a mandate."""
        payer = iso.Account(order.holder_name or "payer", order.account_no)
        asked = mandates.MandateRequest(order.request_no, order.at, self._account, payer)
        answer = await self._post(MANDATES_PATH, mandates.write_request(asked), order.at)
        if isinstance(answer, Unknown):
            return BindRefused(answer.reason, is_retryable=True)
        try:
            told = mandates.read_answer(answer)
        except MessageRefused:
            return BindRefused("answer_garbled", is_retryable=True)
        if told.number != order.request_no:
            return BindRefused("answer_garbled", is_retryable=True)
        if told.mandate is not None:
            return Bound(told.mandate, f"尾号 {order.account_no[-4:]}")
        named = CODES.get(told.reason or "", f"iso20022_{told.reason}")
        return BindRefused(named, is_retryable=meaning_of(named).again is Again.ELSEWHERE)

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the statement of a day as the file of the day; None when it is not there."""
        answer = await self._post(STATEMENT_PATH, day.isoformat().encode(), at)
        return None if isinstance(answer, Unknown) else DayText(answer, is_deflated=False)

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:  # noqa: ARG002  as the others
        """Fetch nothing: the file of the day is the statement, and its balances were held against its entries."""
        return None

    async def _order(self, kind: str, number: str, ordered: list[iso.Transfer], at: datetime) -> list[Answer]:
        due_on = at.astimezone(self._zone).date()
        message = iso.Orders(number, at, self._account, due_on, tuple(ordered))
        answer = await self._post(ORDERS_PATH, iso.write_orders(message, kind), at)
        wanted = {each.end_to_end_id: each.amount_minor for each in ordered}
        return self._answers(answer, wanted, about=number)

    async def _status(self, numbers: list[str], at: datetime, *, about: str | None = None) -> list[Answer]:
        answer = await self._post(STATUS_PATH, "\n".join(numbers).encode(), at)
        return self._answers(answer, dict.fromkeys(numbers), about=about)

    def _answers(
        self, answer: bytes | Unknown, wanted: dict[str, int | None] | dict[str, int], *, about: str | None = None
    ) -> list[Answer]:
        """Read a report; one that says it is about another order than *about* is not believed."""
        if isinstance(answer, Unknown):
            return [answer] * len(wanted)
        try:
            report = iso.read_status(answer, iso.ORDER_STATUS)
        except MessageRefused:
            return [Unknown("answer_garbled")] * len(wanted)
        if about is not None and report.about != about:
            return [Unknown("answer_garbled")] * len(wanted)
        found = {each.end_to_end_id: each for each in report.statuses}
        return [_answer(found.get(number), report.made_at) for number in wanted]

    async def _post(self, path: str, body: bytes, at: datetime) -> bytes | Unknown:
        time = at.isoformat()
        signature = wire.sign_request(self._key, method="POST", path=path, time=time, body=body)
        headers = {"content-type": "application/xml", wire.TIME_HEADER: time, wire.SIGNATURE_HEADER: signature}
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.post(path, content=body, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            return Unknown("timed_out")
        except httpx.HTTPError:
            return Unknown("connection_lost")
        expected = wire.sign_answer(
            self._key, request_signature=signature, status=response.status_code, body=response.content
        )
        if not wire.is_signature(expected, response.headers.get(wire.SIGNATURE_HEADER)):
            return Unknown("signature_invalid")
        return response.content if response.status_code == HTTPStatus.OK else Unknown(f"http_{response.status_code}")


def _answer(status: iso.TxStatus | None, at: datetime) -> Answer:
    """Believe what is settled or rejected; everything on its way is Unknown."""
    if status is None:
        return Unknown("answer_missing")
    if status.state in {iso.TxState.SETTLED, iso.TxState.CREDITED}:
        if not status.bank_no or status.amount_minor is None:
            return Unknown("answer_garbled")
        return Succeeded(status.bank_no, at, status.amount_minor, status.currency)
    if status.state != iso.TxState.REJECTED:
        return Unknown("processing")
    if status.reason == NEVER_SEEN:
        return Unknown("never_seen")
    named = CODES.get(status.reason or "", f"iso20022_{status.reason or 'none'}")
    return Failed(named, is_retryable=meaning_of(named).again is not Again.NEVER)

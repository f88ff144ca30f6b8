"""A clearing house of UnionPay's form: agreement debits, payouts and queries over signed HTTP, the day's file T+1."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import httpx

from tiao.payments.model import Answer, Failed, Succeeded, Unknown
from tiao.payments.providers import unionpay_wire as wire
from tiao.payments.providers.channel import (
    BindAnswer,
    BindOrder,
    BindRefused,
    Bound,
    DebitOrder,
    PayoutOrder,
)
from tiao.payments.providers.deflating import DayText
from tiao.payments.routing.tables import Again, meaning_of

TIMEOUT_SECONDS = 10.0
PATH = "/gateway/api/backTransReq.do"
#: 响应码: what is done, what nobody knows yet, what was never seen; the others are definite failures.
DONE = "00"
OPEN = frozenset({"03", "04", "05", "06"})
NEVER_SEEN = "34"
#: What a failure is here, by 响应码. One that is not listed is rejected_by_channel's cousin: for people.
CODES = {
    "01": "rejected_by_channel",
    "02": "maintenance",
    "31": "rejected_by_channel",
    "33": "single_limit_exceeded",
    "38": "suspected_fraud",
    "39": "channel_closed",
    "60": "issuer_unavailable",
    "61": "account_unknown",
    "62": "issuer_not_supported",
    "63": "account_frozen",
    "64": "insufficient_funds",
    "66": "holder_differs",
    "67": "frequency_exceeded",
    "68": "issuer_not_supported",
    "72": "agreement_invalid",
    "73": "card_expired",
}
_TIME = "%Y%m%d%H%M%S"
#: Renminbi, by its number in ISO 4217; amounts have at most twelve digits.
_FEN = "156"
_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)


class UnionPay:
    """The channel to a gateway of UnionPay's form. *merchant_id* is ours there; *zone* is the gateway's."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        keys: wire.Keys,
        *,
        merchant_id: str,
        zone: ZoneInfo,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._keys = keys
        self._merchant_id = merchant_id
        self._zone = zone
        self._timeout_seconds = timeout_seconds

    async def debit(self, order: DebitOrder) -> Answer:
        """Take money by an agreement."""
        fields = self._order(wire.TAKE, order.request_no, order.agreement, order.amount_minor, order.currency)
        return self._answered(await self._ask(fields, order.at), order.request_no)

    async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
        """Ask what became of a debit. The gateway closes no number: what it has not seen is Unknown until the file."""
        return await self._query(request_no, at)

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        """Pay out, one request each."""

        async def pay(order: PayoutOrder) -> Answer:
            fields = self._order(wire.PAY, order.request_no, order.agreement, order.amount_minor, order.currency)
            return self._answered(await self._ask(fields, at), order.request_no)

        return [await pay(order) for order in orders]

    async def query_payouts(self, request_nos: Sequence[str], *, at: datetime) -> list[Answer]:
        """Ask what became of payouts; one never seen may be sent again under its number."""
        found = []
        for number in request_nos:
            answer = await self._query(number, at)
            is_unseen = isinstance(answer, Unknown) and answer.reason == "never_seen"
            found.append(Failed("never_seen", is_retryable=True) if is_unseen else answer)
        return found

    async def bind(self, order: BindOrder) -> BindAnswer:
        """Ask for an agreement."""
        asked = {
            "txnType": wire.AGREE,
            "orderId": order.request_no,
            "accNo": order.account_no,
            "name": order.holder_name,
        }
        answer = await self._ask(asked, order.at)
        if isinstance(answer, Unknown):
            return BindRefused(answer.reason, is_retryable=True)
        code = answer.get("respCode", "")
        if code == DONE and answer.get("agreement"):
            return Bound(answer["agreement"], answer.get("display", "银行卡"))
        reason = CODES.get(code, f"unionpay_{code}")
        return BindRefused(reason, is_retryable=code in OPEN or meaning_of(reason).again is Again.ELSEWHERE)

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the file of a day; None when it is not there yet or did not come whole."""
        return await self._file(day, wire.DAY_FILE, at)

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch what the settling bank's statement says of a day; None when it is not there yet."""
        return await self._file(day, wire.STATEMENT_FILE, at)

    async def _file(self, day: date, kind: str, at: datetime) -> DayText | None:
        asked = {
            "txnType": wire.FILE,
            "orderId": day.strftime("%Y%m%d"),
            "settleDate": day.strftime("%m%d"),
            "fileType": kind,
        }
        answer = await self._ask(asked, at)
        if isinstance(answer, Unknown) or answer.get("respCode") != DONE:
            return None
        try:
            return DayText(base64.b64decode(answer["fileContent"], validate=True))
        except (KeyError, binascii.Error):
            return None

    async def _query(self, request_no: str, at: datetime) -> Answer:
        answer = await self._ask({"txnType": wire.ASK, "orderId": request_no}, at)
        if isinstance(answer, Unknown):
            return answer
        if answer.get("respCode") == NEVER_SEEN:
            return Unknown("never_seen")
        if answer.get("respCode") != DONE:
            return Unknown(f"query_{answer.get('respCode', 'garbled')}")
        return self._answered({**answer, "respCode": answer.get("origRespCode", "")}, request_no)

    def _order(self, kind: str, number: str, agreement: str, amount_minor: int, currency: str) -> dict[str, str]:
        assert currency == "CNY", "this wire carries fen"
        return {
            "txnType": kind,
            "orderId": number,
            "agreement": agreement,
            "txnAmt": str(amount_minor),
            "currencyCode": _FEN,
        }

    def _answered(self, answer: dict[str, str] | Unknown, number: str) -> Answer:
        """Believe an answer about this order only; what is not definite is Unknown."""
        if isinstance(answer, Unknown):
            return answer
        code = answer.get("respCode", "")
        if answer.get("orderId") != number:
            return Unknown("answer_garbled")
        if code == DONE:
            amount, query_no = answer.get("txnAmt", ""), answer.get("queryId", "")
            is_fen = answer.get("currencyCode", _FEN) == _FEN
            if not _AMOUNT.fullmatch(amount) or not query_no or not is_fen:
                return Unknown("answer_garbled")
            return Succeeded(query_no, self._instant(answer.get("txnTime", "")), int(amount), "CNY")
        if code in OPEN or not code:
            return Unknown("processing")
        named = CODES.get(code, f"unionpay_{code}")
        return Failed(named, is_retryable=meaning_of(named).again is not Again.NEVER)

    def _instant(self, text: str) -> datetime:
        try:
            return datetime.strptime(text, _TIME).replace(tzinfo=self._zone)
        except ValueError:
            return datetime(1970, 1, 1, tzinfo=self._zone)

    async def _ask(self, fields: dict[str, str], at: datetime) -> dict[str, str] | Unknown:
        sent = {
            "version": wire.VERSION,
            "encoding": "UTF-8",
            "signMethod": "01",
            "merId": self._merchant_id,
            "txnTime": at.astimezone(self._zone).strftime(_TIME),
            **fields,
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.post(
                    PATH,
                    content=wire.signed(sent, self._keys),
                    headers={"content-type": "application/x-www-form-urlencoded"},
                )
        except (TimeoutError, httpx.TimeoutException):
            return Unknown("timed_out")
        except httpx.HTTPError:
            return Unknown("connection_lost")
        if response.status_code != HTTPStatus.OK:
            return Unknown(f"http_{response.status_code}")
        try:
            answer = wire.opened(response.content, self._keys)
        except wire.NotGenuine:
            return Unknown("signature_invalid")
        is_ours = (answer.get("txnType"), answer.get("merId")) == (fields["txnType"], self._merchant_id)
        return answer if is_ours else Unknown("answer_garbled")

"""A bank's host spoken to in ISO 8583 over TCP (see iso8583_wire.py)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from zlib import crc32

from tiao.payments.model import Answer, Failed, Succeeded, Unknown
from tiao.payments.providers import iso8583_wire as wire
from tiao.payments.providers.channel import BindAnswer, BindOrder, BindRefused, Bound, DebitOrder, PayoutOrder
from tiao.payments.providers.deflating import DayText
from tiao.payments.routing.tables import Again, meaning_of

TIMEOUT_SECONDS = 10.0
#: Renminbi, by its number in ISO 4217.
_FEN = "156"
DONE, NEVER_SEEN = "00", "25"
#: Nobody knows yet: the issuer's answer came late, or the host works on it.
OPEN = frozenset({"09", "68"})
#: What a failure is here, by element 39.
CODES = {
    "03": "rejected_by_channel",
    "05": "rejected_by_channel",
    "14": "account_unknown",
    "40": "channel_closed",
    "41": "card_lost",
    "43": "card_lost",
    "51": "insufficient_funds",
    "54": "card_expired",
    "57": "agreement_invalid",
    "59": "suspected_fraud",
    "63": "holder_differs",
    "61": "limit_exceeded",
    "62": "account_frozen",
    "65": "frequency_exceeded",
    "90": "maintenance",
    "91": "issuer_unavailable",
    "96": "system_error",
}


class Iso8583Host:
    """The channel to a bank's host; each question has a connection of its own."""

    def __init__(self, host: str, port: int, *, key: bytes, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        assert key, "an empty key authenticates nothing"
        self._address = (host, port)
        self._key = key
        self._timeout_seconds = timeout_seconds

    async def debit(self, order: DebitOrder) -> Answer:
        """Take money by an agreement."""
        amount = _amount(order.amount_minor, order.currency)
        return await self._ask(wire.TAKE, order.request_no, {"102": order.agreement, **amount}, order.at)

    async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
        """Ask what became of a debit. The host closes no number: what it has not seen is Unknown until the file."""
        return await self._ask(wire.ASK, request_no, {}, at)

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        """Pay out, one message each."""
        return [
            await self._ask(
                wire.PAY, one.request_no, {"102": one.agreement, **_amount(one.amount_minor, one.currency)}, at
            )
            for one in orders
        ]

    async def query_payouts(self, request_nos: Sequence[str], *, at: datetime) -> list[Answer]:
        """Ask what became of payouts; one never seen may be sent again under its number."""
        answers = [await self._ask(wire.ASK, number, {}, at) for number in request_nos]
        unseen = Failed("never_seen", is_retryable=True)
        return [unseen if each == Unknown("never_seen") else each for each in answers]

    async def bind(self, order: BindOrder) -> BindAnswer:
        """Ask for an agreement."""
        asked = {
            "2": order.account_no,
            "3": wire.AGREE,
            "11": _trace(order.request_no),
            "46": order.holder_name,
            "48": order.request_no,
            **wire.instant_elements(order.at),
        }
        try:
            message = wire.encoded(wire.REQUEST, {name: said for name, said in asked.items() if said}, self._key)
        except wire.NotWritable:
            return BindRefused("holder_differs", is_retryable=False)
        answer = await self._told(message, wire.ANSWER)
        if isinstance(answer, Unknown):
            return BindRefused(answer.reason, is_retryable=True)
        if (answer.get("48"), answer.get("11")) != (order.request_no, asked["11"]):
            return BindRefused("answer_garbled", is_retryable=True)
        code = answer.get("39", "")
        if code == DONE and answer.get("102", "").strip():
            return Bound(answer["102"].strip(), answer.get("46", "").strip() or f"尾号 {order.account_no[-4:]}")
        if code == DONE or code in OPEN:
            return BindRefused("answer_garbled", is_retryable=True)
        named = CODES.get(code, f"iso8583_{code}")
        return BindRefused(named, is_retryable=meaning_of(named).again is Again.ELSEWHERE)

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the file of a day, part by part; None when it is not there yet or did not come whole."""
        return await self._file(f"DAY{day:%Y%m%d}", at)

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the statement of a day (camt.053)."""
        return await self._file(f"STM{day:%Y%m%d}", at)

    async def _file(self, name: str, at: datetime) -> DayText | None:
        parts: list[str] = []
        last = 1
        while len(parts) < last:
            part = len(parts) + 1
            asked = {"3": wire.FILE, "71": f"{part:04}", "101": name, **wire.instant_elements(at)}
            answer = await self._told(wire.encoded(wire.FILE_REQUEST, asked, self._key), wire.FILE_ANSWER)
            if isinstance(answer, Unknown) or (answer.get("39"), answer.get("71")) != (DONE, f"{part:04}"):
                return None
            said = answer.get("72", "")
            if answer.get("101") != name or not said.isdecimal() or (parts and int(said) != last):
                return None
            last = int(said)
            parts.append(answer.get("127", ""))
        try:
            return DayText(base64.b64decode("".join(parts), validate=True))
        except binascii.Error:
            return None

    async def _ask(self, kind: str, number: str, elements: dict[str, str], at: datetime) -> Answer:
        asked = {
            "3": kind,
            "11": _trace(number),
            "48": number,
            **elements,
            **wire.instant_elements(at),
        }
        answer = await self._told(wire.encoded(wire.REQUEST, asked, self._key), wire.ANSWER)
        return answer if isinstance(answer, Unknown) else _answer(answer, number, asked)

    async def _told(self, message: bytes, kind: str) -> dict[str, str] | Unknown:
        """Give what the host answers, or why that is nothing that may be believed."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(message, kind)
        except TimeoutError:
            return Unknown("timed_out")
        except (OSError, asyncio.IncompleteReadError):
            return Unknown("connection_lost")
        except wire.NotGenuine:
            return Unknown("signature_invalid")

    async def _exchange(self, message: bytes, kind: str) -> dict[str, str]:
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.write(message)
            await writer.drain()
            return wire.decoded(await wire.read_message(reader), kind, self._key)
        finally:
            writer.close()


def _trace(number: str) -> str:
    return f"{crc32(number.encode()) % 1_000_000:06}"


def _amount(amount_minor: int, currency: str) -> dict[str, str]:
    assert currency == "CNY", "this wire carries fen"
    return {"4": f"{amount_minor:012}", "49": _FEN}


def _answer(answer: dict[str, str], number: str, asked: dict[str, str]) -> Answer:
    """Believe an answer about this order only; what is not definite is Unknown."""
    if answer.get("48") != number or answer.get("11") != asked["11"]:
        return Unknown("answer_garbled")
    code = answer.get("39", "")
    if code == DONE:
        return _done(answer)
    if code in OPEN or code in {"", NEVER_SEEN}:
        return Unknown("never_seen" if code == NEVER_SEEN else "processing")
    named = CODES.get(code, f"iso8583_{code}")
    return Failed(named, is_retryable=meaning_of(named).again is not Again.NEVER)


def _done(answer: dict[str, str]) -> Answer:
    if not answer.get("37", "").strip() or not answer.get("4", "").isdecimal() or answer.get("49") != _FEN:
        return Unknown("answer_garbled")
    try:
        at = wire.instant_of(answer)
    except wire.NotGenuine:
        return Unknown("answer_garbled")
    return Succeeded(answer["37"].strip(), at, int(answer["4"]), "CNY")

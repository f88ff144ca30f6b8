"""A message gateway reached over HTTP with signed messages (see wire.py)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import httpx
import msgspec

from tiao.messages.model import Accepted, Answer, NoAnswer, Receipt, Rejected, Throttled
from tiao.messages.providers import wire
from tiao.messages.providers.gateway import TextMessage
from tiao.messages.refusals import ReceiptNotGenuine

TIMEOUT_SECONDS = 10.0
#: A throttle that names no time.
_THROTTLED_SECONDS = 30


class HttpGateway:
    """Hands messages to a gateway that speaks the wire of wire.py."""

    def __init__(self, client: httpx.AsyncClient, *, key: bytes, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        assert key, "an empty key signs nothing"
        self._client = client
        self._key = key
        self._timeout_seconds = timeout_seconds

    async def send(self, message: TextMessage, *, at: datetime) -> Answer:
        """Hand a message over; a time-out, a lost connection, a 5xx, an unsigned or garbled answer is no answer."""
        body = msgspec.json.encode(wire.SendBody(message.message_id.hex, message.phone, message.sender, message.text))
        time = at.isoformat()
        signature = wire.sign_request(self._key, method="POST", path=wire.SEND_PATH, time=time, body=body)
        headers = {"content-type": "application/json", wire.TIME_HEADER: time, wire.SIGNATURE_HEADER: signature}
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._client.post(wire.SEND_PATH, content=body, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            return NoAnswer("timed_out")
        except httpx.HTTPError:
            return NoAnswer("connection_lost")
        expected = wire.sign_answer(
            self._key, request_signature=signature, status=answer.status_code, body=answer.content
        )
        if not wire.is_signature(expected, answer.headers.get(wire.SIGNATURE_HEADER)):
            return NoAnswer("signature_invalid")
        return _read(answer, message.message_id.hex)


def read_receipts(key: bytes, *, path: str, time: str, signature: str, body: bytes) -> list[Receipt]:
    """Read a gateway's receipts once their signature is checked. Refuses: ReceiptNotGenuine."""
    expected = wire.sign_request(key, method="POST", path=path, time=time, body=body)
    if not wire.is_signature(expected, signature):
        raise ReceiptNotGenuine
    try:
        told = msgspec.json.decode(body, type=wire.ReceiptsBody).receipts
        return [
            Receipt(UUID(hex=each.request_no), each.gateway_no, each.status == "delivered", each.code, each.at)
            for each in told
        ]
    except (msgspec.DecodeError, ValueError) as error:
        raise ReceiptNotGenuine("signed, but not receipts") from error


def _read(answer: httpx.Response, request_no: str) -> Answer:
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        told = answer.headers.get(wire.RETRY_HEADER, "")
        return Throttled(int(told) if told.isascii() and told.isdigit() else _THROTTLED_SECONDS)
    if answer.status_code != HTTPStatus.OK:
        return NoAnswer(f"http_{answer.status_code}")
    try:
        said = msgspec.json.decode(answer.content, type=wire.SentBody)
    except msgspec.DecodeError:
        return NoAnswer("answer_garbled")
    if said.request_no != request_no or (said.gateway_no is None) == (said.code is None):
        return NoAnswer("answer_garbled")
    return Accepted(said.gateway_no) if said.gateway_no is not None else Rejected(said.code or "")

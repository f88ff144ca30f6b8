"""A message gateway as a program: it takes texts, loses and throttles some, and posts receipts. It reaches no handset.

What becomes of a message follows from the seed and its number alone; sent again, it is answered as before.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

import httpx
import msgspec

from tiao.messages.providers import wire

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_BYTES_MAX = 16_384
#: Receipts nobody takes are given up after so many attempts.
ATTEMPTS_MAX = 5
RECEIPTS_AT_ONCE = 100
PAUSE_SECONDS = 0.2
#: Where a person at a demo looks at a handset, by its number.
HANDSETS_PATH = "/handsets/"
#: Chinese mobile numbers begin with 1 and have 11 digits; the gateway takes no others.
_DIGITS = 11


class GatewayBehaviour(msgspec.Struct, frozen=True):
    """How the gateway misbehaves. *Shape*: shares of messages, except that *burst* messages pass between throttles.

    *lost*: taken, and the answer does not arrive. *failing*: a 503 the first time. *dead*: no handset answers.
    *twice*: the receipt comes twice. *silent*: it never comes.
    """

    lost: float = 0.0
    failing: float = 0.0
    dead: float = 0.0
    twice: float = 0.0
    silent: float = 0.0
    burst: int = 0
    retry_after_seconds: int = 2


class Taken(NamedTuple):
    """A message that the gateway took; a test reads here what a handset would show."""

    phone: str
    sender: str
    text: str
    gateway_no: str


class SmsSimulator:
    """The gateway as an ASGI program. *receipt_url*: where receipts are posted; without one there are none."""

    def __init__(
        self, key: bytes, *, seed: int, receipt_url: str | None = None, behaviour: GatewayBehaviour | None = None
    ) -> None:
        self.taken: dict[str, Taken] = {}
        self.behaviour = GatewayBehaviour() if behaviour is None else behaviour
        self._key = key
        self._seed = seed
        self._url = httpx.URL(receipt_url) if receipt_url else None
        self._waiting: deque[tuple[wire.ReceiptBody, int]] = deque()
        self._asked: dict[str, int] = {}
        self._since_throttle = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        signature = headers.get(wire.SIGNATURE_HEADER, "")
        body = await _read(receive)
        time = headers.get(wire.TIME_HEADER, "")
        if scope["method"] == "GET" and scope["path"].startswith(HANDSETS_PATH):
            shown = msgspec.json.encode(self.handset(scope["path"].removeprefix(HANDSETS_PATH)))
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
            )
            await send({"type": "http.response.body", "body": shown})
            return
        status, said = self._answer(scope["method"], scope["path"], time, signature, body)
        signed = wire.sign_answer(self._key, request_signature=signature, status=status, body=said)
        reply = [(b"content-type", b"application/json"), (wire.SIGNATURE_HEADER.encode(), signed.encode())]
        if status is HTTPStatus.TOO_MANY_REQUESTS:
            reply.append((wire.RETRY_HEADER.encode(), str(self.behaviour.retry_after_seconds).encode()))
        await send({"type": "http.response.start", "status": int(status), "headers": reply})
        await send({"type": "http.response.body", "body": said})

    def handset(self, phone: str) -> list[str]:
        """Show what a handset would: its texts, the latest last. Here whoever asks may read; it is a simulator."""
        return [each.text for each in self.taken.values() if each.phone == phone]

    async def deliver_receipts(self, client: httpx.AsyncClient) -> int:
        """Post the receipts that wait, once; answers how many were taken."""
        waiting = [self._waiting.popleft() for _ in range(min(len(self._waiting), RECEIPTS_AT_ONCE))]
        if not waiting or self._url is None:
            return 0
        body = msgspec.json.encode(wire.ReceiptsBody([receipt for receipt, _ in waiting]))
        time = waiting[0][0].at.isoformat()
        signature = wire.sign_request(self._key, method="POST", path=self._url.path, time=time, body=body)
        headers = {"content-type": "application/json", wire.TIME_HEADER: time, wire.SIGNATURE_HEADER: signature}
        try:
            is_taken = (await client.post(self._url, content=body, headers=headers)).is_success
        except httpx.HTTPError:
            is_taken = False
        if is_taken:
            return len(waiting)
        self._waiting.extend((receipt, tried + 1) for receipt, tried in waiting if tried + 1 < ATTEMPTS_MAX)
        return 0

    def _answer(self, method: str, path: str, time: str, signature: str, body: bytes) -> tuple[HTTPStatus, bytes]:
        expected = wire.sign_request(self._key, method=method, path=path, time=time, body=body)
        if not wire.is_signature(expected, signature):
            return HTTPStatus.UNAUTHORIZED, b'{"code":"signature_invalid"}'
        if (method, path) != ("POST", wire.SEND_PATH):
            return HTTPStatus.NOT_FOUND, b'{"code":"path_unknown"}'
        try:
            at = msgspec.convert(time, wire.Instant)
            asked = msgspec.json.decode(body, type=wire.SendBody)
        except msgspec.DecodeError:
            return HTTPStatus.BAD_REQUEST, b'{"code":"request_invalid"}'
        return self._take(asked, at)

    def _take(self, asked: wire.SendBody, at: datetime) -> tuple[HTTPStatus, bytes]:
        number = asked.request_no
        known = self.taken.get(number)
        if known is not None:
            return HTTPStatus.OK, msgspec.json.encode(wire.SentBody(number, known.gateway_no))
        self._asked[number] = self._asked.get(number, 0) + 1
        is_first = self._asked[number] == 1
        if is_first and self._chance(number, "failing") < self.behaviour.failing:
            return HTTPStatus.SERVICE_UNAVAILABLE, b'{"code":"unavailable"}'
        if self.behaviour.burst and self._since_throttle >= self.behaviour.burst:
            self._since_throttle = 0
            return HTTPStatus.TOO_MANY_REQUESTS, b'{"code":"throttled"}'
        self._since_throttle += 1
        if not (asked.phone.isascii() and asked.phone.isdigit() and len(asked.phone) == _DIGITS):
            return HTTPStatus.OK, msgspec.json.encode(wire.SentBody(number, code="number_invalid"))
        gateway_no = hashlib.sha256(f"{self._seed}/{number}".encode()).hexdigest()[:20]
        self.taken[number] = Taken(asked.phone, asked.sender, asked.text, gateway_no)
        self._tell(number, gateway_no, at)
        if self._chance(number, "lost") < self.behaviour.lost:
            return HTTPStatus.GATEWAY_TIMEOUT, b""
        return HTTPStatus.OK, msgspec.json.encode(wire.SentBody(number, gateway_no))

    def _tell(self, number: str, gateway_no: str, at: datetime) -> None:
        if self._chance(number, "silent") < self.behaviour.silent:
            return
        is_dead = self._chance(number, "dead") < self.behaviour.dead
        status = wire.ReceiptStatus.UNDELIVERED if is_dead else wire.ReceiptStatus.DELIVERED
        receipt = wire.ReceiptBody(number, gateway_no, status, at, "unreachable" if is_dead else None)
        is_twice = self._chance(number, "twice") < self.behaviour.twice
        self._waiting.extend([(receipt, 0)] * (2 if is_twice else 1))

    def _chance(self, number: str, what: str) -> float:
        """Draw a number in [0, 1) that belongs to the seed, the message and *what*."""
        drawn = hashlib.sha256(f"{self._seed}/{what}/{number}".encode()).digest()
        return int.from_bytes(drawn[:6], "big") / 2**48

    async def _live(self, receive: Receive, send: Send) -> None:
        """Post receipts for as long as the server runs."""
        await receive()
        async with httpx.AsyncClient(timeout=10) as client:
            posting = asyncio.create_task(self._post_for_ever(client))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            posting.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _post_for_ever(self, client: httpx.AsyncClient) -> None:
        while True:
            await self.deliver_receipts(client)
            await asyncio.sleep(PAUSE_SECONDS)


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")[: BODY_BYTES_MAX - len(body)]
        more = bool(message.get("more_body", False))
    return body

"""What the bank tells unasked, taken in as the API takes it: checked, recorded, and harmless when it comes twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import httpx

from tiao.payments import actions as payments
from tiao.payments.providers import wire
from tiao.payments.providers.http_bank import read_notice
from tiao.runtime.db import Tx
from tiao.servicing.repaying import book_debits
from tiao.simulator.neighbours import Neighbours
from tiao.simulator.platform import Platform

Message = MutableMapping[str, Any]


class Mailbox:
    """An ASGI program that takes the bank's notices in this process."""

    def __init__(self, platform: Platform, neighbours: Neighbours) -> None:
        self._platform = platform
        self._neighbours = neighbours

    async def deliver(self) -> int:
        """Let the bank post what waits, and count what was taken."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self)) as client:
            return await self._neighbours.bank_server.deliver_notices(client)

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Take one notice."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        notice = read_notice(
            self._neighbours.bank_key,
            path=scope["path"],
            time=headers[wire.TIME_HEADER],
            signature=headers[wire.SIGNATURE_HEADER],
            body=body,
        )

        async def record(tx: Tx) -> None:
            await payments.receive_notice(tx, await self._platform.moments(tx), notice, book_debits)

        await self._platform.db.retrying(record)
        await send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": []})
        await send({"type": "http.response.body", "body": b""})

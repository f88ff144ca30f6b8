"""A light HTTP/1.1 client: keep-alive connections that each send one request and wait for its answer.

It does as little as a client can, so that its own processor time stays beside what it measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
#: Where the status stands in "HTTP/1.1 200 OK".
_STATUS = slice(9, 12)


class Reply(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection; requests on it are asked one after the other."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        assert isinstance(transport, asyncio.Transport), "streams are asked for"
        self._transport = transport

    async def ask(self, request: bytes) -> Reply:
        """Send a request and wait for all of its answer. Raises ConnectionError when there comes none."""
        assert self._transport is not None, "a connection is opened before it is used"
        assert self._answer is None, "one request at a time"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        """Take in what came; answer when it is whole."""
        self._received += data
        head = self._received.find(_HEAD_END)
        if head < 0:
            return
        lowered = self._received[: head + 2].lower()
        at = lowered.find(_LENGTH)
        assert at >= 0, "tiao says how long its answers are"
        at += len(_LENGTH)
        begin = head + len(_HEAD_END)
        end = begin + int(lowered[at : lowered.index(b"\r", at)])
        if len(self._received) < end or self._answer is None:
            return
        reply = Reply(int(lowered[_STATUS]), self._received[begin:end])
        self._received = self._received[end:]
        answer, self._answer = self._answer, None
        if not answer.done():
            answer.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the connection was closed before the answer"))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Connection]]:
    """Open connections to a port of this machine."""
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    try:
        for _ in range(count):
            _, each = await loop.create_connection(Connection, "127.0.0.1", port)
            opened.append(each)
        yield opened
    finally:
        for each in opened:
            each.close()


def get(path: str) -> bytes:
    """Write a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post(path: str, body: bytes, *, token: str, key: str) -> bytes:
    """Write a POST of JSON with a key."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

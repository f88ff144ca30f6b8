"""Sending calls: once, or again with the same key while no answer comes or the server is busy."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import httpx
import msgspec

from tiao_client.calls import Call
from tiao_client.errors import Unreachable, error_of
from tiao_client.models import Page

T = TypeVar("T")

#: Between tries, at most; each pause is drawn, so that many clients do not come back at one moment.
_PAUSE_FIRST_SECONDS, _PAUSE_MOST_SECONDS = 0.2, 5.0
_AGAIN = frozenset({429, 502, 503, 504})
_TOO_LONG_SECONDS = 60.0


class Settings(NamedTuple):
    """How a client behaves. *tries*: how often a call is sent before it is given up."""

    tries: int = 4
    timeout_seconds: float = 10.0


class _Sending(NamedTuple):
    request: httpx.Request
    key: str | None


class _Sender:
    """What both clients share: how a call becomes a request, and an answer a value."""

    def __init__(self, url: str, token: str, settings: Settings) -> None:
        self.url = url
        self.settings = settings
        self.headers = {"authorization": f"Bearer {token}", "user-agent": "tiao-client/0.1"}

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"{type(self).__name__}({self.url})"

    def _prepared(self, http: httpx.Client | httpx.AsyncClient, call: Call[T]) -> _Sending:
        key = None
        headers = {}
        if call.method == "POST":
            key = headers["idempotency-key"] = call.key or str(uuid.uuid4())
        request = http.build_request(
            call.method,
            call.path,
            params=dict(call.params) or None,
            headers=headers,
            json=call.body,
        )
        return _Sending(request, key)

    def _pause(self, tried: int, answer: httpx.Response | None) -> float | None:
        """Say how long to wait before the next try; None when there is none."""
        if tried >= self.settings.tries or (answer is not None and answer.status_code not in _AGAIN):
            return None
        said = "" if answer is None else answer.headers.get("retry-after", "")
        if said.isascii() and said.isdigit():
            return min(float(said), _TOO_LONG_SECONDS)
        most = min(_PAUSE_MOST_SECONDS, _PAUSE_FIRST_SECONDS * 2**tried)
        return random.uniform(most / 2, most)  # noqa: S311  spreads clients out; no secret depends on it

    @staticmethod
    def _read(call: Call[T], answer: httpx.Response) -> T:
        if not answer.is_success:
            raise error_of(answer.status_code, answer.content)
        return msgspec.json.decode(answer.content, type=call.answer)


class Client(_Sender):
    """Sends calls and waits for their answers.

    >>> with Client("https://pay.example", token) as tiao:
    ...     session = tiao.send(calls.create_session(reference="1042", amount_minor=120_000, description="A bookcase"))
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        settings: Settings = Settings(),  # noqa: B008  an immutable value
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, token, settings)
        self._http = httpx.Client(
            base_url=url, headers=self.headers, timeout=settings.timeout_seconds, transport=transport
        )

    def send(self, call: Call[T]) -> T:
        """Send a call. Raises ProblemError for a "no", Unreachable when no answer came."""
        sending, tried = self._prepared(self._http, call), 0
        while True:
            tried += 1
            answer, why = None, ""
            try:
                answer = self._http.send(sending.request)
            except httpx.TransportError as error:
                why = f"{type(error).__name__}: {error}"
            pause = self._pause(tried, answer)
            if pause is None:
                if answer is None:
                    raise Unreachable(why, sending.key)
                return self._read(call, answer)
            time.sleep(pause)

    def each(self, call: Call[Page[T]]) -> Iterator[T]:
        """Go through a list, page by page."""
        while True:
            page = self.send(call)
            yield from page.data
            if not page.has_more or page.next is None:
                return
            call = call._replace(params={**call.params, "after": page.next})

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()


class AsyncClient(_Sender):
    """Sends the same calls without keeping anybody else waiting."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        settings: Settings = Settings(),  # noqa: B008  an immutable value
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(url, token, settings)
        self._http = httpx.AsyncClient(
            base_url=url, headers=self.headers, timeout=settings.timeout_seconds, transport=transport
        )

    async def send(self, call: Call[T]) -> T:
        """Send a call. Raises ProblemError for a "no", Unreachable when no answer came."""
        sending, tried = self._prepared(self._http, call), 0
        while True:
            tried += 1
            answer, why = None, ""
            try:
                answer = await self._http.send(sending.request)
            except httpx.TransportError as error:
                why = f"{type(error).__name__}: {error}"
            pause = self._pause(tried, answer)
            if pause is None:
                if answer is None:
                    raise Unreachable(why, sending.key)
                return self._read(call, answer)
            await asyncio.sleep(pause)

    async def each(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        """Go through a list, page by page."""
        while True:
            page = await self.send(call)
            for item in page.data:
                yield item
            if not page.has_more or page.next is None:
                return
            call = call._replace(params={**call.params, "after": page.next})

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()

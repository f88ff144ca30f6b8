"""The notices the simulated bank posts about what it decided: some twice, some never, each signed."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import httpx
import msgspec

from tiao.payments.providers import wire

#: A notice nobody takes is given up after so many attempts; the other side asks anyway.
ATTEMPTS_MAX = 5


class _Waiting(NamedTuple):
    body: wire.NoticeBody
    attempts: int


class Notices:
    """The notices that wait to be posted to *url*; without one, none are kept."""

    def __init__(self, url: str | None, key: bytes) -> None:
        self._url = httpx.URL(url) if url else None
        self._key = key
        self._waiting: deque[_Waiting] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, notice: wire.NoticeBody, *, times: int) -> None:
        """Queue a notice, as often as it is to be sent."""
        if self._url is not None:
            self._waiting.extend([_Waiting(notice, 0)] * times)

    async def deliver(self, client: httpx.AsyncClient) -> int:
        """Post what waits, once each; what is not taken waits again. Counts those taken."""
        taken = 0
        for _ in range(len(self._waiting)):
            waiting = self._waiting.popleft()
            if await self._post(client, waiting.body):
                taken += 1
            elif waiting.attempts + 1 < ATTEMPTS_MAX:
                self._waiting.append(waiting._replace(attempts=waiting.attempts + 1))
        return taken

    async def _post(self, client: httpx.AsyncClient, notice: wire.NoticeBody) -> bool:
        assert self._url is not None, "a notice waits only for somebody"
        body = msgspec.json.encode(notice)
        time = notice.outcome.at.isoformat()
        signature = wire.sign_request(self._key, method="POST", path=self._url.path, time=time, body=body)
        headers = {
            "content-type": "application/json",
            wire.TIME_HEADER: time,
            wire.SIGNATURE_HEADER: signature,
        }
        try:
            response = await client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return response.is_success

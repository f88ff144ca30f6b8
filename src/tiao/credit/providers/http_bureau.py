"""A bureau behind HTTP: a signed JSON query, a signed JSON answer, and a deadline."""

from __future__ import annotations

import asyncio
import hmac
from datetime import datetime
from http import HTTPStatus

import httpx
import msgspec

from tiao.credit.model import BureauReport, NoReport, Report
from tiao.credit.providers.bureau import PATH, PURPOSE, SIGNATURE_HEADER, Query, sign, sign_answer

#: A shopper waits at the till for this answer; later it is as good as none.
DEADLINE_SECONDS = 2.0


class HttpBureau:
    """Asks a bureau over HTTP. The caller owns the client, its base address and its certificates."""

    def __init__(self, client: httpx.AsyncClient, secret: bytes, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._client = client
        self._secret = secret
        self._deadline_seconds = deadline_seconds

    async def report(self, subject: bytes, *, at: datetime) -> Report:
        """Ask once. Late, failed, unsigned and unreadable answers are all `NoReport.UNAVAILABLE`."""
        body = msgspec.json.encode(Query(subject.hex(), PURPOSE))
        signature = sign(self._secret, timestamp=int(at.timestamp()), body=body)
        headers = {"content-type": "application/json", SIGNATURE_HEADER: signature}
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await self._client.post(PATH, content=body, headers=headers)
        except (TimeoutError, httpx.HTTPError):
            return NoReport.UNAVAILABLE
        return self._read(answer, signature)

    def _read(self, answer: httpx.Response, query_signature: str) -> Report:
        expected = sign_answer(self._secret, query_signature=query_signature, body=answer.content)
        if not hmac.compare_digest(answer.headers.get(SIGNATURE_HEADER, "").encode(), expected.encode()):
            return NoReport.UNAVAILABLE
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return NoReport.THIN_FILE
        if answer.status_code != HTTPStatus.OK:
            return NoReport.UNAVAILABLE
        try:
            return msgspec.json.decode(answer.content, type=BureauReport)
        except msgspec.DecodeError:
            return NoReport.UNAVAILABLE

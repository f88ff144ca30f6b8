"""The register of companies behind HTTP: a signed question, a signed answer, and a deadline."""

from __future__ import annotations

import asyncio
import hmac
from datetime import datetime
from http import HTTPStatus

import httpx

from tiao.partners.onboarding.model import NoRecord, Record
from tiao.partners.onboarding.providers.registry import PATH, SIGNATURE_HEADER, record_of, sign, sign_answer

#: Somebody at a desk waits for it.
DEADLINE_SECONDS = 5.0


class HttpRegistry:
    """Asks the register over HTTP. The caller owns the client, its base address and its certificates."""

    def __init__(self, client: httpx.AsyncClient, secret: bytes, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._client = client
        self._secret = secret
        self._deadline_seconds = deadline_seconds

    async def look_up(self, credit_code: str, *, at: datetime) -> Record | NoRecord:
        """Ask once. Late, failed, unsigned and unreadable answers are all `NoRecord.UNAVAILABLE`."""
        path = f"{PATH}{credit_code}"
        signature = sign(self._secret, timestamp=int(at.timestamp()), path=path)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await self._client.get(path, headers={SIGNATURE_HEADER: signature})
        except (TimeoutError, httpx.HTTPError):
            return NoRecord.UNAVAILABLE
        expected = sign_answer(self._secret, question_signature=signature, body=answer.content)
        if not hmac.compare_digest(answer.headers.get(SIGNATURE_HEADER, "").encode(), expected.encode()):
            return NoRecord.UNAVAILABLE
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return NoRecord.NOT_REGISTERED
        if answer.status_code != HTTPStatus.OK:
            return NoRecord.UNAVAILABLE
        return record_of(answer.content, credit_code) or NoRecord.UNAVAILABLE

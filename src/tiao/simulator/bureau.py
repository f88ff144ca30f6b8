"""A credit bureau that knows everybody, made up from a public sample: an ASGI program, in process or served.

Which row a person gets, and whether the bureau knows the person, is late or out of order, follows from the seed and the
person alone: asked again it says the same.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import msgspec

from tiao.credit.model import MONTHS, BureauReport
from tiao.credit.providers.bureau import PATH, SIGNATURE_HEADER, Query, is_signed, sign_answer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]

#: A query is under 200 bytes; nothing longer is read.
BODY_BYTES_MAX = 4096


class Behaviour(msgspec.Struct, frozen=True):
    """How the bureau misbehaves: shares of people it does not know, answers late to, or fails to answer."""

    thin_share: float = 0.0
    unavailable_share: float = 0.0
    slow_share: float = 0.0
    slow_seconds: float = 3.0


class BureauSimulator:
    """The bureau as an ASGI program. *wait* is how it is slow.

    *now* tells its time, against which the age of a query is checked; without it any age will do, for queries of a
    programme on a test clock carry that clock's time.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        seed: int,
        now: Callable[[], datetime] | None = None,
        rows: Sequence[BureauReport] | None = None,
        behaviour: Behaviour | None = None,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._secret = secret
        self._seed = seed
        self._now = now
        self._rows = sample_rows() if rows is None else rows
        self._behaviour = Behaviour() if behaviour is None else behaviour
        self._wait = wait

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        signature = {name.decode(): value.decode() for name, value in scope["headers"]}.get(SIGNATURE_HEADER, "")
        status, answer = HTTPStatus.BAD_REQUEST, b'{"error":"no such path"}'
        if (scope["method"], scope["path"]) == ("POST", PATH):
            status, answer = await self._answer(body, signature)
        headers = [
            (b"content-type", b"application/json"),
            (SIGNATURE_HEADER.encode(), sign_answer(self._secret, query_signature=signature, body=answer).encode()),
        ]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def report_on(self, subject: bytes) -> BureauReport | None:
        """Say what it knows of a person; None when it does not know the person."""
        if self._chance(subject, "thin") < self._behaviour.thin_share:
            return None
        return self._rows[int(self._chance(subject, "row") * len(self._rows))]

    async def _answer(self, body: bytes, signature: str) -> tuple[HTTPStatus, bytes]:
        if not is_signed(self._secret, signature, body=body, at=None if self._now is None else self._now()):
            return HTTPStatus.UNAUTHORIZED, b'{"error":"signature"}'
        try:
            query = msgspec.json.decode(body, type=Query)
            subject = bytes.fromhex(query.subject)
        except (msgspec.DecodeError, ValueError):
            return HTTPStatus.BAD_REQUEST, b'{"error":"query"}'
        if self._chance(subject, "slow") < self._behaviour.slow_share:
            await self._wait(self._behaviour.slow_seconds)
        if self._chance(subject, "unavailable") < self._behaviour.unavailable_share:
            return HTTPStatus.SERVICE_UNAVAILABLE, b'{"error":"unavailable"}'
        report = self.report_on(subject)
        if report is None:
            return HTTPStatus.NOT_FOUND, b'{"error":"unknown subject"}'
        return HTTPStatus.OK, msgspec.json.encode(report)

    def _chance(self, subject: bytes, what: str) -> float:
        """Draw a number in [0, 1) that belongs to the seed, the person and *what*."""
        drawn = hashlib.sha256(f"{self._seed}/{what}/".encode() + subject).digest()
        return int.from_bytes(drawn[:6], "big") / 2**48


@cache
def sample_rows() -> tuple[BureauReport, ...]:
    """Read the shipped sample. Source: credit/data/ATTRIBUTION.md."""
    text = (files("tiao.credit") / "data" / "taiwan_sample.csv").read_text(encoding="utf-8")
    return tuple(_report(row) for row in csv.DictReader(io.StringIO(text)))


def _report(row: dict[str, str]) -> BureauReport:
    months = range(1, MONTHS + 1)
    return BureauReport(
        statuses=tuple(int(row[f"PAY_{month if month > 1 else 0}"]) for month in months),
        bills=tuple(int(row[f"BILL_AMT{month}"]) for month in months),
        payments=tuple(int(row[f"PAY_AMT{month}"]) for month in months),
        limit=int(row["LIMIT_BAL"]),
    )


async def _read(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")[: BODY_BYTES_MAX - len(body)]
        more = bool(message.get("more_body", False))
    return body

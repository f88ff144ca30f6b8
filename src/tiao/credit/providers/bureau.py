"""What credit asks of a bureau, and the wire form on which adapter and simulator agree."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tiao.credit.model import Report

PATH = "/v1/reports"
SIGNATURE_HEADER = "bureau-signature"
#: What the law wants a query to say: why it is made (Regulation on Credit Reporting, art. 18 and 20).
PURPOSE = "credit_application"
#: How far two clocks may differ before a signature counts as a replay.
SKEW_MAX_SECONDS = 300


class Bureau(Protocol):
    """A credit bureau. It is asked before a transaction opens; no answer is an answer."""

    async def report(self, subject: bytes, *, at: datetime) -> Report:
        """Ask for a person's report. *Shape*: the subject is the reference agreed with the bureau, here a digest."""


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a query; *subject* in hexadecimal digits."""

    subject: str
    purpose: str


def sign(secret: bytes, *, timestamp: int, body: bytes) -> str:
    """Sign a query. *Shape*: ``t=<Unix seconds>,v1=<HMAC-SHA-256 of "t.body", hex>``."""
    return f"t={timestamp},v1={hmac.digest(secret, b'%d.' % timestamp + body, 'sha256').hex()}"


def sign_answer(secret: bytes, *, query_signature: str, body: bytes) -> str:
    """Sign an answer; it covers the query's signature, so that an answer cannot be given to another query."""
    return hmac.digest(secret, query_signature.encode() + b"." + body, "sha256").hex()


def is_signed(secret: bytes, header: str, *, body: bytes, at: datetime | None) -> bool:
    """Check a query's signature, and that it was made about *at*; without that instant its age is not asked."""
    timestamp = header.partition(",")[0].removeprefix("t=")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if at is not None and abs(int(timestamp) - at.timestamp()) > SKEW_MAX_SECONDS:
        return False
    return hmac.compare_digest(header.encode(), sign(secret, timestamp=int(timestamp), body=body).encode())


async def reports(bureau: Bureau, subjects: Sequence[bytes], *, at: datetime, at_once: int = 16) -> list[Report]:
    """Ask for many reports, *at_once* at a time; the answers come in order."""
    gate = asyncio.Semaphore(at_once)

    async def one(subject: bytes) -> Report:
        async with gate:
            return await bureau.report(subject, at=at)

    return await asyncio.gather(*(one(subject) for subject in subjects))

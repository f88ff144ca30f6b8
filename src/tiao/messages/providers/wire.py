"""The wire between tiao and a message gateway: JSON over HTTP, each request and receipt signed with a shared key.

Signature: HMAC-SHA256 over the lines  scheme, method, path, time, SHA-256 of the body in hex; an answer's over
scheme, the request's signature, status, SHA-256 in hex. An answer thereby belongs to its request. The time is the
programme's, so a gateway for tests takes any; a real one refuses what is older than it likes.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

TIME_HEADER = "x-sms-time"
SIGNATURE_HEADER = "x-sms-signature"
RETRY_HEADER = "retry-after"
SEND_PATH = "/v1/messages"
_REQUEST_SCHEME = "TIAO-SMS-REQUEST-1"
_ANSWER_SCHEME = "TIAO-SMS-ANSWER-1"

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class SendBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message handed over."""

    request_no: str
    phone: str
    sender: str
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class SentBody(msgspec.Struct, frozen=True):
    """The gateway's answer: its number, or why it will not take the message."""

    request_no: str
    gateway_no: str | None = None
    code: str | None = None


class ReceiptStatus(StrEnum):
    """What became of a message on its way to the handset."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class ReceiptBody(msgspec.Struct, frozen=True):
    """One receipt."""

    request_no: str
    gateway_no: str
    status: ReceiptStatus
    at: Instant
    code: str | None = None


class ReceiptsBody(msgspec.Struct, frozen=True):
    """Receipts, told unasked."""

    receipts: Annotated[list[ReceiptBody], msgspec.Meta(min_length=1, max_length=500)]


def sign_request(key: bytes, *, method: str, path: str, time: str, body: bytes) -> str:
    """Sign a request or receipts. *Shape*: 64 hex digits."""
    return _sign(key, _REQUEST_SCHEME, method, path, time, hashlib.sha256(body).hexdigest())


def sign_answer(key: bytes, *, request_signature: str, status: int, body: bytes) -> str:
    """Sign an answer. *Shape*: 64 hex digits."""
    return _sign(key, _ANSWER_SCHEME, request_signature, str(status), hashlib.sha256(body).hexdigest())


def is_signature(expected: str, given: str | None) -> bool:
    """Compare signatures without telling by the time taken where they differ."""
    return hmac.compare_digest(expected.encode(), (given or "").encode())


def _sign(key: bytes, *lines: str) -> str:
    return hmac.digest(key, "\n".join(lines).encode(), "sha256").hex()

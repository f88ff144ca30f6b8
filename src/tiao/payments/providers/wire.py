"""The wire between tiao and a bank: JSON over HTTP, each message signed with a shared key.

Signature of a request or notice:  HMAC-SHA256 over the lines  scheme, method, path, time, SHA-256 of the body in hex.
Signature of an answer:            HMAC-SHA256 over the lines  scheme, the request's signature, status, SHA-256 in hex.
An answer is thereby bound to its question and cannot be given to another one. A request that is sent twice does no
harm: its number is executed once. The time is business time: a simulated bank lives in the programme's calendar.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

TIME_HEADER = "x-bank-time"
SIGNATURE_HEADER = "x-bank-signature"
_REQUEST_SCHEME = b"TIAO-BANK-REQUEST-1"
_ANSWER_SCHEME = b"TIAO-BANK-ANSWER-1"

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Path(StrEnum):
    """What a bank can be asked."""

    DEBIT = "/v1/debits"
    QUERY_DEBIT = "/v1/debits/query"
    PAY_OUT = "/v1/payouts"
    QUERY_PAYOUTS = "/v1/payouts/query"
    BIND = "/v1/agreements"
    ELEMENTS = "/v1/elements"
    FILES = "/v1/files"


class FileKind(StrEnum):
    """What a file of a day is."""

    PAYMENTS = "payments"
    STATEMENT = "statement"


class Status(StrEnum):
    """What became of an order, in the bank's words."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PROCESSING = "processing"


class OrderBody(msgspec.Struct, frozen=True):
    """A debit, or one line of a batch of payouts."""

    request_no: str
    agreement: str
    amount_minor: Annotated[int, msgspec.Meta(gt=0)]
    currency: str


class PayoutsBody(msgspec.Struct, frozen=True):
    """A batch of payouts."""

    orders: Annotated[list[OrderBody], msgspec.Meta(min_length=1, max_length=1000)]


class QueryBody(msgspec.Struct, frozen=True):
    """A question about orders. A debit never seen is closed by it: its number will be refused from then on."""

    request_nos: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1000)]


class OutcomeBody(msgspec.Struct, frozen=True):
    """What became of an order; one that was never seen has no amount."""

    request_no: str
    status: Status
    at: Instant
    code: str | None = None
    channel_no: str | None = None
    amount_minor: int | None = None
    currency: str | None = None


class OutcomesBody(msgspec.Struct, frozen=True):
    """What became of orders; those left out are not known yet."""

    outcomes: list[OutcomeBody]


class BindBody(msgspec.Struct, frozen=True):
    """A request for a debit agreement."""

    request_no: str
    account_no: str
    holder_name: str


class BoundBody(msgspec.Struct, frozen=True):
    """The bank's answer to it: an agreement and how to show the account, or a code."""

    agreement: str | None = None
    display: str | None = None
    code: str | None = None


class ElementsBody(msgspec.Struct, frozen=True):
    """Four elements to check against each other."""

    request_no: str
    account_no: str
    holder_name: str
    identity_number: str
    phone: str

    def __repr__(self) -> str:
        """Say nothing about the person."""
        return "ElementsBody(...)"


class ElementsAnswer(msgspec.Struct, frozen=True):
    """Whether they belong together; without a code they do. *account_class* is 1, 2 or 3."""

    request_no: str
    code: str | None = None
    account_class: int | None = None


class DayFileBody(msgspec.Struct, frozen=True):
    """Which file of a day is asked for: its payments, or the account's statement (camt.053)."""

    day: date
    kind: FileKind


class DayFileAnswer(msgspec.Struct, frozen=True):
    """The file, deflated; nothing while it is not there."""

    content: bytes | None = None


class NoticeBody(msgspec.Struct, frozen=True):
    """What a bank tells unasked."""

    subject: str
    outcome: OutcomeBody


def sign_request(key: bytes, *, method: str, path: str, time: str, body: bytes) -> str:
    """Sign a request or notice. *Shape*: 64 hex digits."""
    return _sign(key, _REQUEST_SCHEME, method.encode(), path.encode(), time.encode(), _digest(body))


def sign_answer(key: bytes, *, request_signature: str, status: int, body: bytes) -> str:
    """Sign the answer to a request. *Shape*: 64 hex digits."""
    return _sign(key, _ANSWER_SCHEME, request_signature.encode(), str(status).encode(), _digest(body))


def is_signature(expected: str, given: str | None) -> bool:
    """Compare signatures without telling by the time taken where they differ."""
    return hmac.compare_digest(expected.encode(), (given or "").encode())


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _sign(key: bytes, *lines: bytes) -> str:
    return hmac.new(key, b"\n".join(lines), hashlib.sha256).hexdigest()

"""What is decided about telling: what an answer means, when to try again, what a message says, where it may go."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from tiao.events.model import Delivery, EventKind, NewEndpoint
from tiao.events.refusals import EndpointAddressInvalid
from tiao.events.sending import URL_MAX, Answer, is_public
from tiao.values.ids import show_id

_S, _M, _H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: After which pauses an endpoint is told again; with the first attempt, which is at once, ten. About 76 hours together.
#: Source: Standard Webhooks specification 1.0.0, "Deliverability and reliability".
PLAN = (5 * _S, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H)
#: A pause is up to so much longer, by chance, so that what failed together does not come back together.
JITTER = 0.1
#: Nobody puts us off for longer.
PUT_OFF_MAX = timedelta(hours=24)
#: Endpoints of one merchant.
ENDPOINTS_MAX = 16
#: Secrets of one endpoint that sign at once.
SECRETS_MAX = 4
#: How long an old secret goes on signing beside its successor, unless told otherwise.
GRACE = timedelta(days=1)
#: What the ids of subjects begin with.
PREFIXES = {
    "purchase": "pur",
    "refund": "ref",
    "dispute": "dsp",
    "settlement": "stl",
    "withdrawal": "wdl",
    "merchant": "mer",
    "contract": "mer",
}
#: Subjects whose key is a purchase.
_OF_PURCHASES = frozenset({"refund", "dispute"})
_NUMBER_BYTES = 8
#: More digits say nothing more: longer than a day is a day.
_DIGITS_MAX = 9


class Outcome(StrEnum):
    """What an answer means for a delivery."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GONE = "gone"
    EXHAUSTED = "exhausted"


class Verdict(NamedTuple):
    """What follows from an answer. *rests_until* holds for the whole endpoint."""

    outcome: Outcome
    due_at: datetime | None = None
    rests_until: datetime | None = None


def verdict(answer: Answer, *, attempts: int, at: datetime, chance: float) -> Verdict:
    """Say what follows from the answer to the last of *attempts*; *chance* from 0 to 1 sets the jitter.

    Only 2xx is success; 410 ends the endpoint; a Retry-After puts off everything the endpoint is to be told.
    """
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(Outcome.DELIVERED)
    if answer.status == HTTPStatus.GONE:
        return Verdict(Outcome.GONE)
    if attempts > len(PLAN):
        return Verdict(Outcome.EXHAUSTED)
    due_at = at + PLAN[attempts - 1] * (1 + JITTER * chance)
    pause = retry_after(answer.retry_after, at)
    if pause is None:
        return Verdict(Outcome.AGAIN, due_at)
    rests_until = at + pause
    return Verdict(Outcome.AGAIN, max(due_at, rests_until), rests_until)


def retry_after(said: str | None, at: datetime) -> timedelta | None:
    """Read how long to stay away, a day at most: seconds, or until an instant; None for anything else.

    Source: RFC 9110, section 10.2.3.
    """
    text = (said or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:_DIGITS_MAX])), PUT_OFF_MAX)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return None if until.tzinfo is None else min(max(until - at, timedelta(0)), PUT_OFF_MAX)


def check_endpoint(new: NewEndpoint, allow: frozenset[str]) -> None:
    """Check where a merchant wants to be told: HTTPS to a public host, or a host that a sandbox allows.

    A name is resolved when it is called, and what it leads to is checked then. Refuses: EndpointAddressInvalid.
    """
    try:
        parts = urlsplit(new.url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointAddressInvalid(pointer="/url") from error
    is_plain = not parts.username and not parts.password and not parts.fragment
    if not host or len(new.url) > URL_MAX or not is_plain or any(sign <= " " for sign in new.url):
        raise EndpointAddressInvalid(pointer="/url")
    if host in allow and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https" or host == "localhost" or is_public(host) is False:
        raise EndpointAddressInvalid(pointer="/url")


def event_id(bucket: int, number: int) -> UUID:
    """Give an event's id: its number, and in the last byte its bucket."""
    return UUID(bytes=number.to_bytes(_NUMBER_BYTES, "big") + bytes(15 - _NUMBER_BYTES) + bytes([bucket]))


def event_number(identifier: UUID) -> int:
    """Read an event's number off its id; its bucket is read as any id's."""
    return int.from_bytes(identifier.bytes[:_NUMBER_BYTES], "big")


def told(kind: EventKind, subject_id: UUID, key_id: UUID) -> dict[str, str]:
    """Say what an event is about: ids only, so that whoever reads along learns nothing about anybody."""
    subject = kind.subject
    about = {"object": subject, "id": show_id(PREFIXES[subject], subject_id)}
    if subject in _OF_PURCHASES:
        about["purchase"] = show_id("pur", key_id)
    return about


def message_of(delivery: Delivery) -> dict[str, object]:
    """Write what an endpoint is told; the same for every attempt."""
    return {
        "id": show_id("evt", event_id(delivery.bucket, delivery.event_number)),
        "type": delivery.kind.value,
        "timestamp": delivery.happened_at.isoformat(),
        "data": told(delivery.kind, delivery.subject_id, delivery.key_id),
    }

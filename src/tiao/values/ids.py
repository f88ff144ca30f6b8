"""Ids: 128 bits, ordered by time, and for everything that belongs to a customer the last byte is the bucket.

An id therefore knows where its row lives: no look-up is needed to route `GET /v1/purchases/{id}` to a server
(docs/decisions/0004-ids-and-buckets.md). Outside the platform an id is text: a prefix that says what it names, `_`, and
32 hex digits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Protocol
from uuid import UUID, SafeUUID

from tiao.values.refusal import Kind, Refusal

BUCKETS = 256
_DIGITS = re.compile("[0-9a-f]{32}")


class MalformedId(Refusal):
    """The id is not of the form prefix_ followed by 32 hexadecimal digits."""

    kind = Kind.INVALID


class IdSource(Protocol):
    """Where new ids come from: chance and time are arguments, so a seeded run repeats itself."""

    def __call__(self, at: datetime, bucket: int | None = None) -> UUID:
        """Make an id for something recorded at *at*, in *bucket* when it belongs to a customer."""


def id_source(random_bytes: Callable[[int], bytes]) -> IdSource:
    """Make ids of 48 bits of milliseconds, 72 bits of chance and 8 bits of bucket (RFC 9562 version 8 layout)."""

    def new_id(at: datetime, bucket: int | None = None) -> UUID:
        raw = bytearray(int(at.timestamp() * 1000).to_bytes(6, "big") + random_bytes(10))
        raw[6] = 0x80 | (raw[6] & 0x0F)
        raw[8] = 0x80 | (raw[8] & 0x3F)
        if bucket is not None:
            raw[15] = bucket
        return _made(raw)

    return new_id


def seeded_ids(seed: int | str) -> IdSource:
    """Make ids whose chance comes from *seed*; for simulation, replay and tests."""
    return id_source(Random(seed).randbytes)  # noqa: S311  repeatability is the point; no secret depends on it


def derived_id(*parts: str | bytes | UUID, bucket: int | None = None) -> UUID:
    """Derive an id from what it names, so that doing the same thing twice meets itself."""
    said = b""
    for part in parts:
        raw = part.bytes if isinstance(part, UUID) else part.encode() if isinstance(part, str) else part
        said += len(raw).to_bytes(4, "big") + raw
    value = bytearray(hashlib.sha256(said).digest()[:16])
    value[6] = 0x80 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    if bucket is not None:
        value[15] = bucket
    return _made(value)


def _made(raw: bytes | bytearray) -> UUID:
    """Make the id of 16 bytes, past a constructor that sorts out six ways of being called at five times the cost."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(raw, "big"))
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def bucket_of(identifier: UUID) -> int:
    """Read the bucket, 0 to 255, from an id that belongs to a customer."""
    return identifier.int & 0xFF


def show_id(prefix: str, identifier: UUID) -> str:
    """Write an id the way the API shows it."""
    return f"{prefix}_{identifier.hex}"


def read_id(prefix: str, text: str) -> UUID:
    """Read an id from the API's form. Refuses: MalformedId."""
    head, _, digits = text.partition("_")
    if head != prefix or _DIGITS.fullmatch(digits) is None:
        raise MalformedId(f"expected {prefix}_ and 32 hexadecimal digits", pointer=prefix)
    return _made(bytes.fromhex(digits))

"""Arrays as parameters, in PostgreSQL's binary form: sets of rows go to the server without being spelled out as text.

The driver writes a Python list as text, element by element, with quoting; for the sets of the purchase path that was
more than half of all client time. These wrappers name the element type and are packed in one go.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import numpy as np
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEADER = struct.Struct(">iiiii")
_LENGTH = struct.Struct(">i")
_DAY = struct.Struct(">ii")
_NULL = b"\xff\xff\xff\xff"
#: The length of an id, as it stands before its 128 bits.
_UUID_FRAME = 16 << 128
_HEX_FRAME = "00000010"
_EPOCH = date(2000, 1, 1).toordinal()


class Smallints(list[int]):
    """A ``smallint[]``."""


class Integers(list[int]):
    """An ``integer[]``."""


class Bigints(list[int]):
    """A ``bigint[]``."""


class Doubles(list[float]):
    """A ``double precision[]``."""


class Booleans(list[bool]):
    """A ``boolean[]``."""


class Uuids(list[UUID | None]):
    """A ``uuid[]``; None is null."""


class Hexes(list[str]):
    """A ``uuid[]`` of ids that are known by their 32 hexadecimal digits."""


class Texts(list[str | None]):
    """A ``text[]``; None is null."""


class Blobs(list[bytes]):
    """A ``bytea[]``."""


class Dates(list[date | None]):
    """A ``date[]``; None is null."""


def _array(element_oid: int, count: int, body: bytes, *, has_null: bool = False) -> bytes:
    if count == 0:
        return _HEADER.pack(0, 0, element_oid, 0, 0)[:12]
    return _HEADER.pack(1, int(has_null), element_oid, count, 1) + body


class _Kind(NamedTuple):
    """A kind of number on the wire: its code in `struct`, its size, and a record of it with its length."""

    code: str
    size: int
    record: np.dtype[np.void]


def _kind(code: str, size: int, kind: str) -> _Kind:
    return _Kind(code, size, np.dtype([("length", ">i4"), ("value", kind)]))


_SMALL, _INTEGER, _BIG = _kind("h", 2, ">i2"), _kind("i", 4, ">i4"), _kind("q", 8, ">i8")
_BOOLEAN, _DOUBLE = _kind("?", 1, "?"), _kind("d", 8, ">f8")
#: Up to so many numbers are packed sooner than an array of them is set up.
_PACKED_MAX = 160


@lru_cache(maxsize=1024)
def _packer(code: str, count: int) -> struct.Struct:
    return struct.Struct(">" + f"i{code}" * count)


def _numbers(element_oid: int, kind: _Kind, values: Sequence[float]) -> bytes:
    count = len(values)
    if count <= _PACKED_MAX:
        framed: list[float] = [kind.size] * (2 * count)
        framed[1::2] = values
        return _array(element_oid, count, _packer(kind.code, count).pack(*framed))
    records = np.empty(count, dtype=kind.record)
    records["length"] = kind.size
    records["value"] = values
    return _array(element_oid, count, records.tobytes())


def _framed(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


class _Binary(Dumper):
    format = Format.BINARY


class _SmallintsDumper(_Binary):
    oid = 1005

    def dump(self, obj: Smallints) -> bytes:
        return _numbers(21, _SMALL, obj)


class _IntegersDumper(_Binary):
    oid = 1007

    def dump(self, obj: Integers) -> bytes:
        return _numbers(23, _INTEGER, obj)


class _BigintsDumper(_Binary):
    oid = 1016

    def dump(self, obj: Bigints) -> bytes:
        return _numbers(20, _BIG, obj)


class _DoublesDumper(_Binary):
    oid = 1022

    def dump(self, obj: Doubles) -> bytes:
        return _numbers(701, _DOUBLE, obj)


class _BooleansDumper(_Binary):
    oid = 1000

    def dump(self, obj: Booleans) -> bytes:
        return _numbers(16, _BOOLEAN, obj)


class _DatesDumper(_Binary):
    oid = 1182

    def dump(self, obj: Dates) -> bytes:
        # A set has few days: each is framed once.
        frames = {day: _NULL if day is None else _DAY.pack(4, day.toordinal() - _EPOCH) for day in set(obj)}
        return _array(1082, len(obj), b"".join([frames[day] for day in obj]), has_null=None in frames)


class _UuidsDumper(_Binary):
    oid = 2951

    def dump(self, obj: Uuids) -> bytes:
        # From the number: the property `bytes` costs twice as much, and ids are most of what is sent.
        parts = [_NULL if value is None else (_UUID_FRAME | value.int).to_bytes(20, "big") for value in obj]
        return _array(2950, len(obj), b"".join(parts), has_null=_NULL in parts)


class _HexesDumper(_Binary):
    oid = 2951

    def dump(self, obj: Hexes) -> bytes:
        # All in one go: an id made of each costs ten times as much.
        return _array(2950, len(obj), bytes.fromhex("".join([_HEX_FRAME + value for value in obj])))


class _TextsDumper(_Binary):
    oid = 1009

    def dump(self, obj: Texts) -> bytes:
        # Codes and currencies repeat: each text is framed once.
        frames = {value: _NULL if value is None else _framed(value.encode()) for value in set(obj)}
        return _array(25, len(obj), b"".join([frames[value] for value in obj]), has_null=None in frames)


class _BlobsDumper(_Binary):
    oid = 1001

    def dump(self, obj: Blobs) -> bytes:
        return _array(17, len(obj), b"".join(map(_framed, obj)))


def register_arrays() -> None:
    """Teach the driver these wrappers, for every connection opened from now on."""
    for wrapper, dumper in (
        (Smallints, _SmallintsDumper),
        (Integers, _IntegersDumper),
        (Bigints, _BigintsDumper),
        (Doubles, _DoublesDumper),
        (Booleans, _BooleansDumper),
        (Dates, _DatesDumper),
        (Uuids, _UuidsDumper),
        (Hexes, _HexesDumper),
        (Texts, _TextsDumper),
        (Blobs, _BlobsDumper),
    ):
        psycopg.adapters.register_dumper(wrapper, dumper)

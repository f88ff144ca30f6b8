"""A customer's row: its own state, then whom it met, each a record of fixed length, the oldest acquaintance first."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import msgspec

from tiao.risk.features.entity import EntityState, PairState
from tiao.risk.features.stored import NONE, STORED_VERSION, entity_from_bytes, entity_to_bytes, length_of
from tiao.risk.refusals import StateUnreadable

#: So many counterparts of a customer are remembered, the latest; with an older one it is as if for the first time.
PAIRS_MAX = 64
#: A key of 128 bits, when they met last, how often, and which group the other is of.
PAIR = struct.Struct("<16sqii")

#: Somebody a customer met: which group, the key's hexadecimal digits, and what is remembered of both together.
Met = tuple[int, str, PairState]


class _Pair(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    place: int
    other: str
    seen: int
    last_at: int | None


class _Former(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    state: bytes
    pairs: list[_Pair]


_TODAY = bytes((STORED_VERSION,))
_FORMER_VERSION = 1
_FORMER = msgspec.msgpack.Decoder(_Former)


def dossier_to_bytes(state: EntityState, met: Iterable[Met]) -> bytes:
    """Write a customer's row."""
    return entity_to_bytes(state) + b"".join(
        PAIR.pack(bytes.fromhex(other), NONE if pair.last_at is None else pair.last_at, pair.seen, place)
        for place, other, pair in met
    )


def dossier_from_bytes(content: bytes) -> tuple[EntityState, list[Met]]:
    """Read a customer's row. Refuses: StateUnreadable."""
    length = length_of(content)
    met = [
        (place, key.hex(), _pair(seen, None if last_at == NONE else last_at))
        for key, last_at, seen, place in PAIR.iter_unpack(content[length:])
    ]
    return entity_from_bytes(content[:length]), met


def of_today(content: bytes, *, is_customer: bool) -> bytes:
    """Bring a row as it was kept into the form of today. Refuses: StateUnreadable."""
    if content[:1] == _TODAY:
        rest = len(content) - length_of(content)
        if rest and (not is_customer or rest % PAIR.size):
            raise StateUnreadable(f"{rest} bytes behind a state")
        return content
    if not is_customer:
        return entity_to_bytes(entity_from_bytes(content))
    try:
        read = _FORMER.decode(content)
    except msgspec.DecodeError as error:
        raise StateUnreadable(str(error)) from error
    if read.version != _FORMER_VERSION:
        raise StateUnreadable(f"version {read.version}, this one reads {_FORMER_VERSION}")
    met = [(each.place, each.other, _pair(each.seen, each.last_at)) for each in read.pairs]
    return dossier_to_bytes(entity_from_bytes(read.state), met)


def trimmed(content: bytes) -> bytes:
    """Forget the oldest acquaintances where there are too many: those kept stand by age."""
    length = length_of(content)
    if len(content) - length <= PAIRS_MAX * PAIR.size:
        return content
    met = sorted(PAIR.iter_unpack(content[length:]), key=_age)
    return content[:length] + b"".join(PAIR.pack(*each) for each in met[-PAIRS_MAX:])


def _age(met: tuple[bytes, int, int, int]) -> tuple[int, int, bytes]:
    key, last_at, _, place = met
    return 0 if last_at == NONE else last_at, place, key


def _pair(seen: int, last_at: int | None) -> PairState:
    pair = PairState()
    pair.seen, pair.last_at = seen, last_at
    return pair

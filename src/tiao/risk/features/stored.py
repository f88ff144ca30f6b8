"""States as bytes: explicit, versioned, with every bit of every number.

A state is a head of fixed fields, then the ends of units that differ from the one before, from the oldest on, then the
payments of the last minutes. The layouts are those of `tiao.risk.features.columns`, which reads a set at once. What an
earlier version wrote (MessagePack) is read, and written anew when it changes.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Literal

import msgspec

from tiao.risk.features.definition import FOLD_VERSION, RECENT_MAX
from tiao.risk.features.entity import RING, EntityState, PairState, Recent, Totals
from tiao.risk.refusals import StateUnreadable

#: The first byte of a state; MessagePack's arrays begin with larger ones.
STORED_VERSION = 3
#: An instant or a unit that is not known.
NONE = -(2**63)
NO_OUTCOME = -1

#: Version, ends, recent payments, last outcome; usual, runs; instants; mean, variance; amount, unit; the other totals.
HEAD = struct.Struct("<BBBb3i6q2d2q5i4x")
#: An end of a unit: amount, the other totals, and how many units before the open one.
CHANGE = struct.Struct("<q5ii")
#: A payment of the last minutes: when, how much, with whom.
RECENT = struct.Struct("<qqI4x")
_HEAD_SIZE, _CHANGE_SIZE, _RECENT_SIZE = HEAD.size, CHANGE.size, RECENT.size


class _Entity(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    kind: Literal["E"]
    version: int
    usual: int
    fraud_run: int
    plain_run: int
    mean: float
    variance: float
    last_at: int | None
    first_plain_fraud_at: int | None
    fraud_at: int | None
    genuine_at: int | None
    plain_run_at: int | None
    high_at: int | None
    last_outcome: int | None
    day: int | None
    runs: list[tuple[int, Totals]]
    recent: list[Recent] = []


class _Pair(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    kind: Literal["P"]
    version: int
    seen: int
    last_at: int | None


_ENCODER = msgspec.msgpack.Encoder()
_ENTITIES = msgspec.msgpack.Decoder(_Entity)
_PAIRS = msgspec.msgpack.Decoder(_Pair)


def entity_to_bytes(state: EntityState) -> bytes:
    """Write a state."""
    ends = _by_age(state)
    before = [(0,) * 6, *ends]
    changes = [(end, RING - place) for place, (last, end) in enumerate(pairwise(before)) if end != last]
    payments, amount, *others = state.totals
    head = HEAD.pack(
        STORED_VERSION,
        len(changes),
        len(state.recent),
        NO_OUTCOME if state.last_outcome is None else state.last_outcome,
        state.usual,
        state.fraud_run,
        state.plain_run,
        _known(state.last_at),
        _known(state.first_plain_fraud_at),
        _known(state.fraud_at),
        _known(state.genuine_at),
        _known(state.plain_run_at),
        _known(state.high_at),
        state.mean,
        state.variance,
        amount,
        _known(state.day),
        payments,
        *others,
    )
    return b"".join(
        (
            head,
            *(CHANGE.pack(end[1], end[0], *end[2:], back) for end, back in changes),
            *(RECENT.pack(*each) for each in state.recent),
        )
    )


def length_of(content: bytes) -> int:
    """Tell how many bytes the state at the beginning takes. Refuses: StateUnreadable."""
    if len(content) < _HEAD_SIZE or content[0] != STORED_VERSION:
        raise StateUnreadable(f"{len(content)} bytes that do not begin with version {STORED_VERSION}")
    changes, recent = content[1], content[2]
    length = _HEAD_SIZE + changes * _CHANGE_SIZE + recent * _RECENT_SIZE
    if changes > RING or recent > RECENT_MAX or length > len(content):
        raise StateUnreadable(f"{changes} units and {recent} payments in {len(content)} bytes")
    return length


def entity_from_bytes(content: bytes) -> EntityState:
    """Read a state. Refuses: StateUnreadable."""
    if content[:1] != bytes((STORED_VERSION,)):
        return _former(content)
    if length_of(content) != len(content):
        raise StateUnreadable(f"{len(content)} bytes, {length_of(content)} are a state")
    state = EntityState()
    _, changes, _, last_outcome, state.usual, state.fraud_run, state.plain_run, *rest = HEAD.unpack_from(content)
    instants = [None if each == NONE else each for each in rest[:6]]
    state.last_at, state.first_plain_fraud_at, state.fraud_at, state.genuine_at = instants[:4]
    state.plain_run_at, state.high_at = instants[4:]
    state.mean, state.variance, amount, day = rest[6:10]
    state.last_outcome = None if last_outcome == NO_OUTCOME else last_outcome
    state.day = None if day == NONE else day
    payments, *others = rest[10:]
    state.totals = (payments, amount, *others)
    begin = HEAD.size
    recent = begin + changes * CHANGE.size
    ends: list[Totals] = []
    last: Totals = (0,) * 6
    for amount, payments, *others, back in CHANGE.iter_unpack(content[begin:recent]):
        if not 1 <= back <= RING - len(ends):
            raise StateUnreadable(f"a unit {back} before the open one, after {len(ends)}")
        ends += [last] * (RING - back - len(ends))
        last = (payments, amount, *others)
    ends += [last] * (RING - len(ends))
    _turn(state, ends)
    state.recent = list(RECENT.iter_unpack(content[recent:]))
    return state


def pair_to_bytes(state: PairState) -> bytes:
    """Write a state."""
    return _ENCODER.encode(("P", FOLD_VERSION, state.seen, state.last_at))


def pair_from_bytes(content: bytes) -> PairState:
    """Read a state. Refuses: StateUnreadable."""
    try:
        read = _PAIRS.decode(content)
    except msgspec.DecodeError as error:
        raise StateUnreadable(str(error)) from error
    _check_version(read.version)
    state = PairState()
    state.seen, state.last_at = read.seen, read.last_at
    return state


def _former(content: bytes) -> EntityState:
    """Read what was written before: how many ends in a row are equal, with what they are; the totals come last."""
    try:
        read = _ENTITIES.decode(content)
    except msgspec.DecodeError as error:
        raise StateUnreadable(str(error)) from error
    _check_version(read.version)
    state = EntityState()
    state.usual, state.fraud_run, state.plain_run = read.usual, read.fraud_run, read.plain_run
    state.mean, state.variance = read.mean, read.variance
    state.last_at, state.first_plain_fraud_at = read.last_at, read.first_plain_fraud_at
    state.fraud_at, state.genuine_at = read.fraud_at, read.genuine_at
    state.plain_run_at, state.high_at = read.plain_run_at, read.high_at
    state.last_outcome, state.day = read.last_outcome, read.day
    ends: list[Totals] = []
    for times, totals in read.runs:
        if not 0 < times <= RING + 1:
            raise StateUnreadable(f"a run of {times} units")
        ends += [totals] * times
    if len(ends) != RING + 1:
        raise StateUnreadable(f"{len(ends)} units, not {RING + 1}")
    state.totals = ends.pop()
    _turn(state, ends)
    state.recent = read.recent
    return state


def _by_age(state: EntityState) -> list[Totals]:
    oldest = _oldest(state)
    return state.ends[oldest:] + state.ends[:oldest]


def _turn(state: EntityState, by_age: list[Totals]) -> None:
    """Put the ends, the oldest first, where the ring has them."""
    oldest = -_oldest(state) % RING
    state.ends = by_age[oldest:] + by_age[:oldest]


def _oldest(state: EntityState) -> int:
    """Tell where the oldest end stands: where the unit that is open will be closed, for the ends are a ring."""
    return 0 if state.day is None else state.day % RING


def _known(instant: int | None) -> int:
    return NONE if instant is None else instant


def _check_version(version: int) -> None:
    if version != FOLD_VERSION:
        raise StateUnreadable(f"version {version}, this fold reads {FOLD_VERSION}")

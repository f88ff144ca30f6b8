"""States as bytes: explicit, versioned, with every bit of every number.

A state is a MessagePack array that begins with its kind and the version of the fold. The ends of units are written from
the oldest on, how many in a row are equal with what they are; the totals of the open unit come last. The payments of
the last minutes follow where there are any.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tiao.risk.features.definition import FOLD_VERSION
from tiao.risk.features.entity import RING, EntityState, PairState, Recent, Totals
from tiao.risk.refusals import StateUnreadable


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
    return _ENCODER.encode(
        (
            "E",
            FOLD_VERSION,
            state.usual,
            state.fraud_run,
            state.plain_run,
            state.mean,
            state.variance,
            state.last_at,
            state.first_plain_fraud_at,
            state.fraud_at,
            state.genuine_at,
            state.plain_run_at,
            state.high_at,
            state.last_outcome,
            state.day,
            _runs(state),
            *((state.recent,) if state.recent else ()),
        )
    )


def entity_from_bytes(content: bytes) -> EntityState:
    """Read a state. Refuses: StateUnreadable."""
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
    oldest = -_oldest(state) % RING
    state.ends = ends[oldest:] + ends[:oldest]
    state.recent = read.recent
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


def _runs(state: EntityState) -> list[tuple[int, Totals]]:
    """Shape: the ends of units from the oldest on, then the totals; equal neighbours once, with their number."""
    oldest = _oldest(state)
    runs: list[tuple[int, Totals]] = []
    last, times = state.ends[oldest], 0
    for totals in (*state.ends[oldest:], *state.ends[:oldest], state.totals):
        if totals is last or totals == last:
            times += 1
        else:
            runs.append((times, last))
            last, times = totals, 1
    runs.append((times, last))
    return runs


def _oldest(state: EntityState) -> int:
    """Tell where the oldest end stands: where the unit that is open will be closed, for the ends are a ring."""
    return 0 if state.day is None else state.day % RING


def _check_version(version: int) -> None:
    if version != FOLD_VERSION:
        raise StateUnreadable(f"version {version}, this fold reads {FOLD_VERSION}")

"""States as bytes: explicit, versioned, with every bit of every number.

An integer is a zigzag varint, an instant that may be missing is preceded by a byte, a float is its eight bytes. The
ends of units are written from the oldest on: how many in a row are equal, then by how much they differ from the last.
"""

from __future__ import annotations

import struct
from typing import Final

from tiao.risk.features.definition import FOLD_VERSION
from tiao.risk.features.entity import RING, EntityState, PairState, Totals
from tiao.risk.refusals import StateUnreadable

_ENTITY, _PAIR = b"E"[0], b"P"[0]
_FLOATS: Final = struct.Struct("<dd")


def entity_to_bytes(state: EntityState) -> bytes:
    """Write a state."""
    out = bytearray((_ENTITY, FOLD_VERSION))
    for number in (state.usual, state.fraud_run, state.plain_run):
        _write(out, number)
    out += _FLOATS.pack(state.mean, state.variance)
    for maybe in (
        state.last_at,
        state.first_plain_fraud_at,
        state.fraud_at,
        state.genuine_at,
        state.plain_run_at,
        state.high_at,
        state.last_outcome,
        state.day,
    ):
        _write_maybe(out, maybe)
    before: Totals = (0, 0, 0, 0, 0, 0)
    for times, totals in _runs(state):
        out.append(times)
        for number, last in zip(totals, before, strict=True):
            _write(out, number - last)
        before = totals
    return bytes(out)


def entity_from_bytes(content: bytes) -> EntityState:
    """Read a state. Refuses: StateUnreadable."""
    read = _Reader(content, _ENTITY)
    state = EntityState()
    state.usual, state.fraud_run, state.plain_run = read.number(), read.number(), read.number()
    state.mean, state.variance = read.floats()
    state.last_at, state.first_plain_fraud_at = read.maybe(), read.maybe()
    state.fraud_at, state.genuine_at = read.maybe(), read.maybe()
    state.plain_run_at, state.high_at = read.maybe(), read.maybe()
    state.last_outcome, state.day = read.maybe(), read.maybe()
    ends: list[Totals] = []
    totals: Totals = (0, 0, 0, 0, 0, 0)
    while len(ends) < RING + 1:
        times = read.byte()
        a, b, c, d, e, f = totals
        totals = (
            a + read.number(),
            b + read.number(),
            c + read.number(),
            d + read.number(),
            e + read.number(),
            f + read.number(),
        )
        if times == 0:
            raise StateUnreadable("a run of no units")
        ends += [totals] * times
    read.end()
    start = 0 if state.day is None else state.day
    for place, end in enumerate(ends[:RING]):
        state.ends[(start + place) % RING] = end
    state.totals = ends[RING]
    return state


def pair_to_bytes(state: PairState) -> bytes:
    """Write a state."""
    out = bytearray((_PAIR, FOLD_VERSION))
    _write(out, state.seen)
    _write_maybe(out, state.last_at)
    return bytes(out)


def pair_from_bytes(content: bytes) -> PairState:
    """Read a state. Refuses: StateUnreadable."""
    read = _Reader(content, _PAIR)
    state = PairState()
    state.seen, state.last_at = read.number(), read.maybe()
    read.end()
    return state


def _runs(state: EntityState) -> list[tuple[int, Totals]]:
    """Shape: the ends of the last units from the oldest on, then the totals, equal neighbours once with their number.

    The oldest end stands where the unit that is open will be closed: a ring.
    """
    start = 0 if state.day is None else state.day
    runs: list[tuple[int, Totals]] = []
    for totals in [*(state.ends[(start + place) % RING] for place in range(RING)), state.totals]:
        if runs and runs[-1][1] == totals:
            runs[-1] = (runs[-1][0] + 1, totals)
        else:
            runs.append((1, totals))
    return runs


def _write(out: bytearray, number: int) -> None:
    left = number << 1 if number >= 0 else (-number << 1) - 1
    while left > 0x7F:  # noqa: PLR2004  seven bits a byte
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)


def _write_maybe(out: bytearray, number: int | None) -> None:
    out.append(number is not None)
    if number is not None:
        _write(out, number)


class _Reader:
    """Reads what the functions above wrote."""

    def __init__(self, content: bytes, kind: int) -> None:
        self._content = content
        self._at = 2
        if len(content) < self._at or content[0] != kind:
            raise StateUnreadable("not a state of this kind")
        if content[1] != FOLD_VERSION:
            raise StateUnreadable(f"version {content[1]}, this fold reads {FOLD_VERSION}")

    def byte(self) -> int:
        if self._at >= len(self._content):
            raise StateUnreadable("it ends too early")
        self._at += 1
        return self._content[self._at - 1]

    def number(self) -> int:
        value, shift = 0, 0
        while True:
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:  # noqa: PLR2004  the last byte of a number
                return -(value + 1 >> 1) if value & 1 else value >> 1
            shift += 7

    def maybe(self) -> int | None:
        return self.number() if self.byte() else None

    def floats(self) -> tuple[float, float]:
        if self._at + _FLOATS.size > len(self._content):
            raise StateUnreadable("it ends too early")
        first, second = _FLOATS.unpack_from(self._content, self._at)
        self._at += _FLOATS.size
        return first, second

    def end(self) -> None:
        if self._at != len(self._content):
            raise StateUnreadable("something follows")

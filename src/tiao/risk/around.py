"""What is known around a purchase besides its features: the ring of its customer, what speaks against its merchant."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import NamedTuple

from tiao.risk.graph.model import Counts, Indicators
from tiao.risk.graph.rules import ALONE, NEW, indicators
from tiao.risk.merchants.model import Alarm
from tiao.risk.rules.tree import Kind

_NAN = float("nan")

#: What rules call it, its kind, what it speaks of and what a missing one means; in the order of the values.
RING_TERMS = (
    ("ring.size", Kind.NUMBER, "network"),
    ("ring.new_share", Kind.NUMBER, "network"),
    ("ring.bad_share", Kind.NUMBER, "network"),
    ("is_in_ring", Kind.BOOLEAN, "network"),
)
MERCHANT_TERMS = (
    ("merchant.days_28", Kind.NUMBER, "merchant"),
    ("merchant.refund_share_28", Kind.NUMBER, "merchant"),
    ("merchant.just_below_share_28", Kind.NUMBER, "merchant"),
    ("merchant.draining_share_28", Kind.NUMBER, "merchant"),
    ("merchant.linked_share_28", Kind.NUMBER, "merchant"),
    *((f"merchant_alarm.{each.value}", Kind.BOOLEAN, "merchant") for each in Alarm),
)
TERMS = (*RING_TERMS, *MERCHANT_TERMS)
UNCOUNTED = "no day of the merchant has been counted yet"

#: Nothing is known: nobody could be asked.
UNKNOWN: tuple[float, ...] = (_NAN,) * len(TERMS)
_RING = len(RING_TERMS)
_BOOLEAN = tuple(kind is Kind.BOOLEAN for _, kind, _ in TERMS)


class Sighted(NamedTuple):
    """How a customer hangs together with others, as the look finds it. Units: *joined* in microseconds."""

    size: int
    bads: int
    is_bad: bool
    joined: tuple[int, ...]


def ring_of(sighted: Sighted | None, at: int) -> tuple[float, ...]:
    """Give the ring of a customer at an instant; of somebody whom nothing links, that."""
    if sighted is None:
        return _ALONE
    new_from = at - round(NEW.total_seconds() * 1_000_000)
    # The latest 64 are known by their instant; of more, nobody needs to know more than that so many are new.
    new = sum(each > new_from for each in sighted.joined)
    share = new * sighted.size // len(sighted.joined) if sighted.joined else 0
    return _of(indicators(Counts(sighted.size, sighted.bads, share, sighted.is_bad)))


def packed(ring: Sequence[float], merchant: Sequence[float] | None) -> bytes:
    """Write what is around a purchase as it is kept; a customer alone at a merchant not counted yet takes no room."""
    if merchant is None and tuple(ring) == _ALONE:
        return b""
    values = (*ring, *(UNKNOWN[_RING:] if merchant is None else merchant))
    return struct.pack(f"<{len(values)}d", *values)


def unpacked(content: bytes) -> tuple[float, ...]:
    """Read what was around a purchase."""
    return struct.unpack(f"<{len(content) // 8}d", content) if content else _QUIET


def row_of_around(values: Sequence[float]) -> list[object]:
    """Lay it out as rules read it: a boolean is true, false or None."""
    return [
        (None if math.isnan(value) else value > 0) if is_boolean else value
        for value, is_boolean in zip(values, _BOOLEAN, strict=True)
    ]


def _of(found: Indicators) -> tuple[float, ...]:
    return (float(found.ring_size), found.ring_new_share, found.ring_bad_share, float(found.is_ring))


_ALONE = _of(ALONE)
_QUIET = (*_ALONE, *UNKNOWN[_RING:])

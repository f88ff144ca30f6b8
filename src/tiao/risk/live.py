"""What risk control sees of a purchase: the features of everybody it names, and what its order and line say.

The definition is one for every programme. Amounts are minor units throughout, so a rule's `500 CNY` and a mean amount
are the same sort of number.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

import msgspec

from tiao.risk.around import TERMS, UNCOUNTED, UNKNOWN, row_of_around, unpacked
from tiao.risk.features.definition import (
    ENTITY_FEATURES,
    PAIR_FEATURES,
    Definition,
    Group,
    features_of,
    pairs_of,
    recent_of,
)
from tiao.risk.rules.tree import NO_PLACE, Catalogue, Kind, Term

CUSTOMER, MERCHANT, DEVICE, IP, TERMINAL = range(5)
ENTITIES = ("customer", "merchant", "device", "ip", "terminal")
DAY_US = 86_400_000_000

#: Who is new is held against 200.00 with a deviation of 300.00: a typical basket, until the payer's own is known.
LIVE = Definition(
    groups=tuple(Group(name, name) for name in ENTITIES),
    payer=CUSTOMER,
    unit_us=DAY_US,
    usual_amount=20_000.0,
    usual_variance=9.0e8,
    pairs=((CUSTOMER, MERCHANT), (CUSTOMER, DEVICE), (CUSTOMER, IP)),
    minutes=(1, 5, 15),
)
#: What lists name besides whom a purchase names: what its customer was seen with.
PERSONAL = ("phone", "card", "address")
_NAMES = tuple(feature.name for feature in features_of(LIVE))
_WIDTH = len(_NAMES)
_MONEY = frozenset({"mean_amount_7", "amount_15m"})
_PAIRS = pairs_of(LIVE)
_NAN = float("nan")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Asked(NamedTuple):
    """A purchase as risk control is asked about it.

    Shape: *entities* in the order of `ENTITIES`: ids and keyed digests in hexadecimal digits, None where it names none.
    """

    at: datetime
    hour: int
    weekday: int
    entities: tuple[str | None, ...]
    amount_minor: int
    limit_minor: int
    held_minor: int
    used_minor: int
    plan: str
    scene: str
    is_captured: bool
    is_quoted: bool


class Inputs(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Everything a decision was made from, as it is kept. Units: *at* in microseconds since 1970.

    Shape: *values* holds the features of the entities named by the bits of *named*, then those of their pairs, as
    little-endian doubles, then those of their last minutes. *around* as `tiao.risk.around` packs it. *listed* pairs an
    entity with a list.
    *softened*: rules that hold and whose share of the traffic was used up.
    """

    version: int
    at: int
    hour: int
    weekday: int
    amount_minor: int
    limit_minor: int
    held_minor: int
    used_minor: int
    plan: str
    scene: str
    is_captured: bool
    is_quoted: bool
    named: int
    values: bytes
    listed: list[tuple[str, str]]
    softened: list[str]
    fallback: str
    around: bytes = b""


#: From the second on, the last minutes and what is around a purchase are known.
INPUTS_VERSION = 2
_WITHOUT_MINUTES = 1
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Inputs)


@lru_cache(64)  # a set has one instant
def microseconds(at: datetime) -> int:
    """Give an instant in microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """Give the instant of a number of microseconds since 1970."""
    return _EPOCH + at * _MICROSECOND


@cache
def catalogue(currency: str) -> Catalogue:
    """List all that a rule may read, with amounts in *currency*."""
    terms = [
        Term(_in_rules(feature.name), _kind(feature.name), place, feature.family, feature.null)
        for place, feature in enumerate(features_of(LIVE))
    ]
    orders = (
        ("amount", Kind.MONEY, "transaction"),
        ("line.limit", Kind.MONEY, "customer"),
        ("line.held", Kind.MONEY, "customer"),
        ("line.used", Kind.MONEY, "customer"),
        ("hour", Kind.NUMBER, "transaction"),
        ("weekday", Kind.NUMBER, "transaction"),
        ("plan", Kind.CATEGORY, "transaction"),
        ("scene", Kind.CATEGORY, "merchant"),
        ("is_captured", Kind.BOOLEAN, "transaction"),
        ("is_quoted", Kind.BOOLEAN, "transaction"),
        *((name, Kind.ENTITY, name) for name in ENTITIES),
        *TERMS,
    )
    terms += [
        Term(name, kind, _WIDTH + place, family, UNCOUNTED if name.startswith("merchant") and "." in name else "")
        for place, (name, kind, family) in enumerate(orders)
    ]
    terms += [Term(name, Kind.ENTITY, NO_PLACE, "customer") for name in PERSONAL]
    return Catalogue({term.name: term for term in terms}, currency)


def row_of(values: Sequence[float], inputs: Inputs) -> list[object]:
    """Lay a payment out as rules read it. Shape: the features, then what the order says, in the catalogue's order."""
    return [
        *values,
        float(inputs.amount_minor),
        float(inputs.limit_minor),
        float(inputs.held_minor),
        float(inputs.used_minor),
        float(inputs.hour),
        float(inputs.weekday),
        inputs.plan,
        inputs.scene,
        inputs.is_captured,
        inputs.is_quoted,
        *_NAMED[inputs.named],
        *_around(inputs),
    ]


_NAMED = [
    tuple(True if named >> place & 1 else None for place in range(len(ENTITIES))) for named in range(1 << len(ENTITIES))
]
_NOBODY_ASKED = row_of_around(UNKNOWN)
_NOTHING_AROUND = row_of_around(unpacked(b""))


def _around(inputs: Inputs) -> list[object]:
    if inputs.around:
        return row_of_around(unpacked(inputs.around))
    return _NOTHING_AROUND if inputs.values and inputs.version > _WITHOUT_MINUTES else _NOBODY_ASKED


def inputs_of(
    asked: Asked,
    values: Sequence[float],
    listed: Sequence[tuple[str, str]],
    fallback: str,
    around: bytes = b"",
) -> Inputs:
    """Put together what a decision is made from; without values, nothing was known of anybody."""
    named = 0
    for place, key in enumerate(asked.entities):
        if key is not None:
            named |= 1 << place
    kept: list[float] = []
    if values:
        for start, stop in _kept(named, INPUTS_VERSION):
            kept += values[start:stop]
    return Inputs(
        INPUTS_VERSION,
        microseconds(asked.at),
        asked.hour,
        asked.weekday,
        asked.amount_minor,
        asked.limit_minor,
        asked.held_minor,
        asked.used_minor,
        asked.plan,
        asked.scene,
        asked.is_captured,
        asked.is_quoted,
        named,
        struct.pack(f"<{len(kept)}d", *kept),
        list(listed),
        [],
        fallback,
        around,
    )


def values_of(inputs: Inputs) -> list[float]:
    """Give the features of a decision back, missing where it named nobody or nothing was known."""
    values = [_NAN] * _WIDTH
    kept = struct.unpack(f"<{len(inputs.values) // 8}d", inputs.values)
    at = 0
    if kept:
        for start, stop in _kept(inputs.named, inputs.version):
            values[start:stop] = kept[at : at + stop - start]
            at += stop - start
    return values


def named_values(inputs: Inputs) -> dict[str, float]:
    """Give the features of a decision by the names that rules call them; missing ones are absent."""
    values = values_of(inputs)
    return {_in_rules(name): value for name, value in zip(_NAMES, values, strict=True) if not math.isnan(value)}


def to_bytes(inputs: Inputs) -> bytes:
    """Write what a decision was made from; one that was kept before is written as it was."""
    if inputs.version > _WITHOUT_MINUTES:
        return _ENCODER.encode(inputs)
    return _ENCODER.encode(msgspec.structs.astuple(inputs)[:-1])


def from_bytes(content: bytes) -> Inputs:
    """Read what a decision was made from."""
    return _DECODER.decode(content)


@cache
def _kept(named: int, version: int) -> tuple[tuple[int, int], ...]:
    """Say where the values stand that are not missing for want of an entity."""
    width, pair_width = len(ENTITY_FEATURES), len(PAIR_FEATURES)
    places = [(place * width, (place + 1) * width) for place in range(len(ENTITIES)) if named >> place & 1]
    begin = len(ENTITIES) * width
    for number, (first, second) in enumerate(_PAIRS):
        if named >> first & 1 and named >> second & 1:
            places.append((begin + number * pair_width, begin + (number + 1) * pair_width))
    begin += len(_PAIRS) * pair_width
    width = len(recent_of(LIVE)) if version > _WITHOUT_MINUTES else 0
    places += [
        (begin + place * width, begin + (place + 1) * width)
        for place in range(len(ENTITIES))
        if width and named >> place & 1
    ]
    return tuple(places)


def _in_rules(name: str) -> str:
    return name.replace("+", "_")


def _kind(name: str) -> Kind:
    what = name.rpartition(".")[2]
    if what in _MONEY:
        return Kind.MONEY
    return Kind.DURATION if what.startswith("since") else Kind.NUMBER

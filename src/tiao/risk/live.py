"""What risk control sees of a purchase: the features of everybody it names, and what its order and line say.

The definition is one for every programme. Amounts are minor units throughout, so a rule's `500 CNY` and a mean amount
are the same sort of number.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache, partial
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

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
from tiao.risk.packing import packed, unpacked_values
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
Floats = npt.NDArray[np.float64]
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

    Shape: *values* holds the features of the entities named by the bits of *named*, then those of their pairs, then
    those of their last minutes, as `tiao.risk.packing` packs them. *around* as `tiao.risk.around` packs it.
    *listed* pairs an entity with a list. *softened*: rules that hold and whose share of the traffic was used up.
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


#: From the second on, the last minutes and what is around a purchase are known; from the third on values are packed.
INPUTS_VERSION = 3
WITHOUT_MINUTES, UNPACKED = 1, 2
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


def rows_of(values: Floats, inputs: Sequence[Inputs], places: Sequence[int]) -> list[tuple[object, ...]]:
    """Lay payments out as rules read them, of each just what stands at some places of the catalogue.

    Shape: *values* (payments, features).
    """
    columns: list[Sequence[object]] = []
    around: list[list[object]] = []
    for place in places:
        at = place - _WIDTH
        if at < 0:
            columns.append(values[:, place].tolist())
        elif at < len(_ORDER):
            columns.append([_ORDER[at](each) for each in inputs])
        else:
            around = around or [_around(each) for each in inputs]
            columns.append([each[at - len(_ORDER)] for each in around])
    return list(zip(*columns, strict=True)) if columns else [()] * len(inputs)


def _is_named(place: int, inputs: Inputs) -> bool | None:
    return True if inputs.named >> place & 1 else None


#: What an order says, in the catalogue's order.
_ORDER: tuple[Callable[[Inputs], object], ...] = (
    lambda inputs: float(inputs.amount_minor),
    lambda inputs: float(inputs.limit_minor),
    lambda inputs: float(inputs.held_minor),
    lambda inputs: float(inputs.used_minor),
    lambda inputs: float(inputs.hour),
    lambda inputs: float(inputs.weekday),
    lambda inputs: inputs.plan,
    lambda inputs: inputs.scene,
    lambda inputs: inputs.is_captured,
    lambda inputs: inputs.is_quoted,
    *(partial(_is_named, place) for place in range(len(ENTITIES))),
)
_NOBODY_ASKED = row_of_around(UNKNOWN)
_NOTHING_AROUND = row_of_around(unpacked(b""))


def _around(inputs: Inputs) -> list[object]:
    if inputs.around:
        return row_of_around(unpacked(inputs.around))
    return _NOTHING_AROUND if inputs.values and inputs.version > WITHOUT_MINUTES else _NOBODY_ASKED


class Kept(NamedTuple):
    """The features of a payment as they are kept, and whom it names, a bit for each. No *values*: nothing was known."""

    named: int
    values: bytes


def inputs_of(
    asked: Asked, kept: Kept, listed: Sequence[tuple[str, str]], fallback: str, around: bytes = b""
) -> Inputs:
    """Put together what a decision is made from."""
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
        kept.named,
        kept.values,
        list(listed),
        [],
        fallback,
        around,
    )


def kept_values(asked: Sequence[Asked], values: Floats | None) -> list[Kept]:
    """Write the features of payments as they are kept, without those that are missing for want of an entity."""
    named = [_named(each.entities) for each in asked]
    if values is None:
        return [Kept(each, b"") for each in named]
    made: list[Kept] = [_NONE_KEPT] * len(asked)
    whose = np.array(named)
    for which in set(named):
        rows = np.flatnonzero(whose == which)
        for row, content in zip(rows.tolist(), packed(values[np.ix_(rows, _columns(which))]), strict=True):
            made[row] = Kept(which, content)
    return made


_NONE_KEPT = Kept(0, b"")


def _named(entities: tuple[str | None, ...]) -> int:
    return sum([1 << place for place, key in enumerate(entities) if key is not None])


@cache
def _columns(named: int) -> npt.NDArray[np.int64]:
    return np.concatenate([np.arange(start, stop) for start, stop in _kept(named, INPUTS_VERSION)])


def values_of(inputs: Inputs) -> list[float]:
    """Give the features of a decision back, missing where it named nobody or nothing was known."""
    values = [_NAN] * _WIDTH
    if not inputs.values:
        return values
    places = _kept(inputs.named, inputs.version)
    if inputs.version > UNPACKED:
        kept = unpacked_values(inputs.values, sum(stop - start for start, stop in places))
    else:
        kept = list(struct.unpack(f"<{len(inputs.values) // 8}d", inputs.values))
    at = 0
    for start, stop in places:
        values[start:stop] = kept[at : at + stop - start]
        at += stop - start
    return values


def named_values(inputs: Inputs) -> dict[str, float]:
    """Give the features of a decision by the names that rules call them; missing ones are absent."""
    values = values_of(inputs)
    return {_in_rules(name): value for name, value in zip(_NAMES, values, strict=True) if not math.isnan(value)}


def to_bytes(inputs: Inputs) -> bytes:
    """Write what a decision was made from; one that was kept before is written as it was."""
    if inputs.version > WITHOUT_MINUTES:
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
    width = len(recent_of(LIVE)) if version > WITHOUT_MINUTES else 0
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

"""What an explanation is made of: lines of a catalogue, each with the amounts, days and names it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID


class Micros(NamedTuple):
    """An exact amount. *Units*: millionths of a minor unit."""

    amount: int


class Named(NamedTuple):
    """The id of something, with the prefix that says what."""

    prefix: str
    id: UUID


#: What a line speaks with: whole numbers are amounts in minor units, decimals are plain numbers.
Value = int | Micros | date | Decimal | Named


class Told(NamedTuple):
    """One line. *amount_minor* is what it adds to the total, negative for what it takes off."""

    key: str
    amount_minor: int
    values: Mapping[str, Value]

"""What an experiment, an observation and a result are. Statistics are floats: no money is counted by them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Arm(StrEnum):
    """Whether a visitor is shown pay-later."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class Measure(StrEnum):
    """What is compared. Each is a sum over visitors divided by another."""

    #: Visitors who ordered, of all visitors.
    CONVERSION = "conversion"
    #: What an order comes to.
    ORDER_VALUE = "order_value"
    #: Buyers who ordered again, of all buyers.
    REPEAT_RATE = "repeat_rate"
    #: What a visitor spends, orders or none: the only one that the others cannot hide from.
    VALUE_PER_VISITOR = "value_per_visitor"


class Experiment(msgspec.Struct, frozen=True):
    """A merchant's experiment. *shown_ppm*: of how many visitors in a million pay-later is shown to."""

    id: UUID
    merchant_id: UUID
    name: str
    shown_ppm: int
    made_at: datetime
    ended_at: datetime | None


class Observation(msgspec.Struct, frozen=True):
    """What one visitor did: orders and their value since the first visit, and what was spent before it.

    *before_minor* has nothing to do with the experiment; knowing it takes chance out of the comparison (CUPED).
    """

    subject: str
    orders: int
    value_minor: int
    before_minor: int = 0


class Compared(NamedTuple):
    """One measure in both arms. The interval holds the true difference 95 times of 100."""

    measure: Measure
    shown: float
    hidden: float
    difference: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p_value: float
    #: How much of the variance knowing the past took away.
    variance_explained: float


class Result(NamedTuple):
    """An experiment so far. When *is_ratio_wrong*, who is observed depends on the arm: nothing is to be believed.

    *ratio_p_value*: how likely so uneven a split is by chance.
    """

    shown: int
    hidden: int
    ratio_p_value: float
    is_ratio_wrong: bool
    compared: list[Compared]

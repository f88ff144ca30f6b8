"""What a feature is: a fold over events, with its window, its source, its version and what its absence means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from tiao.privacy.model import Purpose


class Source(StrEnum):
    """Where a feature's facts come from."""

    CONSUMPTION = "consumption"
    REPAYMENT = "repayment"
    BANK_ACCOUNT = "bank_account"
    APPLICATION = "application"
    SOCIAL = "social"
    PARTNER = "partner"

    @property
    def needs(self) -> Purpose | None:
        """The consent without which it is not read."""
        return _NEEDS.get(self)


_NEEDS = {Source.SOCIAL: Purpose.SOCIAL_DATA, Source.PARTNER: Purpose.PARTNER_DATA}


class Kind(StrEnum):
    """What happened. The order is that in which events of one instant are folded."""

    APPLIED = "applied"
    BOUND = "bound"
    BOUGHT = "bought"
    DECLINED = "declined"
    RETURNED = "returned"
    BILLED = "billed"
    REPAID = "repaid"
    DEBITED = "debited"
    DEBIT_FAILED = "debit_failed"
    SOCIAL = "social"
    PARTNER = "partner"


class Event(NamedTuple):
    """A fact about a customer: the day it counts for, and when it could be known.

    *label* names a merchant, a kind of signal; *until_on* is a bill's due date.
    """

    kind: Kind
    id: UUID
    on: date
    available_at: datetime
    amount: int
    label: str = ""
    until_on: date | None = None

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """Where it stands among a customer's events: in the order in which they could be known."""
        return (self.available_at, _ORDER[self.kind], self.id)


_ORDER = {kind: place for place, kind in enumerate(Kind)}

#: The state of a fold is plain data: lists, dictionaries with text keys, whole numbers, nothing.
State = Any
Value = int | None
Values = Mapping[str, Value]


class Fold(NamedTuple):
    """How a feature is computed: a state to begin with, what an event does to it, what it says on a day."""

    start: State
    step: Callable[[State, Event], State]
    ask: Callable[[State, date], Value]


class Feature(NamedTuple):
    """A feature, defined once. *window_days* 0 looks back to the beginning.

    Shape: whole numbers only: minor units, counts, days, or parts per million.
    """

    name: str
    source: Source
    window_days: int
    version: int
    says: str
    null_means: str
    fold: Fold
    entity: str = "customer"
    available_at: str = "the instant at which the fact was recorded"


class Profile(NamedTuple):
    """A customer's features at an instant, and the sources that were not there or not allowed."""

    customer_id: UUID
    as_of: datetime
    version: str
    values: Values
    absent: Sequence[Source]
    is_thin: bool

"""What the time of a debit follows from: a policy, what became of earlier debits, and the reason that is kept."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec

Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Partial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the mandate allows it, so much less is asked after failures for want of money. *Units*: minor units."""

    after_failures: Annotated[int, msgspec.Meta(ge=1)]
    share: Share
    least_minor: Annotated[int, msgspec.Meta(ge=1)]


class Timing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the time of a debit is chosen.

    *hours*: when it may be tried, in the programme's own time. *just_paid* and *long_after*: how likely the account
    holds a bill right after the salary and long after it, *spent_after_days* how fast the one becomes the other.
    """

    hours: tuple[Hour, ...]
    tries_a_bill: Annotated[int, msgspec.Meta(ge=2)]
    tries_a_day: Annotated[int, msgspec.Meta(ge=1)]
    gap_hours: Annotated[int, msgspec.Meta(ge=1)]
    days_after_due: Annotated[int, msgspec.Meta(ge=0)]
    learns: bool = True
    salary_days: dict[int, Share] = {}
    salary_hour: Hour = 12
    just_paid: Share = 0.95
    long_after: Share = 0.35
    spent_after_days: Annotated[float, msgspec.Meta(gt=0)] = 12.0
    #: A failure for want of money is forgotten so fast, while no salary has come.
    empty_for_days: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    #: What a day past the due date takes off a try's worth.
    late_a_day: Share = 0.04
    partial: Partial | None = None


class Timings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every policy of timing by name, and the one that decides."""

    live: str
    policies: dict[str, Timing]


class Ended(StrEnum):
    """What became of a debit, as far as the payer's account is concerned."""

    PAID = "paid"
    NO_MONEY = "no_money"
    LIMIT = "limit"  # another day may do
    TECHNICAL = "technical"  # the channel's own: it says nothing about the account
    NEVER = "never"  # asking again changes nothing
    OPEN = "open"  # nobody knows yet


class Past(NamedTuple):
    """A debit of the customer's that said whether there was money: when it was, in the programme's own time."""

    at: datetime
    is_paid: bool


class Tried(NamedTuple):
    """A try at the present bill."""

    at: datetime
    ended: Ended


class Bill(NamedTuple):
    """What is to be debited: all that is due by a day, and what was tried for it. Times are the programme's own."""

    due_on: date
    tried: tuple[Tried, ...]
    past: tuple[Past, ...]


class Because(StrEnum):
    """Why a bill is tried at an hour."""

    DAY_BEFORE = "day_before"
    DUE_DAY = "due_day"
    LIKELY = "likely"  # one of the best hours that are left


class SalaryDay(msgspec.Struct, frozen=True):
    """A day of the month on which money seems to come, and how sure that is."""

    day: int
    share: float


class Why(msgspec.Struct, frozen=True):
    """Why this hour: kept with the try. *likely*: that the account holds the bill; *later*: the best hours after it."""

    policy: str
    because: Because
    try_number: int
    tries_left: int
    likely: float
    last: Ended | None
    salary: tuple[SalaryDay, ...]
    later: tuple[tuple[str, float], ...]
    learned_from: int
    asked_share: float = 1.0


class CollectionTry(msgspec.Struct, frozen=True):
    """A try as stored. *due_minor* was due, *amount_minor* was asked."""

    bucket: int
    order_id: UUID
    line_id: UUID
    customer_id: UUID
    due_on: date
    tried_at: datetime
    due_minor: int
    amount_minor: int
    why: Why


class TryOutcome(NamedTuple):
    """A try at a line's bill and how its debit stands."""

    line_id: UUID
    order_id: UUID
    due_on: date
    tried_at: datetime
    state: str
    code: str | None


class AccountOutcome(NamedTuple):
    """A debit from a customer's account that ended."""

    customer_id: UUID
    created_at: datetime
    state: str
    code: str | None

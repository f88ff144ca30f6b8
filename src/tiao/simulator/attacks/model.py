"""What an attack is made of, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Attack(StrEnum):
    """The frauds that are played."""

    CARD_TESTING = "card_testing"  # stolen accounts tried out with small sums, then emptied
    TAKEOVER = "takeover"  # somebody else's account, from another device
    CASH_OUT = "cash_out"  # 套现: a merchant and its customers turn lines into money
    RING = "ring"  # new accounts of one hand
    REFUND_ABUSE = "refund_abuse"  # goods come back that never left


class Shopper(NamedTuple):
    """A customer of the stage: the line, the device and network of its own, what it usually spends, where."""

    customer_id: UUID
    line_id: UUID
    limit_minor: int
    device: str
    ip: str
    usual_minor: int
    shops: tuple[int, ...]


class Payment(NamedTuple):
    """Somebody buys. *attack* is None for an honest one; a victim says so later, and alone can confirm with a code."""

    at: datetime
    shopper: Shopper
    merchant_id: UUID
    amount_minor: int
    device: str
    ip: str
    attack: Attack | None = None
    is_victim: bool = False
    #: The share of it that is sent back the next day, in percent.
    refunded_percent: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """What became of an attack. *Units*: minor units; minutes from its first payment to the first thing noticed.

    *stopped* payments did not go through; *lost_minor* did. *noticed_by* is what noticed it first, *stopped_by* counts
    what stopped payments: codes of rules, or why the line or the merchant could not.
    """

    attack: Attack
    payments: int
    stopped: int
    attempted_minor: int
    lost_minor: int
    noticed_by: str | None
    minutes: int | None
    stopped_by: dict[str, int]


class Day(msgspec.Struct, frozen=True):
    """One day of a life: fraud that went through and that was stopped, honest customers challenged, cases opened."""

    number: int
    lost_minor: int
    saved_minor: int
    payments: int
    challenged: int
    cases: int


class Played(msgspec.Struct, frozen=True):
    """A life with fraud in it. *learning* says whether what payments turned out to be was fed back."""

    learning: bool
    attacks: tuple[Outcome, ...]
    days: tuple[Day, ...]
    honest: int
    challenged: int
    refused: int
    label_p95_seconds: float

"""What is seen of a merchant, and what it means."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Alarm(StrEnum):
    """What speaks against a merchant."""

    VOLUME = "volume"  # far more than it is used to sell
    REFUNDS = "refunds"  # much of what it sells comes back
    STRUCTURING = "structuring"  # amounts crowd just below a limit
    CASH_OUT = "cash_out"  # 套现: whole lines are turned into money
    LINKED = "linked"  # its customers hang together


class MerchantDay(msgspec.Struct, frozen=True):
    """What was seen of a merchant on a day."""

    merchant_id: UUID
    day_on: date
    purchases: int
    amount_minor: int
    refunds: int
    refunded_minor: int
    just_below: int
    draining: int
    draining_minor: int
    linked: int
    customers: int


class Seen(MerchantDay, frozen=True):
    """A day with what spoke against the merchant."""

    alarms: list[str]


class Before(NamedTuple):
    """What a merchant is used to. *Shape*: of the last 28 days; *days* of them it has been there for."""

    merchant_id: UUID
    days: int
    purchases: int
    amount_minor: int
    refunded_minor: int


class Hour(NamedTuple):
    """What a merchant sold within the last hour."""

    merchant_id: UUID
    purchases: int
    amount_minor: int
    draining: int
    customers: int


class Counted(NamedTuple):
    """What was counted of a merchant within four weeks, and what alarmed on the latest day of them."""

    merchant_id: UUID
    days: int
    purchases: int
    amount_minor: int
    refunded_minor: int
    just_below: int
    draining: int
    linked: int
    alarms: list[str]

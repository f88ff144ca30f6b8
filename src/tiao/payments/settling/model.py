"""What settlement terms, withdrawals, shares and files are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Schedule(StrEnum):
    """When a merchant is paid: on the bank day after each day, or when it asks."""

    DAILY = "daily"
    ON_DEMAND = "on_demand"


class NewTerms(msgspec.Struct, frozen=True):
    """How a merchant is to be settled. *reserve_rate* of each day's sales is kept back for *reserve_days*."""

    schedule: Schedule
    reserve_rate: Decimal
    reserve_days: int


class Terms(msgspec.Struct, frozen=True):
    """Settlement terms as agreed."""

    merchant_id: UUID
    from_on: date
    schedule: Schedule
    reserve_rate: Decimal
    reserve_days: int
    proposed_by: str
    agreed_by: str
    made_at: datetime


class Share(msgspec.Struct, frozen=True):
    """What a platform gets of the discount a merchant pays, from a day on."""

    platform_id: UUID
    merchant_id: UUID
    from_on: date
    share_rate: Decimal
    proposed_by: str
    agreed_by: str
    made_at: datetime


class Shared(msgspec.Struct, frozen=True):
    """What a platform got for one merchant's day. *Units*: minor units."""

    platform_id: UUID
    merchant_id: UUID
    business_date: date
    currency: str
    discount_minor: int
    share_minor: int


class Withdrawal(msgspec.Struct, frozen=True):
    """Money that a merchant has had paid between settlements. *Units*: minor units."""

    id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    booked_on: date
    payout_id: UUID
    asked_at: datetime


class People(NamedTuple):
    """Who proposed something and who agreed to it: two people."""

    proposed_by: str
    agreed_by: str


class Owed(msgspec.Struct, frozen=True):
    """What we owe a merchant at home, by where it stands. *Units*: minor units; negative where it owes us.

    *unpaid* was carried on by the last settlement and not withdrawn since; it may be withdrawn as far as it is there.
    """

    unpaid_minor: int
    reserve_minor: int
    in_transit_minor: int


class ReceivableKind(StrEnum):
    """Why money is still to come.

    Not settled yet, on its way, kept until asked for, in reserve, held for a dispute, paid before a service.
    """

    ACCRUED = "accrued"
    ON_ITS_WAY = "on_its_way"
    KEPT = "kept"
    RESERVE = "reserve"
    HELD = "held"
    PREPAID = "prepaid"


class Receivable(NamedTuple):
    """What a merchant is owed for a day. *expected_on* is None where nobody can say. *Units*: minor units."""

    kind: ReceivableKind
    business_date: date | None
    expected_on: date | None
    amount_minor: int


class FileLine(msgspec.Struct, frozen=True):
    """One line of a settlement's file. *Units*: minor units; what we owe is positive."""

    bucket: int
    posting_id: UUID
    kind: str
    source_id: UUID
    purchase_id: UUID | None
    reference: str | None
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    amount_minor: int
    recorded_at: datetime

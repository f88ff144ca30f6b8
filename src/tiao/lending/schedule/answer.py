"""What the engine answers: rows, and how each payment was used. Amounts in minor units."""

from __future__ import annotations

from datetime import date

import msgspec

from tiao.lending.schedule.slots import RowKind


class Row(msgspec.Struct, frozen=True):
    """One row of the plan. *balance* is what was drawn before its due day less the principal of the rows so far."""

    number: int
    kind: RowKind
    from_on: date
    due_on: date
    days: int
    principal: int
    interest: int
    fees: int
    penalties: int
    total: int
    balance: int
    paid: int
    paid_early: int
    paid_late: int
    outstanding: int
    settled_on: date | None


class Booked(msgspec.Struct, frozen=True):
    """One payment as it was used up; *principal_balance* is what was drawn less the principal paid so far."""

    id: str
    type: str
    effective_on: date
    amount: int
    principal: int
    interest: int
    fees: int
    penalties: int
    overpaid: int
    principal_balance: int
    is_reversed: bool
    is_generated: bool


class Answer(msgspec.Struct, frozen=True):
    """The loan as it stands on a business day."""

    as_of_on: date
    rows: list[Row]
    transactions: list[Booked]

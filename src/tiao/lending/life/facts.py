"""What can happen to a line: facts with the day on which they count and their place in the order of recording."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.lending.model import InstalmentKey
from tiao.lending.refunds import RefundPolicy
from tiao.lending.revolving import CarryTerms


class Component(StrEnum):
    """What a charge adds to, or a waiver takes off."""

    PENALTY = "penalty"
    FEE = "fee"


class AgreedPart(NamedTuple):
    """An instalment as agreed."""

    number: int
    statement_on: date
    due_on: date
    principal_minor: int
    fee_minor: int
    subsidy_minor: int
    interest_from_on: date | None = None
    interest_on_minor: int = 0


class Fact(NamedTuple):
    """When something counts, and its place in the order of recording, which decides within a day."""

    id: UUID
    effective_on: date
    recorded_no: int


class Lent(NamedTuple):
    """A purchase was captured, or debt was refinanced: a loan begins."""

    fact: Fact
    loan_id: UUID
    purchase_id: UUID
    penalty_ppm: int
    parts: tuple[AgreedPart, ...]
    is_refinancing: bool = False


class Received(NamedTuple):
    """Money was put against what the line owes.

    *is_narrow*: only against what is billed, costs nothing to pay early, or is a plan that refinanced. A refinancing
    pays off what it replaces and nothing else: what one statement asked for in single payments, or one loan.
    *may_recover*: what is left over makes losses good first; *is_recovery*: nothing else is paid.
    """

    fact: Fact
    amount_minor: int
    is_from_credit: bool = False
    is_narrow: bool = False
    is_billed_only: bool = False
    only_statement_on: date | None = None
    only_loan_id: UUID | None = None
    is_payoff: bool = False
    may_recover: bool = False
    is_recovery: bool = False


class PaidOut(NamedTuple):
    """A credit balance, or part of it, went back to the customer."""

    fact: Fact
    amount_minor: int


class Refunded(NamedTuple):
    """A purchase was refunded; *kept_minor* did not leave as money: it comes off the plan or makes a loss good."""

    fact: Fact
    purchase_id: UUID
    amount_minor: int
    kept_minor: int
    policy: RefundPolicy


class WrittenOff(NamedTuple):
    """A loan was given up."""

    fact: Fact
    loan_id: UUID


class Waived(NamedTuple):
    """Part of a penalty or fee was let go, oldest first within the loan."""

    fact: Fact
    loan_id: UUID
    component: Component
    amount_minor: int


class Charged(NamedTuple):
    """A fee or penalty was added by hand to an instalment."""

    fact: Fact
    key: InstalmentKey
    component: Component
    amount_minor: int


class Paused(NamedTuple):
    """No penalty is charged on the line from *from_on* to *to_on*, both included."""

    fact: Fact
    from_on: date
    to_on: date


class Deferred(NamedTuple):
    """An instalment falls due later."""

    fact: Fact
    key: InstalmentKey
    due_on: date


class Carried(NamedTuple):
    """The due date of a statement is over of which only the minimum was to be paid; the rest is carried on.

    It comes last on its day. How much is carried, if anything, follows from what was paid by then.
    """

    fact: Fact
    loan_id: UUID
    statement_on: date
    due_on: date
    next_statement_on: date
    next_due_on: date
    terms: CarryTerms
    penalty_ppm: int
    is_undone: bool = False


class Rescheduled(NamedTuple):
    """A loan was arranged anew: overdue principal, or all that is open, moves to rows of these dates."""

    fact: Fact
    loan_id: UUID
    new_loan_id: UUID
    dates: tuple[tuple[date, date], ...]
    penalty_ppm: int
    moves_all: bool
    is_fee_spread: bool
    is_undone: bool = False


Event = Lent | Received | PaidOut | Refunded | WrittenOff | Waived | Charged | Paused | Deferred | Carried | Rescheduled


def place_of(event: Event) -> tuple[date, bool, int]:
    """Say where an event comes: by its day, within it by the order of recording, what ends a day last."""
    return event.fact.effective_on, isinstance(event, Carried), event.fact.recorded_no

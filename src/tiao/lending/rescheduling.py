"""Arranging a running loan anew without money or a new price: re-amortising it, and re-ageing it (展期、重新分期).

Re-amortising keeps the dates: overdue principal is spread over the rows that are left. Re-ageing gives all that is open
new rows from a day on; fees of terms to come go into the first or over all. Rows that were paid stay as they are.
Penalties and billed fees stay due where they arose. Each is a fact, so that it can be undone, the latest first, and
counts again when facts come late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tiao.lending import adjusting, archive, store
from tiao.lending.adjusting import Decision
from tiao.lending.archive import AdjustmentKind, LineFacts
from tiao.lending.billing import due_dates, order_due_dates, statement_dates
from tiao.lending.model import BillingMode, BillingPolicy, CostKind, FeePayer, Instalment, Plan, PlanTerms
from tiao.lending.postings import refinanced_loan_id
from tiao.lending.records import (
    BookedReceipt,
    Loan,
    LoanInstalment,
    LoanKind,
    LoanStatus,
    NewLoan,
    Receipt,
    ReceiptKind,
)
from tiao.lending.refusals import (
    EffectiveDayInvalid,
    LoanNotActive,
    LoanNotReschedulable,
    LoanUnknown,
    NothingToReschedule,
    RescheduledToday,
)
from tiao.lending.replaying import PolicyOf, Replayed
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: How a loan that was arranged anew is called where a loan names its plan.
PLAN_CODE = "rescheduled"
#: New rows begin within a year.
_AHEAD = timedelta(days=366)

RESCHEDULINGS = (AdjustmentKind.REAMORTISATION, AdjustmentKind.REAGE, AdjustmentKind.REAGE_SPREAD)


class Rescheduling(NamedTuple):
    """What became of a loan: the one that carries what was moved, and what was lived again."""

    loan_id: UUID
    replayed: Replayed


async def reamortise(tx: Tx, now: Moment, decision: Decision, *, loan_id: UUID, policy_of: PolicyOf) -> Rescheduling:
    """Spread overdue principal over the rows that are left, on their own dates; once a day.

    Refuses: LoanUnknown, LoanNotActive, LoanNotReschedulable, NothingToReschedule, RescheduledToday, ReasonNeeded.
    """
    loan, parts = await _begin(tx, now, decision, loan_id)
    overdue = [part for part in parts if part.due_on < now.today and part.principal_open_minor]
    left = [(part.statement_on, part.due_on) for part in parts if part.due_on >= now.today]
    if not overdue or not left:
        raise NothingToReschedule
    return await _reschedule(tx, now, decision, AdjustmentKind.REAMORTISATION, loan, left, policy_of)


class NewRows(NamedTuple):
    """What re-ageing asks for: how many rows, from which day, and whether fees to come are spread over all of them."""

    rows: int
    from_on: date
    is_fee_spread: bool
    statement_day: int
    billing: BillingPolicy


async def reage(
    tx: Tx, now: Moment, decision: Decision, *, loan_id: UUID, wanted: NewRows, policy_of: PolicyOf
) -> Rescheduling:
    """Give all that is open of a loan new rows from a day on, today or later; fees to come first or spread; once a day.

    Refuses: LoanUnknown, LoanNotActive, LoanNotReschedulable, NothingToReschedule, RescheduledToday,
    EffectiveDayInvalid, ReasonNeeded.
    """
    if not now.today <= wanted.from_on <= now.today + _AHEAD:
        raise EffectiveDayInvalid("new rows begin today or within a year", pointer="/from_on")
    loan, parts = await _begin(tx, now, decision, loan_id)
    if not any(part.principal_open_minor for part in parts):
        raise NothingToReschedule
    if loan.mode == BillingMode.ORDER.value:
        dues = list(order_due_dates(wanted.from_on, wanted.rows, wanted.billing.order_due_rule))
        statements = dues
    else:
        statements = list(statement_dates(wanted.from_on, wanted.statement_day, wanted.rows))
        dues = due_dates(statements, wanted.billing)
    kind = AdjustmentKind.REAGE_SPREAD if wanted.is_fee_spread else AdjustmentKind.REAGE
    return await _reschedule(tx, now, decision, kind, loan, list(zip(statements, dues, strict=True)), policy_of)


async def _begin(tx: Tx, now: Moment, decision: Decision, loan_id: UUID) -> tuple[Loan, list[LoanInstalment]]:
    facts = await adjusting.begin(tx, now, decision)
    loan = next((one for one in facts.loans if one.id == loan_id), None)
    if loan is None:
        raise LoanUnknown
    if loan.status != LoanStatus.ACTIVE:
        raise LoanNotActive
    if loan.cost_kind is CostKind.INTEREST:
        raise LoanNotReschedulable
    if any(one.effective_on == now.today and one.loan_id == loan_id for one in standing(facts)):
        raise RescheduledToday
    return loan, [part for part in facts.instalments if part.loan_id == loan_id]


def standing(facts: LineFacts) -> list[archive.Adjustment]:
    """List the times a line's loans were arranged anew that were not undone."""
    return [one for one in facts.adjustments if one.kind in RESCHEDULINGS and one.id not in facts.reversed_ids]


async def _reschedule(
    tx: Tx,
    now: Moment,
    decision: Decision,
    kind: AdjustmentKind,
    loan: Loan,
    dates: Sequence[tuple[date, date]],
    policy_of: PolicyOf,
) -> Rescheduling:
    """Write the fact and a loan of nothing with its rows; living the line again moves into it what is to be moved."""
    new_id = refinanced_loan_id(decision.id)
    rows = tuple(Instalment(number, statement, due, 0, 0, 0) for number, (statement, due) in enumerate(dates, start=1))
    terms = PlanTerms(PLAN_CODE, len(rows), Decimal(0), FeePayer.CONSUMER, BillingMode(loan.mode))
    made = NewLoan(
        id=new_id,
        purchase_id=decision.id,
        line_id=loan.line_id,
        customer_id=loan.customer_id,
        merchant_id=None,
        currency=loan.currency,
        plan=Plan(terms, rows, 0, 0, 0),
        discount_minor=0,
        penalty_ppm=loan.penalty_ppm,
        taken_on=now.today,
        released_hold_minor=0,
        kind=LoanKind.RESCHEDULED,
        refinances_loan_id=loan.id,
    )
    receipt = Receipt(
        id=decision.id,
        line_id=loan.line_id,
        customer_id=loan.customer_id,
        kind=ReceiptKind.REFINANCING,
        currency=loan.currency,
        amount_minor=0,
        effective_on=now.today,
        actor=decision.actor,
        reason=decision.reason,
    )
    await store.insert_loans(tx, [made], recorded_at=now.at)
    await store.insert_repayments(tx, [BookedReceipt(receipt, 0, 0)], [], recorded_at=now.at)
    replayed = await adjusting.decide_about(tx, now, decision, kind, loan.id, policy_of)
    return Rescheduling(new_id, replayed)

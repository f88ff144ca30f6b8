"""Debt put into instalments after the fact: a bill (账单分期), or a loan in a hardship plan.

A new loan of the same line pays off what it replaces. No money moves and the line's use stays; a later refund or
repayment of what was replaced works through it like any other.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.lending import actions, store
from tiao.lending.model import BillingPolicy, CostKind, Plan, PlanTerms
from tiao.lending.plans import make_bill_plan, make_plan
from tiao.lending.postings import refinanced_loan_id
from tiao.lending.records import LoanInstalment, LoanKind, LoanStatus, NewLoan, Receipt, ReceiptKind
from tiao.lending.refusals import LoanNotActive, LoanUnknown, NothingToRefinance, PenaltiesOpen, RepaymentExceedsOwed
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


class Refinancing(NamedTuple):
    """What is asked for. Its id makes it happen once; *penalty_ppm* is that of contracts of the day."""

    id: UUID
    line_id: UUID
    customer_id: UUID
    currency: str
    terms: PlanTerms
    statement_day: int
    penalty_ppm: int
    actor: str | None = None
    reason: str | None = None


async def refinance_bill(
    tx: Tx, now: Moment, asked: Refinancing, *, statement_on: date, amount_minor: int, policy: BillingPolicy
) -> UUID:
    """Put what a statement asks for in single payments, or part of it, into instalments, the first due next month.

    Between the statement date and its due date; not what is past due, and not instalments of other plans.
    Refuses: NothingToRefinance, RepaymentExceedsOwed, BillInstalmentWindowClosed, InstalmentAmountBelowMinimum.
    """
    await ledger.lock_lines(tx, [asked.line_id])
    owed = await refinancable(tx, asked.line_id, statement_on)
    left = sum(part.principal_open_minor for part in owed)
    if not 0 < amount_minor <= left:
        raise RepaymentExceedsOwed(pointer="/amount_minor", owed_minor=left)
    plan = make_bill_plan(
        asked.terms,
        amount_minor,
        statement_on=statement_on,
        chosen_on=now.today,
        statement_day=asked.statement_day,
        policy=policy,
    )
    return await _refinance(tx, now, asked, plan, owed, LoanKind.BILL_PLAN, statement_on=statement_on, loan_id=None)


async def refinancable(tx: Tx, line_id: UUID, statement_on: date) -> list[LoanInstalment]:
    """List what a statement asks for in single payments and is still owed. Refuses: NothingToRefinance."""
    open_now = await store.read_open_instalments(tx, [line_id])
    counts = {part.loan_id: 0 for part in open_now}
    for part in await store.read_instalments(tx, sorted(counts)) if counts else []:
        counts[part.loan_id] += 1
    owed = [part for part in open_now if part.statement_on == statement_on and counts[part.loan_id] == 1]
    if not owed:
        raise NothingToRefinance
    return owed


async def refinance_loan(tx: Tx, now: Moment, asked: Refinancing, *, loan_id: UUID, policy: BillingPolicy) -> UUID:
    """Put what is left of a loan's principal into a new plan, for somebody in hardship.

    Fees and penalties must be paid or waived before: they are not turned into principal, which would bear penalties.
    Refuses: LoanUnknown, LoanNotActive, PenaltiesOpen, NothingToRefinance.
    """
    found = await store.read_loans(tx, [loan_id])
    if not found or found[0].line_id != asked.line_id:
        raise LoanUnknown
    await ledger.lock_lines(tx, [asked.line_id])
    await actions.bring_up_to_date(tx, now, [asked.line_id], cause=asked.id)
    if found[0].status != LoanStatus.ACTIVE:
        raise LoanNotActive
    owed = [part for part in await store.read_instalments(tx, [loan_id]) if part.settled_on is None]
    penalty = sum(part.penalty_open_minor for part in owed)
    fee = sum(_must_be_gone(part, now.today) for part in owed)
    if penalty or fee:
        raise PenaltiesOpen(penalty_minor=penalty, fee_minor=fee)
    amount = sum(part.principal_open_minor for part in owed)
    if amount == 0:
        raise NothingToRefinance
    plan = make_plan(asked.terms, amount, now.today, asked.statement_day, policy)
    return await _refinance(tx, now, asked, plan, owed, LoanKind.HARDSHIP_PLAN, statement_on=None, loan_id=loan_id)


def _must_be_gone(part: LoanInstalment, day: date) -> int:
    """Say what of a fee, or of interest up to the day, stands in the way; interest of days to come falls away."""
    is_interest = part.cost_kind is CostKind.INTEREST
    return part.as_open(day, is_payoff=True).interest_minor if is_interest else part.fee_open_minor


async def _refinance(
    tx: Tx,
    now: Moment,
    asked: Refinancing,
    plan: Plan,
    owed: list[LoanInstalment],
    kind: LoanKind,
    *,
    statement_on: date | None,
    loan_id: UUID | None,
) -> UUID:
    new_id = refinanced_loan_id(asked.id)
    assert bucket_of(asked.id) == bucket_of(asked.line_id), "a refinancing lies in its line's bucket"
    loan = NewLoan(
        id=new_id,
        purchase_id=asked.id,
        line_id=asked.line_id,
        customer_id=asked.customer_id,
        merchant_id=None,
        currency=asked.currency,
        plan=plan,
        discount_minor=0,
        penalty_ppm=asked.penalty_ppm,
        taken_on=now.today,
        released_hold_minor=0,
        kind=kind,
        refinances_statement_on=statement_on,
        refinances_loan_id=loan_id,
    )
    receipt = Receipt(
        id=asked.id,
        line_id=asked.line_id,
        customer_id=asked.customer_id,
        kind=ReceiptKind.REFINANCING,
        currency=asked.currency,
        amount_minor=plan.principal_minor,
        effective_on=now.today,
        is_payoff=loan_id is not None and any(part.cost_kind is CostKind.INTEREST for part in owed),
        actor=asked.actor,
        reason=asked.reason,
    )
    replaced = {part.key for part in owed}
    # The loan first: where the day is over on the line, it is lived again, and the loan says what the repayment pays.
    await store.insert_loans(tx, [loan], recorded_at=now.at)
    await actions.repay(tx, now, [receipt], eligible=lambda part: part.key in replaced)
    return new_id

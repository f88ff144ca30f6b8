"""Paying off early (提前结清): what settles a loan, or the whole line, today; and what a debit was asked to settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.lending import actions, store
from tiao.lending.model import CostKind
from tiao.lending.records import Loan, LoanInstalment, LoanStatus, Receipt
from tiao.lending.refusals import LoanNotActive, LoanUnknown, NothingOwed
from tiao.runtime.arrays import Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

_QUERIES = load_queries("tiao.lending", "payoff.sql")


class PayoffQuote(NamedTuple):
    """What settles a loan, or without one a line, on a day. Tomorrow a penalty or a newly billed fee may be added.

    *fee_falling_minor* and *interest_falling_minor* need not be paid: fees of terms not billed yet, interest of days to
    come.
    """

    line_id: UUID
    loan_id: UUID | None
    good_on: date
    principal_minor: int
    fee_minor: int
    penalty_minor: int
    fee_falling_minor: int
    interest_minor: int
    interest_falling_minor: int

    @property
    def total_minor(self) -> int:
        """Add up what is to be paid."""
        return self.principal_minor + self.fee_minor + self.interest_minor + self.penalty_minor


def quote_of(parts: Sequence[LoanInstalment], *, line_id: UUID, loan_id: UUID | None, day: date) -> PayoffQuote:
    """Add up what settles instalments on a day; their penalties have been brought up to the day before.

    Source: policy `prepay.fee`, `prepay.interest`; Civil Code 677.
    """
    open_now = [part for part in parts if part.settled_on is None]
    owed = [part.as_open(day, is_payoff=True) for part in open_now]
    interest = sum(part.interest_minor for part in owed)
    running = sum(part.fee_open_minor for part in open_now if part.cost_kind is CostKind.INTEREST)
    return PayoffQuote(
        line_id=line_id,
        loan_id=loan_id,
        good_on=day,
        principal_minor=sum(part.principal_minor for part in owed),
        fee_minor=sum(part.fee_minor for part in owed if part.is_billed),
        penalty_minor=sum(part.penalty_minor for part in owed),
        fee_falling_minor=sum(part.fee_minor for part in owed if not part.is_billed),
        interest_minor=interest,
        interest_falling_minor=running - interest,
    )


async def quote_payoff(tx: Tx, now: Moment, line_id: UUID, *, loan_id: UUID | None, cause: UUID) -> PayoffQuote:
    """Say what settles a loan, or the whole line, today.

    Refuses: LoanUnknown, LoanNotActive, NothingOwed.
    """
    if loan_id is not None:
        loan = await _loan(tx, loan_id)
        if loan.line_id != line_id:
            raise LoanUnknown
        if loan.status != LoanStatus.ACTIVE:
            raise LoanNotActive
    await actions.bring_up_to_date(tx, now, [line_id], cause=cause)
    parts = [part for part in await store.read_open_instalments(tx, [line_id]) if loan_id in {None, part.loan_id}]
    quote = quote_of(parts, line_id=line_id, loan_id=loan_id, day=now.today)
    if quote.total_minor == 0:
        raise NothingOwed
    return quote


async def pay_off(tx: Tx, now: Moment, receipts: Sequence[Receipt], wanted: Mapping[UUID, UUID | None]) -> None:
    """Book money that came to settle something. What came too late to settle it pays what it can, billed terms first.

    Shape: *wanted* gives for a receipt the loan, or None for the whole line. A receipt seen before does nothing.
    """
    marked = [one._replace(is_payoff=True, for_loan_id=wanted[one.id]) for one in receipts]
    await actions.repay(tx, now, marked)


async def remember(tx: Tx, debit_id: UUID, quote: PayoffQuote) -> None:
    """Write down what a debit is to settle, in the transaction that begins it."""
    await tx.execute(
        _QUERIES.insert_payoff,
        bucket=bucket_of(debit_id),
        debit=debit_id,
        line=quote.line_id,
        loan=quote.loan_id,
        quoted=quote.total_minor,
        quoted_on=quote.good_on,
    )


async def remembered(tx: Tx, debit_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Find which debits are to settle something, and what: a loan, or None for the whole line."""
    buckets = sorted({bucket_of(each) for each in debit_ids})
    _, rows = await tx.table(_QUERIES.payoffs, buckets=buckets, debits=Uuids(debit_ids))
    return dict(rows)


async def _loan(tx: Tx, loan_id: UUID) -> Loan:
    found = await store.read_loans(tx, [loan_id])
    if not found:
        raise LoanUnknown
    return found[0]

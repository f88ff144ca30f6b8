"""What happens to loans because a day has passed: the set-based steps of the close, and what is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from tiao.credit.model import LineHistory
from tiao.lending import actions, carrying, store
from tiao.lending.records import (
    Bill,
    DueLine,
    Loan,
    LoanInstalment,
    Refund,
    RefundFilter,
    Repayment,
    RepaymentPart,
)
from tiao.lending.refusals import BillUnknown, LoanUnknown, RefundUnknown, RepaymentUnknown
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def carry(tx: Tx, now: Moment, first: int, last: int, day: date) -> int:
    """Carry on what is left of statements whose due date is over by a closed day, where only the minimum was agreed."""
    lines = await carrying.lines_waiting(tx, first, last, through=day)
    return await actions.carry_over(tx, now, lines, through=day) if lines else 0


async def accrue(tx: Tx, first: int, last: int, day: date, at: datetime) -> int:
    """Charge penalties and daily interest of a closed day in a range of buckets; a second run charges nothing."""
    return await store.accrue_day(tx, first, last, day, at)


async def bill(tx: Tx, first: int, last: int, day: date, at: datetime) -> int:
    """Cut the statements that come out on the morning after a closed day."""
    return await store.bill_day(tx, first, last, day, day + timedelta(days=1), at)


async def age(tx: Tx, first: int, last: int, day: date) -> int:
    """Move loans between stages of days past due, as they stand at the end of a day."""
    return await store.age_day(tx, first, last, day)


async def due_lines(tx: Tx, first: int, last: int, *, due_from: date, due_by: date) -> list[DueLine]:
    """List lines with something falling due from *due_from* to *due_by*, with all they owe that is due by then.

    Where only the minimum is to be paid, that is what is due.
    """
    found = await store.read_due_lines(tx, first, last, due_from=due_from, due_by=due_by)
    agreed = await carrying.waiting(tx, [line.line_id for line in found], through=due_by) if found else []
    minimum: dict[UUID, int] = {}
    for day in sorted({one.due_on for one in agreed}):
        made = await carrying.decide(tx, [one for one in agreed if one.due_on == day])
        minimum |= {one.agreement.line_id: one.carry.still_to_pay_minor for one in made}
    wanted = [replace(one, amount_minor=minimum.get(one.line_id, one.amount_minor)) for one in found]
    return [one for one in wanted if one.amount_minor]


async def lines_to_review(tx: Tx, first: int, last: int, day: date) -> list[tuple[UUID, UUID]]:
    """List (line, customer) of lines that had a bill due on *day*, or a loan that got later that day."""
    return await store.read_lines_to_review(tx, first, last, day)


async def line_histories(tx: Tx, lines: Sequence[tuple[UUID, date]], day: date) -> list[LineHistory]:
    """Tell how lines have been paid by *day*; each is given with the day since when its bills count."""
    return await store.read_line_histories(tx, lines, day) if lines else []


async def lines_with_credit(tx: Tx, first: int, last: int) -> list[DueLine]:
    """List lines whose credit balance can be put against billed debt."""
    return await store.read_lines_with_credit(tx, first, last)


async def loan(tx: Tx, loan_id: UUID) -> tuple[Loan, list[LoanInstalment]]:
    """Read a loan with its instalments. Refuses: LoanUnknown."""
    found = await store.read_loans(tx, [loan_id])
    if not found:
        raise LoanUnknown
    return found[0], await store.read_instalments(tx, [loan_id])


async def loans_of_line(tx: Tx, line_id: UUID, *, before: UUID, limit: int) -> list[Loan]:
    """Read a line's loans, latest first."""
    return await store.read_loans_of_line(tx, line_id, before=before, limit=limit)


async def loans_of_purchase(tx: Tx, purchase_id: UUID) -> list[Loan]:
    """Read the loans of a purchase, latest capture first."""
    return await store.read_loans_of_purchase(tx, purchase_id)


async def open_instalments(tx: Tx, line_ids: Sequence[UUID]) -> list[LoanInstalment]:
    """Read what lines owe."""
    return await store.read_open_instalments(tx, line_ids)


async def bills_of_line(tx: Tx, line_id: UUID, *, before: date, limit: int) -> list[Bill]:
    """Read a line's bills, latest first."""
    return await store.read_bills_of_line(tx, line_id, before=before, limit=limit)


async def bill_of(tx: Tx, bill_id: UUID) -> tuple[Bill, list[LoanInstalment]]:
    """Read a bill with its instalments. Refuses: BillUnknown."""
    found = await store.read_bill(tx, bill_id)
    if found is None:
        raise BillUnknown
    return found, await store.read_instalments_of_bill(tx, found)


async def repayment(tx: Tx, repayment_id: UUID) -> tuple[Repayment, list[RepaymentPart]]:
    """Read a repayment and where it went. Refuses: RepaymentUnknown."""
    found = await store.read_repayment(tx, repayment_id)
    if found is None:
        raise RepaymentUnknown
    return found, await store.read_repayment_parts(tx, found.bucket, [repayment_id])


async def repayments_of_line(tx: Tx, line_id: UUID, *, before: int, limit: int) -> list[Repayment]:
    """Read a line's repayments, latest first."""
    return await store.read_repayments_of_line(tx, line_id, before=before, limit=limit)


async def refund(tx: Tx, refund_id: UUID) -> Refund:
    """Read a refund. Refuses: RefundUnknown."""
    found = await store.read_refund(tx, refund_id)
    if found is None:
        raise RefundUnknown
    return found


async def refunds(tx: Tx, refund_ids: Collection[UUID]) -> dict[UUID, Refund]:
    """Read, by id, those refunds that there are."""
    return {found.id: found for found in await store.read_refunds(tx, refund_ids)}


async def refunds_of_merchant(
    tx: Tx, merchant_id: UUID, wanted: RefundFilter, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Refund]:
    """Read a merchant's refunds on this server, latest first, from a cursor on."""
    return await store.read_refunds_of_merchant(
        tx, merchant_id, wanted, before_at=before_at, before_id=before_id, limit=limit
    )


async def refunds_of_purchase(tx: Tx, purchase_id: UUID) -> list[Refund]:
    """Read the refunds of a purchase, in order."""
    return await store.read_refunds_of_purchase(tx, purchase_id)

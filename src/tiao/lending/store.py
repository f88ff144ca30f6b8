"""Rows to loans, bills, repayments and refunds, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.credit.model import LineHistory
from tiao.lending.booking import Arrays
from tiao.lending.model import AllocatedPart
from tiao.lending.records import (
    Bill,
    BookedReceipt,
    DueLine,
    InstalmentChange,
    Loan,
    LoanInstalment,
    NewLoan,
    Refund,
    RefundFilter,
    Repayment,
    RepaymentPart,
    ReturnToSource,
)
from tiao.runtime.arrays import Bigints, Dates, Integers, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending")


def _buckets(ids: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(identifier) for identifier in ids})


async def book_loans(tx: Tx, arrays: Arrays) -> None:
    """Write loans, their instalments and postings in one statement."""
    await tx.execute(_QUERIES.book_loans, **arrays)


async def insert_loans(tx: Tx, loans: Sequence[NewLoan], *, recorded_at: datetime) -> None:
    """Write loans and their instalments."""
    await tx.execute(
        _QUERIES.insert_loans,
        bucket=Smallints(bucket_of(loan.id) for loan in loans),
        id=Uuids(loan.id for loan in loans),
        purchase=Uuids(loan.purchase_id for loan in loans),
        line=Uuids(loan.line_id for loan in loans),
        customer=Uuids(loan.customer_id for loan in loans),
        merchant=Uuids(loan.merchant_id for loan in loans),
        currency=Texts(loan.currency for loan in loans),
        plan_code=Texts(loan.plan.terms.code for loan in loans),
        mode=Texts(loan.plan.terms.mode.value for loan in loans),
        principal=Bigints(loan.plan.principal_minor for loan in loans),
        fee=Bigints(loan.plan.fee_minor for loan in loans),
        subsidy=Bigints(loan.plan.subsidy_minor for loan in loans),
        discount=Bigints(loan.discount_minor for loan in loans),
        penalty_ppm=Integers(loan.penalty_ppm for loan in loans),
        taken_on=Dates(loan.taken_on for loan in loans),
        kind=Texts(loan.kind.value for loan in loans),
        refinances_statement_on=[loan.refinances_statement_on for loan in loans],
        refinances_loan=Uuids(loan.refinances_loan_id for loan in loans),
        product_version=Integers(loan.plan.terms.version for loan in loans),
        cost_kind=Texts(loan.plan.terms.cost_kind.value for loan in loans),
        recorded_at=recorded_at,
    )
    rows = [(loan, part) for loan in loans for part in loan.plan.instalments]
    await tx.execute(
        _QUERIES.insert_instalments,
        bucket=Smallints(bucket_of(loan.id) for loan, _ in rows),
        loan=Uuids(loan.id for loan, _ in rows),
        number=Smallints(part.number for _, part in rows),
        line=Uuids(loan.line_id for loan, _ in rows),
        statement_on=Dates(part.statement_on for _, part in rows),
        due_on=Dates(part.due_on for _, part in rows),
        principal=Bigints(part.principal_minor for _, part in rows),
        fee=Bigints(part.fee_minor for _, part in rows),
        subsidy=Bigints(part.subsidy_minor for _, part in rows),
        penalty_ppm=Integers(loan.penalty_ppm for loan, _ in rows),
        interest_from_on=[part.interest_from_on for _, part in rows],
        interest_on=Bigints(part.interest_on_minor for _, part in rows),
    )


async def read_open_instalments(tx: Tx, line_ids: Sequence[UUID]) -> list[LoanInstalment]:
    """Read what lines still owe."""
    return await tx.rows(_QUERIES.open_instalments, LoanInstalment, lines=Uuids(line_ids), buckets=_buckets(line_ids))


async def read_instalments(tx: Tx, loan_ids: Sequence[UUID]) -> list[LoanInstalment]:
    """Read every instalment of loans."""
    return await tx.rows(
        _QUERIES.instalments_of_loans, LoanInstalment, loans=Uuids(loan_ids), buckets=_buckets(loan_ids)
    )


async def change_instalments(tx: Tx, changes: Sequence[tuple[InstalmentChange, date]]) -> int:
    """Add changes to instalments, each with the day it counts."""
    return await tx.execute(
        _QUERIES.change_instalments,
        bucket=Smallints(bucket_of(change.key.loan_id) for change, _ in changes),
        loan=Uuids(change.key.loan_id for change, _ in changes),
        number=Smallints(change.key.number for change, _ in changes),
        effective_on=Dates(day for _, day in changes),
        principal_paid=Bigints(change.principal_paid_minor for change, _ in changes),
        fee_paid=Bigints(change.fee_paid_minor for change, _ in changes),
        penalty_paid=Bigints(change.penalty_paid_minor for change, _ in changes),
        principal_refunded=Bigints(change.principal_refunded_minor for change, _ in changes),
        fee_cancelled=Bigints(change.fee_cancelled_minor for change, _ in changes),
        subsidy_cancelled=Bigints(change.subsidy_cancelled_minor for change, _ in changes),
        principal_written_off=Bigints(change.principal_written_off_minor for change, _ in changes),
        fee_written_off=Bigints(change.fee_written_off_minor for change, _ in changes),
        penalty_waived=Bigints(change.penalty_waived_minor for change, _ in changes),
        becomes_billed=[change.becomes_billed for change, _ in changes],
    )


async def settle(tx: Tx, *, loan_ids: Sequence[UUID], line_ids: Sequence[UUID], on: date) -> None:
    """Mark loans and bills of which nothing is open any more."""
    await tx.execute(_QUERIES.settle_loans, loans=Uuids(loan_ids), buckets=_buckets(loan_ids), on=on)
    await tx.execute(_QUERIES.settle_bills, lines=Uuids(line_ids), buckets=_buckets(line_ids), on=on)


async def read_known_repayments(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Tell which repayments are written already."""
    return set(await tx.column(_QUERIES.known_repayments, ids=Uuids(ids), buckets=_buckets(ids)))


async def insert_repayments(
    tx: Tx,
    receipts: Sequence[BookedReceipt],
    parts: Sequence[tuple[UUID, AllocatedPart, int]],
    *,
    recorded_at: datetime,
) -> None:
    """Write repayments with what was left over, and where the rest went, with the fee that fell away there."""
    await tx.execute(
        _QUERIES.insert_repayments,
        bucket=Smallints(bucket_of(receipt.line_id) for receipt, _, _ in receipts),
        id=Uuids(receipt.id for receipt, _, _ in receipts),
        line=Uuids(receipt.line_id for receipt, _, _ in receipts),
        customer=Uuids(receipt.customer_id for receipt, _, _ in receipts),
        kind=Texts(receipt.kind.value for receipt, _, _ in receipts),
        debit=Uuids(receipt.debit_id for receipt, _, _ in receipts),
        funding_source=Uuids(receipt.funding_source_id for receipt, _, _ in receipts),
        currency=Texts(receipt.currency for receipt, _, _ in receipts),
        amount=Bigints(receipt.amount_minor for receipt, _, _ in receipts),
        overpaid=Bigints(overpaid for _, overpaid, _ in receipts),
        recovered=Bigints(recovered for _, _, recovered in receipts),
        effective_on=Dates(receipt.effective_on for receipt, _, _ in receipts),
        is_payoff=[receipt.is_payoff for receipt, _, _ in receipts],
        for_loan=Uuids(receipt.for_loan_id for receipt, _, _ in receipts),
        actor=Texts(receipt.actor for receipt, _, _ in receipts),
        reason=Texts(receipt.reason for receipt, _, _ in receipts),
        recorded_at=recorded_at,
    )
    await insert_repayment_parts(tx, parts)


async def read_unrecovered(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Read what lines still owe of loans that were written off; lines that lost none are left out."""
    _, rows = await tx.table(_QUERIES.unrecovered, lines=Uuids(line_ids), buckets=_buckets(line_ids))
    return {line_id: max(0, amount) for line_id, amount in rows}


async def insert_repayment_parts(tx: Tx, parts: Sequence[tuple[UUID, AllocatedPart, int]]) -> None:
    """Write where repayments went, with the fee that fell away there."""
    if parts:
        await tx.execute(
            _QUERIES.insert_repayment_parts,
            bucket=Smallints(bucket_of(part.instalment_id.loan_id) for _, part, _ in parts),
            repayment=Uuids(repayment_id for repayment_id, _, _ in parts),
            loan=Uuids(part.instalment_id.loan_id for _, part, _ in parts),
            number=Smallints(part.instalment_id.number for _, part, _ in parts),
            principal=Bigints(part.principal_minor for _, part, _ in parts),
            fee=Bigints(part.cost_minor for _, part, _ in parts),
            penalty=Bigints(part.penalty_minor for _, part, _ in parts),
            fee_cancelled=Bigints(fee for _, _, fee in parts),
        )


async def read_repayment(tx: Tx, repayment_id: UUID) -> Repayment | None:
    """Read one repayment."""
    return await tx.maybe(_QUERIES.repayment, Repayment, bucket=bucket_of(repayment_id), id=repayment_id)


async def read_repayments_of_line(tx: Tx, line_id: UUID, *, before: int, limit: int) -> list[Repayment]:
    """Read a line's repayments, latest first."""
    return await tx.rows(
        _QUERIES.repayments_of_line, Repayment, bucket=bucket_of(line_id), line=line_id, before=before, limit=limit
    )


async def read_repayment_parts(tx: Tx, bucket: int, ids: Sequence[UUID]) -> list[RepaymentPart]:
    """Read where repayments went."""
    return await tx.rows(_QUERIES.repayment_parts, RepaymentPart, bucket=bucket, ids=Uuids(ids))


async def read_returnable_repayments(tx: Tx, line_id: UUID, loan_ids: Sequence[UUID] | None) -> list[Repayment]:
    """Read repayments that can take money back, latest first; of certain loans only, if these are given."""
    return await tx.rows(
        _QUERIES.returnable_repayments,
        Repayment,
        bucket=bucket_of(line_id),
        line=line_id,
        loans=None if loan_ids is None else list(loan_ids),
    )


async def insert_refund(
    tx: Tx,
    refund: Refund,
    parts: Sequence[InstalmentChange],
) -> None:
    """Write a refund and what it took off the plan."""
    await tx.execute(
        _QUERIES.insert_refund,
        bucket=refund.bucket,
        id=refund.id,
        purchase=refund.purchase_id,
        line=refund.line_id,
        customer=refund.customer_id,
        merchant=refund.merchant_id,
        currency=refund.currency,
        amount=refund.amount_minor,
        offset=refund.offset_principal_minor,
        returned=refund.returned_minor,
        fee_cancelled=refund.fee_cancelled_minor,
        subsidy_cancelled=refund.subsidy_cancelled_minor,
        recovered=refund.recovered_minor,
        reference=refund.reference,
        effective_on=refund.effective_on,
        recorded_at=refund.recorded_at,
    )
    await insert_refund_parts(tx, refund.id, parts)


async def insert_refund_parts(tx: Tx, refund_id: UUID, parts: Sequence[InstalmentChange]) -> None:
    """Write what a refund took off instalments."""
    if parts:
        await tx.execute(
            _QUERIES.insert_refund_parts,
            bucket=bucket_of(refund_id),
            refund=refund_id,
            loan=Uuids(part.key.loan_id for part in parts),
            number=Smallints(part.key.number for part in parts),
            principal=Bigints(part.principal_refunded_minor for part in parts),
            fee=Bigints(part.fee_cancelled_minor for part in parts),
            subsidy=Bigints(part.subsidy_cancelled_minor for part in parts),
        )


async def return_repayments(tx: Tx, bucket: int, returns: Sequence[ReturnToSource]) -> None:
    """Note what a refund sends back along repayments."""
    if returns:
        await tx.execute(
            _QUERIES.return_repayments,
            bucket=bucket,
            id=Uuids(back.repayment_id for back in returns),
            amount=Bigints(back.amount_minor for back in returns),
        )


async def read_refund(tx: Tx, refund_id: UUID) -> Refund | None:
    """Read one refund."""
    return await tx.maybe(_QUERIES.refund, Refund, bucket=bucket_of(refund_id), id=refund_id)


async def read_refunds(tx: Tx, refund_ids: Collection[UUID]) -> list[Refund]:
    """Read some refunds, in no order."""
    buckets = sorted({bucket_of(each) for each in refund_ids})
    return await tx.rows(_QUERIES.refunds, Refund, buckets=buckets, ids=list(refund_ids))


async def read_refunds_of_purchase(tx: Tx, purchase_id: UUID) -> list[Refund]:
    """Read the refunds of a purchase."""
    return await tx.rows(_QUERIES.refunds_of_purchase, Refund, bucket=bucket_of(purchase_id), purchase=purchase_id)


async def read_refunds_of_merchant(
    tx: Tx, merchant_id: UUID, wanted: RefundFilter, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Refund]:
    """Read a merchant's refunds on this server, latest first."""
    return await tx.rows(
        _QUERIES.refunds_of_merchant,
        Refund,
        merchant=merchant_id,
        **wanted._asdict(),
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def read_loans(tx: Tx, loan_ids: Sequence[UUID]) -> list[Loan]:
    """Read loans by id."""
    return await tx.rows(_QUERIES.loans, Loan, ids=Uuids(loan_ids), buckets=_buckets(loan_ids))


async def read_loans_of_purchase(tx: Tx, purchase_id: UUID) -> list[Loan]:
    """Read the loans of a purchase, latest capture first."""
    return await tx.rows(_QUERIES.loans_of_purchase, Loan, bucket=bucket_of(purchase_id), purchase=purchase_id)


async def read_loans_of_line(tx: Tx, line_id: UUID, *, before: UUID, limit: int) -> list[Loan]:
    """Read a line's loans, latest first."""
    return await tx.rows(
        _QUERIES.loans_of_line, Loan, bucket=bucket_of(line_id), line=line_id, before=before, limit=limit
    )


async def read_bills_of_line(tx: Tx, line_id: UUID, *, before: date, limit: int) -> list[Bill]:
    """Read a line's bills, latest first."""
    return await tx.rows(
        _QUERIES.bills_of_line, Bill, bucket=bucket_of(line_id), line=line_id, before=before, limit=limit
    )


async def read_bill(tx: Tx, bill_id: UUID) -> Bill | None:
    """Read one bill."""
    return await tx.maybe(_QUERIES.bill, Bill, bucket=bucket_of(bill_id), id=bill_id)


async def read_instalments_of_bill(tx: Tx, bill: Bill) -> list[LoanInstalment]:
    """Read what a bill asks for."""
    return await tx.rows(
        _QUERIES.instalments_of_bill,
        LoanInstalment,
        bucket=bill.bucket,
        line=bill.line_id,
        statement_on=bill.statement_on,
    )


async def accrue_lines(
    tx: Tx, line_ids: Sequence[UUID], *, through: date, booked_on: date, recorded_at: datetime, cause: str
) -> None:
    """Bring penalties of lines up to a day; asked only when something is late, so the common case costs one read."""
    late = await tx.column(_QUERIES.uncharged_lines, lines=Uuids(line_ids), buckets=_buckets(line_ids), through=through)
    if late:
        await tx.value(
            _QUERIES.accrue_lines,
            lines=late,
            through=through,
            booked_on=booked_on,
            recorded_at=recorded_at,
            cause=cause,
        )


async def accrue_day(tx: Tx, first: int, last: int, day: date, recorded_at: datetime) -> int:
    """Charge the penalties of a day."""
    return int(await tx.value(_QUERIES.accrue_day, first=first, last=last, day=day, recorded_at=recorded_at))


async def bill_day(tx: Tx, first: int, last: int, day: date, statement_on: date, recorded_at: datetime) -> int:
    """Bill what has its statement on *statement_on*."""
    return int(
        await tx.value(
            _QUERIES.bill_day, first=first, last=last, day=day, statement_on=statement_on, recorded_at=recorded_at
        )
    )


async def age_day(tx: Tx, first: int, last: int, day: date) -> int:
    """Age loans."""
    return int(await tx.value(_QUERIES.age_day, first=first, last=last, day=day))


async def read_due_lines(tx: Tx, first: int, last: int, *, due_from: date, due_by: date) -> list[DueLine]:
    """Read lines with money due."""
    return await tx.rows(_QUERIES.due_lines, DueLine, first=first, last=last, due_from=due_from, due_by=due_by)


async def read_lines_to_review(tx: Tx, first: int, last: int, day: date) -> list[tuple[UUID, UUID]]:
    """Read lines to be reviewed for *day*, with their customers."""
    _, rows = await tx.table(_QUERIES.lines_to_review, first=first, last=last, day=day)
    return [(line, customer) for line, customer in rows]


async def read_line_histories(tx: Tx, lines: Sequence[tuple[UUID, date]], day: date) -> list[LineHistory]:
    """Read how lines have been paid by *day*, each since a day of its own."""
    return await tx.rows(
        _QUERIES.line_histories,
        LineHistory,
        buckets=Smallints(bucket_of(line) for line, _ in lines),
        lines=Uuids(line for line, _ in lines),
        since=Dates(since for _, since in lines),
        day=day,
    )


async def read_lines_with_credit(tx: Tx, first: int, last: int) -> list[DueLine]:
    """Read lines whose credit balance can be put against what they owe."""
    return await tx.rows(_QUERIES.lines_with_credit, DueLine, first=first, last=last)

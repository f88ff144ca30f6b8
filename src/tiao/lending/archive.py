"""The facts of a line as stored, and back: read for living it again, written when that came out differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending import life
from tiao.lending.life import AgreedPart, Booking, Event, Fact, Life, Part
from tiao.lending.model import InstalmentKey
from tiao.lending.records import Loan, LoanInstalment, LoanKind, ReceiptKind
from tiao.lending.refunds import RefundPolicy
from tiao.lending.store import read_instalments
from tiao.runtime.arrays import Bigints, Dates, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending")


class AdjustmentKind(StrEnum):
    """What somebody may decide about a running loan."""

    WAIVER = "waiver"
    CHARGE = "charge"
    PENALTY_PAUSE = "penalty_pause"
    DEFERRAL = "deferral"
    REVERSAL = "reversal"


class Adjustment(Struct, frozen=True, kw_only=True):
    """A decision about a loan; which fields it uses depends on its kind. A deferral keeps the due date before it."""

    bucket: int
    id: UUID
    line_id: UUID
    kind: AdjustmentKind
    reason: str
    actor: str
    effective_on: date
    recorded_at: datetime
    loan_id: UUID | None = None
    number: int | None = None
    component: str | None = None
    amount_minor: int = 0
    from_on: date | None = None
    to_on: date | None = None
    undoes_id: UUID | None = None
    #: Given by the database; 0 until then.
    recorded_no: int = 0


class StoredRepayment(Struct, frozen=True):
    """A repayment with whether it was taken back."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    kind: str
    debit_id: UUID | None
    funding_source_id: UUID | None
    currency: str
    amount_minor: int
    overpaid_minor: int
    returned_minor: int
    effective_on: date
    recorded_at: datetime
    reversed_on: date | None
    recorded_no: int


class StoredRefund(Struct, frozen=True):
    """A refund with what could not come off its plan."""

    bucket: int
    id: UUID
    purchase_id: UUID
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    currency: str
    amount_minor: int
    offset_principal_minor: int
    returned_minor: int
    fee_cancelled_minor: int
    subsidy_cancelled_minor: int
    shortfall_minor: int
    reference: str
    effective_on: date
    recorded_at: datetime
    recorded_no: int


class _WriteOff(NamedTuple):
    id: UUID
    loan_id: UUID
    effective_on: date
    recorded_no: int


class LineFacts(NamedTuple):
    """Everything that was recorded about a line, and its instalments as they stand."""

    line_id: UUID
    loans: list[Loan]
    instalments: list[LoanInstalment]
    repayments: list[StoredRepayment]
    refunds: list[StoredRefund]
    write_offs: list[_WriteOff]
    adjustments: list[Adjustment]

    @property
    def reversed_ids(self) -> set[UUID]:
        """Name the facts that were undone."""
        return {one.undoes_id for one in self.adjustments if one.undoes_id is not None}


async def facts_of_line(tx: Tx, line_id: UUID) -> LineFacts:
    """Read all facts of a line."""
    bucket = bucket_of(line_id)
    loans = await tx.rows(_QUERIES.all_loans_of_line, Loan, bucket=bucket, line=line_id)
    return LineFacts(
        line_id=line_id,
        loans=loans,
        instalments=await read_instalments(tx, [loan.id for loan in loans]),
        repayments=await tx.rows(_QUERIES.all_repayments_of_line, StoredRepayment, bucket=bucket, line=line_id),
        refunds=await tx.rows(_QUERIES.all_refunds_of_line, StoredRefund, bucket=bucket, line=line_id),
        write_offs=await tx.rows(_QUERIES.all_write_offs_of_line, _WriteOff, bucket=bucket, line=line_id),
        adjustments=await tx.rows(_QUERIES.adjustments_of_line, Adjustment, bucket=bucket, line=line_id),
    )


async def insert_adjustment(tx: Tx, adjustment: Adjustment) -> None:
    """Write a decision. Refuses: FactAlreadyReversed."""
    values = {name: getattr(adjustment, name) for name in adjustment.__struct_fields__ if name != "recorded_no"}
    await tx.execute(_QUERIES.insert_adjustment, **values)


async def latest_fact_on(tx: Tx, line_id: UUID) -> date | None:
    """Find the latest day on which something counted on a line."""
    found: date | None = await tx.value(_QUERIES.latest_fact_on, bucket=bucket_of(line_id), line=line_id)
    return found


def events(facts: LineFacts, policy_of: Callable[[date], RefundPolicy]) -> list[Event]:
    """Turn facts into events; what was undone did not happen."""
    undone = facts.reversed_ids
    found: list[Event] = [*_lent(facts, undone)]
    refinanced = {loan.purchase_id: loan for loan in facts.loans if loan.kind != LoanKind.PURCHASE}
    for one in facts.repayments:
        if one.id in undone or one.kind == ReceiptKind.RECOVERY:
            continue
        found.append(
            life.Received(
                Fact(one.id, one.effective_on, one.recorded_no),
                one.amount_minor,
                is_from_credit=one.kind == ReceiptKind.CREDIT_BALANCE,
                is_narrow=one.kind == ReceiptKind.REFUND,
                is_billed_only=one.kind == ReceiptKind.CREDIT_BALANCE,
                only_statement_on=refinanced[one.id].refinances_statement_on if one.id in refinanced else None,
                only_loan_id=refinanced[one.id].refinances_loan_id if one.id in refinanced else None,
            )
        )
    taken = _taken_on(facts)
    found += [
        life.Refunded(
            Fact(refund.id, refund.effective_on, refund.recorded_no),
            refund.purchase_id,
            refund.amount_minor,
            refund.offset_principal_minor,
            policy_of(taken[refund.purchase_id]),
        )
        for refund in facts.refunds
    ]
    found += [life.WrittenOff(Fact(w.id, w.effective_on, w.recorded_no), w.loan_id) for w in facts.write_offs]
    found += [event for one in facts.adjustments if one.id not in undone for event in _decided(one)]
    return found


def _lent(facts: LineFacts, undone: set[UUID]) -> list[Event]:
    """Restore the instalments as agreed: without the charges and deferrals that came later."""
    charged: dict[InstalmentKey, int] = defaultdict(int)
    agreed_due: dict[InstalmentKey, date] = {}
    for one in facts.adjustments:
        if one.loan_id is None or one.number is None or one.id in undone:
            continue
        key = InstalmentKey(one.loan_id, one.number)
        if one.kind is AdjustmentKind.CHARGE and one.component == "fee":
            charged[key] += one.amount_minor
        elif one.kind is AdjustmentKind.DEFERRAL and one.from_on is not None:
            agreed_due.setdefault(key, one.from_on)
    parts: dict[UUID, list[AgreedPart]] = defaultdict(list)
    for part in facts.instalments:
        parts[part.loan_id].append(
            AgreedPart(
                part.number,
                part.statement_on,
                agreed_due.get(part.key, part.due_on),
                part.principal_minor,
                part.fee_minor - charged[part.key],
                part.subsidy_minor,
            )
        )
    return [
        life.Lent(
            Fact(loan.id, loan.taken_on, loan.recorded_no),
            loan.id,
            loan.purchase_id,
            loan.penalty_ppm,
            tuple(parts[loan.id]),
        )
        for loan in facts.loans
    ]


def _taken_on(facts: LineFacts) -> dict[UUID, date]:
    taken: dict[UUID, date] = {}
    for loan in facts.loans:
        taken[loan.purchase_id] = min(loan.taken_on, taken.get(loan.purchase_id, loan.taken_on))
    return taken


def _decided(one: Adjustment) -> list[Event]:
    fact = Fact(one.id, one.effective_on, one.recorded_no)
    match one.kind:
        case AdjustmentKind.WAIVER:
            assert one.loan_id is not None
            assert one.component is not None
            return [life.Waived(fact, one.loan_id, life.Component(one.component), one.amount_minor)]
        case AdjustmentKind.CHARGE:
            assert one.loan_id is not None
            assert one.number is not None
            assert one.component is not None
            key = InstalmentKey(one.loan_id, one.number)
            return [life.Charged(fact, key, life.Component(one.component), one.amount_minor)]
        case AdjustmentKind.PENALTY_PAUSE:
            assert one.from_on is not None
            assert one.to_on is not None
            return [life.Paused(fact, one.from_on, one.to_on)]
        case AdjustmentKind.DEFERRAL:
            assert one.loan_id is not None
            assert one.number is not None
            assert one.to_on is not None
            return [life.Deferred(fact, InstalmentKey(one.loan_id, one.number), one.to_on)]
        case AdjustmentKind.REVERSAL:
            return []


def row_values(part: Part, today: date) -> tuple[object, ...]:
    """Give what an instalment's row should hold, in the order of `stored_values`."""
    return (
        part.due_on, part.fee, part.principal_paid, part.fee_paid, part.penalty_paid, part.principal_refunded,
        part.fee_cancelled, part.subsidy_cancelled, part.principal_written_off, part.fee_written_off,
        part.penalty_waived, part.penalty_charged, part.penalty_micros, part.is_billed(today), part.settled_on,
    )  # fmt: skip


def stored_values(row: LoanInstalment) -> tuple[object, ...]:
    """Give what an instalment's row holds."""
    return (
        row.due_on, row.fee_minor, row.principal_paid_minor, row.fee_paid_minor, row.penalty_paid_minor,
        row.principal_refunded_minor, row.fee_cancelled_minor, row.subsidy_cancelled_minor,
        row.principal_written_off_minor, row.fee_written_off_minor, row.penalty_waived_minor,
        row.penalty_charged_minor, row.penalty_micros, row.is_billed, row.settled_on,
    )  # fmt: skip


def changed_parts(facts: LineFacts, lived: Life, today: date) -> list[tuple[LoanInstalment, Part]]:
    """List instalments whose row is not what living the line again says."""
    rows = {row.key: row for row in facts.instalments}
    return [
        (rows[part.key], part)
        for part in lived.every_part()
        if row_values(part, today) != stored_values(rows[part.key])
    ]


async def write_lived(tx: Tx, facts: LineFacts, lived: Life, *, today: date) -> int:
    """Write rows, allocations and totals as living the line again says; answers how many instalments changed."""
    bucket = bucket_of(facts.line_id)
    changed = [part for _, part in changed_parts(facts, lived, today)]
    if changed:
        await _write_parts(tx, bucket, changed, today)
    await tx.execute(_QUERIES.write_lived_loans, bucket=bucket, loans=[loan.id for loan in facts.loans])
    await tx.execute(_QUERIES.reopen_bills, bucket=bucket, line=facts.line_id)
    await _write_repayments(tx, bucket, facts, lived, today)
    await _write_refunds(tx, bucket, facts, lived)
    await _write_waivers(tx, bucket, facts, lived)
    return len(changed)


async def _write_parts(tx: Tx, bucket: int, changed: Sequence[Part], today: date) -> None:
    await tx.execute(
        _QUERIES.write_lived_instalments,
        bucket=Smallints([bucket] * len(changed)),
        loan=Uuids(part.key.loan_id for part in changed),
        number=Smallints(part.key.number for part in changed),
        due_on=Dates(part.due_on for part in changed),
        fee=Bigints(part.fee for part in changed),
        principal_paid=Bigints(part.principal_paid for part in changed),
        fee_paid=Bigints(part.fee_paid for part in changed),
        penalty_paid=Bigints(part.penalty_paid for part in changed),
        principal_refunded=Bigints(part.principal_refunded for part in changed),
        fee_cancelled=Bigints(part.fee_cancelled for part in changed),
        subsidy_cancelled=Bigints(part.subsidy_cancelled for part in changed),
        principal_written_off=Bigints(part.principal_written_off for part in changed),
        fee_written_off=Bigints(part.fee_written_off for part in changed),
        penalty_waived=Bigints(part.penalty_waived for part in changed),
        penalty_charged=Bigints(part.penalty_charged for part in changed),
        penalty_micros=Bigints(part.penalty_micros for part in changed),
        penalty_through=Texts(_text(part.penalty_through) for part in changed),
        is_billed=[part.is_billed(today) for part in changed],
        settled_on=Texts(_text(part.settled_on) for part in changed),
    )


async def _write_repayments(tx: Tx, bucket: int, facts: LineFacts, lived: Life, today: date) -> None:
    undone = facts.reversed_ids
    standing = [one for one in facts.repayments if one.kind != ReceiptKind.RECOVERY]
    bookings = {one.id: lived.bookings.get(one.id, Booking()) for one in standing}
    await tx.execute(_QUERIES.delete_repayment_parts, bucket=bucket, ids=list(bookings))
    rows = [(one, share) for one, booking in bookings.items() for share in booking.parts]
    if rows:
        await tx.execute(
            _QUERIES.insert_repayment_parts,
            bucket=Smallints([bucket] * len(rows)),
            repayment=Uuids(one for one, _ in rows),
            loan=Uuids(share.instalment_id.loan_id for _, share in rows),
            number=Smallints(share.instalment_id.number for _, share in rows),
            principal=Bigints(share.principal_minor for _, share in rows),
            fee=Bigints(share.fee_minor for _, share in rows),
            penalty=Bigints(share.penalty_minor for _, share in rows),
        )
    await tx.execute(
        _QUERIES.write_lived_repayments,
        bucket=bucket,
        ids=Uuids(bookings),
        overpaid=Bigints(booking.overpaid for booking in bookings.values()),
        reversed_on=Texts(today.isoformat() if one in undone else None for one in bookings),
    )


async def _write_refunds(tx: Tx, bucket: int, facts: LineFacts, lived: Life) -> None:
    ids = [refund.id for refund in facts.refunds]
    await tx.execute(_QUERIES.delete_refund_parts, bucket=bucket, ids=ids)
    for refund_id in ids:
        taken = lived.bookings[refund_id].taken_off
        if taken:
            await tx.execute(
                _QUERIES.insert_refund_parts,
                bucket=bucket,
                refund=refund_id,
                loan=Uuids(part.key.loan_id for part in taken),
                number=Smallints(part.key.number for part in taken),
                principal=Bigints(part.principal_minor for part in taken),
                fee=Bigints(part.fee_minor for part in taken),
                subsidy=Bigints(part.subsidy_minor for part in taken),
            )
    await tx.execute(
        _QUERIES.write_lived_refunds,
        bucket=bucket,
        ids=Uuids(ids),
        shortfall=Bigints(lived.bookings[one].shortfall for one in ids),
        fee=Bigints(sum(part.fee_minor for part in lived.bookings[one].taken_off) for one in ids),
        subsidy=Bigints(sum(part.subsidy_minor for part in lived.bookings[one].taken_off) for one in ids),
    )


async def _write_waivers(tx: Tx, bucket: int, facts: LineFacts, lived: Life) -> None:
    waivers = [one.id for one in facts.adjustments if one.kind is AdjustmentKind.WAIVER]
    if not waivers:
        return
    await tx.execute(_QUERIES.delete_waiver_parts, bucket=bucket, ids=waivers)
    rows = [(one, part) for one in waivers if one in lived.bookings for part in lived.bookings[one].taken_off]
    if rows:
        await tx.execute(
            _QUERIES.insert_waiver_parts,
            bucket=bucket,
            adjustment=Uuids(one for one, _ in rows),
            loan=Uuids(part.key.loan_id for _, part in rows),
            number=Smallints(part.key.number for _, part in rows),
            fee=Bigints(part.fee_minor for _, part in rows),
            penalty=Bigints(part.penalty_minor for _, part in rows),
        )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

"""Writing what a line came to when it was lived again: rows, allocations, totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tiao.lending import carrying, store
from tiao.lending.archive import AdjustmentKind, LineFacts
from tiao.lending.life import Booking, Life, Part
from tiao.lending.model import AllocatedPart
from tiao.lending.records import InstalmentChange, LoanInstalment, LoanKind
from tiao.runtime.arrays import Bigints, Dates, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending", "facts.sql")


def row_values(part: Part, today: date) -> tuple[object, ...]:
    """Give what an instalment's row should hold, in the order of `stored_values`."""
    return (
        part.due_on, part.fee, part.principal_paid, part.fee_paid, part.penalty_paid, part.principal_refunded,
        part.fee_cancelled, part.subsidy_cancelled, part.principal_written_off, part.fee_written_off,
        part.penalty_waived, part.penalty_charged, part.penalty_micros, part.is_billed(today), part.settled_on,
        part.principal, part.carry_micros,
    )  # fmt: skip


def stored_values(row: LoanInstalment) -> tuple[object, ...]:
    """Give what an instalment's row holds."""
    return (
        row.due_on, row.fee_minor, row.principal_paid_minor, row.fee_paid_minor, row.penalty_paid_minor,
        row.principal_refunded_minor, row.fee_cancelled_minor, row.subsidy_cancelled_minor,
        row.principal_written_off_minor, row.fee_written_off_minor, row.penalty_waived_minor,
        row.penalty_charged_minor, row.penalty_micros, row.is_billed, row.settled_on, row.principal_minor,
        row.carry_micros,
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
    await carrying.write_lived(tx, bucket, _carried(facts, lived))
    await _write_repayments(tx, bucket, facts, lived, today)
    await _write_refunds(tx, bucket, facts, lived)
    await _write_waivers(tx, bucket, facts, lived)
    await _write_write_offs(tx, bucket, facts, lived)
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
        principal=Bigints(part.principal for part in changed),
        carry_micros=Bigints(part.carry_micros for part in changed),
        carry_through=Texts(_text(part.carry_through) for part in changed),
    )


async def _write_repayments(tx: Tx, bucket: int, facts: LineFacts, lived: Life, today: date) -> None:
    undone = facts.reversed_ids
    bookings = {one.id: lived.bookings.get(one.id, Booking()) for one in facts.repayments}
    await tx.execute(_QUERIES.delete_repayment_parts, bucket=bucket, ids=list(bookings))
    await store.insert_repayment_parts(
        tx, [(one, share, fallen) for one, booking in bookings.items() for share, fallen in _shares(booking)]
    )
    await tx.execute(
        _QUERIES.write_lived_repayments,
        bucket=bucket,
        ids=Uuids(bookings),
        overpaid=Bigints(booking.overpaid for booking in bookings.values()),
        recovered=Bigints(booking.recovered for booking in bookings.values()),
        reversed_on=Texts(today.isoformat() if one in undone else None for one in bookings),
    )


def _carried(facts: LineFacts, lived: Life) -> dict[UUID, int]:
    """Say how much was carried on for each agreement, and moved each time a loan was arranged anew."""
    derived = [one.id for one in facts.carries if one.is_carried]
    derived += [loan.purchase_id for loan in facts.loans if loan.kind == LoanKind.RESCHEDULED]
    return {one: sum(share.principal_minor for share in lived.bookings[one].parts) for one in derived}


def _shares(booking: Booking) -> list[tuple[AllocatedPart, int]]:
    """Pair what money paid with the fee that fell away there."""
    fallen = {taken.key: taken.fee_minor for taken in booking.taken_off}
    return [(share, fallen.get(share.instalment_id, 0)) for share in booking.parts]


async def _write_refunds(tx: Tx, bucket: int, facts: LineFacts, lived: Life) -> None:
    ids = [refund.id for refund in facts.refunds]
    await tx.execute(_QUERIES.delete_refund_parts, bucket=bucket, ids=ids)
    for refund_id in ids:
        taken = lived.bookings[refund_id].taken_off
        await store.insert_refund_parts(
            tx,
            refund_id,
            [
                InstalmentChange(
                    part.key,
                    principal_refunded_minor=part.principal_minor,
                    fee_cancelled_minor=part.fee_minor,
                    subsidy_cancelled_minor=part.subsidy_minor,
                )
                for part in taken
            ],
        )
    await tx.execute(
        _QUERIES.write_lived_refunds,
        bucket=bucket,
        ids=Uuids(ids),
        shortfall=Bigints(lived.bookings[one].shortfall for one in ids),
        recovered=Bigints(lived.bookings[one].recovered for one in ids),
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


async def _write_write_offs(tx: Tx, bucket: int, facts: LineFacts, lived: Life) -> None:
    lost = {one.id: lived.bookings[one.id].lost for one in facts.write_offs}
    if lost:
        await tx.execute(
            _QUERIES.write_lived_write_offs,
            bucket=bucket,
            ids=Uuids(lost),
            principal=Bigints(principal for principal, _, _ in lost.values()),
            fee=Bigints(fee for _, fee, _ in lost.values()),
            penalty=Bigints(penalty for _, _, penalty in lost.values()),
        )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

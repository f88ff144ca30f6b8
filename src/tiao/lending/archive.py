"""The facts of a line as stored, read for living it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from tiao.lending import carrying, life
from tiao.lending.carrying import CarryAgreement
from tiao.lending.life import AgreedPart, Event, Fact
from tiao.lending.model import InstalmentKey
from tiao.lending.records import Loan, LoanInstalment, LoanKind, ReceiptKind, Refund, Repayment
from tiao.lending.refunds import RefundPolicy
from tiao.lending.refusals import AdjustmentUnknown
from tiao.lending.store import read_instalments
from tiao.runtime.arrays import Dates, Smallints, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending", "facts.sql")


class AdjustmentKind(StrEnum):
    """What somebody may decide about a running loan."""

    WAIVER = "waiver"
    CHARGE = "charge"
    PENALTY_PAUSE = "penalty_pause"
    DEFERRAL = "deferral"
    REVERSAL = "reversal"
    REAMORTISATION = "reamortisation"
    REAGE = "reage"
    #: With the fees of terms to come over all new rows instead of in the first.
    REAGE_SPREAD = "reage_spread"


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


class CreditPayout(Struct, frozen=True, kw_only=True):
    """A credit balance, or part of it, that went back to the customer."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    funding_source_id: UUID
    currency: str
    amount_minor: int
    reason: str
    actor: str
    effective_on: date
    recorded_at: datetime
    #: Given by the database; 0 until then.
    recorded_no: int = 0


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
    repayments: list[Repayment]
    refunds: list[Refund]
    write_offs: list[_WriteOff]
    adjustments: list[Adjustment]
    credit_payouts: list[CreditPayout]
    carries: list[CarryAgreement]

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
        repayments=await tx.rows(_QUERIES.all_repayments_of_line, Repayment, bucket=bucket, line=line_id),
        refunds=await tx.rows(_QUERIES.all_refunds_of_line, Refund, bucket=bucket, line=line_id),
        write_offs=await tx.rows(_QUERIES.all_write_offs_of_line, _WriteOff, bucket=bucket, line=line_id),
        adjustments=await tx.rows(_QUERIES.adjustments_of_line, Adjustment, bucket=bucket, line=line_id),
        credit_payouts=await tx.rows(_QUERIES.credit_payouts_of_line, CreditPayout, bucket=bucket, line=line_id),
        carries=await carrying.agreements_of_line(tx, line_id),
    )


async def loans_in_place_of(tx: Tx, line_id: UUID, loan_ids: Sequence[UUID]) -> list[Loan]:
    """Read the hardship plans and loans arranged anew that took the place of loans, or of each other in turn."""
    replaced, found = set(loan_ids), []
    for loan in await tx.rows(_QUERIES.replacing_loans, Loan, bucket=bucket_of(line_id), line=line_id):
        if loan.refinances_loan_id in replaced:
            replaced.add(loan.id)
            found.append(loan)
    return found


async def line_of_adjustment(tx: Tx, adjustment_id: UUID) -> UUID:
    """Find the line that a decision is about. Refuses: AdjustmentUnknown."""
    found: UUID | None = await tx.value(_QUERIES.line_of_adjustment, bucket=bucket_of(adjustment_id), id=adjustment_id)
    if found is None:
        raise AdjustmentUnknown
    return found


async def insert_write_off(  # noqa: PLR0913  each figure is a column
    tx: Tx,
    *,
    write_off_id: UUID,
    loan: Loan,
    principal_minor: int,
    fee_minor: int,
    penalty_minor: int,
    proposed_by: str,
    agreed_by: str,
    on: date,
    recorded_at: datetime,
) -> None:
    """Write a write-off and mark its loan."""
    await tx.execute(
        _QUERIES.insert_write_off,
        bucket=loan.bucket,
        id=write_off_id,
        loan=loan.id,
        principal=principal_minor,
        fee=fee_minor,
        penalty=penalty_minor,
        proposed_by=proposed_by,
        agreed_by=agreed_by,
        effective_on=on,
        recorded_at=recorded_at,
    )
    await tx.execute(_QUERIES.write_off_loan, bucket=loan.bucket, id=loan.id, on=on)


async def insert_adjustment(tx: Tx, adjustment: Adjustment) -> None:
    """Write a decision. Refuses: FactAlreadyReversed."""
    values = {name: getattr(adjustment, name) for name in adjustment.__struct_fields__ if name != "recorded_no"}
    await tx.execute(_QUERIES.insert_adjustment, **values)


async def insert_credit_payout(tx: Tx, paid: CreditPayout) -> None:
    """Write that a credit balance goes back."""
    await tx.execute(
        _QUERIES.insert_credit_payout,
        bucket=paid.bucket,
        id=paid.id,
        line=paid.line_id,
        customer=paid.customer_id,
        source=paid.funding_source_id,
        currency=paid.currency,
        amount=paid.amount_minor,
        reason=paid.reason,
        actor=paid.actor,
        effective_on=paid.effective_on,
        recorded_at=paid.recorded_at,
    )


async def overtaken(tx: Tx, days: Mapping[UUID, date]) -> set[UUID]:
    """Tell to which lines something that counts on a day comes late: the day is over there, or a later fact is known.

    Ask under the lines' locks: a moment read before a lock was waited for may be of a day that was closed meanwhile.
    """
    if not days:
        return set()
    buckets = Smallints(bucket_of(line_id) for line_id in days)
    return set(await tx.column(_QUERIES.overtaken_lines, buckets=buckets, lines=Uuids(days), days=Dates(days.values())))


async def day_reached(tx: Tx, line_id: UUID) -> date:
    """Find the day a line stands on."""
    found: date = await tx.value(_QUERIES.day_reached, bucket=bucket_of(line_id), line=line_id)
    return found


def events(facts: LineFacts, policy_of: Callable[[date], RefundPolicy]) -> list[Event]:
    """Turn facts into events; what was undone did not happen."""
    undone = facts.reversed_ids
    found = _lent(facts)
    refinanced = {loan.purchase_id: loan for loan in facts.loans if loan.kind != LoanKind.PURCHASE}
    # What carries a statement's rest on, or a loan arranged anew, is not received: how much it is follows.
    carried = {one.id for one in facts.carries} | {
        loan.purchase_id for loan in facts.loans if loan.kind == LoanKind.RESCHEDULED
    }
    for one in facts.repayments:
        if one.id in undone or one.id in carried:
            continue
        found.append(
            life.Received(
                Fact(one.id, one.effective_on, one.recorded_no),
                one.amount_minor,
                is_from_credit=one.kind == ReceiptKind.CREDIT_BALANCE,
                is_narrow=one.kind == ReceiptKind.REFUND,
                is_billed_only=one.kind == ReceiptKind.CREDIT_BALANCE,
                only_statement_on=refinanced[one.id].refinances_statement_on if one.id in refinanced else None,
                only_loan_id=refinanced[one.id].refinances_loan_id if one.id in refinanced else one.for_loan_id,
                is_payoff=one.is_payoff,
                may_recover=ReceiptKind(one.kind).may_recover,
                is_recovery=one.kind == ReceiptKind.RECOVERY,
            )
        )
    found += [_carried(one, is_undone=one.id in undone) for one in facts.carries if one.is_carried]
    taken = _taken_on(facts)
    found += [
        life.Refunded(
            Fact(refund.id, refund.effective_on, refund.recorded_no),
            refund.purchase_id,
            refund.amount_minor,
            refund.amount_minor - refund.returned_minor,
            policy_of(taken[refund.purchase_id]),
        )
        for refund in facts.refunds
    ]
    found += [life.PaidOut(Fact(p.id, p.effective_on, p.recorded_no), p.amount_minor) for p in facts.credit_payouts]
    found += [life.WrittenOff(Fact(w.id, w.effective_on, w.recorded_no), w.loan_id) for w in facts.write_offs]
    found += [event for one in facts.adjustments if one.id not in undone for event in _decided(one)]
    found += _rescheduled(facts)
    return found


def _lent(facts: LineFacts) -> list[Event]:
    """Restore the instalments as agreed: without the charges and deferrals that came later."""
    parts: dict[UUID, list[AgreedPart]] = defaultdict(list)
    for part in facts.instalments:
        parts[part.loan_id].append(
            AgreedPart(
                part.number,
                part.statement_on,
                part.agreed_due_on,
                part.principal_minor,
                part.agreed_fee_minor,
                part.subsidy_minor,
                part.interest_from_on,
                part.interest_on_minor,
            )
        )
    return [
        life.Lent(
            Fact(loan.id, loan.taken_on, loan.recorded_no),
            loan.id,
            loan.purchase_id,
            loan.penalty_ppm,
            tuple(parts[loan.id]),
            is_refinancing=loan.kind != LoanKind.PURCHASE,
        )
        for loan in facts.loans
        if loan.kind not in {LoanKind.REVOLVING, LoanKind.RESCHEDULED}
    ]


def _carried(one: CarryAgreement, *, is_undone: bool) -> Event:
    return life.Carried(
        Fact(one.id, one.due_on, one.recorded_no),
        one.loan_id,
        one.statement_on,
        one.due_on,
        one.next_statement_on,
        one.next_due_on,
        one.terms,
        one.penalty_ppm,
        is_undone,
    )


def _rescheduled(facts: LineFacts) -> list[Event]:
    decided = {one.id: one for one in facts.adjustments}
    return [
        life.Rescheduled(
            Fact(loan.purchase_id, decided[loan.purchase_id].effective_on, decided[loan.purchase_id].recorded_no),
            loan.refinances_loan_id,
            loan.id,
            tuple((part.statement_on, part.agreed_due_on) for part in facts.instalments if part.loan_id == loan.id),
            loan.penalty_ppm,
            moves_all=decided[loan.purchase_id].kind is not AdjustmentKind.REAMORTISATION,
            is_fee_spread=decided[loan.purchase_id].kind is AdjustmentKind.REAGE_SPREAD,
            is_undone=loan.purchase_id in facts.reversed_ids,
        )
        for loan in facts.loans
        if loan.kind == LoanKind.RESCHEDULED and loan.refinances_loan_id is not None
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
        case _:
            # Undone facts did not happen; what was arranged anew is told apart, for it names rows.
            return []

"""What can be done with loans, inside the caller's transaction: book, repay, refund, write off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.ledger.model import Posting
from tiao.lending import archive, booking, carrying, postings, replaying, store
from tiao.lending.allocation import DEFAULT_ORDER, AllocationOrder, allocate, allocate_payoff, with_fallen
from tiao.lending.carrying import CarryMade
from tiao.lending.interest import falls_with
from tiao.lending.model import AllocatedPart, CostKind, InstalmentKey
from tiao.lending.penalties import MICRO
from tiao.lending.postings import EarlyBilled
from tiao.lending.records import (
    BookedReceipt,
    InstalmentChange,
    LoanInstalment,
    LoanStatus,
    NewLoan,
    Receipt,
    ReceiptKind,
)
from tiao.lending.refusals import LoanNotActive, LoanUnknown, RepaymentUnknown
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment


class Applied(NamedTuple):
    """Where a repayment went. *recovered_minor* made a loss good, *overpaid_minor* stands as a credit balance."""

    receipt: Receipt
    parts: list[AllocatedPart]
    overpaid_minor: int
    recovered_minor: int
    is_new: bool
    #: Fees of terms that a payoff settled before their statement and interest that need not run, by instalment.
    fees_fallen: Mapping[InstalmentKey, int] = MappingProxyType({})


async def book(tx: Tx, now: Moment, loans: Sequence[NewLoan]) -> None:
    """Turn captures into loans: plan, receivable and merchant payable in one set.

    Refuses: CreditLimitExceeded.
    """
    if not loans:
        return
    await store.book_loans(tx, booking.own_arrays(loans) | booking.arrays(loans, today=now.today, recorded_at=now.at))


async def bring_up_to_date(tx: Tx, now: Moment, line_ids: Sequence[UUID], *, cause: UUID) -> None:
    """Do what the close has not come by yet to do: carry on what was agreed, charge penalties through yesterday."""
    await carry_over(tx, now, line_ids, through=now.today - timedelta(days=1))
    await store.accrue_lines(
        tx,
        line_ids,
        through=now.today - timedelta(days=1),
        booked_on=now.today,
        recorded_at=now.at,
        cause=str(cause),
    )


async def carry_over(tx: Tx, now: Moment, line_ids: Sequence[UUID], *, through: date) -> int:
    """Carry the rest of statements on whose due date is over and of which the minimum was paid; answers how many.

    Where it was not, nothing is carried and what is left is overdue. Each agreement is carried out once.
    """
    if not await carrying.waiting(tx, line_ids, through=through):
        return 0
    await ledger.lock_lines(tx, line_ids)
    waiting = await carrying.waiting(tx, line_ids, through=through)
    for day in sorted({one.due_on for one in waiting}):
        agreed = [one for one in waiting if one.due_on == day]
        lines = [one.line_id for one in agreed]
        # What was carried before owes its interest first: that is part of the minimum.
        await carrying.accrue(tx, now, lines, cause=f"carry/{agreed[0].id}")
        await _carry(tx, now, await carrying.decide(tx, agreed), lines)
    return len(waiting)


async def _carry(tx: Tx, now: Moment, made: Sequence[CarryMade], lines: Sequence[UUID]) -> None:
    owed: dict[UUID, list[LoanInstalment]] = defaultdict(list)
    for instalment in await store.read_open_instalments(tx, lines):
        owed[instalment.line_id].append(instalment)
    await store.insert_loans(tx, [one.loan for one in made], recorded_at=now.at)
    carried = [Applied(one.receipt, one.parts, 0, 0, is_new=True) for one in made if one.carry.amount_minor]
    await _save(tx, now, carried, owed)
    nothing = [BookedReceipt(one.receipt, 0, 0) for one in made if not one.carry.amount_minor]
    if nothing:
        await store.insert_repayments(tx, nothing, [], recorded_at=now.at)
    await carrying.start(tx, made)
    books = [
        postings.interest_since_statement(
            one.loan.id,
            line_id=one.loan.line_id,
            currency=one.loan.currency,
            effective_on=one.loan.taken_on,
            interest_minor=one.carry.backlog_micros // MICRO,
        )
        for one in made
        if one.carry.backlog_micros >= MICRO
    ]
    await ledger.post(tx, books, booked_on=now.today, recorded_at=now.at)


async def repay(
    tx: Tx,
    now: Moment,
    receipts: Sequence[Receipt],
    *,
    order: AllocationOrder = DEFAULT_ORDER,
    eligible: Callable[[LoanInstalment], bool] = lambda _: True,
) -> list[Applied]:
    """Put money received against what lines owe, oldest first, then against what was written off.

    What is too much becomes a credit balance. A receipt seen before is answered and not applied again. At most one
    receipt a line in a set. *eligible* narrows what the money may be put against.
    """
    if not receipts:
        return []
    lines = [receipt.line_id for receipt in receipts]
    assert len(set(lines)) == len(lines), "a set has at most one receipt for each line"
    await ledger.lock_lines(tx, lines)
    known = await store.read_known_repayments(tx, [receipt.id for receipt in receipts])
    fresh = [receipt for receipt in receipts if receipt.id not in known]
    late = await archive.overtaken(tx, {receipt.line_id: receipt.effective_on for receipt in fresh})
    if fresh:
        await bring_up_to_date(tx, now, [receipt.line_id for receipt in fresh], cause=fresh[0].id)
    owed: dict[UUID, list[LoanInstalment]] = defaultdict(list)
    for instalment in await store.read_open_instalments(tx, [receipt.line_id for receipt in fresh]):
        owed[instalment.line_id].append(instalment)

    applied = await _recovering(tx, [_apply(receipt, owed[receipt.line_id], order, eligible) for receipt in fresh])
    await _save(tx, now, applied, owed)
    overtaken = [one.receipt for one in applied if one.receipt.line_id in late]
    await replaying.catch_up(tx, now, [(receipt.line_id, receipt.id, receipt.currency) for receipt in overtaken])
    by_id = {one.receipt.id: one for one in applied}
    return [by_id[receipt.id] if receipt.id in by_id else await _stored(tx, receipt) for receipt in receipts]


async def _recovering(tx: Tx, applied: Sequence[Applied]) -> list[Applied]:
    """Set what is left over against what the line still owes of loans that were written off."""
    left = [one.receipt.line_id for one in applied if one.overpaid_minor and one.receipt.kind.may_recover]
    lost = await store.read_unrecovered(tx, left) if left else {}
    found = []
    for one in applied:
        recovered = min(one.overpaid_minor, lost.get(one.receipt.line_id, 0)) if one.receipt.kind.may_recover else 0
        found.append(one._replace(overpaid_minor=one.overpaid_minor - recovered, recovered_minor=recovered))
    return found


def _apply(
    receipt: Receipt,
    owed: Sequence[LoanInstalment],
    order: AllocationOrder,
    eligible: Callable[[LoanInstalment], bool],
) -> Applied:
    day, fallen = receipt.effective_on, dict[InstalmentKey, int]()
    takes = [part for part in owed if eligible(part) and receipt.for_loan_id in {None, part.loan_id}]
    items = [part.as_open(day, is_payoff=receipt.is_payoff) for part in takes]
    if receipt.is_payoff:
        parts, rest, fallen = allocate_payoff(receipt.amount_minor, items, order)
    else:
        parts, rest = allocate(receipt.amount_minor, items, order)
    fallen |= falls_with([part.as_bearing for part in owed], parts, day, is_payoff=receipt.is_payoff)
    return Applied(receipt, with_fallen(parts, fallen), rest, 0, is_new=True, fees_fallen=fallen)


async def _save(tx: Tx, now: Moment, applied: Sequence[Applied], owed: dict[UUID, list[LoanInstalment]]) -> None:
    if not applied:
        return
    changes = []
    books: list[Posting] = []
    touched: set[UUID] = set()
    for one in applied:
        receipt = one.receipt
        open_now = {instalment.key: instalment for instalment in owed[receipt.line_id]}
        early = [item for part in one.parts if _falls_due(item := open_now[part.instalment_id], part)]
        fees = [_early(item, one.fees_fallen.get(item.key, 0)) for item in early]
        fees += [
            EarlyBilled(item.loan_id, item.cost_kind, -fallen, 0)
            for key, fallen in one.fees_fallen.items()
            if (item := open_now[key]).is_billed
        ]
        if (posting := postings.billed_early(receipt.id, receipt.currency, fees, receipt.effective_on)) is not None:
            books.append(posting)
        books.append(postings.repayment_received(receipt, one.parts, one.overpaid_minor, one.recovered_minor))
        billed_now = {item.key for item in early}
        changes += [
            (_paid(part, one, becomes_billed=part.instalment_id in billed_now), receipt.effective_on)
            for part in one.parts
        ]
        touched |= {part.instalment_id.loan_id for part in one.parts}
    await store.insert_repayments(
        tx,
        [BookedReceipt(one.receipt, one.overpaid_minor, one.recovered_minor) for one in applied],
        [(one.receipt.id, part, one.fees_fallen.get(part.instalment_id, 0)) for one in applied for part in one.parts],
        recorded_at=now.at,
    )
    if changes:
        await store.change_instalments(tx, changes)
        await store.settle(
            tx, loan_ids=sorted(touched), line_ids=[one.receipt.line_id for one in applied], on=now.today
        )
    await ledger.post(tx, books, booked_on=now.today, recorded_at=now.at)


def _falls_due(item: LoanInstalment, part: AllocatedPart) -> bool:
    """Tell whether a payment bills an instalment before its statement: interest only where some of it is paid."""
    return not item.is_billed and (item.cost_kind is CostKind.FEE or part.interest_minor > 0)


def _early(item: LoanInstalment, fallen_minor: int) -> EarlyBilled:
    cost_minor = item.fee_minor - item.fee_cancelled_minor - fallen_minor
    return EarlyBilled(item.loan_id, item.cost_kind, cost_minor, item.subsidy_minor - item.subsidy_cancelled_minor)


def _paid(part: AllocatedPart, applied: Applied, *, becomes_billed: bool) -> InstalmentChange:
    return InstalmentChange(
        part.instalment_id,
        principal_paid_minor=part.principal_minor,
        fee_paid_minor=part.cost_minor,
        fee_cancelled_minor=applied.fees_fallen.get(part.instalment_id, 0),
        penalty_paid_minor=part.penalty_minor,
        becomes_billed=becomes_billed,
    )


async def _stored(tx: Tx, receipt: Receipt) -> Applied:
    stored = await store.read_repayment(tx, receipt.id)
    if stored is None:
        raise RepaymentUnknown
    return Applied(receipt, [], stored.overpaid_minor, stored.recovered_minor, is_new=False)


async def recover(tx: Tx, now: Moment, receipt: Receipt) -> None:
    """Book money on a debt that was written off; more than was lost stays the customer's."""
    assert receipt.kind is ReceiptKind.RECOVERY, "a recovery is no ordinary repayment"
    await repay(tx, now, [receipt], eligible=lambda _: False)


async def write_off(tx: Tx, now: Moment, loan_id: UUID, *, proposed_by: str, agreed_by: str) -> UUID:
    """Take a loan off the books as a loss, by two people; it happens once, and the line's use falls by its principal.

    Refuses: LoanUnknown, LoanNotActive.
    """
    assert proposed_by != agreed_by, "two people"
    found = await store.read_loans(tx, [loan_id])
    if not found:
        raise LoanUnknown
    await ledger.lock_lines(tx, [found[0].line_id])
    loan = (await store.read_loans(tx, [loan_id]))[0]
    if loan.status != LoanStatus.ACTIVE:
        raise LoanNotActive
    write_off_id = derived_id("write_off", loan_id, bucket=loan.bucket)
    await bring_up_to_date(tx, now, [loan.line_id], cause=write_off_id)
    late = await archive.overtaken(tx, {loan.line_id: now.today})
    parts = [part for part in await store.read_instalments(tx, [loan_id]) if part.settled_on is None]
    loss = _loss_of(parts, now.today)
    changes = [
        InstalmentChange(
            part.key,
            principal_written_off_minor=part.principal_open_minor,
            fee_written_off_minor=part.fee_open_minor,
            penalty_waived_minor=part.penalty_open_minor,
            becomes_billed=True,
        )
        for part in parts
    ]
    await store.change_instalments(tx, [(change, now.today) for change in changes])
    await archive.insert_write_off(
        tx,
        write_off_id=write_off_id,
        loan=loan,
        principal_minor=loss.principal_minor,
        fee_minor=loss.fee_minor,
        penalty_minor=loss.penalty_minor,
        proposed_by=proposed_by,
        agreed_by=agreed_by,
        on=now.today,
        recorded_at=now.at,
    )
    await store.settle(tx, loan_ids=[], line_ids=[loan.line_id], on=now.today)
    posting = postings.loan_written_off(
        write_off_id,
        loan_id=loan_id,
        line_id=loan.line_id,
        currency=loan.currency,
        effective_on=now.today,
        principal_minor=loss.principal_minor,
        fee_minor=loss.fee_minor,
        penalty_minor=loss.penalty_minor,
        subsidy_minor=loss.subsidy_minor,
        cost_kind=loan.cost_kind,
    )
    billed = postings.billed_early(write_off_id, loan.currency, loss.fees_falling_due, now.today)
    books = [posting] if billed is None else [billed, posting]
    await ledger.post(tx, books, booked_on=now.today, recorded_at=now.at)
    await replaying.catch_up(tx, now, [(line_id, write_off_id, loan.currency) for line_id in late])
    return write_off_id


class _Loss(NamedTuple):
    principal_minor: int
    fee_minor: int
    penalty_minor: int
    #: Of terms whose statement has not come: the merchant's, and earned now.
    subsidy_minor: int
    #: What has its statement today is owed, although the close may not have come by to bill it yet.
    fees_falling_due: list[EarlyBilled]


def _loss_of(parts: Sequence[LoanInstalment], today: date) -> _Loss:
    billed = {part.key for part in parts if part.is_billed or part.statement_on <= today}
    return _Loss(
        principal_minor=sum(part.principal_open_minor for part in parts),
        fee_minor=sum(part.fee_open_minor for part in parts if part.key in billed),
        penalty_minor=sum(part.penalty_open_minor for part in parts),
        subsidy_minor=sum(
            part.subsidy_minor - part.subsidy_cancelled_minor for part in parts if part.key not in billed
        ),
        fees_falling_due=[_early(part, 0) for part in parts if part.key in billed and not part.is_billed],
    )

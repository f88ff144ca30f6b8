"""What people decide about a running loan: late money, repayments taken back, waivers, charges, pauses, deferrals.

Each is a fact of its own day; the line is lived again, and only the difference is booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from tiao.ledger import actions as ledger
from tiao.ledger.model import HOUSE, Account, Entry
from tiao.lending import actions, archive, replaying, store
from tiao.lending.archive import Adjustment, AdjustmentKind, LineFacts
from tiao.lending.life import Component
from tiao.lending.model import CostKind, InstalmentKey
from tiao.lending.records import BookedReceipt, LoanInstalment, LoanKind, LoanStatus, Receipt, ReceiptKind
from tiao.lending.refusals import (
    DeferralNotOffered,
    DeferralTooLong,
    EffectiveDayInvalid,
    FactAlreadyReversed,
    FeeOnInterestLoan,
    InstalmentUnknown,
    LaterRescheduling,
    LoanUnknown,
    NotDeferrable,
    NotReversible,
    ReasonNeeded,
    WaiverExceedsOwed,
)
from tiao.lending.replaying import PolicyOf, Replayed
from tiao.policy.pack import Pack
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

#: Who needs longer needs another plan; a pause is counted day by day.
PAUSE_DAYS_MAX = 366
#: Money that came from outside, or from us by mistake; the rest follows from other facts.
_REVERSIBLE = (ReceiptKind.DEBIT, ReceiptKind.TRANSFER, ReceiptKind.GOODWILL, ReceiptKind.RECOVERY)


class Decision(NamedTuple):
    """Who decided, and why: every adjustment is told to the customer and can be contested."""

    id: UUID
    line_id: UUID
    currency: str
    actor: str
    reason: str


async def receive(tx: Tx, now: Moment, receipt: Receipt, *, policy_of: PolicyOf) -> Replayed | None:
    """Put money against a line as of the day it counts, which may lie back: what came after is lived again.

    Answers None when it counts from today on and nothing had to be lived again. A receipt seen before does nothing.
    Refuses: EffectiveDayInvalid.
    """
    await ledger.lock_lines(tx, [receipt.line_id])
    if receipt.id in await store.read_known_repayments(tx, [receipt.id]):
        return None
    if receipt.effective_on > now.today:
        raise EffectiveDayInvalid(pointer="/effective_on", today=now.today.isoformat())
    if receipt.effective_on == now.today:
        await actions.repay(tx, now, [receipt])
        return None
    await actions.bring_up_to_date(tx, now, [receipt.line_id], cause=receipt.id)
    await store.insert_repayments(tx, [BookedReceipt(receipt, 0, 0)], [], recorded_at=now.at)
    return await replaying.replay(
        tx,
        now,
        receipt.line_id,
        cause=receipt.id,
        currency=receipt.currency,
        policy_of=policy_of,
        outside=[_outside(receipt.kind, receipt.line_id, receipt.customer_id, receipt.amount_minor)],
    )


async def reverse(
    tx: Tx, now: Moment, decision: Decision, fact_id: UUID, *, effective_on: date, policy_of: PolicyOf
) -> Replayed:
    """Take a repayment back (the bank recalled it, or it was booked by mistake), or undo an adjustment.

    What it had paid is owed again as if it had never come, penalties included.
    Refuses: NotReversible, FactAlreadyReversed, ReasonNeeded.
    """
    facts = await begin(tx, now, decision)
    if fact_id in facts.reversed_ids:
        raise FactAlreadyReversed
    outside: list[Entry] = []
    repayment = next((one for one in facts.repayments if one.id == fact_id), None)
    if repayment is not None and repayment.id not in _derived(facts):
        kind = ReceiptKind(repayment.kind)
        if repayment.returned_minor or kind not in _REVERSIBLE:
            raise NotReversible
        leg = _outside(kind, repayment.line_id, repayment.customer_id, repayment.amount_minor)
        outside.append(leg._replace(amount_minor=-leg.amount_minor))
    elif not _can_be_undone(facts, fact_id):
        raise NotReversible
    undo = replace(_adjustment(now, decision, AdjustmentKind.REVERSAL, effective_on), undoes_id=fact_id)
    replayed = await _decide(tx, now, decision, undo, policy_of, outside)
    if await ledger.owner_balance(tx, Account.CREDIT_BALANCE, decision.line_id) > 0:
        raise NotReversible("its surplus has been paid out to the customer already: that must come back first")
    return replayed


def _derived(facts: LineFacts) -> set[UUID]:
    """Name repayments that nobody made: what carries a bill's rest on, or a loan arranged anew."""
    moved = {loan.purchase_id for loan in facts.loans if loan.kind == LoanKind.RESCHEDULED}
    return moved | {one.id for one in facts.carries}


def _can_be_undone(facts: LineFacts, fact_id: UUID) -> bool:
    """Tell whether a decision may be undone: an adjustment, or that only the minimum of a bill is paid.

    Refuses: LaterRescheduling.
    """
    made = next((loan for loan in facts.loans if loan.purchase_id == fact_id), None)
    if made is not None and made.kind == LoanKind.RESCHEDULED:
        again = {made.id, made.refinances_loan_id}
        later = [
            loan
            for loan in facts.loans
            if loan.refinances_loan_id in again
            and loan.recorded_no > made.recorded_no
            and loan.purchase_id not in facts.reversed_ids
        ]
        if later or made.status == LoanStatus.WRITTEN_OFF:
            raise LaterRescheduling
    decided = any(one.id == fact_id and one.kind is not AdjustmentKind.REVERSAL for one in facts.adjustments)
    return decided or any(one.id == fact_id for one in facts.carries)


async def waive(
    tx: Tx,
    now: Moment,
    decision: Decision,
    *,
    loan_id: UUID,
    component: Component,
    amount_minor: int,
    policy_of: PolicyOf,
) -> Replayed:
    """Let part of a loan's penalty or fee go, oldest first; a fee not billed yet never falls due then.

    Refuses: LoanUnknown, WaiverExceedsOwed, ReasonNeeded.
    """
    parts = _parts_of(await begin(tx, now, decision), loan_id)
    owed = sum(part.penalty_open_minor if component is Component.PENALTY else part.fee_open_minor for part in parts)
    if not 0 < amount_minor <= owed:
        raise WaiverExceedsOwed(pointer="/amount_minor", owed_minor=owed)
    waiver = replace(
        _adjustment(now, decision, AdjustmentKind.WAIVER, now.today),
        loan_id=loan_id,
        component=component.value,
        amount_minor=amount_minor,
    )
    return await _decide(tx, now, decision, waiver, policy_of)


async def charge(
    tx: Tx, now: Moment, decision: Decision, *, key: InstalmentKey, component: Component, amount_minor: int,
    policy_of: PolicyOf,
) -> Replayed:  # fmt: skip
    """Add a fee or penalty to an instalment that is still open.

    Refuses: LoanUnknown, InstalmentUnknown, FeeOnInterestLoan, ReasonNeeded.
    """
    facts = await begin(tx, now, decision)
    part = _part_of(facts, key)
    if part.settled_on is not None or amount_minor <= 0:
        raise InstalmentUnknown("only an open instalment can be charged", pointer="/number")
    if component is Component.FEE and any(
        loan.id == key.loan_id and loan.cost_kind is CostKind.INTEREST for loan in facts.loans
    ):
        raise FeeOnInterestLoan(pointer="/component")
    added = replace(
        _adjustment(now, decision, AdjustmentKind.CHARGE, now.today),
        loan_id=key.loan_id,
        number=key.number,
        component=component.value,
        amount_minor=amount_minor,
    )
    return await _decide(tx, now, decision, added, policy_of)


async def pause_penalties(
    tx: Tx, now: Moment, decision: Decision, *, from_on: date, to_on: date, policy_of: PolicyOf
) -> Replayed:
    """Charge no penalty on the line from one day to another, both included; days gone by are given back.

    Refuses: EffectiveDayInvalid when the days are in the wrong order or more than a year, ReasonNeeded.
    """
    if not from_on <= to_on <= from_on + timedelta(days=PAUSE_DAYS_MAX):
        raise EffectiveDayInvalid("a pause ends on the day it begins or within a year after", pointer="/to_on")
    await begin(tx, now, decision)
    pause = replace(
        _adjustment(now, decision, AdjustmentKind.PENALTY_PAUSE, min(from_on, now.today)), from_on=from_on, to_on=to_on
    )
    return await _decide(tx, now, decision, pause, policy_of)


async def defer(
    tx: Tx, now: Moment, decision: Decision, *, key: InstalmentKey, days: int, days_max: int, policy_of: PolicyOf
) -> Replayed:
    """Let a billed instalment fall due some days later; together no later than *days_max* after the day agreed.

    Refuses: LoanUnknown, InstalmentUnknown, NotDeferrable, DeferralTooLong. Source: policy `deferral.max_days`.
    """
    facts = await begin(tx, now, decision)
    part = _part_of(facts, key)
    if part.settled_on is not None or not part.is_billed or part.due_on < now.today:
        raise NotDeferrable
    left = max(0, days_max - _days_deferred(part))
    if not 0 < days <= left:
        raise DeferralTooLong(pointer="/days", days_max=left)
    later = replace(
        _adjustment(now, decision, AdjustmentKind.DEFERRAL, now.today),
        loan_id=key.loan_id,
        number=key.number,
        from_on=part.due_on,
        to_on=part.due_on + timedelta(days=days),
    )
    return await _decide(tx, now, decision, later, policy_of)


async def deferral_left(tx: Tx, now: Moment, line_id: UUID, key: InstalmentKey, *, days_max: int) -> int:
    """Say by how many days more a billed instalment may be deferred.

    Refuses: LoanUnknown, InstalmentUnknown, NotDeferrable.
    """
    facts = await archive.facts_of_line(tx, line_id)
    part = _part_of(facts, key)
    if part.settled_on is not None or not part.is_billed or part.due_on < now.today:
        raise NotDeferrable
    return max(0, days_max - _days_deferred(part))


def deferral_days_max(pack: Pack, *, on: date, lender_type: str) -> int:
    """Say by how many days a bill may be deferred. Refuses: DeferralNotOffered while the switch is off.

    Source: policy `deferral.max_days`.
    """
    if not pack.reaches("deferral.max_days", on=on, lender_type=lender_type):
        raise DeferralNotOffered(rule="deferral.max_days")
    return pack.integer("deferral.max_days", on=on, lender_type=lender_type)


def _days_deferred(part: LoanInstalment) -> int:
    """Count from the day agreed: of deferrals that build on each other, the first may have been undone."""
    return (part.due_on - part.agreed_due_on).days


async def begin(tx: Tx, now: Moment, decision: Decision) -> LineFacts:
    """Lock the line, bring it up to date and read its facts. Refuses: ReasonNeeded."""
    if not decision.reason.strip():
        raise ReasonNeeded(pointer="/reason")
    await ledger.lock_lines(tx, [decision.line_id])
    await actions.bring_up_to_date(tx, now, [decision.line_id], cause=decision.id)
    return await archive.facts_of_line(tx, decision.line_id)


async def decide_about(
    tx: Tx, now: Moment, decision: Decision, kind: AdjustmentKind, loan_id: UUID, policy_of: PolicyOf
) -> Replayed:
    """Write a decision of today about a loan, and live its line again."""
    about = replace(_adjustment(now, decision, kind, now.today), loan_id=loan_id)
    return await _decide(tx, now, decision, about, policy_of)


async def _decide(
    tx: Tx,
    now: Moment,
    decision: Decision,
    adjustment: Adjustment,
    policy_of: PolicyOf,
    outside: Sequence[Entry] = (),
) -> Replayed:
    await archive.insert_adjustment(tx, adjustment)
    return await replaying.replay(
        tx,
        now,
        decision.line_id,
        cause=adjustment.id,
        currency=decision.currency,
        policy_of=policy_of,
        outside=outside,
    )


def _adjustment(now: Moment, decision: Decision, kind: AdjustmentKind, effective_on: date) -> Adjustment:
    return Adjustment(
        bucket=bucket_of(decision.line_id),
        id=decision.id,
        line_id=decision.line_id,
        kind=kind,
        reason=decision.reason,
        actor=decision.actor,
        effective_on=effective_on,
        recorded_at=now.at,
    )


def _outside(kind: ReceiptKind, line_id: UUID, customer_id: UUID, amount_minor: int) -> Entry:
    """Name the account that money of a kind comes from."""
    match kind:
        case ReceiptKind.GOODWILL:
            return Entry(Account.GOODWILL, HOUSE, amount_minor)
        case ReceiptKind.CREDIT_BALANCE:
            return Entry(Account.CREDIT_BALANCE, line_id, amount_minor)
        case ReceiptKind.REFUND:
            return Entry(Account.REFUND_PAYABLE, customer_id, amount_minor)
        case _:
            return Entry(Account.CASH, HOUSE, amount_minor)


def _parts_of(facts: LineFacts, loan_id: UUID) -> list[LoanInstalment]:
    parts = [part for part in facts.instalments if part.loan_id == loan_id]
    if not parts:
        raise LoanUnknown
    return parts


def _part_of(facts: LineFacts, key: InstalmentKey) -> LoanInstalment:
    for part in _parts_of(facts, key.loan_id):
        if part.number == key.number:
            return part
    raise InstalmentUnknown(pointer="/number")

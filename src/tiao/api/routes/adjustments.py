"""What people decide about lines: money by hand, repayments taken back, pauses; and the list of all decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AdjustmentInPath, AmountMinor, IdempotencyKey, LineInPath, RepaymentInPath, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.paging import After, ByNumber, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.routes.repayments import RepaymentInFull, repayment_in_full
from tiao.api.services import Call
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.ledger.refusals import LineUnknown
from tiao.lending import adjusting, archive, daily
from tiao.lending.adjusting import Decision
from tiao.lending.archive import Adjustment, AdjustmentKind, LineFacts
from tiao.lending.carrying import CarryAgreement
from tiao.lending.life import Component
from tiao.lending.records import Receipt, ReceiptKind, Repayment
from tiao.lending.refunds import RefundPolicy
from tiao.lending.refusals import (
    AdjustmentUnknown,
    EffectiveDayInvalid,
    FactAlreadyReversed,
    LaterRescheduling,
    NotReversible,
    ReasonNeeded,
    RepaymentUnknown,
)
from tiao.lending.seconding import actions as seconding
from tiao.lending.seconding.refusals import AmountTakesTwoPeople
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class ReceiptGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money put on a line by hand: a bank transfer, or goodwill of the lender. It counts on *effective_on*."""

    kind: Literal["transfer", "goodwill"]
    amount_minor: AmountMinor
    effective_on: date
    reason: Text


class ReversalGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a repayment is taken back, because the bank recalled it or it was a mistake; or why a decision is undone."""

    reason: Text


class PauseGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which no penalty is charged, both included."""

    from_on: date
    to_on: date
    reason: Text


class AdjustmentShown(msgspec.Struct, frozen=True):
    """A decision about a line: who took it, why, and from when it counts. Which fields it uses depends on its kind."""

    id: str
    line: str
    kind: str
    loan: str | None
    number: int | None
    component: Component | None
    amount_minor: int
    from_on: date | None
    to_on: date | None
    undoes: str | None
    is_undone: bool
    reason: str
    actor: str
    effective_on: date
    recorded_at: datetime


class AdjustmentMade(msgspec.Struct, frozen=True):
    """A decision, and what the whole line owes after it."""

    adjustment: AdjustmentShown
    open_minor: int


class AdjustmentPage(msgspec.Struct, frozen=True):
    """Decisions about a line, the one recorded last first."""

    data: list[AdjustmentShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/lines/{line_id:str}/receipts",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LineUnknown, EffectiveDayInvalid, ReasonNeeded, AmountTakesTwoPeople],
)
async def receive_money(
    call: Call, line_id: LineInPath, data: JSONBody[ReceiptGiven], key: IdempotencyKey
) -> Response[RepaymentInFull]:
    """Put money on a line as of the day it counts, which may lie back: what came after is lived again.

    From an amount on another operator has to agree: then it is proposed.
    """
    wanted = read_id(ids.LINE, line_id)

    async def work(tx: Tx, now: Moment) -> RepaymentInFull:
        line = await ledger.line(tx, wanted)
        if not data.reason.strip():
            raise ReasonNeeded(pointer="/reason")
        if data.effective_on < line.opened_on:
            raise EffectiveDayInvalid(pointer="/effective_on", opened_on=line.opened_on.isoformat())
        receipt = Receipt(
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            kind=ReceiptKind(data.kind),
            currency=line.currency,
            amount_minor=data.amount_minor,
            effective_on=data.effective_on,
            actor=actor(call),
            reason=data.reason,
        )
        await adjusting.receive(tx, now, receipt, policy_of=refund_policy_of(call))
        await check_alone(call, tx, now, line.id, receipt.id)
        return await repayment_in_full(tx, receipt.id)

    return await once(call, key, data, work)


@makes(
    "/v1/repayments/{repayment_id:str}/reversal",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[RepaymentUnknown, NotReversible, FactAlreadyReversed, ReasonNeeded, AmountTakesTwoPeople],
)
async def reverse_repayment(
    call: Call, repayment_id: RepaymentInPath, data: JSONBody[ReversalGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Take a repayment back: what it had paid is owed again as if it had never come, penalties included.

    From an amount on another operator has to agree: then it is proposed.
    """
    wanted = read_id(ids.REPAYMENT, repayment_id)

    async def work(tx: Tx, now: Moment) -> AdjustmentMade:
        found, _ = await daily.repayment(tx, wanted)
        line = await ledger.line(tx, found.line_id)
        decision = decision_of(call, now, line, data.reason)
        await adjusting.reverse(tx, now, decision, wanted, effective_on=now.today, policy_of=refund_policy_of(call))
        await check_alone(call, tx, now, line.id, decision.id)
        return await made_on(tx, line, decision)

    return await once(call, key, data, work)


@makes(
    "/v1/adjustments/{adjustment_id:str}/reversal",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[AdjustmentUnknown, NotReversible, LaterRescheduling, FactAlreadyReversed, ReasonNeeded],
)
async def undo_adjustment(
    call: Call, adjustment_id: AdjustmentInPath, data: JSONBody[ReversalGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Undo a waiver, charge, pause, deferral or new arrangement: the line stands as if it had never been decided."""
    wanted = read_id(ids.ADJUSTMENT, adjustment_id)

    async def work(tx: Tx, now: Moment) -> AdjustmentMade:
        line = await ledger.line(tx, await archive.line_of_adjustment(tx, wanted))
        decision = decision_of(call, now, line, data.reason)
        await adjusting.reverse(tx, now, decision, wanted, effective_on=now.today, policy_of=refund_policy_of(call))
        return await made_on(tx, line, decision)

    return await once(call, key, data, work)


@makes(
    "/v1/lines/{line_id:str}/penalty_pauses",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LineUnknown, EffectiveDayInvalid, ReasonNeeded],
)
async def pause_penalties(
    call: Call, line_id: LineInPath, data: JSONBody[PauseGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Charge no penalty on a line for some days; penalties of days gone by are given back."""
    wanted = read_id(ids.LINE, line_id)

    async def work(tx: Tx, now: Moment) -> AdjustmentMade:
        line = await ledger.line(tx, wanted)
        if data.from_on < line.opened_on or data.from_on.year > now.today.year + 1:
            raise EffectiveDayInvalid(
                "a pause begins while the line is open, next year at the latest", pointer="/from_on"
            )
        decision = decision_of(call, now, line, data.reason)
        await adjusting.pause_penalties(
            tx, now, decision, from_on=data.from_on, to_on=data.to_on, policy_of=refund_policy_of(call)
        )
        return await made_on(tx, line, decision)

    return await once(call, key, data, work)


@reads(
    "/v1/lines/{line_id:str}/adjustments",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CursorInvalid],
)
async def list_adjustments(
    call: Call, line_id: LineInPath, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> AdjustmentPage:
    """List what was decided about a line: by whom, why, and whether it still stands; the last first."""
    place = paging.place_of(after, ByNumber) or ByNumber(paging.LAST_NUMBER)
    async with call.db.begin() as tx:
        line = await ledger.line(tx, read_id(ids.LINE, line_id))
        call.require_own(LineUnknown, customer_id=line.customer_id)
        facts = await archive.facts_of_line(tx, line.id)
    decided = sorted(_decided(facts), key=lambda each: each[0], reverse=True)
    found = [each for each in decided if each[0] < place.recorded_no][: limit + 1]
    page = paging.cut(found, limit, lambda each: ByNumber(each[0]))
    return AdjustmentPage([each for _, each in page.items], page.has_more, page.next)


def refund_policy_of(call: Call) -> Callable[[date], RefundPolicy]:
    """Give the refund policy of contracts of a day: lines are lived again under their own."""
    return lambda taken_on: call.platform.book.conditions(taken_on).refund


async def check_alone(call: Call, tx: Tx, now: Moment, line_id: UUID, made_id: UUID) -> None:
    """Demand that what was just done is small enough for one person. Refuses: AmountTakesTwoPeople.

    Source: policy `decision.two_people_from`.
    """
    book = call.platform.book
    from_minor = book.pack.integer("decision.two_people_from", on=now.today, lender_type=book.lender_type)
    await seconding.check_alone(tx, now, line_id, made_id, from_minor=from_minor)


def actor(call: Call) -> str:
    """Name who decides: by the key, which knows its owner."""
    return show_id(ids.KEY, call.caller.key_id)


def decision_of(call: Call, now: Moment, line: CreditLine, reason: str) -> Decision:
    """Make the head of a decision: who decides, about which line, why."""
    return Decision(now.new_id(line.bucket), line.id, line.currency, actor(call), reason)


async def made_on(tx: Tx, line: CreditLine, decision: Decision) -> AdjustmentMade:
    """Show a decision just made, and what the line owes after it."""
    facts = await archive.facts_of_line(tx, line.id)
    [made] = [each for each in facts.adjustments if each.id == decision.id]
    return AdjustmentMade(_shown(made, facts), sum(part.open_minor for part in facts.instalments))


def _decided(facts: LineFacts) -> list[tuple[int, AdjustmentShown]]:
    """List every decision with its place in the order of recording.

    Adjustments, money by hand, credit paid out, and that only the minimum of a bill is paid.
    """
    found = [(one.recorded_no, _shown(one, facts)) for one in facts.adjustments]
    agreed = {one.id for one in facts.carries}
    found += [
        (one.recorded_no, _by_hand(one, ids.REPAYMENT, one.kind, facts.reversed_ids))
        for one in facts.repayments
        if one.actor is not None and one.id not in agreed
    ]
    found += [(one.recorded_no, _minimum(one, facts.reversed_ids)) for one in facts.carries]
    found += [
        (one.recorded_no, _by_hand(one, ids.PAYOUT, "credit_payout", facts.reversed_ids))
        for one in facts.credit_payouts
    ]
    return found


def _minimum(one: CarryAgreement, undone: set[UUID]) -> AdjustmentShown:
    return AdjustmentShown(
        id=show_id(ids.REPAYMENT, one.id),
        line=show_id(ids.LINE, one.line_id),
        kind="minimum_payment",
        loan=ids.shown(ids.LOAN, one.loan_id if one.is_carried else None),
        number=None,
        component=None,
        amount_minor=0,
        from_on=one.statement_on,
        to_on=one.due_on,
        undoes=None,
        is_undone=one.id in undone,
        reason=one.reason,
        actor=one.actor,
        effective_on=one.agreed_on,
        recorded_at=one.recorded_at,
    )


def _by_hand(one: Repayment | archive.CreditPayout, prefix: str, kind: str, undone: set[UUID]) -> AdjustmentShown:
    return AdjustmentShown(
        id=show_id(prefix, one.id),
        line=show_id(ids.LINE, one.line_id),
        kind=kind,
        loan=None,
        number=None,
        component=None,
        amount_minor=one.amount_minor,
        from_on=None,
        to_on=None,
        undoes=None,
        is_undone=one.id in undone,
        reason=one.reason or "",
        actor=one.actor or "",
        effective_on=one.effective_on,
        recorded_at=one.recorded_at,
    )


def _shown(one: Adjustment, facts: LineFacts) -> AdjustmentShown:
    of_repayment = one.undoes_id in {each.id for each in facts.repayments} | {each.id for each in facts.carries}
    return AdjustmentShown(
        id=show_id(ids.ADJUSTMENT, one.id),
        line=show_id(ids.LINE, one.line_id),
        kind=AdjustmentKind(one.kind).value,
        loan=ids.shown(ids.LOAN, one.loan_id),
        number=one.number,
        component=None if one.component is None else Component(one.component),
        amount_minor=one.amount_minor,
        from_on=one.from_on,
        to_on=one.to_on,
        undoes=ids.shown(ids.REPAYMENT if of_repayment else ids.ADJUSTMENT, one.undoes_id),
        is_undone=one.id in facts.reversed_ids,
        reason=one.reason,
        actor=one.actor,
        effective_on=one.effective_on,
        recorded_at=one.recorded_at,
    )


ROUTES = [
    receive_money,
    reverse_repayment,
    undo_adjustment,
    pause_penalties,
    list_adjustments,
]

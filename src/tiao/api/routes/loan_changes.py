"""What people decide about one loan: waivers, charges, deferrals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import deferrals, ids, sheets
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, IdempotencyKey, LoanInPath, NumberInPath, Text
from tiao.api.operation import C, O, makes
from tiao.api.routes.adjustments import AdjustmentMade, check_alone, decision_of, made_on, refund_policy_of
from tiao.api.services import Call
from tiao.api.sheets import AckGiven
from tiao.ledger import actions as ledger
from tiao.lending import adjusting, daily, rescheduling
from tiao.lending.adjusting import Decision, deferral_days_max
from tiao.lending.disclosure import check_acknowledged
from tiao.lending.life import Component
from tiao.lending.model import InstalmentKey
from tiao.lending.refusals import (
    CostSheetNotAcknowledged,
    DeferralNotOffered,
    DeferralTooLong,
    EffectiveDayInvalid,
    InstalmentUnknown,
    LoanNotActive,
    LoanNotReschedulable,
    LoanUnknown,
    NotDeferrable,
    NothingToReschedule,
    ReadingTimeNotOver,
    ReasonNeeded,
    RescheduledToday,
    WaiverExceedsOwed,
)
from tiao.lending.rescheduling import NewRows
from tiao.lending.seconding.refusals import AmountTakesTwoPeople
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment

Days = Annotated[int, msgspec.Meta(ge=1, le=366, description="Days.")]
Number = Annotated[int, msgspec.Meta(ge=1, le=9999, description="The number of an instalment, from 1.")]


class WaiverGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a penalty or fee to let go, oldest first."""

    component: Component
    amount_minor: AmountMinor
    reason: Text


class ChargeGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A penalty or fee to add to an instalment that is open."""

    number: Number
    component: Component
    amount_minor: AmountMinor
    reason: Text


class ReamortisationGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why overdue principal is spread over the rows that are left."""

    reason: Text


class ReageGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many new rows, after which day, and where fees of terms to come go: into the first of them, or over all."""

    rows: Annotated[int, msgspec.Meta(ge=1, le=60, description="How many rows.")]
    from_on: date
    fees: Literal["first", "spread"] = "first"
    reason: Text = ""


class DeferralGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many days an instalment is to fall due later; the customer saw and confirmed what that costs."""

    days: Days
    reason: Text
    cost_sheet: AckGiven | None = None


@makes(
    "/v1/loans/{loan_id:str}/waivers",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LoanUnknown, WaiverExceedsOwed, ReasonNeeded, AmountTakesTwoPeople],
)
async def waive(
    call: Call, loan_id: LoanInPath, data: JSONBody[WaiverGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Let part of a loan's penalty or fee go, oldest first; from an amount on it is proposed and another agrees."""

    async def decide(tx: Tx, now: Moment, decision: Decision, loan: UUID) -> None:
        await adjusting.waive(
            tx,
            now,
            decision,
            loan_id=loan,
            component=data.component,
            amount_minor=data.amount_minor,
            policy_of=refund_policy_of(call),
        )
        await check_alone(call, tx, now, decision.line_id, decision.id)

    return await _on_loan(call, loan_id, data, key, decide)


@makes(
    "/v1/loans/{loan_id:str}/charges",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LoanUnknown, InstalmentUnknown, ReasonNeeded],
)
async def charge(
    call: Call, loan_id: LoanInPath, data: JSONBody[ChargeGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Add a fee or penalty to an instalment that is open."""

    async def decide(tx: Tx, now: Moment, decision: Decision, loan: UUID) -> None:
        await adjusting.charge(
            tx,
            now,
            decision,
            key=InstalmentKey(loan, data.number),
            component=data.component,
            amount_minor=data.amount_minor,
            policy_of=refund_policy_of(call),
        )

    return await _on_loan(call, loan_id, data, key, decide)


@makes(
    "/v1/loans/{loan_id:str}/instalments/{number:int}/deferral",
    by=[C, O],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[
        LoanUnknown,
        InstalmentUnknown,
        DeferralNotOffered,
        DeferralTooLong,
        NotDeferrable,
        CostSheetNotAcknowledged,
        ReadingTimeNotOver,
        ReasonNeeded,
    ],
)
async def defer_instalment(
    call: Call, loan_id: LoanInPath, number: NumberInPath, data: JSONBody[DeferralGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Let a billed instalment fall due some days later, where the lender offers it.

    The customer confirms its cost sheet first; whoever decides for a customer has said what it costs.
    """
    book = call.platform.book
    ack = await sheets.read(call, data.cost_sheet)

    async def decide(tx: Tx, now: Moment, decision: Decision, loan: UUID) -> None:
        if not call.is_operator:
            found = await deferrals.asked(tx, call, now, loan_id, number, data.days)
            assert found.sheet is not None, "of at least one day there is a sheet"
            check_acknowledged(found.sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
        await adjusting.defer(
            tx,
            now,
            decision,
            key=InstalmentKey(loan, number),
            days=data.days,
            days_max=deferral_days_max(book.pack, on=now.today, lender_type=book.lender_type),
            policy_of=refund_policy_of(call),
        )

    return await _on_loan(call, loan_id, data, key, decide)


@makes(
    "/v1/loans/{loan_id:str}/reamortisation",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[LoanUnknown, LoanNotActive, LoanNotReschedulable, NothingToReschedule, RescheduledToday, ReasonNeeded],
)
async def reamortise_loan(
    call: Call, loan_id: LoanInPath, data: JSONBody[ReamortisationGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Spread a loan's overdue principal over the rows that are left, on their own dates; once a day.

    A loan of its own carries what is moved; fees and penalties stay where they arose. Undone as any decision.
    """

    async def decide(tx: Tx, now: Moment, decision: Decision, loan: UUID) -> None:
        await rescheduling.reamortise(tx, now, decision, loan_id=loan, policy_of=refund_policy_of(call))

    return await _on_loan(call, loan_id, data, key, decide)


@makes(
    "/v1/loans/{loan_id:str}/reage",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[
        LoanUnknown,
        LoanNotActive,
        LoanNotReschedulable,
        NothingToReschedule,
        RescheduledToday,
        EffectiveDayInvalid,
        ReasonNeeded,
    ],
)
async def reage_loan(
    call: Call, loan_id: LoanInPath, data: JSONBody[ReageGiven], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Give all that is open of a loan new rows from a day on, without money or a new price; once a day.

    A loan of its own carries what is moved; penalties stay where they arose. Undone as any decision, the latest first.
    """

    async def decide(tx: Tx, now: Moment, decision: Decision, loan: UUID) -> None:
        line = await ledger.line(tx, decision.line_id)
        billing = call.platform.book.conditions(now.today).billing
        wanted = NewRows(data.rows, data.from_on, data.fees == "spread", line.statement_day, billing)
        await rescheduling.reage(tx, now, decision, loan_id=loan, wanted=wanted, policy_of=refund_policy_of(call))

    return await _on_loan(call, loan_id, data, key, decide)


async def _on_loan(
    call: Call,
    loan_id: str,
    said: WaiverGiven | ChargeGiven | DeferralGiven | ReamortisationGiven | ReageGiven,
    key: str,
    decide: Callable[[Tx, Moment, Decision, UUID], Awaitable[None]],
) -> Response[AdjustmentMade]:
    wanted = read_id(ids.LOAN, loan_id)

    async def work(tx: Tx, now: Moment) -> AdjustmentMade:
        loan, _ = await daily.loan(tx, wanted)
        call.require_own(LoanUnknown, customer_id=loan.customer_id)
        line = await ledger.line(tx, loan.line_id)
        decision = decision_of(call, now, line, said.reason)
        await decide(tx, now, decision, wanted)
        return await made_on(tx, line, decision)

    return await once(call, key, said, work)


ROUTES = [waive, charge, defer_instalment, reamortise_loan, reage_loan]

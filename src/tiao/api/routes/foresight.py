"""What would become of something, before a customer does it: where a repayment would go, what deferring would mean."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from tiao.api import deferrals, ids, sheets
from tiao.api.ids import Currency, LoanInPath, NumberInPath
from tiao.api.operation import C, reads
from tiao.api.routes.lines import line_of
from tiao.api.services import Call
from tiao.api.sheets import CostSheetShown
from tiao.ledger import actions as ledger
from tiao.ledger.refusals import LineUnknown
from tiao.lending import deferring
from tiao.lending.previewing import preview
from tiao.lending.refusals import (
    DeferralNotOffered,
    DeferralTooLong,
    InstalmentUnknown,
    LoanUnknown,
    NotDeferrable,
    NothingOwed,
    RepaymentExceedsOwed,
)
from tiao.partners.scopes import Scope
from tiao.values.ids import show_id
from tiao.values.money import AMOUNT_MAX_MINOR

AmountAsked = Annotated[
    int, QueryParameter(name="amount_minor", ge=1, le=AMOUNT_MAX_MINOR, description="What would be paid today.")
]
DaysAsked = Annotated[
    int | None,
    QueryParameter(name="days", ge=1, le=366, description="By how many days; else all that are left."),
]


class PreviewedPart(msgspec.Struct, frozen=True):
    """What one instalment would get, and what would then be open of it."""

    loan: str
    number: int
    due_on: date
    penalty_minor: int
    fee_minor: int
    interest_minor: int
    principal_minor: int
    left_minor: int


class RepaymentPreview(msgspec.Struct, frozen=True):
    """Where a repayment of today would go, in the order in which it is met."""

    currency: Currency
    amount_minor: int
    owed_minor: int
    parts: list[PreviewedPart]


class DeferralTerms(msgspec.Struct, frozen=True):
    """How far an instalment may still be deferred, and what it costs: no fee, and no penalty until then.

    *cost_sheet* is that of *days*, which make it due on *new_due_on*; None when no day is left.
    """

    loan: str
    number: int
    currency: Currency
    open_minor: int
    due_on: date
    days_max: int
    latest_on: date
    fee_minor: int
    days: int
    new_due_on: date
    cost_sheet: CostSheetShown | None


@reads(
    "/v1/repayment_preview",
    by=[C],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, NothingOwed, RepaymentExceedsOwed],
)
async def preview_repayment(call: Call, amount_minor: AmountAsked) -> RepaymentPreview:
    """Show where a repayment would go if it came today; nothing is paid by it."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        line = await line_of(tx, call.caller.subject_id)
        await ledger.lock_lines(tx, [line.id])
        found = await preview(tx, now, line.id, amount_minor, cause=now.new_id(line.bucket))
    parts = []
    for part in found.parts:
        before = found.open_now[part.instalment_id]
        parts.append(
            PreviewedPart(
                loan=show_id(ids.LOAN, part.instalment_id.loan_id),
                number=part.instalment_id.number,
                due_on=before.due_on,
                penalty_minor=part.penalty_minor,
                fee_minor=part.fee_minor,
                interest_minor=part.interest_minor,
                principal_minor=part.principal_minor,
                left_minor=before.open_minor - part.total_minor,
            )
        )
    return RepaymentPreview(line.currency, amount_minor, found.owed_minor, parts)


@reads(
    "/v1/loans/{loan_id:str}/instalments/{number:int}/deferral",
    by=[C],
    scope=Scope.BILLS_READ,
    refuses=[LoanUnknown, InstalmentUnknown, DeferralNotOffered, DeferralTooLong, NotDeferrable],
)
async def read_deferral(call: Call, loan_id: LoanInPath, number: NumberInPath, days: DaysAsked = None) -> DeferralTerms:
    """Say how far a billed instalment may be deferred, and what that costs."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await deferrals.asked(tx, call, now, loan_id, number, days)
    sheet = found.sheet
    return DeferralTerms(
        loan=loan_id,
        number=number,
        currency=found.loan.currency,
        open_minor=found.part.open_minor,
        due_on=found.part.due_on,
        days_max=found.days_max,
        latest_on=found.part.due_on + timedelta(days=found.days_max),
        fee_minor=deferring.FEE_MINOR,
        days=found.days,
        new_due_on=found.part.due_on + timedelta(days=found.days),
        cost_sheet=None if sheet is None else await sheets.shown(call, sheet, plan=deferring.PLAN_CODE, on=now.today),
    )


ROUTES = [preview_repayment, read_deferral]

"""Debt put into instalments after the fact: a bill by the customer (账单分期), a loan in hardship by an operator."""

from __future__ import annotations

from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, sheets
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, BillInPath, Currency, IdempotencyKey, LoanInPath, PlanCode, PlanInPath, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.adjustments import actor
from tiao.api.routes.loans import LoanInFull, instalments_shown, loan_shown
from tiao.api.services import Call
from tiao.api.sheets import AckGiven, CostSheetShown
from tiao.checkout.model import Offer
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import daily, refinancing
from tiao.lending.disclosure import check_acknowledged
from tiao.lending.model import BillingMode, FeePayer, Plan
from tiao.lending.plans import check_offer, make_bill_plan
from tiao.lending.product import Scene
from tiao.lending.products import offered
from tiao.lending.records import Bill
from tiao.lending.refinancing import Refinancing
from tiao.lending.refusals import (
    BillInstalmentWindowClosed,
    BillUnknown,
    CostSheetNotAcknowledged,
    InstalmentAmountBelowMinimum,
    LoanNotActive,
    LoanUnknown,
    NothingToRefinance,
    PenaltiesOpen,
    PriceAboveCap,
    ProductUnknown,
    ReadingTimeNotOver,
    ReasonNeeded,
    RepaymentExceedsOwed,
    TermsNotOffered,
)
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR

AnyAmount = Annotated[
    int | None,
    QueryParameter(name="amount_minor", ge=1, le=AMOUNT_MAX_MINOR, description="Less than all that can be put in."),
]

_OFFER_REFUSALS = [
    BillUnknown,
    NothingToRefinance,
    RepaymentExceedsOwed,
    BillInstalmentWindowClosed,
    PriceAboveCap,
]
_PLAN_REFUSALS = [*_OFFER_REFUSALS, ProductUnknown, TermsNotOffered, InstalmentAmountBelowMinimum]


class BillOffers(msgspec.Struct, frozen=True):
    """The plans that a bill, or part of it, may be put into; each with its instalments and all that it costs."""

    bill: str
    currency: Currency
    amount_minor: int
    offers: list[Offer]


class BillPlanAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan chosen, how much of the bill goes into it, and that its cost sheet was seen and confirmed."""

    plan: PlanCode
    amount_minor: AmountMinor
    cost_sheet: AckGiven | None = None


class HardshipAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan that what is left of a loan goes into, and why."""

    plan: PlanCode
    reason: Text


class _Asked(NamedTuple):
    """A bill that somebody thinks of putting into instalments, and how much of it can be."""

    bill: Bill
    line: CreditLine
    amount_minor: int


@reads("/v1/bills/{bill_id:str}/offers", by=[C, O], scope=Scope.BILLS_READ, refuses=_OFFER_REFUSALS)
async def list_bill_offers(call: Call, bill_id: BillInPath, amount_minor: AnyAmount = None) -> BillOffers:
    """List the plans that a bill may be put into, from its statement date to its due date."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        asked = await _asked(tx, call, bill_id, amount_minor)
    book, found = call.platform.book, []
    for choice in offered(book.products, now.today, BillingMode.STATEMENT, Scene.BILL):
        try:
            plan = _plan(call, now, asked, choice.code)
        except (TermsNotOffered, InstalmentAmountBelowMinimum):
            continue
        found.append(book.offer(plan, currency=asked.bill.currency, on=now.today))
    return BillOffers(bill_id, asked.bill.currency, asked.amount_minor, found)


@reads(
    "/v1/bills/{bill_id:str}/cost_sheets/{plan:str}",
    by=[C],
    scope=Scope.BILLS_READ,
    refuses=_PLAN_REFUSALS,
)
async def read_bill_cost_sheet(
    call: Call, bill_id: BillInPath, plan: PlanInPath, amount_minor: AnyAmount = None
) -> CostSheetShown:
    """Show the full cost sheet of one plan of a bill, which the customer sees and confirms before agreeing."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        asked = await _asked(tx, call, bill_id, amount_minor)
    book = call.platform.book
    made = _plan(call, now, asked, plan)
    sheet = book.cost_sheet(made, currency=asked.bill.currency, on=now.today)
    return await sheets.shown(call, sheet, plan=plan, on=now.today)


@makes(
    "/v1/bills/{bill_id:str}/instalments",
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[*_PLAN_REFUSALS, CostSheetNotAcknowledged, ReadingTimeNotOver],
)
async def put_bill_into_instalments(
    call: Call, bill_id: BillInPath, data: JSONBody[BillPlanAsked], key: IdempotencyKey
) -> Response[LoanInFull]:
    """Put a bill, or part of it, into instalments, its cost sheet seen and confirmed. The first is due next month."""
    ack = await sheets.read(call, data.cost_sheet)

    async def work(tx: Tx, now: Moment) -> LoanInFull:
        asked = await _asked(tx, call, bill_id, data.amount_minor)
        book = call.platform.book
        plan = _plan(call, now, asked, data.plan)
        sheet = book.cost_sheet(plan, currency=asked.bill.currency, on=now.today)
        check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
        new_id = await refinancing.refinance_bill(
            tx,
            now,
            _refinancing(call, now, asked.line, data.plan, Scene.BILL, "asked for by the customer"),
            statement_on=asked.bill.statement_on,
            amount_minor=data.amount_minor,
            policy=book.conditions(now.today).billing,
        )
        return await _in_full(tx, new_id)

    return await once(call, key, data, work)


@makes(
    "/v1/loans/{loan_id:str}/hardship_plan",
    by=[O],
    scope=Scope.LOANS_WRITE,
    refuses=[
        LoanUnknown,
        LoanNotActive,
        PenaltiesOpen,
        NothingToRefinance,
        ProductUnknown,
        PriceAboveCap,
        ReasonNeeded,
    ],
)
async def put_loan_into_hardship_plan(
    call: Call, loan_id: LoanInPath, data: JSONBody[HardshipAsked], key: IdempotencyKey
) -> Response[LoanInFull]:
    """Put what is left of a loan's principal into a new plan. Fees and penalties are paid or waived before."""
    wanted = read_id(ids.LOAN, loan_id)

    async def work(tx: Tx, now: Moment) -> LoanInFull:
        if not data.reason.strip():
            raise ReasonNeeded(pointer="/reason")
        loan, _ = await daily.loan(tx, wanted)
        line = await ledger.line(tx, loan.line_id)
        new_id = await refinancing.refinance_loan(
            tx,
            now,
            _refinancing(call, now, line, data.plan, Scene.HARDSHIP, data.reason),
            loan_id=wanted,
            policy=call.platform.book.conditions(now.today).billing,
        )
        return await _in_full(tx, new_id)

    return await once(call, key, data, work)


async def _asked(tx: Tx, call: Call, bill_id: str, amount_minor: int | None) -> _Asked:
    bill, _ = await daily.bill_of(tx, read_id(ids.BILL, bill_id))
    call.require_own(BillUnknown, customer_id=bill.customer_id)
    owed = await refinancing.refinancable(tx, bill.line_id, bill.statement_on)
    most = sum(part.principal_open_minor for part in owed)
    if amount_minor is not None and amount_minor > most:
        raise RepaymentExceedsOwed(pointer="/amount_minor", owed_minor=most)
    return _Asked(bill, await ledger.line(tx, bill.line_id), most if amount_minor is None else amount_minor)


def _plan(call: Call, now: Moment, asked: _Asked, code: str) -> Plan:
    """Make the plan. Refuses: ProductUnknown, TermsNotOffered, as `check_offer` and `make_bill_plan`, PriceAboveCap."""
    book = call.platform.book
    terms = book.terms(code, FeePayer.CONSUMER, now.today, Scene.BILL)
    policy = book.conditions(now.today).billing
    if terms.terms == 1 or terms.mode is not BillingMode.STATEMENT:
        raise TermsNotOffered(pointer="/plan", terms=terms.terms)
    check_offer(terms, asked.amount_minor, policy)
    return make_bill_plan(
        terms,
        asked.amount_minor,
        statement_on=asked.bill.statement_on,
        chosen_on=now.today,
        statement_day=asked.line.statement_day,
        policy=policy,
    )


def _refinancing(call: Call, now: Moment, line: CreditLine, plan: str, scene: Scene, reason: str) -> Refinancing:
    book = call.platform.book
    return Refinancing(
        id=now.new_id(line.bucket),
        line_id=line.id,
        customer_id=line.customer_id,
        currency=line.currency,
        terms=book.terms(plan, FeePayer.CONSUMER, now.today, scene),
        statement_day=line.statement_day,
        penalty_ppm=book.conditions(now.today).penalty_ppm,
        actor=actor(call),
        reason=reason,
    )


async def _in_full(tx: Tx, loan_id: UUID) -> LoanInFull:
    loan, parts = await daily.loan(tx, loan_id)
    return LoanInFull(loan_shown(loan), instalments_shown(parts))


ROUTES = [list_bill_offers, read_bill_cost_sheet, put_bill_into_instalments, put_loan_into_hardship_plan]

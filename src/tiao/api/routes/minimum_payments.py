"""Paying only the minimum of a bill (最低还款额): what it takes, what carrying the rest costs, and agreeing to it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, sheets
from tiao.api.idempotency import once
from tiao.api.ids import BillInPath, Currency, IdempotencyKey, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.adjustments import AdjustmentMade, actor, decision_of, made_on, refund_policy_of
from tiao.api.services import Call
from tiao.api.sheets import AckGiven, CostSheetShown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import adjusting, carrying, daily, minimum
from tiao.lending.disclosure import CostSheet, check_acknowledged
from tiao.lending.minimum import MinimumQuote, MinimumTerms
from tiao.lending.records import Bill
from tiao.lending.refusals import (
    BenchmarkRateStale,
    BillUnknown,
    CostSheetNotAcknowledged,
    FactAlreadyReversed,
    MinimumPaymentAgreed,
    MinimumPaymentNotAgreed,
    MinimumPaymentNotOffered,
    MinimumPaymentWindowClosed,
    NothingToCarry,
    NotReversible,
    ReadingTimeNotOver,
    ReasonNeeded,
)
from tiao.lending.revolving import carry_terms
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_PATH = "/v1/bills/{bill_id:str}/minimum_payment"
_REFUSALS = [
    BillUnknown,
    MinimumPaymentNotOffered,
    MinimumPaymentWindowClosed,
    NothingToCarry,
    BenchmarkRateStale,
]


class MinimumShown(msgspec.Struct, frozen=True):
    """What paying the minimum takes by *due_on*, and the most that may then be carried on to the next statement.

    Interest runs from *interest_from_on* to the day before that statement; *interest_minor* is that of the most.
    """

    bill: str
    currency: Currency
    still_to_pay_minor: int
    due_on: date
    carried_max_minor: int
    interest_minor: int
    interest_from_on: date
    next_statement_on: date
    next_due_on: date
    is_agreed: bool
    cost_sheet: CostSheetShown


class MinimumAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That what it costs was seen and confirmed."""

    cost_sheet: AckGiven | None = None


class MinimumUndone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why more than the minimum is going to be paid after all."""

    reason: Text


class MinimumAgreed(msgspec.Struct, frozen=True):
    """What was agreed: it is carried out at the end of the due date, if the minimum has been paid by then."""

    bill: str
    repayment: str
    loan: str
    still_to_pay_minor: int
    due_on: date
    next_statement_on: date
    next_due_on: date


class _Asked(NamedTuple):
    line: CreditLine
    bill: Bill
    quote: MinimumQuote
    sheet: CostSheet


@reads(_PATH, by=[C, O], scope=Scope.BILLS_READ, refuses=_REFUSALS)
async def read_minimum_payment(call: Call, bill_id: BillInPath) -> MinimumShown:
    """Show what paying only the minimum of a bill takes, and what carrying the rest on costs."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        asked = await _asked(tx, call, now, bill_id)
    quote, one = asked.quote, asked.quote.agreement
    return MinimumShown(
        bill=show_id(ids.BILL, asked.bill.id),
        currency=one.currency,
        still_to_pay_minor=quote.carry.still_to_pay_minor,
        due_on=one.due_on,
        carried_max_minor=quote.rest_max_minor,
        interest_minor=quote.interest_minor,
        interest_from_on=quote.interest_from_on,
        next_statement_on=one.next_statement_on,
        next_due_on=one.next_due_on,
        is_agreed=quote.is_agreed,
        cost_sheet=await sheets.shown(call, asked.sheet, plan=carrying.PLAN_CODE, on=now.today),
    )


@makes(
    _PATH,
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[*_REFUSALS, MinimumPaymentAgreed, CostSheetNotAcknowledged, ReadingTimeNotOver],
)
async def agree_minimum_payment(
    call: Call, bill_id: BillInPath, data: JSONBody[MinimumAsked], key: IdempotencyKey
) -> Response[MinimumAgreed]:
    """Agree to pay only the minimum of a bill; what it costs was seen and confirmed."""
    ack = await sheets.read(call, data.cost_sheet)

    async def work(tx: Tx, now: Moment) -> MinimumAgreed:
        asked = await _asked(tx, call, now, bill_id)
        book = call.platform.book
        check_acknowledged(asked.sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
        made = await minimum.agree(tx, now, asked.quote, actor=actor(call), reason="asked for by the customer")
        return MinimumAgreed(
            bill=show_id(ids.BILL, asked.bill.id),
            repayment=show_id(ids.REPAYMENT, made.id),
            loan=show_id(ids.LOAN, made.loan_id),
            still_to_pay_minor=asked.quote.carry.still_to_pay_minor,
            due_on=made.due_on,
            next_statement_on=made.next_statement_on,
            next_due_on=made.next_due_on,
        )

    return await once(call, key, data, work)


@makes(
    _PATH + "/reversal",
    by=[C, O],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[
        BillUnknown,
        MinimumPaymentNotAgreed,
        MinimumPaymentWindowClosed,
        NotReversible,
        FactAlreadyReversed,
        ReasonNeeded,
    ],
)
async def undo_minimum_payment(
    call: Call, bill_id: BillInPath, data: JSONBody[MinimumUndone], key: IdempotencyKey
) -> Response[AdjustmentMade]:
    """Undo it: the customer until the due date, an operator at any time. The whole bill was due then, as before."""

    async def work(tx: Tx, now: Moment) -> AdjustmentMade:
        bill, _ = await daily.bill_of(tx, read_id(ids.BILL, bill_id))
        call.require_own(BillUnknown, customer_id=bill.customer_id)
        line = await ledger.line(tx, bill.line_id)
        agreed = await _standing(tx, bill)
        if not call.is_operator and now.today > bill.due_on:
            raise MinimumPaymentWindowClosed(closes_on=bill.due_on.isoformat())
        decision = decision_of(call, now, line, data.reason)
        await adjusting.reverse(tx, now, decision, agreed, effective_on=now.today, policy_of=refund_policy_of(call))
        return await made_on(tx, line, decision)

    return await once(call, key, data, work)


async def _standing(tx: Tx, bill: Bill) -> UUID:
    for one in await carrying.standing_of_line(tx, bill.line_id):
        if one.statement_on == bill.statement_on:
            return one.id
    raise MinimumPaymentNotAgreed


async def _asked(tx: Tx, call: Call, now: Moment, bill_id: str) -> _Asked:
    bill, _ = await daily.bill_of(tx, read_id(ids.BILL, bill_id))
    call.require_own(BillUnknown, customer_id=bill.customer_id)
    book = call.platform.book
    conditions = book.conditions(now.today)
    terms = MinimumTerms(
        carry_terms(book.pack, on=now.today, lender_type=book.lender_type), conditions.penalty_ppm, conditions.billing
    )
    line = await ledger.line(tx, bill.line_id)
    quote = await minimum.quote(tx, now, line, bill, terms)
    return _Asked(line, bill, quote, minimum.sheet_of(quote, lender=book.lender, policy_digest=book.pack.digest))


ROUTES = [read_minimum_payment, agree_minimum_payment, undo_minimum_payment]

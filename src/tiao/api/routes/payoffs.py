"""Paying off early (提前结清): what settles a loan or everything today, and settling it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.ids import AmountMinor, AnyCustomer, Currency, IdempotencyKey, LoanInPath, SourceId
from tiao.api.operation import C, O, makes, reads
from tiao.api.refusals import IdempotencyKeyReused, SubjectMissing
from tiao.api.routes.lines import line_of
from tiao.api.routes.repayments import RepaymentInFull, repayment_in_full
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.ledger.refusals import LineUnknown
from tiao.lending import daily, payoff
from tiao.lending.refusals import LoanNotActive, LoanUnknown, NothingOwed, PayoffQuoteChanged
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.refusals import (
    DebitAlreadyRunning,
    DebitDiffers,
    FundingSourceUnbound,
    FundingSourceUnknown,
    NoChannelUsable,
)
from tiao.servicing.repaying import PayoffAskedFor, pay_off
from tiao.values.ids import read_id


class PayoffShown(msgspec.Struct, frozen=True):
    """What settles it on the day *good_on*.

    *fee_falling_minor* and *interest_falling_minor* fall away: fees of terms not billed yet, interest of days to come.
    """

    loan: str | None
    currency: Currency
    good_on: date
    principal_minor: int
    fee_minor: int
    interest_minor: int
    penalty_minor: int
    total_minor: int
    fee_falling_minor: int
    interest_falling_minor: int


class PayoffAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The total that was quoted, and the account to take it from."""

    funding_source: SourceId
    amount_minor: AmountMinor


_PAYING = [
    DebitAlreadyRunning,
    FundingSourceUnbound,
    FundingSourceUnknown,
    LineUnknown,
    NothingOwed,
    PayoffQuoteChanged,
    NoChannelUsable,
]


@reads(
    "/v1/loans/{loan_id:str}/payoff",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LoanUnknown, LoanNotActive, NothingOwed],
)
async def quote_loan_payoff(call: Call, loan_id: LoanInPath) -> PayoffShown:
    """Say what settles a loan today: open principal, billed fees, penalties through yesterday."""
    line, wanted = await _line_of_loan(call, loan_id)
    return await _quoted(call, line, wanted)


@makes(
    "/v1/loans/{loan_id:str}/payoff",
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[*_PAYING, LoanUnknown, LoanNotActive],
)
async def pay_off_loan(
    call: Call, loan_id: LoanInPath, data: JSONBody[PayoffAsked], key: IdempotencyKey
) -> RepaymentInFull:
    """Settle a loan for the amount quoted today. If the bank answers on a later day, what is too much stays as credit.

    A key seen before gives the repayment as it is now.
    """
    line, wanted = await _line_of_loan(call, loan_id)
    return await _paid_off(call, line, wanted, data, key)


@reads(
    "/v1/line/payoff",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing, NothingOwed],
)
async def quote_line_payoff(call: Call, customer: AnyCustomer = None) -> PayoffShown:
    """Say what settles everything that the customer owes today."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, subject)
    return await _quoted(call, line, None)


@makes("/v1/line/payoff", by=[C], scope=Scope.REPAYMENTS_WRITE, refuses=_PAYING)
async def pay_off_line(call: Call, data: JSONBody[PayoffAsked], key: IdempotencyKey) -> RepaymentInFull:
    """Settle everything for the amount quoted today. A key seen before gives the repayment as it is now."""
    async with call.db.begin() as tx:
        line = await line_of(tx, call.caller.subject_id)
    return await _paid_off(call, line, None, data, key)


async def _line_of_loan(call: Call, loan_id: str) -> tuple[CreditLine, UUID]:
    wanted = read_id(ids.LOAN, loan_id)
    async with call.db.begin() as tx:
        found, _ = await daily.loan(tx, wanted)
        call.require_own(LoanUnknown, customer_id=found.customer_id)
        return await ledger.line(tx, found.line_id), wanted


async def _quoted(call: Call, line: CreditLine, loan_id: UUID | None) -> PayoffShown:
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        await ledger.lock_lines(tx, [line.id])
        quote = await payoff.quote_payoff(tx, now, line.id, loan_id=loan_id, cause=now.new_id(line.bucket))
    return PayoffShown(
        loan=ids.shown(ids.LOAN, loan_id),
        currency=line.currency,
        good_on=quote.good_on,
        principal_minor=quote.principal_minor,
        fee_minor=quote.fee_minor,
        interest_minor=quote.interest_minor,
        penalty_minor=quote.penalty_minor,
        total_minor=quote.total_minor,
        fee_falling_minor=quote.fee_falling_minor,
        interest_falling_minor=quote.interest_falling_minor,
    )


async def _paid_off(call: Call, line: CreditLine, loan_id: UUID | None, data: PayoffAsked, key: str) -> RepaymentInFull:
    platform, customer_id = call.platform, call.caller.subject_id
    async with platform.db.begin() as tx:
        source = await payments.source(tx, customer_id=customer_id, source_id=read_id(ids.SOURCE, data.funding_source))
    asked = PayoffAskedFor(
        line_id=line.id,
        customer_id=customer_id,
        funding_source_id=source.id,
        loan_id=loan_id,
        amount_minor=data.amount_minor,
        currency=line.currency,
        key=key,
    )
    try:
        debit = await pay_off(platform.db, platform.channels, platform.moments, asked)
    except DebitDiffers as refusal:
        raise IdempotencyKeyReused(refusal.detail, pointer="Idempotency-Key") from refusal
    async with platform.db.begin() as tx:
        return await repayment_in_full(tx, debit.id)


ROUTES = [quote_loan_payoff, pay_off_loan, quote_line_payoff, pay_off_line]

"""How a number came about, line by line, for whoever owes it: loans, instalments, repayments, refunds, the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from litestar.params import HeaderParameter

from tiao.api import ids
from tiao.api.ids import AnyCustomer, Currency, LoanInPath, NumberInPath, RefundInPath, RepaymentInPath
from tiao.api.operation import C, O, reads
from tiao.api.refusals import SubjectMissing
from tiao.api.routes.adjustments import refund_policy_of
from tiao.api.routes.lines import line_of
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger.refusals import LineUnknown
from tiao.lending import daily
from tiao.lending.explaining import (
    Explanation,
    Story,
    explain_instalment,
    explain_line,
    explain_loan,
    explain_refund,
    explain_repayment,
)
from tiao.lending.model import InstalmentKey
from tiao.lending.refusals import InstalmentUnknown, LoanUnknown, RefundUnknown, RepaymentUnknown
from tiao.lending.telling import Language, read_story, sentence
from tiao.partners.scopes import Scope
from tiao.values.ids import read_id
from tiao.values.language import prefers_english

AcceptLanguage = Annotated[
    str | None,
    HeaderParameter(
        name="Accept-Language", max_length=200, description="zh-CN (the default) or en: what the lines are told in."
    ),
]


class LineTold(msgspec.Struct, frozen=True):
    """One line: what it says, and what it adds to the total. *code* stays the same in every language."""

    code: str
    text: str
    amount_minor: int


class ExplanationShown(msgspec.Struct, frozen=True):
    """How *total_minor* came about: the amounts of the lines add up to it."""

    currency: Currency
    language: str
    total_minor: int
    lines: list[LineTold]


class _Subject(NamedTuple):
    """Of which line something is told, and in which currency."""

    line_id: UUID
    currency: str


@reads("/v1/loans/{loan_id:str}/explanation", by=[C, O], scope=Scope.BILLS_READ, refuses=[LoanUnknown])
async def explain_loan_balance(
    call: Call, loan_id: LoanInPath, accept_language: AcceptLanguage = None
) -> ExplanationShown:
    """Explain what a loan owes: what was lent, fees and penalties, less each repayment, refund and waiver."""
    wanted = read_id(ids.LOAN, loan_id)
    subject = await _of_loan(call, wanted)
    return await _told(call, subject, accept_language, lambda story: explain_loan(story, wanted))


@reads(
    "/v1/loans/{loan_id:str}/instalments/{number:int}/explanation",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LoanUnknown, InstalmentUnknown],
)
async def explain_one_instalment(
    call: Call, loan_id: LoanInPath, number: NumberInPath, accept_language: AcceptLanguage = None
) -> ExplanationShown:
    """Explain what an instalment owes: how principal and fee were split, and each span of penalty days."""
    wanted = read_id(ids.LOAN, loan_id)
    subject = await _of_loan(call, wanted)
    key = InstalmentKey(wanted, number)
    return await _told(call, subject, accept_language, lambda story: explain_instalment(story, key))


@reads(
    "/v1/repayments/{repayment_id:str}/explanation",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[RepaymentUnknown],
)
async def explain_where_repayment_went(
    call: Call, repayment_id: RepaymentInPath, accept_language: AcceptLanguage = None
) -> ExplanationShown:
    """Explain where a repayment went. One that is not booked yet is unknown here."""
    wanted = read_id(ids.REPAYMENT, repayment_id)
    async with call.db.begin() as tx:
        found, _ = await daily.repayment(tx, wanted)
    call.require_own(RepaymentUnknown, customer_id=found.customer_id)
    subject = _Subject(found.line_id, found.currency)
    return await _told(call, subject, accept_language, lambda story: explain_repayment(story, wanted))


@reads("/v1/refunds/{refund_id:str}/explanation", by=[C, O], scope=Scope.PURCHASES_READ, refuses=[RefundUnknown])
async def explain_what_refund_did(
    call: Call, refund_id: RefundInPath, accept_language: AcceptLanguage = None
) -> ExplanationShown:
    """Explain a refund: from which instalments it came off, which fee fell, and where the rest went."""
    wanted = read_id(ids.REFUND, refund_id)
    async with call.db.begin() as tx:
        found = await daily.refund(tx, wanted)
    call.require_own(RefundUnknown, customer_id=found.customer_id)
    subject = _Subject(found.line_id, found.currency)
    return await _told(call, subject, accept_language, lambda story: explain_refund(story, wanted))


@reads(
    "/v1/line/explanation",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing],
)
async def explain_everything_owed(
    call: Call, customer: AnyCustomer = None, accept_language: AcceptLanguage = None
) -> ExplanationShown:
    """Explain all that a customer owes, fact by fact."""
    owner = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, owner)
    return await _told(call, _Subject(line.id, line.currency), accept_language, explain_line)


async def _of_loan(call: Call, loan_id: UUID) -> _Subject:
    async with call.db.begin() as tx:
        found, _ = await daily.loan(tx, loan_id)
    call.require_own(LoanUnknown, customer_id=found.customer_id)
    return _Subject(found.line_id, found.currency)


async def _told(
    call: Call, subject: _Subject, accept_language: str | None, explain: Callable[[Story], Explanation]
) -> ExplanationShown:
    async with call.db.snapshot() as tx:
        now = await call.platform.moments(tx)
        story = await read_story(
            tx,
            subject.line_id,
            today=now.today,
            policy_of=refund_policy_of(call),
            products=call.platform.book.products,
        )
    made = explain(story)
    language: Language = "en" if prefers_english(accept_language) else "zh-CN"
    return ExplanationShown(
        currency=subject.currency,
        language=language,
        total_minor=made.total_minor,
        lines=[
            LineTold(each.key, sentence(each, currency=subject.currency, language=language), each.amount_minor)
            for each in made.lines
        ],
    )


ROUTES = [
    explain_loan_balance,
    explain_one_instalment,
    explain_where_repayment_went,
    explain_what_refund_did,
    explain_everything_owed,
]

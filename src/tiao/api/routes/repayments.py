"""Repayments: asked for by the customer, debited at the bank, put against what is owed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.ids import AmountMinor, AnyCustomer, Currency, CustomerId, IdempotencyKey, RepaymentInPath, SourceId
from tiao.api.operation import C, O, makes, reads
from tiao.api.paging import After, ByNumber, Limit
from tiao.api.refusals import CursorInvalid, IdempotencyKeyReused, SubjectMissing
from tiao.api.routes.lines import line_of
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger.refusals import LineUnknown
from tiao.lending import daily
from tiao.lending.records import ReceiptKind, Repayment, RepaymentPart
from tiao.lending.refusals import NothingOwed, RepaymentExceedsOwed, RepaymentUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Debit, DebitState
from tiao.payments.refusals import (
    DebitAlreadyRunning,
    DebitDiffers,
    DebitUnknown,
    FundingSourceUnbound,
    FundingSourceUnknown,
    NoChannelUsable,
)
from tiao.runtime.db import Tx
from tiao.servicing.repaying import AskedFor
from tiao.values.ids import read_id, show_id


class RepaymentAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer wants to pay now, and from which account."""

    funding_source: SourceId
    amount_minor: AmountMinor


class PartShown(msgspec.Struct, frozen=True):
    """What of a repayment went to one instalment, and the fee or interest that fell away because it came early."""

    loan: str
    number: int
    principal_minor: int
    fee_minor: int
    interest_minor: int
    penalty_minor: int
    fee_cancelled_minor: int
    interest_cancelled_minor: int


class RepaymentShown(msgspec.Struct, frozen=True):
    """Money from a customer. *state* is the debit's; before it succeeds, as *unknown* still may, nothing is booked.

    *recovered_minor* paid what had been written off, *overpaid_minor* stands as a credit balance.
    """

    id: str
    customer: CustomerId
    kind: ReceiptKind
    state: DebitState
    code: str | None
    currency: Currency
    amount_minor: int
    overpaid_minor: int
    recovered_minor: int
    returned_minor: int
    funding_source: str | None
    effective_on: date | None
    recorded_at: datetime
    reversed_on: date | None


class RepaymentInFull(msgspec.Struct, frozen=True):
    """A repayment and where it went."""

    repayment: RepaymentShown
    parts: list[PartShown]


class RepaymentPage(msgspec.Struct, frozen=True):
    """Repayments that were booked."""

    data: list[RepaymentShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/repayments",
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[
        DebitAlreadyRunning,
        FundingSourceUnbound,
        FundingSourceUnknown,
        LineUnknown,
        NoChannelUsable,
        NothingOwed,
        RepaymentExceedsOwed,
    ],
)
async def create_repayment(call: Call, data: JSONBody[RepaymentAsked], key: IdempotencyKey) -> RepaymentInFull:
    """Pay now. The answer may be that the bank has not said yet: look again under the id.

    A key seen before gives the repayment as it is now.
    """
    platform = call.platform
    async with platform.db.begin() as tx:
        line = await line_of(tx, call.caller.subject_id)
        source_id = read_id(ids.SOURCE, data.funding_source)
        source = await payments.source(tx, customer_id=call.caller.subject_id, source_id=source_id)
    asked = AskedFor(
        line_id=line.id,
        customer_id=call.caller.subject_id,
        funding_source_id=source.id,
        amount_minor=data.amount_minor,
        currency=line.currency,
        key=key,
    )
    try:
        debit = await platform.repayments.repay(asked)
    except DebitDiffers as refusal:
        raise IdempotencyKeyReused(refusal.detail, pointer="Idempotency-Key") from refusal
    async with platform.db.begin() as tx:
        return await repayment_in_full(tx, debit.id)


@reads(
    "/v1/repayments",
    by=[C, O],
    scope=Scope.BILLS_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing, CursorInvalid],
)
async def list_repayments(
    call: Call, customer: AnyCustomer = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> RepaymentPage:
    """List repayments that were booked, the one recorded last first. One that is under way is read under its own id."""
    place = paging.place_of(after, ByNumber) or ByNumber(paging.LAST_NUMBER)
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        line = await line_of(tx, subject)
        found = await daily.repayments_of_line(tx, line.id, before=place.recorded_no, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByNumber(each.recorded_no))
    return RepaymentPage([_booked(each) for each in page.items], page.has_more, page.next)


@reads("/v1/repayments/{repayment_id:str}", by=[C, O], scope=Scope.BILLS_READ, refuses=[RepaymentUnknown])
async def read_repayment(call: Call, repayment_id: RepaymentInPath) -> RepaymentInFull:
    """Show a repayment: how far its debit has come, and where the money went."""
    async with call.db.begin() as tx:
        found = await repayment_in_full(tx, read_id(ids.REPAYMENT, repayment_id))
    call.require_own(RepaymentUnknown, customer_id=read_id(ids.CUSTOMER, found.repayment.customer))
    return found


async def repayment_in_full(tx: Tx, repayment_id: UUID) -> RepaymentInFull:
    """Read what was booked, or how far the debit has come. Refuses: RepaymentUnknown."""
    try:
        booked, parts = await daily.repayment(tx, repayment_id)
    except RepaymentUnknown:
        try:
            return RepaymentInFull(_under_way(await payments.latest_attempt(tx, repayment_id)), [])
        except DebitUnknown as refusal:
            raise RepaymentUnknown from refusal
    return RepaymentInFull(_booked(booked), [_part_shown(part) for part in parts])


def _booked(repayment: Repayment) -> RepaymentShown:
    return RepaymentShown(
        id=show_id(ids.REPAYMENT, repayment.id),
        customer=show_id(ids.CUSTOMER, repayment.customer_id),
        kind=ReceiptKind(repayment.kind),
        state=DebitState.SUCCEEDED,
        code=None,
        currency=repayment.currency,
        amount_minor=repayment.amount_minor,
        overpaid_minor=repayment.overpaid_minor,
        recovered_minor=repayment.recovered_minor,
        returned_minor=repayment.returned_minor,
        funding_source=ids.shown(ids.SOURCE, repayment.funding_source_id),
        effective_on=repayment.effective_on,
        recorded_at=repayment.recorded_at,
        reversed_on=repayment.reversed_on,
    )


def _under_way(debit: Debit) -> RepaymentShown:
    return RepaymentShown(
        id=show_id(ids.REPAYMENT, debit.order_id),
        customer=show_id(ids.CUSTOMER, debit.customer_id),
        kind=ReceiptKind.DEBIT,
        state=debit.state,
        code=debit.code,
        currency=debit.currency,
        amount_minor=debit.amount_minor,
        overpaid_minor=0,
        recovered_minor=0,
        returned_minor=0,
        funding_source=show_id(ids.SOURCE, debit.funding_source_id),
        effective_on=None,
        recorded_at=debit.created_at,
        reversed_on=None,
    )


def _part_shown(part: RepaymentPart) -> PartShown:
    return PartShown(
        loan=show_id(ids.LOAN, part.loan_id),
        number=part.number,
        principal_minor=part.principal_minor,
        fee_minor=0 if part.is_interest else part.fee_minor,
        interest_minor=part.fee_minor if part.is_interest else 0,
        penalty_minor=part.penalty_minor,
        fee_cancelled_minor=0 if part.is_interest else part.fee_cancelled_minor,
        interest_cancelled_minor=part.fee_cancelled_minor if part.is_interest else 0,
    )


ROUTES = [create_repayment, list_repayments, read_repayment]

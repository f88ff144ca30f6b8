"""Refunds: given by the merchant, seen by the merchant and the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.ids import AmountMinor, AnyMerchant, Currency, IdempotencyKey, PurchaseInPath, RefundInPath
from tiao.api.operation import C, M, O, makes, reads
from tiao.api.paging import After, ById, ByTime, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.purchases import Reference, ReferenceAsked, not_own, own_key, own_purchase
from tiao.api.services import Asked, Call
from tiao.api.together import Change, once_together
from tiao.checkout.refunding import NewRefund, refund_all
from tiao.checkout.refusals import AmountInvalid, PurchaseUnknown
from tiao.lending import daily
from tiao.lending.records import Refund, RefundFilter
from tiao.lending.refusals import LoanArrangedAnew, RefundExceedsCaptured, RefundUnknown, RefundWindowClosed
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.refusals import RefundBeyondService
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Payout, PayoutState
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

FromOn: TypeAlias = Annotated[
    date | None, QueryParameter(name="from_on", description="Only what took effect on this business date or later.")
]
UntilOn: TypeAlias = Annotated[
    date | None, QueryParameter(name="until_on", description="Only what took effect on this business date or before.")
]


class RefundAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money to give back for a purchase."""

    amount_minor: AmountMinor
    reference: Reference


class PayoutShown(msgspec.Struct, frozen=True):
    """Money on its way to a customer or a merchant."""

    id: str
    state: PayoutState
    currency: Currency
    amount_minor: int
    code: str | None
    due_on: date
    answered_at: datetime | None


class RefundShown(msgspec.Struct, frozen=True):
    """A refund: what came off the debt, and what goes back to where it was paid from.

    What the customer owed or had paid already is null for a merchant.
    """

    id: str
    purchase: str
    currency: Currency
    amount_minor: int
    offset_principal_minor: int | None
    returned_minor: int | None
    fee_cancelled_minor: int | None
    subsidy_cancelled_minor: int
    reference: str
    effective_on: date
    recorded_at: datetime


class RefundInFull(msgspec.Struct, frozen=True):
    """A refund and the payouts that carry money back; a merchant is shown none: the account is the customer's."""

    refund: RefundShown
    payouts: list[PayoutShown]


class RefundPage(msgspec.Struct, frozen=True):
    """Refunds: of a purchase in order, of a merchant the latest first."""

    data: list[RefundShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/purchases/{purchase_id:str}/refunds",
    by=[M, O],
    scope=Scope.REFUNDS_WRITE,
    refuses=[
        PurchaseUnknown,
        AmountInvalid,
        RefundExceedsCaptured,
        RefundWindowClosed,
        LoanArrangedAnew,
        RefundBeyondService,
    ],
)
async def refund_purchase(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[RefundAsked], key: IdempotencyKey
) -> Response[RefundInFull]:
    """Refund all or part of a purchase, any number of times up to what was captured."""
    wanted = read_id(ids.PURCHASE, purchase_id)
    wish = NewRefund(wanted, data.amount_minor, data.reference, own_key(call, key))
    return await once_together(call, key, data, _refund_all, wish, line=wanted)


async def _refund_all(tx: Tx, now: Moment, changes: Sequence[Change[NewRefund]]) -> list[RefundInFull | Refusal]:
    """Refund purchases that arrived together, each caller of its own."""
    answers: dict[object, RefundInFull | Refusal] = {}
    answers |= await not_own(tx, changes, [change.wish.purchase_id for change in changes])
    own = [change for change in changes if change.name not in answers]
    made = await refund_all(tx, now, changes[0].call.platform.book, [change.wish for change in own])
    for change, each in zip(own, made, strict=True):
        answers[change.name] = each if isinstance(each, Refusal) else await _in_full(tx, change.call, each.refund)
    return [answers[change.name] for change in changes]


@reads(
    "/v1/purchases/{purchase_id:str}/refunds",
    by=[C, M, O],
    scope=Scope.PURCHASES_READ,
    refuses=[PurchaseUnknown, CursorInvalid],
)
async def list_refunds(
    call: Call, purchase_id: PurchaseInPath, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> RefundPage:
    """List the refunds of a purchase, in order."""
    place = paging.place_of(after, ById)
    async with call.db.begin() as tx:
        purchase = await own_purchase(tx, call, read_id(ids.PURCHASE, purchase_id))
        found = await daily.refunds_of_purchase(tx, purchase.id)
    page = paging.cut_after(found, place.id if place else None, limit, lambda each: each.id)
    return RefundPage([refund_shown(call, each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/refunds",
    by=[M, O],
    scope=Scope.PURCHASES_READ,
    refuses=[MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_all_refunds(
    call: Call,
    merchant: AnyMerchant = None,
    from_on: FromOn = None,
    until_on: UntilOn = None,
    reference: ReferenceAsked = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> RefundPage:
    """List a merchant's refunds of all purchases, latest first: of some days, under one reference, or all."""
    place = paging.before(after)
    subject = call.merchant(merchant)
    wanted = RefundFilter(from_on, until_on, reference)

    async def read(tx: Tx) -> list[Refund]:
        return await daily.refunds_of_merchant(
            tx, subject, wanted, before_at=place.at, before_id=place.id, limit=limit + 1
        )

    page = await paging.cut_across(
        call.services.shards.databases(), limit, read, lambda each: ByTime(each.recorded_at, each.id)
    )
    return RefundPage([refund_shown(call, each) for each in page.items], page.has_more, page.next)


@reads("/v1/refunds/{refund_id:str}", by=[C, M, O], scope=Scope.PURCHASES_READ, refuses=[RefundUnknown])
async def read_refund(call: Call, refund_id: RefundInPath) -> RefundInFull:
    """Show a refund and how far the money that goes back has come."""
    async with call.db.begin() as tx:
        found = await daily.refund(tx, read_id(ids.REFUND, refund_id))
        call.require_own(RefundUnknown, customer_id=found.customer_id, merchant_id=found.merchant_id)
        return await _in_full(tx, call, found)


def refund_shown(call: Asked, found: Refund) -> RefundShown:
    """Show a refund on the wire; how much of its purchase a customer had paid is no business of the merchant."""
    is_merchants = call.caller.role is M
    return RefundShown(
        id=show_id(ids.REFUND, found.id),
        purchase=show_id(ids.PURCHASE, found.purchase_id),
        currency=found.currency,
        amount_minor=found.amount_minor,
        offset_principal_minor=None if is_merchants else found.offset_principal_minor,
        returned_minor=None if is_merchants else found.returned_minor,
        fee_cancelled_minor=None if is_merchants else found.fee_cancelled_minor,
        subsidy_cancelled_minor=found.subsidy_cancelled_minor,
        reference=found.reference,
        effective_on=found.effective_on,
        recorded_at=found.recorded_at,
    )


def payout_shown(payout: Payout) -> PayoutShown:
    """Show a payout on the wire; the account it goes to is nobody else's business."""
    return PayoutShown(
        id=show_id(ids.PAYOUT, payout.id),
        state=payout.state,
        currency=payout.currency,
        amount_minor=payout.amount_minor,
        code=payout.code,
        due_on=payout.due_on,
        answered_at=payout.answered_at,
    )


async def _in_full(tx: Tx, call: Asked, found: Refund) -> RefundInFull:
    payouts = [] if call.caller.role is M else await payments.payouts_of(tx, found.id)
    return RefundInFull(refund_shown(call, found), [payout_shown(each) for each in payouts])


ROUTES = [refund_purchase, list_refunds, list_all_refunds, read_refund]

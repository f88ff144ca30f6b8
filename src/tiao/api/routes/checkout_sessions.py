"""Checkout sessions: a merchant says what is to be paid, and sends its customer to the address it is given."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import JSONBody

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, AnyMerchant, Currency, IdempotencyKey, MerchantId, SessionInPath, Text
from tiao.api.native import till_of
from tiao.api.operation import M, O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.gateway import base_url
from tiao.api.routes.purchases import Reference
from tiao.api.services import Asked, Call
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, NewOrder, OrderState, Surface
from tiao.checkout.orders.refusals import (
    OrderBeingPaid,
    OrderNumberUsed,
    OrderPaid,
    OrderUnknown,
    ReturnUrlInvalid,
)
from tiao.checkout.refusals import AmountInvalid, CurrencyMismatch
from tiao.lending.model import FeePayer
from tiao.lending.refusals import InstalmentAmountBelowMinimum, TermsNotOffered
from tiao.partners import actions as partners
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scenes.refusals import SceneAmountOutside, SceneOffersNoSuchPlan
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

Url = Annotated[
    str, msgspec.Meta(min_length=8, max_length=512, pattern=r"^https?://[!-~]+$", description="An address.")
]
Minutes = Annotated[int, msgspec.Meta(ge=5, le=1440, description="Minutes, from five to a day.")]
Terms = Annotated[int, msgspec.Meta(ge=1, le=60, description="How many instalments.")]


class SessionStatus(StrEnum):
    """How far a session has come."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"


class SessionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be paid. With *terms* only that plan is offered; *return_url* is where the payer may go back to."""

    reference: Reference
    amount_minor: AmountMinor
    currency: Currency
    description: Text
    return_url: Url | None = None
    terms: Terms | None = None
    fee_payer: FeePayer = FeePayer.CONSUMER
    expires_in_minutes: Minutes = 30


class SessionShown(msgspec.Struct, frozen=True):
    """A checkout session: the customer is sent to *url*; once it is paid, *purchase* names what was bought."""

    id: str
    url: str
    status: SessionStatus
    merchant: MerchantId
    reference: str
    amount_minor: AmountMinor
    currency: Currency
    description: str
    return_url: str | None
    terms: int | None
    fee_payer: FeePayer
    purchase: str | None
    plan: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None


class SessionPage(msgspec.Struct, frozen=True):
    """Checkout sessions, latest first."""

    data: list[SessionShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/checkout_sessions",
    by=[M],
    scope=Scope.PURCHASES_WRITE,
    refuses=[
        AmountInvalid,
        CurrencyMismatch,
        InstalmentAmountBelowMinimum,
        MerchantUnknown,
        OrderNumberUsed,
        ReturnUrlInvalid,
        SceneAmountOutside,
        SceneOffersNoSuchPlan,
        TermsNotOffered,
    ],
)
async def create_checkout_session(
    call: Call, data: JSONBody[SessionAsked], key: IdempotencyKey, request: Request[object, object, State]
) -> Response[SessionShown]:
    """Ask for a page on which the customer chooses a plan and pays.

    The same reference with the same content gives the session that is there.
    """
    where = base_url(request)

    async def work(tx: Tx, now: Moment) -> SessionShown:
        merchant = await partners.merchant(tx, call.caller.subject_id)
        if data.currency != merchant.currency:
            raise CurrencyMismatch(f"the merchant is paid in {merchant.currency}", pointer="/currency")
        made = await orders.make(
            tx,
            now,
            call.services.platform.book,
            merchant.id,
            _order(data, now),
            category=merchant.category,
            random_bytes=call.services.random_bytes,
        )
        return session_shown(made, where)

    return await once(call._replace(bucket=None), key, data, work)


@reads(
    "/v1/checkout_sessions",
    by=[M, O],
    scope=Scope.PURCHASES_READ,
    refuses=[SubjectMissing, MerchantUnknown, CursorInvalid],
)
async def list_checkout_sessions(
    call: Call,
    request: Request[object, object, State],
    merchant: AnyMerchant = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> SessionPage:
    """List a merchant's checkout sessions, latest first."""
    place = paging.before(after)
    subject = call.merchant(merchant)
    async with call.services.platform.db.begin() as tx:
        now = await call.services.platform.moments(tx)
        found = await orders.native(tx, now, subject, before_at=place.at, before_id=place.id, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByTime(each.made_at, each.id))
    where = base_url(request)
    return SessionPage([session_shown(each, where) for each in page.items], page.has_more, page.next)


@reads("/v1/checkout_sessions/{session_id:str}", by=[M], scope=Scope.PURCHASES_READ, refuses=[OrderUnknown])
async def read_checkout_session(
    call: Call, session_id: SessionInPath, request: Request[object, object, State]
) -> SessionShown:
    """Show a checkout session; a payment that was begun is finished first."""
    order = await _found(call, read_id(ids.SESSION, session_id))
    till = await till_of(call.services, order)
    return session_shown(await till.current(order), base_url(request))


@makes(
    "/v1/checkout_sessions/{session_id:str}/expire",
    by=[M],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[OrderUnknown, OrderPaid, OrderBeingPaid],
)
async def expire_checkout_session(
    call: Call, session_id: SessionInPath, key: IdempotencyKey, request: Request[object, object, State]
) -> Response[SessionShown]:
    """Let nobody pay a session any more; again, it changes nothing."""
    wanted = read_id(ids.SESSION, session_id)
    where = base_url(request)

    async def work(tx: Tx, now: Moment) -> SessionShown:
        order = await orders.of_id(tx, now, call.caller.subject_id, wanted)
        return session_shown(await orders.close(tx, now, order.id), where)

    return await once(call._replace(bucket=None), key, None, work, status=200)


def session_shown(order: MerchantOrder, where: str) -> SessionShown:
    """Show a session on the wire."""
    statuses = {
        OrderState.OPEN: SessionStatus.OPEN,
        OrderState.PAYING: SessionStatus.PROCESSING,
        OrderState.PAID: SessionStatus.PAID,
        OrderState.CLOSED: SessionStatus.EXPIRED,
    }
    return SessionShown(
        id=show_id(ids.SESSION, order.id),
        url=f"{where}/cashier/{order.cashier_token}",
        status=statuses[order.state],
        merchant=show_id(ids.MERCHANT, order.account_id),
        reference=order.out_trade_no,
        amount_minor=order.amount_minor,
        currency=order.currency,
        description=order.subject,
        return_url=order.return_url,
        terms=order.terms,
        fee_payer=FeePayer(order.fee_payer or FeePayer.CONSUMER),
        purchase=ids.shown(ids.PURCHASE, order.purchase_id),
        plan=order.plan_code if order.state is OrderState.PAID else None,
        created_at=order.made_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
    )


def _order(data: SessionAsked, now: Moment) -> NewOrder:
    """Make the order of a session. Refuses: ReturnUrlInvalid."""
    if data.return_url is not None:
        _check_url(data.return_url)
    said = (
        data.amount_minor,
        data.currency,
        data.description,
        data.return_url,
        data.terms,
        data.fee_payer.value,
    )
    return NewOrder(
        surface=Surface.NATIVE,
        out_trade_no=data.reference,
        trade_type="HOSTED",
        digest=hashlib.sha256(msgspec.json.encode(said)).digest(),
        currency=data.currency,
        amount_minor=data.amount_minor,
        subject=data.description,
        expires_at=now.at + timedelta(minutes=data.expires_in_minutes),
        terms=data.terms,
        fee_payer=data.fee_payer.value,
        return_url=data.return_url,
    )


def _check_url(url: str) -> None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise ReturnUrlInvalid(pointer="/return_url")


async def _found(call: Asked, session_id: UUID) -> MerchantOrder:
    platform = call.services.platform
    async with platform.db.begin() as tx:
        return await orders.of_id(tx, await platform.moments(tx), call.caller.subject_id, session_id)


ROUTES = [create_checkout_session, list_checkout_sessions, read_checkout_session, expire_checkout_session]

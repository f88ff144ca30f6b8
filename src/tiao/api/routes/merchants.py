"""Merchants: taken on, shown, suspended."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import Currency, IdempotencyKey, MerchantId, MerchantInPath, Text
from tiao.api.operation import C, M, O, ends, makes, reads
from tiao.api.paging import After, ById, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, MerchantStatus, NewMerchant
from tiao.partners.refusals import MerchantTerminated, MerchantTermsInvalid, MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.payments.proposing import actions as proposing
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: A share from 0 to below 1 with at most six decimals, as text: a JSON number would be a float.
Share = Annotated[str, msgspec.Meta(pattern=r"^0(\.[0-9]{1,6})?$", description="A share, as a decimal string.")]
Why = Annotated[str, QueryParameter(name="reason", min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]+$")]


class MerchantGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is agreed with a merchant; *discount_rate* is its share of every price."""

    name: Text
    category: Text
    currency: Currency
    discount_rate: Share
    payout_account: Text


class SuspensionGiven(msgspec.Struct, frozen=True):
    """What is said of a suspension in its address; a key that comes again with another reason is refused."""

    reason: str


class MerchantShown(msgspec.Struct, frozen=True):
    """A merchant; of its account only the last four signs."""

    id: MerchantId
    name: str
    category: str
    currency: Currency
    discount_rate: str
    payout_account_tail: str
    status: MerchantStatus
    joined_at: datetime


class MerchantPage(msgspec.Struct, frozen=True):
    """Merchants in the order in which they joined."""

    data: list[MerchantShown]
    has_more: bool
    next: str | None


class MerchantName(msgspec.Struct, frozen=True):
    """What a merchant is called."""

    id: MerchantId
    name: str


@makes("/v1/merchants", by=[O], scope=Scope.MERCHANTS_WRITE, refuses=[MerchantTermsInvalid])
async def create_merchant(call: Call, data: JSONBody[MerchantGiven], key: IdempotencyKey) -> Response[MerchantShown]:
    """Take on a merchant."""

    async def work(tx: Tx, now: Moment) -> MerchantShown:
        new = NewMerchant(data.name, data.category, data.currency, Decimal(data.discount_rate), data.payout_account)
        return merchant_shown(await partners.create_merchant(tx, now, new))

    answer = await once(call, key, data, work)
    await call.services.shards.spread()
    return answer


@reads("/v1/merchants", by=[O], scope=Scope.MERCHANTS_READ, refuses=[CursorInvalid])
async def list_merchants(call: Call, limit: Limit = paging.PAGE_DEFAULT, after: After = None) -> MerchantPage:
    """List merchants in the order in which they joined."""
    place = paging.place_of(after, ById)
    async with call.db.begin() as tx:
        found = await partners.merchants_after(tx, place.id if place else None, count=limit + 1)
    page = paging.cut(found, limit, lambda each: ById(each.id))
    return MerchantPage([merchant_shown(each) for each in page.items], page.has_more, page.next)


@reads("/v1/merchants/{merchant_id:str}", by=[M, O], scope=Scope.MERCHANTS_READ, refuses=[MerchantUnknown])
async def read_merchant(call: Call, merchant_id: MerchantInPath) -> MerchantShown:
    """Show a merchant; a merchant sees itself only."""
    wanted = read_id(ids.MERCHANT, merchant_id)
    call.require_own(MerchantUnknown, merchant_id=wanted)
    async with call.db.begin() as tx:
        return merchant_shown(await partners.merchant(tx, wanted))


@makes(
    "/v1/merchants/{merchant_id:str}/suspension",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[MerchantUnknown, MerchantTerminated],
)
async def suspend_merchant(
    call: Call, merchant_id: MerchantInPath, key: IdempotencyKey, reason: Why = "stopped at once"
) -> Response[MerchantShown]:
    """Stop a merchant at once: nothing new is bought there, it is paid nothing; refunds go on, what it is owed is kept.

    That waits, as a proposal, for another operator: agreeing confirms it, rejecting lets the merchant sell again.
    """

    async def work(tx: Tx, now: Moment) -> MerchantShown:
        wanted = read_id(ids.MERCHANT, merchant_id)
        actor = call.person
        await proposing.stop(tx, now, wanted, reason=reason, actor=actor)
        return merchant_shown(await partners.merchant(tx, wanted))

    answer = await once(call, key, SuspensionGiven(reason), work, status=200)
    await call.services.shards.spread()
    return answer


@ends(
    "/v1/merchants/{merchant_id:str}/suspension",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[MerchantUnknown, MerchantTerminated],
)
async def propose_reinstatement(call: Call, merchant_id: MerchantInPath, reason: Why = "looked into") -> MerchantShown:
    """Propose that a suspended merchant sell again; it does once another operator agrees (`/v1/proposals`)."""
    wanted = read_id(ids.MERCHANT, merchant_id)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        actor = call.person
        await proposing.propose_reinstatement(tx, now, wanted, reason=reason, actor=actor)
        return merchant_shown(await partners.merchant(tx, wanted))


def merchant_shown(merchant: Merchant) -> MerchantShown:
    """Show a merchant on the wire."""
    return MerchantShown(
        id=show_id(ids.MERCHANT, merchant.id),
        name=merchant.name,
        category=merchant.category,
        currency=merchant.currency,
        discount_rate=f"{merchant.discount_rate.normalize():f}",
        payout_account_tail=merchant.payout_account[-4:],
        status=merchant.status,
        joined_at=merchant.joined_at,
    )


@reads("/v1/merchants/{merchant_id:str}/name", by=[C, M, O], scope=None, refuses=[MerchantUnknown])
async def read_merchant_name(call: Call, merchant_id: MerchantInPath) -> MerchantName:
    """Say what a merchant is called: a customer knows it by this, and by nothing else."""
    async with call.services.platform.db.begin() as tx:
        found = await partners.merchant(tx, read_id(ids.MERCHANT, merchant_id))
    return MerchantName(merchant_id, found.name)


ROUTES = [
    read_merchant_name,
    create_merchant,
    list_merchants,
    read_merchant,
    suspend_merchant,
    propose_reinstatement,
]

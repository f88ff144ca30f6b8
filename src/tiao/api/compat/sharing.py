"""Sharing what an order brought, whatever the form it is asked in."""

from __future__ import annotations

from uuid import UUID

from tiao.api.compat import earning
from tiao.api.compat.till import Till
from tiao.checkout.orders.model import MerchantOrder, OrderState
from tiao.checkout.orders.refusals import OrderNotPaid
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.refusals import AccountUnknown
from tiao.payments.sharing import actions as pools
from tiao.payments.sharing.model import NewReturn, NewShare, Pool, Return, ShareInFull
from tiao.payments.sharing.refusals import NothingToShare, ReceiverUnknown
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.money import Money


async def share(till: Till, order: MerchantOrder, new: NewShare, *, is_known: bool) -> ShareInFull:
    """Give parts of what an order brought to others. *is_known*: receivers must have been named before.

    Refuses: OrderNotPaid, NothingToShare, NotEnoughToShare, ShareNumberUsed, ReceiverUnknown, ReceiverIsGiver.
    """
    order = await till.current(order)
    if order.state is not OrderState.PAID:
        raise OrderNotPaid
    await _follow_refunds(till, order)
    async with till.home.db.begin() as tx:
        return await pools.share(tx, await till.home.moments(tx), order.id, new, is_known=is_known)


async def ensure_pool(till: Till, order: MerchantOrder) -> None:
    """Let an order be shared that nothing was kept of: out of what the merchant is owed. Refuses: OrderNotPaid."""
    order = await till.current(order)
    if order.purchase_id is None:
        raise OrderNotPaid
    rest = Money(await earning.left_of_purchase(till.services, order.purchase_id), order.currency)
    async with till.home.db.begin() as tx:
        await pools.open_pool(tx, await till.home.moments(tx), order.id, till.account.merchant_id, rest)


async def pool_of(till: Till, order: MerchantOrder) -> Pool:
    """Read what may be shared of an order. Refuses: NothingToShare."""
    await _follow_refunds(till, order)
    async with till.home.db.begin() as tx:
        return await pools.pool(tx, order.id)


async def _follow_refunds(till: Till, order: MerchantOrder) -> None:
    """Share nothing that was given back elsewhere: over the API, or as a dispute was decided."""
    if order.purchase_id is None:
        return
    left = await earning.left_of_purchase(till.services, order.purchase_id)
    async with till.home.db.begin() as tx:
        await pools.refunded(tx, await till.home.moments(tx), order.id, left_minor=left)


async def merchant_of(till: Till, number: str) -> UUID:
    """Find the merchant of a number, to share with. Refuses: ReceiverUnknown."""
    async with till.home.db.begin() as tx:
        try:
            return (await accounts.account_of_number(tx, number)).merchant_id
        except AccountUnknown as refusal:
            raise ReceiverUnknown from refusal


async def give_back(till: Till, share_id: UUID, new: NewReturn) -> Return:
    """Take a part back from a receiver. Refuses: ShareUnknown, ReturnDiffers, ReturnExceedsShare."""
    async with till.home.db.begin() as tx:
        now = await till.home.moments(tx)
        return await pools.give_back(tx, now, till.account.merchant_id, share_id, new)


async def give_back_of_order(tx: Tx, now: Moment, order: MerchantOrder, new: NewReturn) -> None:
    """Take an amount back from a receiver of an order, from its latest share first.

    Each share's piece has a number of its own, so that asking again changes nothing.
    Refuses: NothingToShare, ReturnDiffers, ReturnExceedsShare.
    """
    if not await pools.give_back_of_source(tx, now, order.id, new):
        raise NothingToShare

"""What somebody began and did not end is ended; what is over is let go: old requests, money kept to be shared."""

from __future__ import annotations

from datetime import timedelta

from tiao.api.native import till_of
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import OrderState
from tiao.partners.accounts import actions as accounts
from tiao.payments.sharing import actions as pools
from tiao.values.refusal import Kind, Refusal

#: Who has begun something has so long to end it, by the real clock, before somebody else does.
PATIENCE = timedelta(seconds=15)
AT_ONCE = 64


async def sweep(services: Services) -> int:
    """End payments and refunds that were begun and not ended, and count those that ended; a refusal is an end too."""
    home = services.platform
    async with home.db.begin() as tx:
        at = await services.clock.now(tx)
        await accounts.forget_nonces(tx, at)
        left = await orders.take_unfinished(tx, at=at, before=at - PATIENCE, limit=AT_ONCE)
        released = await pools.release_due(tx, await home.moments(tx), limit=AT_ONCE)
        of_refunds = [await orders.of_refund(tx, each) for each in left.refunds]
    ended = released
    for order in left.orders:
        till = await till_of(services, order)
        ended += (await till.current(order)).state is not OrderState.PAYING
    for order, refund in zip(of_refunds, left.refunds, strict=True):
        till = await till_of(services, order)
        try:
            await till.settled(order, refund)
        except Refusal as refusal:
            if refusal.kind is Kind.BUSY:
                continue
        ended += 1
    return ended

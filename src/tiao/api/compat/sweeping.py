"""What somebody began and did not end is ended; requests too old to be taken again are forgotten."""

from __future__ import annotations

from datetime import timedelta

from tiao.api.compat.till import Till
from tiao.api.services import Services
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import OrderState
from tiao.partners.accounts import actions as accounts
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
        left = await orders.unfinished(tx, before=at - PATIENCE, limit=AT_ONCE)
        owners = {each.account_id for each in left.orders} | {each.account_id for each in left.refunds}
        tills = {each: Till(services, await accounts.account(tx, each)) for each in owners}
    ended = 0
    for order in left.orders:
        ended += (await tills[order.account_id].current(order)).state is not OrderState.PAYING
    for refund in left.refunds:
        try:
            await tills[refund.account_id].finished(refund)
        except Refusal as refusal:
            if refusal.kind is Kind.BUSY:
                continue
        ended += 1
    return ended

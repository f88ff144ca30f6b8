"""Sharing in this form: parts of a trade for others, and parts back with a refund."""

from __future__ import annotations

import msgspec

from tiao.api.compat import sharing
from tiao.api.compat.alipay.notices import app_id_of_seller
from tiao.api.compat.alipay.values import minor_of
from tiao.api.compat.refusals import AlipayParameterInvalid
from tiao.api.compat.till import Beside, Till
from tiao.checkout.orders.model import MerchantOrder, Surface
from tiao.payments.sharing.model import NewReturn, NewShare, Part, ShareInFull
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

_DESCRIPTION_MAX = 256


class Royalty(msgspec.Struct, frozen=True):
    """A part of a trade: for whom in a share, from whom in a refund."""

    amount: str | float
    trans_in: str | None = None
    trans_out: str | None = None
    desc: str | None = None


async def settle(till: Till, order: MerchantOrder, number: str, royalties: list[Royalty]) -> ShareInFull:
    """Give parts of a trade to others.

    *Refuses:* AlipayParameterInvalid, OrderNotPaid, NotEnoughToShare, ShareNumberUsed, ReceiverUnknown,
    ReceiverIsGiver.
    """
    if not royalties:
        raise AlipayParameterInvalid("royalty_parameters must name somebody")
    await sharing.ensure_pool(till, order)
    parts = []
    for each in royalties:
        if not each.trans_in:
            raise AlipayParameterInvalid("royalty_parameters: trans_in is missing")
        receiver = await sharing.merchant_of(till, app_id_of_seller(each.trans_in))
        said = (each.desc or "")[:_DESCRIPTION_MAX]
        parts.append(Part(receiver, each.trans_in, minor_of(each.amount, "amount"), said))
    new = NewShare(Surface.ALIPAY.value, number, tuple(parts))
    return await sharing.share(till, order, new, is_known=False)


async def taken_back(till: Till, order: MerchantOrder, refund_number: str, royalties: list[Royalty]) -> Beside | None:
    """Read which parts are taken back from those who got them, to be done as the refund begins; none: nothing.

    *Refuses:* AlipayParameterInvalid, ReceiverUnknown; when it is done: NothingToShare, ReturnDiffers,
    ReturnExceedsShare.
    """
    wanted = []
    for place, each in enumerate(royalties):
        if not each.trans_out:
            raise AlipayParameterInvalid("refund_royalty_parameters: trans_out, who gives back, is missing")
        receiver = await sharing.merchant_of(till, app_id_of_seller(each.trans_out))
        amount = minor_of(each.amount, "amount")
        number = f"{refund_number}/{place}"
        said = (each.desc or "")[:_DESCRIPTION_MAX]
        wanted.append(NewReturn(Surface.ALIPAY.value, number, receiver, amount, said))

    async def take(tx: Tx, now: Moment) -> None:
        for each in wanted:
            await sharing.give_back_of_order(tx, now, order, each)

    return take if wanted else None

"""Refunds of this form: known by the merchant's number alone, whatever order they are of."""

from __future__ import annotations

from tiao.api.compat.reading import is_web_address
from tiao.api.compat.refusals import WechatParameterInvalid, WechatRequestInvalid
from tiao.api.compat.wechatpay import documents
from tiao.api.compat.wechatpay.asked import RefundAsked, asked
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.payments import found
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import NewRefund, Surface
from tiao.checkout.orders.refusals import OrderRefundDiffers, OrderRefundUnknown


async def make(asking: Asking) -> Reply:
    """Give money back.

    *Refuses:* OrderUnknown, OrderNotPaid, OrderRefundDiffers, OrderRefundExceedsPaid, WechatRequestInvalid.
    """
    what = asked(asking.call.body, RefundAsked)
    if what.notify_url and not is_web_address(what.notify_url):
        raise WechatParameterInvalid("notify_url must be an address of the web")
    order = await found(asking, out_trade_no=what.out_trade_no, transaction_id=what.transaction_id)
    if (what.amount.total, what.amount.currency) != (order.amount_minor, order.currency):
        raise WechatRequestInvalid("amount.total and amount.currency must be those of the order")
    till = asking.till
    async with till.home.db.begin() as tx:
        try:
            other, _ = await orders.refund_of_number(tx, till.account.id, Surface.WECHATPAY, what.out_refund_no)
        except OrderRefundUnknown:
            other = order
    if other.id != order.id:
        raise OrderRefundDiffers
    new = NewRefund(what.out_refund_no, what.amount.refund, reason=what.reason, notify_url=what.notify_url or None)
    done = await till.refund(order, new)
    return Reply(documents.refund(done.order, done.refund))


async def by_number(asking: Asking, number: str) -> Reply:
    """Tell how far a refund has come. *Refuses:* OrderRefundUnknown."""
    till = asking.till
    async with till.home.db.begin() as tx:
        order, refund = await orders.refund_of_number(tx, till.account.id, Surface.WECHATPAY, number)
    done = await till.settled(order, refund)
    return Reply(documents.refund(done.order, done.refund))

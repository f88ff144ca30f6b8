"""What a merchant is told of an order, in the form it speaks."""

from __future__ import annotations

from uuid import UUID

from tiao.api.compat.alipay import notices as alipay
from tiao.api.compat.wechatpay import notices as wechatpay
from tiao.checkout.orders.model import MerchantOrder, NewNotice, OrderRefund, Surface
from tiao.partners.accounts.model import Account
from tiao.values.moment import Moment


def paid_notice(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> NewNotice | None:
    """Tell that an order was paid, if the merchant said where."""
    if order.notify_url is None:
        return None
    write = alipay.paid if order.surface is Surface.ALIPAY else wechatpay.paid
    return NewNotice("paid", order.notify_url, write(account, order, now, notice_id))


def refunded_notice(
    account: Account, order: MerchantOrder, refund: OrderRefund, now: Moment, notice_id: UUID
) -> NewNotice | None:
    """Tell that money was given back; Alipay's form tells it where it tells of the payment."""
    is_alipay = order.surface is Surface.ALIPAY
    url = order.notify_url if is_alipay else refund.notify_url
    if url is None:
        return None
    write = alipay.refunded if is_alipay else wechatpay.refunded
    return NewNotice("refunded", url, write(account, order, refund, now, notice_id))

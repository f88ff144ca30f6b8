"""What a merchant is told of an order, in the form it speaks."""

from __future__ import annotations

from uuid import UUID

from tiao.api.compat.alipay import notices as alipay
from tiao.checkout.orders.model import MerchantOrder, NewNotice, OrderRefund
from tiao.partners.accounts.model import Account
from tiao.values.moment import Moment


def paid_notice(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> NewNotice | None:
    """Tell that an order was paid, if the merchant said where."""
    if order.notify_url is None:
        return None
    return NewNotice("paid", order.notify_url, alipay.paid(account, order, now, notice_id))


def refunded_notice(
    account: Account, order: MerchantOrder, refund: OrderRefund, now: Moment, notice_id: UUID
) -> NewNotice | None:
    """Tell that money was given back, where the payment was told of."""
    if order.notify_url is None:
        return None
    return NewNotice("refunded", order.notify_url, alipay.refunded(account, order, refund, now, notice_id))

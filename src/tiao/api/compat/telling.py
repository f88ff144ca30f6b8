"""What a merchant is told of an order, in the form it speaks. The platform's own form has its own notices."""

from __future__ import annotations

from uuid import UUID

from tiao.api.compat.alipay import notices as alipay
from tiao.api.compat.wechatpay import notices as wechatpay
from tiao.checkout.orders.model import MerchantOrder, NewNotice, OrderRefund, RefundState, Surface
from tiao.partners.accounts.model import Account
from tiao.values.moment import Moment


def paid_notice(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> NewNotice | None:
    """Tell that an order was paid, if the merchant said where."""
    if order.notify_url is None:
        return None
    match order.surface:
        case Surface.ALIPAY:
            content = alipay.paid(account, order, now, notice_id)
        case Surface.WECHATPAY:
            content = wechatpay.paid(account, order)
        case Surface.NATIVE:
            return None
    return NewNotice("paid", order.notify_url, content)


def refund_notice(
    account: Account, order: MerchantOrder, refund: OrderRefund, now: Moment, notice_id: UUID
) -> NewNotice | None:
    """Tell what became of a refund, where the merchant wants to hear it.

    The one form is told where the payment was told of, and only of what was given back; the other names an address
    with each refund.
    """
    is_made = refund.state is RefundState.SUCCEEDED
    match order.surface:
        case Surface.ALIPAY:
            if order.notify_url is None or not is_made:
                return None
            return NewNotice("refunded", order.notify_url, alipay.refunded(account, order, refund, now, notice_id))
        case Surface.WECHATPAY:
            if refund.notify_url is None:
                return None
            kind = "refunded" if is_made else "refund_closed"
            return NewNotice(kind, refund.notify_url, wechatpay.refunded(account, order, refund))
        case Surface.NATIVE:
            return None

"""Orders and refunds as this form writes them, in answers and in callbacks."""

from __future__ import annotations

from typing import Any

from tiao.api.compat.wechatpay.values import refund_number, refund_state_of, state_of, time_of, words_of
from tiao.checkout.orders.model import MerchantOrder, OrderRefund
from tiao.partners.accounts.model import Account

Document = dict[str, Any]
#: Money comes from and goes back to the payer's line, which is none of the banks this form has names for.
_BANK, _RECEIVED = "OTHERS", "支付用户先享后付额度"


def transaction(account: Account, order: MerchantOrder) -> Document:
    """Write an order; what follows from being paid is there once it is."""
    state = state_of(order)
    amount: Document = {"total": order.amount_minor, "currency": order.currency}
    document: Document = {
        "appid": account.appid,
        "mchid": account.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_type": order.trade_type,
        "trade_state": state,
        "trade_state_desc": words_of(state),
        "amount": amount,
    }
    if order.attach:
        document["attach"] = order.attach
    if order.payer_openid is not None:
        document["payer"] = {"openid": order.payer_openid}
    if order.paid_at is not None:
        amount |= {"payer_total": order.amount_minor, "payer_currency": order.currency}
        document |= {
            "transaction_id": order.trade_no,
            "bank_type": _BANK,
            "success_time": time_of(order.paid_at),
        }
    return document


def refund(order: MerchantOrder, given: OrderRefund) -> Document:
    """Write a refund."""
    document: Document = {
        "refund_id": refund_number(given),
        "out_refund_no": given.out_refund_no,
        "transaction_id": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": _RECEIVED,
        "create_time": time_of(given.asked_at),
        "status": refund_state_of(given),
        "funds_account": "AVAILABLE",
        "amount": {
            **_refund_amount(order, given),
            "settlement_total": order.amount_minor,
            "settlement_refund": given.amount_minor,
            "discount_refund": 0,
            "currency": order.currency,
        },
    }
    if given.refunded_at is not None:
        document["success_time"] = time_of(given.refunded_at)
    return document


def refund_told(account: Account, order: MerchantOrder, given: OrderRefund) -> Document:
    """Write a refund as a callback tells of it."""
    document: Document = {
        "mchid": account.mchid,
        "transaction_id": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund_number(given),
        "out_refund_no": given.out_refund_no,
        "refund_status": refund_state_of(given),
        "user_received_account": _RECEIVED,
        "amount": _refund_amount(order, given),
    }
    if given.refunded_at is not None:
        document["success_time"] = time_of(given.refunded_at)
    return document


def _refund_amount(order: MerchantOrder, given: OrderRefund) -> Document:
    return {
        "total": order.amount_minor,
        "refund": given.amount_minor,
        "payer_total": order.amount_minor,
        "payer_refund": given.amount_minor,
    }

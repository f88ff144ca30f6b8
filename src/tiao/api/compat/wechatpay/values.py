"""Times, states and an order as this form writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tiao.checkout.orders.model import MerchantOrder, OrderRefund, OrderState, RefundState
from tiao.partners.accounts.model import Account
from tiao.values.ids import derived_id

ZONE = ZoneInfo("Asia/Shanghai")
#: The sandbox's payer, as merchants of this form know it.
TEST_OPENID = "o-test-payer"
_STATES = {
    OrderState.OPEN: ("NOTPAY", "订单未支付"),
    OrderState.PAYING: ("USERPAYING", "用户支付中"),
    OrderState.PAID: ("SUCCESS", "支付成功"),
    OrderState.CLOSED: ("CLOSED", "订单已关闭"),
}
_REFUND_STATES = {
    RefundState.PROCESSING: "PROCESSING",
    RefundState.SUCCEEDED: "SUCCESS",
    RefundState.REFUSED: "CLOSED",
}


def time_of(at: datetime) -> str:
    """Write an instant: RFC 3339 in +08:00, whole seconds."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def transaction_of(account: Account, order: MerchantOrder) -> dict[str, Any]:
    """Write an order."""
    state, description = _STATES[order.state]
    if order.state is OrderState.CLOSED and order.trade_type == "MICROPAY":
        state, description = "REVOKED", "已撤销"
    if order.refunded_minor:
        state, description = "REFUND", "订单发生过退款"
    written: dict[str, Any] = {
        "appid": account.appid,
        "mchid": account.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_type": order.trade_type,
        "trade_state": state,
        "trade_state_desc": description,
        "attach": order.attach or "",
        "amount": {"total": order.amount_minor, "currency": order.currency},
    }
    if order.paid_at is not None:
        written["transaction_id"] = order.trade_no
        written["bank_type"] = "OTHERS"
        written["success_time"] = time_of(order.paid_at)
        written["payer"] = {"openid": openid_of(account, order)}
        written["amount"] |= {"payer_total": order.amount_minor, "payer_currency": order.currency}
    return written


def openid_of(account: Account, order: MerchantOrder) -> str:
    """Name a payer to one merchant, and to no other by the same name."""
    if order.customer_id is not None and order.customer_id == account.test_payer_id:
        return TEST_OPENID
    assert order.customer_id is not None, "what was paid has a payer"
    return f"o{derived_id('openid', account.id, order.customer_id).hex[:27]}"


def refund_of(order: MerchantOrder, refund: OrderRefund) -> dict[str, Any]:
    """Write a refund."""
    written: dict[str, Any] = {
        "refund_id": refund_no(refund),
        "out_refund_no": refund.out_refund_no,
        "transaction_id": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "分期额度",
        "create_time": time_of(refund.asked_at),
        "status": _REFUND_STATES[refund.state],
        "amount": {
            "total": order.amount_minor,
            "refund": refund.amount_minor,
            "payer_total": order.amount_minor,
            "payer_refund": refund.amount_minor,
            "settlement_refund": refund.amount_minor,
            "settlement_total": order.amount_minor,
            "discount_refund": 0,
            "currency": order.currency,
        },
    }
    if refund.refunded_at is not None:
        written["success_time"] = time_of(refund.refunded_at)
    return written


def refund_no(refund: OrderRefund) -> str:
    """Give the platform's number of a refund."""
    return f"50{refund.id.int % 10**26:026d}"

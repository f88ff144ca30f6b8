"""What a merchant of this form is told: a text, encrypted and signed when it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from tiao.api.compat.wechatpay.values import refund_no, time_of, transaction_of
from tiao.checkout.orders.model import MerchantOrder, OrderRefund
from tiao.partners.accounts.model import Account
from tiao.values.moment import Moment


class Content(msgspec.Struct, frozen=True):
    """A notice before it is encrypted."""

    id: str
    create_time: str
    event_type: str
    original_type: str
    summary: str
    resource: dict[str, Any]


def paid(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> str:
    """Tell that an order was paid."""
    resource = transaction_of(account, order)
    return _written(notice_id, now, ("TRANSACTION.SUCCESS", "transaction", "支付成功"), resource)


def refunded(account: Account, order: MerchantOrder, refund: OrderRefund, now: Moment, notice_id: UUID) -> str:
    """Tell that money was given back."""
    resource = {
        "mchid": account.mchid,
        "transaction_id": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund_no(refund),
        "out_refund_no": refund.out_refund_no,
        "refund_status": "SUCCESS",
        "success_time": time_of(refund.refunded_at or now.at),
        "user_received_account": "分期额度",
        "amount": {
            "total": order.amount_minor,
            "refund": refund.amount_minor,
            "payer_total": order.amount_minor,
            "payer_refund": refund.amount_minor,
        },
    }
    return _written(notice_id, now, ("REFUND.SUCCESS", "refund", "退款成功"), resource)


def _written(notice_id: UUID, now: Moment, kind: tuple[str, str, str], resource: dict[str, Any]) -> str:
    event_type, original_type, summary = kind
    content = Content(notice_id.hex, time_of(now.at), event_type, original_type, summary, resource)
    return msgspec.json.encode(content).decode()

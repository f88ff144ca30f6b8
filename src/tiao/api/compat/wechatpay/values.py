"""Times, numbers and states as this form writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tiao.api.compat.alipay.values import ZONE
from tiao.api.compat.refusals import WechatParameterInvalid
from tiao.checkout.orders.model import MerchantOrder, OrderRefund, OrderState, PayerState, RefundState

#: An order without a time of its own can be paid for so long, and no order for longer.
TIMEOUT = timedelta(days=7)
#: Numbers of refunds are told from numbers of orders by how they begin.
_REFUND, _REFUND_DIGITS = "50", 26
_WORDS = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "未支付",
    "CLOSED": "已关闭",
    "REVOKED": "已撤销",
    "USERPAYING": "用户支付中",
    "PAYERROR": "支付失败",
}


def time_of(at: datetime) -> str:
    """Write an instant, in +08:00 and whole seconds."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def instant_of(text: str, name: str) -> datetime:
    """Read an instant. *Refuses:* WechatParameterInvalid."""
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise WechatParameterInvalid(f"{name} must name its time zone")
        return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WechatParameterInvalid(f"{name} must be yyyy-MM-DDTHH:mm:ss+TIMEZONE") from error


def expiry_of(at: datetime, time_expire: str | None) -> datetime:
    """Say until when an order can be paid. *Refuses:* WechatParameterInvalid."""
    latest = at + TIMEOUT
    if not time_expire:
        return latest
    chosen = instant_of(time_expire, "time_expire")
    if chosen <= at:
        raise WechatParameterInvalid("time_expire has passed")
    return min(latest, chosen)


def state_of(order: MerchantOrder) -> str:
    """Write how far an order has come; any part given back makes it a refund."""
    if order.reversed_at is not None:
        return "REVOKED"
    match order.state:
        case OrderState.PAYING:
            return "USERPAYING"
        case OrderState.PAID:
            return "REFUND" if order.refunded_minor else "SUCCESS"
        case OrderState.CLOSED:
            return "CLOSED"
        case OrderState.OPEN:
            return {PayerState.ASKED: "USERPAYING", PayerState.DECLINED: "PAYERROR", None: "NOTPAY"}[order.payer_state]


def words_of(state: str) -> str:
    """Say a state to people."""
    return _WORDS[state]


def refund_state_of(refund: OrderRefund) -> str:
    """Write how far a refund has come."""
    return {
        RefundState.PROCESSING: "PROCESSING",
        RefundState.SUCCEEDED: "SUCCESS",
        RefundState.REFUSED: "CLOSED",
    }[refund.state]


def refund_number(refund: OrderRefund) -> str:
    """Give the platform's number of a refund."""
    return f"{_REFUND}{refund.id.int % 10**_REFUND_DIGITS:0{_REFUND_DIGITS}d}"

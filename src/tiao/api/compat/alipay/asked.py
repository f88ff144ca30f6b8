"""What each method is asked, and the codes it answers a "no" with."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import msgspec

from tiao.api.compat.alipay.sharing import Royalty
from tiao.api.compat.billing import BillNotThere
from tiao.api.compat.refusals import AlipayParameterInvalid, CompatRefused, TradeNotOpen
from tiao.api.refusals import TooManyRequests
from tiao.checkout.counters.refusals import TerminalLocked
from tiao.checkout.orders import refusals as orders
from tiao.checkout.refusals import AmountInvalid, CurrencyMismatch, NoCreditLine, PlanNotQuoted
from tiao.lending.refusals import (
    InstalmentAmountBelowMinimum,
    LoanArrangedAnew,
    RefundExceedsCaptured,
    RefundWindowClosed,
    TermsNotOffered,
)
from tiao.partners.accounts.refusals import AccountUnknown, PaymentCodeInvalid
from tiao.partners.scenes.refusals import RefundBeyondService, SceneAmountOutside, SceneOffersNoSuchPlan
from tiao.payments.sharing import refusals as sharing
from tiao.values.refusal import Refusal

T = TypeVar("T")


class Extended(msgspec.Struct, frozen=True):
    """The plan a merchant wants: how many instalments, and the percentage of the fee it bears."""

    hb_fq_num: str | int | None = None
    hb_fq_seller_percent: str | int | None = None
    fq_num: str | int | None = None
    fq_seller_percent: str | int | None = None


class OrderAsked(msgspec.Struct, frozen=True):
    """An order to be paid."""

    out_trade_no: str
    total_amount: str | float
    subject: str
    timeout_express: str | None = None
    time_expire: str | None = None
    passback_params: str | None = None
    extend_params: Extended | None = None
    scene: str | None = None
    auth_code: str | None = None
    terminal_id: str | None = None


class TradeAsked(msgspec.Struct, frozen=True):
    """Which order is meant."""

    out_trade_no: str | None = None
    trade_no: str | None = None


class RefundAsked(TradeAsked, frozen=True):
    """Money to be given back."""

    refund_amount: str | float = 0.0
    out_request_no: str | None = None
    refund_reason: str | None = None
    refund_royalty_parameters: list[Royalty] | None = None


class SettleAsked(TradeAsked, frozen=True):
    """What is given of a trade to others."""

    out_request_no: str = ""
    royalty_parameters: list[Royalty] = []


class RefundQueryAsked(TradeAsked, frozen=True):
    """Which refund is meant."""

    out_request_no: str | None = None


class BillAsked(msgspec.Struct, frozen=True):
    """Which bill is meant."""

    bill_type: str
    bill_date: str


class Fault(NamedTuple):
    """How a "no" is written."""

    code: str
    msg: str
    sub_code: str
    sub_msg: str

    def node(self, **more: str) -> dict[str, str]:
        """Write it as an answer's node."""
        return {**self._asdict(), **more}


def asked(biz_content: dict[str, Any] | None, shape: type[T]) -> T:
    """Read what a method is asked. *Refuses:* AlipayParameterInvalid, naming the field."""
    try:
        return msgspec.convert(biz_content or {}, shape)
    except msgspec.ValidationError as error:
        raise AlipayParameterInvalid(str(error)) from error


_BUSINESS = "Business Failed"
_CODES: dict[type[Refusal], tuple[str, str]] = {
    orders.OrderUnknown: ("ACQ.TRADE_NOT_EXIST", "交易不存在"),
    orders.OrderNumberUsed: ("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
    orders.OrderPaid: ("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
    orders.OrderClosed: ("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
    TradeNotOpen: ("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
    orders.OrderNotPaid: ("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
    orders.OrderRefundDiffers: ("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"),
    orders.OrderRefundExceedsPaid: ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
    orders.OrderRefundUnknown: ("ACQ.TRADE_NOT_EXIST", "退款不存在"),
    orders.PaymentDeclined: ("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家额度不足或拒绝付款"),
    orders.PlanNotWanted: ("ACQ.INVALID_PARAMETER", "不支持该分期期数"),
    PlanNotQuoted: ("ACQ.INVALID_PARAMETER", "不支持该分期期数"),
    AmountInvalid: ("ACQ.INVALID_PARAMETER", "金额无效"),
    CurrencyMismatch: ("ACQ.INVALID_PARAMETER", "币种无效"),
    NoCreditLine: ("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家没有可用额度"),
    LoanArrangedAnew: ("ACQ.TRADE_STATUS_ERROR", "买家的还款计划正在调整,请稍后再试"),
    SceneAmountOutside: ("ACQ.INVALID_PARAMETER", "金额超出商户所属行业的限额"),
    SceneOffersNoSuchPlan: ("ACQ.INVALID_PARAMETER", "不支持该分期期数"),
    InstalmentAmountBelowMinimum: ("ACQ.INVALID_PARAMETER", "金额低于分期的最低金额"),
    TermsNotOffered: ("ACQ.INVALID_PARAMETER", "不支持该分期期数"),
    RefundBeyondService: ("ACQ.TRADE_STATUS_ERROR", "服务已部分履行,超出可退金额"),
    RefundWindowClosed: ("ACQ.TRADE_STATUS_ERROR", "交易已完结,不支持退款"),
    RefundExceedsCaptured: ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
    TooManyRequests: ("ACQ.SYSTEM_ERROR", "请求过于频繁,请稍后再试"),
    TerminalLocked: ("ACQ.PAYMENT_AUTH_CODE_INVALID", "无效的支付授权码过多,请五分钟后再试"),
    PaymentCodeInvalid: ("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付授权码无效"),
    BillNotThere: ("ACQ.INVALID_PARAMETER", "账单尚未生成, 次日10点后可下载"),
    sharing.NothingToShare: ("ACQ.TRADE_STATUS_ERROR", "交易没有分账"),
    sharing.NotEnoughToShare: ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "可分账金额不足"),
    sharing.ShareNumberUsed: ("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"),
    sharing.ReceiverUnknown: ("ACQ.INVALID_PARAMETER", "分账接收方不存在"),
    sharing.ReceiverIsGiver: ("ACQ.INVALID_PARAMETER", "不能分账给自己"),
    sharing.ReturnDiffers: ("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"),
    sharing.ReturnExceedsShare: ("ACQ.INVALID_PARAMETER", "退分账金额超过已分账金额"),
    AccountUnknown: ("ACQ.SYSTEM_ERROR", "系统错误"),
}
_TEXTS = {
    "isv.invalid-signature": "验签出错",
    "isv.missing-signature": "缺少签名参数",
    "isv.missing-method": "缺少方法名参数",
    "isv.missing-app-id": "缺少AppID参数",
    "isv.missing-timestamp": "缺少时间戳参数",
}
#: What is wrong is told in so many characters, whatever was sent.
_SAID_MAX = 256
UNKNOWN = Fault("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙,请查询结果")
APP_UNKNOWN = Fault("40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数")
METHOD_UNKNOWN = Fault("40002", "Invalid Arguments", "isv.invalid-method", "不存在的方法名")


def fault_of(refusal: Refusal) -> Fault:
    """Write a refusal in this form; what is busy, and what has no word here, is unknown to the merchant."""
    if isinstance(refusal, CompatRefused):
        is_missing = refusal.wire_code.startswith("isv.missing")
        words = ("40001", "Missing Required Arguments") if is_missing else ("40002", "Invalid Arguments")
        said = _TEXTS.get(refusal.wire_code, f"参数无效: {refusal.detail}")
        return Fault(*words, refusal.wire_code, said[:_SAID_MAX])
    known = _CODES.get(type(refusal))
    return UNKNOWN if known is None else Fault("40004", _BUSINESS, *known)

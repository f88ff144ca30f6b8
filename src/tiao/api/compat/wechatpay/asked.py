"""What each endpoint is asked, and the statuses and codes it answers a "no" with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from tiao.api.compat.billing import BillLinkInvalid, BillNotThere
from tiao.api.compat.reading import UnreadableError, object_of
from tiao.api.compat.refusals import CompatRefused, WechatNotAllowed, WechatParameterInvalid
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
from tiao.partners.accounts.model import Account
from tiao.partners.accounts.refusals import PaymentCodeInvalid, RequestReplayed
from tiao.partners.scenes.refusals import RefundBeyondService, SceneAmountOutside, SceneOffersNoSuchPlan
from tiao.payments.sharing import refusals as sharing
from tiao.values.refusal import Refusal

T = TypeVar("T")
#: Amounts are whole fen.
Fen = Annotated[int, msgspec.Meta(ge=1, le=10_000_000_000)]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]


class Amount(msgspec.Struct, frozen=True):
    """What is to be paid."""

    total: Fen
    currency: str = "CNY"


class Payer(msgspec.Struct, frozen=True):
    """Who is to pay: a name the merchant knows, or a code off a phone."""

    openid: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    auth_code: Annotated[str, msgspec.Meta(max_length=128)] | None = None


class SettleInfo(msgspec.Struct, frozen=True):
    """Whether what is paid will be shared, and so is kept until then."""

    profit_sharing: bool = False


class SubsidyPlan(msgspec.Struct, frozen=True):
    """A number of instalments, and how much of its fee the merchant bears, in percent."""

    subsidy_installment_num: int
    subsidy_percent: int = 0


class SubsidyDetail(msgspec.Struct, frozen=True):
    """Plans by number of instalments."""

    subsidy_period_type: str = "PERIOD"
    subsidy_plan: list[SubsidyPlan] = []


class SubsidyInfo(msgspec.Struct, frozen=True):
    """The plans a merchant wants offered."""

    subsidy_detail: list[SubsidyDetail] = []


class SceneInfo(msgspec.Struct, frozen=True):
    """Where the payer stands; *device_id* is the till."""

    device_id: str | None = None


class OrderAsked(msgspec.Struct, frozen=True):
    """An order to be paid."""

    appid: str
    mchid: str
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    out_trade_no: Number
    amount: Amount
    notify_url: Annotated[str, msgspec.Meta(min_length=1, max_length=512)] | None = None
    payer: Payer | None = None
    scene_info: SceneInfo | None = None
    settle_info: SettleInfo | None = None
    subsidy_info: SubsidyInfo | None = None
    attach: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    time_expire: str | None = None


class MerchantAsked(msgspec.Struct, frozen=True):
    """Whose order it is."""

    mchid: str
    appid: str | None = None


class RefundAmount(msgspec.Struct, frozen=True):
    """What is given back, of how much."""

    refund: Fen
    total: Fen
    currency: str = "CNY"


class RefundAsked(msgspec.Struct, frozen=True):
    """Money to be given back."""

    out_refund_no: Number
    amount: RefundAmount
    out_trade_no: str | None = None
    transaction_id: str | None = None
    reason: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    notify_url: Annotated[str, msgspec.Meta(max_length=512)] | None = None


class ExposureAsked(msgspec.Struct, frozen=True):
    """Whose chance to pay in instalments is asked about."""

    mchid: str
    appid: str
    user_id_type: str
    openid: str | None = None
    phone_number_hash: str | None = None


class Fault(NamedTuple):
    """How a "no" is written."""

    status: HTTPStatus
    code: str
    message: str


def asked(body: str, shape: type[T]) -> T:
    """Read what an endpoint is asked. *Refuses:* WechatParameterInvalid, naming the field."""
    try:
        return msgspec.convert(object_of(body), shape)
    except (msgspec.ValidationError, UnreadableError) as error:
        raise WechatParameterInvalid(str(error)) from error


def check_merchant(account: Account, *, mchid: str | None, appid: str | None = None) -> None:
    """Demand that a request is about who signed it. *Refuses:* WechatParameterInvalid, WechatNotAllowed."""
    if not mchid:
        raise WechatParameterInvalid("mchid is missing")
    if mchid != account.mchid:
        raise WechatNotAllowed("mchid is not the merchant who signed")
    if appid is not None and appid != account.appid:
        raise WechatParameterInvalid("appid does not belong to mchid")


_BAD, _FORBIDDEN, _MISSING = HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
_INVALID, _PARAMETER = "INVALID_REQUEST", "PARAM_ERROR"
_CODES: dict[type[Refusal], Fault] = {
    orders.OrderUnknown: Fault(_MISSING, "ORDER_NOT_EXIST", "订单不存在"),
    orders.OrderNumberUsed: Fault(_FORBIDDEN, "OUT_TRADE_NO_USED", "商户订单号重复"),
    orders.OrderPaid: Fault(_BAD, _INVALID, "订单已支付"),
    orders.OrderClosed: Fault(_BAD, _INVALID, "订单已关闭"),
    orders.OrderNotPaid: Fault(_BAD, _INVALID, "订单未支付"),
    orders.OrderRefundDiffers: Fault(_BAD, _INVALID, "退款单号重复, 且请求参数与之前不一致"),
    orders.OrderRefundExceedsPaid: Fault(_BAD, _INVALID, "退款金额超过可退金额"),
    orders.OrderRefundUnknown: Fault(_MISSING, "RESOURCE_NOT_EXISTS", "退款单不存在"),
    orders.PaymentDeclined: Fault(_FORBIDDEN, "NOT_ENOUGH", "用户额度不足或拒绝付款"),
    orders.PlanNotWanted: Fault(_BAD, _PARAMETER, "不支持该分期期数"),
    PlanNotQuoted: Fault(_BAD, _PARAMETER, "不支持该分期期数"),
    AmountInvalid: Fault(_BAD, _PARAMETER, "金额无效"),
    CurrencyMismatch: Fault(_BAD, _PARAMETER, "币种无效"),
    NoCreditLine: Fault(_FORBIDDEN, "NOT_ENOUGH", "用户没有可用额度"),
    LoanArrangedAnew: Fault(_BAD, _INVALID, "用户的还款计划正在调整, 请稍后再试"),
    SceneAmountOutside: Fault(_BAD, _PARAMETER, "金额超出商户所属行业的限额"),
    SceneOffersNoSuchPlan: Fault(_BAD, _PARAMETER, "不支持该分期期数"),
    InstalmentAmountBelowMinimum: Fault(_BAD, _PARAMETER, "金额低于分期的最低金额"),
    TermsNotOffered: Fault(_BAD, _PARAMETER, "不支持该分期期数"),
    RefundBeyondService: Fault(_BAD, _INVALID, "服务已部分履行, 超出可退金额"),
    RefundWindowClosed: Fault(_BAD, _INVALID, "已超过可退款期限"),
    RefundExceedsCaptured: Fault(_BAD, _INVALID, "退款金额超过可退金额"),
    sharing.NothingToShare: Fault(_BAD, _INVALID, "订单未设置分账"),
    sharing.NotEnoughToShare: Fault(_FORBIDDEN, "NOT_ENOUGH", "分账金额不足"),
    sharing.ShareNumberUsed: Fault(_BAD, _INVALID, "商户分账单号重复, 且请求参数与之前不一致"),
    sharing.ShareUnknown: Fault(_MISSING, "RESOURCE_NOT_EXISTS", "分账单不存在"),
    sharing.ReceiverUnknown: Fault(_BAD, _INVALID, "分账接收方不存在或未添加"),
    sharing.ReceiverIsGiver: Fault(_BAD, _PARAMETER, "不能分账给自己"),
    sharing.ReturnDiffers: Fault(_BAD, _INVALID, "商户回退单号重复, 且请求参数与之前不一致"),
    sharing.ReturnExceedsShare: Fault(_BAD, _INVALID, "回退金额超过已分账金额"),
    sharing.ReturnUnknown: Fault(_MISSING, "RESOURCE_NOT_EXISTS", "回退单不存在"),
    BillNotThere: Fault(_BAD, _INVALID, "账单尚未生成, 次日10点后可下载"),
    BillLinkInvalid: Fault(_MISSING, "RESOURCE_NOT_EXISTS", "下载地址无效或已过期"),
    TooManyRequests: Fault(HTTPStatus.TOO_MANY_REQUESTS, "FREQUENCY_LIMITED", "请求过于频繁, 请稍后再试"),
    TerminalLocked: Fault(HTTPStatus.TOO_MANY_REQUESTS, "FREQUENCY_LIMITED", "无效的付款码过多, 请五分钟后再试"),
    orders.OrderForAnother: Fault(_FORBIDDEN, "NO_AUTH", "支付者与下单时的openid不一致"),
    PaymentCodeInvalid: Fault(_BAD, _PARAMETER, "付款码无效"),
    RequestReplayed: Fault(HTTPStatus.UNAUTHORIZED, "SIGN_ERROR", "请求已被处理过, 请更换随机串重新签名"),
}
_STATUSES = {
    "SIGN_ERROR": HTTPStatus.UNAUTHORIZED,
    "NO_AUTH": _FORBIDDEN,
    "RESOURCE_NOT_EXISTS": _MISSING,
    "NOT_ENOUGH": _FORBIDDEN,
}
UNKNOWN = Fault(HTTPStatus.INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "系统异常, 请用相同参数重新调用")


def fault_of(refusal: Refusal) -> Fault:
    """Write a refusal in this form; what is busy, and what has no word here, may be asked again as it was."""
    if isinstance(refusal, CompatRefused):
        status = _STATUSES.get(refusal.wire_code, _BAD)
        return Fault(status, refusal.wire_code, refusal.detail or type(refusal).title())
    known = _CODES.get(type(refusal))
    return UNKNOWN if known is None else known

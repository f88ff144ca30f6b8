"""The methods of this form: each reads what it is asked, acts through the till, and writes its node."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from tiao.api.compat.alipay import bills, sharing
from tiao.api.compat.alipay.asked import (
    BillAsked,
    OrderAsked,
    RefundAsked,
    RefundQueryAsked,
    SettleAsked,
    TradeAsked,
    asked,
)
from tiao.api.compat.alipay.signing import Call
from tiao.api.compat.alipay.values import expiry_of, minor_of, status_of, time_of, yuan_of
from tiao.api.compat.codes import pay_by_code
from tiao.api.compat.reading import is_line
from tiao.api.compat.refusals import AlipayParameterInvalid, TradeNotOpen
from tiao.api.compat.till import Till
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, NewOrder, NewRefund, OrderState, RefundState, Surface
from tiao.checkout.orders.refusals import OrderBeingPaid, OrderPaid, OrderRefundUnknown
from tiao.lending.model import FeePayer

Node = dict[str, Any]
#: Numbers and texts are no longer than this form says.
_NUMBER_MAX, _TEXT_MAX, _PASSED_MAX = 64, 256, 512
_WHOLE_FEE = {0: FeePayer.CONSUMER, 100: FeePayer.MERCHANT}


class Asking(NamedTuple):
    """A verified call at a merchant's till, and where this server is reached."""

    till: Till
    call: Call
    base_url: str


async def precreate(asking: Asking) -> Node:
    """Take an order that the payer will scan."""
    order = await _ordered(asking, asked(asking.call.biz_content, OrderAsked), "NATIVE")
    orders.check_open(order)
    return {"out_trade_no": order.out_trade_no, "qr_code": cashier_url(asking, order)}


async def pay(asking: Asking) -> Node:
    """Take an order and the payer's payment code with it."""
    what = asked(asking.call.biz_content, OrderAsked)
    if what.scene not in {"bar_code", None} or not what.auth_code:
        raise AlipayParameterInvalid("scene must be bar_code, and auth_code the payer's code")
    order = await asking.till.current(await _ordered(asking, what, "BAR_CODE"))
    if order.state is not OrderState.PAID:
        order = await pay_by_code(
            asking.till, order, what.auth_code, terminal=what.terminal_id, url=cashier_url(asking, order)
        )
    numbers = {"trade_no": order.trade_no, "out_trade_no": order.out_trade_no}
    if order.state is not OrderState.PAID or order.paid_at is None:
        return {"code": "10003", "msg": "order success pay inprocess", **numbers}
    return {**numbers, **_paid(order), "gmt_payment": time_of(order.paid_at)}


async def query(asking: Asking) -> Node:
    """Tell how far an order has come."""
    order = await asking.till.current(await _found(asking, asked(asking.call.biz_content, TradeAsked)))
    node: Node = {
        "trade_no": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "trade_status": status_of(order, is_final=await asking.till.is_past_refunds(order)),
        "total_amount": yuan_of(order.amount_minor),
    }
    if order.attach:
        node["passback_params"] = order.attach
    if order.paid_at is None:
        return node
    node |= {**_paid(order), "send_pay_date": time_of(order.paid_at)}
    terms = terms_of_plan(order)
    if terms > 1:
        amount = yuan_of(order.amount_minor)
        node["hb_fq_pay_info"] = {"user_install_num": str(terms), "fq_amount": amount}
    return node


async def close(asking: Asking) -> Node:
    """Let nobody pay an order any more."""
    order = await _found(asking, asked(asking.call.biz_content, TradeAsked))
    try:
        order = await asking.till.close(order)
    except OrderPaid as refusal:
        raise TradeNotOpen from refusal
    return {"trade_no": order.trade_no, "out_trade_no": order.out_trade_no}


async def cancel(asking: Asking) -> Node:
    """Undo an order: close it, or give back what was paid."""
    order = await _found(asking, asked(asking.call.biz_content, TradeAsked))
    node = {"trade_no": order.trade_no, "out_trade_no": order.out_trade_no}
    try:
        _, was_paid = await asking.till.take_back(order)
    except OrderBeingPaid:
        return {**node, "retry_flag": "Y"}
    return {**node, "retry_flag": "N", "action": "refund" if was_paid else "close"}


async def refund(asking: Asking) -> Node:
    """Give money back."""
    what = asked(asking.call.biz_content, RefundAsked)
    order = await _found(asking, what)
    number = _short(what.out_request_no or order.out_trade_no, "out_request_no")
    amount = minor_of(what.refund_amount, "refund_amount")
    reason = _short(what.refund_reason, "refund_reason", _TEXT_MAX) if what.refund_reason else None
    given_back = await sharing.taken_back(asking.till, order, number, what.refund_royalty_parameters or [])
    done = await asking.till.refund(order, NewRefund(number, amount, reason=reason), beside=given_back)
    return {
        "trade_no": done.order.trade_no,
        "out_trade_no": done.order.out_trade_no,
        "fund_change": "Y" if done.is_new else "N",
        "refund_fee": yuan_of(done.order.refunded_minor),
        "gmt_refund_pay": time_of(done.refund.refunded_at or done.refund.asked_at),
    }


async def refund_query(asking: Asking) -> Node:
    """Tell whether a refund was made; one that was not has no status."""
    what = asked(asking.call.biz_content, RefundQueryAsked)
    order = await _found(asking, what)
    number = what.out_request_no or order.out_trade_no
    node: Node = {"trade_no": order.trade_no, "out_trade_no": order.out_trade_no, "out_request_no": number}
    try:
        async with asking.till.home.db.begin() as tx:
            found = await orders.refund(tx, order.id, number)
    except OrderRefundUnknown:
        return node
    done = await asking.till.settled(order, found)
    if done.refund.state is not RefundState.SUCCEEDED or done.refund.refunded_at is None:
        return node
    return {
        **node,
        "total_amount": yuan_of(order.amount_minor),
        "refund_amount": yuan_of(done.refund.amount_minor),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": time_of(done.refund.refunded_at),
    }


async def settle(asking: Asking) -> Node:
    """Give parts of a trade to others."""
    what = asked(asking.call.biz_content, SettleAsked)
    order = await _found(asking, what)
    number = _short(what.out_request_no, "out_request_no")
    done = await sharing.settle(asking.till, order, number, what.royalty_parameters)
    return {"trade_no": order.trade_no, "settle_no": done.share.id.hex}


async def bill(asking: Asking) -> Node:
    """Say where a day's bill is fetched."""
    what = asked(asking.call.biz_content, BillAsked)
    url = await bills.link(asking.till, what.bill_type, what.bill_date, asking.base_url)
    return {"bill_download_url": url}


#: What can be asked, and by which words.
METHODS: dict[str, Callable[[Asking], Awaitable[Node]]] = {
    "alipay.trade.precreate": precreate,
    "alipay.trade.pay": pay,
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.trade.cancel": cancel,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    "alipay.trade.order.settle": settle,
    "alipay.data.dataservice.bill.downloadurl.query": bill,
}
#: Those that lead a browser to the cashier.
PAGES = {"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY", "alipay.trade.wap.pay": "QUICK_WAP_PAY"}


async def page(asking: Asking) -> str:
    """Take an order and say at which address the payer pays it."""
    order = await _ordered(asking, asked(asking.call.biz_content, OrderAsked), PAGES[asking.call.method])
    orders.check_open(order)
    return cashier_url(asking, order)


def cashier_url(asking: Asking, order: MerchantOrder) -> str:
    """Give the address of an order's cashier page."""
    return f"{asking.base_url}/cashier/{order.cashier_token}"


def terms_of_plan(order: MerchantOrder) -> int:
    """Tell in how many instalments an order was paid, from the plan's code."""
    digits = [part for part in (order.plan_code or "").split("_") if part.isdigit()]
    return int(digits[0]) if digits else 1


async def _ordered(asking: Asking, what: OrderAsked, trade_type: str) -> MerchantOrder:
    terms, fee_payer = _plan_of(what)
    amount = minor_of(what.total_amount, "total_amount")
    subject = _short(what.subject, "subject", _TEXT_MAX)
    now = await asking.till.now()
    parameters = asking.call.parameters
    digest = hashlib.sha256(msgspec.json.encode((amount, subject, terms, fee_payer))).digest()
    expires_at = expiry_of(now.at, timeout_express=what.timeout_express, time_expire=what.time_expire)
    return await asking.till.order(
        NewOrder(
            surface=Surface.ALIPAY,
            out_trade_no=_short(what.out_trade_no, "out_trade_no"),
            trade_type=trade_type,
            digest=digest,
            currency=asking.till.home.programme.currency,
            amount_minor=amount,
            subject=subject,
            expires_at=expires_at,
            terms=terms,
            fee_payer=fee_payer,
            notify_url=parameters.get("notify_url") or None,
            return_url=parameters.get("return_url") or None,
            attach=_short(what.passback_params, "passback_params", _PASSED_MAX) if what.passback_params else None,
        )
    )


def _plan_of(what: OrderAsked) -> tuple[int | None, str | None]:
    """Read the plan that is wanted. *Refuses:* AlipayParameterInvalid."""
    said = what.extend_params
    number = None if said is None else said.hb_fq_num or said.fq_num
    if said is None or number is None or number == "":
        return None, None
    percent = said.hb_fq_seller_percent if said.hb_fq_seller_percent is not None else said.fq_seller_percent
    try:
        terms, share = int(number), int(percent or 0)
    except ValueError as error:
        raise AlipayParameterInvalid("extend_params: hb_fq_num and hb_fq_seller_percent are whole numbers") from error
    if terms not in {3, 6, 12} or share not in _WHOLE_FEE:
        raise AlipayParameterInvalid("extend_params: 3, 6 or 12 instalments, and 0 or 100 percent of the fee")
    return terms, _WHOLE_FEE[share].value


async def _found(asking: Asking, what: TradeAsked) -> MerchantOrder:
    """Find the order that is meant. *Refuses:* OrderUnknown, AlipayParameterInvalid."""
    till = asking.till
    async with till.home.db.begin() as tx:
        now = await till.home.moments(tx)
        if what.trade_no:
            return await orders.of_trade_no(tx, now, till.account.id, Surface.ALIPAY, what.trade_no)
        if what.out_trade_no:
            return await orders.of_number(tx, now, till.account.id, Surface.ALIPAY, what.out_trade_no)
    raise AlipayParameterInvalid("out_trade_no or trade_no must be given")


def _paid(order: MerchantOrder) -> Node:
    amount = yuan_of(order.amount_minor)
    return {
        "total_amount": amount,
        "buyer_pay_amount": amount,
        "receipt_amount": amount,
        "fund_bill_list": [{"fund_channel": "PCREDIT", "amount": amount}],
    }


def _short(text: str, name: str, longest: int = _NUMBER_MAX) -> str:
    """Demand a text that is there and no longer than allowed. *Refuses:* AlipayParameterInvalid."""
    if not text or len(text) > longest or not is_line(text):
        raise AlipayParameterInvalid(f"{name} has 1 to {longest} characters, in one line")
    return text

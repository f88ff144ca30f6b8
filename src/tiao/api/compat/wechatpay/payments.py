"""Orders of this form: made in five ways, told of, closed, taken back."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

import msgspec

from tiao.api.compat.codes import pay_by_code
from tiao.api.compat.reading import is_line, is_web_address
from tiao.api.compat.refusals import WechatParameterInvalid
from tiao.api.compat.till import NAMED_PAYER
from tiao.api.compat.wechatpay import documents
from tiao.api.compat.wechatpay.asked import MerchantAsked, OrderAsked, SubsidyInfo, asked, check_merchant
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.values import expiry_of
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, NewOrder, OrderState, Surface, Wanted
from tiao.checkout.orders.refusals import OrderClosed
from tiao.lending.model import FeePayer

#: How an order is to be paid, by the last part of the address, as it is called in answers.
TRADE_TYPES = {"native": "NATIVE", "jsapi": NAMED_PAYER, "app": "APP", "h5": "MWEB", "codepay": "MICROPAY"}
_CODEPAY = "codepay"
_WHOLE_FEE = {0: FeePayer.CONSUMER, 100: FeePayer.MERCHANT}
_TERMS = frozenset({3, 6, 12})
_PERIOD = "PERIOD"


async def make(asking: Asking, way: str) -> Reply:
    """Take an order. *Refuses:* OrderNumberUsed, OrderClosed, WechatParameterInvalid."""
    what = asked(asking.call.body, OrderAsked)
    check_merchant(asking.till.account, mchid=what.mchid, appid=what.appid)
    code = _checked(what, way)
    order = await _ordered(asking, what, way)
    if order.state is OrderState.CLOSED:
        raise OrderClosed
    if code is not None:
        terminal = None if what.scene_info is None else what.scene_info.device_id
        return await _paid_by_code(asking, order, code, terminal)
    url = f"{asking.base_url}/cashier/{order.cashier_token}"
    match way:
        case "native":
            return Reply({"code_url": url})
        case "h5":
            return Reply({"h5_url": url})
        case _:
            return Reply({"prepay_id": order.cashier_token})


async def by_number(asking: Asking, number: str) -> Reply:
    """Tell how far an order has come, by the merchant's number."""
    return await _told(asking, await found(asking, out_trade_no=number, transaction_id=None))


async def by_transaction(asking: Asking, number: str) -> Reply:
    """Tell how far an order has come, by the platform's number."""
    return await _told(asking, await found(asking, out_trade_no=None, transaction_id=number))


async def close(asking: Asking, number: str) -> Reply:
    """Let nobody pay an order any more. *Refuses:* OrderPaid, OrderBeingPaid."""
    check_merchant(asking.till.account, mchid=asked(asking.call.body, MerchantAsked).mchid)
    await asking.till.close(await found(asking, out_trade_no=number, transaction_id=None))
    return Reply(status=HTTPStatus.NO_CONTENT)


async def take_back(asking: Asking, number: str) -> Reply:
    """Undo an order at the counter: nobody can pay it, and what was paid is given back."""
    what = asked(asking.call.body, MerchantAsked)
    check_merchant(asking.till.account, mchid=what.mchid, appid=what.appid)
    order = await found(asking, out_trade_no=number, transaction_id=None)
    if order.trade_type != TRADE_TYPES[_CODEPAY]:
        raise WechatParameterInvalid("only an order paid by code can be reversed")
    after, _ = await asking.till.take_back(order)
    return Reply(documents.transaction(asking.till.account, after))


async def found(asking: Asking, *, out_trade_no: str | None, transaction_id: str | None) -> MerchantOrder:
    """Find an order by either number. *Refuses:* OrderUnknown, WechatParameterInvalid."""
    till = asking.till
    async with till.home.db.begin() as tx:
        now = await till.home.moments(tx)
        if transaction_id:
            return await orders.of_trade_no(tx, now, till.account.id, Surface.WECHATPAY, transaction_id)
        if out_trade_no:
            return await orders.of_number(tx, now, till.account.id, Surface.WECHATPAY, out_trade_no)
    raise WechatParameterInvalid("out_trade_no or transaction_id must be given")


async def _told(asking: Asking, order: MerchantOrder) -> Reply:
    check_merchant(asking.till.account, mchid=asking.given("mchid"))
    return Reply(documents.transaction(asking.till.account, await asking.till.current(order)))


async def _paid_by_code(asking: Asking, order: MerchantOrder, code: str, terminal: str | None) -> Reply:
    order = await asking.till.current(order)
    if order.state is OrderState.OPEN:
        url = f"{asking.base_url}/cashier/{order.cashier_token}"
        order = await pay_by_code(asking.till, order, code, terminal=terminal, url=url)
    if order.state is OrderState.PAID:
        return Reply(documents.transaction(asking.till.account, order))
    return Reply({"code": "USERPAYING", "message": "需要用户输入支付密码"}, HTTPStatus.ACCEPTED)


def _checked(what: OrderAsked, way: str) -> str | None:
    """Check what depends on how an order is paid, and give the payer's code. *Refuses:* WechatParameterInvalid."""
    payer = what.payer
    if not is_line(what.description) or (what.attach is not None and not is_line(what.attach)):
        raise WechatParameterInvalid("description and attach are one line")
    if what.notify_url is not None and not is_web_address(what.notify_url):
        raise WechatParameterInvalid("notify_url must be an address of the web")
    if way == _CODEPAY:
        if payer is None or not payer.auth_code:
            raise WechatParameterInvalid("payer.auth_code is missing")
        return payer.auth_code
    if what.notify_url is None:
        raise WechatParameterInvalid("notify_url is missing")
    if way == "jsapi" and (payer is None or not payer.openid):
        raise WechatParameterInvalid("payer.openid is missing")
    return None


async def _ordered(asking: Asking, what: OrderAsked, way: str) -> MerchantOrder:
    wanted = _plans_of(what.subsidy_info)
    is_shared = what.settle_info is not None and what.settle_info.profit_sharing
    trade_type = TRADE_TYPES[way]
    currency = asking.till.home.programme.currency
    if what.amount.currency != currency:
        raise WechatParameterInvalid(f"amount.currency must be {currency}")
    content = (trade_type, what.amount.total, what.description, [str(each) for each in wanted], is_shared, what.attach)
    now = await asking.till.now()
    return await asking.till.order(
        NewOrder(
            surface=Surface.WECHATPAY,
            out_trade_no=what.out_trade_no,
            trade_type=trade_type,
            digest=hashlib.sha256(msgspec.json.encode(content)).digest(),
            currency=currency,
            amount_minor=what.amount.total,
            subject=what.description,
            expires_at=expiry_of(now.at, what.time_expire),
            terms=wanted[0].terms if len(wanted) == 1 else None,
            fee_payer=wanted[0].fee_payer if len(wanted) == 1 else None,
            plans=wanted if len(wanted) > 1 else (),
            notify_url=what.notify_url,
            attach=what.attach or None,
            is_shared=is_shared,
            payer_openid=None if what.payer is None else what.payer.openid,
            is_by_key_id=asking.is_by_key_id,
        )
    )


def _plans_of(said: SubsidyInfo | None) -> tuple[Wanted, ...]:
    """Read the plans that are wanted. *Refuses:* WechatParameterInvalid."""
    wanted: dict[int, Wanted] = {}
    for detail in [] if said is None else said.subsidy_detail:
        if detail.subsidy_period_type != _PERIOD:
            raise WechatParameterInvalid(f"subsidy_period_type must be {_PERIOD}")
        for plan in detail.subsidy_plan:
            terms, share = plan.subsidy_installment_num, plan.subsidy_percent
            if terms not in _TERMS or share not in _WHOLE_FEE or terms in wanted:
                raise WechatParameterInvalid("subsidy_plan: 3, 6 or 12 instalments, once each, and 0 or 100 percent")
            wanted[terms] = Wanted(terms, _WHOLE_FEE[share].value)
    return tuple(wanted.values())

"""Bills of this form: a table whose values begin with a backquote, and a second one of sums; packed if asked so."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from tiao.api.compat.alipay.values import ZONE, yuan_of
from tiao.api.compat.billing import (
    BillLine,
    BillLinkInvalid,
    Link,
    check_ready,
    funds_of,
    opened_link,
    sealed_link,
    trades_of,
)
from tiao.api.compat.refusals import WechatParameterInvalid
from tiao.api.compat.wechatpay import sharing
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.values import refund_number
from tiao.checkout.orders.model import Surface

#: A link is good for so long. Source: the form's own document.
LINK_TIME = timedelta(minutes=5)
_GZIP = "GZIP"
_TRADE_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
_TRADE_SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_FUND_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
_FUND_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
_SHARE_COLUMNS = (
    "分账时间,分账发起方,分账方,微信分账/回退单号,商户分账/回退单号,分账接收方,分账金额(元),业务类型,处理状态,分账描述"
)
_SHARE_SUMS = "总笔数,分账总金额,回退总金额"
_NOTHING = "0.00"
_PPM = 1_000_000
#: What a movement that is no sale and no refund is called.
_WORDS = {
    "settlement_paid": "提现",
    "settlement_withdrawn": "提现",
    "payout_returned": "提现退回",
    "reserve_moved": "保证金",
    "prepaid_held": "预收款暂存",
    "prepaid_drawn": "预收款退款",
    "prepaid_released": "预收款释放",
    "merchant_adjusted": "调账",
    "income_shared": "平台分润",
}

Text = Callable[[Asking, date], Awaitable[str]]


async def trade(asking: Asking) -> Reply:
    """Say where a day's sales and refunds are fetched. *Refuses:* WechatParameterInvalid, BillNotThere."""
    kind = asking.maybe("bill_type") or "ALL"
    if kind not in _TRADES:
        raise WechatParameterInvalid(f"bill_type is one of {', '.join(_TRADES)}")
    return await _linked(asking, f"trade/{kind}")


async def funds(asking: Asking) -> Reply:
    """Say where a day's movements of the account are fetched. *Refuses:* WechatParameterInvalid, BillNotThere."""
    if (asking.maybe("account_type") or "BASIC") != "BASIC":
        raise WechatParameterInvalid("account_type is BASIC: merchants have one account here")
    return await _linked(asking, "funds")


async def shares(asking: Asking) -> Reply:
    """Say where a day's shares and returns are fetched. *Refuses:* WechatParameterInvalid, BillNotThere."""
    return await _linked(asking, "shares")


async def file(asking: Asking) -> Reply:
    """Give the bill that a link leads to. *Refuses:* BillLinkInvalid, BillNotThere."""
    async with asking.till.home.db.begin() as tx:
        at = await asking.till.services.clock.now(tx)
    link = opened_link(asking.till.home.vault, asking.given("token"), at=at)
    kind, _, packing = link.kind.rpartition("+")
    if link.account_id != asking.till.account.id or kind not in TEXTS:
        raise BillLinkInvalid
    text = (await TEXTS[kind](asking, link.day)).encode()
    return Reply(file=gzip.compress(text, mtime=0) if packing == _GZIP else text)


async def _linked(asking: Asking, kind: str) -> Reply:
    packing = asking.maybe("tar_type") or ""
    if packing not in {"", _GZIP}:
        raise WechatParameterInvalid(f"tar_type is {_GZIP}, or left out")
    try:
        day = date.fromisoformat(asking.given("bill_date"))
    except ValueError as error:
        raise WechatParameterInvalid("bill_date must be yyyy-MM-DD") from error
    till = asking.till
    await check_ready(till, day)
    async with till.home.db.begin() as tx:
        at = await till.services.clock.now(tx)
    text = await TEXTS[kind](asking, day)
    token = sealed_link(till.home.vault, Link(till.account.id, f"{kind}+{packing}", day, at + LINK_TIME))
    return Reply(
        {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
            "download_url": f"{asking.base_url}/v3/billdownload/file?token={token}",
        }
    )


async def _trades(asking: Asking, day: date, *, with_sales: bool, with_refunds: bool) -> str:
    found = await trades_of(asking.till, Surface.WECHATPAY, day)
    sales, refunds = found.sales if with_sales else [], found.refunds if with_refunds else []
    kept = {id(each) for each in (*sales, *refunds)}
    rows = [_trade_row(asking, each) for each in found.lines if id(each) in kept]
    sold, back = _amount(sales), -_amount(refunds)
    fees = sum(each.movement.fee_minor for each in (*sales, *refunds))
    sums = [str(len(rows)), *map(_yuan, (sold, back, 0, fees, sold, back))]
    return _table(_TRADE_COLUMNS, rows, _TRADE_SUMS, sums)


def _trade_row(asking: Asking, line: BillLine) -> list[str]:
    order, moved, account = line.order, line.movement, asking.till.account
    is_refund = moved.refund_id is not None
    rate_ppm = moved.fee_minor * _PPM // moved.amount_minor
    amount = "0.00" if is_refund else _yuan(moved.amount_minor)
    back = _yuan(-moved.amount_minor) if is_refund else _NOTHING
    return [
        _second(moved.recorded_at),
        account.appid,
        account.mchid,
        "0",
        "",
        order.trade_no,
        order.out_trade_no,
        order.payer_openid or "",
        order.trade_type,
        "REFUND" if is_refund else "SUCCESS",
        "OTHERS",
        order.currency,
        amount,
        _NOTHING,
        (refund_number(line.refund) if line.refund else "0") if is_refund else "0",
        ((line.refund.out_refund_no if line.refund else moved.reference) or "0") if is_refund else "0",
        back,
        _NOTHING,
        "ORIGINAL" if is_refund else "",
        "SUCCESS" if is_refund else "",
        order.subject,
        order.attach or "",
        _yuan(moved.fee_minor),
        f"{rate_ppm // 10_000}.{rate_ppm // 100 % 100:02d}%",
        amount,
        back,
        "",
    ]


async def _funds(asking: Asking, day: date) -> str:
    found = await funds_of(asking.till, Surface.WECHATPAY, day)
    known = {each.movement.posting_id: each for each in found.trades.lines}
    rows: list[list[str]] = []
    amounts: list[int] = []
    stands = found.before_minor
    for moved in found.movements:
        line = known.get(moved.posting_id)
        word = "退款" if moved.refund_id else "交易" if moved.purchase_id else _WORDS.get(moved.kind, "分账")
        for name, amount in ((word, moved.amount_minor), ("扣除交易手续费", -moved.fee_minor)):
            if not amount:
                continue
            stands += amount
            amounts.append(amount)
            rows.append(
                [
                    _second(moved.recorded_at),
                    line.order.trade_no if line else moved.posting_id.hex,
                    f"{moved.posting_id.hex}{len(rows)}",
                    name,
                    name,
                    "收入" if amount > 0 else "支出",
                    _yuan(abs(amount)),
                    _yuan(stands),
                    "system",
                    "",
                    line.order.out_trade_no if line else "",
                ]
            )
    into, out = [each for each in amounts if each > 0], [-each for each in amounts if each < 0]
    sums = [str(len(amounts)), str(len(into)), _yuan(sum(into)), str(len(out)), _yuan(sum(out))]
    return _table(_FUND_COLUMNS, rows, _FUND_SUMS, sums)


async def _shares(asking: Asking, day: date) -> str:
    given, back = await sharing.day_of(asking, day)
    mine = asking.till.account.mchid
    names = {(each.share.id, part.receiver_id): part.named for each in given for part in each.parts}
    lines = [
        (each.share.made_at, each.share.id, each.share.number, part.named, part.amount_minor, "分账", part.description)
        for each in given
        for part in each.parts
    ]
    lines += [
        (each.share.made_at, each.share.id, each.share.number, mine, each.share.released_minor, "解冻", "")
        for each in given
        if each.share.released_minor
    ]
    lines += [
        (
            each.made_at,
            each.id,
            each.number,
            names.get((each.share_id, each.receiver_id), each.receiver_id.hex),
            -each.amount_minor,
            "分账回退",
            each.description,
        )
        for each in back
    ]
    rows = [
        [_second(at), mine, mine, identifier.hex, number, receiver, _yuan(amount), kind, "成功", said]
        for at, identifier, number, receiver, amount, kind, said in sorted(lines, key=lambda line: line[0])
    ]
    total = sum(line[4] for line in lines if line[5] == "分账")
    back_minor = sum(line[4] for line in lines if line[5] == "分账回退")
    return _table(_SHARE_COLUMNS, rows, _SHARE_SUMS, [str(len(rows)), _yuan(total), _yuan(-back_minor)])


def _second(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _table(columns: str, rows: Iterable[Sequence[str]], sums: str, values: Sequence[str]) -> str:
    lines = [columns, *map(_row, rows), sums, _row(values)]
    return "".join(f"{line}\r\n" for line in lines)


def _row(values: Sequence[str]) -> str:
    """Write a row. Values are told apart by comma and backquote, so neither may stand in a value together."""
    return ",".join(f"`{' '.join(each.split()).replace(',`', ', ')}" for each in values)


def _amount(lines: Iterable[BillLine]) -> int:
    return sum(each.movement.amount_minor for each in lines)


def _yuan(minor: int) -> str:
    return f"-{yuan_of(-minor)}" if minor < 0 else yuan_of(minor)


#: Which sales and refunds each kind of bill holds.
_TRADES = {"ALL": (True, True), "SUCCESS": (True, False), "REFUND": (False, True)}


def _trade_text(*, with_sales: bool, with_refunds: bool) -> Text:
    async def text(asking: Asking, day: date) -> str:
        return await _trades(asking, day, with_sales=with_sales, with_refunds=with_refunds)

    return text


#: Every kind of bill, by the word its link carries.
TEXTS: dict[str, Text] = {
    "funds": _funds,
    "shares": _shares,
    **{f"trade/{kind}": _trade_text(with_sales=sales, with_refunds=back) for kind, (sales, back) in _TRADES.items()},
}

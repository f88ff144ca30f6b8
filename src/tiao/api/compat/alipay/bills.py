"""Bills of this form: tables in GBK, zipped, behind a link that is good for half a minute."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from tiao.api.compat.alipay.notices import seller_of
from tiao.api.compat.alipay.values import time_of, yuan_of
from tiao.api.compat.billing import BillLine, Funds, Link, Trades, check_ready, funds_of, sealed_link, trades_of
from tiao.api.compat.refusals import AlipayParameterInvalid
from tiao.api.compat.till import Till
from tiao.checkout.orders.model import Surface

#: Which bills there are: of trades, and of everything that moved the account.
KINDS = ("trade", "signcustomer")
#: A link is good for so long. Source: the form's own document.
LINK_TIME = timedelta(seconds=30)
_ENCODING = "gbk"
#: The columns are the form's own: libraries find what they look for by these words.
_TRADE_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_FUND_COLUMNS = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
_NOTHING = "0.00"
#: What a movement that is no sale and no refund is called.
KIND_WORDS = {
    "settlement_paid": "结算付款",
    "settlement_withdrawn": "提现",
    "reserve_moved": "保证金",
    "prepaid_held": "预收款暂存",
    "prepaid_drawn": "预收款退款",
    "prepaid_released": "预收款释放",
    "merchant_adjusted": "调账",
    "income_shared": "平台分润",
    "payout_returned": "付款退回",
    "settlement_forwarded": "归集转出",
    "settlement_gathered": "归集转入",
}


async def link(till: Till, kind: str, day_text: str, base_url: str) -> str:
    """Give the address under which a day's bill is fetched. *Refuses:* AlipayParameterInvalid, BillNotThere."""
    if kind not in KINDS:
        raise AlipayParameterInvalid(f"bill_type is {' or '.join(KINDS)}")
    try:
        day = date.fromisoformat(day_text)
    except ValueError as error:
        raise AlipayParameterInvalid("bill_date must be yyyy-MM-dd; bills of months are not written") from error
    await check_ready(till, day)
    async with till.home.db.begin() as tx:
        at = await till.services.clock.now(tx)
    token = sealed_link(till.home.vault, Link(till.account.id, kind, day, at + LINK_TIME))
    return f"{base_url}/gateway/bills/{token}.zip"


async def archive(till: Till, kind: str, day: date) -> bytes:
    """Write a bill as it is fetched. *Refuses:* BillNotThere, ShardUnavailable."""
    seller = seller_of(till.account)
    if kind == "trade":
        name, text = "业务明细", trade_table(seller, await trades_of(till, Surface.ALIPAY, day))
    else:
        name, text = "账务明细", fund_table(seller, await funds_of(till, Surface.ALIPAY, day))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(f"{seller}_{day:%Y%m%d}_{name}.csv", text.encode(_ENCODING, "replace"))
    return packed.getvalue()


def trade_table(seller: str, trades: Trades) -> str:
    """Write a day's sales and refunds; a fee the merchant bears is negative, one it gets back positive."""
    rows = [_trade_row(each) for each in trades.lines]
    sales, refunds = trades.sales, trades.refunds
    received = sum(each.movement.moved_minor for each in trades.lines)
    end = [
        f"#交易合计：{len(sales)}笔，商家实收共{_yuan(_sum(sales))}元",
        f"#退款合计：{len(refunds)}笔，退款共{_yuan(_sum(refunds))}元",
        f"#扣除服务费后应结：{_yuan(received)}元",
    ]
    return _table("业务明细", seller, trades.day, _TRADE_COLUMNS, rows, end)


def fund_table(seller: str, funds: Funds) -> str:
    """Write everything that moved the merchant's account on a day, with what it then stood at."""
    known = {each.movement.posting_id: each for each in funds.trades.lines}
    rows: list[list[str]] = []
    stands = funds.before_minor
    for moved in funds.movements:
        line = known.get(moved.posting_id)
        kind = "退款" if moved.refund_id else "在线支付" if moved.purchase_id else KIND_WORDS.get(moved.kind, "分账")
        parts = [(kind, moved.amount_minor), ("收费" if moved.amount_minor > 0 else "退费", -moved.fee_minor)]
        for number, (word, amount) in enumerate(each for each in parts if each[1]):
            stands += amount
            rows.append(
                [
                    f"{moved.posting_id.hex}{number}",
                    line.order.trade_no if line else moved.posting_id.hex,
                    line.order.out_trade_no if line else "",
                    _plain(line.order.subject) if line else "",
                    time_of(moved.recorded_at),
                    "",
                    _yuan(max(amount, 0)),
                    _yuan(min(amount, 0)),
                    _yuan(stands),
                    "",
                    word,
                    _refund_no(line) if line else "",
                ]
            )
    end = [f"#期初余额：{_yuan(funds.before_minor)}元", f"#期末余额：{_yuan(stands)}元"]
    return _table("账务明细", seller, funds.day, _FUND_COLUMNS, rows, end)


def _trade_row(line: BillLine) -> list[str]:
    order, moved = line.order, line.movement
    return [
        order.trade_no,
        order.out_trade_no,
        "退款" if moved.refund_id else "交易",
        _plain(order.subject),
        time_of(order.made_at),
        time_of(_done_at(line)),
        *["", "", "", "", ""],
        _yuan(moved.amount_minor),
        _yuan(moved.amount_minor),
        *[_NOTHING] * 5,
        "",
        *[_NOTHING] * 2,
        _refund_no(line),
        _yuan(-moved.fee_minor),
        _NOTHING,
        "",
    ]


def _refund_no(line: BillLine) -> str:
    if line.movement.refund_id is None:
        return ""
    return line.refund.out_refund_no if line.refund else line.movement.reference or ""


def _done_at(line: BillLine) -> datetime:
    if line.movement.refund_id is not None:
        return (line.refund.refunded_at if line.refund else None) or line.movement.recorded_at
    return line.order.paid_at or line.movement.recorded_at


def _table(name: str, seller: str, day: date, columns: str, rows: Iterable[Sequence[str]], end: Sequence[str]) -> str:
    after = day + timedelta(days=1)
    written = io.StringIO(newline="")
    written.write(f"#{name}查询\r\n#账号：[{seller}]\r\n")
    written.write(f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{after:%Y年%m月%d日} 00:00:00]\r\n")
    written.write(f"#{'-' * 40}{name}列表{'-' * 40}\r\n")
    written.write(f"{columns}\r\n")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    written.write(f"#{'-' * 40}{name}列表结束{'-' * 40}\r\n")
    written.writelines(f"{each}\r\n" for each in end)
    return written.getvalue()


def _sum(lines: Iterable[BillLine]) -> int:
    return sum(each.movement.amount_minor for each in lines)


def _plain(text: str) -> str:
    """Keep a subject from being taken for a formula or for another line."""
    flat = " ".join(text.split())
    return f"'{flat}" if flat[:1] in {"=", "+", "-", "@"} else flat


def _yuan(minor: int) -> str:
    return f"-{yuan_of(-minor)}" if minor < 0 else yuan_of(minor)

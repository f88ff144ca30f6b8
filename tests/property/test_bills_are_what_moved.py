"""A bill's lines add up to what moved the merchant's account, whatever was sold, given back, settled or shared."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tiao.api.compat.alipay.bills import fund_table, trade_table
from tiao.api.compat.billing import BillLine, Funds, Trades
from tiao.checkout.orders.model import MerchantOrder, OrderState, Surface
from tiao.reports.merchant_days import Movement

DAY, AT = date(2026, 3, 1), datetime(2026, 3, 1, 4, tzinfo=UTC)
AMOUNTS = st.integers(1, 10**9)
FEES = st.integers(0, 10**7)


def order(number: int) -> MerchantOrder:
    return MerchantOrder(
        id=UUID(int=number),
        account_id=UUID(int=1),
        surface=Surface.ALIPAY,
        out_trade_no=f"n,{number}",
        trade_no=f"2026{number:020d}",
        trade_type="NATIVE",
        digest=b"",
        currency="CNY",
        amount_minor=1,
        subject='=书, "一"\n',
        terms=None,
        fee_payer=None,
        plans=[],
        notify_url=None,
        return_url=None,
        attach=None,
        is_shared=False,
        cashier_token="",
        state=OrderState.PAID,
        attempts=1,
        payer_state=None,
        payer_openid=None,
        is_by_key_id=False,
        customer_id=None,
        quote_id=None,
        purchase_id=UUID(int=number),
        plan_code="pay_later",
        refunded_minor=0,
        made_at=AT,
        expires_at=AT,
        paid_at=AT,
        closed_at=None,
        reversed_at=None,
    )


@st.composite
def movements(draw: st.DrawFn) -> list[Movement]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["purchase_captured", "refund_given", "settlement_paid", "share_given"]))
        is_trade = kind in {"purchase_captured", "refund_given"}
        sign = 1 if kind == "purchase_captured" else -1 if kind == "refund_given" else draw(st.sampled_from([1, -1]))
        amount, fee = sign * draw(AMOUNTS), sign * draw(FEES) if is_trade else 0
        made.append(
            Movement(
                bucket=0,
                posting_id=UUID(int=number + 1),
                kind=kind,
                recorded_at=AT,
                purchase_id=UUID(int=number + 1) if is_trade else None,
                refund_id=UUID(int=number + 1) if kind == "refund_given" else None,
                reference="r" if kind == "refund_given" else None,
                moved_minor=amount - fee,
                amount_minor=amount,
                fee_minor=fee,
            )
        )
    return made


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def fen(text: str) -> int:
    return int(Decimal(text) * 100)


@given(moved=movements(), before=st.integers(-(10**9), 10**9))
def test_a_bills_lines_add_up_to_what_moved(moved: list[Movement], before: int) -> None:
    lines = [BillLine(order(each.posting_id.int), None, each) for each in moved if each.purchase_id is not None]
    trades = Trades(DAY, lines)
    sold = rows(trade_table("2088", trades))
    assert len(sold) == len(lines)
    received = sum(fen(each["商家实收（元）"]) + fen(each["服务费（元）"]) for each in sold)
    assert received == sum(each.movement.moved_minor for each in lines)
    funds = rows(fund_table("2088", Funds(DAY, before, moved, trades)))
    total = sum(fen(each["收入金额（+元）"]) + fen(each["支出金额（-元）"]) for each in funds)
    assert total == sum(each.moved_minor for each in moved)
    stands = before + total
    assert not funds or fen(funds[-1]["账户余额（元）"]) == stands

"""A day's bills, in both forms: every sale and refund, and the books to the fen."""

import csv
import gzip
import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from support import alipay, wechatpay
from support.sandbox import Sandbox

BILL = "alipay.data.dataservice.bill.downloadurl.query"
SALES = 6


class Sold(NamedTuple):
    """What a merchant knows of its own: amounts in fen by its numbers."""

    paid: dict[str, int]
    refunded: dict[str, int]


class Day(NamedTuple):
    day: str
    alipay: Sold
    wechatpay: Sold


@pytest.fixture(scope="module")
def sold(sandbox: Sandbox) -> Day:
    """Sell and give back at random, in both forms, and let the day end: its bills are there at ten."""
    random = Random(20261122)
    begins = datetime.fromisoformat(sandbox.helper("clock")["now"])
    books = Sold({}, {}), Sold({}, {})
    for number in range(SALES):
        total, name = random.randrange(100, 200_000), f"s{number}"
        made = alipay.ask(
            sandbox, "precreate", {"out_trade_no": name, "total_amount": yuan(total), "subject": "茶, 绿"}
        )
        assert made["code"] == "10000", made
        terms = random.choice([1, 3, 6])
        sandbox.helper("pay", out_trade_no=name, app_id=sandbox.credentials["app_id"], instalments=terms)
        plan = {"subsidy_installment_num": 12, "subsidy_percent": random.choice([0, 100])}
        more = {"subsidy_info": {"subsidy_detail": [{"subsidy_plan": [plan]}]}} if number % 2 else {}
        wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", wechatpay.order(sandbox, name, total, **more))
        sandbox.helper("pay", out_trade_no=name, mchid=sandbox.credentials["mchid"])
        for book in books:
            book.paid[name] = total
        if number % 3 == 0:
            continue
        for part in (total // 3, total - total // 3) if number % 3 == 1 else (random.randrange(1, total),):
            back = f"{name}-{part}"
            given = {"out_trade_no": name, "refund_amount": yuan(part), "out_request_no": back}
            assert alipay.ask(sandbox, "refund", given)["fund_change"] == "Y"
            assert wechatpay.refund(sandbox, name, back, part, total)[0] == 200
            for book in books:
                book.refunded[back] = part
    early = alipay.ask(sandbox, BILL, {"bill_type": "trade", "bill_date": f"{begins:%Y-%m-%d}"})
    assert early["code"] == "40004", "the day is not over"
    sandbox.helper("clock", advance_to=(begins + timedelta(days=1)).replace(hour=9, minute=59).isoformat())
    early = alipay.ask(sandbox, BILL, {"bill_type": "trade", "bill_date": f"{begins:%Y-%m-%d}"})
    assert early["code"] == "40004", "it is not ten yet"
    sandbox.helper("clock", advance_to=(begins + timedelta(days=1)).replace(hour=10, minute=0).isoformat())
    return Day(f"{begins:%Y-%m-%d}", *books)


def test_the_one_forms_bill_holds_every_sale_and_refund(sandbox: Sandbox, sold: Day) -> None:
    rows = table(fetched(sandbox, sold, "trade"))
    paid = {each["商户订单号"]: fen(each["订单金额（元）"]) for each in rows if each["业务类型"] == "交易"}
    back = {each["退款批次号/请求号"]: -fen(each["订单金额（元）"]) for each in rows if each["业务类型"] == "退款"}
    assert (paid, back) == sold.alipay
    trade_no = alipay.ask(sandbox, "query", {"out_trade_no": "s0"})["trade_no"]
    assert trade_no in [each["支付宝交易号"] for each in rows]


def test_the_other_forms_bill_holds_every_sale_and_refund(sandbox: Sandbox, sold: Day) -> None:
    rows, [sums] = tables(downloaded(sandbox, f"tradebill?bill_date={sold.day}&bill_type=ALL&tar_type=GZIP"))
    paid = {each["商户订单号"]: fen(each["订单金额"]) for each in rows if each["交易状态"] == "SUCCESS"}
    back = {each["商户退款单号"]: fen(each["申请退款金额"]) for each in rows if each["交易状态"] == "REFUND"}
    assert (paid, back) == sold.wechatpay
    assert (int(sums["总交易单数"]), fen(sums["订单总金额"])) == (len(rows), sum(paid.values()))
    assert fen(sums["手续费总金额"]) == sum(fen(each["手续费"]) for each in rows)
    only, _ = tables(downloaded(sandbox, f"tradebill?bill_date={sold.day}&bill_type=REFUND"))
    assert only == [each for each in rows if each["交易状态"] == "REFUND"]


def test_bills_are_the_books_to_the_fen(sandbox: Sandbox, sold: Day) -> None:
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        movement = """
            select coalesce(-sum(e.amount_minor), 0)::bigint from ledger_entry e
              join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
              join merchant_account a on a.merchant_id = e.owner_id
             where e.account = 2001 and a.app_id = %s and e.booked_on {} %s and p.kind <> 'settlement_paid'
        """
        app_id = sandbox.credentials["app_id"]
        [(moved,)] = connection.execute(movement.format("="), [app_id, sold.day]).fetchall()
    theirs = table(fetched(sandbox, sold, "trade"))
    ours, _ = tables(downloaded(sandbox, f"tradebill?bill_date={sold.day}&tar_type=GZIP"))
    trades = sum(fen(each["商家实收（元）"]) + fen(each["服务费（元）"]) for each in theirs)
    trades += sum(fen(each["订单金额"]) - fen(each["申请退款金额"]) - fen(each["手续费"]) for each in ours)
    assert trades == moved
    funds = table(fetched(sandbox, sold, "signcustomer"))
    assert sum(fen(each["收入金额（+元）"]) + fen(each["支出金额（-元）"]) for each in funds) == moved - paid_out(
        sandbox, sold
    )
    assert fen(funds[-1]["账户余额（元）"]) == 0, "what was owed for the day was settled with it"
    flows, [sums] = tables(downloaded(sandbox, f"fundflowbill?bill_date={sold.day}&tar_type=GZIP"))
    assert len(flows) == len(funds) == int(sums["资金流水总笔数"])
    assert fen(sums["收入金额"]) - fen(sums["支出金额"]) == moved - paid_out(sandbox, sold)


def test_a_link_is_good_for_half_a_minute_and_for_its_merchant_alone(sandbox: Sandbox, sold: Day) -> None:
    asked = {"bill_type": "trade", "bill_date": sold.day}
    url = alipay.ask(sandbox, BILL, asked)["bill_download_url"]
    assert httpx.get(url).status_code == 200
    name = url.rpartition("/")[2]
    forged = url.replace(name, name[:40] + ("A" if name[40] != "A" else "B") + name[41:])
    assert httpx.get(forged).status_code == 404
    status, said = wechatpay.ask(sandbox, f"/v3/bill/tradebill?bill_date={sold.day}&tar_type=ZIP")
    assert (status, said["code"]) == (400, "PARAM_ERROR")
    status, said = wechatpay.ask(sandbox, f"/v3/billdownload/file?token={name.removesuffix('.zip')}")
    assert (status, said["code"]) == (404, "RESOURCE_NOT_EXISTS"), "a link of the one form is none of the other"


def paid_out(sandbox: Sandbox, sold: Day) -> int:
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        [(net,)] = connection.execute(
            """
            select coalesce(sum(s.net_minor), 0)::bigint from settlement s
              join merchant_account a on a.merchant_id = s.merchant_id
             where a.app_id = %s and s.business_date = %s and s.payout_id is not null
            """,
            [sandbox.credentials["app_id"], sold.day],
        ).fetchall()
    return int(net)


def fetched(sandbox: Sandbox, sold: Day, kind: str) -> str:
    said = alipay.ask(sandbox, BILL, {"bill_type": kind, "bill_date": sold.day})
    assert said["code"] == "10000", said
    answer = httpx.get(said["bill_download_url"])
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        [name] = files.namelist()
        return files.read(name).decode("gbk")


def downloaded(sandbox: Sandbox, target: str) -> str:
    status, said = wechatpay.ask(sandbox, f"/v3/bill/{target}")
    assert status == 200, said
    assert said["download_url"].startswith(sandbox.url)
    path = said["download_url"].removeprefix(sandbox.url)
    answer = wechatpay.send(sandbox, "GET", path, wechatpay.authorization(sandbox, "GET", path, ""))
    assert "Wechatpay-Signature" not in answer.headers
    text = gzip.decompress(answer.content) if "GZIP" in target else answer.content
    assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == said["hash_value"]
    return text.decode()


def table(text: str) -> list[dict[str, str]]:
    lines = [each for each in text.splitlines() if not each.startswith("#")]
    return list(csv.DictReader(lines))


def tables(text: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Read rows and sums: every line of values begins with a backquote, every line of names does not."""
    found: list[list[dict[str, str]]] = []
    names: list[str] = []
    for line in text.splitlines():
        if line.startswith("`"):
            found[-1].append(dict(zip(names, line[1:].split(",`"), strict=True)))
        else:
            names = line.split(",")
            found.append([])
    rows, sums = found
    return rows, sums


def yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def fen(text: Any) -> int:  # noqa: ANN401  a cell
    return int(Decimal(text) * 100)

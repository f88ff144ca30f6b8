"""What orders bring is shared in both forms, kept from the merchant until then, and paid to receivers a day later."""

import base64
import re
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1

from support import alipay, wechatpay
from support.sandbox import Sandbox, wait_until
from tiao.api.compat.keys import public_key

SHARING = "/v3/profitsharing"
#: What the merchant gets of 300.00 at a discount of 0.6 %.
NET = 29_820


def paid(sandbox: Sandbox, number: str, *, is_shared: bool = True) -> str:
    """Sell for 300.00; gives the platform's number."""
    made = wechatpay.order(sandbox, number, settle_info={"profit_sharing": is_shared})
    assert wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", made)[0] == 200
    sandbox.helper("pay", out_trade_no=number, mchid=sandbox.credentials["mchid"])
    found: str = wechatpay.query(sandbox, number)["transaction_id"]
    return found


def receiver(sandbox: Sandbox) -> str:
    found: str = sandbox.credentials["split_receivers"]["wechat"]
    return found


def give(sandbox: Sandbox, transaction: str, number: str, *amounts: int, is_final: bool = False) -> Any:  # noqa: ANN401
    parts = [
        {"type": "MERCHANT_ID", "account": receiver(sandbox), "amount": each, "description": f"part {each}"}
        for each in amounts
    ]
    said = {
        "appid": sandbox.credentials["appid"],
        "transaction_id": transaction,
        "out_order_no": number,
        "receivers": parts,
        "unfreeze_unsplit": is_final,
    }
    return wechatpay.ask(sandbox, f"{SHARING}/orders", said)


def left(sandbox: Sandbox, transaction: str) -> int:
    status, said = wechatpay.ask(sandbox, f"{SHARING}/transactions/{transaction}/amounts")
    assert status == 200, said
    return int(said["unsplit_amount"])


@pytest.fixture(scope="module")
def named(sandbox: Sandbox) -> str:
    platform = public_key(sandbox.credentials["platform_public_key"])
    name = platform.encrypt("沙箱分账方".encode(), OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None))
    said = {
        "appid": sandbox.credentials["appid"],
        "type": "MERCHANT_ID",
        "account": receiver(sandbox),
        "relation_type": "STORE",
        "name": base64.b64encode(name).decode(),
    }
    for _ in range(2):
        status, answer = wechatpay.ask(sandbox, f"{SHARING}/receivers/add", said)
        assert (status, answer["account"]) == (200, receiver(sandbox))
    refused = wechatpay.ask(sandbox, f"{SHARING}/receivers/add", {**said, "name": "in the clear"})
    assert (refused[0], refused[1]["code"]) == (400, "PARAM_ERROR")
    return receiver(sandbox)


def test_an_order_is_shared_in_parts_returned_and_let_go(sandbox: Sandbox, named: str) -> None:
    transaction = paid(sandbox, "p1")
    assert left(sandbox, transaction) == NET
    status, first = give(sandbox, transaction, "P1", 1000, 500)
    assert (status, first["state"]) == (200, "FINISHED")
    assert [(each["account"], each["amount"], each["result"]) for each in first["receivers"]] == [
        (named, 1000, "SUCCESS"),
        (named, 500, "SUCCESS"),
    ]
    assert give(sandbox, transaction, "P1", 1000, 500) == (200, first), "the same again is the same answer"
    assert give(sandbox, transaction, "P1", 1000)[1]["code"] == "INVALID_REQUEST"
    assert wechatpay.ask(sandbox, f"{SHARING}/orders/P1?transaction_id={transaction}") == (200, first)
    assert left(sandbox, transaction) == NET - 1500
    too_much = give(sandbox, transaction, "P2", NET - 1499)
    assert (too_much[0], too_much[1]["code"]) == (403, "NOT_ENOUGH")
    back = {"out_order_no": "P1", "out_return_no": "R1", "return_mchid": named, "amount": 700, "description": "back"}
    for _ in range(2):
        status, returned = wechatpay.ask(sandbox, f"{SHARING}/return-orders", back)
        assert (status, returned["result"], returned["amount"]) == (200, "SUCCESS", 700)
    target = f"{SHARING}/return-orders/R1?&out_order_no=P1"
    assert wechatpay.ask(sandbox, target) == (200, returned)
    differs = wechatpay.ask(sandbox, f"{SHARING}/return-orders", {**back, "amount": 1})
    assert differs[1]["code"] == "INVALID_REQUEST"
    much = wechatpay.ask(sandbox, f"{SHARING}/return-orders", {**back, "out_return_no": "R2", "amount": 801})
    assert much[1]["code"] == "INVALID_REQUEST"
    said = {"transaction_id": transaction, "out_order_no": "U1", "description": "all of it"}
    status, released = wechatpay.ask(sandbox, f"{SHARING}/orders/unfreeze", said)
    assert (status, [each["amount"] for each in released["receivers"]]) == (200, [NET - 1500])
    assert left(sandbox, transaction) == 0
    assert give(sandbox, transaction, "P3", 1)[1]["code"] == "NOT_ENOUGH"


def test_what_is_not_there_to_be_shared_is_refused(sandbox: Sandbox, named: str) -> None:
    plain = paid(sandbox, "p2", is_shared=False)
    assert give(sandbox, plain, "P4", 1)[1]["code"] == "INVALID_REQUEST"
    wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", wechatpay.order(sandbox, "p3"))
    assert give(sandbox, "1", "P5", 1)[1]["code"] == "ORDER_NOT_EXIST"
    transaction = paid(sandbox, "p4")
    person = {"type": "PERSONAL_OPENID", "account": "o-test-payer", "relation_type": "USER"}
    assert wechatpay.ask(sandbox, f"{SHARING}/receivers/add", person)[1]["code"] == "NO_AUTH"
    gone = {"type": "MERCHANT_ID", "account": named}
    assert wechatpay.ask(sandbox, f"{SHARING}/receivers/delete", gone)[0] == 200
    assert give(sandbox, transaction, "P6", 1)[1]["code"] == "INVALID_REQUEST"
    again = {**gone, "relation_type": "STORE"}
    assert wechatpay.ask(sandbox, f"{SHARING}/receivers/add", again)[0] == 200
    # A refund is paid of what is kept.
    assert wechatpay.refund(sandbox, "p4", "pr4", 10_000)[0] == 200
    assert left(sandbox, transaction) == NET - 10_000


def test_what_was_given_back_elsewhere_is_shared_by_nobody(sandbox: Sandbox, named: str) -> None:
    """A refund over the API, or one that a dispute ended in, is paid of what is kept as one of this form is."""
    assert named == receiver(sandbox)
    transaction = paid(sandbox, "p9")
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        found = connection.execute("select purchase_id from merchant_order where out_trade_no = 'p9'").fetchone()
    assert found is not None
    key = [sys.executable, "-m", "tiao", "programme", "key", "--label", "staff"]
    told = subprocess.run(key, env=sandbox.environment, capture_output=True, check=True, text=True).stdout
    token = re.search(r"tiao_o_\w+", told)
    assert token is not None, told
    for place, amount in enumerate((10_000, 2_000)):
        answer = httpx.post(
            f"{sandbox.url}/v1/purchases/pur_{found[0].hex}/refunds",
            json={"amount_minor": amount, "reference": "over the API"},
            headers={"Authorization": f"Bearer {token[0]}", "Idempotency-Key": f"elsewhere-{place}"},
        )
        assert answer.status_code == 201, answer.text
        if place == 0:
            assert left(sandbox, transaction) == NET - 10_000
    too_much = give(sandbox, transaction, "P90", NET - 11_999)
    assert (too_much[0], too_much[1]["code"]) == (403, "NOT_ENOUGH")
    assert wechatpay.refund(sandbox, "p9", "pr9", 3_000)[0] == 200
    assert left(sandbox, transaction) == NET - 15_000, "and one of this form beside them once"
    assert give(sandbox, transaction, "P91", NET - 15_000)[0] == 200


def test_the_other_form_shares_out_of_what_the_merchant_is_owed(sandbox: Sandbox) -> None:
    seller = sandbox.credentials["split_receivers"]["alipay"]
    order = {"out_trade_no": "q1", "total_amount": "300.00", "subject": "x"}
    alipay.ask(sandbox, "precreate", order)
    trade = alipay.ask(sandbox, "query", {"out_trade_no": "q1"})["trade_no"]
    parts = [{"trans_in": seller, "amount": "20.00", "desc": "part"}, {"trans_in": seller, "amount": 5.5}]
    said = {"trade_no": trade, "out_request_no": "s1", "royalty_parameters": parts}
    assert alipay.ask(sandbox, "order.settle", said)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    sandbox.helper("pay", out_trade_no="q1", app_id=sandbox.credentials["app_id"])
    given = alipay.ask(sandbox, "order.settle", said)
    assert (given["code"], given["trade_no"]) == ("10000", trade)
    assert alipay.ask(sandbox, "order.settle", said)["settle_no"] == given["settle_no"]
    changed = {**said, "royalty_parameters": parts[:1]}
    assert alipay.ask(sandbox, "order.settle", changed)["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    more = {**said, "out_request_no": "s2", "royalty_parameters": [{"trans_in": seller, "amount": "272.71"}]}
    assert alipay.ask(sandbox, "order.settle", more)["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    nobody = {**said, "out_request_no": "s3", "royalty_parameters": [{"trans_in": "208800", "amount": "1"}]}
    assert alipay.ask(sandbox, "order.settle", nobody)["sub_code"] == "ACQ.INVALID_PARAMETER"
    back = {"trade_no": trade, "refund_amount": "100.00", "out_request_no": "qr1"}
    royalty = [{"trans_out": seller, "amount": "10.00", "desc": "back"}]
    for change in ("Y", "N"):
        done = alipay.ask(sandbox, "refund", {**back, "refund_royalty_parameters": royalty})
        assert (done["code"], done["fund_change"]) == ("10000", change)


def test_a_refund_that_is_refused_takes_nothing_back(sandbox: Sandbox) -> None:
    seller = sandbox.credentials["split_receivers"]["alipay"]
    alipay.ask(sandbox, "precreate", {"out_trade_no": "t1", "total_amount": "300.00", "subject": "x"})
    sandbox.helper("pay", out_trade_no="t1", app_id=sandbox.credentials["app_id"])
    part = [{"trans_in": seller, "amount": "20.00"}]
    settled = {
        "trade_no": alipay.ask(sandbox, "query", {"out_trade_no": "t1"})["trade_no"],
        "out_request_no": "t-s",
        "royalty_parameters": part,
    }
    alipay.ask(sandbox, "order.settle", settled)
    first = {"out_trade_no": "t1", "refund_amount": "1.00", "out_request_no": "t-r0"}
    assert alipay.ask(sandbox, "refund", first)["fund_change"] == "Y"
    before = owed(sandbox)
    royalty = [{"trans_out": seller, "amount": "10.00"}]
    for said, sub_code in (
        ({**first, "out_request_no": "t-r1", "refund_amount": "300.00"}, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ({**first, "refund_amount": "2.00"}, "ACQ.DISCORDANT_REPEAT_REQUEST"),
        (
            {**first, "out_request_no": "t-r2", "refund_royalty_parameters": [{**royalty[0], "amount": "20.01"}]},
            "ACQ.INVALID_PARAMETER",
        ),
    ):
        answer = alipay.ask(sandbox, "refund", {"refund_royalty_parameters": royalty, **said})
        assert (answer["code"], answer["sub_code"]) == ("40004", sub_code)
        assert owed(sandbox) == before, said
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"], autocommit=True) as connection:
        moved = "update loan set taken_on = taken_on + %s from merchant_order o where o.purchase_id = loan.purchase_id"
        connection.execute(f"{moved} and o.out_trade_no = 't1'", [-400])
        late = {**first, "out_request_no": "t-r3", "refund_royalty_parameters": royalty}
        assert alipay.ask(sandbox, "refund", late)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
        assert owed(sandbox) == before, "too late for a refund, and so for taking anything back"
        connection.execute(f"{moved} and o.out_trade_no = 't1'", [400])
    done = alipay.ask(sandbox, "refund", {**first, "out_request_no": "t-r4", "refund_royalty_parameters": royalty})
    assert done["fund_change"] == "Y"
    after = owed(sandbox)
    assert (after["receiver"], after["app"]) == (before["receiver"] - 1_000, before["app"] + 1_000 - 100)


def test_shares_are_paid_to_receivers_and_not_to_the_merchant(sandbox: Sandbox, named: str) -> None:
    transaction = paid(sandbox, "z1")
    before = owed(sandbox)
    give(sandbox, transaction, "Z1", 9_000)
    after = owed(sandbox)
    assert (after["app"], after["receiver"]) == (before["app"], before["receiver"] + 9_000), "out of what was kept"
    now = datetime.fromisoformat(sandbox.helper("clock")["now"])
    sandbox.helper("clock", advance_to=(now + timedelta(days=1)).replace(hour=10, minute=0).isoformat())
    settled = settlements(sandbox, f"{now:%Y-%m-%d}")
    assert settled == {"app": after["app"], "receiver": after["receiver"]}
    assert owed(sandbox) == {"app": 0, "receiver": 0}
    assert left(sandbox, transaction) == NET - 9_000, "what is kept is paid to nobody"
    text = bill(sandbox, f"{now:%Y-%m-%d}")
    assert [line for line in text.splitlines() if "`Z1," in line and "`90.00," in line and f"`{named}," in line]
    sandbox.helper("clock", advance_to=(now + timedelta(days=31)).isoformat())
    # After thirty days it is the merchant's.
    wait_until(lambda: left(sandbox, transaction) == 0, 20.0, "release")


def owed(sandbox: Sandbox) -> dict[str, int]:
    """Read what the merchant and the receiver are owed."""
    return _by_merchant(
        sandbox,
        """
        select a.mchid, coalesce(-sum(e.amount_minor), 0)::bigint from merchant_account a
          left join ledger_entry e on e.account = 2001 and e.owner_id = a.merchant_id group by a.mchid
        """,
    )


def settlements(sandbox: Sandbox, day: str) -> dict[str, int]:
    return _by_merchant(
        sandbox,
        f"""
        select a.mchid, s.net_minor from settlement s join merchant_account a on a.merchant_id = s.merchant_id
         where s.business_date = '{day}'
        """,
    )


def _by_merchant(sandbox: Sandbox, query: str) -> dict[str, int]:
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        found = dict(connection.execute(query).fetchall())
    return {"app": found[sandbox.credentials["mchid"]], "receiver": found[receiver(sandbox)]}


def bill(sandbox: Sandbox, day: str) -> str:
    status, said = wechatpay.ask(sandbox, f"{SHARING}/bills?bill_date={day}")
    assert status == 200, said
    path = said["download_url"].removeprefix(sandbox.url)
    return wechatpay.send(sandbox, "GET", path, wechatpay.authorization(sandbox, "GET", path, "")).text

"""Public libraries, unmodified: each sells, gives back in parts, fetches the day's bill and verifies what it is told.

Only an address and keys are told to them; what they give back they have verified themselves.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from support import sdks
from support.port_80 import port_80
from support.sandbox import Callbacks, Sandbox

ALIPAY = ["alipay-sdk-python", "python-alipay-sdk", "alipay-sdk"]
WECHATPAY = ["wechatpayv3", "wechatpay-axios-plugin"]


class Shop(NamedTuple):
    """One library's merchant: what it is told once, and how it asks."""

    sandbox: Sandbox
    library: str
    said: dict[str, Any]
    callbacks: Callbacks

    def ask(self, *steps: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        asked = {**self.said, "steps": [{"do": do, "say": say} for do, say in steps]}
        answers: list[dict[str, Any]] = sdks.run(self.library, asked)["answers"]
        return answers

    def told(self, count: int) -> list[Any]:
        received = self.callbacks.wait_for(count)
        told = [{"headers": each.headers, "body": each.body.decode()} for each in received]
        verified: list[Any] = sdks.run(self.library, {**self.said, "told": told})["told"]
        return verified

    def day_ends(self) -> str:
        """Let it be ten o'clock of the next day, when bills are there; gives the day that ended."""
        now = datetime.fromisoformat(self.sandbox.helper("clock")["now"])
        after = (now + timedelta(days=1)).replace(hour=10, minute=0, second=0)
        self.sandbox.helper("clock", advance_to=after.isoformat())
        return f"{now:%Y-%m-%d}"


@pytest.fixture
def shop(sandbox: Sandbox, callbacks: Callbacks, request: pytest.FixtureRequest) -> Iterator[Shop]:
    library, is_by_key_id = request.param
    key: Any = load_pem_private_key(sandbox.merchant.private_key.encode(), password=None)
    pkcs1 = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    made = sandbox.credentials
    with ExitStack() as stack:
        url = sandbox.url
        if library == "alipay-sdk-python":
            port = urlsplit(sandbox.url).port
            assert port is not None
            url = stack.enter_context(port_80(port))
        said = {
            "url": url,
            "app_id": made["app_id"],
            "mchid": made["mchid"],
            "appid": made["appid"],
            "apiv3_key": made["apiv3_key"],
            "serial": sandbox.merchant.serial,
            "private_key": sandbox.merchant.private_key,
            "private_key_pkcs1": bare(pkcs1),
            "platform_key": made["platform_public_key"],
            "platform_key_bare": bare(made["platform_public_key"]),
            "platform_key_id": made["platform_public_key_id"],
            "platform_serial": made["platform_certificate_serial"],
            "platform_certificate": made["platform_certificate"],
            "is_by_key_id": is_by_key_id,
            "notify_url": callbacks.url,
        }
        yield Shop(sandbox, library, said, callbacks)


@pytest.mark.parametrize("shop", [(each, True) for each in ALIPAY], indirect=True, ids=ALIPAY)
def test_a_library_of_the_one_form_works_with_another_address_and_keys(shop: Shop) -> None:
    number = f"{shop.library}-1"
    plan = {"hb_fq_num": "3", "hb_fq_seller_percent": "0"}
    order = {"out_trade_no": number, "total_amount": "300.00", "subject": "书 {一}", "extend_params": plan}
    made, waiting = names_of(shop.ask(("create", order), ("query", {"out_trade_no": number})))
    assert made["code"] == "10000"
    assert (
        httpx.get(made["qr_code"].replace("//127.0.0.2", f"//{urlsplit(shop.sandbox.url).netloc}")).status_code == 200
    )
    assert waiting["trade_status"] == "WAIT_BUYER_PAY"
    shop.sandbox.helper("pay", out_trade_no=number, app_id=shop.said["app_id"], instalments=3)
    given = {"out_trade_no": number, "refund_amount": "100.00", "out_request_no": f"{number}-r1"}
    more = {**given, "refund_amount": "50.50", "out_request_no": f"{number}-r2"}
    asked = {"out_trade_no": number, "out_request_no": f"{number}-r2"}
    paid, *refunds, refund = names_of(
        shop.ask(
            ("query", {"out_trade_no": number}),
            ("refund", given),
            ("refund", given),
            ("refund", more),
            ("refund_query", asked),
        )
    )
    assert (paid["trade_status"], paid["hb_fq_pay_info"]["user_install_num"]) == ("TRADE_SUCCESS", "3")
    assert [(each["fund_change"], each["refund_fee"]) for each in refunds] == [
        ("Y", "100.00"),
        ("N", "100.00"),
        ("Y", "150.50"),
    ]
    assert (refund["refund_status"], refund["refund_amount"]) == ("REFUND_SUCCESS", "50.50")
    royalty = {"trans_in": shop.sandbox.credentials["split_receivers"]["alipay"], "amount": "12.30", "desc": "part"}
    settled = {"out_request_no": f"{number}-s1", "trade_no": paid["trade_no"], "royalty_parameters": [royalty]}
    [shared] = names_of(shop.ask(("settle", settled)))
    assert (shared["trade_no"], bool(shared["settle_no"])) == (paid["trade_no"], True)
    told = shop.told(3)
    assert all(is_verified for is_verified, _ in told)
    assert sorted(each.get("refund_fee", "") for _, each in told) == ["", "100.00", "150.50"]
    day = shop.day_ends()
    [bill] = names_of(shop.ask(("bill", {"bill_type": "trade", "bill_date": day})))
    url = bill["bill_download_url"].replace("//127.0.0.2", f"//{urlsplit(shop.sandbox.url).netloc}")
    with zipfile.ZipFile(io.BytesIO(httpx.get(url).content)) as files:
        text = files.read(files.namelist()[0]).decode("gbk")
    amounts = sorted(line.split(",")[11] for line in text.splitlines() if f",{number}," in line)
    assert amounts == ["-100.00", "-50.50", "300.00"]


@pytest.mark.parametrize("shop", [(each, True) for each in ALIPAY], indirect=True, ids=ALIPAY)
def test_a_library_of_the_one_form_reads_codes_and_noes(shop: Shop) -> None:
    codes = [
        shop.sandbox.helper("payment_codes", behaviour=each)["code"] for each in ("approve", "ask_payer", "decline")
    ]
    names = [f"{shop.library}-c{number}" for number in range(4)]
    sale = {"total_amount": "20.00", "subject": "茶", "scene": "bar_code"}
    scans = [
        {**sale, "out_trade_no": name, "auth_code": code} for name, code in zip(names, [*codes, codes[0]], strict=True)
    ]
    paid, waiting, declined, burnt = names_of(shop.ask(*(("scan", each) for each in scans)))
    assert (paid["code"], paid["buyer_pay_amount"], paid["fund_bill_list"][0]["fund_channel"]) == (
        "10000", "20.00", "PCREDIT",
    )  # fmt: skip
    assert (waiting["code"], "buyer_pay_amount" in waiting) == ("10003", False)
    assert declined["sub_code"] == "ACQ.BUYER_BALANCE_NOT_ENOUGH"
    assert burnt["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    cancelled, closed, none, late, changed, undone, unknown = names_of(
        shop.ask(
            ("cancel", {"out_trade_no": names[1]}),
            ("close", {"out_trade_no": names[2]}),
            ("query", {"out_trade_no": f"{shop.library}-none"}),
            ("close", {"out_trade_no": names[0]}),
            ("create", {"out_trade_no": names[0], "total_amount": "20.01", "subject": "茶"}),
            ("cancel", {"out_trade_no": names[0]}),
            ("refund_query", {"out_trade_no": names[0], "out_request_no": "none"}),
        )
    )
    assert (cancelled["action"], cancelled["retry_flag"]) == ("close", "N")
    assert closed["code"] == "10000"
    assert none["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert late["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert changed["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    assert undone["action"] == "refund"
    assert (unknown["code"], unknown.get("refund_status")) == ("10000", None)


@pytest.mark.parametrize("shop", [("wechatpay-axios-plugin", True)], indirect=True, ids=["wechatpay-axios-plugin"])
def test_a_library_of_the_other_form_reads_codes_and_noes(shop: Shop) -> None:
    codes = [
        shop.sandbox.helper("payment_codes", behaviour=each)["code"] for each in ("approve", "ask_payer", "decline")
    ]
    sale = {"description": "茶", "amount": {"total": 2_000, "currency": "CNY"}}
    scans = [
        {**sale, "out_trade_no": f"axios-c{number}", "payer": {"auth_code": code}}
        for number, code in enumerate([*codes, codes[0]])
    ]
    paid, waiting, declined, burnt, seen, undone, none, unknown = shop.ask(
        *(("codepay", each) for each in scans),
        ("query", {"out_trade_no": "axios-c1"}),
        ("reverse", {"out_trade_no": "axios-c0"}),
        ("query", {"out_trade_no": "axios-none"}),
        ("query_refund", {"out_refund_no": "axios-none"}),
    )
    assert (paid["status"], paid["trade_state"], paid["payer"]["openid"]) == (200, "SUCCESS", "o-test-payer")
    assert (waiting["status"], waiting["code"], seen["trade_state"]) == (202, "USERPAYING", "USERPAYING")
    assert (declined["status"], declined["code"]) == (403, "NOT_ENOUGH")
    assert (burnt["status"], burnt["code"]) == (400, "PARAM_ERROR")
    assert (undone["status"], undone["trade_state"]) == (200, "REVOKED")
    assert (none["status"], none["code"]) == (404, "ORDER_NOT_EXIST")
    assert (unknown["status"], unknown["code"]) == (404, "RESOURCE_NOT_EXISTS")


@pytest.mark.parametrize(
    "shop",
    [(each, is_by_key_id) for each in WECHATPAY for is_by_key_id in (True, False)],
    indirect=True,
    ids=[f"{each}-by-{way}" for each in WECHATPAY for way in ("key", "certificate")],
)
def test_a_library_of_the_other_form_works_with_another_address_and_keys(shop: Shop) -> None:
    number = f"{shop.library}-{shop.said['is_by_key_id']}"
    order = {
        "description": "书 {一}",
        "out_trade_no": number,
        "amount": {"total": 30_000, "currency": "CNY"},
        "settle_info": {"profit_sharing": True},
    }
    made, waiting = shop.ask(("pay", order), ("query", {"out_trade_no": number}))
    assert httpx.get(made["code_url"]).status_code == 200
    assert (waiting["status"], waiting["trade_state"]) == (200, "NOTPAY")
    shop.sandbox.helper("pay", out_trade_no=number, mchid=shop.said["mchid"], instalments=6)
    parts = {f"{number}-r1": 10_000, f"{number}-r2": 5_050}
    given = [
        {"out_trade_no": number, "out_refund_no": name, "amount": {"refund": part, "total": 30_000, "currency": "CNY"}}
        for name, part in parts.items()
    ]
    unpaid = {**order, "out_trade_no": f"{number}-2"}
    paid, *refunds, refund, _, closed = shop.ask(
        ("query", {"out_trade_no": number}),
        *(("refund", each) for each in given),
        ("query_refund", {"out_refund_no": f"{number}-r2"}),
        ("pay", unpaid),
        ("close", {"out_trade_no": f"{number}-2"}),
    )
    assert (paid["trade_state"], paid["amount"]["payer_total"]) == ("SUCCESS", 30_000)
    assert [each["amount"]["refund"] for each in refunds] == list(parts.values())
    assert (refund["status"], refund["amount"]["refund"]) == ("SUCCESS", 5_050)
    assert closed["status"] == 204
    receiver = shop.sandbox.credentials["split_receivers"]["wechat"]
    part = {"type": "MERCHANT_ID", "account": receiver, "amount": 888, "description": "part"}
    share = {"transaction_id": paid["transaction_id"], "out_order_no": f"{number}-P1", "receivers": [part]}
    _, shared = shop.ask(
        ("profitsharing_add_receiver", receiver_asked(shop, receiver)),
        ("profitsharing_order", {**share, "unfreeze_unsplit": True}),
    )
    assert shared["state"] == "FINISHED"
    assert shared["receivers"][0]["amount"] == 888
    told = shop.told(3)
    assert sorted(each["event_type"] for each in told) == ["REFUND.SUCCESS", "REFUND.SUCCESS", "TRANSACTION.SUCCESS"]
    assert {each["resource"]["out_trade_no"] for each in told} == {number}
    day = shop.day_ends()
    [bill] = shop.ask(("bill", {"bill_date": day, "bill_type": "ALL", "tar_type": "GZIP"}))
    rows = [line[1:].split(",`") for line in bill["bill"].splitlines() if f"`{number}," in line]
    assert sorted((each[9], each[24], each[25]) for each in rows) == [
        ("REFUND", "0.00", "100.00"),
        ("REFUND", "0.00", "50.50"),
        ("SUCCESS", "300.00", "0.00"),
    ]


def receiver_asked(shop: Shop, account: str) -> dict[str, str]:
    """Name a receiver as the library wants it: the one encrypts the name itself and calls the type otherwise."""
    said = {"account": account, "relation_type": "STORE"}
    if shop.library == "wechatpayv3":
        return {**said, "account_type": "MERCHANT_ID", "name": "沙箱分账方"}
    return {**said, "type": "MERCHANT_ID"}


def names_of(answers: Any) -> Any:  # noqa: ANN401  JSON
    """Read answers by the form's names, which the library for Node.js writes another way."""
    if isinstance(answers, list):
        return [names_of(each) for each in answers]
    if isinstance(answers, dict):
        return {snake(name): names_of(value) for name, value in answers.items()}
    return answers


def snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def bare(pem: str) -> str:
    """Leave a key's first and last line out."""
    return "".join(pem.strip().splitlines()[1:-1])

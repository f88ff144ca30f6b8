"""Merchants' requests as somebody hostile would write them: refused in the words of the form, nothing changed."""

import base64
import json
import string
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support import alipay, wechatpay
from support.sandbox import Sandbox
from tiao.api.app import BODY_BYTES_MAX

METHODS = ["precreate", "pay", "query", "close", "cancel", "refund", "fastpay.refund.query", "order.settle"]
#: Names that some method reads, so that the fuzzing comes past the first check.
FIELDS = [
    *("out_trade_no", "trade_no", "total_amount", "subject", "auth_code", "scene", "refund_amount", "out_request_no"),
    *("refund_reason", "refund_royalty_parameters", "royalty_parameters", "extend_params", "timeout_express"),
    *("time_expire", "passback_params", "hb_fq_num", "trans_in", "trans_out", "amount", "bill_type", "bill_date"),
]
WECHAT_FIELDS = [
    *("appid", "mchid", "description", "out_trade_no", "notify_url", "amount", "total", "currency", "payer", "openid"),
    *("auth_code", "time_expire", "attach", "settle_info", "subsidy_info", "out_refund_no", "refund", "reason"),
    *("transaction_id", "receivers", "out_order_no", "unfreeze_unsplit", "type", "account", "return_mchid"),
]
POSTS = [
    *(f"{wechatpay.TRANSACTIONS}/{way}" for way in ("native", "jsapi", "app", "h5", "codepay")),
    *(f"{wechatpay.TRANSACTIONS}/out-trade-no/x1/{what}" for what in ("close", "reverse")),
    *("/v3/profitsharing/orders", "/v3/profitsharing/receivers/add", "/v3/profitsharing/return-orders"),
    *("/v3/pay/instal/exposure", wechatpay.REFUNDS),
]
TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["300.00", "0.01", "3", "100", "bar_code", "CNY", "2026-13-01", "9999-12-31 23:59:59", "1c", "x" * 300]
    ),
)
LEAVES = st.one_of(TEXTS, st.integers(-(2**80), 2**80), st.floats(), st.booleans(), st.none())


def documents(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
        max_leaves=6,
    )
    return st.dictionaries(st.sampled_from(names), values, max_size=8)


MANY = settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@MANY
@given(method=st.sampled_from(METHODS), said=documents(FIELDS))
def test_no_content_of_the_one_form_is_too_much(sandbox: Sandbox, method: str, said: dict[str, Any]) -> None:
    """Whatever a merchant signs is answered, signed, with a code of the form; "unknown" would be a fault of ours."""
    answer = alipay.ask(sandbox, method, said)
    assert answer["code"] in {"10000", "40001", "40002", "40004"}, (method, said, answer)


@MANY
@given(target=st.sampled_from(POSTS), said=documents(WECHAT_FIELDS), is_mine=st.booleans())
def test_no_content_of_the_other_form_is_too_much(
    sandbox: Sandbox, target: str, said: dict[str, Any], is_mine: object
) -> None:
    mine = {name: sandbox.credentials[name] for name in ("appid", "mchid")} if is_mine else {}
    status, answer = wechatpay.ask(sandbox, target, {**said, **mine})
    assert status < 500, (target, said, answer)


@pytest.mark.parametrize("part", ["%00", "%ff", "%ED%A0%80", "a%2Fb", "..", "a" * 200, "%E4%B9%A6", "'or'1'='1"])
def test_no_part_of_an_address_is_too_much(sandbox: Sandbox, part: str) -> None:
    mine = f"?mchid={sandbox.credentials['mchid']}"
    targets = [f"{wechatpay.TRANSACTIONS}/{way}/{part}{mine}" for way in ("id", "out-trade-no")]
    targets += [f"{wechatpay.REFUNDS}/{part}", f"/v3/profitsharing/orders/{part}?transaction_id={part}"]
    targets += [f"/v3/bill/tradebill?bill_date={part}", f"/v3/billdownload/file?token={part}"]
    for target in targets:
        said = wechatpay.authorization(sandbox, "GET", target, "")
        answer = wechatpay.send(sandbox, "GET", target, said)
        assert 400 <= answer.status_code < 500, (target, answer.text)
        wechatpay.check_signed(sandbox, answer.headers, answer.text)


def raw(sandbox: Sandbox, method: str, biz: str, **more: str) -> dict[str, Any]:
    """Ask with a content that is not what `json.dumps` writes."""
    said = alipay.signed(sandbox, method, {}, biz_content=biz, **more)
    answer = httpx.post(f"{sandbox.url}/gateway.do", data=said, timeout=30)
    assert answer.status_code == 200
    return alipay.node_of(sandbox, answer.text, method)


def test_an_amount_that_stands_twice_is_none(sandbox: Sandbox) -> None:
    twice = '{"out_trade_no":"twice","total_amount":"1.00","subject":"x","total_amount":"100.00"}'
    assert raw(sandbox, "precreate", twice)["sub_code"] == "isv.invalid-parameter"
    assert alipay.ask(sandbox, "query", {"out_trade_no": "twice"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    target = f"{wechatpay.TRANSACTIONS}/native"
    body = json.dumps(wechatpay.order(sandbox, "twice"))[:-1] + ',"amount":{"total":1,"currency":"CNY"}}'
    answer = wechatpay.send(sandbox, "POST", target, wechatpay.authorization(sandbox, "POST", target, body), body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("left_out", "code", "sub_code"),
    [
        ("sign", "40001", "isv.missing-signature"),
        ("method", "40001", "isv.missing-method"),
        ("app_id", "40001", "isv.missing-app-id"),
        ("timestamp", "40001", "isv.missing-timestamp"),
    ],
)
def test_what_is_missing_is_named(sandbox: Sandbox, left_out: str, code: str, sub_code: str) -> None:
    said = alipay.signed(sandbox, "query", {"out_trade_no": "none"})
    if left_out == "timestamp":
        said = alipay.signed(sandbox, "query", {"out_trade_no": "none"}, timestamp="")
    answer = httpx.post(
        f"{sandbox.url}/gateway.do", data={name: each for name, each in said.items() if name != left_out}
    )
    found = alipay.node_of(sandbox, answer.text.replace('"error_response"', '"alipay_trade_query_response"'), "query")
    assert (found["code"], found["sub_code"]) == (code, sub_code)


@pytest.mark.parametrize(
    "more",
    [
        {"timestamp": "2026-11-22T10:00:00"},
        {"timestamp": "0001-01-01 00:00:00"},
        {"charset": "gbk"},
        {"version": "2.0"},
        {"format": "xml"},
        {"notify_url": "javascript:alert(1)"},
        {"return_url": "javascript:alert(1)"},
        {"notify_url": "https://shop.example/" + "a" * 512},
    ],
)
def test_a_form_that_is_not_spoken_is_refused(sandbox: Sandbox, more: dict[str, str]) -> None:
    order = {"out_trade_no": "odd", "total_amount": "1.00", "subject": "x"}
    assert alipay.ask(sandbox, "precreate", order, **more)["sub_code"] == "isv.invalid-parameter"


def test_a_merchants_number_of_one_form_opens_nothing_in_the_other(sandbox: Sandbox) -> None:
    answer = alipay.ask(sandbox, "query", {"out_trade_no": "x"}, app_id=sandbox.credentials["mchid"])
    assert (answer["code"], answer["sub_code"]) == ("40002", "isv.invalid-app-id")
    said = wechatpay.authorization(sandbox, "GET", "/v3/certificates", "", mchid=sandbox.credentials["app_id"])
    assert wechatpay.send(sandbox, "GET", "/v3/certificates", said).status_code == 401


@pytest.mark.parametrize("changed", ["empty", "cut", "case", "spaces", "other", "rsa1"])
def test_a_signature_that_is_not_quite_one_is_none(sandbox: Sandbox, changed: str) -> None:
    said = alipay.signed(sandbox, "query", {"out_trade_no": "none"})
    sign = said["sign"]
    altered = {
        "empty": "=",
        "cut": sign[:-4],
        "case": sign.swapcase(),
        "spaces": sign[:40] + " " + sign[40:],
        "other": base64.b64encode(bytes(256)).decode(),
        "rsa1": sign,
    }[changed]
    more = {"sign_type": "RSA"} if changed == "rsa1" else {}
    answer = httpx.post(f"{sandbox.url}/gateway.do", data={**said, "sign": altered, **more})
    assert alipay.node_of(sandbox, answer.text, "query")["sub_code"] == "isv.invalid-signature"


def test_a_parameter_that_nobody_signed_is_not_believed(sandbox: Sandbox) -> None:
    """A name given twice is refused, and one that is added breaks the signature."""
    said = alipay.signed(sandbox, "query", {"out_trade_no": "none"})
    twice = httpx.post(f"{sandbox.url}/gateway.do?app_id=2021000000000000", data=said)
    assert "isv.invalid-parameter" in twice.text
    added = httpx.post(f"{sandbox.url}/gateway.do?notify_url=https://evil.example", data=said)
    assert alipay.node_of(sandbox, added.text, "query")["sub_code"] == "isv.invalid-signature"
    empty = httpx.post(f"{sandbox.url}/gateway.do?notify_url=", data=said)
    assert alipay.node_of(sandbox, empty.text, "query")["sub_code"] == "ACQ.TRADE_NOT_EXIST", (
        "empty ones are not signed"
    )


def test_a_body_that_is_too_long_is_refused_in_the_words_of_the_form(sandbox: Sandbox) -> None:
    long = "x" * BODY_BYTES_MAX
    said = alipay.signed(sandbox, "precreate", {"out_trade_no": "l", "total_amount": "1.00", "subject": long})
    answer = httpx.post(f"{sandbox.url}/gateway.do", data=said)
    assert answer.status_code == 200
    assert "isv.invalid-parameter" in answer.text
    status, refused = wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", {"description": long})
    assert (status, refused["code"]) == (400, "PARAM_ERROR")


def test_every_script_is_sold_in(sandbox: Sandbox) -> None:
    """Ideographic spaces, joined emoji, right-to-left, quotes, braces: a subject is for people."""
    for number, subject in enumerate(
        ["全角\u3000空格", "👨\u200d👩\u200d👧", "שלום", '"{}\\', "a&b=c%20+", "é\u0301", "𠮷野家"]
    ):
        order = {"out_trade_no": f"u{number}", "total_amount": "1.00", "subject": subject, "passback_params": subject}
        assert alipay.ask(sandbox, "precreate", order)["code"] == "10000", subject
        assert alipay.ask(sandbox, "query", {"out_trade_no": f"u{number}"})["passback_params"] == subject
        made = wechatpay.order(sandbox, f"u{number}", description=subject, attach=subject)
        assert wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", made)[0] == 200, subject
        assert wechatpay.query(sandbox, f"u{number}")["attach"] == subject
    for broken in ("a\nb", "a\x00b", "a\u2028b"):
        order = {"out_trade_no": "u", "total_amount": "1.00", "subject": broken}
        assert alipay.ask(sandbox, "precreate", order)["sub_code"] == "isv.invalid-parameter"


def test_numbers_of_orders_are_whatever_merchants_write(sandbox: Sandbox) -> None:
    number = string.punctuation.replace("/", "")
    made = wechatpay.order(sandbox, number)
    assert wechatpay.ask(sandbox, f"{wechatpay.TRANSACTIONS}/native", made)[0] == 200
    quoted = "".join(f"%{ord(each):02X}" for each in number)
    assert wechatpay.query(sandbox, quoted)["out_trade_no"] == number

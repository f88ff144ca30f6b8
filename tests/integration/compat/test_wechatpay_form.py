"""A merchant that speaks WeChat Pay's form sells through a running tiao."""

import json
import time
from typing import Any

import httpx
import psycopg
import pytest
from cryptography import x509

from support.sandbox import Callbacks, Sandbox, wait_until
from support.wechatpay import (
    REFUNDS,
    TRANSACTIONS,
    ask,
    authorization,
    check_signed,
    opened,
    order,
    query,
    refund,
    send,
)
from tiao.api.compat.wechatpay.signing import SCHEME


def test_an_order_is_made_paid_refunded_in_parts_and_told_of(sandbox: Sandbox, callbacks: Callbacks) -> None:
    callbacks.answers = [(500, b"")]  # the first callback is not taken, the others are
    subsidy = {"subsidy_plan": [{"subsidy_installment_num": 3, "subsidy_percent": 0}], "subsidy_period_type": "PERIOD"}
    wanted = order(sandbox, "w1", notify_url=callbacks.url, attach="a{1}", subsidy_info={"subsidy_detail": [subsidy]})
    status, made = ask(sandbox, f"{TRANSACTIONS}/native", wanted)
    assert status == 200
    assert ask(sandbox, f"{TRANSACTIONS}/native", wanted) == (200, made), "the same again is the same answer"
    changed = ask(sandbox, f"{TRANSACTIONS}/native", {**wanted, "amount": {"total": 1}})
    assert (changed[0], changed[1]["code"]) == (403, "OUT_TRADE_NO_USED")
    assert query(sandbox, "w1")["trade_state"] == "NOTPAY"
    assert "300.00" in httpx.get(made["code_url"]).text
    six = httpx.post(
        f"{sandbox.url}/v1/test_helpers/pay",
        json={"out_trade_no": "w1", "mchid": sandbox.credentials["mchid"], "instalments": 6},
        headers={"Authorization": f"Bearer {sandbox.credentials['test_token']}"},
    )
    assert six.json()["code"] == "plan_not_wanted", "only the plan that the merchant named is offered"
    sandbox.helper("pay", out_trade_no="w1", mchid=sandbox.credentials["mchid"], instalments=3)
    paid = query(sandbox, "w1")
    assert (paid["trade_state"], paid["payer"]) == ("SUCCESS", {"openid": "o-test-payer"})
    assert paid["amount"] == {"total": 30_000, "payer_total": 30_000, "currency": "CNY", "payer_currency": "CNY"}
    target = f"{TRANSACTIONS}/id/{paid['transaction_id']}?mchid={sandbox.credentials['mchid']}"
    assert ask(sandbox, target) == (200, paid)
    first = refund(sandbox, "w1", "wr1", 10_000, notify_url=callbacks.url)
    assert (first[0], first[1]["status"], first[1]["amount"]["payer_refund"]) == (200, "SUCCESS", 10_000)
    assert refund(sandbox, "w1", "wr1", 10_000, notify_url=callbacks.url) == first
    assert refund(sandbox, "w1", "wr1", 9_999)[1]["code"] == "INVALID_REQUEST"
    assert refund(sandbox, "w1", "wr2", 20_001)[1]["code"] == "INVALID_REQUEST"
    assert refund(sandbox, "w1", "wr2", 1, total=29_999)[1]["code"] == "INVALID_REQUEST"
    assert query(sandbox, "w1")["trade_state"] == "REFUND"
    assert refund(sandbox, "w1", "wr3", 20_000, notify_url=callbacks.url)[0] == 200
    assert ask(sandbox, f"{REFUNDS}/wr3")[1]["status"] == "SUCCESS"
    assert ask(sandbox, f"{REFUNDS}/none")[1]["code"] == "RESOURCE_NOT_EXISTS"
    told = {}
    for each in callbacks.wait_for(3):
        check_signed(sandbox, each.headers, each.body.decode())
        said = json.loads(each.body)
        told[said["id"]] = said["event_type"], json.loads(opened(sandbox, said["resource"]))
    assert sorted(kind for kind, _ in told.values()) == ["REFUND.SUCCESS", "REFUND.SUCCESS", "TRANSACTION.SUCCESS"]
    assert paid in [resource for _, resource in told.values()]
    again = callbacks.wait_for(4, within=25.0)[3]
    assert json.loads(again.body)["id"] == json.loads(callbacks.received[0].body)["id"], "told again under its number"


def test_a_code_at_the_counter_is_paid_declined_and_reversed(sandbox: Sandbox) -> None:
    target, mine = f"{TRANSACTIONS}/codepay", {name: sandbox.credentials[name] for name in ("appid", "mchid")}
    codes = {
        each: sandbox.helper("payment_codes", behaviour=each)["code"] for each in ("approve", "ask_payer", "decline")
    }
    status, paid = ask(sandbox, target, order(sandbox, "m1", payer={"auth_code": codes["approve"]}))
    assert (status, paid["trade_state"], paid["trade_type"]) == (200, "SUCCESS", "MICROPAY")
    status, waiting = ask(sandbox, target, order(sandbox, "m2", payer={"auth_code": codes["ask_payer"]}))
    assert (status, waiting["code"]) == (202, "USERPAYING")
    assert query(sandbox, "m2")["trade_state"] == "USERPAYING"
    sandbox.helper("pay", out_trade_no="m2", mchid=mine["mchid"])
    assert query(sandbox, "m2")["trade_state"] == "SUCCESS"
    status, declined = ask(sandbox, target, order(sandbox, "m3", payer={"auth_code": codes["decline"]}))
    assert (status, declined["code"]) == (403, "NOT_ENOUGH")
    assert query(sandbox, "m3")["trade_state"] == "PAYERROR"
    for number in ("m2", "m3", "m2"):
        status, reversed_ = ask(sandbox, f"{TRANSACTIONS}/out-trade-no/{number}/reverse", mine)
        assert (status, reversed_["trade_state"]) == (200, "REVOKED")
    assert query(sandbox, "m2")["trade_state"] == "REVOKED"
    assert refund(sandbox, "m2", "mr", 1)[1]["code"] == "INVALID_REQUEST", "everything went back already"
    ask(sandbox, f"{TRANSACTIONS}/native", order(sandbox, "m4"))
    assert ask(sandbox, f"{TRANSACTIONS}/out-trade-no/m4/reverse", mine)[1]["code"] == "PARAM_ERROR"


def test_an_order_is_made_in_every_way_and_closed(sandbox: Sandbox) -> None:
    for way, field in (("jsapi", "prepay_id"), ("app", "prepay_id"), ("h5", "h5_url")):
        made = ask(sandbox, f"{TRANSACTIONS}/{way}", order(sandbox, way, payer={"openid": "o-test-payer"}))
        assert (made[0], list(made[1])) == (200, [field])
    mine = {"mchid": sandbox.credentials["mchid"]}
    for _ in range(2):
        assert ask(sandbox, f"{TRANSACTIONS}/out-trade-no/h5/close", mine) == (204, None)
    assert query(sandbox, "h5")["trade_state"] == "CLOSED"
    assert ask(sandbox, f"{TRANSACTIONS}/h5", order(sandbox, "h5", payer={"openid": "o-test-payer"}))[0] == 400


def test_an_answer_names_the_key_as_the_caller_knows_it(sandbox: Sandbox) -> None:
    key_id, serial = (sandbox.credentials[f"platform_{each}"] for each in ("public_key_id", "certificate_serial"))
    for given, answered in ((key_id, key_id), (serial, serial), ("", serial)):
        said = authorization(sandbox, "GET", "/v3/certificates", "")
        answer = send(sandbox, "GET", "/v3/certificates", said, **{"Wechatpay-Serial": given})
        assert answer.headers["Wechatpay-Serial"] == answered
    [found] = answer.json()["data"]
    certificate = x509.load_pem_x509_certificate(opened(sandbox, found["encrypt_certificate"]).encode())
    assert f"{certificate.serial_number:X}" == found["serial_no"] == serial


def test_a_payer_with_a_line_is_worth_showing_instalments_to(sandbox: Sandbox) -> None:
    mine = {name: sandbox.credentials[name] for name in ("appid", "mchid")}
    for openid, is_worth_it in (("o-test-payer", True), ("nobody", False)):
        said = {**mine, "user_id_type": "OPENID", "openid": openid}
        assert ask(sandbox, "/v3/pay/instal/exposure", said) == (200, {"fqf_exposure": is_worth_it})


def test_a_request_is_taken_once_and_only_as_it_was_signed(sandbox: Sandbox) -> None:
    target = "/v3/certificates"
    good = authorization(sandbox, "GET", target, "")
    assert send(sandbox, "GET", target, good).status_code == 200
    old = str(int(time.time()) - 301)
    refused = [
        good,  # a second time
        None,
        good.replace(SCHEME, "WECHATPAY2-SM2-WITH-SM3"),
        authorization(sandbox, "GET", target, "", timestamp=old),
        authorization(sandbox, "GET", target, "", serial_no="1234"),
        authorization(sandbox, "GET", target, "", mchid="1900000000"),
        authorization(sandbox, "GET", target, "{}"),
        authorization(sandbox, "GET", f"{target}?a=b", ""),
    ]
    for said in refused:
        answer = send(sandbox, "GET", target, said)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR"), said
    odd = f"{target}?&a=b"
    assert send(sandbox, "GET", odd, authorization(sandbox, "GET", odd, "")).status_code == 200
    assert ask(sandbox, "/v3/combine-transactions/native", {})[1]["code"] == "NO_AUTH"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"mchid": "1900000000"}, 403, "NO_AUTH"),
        ({"appid": "wx0"}, 400, "PARAM_ERROR"),
        ({"amount": {"total": 0}}, 400, "PARAM_ERROR"),
        ({"amount": {"total": 1.5}}, 400, "PARAM_ERROR"),
        ({"description": None}, 400, "PARAM_ERROR"),
        ({"notify_url": None}, 400, "PARAM_ERROR"),
        ({"time_expire": "2020-01-01T00:00:00+08:00"}, 400, "PARAM_ERROR"),
    ],
)
def test_what_is_wrong_is_refused_in_the_words_of_the_form(
    sandbox: Sandbox, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = ask(sandbox, f"{TRANSACTIONS}/native", {**order(sandbox, "bad"), **changed})
    assert (answer[0], answer[1]["code"]) == (status, code)
    found = ask(sandbox, f"{TRANSACTIONS}/out-trade-no/bad?mchid={sandbox.credentials['mchid']}")
    assert (found[0], found[1]["code"]) == (404, "ORDER_NOT_EXIST")


def test_old_nonces_are_forgotten(sandbox: Sandbox) -> None:
    ask(sandbox, "/v3/certificates")
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("update request_nonce set seen_at = seen_at - interval '16 minutes'")
        ask(sandbox, "/v3/certificates")

        def counted() -> int:
            row = connection.execute("select count(*) from request_nonce").fetchone()
            assert row is not None
            return int(row[0])

        wait_until(lambda: counted() == 1, 15.0, "cleaning")

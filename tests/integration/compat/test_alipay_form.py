"""A merchant that speaks Alipay's form sells through a running tiao."""

import socket
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import psycopg
import pytest

from support.alipay import PLAN, ask, node_of, signed
from support.sandbox import Callbacks, Sandbox, wait_until
from tiao.api.compat.alipay.signing import signed_content
from tiao.api.compat.keys import is_signed, public_key


def test_an_order_is_made_paid_refunded_in_parts_and_told_of(sandbox: Sandbox, callbacks: Callbacks) -> None:
    callbacks.answers = [(200, b"fail")]  # the first notice is not taken, the others are
    order = {"out_trade_no": "a1", "total_amount": "300.00", "subject": "书 {一}", "extend_params": PLAN}
    made = ask(sandbox, "precreate", order, notify_url=callbacks.url)
    assert made["code"] == "10000"
    assert ask(sandbox, "precreate", order, notify_url=callbacks.url)["qr_code"] == made["qr_code"]
    changed = ask(sandbox, "precreate", {**order, "total_amount": "301.00"})
    assert (changed["code"], changed["sub_code"]) == ("40004", "ACQ.CONTEXT_INCONSISTENT")
    assert ask(sandbox, "query", {"out_trade_no": "a1"})["trade_status"] == "WAIT_BUYER_PAY"
    assert "300.00" in httpx.get(made["qr_code"]).text
    assert sandbox.helper("pay", out_trade_no="a1", app_id=sandbox.credentials["app_id"]) == {"status": "paid"}
    seen = ask(sandbox, "query", {"out_trade_no": "a1"})
    assert seen["trade_status"] == "TRADE_SUCCESS"
    assert seen["hb_fq_pay_info"]["user_install_num"] == "3"
    assert ask(sandbox, "precreate", order)["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
    first = {"out_trade_no": "a1", "refund_amount": "100.00", "out_request_no": "r1"}
    given = ask(sandbox, "refund", first)
    assert (given["fund_change"], given["refund_fee"]) == ("Y", "100.00")
    again = ask(sandbox, "refund", first)
    assert (again["fund_change"], again["refund_fee"]) == ("N", "100.00")
    assert ask(sandbox, "refund", {**first, "refund_amount": "99.00"})["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert ask(sandbox, "close", {"out_trade_no": "a1"})["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    too_much = {**first, "refund_amount": "200.01", "out_request_no": "r2"}
    assert ask(sandbox, "refund", too_much)["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    rest = ask(sandbox, "refund", {**first, "refund_amount": "200", "out_request_no": "r3"})
    assert rest["refund_fee"] == "300.00"
    told = ask(sandbox, "fastpay.refund.query", {"out_trade_no": "a1", "out_request_no": "r3"})
    assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "200.00")
    nothing = ask(sandbox, "fastpay.refund.query", {"out_trade_no": "a1", "out_request_no": "r4"})
    assert "refund_status" not in nothing
    assert ask(sandbox, "query", {"out_trade_no": "a1"})["trade_status"] == "TRADE_CLOSED"
    notices = [dict(parse_qsl(each.body.decode())) for each in callbacks.wait_for(3)]
    platform = public_key(sandbox.credentials["platform_public_key"])
    for notice in notices:
        content = signed_content(notice, leaves_out=frozenset({"sign", "sign_type"}))
        assert is_signed(content.encode(), notice["sign"], platform)
    assert sorted(each.get("refund_fee", "") for each in notices) == ["", "100.00", "300.00"]
    wait_until(lambda: len(noted(sandbox)) == 3, 15.0, "note of a notice")
    # Who did not say "success" is told again in four minutes; nobody else.
    [again, *taken] = sorted(noted(sandbox))
    assert taken == [(True, False, 0), (True, False, 0)]
    assert again[:2] == (False, True)
    assert 240 <= again[2] <= 250


def noted(sandbox: Sandbox) -> list[tuple[bool, bool, int]]:
    """Of each notice that was tried: whether it was taken, whether it is due again, and after how many seconds."""
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        return connection.execute(
            """
            select acknowledged_at is not null, due_at is not null,
                   coalesce(round(extract(epoch from due_at - tried_at)), 0)::integer
              from merchant_notice where tried_at is not null and attempts = 1
            """
        ).fetchall()


def test_a_code_at_the_counter_burns_and_its_payer_may_decline(sandbox: Sandbox) -> None:
    code = sandbox.helper("payment_codes", behaviour="approve")["code"]
    order = {"out_trade_no": "b1", "total_amount": "20.00", "subject": "tea", "scene": "bar_code", "auth_code": code}
    paid = ask(sandbox, "pay", order)
    assert (paid["code"], paid["fund_bill_list"]) == ("10000", [{"fund_channel": "PCREDIT", "amount": "20.00"}])
    assert ask(sandbox, "pay", order)["trade_no"] == paid["trade_no"], "the same order again is the same answer"
    burnt = ask(sandbox, "pay", {**order, "out_trade_no": "b2"})
    assert burnt["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    asked = sandbox.helper("payment_codes", behaviour="ask_payer")["code"]
    waiting = ask(sandbox, "pay", {**order, "out_trade_no": "b3", "auth_code": asked})
    assert waiting["code"] == "10003"
    assert ask(sandbox, "cancel", {"out_trade_no": "b3"})["action"] == "close"
    declines = sandbox.helper("payment_codes", behaviour="decline")["code"]
    declined = ask(sandbox, "pay", {**order, "out_trade_no": "b4", "auth_code": declines})
    assert declined["sub_code"] == "ACQ.BUYER_BALANCE_NOT_ENOUGH"
    assert ask(sandbox, "cancel", {"out_trade_no": "b1"})["action"] == "refund"


def test_what_is_wrong_is_refused_in_the_words_of_the_form(sandbox: Sandbox) -> None:
    assert ask(sandbox, "query", {"out_trade_no": "none"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert ask(sandbox, "create", {"out_trade_no": "1"})["sub_code"] == "isv.invalid-method"
    tampered = {**signed(sandbox, "query", {"out_trade_no": "a1"}), "biz_content": '{"out_trade_no":"a2"}'}
    answer = httpx.post(f"{sandbox.url}/gateway.do", data=tampered)
    assert node_of(sandbox, answer.text, "query")["sub_code"] == "isv.invalid-signature"
    late = ask(sandbox, "query", {"out_trade_no": "a1"}, timestamp="2020-01-01 00:00:00")
    assert late["sub_code"] == "isv.invalid-parameter"
    cents = {"out_trade_no": "c1", "total_amount": "1.001", "subject": "x"}
    assert ask(sandbox, "precreate", cents)["sub_code"] == "isv.invalid-parameter"


def test_a_target_in_absolute_form_is_taken(sandbox: Sandbox) -> None:
    """The official Python library sends its requests so, with the parameters in the query."""
    place = urlsplit(sandbox.url)
    query = urlencode(signed(sandbox, "query", {"out_trade_no": "none"}))
    head = f"POST http://{place.hostname}/gateway.do?{query} HTTP/1.1\r\nHost: {place.hostname}\r\n"
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 200")
    assert "ACQ.TRADE_NOT_EXIST" in answer


def test_a_page_leads_to_the_cashier_who_shows_the_amount(sandbox: Sandbox) -> None:
    order = {"out_trade_no": "p1", "total_amount": "12.50", "subject": "<b>", "product_code": "QUICK_WAP_PAY"}
    said = signed(sandbox, "wap.pay", order, return_url="https://shop.example/back")
    shown = httpx.get(f"{sandbox.url}/gateway.do", params=said, follow_redirects=True)
    assert shown.status_code == 200
    assert "¥12.50" in shown.text
    assert "<b>" not in shown.text


@pytest.mark.parametrize(("days", "status"), [(365, "TRADE_SUCCESS"), (366, "TRADE_FINISHED")])
def test_what_can_no_more_be_given_back_is_finished(sandbox: Sandbox, days: int, status: str) -> None:
    """Source: policy `refund.window_days`."""
    number = f"f{days}"
    ask(sandbox, "precreate", {"out_trade_no": number, "total_amount": "20.00", "subject": "tea"})
    sandbox.helper("pay", out_trade_no=number, app_id=sandbox.credentials["app_id"])
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"]) as connection:
        earlier = "update merchant_order set paid_at = paid_at - make_interval(days => %s) where out_trade_no = %s"
        connection.execute(earlier, [days, number])
    assert ask(sandbox, "query", {"out_trade_no": number})["trade_status"] == status

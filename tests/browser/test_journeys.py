"""Whole journeys over several faces beside a living demo: each act is a person's, done on a page."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeAlias

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browser.conftest import running_shop, shot
from browser.paying import paid_at_cashier
from browser.walking import Watch, signed_in, went
from support.living import SHOWS_WITHIN_SECONDS, Living
from support.sandbox import wait_until
from tiao.identity.rules import check_sign

#: Longer than the server takes to close a month of days beside a browser.
CLOSES_WITHIN_SECONDS = 240
APPLICANTS_MAX = 8
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
#: Gives somebody a browser of their own, of a size; and which answers are no faults there.
Seat: TypeAlias = Callable[..., Page]


@pytest.fixture(scope="module")
def shop_url(living: Living, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example shop of the demo's merchant."""
    assert chromium
    folder = tmp_path_factory.mktemp("shop")
    platform = f"http://localhost:{living.port}"
    with running_shop(platform, living.credentials["merchant"]["key"], folder) as url:
        yield url


@pytest.fixture
def seat(living: Living, chromium: Browser, shop_url: str) -> Iterator[Seat]:
    """Give a page of its own to each person; nobody's page may do what none may."""
    hosts = {f"{face}.localhost:{living.port}" for face in ("ops", "merchant", "wallet")}
    hosts |= {f"localhost:{living.port}", shop_url.removeprefix("http://")}
    made = []

    def sit(viewport: dict[str, int], *expected: int) -> Page:
        context = chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=viewport,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        watch = Watch(context, hosts)
        # Settled once, asked twice: a page that asks again is told so.
        watch.expected |= {404, 409, *expected}
        made.append((context, watch))
        return context.new_page()

    yield sit
    faults = [fault for _, watch in made for fault in watch.faults]
    for context, _ in made:
        context.close()
    assert faults == []


def test_a_suspicious_purchase_is_suspended_and_released_in_the_console(
    living: Living, seat: Seat, shop_url: str
) -> None:
    person = somebody_with_a_line(living, seat(PHONE))
    with living.client("operator") as operator:
        until = (datetime.fromisoformat(clock(operator)) + timedelta(days=30)).isoformat()
        watched = {"list": "watch", "entity": "customer", "value": person["id"], "reason": "odd", "expires_at": until}
        made(operator, "/v1/risk_lists", watched)
    shop = seat(PHONE)
    ordered(shop, shop_url)
    paid_at_cashier(shop, living, person["phone"], "instalments_3", ends="审核")
    case = case_of(living, person["id"])
    console = seat(DESK)
    signed_in(console, living, "ops")
    went(console, living, "ops", f"/risk/{case['id']}")
    expect(console.get_by_text("¥1,200.00").first).to_be_visible()
    shot(console, "j-suspended")
    for key in ("c", "a", "1"):
        console.keyboard.press(key)
        console.wait_for_timeout(700)
    expect(console.get_by_role("status").filter(has_text="已放行")).to_be_visible()
    shop.goto(shop.url)
    shop.reload()
    expect(shop.get_by_text("付款成功").or_(shop.get_by_text("已付款")).first).to_be_visible()


def test_a_dispute_goes_from_the_wallet_to_the_portal_and_is_decided(living: Living, seat: Seat, shop_url: str) -> None:
    wallet, shop = seat(PHONE), seat(PHONE)
    person = somebody_with_a_line(living, wallet)
    ordered(shop, shop_url)
    paid_at_cashier(shop, living, person["phone"], "instalments_6")
    with of(living, person) as consumer:
        [purchase] = consumer.get("/v1/purchases").json()["data"]
    went(wallet, living, "wallet", f"/purchases/{purchase['id']}")
    wallet.get_by_text("对这笔消费有争议").first.click()
    wallet.get_by_label("理由").select_option(label="没有收到")
    wallet.get_by_label("请说明情况").fill("包裹一直没有送到")
    shot(wallet, "j-claim")
    wallet.locator("form button").last.click()
    expect(wallet.get_by_text("等待商户回应").first).to_be_visible()
    portal = seat(DESK)
    signed_in(portal, living, "merchant")
    with living.client("merchant") as merchant:
        dispute = next(
            each for each in merchant.get("/v1/disputes").json()["data"] if each["purchase"] == purchase["id"]
        )
    went(portal, living, "merchant", f"/disputes/{dispute['id']}")
    expect(portal.get_by_text("包裹一直没有送到")).to_be_visible()
    portal.get_by_label("您的说明").fill("已签收，附签收单")
    portal.set_input_files("input[type=file]", {"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"signed"})
    expect(portal.get_by_role("link", name="receipt.txt")).to_be_visible()
    portal.get_by_role("button", name="提交说明").click()
    expect(portal.get_by_text("待裁决").first).to_be_visible()
    shot(portal, "j-answered")
    with living.client("operator") as operator:
        verdict = {"awarded_minor": dispute["amount_minor"], "note": "no proof of delivery"}
        made(operator, f"/v1/disputes/{dispute['id']}/decision", verdict)
    went(wallet, living, "wallet", f"/purchases/{purchase['id']}")
    expect(wallet.get_by_text("已裁定").first).to_be_visible()


def test_from_applying_to_the_shops_settlement(living: Living, seat: Seat, shop_url: str) -> None:
    wallet = seat(PHONE)
    person = somebody_with_a_line(living, wallet)
    shop = seat(PHONE)
    ordered(shop, shop_url)
    paid_at_cashier(shop, living, person["phone"], "instalments_12")
    shop.get_by_role("link", name="返回商户").first.click()
    expect(shop.get_by_role("status")).to_contain_text("已付款")

    billed(living, person)
    went(wallet, living, "wallet", "/bills")
    expect(wallet.get_by_text("¥").first).to_be_visible()
    shot(wallet, "j-bills")
    deferred(living, wallet, person)
    went(wallet, living, "wallet", "/repay")
    wallet.get_by_label("其他金额").check()
    wallet.get_by_label("金额").last.fill("50")
    shot(wallet, "j-repay")
    wallet.get_by_role("button", name="确认还款").click()
    # The demo's bank says no now and then: that is an answer too, and no page may hide it.
    expect(wallet.get_by_role("status").get_by_text(re.compile("成功|失败|处理中"))).to_be_visible()
    shot(wallet, "j-repaid")

    shop.goto(f"{shop_url}/desk")
    row = shop.locator("tr", has_text="¥1,200.00").first
    row.get_by_label("退款金额").fill("200.50")
    row.get_by_role("button", name="退款").click()
    expect(shop.locator("tr", has_text="已退 ¥200.50").first).to_be_visible()

    portal = seat(DESK)
    signed_in(portal, living, "merchant")
    went(portal, living, "merchant", "/orders")
    expect(portal.get_by_text("¥1,200.00").first).to_be_visible()
    with living.client("merchant") as merchant:
        days = merchant.get("/v1/settlements", params={"limit": 100}).json()["data"]
    settled_day = max(each["business_date"] for each in days if each["gross_minor"] >= 120_000)
    went(portal, living, "merchant", f"/settlements/{settled_day}")
    shot(portal, "j-settled")
    expect(portal.get_by_text(re.compile("打款|已到账|成功|已创建")).first).to_be_visible()


def test_a_repayment_is_taken_once_though_its_answer_is_lost_and_its_button_pressed_twice(
    living: Living, seat: Seat, shop_url: str
) -> None:
    wallet = seat(PHONE)
    person = somebody_who_owes(living, wallet, seat(PHONE), shop_url)
    keys: list[str] = []

    def lose(route: Route) -> None:
        """Let the server do it, and the answer never come."""
        sent = route.request.all_headers()
        keys.append(sent["idempotency-key"])
        # Only browsers resolve this host's name.
        httpx.post(living.url() + "/v1/repayments", headers=sent, content=route.request.post_data_buffer, timeout=60)
        route.abort()

    wallet.route("**/v1/repayments", lose)
    went(wallet, living, "wallet", "/repay")
    wallet.get_by_label("其他金额").check()
    wallet.get_by_label("金额").last.fill("50")
    wallet.get_by_role("button", name="确认还款").dblclick()
    expect(wallet.get_by_role("status")).to_contain_text("还款结果未知 ¥50.00")
    shot(wallet, "j-lost")
    # Nothing else can be paid meanwhile, wherever somebody goes and comes back.
    went(wallet, living, "wallet", "/bills")
    went(wallet, living, "wallet", "/repay")
    expect(wallet.get_by_role("button", name="确认还款")).to_have_count(0)
    wallet.unroute("**/v1/repayments")
    wallet.on("request", lambda asked: keys.extend(filter(None, [asked.headers.get("idempotency-key")])))
    wallet.get_by_role("button", name="查询结果").click()
    expect(wallet.get_by_role("status")).to_contain_text(re.compile("还款成功|还款失败|处理中"))
    assert len(set(keys)) == 1
    shot(wallet, "j-found")
    with of(living, person) as consumer:
        booked = consumer.get("/v1/repayments").json()["data"]
    assert [each["amount_minor"] for each in booked] in ([], [5_000])
    wallet.go_back()
    expect(wallet.get_by_role("heading", name="账单")).to_be_visible()


def test_without_a_network_the_wallet_says_so_and_goes_on_when_it_is_back(
    living: Living, seat: Seat, shop_url: str
) -> None:
    assert shop_url
    wallet = seat(PHONE, HTTPStatus.UNAUTHORIZED)
    signed_in(wallet, living, "wallet")
    went(wallet, living, "wallet", "/")
    wallet.context.set_offline(True)
    expect(wallet.get_by_role("alert")).to_contain_text("没有网络")
    wallet.get_by_role("link", name="我的").click()
    expect(wallet.get_by_role("alert").filter(has_text="没有打开")).to_be_visible()
    shot(wallet, "j-offline")
    wallet.context.set_offline(False)
    wallet.get_by_role("button", name="再试一次").click()
    expect(wallet.get_by_role("heading", name="我的")).to_be_visible()
    # A session that is over is another matter.
    wallet.context.clear_cookies()
    wallet.get_by_role("link", name="账单").click()
    expect(wallet.get_by_role("button", name="获取验证码")).to_be_visible()


def case_of(living: Living, customer: str) -> dict[str, Any]:
    """Wait for the case that a suspended payment opens."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        with living.client("operator") as operator:
            waiting = operator.get("/v1/risk_cases", params={"limit": 100}).json()["data"]
        found.extend(each for each in waiting if each["customer"] == customer)
        return bool(found)

    wait_until(is_there, SHOWS_WITHIN_SECONDS, "case")
    return found[0]


def taken_on(living: Living) -> dict[str, Any]:
    """Register somebody new, with an account at the demo's bank."""
    number = secrets.randbelow(900) + 100
    digits = f"110101{1970 + secrets.randbelow(30)}0{1 + secrets.randbelow(8)}1{secrets.randbelow(9)}{number}"
    phone = f"139{secrets.randbelow(10**8):08d}"
    person = {"name": "林小满", "identity_number": digits + check_sign(digits), "phone": phone}
    with living.client("operator") as operator:
        new = made(operator, "/v1/customers", person)
    key = new["key"]["token"]
    with httpx.Client(base_url=living.url(), headers={"Authorization": f"Bearer {key}"}) as consumer:
        made(consumer, "/v1/funding_sources", {"account_no": f"622202{secrets.randbelow(10**10):010d}"})
    return {"id": new["customer"]["id"], "phone": phone, "key": key}


def somebody_with_a_line(living: Living, wallet: Page) -> dict[str, Any]:
    """Apply on the phone as one person after another, until the bureau speaks well of one; each is told at once."""
    for _ in range(APPLICANTS_MAX):
        person = taken_on(living)
        signed_in(wallet, living, "wallet", person["key"])
        went(wallet, living, "wallet", "/apply")
        wallet.get_by_label("月收入").fill("26000")
        wallet.get_by_role("checkbox").first.check()
        wallet.get_by_role("button", name="申请额度").click()
        answer = wallet.get_by_role("status")
        expect(answer).to_contain_text(re.compile("批准|拒绝"))
        shot(wallet, "j-decided")
        if "批准" in answer.inner_text():
            return person
    msg = f"{APPLICANTS_MAX} applicants were declined"
    raise AssertionError(msg)


def somebody_who_owes(living: Living, wallet: Page, shop: Page, shop_url: str) -> dict[str, Any]:
    """Apply, and buy for 1,200.00 in three terms."""
    person = somebody_with_a_line(living, wallet)
    ordered(shop, shop_url)
    paid_at_cashier(shop, living, person["phone"], "instalments_3")
    return person


def of(living: Living, person: dict[str, Any]) -> httpx.Client:
    """Call the API as somebody who registered here."""
    headers = {"Authorization": f"Bearer {person['key']}"}
    return httpx.Client(base_url=living.url(), headers=headers, timeout=CLOSES_WITHIN_SECONDS)


def ordered(shop: Page, shop_url: str) -> None:
    shop.goto(shop_url)
    shop.get_by_role("button", name="放入购物车").first.click()
    shop.get_by_role("button", name="去付款").click()
    expect(shop.get_by_role("heading", name="¥1,200.00")).to_be_visible()


def billed(living: Living, person: dict[str, Any]) -> None:
    """Let the programme's clock go on until a bill is made."""
    with living.client("operator") as operator, of(living, person) as consumer:
        loan = consumer.get("/v1/loans").json()["data"][0]
        on = consumer.get(f"/v1/loans/{loan['id']}").json()["instalments"][0]["statement_on"]
        made(operator, "/v1/test_clock", {"advance_to": f"{on}T12:00:00+08:00"}, timeout=CLOSES_WITHIN_SECONDS)
        assert consumer.get("/v1/bills").json()["data"]


def deferred(living: Living, wallet: Page, person: dict[str, Any]) -> None:
    """Let the first instalment fall due three days later: its sheet is read, nothing is chosen beforehand."""
    with of(living, person) as consumer:
        loan = consumer.get("/v1/loans").json()["data"][0]["id"]
        before = consumer.get(f"/v1/loans/{loan}").json()["instalments"][0]
        went(wallet, living, "wallet", f"/loans/{loan}/defer/1")
        assert wallet.locator("input:checked").count() == 0
        wallet.get_by_label("3 天").check()
        wallet.get_by_role("button", name="阅读费用明示表").click()
        expect(wallet.get_by_text("延期手续费")).to_be_visible()
        confirm = wallet.get_by_role("button", name="确认延期")
        wallet.get_by_label("我已完整阅读").check()
        expect(confirm).to_be_disabled()
        shot(wallet, "j-defer")
        expect(confirm).to_be_enabled(timeout=8_000)
        confirm.click()
        expect(wallet.get_by_role("status")).to_contain_text("已延期")
        after = consumer.get(f"/v1/loans/{loan}").json()["instalments"][0]
    assert date.fromisoformat(after["due_on"]) - date.fromisoformat(before["due_on"]) == timedelta(days=3)
    assert after["open_minor"] == before["open_minor"]


def clock(operator: httpx.Client) -> str:
    return str(operator.get("/v1/test_clock").json()["now_at"])


def made(caller: httpx.Client, path: str, body: dict[str, Any], timeout: float = 60) -> dict[str, Any]:
    answer = caller.post(path, json=body, headers={"Idempotency-Key": secrets.token_hex(8)}, timeout=timeout)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found

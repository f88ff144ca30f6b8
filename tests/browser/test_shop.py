"""A shop sells on instalments: on line and at its counter, seen in a browser as a customer sees it."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from browser.conftest import Shop, shot
from browser.paying import paid_at_cashier


@pytest.mark.usefixtures("seen")
def test_a_bookcase_is_sold_on_instalments_on_line_and_partly_given_back(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.goto(shop.url)
    placed = page.locator("tiao-placement").first
    expect(placed).to_contain_text("年化利率")
    expect(placed).to_contain_text("每期 ¥")
    shot(page, "0-shelf")
    page.get_by_role("button", name="放入购物车").first.click()
    page.get_by_role("button", name="去付款").click()
    expect(page.get_by_role("heading", name="¥1,200.00")).to_be_visible()
    shot(page, "1-order")
    paid_at_cashier(page, shop.market, shop.market.people[0].phone, "instalments_3")
    page.get_by_role("link", name="返回商户").first.click()
    expect(page.get_by_role("status")).to_contain_text("已付款")
    shot(page, "6-shop-order")
    page.goto(f"{shop.url}/desk")
    row = page.locator("tr", has_text="¥1,200.00")
    expect(row).to_contain_text("paid")
    told = row.filter(has_text="purchase.captured")
    for _ in range(20):
        if told.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(told).to_be_visible()
    row.get_by_label("退款金额").fill("200.50")
    row.get_by_role("button", name="退款").click()
    expect(page.locator("tr", has_text="¥1,200.00")).to_contain_text("已退 ¥200.50")
    shot(page, "7-desk")


@pytest.mark.usefixtures("seen")
def test_a_lamp_is_sold_at_the_counter_by_a_code_on_the_screen(context: BrowserContext, shop: Shop) -> None:
    counter, phone = context.new_page(), context.new_page()
    counter.goto(f"{shop.url}/counter")
    counter.get_by_label("金额").fill("268")
    counter.get_by_role("button", name="收款").click()
    expect(counter.get_by_role("img", name="付款码")).to_be_visible()
    expect(counter.get_by_role("img", name="相机扫的小码")).to_be_visible()
    shot(counter, "8-counter")
    phone.goto(counter.get_by_role("link", name=re.compile("cashier")).get_attribute("href") or "")
    paid_at_cashier(phone, shop.market, shop.market.people[1].phone, "instalments_6")
    expect(counter.get_by_role("status")).to_contain_text("已付款", timeout=10_000)


@pytest.mark.usefixtures("seen")
def test_a_customers_code_is_read_at_the_counter_and_above_its_limit_confirmed_on_the_phone(
    context: BrowserContext, shop: Shop
) -> None:
    counter, phone = context.new_page(), context.new_page()
    person = shop.market.people[2]
    [first, second, _] = shop.market.shown_codes(person)
    for amount, code, said in (
        ("99", first, "已付款"),
        ("99", first, "payment_code_invalid"),
        ("1200", second, "手机上确认"),
    ):
        counter.goto(f"{shop.url}/counter")
        counter.get_by_label("金额").fill(amount)
        counter.get_by_label("顾客付款码").fill(code)
        counter.get_by_role("button", name="收款").click()
        expect(counter.locator("main")).to_contain_text(said)
        shot(counter, f"9-{said}")
    texts: list[str] = []
    for _ in range(50):
        texts = httpx.get(f"{shop.market.sms_url}/handsets/{person.phone}").json()
        if texts:
            break
        counter.wait_for_timeout(200)
    found = re.search(r"http\S+", texts[-1])
    assert found is not None
    phone.goto(found[0])
    paid_at_cashier(phone, shop.market, person.phone, "instalments_12")
    expect(counter.get_by_role("status")).to_contain_text("已付款", timeout=10_000)
    expect(counter.locator("pre")).to_contain_text("instalments_12")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_cashier_fits_a_narrow_phone_without_a_script(
    browser: Browser, shop: Shop, scheme: str, language: str
) -> None:
    person = shop.market.people[3 + (scheme == "dark") + 2 * (language == "en")]
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}, color_scheme=scheme, locale=language
    )  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{shop.url}/counter")
    page.get_by_label("金额").fill("1200")
    page.get_by_role("button", name="收款").click()
    page.get_by_role("link", name=re.compile("cashier")).click()
    page.locator("#phone").fill(person.phone)
    seen = shop.market.texts(person.phone)
    page.locator("#phone").press("Enter")
    page.locator("#code").fill(shop.market.code(person.phone, seen))
    page.locator("#code").press("Enter")
    page.locator("input[name=plan]").last.wait_for()
    page.locator("summary").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    shot(page, f"narrow-{language}-{scheme}-plans")
    page.locator("input[name=plan]").last.check()
    page.locator("fieldset > button").click()
    page.locator("input[name=agree]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    shot(page, f"narrow-{language}-{scheme}-sheet")
    context.close()

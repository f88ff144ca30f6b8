"""What a payer meets at the cashier: one order, one payment, and the truth about it, without a script."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from support.cashier import Payer
from support.screens import screen_of
from tiao.checkout.desk import Desk
from tiao.checkout.suspended import refuse
from tiao.risk.outcomes import RiskOutcome

SESSION = {
    "reference": "A-1",
    "amount_minor": 120_000,
    "currency": "CNY",
    "description": "一套书架 <b>",
    "return_url": "https://shop.example/orders/1?a=b&c=d",
}
BYTES_MAX = 15_000


async def session(town: Any, **more: object) -> Any:
    return await town.merchant.made("/v1/checkout_sessions", SESSION | more)


async def payer(town: Any) -> tuple[Payer, str]:
    consumer, customer = await town.customer()
    phone = (await consumer.got(f"/v1/customers/{customer}"))["phone"]
    number = int(phone[-4:])
    return Payer(town), f"138{number:08}"


async def status(town: Any, made: Any) -> str:
    return str((await town.merchant.got(f"/v1/checkout_sessions/{made['id']}"))["status"])


async def test_an_order_is_paid_in_three_instalments_and_the_merchant_sees_it(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    plans = await browser.sign_in(made["url"], phone)
    assert "张**" in plans or "张*" in plans
    done = await browser.pay("instalments_3")
    assert "付款成功" in done
    assert "https://shop.example/orders/1?a=b&amp;c=d" in done
    shown = await town.merchant.got(f"/v1/checkout_sessions/{made['id']}")
    assert (shown["status"], shown["plan"]) == ("paid", "instalments_3")
    purchase = await town.merchant.got(f"/v1/purchases/{shown['purchase']}")
    assert (purchase["captured_minor"], purchase["outcome"]) == (120_000, "authorised")
    await town.assert_sound()


async def test_a_page_is_small_strict_and_asks_nobody_else(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    pages = [await browser.open(made["url"]), await browser.sign_in(made["url"], phone)]
    pages.append(await browser.send("/plan", plan="instalments_24"))
    for name, text in zip(("order", "plans", "cost sheet"), pages, strict=True):
        print(f"checkout, {name}: {len(text.encode()) / 1e3:.1f} kB of {BYTES_MAX / 1e3:.0f}")  # noqa: T201  `make budgets`
        assert len(text.encode()) <= BYTES_MAX
        assert re.findall(r'(?:src|srcset)=|<script|@import|url\(|style="| on\w+="', text) == []
        # The merchant's page, and the wallet beside this host.
        assert set(re.findall(r'href="(https?://[^/"]+)', text)) <= {"https://shop.example", "https://wallet.tiao"}
        [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = browser.page.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
    assert browser.page.headers["cache-control"] == "no-store"


async def test_nothing_is_chosen_in_advance_and_the_rate_comes_first(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    plans = await browser.sign_in(made["url"], phone)
    assert "checked" not in plans.split("</style>")[1]
    for plan in re.findall(r'<div class="plan">(.*?)</div>', plans, re.DOTALL):
        assert plan.index("%") < plan.index("¥")
    assert plans.count('type="radio"') == 5
    assert "条科技" in plans
    sheet = await browser.send("/plan", plan="instalments_3")
    assert "checked" not in sheet.split("</style>")[1]
    assert "除上述明示的费用外" in sheet


async def test_payment_tools_and_credit_are_two_groups(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    plans = await browser.sign_in(made["url"], phone)
    tools, credit = plans.split("支付工具</h2>")[1].split("信用产品（借款）</h2>")
    assert "https://shop.example/orders/1?a=b&amp;c=d" in tools
    assert "<input" not in tools
    assert credit.count('type="radio"') == 5


async def test_the_server_measures_how_long_the_sheet_was_read(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.send("/plan", plan="instalments_3")
    assert "阅读时间未到" in await browser.send("/pay", agree="yes")
    assert await status(town, made) == "open"
    await browser.read()
    assert "请先勾选" in await browser.send("/pay")
    assert "付款成功" in await browser.send("/pay", agree="yes")


async def test_a_double_click_the_back_button_and_a_second_tab_pay_once(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.send("/plan", plan="instalments_6")
    await browser.read()
    action, hidden = browser.form("/pay")
    clicks = [browser.http.post(action, data=hidden | {"agree": "yes"}) for _ in range(4)]
    answers = await asyncio.gather(*clicks)
    assert {answer.status_code for answer in answers} == {200}
    assert "付款成功" in await browser.open(made["url"])
    await browser.http.post(action, data=hidden | {"agree": "yes"})
    purchases = (await town.merchant.got("/v1/purchases"))["data"]
    assert [each["amount_minor"] for each in purchases] == [120_000]
    await town.assert_sound()


async def paid_once(town: Any, made: Any) -> None:
    purchases = (await town.merchant.got("/v1/purchases"))["data"]
    assert [(each["amount_minor"], each["outcome"]) for each in purchases] == [(120_000, "authorised")]
    assert await status(town, made) == "paid"
    await town.assert_sound()


async def ready(browser: Payer, url: str, plan: str) -> tuple[str, dict[str, str]]:
    """Come to the last button of a plan; the form behind it."""
    await browser.open(url)
    await browser.send("/plan", plan=plan)
    action, hidden = browser.form("/pay")
    return action, hidden | {"agree": "yes"}


async def test_two_tabs_with_two_plans_pay_by_one_of_them(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    tabs = [await ready(browser, made["url"], plan) for plan in ("instalments_3", "instalments_6")]
    await browser.read()
    answers = await asyncio.gather(*(browser.http.post(action, data=filled) for action, filled in tabs))
    assert {answer.status_code for answer in answers} == {200}
    await paid_once(town, made)


async def test_two_browsers_of_one_payer_pay_once(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    other = Payer(town)
    async with town.db.begin() as tx:
        await tx.execute("update payer_code set sent_at = sent_at - interval '61 seconds'")
    await other.sign_in(made["url"], phone)
    forms = [(each, *await ready(each, made["url"], "instalments_3")) for each in (browser, other)]
    await browser.read()
    answers = await asyncio.gather(*(each.http.post(action, data=filled) for each, action, filled in forms))
    assert all("付款成功" in answer.text or "处理中" in answer.text for answer in answers)
    assert "付款成功" in await other.open(made["url"] + "/result")
    await paid_once(town, made)


async def test_two_people_with_one_link_pay_once_and_the_other_is_told(town: Any) -> None:
    made = await session(town)
    people = [await payer(town), await payer(town)]
    forms = []
    for browser, phone in people:
        await browser.sign_in(made["url"], phone)
        forms.append((browser, *await ready(browser, made["url"], "instalments_3")))
    await people[0][0].read()
    await asyncio.gather(*(each.http.post(action, data=filled) for each, action, filled in forms))
    told = [await browser.open(made["url"] + "/result") for browser, _ in people]
    assert sorted("还款计划" in text for text in told) == [False, True]
    assert sum("订单已支付" in text for text in told) == 1
    await paid_once(town, made)


async def test_the_result_read_again_and_the_sheet_gone_back_to_pay_nothing(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    action, filled = await ready(browser, made["url"], "instalments_3")
    await browser.read()
    assert "付款成功" in (await browser.http.post(action, data=filled)).text
    for _ in range(2):
        assert "付款成功" in await browser.open(made["url"] + "/result")
        assert "付款成功" in await browser.open(made["url"] + "/sheets/instalments_3")
        assert "付款成功" in (await browser.http.post(action, data=filled)).text
    await paid_once(town, made)


async def test_somebody_else_learns_that_it_is_paid_and_nothing_of_the_payer(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.pay("instalments_3")
    other = await Payer(town).open(made["url"])
    assert "订单已支付" in other
    assert "还款计划" not in other


async def test_an_order_above_the_limit_says_so_and_cannot_be_chosen(town: Any) -> None:
    made, (browser, phone) = await session(town, amount_minor=90_000_000), await payer(town)
    plans = await browser.sign_in(made["url"], phone)
    assert "不足以支付本订单" in plans
    assert "<fieldset disabled>" in plans


async def test_a_declined_payment_says_why_and_another_plan_may_be_tried(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.send("/plan", plan="instalments_3")
    await browser.read()
    async with town.db.begin() as tx:
        await tx.execute("update merchant set status = 'suspended'")
    assert "该商户目前不能收款" in await browser.send("/pay", agree="yes")
    assert await status(town, made) == "open"
    async with town.db.begin() as tx:
        await tx.execute("update merchant set status = 'active'")
    await browser.open(made["url"])
    assert "付款成功" in await browser.pay("instalments_6")


async def test_only_the_plan_that_the_merchant_wants_is_offered(town: Any) -> None:
    made, (browser, phone) = await session(town, terms=3, fee_payer="merchant"), await payer(town)
    plans = await browser.sign_in(made["url"], phone)
    assert re.findall(r'name="plan" value="(\w+)"', plans) == ["instalments_3"]
    assert "0.00%" in plans
    assert "费用承担方" in plans


async def test_an_expired_order_is_closed_for_its_payer(town: Any) -> None:
    made = await session(town, expires_in_minutes=5)
    await town.advance("2026-09-01T12:00:00+08:00")
    assert "订单已关闭" in await Payer(town).open(made["url"])


async def test_yesterdays_quote_is_made_again(town: Any) -> None:
    made, (browser, phone) = await session(town, expires_in_minutes=1440), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.send("/plan", plan="instalments_3")
    await browser.read()
    await town.advance("2026-09-02T00:30:00+08:00")
    assert "方案内容已变化" in await browser.send("/pay", agree="yes")
    assert "付款成功" in await browser.pay("instalments_3")


async def test_who_has_no_account_is_answered_alike_and_sent_nothing(town: Any) -> None:
    made = await session(town)
    browser = Payer(town)
    await browser.open(made["url"])
    assert "验证码已发送" in await browser.send("/code", phone="13900000000")
    assert town.sms.taken == {}
    assert "验证码不正确" in await browser.send("/sign_in", code="000000")


async def test_a_code_is_tried_five_times_and_asked_for_once_a_minute(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.open(made["url"])
    await browser.send("/code", phone=phone)
    code = await browser.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert "验证码不正确" in await browser.send("/sign_in", code=wrong)
    assert "验证码不正确" in await browser.send("/sign_in", code=code)
    await browser.open(made["url"] + "?phone=other")
    assert "过于频繁" in await browser.send("/code", phone=phone)


async def test_a_form_of_another_site_does_nothing(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    await browser.send("/plan", plan="instalments_3")
    await browser.read()
    action, hidden = browser.form("/pay")
    forged = hidden | {"agree": "yes", "csrf": "0" * 64}
    answer = await browser.http.post(action, data=forged)
    assert "页面已过期" in answer.text
    stranger = Payer(town)
    answer = await stranger.http.post(action, data=hidden | {"agree": "yes"})
    assert "页面已过期" in answer.text
    assert await status(town, made) == "open"


async def test_signing_in_gives_the_visit_another_name_and_leaving_ends_it(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.open(made["url"])
    before = browser.http.cookies["__Host-tiao-visit"]
    await browser.sign_in(made["url"], phone)
    after = browser.http.cookies["__Host-tiao-visit"]
    assert before != after
    assert "手机号码" in await browser.send("/leave")
    browser.http.cookies.set("__Host-tiao-visit", after, domain="tiao", path="/")
    assert "手机号码" in await browser.open(made["url"])


async def test_cookies_are_bound_to_the_host(town: Any) -> None:
    made = await session(town)
    browser = Payer(town)
    await browser.open(made["url"])
    cookie = browser.page.headers["set-cookie"].lower()
    assert cookie.startswith("__host-tiao-visit=")
    assert {"path=/", "secure", "httponly", "samesite=lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie


@pytest.mark.parametrize(("language", "word"), [("en", "Checkout"), ("zh-CN", "收银台")])
async def test_a_language_that_was_asked_for_stays(town: Any, language: str, word: str) -> None:
    made = await session(town)
    browser = Payer(town, "fr")
    await browser.open(f"{made['url']}?lang={language}")
    assert word in await browser.open(made["url"])


async def test_an_address_that_nobody_was_given_is_a_page_that_says_so(town: Any) -> None:
    browser = Payer(town)
    text = await browser.open("https://tiao/cashier/" + "0" * 36)
    assert (browser.page.status_code, "没有找到该订单" in text) == (404, True)


@asynccontextmanager
async def screened(town: Any, outcome: RiskOutcome) -> AsyncIterator[None]:
    """Let risk control say the same of every purchase."""
    site = town.services.shards.sites[0]
    usual = site.platform
    screen = screen_of({"true": outcome}, usual.programme.zone)
    desk = Desk(town.db, usual.moments, usual.book, screen=screen)
    site.platform = usual._replace(desk=desk)
    yield
    await desk.close()
    site.platform = usual


async def test_a_payment_that_risk_control_doubts_is_confirmed_with_a_code(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    async with screened(town, RiskOutcome.STEP_UP):
        assert "请确认付款" in await browser.pay("instalments_3")
        assert await status(town, made) == "processing"
        code = await browser.code()
        assert "验证码不正确" in await browser.send("/confirm", code=f"{(int(code) + 1) % 10**6:06d}")
        stranger = await Payer(town).open(made["url"])
        assert "处理中" in stranger
        assert 'name="code"' not in stranger
        await browser.open(made["url"])
        assert "付款成功" in await browser.send("/confirm", code=code)
    assert await status(town, made) == "paid"
    await town.assert_sound()


async def test_a_payment_in_review_says_so_and_its_refusal_too(town: Any) -> None:
    made, (browser, phone) = await session(town), await payer(town)
    await browser.sign_in(made["url"], phone)
    async with screened(town, RiskOutcome.REVIEW):
        assert "审核中" in await browser.pay("instalments_3")
        async with town.db.begin() as tx:
            [purchase] = await tx.column("select id from purchase")
            await refuse(tx, await town.services.platform.moments(tx), purchase)
        assert "未通过安全检查" in await browser.open(made["url"] + "/result")
    assert await status(town, made) == "open"
    await browser.open(made["url"])
    assert "付款成功" in await browser.pay("instalments_6")
    await town.assert_sound()

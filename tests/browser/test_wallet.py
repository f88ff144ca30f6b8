"""The wallet as people use it: a passkey of a device, a code shown and scanned, somebody new; in chromium."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

from browser.conftest import CHROMIUM, ROOT, Shop, shot
from browser.walking import with_session
from support.market import Person
from tiao.identity.rules import check_sign

#: The camera sees this file; each test writes into it what is held before the phone.
_WIDTH, _HEIGHT = 640, 480
_TILTED_DEGREES = 7

pytestmark = pytest.mark.skipif(
    not (ROOT / "src" / "tiao" / "web" / "_static" / "wallet" / "index.html").is_file(),
    reason="NO PAGES: `make web` builds them",
)


@pytest.fixture(scope="module")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("camera") / "seen.y4m"
    hold(made, "nothing of ours")
    return made


@pytest.fixture(scope="module")
def phone(shop: Shop, lens: Path) -> Iterator[Browser]:
    """A browser with a camera."""
    assert shop.url
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--font-render-hinting=none",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={lens}",
            ],
        )
        yield started
        started.close()


@pytest.fixture
def pocket(phone: Browser) -> Iterator[BrowserContext]:
    made = phone.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        viewport={"width": 390, "height": 844},
        permissions=["camera"],
    )
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def faults(pocket: BrowserContext) -> Iterator[list[str]]:
    """What no page of ours may do: break, be refused content, ask anybody else."""
    found: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: found.append(f"page error: {error}"))
        page.on(
            "console",
            lambda said: (
                found.append(said.text)
                if said.type == "error" and not said.text.startswith("Failed to load resource")
                else None
            ),
        )
        page.on("response", lambda got: found.append(f"{got.status}: {got.url}") if got.status >= 500 else None)
        page.on(
            "request",
            lambda asked: (
                found.append(f"foreign: {asked.url}")
                if not asked.url.startswith(("data:", "blob:")) and "localhost" not in asked.url
                else None
            ),
        )

    pocket.on("page", watch)
    yield found
    assert found == []


def wallet_of(shop: Shop) -> str:
    return shop.market.url.replace("//localhost", "//wallet.localhost")


def hold(lens: Path, text: str) -> None:
    """Hold a code before the camera, tilted as a hand does: 4:2:0, grey."""
    code = segno.make(text, error="m", micro=False)
    picture = Image.new("L", (_WIDTH, _HEIGHT), 205)
    matrix = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(scale=1, border=4)]
    side = len(matrix)
    drawn = Image.new("L", (side, side))
    drawn.putdata([sign for row in matrix for sign in row])
    drawn = drawn.resize((360, 360), Image.Resampling.NEAREST).rotate(
        _TILTED_DEGREES, expand=True, fillcolor=205, resample=Image.Resampling.BICUBIC
    )
    picture.paste(drawn, ((_WIDTH - drawn.width) // 2, (_HEIGHT - drawn.height) // 2))
    grey = bytes([128]) * (_WIDTH * _HEIGHT // 2)
    frame = b"FRAME\n" + picture.tobytes() + grey
    lens.write_bytes(f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 4)


def entered(page: Page, shop: Shop, person: Person) -> None:
    """Sign in with the phone and its code."""
    page.goto(wallet_of(shop))
    page.get_by_label("手机号").fill(person.phone)
    seen = shop.market.texts(person.phone)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信验证码").fill(shop.market.code(person.phone, seen))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="tiao 白条")).to_be_visible()
    expect(page.get_by_text("可用", exact=True)).to_be_visible()


class Device:
    """An authenticator of chromium's, as a phone has one built in."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verify(self, *, is_owner: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_owner})

    def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def set_back(self) -> None:
        """Give the key the count it had when it was new: a copy that was made then."""
        [key] = self.keys()
        self.cdp.send("WebAuthn.removeCredential", {"authenticatorId": self.id, "credentialId": key["credentialId"]})
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key | {"signCount": 1}})


def with_passkey(page: Page, shop: Shop, person: Person) -> Device:
    """Sign in, and add a passkey of this device."""
    device = Device(page)
    entered(page, shop, person)
    page.goto(f"{wallet_of(shop)}/me/security")
    page.get_by_label("名称").fill("红色手机")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_role("region", name="红色手机")).to_be_visible()
    return device


def left(page: Page, shop: Shop) -> None:
    page.goto(f"{wallet_of(shop)}/me")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="用通行密钥登录")).to_be_visible()


@pytest.mark.usefixtures("faults")
def test_a_passkey_opens_the_wallet_only_for_who_holds_the_device_and_never_twice_over(
    pocket: BrowserContext, shop: Shop
) -> None:
    page = pocket.new_page()
    device = with_passkey(page, shop, shop.market.people[0])
    shot(page, "wallet-security")
    left(page, shop)
    enter = page.get_by_role("button", name="用通行密钥登录")
    device.verify(is_owner=False)
    enter.click()
    expect(page.get_by_role("alert")).to_contain_text("没有完成验证", timeout=30_000)
    device.verify(is_owner=True)
    for _ in range(2):
        enter.click()
        expect(page.get_by_text("可用", exact=True)).to_be_visible()
        left(page, shop)
    device.set_back()
    enter.click()
    expect(page.get_by_role("alert")).to_contain_text("可能被复制")
    # A second code would have to wait a minute: the way in is a key's this time.
    with_session(page, wallet_of(shop), shop.market.people[0].key)
    page.goto(f"{wallet_of(shop)}/me/security")
    expect(page.get_by_text("还没有通行密钥")).to_be_visible()
    expect(page.get_by_text("Chrome · Linux · 本机")).to_have_count(1)


@pytest.mark.usefixtures("faults")
def test_a_code_on_the_tills_screen_is_scanned_confirmed_by_passkey_and_paid(
    pocket: BrowserContext, shop: Shop, lens: Path
) -> None:
    counter, page = pocket.new_page(), pocket.new_page()
    with_passkey(page, shop, shop.market.people[1])
    counter.goto(f"{shop.url}/counter")
    counter.get_by_label("金额").fill("268")
    counter.get_by_role("button", name="收款").click()
    address = counter.get_by_role("link", name=re.compile("cashier")).get_attribute("href") or ""
    hold(lens, address)
    page.goto(f"{wallet_of(shop)}/scan")
    expect(page.get_by_role("button", name="用通行密钥确认")).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text("¥268.00")
    shot(page, "wallet-pay")
    page.get_by_role("button", name="用通行密钥确认").click()
    expect(page.get_by_text("选择信用付款方案")).to_be_visible()
    assert page.locator("input[name=plan]:checked").count() == 0
    page.locator("input[value=instalments_3]").check()
    page.get_by_role("button", name="查看明示表并继续").click()
    page.get_by_label("我已完整阅读本表").check()
    page.get_by_role("button", name=re.compile("确认付款")).click(timeout=10_000)
    expect(page.get_by_role("heading", name="付款成功")).to_be_visible()
    expect(counter.get_by_role("status")).to_contain_text("已付款", timeout=15_000)
    page.get_by_role("link", name="返回钱包查看").click()
    expect(page.get_by_text("山脚书店")).to_be_visible()
    shot(page, "wallet-receipt")


@pytest.mark.usefixtures("faults")
def test_a_foreign_code_is_shown_and_not_followed(pocket: BrowserContext, shop: Shop, lens: Path) -> None:
    page = pocket.new_page()
    entered(page, shop, shop.market.people[2])
    hold(lens, "https://evil.example/cashier/AAAAAAAAAAAA")
    page.goto(f"{wallet_of(shop)}/scan")
    expect(page.get_by_role("alert")).to_contain_text("evil.example", timeout=30_000)
    page.get_by_label("或输入收款码网址").fill("https://evil.example/s/AAAAAAAAAAAA")
    page.get_by_role("button", name="打开").click()
    assert page.url == f"{wallet_of(shop)}/scan"


@pytest.mark.usefixtures("faults")
def test_a_code_is_shown_in_fours_changes_by_itself_without_a_network_hides_and_is_paid_by(
    pocket: BrowserContext, shop: Shop
) -> None:
    counter, page = pocket.new_page(), pocket.new_page()
    entered(page, shop, shop.market.people[3])
    page.goto(f"{wallet_of(shop)}/code")
    agree = page.get_by_label("我已完整阅读并了解以上费用")
    expect(agree).not_to_be_checked()
    confirm = page.get_by_role("button", name="开通付款码")
    expect(confirm).to_be_disabled()
    agree.check()
    expect(confirm).to_be_enabled(timeout=10_000)
    confirm.click()
    digits = page.locator("[data-code]")
    expect(digits).to_have_text(re.compile(r"^36\d\d \d{4} \d{4} \d{4} \d\d$"))
    first = digits.get_attribute("data-code") or ""
    shot(page, "wallet-code")
    counter.goto(f"{shop.url}/counter")
    counter.get_by_label("金额").fill("99")
    counter.get_by_label("顾客付款码").fill(first)
    counter.get_by_role("button", name="收款").click()
    expect(counter.locator("main")).to_contain_text("已付款")
    expect(page.get_by_role("status")).to_contain_text("付款成功", timeout=20_000)
    expect(page.get_by_role("status")).to_contain_text("¥99.00")
    page.goto(f"{wallet_of(shop)}/code")
    expect(digits).to_be_visible()
    pocket.set_offline(True)
    before = digits.get_attribute("data-code") or ""
    expect(digits).not_to_have_attribute("data-code", before, timeout=75_000)
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    expect(digits).to_have_count(0)
    pocket.set_offline(False)
    page.get_by_role("button", name="显示付款码").click()
    expect(digits).to_be_visible()


@pytest.mark.usefixtures("faults")
def test_somebody_new_registers_applies_and_comes_back_to_the_payment(pocket: BrowserContext, shop: Shop) -> None:
    page = pocket.new_page()
    page.goto(shop.url)
    page.get_by_role("button", name="放入购物车").first.click()
    page.get_by_role("button", name="去付款").click()
    page.get_by_role("link", name="注册并申请额度").click()
    page.get_by_role("button", name="新用户注册").click()
    number = "11010119880808001"
    page.get_by_label("真实姓名").fill("李四")
    page.get_by_label("证件号码").fill(number + check_sign(number))
    page.get_by_label("手机号").fill("13700000009")
    send = page.get_by_role("button", name="获取验证码")
    expect(send).to_be_disabled()
    for text in page.get_by_role("checkbox").all():
        expect(text).not_to_be_checked()
        text.check()
    send.click()
    page.get_by_label("短信验证码").fill(shop.market.code("13700000009"))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="申请额度")).to_be_visible()
    assert page.get_by_role("checkbox", checked=True).count() == 0
    shot(page, "wallet-apply")


def test_another_customers_session_reads_nothing_of_mine(pocket: BrowserContext, shop: Shop) -> None:
    """The browser's cookie opens its owner's things alone, route by route."""
    mine, other = shop.market.people[4], shop.market.people[5]
    with httpx.Client(base_url=shop.market.url, headers={"Authorization": f"Bearer {mine.key}"}) as api:
        line = api.get("/v1/line").json()["id"]
    page = pocket.new_page()
    entered(page, shop, other)
    got = page.evaluate("path => fetch(path).then(answer => answer.status)", f"/v1/customers/{mine.id}")
    assert got == 404
    assert (
        page.evaluate(
            """line => fetch(`/v1/lines/${line}/freeze`, {method: "POST", body: JSON.stringify({reason: "x"}),
            headers: {"content-type": "application/json", "idempotency-key": "k"}}).then(answer => answer.status)""",
            line,
        )
        == 404
    )

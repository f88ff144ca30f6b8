"""Paying at the cashier as a person does."""

import re
from typing import Protocol

from playwright.sync_api import Page, expect

from browser.conftest import shot


class Handsets(Protocol):
    """Where the codes that customers are sent can be read."""

    def texts(self, phone: str) -> int: ...

    def code(self, phone: str, seen: int = 0) -> str: ...


def paid_at_cashier(page: Page, handsets: Handsets, phone: str, plan: str, ends: str = "付款成功") -> None:
    """Sign in, choose, read, confirm: as a person does, in the person's time."""
    seen = handsets.texts(phone)
    page.get_by_label("手机号码").fill(phone)
    page.get_by_role("button", name="获取短信验证码").click()
    shot(page, "2-code")
    page.get_by_label("六位验证码").fill(handsets.code(phone, seen))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("选择信用付款方案")).to_be_visible()
    assert page.locator("input[name=plan]:checked").count() == 0
    shot(page, "3-plans")
    page.locator(f"input[value={plan}]").check()
    page.get_by_role("button", name="查看明示表并继续").click()
    confirm = page.get_by_role("button", name=re.compile("确认付款"))
    expect(page.get_by_text("综合融资成本明示表").first).to_be_visible()
    expect(confirm).to_be_hidden()
    page.get_by_label("我已完整阅读本表").check()
    shot(page, "4-sheet")
    expect(confirm).to_be_visible(timeout=8_000)
    confirm.click()
    expect(page.get_by_role("heading", name=re.compile(ends))).to_be_visible()
    shot(page, "5-paid")

"""What staff do in the console beside a living demo: each act is done on a page; what came of it is asked elsewhere."""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import shot
from browser.walking import Watch, signed_in, went
from support.living import Living

DESK: Any = {"width": 1280, "height": 900}
#: Longer than the page waits before it looks again, and the demo takes to close a day.
MOVES_WITHIN_MS = 40_000


@pytest.fixture
def refused() -> set[int]:
    """Hold what a test lets the server refuse."""
    return set()


@pytest.fixture
def desk(living: Living, chromium: Browser, refused: set[int]) -> Iterator[Page]:
    """Give the demo's operator a browser that does nothing which none may."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=DESK, reduced_motion="reduce")
    watch = Watch(context, {f"ops.localhost:{living.port}"})
    watch.expected = refused
    page = context.new_page()
    signed_in(page, living, "ops")
    yield page
    context.close()
    assert watch.faults == []


def test_a_complaint_is_answered_by_four_keys_in_words_that_the_customer_reads(living: Living, desk: Page) -> None:
    asked = {"kind": "complaint", "words": "账单上有一笔费用看不明白"}
    with living.client("consumer") as consumer:
        made = consumer.post("/v1/petitions", json=asked, headers={"Idempotency-Key": secrets.token_hex(8)})
        # While the like is open, that is given: its words may be those of another test.
        petition, words = (made.raise_for_status().json()[name] for name in ("id", "words"))
        went(desk, living, "ops", f"/petitions/{petition}")
        expect(desk.get_by_text(words).last).to_be_visible()
        shot(desk, "o-petition")
        desk.keyboard.press("a")
        expect(desk.get_by_role("dialog")).to_be_visible()
        desk.keyboard.press("1")
        expect(desk.get_by_role("status").filter(has_text="已答复")).to_be_visible()
        [answered] = [each for each in consumer.get("/v1/petitions").json()["data"] if each["id"] == petition]
    assert (answered["state"], answered["answer"]) == ("done", "您的诉求已办理完毕，感谢您告诉我们。")


def test_a_paper_is_looked_at_for_a_reason_and_a_second_person_agrees(living: Living, desk: Page) -> None:
    with living.client("operator") as operator:
        found = operator.get("/v1/merchant_applications", params={"state": "proposed"}).json()["data"]
        if not found:
            pytest.skip("this demo's application was agreed to before")
        path = f"/v1/merchant_applications/{found[0]['id']}"
        went(desk, living, "ops", f"/onboarding/{found[0]['id']}")
        expect(desk.get_by_role("heading", level=1)).to_contain_text(found[0]["company"])
        desk.get_by_role("button", name=re.compile("查\\s?看")).first.click()
        desk.get_by_role("dialog").get_by_role("textbox").fill("入驻前复核")
        desk.keyboard.press("Enter")
        expect(desk.get_by_text("SHA-256").first).to_be_visible()
        desk.keyboard.press("Escape")
        views = operator.get(f"{path}/views").json()["data"]
        assert views[0]["reason"] == "入驻前复核"
        shot(desk, "o-application")
        desk.get_by_role("button", name=re.compile("同\\s?意")).click()
        desk.get_by_role("dialog").get_by_role("textbox").fill("资料齐全")
        desk.keyboard.press("Enter")
        expect(desk.get_by_text("待签合同")).to_be_visible()
        assert operator.get(path).json()["application"]["state"] == "approved"


def test_the_page_of_the_close_moves_by_itself(living: Living, desk: Page) -> None:
    with living.client("operator") as operator:
        clock = operator.get("/v1/test_clock").json()
        went(desk, living, "ops", "/close")
        before = clock["closed_through"]
        expect(desk.get_by_label("业务日")).to_have_value(before)
        to = (datetime.fromisoformat(clock["now_at"]) + timedelta(days=1)).isoformat()
        operator.post("/v1/test_clock", json={"advance_to": to}, timeout=120).raise_for_status()
        after = operator.get("/v1/test_clock").json()["closed_through"]
    assert after > before
    expect(desk.get_by_label("业务日")).to_have_value(after, timeout=MOVES_WITHIN_MS)
    expect(desk.get_by_text("已完成 100%")).to_be_visible()
    assert desk.locator("tbody .ant-tag", has_text="完成").count() == desk.locator("tbody tr.ant-table-row").count()


def test_a_browser_of_ones_own_is_signed_out_from_another(living: Living, chromium: Browser, desk: Page) -> None:
    context = chromium.new_context(
        locale="zh-CN", user_agent="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    )
    other = context.new_page()
    signed_in(other, living, "ops")
    went(desk, living, "ops", "/sessions")
    row = desk.locator("tr", has_text="Firefox · Windows").first
    shot(desk, "o-sessions")
    row.get_by_role("button").click()
    desk.locator(".ant-popconfirm").get_by_role("button").last.click()
    expect(desk.get_by_role("status").filter(has_text="已退出")).to_be_visible()
    other.goto(living.url("ops"))
    expect(other.get_by_label("访问密钥")).to_be_visible()
    context.close()


def test_the_ledger_is_read_by_keys_without_passing_an_entry_over(living: Living, desk: Page) -> None:
    with living.client("operator") as operator:
        balance = operator.get("/v1/trial_balance").json()
        entries = operator.get("/v1/entry_blocks", params={"on": balance["on"]}).json()["entries"]
    went(desk, living, "ops", f"/ledger/entries?on={balance['on']}")
    box = desk.locator(".entries-box")
    box.focus()
    seen: set[int] = set()
    before: list[int] = []
    while before != (rows := shown(desk)):
        seen |= set(rows)
        before = rows
        desk.keyboard.press("PageDown")
        desk.wait_for_timeout(60)
    assert seen == set(range(1, entries + 1))
    desk.keyboard.press("Home")
    desk.wait_for_timeout(60)
    assert shown(desk)[0] == 1


def shown(page: Page) -> list[int]:
    """Give the numbers of the entries in the window."""
    rows: list[int] = page.evaluate(
        "[...document.querySelectorAll('.entries-sight .entry')].map(row => Number(row.ariaRowIndex) - 1)"
    )
    return sorted(rows)


def test_what_was_refused_before_is_no_answer_to_what_is_asked_now(
    living: Living, desk: Page, refused: set[int]
) -> None:
    """Early warning that is off cannot be switched on: it first works in shadow. All of it by keys."""
    refused.add(409)
    with living.client("operator") as operator:
        operator.post("/v1/early_warning/off", json={"reason": "x"}, headers={"Idempotency-Key": secrets.token_hex(8)})
    went(desk, living, "ops", "/early-warning")
    ask, question = desk.get_by_role("button", name=re.compile("启\\s?用")), desk.get_by_role("dialog")
    ask.press("Enter")
    expect(question.get_by_role("textbox")).to_be_focused()
    desk.keyboard.type("now")
    desk.keyboard.press("Enter")
    expect(question.get_by_role("alert")).to_contain_text("warning_not_in_shadow")
    desk.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(ask).to_be_focused()
    desk.keyboard.press("Enter")
    expect(question.get_by_role("textbox")).to_be_focused()
    expect(question.get_by_role("alert")).to_have_count(0)
    desk.keyboard.type("once more")
    desk.keyboard.press("Enter")
    expect(question.get_by_role("alert")).to_contain_text("warning_not_in_shadow")

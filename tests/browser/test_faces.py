"""Every page of the three faces opens, asks nobody else, and shuts nobody out, however somebody wants it shown."""

import os
import secrets
from collections import Counter
from itertools import product
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from browser.walking import FACES, Place, Watch, routes_of, settled, shut_out, signed_in, walked, went, wished
from support.living import Living

IS_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
WIDTHS = {"ops": 1280, "merchant": 1280, "wallet": 390}
EVERY = tuple(product(("zh-CN", "en"), ("light", "dark"), (1, 1.3, 1.6)))
#: What is read most, and what differs from it in everything: held against every rule. The ten between them against the
#: rules that look and size can break; against every rule too with TIAO_AXE=all (`make axe`).
OPPOSITE = (("zh-CN", "light", 1), ("en", "dark", 1.6))
IS_ALL = os.environ.get("TIAO_AXE") == "all"
IN_FULL = EVERY if IS_ALL else OPPOSITE
LOOKS_OF = """() => [...document.querySelectorAll("body *")].filter(each => each.checkVisibility()).map(each => {
    const look = getComputedStyle(each);
    return [each.tagName, look.color, look.backgroundColor, look.fontSize].join(" ");
})"""


def known(living: Living, face: str) -> tuple[str, ...]:
    """Name what no link leads to, and see to it that there is one of each."""
    if face == "merchant":
        make_for_a_merchant(living)
        return known_to_a_merchant(living)
    if face == "wallet":
        # Some links stand there only while there is something to pay, or no line yet.
        return (*sorted(route for route in routes_of("wallet") if ":" not in route), *known_to_customers(living))
    return known_to_staff(living) if face == "ops" else ()


def known_to_customers(living: Living) -> tuple[str, ...]:
    """What is reached by scanning, when somebody asks, or while something is owed."""
    asked = {"reference": secrets.token_hex(4), "amount_minor": 10_000, "currency": "CNY", "description": "书架"}
    with living.client("consumer") as consumer, living.client("merchant") as merchant:
        order = merchant.post("/v1/checkout_sessions", json=asked, headers=once()).raise_for_status().json()["url"]
        bill, purchase = (consumer.get(f"/v1/{what}").json()["data"][0]["id"] for what in ("bills", "purchases"))
        parts = consumer.get(f"/v1/bills/{bill}").json()["instalments"]
        # One that is still open can be deferred.
        part = next((each for each in parts if each["open_minor"]), parts[0])
        return (
            f"/pay/{order.rpartition('/')[2]}",
            f"/confirm/{purchase}",
            f"/loans/{part['loan']}/defer/{part['number']}",
            f"/bills/{bill}/plans",
            f"/bills/{bill}/minimum",
            f"/repayments/{a_repayment(consumer)}",
        )


def a_repayment(consumer: httpx.Client) -> str:
    """Name one that was made, or make one: who has repaid nothing owes something."""
    found = consumer.get("/v1/repayments").json()["data"]
    if found:
        return str(found[0]["id"])
    source = consumer.get("/v1/funding_sources").json()["data"][0]["id"]
    body = {"amount_minor": 100, "funding_source": source}
    made = consumer.post("/v1/repayments", json=body, headers=once()).raise_for_status().json()
    return str(made["repayment"]["id"])


def make_for_a_merchant(living: Living) -> None:
    with living.client("merchant") as merchant:

        def made(path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
            return merchant.post(path, json=body, headers=once()).raise_for_status().json()

        made("/v1/webhook_endpoints", {"url": "https://shop.example/told"})
        experiment = made("/v1/experiments", {"name": "autumn"})["id"]
        seen = [
            {"subject": f"v-{each}", "orders": each % 3, "value_minor": each % 3 * 9_900, "before_minor": each}
            for each in range(400)
        ]
        made(f"/v1/experiments/{experiment}/observations", {"data": seen})
        store = made("/v1/stores", {"name": "山脚店", "address": "山脚路 1 号"})["id"]
        made(f"/v1/stores/{store}/terminals", {"label": "1", "has_printed_code": True})


def known_to_a_merchant(living: Living) -> tuple[str, ...]:
    """What each list leads to, named at once: what is open on its first page today may be closed tomorrow."""
    with living.client("merchant") as merchant:

        def first(path: str, name: str = "id") -> str:
            return str(merchant.get(path).raise_for_status().json()["data"][0][name])

        return (
            f"/orders/{first('/v1/purchases')}",
            f"/disputes/{first('/v1/disputes')}",
            f"/settlements/{first('/v1/settlements', 'business_date')}",
            f"/experiments/{first('/v1/experiments')}",
            f"/webhooks/{first('/v1/webhook_endpoints')}",
        )


def known_to_staff(living: Living) -> tuple[str, ...]:
    """Staff find these from the field at the top; some lists may be empty on the day that is looked at."""
    customer, line = living.credentials["consumer"]["id"], living.credentials["consumer"]["line"]
    with living.client("consumer") as consumer, living.client("operator") as operator:
        decision = consumer.get("/v1/decisions").json()["data"][0]["id"]
        seen = {"customer": customer, "amount_minor": 100_000, "reason": "seen at two places at once"}
        if not operator.get("/v1/risk_cases").json()["data"]:
            operator.post("/v1/risk_cases", json=seen, headers=once()).raise_for_status()
        risk = operator.get("/v1/risk_cases").json()["data"][0]["id"]
        if not operator.get("/v1/cases").json()["data"]:
            wish = {"limit_minor": 2_000_000, "reason": "asked for by telephone"}
            operator.post(f"/v1/lines/{line}/proposals", json=wish, headers=once()).raise_for_status()
        case = operator.get("/v1/cases").json()["data"][0]["id"]
        live = operator.get("/v1/risk/rules").json()["live"]
        asked = {"kind": "complaint", "words": "账单上有一笔费用看不明白"}
        petition = consumer.post("/v1/petitions", json=asked, headers=once()).raise_for_status().json()["id"]
        dispute = operator.get("/v1/disputes").json()["data"][0]["id"]
        applied = operator.get("/v1/merchant_applications").json()["data"][0]["id"]
        account = operator.get("/v1/trial_balance").json()["rows"][0]["account"]
    return (
        f"/customers/{customer}",
        f"/decisions/{decision}",
        f"/queue/{case}",
        f"/risk/{risk}",
        f"/petitions/{petition}",
        f"/disputes/{dispute}",
        f"/onboarding/{applied}",
        f"/ledger/{account}",
        f"/rules/{live}",
        f"/rules/{live}/edit",
    )


def once() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


@pytest.fixture(scope="module")
def places(living: Living, chromium: Browser) -> dict[str, list[Place]]:
    """Where each face's pages are, found once."""
    found = {}
    for face in FACES:
        context = chromium.new_context(locale="zh-CN", viewport={"width": WIDTHS[face], "height": 900})
        page = context.new_page()
        signed_in(page, living, face)
        found[face] = walked(page, living, face, known(living, face))
        context.close()
    return found


@pytest.mark.parametrize("face", FACES)
def test_every_page_opens_and_asks_nobody_else(
    living: Living, chromium: Browser, places: dict[str, list[Place]], face: str
) -> None:
    context = chromium.new_context(locale="zh-CN", viewport={"width": WIDTHS[face], "height": 900})
    watch = Watch(context, {f"{face}.localhost:{living.port}"})
    if face == "wallet":
        watch.expected = {409}  # what is not on offer is said on the page
    if face == "merchant":
        watch.expected = {404}  # a merchant that never applied is told so
    page = context.new_page()
    signed_in(page, living, face)
    untitled = []
    for place in places[face]:
        went(page, living, face, place.path)
        if page.locator("h1").count() != 1 or not page.locator("h1").inner_text().strip():
            untitled.append(place.path)
    context.close()
    assert (watch.faults, untitled) == ([], [])


@pytest.mark.parametrize("face", FACES)
def test_no_page_shuts_anybody_out(
    living: Living, chromium: Browser, places: dict[str, list[Place]], face: str
) -> None:
    """Each page is opened once and then shown in one way after the other, as when somebody changes the settings.

    The customer's, merchant's and operator's alike: whatever is reached by an id is found in the demo, or made there.
    """
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": WIDTHS[face], "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    signed_in(page, living, face)
    found = {}
    for place in places[face]:
        went(page, living, face, place.path)
        for wish in EVERY:
            wished(page, *wish)
            faults = shut_out(page, is_in_full=wish in IN_FULL)
            if face == "wallet" and page.evaluate(IS_TOO_WIDE):
                faults.append("wider than the phone")
            found[place.path, wish] = faults
    context.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("face", "path"), [("ops", "/ledger"), ("merchant", "/orders"), ("wallet", "/bills")])
def test_a_page_that_is_changed_while_it_is_open_looks_as_when_it_is_opened_so(
    living: Living, chromium: Browser, face: str, path: str
) -> None:
    """So what is held against the rules in the open page is what anybody sees who has chosen before."""
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": WIDTHS[face], "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    signed_in(page, living, face)
    went(page, living, face, path)
    plain = Counter(page.evaluate(LOOKS_OF))
    wished(page, *OPPOSITE[1])
    changed = Counter(page.evaluate(LOOKS_OF))
    went(page, living, face, path)
    opened = Counter(page.evaluate(LOOKS_OF))
    context.close()
    assert changed != plain
    assert changed == opened


@pytest.mark.parametrize("face", FACES)
def test_the_way_in_shuts_nobody_out(living: Living, chromium: Browser, face: str) -> None:
    context = chromium.new_context(locale="zh-CN", viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(living.url(face))
    settled(page)
    found = {}
    for wish in EVERY:
        wished(page, *wish)
        found[wish] = shut_out(page, is_in_full=wish in IN_FULL)
    context.close()
    assert {wish: faults for wish, faults in found.items() if faults} == {}

"""A merchant asks for a page, is given an address, and follows what becomes of it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

ASKED = {
    "reference": "order-1",
    "amount_minor": 120_000,
    "currency": "CNY",
    "description": "一套书架",
    "return_url": "https://shop.example/orders/1",
}


async def test_a_session_is_open_and_has_an_address_nobody_guesses(town: Any) -> None:
    made = await town.merchant.made("/v1/checkout_sessions", ASKED)
    assert (made["status"], made["purchase"], made["amount_minor"]) == ("open", None, 120_000)
    token = made["url"].rsplit("/", 1)[1]
    assert made["url"] == f"http://tiao/cashier/{token}"
    assert len(token) == 36
    assert await town.merchant.got(f"/v1/checkout_sessions/{made['id']}") == made


async def test_a_reference_is_one_session_and_other_content_is_refused(town: Any) -> None:
    made = await town.merchant.made("/v1/checkout_sessions", ASKED)
    assert (await town.merchant.made("/v1/checkout_sessions", ASKED))["id"] == made["id"]
    refused = await town.merchant.post("/v1/checkout_sessions", ASKED | {"amount_minor": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_number_used")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("return_url", "javascript:alert(1)", "request_malformed"),
        ("return_url", "https:///orders", "return_url_invalid"),
        ("currency", "EUR", "currency_mismatch"),
        ("amount_minor", 0, "request_malformed"),
        ("terms", 0, "request_malformed"),
    ],
)
async def test_what_cannot_be_paid_is_refused(town: Any, field: str, value: object, code: str) -> None:
    refused = await town.merchant.post("/v1/checkout_sessions", ASKED | {field: value})
    assert (refused.status_code in {400, 409, 422}, refused.json()["code"]) == (True, code)


async def test_an_expired_session_stays_expired_and_is_listed_latest_first(town: Any) -> None:
    first = await town.merchant.made("/v1/checkout_sessions", ASKED)
    await town.advance("2026-09-01T10:10:00+08:00")
    second = await town.merchant.made("/v1/checkout_sessions", ASKED | {"reference": "order-2"})
    for _ in range(2):
        ended = await town.merchant.made(f"/v1/checkout_sessions/{first['id']}/expire")
        assert ended["status"] == "expired"
    page = await town.merchant.got("/v1/checkout_sessions", limit=1)
    rest = await town.merchant.got("/v1/checkout_sessions", limit=1, after=page["next"])
    assert [page["data"][0]["id"], rest["data"][0]["id"]] == [second["id"], first["id"]]
    assert (rest["data"][0]["status"], rest["has_more"]) == ("expired", False)


async def test_time_ends_a_session(town: Any) -> None:
    made = await town.merchant.made("/v1/checkout_sessions", ASKED | {"expires_in_minutes": 5})
    await town.advance("2026-09-01T12:00:00+08:00")
    assert (await town.merchant.got(f"/v1/checkout_sessions/{made['id']}"))["status"] == "expired"


async def test_somebody_elses_session_is_unknown(town: Any) -> None:
    made = await town.merchant.made("/v1/checkout_sessions", ASKED)
    other = await town.operator.made("/v1/merchants", {
        "name": "别家", "category": "books", "currency": "CNY", "discount_rate": "0.006", "payout_account": "62229",
    })  # fmt: skip
    stranger = town.client(await town.issued("merchant", other["id"]))
    answer = await stranger.get(f"/v1/checkout_sessions/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "order_unknown")

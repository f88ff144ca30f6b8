"""What a product page shows of a price is what a customer is then quoted; anybody may ask, and keep the answer."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest


async def test_a_product_page_promises_what_the_customer_is_quoted(town: Any) -> None:
    placed = (await town.http.get("/placement", params={"amount_minor": 120_000})).json()
    _, customer = await town.customer()
    asked = {"customer": customer, "amount_minor": 120_000, "currency": "CNY"}
    quoted = (await town.merchant.made("/v1/quotes", asked))["offers"]
    assert [
        (each["plan"], each["count"], each["total_minor"], each["fee_minor"], each["apr"]) for each in placed["plans"]
    ] == [(each["plan"], each["terms"], each["total_minor"], each["fee_minor"], each["annual_rate"]) for each in quoted]


async def test_the_sentence_says_the_rate_before_the_instalment_and_who_lends(town: Any) -> None:
    placed = (await town.http.get("/placement", params={"amount_minor": 120_000})).json()
    longest = placed["plans"][-1]
    for text in placed["words"].values():
        assert text.index("%") < text.index("¥")
        assert "条科技" in text
        assert f"{longest['per_period_minor'] / 100:.2f}" in text


async def test_any_shop_may_read_it_and_keep_it(town: Any) -> None:
    for path in ("/placement?amount_minor=100", "/placement.js"):
        answer = await town.http.get(path)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert "set-cookie" not in answer.headers


async def test_a_price_too_small_for_instalments_says_nothing(town: Any) -> None:
    placed = (await town.http.get("/placement", params={"amount_minor": 100})).json()
    assert (placed["words"]["zh-CN"], [each["count"] for each in placed["plans"]]) == ("", [1])


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.5", "10000000000000"])
async def test_what_is_no_price_is_refused(town: Any, amount: str) -> None:
    answer = await town.http.get("/placement", params={"amount_minor": amount})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")

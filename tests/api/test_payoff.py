"""Paying off early over HTTP."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def bound(consumer: Any) -> str:
    source: str = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    return source


async def test_a_loan_is_settled_for_what_was_quoted_and_its_unbilled_fees_fall_away(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 120_000, "instalments_3")
    [loan] = (await consumer.got("/v1/loans"))["data"]
    quote = await consumer.got(f"/v1/loans/{loan['id']}/payoff")
    assert (quote["total_minor"], quote["fee_falling_minor"], quote["good_on"]) == (120_000, 2_160, "2026-09-01")
    body = {"funding_source": await bound(consumer), "amount_minor": 120_000}
    paid = (await consumer.post(f"/v1/loans/{loan['id']}/payoff", body, key="once")).json()
    assert (paid["repayment"]["state"], paid["repayment"]["overpaid_minor"]) == ("succeeded", 0)
    assert [part["fee_cancelled_minor"] for part in paid["parts"]] == [720, 720, 720]
    again = await consumer.post(f"/v1/loans/{loan['id']}/payoff", body, key="once")
    assert again.json() == paid
    other = await consumer.post("/v1/line/payoff", body, key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await consumer.got(f"/v1/loans/{loan['id']}"))["loan"]["status"] == "settled"
    gone = await consumer.get(f"/v1/loans/{loan['id']}/payoff")
    assert (gone.status_code, gone.json()["code"]) == (409, "loan_not_active")
    await town.assert_sound()


async def test_everything_is_settled_at_once(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 60_000, "instalments_3")
    await town.bought(consumer, customer, 10_000)
    quote = await consumer.got("/v1/line/payoff")
    assert (quote["loan"], quote["total_minor"]) == (None, 70_000)
    await consumer.made("/v1/line/payoff", {"funding_source": await bound(consumer), "amount_minor": 70_000})
    assert {loan["status"] for loan in (await consumer.got("/v1/loans"))["data"]} == {"settled"}
    await town.assert_sound()


async def test_another_amount_than_the_quoted_one_is_refused_and_nothing_happens(town: Any) -> None:
    consumer, customer = await town.customer()
    stranger, _ = await town.customer()
    await town.bought(consumer, customer, 60_000, "instalments_3")
    [loan] = (await consumer.got("/v1/loans"))["data"]
    body = {"funding_source": await bound(consumer), "amount_minor": 59_999}
    before = await town.state()
    wrong = await consumer.post(f"/v1/loans/{loan['id']}/payoff", body)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "payoff_quote_changed")
    foreign = await stranger.post(f"/v1/loans/{loan['id']}/payoff", body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "loan_unknown")
    assert (await stranger.get(f"/v1/loans/{loan['id']}/payoff")).status_code == 404
    by_merchant = await town.merchant.get(f"/v1/loans/{loan['id']}/payoff")
    assert by_merchant.json()["code"] == "role_not_allowed"
    assert await town.state() == before


async def test_repayments_are_listed_in_the_order_in_which_they_came(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 60_000)
    source = await bound(consumer)
    for amount in (101, 102, 103, 104, 105):
        await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": amount})
    first = await consumer.got("/v1/repayments", limit=2)
    second = await consumer.got("/v1/repayments", limit=9, after=first["next"])
    assert [each["amount_minor"] for each in first["data"] + second["data"]] == [105, 104, 103, 102, 101]
    assert second["has_more"] is False

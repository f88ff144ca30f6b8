"""What is sent twice happens once, whatever came between."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.support.consenting import application

from tiao.api.idempotency import KEPT, purge

pytestmark = pytest.mark.anyio


async def test_a_repeated_request_is_given_the_first_answer_byte_for_byte(town: Any) -> None:
    body = {"role": "merchant", "subject": town.merchant_id, "label": "till"}
    first = await town.operator.post("/v1/api_keys", body, key="same")
    before = await town.state()
    again = await town.operator.post("/v1/api_keys", body, key="same")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await town.state() == before


async def test_a_token_stands_nowhere_in_the_database(town: Any) -> None:
    token = (await town.operator.made("/v1/api_keys", {"role": "operator", "label": "second"}))["token"]
    async with town.db.begin() as tx:
        _, rows = await tx.table("select answer from idempotent_answer")
    assert rows
    assert not any(token.encode() in answer for (answer,) in rows)


async def test_the_same_key_with_other_content_is_refused_and_changes_nothing(town: Any) -> None:
    consumer, customer = await town.customer()
    held = await town.bought(consumer, customer, 60_000, capture=False)
    path = f"/v1/purchases/{held['id']}/captures"
    assert (await town.merchant.post(path, {"amount_minor": 1_000}, key="k")).status_code == 201
    before = await town.state()
    other = await town.merchant.post(path, {"amount_minor": 2_000}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = await town.merchant.post(f"/v1/purchases/{held['id']}/void", key="k")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")
    assert await town.state() == before


async def test_what_differs_under_a_repeated_key_is_named_for_each_of_the_four(town: Any) -> None:
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 60_000)
    bought = {"quote": quote, "plan": "pay_later", "reference": "order 7", "capture": False}
    held = await town.merchant.made("/v1/purchases", bought, key="authorise")
    path = f"/v1/purchases/{held['id']}"
    await town.merchant.made(f"{path}/captures", {"amount_minor": 50_000, "is_final": False}, key="capture")
    await town.merchant.made(f"{path}/refunds", {"amount_minor": 1_000, "reference": "back"}, key="refund")
    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000002"}))["id"]
    other_source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000010"}))["id"]
    paid = {"funding_source": source, "amount_minor": 4_000}
    await consumer.made("/v1/repayments", paid, key="repay")
    before = await town.state()
    refund = {"amount_minor": 2_000, "reference": "back again"}
    for client, asked, body, key, named in (
        (
            town.merchant,
            "/v1/purchases",
            {**bought, "reference": "order 8", "capture": True},
            "authorise",
            "reference, capture",
        ),
        (town.merchant, f"{path}/captures", {"amount_minor": 49_000, "is_final": False}, "capture", "amount_minor"),
        (town.merchant, f"{path}/captures", {"amount_minor": 50_000, "is_final": True}, "capture", "is_final"),
        (town.merchant, f"{path}/refunds", refund, "refund", "amount_minor, reference"),
        (town.merchant, f"{path}/refunds", {"amount_minor": 50_000, "reference": "back"}, "capture", "operation"),
        (consumer, "/v1/repayments", {**paid, "amount_minor": 5_000}, "repay", "amount_minor"),
        (consumer, "/v1/repayments", {**paid, "funding_source": other_source}, "repay", "funding_source"),
    ):
        answer = await client.post(asked, body, key=key)
        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"] == f"this key came before with another {named}"
    assert await town.state() == before


async def test_what_is_said_in_an_address_is_part_of_what_is_said(town: Any) -> None:
    path = f"/v1/merchants/{town.merchant_id}/suspension"
    assert (await town.operator.post(f"{path}?reason=complaints", key="stop")).status_code == 200
    again = await town.operator.post(f"{path}?reason=complaints", key="stop")
    assert again.headers["idempotent-replayed"] == "true"
    other = await town.operator.post(f"{path}?reason=fraud", key="stop")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert other.json()["detail"] == "this key came before with another reason"


async def test_one_merchants_key_means_nothing_to_another(town: Any) -> None:
    made = await town.operator.made("/v1/merchants", {**MERCHANT, "name": "河边茶馆"})
    other = town.client(await town.issued("merchant", made["id"]))
    _, customer = await town.customer()
    asked = {"customer": customer, "amount_minor": 5_000, "currency": "CNY"}
    first = await town.merchant.post("/v1/quotes", asked, key="k")
    second = await other.post("/v1/quotes", asked, key="k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_requests_with_one_key_at_one_time_do_it_once(town: Any) -> None:
    consumer, customer = await town.customer()
    held = await town.bought(consumer, customer, 60_000, capture=False)
    path = f"/v1/purchases/{held['id']}/captures"
    answers = await asyncio.gather(*(town.merchant.post(path, {"amount_minor": 1_000}, key="k") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (await consumer.got("/v1/line"))["used_minor"] == 1_000


async def test_a_purchase_is_its_own_record(town: Any) -> None:
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 9_000)
    body = {"quote": quote, "plan": "pay_later", "reference": "order 7"}
    answers = await asyncio.gather(*(town.merchant.post("/v1/purchases", body, key="k") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    other = await town.merchant.post("/v1/purchases", {**body, "reference": "order 8"}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "purchase_key_reused")
    assert "reference" in other.json()["detail"]
    assert (await consumer.got("/v1/line"))["used_minor"] == 9_000


async def test_a_repayment_is_debited_once(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 9_000)
    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000002"}))["id"]
    asked = {"funding_source": source, "amount_minor": 4_000}
    first = await consumer.post("/v1/repayments", asked, key="k")
    again = await consumer.post("/v1/repayments", asked, key="k")
    assert first.json() == again.json()
    other = await consumer.post("/v1/repayments", {**asked, "amount_minor": 5_000}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await consumer.got("/v1/line"))["used_minor"] == 5_000


async def test_a_refusal_is_not_kept(town: Any) -> None:
    consumer, customer = await town.customer(with_line=False)
    asked = {"customer": customer, "amount_minor": 5_000, "currency": "CNY"}
    assert (await town.merchant.post("/v1/quotes", asked, key="k")).json()["code"] == "no_credit_line"
    await consumer.made("/v1/applications", application())
    assert (await town.merchant.post("/v1/quotes", asked, key="k")).status_code == 201


MERCHANT = {
    "name": "x",
    "category": "tea",
    "currency": "CNY",
    "discount_rate": "0.01",
    "payout_account": "6222000000000002",
}


async def test_an_answer_is_given_again_for_a_week_and_then_forgotten(town: Any) -> None:
    body = {"name": "山腰书店", "category": "books", "currency": "CNY", "discount_rate": "0.006"}
    body["payout_account"] = "6222000000000009"
    first = await town.operator.post("/v1/merchants", body, key="one-of-many")
    async with town.db.begin() as tx:
        at = (await town.services.platform.moments(tx)).at
    assert await purge(town.db, at + KEPT) == 0
    again = await town.operator.post("/v1/merchants", body, key="one-of-many")
    assert (first.status_code, again.json()) == (201, first.json())
    assert await purge(town.db, at + KEPT + timedelta(seconds=1)) > 0
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from idempotent_answer") == 0

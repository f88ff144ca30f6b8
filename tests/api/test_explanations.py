"""Explanations over HTTP: the arithmetic a customer can check, in the language they read."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def told(client: Any, path: str, language: str = "en") -> Any:
    answer = await client.http.get(
        path, headers={"Authorization": f"Bearer {client.token}", "Accept-Language": language}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert sum(line["amount_minor"] for line in found["lines"]) == found["total_minor"]
    return found


async def test_a_life_is_explained_number_by_number(town: Any) -> None:
    consumer, customer = await town.customer()
    stranger, _ = await town.customer()
    bought = await town.bought(consumer, customer, 120_000, "instalments_12")
    [loan] = (await consumer.got("/v1/loans"))["data"]
    path = f"/v1/loans/{loan['id']}"
    due_on = date.fromisoformat((await consumer.got(path))["instalments"][0]["due_on"])
    await town.advance(f"{due_on + timedelta(days=10)}T04:00:00Z")

    first = await told(consumer, f"{path}/instalments/1/explanation")
    assert first["total_minor"] == (await consumer.got(path))["instalments"][0]["open_minor"]
    late = f"{due_on + timedelta(days=1)} to {due_on + timedelta(days=9)}"
    assert [line["text"] for line in first["lines"]] == [
        "Principal of instalment 1: 1,200.00 / 12 = 100.00",
        "Fee of instalment 1: 1,200.00 x 0.6 % x 12 terms = 86.40 (rounded down), of which 7.20",
        f"Penalty on instalment 1, {late}: 9 days x 100.00 x 0.05 % = 0.45",
    ]
    assert [
        line["text"][:9] for line in (await told(consumer, f"{path}/instalments/1/explanation", "zh"))["lines"]
    ] == [
        "第 1 期本金：1",
        "第 1 期手续费：",
        "第 1 期违约金，",
    ]

    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    paid = await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 10_765})
    where = await told(consumer, f"/v1/repayments/{paid['repayment']['id']}/explanation")
    assert [line["code"] for line in where["lines"]] == ["put_on"]
    back = await town.merchant.made(
        f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 110_000, "reference": "return"}
    )
    refund = f"/v1/refunds/{back['refund']['id']}/explanation"
    assert {line["code"] for line in (await told(consumer, refund))["lines"]} == {"refund_took"}
    balance = await told(consumer, f"{path}/explanation")
    assert [line["code"] for line in balance["lines"]] == ["lent", "penalties", "paid", "refunded"]
    assert (await told(town.operator, f"/v1/line/explanation?customer={customer}"))["total_minor"] == 0
    assert (await told(consumer, "/v1/line/explanation"))["lines"] == balance["lines"]

    for foreign in (f"{path}/explanation", f"{path}/instalments/1/explanation", refund):
        assert (await stranger.get(foreign)).status_code == 404
    assert (await consumer.get(f"{path}/instalments/13/explanation")).json()["code"] == "instalment_unknown"
    assert (await town.merchant.get(f"{path}/explanation")).json()["code"] == "role_not_allowed"

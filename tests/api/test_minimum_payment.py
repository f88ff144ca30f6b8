"""Paying only the minimum of a bill over HTTP: off until two people switch it on, its cost seen and confirmed."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.anyio

RULES = ("min_payment.ratio", "min_payment.carry_daily_rate")


async def refused(town: Any, client: Any, path: str, body: object) -> tuple[int, str]:
    before = await town.state()
    answer = await client.post(path, body)
    assert await town.state() == before
    return answer.status_code, answer.json()["code"]


async def test_a_customer_pays_the_minimum_and_the_rest_is_carried_on(town: Any) -> None:
    consumer, customer = await town.customer()
    stranger, _ = await town.customer()
    await town.bought(consumer, customer, 300_000)
    [loan] = (await consumer.got("/v1/loans"))["data"]
    first = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"][0]
    await town.advance(f"{first['statement_on']}T04:00:00Z")
    [bill] = (await consumer.got("/v1/bills"))["data"]
    path = f"/v1/bills/{bill['id']}/minimum_payment"
    assert (await consumer.get(path)).json()["code"] == "minimum_payment_not_offered"
    for rule in RULES:
        await town.switched_on(rule, "baitiao")
    next_day = date.fromisoformat(first["statement_on"]) + timedelta(days=1)
    await town.advance(f"{next_day}T04:00:00Z")

    shown = await consumer.got(path)
    assert (shown["still_to_pay_minor"], shown["carried_max_minor"]) == (30_000, 270_000)
    due_on, statement_on = date.fromisoformat(shown["due_on"]), date.fromisoformat(shown["next_statement_on"])
    days = (statement_on - due_on).days - 1
    assert shown["interest_minor"] == 270_000 * 500 * days // 10**6
    assert shown["cost_sheet"]["annual_rate_simple"].startswith("0.1825")
    assert shown["is_agreed"] is False
    assert (await stranger.get(path)).status_code == 404
    ack = {
        "digest": shown["cost_sheet"]["digest"],
        "shown_at": datetime.fromisoformat("2026-09-01T00:00:00+00:00").isoformat(),
        "confirmed_at": datetime.fromisoformat("2026-09-01T00:01:00+00:00").isoformat(),
    }
    assert await refused(town, consumer, path, {}) == (409, "cost_sheet_not_acknowledged")
    assert await refused(town, town.operator, path, {"cost_sheet": ack}) == (403, "role_not_allowed")
    undoing = f"{path}/reversal"
    assert await refused(town, consumer, undoing, {"reason": "x"}) == (404, "minimum_payment_not_agreed")
    agreed = await consumer.made(path, {"cost_sheet": ack})
    assert agreed["still_to_pay_minor"] == 30_000
    assert (await consumer.got(path))["is_agreed"] is True
    assert await refused(town, consumer, path, {"cost_sheet": ack}) == (409, "minimum_payment_agreed")
    line = (await consumer.got("/v1/line"))["id"]
    [listed] = (await consumer.got(f"/v1/lines/{line}/adjustments"))["data"]
    assert (listed["kind"], listed["id"], listed["is_undone"]) == ("minimum_payment", agreed["repayment"], False)

    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 30_000})
    await town.advance(f"{due_on + timedelta(days=4)}T04:00:00Z")
    carried = await consumer.got(f"/v1/loans/{agreed['loan']}")
    assert (carried["loan"]["plan"], carried["loan"]["principal_minor"]) == ("revolving", 270_000)
    assert carried["loan"]["interest_minor"] == 3 * 135
    told = await consumer.got(f"/v1/loans/{agreed['loan']}/explanation")
    assert told["total_minor"] == 270_000 + 405
    assert await refused(town, consumer, undoing, {"reason": "late"}) == (409, "minimum_payment_window_closed")
    undone = await town.operator.made(undoing, {"reason": "agreed by mistake"})
    assert undone["open_minor"] == 270_000 + 3 * 135, "overdue since, at the same rate a day"
    await town.assert_sound()


async def test_autopay_takes_the_minimum_where_only_that_is_to_be_paid(town: Any) -> None:
    for rule in RULES:
        await town.switched_on(rule, "baitiao")
    consumer, customer = await town.customer()
    body = {"account_no": "6222020000000001", "is_autopay_agreed": True}
    await consumer.made("/v1/funding_sources", body)
    await town.bought(consumer, customer, 300_000)
    [loan] = (await consumer.got("/v1/loans"))["data"]
    first = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"][0]
    await town.advance(f"{first['statement_on']}T04:00:00Z")
    [bill] = (await consumer.got("/v1/bills"))["data"]
    path = f"/v1/bills/{bill['id']}/minimum_payment"
    digest = (await consumer.got(path))["cost_sheet"]["digest"]
    ack = {"digest": digest, "shown_at": "2026-09-01T00:00:00Z", "confirmed_at": "2026-09-01T00:01:00Z"}
    agreed = await consumer.made(path, {"cost_sheet": ack})
    await town.advance(f"{date.fromisoformat(first['due_on']) + timedelta(days=1)}T04:00:00Z")
    paid = (await consumer.got("/v1/repayments"))["data"]
    assert sorted(each["amount_minor"] for each in paid) == [30_000, 270_000]
    assert (await consumer.got(f"/v1/loans/{agreed['loan']}"))["loan"]["principal_minor"] == 270_000
    await town.assert_sound()

"""What a merchant is owed, when, the file of a settlement, and being paid on demand, over HTTP."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import base64
import csv
import hashlib
from decimal import Decimal
from io import StringIO
from typing import Any

from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule
from tiao.values.ids import read_id

SOLD_ON = "2026-09-01"


async def agree(town: Any, schedule: Schedule, rate: str, days: int) -> None:
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        new = NewTerms(schedule, Decimal(rate), days)
        merchant = read_id("mer", town.merchant_id)
        await settling.agree_terms(tx, now, merchant, new, from_on=now.today, people=People("one", "another"))


async def test_what_is_owed_adds_up_from_the_sale_to_the_bank(town: Any) -> None:
    await agree(town, Schedule.DAILY, "0.1", 30)
    client, customer = await town.customer()
    await town.bought(client, customer, 100_000)
    owed = await town.merchant.got("/v1/receivables")
    assert [(each["kind"], each["amount_minor"], each["expected_on"]) for each in owed["data"]] == [
        ("accrued", 99_400, "2026-09-02")
    ]
    await town.advance("2026-09-01T17:00:00Z")
    owed = await town.merchant.got("/v1/receivables")
    assert {(each["kind"], each["amount_minor"], each["expected_on"]) for each in owed["data"]} == {
        ("on_its_way", 89_400, "2026-09-02"),
        ("reserve", 10_000, "2026-10-01"),
    }
    balance = await town.merchant.got("/v1/balance")
    assert (balance["balance_minor"], balance["reserve_minor"], balance["in_transit_minor"]) == (0, 10_000, 89_400)
    assert owed["total_minor"] == 99_400
    await town.advance("2026-09-03T02:00:00Z")
    assert (await town.merchant.got("/v1/receivables"))["total_minor"] == 10_000
    types = [each["type"] for each in (await town.merchant.got("/v1/events"))["data"]]
    assert types == ["purchase.captured", "settlement.created", "settlement.paid"]
    await town.assert_sound()


async def test_the_file_agrees_with_the_page_on_one_server(town: Any) -> None:
    client, customer = await town.customer()
    await _file_agrees(town, client, customer)


async def test_the_file_holds_what_every_server_booked(town_on_two: Any) -> None:
    client, customer = await town_on_two.customer()
    await _file_agrees(town_on_two, client, customer)


async def _file_agrees(town: Any, client: Any, customer: str) -> None:
    bought = await town.bought(client, customer, 50_000)
    refund = {"amount_minor": 5_000, "reference": "=1+1"}
    await town.merchant.made(f"/v1/purchases/{bought['id']}/refunds", refund)
    await town.advance("2026-09-02T02:00:00Z")
    shown = (await town.merchant.got(f"/v1/settlements/{SOLD_ON}"))["settlement"]
    answer = await town.merchant.get(f"/v1/settlements/{SOLD_ON}/file")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] == f"sha-256=:{digest}:"
    assert (await town.merchant.get(f"/v1/settlements/{SOLD_ON}/file")).content == answer.content
    rows = list(csv.DictReader(StringIO(answer.text)))
    by_line = {row["line"]: row for row in rows}
    assert by_line["purchase_captured"]["purchase"] == bought["id"]
    assert by_line["purchase_captured"]["reference"] == "order 1"
    assert by_line["refund_given"]["reference"] == "'=1+1", "no formula reaches a spreadsheet"
    assert int(by_line["net"]["amount_minor"]) == shown["net_minor"] == 44_700
    assert int(by_line["paid"]["amount_minor"]) == shown["paid_minor"] == 44_700
    lines = (await town.merchant.got(f"/v1/settlements/{SOLD_ON}/lines"))["data"]
    assert sum(each["amount_minor"] for each in lines) == 44_700
    await town.assert_sound()


async def test_what_was_refunded_or_is_disputed_since_is_not_paid_on_demand(town: Any) -> None:
    """A merchant about to vanish gives back what it sold, or is disputed, and is not paid for it in the same hour."""
    await agree(town, Schedule.ON_DEMAND, "0", 0)
    client, customer = await town.customer()
    bought = [await town.bought(client, customer, 20_000) for _ in range(2)]
    await town.advance("2026-09-02T02:00:00Z")
    carried = (await town.merchant.got("/v1/balance"))["available_minor"]
    assert carried == 39_760
    refund = {"amount_minor": 20_000, "reference": "all of it"}
    await town.merchant.made(f"/v1/purchases/{bought[0]['id']}/refunds", refund)
    claim = {"amount_minor": 5_000, "reason": "not_received", "text": "nothing came"}
    await client.made(f"/v1/purchases/{bought[1]['id']}/disputes", claim)
    assert (await town.merchant.got("/v1/balance"))["available_minor"] == carried - 25_000
    refused = await town.merchant.post("/v1/withdrawals", {"amount_minor": carried - 24_999})
    assert refused.json()["code"] == "withdrawal_exceeds_balance"
    made = await town.merchant.made("/v1/withdrawals", {})
    assert made["amount_minor"] == carried - 25_000
    await town.advance("2026-09-03T02:00:00Z")
    assert (await town.merchant.got("/v1/settlements/2026-09-02"))["settlement"]["net_minor"] == 0
    await town.assert_sound()


async def test_a_merchant_on_demand_is_paid_when_it_asks_and_once(town: Any) -> None:
    await agree(town, Schedule.ON_DEMAND, "0", 0)
    client, customer = await town.customer()
    await town.bought(client, customer, 50_000)
    refused = await town.merchant.post("/v1/withdrawals", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawal_exceeds_balance")
    await town.advance("2026-09-02T02:00:00Z")
    assert (await town.merchant.got("/v1/balance"))["available_minor"] == 49_700
    made = (await town.merchant.post("/v1/withdrawals", {"amount_minor": 20_000}, key="one")).json()
    again = (await town.merchant.post("/v1/withdrawals", {"amount_minor": 20_000}, key="one")).json()
    assert made == again
    assert (await town.merchant.got("/v1/balance"))["available_minor"] == 29_700
    await town.advance("2026-09-03T02:00:00Z")
    found = await town.merchant.got(f"/v1/withdrawals/{made['id']}")
    assert [(each["state"], each["amount_minor"]) for each in found["payouts"]] == [("succeeded", 20_000)]
    assert [each["id"] for each in (await town.merchant.got("/v1/withdrawals"))["data"]] == [made["id"]]
    assert "withdrawal.paid" in [each["type"] for each in (await town.merchant.got("/v1/events"))["data"]]
    await town.assert_sound()

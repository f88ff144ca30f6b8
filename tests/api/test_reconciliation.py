"""A channel's file leaves tickets; one operator proposes how each ends, another agrees, and the books follow."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tiao.payments.files.model import FileRow
from tiao.payments.files.plain import PlainFile, write_plain
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.reconciling.model import DayFile
from tiao.payments.routing.tables import shipped_channels
from tiao.servicing.repaying import book_debits

pytestmark = pytest.mark.anyio


async def long_of(town: Any, amount_minor: int) -> dict[str, Any]:
    """Let yesterday's file have a payment that nobody asked for."""
    text = write_plain([FileRow("f" * 32, "C1", "debit", amount_minor, 0)])
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        file = DayFile(shipped_channels()[0], now.today - timedelta(days=1), PlainFile(io.BytesIO(text)))
        zone = ZoneInfo("Asia/Shanghai")
        await reconciling.reconcile(tx, now, file, currency="CNY", zone=zone, on_succeeded=book_debits)
    [found] = (await town.operator.got("/v1/channel_differences"))["data"]
    return dict(found)


async def test_two_people_end_a_difference_and_one_cannot(town: Any) -> None:
    found = await long_of(town, 6_000)
    assert (found["kind"], found["ours_minor"], found["theirs_minor"]) == ("long", None, 6_000)
    path = f"/v1/channel_differences/{found['id']}"
    refused = await town.operator.post(f"{path}/approval", None)
    assert refused.json()["code"] == "nothing_proposed"
    asked = {"ending": "suspend", "note": "the bank looks into it"}
    assert (await town.operator.made(f"{path}/proposal", asked))["proposed"] == "suspend"
    assert (await town.operator.post(f"{path}/approval", None)).json()["code"] == "maker_is_checker"
    assert (await town.operator.made(f"{path}/withdrawal", None))["proposed"] is None
    refused = await town.operator.post(f"{path}/proposal", {"ending": "accept", "note": "no"})
    assert refused.json()["code"] == "ending_not_allowed"
    [day] = (await town.operator.got("/v1/channel_days"))["data"]
    assert (day["rows"], day["matched"], day["different"], day["state"]) == (1, 0, 1, "reconciled")
    assert await town.operator.got("/v1/payment_alarms") == {
        "files_late": 0, "files_at_fault": 0, "unknown_late": 0, "differences_late": 0, "suspended_minor": 0,
    }  # fmt: skip
    assert (await town.operator.got(path))["state"] == "open"
    assert (await town.merchant.get("/v1/channel_differences")).json()["code"] == "role_not_allowed"


async def test_a_repayments_attempts_say_why_each_took_its_channel(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    made = await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 30_000})
    [attempt] = (await town.operator.got(f"/v1/repayments/{made['repayment']['id']}/attempts"))["data"]
    assert (attempt["channel"], attempt["state"], attempt["route"]["because"]) == ("bank", "succeeded", "only")
    assert {each["channel"] for each in attempt["route"]["excluded"]} == {"unionpay", "nucc", "host", "giro"}
    assert attempt["route"]["shadows"] == {"cheapest": "bank", "surest": "bank"}
    assert (await consumer.get(f"/v1/repayments/{made['repayment']['id']}/attempts")).status_code == 403

"""What is told before something is done is what is then done, to the fen; how long a sheet is read, our clock says."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from support.cashier import Payer
from support.reading import confirmed

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}


async def test_a_calculation_is_what_a_quote_then_says(town: Any) -> None:
    consumer, customer = await town.customer()
    for amount in (9_999, 120_000, 123_457):
        asked = {"customer": customer, "amount_minor": amount, "currency": "CNY"}
        quoted = (await town.merchant.made("/v1/quotes", asked))["offers"]
        told = await consumer.got("/v1/calculations", amount_minor=amount)
        assert [each["offer"] for each in told["plans"]] == quoted
        for plan in told["plans"]:
            assert len(plan["savings"]) == plan["offer"]["terms"] - 1
            for saving in plan["savings"]:
                left = plan["offer"]["instalments"][saving["after"] :]
                assert saving["settles_minor"] + saving["saves_minor"] == sum(part["total_minor"] for part in left)


async def test_settling_early_saves_what_was_said(town: Any) -> None:
    consumer, customer = await town.customer()
    told = await consumer.got("/v1/calculations", amount_minor=120_000)
    plan = next(each for each in told["plans"] if each["offer"]["plan"] == "instalments_6")
    await town.bought(consumer, customer, 120_000, "instalments_6")
    [loan] = (await consumer.got("/v1/loans"))["data"]
    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    await town.advance(f"{plan['offer']['instalments'][0]['due_on']}T04:00:00+08:00")
    first = plan["offer"]["instalments"][0]["total_minor"]
    await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": first})
    payoff = await consumer.got(f"/v1/loans/{loan['id']}/payoff")
    saving = plan["savings"][0]
    assert (payoff["total_minor"], payoff["fee_falling_minor"]) == (saving["settles_minor"], saving["saves_minor"])


@pytest.mark.parametrize("amount", [1, 5_000, 20_000, 33_334, 60_000])
async def test_a_repayment_goes_where_its_preview_said(town: Any, amount: int) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    await town.bought(consumer, customer, 60_000, "instalments_3")
    source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    await town.advance("2026-11-20T04:00:00+08:00")
    told = await consumer.got("/v1/repayment_preview", amount_minor=amount)
    paid = await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": amount})
    names = ("loan", "number", "principal_minor", "fee_minor", "interest_minor", "penalty_minor")
    went = [tuple(part[name] for name in names) for part in paid["parts"]]
    said = [tuple(part[name] for name in names) for part in told["parts"]]
    assert sorted(went) == sorted(said)
    over = await consumer.get("/v1/repayment_preview", amount_minor=told["owed_minor"] + 1)
    assert over.json()["code"] == "repayment_exceeds_owed"
    await town.assert_sound()


async def test_deferring_is_said_to_cost_nothing_and_costs_nothing(town: Any) -> None:
    consumer, customer = await town.customer()
    other, _ = await town.customer()
    await town.bought(consumer, customer, 30_000)
    [loan] = (await consumer.got("/v1/loans"))["data"]
    path = f"/v1/loans/{loan['id']}/instalments/1/deferral"
    assert (await consumer.get(path)).json()["code"] == "deferral_not_offered"
    await town.switched_on("deferral.max_days", "baitiao")
    [part] = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    await town.advance(f"{part['due_on']}T10:00:00+08:00")
    assert (await other.get(path)).json()["code"] == "loan_unknown"
    told = await consumer.got(path)
    assert (told["fee_minor"], told["days_max"], told["due_on"]) == (0, 7, part["due_on"])
    asked = {"days": 5, "reason": "工资晚到"}
    assert (await consumer.post(path, asked)).json()["code"] == "cost_sheet_not_acknowledged"
    sheet = (await consumer.got(path, days=5))["cost_sheet"]
    assert (sheet["principal_minor"], sheet["annual_rate_compound"]) == (told["open_minor"], "0.000000")
    assert [(item["kind"], item["total_minor"]) for item in sheet["items"]] == [("deferral_fee", 0)]
    another = {**asked, "cost_sheet": confirmed(told["cost_sheet"])}
    assert (await consumer.post(path, another)).json()["code"] == "cost_sheet_not_acknowledged", "that of seven days"
    hasty = {**asked, "cost_sheet": confirmed(sheet, hasty_seconds=1)}
    assert (await consumer.post(path, hasty)).json()["code"] == "reading_time_not_over"
    await consumer.made(path, {**asked, "cost_sheet": confirmed(sheet)})
    [after] = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    assert after["open_minor"] == told["open_minor"]
    assert (await consumer.got(path))["days_max"] == 2
    await town.assert_sound()


async def test_a_browser_is_measured_and_what_its_script_says_counts_for_nothing(town: Any) -> None:
    consumer, customer = await town.customer()
    tail = int((await consumer.got(f"/v1/customers/{customer}"))["phone"][-4:])
    browser = Payer(town)
    await browser.http.post("/wallet/code", json={"phone": f"138{tail:08}"}, headers=OURS)
    await browser.http.post("/wallet/session", json={"code": await browser.code()}, headers=OURS)
    sheet = (await consumer.got("/v1/pay_devices/agreement")) | {}
    long_ago = {"shown_at": "2020-01-01T00:00:00Z", "confirmed_at": "2026-01-01T00:00:00Z"}
    body = {"label": "手机", "cost_sheet": {"digest": sheet["digest"]} | long_ago}

    async def agree(key: str) -> Any:
        sent = await browser.http.post("/v1/pay_devices", json=body, headers=OURS | {"Idempotency-Key": key})
        return sent.json()

    assert (await agree("1"))["code"] == "cost_sheet_not_acknowledged", "this browser was never shown it"
    await browser.http.get("/v1/pay_devices/agreement")
    assert (await agree("2"))["code"] == "reading_time_not_over"
    async with town.db.begin() as tx:
        await tx.execute("update cost_sheet_view set shown_at = shown_at - interval '5 seconds'")
    assert (await agree("3"))["label"] == "手机"


async def test_a_customer_knows_a_merchant_by_its_name_and_nothing_else(town: Any) -> None:
    consumer, _ = await town.customer(with_line=False)
    assert (await consumer.got(f"/v1/merchants/{town.merchant_id}/name"))["name"] == "山脚书店"
    assert (await consumer.get(f"/v1/merchants/{town.merchant_id}")).status_code == 403

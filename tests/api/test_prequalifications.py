"""Prequalification: a yes is what a quote then gives, and nobody learns more than yes, likely or no."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

ASKED = {"amount_minor": 60_000, "currency": "CNY"}


async def asked(town: Any, **other: object) -> Any:
    return await town.merchant.made("/v1/prequalifications", ASKED | other)


@pytest.mark.parametrize("amount", [1_000, 60_000, 123_457])
@pytest.mark.parametrize("fee_payer", ["consumer", "merchant"])
async def test_terms_that_were_shown_are_terms_that_are_quoted(town: Any, amount: int, fee_payer: str) -> None:
    _, customer = await town.customer()
    shown = await asked(town, customer=customer, amount_minor=amount, fee_payer=fee_payer)
    assert shown["answer"] == "yes"
    quote = await town.merchant.made(
        "/v1/quotes", {"customer": customer, "amount_minor": amount, "currency": "CNY", "fee_payer": fee_payer}
    )
    placed = shown["placement"]
    offer = next(each for each in quote["offers"] if each["plan"] == placed["plan"])
    parts = [each["total_minor"] for each in offer["instalments"]]
    assert placed == {
        "plan": offer["plan"],
        "count": len(parts),
        "per_period_minor": max(parts),
        "first_minor": parts[0],
        "last_minor": parts[-1],
        "fee_minor": offer["fee_minor"] + offer["interest_minor"],
        "total_minor": offer["total_minor"],
        "annual_rate": offer["annual_rate"],
        "annual_rate_simple": offer["annual_rate_simple"],
        "fee_payer": fee_payer,
        "lender": "条科技",
    }
    nobody = await asked(town, amount_minor=amount, fee_payer=fee_payer)
    assert (nobody["answer"], nobody["placement"]) == ("likely", placed)


async def test_a_no_says_nothing_and_an_unknown_customer_is_like_one_without_a_line(town: Any) -> None:
    client, customer = await town.customer()
    limit = (await client.got("/v1/line"))["limit_minor"]
    too_much = await asked(town, customer=customer, amount_minor=limit + 1)
    assert (too_much["answer"], too_much["placement"]) == ("no", None)
    assert (await asked(town, customer=customer, amount_minor=limit))["answer"] == "yes"
    _, without = await town.customer(with_line=False)
    unknown = "cus_" + "0" * 31 + "7"
    answers = [await asked(town, customer=each) for each in (without, unknown)]
    assert answers[0] == answers[1]
    assert answers[0]["answer"] == "likely"


async def test_nobody_finds_a_limit_by_asking(town: Any) -> None:
    _, customer = await town.customer()
    for number in range(5):
        await asked(town, customer=customer, amount_minor=10_000 + number)
    for _ in range(3):
        await asked(town, customer=customer, amount_minor=10_000)
    more = await town.merchant.post("/v1/prequalifications", ASKED | {"customer": customer}, key=None)
    assert (more.status_code, more.json()["code"]) == (503, "too_many_prequalifications")
    await asked(town)
    await town.advance("2026-09-02T02:00:00Z")
    await asked(town, customer=customer)
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from prequalification") == 1, "yesterday's are forgotten"


async def test_asking_leaves_no_trace_of_a_decision(town: Any) -> None:
    _, customer = await town.customer()
    before = await town.state()
    await asked(town, customer=customer)
    assert await town.state() == before


async def test_a_stopped_merchant_and_an_amount_outside_the_scene_are_a_no(town: Any) -> None:
    _, customer = await town.customer()
    refused = await town.merchant.post("/v1/prequalifications", ASKED | {"currency": "USD"}, key=None)
    assert refused.json()["code"] == "currency_mismatch"
    body = {"name": "诊所", "category": "medical", "currency": "CNY", "discount_rate": "0.02", "payout_account": "62"}
    made = await town.operator.made("/v1/merchants", body)
    clinic = town.client(await town.issued("merchant", made["id"]))
    small = await clinic.made("/v1/prequalifications", ASKED | {"amount_minor": 5_000})
    assert small["answer"] == "no"
    shown = await clinic.made("/v1/prequalifications", ASKED)
    assert shown["placement"]["plan"] == "instalments_12", "the scene offers no longer plan"
    page = await town.http.get("/placement", params={"amount_minor": 60_000, "merchant": made["id"]})
    assert [each["plan"] for each in page.json()["plans"]][-1] == "instalments_12"
    await town.operator.made(f"/v1/merchants/{town.merchant_id}/suspension")
    assert (await asked(town, customer=customer))["answer"] == "no"

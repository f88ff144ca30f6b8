"""What needs two people about a merchant, and how much a merchant may ask."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from itertools import count
from typing import Any

import httpx
import pytest

from tiao.api.limiting import Limiter
from tiao.process import app_of


async def second_person(town: Any) -> Any:
    return await town.second_operator()


async def proposed(town: Any, **what: object) -> Any:
    path = f"/v1/merchants/{town.merchant_id}/proposals"
    return await town.operator.made(path, {"reason": "agreed by phone"} | what)


async def test_terms_count_once_another_person_has_agreed(town: Any) -> None:
    terms = {"schedule": "daily", "from_on": "2026-09-01", "reserve_rate": "0.1", "reserve_days": 30}
    made = await proposed(town, settlement_terms=terms)
    path = f"/v1/proposals/{made['id']}/agreement"
    own = await town.operator.post(path, {})
    assert (own.status_code, own.json()["code"]) == (403, "own_proposal")
    other = await second_person(town)
    agreed = await other.made(path, {})
    assert (agreed["state"], agreed["kind"]) == ("agreed", "settlement_terms")
    assert agreed["proposed_by"] != agreed["decided_by"]
    assert (await other.post(path, {})).json()["code"] == "proposal_decided"
    client, customer = await town.customer()
    await town.bought(client, customer, 10_000)
    await town.advance("2026-09-02T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-01"))["settlement"]
    assert settled["reserved_minor"] == 1_000
    await town.assert_sound()


async def test_an_adjustment_that_is_rejected_moves_nothing(town: Any) -> None:
    made = await proposed(town, adjustment_minor=-500)
    other = await second_person(town)
    await other.made(f"/v1/proposals/{made['id']}/rejection", {"note": "no"})
    assert (await town.merchant.got("/v1/balance"))["balance_minor"] == 0
    again = await proposed(town, adjustment_minor=-500)
    await other.made(f"/v1/proposals/{again['id']}/agreement", {})
    assert (await town.merchant.got("/v1/balance"))["balance_minor"] == -500
    listed = (await town.operator.got("/v1/proposals", merchant=town.merchant_id))["data"]
    assert {each["state"] for each in listed} == {"agreed", "rejected"}
    await town.assert_sound()


async def test_a_proposal_is_about_one_thing(town: Any) -> None:
    path = f"/v1/merchants/{town.merchant_id}/proposals"
    for what in ({}, {"adjustment_minor": 1, "discount_rate": "0.01"}, {"adjustment_minor": 0}):
        answer = await town.operator.post(path, {"reason": "why"} | what)
        assert answer.json()["code"] == "proposal_invalid"
    made = await proposed(
        town, settlement_terms={"schedule": "daily", "from_on": "2020-01-01", "reserve_rate": "0", "reserve_days": 0}
    )
    other = await second_person(town)
    late = await other.post(f"/v1/proposals/{made['id']}/agreement", {})
    assert late.json()["code"] == "settlement_terms_invalid"
    open_ones = (await town.operator.got("/v1/proposals", open="true"))["data"]
    assert [each["id"] for each in open_ones] == [made["id"]], "what could not be done is still to be decided"


async def test_a_merchant_that_asks_too_much_is_told_when_to_come_back(town: Any) -> None:
    limited = app_of(town.services._replace(limiter=Limiter(1, seconds=lambda: 0.0)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(limited), base_url="http://tiao") as http:
        merchant = type(town.merchant)(http, town.merchant.token, count(1))
        operator = type(town.merchant)(http, town.operator.token, count(1))
        answers = [await merchant.get("/v1/balance") for _ in range(3)]
        assert (await operator.get("/v1/proposals")).status_code == 200, "operators are not limited"
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["code"] == "too_many_requests"


@pytest.mark.parametrize("rate", ["0.1234567", "2", "-0.1", "1.0"])
async def test_a_rate_is_a_share_with_six_decimals(town: Any, rate: str) -> None:
    answer = await town.operator.post(
        f"/v1/merchants/{town.merchant_id}/proposals", {"reason": "why", "discount_rate": rate}
    )
    assert answer.status_code == 400

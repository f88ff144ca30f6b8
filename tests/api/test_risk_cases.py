"""Over the API: a suspended purchase is looked into by staff, both sides hear of it, and a customer may say: not me."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from support.screens import screen_of
from tiao.checkout.desk import Desk
from tiao.risk.outcomes import RiskOutcome
from tiao.sharding.steady import open_cases

pytestmark = pytest.mark.anyio


async def waiting(town: Any, amount_minor: int = 120_000) -> tuple[Any, Any]:
    """Buy something that is suspended; give the customer's client and the purchase."""
    client, customer = await town.customer()
    site = town.services.shards.sites[0]
    usual = site.platform.desk
    site.platform = site.platform._replace(
        desk=Desk(
            town.db,
            site.platform.moments,
            site.platform.book,
            screen=screen_of({"true": RiskOutcome.REVIEW}, site.platform.programme.zone),
        )
    )
    purchase = await town.bought(client, customer, amount_minor)
    await site.platform.desk.close()
    site.platform = site.platform._replace(desk=usual)
    await open_cases(site)
    return client, purchase


async def test_a_case_goes_from_the_queue_to_a_verdict_that_both_sides_hear_of(town: Any) -> None:
    client, purchase = await waiting(town)
    [row] = (await town.operator.got("/v1/risk_case_queue"))["data"]
    assert (row["subject"], row["open"], row["late"], row["loss_minor"]) == ("purchase", 1, 0, 24_000)
    [listed] = (await town.operator.got("/v1/risk_cases", subject="purchase"))["data"]
    assert listed["purchase"] == purchase["id"]
    path = f"/v1/risk_cases/{listed['id']}"
    verdict = {"releases": True, "reason": "the customer knows the order"}
    assert (await town.operator.post(f"{path}/verdicts", verdict)).json()["code"] == "case_not_claimed"
    claimed = await town.operator.made("/v1/risk_case_claims", {})
    assert claimed["case"]["id"] == listed["id"]
    assert (await town.operator.got("/v1/risk_cases", mine="true"))["data"][0]["id"] == listed["id"]
    noted = await town.operator.made(f"{path}/notes", {"text": "delivery slip", "sha256": "0f" * 32})
    assert (noted["kind"], noted["sha256"]) == ("evidence", "0f" * 32)
    done = await town.operator.made(f"{path}/verdicts", verdict)
    assert (done["case"]["state"], [each["kind"] for each in done["steps"]]) == (
        "released", ["opened", "claimed", "evidence", "release"],
    )  # fmt: skip
    assert (await client.got(f"/v1/purchases/{purchase['id']}"))["outcome"] == "authorised"
    assert {each["kind"] for each in (await client.got("/v1/messages"))["data"]} == {
        "purchase_in_review", "purchase_released",
    }  # fmt: skip
    assert [each["kind"] for each in (await town.merchant.got("/v1/messages"))["data"]] == ["order_released"]
    told = await town.operator.got(f"/v1/purchases/{purchase['id']}/labels")
    assert (told["is_fraud"], told["counts"]) == (False, "review")
    await town.assert_sound()


async def test_a_customer_who_did_not_pay_says_so_and_staff_may_correct_it(town: Any) -> None:
    client, customer = await town.customer()
    purchase = await town.bought(client, customer, 30_000)
    path = f"/v1/purchases/{purchase['id']}"
    told = await client.made(f"{path}/reports", {})
    assert (told["is_fraud"], told["counts"]) == (True, "customer")
    stranger, _ = await town.customer()
    assert (await stranger.post(f"{path}/reports", {})).json()["code"] == "payment_not_reportable"
    corrected = await town.operator.made(f"{path}/labels", {"source": "correction", "is_fraud": False})
    assert (corrected["is_fraud"], corrected["counts"], len(corrected["data"])) == (False, "correction", 2)
    [case] = (await town.operator.got("/v1/risk_cases", subject="customer"))["data"]
    assert (case["reasons"], case["customer"]) == (["not_me"], customer)
    await town.assert_sound()


async def test_staff_open_cases_for_others_and_each_once(town: Any) -> None:
    body = {"reason": "sells vouchers at midnight", "amount_minor": 0, "merchant": town.merchant_id}
    opened = await town.operator.made("/v1/risk_cases", body)
    assert (opened["case"]["subject"], opened["case"]["merchant"]) == ("merchant", town.merchant_id)
    assert (await town.operator.post("/v1/risk_cases", body)).json()["code"] == "risk_case_exists"
    nobody = {"reason": "whom", "amount_minor": 0}
    assert (await town.operator.post("/v1/risk_cases", nobody)).json()["code"] == "subject_missing"
    path = f"/v1/risk_cases/{opened['case']['id']}"
    assert (await town.operator.post(f"{path}/claim")).json()["code"] == "maker_is_checker"
    assert (await town.operator.post("/v1/risk_case_claims", {})).json()["code"] == "nothing_to_claim"
    other = await town.second_operator()
    second = (await other.got("/v1/session"))["subject"]
    taken = await other.made("/v1/risk_case_claims", {"subject": "merchant"})
    assert taken["case"]["claimed_by"] == second
    assert (await town.operator.post(f"{path}/let_go")).json()["code"] == "case_not_claimed"
    mine = {"operator": second}
    assert (await other.made(f"{path}/let_go"))["case"]["claimed_by"] is None
    assert (await town.operator.made(f"{path}/assignment", mine))["case"]["assigned_to"] == mine["operator"]

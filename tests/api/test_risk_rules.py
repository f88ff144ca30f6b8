"""Rules over the API: written, refused with their place, tried, tested, put to work by two, taken back in one step."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

RULE = {
    "code": "large",
    "title": "Large",
    "when": "amount >= 500 CNY",
    "then": "review",
    "level": "transaction",
    "cap_ppm": 500_000,
}
OTHER = {"code": "any", "title": "Any", "when": "amount > 0 CNY", "then": "step_up", "level": "transaction"}


def given(*rules: Any, **more: Any) -> Any:
    return {"rule_set": {"name": "ours", "rules": [*rules], **more}, "reason": "fraud of last week"}


async def second_person(town: Any) -> Any:
    return await town.second_operator()


async def test_what_is_wrong_with_a_rule_is_said_with_its_place(town: Any) -> None:
    refused = await town.operator.post("/v1/risk/rules", given(RULE | {"when": "amount >= 500 and"}))
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "rule_text_refused"
    assert problem["detail"] == "large: at 7: money cannot be compared with number"
    assert problem["errors"][0]["pointer"] == "/rules/0/when"
    twice = await town.operator.post("/v1/risk/rules", given(RULE, RULE))
    assert twice.json()["code"] == "rule_set_refused"
    passing = await town.operator.post("/v1/risk/rules", given(RULE, fallback={"above": "approve"}))
    assert passing.json()["errors"][0]["pointer"] == "/fallback/above"
    assert (await town.merchant.get("/v1/risk/rules")).status_code == 403


async def test_a_rule_goes_from_a_draft_to_work_and_back(town: Any) -> None:
    consumer, customer = await town.customer()
    small, large = [await town.bought(consumer, customer, amount) for amount in (10_000, 60_000)]
    assert [each["outcome"] for each in (small, large)] == ["authorised", "authorised"]

    version = (await town.operator.made("/v1/risk/rules", given(RULE, OTHER)))["version"]
    path = f"/v1/risk/rules/{version}"
    assert (await town.operator.got(path))["state"] == "draft"
    tested = await town.operator.got(f"{path}/backtest", days=7)
    assert (tested["decisions"], tested["before"], tested["after"]) == (2, {"approve": 2}, {"review": 1, "step_up": 1})
    by_code = {each["code"]: each for each in tested["rules"]}
    assert (by_code["large"]["hits"], by_code["large"]["amount_minor"], by_code["large"]["newly_stopped"]) == (
        1,
        60_000,
        1,
    )
    assert (by_code["any"]["overlap"], by_code["large"]["is_above_cap"]) == ({"large": 1}, False)
    assert tested["customers_newly_stopped"] == 1

    why = {"reason": "seen in shadow"}
    assert (await town.operator.post(f"{path}/activation", why)).json()["code"] == "nobody_in_shadow"
    await town.operator.made(f"{path}/shadow", why)
    seen = await town.bought(consumer, customer, 60_000)
    assert seen["outcome"] == "authorised"
    record = await town.operator.got(f"/v1/purchases/{seen['id']}/risk")
    assert (record["shadow_outcome"], record["shadow_hits"], record["hits"]) == ("review", ["large", "any"], [])
    assert record["is_same_again"]
    assert record["features"]["customer.seen"] == 2

    assert (await town.operator.post(f"{path}/activation", why)).json()["code"] == "maker_is_checker"
    activated = await (await second_person(town)).made(f"{path}/activation", why)
    assert activated["evidence"]["decisions"] == 3
    stopped = await town.bought(consumer, customer, 60_000)
    assert stopped["outcome"] == "in_review"
    record = await town.operator.got(f"/v1/purchases/{stopped['id']}/risk")
    assert (record["outcome"], record["reasons"]) == ("review", ["transaction:large", "transaction:any"])
    assert record["is_same_again"]

    await town.operator.made("/v1/risk/rules/rollback", {"reason": "too much"})
    assert (await town.bought(consumer, customer, 60_000))["outcome"] == "authorised"
    shown = await town.operator.got("/v1/risk/rules")
    assert [each["step"] for each in shown["steps"]] == ["drafted", "proposed", "promoted", "put_back"]
    assert (await town.operator.got(path))["state"] == "retired"
    assert (await town.operator.post("/v1/risk/rules/rollback", {"reason": "again"})).json()["code"] == (
        "nothing_to_go_back_to"
    )


async def test_what_rules_may_read_is_listed_with_its_kind(town: Any) -> None:
    shown = await town.operator.got("/v1/risk/terms")
    kinds = {each["name"]: each["kind"] for each in shown["terms"]}
    assert (kinds["amount"], kinds["customer.since"], kinds["device"]) == ("money", "duration", "entity")
    assert (kinds["customer_device.seen"], kinds["scene"]) == ("number", "category")
    assert (await town.operator.get("/v1/risk/rules/0123456789abcdef")).status_code == 404


async def test_a_condition_in_an_editor_is_told_its_cost_and_where_it_is_wrong(town: Any) -> None:
    asked = {"conditions": ["amount >= 500 CNY and hour < 6", "amount >= 500 and", ""]}
    said = await town.operator.made("/v1/risk/conditions", asked)
    good, wrong, empty = said["conditions"]
    assert (good["fault"], good["reads"], good["cost"]) == (None, ["amount", "hour"], said["cost"])
    assert wrong["fault"] == {"position": 7, "reason": "money cannot be compared with number"}
    assert (wrong["cost"], empty["fault"]["position"]) == (0, 0)
    assert 0 < said["cost"] < said["rule_cost_max"] < said["set_cost_max"]
    assert (await town.merchant.post("/v1/risk/conditions", asked)).status_code == 403

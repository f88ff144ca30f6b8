"""A shop's experiment over the API: who sees what, what visitors did, and what came of it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any


async def begun(town: Any) -> str:
    return str((await town.merchant.made("/v1/experiments", {"name": "autumn"}))["id"])


async def arm(town: Any, experiment: str, subject: str) -> str:
    return str((await town.merchant.got(f"/v1/experiments/{experiment}/arms/{subject}"))["arm"])


async def test_an_effect_that_is_there_is_found(town: Any) -> None:
    experiment = await begun(town)
    seen = []
    for number in range(200):
        is_shown = await arm(town, experiment, f"v{number}") == "shown"
        orders = int(number % 10 < (6 if is_shown else 2))
        seen.append({"subject": f"v{number}", "orders": orders, "value_minor": 10_000 * orders, "before_minor": number})
    path = f"/v1/experiments/{experiment}/observations"
    assert await town.merchant.made(path, {"data": seen}) == {"count": 200}
    await town.merchant.made(path, {"data": seen[:50]})
    result = await town.merchant.got(f"/v1/experiments/{experiment}/results")
    assert result["shown"] + result["hidden"] == 200
    conversion = next(each for each in result["compared"] if each["measure"] == "conversion")
    assert 0 < conversion["low"] < 0.4 < conversion["high"]
    assert not result["is_ratio_wrong"]


async def test_a_page_says_nothing_to_who_is_not_to_see_it(town: Any) -> None:
    experiment = await begun(town)
    for number in range(12):
        is_shown = await arm(town, experiment, f"v{number}") == "shown"
        asked = {"amount_minor": 120_000, "experiment": experiment, "subject": f"v{number}"}
        placed = (await town.http.get("/placement", params=asked)).json()
        assert (placed["words"]["en"] != "", placed["plans"] != []) == (is_shown, is_shown)


async def test_an_ended_experiment_takes_no_more_and_somebody_elses_is_unknown(town: Any) -> None:
    experiment = await begun(town)
    assert (await town.merchant.made(f"/v1/experiments/{experiment}/end"))["ended_at"] is not None
    told = {"data": [{"subject": "v1", "orders": 0, "value_minor": 0}]}
    refused = await town.merchant.post(f"/v1/experiments/{experiment}/observations", told)
    assert (refused.status_code, refused.json()["code"]) == (410, "experiment_ended")
    other = await town.operator.made("/v1/merchants", {
        "name": "别家", "category": "books", "currency": "CNY", "discount_rate": "0.006", "payout_account": "62229",
    })  # fmt: skip
    stranger = town.client(await town.issued("merchant", other["id"]))
    assert (await stranger.get(f"/v1/experiments/{experiment}/results")).json()["code"] == "experiment_unknown"

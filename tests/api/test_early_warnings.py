"""Operators turn early warning on, two of them; a customer sees what is made of the own line, and nobody else's."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import timedelta
from typing import Any

import pytest

from tiao.credit.warning import actions as warning
from tiao.credit.warning.model import LineMonth
from tiao.ledger import actions as ledger
from tiao.values.ids import read_id

pytestmark = pytest.mark.anyio


async def _score(town: Any, line: str) -> None:
    """Score a line as a close would, two months late on all it may use."""
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        stand = await warning.standing(tx)
        found = await ledger.line(tx, read_id("lin", line))
        months = [
            LineMonth(found.id, found.customer_id, 100_000, 100_000, number, max(-2, 3 - number), 100_000, 0)
            for number in range(1, 7)
        ]
        assert await warning.watch(tx, now, stand, town.services.platform.engine.policy, months) == 1


async def test_the_switch_is_turned_by_two_people_and_ended_by_one(town: Any) -> None:
    assert (await town.operator.got("/v1/early_warning"))["mode"] == "off"
    too_soon = await town.operator.post("/v1/early_warning/on", {"reason": "now"})
    assert too_soon.json()["code"] == "warning_not_in_shadow"
    step = await town.operator.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    assert step["mode"] == "shadow"
    assert step["model_version"] == (await town.operator.got("/v1/early_warning"))["shipped"]
    alone = await town.operator.post("/v1/early_warning/on", {"reason": "mine"})
    assert alone.json()["code"] == "maker_is_checker"
    second = await town.second_operator()
    assert (await second.made("/v1/early_warning/on", {"reason": "it looks right"}))["mode"] == "on"
    assert (await town.operator.made("/v1/early_warning/off", {"reason": "complaints"}))["mode"] == "off"
    again = await town.operator.post("/v1/early_warning/off", {"reason": "complaints"})
    assert again.json()["code"] == "warning_already_off"
    unknown = await town.operator.post("/v1/early_warning/shadow", {"reason": "a try", "model_version": "0" * 16})
    assert unknown.json()["code"] == "model_unknown"
    told = await town.operator.got("/v1/early_warning")
    assert [each["mode"] for each in told["steps"]] == ["shadow", "on", "off"]


async def test_a_customer_sees_the_own_scores_with_words_and_staff_see_who_warns(town: Any) -> None:
    client, _ = await town.customer()
    other, _ = await town.customer(with_line=False)
    [made] = (await client.got("/v1/decisions"))["data"]
    line = made["line"]
    path = f"/v1/lines/{line}/behaviour"
    assert (await client.got(path))["scores"] == []
    await town.operator.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    await _score(town, line)
    found = await client.got(path)
    assert [each["acts"] for each in found["scores"]] == [False]
    assert "不影响您的额度" in found["text"]
    assert (await town.operator.got("/v1/early_warning/lines"))["data"] == []
    await (await town.second_operator()).made("/v1/early_warning/on", {"reason": "it looks right"})
    await town.operator.made("/v1/test_clock", {"advance_to": await _tomorrow(town)})
    await _score(town, line)
    found = await client.got(path)
    assert [each["acts"] for each in found["scores"]] == [True, False]
    assert found["scores"][0]["reasons"]
    assert "人工复核" in found["text"]
    [warned] = (await town.operator.got("/v1/early_warning/lines"))["data"]
    assert (warned["line"], warned["reasons"]) == (line, found["scores"][0]["reasons"])
    assert (await other.get(path)).status_code == 404


async def _tomorrow(town: Any) -> str:
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
    return (now.at + timedelta(days=1)).isoformat()

"""Operators put a model into shadow, one proposes and another promotes; drift is read over the API."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import msgspec
import pytest

from tiao.credit import engines
from tiao.credit.registry import store
from tiao.credit.scoring import Bundle
from tiao.credit.scoring.bundle import content_digest

pytestmark = pytest.mark.anyio


async def _kept(town: Any) -> str:
    """Bring a model in as the command does."""
    engine = town.services.platform.engine
    shipped = engine.scorer
    model = msgspec.structs.replace(shipped.model, metrics=shipped.model.metrics | {"note": 1})
    reasons = list(shipped.reasons.values())
    bundle = Bundle(msgspec.structs.replace(model, model_version=content_digest(model, reasons)), reasons)
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        await store.keep_model(tx, bundle.model.model_version, engines.content_of(bundle), now.at)
    return str(bundle.model.model_version)


async def assert_seen_in_shadow(town: Any, version: str) -> None:
    """It is the shipped model again: both sides say the same of the one application, and nothing is ripe."""
    shown = await town.operator.got("/v1/models/shadow")
    beside = shown["compared"]
    assert (beside["model_version"], beside["scored"]) == (version, 1)
    assert beside["shadow"] == beside["decided"]
    assert (beside["shadow"]["approved"], beside["only_shadow"], beside["only_decided"]) == (1, 0, 0)
    assert (beside["ripe"], beside["each_needed"]) == (0, 50)
    assert [(each["scored"], each["air_ppm"]) for each in beside["groups"]] == [(1, None)]
    assert (shown["blocked_by"], "50 of each are needed" in shown["why"]) == ("promotion_unproven", True)


async def test_a_model_is_proposed_seen_in_shadow_and_not_promoted_without_proof(town: Any) -> None:
    version = await _kept(town)
    answer = await town.operator.get("/v1/models/drift")
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_scored")
    nobody = await town.operator.get("/v1/models/shadow")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "nobody_in_shadow")
    step = await town.operator.made("/v1/models/proposal", {"model_version": version, "reason": "newer data"})
    assert (step["step"], step["model_version"]) == ("proposed", version)
    await town.customer()
    assert (await town.operator.got("/v1/models"))["in_shadow"] == version
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from credit_shadow") == 1
    await assert_seen_in_shadow(town, version)
    alone = await town.operator.post("/v1/models/promotion", {"reason": "mine"})
    assert alone.json()["code"] == "maker_is_checker"
    second = await town.second_operator()
    unproven = await second.post("/v1/models/promotion", {"reason": "ready"})
    assert unproven.json()["code"] == "promotion_unproven"
    drift = await town.operator.got("/v1/models/drift", days=30)
    assert (drift["rows"], drift["model_version"]) == (1, (await town.operator.got("/v1/models"))["deciding"])
    back = await town.operator.post("/v1/models/demotion", {"reason": "nothing there"})
    assert back.json()["code"] == "nothing_to_demote_to"
    ended = await second.made("/v1/models/withdrawal", {"reason": "enough seen"})
    assert ended["step"] == "withdrawn"


async def test_hints_are_told_to_whoever_the_decision_is_about(town: Any) -> None:
    client, _ = await town.customer()
    other, _ = await town.customer(with_line=False)
    [made] = (await client.got("/v1/decisions"))["data"]
    found = await client.got(f"/v1/decisions/{made['id']}/hints")
    assert found["language"] == "zh-CN"
    assert all(each["code"] and each["text"] for each in found["hints"])
    hidden = await other.get(f"/v1/decisions/{made['id']}/hints")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "decision_unknown")

"""A fraud model over the API: brought in, tried, watched for drift, promoted by two people, taken back in one step."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import polars as pl
import pytest

from support.risk_models import DELAY, trained_on_the_small_world
from tiao.learning.contract import table_of
from tiao.learning.schema import schema_of
from tiao.risk import actions as risk
from tiao.risk import exporting
from tiao.risk.labels import actions as labels
from tiao.risk.live import ENTITIES
from tiao.risk.model import Costs
from tiao.risk.training.train import Trained, train

pytestmark = pytest.mark.anyio
WHY = {"reason": "more is known by now"}
#: Payments of which the model may learn that dear ones are fraud.
PAYMENTS, DAYS = 3_000, 70


@cache
def trained() -> Trained:
    """Train on a file as an export writes it: what is far above the usual is mostly fraud."""
    chance = random.Random(4)
    rows: list[dict[str, Any]] = []
    for number in range(PAYMENTS):
        at = datetime(2025, 1, 1) + timedelta(days=DAYS * number / PAYMENTS)  # noqa: DTZ001  files hold naive instants
        fraud = chance.random() < 0.05
        named = {"customer": f"{chance.randrange(60):032x}", "merchant": f"{chance.randrange(20):032x}"}
        amount = chance.uniform(60_000, 90_000) if fraud and chance.random() < 0.9 else chance.uniform(2_000, 20_000)
        rows.append(
            {
                "id": f"{number:032x}",
                "at": at,
                **{name: named.get(name) for name in ENTITIES},
                "amount": round(amount),
                "known_at": at + timedelta(days=2),
                "fraud": int(fraud),
            }
        )
    shape = schema_of(exporting.schema_of_export("CNY"), kind="risk")
    table = table_of(pl.DataFrame(rows, infer_schema_length=None), shape, is_training=True)
    until = datetime.fromisoformat("2025-03-05T00:00:00+00:00")
    return train(shape, table, train_until=until, label_delay_us=DELAY, costs=Costs())


def given(made: Trained, **changed: Any) -> dict[str, Any]:
    model = msgspec.to_builtins(made.model) | changed
    return {"model": model, "reasons": msgspec.to_builtins(made.reasons), "reason": "trained on the last export"}


async def second_person(town: Any) -> Any:
    return await town.second_operator()


async def known(town: Any, purchase: str, *, is_fraud: bool) -> None:
    await town.operator.made(f"/v1/purchases/{purchase}/labels", {"source": "correction", "is_fraud": is_fraud})


async def assert_promoted_within(town: Any, second: Any, path: str, challenged_max_ppm: int) -> None:
    """A budget said at the promotion is kept with its evidence, shown with the model, and watched."""
    refused = await second.post(f"{path}/promotion", WHY | {"challenged_max_ppm": 1_000_001})
    assert refused.status_code == 400
    few = await second.post(f"{path}/promotion", WHY)
    assert few.json()["code"] == "model_unproven"
    assert "334 are needed" in few.json()["detail"]
    promoted = await second.made(f"{path}/promotion", WHY | {"challenged_max_ppm": challenged_max_ppm})
    assert (promoted["evidence"]["frauds"], promoted["evidence"]["known"]) == (32, 36)
    budget = (await town.operator.got(path))["budget"]
    assert (budget["challenged_max_ppm"], budget["genuine"], budget["is_of_promotion"]) == (challenged_max_ppm, 4, True)
    assert (await town.operator.got(f"{path}/drift", days=7))["challenged_max_ppm"] == challenged_max_ppm


async def test_what_cannot_serve_is_refused(town: Any) -> None:
    altered = await town.operator.post("/v1/risk/models", given(trained(), train_until="2026-01-01"))
    assert (altered.status_code, altered.json()["code"]) == (422, "bundle_unreadable")
    other = await town.operator.post("/v1/risk/models", given(trained_on_the_small_world()))
    assert (other.status_code, other.json()["code"]) == (422, "model_of_other_features")
    nothing = await town.operator.post("/v1/risk/models", given(trained()) | {"model": {}})
    assert nothing.json()["code"] == "bundle_unreadable"
    assert (await town.merchant.get("/v1/risk/models")).status_code == 403
    assert (await town.operator.get("/v1/risk/models/0123456789abcdef")).json()["code"] == "version_unknown"
    shown = await town.operator.got("/v1/risk/models")
    assert (shown["deciding"], shown["in_shadow"], shown["steps"]) == (None, None, [])


async def test_a_model_goes_from_the_shadow_to_work_and_back(town: Any) -> None:
    version = (await town.operator.made("/v1/risk/models", given(trained())))["model_version"]
    path = f"/v1/risk/models/{version}"
    card = await town.operator.got(path)
    assert (card["state"], card["trees"] > 0, "amount" in card["features"]) == ("draft", True, True)
    assert card["metrics"]["average_precision"] > 0.5
    assert (card["budget"]["challenged_max_ppm"], card["budget"]["is_of_promotion"]) == (15_000, False)
    assert card["budget"]["challenged_ppm"] <= 15_000
    assert (await town.operator.get(f"{path}/drift")).json()["code"] == "model_scored_nothing"
    await town.operator.made(f"{path}/shadow", WHY)
    assert (await town.operator.post(f"{path}/shadow", WHY)).json()["code"] == "challenger_in_shadow"

    people = [await town.customer() for _ in range(3)]
    for number in range(32):
        consumer, customer = people[number % 3]
        dear = await town.bought(consumer, customer, 70_000 + number)
        assert dear["outcome"] == "authorised", "in shadow it decides nothing"
        await known(town, dear["id"], is_fraud=True)
        if number % 8 == 0:
            cheap = await town.bought(consumer, customer, 5_000 + number)
            await known(town, cheap["id"], is_fraud=False)
    await labels.learn_due(town.db, town.services.platform.moments, risk.learn)
    record = await town.operator.got(f"/v1/purchases/{dear['id']}/risk")
    assert (record["score"], record["challenger_score"] > 0.3) == (None, True)

    drifted = await town.operator.got(f"{path}/drift", days=7)
    assert (drifted["decided"], drifted["known"], drifted["frauds"]) == (36, 36, 32)
    assert (drifted["level"], drifted["score"]["level"]) == ("stop", "stop"), "nearly all are dear, unlike in training"
    assert drifted["score"]["psi"] > 0.25
    assert drifted["alert_rate_ppm"] == 0
    assert drifted["average_precision"] > 0.9
    assert (drifted["challenged_ppm"], drifted["challenged_max_ppm"]) == (0, 15_000)
    assert sum(drifted["days"][0][name] for name in ("decided", "stopped")) == 36

    assert (await town.operator.post(f"{path}/promotion", WHY)).json()["code"] == "maker_is_checker"
    second = await second_person(town)
    await assert_promoted_within(town, second, path, 1_000_000)
    consumer, customer = people[0]
    stopped = await town.bought(consumer, customer, 80_000)
    assert stopped["outcome"] != "authorised"
    record = await town.operator.got(f"/v1/purchases/{stopped['id']}/risk")
    assert (record["versions"]["model"], record["is_same_again"]) == (version, True)
    assert (record["score"] > 0.3, record["challenger_score"]) == (True, None)

    await town.operator.made("/v1/risk/models/rollback", {"reason": "too many calls"})
    after = await town.bought(consumer, customer, 80_000)
    record = await town.operator.got(f"/v1/purchases/{after['id']}/risk")
    assert (record["versions"]["model"], record["score"]) == (None, None), "rules alone decide again"
    shown = await town.operator.got("/v1/risk/models")
    assert [each["step"] for each in shown["steps"]] == ["drafted", "proposed", "promoted", "put_back"]
    assert (shown["deciding"], shown["can_go_back"], shown["is_missing"]) == (None, False, False)
    assert (await town.operator.got(path))["state"] == "retired"
    again = await town.operator.post("/v1/risk/models/rollback", WHY)
    assert again.json()["code"] == "nothing_to_go_back_to"


async def test_too_little_known_is_no_proof(town: Any) -> None:
    version = (await town.operator.made("/v1/risk/models", given(trained())))["model_version"]
    second = await second_person(town)
    early = await second.post(f"/v1/risk/models/{version}/promotion", WHY)
    assert early.json()["code"] == "nobody_in_shadow"
    await town.operator.made(f"/v1/risk/models/{version}/shadow", WHY)
    refused = await second.post(f"/v1/risk/models/{version}/promotion", WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "model_unproven")
    withdrawn = await town.operator.made("/v1/risk/models/withdrawal", WHY)
    assert withdrawn["step"] == "withdrawn"

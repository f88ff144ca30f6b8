"""A model of the programme's own: exported, trained, tried in shadow, promoted by two, put back; it decides by cost."""

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import polars as pl
import pytest

from support.risk_models import DELAY
from support.spine import Spine
from tiao.casework.refusals import MakerIsChecker
from tiao.checkout.desk import Desk
from tiao.checkout.model import Context, Purchase
from tiao.checkout.screening import Screen
from tiao.learning.contract import table_of
from tiao.learning.schema import schema_of
from tiao.risk import actions as risk
from tiao.risk import exporting, replaying, rerunning
from tiao.risk.control import Control
from tiao.risk.deciding import on_no_list
from tiao.risk.live import ENTITIES, LIVE
from tiao.risk.model import Budget, Costs
from tiao.risk.models import Evidence, draft, evidence, friction_of, models, promoted_budget
from tiao.risk.records import NewOutcome
from tiao.risk.refusals import ModelOfOtherFeatures, ModelUnproven
from tiao.risk.scoring import Scorer
from tiao.risk.training.train import Trained, train
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Who
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio
SHAPE = schema_of(exporting.schema_of_export("CNY"), kind="risk")
ANNA, BERT = Who("opr_anna", "it ranks better"), Who("opr_bert", "so it does")
DAYS = 70


@cache
def of_export() -> Trained:
    """Train on a file as an export writes it: some merchants are robbed for a while."""
    chance = random.Random(5)
    rows: list[dict[str, Any]] = []
    for number in range(5_000):
        at = datetime(2025, 1, 1) + timedelta(days=DAYS * number / 5_000)  # noqa: DTZ001  files hold naive instants
        customer, merchant = chance.randrange(60), chance.randrange(30)
        fraud = merchant % 6 == (at.day // 8) and chance.random() < 0.8
        amount = chance.gauss(9_000, 5_000) * (4 if fraud and chance.random() < 0.6 else 1)
        named = {"customer": f"{customer:032x}", "merchant": f"{merchant:032x}"}
        rows.append(
            {
                "id": f"{number:032x}",
                "at": at,
                **{name: named.get(name) for name in ENTITIES},
                "amount": round(max(100.0, amount)),
                "known_at": at + timedelta(days=2),
                "fraud": int(fraud),
            }
        )
    table = table_of(pl.DataFrame(rows, infer_schema_length=None), SHAPE, is_training=True)
    until = datetime.fromisoformat("2025-03-05T00:00:00+00:00")
    return train(SHAPE, table, train_until=until, label_delay_us=DELAY, costs=Costs())


async def bought(spine: Spine, control: Control, amount_minor: int, bucket: int) -> Purchase:
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=Screen(control.setup, spine.book.zone))
    line = await spine.line(10_000_000, bucket=bucket)
    [answer] = await spine.desk.decide([spine.order(line, amount_minor)._replace(context=Context())])
    assert isinstance(answer, Purchase), answer
    return answer


async def assert_again(spine: Spine, purchase: Purchase, control: Control) -> None:
    async with spine.db.begin() as tx:
        found = await risk.decision_of(tx, purchase.id)
        assert (await rerunning.rerun(tx, found, control.catalogue)).differing == []


async def assert_exported(tx: Tx, now: Moment) -> None:
    """What was approved ripens to genuine after a while; what was stopped proves nothing."""
    week = timedelta(days=7)
    fresh = await exporting.exported(tx, until=now.at, genuine_after=week)
    assert [each["fraud"] for each in fresh] == [None] * 4, "of what is young nothing is known"
    ripe = await exporting.exported(tx, until=now.at + week, genuine_after=week)
    outcomes = {(await risk.decision_of(tx, UUID(each["id"]))).outcome: each["fraud"] for each in ripe}
    assert outcomes["approve"] == 0
    assert {fraud for outcome, fraud in outcomes.items() if outcome != "approve"} == {None}
    assert {each["known_at"] - each["at"] for each in ripe if each["fraud"] == 0} == {week}


async def test_a_model_goes_from_the_shadow_to_work_and_back(spine: Spine) -> None:
    trained = of_export()
    assert trained.model.definition == LIVE
    control = Control("CNY", on_no_list)
    version = trained.model.model_version

    async def step(who: Who, what: str) -> str:
        async with spine.db.begin() as tx:
            now: Moment = await spine.moments(tx)
            match what:
                case "draft":
                    await draft(tx, now, trained.model, trained.reasons, who)
                    taken = await models().propose(tx, now, version, who)
                case "promote":
                    taken = await models().promote(tx, now, version, who, evidence=b"{}")
                case _:
                    taken = await models().put_back(tx, now, who)
        await control.look(spine.db, spine.moments)
        return taken.step.value

    await step(ANNA, "draft")
    seen = await bought(spine, control, 200_000, 1)
    async with spine.db.begin() as tx:
        shadowed = await risk.decision_of(tx, seen.id)
    assert (seen.outcome, shadowed.score) == ("authorised", None)
    assert shadowed.challenger_score is not None
    assert shadowed.challenger_score > 0.2
    await assert_again(spine, seen, control)
    with pytest.raises(MakerIsChecker):
        await step(ANNA, "promote")
    assert await step(BERT, "promote") == "promoted"

    small, large = await bought(spine, control, 9_000, 2), await bought(spine, control, 200_000, 3)
    async with spine.db.begin() as tx:
        passed, stopped = await risk.decision_of(tx, small.id), await risk.decision_of(tx, large.id)
    assert passed.score is not None
    assert (stopped.outcome != "approve", stopped.challenger_score, bool(stopped.reasons)) == (True, None, True)
    for purchase in (small, large):
        await assert_again(spine, purchase, control)

    await step(ANNA, "back")
    assert (await bought(spine, control, 200_000, 4)).outcome == "authorised"
    async with spine.db.begin() as tx:
        assert await replaying.differing(tx) == []
        await assert_exported(tx, await spine.moments(tx))
        found = await risk.decisions_between(tx, seen.authorised_at, large.authorised_at + timedelta(seconds=1))
        with pytest.raises(ModelUnproven):
            evidence(trained.model, found, {each.purchase_id: False for each in found})
        await risk.learn(tx, await spine.moments(tx), [NewOutcome(seen.id, True, "review", seen.authorised_at)])
        assert await risk.truth_of(tx, [seen.id, large.id]) == {seen.id: True}
    await spine.assert_sound()


async def test_friction_said_at_the_promotion_is_part_of_each_decision(spine: Spine) -> None:
    """The model scores as it did; challenging the honest has become so dear that it lets pass what it stopped."""
    trained, control = of_export(), Control("CNY", on_no_list)
    version = trained.model.model_version
    dear = Budget(challenged_max=0.0, friction=1e6, challenged=0.0, by_cost=0.2, genuine=50)
    said = msgspec.json.encode(Evidence(50, 40, 30, 0.9, 0.9, 0.1, dear))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await draft(tx, now, trained.model, trained.reasons, ANNA)
        await models().propose(tx, now, version, ANNA)
        await models().promote(tx, now, version, BERT, evidence=said)
        taken = await models().steps(tx)
    assert (promoted_budget(taken, version), friction_of(taken, version)) == (dear, 1e6)
    assert friction_of(taken, "0" * 16) is None
    await control.look(spine.db, spine.moments)
    passed = await bought(spine, control, 200_000, 5)
    assert passed.outcome == "authorised"
    async with spine.db.begin() as tx:
        found = await risk.decision_of(tx, passed.id)
        again = await rerunning.rerun(tx, found, control.catalogue)
    assert found.score is not None
    assert found.score > 0.2
    assert (again.differing, again.versions.friction) == ([], 1e6)
    own = Scorer(trained.model)
    assert own.at(1e6).friction == 1e6
    assert (own.friction, own.promoted_friction) == (trained.model.friction, None)


async def test_a_model_of_other_features_is_not_brought_in(spine: Spine) -> None:
    from support.risk_models import trained_on_the_small_world  # noqa: PLC0415  trained only if this test runs

    other = trained_on_the_small_world()
    async with spine.db.begin() as tx:
        with pytest.raises(ModelOfOtherFeatures):
            await draft(tx, await spine.moments(tx), other.model, other.reasons, ANNA)

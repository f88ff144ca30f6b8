"""Which credit model decides is decided at home: every server scores in shadow, decides and steps back by it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import csv
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.consenting import application

from tiao.credit.registry import roles
from tiao.credit.scoring import Bundle, load_bundle
from tiao.credit.scoring.bundle import content_digest
from tiao.simulator.bureau import sample_rows
from tiao.values.ids import bucket_of, read_id

pytestmark = pytest.mark.anyio

DATA = Path(str(files("tiao.credit"))) / "data"
SHIPPED = load_bundle(DATA / "bundle")
ROWS = 1500


def other_than_shipped() -> Bundle:
    """A model of the same form and another version."""
    reasons = list(SHIPPED.reasons.values())
    model = msgspec.structs.replace(SHIPPED.model, metrics=SHIPPED.model.metrics | {"note": 1})
    return Bundle(msgspec.structs.replace(model, model_version=content_digest(model, reasons)), reasons)


OTHER = other_than_shipped()
VERSION = OTHER.model.model_version


def ripe() -> list[roles.Shadow]:
    """What it scored in shadow and what came of it: the public sample, whose outcomes are known."""
    with (DATA / "taiwan_sample.csv").open() as sample:
        bads = [row["default_payment_next_month"] == "1" for row in csv.DictReader(sample)]
    rows = list(zip(sample_rows(), bads, strict=True))[:ROWS]
    return [roles.Shadow(report.features(), 40, is_approved=True, is_bad=bad) for report, bad in rows]


async def decided_away(town: Any) -> tuple[Any, Any]:
    """Have somebody apply who lives on the other server and whom the bureau knows."""
    [_, away] = town.services.shards.sites
    while True:
        client, customer = await town.customer(with_line=False)
        if bucket_of(read_id("cus", customer)) < 128:
            continue
        made = (await client.made("/v1/applications", application()))["decision"]
        async with away.db.begin() as tx:
            probability = await tx.value(
                "select probability from credit_decision where id = %(id)s", id=read_id("dec", made["id"])
            )
        if probability is not None:
            return client, made


async def shadowed(site: Any) -> list[str]:
    async with site.db.begin() as tx:
        return await tx.column("select model_version from credit_shadow order by model_version")


async def is_run_again_the_same(town: Any, decision: Any) -> bool:
    return bool((await town.operator.got(f"/v1/decisions/{decision['id']}/rerun"))["is_equal"])


async def test_a_model_goes_into_shadow_to_work_and_back_on_every_server(town_on_two: Any) -> None:
    town = town_on_two
    [home, away] = town.services.shards.sites
    engine = home.platform.engine

    async with home.db.begin() as tx:
        now = await home.platform.moments(tx)
        await roles.propose_model(tx, now, engine, OTHER, actor="Ann", reason="trained on last year")
    await town.services.shards.spread()
    _, first = await decided_away(town)
    assert first["model_version"] == engine.model_version
    assert await shadowed(away) == [VERSION]

    async with home.db.begin() as tx:
        now = await home.platform.moments(tx)
        await roles.promote_model(tx, now, engine, VERSION, ripe(), actor="Bo", reason="six months in shadow")
    # Until the other server has looked, the model before decides there: it is known to have been right.
    assert (await decided_away(town))[1]["model_version"] == engine.model_version
    await town.services.shards.spread()
    client, second = await decided_away(town)
    assert second["model_version"] == VERSION
    assert await is_run_again_the_same(town, second)
    assert await is_run_again_the_same(town, first)

    async with home.db.begin() as tx:
        await roles.put_back(tx, await home.platform.moments(tx), actor="Cy", reason="too many complaints")
    await town.services.shards.spread()
    assert (await decided_away(town))[1]["model_version"] == engine.model_version
    # What the other model decided can still be told and computed there.
    assert await is_run_again_the_same(town, second)
    assert len((await client.got(f"/v1/decisions/{second['id']}"))["reasons"]) >= 3
    for site in (home, away):
        async with site.db.begin() as tx:
            steps = await roles.steps(tx)
        assert [each.version for each in steps][:2] == [VERSION, VERSION]
        assert steps[-1].version == engine.model_version
    await town.assert_sound()

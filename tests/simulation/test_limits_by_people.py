"""Limits decided by people in a world that lives: each kind comes up, holds while it should, and the books agree."""

from collections import Counter
from datetime import date
from uuid import UUID

import pytest

from support.simulated import opened
from tiao.credit import actions as credit
from tiao.credit.model import DecisionOutcome
from tiao.runtime.checks import examining, run_checks
from tiao.runtime.embedded import Embedded
from tiao.simulator.limiting import Limiting
from tiao.simulator.living import live_year
from tiao.simulator.watching import turn_warning_on
from tiao.simulator.world import make_world
from tiao.wiring import shipped_behaviour

pytestmark = pytest.mark.anyio

WORLD = make_world("limits", customers=18, opened_on=date(2025, 11, 1), with_mishaps=True, merchants=5)._replace(
    arrival_days=10
)
DAYS = 150


async def test_every_kind_of_limit_is_granted_and_ends_and_every_decision_can_be_run_again(server: Embedded) -> None:
    server.drop_database("limits")
    server.ensure_database("limits")
    outcomes: Counter[DecisionOutcome] = Counter()
    try:
        async with opened(server.url("limits"), WORLD) as (db, platform, near):
            await turn_warning_on(platform, shipped_behaviour())
            log = await live_year(platform, WORLD, DAYS, neighbours=near)
            async with examining(db) as tx:
                assert await run_checks(tx) == []
            async with db.snapshot() as tx:
                scored = await tx.value("select count(*) from credit_behaviour")
                ids: list[UUID] = await tx.column("select id from credit_decision")
                for each in ids:
                    again = await credit.rerun(tx, platform.engine, each)
                    assert again.is_equal, (each, again.differing)
                    outcomes[again.decision.outcome] += 1
    finally:
        server.drop_database("limits")
    came_up = {what for what in Limiting if log.totals[what]}
    assert came_up >= {Limiting.TEMPORARY, Limiting.EXCLUSIVE, Limiting.SCENE, Limiting.LOWERED, Limiting.FROZEN}
    assert log.totals["lines released by staff"]
    assert outcomes[DecisionOutcome.GRANTED]
    assert outcomes[DecisionOutcome.ENDED], "what was for a while is over"
    assert outcomes[DecisionOutcome.RAISED], "who paid on time has more"
    assert scored, "early warning looked at lines"

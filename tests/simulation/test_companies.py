"""Companies come to a world: one sells, one is refused, one waits; and what is paid before a service is kept."""

from datetime import date

import pytest

from support.simulated import opened
from tiao.partners.onboarding import actions as onboarding
from tiao.partners.onboarding.model import ApplicationState
from tiao.reports.reading import report
from tiao.runtime.checks import examining, run_checks
from tiao.runtime.embedded import Embedded
from tiao.simulator.living import live_year
from tiao.simulator.world import make_world

pytestmark = pytest.mark.anyio

WORLD = make_world("companies", customers=20, opened_on=date(2026, 3, 1), with_mishaps=False, merchants=12)._replace(
    arrival_days=3
)
DAYS = 40


async def test_a_world_has_a_merchant_that_applied_one_that_waits_and_money_kept_for_services(server: Embedded) -> None:
    server.drop_database("companies")
    server.ensure_database("companies")
    try:
        async with opened(server.url("companies"), WORLD) as (db, platform, near):
            log = await live_year(platform, WORLD, DAYS, neighbours=near)
            async with examining(db) as tx:
                assert await run_checks(tx) == []
                found = await report(tx)
            async with db.begin() as tx:
                states = [
                    (await onboarding.application(tx, each)).state
                    for each in await tx.column("select id from merchant_application order by opened_at")
                ]
                kept = await tx.value("select count(*) from prepaid_hold")
                moved = await tx.column(
                    "select distinct kind from ledger_posting where kind like 'prepaid%%' order by kind"
                )
    finally:
        server.drop_database("companies")
    assert states == [ApplicationState.ACTIVE, ApplicationState.REFUSED, ApplicationState.PROPOSED]
    assert [log.totals[f"companies {what}"] for what in ("admitted", "refused", "proposed")] == [1, 1, 1]
    assert [each.name for each in found.equations if each.difference_minor] == []
    assert kept > 0
    assert {"prepaid_held", "prepaid_released"} <= set(moved)

"""Frauds on a normal world: each is noticed, what is fed back stops more, and the books hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import pytest

from support.simulated import platform_of
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database
from tiao.simulator.attacks.model import Attack
from tiao.simulator.attacks.playing import QUIET_DAYS, Play
from tiao.simulator.attacks.scripts import Stage
from tiao.simulator.attacks.staging import set_stage
from tiao.simulator.platform import Platform, be_at
from tiao.simulator.programmes import open_programme

pytestmark = pytest.mark.anyio
OPENED = date(2026, 3, 1)


@asynccontextmanager
async def stage(database: Database) -> AsyncIterator[tuple[Platform, Stage, datetime]]:
    programme = await open_programme(database, name="attacked", currency="CNY", opened_on=OPENED, funding_minor=10**12)
    async with platform_of(database, "attacked") as (platform, _):
        starts_at = programme.day_starts_at(OPENED)
        made = await set_stage(platform, "attacked", starts_at, 260)
        # The quiet days are left out: what is tried here does not need habits.
        first_attack = starts_at + timedelta(days=1 + QUIET_DAYS)
        await be_at(platform, first_attack - timedelta(days=1))
        yield platform, made, first_attack - QUIET_DAYS * timedelta(days=1)


async def test_a_cash_out_and_a_ring_are_noticed_within_hours_and_the_books_hold(database: Database) -> None:
    async with stage(database) as (platform, made, opened):
        play = Play(platform, made, "attacked", [Attack.CASH_OUT, Attack.RING], learns=True)
        played = await play.live(opened, QUIET_DAYS + 2, lambda *_: None, skip=QUIET_DAYS)
        cash_out, ring = played.attacks
        assert cash_out.noticed_by is not None
        assert cash_out.noticed_by.startswith("merchant: ")
        assert ring.noticed_by == "graph: ring"
        for each in (cash_out, ring):
            assert each.minutes is not None
            assert each.minutes <= 240
            assert each.stopped > 0, "the second day meets people who have learned from the first"
        async with database.begin() as tx:
            assert await run_checks(tx) == []
    assert played.label_p95_seconds <= 600

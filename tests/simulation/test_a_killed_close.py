"""A close killed anywhere and resumed books what one run would have booked."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from support.simulated import fingerprint, opened, platform_of
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database, Tx
from tiao.runtime.embedded import Embedded
from tiao.servicing.close import Closer, Progress, close_day
from tiao.simulator.living import Life
from tiao.simulator.world import make_world
from tiao.values.calendar import BusinessCalendar, china_calendar

pytestmark = pytest.mark.anyio

WORLD = make_world("killed", customers=40, opened_on=date(2025, 11, 1), with_mishaps=True, merchants=8)
DAYS = 41
DAY = WORLD.opened_on + timedelta(days=DAYS - 1)
SRC = Path(__file__).parents[2] / "src"
WAIT_SECONDS = 60


STEPS = {
    "expire",
    "carry",
    "accrue",
    "bill",
    "age",
    "review",
    "settle",
    "roll_up",
    "suspect",
    "watch",
    "label",
    "prepaid",
}


class Killed(Exception):  # noqa: N818  what happens to a process, not an error of ours
    """Where a step ends that does not end."""


class BrokenCalendar(BusinessCalendar):
    """A calendar that fails when the settlement of a day asks it."""

    def next_workday(self, after: date) -> date:
        raise Killed(after)


@pytest.fixture(scope="module")
async def unclosed(server: Embedded) -> AsyncIterator[str]:
    """Live until the evening of a day whose close is still to come."""
    name = f"unclosed_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name)
    async with opened(server.url(name), WORLD) as (_, platform, near):
        life = Life(platform, WORLD, near)
        for place in range(DAYS):
            day = WORLD.opened_on + timedelta(days=place)
            await life.live_day(day, is_closed_after=day < DAY)
    yield name
    server.drop_database(name)


@pytest.fixture
def copy(server: Embedded, unclosed: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Copy that evening for one test."""
    name = f"{unclosed}_{abs(hash(request.node.name)) % 10**6}"
    server.drop_database(name)
    server.ensure_database(name, template=unclosed)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="module")
async def unkilled(server: Embedded, unclosed: str) -> str:
    """Close that day in one run, and tell what the ledger came to."""
    name = f"{unclosed}_once"
    server.drop_database(name)
    server.ensure_database(name, template=unclosed)
    digest = await finished(server.url(name))
    server.drop_database(name)
    return digest


async def finished(url: str) -> str:
    """Close the day, or finish closing it."""
    db = await Database.open(url)
    try:
        async with platform_of(db, WORLD.seed) as (platform, _):
            steps = await close_day(platform.servicer.closer, DAY)
            assert {step.step for step in steps} == STEPS
        async with db.snapshot() as tx:
            assert await run_checks(tx) == []
        return await fingerprint(db)
    finally:
        await db.close()


def in_expire(closer: Closer) -> Closer:
    calls = 0

    async def expire(tx: Tx, first: int, last: int, at: datetime) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Killed(first)
        return await closer.expire_holds(tx, first, last, at)

    return closer._replace(expire_holds=expire)


def in_settle(closer: Closer) -> Closer:
    known = china_calendar()
    return closer._replace(calendar=BrokenCalendar("CN", known.version, {}, is_makeup_worked=False))


def before(step: str):  # noqa: ANN201  a function over closers
    def told(progress: Progress) -> None:
        if progress.step == step:
            raise Killed(step)

    return lambda closer: closer._replace(on_progress=told)


@pytest.mark.parametrize(
    "broken",
    [
        in_expire,
        in_settle,
        before("carry"),
        before("accrue"),
        before("bill"),
        before("age"),
        before("roll_up"),
        before("closed"),
    ],
    ids=[
        "in expire",
        "in settle",
        "before carry",
        "before accrue",
        "before bill",
        "before age",
        "before roll up",
        "at the end",
    ],
)
async def test_a_close_that_broke_off_comes_to_the_same(copy: str, unkilled: str, broken) -> None:  # noqa: ANN001
    db = await Database.open(copy)
    async with platform_of(db, WORLD.seed) as (platform, _):
        with pytest.raises(Killed):
            await close_day(broken(platform.servicer.closer), DAY)
    await db.close()
    assert await finished(copy) == unkilled


async def test_whoever_watches_is_told_of_every_range_once(copy: str) -> None:
    told: list[Progress] = []
    db = await Database.open(copy)
    async with platform_of(db, WORLD.seed) as (platform, _):
        await close_day(platform.servicer.closer._replace(on_progress=told.append), DAY)
    await db.close()
    total = told[-1].total
    assert told[-1] == Progress(DAY, "closed", total, total)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert {each.done for each in told} == set(range(total + 1))
    assert total == steps_done(copy)


async def test_a_close_killed_with_signal_9_comes_to_the_same(copy: str, unkilled: str) -> None:
    assert await asyncio.to_thread(killed_in_its_settlement, copy) == -signal.SIGKILL
    done = steps_done(copy)
    resumed = await asyncio.to_thread(run_close, copy, DAY)
    assert resumed.returncode == 0, resumed.stderr
    assert "is closed" in resumed.stdout
    assert 0 < done < steps_done(copy), "it was killed in the middle"
    assert await finished(copy) == unkilled


def test_a_day_that_is_not_over_is_not_closed(copy: str) -> None:
    refused = run_close(copy, DAY + timedelta(days=1))
    assert (refused.returncode, "day_not_over" in refused.stderr) == (1, True), refused.stderr


def test_days_are_closed_in_turn(copy: str) -> None:
    with psycopg.connect(copy) as connection:
        connection.execute("update programme set now_at = now_at + interval '1 day'")
    refused = run_close(copy, DAY + timedelta(days=1))
    assert (refused.returncode, "day_out_of_turn" in refused.stderr) == (1, True), refused.stderr


def steps_done(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("select count(*) from close_step where business_date = %s", [DAY]).fetchone()
    assert found is not None
    return int(found[0])


def killed_in_its_settlement(url: str) -> int:
    """Start a close as an operator does, and kill it where it stands."""
    with psycopg.connect(url) as blocker:
        # The close stops at its settlement, in the middle, for as long as somebody else holds the table.
        blocker.execute("lock table settlement in access exclusive mode")
        killed = subprocess.Popen(
            command(DAY), env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _await_blocked(url)
        killed.send_signal(signal.SIGKILL)
        return killed.wait()


def run_close(url: str, day: date) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(day), env=environment(url), capture_output=True, text=True, check=False)


def command(day: date) -> list[str]:
    return [sys.executable, "-c", "from tiao.cli import main; main()", "close", day.isoformat()]


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "TIAO_DATABASE_URL": url, "PYTHONPATH": str(SRC)}


def _await_blocked(url: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as watcher:
        while watcher.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < deadline, "the close never came to its settlement"
            time.sleep(0.05)

"""What has to happen without being asked for: questions to the banks, and each day's close and morning.

Exactly one process does it on each server: the one that holds a lock of the database. When it dies, another one takes
over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import structlog

from tiao.payments import jobs
from tiao.runtime import overrides
from tiao.runtime.db import Database
from tiao.runtime.locks import DAILY_WORK, alone
from tiao.servicing import autopaying, days, repaying
from tiao.sharding import steady
from tiao.sharding.closing import have_closed
from tiao.sharding.shards import Shards, Site
from tiao.values.ids import BUCKETS

#: Payments without an answer are asked about this often; each says itself when it is due.
PAUSE_SECONDS = 5.0
#: Holds whose time has run out are let go of this often; a suspended purchase may wait for minutes only.
EXPIRE_EVERY = timedelta(minutes=1)

#: What else is to be done once a morning on each server: the edge forgets old answers, for sharding does not know them.
TidyUp = Callable[[Database, datetime], Awaitable[object]]


class DailyWork:
    """What was done of the present day; a part that is repeated does no harm."""

    def __init__(self, shards: Shards, number: int, tidy_up: TidyUp) -> None:
        self._shards = shards
        self._number = number
        self._tidy_up = tidy_up
        self._servicer = shards.sites[number].platform.servicer
        self._zone = shards.sites[0].platform.programme.zone
        self._closed_on: date | None = None
        self._expired_at: datetime | None = None
        self._morning_on: date | None = None
        self._collected: tuple[date, int] | None = None
        self._fetched: tuple[date, int] | None = None

    async def step(self) -> None:
        """Ask what is open; after midnight close the day that is over, and in the morning send what is due."""
        servicer = self._servicer
        await _apart(
            "resolve_debits",
            jobs.resolve_unknown(servicer.db, servicer.channels, servicer.moments, repaying.book_debits),
        )
        await _apart("resolve_payouts", jobs.resolve_payouts(servicer.db, servicer.channels, servicer.moments))
        async with servicer.db.begin() as tx:
            now = await servicer.moments(tx)
        if self._expired_at is None or now.at - self._expired_at >= EXPIRE_EVERY:
            await _apart("expire_holds", self._expire_holds(now.at))
            self._expired_at = now.at
        hour = now.at.astimezone(self._zone).hour
        if self._closed_on != now.today and (hour >= days.MORNING or await self._may_close(now.today)):
            await days.catch_up(servicer)
            self._closed_on = now.today
        if self._morning_on != now.today and hour >= days.MORNING:
            await days.morning(servicer)
            await _apart("tidy_up", self._tidy_up(servicer.db, now.at))
            self._morning_on, self._collected = now.today, (now.today, hour)
            self._fetched = (now.today, hour)
        elif hour in autopaying.hours() and hour > days.MORNING and self._collected != (now.today, hour):
            await _apart("collect", days.collect(servicer))
            self._collected = (now.today, hour)
        if hour >= days.MORNING and self._fetched != (now.today, hour):
            await _apart("fetch_files", days.fetch_files(servicer))
            self._fetched = (now.today, hour)

    async def _expire_holds(self, at: datetime) -> None:
        """Let go of what nobody confirmed or released in time, long before the day is closed."""
        async with self._servicer.db.begin() as tx:
            await self._servicer.closer.expire_holds(tx, 0, BUCKETS - 1, at)

    async def _may_close(self, today: date) -> bool:
        """Let the home close after the servers that can be reached, so that their parts are paid with its own."""
        return self._number > 0 or await have_closed(self._shards.others, today - timedelta(days=1))


async def _apart(part: str, work: Awaitable[object]) -> None:
    """Do one part of the work; if it fails it is logged and tried again, and the close and the morning go on."""
    try:
        await work
    except Exception:  # noqa: BLE001  whatever it is, the other parts must go on
        structlog.get_logger().exception("job", job=part)


@asynccontextmanager
async def working(urls: Sequence[str], shards: Shards, tidy_up: TidyUp) -> AsyncIterator[None]:
    """Do every server's daily work while the block runs; a programme on a test clock is moved by hand instead.

    Every process follows what is decided about the rules and does the steady work, on a test clock too.
    """
    tasks = [asyncio.create_task(_follow_rules(site)) for site in shards.sites]
    tasks += [task for site in shards.sites for task in steady.begin(site)]
    if not shards.sites[0].platform.programme.is_test_clock:
        tasks += [asyncio.create_task(_work(url, shards, number, tidy_up)) for number, url in enumerate(urls)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow_rules(site: Site) -> None:
    """Adopt what another process has decided about the rules; it counts from tomorrow at the earliest."""
    seen = -1
    while True:
        try:
            if site.is_up:
                async with site.db.begin() as tx:
                    mark = await overrides.mark_of(tx)
                if mark != seen:
                    await site.platform.adopt_rules()
                    seen = mark
        except Exception:  # noqa: BLE001  whatever it is, it is tried again
            structlog.get_logger().exception("job", job="rules")
        await asyncio.sleep(PAUSE_SECONDS)


async def _work(url: str, shards: Shards, number: int, tidy_up: TidyUp) -> None:
    log = structlog.get_logger()
    while True:
        try:
            if shards.sites[number].is_up:
                await _work_while_locked(url, shards, number, tidy_up)
        except Exception:
            log.exception("job", job="daily")
        await asyncio.sleep(PAUSE_SECONDS)


async def _work_while_locked(url: str, shards: Shards, number: int, tidy_up: TidyUp) -> None:
    """Hold the lock on a connection of its own, and work until that breaks."""
    own = await Database.open(url, pool_max=1)
    try:
        async with alone(own, DAILY_WORK) as connection:
            work = DailyWork(shards, number, tidy_up)
            while connection is not None:
                await connection.execute(b"select 1")  # the lock is ours as long as the connection lives
                await work.step()
                await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await own.close()

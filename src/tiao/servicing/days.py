"""Living through days: what is done each morning, and how a programme on a test clock moves through time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tiao.identity.cards import actions as cards
from tiao.payments import jobs
from tiao.payments.reconciling import jobs as reconciling
from tiao.payments.steering import actions as steering
from tiao.profile import actions as profile
from tiao.runtime.db import Database
from tiao.runtime.programme import ClockMovesForward, MomentSource, NotATestClock, Programme, move_clock, read_programme
from tiao.servicing import autopaying, repaying
from tiao.servicing.close import Closer, close_day
from tiao.values.ids import BUCKETS

#: The hour at which a day's debits and payouts are sent, in the programme's time zone.
MORNING = 8


class Servicer(NamedTuple):
    """What servicing works with."""

    closer: Closer
    channels: jobs.Channels
    autopay_offset_days: int
    #: Ends disputes whose merchant said nothing in time: the checkout's, given by the wiring, for siblings do not meet.
    lapse_disputes: Callable[[], Awaitable[int]] | None = None

    @property
    def db(self) -> Database:
        """The database."""
        return self.closer.db

    @property
    def moments(self) -> MomentSource:
        """The source of moments."""
        return self.closer.moments


class Morning(NamedTuple):
    """What a morning came to."""

    credit_used: int
    autopay: jobs.DebitRun
    payouts: jobs.PayoutRun


async def morning(servicer: Servicer) -> Morning:
    """Do what a day begins with: ask about what is open, hold channels' files, use credit balances, debit, pay out.

    Every part may be repeated; each debit and payout happens once a day at most. What fails of the parts that money
    does not wait for is raised at the end: one file or one dispute that nobody can deal with keeps no money back.
    """
    chooser = jobs.chooser_of(servicer.channels)
    if chooser is not None:
        async with servicer.db.begin() as tx:
            await steering.look(tx, chooser)
    await jobs.resolve_unknown(servicer.db, servicer.channels, servicer.moments, repaying.book_debits)
    faults = []
    for part in (fetch_files, _follow, _lapse):
        try:
            await part(servicer)
        except Exception as error:  # noqa: BLE001  it is raised once money has moved
            faults.append(error)
    async with servicer.db.begin() as tx:
        used = await repaying.use_credit_balances(tx, await servicer.moments(tx))
    debits = await autopaying.autopay(
        servicer.db, servicer.channels, servicer.moments, offset_days=servicer.autopay_offset_days
    )
    payouts = await jobs.run_payouts(servicer.db, servicer.channels, servicer.moments)
    if faults:
        raise faults[0] if len(faults) == 1 else ExceptionGroup("parts of the morning failed", faults)
    return Morning(used, debits, payouts)


async def collect(servicer: Servicer) -> jobs.DebitRun:
    """Debit the bills for which the present hour is one of the best; repeated within it, nobody is debited twice."""
    return await autopaying.autopay(
        servicer.db, servicer.channels, servicer.moments, offset_days=servicer.autopay_offset_days
    )


async def fetch_files(servicer: Servicer) -> reconciling.ReconcileRun:
    """Hold the files that channels owe against the books; what they settle is known before anything is debited.

    What has not come, or not right, is fetched again when this is repeated.
    """
    async with servicer.db.begin() as tx:
        programme = await read_programme(tx)
    owner = reconciling.Owner(programme.currency, programme.zone, programme.opened_on)
    return await reconciling.run_files(servicer.db, servicer.channels, servicer.moments, owner, repaying.book_debits)


async def _lapse(servicer: Servicer) -> None:
    """Decide what merchants have not answered in time."""
    if servicer.lapse_disputes is not None:
        await servicer.lapse_disputes()


async def _follow(servicer: Servicer) -> None:
    """Fold into the customers' features what was recorded since the morning before; forget unconfirmed cards."""
    for first in range(0, BUCKETS, servicer.closer.chunk):
        async with servicer.db.begin() as tx:
            programme, now = await read_programme(tx), await servicer.moments(tx)
            since = programme.day_starts_at(now.today - timedelta(days=1))
            await profile.follow(tx, now, first, first + servicer.closer.chunk - 1, since)
            await cards.forget_stale(tx, now, first, first + servicer.closer.chunk - 1)


async def catch_up(servicer: Servicer) -> list[date]:
    """Close every day that is over and not closed yet, in order. Answers the days it closed."""
    closed = []
    async with servicer.db.begin() as tx:
        programme = await read_programme(tx)
        today = (await servicer.moments(tx)).today
    day = programme.closed_through + timedelta(days=1)
    while day < today:
        await close_day(servicer.closer, day)
        closed.append(day)
        day += timedelta(days=1)
    return closed


Living = Callable[[date], Awaitable[None]]


async def _nothing(_: date) -> None:
    return


async def advance(servicer: Servicer, to: datetime, *, live: Living = _nothing) -> list[date]:
    """Move a test clock forward, living every day on the way: its morning, what *live* adds, its close.

    Answers the days that were closed. Refuses: NotATestClock, ClockMovesForward.
    """
    async with servicer.db.begin() as tx:
        programme = await read_programme(tx)
        if programme.now_at is None:
            raise NotATestClock
        if to < programme.now_at:
            raise ClockMovesForward(pointer="/advance_to", now=programme.now_at.isoformat())
    closed = await catch_up(servicer)
    while (next_morning := _next_morning(programme)) <= to:
        async with servicer.db.begin() as tx:
            await move_clock(tx, next_morning)
            programme = await read_programme(tx)
        closed += await catch_up(servicer)
        await morning(servicer)
        day = next_morning.astimezone(programme.zone).date()
        await live(day)
        await _collect_through(servicer, programme, day, to)
    async with servicer.db.begin() as tx:
        programme = await read_programme(tx)
        if programme.now_at is None or to > programme.now_at:
            await move_clock(tx, to)
    return closed + await catch_up(servicer)


async def _collect_through(servicer: Servicer, programme: Programme, day: date, to: datetime) -> None:
    """Live through the hours of a day at which bills may be debited again, as long as any is left to be."""
    for hour in autopaying.hours():
        at = programme.day_starts_at(day, hour)
        async with servicer.db.begin() as tx:
            now = await servicer.moments(tx)
            if not now.at < at <= to:
                continue
            if not await autopaying.is_anything_left(tx, now, offset_days=servicer.autopay_offset_days):
                return
            await move_clock(tx, at)
        await collect(servicer)


def _next_morning(programme: Programme) -> datetime:
    """Find the next instant at which a morning begins."""
    assert programme.now_at is not None, "only a test clock is moved"
    today = programme.now_at.astimezone(programme.zone).date()
    this = programme.day_starts_at(today, MORNING)
    return this if programme.now_at < this else programme.day_starts_at(today + timedelta(days=1), MORNING)

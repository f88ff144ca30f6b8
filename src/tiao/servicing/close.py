"""The close of a business day: set-based steps in chunks of buckets, each of which happens once.

A step and its mark are one transaction, so a close that is killed anywhere goes on where it stopped. It is driven by
the business date; nobody waits for it, since whatever touches a line brings that line up to date first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from tiao.credit import answering, engines, granting, reviewing
from tiao.credit.model import Engine
from tiao.credit.warning import actions as warning
from tiao.credit.warning.model import Mode
from tiao.ledger import actions as ledger
from tiao.lending import daily, months
from tiao.partners.scenes.rules import scenes_on, shipped_scenes
from tiao.payments import actions as payments
from tiao.payments import gathering
from tiao.payments.model import SettlementPart
from tiao.payments.prepaid import actions as prepaid
from tiao.runtime.db import Database, Tx
from tiao.runtime.placement import Shard
from tiao.runtime.programme import MomentSource, Programme, finish_day, read_programme
from tiao.runtime.queries import load_queries
from tiao.servicing import defaulting, suspecting
from tiao.servicing.refusals import DayNotOver, DayOutOfTurn
from tiao.values.calendar import BusinessCalendar
from tiao.values.ids import BUCKETS
from tiao.values.moment import Moment

QUERIES = load_queries("tiao.runtime")

#: Buckets in one transaction of the close: large enough to work in sets, small enough to commit often.
CHUNK = 64


class CloseStep(msgspec.Struct, frozen=True):
    """A finished step of a close."""

    step: str
    bucket_from: int
    bucket_to: int
    rows_changed: int
    finished_at: datetime


class Progress(NamedTuple):
    """How far a close has come, for whoever watches: the step it is at, and how many ranges of all steps are done.

    Told when a step begins and whenever a range of it is done, by this run or by one that was killed.
    """

    day: date
    step: str
    done: int
    total: int


class Closer(NamedTuple):
    """What a close works with."""

    db: Database
    moments: MomentSource
    engine: Engine
    calendar: BusinessCalendar
    payout_channel: str
    #: Lets go of holds whose time has run out: the checkout's, given by the wiring, for siblings do not meet.
    expire_holds: Callable[[Tx, int, int, datetime], Awaitable[int]]
    on_progress: Callable[[Progress], None] = lambda _: None
    chunk: int = CHUNK
    #: Which of several servers this is; None when there is one.
    shard: Shard | None = None
    #: At the home of several servers: reads what the others sent on its way through a day.
    read_parts: Callable[[date], Awaitable[Sequence[SettlementPart]]] | None = None
    #: How many ranges of buckets are under way at once.
    workers: int = 1


#: The steps in the order in which money depends on them; only the home of several servers gathers.
STEPS = (
    *("expire", "carry", "accrue", "bill", "age", "label", "watch", "review", "prepaid"),
    *("gather", "settle", "suspect", "roll_up"),
)
GATHERS = "gather"
#: Steps that are one transaction for all buckets.
_IS_WHOLE = frozenset({GATHERS, "settle", "suspect"})
#: Steps that take new ids.
_MAKES_IDS = ("review",)

Step = Callable[[Tx, Moment, int, int], Awaitable[int]]


async def close_day(closer: Closer, day: date) -> list[CloseStep]:
    """Close a business day, or finish closing it. A day that is closed stays as it is.

    Refuses: DayNotOver, DayOutOfTurn.
    """
    async with closer.db.begin() as tx:
        programme = await read_programme(tx)
        if day <= programme.closed_through:
            return await close_steps(tx, day)
        now = await closer.moments(tx)
        if day >= now.today:
            raise DayNotOver(f"{day} is not over: it is {now.today}", today=now.today.isoformat())
        if day != programme.closed_through + timedelta(days=1):
            next_day = programme.closed_through + timedelta(days=1)
            raise DayOutOfTurn(f"{next_day} is to be closed next", next=next_day.isoformat())
        await ledger.cut_off(tx, day)
    parts = [] if closer.read_parts is None else await closer.read_parts(day)
    steps = _steps(closer, programme, day, parts)
    watched = _Watched(closer, day, sum(len(chunks) for _, chunks, _ in steps))
    for name, chunks, step in steps:
        watched.tell(name)
        await _all(watched, name, chunks, step)
    async with closer.db.begin() as tx:
        await finish_day(tx, day)
        watched.tell("closed")
        return await close_steps(tx, day)


class _Watched:
    """A close under way, which tells whoever watches how far it has come."""

    def __init__(self, closer: Closer, day: date, total: int) -> None:
        self.closer = closer
        self.day = day
        self._total = total
        self._done = 0

    def tell(self, step: str, more: int = 0) -> None:
        """Tell what it is at, and that so many more ranges are done."""
        self._done += more
        self.closer.on_progress(Progress(self.day, step, self._done, self._total))


async def close_steps(tx: Tx, day: date) -> list[CloseStep]:
    """Read the finished steps of a close."""
    return await tx.rows(QUERIES.close_steps, CloseStep, day=day)


def _steps(  # noqa: C901  a small function for each step
    closer: Closer, programme: Programme, day: date, parts: Sequence[SettlementPart]
) -> list[tuple[str, Sequence[tuple[int, int]], Step]]:
    """List the steps in the order in which money depends on them."""
    chunks = [(first, first + closer.chunk - 1) for first in range(0, BUCKETS, closer.chunk)]
    whole = [(0, BUCKETS - 1)]
    ends_at = programme.day_starts_at(day + timedelta(days=1))

    async def expire(tx: Tx, _now: Moment, first: int, last: int) -> int:
        return await closer.expire_holds(tx, first, last, ends_at)

    async def carry(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await daily.carry(tx, now, first, last, day)

    async def accrue(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await daily.accrue(tx, first, last, day, now.at)

    async def bill(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await daily.bill(tx, first, last, day, now.at)

    async def age(tx: Tx, _now: Moment, first: int, last: int) -> int:
        return await daily.age(tx, first, last, day)

    async def label(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await defaulting.label_day(tx, now, first, last, day)

    async def watch(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await _watch(tx, Moment(ends_at, day, now.ids), closer.engine, first, last)

    async def review(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await _review(tx, now, closer.engine, first, last, day)

    async def prepay(tx: Tx, now: Moment, first: int, last: int) -> int:
        return await prepaid.keep_and_release(tx, now, first, last, day, scenes_on(shipped_scenes(), day))

    async def gather(tx: Tx, now: Moment, _first: int, _last: int) -> int:
        return await gathering.gather(tx, parts, day, recorded_at=now.at)

    async def settle(tx: Tx, now: Moment, _first: int, _last: int) -> int:
        return await _settle(tx, now, closer, day)

    async def suspect(tx: Tx, now: Moment, _first: int, _last: int) -> int:
        return await suspecting.look_at_day(
            tx,
            now,
            day,
            programme.day_starts_at(day),
            ends_at,
            currency=programme.currency,
            is_home=closer.shard is None or closer.shard.is_home,
        )

    async def roll_up(tx: Tx, _now: Moment, first: int, last: int) -> int:
        return await ledger.roll_up(tx, first_bucket=first, last_bucket=last, day=day)

    middle = (carry, accrue, bill, age, label, watch, review, prepay, gather, settle, suspect)
    does = dict(zip(STEPS, (expire, *middle, roll_up), strict=True))
    wanted = [name for name in STEPS if name != GATHERS or closer.read_parts is not None]
    return [(name, whole if name in _IS_WHOLE else chunks, does[name]) for name in wanted]


async def _settle(tx: Tx, now: Moment, closer: Closer, day: date) -> int:
    """Settle at home; elsewhere hand on what merchants are owed."""
    place = closer.shard
    if place is not None and not place.is_home:
        return await gathering.forward(tx, day, shard=place.number, bucket=place.buckets[0], recorded_at=now.at)
    return await payments.settle(tx, now, day, closer.calendar, closer.payout_channel)


async def _watch(tx: Tx, now: Moment, engine: Engine, first: int, last: int) -> int:
    """Score the lines whose statements came out, as of the end of their day, where the programme wants it."""
    stand = await warning.standing(tx)
    forgotten = await warning.forget(tx, first, last, on=now.today, stand=stand)
    if stand.mode is Mode.OFF:
        return forgotten
    seen = await months.line_months(tx, first, last, now.today)
    return forgotten + await warning.watch(tx, now, stand, engines.on(engine, now.today).policy, seen)


async def _review(tx: Tx, now: Moment, engine: Engine, first: int, last: int, day: date) -> int:
    due = dict(await daily.lines_to_review(tx, first, last, day))
    due |= await warning.lines_scored(tx, first, last, day)
    ended = await granting.end_sublimits(tx, now, first, last, day) + await answering.lapse(
        tx, now, first, last, now.at
    )
    changes = await reviewing.last_changes(tx, list(due.values())) if due else {}
    lines = [(line, changes[line].on if line in changes else date.min) for line in due]
    histories = [
        history._replace(is_after_cut=changes[history.line_id].is_cut) if history.line_id in changes else history
        for history in await daily.line_histories(tx, lines, day)
    ]
    decisions = await reviewing.review_limits(tx, now, engine, histories, on=day)
    return ended + len(decisions)


async def _all(watched: _Watched, name: str, chunks: Sequence[tuple[int, int]], step: Step) -> None:
    """Run a step over its ranges, several at once where it makes no ids: those come in turn, so that a seed repeats."""
    waiting = iter(chunks)

    async def work() -> None:
        for first, last in waiting:
            await _once(watched.closer, watched.day, name, first, last, step)
            watched.tell(name, 1)

    workers = 1 if name in _MAKES_IDS else watched.closer.workers
    ended = await asyncio.gather(*(work() for _ in range(workers)), return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error


async def _once(closer: Closer, day: date, name: str, first: int, last: int, step: Step) -> None:
    async def work(tx: Tx) -> None:
        now = await closer.moments(tx)
        claimed = await tx.value(QUERIES.begin_close_step, day=day, step=name, first=first, last=last, at=now.at)
        if claimed is None:
            return
        await tx.execute(QUERIES.plan_each_anew)
        rows = await step(tx, now, first, last)
        await tx.execute(QUERIES.end_close_step, day=day, step=name, first=first, rows=rows)

    await closer.db.retrying(work)

"""Bills debited automatically: on the agreed days and again at likely hours, as the mandate and the policy allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.ledger import actions as ledger
from tiao.lending import daily
from tiao.lending.records import DueLine
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.model import DebitPurpose, FundingSource, NewDebit
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource, read_programme
from tiao.servicing.repaying import book_debits
from tiao.servicing.timing import rules, store
from tiao.servicing.timing.model import Bill, CollectionTry, Past, Timings, Tried, Why
from tiao.values.ids import BUCKETS, bucket_of, derived_id
from tiao.values.moment import Moment

__all__ = ["autopay", "autopay_orders", "hours", "is_anything_left", "tries_of"]


class _Wanted(NamedTuple):
    """A bill that is to be debited now, from which account, and why."""

    line: DueLine
    source: FundingSource
    due_on: date
    why: Why


def hours() -> tuple[int, ...]:
    """Tell at which hours of the day bills may be debited."""
    timings = rules.shipped()
    return tuple(sorted(timings.policies[timings.live].hours))


async def autopay(
    db: Database,
    channels: jobs.Channels,
    moments: MomentSource,
    *,
    offset_days: int,
    timings: Timings | None = None,
) -> jobs.DebitRun:
    """Debit what is due where the customer agreed to it, if this hour is one of the best for it.

    The debit's id is derived from line, day and hour: a run that is repeated debits nobody twice.
    Source: policy `autopay.run_offset_days`, `autopay.opt_in`; timing/policies.yaml.
    """

    async def begin(tx: Tx) -> list[NewDebit]:
        now = await moments(tx)
        orders, tries = await _chosen(tx, now, offset_days=offset_days, timings=timings or rules.shipped())
        begun = await payments.begin_debits(tx, now, orders, jobs.chooser_of(channels))
        made = {each.order_id for each in begun.debits}
        await store.insert_tries(tx, [each for each in tries if each.order_id in made], now.at)
        return orders

    orders = await db.retrying(begin)
    return await jobs.run_debits(db, channels, moments, orders, book_debits)


async def autopay_orders(tx: Tx, now: Moment, *, offset_days: int, timings: Timings | None = None) -> list[NewDebit]:
    """List the automatic debits of this hour.

    The lines are locked and read again, so that what a customer is paying at this moment is not debited too. Where the
    mandate allows less than is due, that much is taken; the rest stays for another day.
    """
    return (await _chosen(tx, now, offset_days=offset_days, timings=timings or rules.shipped()))[0]


async def is_anything_left(tx: Tx, now: Moment, *, offset_days: int) -> bool:
    """Tell whether any line with an agreed account has something due that may be tried again today."""
    timings = rules.shipped()
    due_from, due_by = _window(now, offset_days, timings)
    lines = await daily.due_lines(tx, 0, BUCKETS - 1, due_from=due_from, due_by=due_by)
    return bool(lines) and bool(await payments.autopay_sources(tx, [each.customer_id for each in lines]))


async def tries_of(tx: Tx, line_id: UUID, limit: int) -> list[CollectionTry]:
    """Read a line's latest tries, each with its reason."""
    return await store.read_shown(tx, line_id, limit)


async def _chosen(
    tx: Tx, now: Moment, *, offset_days: int, timings: Timings
) -> tuple[list[NewDebit], list[CollectionTry]]:
    due_from, due_by = _window(now, offset_days, timings)
    seen = await daily.due_lines(tx, 0, BUCKETS - 1, due_from=due_from, due_by=due_by)
    sources = await payments.autopay_sources(tx, [line.customer_id for line in seen])
    agreed = [line for line in seen if line.customer_id in sources]
    if not agreed:
        return [], []
    await ledger.lock_lines(tx, [line.line_id for line in agreed])
    locked = {line.line_id for line in agreed}
    lines = await daily.due_lines(tx, 0, BUCKETS - 1, due_from=due_from, due_by=due_by)
    programme = await read_programme(tx)
    wanted = await _wanted(
        tx, now, [each for each in lines if each.line_id in locked], sources, programme.zone, timings, offset_days
    )
    left = await payments.left_today(tx, [each.source.id for each in wanted], programme.day_starts_at(now.today))
    partial = await payments.partial_allowed(tx, [each.source.id for each in wanted])
    timing = timings.policies[timings.live]
    orders, tries = [], []
    for line, source, due_on, why in wanted:
        asked = rules.asked_minor(timing, why, line.amount_minor) if source.id in partial else line.amount_minor
        amount = min(asked, left.get(source.id, asked))
        if amount <= 0:
            continue
        order = _order(line, source, amount, now, programme.zone)
        orders.append(order)
        tries.append(
            CollectionTry(
                bucket=bucket_of(line.line_id),
                order_id=order.debit_id,
                line_id=line.line_id,
                customer_id=line.customer_id,
                due_on=due_on,
                tried_at=now.at,
                due_minor=line.amount_minor,
                amount_minor=amount,
                why=why,
            )
        )
    return orders, tries


async def _wanted(
    tx: Tx,
    now: Moment,
    lines: Sequence[DueLine],
    sources: dict[UUID, FundingSource],
    zone: ZoneInfo,
    timings: Timings,
    offset_days: int,
) -> list[_Wanted]:
    """Choose the bills for which this hour is one of the best."""
    timing = timings.policies[timings.live]
    local = now.at.astimezone(zone)
    used = [sources[line.customer_id].id for line in lines]
    tried: dict[tuple[UUID, date], list[Tried]] = defaultdict(list)
    window = now.at - timedelta(days=timing.days_after_due + 7)
    for each in await store.read_tries(tx, [line.line_id for line in lines], window):
        outcome = Tried(each.tried_at.astimezone(zone), rules.ended(each.state, each.code))
        tried[each.line_id, each.due_on].append(outcome)
    past: dict[UUID, list[Past]] = defaultdict(list)
    for one in await store.read_outcomes(tx, used, now.at - rules.REMEMBERED):
        past[one.customer_id].append(Past(one.created_at.astimezone(zone), one.state == "succeeded"))
    found = []
    for line in lines:
        assert line.due_on is not None, "a line that is due says since when"
        bill = Bill(line.due_on, tuple(tried[line.line_id, line.due_on]), tuple(past[line.customer_id]))
        why = rules.decide(timings.live, timing, bill, local, offset_days=offset_days)
        if why is not None:
            found.append(_Wanted(line, sources[line.customer_id], line.due_on, why))
    return found


def _order(line: DueLine, source: FundingSource, amount_minor: int, now: Moment, zone: ZoneInfo) -> NewDebit:
    hour: datetime = now.at.astimezone(zone)
    return NewDebit(
        line_id=line.line_id,
        customer_id=line.customer_id,
        funding_source_id=source.id,
        amount_minor=amount_minor,
        currency=line.currency,
        purpose=DebitPurpose.AUTOPAY,
        debit_id=derived_id("autopay", line.line_id, f"{hour:%Y-%m-%dT%H}", bucket=bucket_of(line.line_id)),
    )


def _window(now: Moment, offset_days: int, timings: Timings) -> tuple[date, date]:
    """Tell from which due date to which bills are debited today."""
    after = timings.policies[timings.live].days_after_due
    return now.today - timedelta(days=after), now.today - timedelta(days=offset_days)

"""The phases joined: write down, commit, call the bank with no transaction open, record. Safe to run again anywhere."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar
from uuid import UUID

from tiao.payments import actions
from tiao.payments.actions import OnSucceeded
from tiao.payments.model import (
    Answer,
    BegunDebits,
    Contradiction,
    Debit,
    DebitResolved,
    DebitState,
    IgnoredAnswer,
    NewDebit,
    Payout,
    PayoutResolved,
    RecordedDebits,
    RecordedPayouts,
    RefusedDebit,
    Unknown,
)
from tiao.payments.providers.channel import PAYOUTS_MAX, Channel, DebitOrder, PayoutOrder
from tiao.payments.routing.chooser import Chooser
from tiao.runtime.db import Database, Tx
from tiao.values.moment import Moment

Item = TypeVar("Item")

#: Channels by the name that accounts and payouts carry. A plain mapping lets each account use its own.
Channels: TypeAlias = Mapping[str, Channel]
MomentSource: TypeAlias = Callable[[Tx], Awaitable[Moment]]

#: So many debits are written down, and recorded, in one transaction; a kill leaves at most one such set open.
DEBITS_A_SET = 256
#: So many questions are with the banks at once.
CONCURRENCY = 32
#: Never Failed: an earlier run, with the channel configured, may have sent the order.
NO_CHANNEL = Unknown("channel_not_configured")


class RoutedChannels(dict[str, Channel]):
    """Channels that are chosen among."""

    def __init__(self, channels: Mapping[str, Channel], chooser: Chooser) -> None:
        super().__init__(channels)
        self.chooser = chooser


def chooser_of(channels: Channels) -> Chooser | None:
    """Give who chooses among channels; None when each account uses its own."""
    return channels.chooser if isinstance(channels, RoutedChannels) else None


class DebitRun(NamedTuple):
    """What a run of debits came to; *unknown* ones are asked about later."""

    succeeded: list[DebitResolved]
    failed: list[DebitResolved]
    unknown: list[Debit]
    refused: list[RefusedDebit]
    ignored: list[IgnoredAnswer]


class PayoutRun(NamedTuple):
    """What a run of payouts came to; *unknown* ones are asked about, or sent again, later."""

    succeeded: list[PayoutResolved]
    failed: list[PayoutResolved]
    unknown: list[Payout]
    ignored: list[IgnoredAnswer]


class _HasId(Protocol):
    @property
    def id(self) -> UUID: ...


async def run_debits(
    db: Database,
    channels: Channels,
    moment_source: MomentSource,
    debits: Sequence[NewDebit],
    on_succeeded: OnSucceeded,
) -> DebitRun:
    """Take money for a set of orders.

    Run again with the same ids after a kill it goes on where it stopped: an order that may have been sent is sent again
    under its number, one that has its answer is left alone.
    """
    run = DebitRun([], [], [], [], [])
    for start in range(0, len(debits), DEBITS_A_SET):
        to_send, now = await _begin_debits(db, channels, moment_source, debits[start : start + DEBITS_A_SET], run)
        recording = _Recording(db, channels, moment_source, on_succeeded, run)
        await _send_all(recording, to_send, now)
    return run


async def resolve_unknown(
    db: Database, channels: Channels, moment_source: MomentSource, on_succeeded: OnSucceeded
) -> DebitRun:
    """Ask what became of debits without an answer that are due for a question, each once; then about contradictions."""
    run = DebitRun([], [], [], [], [])
    now = await _moment(db, moment_source)
    recording = _Recording(db, channels, moment_source, on_succeeded, run)
    while True:
        async with db.begin() as tx:
            due = await actions.due_queries(tx, now, DEBITS_A_SET)
        if not due:
            break
        answers = await _gather([_query(channels, debit, now) for debit in due])
        await _send_all(recording, await _record_debits(recording, _by_id(due, answers)), now)
    await _resolve_contradictions(db, channels, moment_source, on_succeeded, run)
    return run


async def _resolve_contradictions(
    db: Database, channels: Channels, moment_source: MomentSource, on_succeeded: OnSucceeded, run: DebitRun
) -> None:
    """Ask the bank which of its words holds about debits that it says have succeeded after all; one at a time."""
    now = await _moment(db, moment_source)
    async with db.begin() as tx:
        due = await actions.due_contradictions(tx, now, DEBITS_A_SET)
    answers = await _gather([_query(channels, debit, now) for _, debit in due])
    for (contradiction, _), answer in zip(due, answers, strict=True):

        async def settle(tx: Tx, found: Contradiction = contradiction, told: Answer = answer) -> DebitResolved | None:
            return await actions.settle_contradiction(tx, await moment_source(tx), found, told, on_succeeded)

        resolved = await db.retrying(settle)
        if resolved is not None:
            run.succeeded.append(resolved)


async def run_payouts(db: Database, channels: Channels, moment_source: MomentSource) -> PayoutRun:
    """Send every payout that is due today, in batches, after asking about those that a killed run left open."""
    run = PayoutRun([], [], [], [])
    await _resolve_payouts(db, channels, moment_source, run)
    now = await _moment(db, moment_source)
    chooser = chooser_of(channels)
    drained = frozenset[str]() if chooser is None else chooser.drained
    while sent := await _take_due(db, now, drained):
        batches = [_pay_out(channels, name, batch, now) for name, batch in _by_channel(sent).items()]
        answers = [answer for batch in await _gather(batches) for answer in batch]
        await _record_payouts(db, moment_source, answers, run)
    return run


async def resolve_payouts(db: Database, channels: Channels, moment_source: MomentSource) -> PayoutRun:
    """Ask what became of payouts that have no answer and are due for a question, each once; send nothing."""
    run = PayoutRun([], [], [], [])
    await _resolve_payouts(db, channels, moment_source, run)
    return run


async def _moment(db: Database, moment_source: MomentSource) -> Moment:
    async with db.begin() as tx:
        return await moment_source(tx)


class _Recording(NamedTuple):
    """What recording answers needs, and the run it adds to."""

    db: Database
    channels: Channels
    moments: MomentSource
    on_succeeded: OnSucceeded
    run: DebitRun


async def _send_all(recording: _Recording, to_send: Sequence[Debit], now: Moment) -> None:
    """Send debits and record the answers; what another channel may mend goes there, until it ends or none is left."""
    while to_send:
        answers = await _gather([send(recording.channels, debit, now) for debit in to_send])
        to_send = await _record_debits(recording, _by_id(to_send, answers))


async def _begin_debits(
    db: Database, channels: Channels, moment_source: MomentSource, orders: Sequence[NewDebit], run: DebitRun
) -> tuple[list[Debit], Moment]:
    async def begin(tx: Tx) -> tuple[BegunDebits, Moment]:
        now = await moment_source(tx)
        return await actions.begin_debits(tx, now, orders, chooser_of(channels)), now

    begun, now = await db.retrying(begin)
    run.refused.extend(begun.refused)
    return [debit for debit in begun.debits if debit.state is DebitState.CREATED], now


async def send(channels: Channels, debit: Debit, now: Moment) -> Answer:
    """Send one debit to its channel, with no transaction open."""
    channel = channels.get(debit.channel)
    if channel is None:
        return NO_CHANNEL
    order = DebitOrder(debit.id.hex, debit.agreement, debit.amount_minor, debit.currency, now.at)
    return await channel.debit(order)


async def _query(channels: Channels, debit: Debit, now: Moment) -> Answer:
    channel = channels.get(debit.channel)
    return NO_CHANNEL if channel is None else await channel.query_debit(debit.id.hex, at=now.at)


async def _record_debits(recording: _Recording, answers: Sequence[tuple[UUID, Answer]]) -> Sequence[Debit]:
    """Record answers; gives the attempts that were begun elsewhere and are to be sent."""
    db, channels, moments, on_succeeded, run = recording

    async def record(tx: Tx) -> RecordedDebits:
        return await actions.apply_debit_answers(tx, await moments(tx), answers, on_succeeded, chooser_of(channels))

    if not answers:
        return []
    recorded = await db.retrying(record)
    run.succeeded.extend(recorded.succeeded)
    run.failed.extend(recorded.failed)
    run.unknown.extend(recorded.unknown)
    run.ignored.extend(recorded.ignored)
    return recorded.again


async def _take_due(db: Database, now: Moment, drained: Collection[str]) -> list[Payout]:
    async def take(tx: Tx) -> list[Payout]:
        due = await actions.due_payouts(tx, now.today, PAYOUTS_MAX, drained)
        return await actions.mark_sent(tx, now, due)

    return await db.retrying(take)


async def _pay_out(channels: Channels, name: str, payouts: Sequence[Payout], now: Moment) -> list[tuple[UUID, Answer]]:
    channel = channels.get(name)
    if channel is None:
        return [(payout.id, NO_CHANNEL) for payout in payouts]
    orders = [PayoutOrder(each.id.hex, each.agreement, each.amount_minor, each.currency) for each in payouts]
    return _by_id(payouts, await channel.pay_out(orders, at=now.at))


async def _resolve_payouts(db: Database, channels: Channels, moment_source: MomentSource, run: PayoutRun) -> None:
    now = await _moment(db, moment_source)
    while True:
        async with db.begin() as tx:
            due = await actions.due_payout_queries(tx, now, PAYOUTS_MAX)
        if not due:
            return
        batches = [_query_payouts(channels, name, batch, now) for name, batch in _by_channel(due).items()]
        answers = [answer for batch in await _gather(batches) for answer in batch]
        await _record_payouts(db, moment_source, answers, run)


async def _query_payouts(
    channels: Channels, name: str, payouts: Sequence[Payout], now: Moment
) -> list[tuple[UUID, Answer]]:
    channel = channels.get(name)
    if channel is None:
        return [(payout.id, NO_CHANNEL) for payout in payouts]
    return _by_id(payouts, await channel.query_payouts([each.id.hex for each in payouts], at=now.at))


async def _record_payouts(
    db: Database, moment_source: MomentSource, answers: Sequence[tuple[UUID, Answer]], run: PayoutRun
) -> None:
    async def record(tx: Tx) -> RecordedPayouts:
        return await actions.record_payout_answers(tx, await moment_source(tx), answers)

    recorded = await db.retrying(record)
    run.succeeded.extend(recorded.succeeded)
    run.failed.extend(recorded.failed)
    run.unknown.extend(recorded.unknown)
    run.ignored.extend(recorded.ignored)


def _by_id(items: Sequence[_HasId], answers: Sequence[Answer]) -> list[tuple[UUID, Answer]]:
    return [(item.id, answer) for item, answer in zip(items, answers, strict=True)]


def _by_channel(payouts: Sequence[Payout]) -> dict[str, list[Payout]]:
    found: dict[str, list[Payout]] = defaultdict(list)
    for payout in payouts:
        found[payout.channel].append(payout)
    return found


async def _gather(calls: Sequence[Coroutine[Any, Any, Item]]) -> list[Item]:
    """Run calls at most CONCURRENCY at a time; when one raises, which is a bug, the others are given up."""
    free = asyncio.Semaphore(CONCURRENCY)

    async def bounded(call: Coroutine[Any, Any, Item]) -> Item:
        async with free:
            return await call

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(bounded(call)) for call in calls]
    return [task.result() for task in tasks]

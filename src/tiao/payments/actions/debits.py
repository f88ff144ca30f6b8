"""Money in: written down before the bank is asked, and its answer after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from tiao.payments import rules, store
from tiao.payments.actions import routes
from tiao.payments.model import (
    Answer,
    BegunDebits,
    Debit,
    DebitPurpose,
    DebitResolved,
    FundingSource,
    IgnoredAnswer,
    NewDebit,
    NoticeSubject,
    RecordedDebits,
    RefusedDebit,
    SourceStatus,
    Unknown,
)
from tiao.payments.refusals import (
    AutopayNotAgreed,
    DebitAlreadyRunning,
    DebitDiffers,
    DebitUnknown,
    FundingSourceUnbound,
    FundingSourceUnknown,
)
from tiao.payments.routing.chooser import Chooser
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR
from tiao.values.refusal import Refusal

#: What the layer above does with debits that succeeded, in the transaction that records them: it books the repayments.
OnSucceeded: TypeAlias = Callable[[Tx, Moment, Sequence[DebitResolved]], Awaitable[None]]


async def begin_debits(tx: Tx, now: Moment, orders: Sequence[NewDebit], chooser: Chooser | None = None) -> BegunDebits:
    """Write a set of debits down; commit before the bank is asked. Without a chooser each takes its account's channel.

    An order begun before under its id answers the stored debit, whatever has become of it. The others' refusals come
    back item by item: DebitAlreadyRunning, DebitDiffers, FundingSourceUnknown, FundingSourceUnbound, AutopayNotAgreed,
    NoChannelUsable.
    """
    if not orders:
        return BegunDebits([], [])
    for order in orders:
        assert 0 < order.amount_minor <= AMOUNT_MAX_MINOR, f"cannot debit {order.amount_minor}"
        ids = (order.debit_id, order.line_id, order.customer_id)
        assert len({bucket_of(each) for each in ids}) == 1, "a debit and what it names lie in one bucket"
    known = set() if chooser is None else {each.id for each in await store.read_debits(tx, _ids(orders))}
    attempts, unroutable = await routes.routed(
        tx, now, [each for each in orders if each.debit_id not in known], chooser
    )
    await routes.begin(tx, now, attempts)
    nowhere = {each.order.debit_id: each for each in unroutable}
    stored = {found.id: found for found in await store.read_debits(tx, _ids(orders))}
    missing = [order for order in orders if order.debit_id not in stored]
    sources = await store.read_sources(tx, [order.funding_source_id for order in missing]) if missing else []
    by_source = {found.id: found for found in sources}
    begun: dict[UUID, Debit] = {}
    refused = []
    for order in orders:
        found = stored.get(order.debit_id)
        if order.debit_id in nowhere:
            refused.append(nowhere[order.debit_id])
        elif found is None:
            refused.append(RefusedDebit(order, _why_not(order, by_source.get(order.funding_source_id))))
        elif not rules.is_same_debit(order, found):
            refused.append(RefusedDebit(order, DebitDiffers()))
        else:
            begun[found.id] = found
    return BegunDebits(list(begun.values()), refused)


async def record_debit_answers(tx: Tx, now: Moment, answers: Sequence[tuple[UUID, Answer]]) -> RecordedDebits:
    """Record what the bank said; a final state never changes, so an answer may come any number of times.

    Those in *succeeded* have become so just now: the caller books their repayments in this transaction. An answer that
    came too late, or names a debit we never began, is in *ignored*.
    """
    debits = {found.id: found for found in await store.lock_debits(tx, [debit_id for debit_id, _ in answers])}
    changed: dict[UUID, Debit] = {}
    resolved: list[DebitResolved] = []
    ignored: list[IgnoredAnswer] = []
    for debit_id, answer in answers:
        known = debits.get(debit_id)
        told = answer
        if known is not None:
            told = rules.believed(answer, amount_minor=known.amount_minor, currency=known.currency)
        after = None if known is None else rules.after_debit_answer(known, told, now.at)
        if after is None:
            is_contradiction = known is not None and rules.contradicts(known.state, answer)
            if known is not None and is_contradiction:
                await store.upsert_contradiction(tx, rules.contradiction(NoticeSubject.DEBIT, known, answer, now.at))
            ignored.append(IgnoredAnswer(debit_id, answer, is_contradiction))
            continue
        debits[debit_id] = changed[debit_id] = after
        if not isinstance(told, Unknown):
            resolved.append(DebitResolved(after, told))
    await store.update_debits(tx, list(changed.values()))
    await routes.keep_outcomes(tx, now, list(changed.values()))
    return RecordedDebits(
        succeeded=[each for each in resolved if each.is_success],
        failed=[each for each in resolved if not each.is_success],
        unknown=[each for each in changed.values() if each.answered_at is None],
        ignored=ignored,
    )


async def apply_debit_answers(
    tx: Tx,
    now: Moment,
    answers: Sequence[tuple[UUID, Answer]],
    on_succeeded: OnSucceeded,
    chooser: Chooser | None = None,
) -> RecordedDebits:
    """Record what the bank said and have the layer above book what came in, in one transaction.

    With a chooser, what failed for a reason of the channel's own is begun again at another one, and is not in *failed*.
    """
    recorded = await record_debit_answers(tx, now, answers)
    if recorded.succeeded:
        await on_succeeded(tx, now, recorded.succeeded)
    again = await routes.go_elsewhere(tx, now, recorded.failed, chooser)
    if not again:
        return recorded
    failed = [each for each in recorded.failed if each.debit.id not in again]
    return recorded._replace(failed=failed, again=list(again.values()))


async def due_queries(tx: Tx, now: Moment, limit: int) -> list[Debit]:
    """Read debits whose outcome must be asked: Unknown ones in their time, and those whose sender must have died."""
    return await store.read_due_debits(tx, now.at, limit)


async def debit(tx: Tx, debit_id: UUID) -> Debit:
    """Read one debit. Refuses: DebitUnknown."""
    found = await store.read_debits(tx, [debit_id])
    if not found:
        raise DebitUnknown
    return found[0]


async def debits(tx: Tx, debit_ids: Sequence[UUID]) -> dict[UUID, Debit]:
    """Read debits by id; those that are unknown are left out."""
    return {found.id: found for found in await store.read_debits(tx, debit_ids)}


async def latest_attempt(tx: Tx, order_id: UUID) -> Debit:
    """Read how far an order has come: its latest attempt. Refuses: DebitUnknown."""
    attempts = await routes.attempts_of(tx, order_id)
    if not attempts:
        raise DebitUnknown
    return attempts[-1]


async def open_debit(tx: Tx, line_id: UUID) -> Debit | None:
    """Read the debit of a line that is under way, if any."""
    return await store.read_open_debit(tx, line_id)


def _ids(orders: Sequence[NewDebit]) -> list[UUID]:
    return [order.debit_id for order in orders]


def _why_not(order: NewDebit, source: FundingSource | None) -> Refusal:
    if source is None or source.customer_id != order.customer_id:
        return FundingSourceUnknown()
    if source.status is SourceStatus.UNBOUND:
        return FundingSourceUnbound()
    if order.purpose is DebitPurpose.AUTOPAY and source.autopay_agreed_at is None:
        return AutopayNotAgreed()
    return DebitAlreadyRunning()

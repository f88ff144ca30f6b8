"""Money out: refunds begun here, settlements begun by the close, both sent, asked about and booked alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

import msgspec

from tiao.ledger import actions as ledger
from tiao.payments import postings, rules, store
from tiao.payments.model import (
    Answer,
    Failed,
    IgnoredAnswer,
    NewPayout,
    NoticeSubject,
    Payout,
    PayoutKind,
    PayoutResolved,
    PayoutState,
    RecordedPayouts,
    Succeeded,
)
from tiao.payments.refusals import PayoutDiffers, PayoutNotFailed, PayoutUnknown
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.money import AMOUNT_MAX_MINOR


async def begin_payouts(tx: Tx, now: Moment, orders: Sequence[NewPayout]) -> list[Payout]:
    """Write refunds to pay out down and move them into transit; the same id again answers the stored payout.

    Refuses: PayoutDiffers.
    """
    if not orders:
        return []
    for order in orders:
        assert 0 < order.amount_minor <= AMOUNT_MAX_MINOR, f"cannot pay out {order.amount_minor}"
        assert bucket_of(order.payout_id) == bucket_of(order.customer_id), "a refund lies in its customer's bucket"
    made = await store.insert_payouts(tx, orders, created_at=now.at)
    stored = {found.id: found for found in await store.read_payouts(tx, [order.payout_id for order in orders])}
    for order in orders:
        # A retried order may come on another day; what it pays, and to whom, may not differ.
        if rules.as_refund(stored[order.payout_id])._replace(due_on=order.due_on) != order:
            raise PayoutDiffers
    begun = [postings.refund_payout_begun(rules.as_refund(stored[each]), now.today) for each in sorted(made)]
    await ledger.post(tx, begun, booked_on=now.today, recorded_at=now.at)
    return [stored[order.payout_id] for order in orders]


async def begin_payout(tx: Tx, now: Moment, order: NewPayout) -> Payout:
    """Begin one refund's payout (see begin_payouts). Refuses: PayoutDiffers."""
    return (await begin_payouts(tx, now, [order]))[0]


async def due_payouts(tx: Tx, today: date, limit: int, drained: Collection[str] = ()) -> list[Payout]:
    """Lock payouts to send today and read them; what another sender has taken is left out. Follow with mark_sent.

    Those of *drained* channels wait. Refunds that would bring an account of class II or III over what it takes in a day
    wait for the next; one that is more than that alone goes by itself, for its bank to decide.
    """
    due = await store.lock_due_payouts(tx, today, limit, drained)
    began = (await read_programme(tx)).day_starts_at(today)
    limited = await store.read_limited_refunds(tx, [each.id for each in due], since=began)
    waiting = rules.over_class_limits(due, {each.id: each for each in limited})
    if waiting:
        await store.postpone(tx, sorted(waiting), today + rules.RETRY_AFTER)
    return [each for each in due if each.id not in waiting]


async def mark_sent(tx: Tx, now: Moment, payouts: Sequence[Payout]) -> list[Payout]:
    """Record that payouts are about to be sent; commit before the bank is called. Take them from due_payouts."""
    assert all(each.state is PayoutState.CREATED for each in payouts), "a payout is sent once it is due and locked"
    sent = [msgspec.structs.replace(each, state=PayoutState.SENT, query_after=now.at + rules.LEASE) for each in payouts]
    await store.update_payouts(tx, sent)
    await store.note_sent(tx, sent, now.at)
    return sent


async def due_payout_queries(tx: Tx, now: Moment, limit: int) -> list[Payout]:
    """Read payouts whose outcome must be asked."""
    return await store.read_due_payout_queries(tx, now.at, limit)


async def record_payout_answers(tx: Tx, now: Moment, answers: Sequence[tuple[UUID, Answer]]) -> RecordedPayouts:
    """Record what the bank said and book it; a final state never changes, so an answer may come any number of times.

    A settlement that failed is owed again and flows into the merchant's next settlement. A refund that failed is owed
    again and, when that can help, begun again at once under a new id for the next day; others wait in failed_refunds.
    """
    payouts = {found.id: found for found in await store.lock_payouts(tx, [payout_id for payout_id, _ in answers])}
    changed: dict[UUID, Payout] = {}
    succeeded: list[PayoutResolved] = []
    failed: list[PayoutResolved] = []
    ignored: list[IgnoredAnswer] = []
    for payout_id, answer in answers:
        known = payouts.get(payout_id)
        told = answer
        if known is not None:
            told = rules.believed(answer, amount_minor=known.amount_minor, currency=known.currency)
        after = None if known is None else rules.after_payout_answer(known, told, now.at)
        if after is None:
            is_contradiction = known is not None and rules.contradicts(known.state, answer)
            if known is not None and is_contradiction:
                await store.upsert_contradiction(tx, rules.contradiction(NoticeSubject.PAYOUT, known, answer, now.at))
            ignored.append(IgnoredAnswer(payout_id, answer, is_contradiction))
            continue
        payouts[payout_id] = changed[payout_id] = after
        if after.state is PayoutState.SUCCEEDED and isinstance(told, Succeeded):
            succeeded.append(PayoutResolved(after, told))
        elif after.state is PayoutState.FAILED and isinstance(told, Failed):
            failed.append(PayoutResolved(after, told))
    await store.update_payouts(tx, list(changed.values()))
    booked = [postings.payout_succeeded(each.payout, now.today) for each in succeeded]
    booked += [postings.payout_returned(each.payout, now.today) for each in failed]
    await ledger.post(tx, booked, booked_on=now.today, recorded_at=now.at)
    return RecordedPayouts(
        succeeded=succeeded,
        failed=await _retry_what_can_be(tx, now, failed),
        unknown=[each for each in changed.values() if each.answered_at is None],
        ignored=ignored,
    )


async def retry_refund(tx: Tx, now: Moment, payout_id: UUID, *, channel: str, agreement: str) -> Payout:
    """Pay a failed refund out to another account of the customer, from today.

    Refuses: PayoutUnknown, PayoutNotFailed.
    """
    found = await store.lock_payouts(tx, [payout_id])
    if not found:
        raise PayoutUnknown
    failed = found[0]
    is_waiting = failed.state is PayoutState.FAILED and failed.query_after is not None
    if failed.kind is not PayoutKind.REFUND or not is_waiting:
        raise PayoutNotFailed
    order = rules.retried(failed, channel=channel, agreement=agreement, due_on=now.today)
    return (await _begin_again(tx, now, [failed], [order]))[0]


async def failed_refunds(tx: Tx, limit: int, *, customer_id: UUID | None = None) -> list[Payout]:
    """Read refunds whose payout failed for good; somebody must find another account and call retry_refund."""
    return await store.read_failed_refunds(tx, limit, customer_id)


async def payout(tx: Tx, payout_id: UUID) -> Payout:
    """Read one payout. Refuses: PayoutUnknown."""
    found = await store.read_payouts(tx, [payout_id])
    if not found:
        raise PayoutUnknown
    return found[0]


async def payouts_of(tx: Tx, source_id: UUID) -> list[Payout]:
    """Read the payouts of a settlement or refund, in the order in which they were begun."""
    return await store.read_payouts_of_source(tx, source_id)


async def _retry_what_can_be(tx: Tx, now: Moment, failed: Sequence[PayoutResolved]) -> list[PayoutResolved]:
    again = [
        each.payout
        for each in failed
        if each.payout.kind is PayoutKind.REFUND and isinstance(each.answer, Failed) and each.answer.is_retryable
    ]
    due_on = now.today + rules.RETRY_AFTER
    orders = [rules.retried(each, channel=each.channel, agreement=each.agreement, due_on=due_on) for each in again]
    retries = await _begin_again(tx, now, again, orders)
    retry_of = {each.id: retry for each, retry in zip(again, retries, strict=True)}
    return [each._replace(retry=retry_of.get(each.payout.id)) for each in failed]


async def _begin_again(tx: Tx, now: Moment, failed: Sequence[Payout], orders: Sequence[NewPayout]) -> list[Payout]:
    await store.update_payouts(tx, [msgspec.structs.replace(each, query_after=None) for each in failed])
    return await begin_payouts(tx, now, orders)

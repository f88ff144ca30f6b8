"""What can be done with labels: told inside the caller's transaction, learned by sets in one of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeAlias
from uuid import UUID

from tiao.risk.graph import actions as graph
from tiao.risk.labels import store
from tiao.risk.labels.model import Label, NewLabel
from tiao.risk.labels.rules import standing
from tiao.risk.labels.store import Learning
from tiao.runtime.db import Database, Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment

#: So many payments are learned in one transaction.
LEARNED_AT_ONCE = 200

MomentSource: TypeAlias = Callable[[Tx], Awaitable[Moment]]
#: Takes the labels that count into the features, first thing in its transaction, for its locks come before all others.
Learn: TypeAlias = Callable[[Tx, Moment, Sequence[Label]], Awaitable[object]]


async def tell(tx: Tx, now: Moment, labels: Sequence[NewLabel]) -> None:
    """Say what payments were; the features learn it within seconds."""
    if labels:
        await store.insert(tx, [(now.new_id(bucket_of(each.purchase_id)), each) for each in labels], now.at)


async def labels_of(tx: Tx, purchase_ids: Sequence[UUID]) -> list[Label]:
    """Read everything said of payments, in the order in which it was."""
    return await store.read_of(tx, purchase_ids)


async def unpaid(tx: Tx, first: int, last: int) -> list[Label]:
    """Tell of a range of buckets what is still said to be fraud because its debt went unpaid."""
    said = await store.read_of_collections(tx, first, last)
    latest = {each.purchase_id: each for each in said}
    return [each for each in latest.values() if each.is_fraud]


async def learn_due(db: Database, moments: MomentSource, learn: Learn) -> int:
    """Teach the features what was said since the last time, a set at a time; answers of how many payments."""
    taught = 0
    while True:
        async with db.begin() as tx:
            due = await store.read_unlearned(tx, LEARNED_AT_ONCE)
            labels = await store.read_of(tx, [each.purchase_id for each in due])
        if not labels:
            return taught
        counting = [standing(list(said)) for _, said in groupby(labels, key=lambda each: each.purchase_id)]

        async def teach(tx: Tx, said: list[Label] = labels, counts: list[Label] = counting) -> None:
            now = await moments(tx)
            await learn(tx, now, counts)
            await _mark_customers(tx, counts)
            await store.mark_learned(tx, said, now.at)

        await db.retrying(teach)
        taught += len(due)


async def learning_since(tx: Tx, since: datetime) -> Learning:
    """Tell how long labels took to be learned."""
    return await store.read_learning(tx, since)


async def _mark_customers(tx: Tx, counting: Sequence[Label]) -> None:
    """Let the graph know of whom a fraud is known, and of whom none is any more."""
    labels = await store.read_of_customers(tx, sorted({each.customer_id for each in counting}))
    bad_at: dict[UUID, datetime | None] = {each.customer_id: None for each in labels}
    for _, said in groupby(labels, key=lambda each: each.purchase_id):
        counts = standing(list(said))
        before = bad_at[counts.customer_id]
        if counts.is_fraud and (before is None or counts.known_at < before):
            bad_at[counts.customer_id] = counts.known_at
    await graph.mark_bad(tx, bad_at)

"""What a bank has said against its own final word: asked about, booked where money came, or left to people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.payments import rules, store
from tiao.payments.actions.debits import OnSucceeded
from tiao.payments.model import (
    Answer,
    Contradiction,
    Debit,
    DebitResolved,
    DebitState,
    Failed,
    NoticeSubject,
    Resolution,
    Succeeded,
)
from tiao.payments.refusals import ContradictionResolved, ContradictionUnknown
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def due_contradictions(tx: Tx, now: Moment, limit: int) -> list[tuple[Contradiction, Debit]]:
    """Read debits whose failure the bank takes back and that it must be asked about once more."""
    due = await store.read_due_contradictions(tx, now.at, limit)
    debits = {each.id: each for each in await store.read_debits(tx, [each.subject_id for each in due])}
    return [(each, debits[each.subject_id]) for each in due]


async def settle_contradiction(
    tx: Tx, now: Moment, contradiction: Contradiction, answer: Answer, on_succeeded: OnSucceeded
) -> DebitResolved | None:
    """Act on what the bank says when it is asked which of its words holds.

    The money came: the debit has succeeded after all, and the layer above books it. It did not: the failure is upheld.
    No answer, or one about another amount: asked again later, and listed until then.
    """
    assert contradiction.subject is NoticeSubject.DEBIT, "what left twice, or came back, is for people"
    [debit] = await store.lock_debits(tx, [contradiction.subject_id])
    found = await store.lock_contradiction(tx, contradiction.id)
    if found is None or found.resolution is not None or debit.state is not DebitState.FAILED:
        return None
    told = rules.believed(answer, amount_minor=debit.amount_minor, currency=debit.currency)
    if isinstance(told, Succeeded):
        after = msgspec.structs.replace(debit, state=DebitState.SUCCEEDED, code=None, answered_at=now.at)
        await store.update_debits(tx, [after])
        await store.update_contradiction(tx, _resolved(found, Resolution.BOOKED, now.at))
        resolved = DebitResolved(after, told)
        await on_succeeded(tx, now, [resolved])
        return resolved
    if isinstance(told, Failed):
        await store.update_contradiction(tx, _resolved(found, Resolution.UPHELD, now.at))
        return None
    queries = min(found.queries + 1, rules.QUERIES_MAX)
    later = now.at + rules.query_spacing(queries)
    await store.update_contradiction(tx, msgspec.structs.replace(found, queries=queries, query_after=later))
    return None


async def close_contradiction(tx: Tx, now: Moment, contradiction_id: UUID, *, actor: str, note: str) -> Contradiction:
    """Note how somebody settled a contradiction that only people can.

    Refuses: ContradictionUnknown, ContradictionResolved.
    """
    found = await store.lock_contradiction(tx, contradiction_id)
    if found is None:
        raise ContradictionUnknown
    if found.resolution is not None:
        raise ContradictionResolved(resolution=found.resolution)
    closed = _resolved(found, Resolution.SETTLED, now.at)
    closed = msgspec.structs.replace(closed, actor=actor, note=note)
    await store.update_contradiction(tx, closed)
    return closed


async def contradictions(
    tx: Tx, *, is_open: bool, before: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[Contradiction]:
    """Read contradictions, open ones or all, latest first; for the next page give the last one's time and id."""
    return await store.read_contradictions(tx, is_open=is_open, before=before, limit=limit)


def _resolved(found: Contradiction, resolution: Resolution, at: datetime) -> Contradiction:
    return msgspec.structs.replace(found, resolution=resolution, resolved_at=at, query_after=None)

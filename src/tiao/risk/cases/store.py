"""Rows to cases and steps and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.risk.cases.model import CaseState, QueueState, Related, RiskCase, Step, StepKind, Subject, Waiting
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.risk.cases")


class Done(NamedTuple):
    """What was done about a case, to be noted."""

    case_id: UUID
    kind: StepKind
    actor: str
    said: str
    digest: bytes | None = None


class _Key(NamedTuple):
    bucket: int
    id: UUID


async def insert(tx: Tx, cases: Sequence[RiskCase], at: datetime) -> set[UUID]:
    """Write cases; answers which are new."""
    return set(
        await tx.column(
            _QUERIES.insert_cases,
            at=at,
            bucket=[each.bucket for each in cases],
            id=[each.id for each in cases],
            subject=[each.subject.value for each in cases],
            purchase=[each.purchase_id for each in cases],
            customer=[each.customer_id for each in cases],
            merchant=[each.merchant_id for each in cases],
            maker=[each.maker for each in cases],
            reasons=[",".join(each.reasons) for each in cases],
            currency=[each.currency for each in cases],
            amount=[each.amount_minor for each in cases],
            probability=[each.probability_ppm for each in cases],
            loss=[each.loss_minor for each in cases],
            needed=[each.approvers_needed for each in cases],
            due_at=[each.due_at for each in cases],
            expires_at=[each.expires_at for each in cases],
        )
    )


async def note(tx: Tx, done: Sequence[Done], at: datetime) -> None:
    """Note what was done about cases, one thing each."""
    await tx.execute(
        _QUERIES.insert_steps,
        at=at,
        bucket=[bucket_of(each.case_id) for each in done],
        case=[each.case_id for each in done],
        kind=[each.kind.value for each in done],
        actor=[each.actor for each in done],
        said=[each.said for each in done],
        digest=[each.digest for each in done],
    )


async def read_unasked(tx: Tx, at: datetime, limit: int) -> list[Waiting]:
    """Read suspended purchases without a case."""
    return await tx.rows(_QUERIES.unasked, Waiting, at=at, limit=limit)


async def lapse(tx: Tx, at: datetime) -> list[UUID]:
    """Close cases about what is over; answers which."""
    return [each.id for each in await tx.rows(_QUERIES.lapse, _Key, at=at)]


async def read(tx: Tx, case_id: UUID) -> RiskCase | None:
    """Read a case."""
    return await tx.maybe(_QUERIES.case, RiskCase, bucket=bucket_of(case_id), id=case_id)


async def lock(tx: Tx, case_id: UUID) -> RiskCase | None:
    """Read a case and lock it."""
    return await tx.maybe(_QUERIES.lock_case, RiskCase, bucket=bucket_of(case_id), id=case_id)


async def lock_next(tx: Tx, subject: Subject | None, actor: str, at: datetime) -> RiskCase | None:
    """Find and lock the case to take on next."""
    named = None if subject is None else subject.value
    return await tx.maybe(_QUERIES.next_case, RiskCase, subject=named, actor=actor, at=at)


async def read_steps(tx: Tx, case_id: UUID) -> list[Step]:
    """Read what was done about a case."""
    return await tx.rows(_QUERIES.steps, Step, bucket=bucket_of(case_id), case=case_id)


async def read_queue(
    tx: Tx, subject: Subject | None, actor: str | None, *, after_loss: int, after_id: UUID, limit: int
) -> list[RiskCase]:
    """Read open cases."""
    named = None if subject is None else subject.value
    return await tx.rows(
        _QUERIES.queue, RiskCase, subject=named, actor=actor, after_loss=after_loss, after_id=after_id, limit=limit
    )


async def read_queue_state(tx: Tx, at: datetime) -> list[QueueState]:
    """Read how the queue stands."""
    return await tx.rows(_QUERIES.queue_state, QueueState, at=at)


async def claim(tx: Tx, case_id: UUID, actor: str | None, until: datetime | None) -> None:
    """Write who is at a case."""
    await tx.execute(_QUERIES.claim, bucket=bucket_of(case_id), id=case_id, actor=actor, until=until)


async def assign(tx: Tx, case_id: UUID, assignee: str | None) -> None:
    """Write whose a case is."""
    await tx.execute(_QUERIES.assign, bucket=bucket_of(case_id), id=case_id, assignee=assignee)


async def close(tx: Tx, case_id: UUID, state: CaseState, at: datetime) -> None:
    """Write how a case ended."""
    await tx.execute(_QUERIES.close_case, bucket=bucket_of(case_id), id=case_id, state=state.value, at=at)


async def read_related(tx: Tx, case: RiskCase, *, since: datetime, limit: int) -> list[Related]:
    """Read payments that hang together with a case."""
    return await tx.rows(
        _QUERIES.related,
        Related,
        bucket=case.bucket,
        customer=case.customer_id,
        merchant=case.merchant_id,
        purchase=case.purchase_id,
        since=since,
        limit=limit,
    )


async def read_cleared(tx: Tx, merchant_ids: Sequence[UUID], since: datetime) -> set[UUID]:
    """Read which merchants were released since an instant."""
    return set(await tx.column(_QUERIES.cleared, merchants=list(merchant_ids), since=since))


async def read_looked_into(tx: Tx, customer_ids: Sequence[UUID], since: datetime) -> set[UUID]:
    """Read which customers there was a case about since an instant."""
    buckets = sorted({bucket_of(each) for each in customer_ids})
    return set(await tx.column(_QUERIES.looked_into, buckets=buckets, customers=list(customer_ids), since=since))


async def read_home_bucket(tx: Tx) -> int:
    """Read a bucket of this server."""
    return int(await tx.value(_QUERIES.home_bucket))

"""Rows to cases and votes and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tiao.credit.cases.model import Case, CaseState, Vote
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.credit.cases")


class QueueState(NamedTuple):
    """How the queue of one kind of case stands."""

    kind: str
    open: int
    unclaimed: int
    late: int
    next_due_at: datetime


async def insert_cases(tx: Tx, cases: Sequence[Case]) -> None:
    """Write new cases."""
    await tx.execute(
        _QUERIES.open_cases,
        bucket=[case.bucket for case in cases],
        id=[case.id for case in cases],
        kind=[case.kind.value for case in cases],
        customer=[case.customer_id for case in cases],
        application=[case.application_id for case in cases],
        line=[case.line_id for case in cases],
        about=[case.about_id for case in cases],
        maker=[case.maker for case in cases],
        reason=[case.reason for case in cases],
        limit=[case.limit_minor for case in cases],
        needed=[case.approvers_needed for case in cases],
        opened_at=[case.opened_at for case in cases],
        due_at=[case.due_at for case in cases],
        expires_at=[case.expires_at for case in cases],
        limit_kind=[case.limit_kind.value for case in cases],
        scene=[case.scene for case in cases],
        merchant=[case.merchant_id for case in cases],
        ends_on=[case.ends_on for case in cases],
    )


async def lock_case(tx: Tx, case_id: UUID) -> Case | None:
    """Read a case and lock it."""
    return await tx.maybe(_QUERIES.lock_case, Case, bucket=bucket_of(case_id), id=case_id)


async def read_case(tx: Tx, case_id: UUID) -> Case | None:
    """Read a case."""
    return await tx.maybe(_QUERIES.case, Case, bucket=bucket_of(case_id), id=case_id)


async def read_cases_of(tx: Tx, customer_id: UUID) -> list[Case]:
    """Read a customer's cases."""
    return await tx.rows(_QUERIES.cases_of_customer, Case, bucket=bucket_of(customer_id), customer=customer_id)


async def read_queue(tx: Tx, kind: str | None, *, after_at: datetime, after_id: UUID, limit: int) -> list[Case]:
    """Read open cases."""
    return await tx.rows(_QUERIES.queue, Case, kind=kind, after_at=after_at, after_id=after_id, limit=limit)


async def lock_next(tx: Tx, kind: str | None, actor: str, at: datetime) -> Case | None:
    """Find and lock the case to be answered next."""
    return await tx.maybe(_QUERIES.next_case, Case, kind=kind, actor=actor, at=at)


async def update_claim(tx: Tx, case_id: UUID, actor: str | None, until: datetime | None) -> None:
    """Write who is at a case."""
    await tx.execute(_QUERIES.claim_case, bucket=bucket_of(case_id), id=case_id, actor=actor, until=until)


async def insert_vote(tx: Tx, vote: Vote) -> None:
    """Write what one person said."""
    await tx.execute(
        _QUERIES.vote,
        bucket=vote.bucket,
        case=vote.case_id,
        number=vote.number,
        maker=vote.maker,
        actor=vote.actor,
        agrees=vote.agrees,
        limit=vote.limit_minor,
        reason=vote.reason,
        at=vote.voted_at,
    )


async def read_votes(tx: Tx, case_id: UUID) -> list[Vote]:
    """Read what was said about a case."""
    return await tx.rows(_QUERIES.votes, Vote, bucket=bucket_of(case_id), case=case_id)


async def update_limit(tx: Tx, case_id: UUID, *, limit_minor: int, needed: int) -> None:
    """Write the limit that is to be agreed to."""
    await tx.execute(_QUERIES.settle_limit, bucket=bucket_of(case_id), id=case_id, limit=limit_minor, needed=needed)


async def close(tx: Tx, case_id: UUID, state: CaseState, at: datetime, answer_id: UUID | None) -> None:
    """Write how a case ended."""
    await tx.execute(
        _QUERIES.close_case, bucket=bucket_of(case_id), id=case_id, state=state.value, at=at, answer=answer_id
    )


async def lock_lapsed(tx: Tx, first: int, last: int, at: datetime) -> list[Case]:
    """Read cases whose time has run out."""
    return await tx.rows(_QUERIES.lapsed_cases, Case, first=first, last=last, at=at)


async def read_queue_state(tx: Tx, at: datetime) -> list[QueueState]:
    """Tell how the queue stands, by kind."""
    return await tx.rows(_QUERIES.queue_state, QueueState, at=at)

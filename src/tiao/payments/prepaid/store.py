"""Rows to what is kept, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.partners.scenes.model import Scene
from tiao.payments.prepaid.model import Failure, Hold, Kept, Step
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments.prepaid")


async def keep_and_release(
    tx: Tx, first: int, last: int, day: date, scenes: Sequence[Scene], *, recorded_at: datetime
) -> int:
    """Keep, draw and release for a day, in a range of buckets; answers how many rows it moved."""
    known = [(scene.scene, scene.prepaid) for scene in scenes if scene.prepaid is not None]
    return int(
        await tx.value(
            _QUERIES.keep_and_release,
            first=first,
            last=last,
            day=day,
            scenes=[name for name, _ in known],
            shares=[prepaid.first_share for _, prepaid in known],
            steps=[prepaid.steps for _, prepaid in known],
            step_days=[prepaid.step_days for _, prepaid in known],
            at=recorded_at,
        )
    )


async def read_holds(tx: Tx, merchant_id: UUID, *, before_on: date, before_id: UUID, limit: int) -> list[Hold]:
    """Read what is kept of a merchant's captures, the latest first."""
    return await tx.rows(
        _QUERIES.holds, Hold, merchant=merchant_id, before_on=before_on, before_id=before_id, limit=limit
    )


async def read_purchases(tx: Tx, merchant_id: UUID, *, before_on: date, before_id: UUID, limit: int) -> list[Kept]:
    """Read the purchases of which something was ever kept, the latest captures first."""
    _, rows = await tx.table(
        _QUERIES.purchases_kept_of, merchant=merchant_id, before_on=before_on, before_id=before_id, limit=limit
    )
    return [Kept(*row) for row in rows]


async def read_steps(tx: Tx, merchant_id: UUID) -> list[Step]:
    """Read what is to be released, by day."""
    _, rows = await tx.table(_QUERIES.steps_to_come, merchant=merchant_id)
    return [Step(*row) for row in rows]


async def insert_failure(tx: Tx, failure: Failure) -> None:
    """Write that a merchant has failed."""
    await tx.execute(
        _QUERIES.insert_failure,
        merchant=failure.merchant_id,
        failed_on=failure.failed_on,
        proposed_by=failure.proposed_by,
        agreed_by=failure.agreed_by,
    )


async def delete_failure(tx: Tx, merchant_id: UUID) -> None:
    """Write that a merchant has not failed, or no more."""
    await tx.execute(_QUERIES.delete_failure, merchant=merchant_id)


async def read_failures_mark(tx: Tx) -> str:
    """Read what tells one state of who has failed from another."""
    return str(await tx.value(_QUERIES.failures_mark))


async def read_failures(tx: Tx) -> list[Failure]:
    """Read who has failed."""
    _, rows = await tx.table(_QUERIES.failures)
    return [Failure(*row) for row in rows]


async def replace_failures(tx: Tx, failures: Sequence[Failure]) -> None:
    """Write who has failed anew."""
    await tx.execute(_QUERIES.forget_failures)
    for each in failures:
        await insert_failure(tx, each)


async def read_has_failed(tx: Tx, merchant_id: UUID) -> bool:
    """Read whether a merchant has failed."""
    return bool(await tx.value(_QUERIES.has_failed, merchant=merchant_id))

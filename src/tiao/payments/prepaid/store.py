"""Rows to what is kept, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.partners.scenes.model import Scene
from tiao.payments.prepaid.model import Hold, Step
from tiao.payments.settling.model import People
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


async def read_steps(tx: Tx, merchant_id: UUID) -> list[Step]:
    """Read what is to be released, by day."""
    _, rows = await tx.table(_QUERIES.steps_to_come, merchant=merchant_id)
    return [Step(*row) for row in rows]


async def insert_failure(tx: Tx, merchant_id: UUID, *, failed_on: date, people: People) -> None:
    """Write that a merchant has failed."""
    await tx.execute(
        _QUERIES.insert_failure,
        merchant=merchant_id,
        failed_on=failed_on,
        proposed_by=people.proposed_by,
        agreed_by=people.agreed_by,
    )


async def read_has_failed(tx: Tx, merchant_id: UUID) -> bool:
    """Read whether a merchant has failed."""
    return bool(await tx.value(_QUERIES.has_failed, merchant=merchant_id))

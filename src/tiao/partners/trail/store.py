"""Rows to acts and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.partners.trail.model import Act, Did
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.partners.trail")


async def insert(tx: Tx, act: Act) -> None:
    """Write an act."""
    await tx.execute(
        _QUERIES.insert_act,
        id=act.id,
        at=act.at,
        operator=act.operator_id,
        key=act.key_id,
        did=act.did.value,
        operation=act.operation,
        reason=act.reason,
    )


async def read(
    tx: Tx, *, operator_id: UUID | None, did: Did | None, about: str | None, before: tuple[datetime, UUID], limit: int
) -> list[Act]:
    """Read acts, latest first."""
    return await tx.rows(
        _QUERIES.acts,
        Act,
        operator=operator_id,
        did=None if did is None else did.value,
        about=about,
        before_at=before[0],
        before_id=before[1],
        limit=limit,
    )

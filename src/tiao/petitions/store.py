"""Rows to petitions and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.petitions.model import Petition, PetitionKind, PetitionState
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.petitions")


async def insert(tx: Tx, petition: Petition) -> bool:
    """Write a petition; tells whether none was open before."""
    written = await tx.execute(
        _QUERIES.insert_petition,
        bucket=petition.bucket,
        id=petition.id,
        customer=petition.customer_id,
        kind=petition.kind,
        words=petition.words,
        about=petition.about_id,
        made_at=petition.made_at,
        due_at=petition.due_at,
    )
    return bool(written)


async def read_open(tx: Tx, customer_id: UUID, kind: PetitionKind, about_id: UUID | None) -> Petition | None:
    """Read the open petition of a kind about a thing."""
    return await tx.maybe(
        _QUERIES.open_petition,
        Petition,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        kind=kind,
        about=about_id,
    )


async def read_of(tx: Tx, customer_id: UUID) -> list[Petition]:
    """Read a customer's petitions."""
    return await tx.rows(_QUERIES.petitions_of, Petition, bucket=bucket_of(customer_id), customer=customer_id)


async def read_owed(tx: Tx, *, limit: int) -> list[Petition]:
    """Read open petitions of this server."""
    return await tx.rows(_QUERIES.petitions_owed, Petition, limit=limit)


async def lock(tx: Tx, petition_id: UUID) -> Petition | None:
    """Lock a petition and read it."""
    return await tx.maybe(_QUERIES.lock_petition, Petition, bucket=bucket_of(petition_id), id=petition_id)


async def end(
    tx: Tx, petition_id: UUID, state: PetitionState, at: datetime, *, answer: str | None, answered_by: str | None
) -> None:
    """Write how a petition ended."""
    await tx.execute(
        _QUERIES.end_petition,
        bucket=bucket_of(petition_id),
        id=petition_id,
        state=state,
        at=at,
        answer=answer,
        answered_by=answered_by,
    )

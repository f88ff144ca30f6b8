"""Rows to petitions and back. Decides nothing."""

from __future__ import annotations

from uuid import UUID

from tiao.petitions.model import Kept, PetitionKind
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.petitions")


async def insert(tx: Tx, petition: Kept) -> bool:
    """Write a petition; tells whether none was open before."""
    written = await tx.execute(
        _QUERIES.insert_petition,
        bucket=petition.bucket,
        id=petition.id,
        customer=petition.customer_id,
        kind=petition.kind,
        words=petition.words_sealed,
        about=petition.about_id,
        made_at=petition.made_at,
        due_at=petition.due_at,
    )
    return bool(written)


async def read_open(tx: Tx, customer_id: UUID, kind: PetitionKind, about_id: UUID | None) -> Kept | None:
    """Read the open petition of a kind about a thing."""
    return await tx.maybe(
        _QUERIES.open_petition,
        Kept,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        kind=kind,
        about=about_id,
    )


async def read_of(tx: Tx, customer_id: UUID) -> list[Kept]:
    """Read a customer's petitions."""
    return await tx.rows(_QUERIES.petitions_of, Kept, bucket=bucket_of(customer_id), customer=customer_id)


async def read_owed(tx: Tx, *, limit: int) -> list[Kept]:
    """Read open petitions of this server."""
    return await tx.rows(_QUERIES.petitions_owed, Kept, limit=limit)


async def lock(tx: Tx, petition_id: UUID) -> Kept | None:
    """Lock a petition and read it."""
    return await tx.maybe(_QUERIES.lock_petition, Kept, bucket=bucket_of(petition_id), id=petition_id)


async def lock_in_clear(tx: Tx, *, limit: int) -> list[Kept]:
    """Lock petitions whose texts are not sealed and read them; who holds one meanwhile writes it sealed."""
    return await tx.rows(_QUERIES.petitions_in_clear, Kept, limit=limit)


async def update(tx: Tx, petition: Kept) -> None:
    """Write how far a petition has come, its texts sealed."""
    await tx.execute(
        _QUERIES.set_petition,
        bucket=petition.bucket,
        id=petition.id,
        state=petition.state,
        ended_at=petition.ended_at,
        words=petition.words_sealed,
        answer=petition.answer_sealed,
        answered_by=petition.answered_by,
    )

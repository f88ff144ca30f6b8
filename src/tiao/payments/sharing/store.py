"""Rows to pools, shares and returns, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.payments.sharing.model import NewReturn, Part, Pool, Receiver, Return, Share, StoredPart
from tiao.runtime.arrays import Bigints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments.sharing")


async def put_receiver(tx: Tx, merchant_id: UUID, receiver_id: UUID, *, relation: str, at: datetime) -> None:
    """Name a receiver."""
    await tx.execute(_QUERIES.put_receiver, merchant=merchant_id, receiver=receiver_id, relation=relation, at=at)


async def delete_receiver(tx: Tx, merchant_id: UUID, receiver_id: UUID) -> None:
    """Name a receiver no more."""
    await tx.execute(_QUERIES.delete_receiver, merchant=merchant_id, receiver=receiver_id)


async def read_receivers(tx: Tx, merchant_id: UUID) -> list[Receiver]:
    """Read whom a merchant has named."""
    return await tx.rows(_QUERIES.receivers, Receiver, merchant=merchant_id)


async def lock_pool(tx: Tx, source_id: UUID) -> Pool | None:
    """Read what may be shared of a payment, and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_pool, Pool, source=source_id)


async def insert_pool(tx: Tx, pool: Pool) -> None:
    """Open a pool; one that is there stays."""
    await tx.execute(
        _QUERIES.insert_pool,
        source=pool.source_id,
        merchant=pool.merchant_id,
        currency=pool.currency,
        amount=pool.amount_minor,
        at=pool.opened_at,
        until=pool.keeps_until,
    )


async def change_pool(tx: Tx, pool: Pool) -> None:
    """Write what is where now. Refuses: NotEnoughToShare."""
    await tx.execute(
        _QUERIES.change_pool,
        source=pool.source_id,
        amount=pool.amount_minor,
        kept=pool.kept_minor,
        given=pool.given_minor,
    )


async def lock_due_pools(tx: Tx, at: datetime, limit: int) -> list[Pool]:
    """Read pools that keep money past their time, and keep them from changing."""
    return await tx.rows(_QUERIES.due_pools, Pool, at=at, limit=limit)


async def insert_share(tx: Tx, share: Share) -> bool:
    """Write a share; False when its number is there already."""
    written = await tx.execute(
        _QUERIES.insert_share,
        id=share.id,
        source=share.source_id,
        merchant=share.merchant_id,
        form=share.form,
        number=share.number,
        digest=share.digest,
        is_final=share.is_final,
        released=share.released_minor,
        at=share.made_at,
    )
    return written == 1


async def read_share_of_number(tx: Tx, merchant_id: UUID, form: str, number: str) -> Share | None:
    """Read a merchant's share by its number."""
    return await tx.maybe(_QUERIES.share_of_number, Share, merchant=merchant_id, form=form, number=number)


async def read_share(tx: Tx, merchant_id: UUID, share_id: UUID) -> Share | None:
    """Read a merchant's share."""
    return await tx.maybe(_QUERIES.share, Share, merchant=merchant_id, id=share_id)


async def insert_parts(tx: Tx, share_id: UUID, parts: Sequence[Part]) -> None:
    """Write what receivers get."""
    await tx.execute(
        _QUERIES.insert_parts,
        share=share_id,
        place=list(range(1, len(parts) + 1)),
        receiver=Uuids(each.receiver_id for each in parts),
        named=Texts(each.named for each in parts),
        amount=Bigints(each.amount_minor for each in parts),
        description=Texts(each.description for each in parts),
    )


async def read_parts(tx: Tx, share_id: UUID) -> list[StoredPart]:
    """Read what receivers got of a share."""
    return await tx.rows(_QUERIES.parts, StoredPart, share=share_id)


async def add_returned(tx: Tx, part: StoredPart, amount_minor: int) -> None:
    """Count what came back of a part."""
    await tx.execute(_QUERIES.add_returned, share=part.share_id, place=part.place, amount=amount_minor)


async def insert_return(tx: Tx, share: Share, new: NewReturn, *, return_id: UUID, at: datetime) -> None:
    """Write a return."""
    await tx.execute(
        _QUERIES.insert_return,
        id=return_id,
        share=share.id,
        merchant=share.merchant_id,
        form=new.form,
        number=new.number,
        receiver=new.receiver_id,
        amount=new.amount_minor,
        description=new.description,
        at=at,
    )


async def read_return_of_number(tx: Tx, merchant_id: UUID, form: str, number: str) -> Return | None:
    """Read a merchant's return by its number."""
    return await tx.maybe(_QUERIES.return_of_number, Return, merchant=merchant_id, form=form, number=number)


async def read_shares_between(tx: Tx, merchant_id: UUID, form: str, *, since: datetime, until: datetime) -> list[Share]:
    """Read a merchant's shares of a while."""
    return await tx.rows(_QUERIES.shares_between, Share, merchant=merchant_id, form=form, since=since, until=until)


async def read_returns_between(
    tx: Tx, merchant_id: UUID, form: str, *, since: datetime, until: datetime
) -> list[Return]:
    """Read a merchant's returns of a while."""
    return await tx.rows(_QUERIES.returns_between, Return, merchant=merchant_id, form=form, since=since, until=until)


async def read_shares_of_source(tx: Tx, source_id: UUID) -> list[Share]:
    """Read what was shared of a payment, the latest first."""
    return await tx.rows(_QUERIES.shares_of_source, Share, source=source_id)

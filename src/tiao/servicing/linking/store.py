"""Rows to payment links and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.servicing.linking.model import PaymentLink
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.servicing.linking")
_NEW = ("bucket", "id", "line_id", "customer_id", "made_by", "made_at", "expires_at")


async def insert(tx: Tx, link: PaymentLink) -> None:
    """Write a link; those before it of the same line end."""
    await tx.execute(_QUERIES.end_links, bucket=link.bucket, line=link.line_id, at=link.made_at)
    await tx.execute(_QUERIES.insert_link, **{name: getattr(link, name) for name in _NEW})


async def end(tx: Tx, line_id: UUID, at: datetime) -> None:
    """End what is open of a line's links."""
    await tx.execute(_QUERIES.end_links, bucket=bucket_of(line_id), line=line_id, at=at)


async def read(tx: Tx, link_id: UUID) -> PaymentLink | None:
    """Read one link."""
    return await tx.maybe(_QUERIES.link, PaymentLink, bucket=bucket_of(link_id), id=link_id)


async def lock(tx: Tx, link_id: UUID) -> PaymentLink | None:
    """Lock one link and read it."""
    return await tx.maybe(_QUERIES.lock_link, PaymentLink, bucket=bucket_of(link_id), id=link_id)


async def update(tx: Tx, link: PaymentLink) -> None:
    """Write what became of a link."""
    names = ("bucket", "id", "tries", "order_id", "ended_at")
    await tx.execute(_QUERIES.set_link, **{name: getattr(link, name) for name in names})

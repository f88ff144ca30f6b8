"""When a customer's browser was shown a cost sheet, by the server's clock: a script cannot make the reading shorter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending", "sheets_seen.sql")

#: Whoever comes back after a day reads again.
SEEN_TIME = timedelta(days=1)


async def show(tx: Tx, at: datetime, customer_id: UUID, digest: str) -> None:
    """Note that a sheet is shown; shown again, the first time counts. *at* is the real clock's."""
    await tx.execute(
        _QUERIES.note_sheet_seen,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        digest=bytes.fromhex(digest),
        at=at,
        before=at - SEEN_TIME,
    )


async def shown_at(tx: Tx, customer_id: UUID, digest: str) -> datetime | None:
    """Say when a sheet was first shown; None when it never was."""
    found: datetime | None = await tx.value(
        _QUERIES.sheet_seen, bucket=bucket_of(customer_id), customer=customer_id, digest=bytes.fromhex(digest)
    )
    return found

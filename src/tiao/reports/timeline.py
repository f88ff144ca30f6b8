"""One time line of a customer: what was booked, decided, judged, sent, routed, said and owed, in one order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tiao.reports import store
from tiao.reports.model import Happening
from tiao.runtime.db import Tx


async def timeline(
    tx: Tx, customer_id: UUID, *, kinds: list[str] | None, before: tuple[datetime, str], limit: int
) -> list[Happening]:
    """Read what happened to a customer before an instant, latest first."""
    return await store.read_timeline(tx, customer_id, kinds=kinds, before=before, limit=limit)

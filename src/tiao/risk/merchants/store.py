"""Rows of merchants' days and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.risk.graph.rules import RING_SIZE
from tiao.risk.merchants import rules
from tiao.risk.merchants.model import Alarm, Before, Counted, Hour, MerchantDay, Seen
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.risk.merchants")


async def see_day(tx: Tx, day: date, starts_at: datetime, ends_at: datetime) -> int:
    """Write what was seen of merchants on a day; answers of how many."""
    return await tx.execute(
        _QUERIES.see_day,
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        limits=list(rules.LIMITS_MINOR),
        below_ppm=rules.BELOW_PPM,
        drains_ppm=rules.DRAINS_PPM,
        ring_size=RING_SIZE,
    )


async def read_day(tx: Tx, day: date) -> list[MerchantDay]:
    """Read what was seen on a day."""
    return await tx.rows(_QUERIES.days_on, MerchantDay, day=day)


async def read_before(tx: Tx, merchant_ids: Sequence[UUID], day: date) -> dict[UUID, Before]:
    """Read what merchants are used to."""
    found = await tx.rows(_QUERIES.before, Before, merchants=list(merchant_ids), day=day)
    return {each.merchant_id: each for each in found}


async def note_alarms(tx: Tx, day: date, found: Mapping[UUID, Sequence[Alarm]]) -> None:
    """Note what speaks against merchants."""
    await tx.execute(
        _QUERIES.note_alarms,
        day=day,
        merchant=list(found),
        alarms=[",".join(each.value for each in alarms) for alarms in found.values()],
    )


async def read_hours(tx: Tx, since: datetime) -> list[Hour]:
    """Read what merchants sold since an instant."""
    return await tx.rows(_QUERIES.hours, Hour, since=since, drains_ppm=rules.DRAINS_PPM)


async def read_seen(tx: Tx, merchant_id: UUID, limit: int) -> list[Seen]:
    """Read what was seen of a merchant."""
    return await tx.rows(_QUERIES.seen, Seen, merchant=merchant_id, limit=limit)


async def read_counted(tx: Tx, today: date) -> list[Counted]:
    """Read the four weeks of every merchant that was seen in them."""
    return await tx.rows(_QUERIES.counted, Counted, today=today)

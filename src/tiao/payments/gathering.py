"""What merchants are owed on several servers: sent on its way where it was booked, taken over and paid at home.

Each step is one transaction and happens once; what a server that is down owes waits for a later settlement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from tiao.payments.model import SettlementPart
from tiao.runtime.arrays import Bigints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.payments", "gathering.sql")


class _Through(NamedTuple):
    shard: int
    through: date


async def forward(tx: Tx, day: date, *, shard: int, bucket: int, recorded_at: datetime) -> int:
    """Send what this server owes for a closed day on its way, and count the merchants. Sent before: 0."""
    if await tx.value(_QUERIES.is_forwarded, day=day):
        return 0
    return int(await tx.value(_QUERIES.forward, shard=shard, bucket=bucket, day=day, recorded_at=recorded_at))


async def sent(tx: Tx, *, after: date, through: date) -> list[SettlementPart]:
    """Read what this server sent on its way, day by day."""
    return await tx.rows(_QUERIES.parts_sent, SettlementPart, after=after, through=through)


async def gathered_through(tx: Tx) -> dict[int, date]:
    """Tell, by server, the latest of its days that was gathered here."""
    return {each.shard: each.through for each in await tx.rows(_QUERIES.parts_gathered_through, _Through)}


async def gather(tx: Tx, parts: Sequence[SettlementPart], day: date, *, recorded_at: datetime) -> int:
    """Take over what other servers sent, into the settlement of *day*; what was taken over before is left out."""
    taken = 0
    ordered = sorted(parts, key=lambda each: (each.shard, each.business_date))
    for (shard, business_date), group in groupby(ordered, key=lambda each: (each.shard, each.business_date)):
        of_day = list(group)
        taken += await tx.value(
            _QUERIES.gather,
            shard=shard,
            business_date=business_date,
            merchant=Uuids(each.merchant_id for each in of_day),
            currency=Texts(each.currency for each in of_day),
            gross=Bigints(each.gross_minor for each in of_day),
            discount=Bigints(each.discount_minor for each in of_day),
            subsidy=Bigints(each.subsidy_minor for each in of_day),
            refunded=Bigints(each.refunded_minor for each in of_day),
            returned=Bigints(each.returned_minor for each in of_day),
            adjusted=Bigints(each.adjusted_minor for each in of_day),
            net=Bigints(each.net_minor for each in of_day),
            day=day,
            recorded_at=recorded_at,
        )
    return taken


async def parts_of(tx: Tx, merchant_id: UUID, day: date) -> list[SettlementPart]:
    """Read which days of which other servers a merchant's settlement covers."""
    return await tx.rows(_QUERIES.parts_of_settlement, SettlementPart, merchant=merchant_id, day=day)


async def gathered(tx: Tx, shard: int) -> list[SettlementPart]:
    """Read everything gathered of one server."""
    return await tx.rows(_QUERIES.parts_gathered, SettlementPart, shard=shard)

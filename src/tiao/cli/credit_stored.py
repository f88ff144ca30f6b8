"""The stored decisions of a programme, for the commands that watch."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

import typer

from tiao.credit.model import Decision
from tiao.credit.watching.stored import read_decisions
from tiao.lending.outcomes import RIPE_DAYS, outcomes
from tiao.runtime.clock import FixedClock, ProgrammeClock, business_date
from tiao.runtime.config import read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource, read_programme
from tiao.runtime.server import open_server
from tiao.values.ids import id_source
from tiao.values.moment import Moment

T = TypeVar("T")

ProgrammeName = Annotated[
    str | None, typer.Option("--programme", help="Use the stored decisions of this programme instead of a file.")
]
Days = Annotated[int, typer.Option("--days", min=1, help="How many days of stored decisions.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]


class Stored(NamedTuple):
    """Decisions on applications, and what came of the customers whose outcome is ripe."""

    decisions: list[Decision]
    is_bad: dict[UUID, bool]


def stored_decisions(programme: str, now: datetime, days: int, *, ripe_after: int = 0) -> Stored:
    """Read the decisions of the last *days* of a programme's own time, and what came of them.

    An outcome is ripe *ripe_after* days after the first loan; with 0, after what the platform takes (180).
    """
    with open_server(read_config(os.environ)) as server:
        return asyncio.run(_read(server.url(programme), now, days, ripe_after or RIPE_DAYS))


def in_programme(programme: str | None, work: Callable[[Tx, Moment], Awaitable[T]]) -> T:
    """Do something in one transaction, at the programme's own time; without a name in the configured one."""

    async def connected(url: str) -> T:
        db = await Database.open(url, pool_max=1)
        try:
            async with db.begin() as tx:
                zone = (await read_programme(tx)).zone
                return await work(tx, await MomentSource(ProgrammeClock(), zone, id_source(secrets.token_bytes))(tx))
        finally:
            await db.close()

    with open_server(read_config(os.environ)) as server:
        return asyncio.run(connected(server.url_of(programme)))


async def _read(url: str, now: datetime, days: int, ripe_days: int) -> Stored:
    db = await Database.open(url, pool_max=1)
    try:
        async with db.snapshot() as tx:
            until = await ProgrammeClock(FixedClock(now)).now(tx)
            decisions = await read_decisions(tx, since=until - timedelta(days=days), until=until + timedelta(seconds=1))
            today = business_date(until, (await read_programme(tx)).zone)
            return Stored(decisions, await outcomes(tx, today=today, ripe_days=ripe_days))
    finally:
        await db.close()

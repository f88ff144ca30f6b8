"""The stored decisions of a programme, for the commands that watch."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from typing import Annotated

import typer

from tiao.credit.model import Decision
from tiao.credit.watching.stored import read_decisions
from tiao.runtime.clock import FixedClock, ProgrammeClock
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.server import open_server

ProgrammeName = Annotated[
    str | None, typer.Option("--programme", help="Use the stored decisions of this programme instead of a file.")
]
Days = Annotated[int, typer.Option("--days", min=1, help="How many days of stored decisions.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]


def stored_decisions(programme: str, now: datetime, days: int) -> list[Decision]:
    """Read the decisions of the last *days* of a programme's own time."""
    with open_server(read_config(os.environ)) as server:
        return asyncio.run(_read(server.url(programme), now, days))


async def _read(url: str, now: datetime, days: int) -> list[Decision]:
    db = await Database.open(url, pool_max=1)
    try:
        async with db.snapshot() as tx:
            until = await ProgrammeClock(FixedClock(now)).now(tx)
            return await read_decisions(tx, since=until - timedelta(days=days), until=until + timedelta(seconds=1))
    finally:
        await db.close()

"""`tiao credit rerun`: decisions computed again from their records, with what decided them, compared to the bit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from rich.console import Console
from rich.progress import track

from tiao.cli.output import standard_output
from tiao.credit import actions as credit
from tiao.credit.model import Difference, Rerun
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.server import open_server
from tiao.values.ids import read_id, show_id
from tiao.wiring import shipped_engine

_PREFIX = "dec"
#: Decisions of one bucket are read in one transaction.
_BUCKETS = 256


class Result(NamedTuple):
    """How many decisions were run again, and those that came out otherwise."""

    run: int
    unequal: list[Rerun]


def rerun_decisions(decision: str | None, programme: str | None) -> int:
    """Run one decision again, or all; answers how many came out otherwise, and says where."""
    wanted = None if decision is None else read_id(_PREFIX, decision)
    with open_server(read_config(os.environ)) as server:
        url = server.url() if programme is None else server.url(programme)
        result = asyncio.run(_rerun(url, wanted))
    out = standard_output()
    for done in result.unequal:
        out.print(f"[red]{show_id(_PREFIX, done.decision.id)}[/red] came out otherwise", soft_wrap=True)
        for each in done.differences:
            out.print(_told(each), soft_wrap=True, highlight=False)
    out.print(f"{result.run:,} run again, {len(result.unequal):,} differ")
    return len(result.unequal)


async def _rerun(url: str, wanted: UUID | None) -> Result:
    db = await Database.open(url, pool_max=1)
    engine = shipped_engine()
    result = Result(0, [])
    try:
        async for decision_ids in _sets(db, wanted):
            async with db.snapshot() as tx:
                done = [await credit.rerun(tx, engine, each) for each in decision_ids]
            result = Result(result.run + len(done), [*result.unequal, *(one for one in done if not one.is_equal)])
        return result
    finally:
        await db.close()


async def _sets(db: Database, wanted: UUID | None) -> AsyncIterator[list[UUID]]:
    if wanted is not None:
        yield [wanted]
        return
    for bucket in track(range(_BUCKETS), description="running again", console=Console(stderr=True), transient=True):
        async with db.begin() as tx:
            found = await credit.decisions_in_bucket(tx, bucket)
        yield found


def _told(each: Difference) -> str:
    return f"  {each.field}: {each.stored.hex()} stored, {each.computed.hex()} now, bit {each.bit}"

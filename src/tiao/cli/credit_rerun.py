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
from tiao.credit.model import Difference
from tiao.credit.warning import actions as warning
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.server import open_server
from tiao.values.ids import read_id, show_id
from tiao.wiring import shipped_engine

_PREFIX, _LINE = "dec", "lin"
#: Decisions of one bucket are read in one transaction.
_BUCKETS = 256


class Unequal(NamedTuple):
    """What came out otherwise: a decision, or a line's behavioural score of a day."""

    name: str
    differences: tuple[Difference, ...]


class Result(NamedTuple):
    """How much was run again, and what came out otherwise."""

    run: int
    unequal: list[Unequal]


def rerun_decisions(decision: str | None, programme: str | None) -> int:
    """Run one decision again, or all; answers how many came out otherwise, and says where."""
    wanted = None if decision is None else read_id(_PREFIX, decision)
    with open_server(read_config(os.environ)) as server:
        url = server.url() if programme is None else server.url(programme)
        result = asyncio.run(_rerun(url, wanted))
    out = standard_output()
    for done in result.unequal:
        out.print(f"[red]{done.name}[/red] came out otherwise", soft_wrap=True)
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
            unequal = [Unequal(show_id(_PREFIX, one.decision.id), one.differences) for one in done if not one.is_equal]
            result = Result(result.run + len(done), [*result.unequal, *unequal])
        return result if wanted is not None else await _scores_too(db, result)
    finally:
        await db.close()


async def _scores_too(db: Database, result: Result) -> Result:
    """Run the behavioural scores again as well: they move limits by what they saw."""
    for bucket in range(_BUCKETS):
        async with db.snapshot() as tx:
            done = await warning.rerun_bucket(tx, bucket)
        unequal = [
            Unequal(f"{show_id(_LINE, score.line_id)} of {score.scored_on}", found) for score, found in done if found
        ]
        result = Result(result.run + len(done), [*result.unequal, *unequal])
    return result


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

"""`tiao close`: close a business day, or finish a close that was killed."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import defaultdict
from datetime import datetime
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tiao.cli.database import ProgrammeOption
from tiao.cli.output import standard_output
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.programme import MomentSource, read_programme
from tiao.runtime.server import open_server
from tiao.servicing.close import CloseStep, close_day
from tiao.servicing.close import Progress as Come
from tiao.sharding.closing import close_with
from tiao.values.ids import id_source
from tiao.wiring import closer_of, shipped_engine


class _Watch(NamedTuple):
    """What was seen of a close: when each step began, by the machine's clock."""

    began: dict[str, float]
    order: list[str]

    def note(self, step: str) -> None:
        """Note that a step begins; whoever tells that it goes on tells nothing new."""
        if step not in self.began:
            self.began[step] = time.monotonic()
            self.order.append(step)

    def seconds(self, step: str) -> float | None:
        """Say how long a step took; None when it was not watched."""
        if step not in self.began:
            return None
        following = self.order[self.order.index(step) + 1 :]
        return self.began[following[0]] - self.began[step] if following else None


def close(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The business day, YYYY-MM-DD.")],
    programme: ProgrammeOption = None,
) -> None:
    """Close a business day. A close that was killed is finished by the same command; a closed day stays as it is.

    Refused for a day that is not over, and for one that is not the next to be closed.
    """
    out = standard_output()
    watch = _Watch({}, [])
    with open_server(read_config(os.environ)) as server:
        if server.bucket_map is not None and programme is None:
            closed = asyncio.run(close_with(server.bucket_map, day.date()))
            for shard, done in closed.items():
                out.print(f"buckets {shard.ranges}")
                _show(out, day, done, watch)
            return
        url = server.url() if programme is None else server.url(programme)
        steps = asyncio.run(_close(url, day, watch))
    _show(out, day, steps, watch)


async def _close(url: str, day: datetime, watch: _Watch) -> list[CloseStep]:
    db = await Database.open(url)
    try:
        async with db.begin() as tx:
            programme = await read_programme(tx)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"{day.date()}", total=None)

            def on_progress(come: Come) -> None:
                watch.note(come.step)
                progress.update(task, completed=come.done, total=come.total, description=f"{come.day} {come.step}")

            moments = MomentSource(ProgrammeClock(), programme.zone, id_source(secrets.token_bytes))
            closer = closer_of(db, programme, moments, shipped_engine(), on_progress)
            return await close_day(closer, day.date())
    finally:
        await db.close()


def _show(out: Console, day: datetime, steps: list[CloseStep], watch: _Watch) -> None:
    """Print the steps in their order, with what they changed and, of those done now, how long they took."""
    rows: dict[str, int] = defaultdict(int)
    for step in steps:
        rows[step.step] += step.rows_changed
    names = [name for name in watch.order if name in rows] or list(rows)
    table = Table(title=f"Close of {day.date()}", title_justify="left")
    table.add_column("step")
    table.add_column("rows", justify="right")
    table.add_column("seconds", justify="right")
    for name in names:
        seconds = watch.seconds(name)
        table.add_row(name, f"{rows[name]:,}", "" if seconds is None else f"{seconds:.2f}")
    out.print(table)
    out.print(f"{day.date()} is closed" + ("" if watch.order else "; it was closed before"))

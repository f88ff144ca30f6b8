"""`tiao migrate` brings databases up to date, `tiao verify` runs every invariant on them."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from tiao.cli.output import standard_output
from tiao.lending.replaying import policy_in_force
from tiao.lending.verifying import Differing, differing, lines_after, lines_by_lot
from tiao.runtime.checks import ROWS_SHOWN_MAX, Violation, load_checks, run_check
from tiao.runtime.config import read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.migrations import migrate as apply_migrations
from tiao.runtime.migrations import pending
from tiao.runtime.placement import BucketMap
from tiao.runtime.programme import has_programme, read_programme
from tiao.runtime.server import open_server
from tiao.sharding.across import CHECKS, check_across
from tiao.sharding.preparing import prepare
from tiao.values.ids import show_id

ProgrammeOption = Annotated[
    str | None, typer.Option("--programme", help="Only this programme (a database of the embedded server).")
]
#: An invariant over millions of rows may take minutes; it must not keep the database from tidying up for longer.
CHECK_POOL_MAX = 1
#: Lines lived again unless another number is asked for: seconds, and every line comes up sooner or later.
LINES_BY_LOT = 200
_PAGE = 10_000
FoldOption = Annotated[
    int, typer.Option("--fold", min=-1, help="How many lines to live again, drawn by lot; -1 for all, 0 for none.")
]


def migrate(programme: ProgrammeOption = None) -> None:
    """Bring the programme's database to this version's schema, making it first when it is new."""
    out = standard_output()
    with open_server(read_config(os.environ)) as server:
        if server.bucket_map is not None and programme is None:
            _migrate_all(out, server.bucket_map)
            return
        applied = asyncio.run(_migrate(server.ensure_programme(programme)))
    out.print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


def verify(programme: ProgrammeOption = None, fold: FoldOption = LINES_BY_LOT) -> None:
    """Run every invariant on every programme, and live lines again; exit 0 only if nothing is violated or differs."""
    out = standard_output()
    violations = 0
    with open_server(read_config(os.environ)) as server:
        if server.bucket_map is not None and programme is None:
            if asyncio.run(_verify_all(out, server.bucket_map, fold)):
                raise typer.Exit(1)
            return
        names = server.programmes() if programme is None else [programme]
        for name in names:
            url = server.url() if server.embedded is None and programme is None else server.url(name)
            violations += asyncio.run(_verify(out, name, url, fold))
    if not names:
        out.print("There is no programme yet: `tiao migrate` makes one.")
    if violations:
        raise typer.Exit(1)


async def _migrate(url: str) -> list[str]:
    db = await Database.open(url, pool_max=1)
    try:
        return await apply_migrations(db)
    finally:
        await db.close()


def _migrate_all(out: Console, bucket_map: BucketMap) -> None:
    """Bring every server of the map up to date and give it its share. Exit 1 when one cannot be reached."""
    prepared = asyncio.run(prepare(bucket_map))
    for shard, applied in prepared.applied.items():
        out.print(f"buckets {shard.ranges}: {', '.join(applied) or 'nothing to apply'}", highlight=False)
    for shard in prepared.down:
        out.print(f"buckets {shard.ranges}: [red]cannot be reached[/red]", highlight=False)
    if prepared.down:
        raise typer.Exit(1)


async def _verify_all(out: Console, bucket_map: BucketMap, fold: int) -> int:
    """Run the invariants on every server, then those that no server sees alone; answer how many do not hold."""
    violations = 0
    for shard in bucket_map.shards:
        violations += await _verify(out, f"buckets {shard.ranges}", shard.url, fold)
    databases = [await Database.open(shard.url, pool_max=CHECK_POOL_MAX) for shard in bucket_map.shards]
    try:
        across = await check_across(databases)
    finally:
        for db in databases:
            await db.close()
    _show_violations(out, across)
    out.print(f"across servers: {len(CHECKS) - len({each.check for each in across})} of {len(CHECKS)} invariants hold.")
    return violations + len(across)


async def _verify(out: Console, name: str, url: str, fold: int) -> int:
    """Print the invariants of one programme, the rows that violate them and lines that differ; answer how many."""
    db = await Database.open(url, pool_max=CHECK_POOL_MAX)
    try:
        async with db.snapshot() as tx:
            missing = await pending(tx)
        if missing:
            out.print(f"{name}: the schema is not current ({', '.join(missing)}); run `tiao migrate` first.")
            return 1
        return _show(out, name, await _run(out, db, name)) + await _fold(out, db, name, fold)
    finally:
        await db.close()


async def _run(out: Console, db: Database, name: str) -> list[Violation]:
    """Run all invariants on one snapshot, so that they speak of the same instant."""
    found = []
    with Progress(console=out, transient=True) as progress:
        task = progress.add_task(name, total=len(load_checks()))
        async with db.snapshot() as tx:
            for check in load_checks():
                progress.update(task, description=f"{name}: {check.name}")
                if violation := await run_check(tx, check):
                    found.append(violation)
                progress.advance(task)
    return found


async def _fold(out: Console, db: Database, name: str, lines: int) -> int:
    """Live lines again, each on a snapshot of its own, and print what is stored otherwise; answer how much."""
    async with db.snapshot() as tx:
        if lines == 0 or not await has_programme(tx):
            return 0
        chosen = await _chosen(tx, lines)
    found: list[Differing] = []
    with Progress(console=out, transient=True) as progress:
        for line_id in progress.track(chosen, description=f"{name}: lines lived again"):
            async with db.snapshot() as tx:
                closed = (await read_programme(tx)).closed_through
                policy_of = await policy_in_force(tx)
                found += await differing(tx, line_id, closed_through=closed, policy_of=policy_of)
    for each in found[:ROWS_SHOWN_MAX]:
        out.print(f"[red]{show_id('lin', each.line_id)}[/red]: {each.what} {each.id} is stored as {each.stored}")
        out.print(f"  and its facts say {each.lived}")
    out.print(f"{name}: {len(chosen)} lines lived again, {len(found)} rows differ.")
    return len(found)


async def _chosen(tx: Tx, lines: int) -> list[UUID]:
    """Choose all lines, or so many by lot."""
    if lines > 0:
        return await lines_by_lot(tx, UUID(bytes=secrets.token_bytes(16)), lines)
    chosen: list[UUID] = []
    while page := await lines_after(tx, chosen[-1] if chosen else UUID(int=0), _PAGE):
        chosen += page
    return chosen


def _show(out: Console, name: str, violations: list[Violation]) -> int:
    broken = {violation.check for violation in violations}
    table = Table(title=f"Invariants of {name}", title_justify="left")
    table.add_column("invariant")
    table.add_column("holds", justify="center")
    for check in load_checks():
        table.add_row(check.name, "[red]no[/red]" if check.name in broken else "[green]yes[/green]")
    out.print(table)
    _show_violations(out, violations)
    held = len(load_checks()) - len(broken)
    out.print(f"{name}: {held} of {len(load_checks())} invariants hold.")
    return len(violations)


def _show_violations(out: Console, violations: list[Violation]) -> None:
    for violation in violations:
        out.print(f"[red]{violation.check}[/red] does not hold: {escape(violation.description)}")
        rows = Table(*violation.columns)
        for row in violation.rows:
            rows.add_row(*(escape(str(value)) for value in row))
        out.print(rows)
        if violation.has_more:
            out.print("... and more")

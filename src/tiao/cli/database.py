"""`tiao migrate` brings databases up to date, `tiao verify` runs every invariant on them."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from tiao.runtime.checks import Violation, load_checks, run_check
from tiao.runtime.config import read_config
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate as apply_migrations
from tiao.runtime.migrations import pending
from tiao.runtime.placement import BucketMap
from tiao.runtime.server import open_server
from tiao.sharding.across import CHECKS, check_across
from tiao.sharding.preparing import prepare

ProgrammeOption = Annotated[
    str | None, typer.Option("--programme", help="Only this programme (a database of the embedded server).")
]
#: An invariant over millions of rows may take minutes; it must not keep the database from tidying up for longer.
CHECK_POOL_MAX = 1


def migrate(programme: ProgrammeOption = None) -> None:
    """Bring the programme's database to this version's schema, making it first when it is new."""
    out = Console()
    with open_server(read_config(os.environ)) as server:
        if server.bucket_map is not None and programme is None:
            _migrate_all(out, server.bucket_map)
            return
        applied = asyncio.run(_migrate(server.ensure_programme(programme)))
    out.print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


def verify(programme: ProgrammeOption = None) -> None:
    """Run every invariant on every programme; exit 0 only if none is violated."""
    out = Console()
    violations = 0
    with open_server(read_config(os.environ)) as server:
        if server.bucket_map is not None and programme is None:
            if asyncio.run(_verify_all(out, server.bucket_map)):
                raise typer.Exit(1)
            return
        names = server.programmes() if programme is None else [programme]
        for name in names:
            url = server.url() if server.embedded is None and programme is None else server.url(name)
            violations += asyncio.run(_verify(out, name, url))
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


async def _verify_all(out: Console, bucket_map: BucketMap) -> int:
    """Run the invariants on every server, then those that no server sees alone; answer how many do not hold."""
    violations = 0
    for shard in bucket_map.shards:
        violations += await _verify(out, f"buckets {shard.ranges}", shard.url)
    databases = [await Database.open(shard.url, pool_max=CHECK_POOL_MAX) for shard in bucket_map.shards]
    try:
        across = await check_across(databases)
    finally:
        for db in databases:
            await db.close()
    _show_violations(out, across)
    out.print(f"across servers: {len(CHECKS) - len({each.check for each in across})} of {len(CHECKS)} invariants hold.")
    return violations + len(across)


async def _verify(out: Console, name: str, url: str) -> int:
    """Print the table of invariants of one programme and the rows that violate them; answer how many do not hold."""
    db = await Database.open(url, pool_max=CHECK_POOL_MAX)
    try:
        async with db.snapshot() as tx:
            missing = await pending(tx)
        if missing:
            out.print(f"{name}: the schema is not current ({', '.join(missing)}); run `tiao migrate` first.")
            return 1
        return _show(out, name, await _run(out, db, name))
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

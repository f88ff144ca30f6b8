"""`tiao replay`: live a file of past purchases on the live path, and report what it came to.

Exit 0 when done, 2 when the input is refused: then every bad row is listed and nothing of the file was applied.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tiao.cli.output import standard_output, write_file
from tiao.credit.engines import load_policy
from tiao.reports import page, terminal
from tiao.reports.model import FileTotals, Report
from tiao.reports.reading import report as read_report
from tiao.runtime.clock import business_date
from tiao.runtime.config import field_key, read_config
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.runtime.server import open_server
from tiao.simulator.behaviour import read_behaviour
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.programmes import ZONE, open_programme
from tiao.simulator.refusals import (
    BadRow,
    BehaviourTableInvalid,
    ReplayMapInvalid,
    TransactionsInvalid,
    TransactionsUnreadable,
)
from tiao.simulator.replay.mapping import read_map_file
from tiao.simulator.replay.run import Played, Replay, Step, play, replay_name
from tiao.simulator.replay.transactions import Transactions, read_transactions
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, open_platform

_REFUSED = 2
#: Enough to see what is wrong; the JSON document has them all.
BAD_ROWS_SHOWN_MAX = 50
VOID_LINES_SHOWN_MAX = 8


class Prepared(NamedTuple):
    """A replay that may begin: what to live, and what was wrong with the file."""

    replay: Replay
    bad: list[BadRow]
    void: list[BadRow]
    rows: int


def replay(
    file: Annotated[Path, typer.Argument(help="Transactions, .parquet or .csv.")],
    places: Annotated[Path, typer.Option("--map", help="Which column holds what (JSON).")],
    days: Annotated[int, typer.Option("--days", min=1, help="How many days of the file to live.")],
    repayments: Annotated[Path, typer.Option("--repayments", help="How customers repay (CSV).")],
    json: Annotated[Path | None, typer.Option("--json", help="Also write the report as one JSON document.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Where the page goes; var/reports otherwise.")] = None,
    then_days: Annotated[int, typer.Option("--then-days", min=0, help="Days to live on without purchases.")] = 0,
    *,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out instead of refusing.")] = False,
) -> None:
    """Put a historical transaction file through the live path on a test clock, and report what it came to.

    A replay that was killed goes on when the same command is given again; a finished one prints its report again.
    """
    out = Console(stderr=True)
    try:
        prepared = _prepare(file, places, days, repayments, then_days, is_skipping=skip_bad)
    except TransactionsInvalid as refusal:
        _show_bad(out, refusal.rows)
        out.print(f"[red]{refusal.code}[/red] {refusal.detail}; --skip-bad leaves them out")
        if json is not None:
            write_file(
                json, msgspec.json.format(msgspec.json.encode({"error": refusal.code, "bad_rows": refusal.rows}))
            )
        raise typer.Exit(_REFUSED) from refusal
    except (TransactionsUnreadable, ReplayMapInvalid, BehaviourTableInvalid) as refusal:
        out.print(f"[red]{refusal.code}[/red]", escape(refusal.detail), soft_wrap=True, highlight=False)
        raise typer.Exit(_REFUSED) from refusal
    if prepared.bad:
        _show_bad(out, prepared.bad)
        out.print(f"{len(prepared.bad)} bad rows are left out")
    if prepared.void:
        lines = ", ".join(str(row.line) for row in prepared.void[:VOID_LINES_SHOWN_MAX])
        more = ", ..." if len(prepared.void) > VOID_LINES_SHOWN_MAX else ""
        out.print(f"{len(prepared.void)} rows of amount zero buy nothing and are left out (lines {lines}{more})")
    report = _replay(out, prepared)
    config = read_config(os.environ)
    terminal.show(standard_output(), report)
    shown_at = html or config.var / "reports" / f"{prepared.replay.name}.html"
    write_file(shown_at, page.render(report).encode())
    if json is not None:
        write_file(json, msgspec.json.format(msgspec.json.encode(report)))
    out.print(f"report: {shown_at}" + (f", {json}" if json else ""), soft_wrap=True)
    if not report.is_balanced:
        raise typer.Exit(1)


def _prepare(file: Path, places: Path, days: int, repayments: Path, then_days: int, *, is_skipping: bool) -> Prepared:
    """Read and check everything before anything is done.

    Refuses: ReplayMapInvalid, BehaviourTableInvalid, TransactionsUnreadable, TransactionsInvalid.
    """
    map_bytes, columns = read_map_file(places)
    try:
        table_bytes = repayments.read_bytes()
        table = read_behaviour(table_bytes.decode())
    except (OSError, UnicodeDecodeError) as error:
        raise BehaviourTableInvalid(f"{repayments}: {error}") from error
    try:
        body = file.read_bytes()
    except OSError as error:
        raise TransactionsUnreadable(f"{file}: {error.strerror}") from error
    found = read_transactions(file, columns, currency=load_policy().currency)
    if found.bad and not is_skipping:
        raise TransactionsInvalid(found.bad)
    kept: Transactions = found.first_days(days)
    if kept.frame.is_empty():
        raise TransactionsUnreadable(f"{file.name} has no row to replay")
    name = replay_name(body, map_bytes, days, table_bytes)
    return Prepared(Replay(name, kept, table, then_days), found.bad, found.void, found.rows)


def _replay(out: Console, prepared: Prepared) -> Report:
    config = read_config(os.environ)
    vault = FieldCipher({1: field_key(config)})
    with open_server(config) as server:
        url = server.ensure_programme(prepared.replay.name) if server.embedded else server.url()
        return asyncio.run(_live(out, prepared, url, vault))


async def _live(out: Console, prepared: Prepared, url: str, vault: FieldCipher) -> Report:
    replay = prepared.replay
    transactions = replay.transactions
    db = await Database.open(url)
    try:
        await migrate(db)
        await open_programme(
            db,
            name=replay.name,
            currency=load_policy().currency,
            opened_on=business_date(transactions.first_at, ZoneInfo(ZONE)),
            funding_minor=transactions.total_minor,
        )
        async with open_neighbours(replay.name) as near:
            outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
            async with open_platform(db, outside, ids=seeded_ids(replay.name), vault=vault) as platform:
                with _progress(out) as progress:
                    task = progress.add_task("starting", total=transactions.frame.height)

                    def on_step(step: Step) -> None:
                        progress.update(task, completed=step.done, description=f"{step.day} {step.doing}")

                    played = await play(platform, replay, on_step=on_step)
        async with db.snapshot() as tx:
            return await read_report(tx, file=_totals(prepared, played))
    finally:
        await db.close()


def _totals(prepared: Prepared, played: Played) -> FileTotals:
    return FileTotals(
        rows=prepared.rows,
        bad_rows=len(prepared.bad),
        void_rows=len(prepared.void),
        offered=played.offered,
        offered_minor=played.offered_minor,
        without_line=played.without_line,
        without_line_minor=played.without_line_minor,
        refused=played.refused.total(),
    )


def _progress(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<42}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=out,
    )


def _show_bad(out: Console, rows: Sequence[BadRow]) -> None:
    table = Table(title="Bad rows", title_justify="left")
    for column in ("line", "reason", "value"):
        table.add_column(column)
    for row in rows[:BAD_ROWS_SHOWN_MAX]:
        table.add_row(str(row.line), row.reason, escape(row.value))
    out.print(table)
    if len(rows) > BAD_ROWS_SHOWN_MAX:
        out.print(f"... and {len(rows) - BAD_ROWS_SHOWN_MAX} more")

"""The invariants, run: every query of ``sql/checks`` must return no row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from tiao.runtime.db import Database, Tx
from tiao.runtime.queries import Query, parse_queries

#: Enough rows to see what is wrong; a broken rule may break millions.
ROWS_SHOWN_MAX = 20


class Violation(NamedTuple):
    """An invariant that does not hold, and the rows that show it."""

    check: str
    description: str
    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool


@cache
def load_checks() -> tuple[Query, ...]:
    """Read the invariants, file by file."""
    folder = files("tiao") / "sql" / "checks"
    paths = sorted(folder.iterdir(), key=lambda path: path.name)
    found = [query for path in paths for query in parse_queries(path.read_text(encoding="utf-8"), source=path.name)]
    assert len({query.name for query in found}) == len(found), "two invariants have one name"
    return tuple(found)


@asynccontextmanager
async def examining(db: Database) -> AsyncIterator[Tx]:
    """Open a read-only transaction for all invariants: one instant, the entries laid out once and not by each query.

    It writes a temporary copy of every entry, so it is for worlds that fit: a living platform and a standby are checked
    in `Database.snapshot`, which answers the same.
    """
    async with db.begin() as tx:
        await tx.execute("set transaction isolation level repeatable read")
        # A temporary table hides the view of its name, so the queries need not know.
        await tx.execute("create temporary table ledger_entry on commit drop as select * from ledger_entry")
        await tx.execute("analyze ledger_entry")
        await tx.execute("set transaction read only")
        yield tx


async def run_check(tx: Tx, check: Query) -> Violation | None:
    """Run one invariant; None when it holds."""
    # An invariant reads whole tables. Before the server has counted rows that came quickly, it would compare each with
    # each: 100,000 loans took many minutes instead of a second. Other joins are never much slower here.
    await tx.execute("set local enable_nestloop = off")
    # Never as a kept plan: that would go on reading the relation that bore the name when it was made.
    first = f"select * from ({check.sql}) as violation limit {ROWS_SHOWN_MAX + 1}"  # noqa: S608  our own text
    columns, rows = await tx.table(first, is_kept=False)
    if not rows:
        return None
    return Violation(check.name, check.description, columns, rows[:ROWS_SHOWN_MAX], len(rows) > ROWS_SHOWN_MAX)


async def run_checks(tx: Tx) -> list[Violation]:
    """Run every invariant; an empty list when all hold."""
    found = [await run_check(tx, check) for check in load_checks()]
    return [violation for violation in found if violation is not None]

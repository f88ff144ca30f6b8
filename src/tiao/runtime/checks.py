"""The invariants, run: every query of ``sql/checks.sql`` must return no row."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from tiao.runtime.db import Tx
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
    """Read the invariants in the order of the file."""
    text = (files("tiao") / "sql" / "checks.sql").read_text(encoding="utf-8")
    return tuple(parse_queries(text, source="tiao/sql/checks.sql"))


async def run_check(tx: Tx, check: Query) -> Violation | None:
    """Run one invariant; None when it holds."""
    columns, rows = await tx.table(f"select * from ({check.sql}) as violation limit {ROWS_SHOWN_MAX + 1}")  # noqa: S608
    if not rows:
        return None
    return Violation(check.name, check.description, columns, rows[:ROWS_SHOWN_MAX], len(rows) > ROWS_SHOWN_MAX)


async def run_checks(tx: Tx) -> list[Violation]:
    """Run every invariant; an empty list when all hold."""
    found = [await run_check(tx, check) for check in load_checks()]
    return [violation for violation in found if violation is not None]

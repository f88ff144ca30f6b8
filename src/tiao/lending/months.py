"""How lines stood month by month, and when they came to be late: what early warning looks at and is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tiao.credit.warning.model import LineMonth
from tiao.runtime.arrays import Dates, Integers, Smallints, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.lending", "months.sql")

#: A warning is right where something comes to be 31 or more days late.
LATE_FROM_STAGE = 2


async def line_months(tx: Tx, first: int, last: int, day: date) -> list[LineMonth]:
    """Tell how active lines in use, whose statement day is *day*, stood at their last six statements.

    A line that owes nothing or never had a bill is left out: there is nothing to warn of, or to look at.
    """
    return await tx.rows(_QUERIES.line_months, LineMonth, first=first, last=last, day=day)


async def late_after(tx: Tx, lines: Sequence[tuple[UUID, date]]) -> list[date | None]:
    """Tell of each (line, day) when a loan of the line first came to be 31 days late after that day; None if never."""
    found: list[date | None] = [None] * len(lines)
    if lines:
        _, rows = await tx.table(
            _QUERIES.late_after,
            buckets=Smallints(bucket_of(line) for line, _ in lines),
            lines=Uuids(line for line, _ in lines),
            days=Dates(day for _, day in lines),
            places=Integers(range(len(lines))),
            stage=LATE_FROM_STAGE,
        )
        for place, late_on in rows:
            found[place] = late_on
    return found

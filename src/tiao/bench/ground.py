"""The ground a measurement stands on: a durable PostgreSQL of its own, and a programme with lines and merchants."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.checkout.offers import OfferBook
from tiao.lending.products import shipped_products
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, NewMerchant
from tiao.policy.pack import Pack
from tiao.runtime.arrays import Smallints
from tiao.runtime.checks import examining, load_checks, run_checks
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.migrations import migrate
from tiao.runtime.programme import MomentSource, Programme, create_programme
from tiao.runtime.queries import load_queries
from tiao.values.ids import BUCKETS, seeded_ids
from tiao.values.refusal import Kind, Refusal

LENDER = "bench"
LENDER_TYPE = "cfc"
CURRENCY = "CNY"
ZONE = "Asia/Shanghai"
OPENED = date(2026, 3, 9)
#: Nothing measured here is declined for want of a limit.
LIMIT_MINOR = 10**9
#: The statement days that a programme spreads its lines over.
EVERY_STATEMENT_DAY = tuple(range(1, 29))
#: Opened in one statement.
_MANY_AT_ONCE = 50_000
#: Durable whatever the defaults become: a figure without the disk would not be one.
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}

_QUERIES = load_queries("tiao.bench")

Tell = Callable[[int, int], None]


class InvariantViolated(Refusal):
    """After the measurement an invariant does not hold; its figures are worth nothing."""

    kind = Kind.CONFLICT


class Ground(NamedTuple):
    """An open programme."""

    db: Database
    moments: MomentSource
    book: OfferBook


@contextmanager
def own_server() -> Iterator[Embedded]:
    """Start a durable PostgreSQL in a temporary directory; afterwards nothing is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="tiao-bench-"))
    try:
        server = Embedded.start(folder / "postgres", durable=True, settings=_DURABLE)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def open_ground(server: Embedded, name: str) -> AsyncIterator[Ground]:
    """Make a database with a programme on a test clock, open since `OPENED`."""
    server.ensure_database(name)
    db = await Database.open(server.url(name))
    try:
        await migrate(db)
        moments = MomentSource(ProgrammeClock(), ZoneInfo(ZONE), seeded_ids(name))
        before = OPENED - timedelta(days=1)
        programme = Programme(LENDER, CURRENCY, ZONE, "CN", LENDER_TYPE, True, None, before, before, OPENED)
        at = programme.day_starts_at(OPENED, 9)
        async with db.begin() as tx:
            await create_programme(
                tx, Programme(LENDER, CURRENCY, ZONE, "CN", LENDER_TYPE, True, at, before, before, OPENED)
            )
        book = OfferBook(products=shipped_products(), pack=Pack.load("cn"), lender=LENDER, lender_type=LENDER_TYPE)
        yield Ground(db, moments, book)
    finally:
        await db.close()


async def open_merchants(ground: Ground, count: int) -> list[Merchant]:
    """Take on merchants at a discount of 0.6 %."""
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        return [
            await partners.create_merchant(
                tx, now, NewMerchant(f"shop {number}", "general", CURRENCY, Decimal("0.006"), f"account {number}")
            )
            for number in range(count)
        ]


class Lines(NamedTuple):
    """Lines opened in one go, known by their numbers: ids are derived, so that a million of them need no room here."""

    size: int

    def ids(self, number: int) -> tuple[UUID, UUID]:
        """Give the id of a line and of its customer."""
        bucket = number % BUCKETS
        return derived_line_id("line", number, bucket), derived_line_id("customer", number, bucket)


def derived_line_id(what: str, number: int, bucket: int) -> UUID:
    """Derive an id as `insert_lines` does in SQL."""
    return UUID(bytes=md5(f"{what}/{number}".encode(), usedforsecurity=False).digest()[:15] + bytes([bucket]))


async def open_many_lines(
    ground: Ground,
    count: int,
    tell: Tell = lambda _done, _total: None,
    *,
    statement_days: Sequence[int] = EVERY_STATEMENT_DAY,
) -> Lines:
    """Open lines set-based, in every bucket, their statement days in turn."""
    for first in range(0, count, _MANY_AT_ONCE):
        until = min(first + _MANY_AT_ONCE, count)
        async with ground.db.begin() as tx:
            await tx.execute(
                _QUERIES.insert_lines,
                first=first,
                until=until,
                currency=CURRENCY,
                limit=LIMIT_MINOR,
                opened_on=OPENED,
                statement_days=Smallints(statement_days),
            )
        tell(until, count)
    return Lines(count)


async def tidy(ground: Ground) -> None:
    """Do now what the server's autovacuum would do in the minutes to come: clean up, and learn what the tables hold."""
    async with ground.db.pool.connection() as connection:
        await connection.set_autocommit(True)
        try:
            await connection.execute("vacuum (analyze)")
            await connection.execute("checkpoint")
        finally:
            await connection.set_autocommit(False)


@asynccontextmanager
async def checkpoint_after(ground: Ground, seconds: float) -> AsyncIterator[None]:
    """Have a checkpoint fall into what is measured, as it does in any long run: pages are logged whole after it."""

    async def later() -> None:
        await asyncio.sleep(seconds)
        async with ground.db.statements() as tx:
            await tx.execute("checkpoint")

    task = asyncio.create_task(later())
    try:
        yield
    finally:
        await task


async def check(ground: Ground) -> int:
    """Run every invariant; answer how many hold. Refuses: InvariantViolated."""
    async with examining(ground.db) as tx:
        violations = await run_checks(tx)
    if violations:
        raise InvariantViolated("; ".join(f"{each.check}: {each.rows[0]}" for each in violations))
    return len(load_checks())

"""The database: a pool of connections, transactions, and rows that arrive as the types the caller names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self, TypeVar

import msgspec
import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from tiao.runtime.arrays import register_arrays
from tiao.runtime.rows import row_maker
from tiao.values.refusal import Kind, Refusal, refusal_of

T = TypeVar("T")
Row = tuple[Any, ...]

#: How often a transaction that lost against another one is run before the caller is told.
ATTEMPTS_MAX = 3
#: A statement is prepared on the server when it is seen for the second time on a connection.
PREPARE_THRESHOLD = 2
RETRY_PAUSE_SECONDS = 0.01
#: A pool that could not reconnect for so long tries again when it is asked next; its pauses would grow to minutes.
RECONNECT_SECONDS = 3.0

_LOST_RACES = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_GONE = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.TooManyConnections,
    PoolTimeout,
)

set_json_loads(msgspec.json.decode)
set_json_dumps(msgspec.json.encode)
register_arrays()


class TransactionConflict(Refusal):
    """Another transaction changed the same rows first; try again."""

    kind = Kind.BUSY


class DatabaseUnavailable(Refusal):
    """The database cannot be reached; ask again with the same key to learn what was done."""

    kind = Kind.BUSY


class Sent:
    """A statement that was sent."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: AsyncCursor[Row]) -> None:
        self._cursor = cursor

    async def rows(self, row_type: type[T], /) -> list[T]:
        """Read every row as a *row_type*, as `Tx.rows` does."""
        make = row_maker(row_type, _columns(self._cursor))
        return [make(row) for row in await self._cursor.fetchall()]

    async def records(self) -> list[Row]:
        """Read every row as the driver gives it."""
        return await self._cursor.fetchall()


class Tx:
    """One open transaction. An action takes it and never commits; the edge that opened it does."""

    __slots__ = ("connection",)

    def __init__(self, connection: AsyncConnection[Row]) -> None:
        self.connection = connection

    async def rows(self, query: str, row_type: type[T], /, **params: object) -> list[T]:
        """Read every row as a *row_type* (msgspec Struct or NamedTuple), its fields filled by column name."""
        return await (await self.send(query, **params)).rows(row_type)

    async def maybe(self, query: str, row_type: type[T], /, **params: object) -> T | None:
        """Read the row, or None when there is none; more than one is a bug."""
        found = await self.rows(query, row_type, **params)
        assert len(found) <= 1, f"expected at most one row, got {len(found)}: {query}"
        return found[0] if found else None

    async def one(self, query: str, row_type: type[T], /, **params: object) -> T:
        """Read the only row; anything else is a bug."""
        found = await self.rows(query, row_type, **params)
        assert len(found) == 1, f"expected one row, got {len(found)}: {query}"
        return found[0]

    async def records(self, query: str, /, **params: object) -> list[Row]:
        """Read every row as the driver gives it, where a struct for each would only be taken apart again."""
        return await (await self._run(query, params)).fetchall()

    async def column(self, query: str, /, **params: object) -> list[Any]:
        """Read the first column of every row."""
        cursor = await self._run(query, params)
        return [row[0] for row in await cursor.fetchall()]

    async def value(self, query: str, /, **params: object) -> Any:  # noqa: ANN401  the column decides the type
        """Read the first column of the first row, or None when there is no row."""
        cursor = await self._run(query, params)
        row = await cursor.fetchone()
        return None if row is None else row[0]

    async def table(self, query: str, /, *, is_kept: bool = True, **params: object) -> tuple[list[str], list[Row]]:
        """Read column names and rows of a query whose shape is not known beforehand; *is_kept*: its plan is."""
        cursor = await self._run(query, params, is_kept=is_kept)
        return list(_columns(cursor)), await cursor.fetchall()

    async def execute(self, query: str, /, **params: object) -> int:
        """Run a statement and answer how many rows it touched."""
        return (await self._run(query, params)).rowcount

    async def send(self, query: str, /, **params: object) -> Sent:
        """Run a statement whose rows are read later: in a block of `in_one_go`, when the block has ended."""
        return Sent(await self._run(query, params))

    @asynccontextmanager
    async def in_one_go(self, *, begins: bool = False, commits: bool = False) -> AsyncIterator[None]:
        """Send the statements of the block without waiting for the answer of each; all are answered at its end.

        Of `Database.statements`, several goes can be one transaction, which the first *begins* and the last *commits*.
        """
        with refusals():
            async with self.connection.pipeline():
                if begins:
                    await self.connection.execute(b"begin")
                yield
                if commits:
                    await self.connection.execute(b"commit")

    async def script(self, text: str, /) -> None:
        """Run a file of statements, as migrations are. They take no parameters."""
        with refusals():
            await self.connection.execute(text.encode(), prepare=False)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happened inside when it fails, so that the transaction can go on."""
        async with self.connection.transaction():
            yield

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[None]:
        """Undo what happened inside in any case: to see whether it would be refused."""
        async with self.connection.transaction(force_rollback=True):
            yield

    async def _run(self, query: str, params: dict[str, object], *, is_kept: bool = True) -> AsyncCursor[Row]:
        with refusals():
            return await self.connection.execute(query.encode(), params or None, prepare=None if is_kept else False)


class Database:
    """A pool of connections to one PostgreSQL database."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Row]]) -> None:
        self.pool = pool

    @classmethod
    async def open(cls, url: str, *, pool_min: int = 1, pool_max: int = 8, wait_seconds: float = 10.0) -> Self:
        """Connect; the pool holds *pool_min* connections and grows to *pool_max*.

        Refuses: DatabaseUnavailable.
        """
        address = _address(url)
        try:
            await (await AsyncConnection.connect(address, connect_timeout=int(wait_seconds))).close()
        except psycopg.OperationalError as error:
            # A pool would keep trying in silence; whoever starts tiao wants to know why at once.
            raise DatabaseUnavailable(str(error)) from error
        opened = await cls.reach_for(url, pool_min=pool_min, pool_max=pool_max, wait_seconds=wait_seconds)
        try:
            with refusals():
                await opened.pool.wait(timeout=wait_seconds)
        except Refusal:
            await opened.close()
            raise
        return opened

    @classmethod
    async def reach_for(cls, url: str, *, pool_min: int = 1, pool_max: int = 8, wait_seconds: float = 10.0) -> Self:
        """Make a pool of a database that may not answer yet; it connects as soon as it can."""
        pool: AsyncConnectionPool[AsyncConnection[Row]] = AsyncConnectionPool(
            _address(url),
            min_size=pool_min,
            max_size=pool_max,
            timeout=wait_seconds,
            reconnect_timeout=RECONNECT_SECONDS,
            open=False,
            kwargs={"prepare_threshold": PREPARE_THRESHOLD},
        )
        await pool.open()
        return cls(pool)

    async def close(self) -> None:
        """Give every connection back."""
        await self.pool.close()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """Open one transaction: it commits at the end of the block, or rolls back when the block raises.

        Refuses: the refusal a violated constraint is named after, TransactionConflict, DatabaseUnavailable.
        """
        with refusals():
            async with self.pool.connection() as connection:
                yield Tx(connection)

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Tx]:
        """Run statements each of which is a transaction of its own: when it answers, it is durable.

        Refuses: as `begin` does.
        """
        with refusals():
            async with self.pool.connection() as connection:
                await connection.set_autocommit(True)
                try:
                    yield Tx(connection)
                finally:
                    if not connection.closed:
                        await connection.rollback()  # of a transaction in several goes that did not come to its end
                        await connection.set_autocommit(False)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        """Open a read-only transaction in which every query sees the same instant."""
        async with self.begin() as tx:
            await tx.execute("set transaction isolation level repeatable read, read only")
            yield tx

    async def retrying(self, work: Callable[[Tx], Awaitable[T]], /) -> T:
        """Run *work* in a transaction of its own, again when it loses a race, at most three times.

        Refuses: TransactionConflict.
        """
        for attempt in range(1, ATTEMPTS_MAX):
            try:
                async with self.begin() as tx:
                    return await work(tx)
            except TransactionConflict:
                await asyncio.sleep(RETRY_PAUSE_SECONDS * attempt)
        async with self.begin() as tx:
            return await work(tx)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what PostgreSQL raises into the refusal it stands for; what stands for none is a bug and passes."""
    try:
        yield
    except _LOST_RACES as error:
        raise TransactionConflict from error
    except _GONE as error:
        raise DatabaseUnavailable from error
    except psycopg.Error as error:
        constraint = error.diag.constraint_name
        refusal = refusal_of(constraint) if constraint else None
        if refusal is not None:
            # The server's own detail may quote a row, and with it a person; the refusal says enough.
            raise refusal from error
        if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
            raise DatabaseUnavailable from error
        raise


def _address(url: str) -> str:
    settings = f"{conninfo_to_dict(url).get('options') or ''} -c timezone=UTC".strip()
    return make_conninfo(url, options=settings, application_name="tiao")


def _columns(cursor: AsyncCursor[Row]) -> tuple[str, ...]:
    result = cursor.pgresult
    assert result is not None, "the statement was answered"
    assert result.nfields, "the statement returns no rows"
    # The driver's own description makes an object of many fields of each column; only the names are wanted here.
    return tuple([(result.fname(place) or b"").decode() for place in range(result.nfields)])

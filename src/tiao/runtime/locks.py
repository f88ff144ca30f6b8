"""What only one process does at a time: locks of the database that end with the connection that holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

from tiao.runtime.db import Database, Row
from tiao.runtime.queries import load_queries

QUERIES = load_queries("tiao.runtime")

#: One number for "somebody does the daily work"; the ASCII codes of `days`.
DAILY_WORK = 0x64617973
#: One number for "somebody moves the test clock"; the ASCII codes of `time`.
TEST_CLOCK = 0x74696D65


@asynccontextmanager
async def alone(db: Database, lock: int) -> AsyncIterator[AsyncConnection[Row] | None]:
    """Hold a lock of the database for as long as the block runs; None when somebody else holds it.

    No transaction is open meanwhile: one that idles is ended by the server.
    """
    async with db.pool.connection() as connection:
        await connection.set_autocommit(True)
        try:
            cursor = await connection.execute(QUERIES.try_lock.encode(), {"lock": lock})
            is_held = await cursor.fetchone() == (True,)
            try:
                yield connection if is_held else None
            finally:
                if is_held:
                    await connection.execute(QUERIES.unlock.encode(), {"lock": lock})
        finally:
            if not connection.closed:
                await connection.set_autocommit(False)

"""A database is brought to the present schema, from any state, by any number of processes at once."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tiao.runtime.checks import load_checks, run_check, run_checks
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.migrations import FUNCTIONS, MigrationChanged, migrate, migration_files, pending
from tiao.runtime.queries import Query


@pytest.fixture
def empty_url(server: Embedded) -> Iterator[str]:
    name = f"empty_{os.getpid()}"
    server.ensure_database(name)
    yield server.url(name)
    server.drop_database(name)


async def test_an_empty_database_gets_everything_once_though_two_try(empty_url: str) -> None:
    first, second = await Database.open(empty_url), await Database.open(empty_url)
    async with first.begin() as tx:
        expected = await pending(tx)
    applied = await asyncio.gather(migrate(first), migrate(second))
    assert sorted(applied[0] + applied[1]) == sorted(expected)
    assert expected[: len(migration_files())] == [each.name for each in migration_files()]
    async with first.begin() as tx:
        assert await pending(tx) == []
    assert await migrate(first) == []
    await first.close()
    await second.close()


async def test_an_applied_file_that_changed_is_refused(database: Database) -> None:
    name = migration_files()[0].name
    async with database.begin() as tx:
        await tx.execute("update schema_migration set sha256 = 'other' where name = %(name)s", name=name)
    with pytest.raises(MigrationChanged) as refused:
        await migrate(database)
    assert refused.value.facts == {"migration": name}
    with pytest.raises(MigrationChanged):
        async with database.begin() as tx:
            await pending(tx)


async def test_functions_are_replaced_when_one_of_them_changed(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute("update schema_migration set sha256 = 'other' where name = %(name)s", name=FUNCTIONS)
        assert await pending(tx) == [FUNCTIONS]
    assert await migrate(database) == [FUNCTIONS]
    assert await migrate(database) == []


async def test_a_new_programme_violates_nothing(database: Database) -> None:
    async with database.snapshot() as tx:
        assert await run_checks(tx) == []
    assert load_checks(), "there are invariants"


async def test_a_violation_shows_some_rows_and_says_when_there_are_more(database: Database) -> None:
    async with database.snapshot() as tx:
        found = await run_check(
            tx, Query("three", "There are three.", "select n, 'x' as t from generate_series(1, 3) n")
        )
        many = await run_check(tx, Query("many", "", "with a as (select generate_series(1, 99) n) select * from a"))
    assert found == ("three", "There are three.", ["n", "t"], [(1, "x"), (2, "x"), (3, "x")], False)
    assert many is not None
    assert (len(many.rows), many.has_more) == (20, True)

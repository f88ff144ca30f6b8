"""The database layer on a real PostgreSQL."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import psycopg
import pytest

from tiao.runtime.db import ATTEMPTS_MAX, Database, DatabaseUnavailable, TransactionConflict, Tx
from tiao.values.refusal import Refusal

ID, OTHER = UUID(int=1), UUID(int=2)
TABLE = """
create table shelf (
  id int constraint shelf_pk primary key,
  used int not null constraint shelf_too_full check (used <= 10),
  room int not null constraint nobody_answers_for_this check (room >= 0)
);
create table gate (id int constraint gate_taken unique deferrable initially deferred);
insert into shelf values (1, 0, 0), (2, 0, 0);
"""


class ShelfTooFull(Refusal):
    """The shelf holds no more."""


class GateTaken(Refusal):
    """Somebody else has the gate."""


class Everything(msgspec.Struct, frozen=True):
    whole: int
    key: UUID
    day: date
    instant: datetime
    rate: Decimal
    text: str
    flag: bool
    raw: bytes
    nothing: int | None
    keys: list[UUID]
    document: dict[str, int]


@pytest.fixture
async def shelves(database: Database) -> Database:
    async with database.begin() as tx:
        await tx.script(TABLE)
    return database


async def used(db: Database, shelf: int = 1) -> int:
    async with db.begin() as tx:
        return int(await tx.value("select used from shelf where id = %(id)s", id=shelf))


async def test_values_arrive_as_their_own_types(database: Database) -> None:
    query = """
    select 1::bigint as whole, %(key)s::uuid as key, date '2026-01-31' as day, %(instant)s::timestamptz as instant,
           1.10::numeric as rate, '条' as text, true as flag, '\\x01'::bytea as raw, null::int as nothing,
           array[%(key)s]::uuid[] as keys, '{"a": 1}'::jsonb as document
    """
    instant = datetime(2026, 1, 31, 8, tzinfo=UTC)
    async with database.begin() as tx:
        found = await tx.one(query, Everything, key=ID, instant=instant)
    assert found == Everything(
        1, ID, date(2026, 1, 31), instant, Decimal("1.10"), "条", True, b"\x01", None, [ID], {"a": 1}
    )
    assert found.instant.utcoffset() == instant.utcoffset()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([ID, OTHER], "uuid"),
        ([1, 2**40], "bigint"),
        ([1, None], "int"),
        ([date(2026, 1, 31)], "date"),
        (["条", 'a "quoted", one'], "text"),
        ([Decimal("0.1")], "numeric"),
        ([True, False], "boolean"),
        ([b"\x00"], "bytea"),
        ([], "uuid"),
        ([None], "date"),
    ],
)
async def test_lists_pass_as_arrays(database: Database, values: list[object], kind: str) -> None:
    async with database.begin() as tx:
        assert await tx.value(f"select %(values)s::{kind}[]", values=values) == values
        rows = await tx.column(
            f"select v from unnest(%(values)s::{kind}[]) with ordinality u(v, n) order by n", values=values
        )
        assert rows == values


async def test_a_statement_prepared_for_one_size_of_number_takes_every_other(database: Database) -> None:
    async with database.begin() as tx:
        for values in ([1], [2**20], [2**40], [], [1]):
            for _ in range(3):
                assert await tx.value("select %(values)s::bigint[]", values=values) == values


async def update_then_fail(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute("update shelf set used = 2")
        raise ZeroDivisionError


async def test_a_block_that_ends_commits_and_one_that_raises_does_not(shelves: Database) -> None:
    async with shelves.begin() as tx:
        assert await tx.execute("update shelf set used = 1 where id = 1") == 1
    with pytest.raises(ZeroDivisionError):
        await update_then_fail(shelves)
    assert await used(shelves) == 1


async def test_a_violated_constraint_raises_the_refusal_of_its_name(shelves: Database) -> None:
    with pytest.raises(ShelfTooFull) as refused:
        async with shelves.begin() as tx:
            await tx.execute("update shelf set used = 11")
    assert refused.value.detail == "The shelf holds no more."
    assert await used(shelves) == 0


async def test_a_deferred_constraint_refuses_at_commit(shelves: Database) -> None:
    with pytest.raises(GateTaken):
        async with shelves.begin() as tx:
            await tx.execute("insert into gate values (1), (1)")


async def test_a_function_refuses_by_naming_a_constraint(database: Database) -> None:
    async with database.begin() as tx:
        await tx.script("do $$ begin perform 1; end $$")
        with pytest.raises(ShelfTooFull):
            await tx.script("do $$ begin raise exception 'full' using constraint = 'shelf_too_full'; end $$")


async def test_a_constraint_without_a_refusal_is_a_bug(shelves: Database) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="nobody_answers_for_this"):
        async with shelves.begin() as tx:
            await tx.execute("update shelf set room = -1")


async def fill_too_far(tx: Tx) -> None:
    async with tx.savepoint():
        await tx.execute("update shelf set used = 5 where id = 1")
        await tx.execute("update shelf set used = 11 where id = 2")


async def test_a_savepoint_undoes_only_itself(shelves: Database) -> None:
    async with shelves.begin() as tx:
        await tx.execute("update shelf set used = 1 where id = 1")
        with pytest.raises(ShelfTooFull):
            await fill_too_far(tx)
        await tx.execute("update shelf set used = 2 where id = 2")
    assert (await used(shelves, 1), await used(shelves, 2)) == (1, 2)


async def test_one_and_maybe_insist_on_their_number_of_rows(shelves: Database) -> None:
    class Shelf(msgspec.Struct, frozen=True):
        id: int

    async with shelves.begin() as tx:
        assert await tx.one("select id from shelf where id = 1", Shelf) == Shelf(1)
        assert await tx.maybe("select id from shelf where id = 3", Shelf) is None
        assert await tx.value("select id from shelf where id = 3") is None
        with pytest.raises(AssertionError, match="expected one row, got 0"):
            await tx.one("select id from shelf where id = 3", Shelf)
        with pytest.raises(AssertionError, match="expected at most one row, got 2"):
            await tx.maybe("select id from shelf", Shelf)


async def test_a_snapshot_sees_one_instant_and_writes_nothing(shelves: Database) -> None:
    async with shelves.snapshot() as seen:
        before = await seen.value("select sum(used)::int from shelf")
        async with shelves.begin() as tx:
            await tx.execute("update shelf set used = 3")
        assert await seen.value("select sum(used)::int from shelf") == before == 0
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with shelves.snapshot() as seen:
            await seen.execute("update shelf set used = 4")
    async with shelves.begin() as tx:
        assert await tx.value("show transaction_isolation") == "read committed"


async def test_a_deadlock_is_a_conflict_and_retrying_resolves_it(shelves: Database) -> None:
    both_hold_one = asyncio.Barrier(2)
    attempts: list[int] = []

    async def take(first: int, second: int) -> None:
        is_first_time = True

        async def work(tx: Tx) -> None:
            nonlocal is_first_time
            attempts.append(first)
            await tx.execute("set local deadlock_timeout = '50ms'")
            await tx.execute("update shelf set used = used + 1 where id = %(id)s", id=first)
            if is_first_time:
                is_first_time = False
                await both_hold_one.wait()
            await tx.execute("update shelf set used = used + 1 where id = %(id)s", id=second)

        await shelves.retrying(work)

    await asyncio.gather(take(1, 2), take(2, 1))
    assert (await used(shelves, 1), await used(shelves, 2)) == (2, 2)
    assert len(attempts) == 3, "one of the two lost once"


async def test_retrying_gives_up_after_three_attempts(shelves: Database) -> None:
    attempts = 0

    async def work(tx: Tx) -> None:
        nonlocal attempts
        attempts += 1
        await tx.script("do $$ begin raise exception 'lost' using errcode = 'serialization_failure'; end $$")

    with pytest.raises(TransactionConflict):
        await shelves.retrying(work)
    assert attempts == ATTEMPTS_MAX


async def test_retrying_does_not_repeat_a_refusal(shelves: Database) -> None:
    attempts = 0

    async def work(tx: Tx) -> None:
        nonlocal attempts
        attempts += 1
        await tx.execute("update shelf set used = 11")

    with pytest.raises(ShelfTooFull):
        await shelves.retrying(work)
    assert attempts == 1


async def test_statements_of_one_go_are_answered_at_its_end_and_can_be_one_transaction(shelves: Database) -> None:
    async with shelves.statements() as tx:
        async with tx.in_one_go(begins=True):
            ids = await tx.send("select id from shelf where id > %(above)s order by id", above=0)
            room = await tx.send("select room from shelf where id = %(id)s for update", id=1)
        assert (await ids.records(), await room.records()) == ([(1,), (2,)], [(0,)])
        assert await used(shelves) == 0
        async with tx.in_one_go(commits=True):
            await tx.execute("update shelf set used = 1 where id = %(id)s", id=1)
            await tx.execute("update shelf set used = 2 where id = %(id)s", id=2)
        assert (await used(shelves, 1), await used(shelves, 2)) == (1, 2)


async def test_a_go_that_is_refused_leaves_nothing_of_its_transaction(shelves: Database) -> None:
    async def overfill() -> None:
        async with shelves.statements() as tx:
            async with tx.in_one_go(begins=True):
                await tx.execute("update shelf set used = 1 where id = %(id)s", id=1)
            async with tx.in_one_go(commits=True):
                await tx.execute("update shelf set used = 11 where id = %(id)s", id=2)
                await tx.execute("update shelf set used = 3 where id = %(id)s", id=1)

    with pytest.raises(ShelfTooFull):
        await overfill()
    assert (await used(shelves, 1), await used(shelves, 2)) == (0, 0)


async def test_a_transaction_in_goes_that_does_not_come_to_its_end_is_undone(shelves: Database) -> None:
    async def stumble() -> None:
        async with shelves.statements() as tx:
            async with tx.in_one_go(begins=True):
                await tx.execute("update shelf set used = 1 where id = %(id)s", id=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stumble()
    assert await used(shelves) == 0
    async with shelves.statements() as tx:  # the same connection, and each statement is durable by itself again
        await tx.execute("update shelf set used = 4 where id = %(id)s", id=1)
        assert await used(shelves) == 4


async def test_a_lost_connection_is_unavailable_and_the_pool_recovers(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.begin() as tx:
            await tx.execute("select pg_terminate_backend(pg_backend_pid())")
    async with database.begin() as tx:
        assert await tx.value("select 1") == 1


async def test_an_address_that_leads_nowhere_is_unavailable_at_once() -> None:
    with pytest.raises(DatabaseUnavailable, match="No such file"):
        await Database.open("postgresql://tiao@/tiao?host=/nowhere")


async def test_sessions_speak_utc(database: Database) -> None:
    async with database.begin() as tx:
        assert await tx.value("show timezone") == "UTC"

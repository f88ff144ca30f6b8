"""Lists: one person blocks, two allow, everything ends, and every process knows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.lists import actions as lists
from tiao.risk.lists.model import Entry, ListKind, NewEntry
from tiao.risk.refusals import (
    ListEntryEnded,
    ListEntryExists,
    ListEntryExpiryInvalid,
    ListEntryUnknown,
    ListMakerIsChecker,
)
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
VAULT = FieldCipher({1: b"k" * 32})
IDS = seeded_ids("lists")
DEVICE = "device-1"


def now(at: datetime = AT) -> Moment:
    return Moment(at, at.date(), IDS)


async def add(db: Database, kind: ListKind, value: str = DEVICE, *, days: int = 30, at: datetime = AT) -> Entry:
    new = NewEntry(kind, EntityKind.DEVICE, value, "seen in a ring", at + timedelta(days=days))
    async with db.begin() as tx:
        return await lists.add(tx, now(at), VAULT, new, actor="opr_1")


async def on(db: Database, value: str = DEVICE, at: datetime = AT) -> frozenset[ListKind]:
    async with db.begin() as tx:
        known = await lists.membership(tx)
    return known.lists_of(EntityKind.DEVICE, digest_of(VAULT, EntityKind.DEVICE, value), at)


async def test_a_block_counts_at_once_and_ends_when_its_time_is_over(database: Database) -> None:
    await add(database, ListKind.BLOCK)
    assert await on(database) == {ListKind.BLOCK}
    assert await on(database, "device-2") == frozenset()
    assert await on(database, at=AT + timedelta(days=30)) == frozenset()


async def test_an_allow_list_takes_two_people(database: Database) -> None:
    entry = await add(database, ListKind.ALLOW)
    assert await on(database) == frozenset()
    with pytest.raises(ListMakerIsChecker):
        async with database.begin() as tx:
            await lists.approve(tx, now(), entry.id, actor="opr_1")
    with pytest.raises(ListMakerIsChecker):  # the table, too
        async with database.begin() as tx:
            await tx.execute("update risk_list_entry set approved_by = maker, approved_at = made_at")
    async with database.begin() as tx:
        await lists.approve(tx, now(), entry.id, actor="opr_2")
    assert await on(database) == {ListKind.ALLOW}


async def test_what_is_taken_off_no_longer_counts_and_may_be_listed_again(database: Database) -> None:
    entry = await add(database, ListKind.WATCH)
    with pytest.raises(ListEntryExists):
        await add(database, ListKind.WATCH)
    async with database.begin() as tx:
        await lists.end(tx, now(), entry.id, actor="opr_3")
    assert await on(database) == frozenset()
    again = await add(database, ListKind.WATCH)
    assert await on(database) == {ListKind.WATCH}
    with pytest.raises(ListEntryUnknown):
        async with database.begin() as tx:
            await lists.end(tx, now(), UUID(int=5), actor="opr_3")
    assert again.id != entry.id


async def test_a_value_whose_entry_ran_out_may_be_listed_again(database: Database) -> None:
    await add(database, ListKind.BLOCK, days=1)
    later = AT + timedelta(days=2)
    await add(database, ListKind.BLOCK, at=later)
    assert await on(database, at=later) == {ListKind.BLOCK}


@pytest.mark.parametrize(("kind", "days"), [(ListKind.BLOCK, 0), (ListKind.BLOCK, 1097), (ListKind.ALLOW, 367)])
async def test_nothing_is_listed_for_ever(database: Database, kind: ListKind, days: int) -> None:
    with pytest.raises(ListEntryExpiryInvalid):
        await add(database, kind, days=days)


async def test_what_has_ended_cannot_be_agreed_to(database: Database) -> None:
    entry = await add(database, ListKind.ALLOW, days=1)
    with pytest.raises(ListEntryEnded):
        async with database.begin() as tx:
            await lists.approve(tx, now(AT + timedelta(days=1)), entry.id, actor="opr_2")


@pytest.fixture
async def other(server: Embedded) -> AsyncIterator[Database]:
    """Another process's pool, or another server."""
    server.drop_database("lists_follow")
    server.ensure_database("lists_follow", template="tiao_template")
    made = await Database.open(server.url("lists_follow"), pool_max=1)
    yield made
    await made.close()
    server.drop_database("lists_follow")


async def test_a_process_that_looks_again_knows_what_another_listed(database: Database) -> None:
    watcher = lists.Watcher()
    digest = digest_of(VAULT, EntityKind.DEVICE, DEVICE)
    await watcher.look(database)
    entry = await add(database, ListKind.BLOCK)
    assert watcher.lists_of(EntityKind.DEVICE, digest, AT) == frozenset()
    await watcher.look(database)
    assert watcher.lists_of(EntityKind.DEVICE, digest, AT) == {ListKind.BLOCK}
    known = watcher.known
    await watcher.look(database)
    assert watcher.known is known, "nothing changed, nothing was read again"
    async with database.begin() as tx:
        await lists.end(tx, now(), entry.id, actor="opr_1")
    await watcher.look(database)
    assert watcher.lists_of(EntityKind.DEVICE, digest, AT) == frozenset()


async def test_another_server_follows_what_the_home_lists(database: Database, other: Database) -> None:
    from tiao.sharding.following import follow_lists  # noqa: PLC0415  the one test that needs it

    entry = await add(database, ListKind.BLOCK)
    await follow_lists(database, other)
    assert await on(other) == {ListKind.BLOCK}
    async with database.begin() as tx:
        await lists.end(tx, now(), entry.id, actor="opr_1")
    await follow_lists(database, other)
    assert await on(other) == frozenset()

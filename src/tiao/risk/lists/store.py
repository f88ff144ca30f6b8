"""Rows to entries of lists and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.risk.lists.model import Entry, ListKind
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.risk.lists")


class Fact(Entry, frozen=True, kw_only=True):
    """An entry and the number of its last change."""

    change_no: int


async def insert(tx: Tx, entry: Entry) -> None:
    """Write an entry; one of the same value whose time is over makes way."""
    await tx.execute(_QUERIES.one_at_a_time)
    await tx.execute(
        _QUERIES.end_expired,
        list=entry.list.value,
        entity=entry.entity.value,
        digest=entry.digest,
        at=entry.made_at,
    )
    await tx.execute(
        _QUERIES.insert_entry,
        id=entry.id,
        list=entry.list.value,
        entity=entry.entity.value,
        digest=entry.digest,
        shown=entry.shown,
        reason=entry.reason,
        origin=entry.origin.value,
        maker=entry.maker,
        made_at=entry.made_at,
        approved_at=entry.approved_at,
        expires_at=entry.expires_at,
    )


async def lock(tx: Tx, entry_id: UUID) -> Entry | None:
    """Read an entry and lock it."""
    return await tx.maybe(_QUERIES.lock_entry, Entry, id=entry_id)


async def approve(tx: Tx, entry_id: UUID, actor: str, at: datetime) -> None:
    """Write who agreed to an entry."""
    await tx.execute(_QUERIES.one_at_a_time)
    await tx.execute(_QUERIES.approve_entry, id=entry_id, actor=actor, at=at)


async def end(tx: Tx, entry_id: UUID, actor: str, at: datetime) -> None:
    """Write who took an entry off its list."""
    await tx.execute(_QUERIES.one_at_a_time)
    await tx.execute(_QUERIES.end_entry, id=entry_id, actor=actor, at=at)


async def read(
    tx: Tx, kind: ListKind | None, digest: bytes | None, *, with_ended: bool, at: datetime, before: UUID, limit: int
) -> list[Entry]:
    """Read entries."""
    return await tx.rows(
        _QUERIES.entries,
        Entry,
        list=None if kind is None else kind.value,
        digest=digest,
        with_ended=with_ended,
        at=at,
        before=before,
        limit=limit,
    )


async def read_standing(tx: Tx) -> list[Entry]:
    """Read what counts or may come to count."""
    return await tx.rows(_QUERIES.standing, Entry)


async def read_mark(tx: Tx) -> int:
    """Read the number of the last change."""
    return int(await tx.value(_QUERIES.mark))


async def read_facts(tx: Tx, after: int) -> list[Fact]:
    """Read entries that changed after another change."""
    return await tx.rows(_QUERIES.facts, Fact, after=after)


async def follow(tx: Tx, facts: Sequence[Fact]) -> None:
    """Write entries as they stand at home."""
    for fact in facts:
        row = msgspec.structs.asdict(fact)
        named = {name: getattr(row[name], "value", row[name]) for name in ("list", "entity", "origin")}
        await tx.execute(_QUERIES.follow, **{**row, **named})

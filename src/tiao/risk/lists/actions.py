"""What can be done with lists, inside the caller's transaction at home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.risk.entities import EntityKind, digest_of, shown
from tiao.risk.lists import rules, store
from tiao.risk.lists.model import Entry, ListKind, NewEntry
from tiao.risk.lists.store import Fact
from tiao.risk.refusals import ListEntryUnknown
from tiao.runtime.db import Database, Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

#: A process looks at the lists this often: what it knows is hardly older.
FRESH_SECONDS = 1.0


async def add(tx: Tx, now: Moment, vault: FieldCipher, new: NewEntry, *, actor: str) -> Entry:
    """List something. Blocked and watched it is at once; allowed only when somebody else agrees.

    Refuses: EntityInvalid, ListEntryExpiryInvalid, ListEntryExists.
    """
    rules.check_expiry(new.list, now.at, new.expires_at)
    entry = Entry(
        id=now.new_id(),
        list=new.list,
        entity=new.entity,
        digest=digest_of(vault, new.entity, new.value),
        shown=shown(new.entity, new.value),
        reason=new.reason,
        origin=new.origin,
        maker=actor,
        made_at=now.at,
        approved_by=None,
        approved_at=None if new.list is ListKind.ALLOW else now.at,
        expires_at=new.expires_at,
        ended_at=None,
        ended_by=None,
    )
    await store.insert(tx, entry)
    return entry


async def approve(tx: Tx, now: Moment, entry_id: UUID, *, actor: str) -> Entry:
    """Agree to what somebody else wants allowed; agreed to already, nothing changes.

    Refuses: ListEntryUnknown, ListEntryEnded, ListMakerIsChecker.
    """
    entry = await _locked(tx, entry_id)
    if entry.approved_at is None:
        rules.check_approval(entry, actor, now.at)
        await store.approve(tx, entry_id, actor, now.at)
    return await _locked(tx, entry_id)


async def end(tx: Tx, now: Moment, entry_id: UUID, *, actor: str) -> Entry:
    """Take something off its list; off it already, nothing changes. Refuses: ListEntryUnknown."""
    entry = await _locked(tx, entry_id)
    if entry.ended_at is None:
        await store.end(tx, entry_id, actor, now.at)
    return await _locked(tx, entry_id)


async def entries(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    *,
    kind: ListKind | None,
    value: tuple[EntityKind, str] | None,
    with_ended: bool,
    before: UUID,
    limit: int,
) -> list[Entry]:
    """Read entries, latest first; those of one value where it is given. Refuses: EntityInvalid."""
    digest = None if value is None else digest_of(vault, *value)
    return await store.read(tx, kind, digest, with_ended=with_ended, at=now.at, before=before, limit=limit)


async def mark(tx: Tx) -> int:
    """Give the number of the last change of any list."""
    return await store.read_mark(tx)


async def facts(tx: Tx, after: int) -> list[Fact]:
    """Read what changed after another change, for a server that follows."""
    return await store.read_facts(tx, after)


async def follow(tx: Tx, changed: Sequence[Fact]) -> None:
    """Take over entries as they stand at home."""
    await store.follow(tx, changed)


async def membership(tx: Tx, known: rules.Membership | None = None) -> rules.Membership:
    """Read the lists, unless what is known is current."""
    newest = await store.read_mark(tx)
    if known is not None and known.mark == newest:
        return known
    return rules.Membership(await store.read_standing(tx), newest)


class Watcher:
    """Keeps one process's knowledge of the lists current; asked, it answers from memory."""

    def __init__(self) -> None:
        self.known = rules.Membership()

    def lists_of(self, entity: EntityKind, digest: bytes, at: datetime) -> frozenset[ListKind]:
        """Tell the lists that a value is on."""
        return self.known.lists_of(entity, digest, at)

    async def look(self, db: Database) -> None:
        """Read what changed since the last look."""
        async with db.begin() as tx:
            self.known = await membership(tx, self.known)


async def _locked(tx: Tx, entry_id: UUID) -> Entry:
    found = await store.lock(tx, entry_id)
    if found is None:
        raise ListEntryUnknown
    return found

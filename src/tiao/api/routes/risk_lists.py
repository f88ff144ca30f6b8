"""Lists of risk control: what is blocked, allowed or watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import EntryInPath, IdempotencyKey, Instant, Text
from tiao.api.operation import O, makes, reads
from tiao.api.paging import After, ById, Limit
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Asked, Call
from tiao.partners.scopes import Scope
from tiao.risk.entities import EntityKind
from tiao.risk.lists import actions as lists
from tiao.risk.lists.model import Entry, ListKind, NewEntry, Origin
from tiao.risk.refusals import (
    EntityInvalid,
    ListEntryEnded,
    ListEntryExists,
    ListEntryExpiryInvalid,
    ListEntryUnknown,
    ListMakerIsChecker,
)
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

Value: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\u0000-\u001f\u007f]+$", description="What is meant.")
]
OfList: TypeAlias = Annotated[ListKind | None, QueryParameter(name="list", description="Only entries of this list.")]
WithEnded: TypeAlias = Annotated[bool, QueryParameter(name="ended", description="Those that ended, too.")]


class EntryGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be listed, why, and until when. A customer or merchant is named by its id."""

    list: ListKind
    entity: EntityKind
    value: Value
    reason: Text
    expires_at: Instant


class EntrySought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be listed. It goes in a body: an address of a page stands in logs, and this may be a phone or a card."""

    entity: EntityKind
    value: Value


class EntryShown(msgspec.Struct, frozen=True):
    """An entry. The value is shown as far as staff need to recognise it; *is_in_force* says whether it counts now."""

    id: str
    list: ListKind
    entity: EntityKind
    shown: str
    reason: str
    origin: Origin
    maker: str
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    is_in_force: bool


class EntryPage(msgspec.Struct, frozen=True):
    """Entries, latest first."""

    data: list[EntryShown]
    has_more: bool
    next: str | None


@reads("/v1/risk_lists", by=[O], scope=Scope.RISK_LISTS, refuses=[CursorInvalid])
async def list_entries(
    call: Call,
    of: OfList = None,
    *,
    with_ended: WithEnded = False,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> EntryPage:
    """List what is blocked, allowed or watched, latest first."""
    return await _page(call, None, of=of, with_ended=with_ended, limit=limit, after=after)


@makes(
    "/v1/risk_lists/search",
    by=[O],
    scope=Scope.RISK_LISTS,
    refuses=[CursorInvalid, EntityInvalid],
    status=200,
    is_keyed=False,
    is_change=False,
)
async def search_entries(
    call: Call,
    data: JSONBody[EntrySought],
    of: OfList = None,
    *,
    with_ended: WithEnded = False,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> EntryPage:
    """Say whether something is blocked, allowed or watched, and why; the latest first."""
    return await _page(call, (data.entity, data.value), of=of, with_ended=with_ended, limit=limit, after=after)


async def _page(
    call: Asked,
    value: tuple[EntityKind, str] | None,
    *,
    of: ListKind | None,
    with_ended: bool,
    limit: int,
    after: str | None,
) -> EntryPage:
    place = paging.place_of(after, ById) or ById(paging.LAST_ID)
    home = call.services.platform
    async with home.db.snapshot() as tx:
        now = await home.moments(tx)
        found = await lists.entries(
            tx,
            now,
            home.vault,
            kind=of,
            value=value,
            with_ended=with_ended,
            before=place.id,
            limit=limit + 1,
        )
    page = paging.cut(found, limit, lambda each: ById(each.id))
    return EntryPage([_shown(each, now.at) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/risk_lists",
    by=[O],
    scope=Scope.RISK_LISTS,
    refuses=[EntityInvalid, ListEntryExists, ListEntryExpiryInvalid],
)
async def add_entry(call: Call, data: JSONBody[EntryGiven], key: IdempotencyKey) -> Response[EntryShown]:
    """Block, watch or propose to allow something. What is to be allowed waits for a second person."""
    new = NewEntry(data.list, data.entity, data.value, data.reason, data.expires_at)

    async def add(tx: Tx, now: Moment) -> Entry:
        return await lists.add(tx, now, call.platform.vault, new, actor=call.person)

    return await _changed(call, key, data, add)


@makes(
    "/v1/risk_lists/{entry_id:str}/approval",
    by=[O],
    scope=Scope.RISK_LISTS,
    refuses=[ListEntryUnknown, ListEntryEnded, ListMakerIsChecker],
)
async def approve_entry(call: Call, entry_id: EntryInPath, key: IdempotencyKey) -> Response[EntryShown]:
    """Agree to what somebody else wants allowed."""

    async def approve(tx: Tx, now: Moment) -> Entry:
        return await lists.approve(tx, now, read_id(ids.ENTRY, entry_id), actor=call.person)

    return await _changed(call, key, None, approve)


@makes("/v1/risk_lists/{entry_id:str}/end", by=[O], scope=Scope.RISK_LISTS, refuses=[ListEntryUnknown])
async def end_entry(call: Call, entry_id: EntryInPath, key: IdempotencyKey) -> Response[EntryShown]:
    """Take something off its list."""

    async def end(tx: Tx, now: Moment) -> Entry:
        return await lists.end(tx, now, read_id(ids.ENTRY, entry_id), actor=call.person)

    return await _changed(call, key, None, end)


async def _changed(
    call: Asked, key: str, said: object, change: Callable[[Tx, Moment], Awaitable[Entry]]
) -> Response[EntryShown]:
    """Change a list once, and let this process know at once; others look within a second."""

    async def work(tx: Tx, now: Moment) -> EntryShown:
        return _shown(await change(tx, now), now.at)

    answer = await once(call, key, said, work)
    await call.platform.lists.look(call.platform.db)
    await call.services.shards.spread()
    return answer


def _shown(entry: Entry, at: datetime) -> EntryShown:
    return EntryShown(
        id=show_id(ids.ENTRY, entry.id),
        list=entry.list,
        entity=entry.entity,
        shown=entry.shown,
        reason=entry.reason,
        origin=entry.origin,
        maker=entry.maker,
        made_at=entry.made_at,
        approved_by=entry.approved_by,
        approved_at=entry.approved_at,
        expires_at=entry.expires_at,
        ended_at=entry.ended_at,
        ended_by=entry.ended_by,
        is_in_force=entry.is_in_force(at),
    )


ROUTES = [list_entries, search_entries, add_entry, approve_entry, end_entry]

"""The log of a merchant's events: what happened to what, and nothing about anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from tiao.api import ids, paging
from tiao.api.ids import AnyMerchant, EventInPath
from tiao.api.operation import M, O, reads
from tiao.api.paging import After, ByPlaces, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.services import Call
from tiao.events import actions as events
from tiao.events import rules
from tiao.events.model import Event, EventKind
from tiao.events.refusals import EventUnknown
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.sharding.telling import events_of
from tiao.values.ids import read_id, show_id

AnyKind = Annotated[EventKind | None, QueryParameter(name="type", description="Only events of this type.")]


class EventShown(msgspec.Struct, frozen=True):
    """An event, exactly as webhooks tell it. *data* holds ids only: `object`, `id`, and for a refund its `purchase`."""

    id: str
    type: EventKind
    timestamp: datetime
    data: dict[str, str]


class EventPage(msgspec.Struct, frozen=True):
    """Events, the oldest first. *next* is there even when nothing more waits: ask with it again later."""

    data: list[EventShown]
    has_more: bool
    next: str


@reads(
    "/v1/events",
    by=[M, O],
    scope=Scope.EVENTS_READ,
    refuses=[MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_events(
    call: Call,
    merchant: AnyMerchant = None,
    kind: AnyKind = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> EventPage:
    """List the merchant's events, the oldest first; nothing is ever inserted before what was shown."""
    place = paging.place_of(after, ByPlaces)
    subject = call.merchant(merchant)
    places = place.places if place else []
    found, reached, has_more = await events_of(call.services.shards, subject, places, kind=kind, limit=limit)
    return EventPage([event_shown(each) for each in found], has_more, paging.cursor_at(ByPlaces(reached)))


@reads("/v1/events/{event_id:str}", by=[M, O], scope=Scope.EVENTS_READ, refuses=[EventUnknown])
async def read_event(call: Call, event_id: EventInPath) -> EventShown:
    """Show an event."""
    async with call.db.begin() as tx:
        found = await events.event(tx, read_id(ids.EVENT, event_id))
    call.require_own(EventUnknown, merchant_id=found.merchant_id)
    return event_shown(found)


def event_shown(event: Event) -> EventShown:
    """Show an event on the wire."""
    return EventShown(
        id=show_id(ids.EVENT, rules.event_id(event.bucket, event.number)),
        type=event.kind,
        timestamp=event.happened_at,
        data=rules.told(event.kind, event.subject_id, event.key_id),
    )


ROUTES = [list_events, read_event]

"""How far telling a merchant has come, and telling again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.idempotency import once
from tiao.api.ids import AnyMerchant, EndpointInPath, EventInPath, IdempotencyKey, Instant
from tiao.api.operation import M, O, makes, reads
from tiao.api.paging import After, ByTelling, Limit
from tiao.api.refusals import CursorInvalid, RequestMalformed, SubjectMissing
from tiao.api.services import Call
from tiao.events import actions as events
from tiao.events import rules
from tiao.events.model import Attempt, Delivery, EventKind
from tiao.events.refusals import EndpointDisabled, EndpointUnknown, EventUnknown
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.sharding.telling import events_between
from tiao.values.ids import bucket_of, read_id, show_id
from tiao.values.moment import Moment

#: Events told again by one request.
REPLAYED_MAX = 1000
_END = ByTelling(datetime(9999, 1, 1, tzinfo=UTC), 0, 0)

OpenOnly = Annotated[bool, QueryParameter(name="pending", description="Only what was not taken yet.")]


class ReplayAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either one event, or all that happened from one instant until before another."""

    event: Annotated[str, msgspec.Meta(pattern=f"^{ids.EVENT}_[0-9a-f]{{32}}$")] | None = None
    from_at: Instant | None = None
    until_at: Instant | None = None


class Replayed(msgspec.Struct, frozen=True):
    """How many events are told again."""

    events: int


class AttemptShown(msgspec.Struct, frozen=True):
    """One attempt: the HTTP status, or 0 and why there was none."""

    number: int
    at: datetime
    status: int
    reason: str
    took_ms: int


class DeliveryShown(msgspec.Struct, frozen=True):
    """An event on its way to an endpoint. *due_at* is null once it was taken."""

    event: str
    type: EventKind
    happened_at: datetime
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """What an endpoint was or is to be told, latest first."""

    data: list[DeliveryShown]
    has_more: bool
    next: str | None


class AttemptList(msgspec.Struct, frozen=True):
    """The attempts at telling one event, in their order."""

    data: list[AttemptShown]


@makes(
    "/v1/webhook_endpoints/{endpoint_id:str}/replays",
    by=[M, O],
    scope=Scope.WEBHOOKS_WRITE,
    refuses=[EndpointUnknown, EndpointDisabled, EventUnknown, MerchantUnknown, SubjectMissing],
)
async def replay_events(
    call: Call,
    endpoint_id: EndpointInPath,
    data: JSONBody[ReplayAsked],
    key: IdempotencyKey,
    merchant: AnyMerchant = None,
) -> Response[Replayed]:
    """Tell an event, or all of a range of time, once more; a thousand at most, the oldest first."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    shards = call.services.shards
    if (data.event is None) == (data.from_at is None or data.until_at is None):
        raise RequestMalformed("either event, or from_at and until_at", pointer="/event")
    if data.event is not None:
        event_id = read_id(ids.EVENT, data.event)
        async with shards.platform(bucket_of(event_id)).db.begin() as tx:
            found = [await events.event(tx, event_id)]
    else:
        assert data.from_at is not None, "checked above"
        assert data.until_at is not None, "checked above"
        found = await events_between(shards, subject, from_at=data.from_at, until_at=data.until_at, limit=REPLAYED_MAX)

    async def work(tx: Tx, _now: Moment) -> Replayed:
        at = await call.services.clock.now(tx)
        return Replayed(await events.replay(tx, subject, wanted, found[:REPLAYED_MAX], at=at))

    return await once(call, key, data, work)


@reads(
    "/v1/webhook_endpoints/{endpoint_id:str}/deliveries",
    by=[M, O],
    scope=Scope.EVENTS_READ,
    refuses=[EndpointUnknown, MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_deliveries(
    call: Call,
    endpoint_id: EndpointInPath,
    merchant: AnyMerchant = None,
    pending: OpenOnly = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> DeliveryPage:
    """List what an endpoint was or is to be told, latest first."""
    place = paging.place_of(after, ByTelling) or _END
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    async with call.db.begin() as tx:
        await events.endpoint(tx, subject, wanted)
        found = await events.deliveries_of(tx, wanted, is_open=pending, before=place, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByTelling(each.happened_at, each.event_number, each.bucket))
    return DeliveryPage([_delivery_shown(each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/webhook_endpoints/{endpoint_id:str}/deliveries/{event_id:str}",
    by=[M, O],
    scope=Scope.EVENTS_READ,
    refuses=[EndpointUnknown, MerchantUnknown, SubjectMissing],
)
async def list_delivery_attempts(
    call: Call, endpoint_id: EndpointInPath, event_id: EventInPath, merchant: AnyMerchant = None
) -> AttemptList:
    """List the attempts at telling an endpoint an event."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    # Endpoints and attempts lie at home, wherever the event does.
    async with call.services.platform.db.begin() as tx:
        await events.endpoint(tx, subject, wanted)
        found = await events.attempts_of(tx, wanted, read_id(ids.EVENT, event_id))
    return AttemptList([_attempt_shown(each) for each in found])


def _delivery_shown(delivery: Delivery) -> DeliveryShown:
    return DeliveryShown(
        event=show_id(ids.EVENT, rules.event_id(delivery.bucket, delivery.event_number)),
        type=delivery.kind,
        happened_at=delivery.happened_at,
        attempts=delivery.tries,
        due_at=delivery.due_at if delivery.delivered_at is None else None,
        delivered_at=delivery.delivered_at,
    )


def _attempt_shown(attempt: Attempt) -> AttemptShown:
    return AttemptShown(attempt.number, attempt.at, attempt.status, attempt.reason, attempt.took_ms)


ROUTES = [replay_events, list_deliveries, list_delivery_attempts]

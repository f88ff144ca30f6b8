"""Rows to events, endpoints and deliveries, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tiao.events.model import (
    Attempt,
    Delivery,
    DisabledReason,
    Endpoint,
    Event,
    EventKind,
    NewEndpoint,
    Progress,
    Secret,
    Wanted,
)
from tiao.runtime.arrays import Bigints, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.events")


class _Read(msgspec.Struct, frozen=True):
    endpoint_id: UUID
    merchant_id: UUID
    kinds: list[str]
    place: int | None


async def give_places(tx: Tx, limit: int) -> int:
    """Give new events their places."""
    return int(await tx.value(_QUERIES.give_places, limit=limit))


async def read_last_place(tx: Tx) -> int:
    """Read the latest place given."""
    return int(await tx.value(_QUERIES.last_place))


async def read_events(tx: Tx, merchant_id: UUID, *, after: int, kind: EventKind | None, limit: int) -> list[Event]:
    """Read a merchant's events after a place."""
    said = None if kind is None else kind.value
    return await tx.rows(_QUERIES.events_of, Event, merchant=merchant_id, after=after, kind=said, limit=limit)


async def read_event(tx: Tx, bucket: int, number: int) -> Event | None:
    """Read one event."""
    return await tx.maybe(_QUERIES.event, Event, bucket=bucket, number=number)


async def read_events_between(
    tx: Tx, merchant_id: UUID, *, from_at: datetime, until_at: datetime, limit: int
) -> list[Event]:
    """Read a merchant's events of a range of time."""
    return await tx.rows(
        _QUERIES.events_between, Event, merchant=merchant_id, from_at=from_at, until_at=until_at, limit=limit
    )


async def read_wanted(tx: Tx, progress: Sequence[Progress], limit: int) -> list[Wanted]:
    """Read for each endpoint what is next."""
    return await tx.rows(
        _QUERIES.wanted,
        Wanted,
        endpoint=Uuids([each.endpoint_id for each in progress]),
        merchant=Uuids([each.merchant_id for each in progress]),
        place=Bigints([each.place for each in progress]),
        limit=limit,
    )


async def insert_endpoint(tx: Tx, endpoint_id: UUID, merchant_id: UUID, new: NewEndpoint, at: datetime) -> None:
    """Write an endpoint."""
    await tx.execute(
        _QUERIES.insert_endpoint,
        id=endpoint_id,
        merchant=merchant_id,
        url=new.url,
        kinds=[each.value for each in new.kinds],
        description=new.description,
        at=at,
    )


async def read_endpoints(tx: Tx, merchant_id: UUID) -> list[Endpoint]:
    """Read a merchant's endpoints."""
    return await tx.rows(_QUERIES.endpoints_of, Endpoint, merchant=merchant_id)


async def lock_endpoint(tx: Tx, endpoint_id: UUID) -> Endpoint | None:
    """Read an endpoint and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_endpoint, Endpoint, id=endpoint_id)


async def update_endpoint(tx: Tx, endpoint: Endpoint) -> None:
    """Write what may change about an endpoint."""
    await tx.execute(
        _QUERIES.set_endpoint,
        id=endpoint.id,
        url=endpoint.url,
        kinds=[each.value for each in endpoint.kinds],
        description=endpoint.description,
        status=endpoint.status.value,
        reason=None if endpoint.reason is None else endpoint.reason.value,
        rests_until=endpoint.rests_until,
        at=endpoint.changed_at,
    )


async def rest_endpoint(tx: Tx, endpoint_id: UUID, until: datetime) -> None:
    """Let an endpoint be until an instant."""
    await tx.execute(_QUERIES.rest_endpoint, id=endpoint_id, until=until)


async def disable_endpoint(tx: Tx, endpoint_id: UUID, reason: DisabledReason, at: datetime) -> None:
    """Tell an endpoint no more."""
    await tx.execute(_QUERIES.disable_endpoint, id=endpoint_id, reason=reason.value, at=at)


async def delete_endpoint(tx: Tx, endpoint_id: UUID) -> None:
    """Forget an endpoint."""
    await tx.execute(_QUERIES.delete_endpoint, id=endpoint_id)


async def insert_secret(tx: Tx, secret: Secret) -> None:
    """Write keys."""
    await tx.execute(
        _QUERIES.insert_secret,
        endpoint=secret.endpoint_id,
        number=secret.number,
        hmac=secret.hmac_sealed,
        ed25519=secret.ed25519_sealed,
        public_key=secret.public_key,
        at=secret.made_at,
    )


async def end_secrets(tx: Tx, endpoint_id: UUID, ends_at: datetime) -> None:
    """Let keys sign until an instant."""
    await tx.execute(_QUERIES.end_secrets, endpoint=endpoint_id, ends_at=ends_at)


async def read_secrets(tx: Tx, endpoint_ids: Sequence[UUID], at: datetime) -> list[Secret]:
    """Read the keys that sign now."""
    return await tx.rows(_QUERIES.secrets_of, Secret, endpoints=Uuids(endpoint_ids), at=at)


async def read_last_secret_number(tx: Tx, endpoint_id: UUID) -> int:
    """Read the number of the newest keys."""
    return int(await tx.value(_QUERIES.last_secret_number, endpoint=endpoint_id))


async def read_progress(tx: Tx, shard: int) -> list[tuple[Progress, bool]]:
    """Read how far a server's log was read for each endpoint; the flag says that it was begun."""
    rows = await tx.rows(_QUERIES.progress, _Read, shard=shard)
    return [
        (Progress(each.endpoint_id, each.merchant_id, each.kinds, each.place or 0), each.place is not None)
        for each in rows
    ]


async def set_progress(tx: Tx, shard: int, places: dict[UUID, int]) -> None:
    """Note how far a server's log was read."""
    if places:
        await tx.execute(
            _QUERIES.set_progress, shard=shard, endpoint=Uuids(places), place=Bigints(list(places.values()))
        )


async def insert_deliveries(tx: Tx, told: Sequence[tuple[UUID, Event]], at: datetime) -> None:
    """Write what endpoints are to be told."""
    if told:
        await tx.execute(
            _QUERIES.insert_deliveries,
            endpoint=Uuids([endpoint for endpoint, _ in told]),
            bucket=Smallints([each.bucket for _, each in told]),
            number=Bigints([each.number for _, each in told]),
            kind=Texts([each.kind.value for _, each in told]),
            subject=Uuids([each.subject_id for _, each in told]),
            key=Uuids([each.key_id for _, each in told]),
            happened_at=[each.happened_at for _, each in told],
            at=at,
        )


async def deliver_again(tx: Tx, endpoint_id: UUID, events: Sequence[Event], at: datetime) -> None:
    """Send something once more."""
    await tx.execute(
        _QUERIES.deliver_again,
        endpoint=endpoint_id,
        bucket=Smallints([each.bucket for each in events]),
        number=Bigints([each.number for each in events]),
        at=at,
    )


async def resume(tx: Tx, endpoint_id: UUID, at: datetime) -> None:
    """Begin the plan anew for what was not taken."""
    await tx.execute(_QUERIES.resume, endpoint=endpoint_id, at=at)


async def take_due(tx: Tx, *, at: datetime, until: datetime, limit: int, each: int) -> list[Delivery]:
    """Take what is due, until an instant."""
    return await tx.rows(_QUERIES.take_due, Delivery, at=at, until=until, limit=limit, each=each)


async def end_attempt(
    tx: Tx, delivery: Delivery, attempt: Attempt, *, delivered_at: datetime | None, due_at: datetime | None
) -> None:
    """Note what became of an attempt; its endpoint may be gone by now."""
    place = {"endpoint": delivery.endpoint_id, "bucket": delivery.bucket, "number": delivery.event_number}
    tries = await tx.value(_QUERIES.set_delivery, **place, delivered_at=delivered_at, due_at=due_at)
    if tries is not None:
        await tx.execute(
            _QUERIES.insert_attempt,
            **place,
            tries=tries,
            at=attempt.at,
            status=attempt.status,
            reason=attempt.reason,
            took_ms=attempt.took_ms,
        )


async def read_deliveries(
    tx: Tx, endpoint_id: UUID, *, is_open: bool, before: tuple[datetime, int, int], limit: int
) -> list[Delivery]:
    """Read what an endpoint was or is to be told, latest first."""
    at, number, bucket = before
    return await tx.rows(
        _QUERIES.deliveries_of,
        Delivery,
        endpoint=endpoint_id,
        is_open=is_open,
        before_at=at,
        before_number=number,
        before_bucket=bucket,
        limit=limit,
    )


async def read_attempts(tx: Tx, endpoint_id: UUID, bucket: int, number: int) -> list[Attempt]:
    """Read the attempts at a delivery."""
    return await tx.rows(_QUERIES.attempts_of, Attempt, endpoint=endpoint_id, bucket=bucket, number=number)


async def delete_deliveries(tx: Tx, before: datetime, limit: int) -> int:
    """Forget deliveries that arrived before an instant, and count them."""
    return await tx.execute(_QUERIES.purge_deliveries, before=before, limit=limit)

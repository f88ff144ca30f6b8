"""Where a merchant is told of events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AnyMerchant, EndpointInPath, IdempotencyKey, MerchantId
from tiao.api.operation import M, O, ends, makes, reads, sets
from tiao.api.refusals import SubjectMissing
from tiao.api.services import Call
from tiao.events import actions as events
from tiao.events.model import DisabledReason, Endpoint, EndpointStatus, EventKind, NewEndpoint
from tiao.events.refusals import (
    EndpointAddressInvalid,
    EndpointsTooMany,
    EndpointUnknown,
    SecretsTooMany,
)
from tiao.partners import actions as partners
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.sharding.telling import last_places
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=512, description="HTTPS, to a public host.")]
Description = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\u0000-\u001f\u007f]*$")]
Kinds = Annotated[list[EventKind], msgspec.Meta(max_length=64, description="Which are told; none named: all.")]


class EndpointGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events are told, and which."""

    url: Address
    types: Kinds = []
    description: Description = ""


class EndpointSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An endpoint as it shall be; one enabled again is told what it has missed."""

    url: Address
    enabled: bool
    types: Kinds = []
    description: Description = ""


class RotationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old secret goes on signing beside the new one."""

    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=7 * 24 * 3600)] = 24 * 3600


class EndpointShown(msgspec.Struct, frozen=True):
    """An endpoint; *pending* events were not taken yet. *disabled_reason* says why it is told no more."""

    id: str
    merchant: MerchantId
    url: str
    types: list[EventKind]
    description: str
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    rests_until: datetime | None
    pending: int
    created_at: datetime
    changed_at: datetime


class EndpointInFull(msgspec.Struct, frozen=True):
    """An endpoint and the public keys its messages can be checked with (`v1a`), the newest first."""

    endpoint: EndpointShown
    public_keys: list[str]


class EndpointIssued(msgspec.Struct, frozen=True):
    """An endpoint with its new secret (`v1`), which is shown this once, and its new public key (`v1a`)."""

    endpoint: EndpointShown
    secret: str
    public_key: str


class EndpointList(msgspec.Struct, frozen=True):
    """A merchant's endpoints in the order in which they were made."""

    data: list[EndpointShown]


class Removed(msgspec.Struct, frozen=True):
    """What is gone."""

    id: str


@makes(
    "/v1/webhook_endpoints",
    by=[M, O],
    scope=Scope.WEBHOOKS_WRITE,
    refuses=[EndpointAddressInvalid, EndpointsTooMany, MerchantUnknown, SubjectMissing],
)
async def create_webhook_endpoint(
    call: Call, data: JSONBody[EndpointGiven], key: IdempotencyKey, merchant: AnyMerchant = None
) -> Response[EndpointIssued]:
    """Tell a merchant of its events at an address from now on."""
    subject = call.merchant(merchant)
    places = await last_places(call.services.shards)

    async def work(tx: Tx, _now: Moment) -> EndpointIssued:
        await partners.merchant(tx, subject)
        issued = await events.register(
            tx,
            await call.services.real_moment(tx),
            subject,
            NewEndpoint(data.url, tuple(data.types), data.description),
            places=places,
            vault=call.platform.vault,
            random_bytes=call.services.random_bytes,
            allow=call.services.webhook_allow,
        )
        return EndpointIssued(endpoint_shown(issued.endpoint), issued.secret, issued.public_key)

    return await once(call, key, (subject.hex, data), work)


@reads("/v1/webhook_endpoints", by=[M, O], scope=Scope.EVENTS_READ, refuses=[MerchantUnknown, SubjectMissing])
async def list_webhook_endpoints(call: Call, merchant: AnyMerchant = None) -> EndpointList:
    """List where the merchant is told, disabled endpoints included."""
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        return EndpointList([endpoint_shown(each) for each in await events.endpoints_of(tx, subject)])


@reads(
    "/v1/webhook_endpoints/{endpoint_id:str}",
    by=[M, O],
    scope=Scope.EVENTS_READ,
    refuses=[EndpointUnknown, MerchantUnknown, SubjectMissing],
)
async def read_webhook_endpoint(
    call: Call, endpoint_id: EndpointInPath, merchant: AnyMerchant = None
) -> EndpointInFull:
    """Show an endpoint and the public keys its messages can be checked with."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    async with call.db.begin() as tx:
        found = await events.endpoint(tx, subject, wanted)
        at = await call.services.clock.now(tx)
        return EndpointInFull(endpoint_shown(found), await events.public_keys(tx, wanted, at))


@sets(
    "/v1/webhook_endpoints/{endpoint_id:str}",
    by=[M, O],
    scope=Scope.WEBHOOKS_WRITE,
    refuses=[EndpointUnknown, EndpointAddressInvalid, MerchantUnknown, SubjectMissing],
)
async def set_webhook_endpoint(
    call: Call, endpoint_id: EndpointInPath, data: JSONBody[EndpointSet], merchant: AnyMerchant = None
) -> EndpointShown:
    """Change an endpoint, disable it or enable it again."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    async with call.db.begin() as tx:
        changed = await events.change(
            tx,
            subject,
            wanted,
            NewEndpoint(data.url, tuple(data.types), data.description),
            is_enabled=data.enabled,
            at=await call.services.clock.now(tx),
            allow=call.services.webhook_allow,
        )
    return endpoint_shown(changed)


@ends(
    "/v1/webhook_endpoints/{endpoint_id:str}",
    by=[M, O],
    scope=Scope.WEBHOOKS_WRITE,
    refuses=[EndpointUnknown, MerchantUnknown, SubjectMissing],
)
async def delete_webhook_endpoint(call: Call, endpoint_id: EndpointInPath, merchant: AnyMerchant = None) -> Removed:
    """Forget an endpoint, and what was on its way to it."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)
    async with call.db.begin() as tx:
        await events.remove(tx, subject, wanted)
    return Removed(endpoint_id)


@makes(
    "/v1/webhook_endpoints/{endpoint_id:str}/rotation",
    by=[M, O],
    scope=Scope.WEBHOOKS_WRITE,
    refuses=[EndpointUnknown, SecretsTooMany, MerchantUnknown, SubjectMissing],
)
async def rotate_webhook_secret(
    call: Call,
    endpoint_id: EndpointInPath,
    data: JSONBody[RotationAsked],
    key: IdempotencyKey,
    merchant: AnyMerchant = None,
) -> Response[EndpointIssued]:
    """Sign with a new secret; until the grace ends, every message carries the old one's signature too."""
    subject, wanted = call.merchant(merchant), read_id(ids.ENDPOINT, endpoint_id)

    async def work(tx: Tx, _now: Moment) -> EndpointIssued:
        issued = await events.rotate_secret(
            tx,
            subject,
            wanted,
            at=await call.services.clock.now(tx),
            grace=timedelta(seconds=data.grace_seconds),
            vault=call.platform.vault,
            random_bytes=call.services.random_bytes,
        )
        return EndpointIssued(endpoint_shown(issued.endpoint), issued.secret, issued.public_key)

    return await once(call, key, data, work)


def endpoint_shown(endpoint: Endpoint) -> EndpointShown:
    """Show an endpoint on the wire."""
    return EndpointShown(
        id=show_id(ids.ENDPOINT, endpoint.id),
        merchant=show_id(ids.MERCHANT, endpoint.merchant_id),
        url=endpoint.url,
        types=endpoint.kinds,
        description=endpoint.description,
        status=endpoint.status,
        disabled_reason=endpoint.reason,
        rests_until=endpoint.rests_until,
        pending=endpoint.pending,
        created_at=endpoint.made_at,
        changed_at=endpoint.changed_at,
    )


ROUTES = [
    create_webhook_endpoint,
    list_webhook_endpoints,
    read_webhook_endpoint,
    set_webhook_endpoint,
    delete_webhook_endpoint,
    rotate_webhook_secret,
]

"""What customers are seen with, and who hangs together with whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, CustomerInPath, IdempotencyKey
from tiao.api.operation import C, O, makes, reads
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.risk.graph import rules
from tiao.risk.refusals import EntityInvalid
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_Seen = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\u0000-\u001f\u007f]+$")]
#: So many of a component are named.
_NAMED = 50


class SightingGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an app or a page saw of a customer: the device's own id, the network address, where goods go."""

    device: _Seen | None = None
    ip: _Seen | None = None
    address: _Seen | None = None


class SightingNoted(msgspec.Struct, frozen=True):
    """What was noted; values are kept as digests."""

    noted: list[EntityKind]


class SharedShown(msgspec.Struct, frozen=True):
    """Something that a customer was seen with, by the first digits of its digest, and with how many it was seen."""

    entity: EntityKind
    digest: str
    customers: int


class LinksShown(msgspec.Struct, frozen=True):
    """How a customer hangs together with others; shares are of the others."""

    customer: CustomerId
    ring_size: int
    ring_new_share: float
    ring_bad_share: float
    is_ring: bool
    oldest_at: datetime | None
    newest_at: datetime | None
    shared: list[SharedShown]
    others: list[CustomerId]


@makes("/v1/sightings", by=[C], scope=Scope.PURCHASES_WRITE, refuses=[EntityInvalid])
async def note_sighting(call: Call, data: JSONBody[SightingGiven], key: IdempotencyKey) -> Response[SightingNoted]:
    """Note what the customer's app or page runs on: what risk control recognises devices and places by."""
    given = {EntityKind.DEVICE: data.device, EntityKind.IP: data.ip, EntityKind.ADDRESS: data.address}
    seen = {kind: value for kind, value in given.items() if value is not None}

    async def work(tx: Tx, now: Moment) -> SightingNoted:
        await graph.see(tx, now, call.platform.vault, call.caller.subject_id, seen)
        return SightingNoted(list(seen))

    return await once(call, key, data, work)


@reads("/v1/customers/{customer_id:str}/links", by=[O], scope=Scope.CASES_WRITE, refuses=[CustomerUnknown])
async def read_links(call: Call, customer_id: CustomerInPath) -> LinksShown:
    """Show with whom a customer hangs together, and by what."""
    wanted = read_id(ids.CUSTOMER, customer_id)
    async with call.db.snapshot() as tx:
        await identity.customer(tx, wanted)
        at = (await call.platform.moments(tx)).at
        links = (await graph.links_of(tx, [wanted], at)).get(wanted)
        shared = await graph.shared_by(tx, wanted)
        members = [] if links is None else await graph.members(tx, links.component_id, _NAMED)
    found = rules.indicators(None if links is None else links.counts)
    return LinksShown(
        customer=customer_id,
        ring_size=found.ring_size,
        ring_new_share=round(found.ring_new_share, 6),
        ring_bad_share=round(found.ring_bad_share, 6),
        is_ring=found.is_ring,
        oldest_at=None if links is None else links.oldest_at,
        newest_at=None if links is None else links.newest_at,
        shared=[SharedShown(each.entity, each.digest.hex()[:12], each.customers) for each in shared],
        others=[show_id(ids.CUSTOMER, each) for each in members if each != wanted],
    )


ROUTES = [note_sighting, read_links]

"""One time line of a customer over everything that is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from tiao.api import ids
from tiao.api.ids import CustomerInPath
from tiao.api.operation import O, reads
from tiao.api.paging import PAGE_DEFAULT, After, ByTelltale, Limit, cut, place_of
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.reports.timeline import timeline
from tiao.values.ids import read_id, show_id

_LATEST = (datetime(9999, 1, 1, tzinfo=UTC), "")

Kinds = Annotated[
    str | None, QueryParameter(name="kinds", pattern="^[a-z_,]{1,200}$", description="Only these, with commas between.")
]


class HappeningShown(msgspec.Struct, frozen=True):
    """Something that happened. *ref* is what it was about."""

    at: datetime
    kind: str
    what: str
    ref: str
    amount_minor: int | None
    currency: str | None
    detail: str


class TimelinePage(msgspec.Struct, frozen=True):
    """What happened to a customer, latest first."""

    data: list[HappeningShown]
    has_more: bool
    next: str | None


@reads(
    "/v1/customers/{customer_id:str}/timeline",
    by=[O],
    scope=Scope.CUSTOMERS_READ,
    refuses=[CustomerUnknown, CursorInvalid],
)
async def read_timeline(
    call: Call, customer_id: CustomerInPath, kinds: Kinds = None, limit: Limit = PAGE_DEFAULT, after: After = None
) -> TimelinePage:
    """Read one customer's time line: ledger, risk, decisions, purchases, messages, routing, contacts, cases."""
    wanted = read_id(ids.CUSTOMER, customer_id)
    place = place_of(after, ByTelltale)
    before = _LATEST if place is None else (place.at, place.key)
    async with call.db.begin() as tx:
        await identity.customer(tx, wanted)
        found = await timeline(
            tx, wanted, kinds=None if kinds is None else kinds.split(","), before=before, limit=limit + 1
        )
    page = cut(found, limit, lambda each: ByTelltale(each.at, each.key))
    shown = [
        HappeningShown(
            each.at,
            each.kind,
            each.what,
            show_id(each.prefix, each.ref_id),
            each.amount_minor,
            each.currency,
            each.detail,
        )
        for each in page.items
    ]
    return TimelinePage(shown, page.has_more, page.next)


ROUTES = [read_timeline]

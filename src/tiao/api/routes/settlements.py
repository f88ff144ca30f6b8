"""Settlements: what a merchant is paid for each business day, to the last posting."""

from __future__ import annotations

import base64
from datetime import date, datetime

import msgspec
from litestar import Response

from tiao.api import ids, paging
from tiao.api.ids import AnyMerchant, Currency, DayInPath, MerchantId
from tiao.api.operation import M, O, reads
from tiao.api.paging import After, ByBucket, ByDay, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.routes.refunds import PayoutShown, payout_shown
from tiao.api.services import Call
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Settlement, SettlementLine
from tiao.payments.refusals import SettlementUnknown
from tiao.sharding.reading import settlement_file, settlement_lines
from tiao.values.ids import show_id


class SettlementShown(msgspec.Struct, frozen=True):
    """What a merchant is owed for a day.

    Net is gross less discount, subsidy, refunds and what is reserved, with what was adjusted, released and carried,
    less what was withdrawn since the settlement before. What of it is not paid is carried on.
    """

    id: str
    merchant: MerchantId
    business_date: date
    currency: Currency
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    adjusted_minor: int
    reserved_minor: int
    released_minor: int
    carried_minor: int
    withdrawn_minor: int
    net_minor: int
    paid_minor: int
    pays_on: date


class SettlementInFull(msgspec.Struct, frozen=True):
    """A settlement and how far its payment has come."""

    settlement: SettlementShown
    payouts: list[PayoutShown]


class SettlementPage(msgspec.Struct, frozen=True):
    """Settlements, newest first."""

    data: list[SettlementShown]
    has_more: bool
    next: str | None


class SettlementLineShown(msgspec.Struct, frozen=True):
    """One posting that a settlement covers; what we owe is positive. *source* is its loan, refund or settlement.

    Where the close booked it for many merchants at once, *source* is the posting itself.
    """

    posting: str
    kind: str
    source: str
    amount_minor: int
    recorded_at: datetime


class SettlementLinePage(msgspec.Struct, frozen=True):
    """The postings of a settlement; with what was carried they add up to its net."""

    data: list[SettlementLineShown]
    has_more: bool
    next: str | None


@reads(
    "/v1/settlements",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_settlements(
    call: Call, merchant: AnyMerchant = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> SettlementPage:
    """List the merchant's settlements, newest first."""
    place = paging.place_of(after, ByDay)
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await payments.settlements_of(tx, subject, before=place.day if place else None, limit=limit + 1)
    page = paging.cut(found, limit, lambda each: ByDay(each.business_date))
    return SettlementPage([settlement_shown(each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/settlements/{business_date:date}",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[SettlementUnknown, MerchantUnknown, SubjectMissing],
)
async def read_settlement(call: Call, business_date: DayInPath, merchant: AnyMerchant = None) -> SettlementInFull:
    """Show the settlement of a business day and how far its payment has come."""
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await payments.settlement(tx, subject, business_date)
        payouts = await payments.payouts_of(tx, found.id)
    return SettlementInFull(settlement_shown(found), [payout_shown(each) for each in payouts])


@reads(
    "/v1/settlements/{business_date:date}/lines",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[SettlementUnknown, MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_settlement_lines(
    call: Call,
    business_date: DayInPath,
    merchant: AnyMerchant = None,
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> SettlementLinePage:
    """List the postings that a settlement covers."""
    place = paging.place_of(after, ByBucket)
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await payments.settlement(tx, subject, business_date)
    start = (place.bucket, place.id) if place else None
    lines = await settlement_lines(call.services.shards, found, after=start, limit=limit + 1)
    page = paging.cut(lines, limit, lambda each: ByBucket(each.bucket, each.posting_id))
    return SettlementLinePage([_line_shown(each) for each in page.items], page.has_more, page.next)


@reads(
    "/v1/settlements/{business_date:date}/file",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[SettlementUnknown, MerchantUnknown, SubjectMissing],
    media_type="text/csv",
)
async def read_settlement_file(call: Call, business_date: DayInPath, merchant: AnyMerchant = None) -> Response[bytes]:
    """Download a settlement: every sale, refund and whatever else moved the account, with totals that agree.

    Amounts are whole minor units. `Content-Digest` is that of the file; the same settlement gives the same bytes.
    """
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await payments.settlement(tx, subject, business_date)
    file = await settlement_file(call.services.shards, found)
    headers = {
        "Content-Digest": f"sha-256=:{base64.b64encode(file.digest).decode()}:",
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    return Response(file.content, media_type="text/csv", headers=headers)


def settlement_shown(found: Settlement) -> SettlementShown:
    """Show a settlement on the wire."""
    return SettlementShown(
        id=show_id(ids.SETTLEMENT, found.id),
        merchant=show_id(ids.MERCHANT, found.merchant_id),
        business_date=found.business_date,
        currency=found.currency,
        gross_minor=found.gross_minor,
        discount_minor=found.discount_minor,
        subsidy_minor=found.subsidy_minor,
        refunded_minor=found.refunded_minor,
        adjusted_minor=found.adjusted_minor,
        reserved_minor=found.reserved_minor,
        released_minor=found.released_minor,
        carried_minor=found.carried_minor,
        withdrawn_minor=found.withdrawn_minor,
        net_minor=found.net_minor,
        paid_minor=found.paid_minor,
        pays_on=found.pays_on,
    )


#: What a posting on a merchant's payable comes from.
_SOURCES = {"purchase_captured": ids.LOAN, "refund_given": ids.REFUND, "payout_returned": ids.SETTLEMENT}


def _line_shown(line: SettlementLine) -> SettlementLineShown:
    return SettlementLineShown(
        posting=show_id(ids.POSTING, line.posting_id),
        kind=line.kind,
        source=show_id(_SOURCES.get(line.kind, ids.POSTING), line.source_id),
        amount_minor=line.amount_minor,
        recorded_at=line.recorded_at,
    )


ROUTES = [list_settlements, read_settlement, list_settlement_lines, read_settlement_file]

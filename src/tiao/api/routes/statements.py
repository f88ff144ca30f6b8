"""Statements: a merchant's month, from what it was owed before to what it is owed after, as the ledger has it."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import PathParameter

from tiao.api import ids, paging
from tiao.api.ids import AnyMerchant, Currency, MerchantId
from tiao.api.operation import M, O, reads
from tiao.api.paging import After, ByDay, Limit
from tiao.api.refusals import CursorInvalid, StatementUnknown, SubjectMissing
from tiao.api.services import Call
from tiao.partners import actions as partners
from tiao.partners.model import Merchant
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.reports import merchant_months
from tiao.reports.merchant_months import Statement, month_after, month_begins
from tiao.reports.statement_page import Head, written
from tiao.runtime.clock import business_date
from tiao.runtime.programme import read_programme
from tiao.values.ids import show_id

MonthInPath: TypeAlias = Annotated[
    str, PathParameter(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", description="A month: 2026-11.")
]


class MonthShown(msgspec.Struct, frozen=True):
    """A month there is a statement of; *is_final*: every day of it is closed, so that nothing in it will change."""

    month: str
    is_final: bool


class MonthPage(msgspec.Struct, frozen=True):
    """Months, newest first."""

    data: list[MonthShown]
    has_more: bool
    next: str | None


class StatementShown(msgspec.Struct, frozen=True):
    """A merchant's month.

    Net is gross less discount, subsidy and refunds, with what was adjusted, earned as a platform, shared, held for
    disputes and kept in reserve, as the nets of the month's settlements are before what was carried and withdrawn.
    opening + net - paid + returned + between servers = closing. What was shared, disputed or reserved is negative when
    it left the account, and comes back when it is released. What we owe is positive.
    """

    merchant: MerchantId
    month: str
    is_final: bool
    currency: Currency
    statement: Statement


class _Asked(msgspec.Struct, frozen=True):
    merchant: Merchant
    today: date
    closed_through: date
    first: date

    def is_final(self, month: date) -> bool:
        return month_after(month) <= self.closed_through + timedelta(days=1)


@reads(
    "/v1/statements", by=[M, O], scope=Scope.SETTLEMENTS_READ, refuses=[MerchantUnknown, SubjectMissing, CursorInvalid]
)
async def list_statements(
    call: Call, merchant: AnyMerchant = None, limit: Limit = paging.PAGE_DEFAULT, after: After = None
) -> MonthPage:
    """List the months there are statements of, newest first, the present one included."""
    place = paging.place_of(after, ByDay)
    asked = await _asked(call, call.merchant(merchant))
    months = [month_begins(asked.today)]
    while months[-1] > asked.first:
        months.append(month_begins(months[-1] - timedelta(days=1)))
    found = [each for each in months if place is None or each < place.day][: limit + 1]
    page = paging.cut(found, limit, ByDay)
    return MonthPage(
        [MonthShown(f"{each:%Y-%m}", asked.is_final(each)) for each in page.items], page.has_more, page.next
    )


@reads(
    "/v1/statements/{month:str}",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[StatementUnknown, MerchantUnknown, SubjectMissing],
)
async def read_statement(call: Call, month: MonthInPath, merchant: AnyMerchant = None) -> StatementShown:
    """Show a month's statement; that of the present month is as far as it has come."""
    asked = await _asked(call, call.merchant(merchant))
    wanted = _month(asked, month)
    return StatementShown(
        merchant=show_id(ids.MERCHANT, asked.merchant.id),
        month=month,
        is_final=asked.is_final(wanted),
        currency=asked.merchant.currency,
        statement=await _statement(call, asked.merchant.id, wanted),
    )


@reads(
    "/v1/statements/{month:str}/file",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[StatementUnknown, MerchantUnknown, SubjectMissing],
    media_type="text/csv",
)
async def read_statement_file(call: Call, month: MonthInPath, merchant: AnyMerchant = None) -> Response[bytes]:
    """Download a month's statement: a line for each figure, in whole minor units, in the order of the sum.

    `Content-Digest` is that of the file; the same statement gives the same bytes.
    """
    asked = await _asked(call, call.merchant(merchant))
    wanted = _month(asked, month)
    found = await _statement(call, asked.merchant.id, wanted)
    file = merchant_months.file_of(asked.merchant.id, wanted, found)
    headers = {
        "Content-Digest": f"sha-256=:{base64.b64encode(file.digest).decode()}:",
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    return Response(file.content, media_type="text/csv", headers=headers)


@reads(
    "/v1/statements/{month:str}/page",
    by=[M, O],
    scope=Scope.SETTLEMENTS_READ,
    refuses=[StatementUnknown, MerchantUnknown, SubjectMissing],
    media_type="application/pdf",
)
async def read_statement_page(call: Call, month: MonthInPath, merchant: AnyMerchant = None) -> Response[bytes]:
    """Download a month's statement as a page to print (PDF); the same statement gives the same bytes."""
    asked = await _asked(call, call.merchant(merchant))
    wanted = _month(asked, month)
    shown = show_id(ids.MERCHANT, asked.merchant.id)
    head = Head(
        merchant=asked.merchant.name,
        merchant_id=shown,
        lender=call.services.platform.book.lender,
        currency=asked.merchant.currency,
        month=wanted,
        is_final=asked.is_final(wanted),
    )
    content = written(head, await _statement(call, asked.merchant.id, wanted))
    headers = {"Content-Disposition": f'attachment; filename="statement-{month}-{asked.merchant.id.hex[:8]}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


async def _asked(call: Call, merchant_id: UUID) -> _Asked:
    home = call.services.platform
    async with home.db.begin() as tx:
        merchant = await partners.merchant(tx, merchant_id)
        programme = await read_programme(tx)
        now = await home.moments(tx)
    first = month_begins(min(business_date(merchant.joined_at, programme.zone), now.today))
    return _Asked(merchant, now.today, programme.closed_through, first)


def _month(asked: _Asked, month: str) -> date:
    """Read which month is meant. Refuses: StatementUnknown: before the merchant joined, or still to come."""
    year, number = map(int, month.split("-"))
    if not (asked.first.year, asked.first.month) <= (year, number) <= (asked.today.year, asked.today.month):
        raise StatementUnknown
    return date(year, number, 1)


async def _statement(call: Call, merchant_id: UUID, month: date) -> Statement:
    """Add up what every server booked. Refuses: ShardUnavailable."""
    found = []
    for platform in call.services.shards.all():
        async with platform.db.snapshot() as tx:
            found.append(await merchant_months.month_of(tx, merchant_id, month))
    return merchant_months.statement_of(merchant_months.together(found))


ROUTES = [list_statements, read_statement, read_statement_file, read_statement_page]

"""What a merchant's bill of a day holds, in whichever form: the books, with the merchant's own numbers."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.api.compat.till import Till
from tiao.checkout import refunding
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import MerchantOrder, OrderRefund, Surface
from tiao.reports import merchant_days
from tiao.reports.merchant_days import Movement
from tiao.runtime.programme import read_programme
from tiao.runtime.secrets import FieldCipher, FieldUnreadable
from tiao.values.refusal import Kind, Refusal

#: A day's bills are there on the next day from this hour on. Source: both forms' own documents.
READY_HOUR = 10
_CONTEXT = "merchant_bill.link"


class BillNotThere(Refusal):
    """The day is not over, not closed, or the hour from which its bills are there has not come."""

    kind = Kind.NOT_FOUND


class BillLinkInvalid(Refusal):
    """The link to a bill is none, or too old."""

    kind = Kind.NOT_FOUND


class BillLine(NamedTuple):
    """One sale or refund. *Units*: minor units; of a refund all amounts are negative."""

    order: MerchantOrder
    refund: OrderRefund | None
    movement: Movement


class Trades(NamedTuple):
    """The sales and refunds of a merchant's orders in one form, on one day, as they were booked."""

    day: date
    lines: list[BillLine]

    @property
    def sales(self) -> list[BillLine]:
        """The sales alone."""
        return [each for each in self.lines if each.movement.refund_id is None]

    @property
    def refunds(self) -> list[BillLine]:
        """The refunds alone."""
        return [each for each in self.lines if each.movement.refund_id is not None]


class Funds(NamedTuple):
    """Everything that moved a merchant's account on one day, and what it stood at before. *Units*: minor units."""

    day: date
    before_minor: int
    movements: list[Movement]
    trades: Trades


class Link(msgspec.Struct, frozen=True):
    """Which bill may be fetched, by whom and until when."""

    account_id: UUID
    kind: str
    day: date
    until: datetime


async def check_ready(till: Till, day: date) -> None:
    """Demand that a day's bills are there. Refuses: BillNotThere."""
    async with till.home.db.begin() as tx:
        programme = await read_programme(tx)
        now = await till.home.moments(tx)
    if day > programme.cut_off_on or now.at < programme.day_starts_at(
        date.fromordinal(day.toordinal() + 1), READY_HOUR
    ):
        raise BillNotThere


async def trades_of(till: Till, surface: Surface, day: date) -> Trades:
    """Collect a day's sales and refunds from every server. Refuses: BillNotThere, ShardUnavailable."""
    return await _trades(till, surface, day, await _movements(till, day))


async def funds_of(till: Till, surface: Surface, day: date) -> Funds:
    """Collect what moved the merchant's account on a day. Refuses: BillNotThere, ShardUnavailable."""
    moved = await _movements(till, day)
    before = 0
    for platform in till.services.shards.all():
        async with platform.db.begin() as tx:
            before += await merchant_days.balance_before(tx, till.account.merchant_id, day)
    return Funds(day, before, moved, await _trades(till, surface, day, moved))


def sealed_link(vault: FieldCipher, link: Link) -> str:
    """Write a link so that nobody can make or change one."""
    sealed = vault.encrypt(msgspec.json.encode(link).decode(), context=_CONTEXT)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def opened_link(vault: FieldCipher, token: str, *, at: datetime) -> Link:
    """Read a link. Refuses: BillLinkInvalid."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        link = msgspec.json.decode(vault.decrypt(sealed, context=_CONTEXT), type=Link)
    except (binascii.Error, ValueError, FieldUnreadable) as error:
        raise BillLinkInvalid from error
    if at >= link.until:
        raise BillLinkInvalid
    return link


async def _movements(till: Till, day: date) -> list[Movement]:
    await check_ready(till, day)
    found: list[Movement] = []
    for platform in till.services.shards.all():
        async with platform.db.begin() as tx:
            found += await merchant_days.movements(tx, till.account.merchant_id, day)
    return sorted(found, key=lambda each: (each.recorded_at, each.posting_id))


async def _trades(till: Till, surface: Surface, day: date, moved: list[Movement]) -> Trades:
    purchases = [each.purchase_id for each in moved if each.purchase_id is not None]
    async with till.home.db.begin() as tx:
        found, given = await orders.of_purchases(tx, till.account.id, surface, purchases)
    by_purchase = {each.purchase_id: each for each in found}
    by_order = {each.id: each for each in found}
    refunds: dict[UUID, OrderRefund] = {}
    for each in given:
        purchase_id = by_order[each.order_id].purchase_id
        assert purchase_id is not None, "it was found by its purchase"
        refunds[refunding.refund_id(purchase_id, orders.refund_key(each))] = each
    lines = [
        BillLine(by_purchase[each.purchase_id], refunds.get(each.refund_id) if each.refund_id else None, each)
        for each in moved
        if each.purchase_id in by_purchase
    ]
    return Trades(day, lines)

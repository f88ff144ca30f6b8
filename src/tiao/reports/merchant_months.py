"""A merchant's account over a month, as the books have it: what its statement is written from."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from io import StringIO
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.reports")
_LONGEST = timedelta(days=31)


class Moved(msgspec.Struct, frozen=True):
    """What one kind of posting did to a merchant's account. *Units*: minor units; what we owe is positive.

    *amount_minor* is at the price of what was sold or given back; amount less discount and subsidy is what moved.
    """

    kind: str
    count: int
    moved_minor: int
    amount_minor: int
    discount_minor: int
    subsidy_minor: int


class Stood(msgspec.Struct, frozen=True):
    """What stood to a merchant's name at an instant: owed, in reserve, held for disputes, kept to be shared."""

    payable_minor: int
    reserve_minor: int
    held_minor: int
    to_share_minor: int


class Month(NamedTuple):
    """One server's books, or all of them together: what stood before and after, and what moved between."""

    opening: Stood
    moved: list[Moved]
    closing: Stood


class Statement(msgspec.Struct, frozen=True):
    """A month's statement, in the order of its sum. *Units*: minor units; what is owed to the merchant is positive.

    Net is what the month brought to the account, as the nets of its days do: gross less discount, subsidy and refunds,
    with what was adjusted, earned as a platform, shared, held for disputes and kept in reserve. opening + net - paid +
    returned + between servers = closing, each of which is what the ledger says.
    """

    opening_minor: int
    gross_minor: int
    discount_minor: int
    subsidy_minor: int
    refunded_minor: int
    adjusted_minor: int
    income_minor: int
    shared_minor: int
    disputed_minor: int
    reserved_minor: int
    net_minor: int
    paid_minor: int
    returned_minor: int
    between_servers_minor: int
    closing_minor: int
    reserve_opening_minor: int
    reserve_closing_minor: int
    held_closing_minor: int
    to_share_closing_minor: int
    sales: int
    refunds: int


class StatementOfMonth(NamedTuple):
    """A statement as a file, and its SHA-256."""

    name: str
    content: bytes
    digest: bytes


#: Which line of a statement each kind of posting stands in; what is not named is by hand.
_LINES = {
    "purchase_captured": "sold",
    "refund_given": "refunded",
    "merchant_adjusted": "adjusted",
    "income_shared": "income",
    "reserve_moved": "reserved",
    "dispute_held": "disputed",
    "dispute_released": "disputed",
    "share_given": "shared",
    "share_returned": "shared",
    "kept_for_sharing": "shared",
    "released_from_sharing": "shared",
    "settlement_paid": "paid",
    "settlement_withdrawn": "paid",
    "payout_returned": "returned",
    "settlement_forwarded": "between",
    "settlement_gathered": "between",
}
#: What a net is made of beside sales and refunds; the rest is money on its way out.
_OF_NET = ("adjusted", "income", "shared", "disputed", "reserved")


def month_begins(day: date) -> date:
    """Give the first day of a month."""
    return day.replace(day=1)


def month_after(day: date) -> date:
    """Give the first day of the month after."""
    return month_begins(month_begins(day) + _LONGEST)


async def month_of(tx: Tx, merchant_id: UUID, month: date) -> Month:
    """Read what one server booked on a merchant's account in a month."""
    until = month_after(month)
    return Month(
        await tx.one(_QUERIES.merchant_stood, Stood, merchant=merchant_id, day=month),
        await tx.rows(_QUERIES.merchant_month, Moved, merchant=merchant_id, from_on=month, until=until),
        await tx.one(_QUERIES.merchant_stood, Stood, merchant=merchant_id, day=until),
    )


def together(months: Sequence[Month]) -> Month:
    """Add up what several servers booked."""
    return Month(
        _sum(each.opening for each in months),
        [line for each in months for line in each.moved],
        _sum(each.closing for each in months),
    )


def statement_of(month: Month) -> Statement:
    """Write a month's statement. It balances, or it is a bug."""
    lines: dict[str, int] = dict.fromkeys(("adjusted", *_LINES.values()), 0)
    for each in month.moved:
        lines[_LINES.get(each.kind, "adjusted")] += each.moved_minor
    sold = [each for each in month.moved if each.kind == "purchase_captured"]
    given_back = [each for each in month.moved if each.kind == "refund_given"]
    discount = sum(each.discount_minor for each in month.moved)
    subsidy = sum(each.subsidy_minor for each in month.moved)
    gross = sum(each.amount_minor for each in sold)
    refunded = -sum(each.amount_minor for each in given_back)
    traded = gross - discount - subsidy - refunded
    assert traded == lines["sold"] + lines["refunded"], "prices less what was borne"
    net = traded + sum(lines[name] for name in _OF_NET)
    made = Statement(
        opening_minor=month.opening.payable_minor,
        gross_minor=gross,
        discount_minor=discount,
        subsidy_minor=subsidy,
        refunded_minor=refunded,
        adjusted_minor=lines["adjusted"],
        income_minor=lines["income"],
        shared_minor=lines["shared"],
        disputed_minor=lines["disputed"],
        reserved_minor=lines["reserved"],
        net_minor=net,
        paid_minor=-lines["paid"],
        returned_minor=lines["returned"],
        between_servers_minor=lines["between"],
        closing_minor=month.closing.payable_minor,
        reserve_opening_minor=month.opening.reserve_minor,
        reserve_closing_minor=month.closing.reserve_minor,
        held_closing_minor=month.closing.held_minor,
        to_share_closing_minor=month.closing.to_share_minor,
        sales=sum(each.count for each in sold),
        refunds=sum(each.count for each in given_back),
    )
    moved = made.closing_minor - made.opening_minor
    assert moved == sum(lines.values()), f"the account moved by {moved}, its postings by {sum(lines.values())}"
    return made


def file_of(merchant_id: UUID, month: date, found: Statement) -> StatementOfMonth:
    """Write a statement as a table of two columns; the same statement gives the same bytes."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("line", "value"))
    writer.writerow(("month", f"{month:%Y-%m}"))
    writer.writerows(msgspec.structs.asdict(found).items())
    content = text.getvalue().encode()
    name = f"statement-{month:%Y-%m}-{merchant_id.hex[:8]}.csv"
    return StatementOfMonth(name, content, hashlib.sha256(content).digest())


def _sum(found: Iterable[Stood]) -> Stood:
    all_ = list(found)
    return Stood(*(sum(getattr(each, name) for each in all_) for name in Stood.__struct_fields__))

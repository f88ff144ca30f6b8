"""The purchase of docs/ledger.md and the settlements of docs/products.md, lived on a real database."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from docs.examples import yuan
from docs.pages import ROOT
from support.spine import OPENED, Spine
from tiao.checkout import refunding
from tiao.ledger import actions as ledger
from tiao.payments import actions as payments
from tiao.runtime.db import Database

pytestmark = pytest.mark.anyio

LEDGER = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
PRODUCTS = (ROOT / "docs" / "products.md").read_text(encoding="utf-8")
PAGE_NAMES = {
    "principal receivable": 1011,
    "fee receivable": 1012,
    "merchant payable": 2001,
    "payouts in transit": 2005,
    "cash": 1001,
    "discount income": 4001,
    "fee income": 4002,
}


@pytest.fixture
async def spine(database: Database) -> AsyncIterator[Spine]:
    made = Spine(database)
    await made.open()
    yield made
    await made.desk.close()


def entries_on_the_page(event: str) -> dict[int, int]:
    """Read one row of the example: account to signed minor units."""
    [row] = [line for line in LEDGER.splitlines() if line.startswith(f"| {event}")]
    found: dict[int, int] = {}
    for sign, side in zip((1, -1), row.strip("| ").split(" | ")[1:], strict=True):
        for name, whole, fen in re.findall(r"([a-z ]+?) ([\d,]+)\.(\d\d)", side):
            found[PAGE_NAMES[name.strip()]] = sign * (int(whole.replace(",", "")) * 100 + int(fen))
    return found


async def booked(spine: Spine, kind: str) -> dict[int, int]:
    async with spine.db.begin() as tx:
        query = """
            select e.account, sum(e.amount_minor)::bigint from ledger_entry e
              join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
             where p.kind = %(kind)s group by e.account"""
        _, rows = await tx.table(query, kind=kind)
    return dict(rows)


async def test_the_purchase_of_the_ledger_page_books_what_the_page_says(spine: Spine) -> None:
    line = await spine.line(500_000)
    await spine.buy(line, 120_000, "instalments_3")
    assert await booked(spine, "purchase_captured") == entries_on_the_page("the purchase is captured")
    await spine.live_until(OPENED + timedelta(days=1))
    assert await booked(spine, "settlement_paid") == entries_on_the_page("the day is closed")
    await spine.live_until(OPENED.replace(month=4, day=2))
    assert await booked(spine, "instalment_billed") == entries_on_the_page("the statement comes out")
    await spine.pay(line, 40_720)
    assert await booked(spine, "repayment_received") == entries_on_the_page("the customer repays")
    await spine.assert_sound()


async def test_the_settlements_of_the_products_page_are_what_the_close_settles(spine: Spine) -> None:
    line = await spine.line(500_000)
    first = OPENED + timedelta(days=1)
    await spine.live_until(first)
    sold = await spine.buy(line, 120_000)
    await spine.live_until(first + timedelta(days=1))
    await spine.buy(line, 20_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refunding.refund(tx, now, spine.book, sold.id, amount_minor=30_000, reference="back", key="1")
    await spine.live_until(first + timedelta(days=2))
    await spine.buy(line, 50_000)
    await spine.live_until(first + timedelta(days=3))
    async with spine.db.begin() as tx:
        settled = [
            await payments.settlement(tx, spine.merchant.id, first + timedelta(days=number)) for number in range(3)
        ]
    lived = [
        [
            *map(yuan, (one.gross_minor, one.discount_minor, one.refunded_minor, one.carried_minor, one.net_minor)),
            yuan(one.net_minor if one.payout_id else 0),
        ]
        for one in settled
    ]
    part = PRODUCTS.split("<!-- made: settlement -->")[1].split("<!-- end -->")[0]
    rows = [line.strip("| ").split(" | ")[1:] for line in part.strip().splitlines()[2:]]
    assert lived == rows
    async with spine.db.begin() as tx:
        assert (await ledger.line(tx, line.id)).used_minor == 160_000

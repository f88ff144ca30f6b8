"""A report agrees with the books, shows it, and says so when they do not agree."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date

import msgspec
import pytest
from rich.console import Console

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.lending import daily
from tiao.lending.actions import write_off
from tiao.reports import page, terminal
from tiao.reports.equations import equation
from tiao.reports.model import FileTotals, Report, Term
from tiao.reports.reading import report, roll_rate
from tiao.runtime.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def spine(database: Database) -> AsyncIterator[Spine]:
    made = Spine(database)
    await made.open()
    yield made
    await made.desk.close()


async def a_life(spine: Spine) -> Report:
    """Buy, bill, pay late, refund, write off."""
    line, other = await spine.line(1_000_000), await spine.line(1_000_000, bucket=9)
    bought = await spine.buy(line, 120_000, "instalments_3")
    await spine.buy(line, 30_000)
    await spine.buy(other, 300_000, "instalments_3")
    await spine.buy(other, 900_000)
    await spine.live_until(date(2026, 4, 1))
    await spine.pay(line, 70_720)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refund(tx, now, spine.book, bought.id, amount_minor=50_000, reference="r", key="1")
    await spine.live_until(date(2026, 7, 15))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [loan] = await daily.loans_of_line(tx, other.id, before=now.new_id(255), limit=5)
        await write_off(tx, now, loan.id, proposed_by="one", agreed_by="another")
    await spine.live_until(date(2026, 7, 17))
    async with spine.db.snapshot() as tx:
        return await report(tx, file=FileTotals(6, 1, 0, 5, 1_400_000, 1, 50_000, 0))


async def test_every_equation_holds_after_a_life(spine: Spine) -> None:
    found = await a_life(spine)
    assert [each.name for each in found.equations if each.difference_minor] == []
    assert found.is_balanced
    assert found.purchases.asked == 4
    assert found.purchases.captured_minor == 450_000
    assert [(each.reason, each.purchases) for each in found.decline_reasons] == [("credit_limit", 1)]
    assert found.authorisation_rate == "0.750000"
    assert found.written_off.principal_minor == 300_000
    assert found.stages[0].principal_minor == 150_000 - 70_000 - 50_000
    assert found.days[-1].outstanding_minor == sum(
        row.principal_minor + row.fee_minor + row.penalty_minor for row in found.stages
    )


async def test_loans_that_entered_a_stage_left_it_or_are_still_in_it(spine: Spine) -> None:
    found = await a_life(spine)
    for row in found.roll_rates:
        assert row.entered == row.worse + row.better + row.paid + row.written_off + row.still
    by_stage = {row.stage: row for row in found.roll_rates}
    assert by_stage[0].entered == 3
    assert roll_rate(by_stage[4]) == "1.000000"


async def test_the_page_asks_nobody_for_anything_and_shows_every_equation(spine: Spine) -> None:
    found = await a_life(spine)
    shown = page.render(found)
    assert not re.search(r"(src|href)=|url\(|https?://", shown)
    assert shown.count("<svg") == 5
    assert all(each.name in shown for each in found.equations)


async def test_the_document_and_the_terminal_say_the_same(spine: Spine) -> None:
    found = await a_life(spine)
    document = json.loads(msgspec.json.encode(found))
    assert len(document["equations"]) == len(found.equations)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Report) == found
    out = Console(record=True, width=200, file=None, quiet=False)
    terminal.show(out, found)
    text = out.export_text()
    assert "4,500.00" in text
    assert "every equation holds" in text


def test_a_difference_is_shown_as_one() -> None:
    found = equation("a = b", [Term("a", "here", 3)], [Term("b", "there", 5)])
    assert (found.left_minor, found.right_minor, found.difference_minor) == (3, 5, -2)

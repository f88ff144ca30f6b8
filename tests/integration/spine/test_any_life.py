"""Any life of a line, made up from a seed: after every step the books agree and the facts fold to the rows."""

from datetime import timedelta
from typing import get_args

import pytest

from support.fate import STEPS, Fate
from support.spine import Spine
from tiao.ledger.model import CreditLine
from tiao.lending import (
    carrying,
    explaining,
    telling,
)
from tiao.lending.billing import next_statement_on
from tiao.values.refusal import Refusal


async def assert_explained(spine: Spine, line: CreditLine) -> int:
    """Every explanation's lines add up to the number that is stored. Answers how many there were."""
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        story = await telling.read_story(tx, line.id, today=now.today, policy_of=spine.refund_policy)
    stored = story.facts
    made = [(explaining.explain_line(story), sum(row.open_minor for row in stored.instalments))]
    made += [(explaining.explain_instalment(story, row.key), row.open_minor) for row in stored.instalments]
    for loan in stored.loans:
        owed = sum(row.open_minor for row in stored.instalments if row.loan_id == loan.id)
        made.append((explaining.explain_loan(story, loan.id), owed))
    for paid in stored.repayments:
        stands = 0 if paid.reversed_on else paid.amount_minor
        made.append((explaining.explain_repayment(story, paid.id), stands))
    made += [(explaining.explain_refund(story, back.id), back.amount_minor) for back in stored.refunds]
    for told, number in made:
        assert sum(each.amount_minor for each in told.lines) == told.total_minor == number
        for language in get_args(telling.Language):
            assert all(telling.sentences(told, currency="CNY", language=language))
    return len(made)


class OnTheMinimum(Fate):
    """Pays the minimum month after month, and much comes late, is taken back or undone."""

    async def step(self) -> None:
        happens = self.draw.choice(
            [
                *(self.buy, self.buy, self.month, self.month, self.month, self.month, self.days),
                *(self.late_transfer, self.recall, self.undo, self.refund, self.defer, self.pay, self.waive),
                *(self.pay_off, self.give_up, self.bill_plan, self.pause, self.arrange_anew),
            ]
        )
        self.done.append(happens.__name__)
        try:
            await happens()
        except Refusal:
            self.done[-1] += " refused"

    async def month(self) -> None:
        """Buy something, come to the next statement, agree, and wait about until its due date is over."""
        await self.spine.buy(self.line, self.draw.randrange(10_001, 40_000))
        statement_on = next_statement_on(self.today, self.line.statement_day)
        self.today = statement_on + timedelta(days=self.draw.randrange(0, 9))
        await self.spine.live_until(self.today)
        await self.agree_minimum()
        self.today = statement_on + timedelta(days=self.draw.randrange(9, 14))
        await self.spine.live_until(self.today)


@pytest.mark.parametrize("seed", range(6))
async def test_a_life_on_the_minimum_agrees_too(spine: Spine, seed: int) -> None:
    fate = OnTheMinimum(spine, await spine.line(1_000_000, statement_day=(1, 15, 31)[seed % 3]), seed)
    for _ in range(STEPS // 2):
        await fate.step()
        try:
            await spine.assert_sound()
        except AssertionError as error:
            raise AssertionError(f"after {fate.done}") from error
    assert await assert_explained(spine, fate.line) > 5
    async with spine.db.begin() as tx:
        agreed = await carrying.agreements_of_line(tx, fate.line.id)
        loans = await tx.column("select principal_minor from loan where kind = 'revolving'")
    assert sum(one.is_carried for one in agreed) == len(loans) > 1
    assert any(loans), "something was carried on"


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_happens_books_rows_and_facts_agree(spine: Spine, seed: int) -> None:
    fate = Fate(spine, await spine.line(1_000_000, statement_day=(1, 15, 31)[seed % 3]), seed)
    for _ in range(STEPS):
        await fate.step()
        try:
            await spine.assert_sound()
        except AssertionError as error:
            raise AssertionError(f"after {fate.done}") from error
    assert await assert_explained(spine, fate.line) > 5
    assert sum("refused" not in what for what in fate.done) > STEPS // 2

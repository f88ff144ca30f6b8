"""A capped rule stops no more than its share, from the first purchase on, however many processes decide."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from support.spine import Spine
from tiao.checkout.desk import Desk
from tiao.checkout.model import Order, Purchase
from tiao.checkout.screening import Screen
from tiao.ledger.model import CreditLine
from tiao.risk import actions as risk
from tiao.risk.deciding import Setup, again
from tiao.risk.live import catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import CAP_BEGINS, Level, Rule, Ruler, RuleSet
from tiao.runtime.programme import move_clock

pytestmark = pytest.mark.anyio
CAP_PPM = 20_000
#: What somebody wrote by mistake: it holds for everybody.
RULES = RuleSet("mistaken", (Rule("everybody", "everybody", "true", RiskOutcome.REVIEW, Level.CUSTOMER, CAP_PPM),))
SETUP = Setup(Ruler(RULES, catalogue("CNY")))


def desks_of(spine: Spine, count: int) -> list[Desk]:
    """Each with what a server process has of its own."""
    return [
        Desk(spine.db, spine.moments, spine.book, screen=Screen(lambda: SETUP, spine.book.zone)) for _ in range(count)
    ]


async def lines_of(spine: Spine, count: int) -> list[CreditLine]:
    return [await spine.line(10_000_000, bucket=number % 256) for number in range(count)]


async def stopped(spine: Spine) -> list[bool]:
    """Tell of every decision in its order whether it stopped the purchase."""
    async with spine.db.begin() as tx:
        return [
            outcome != "approve"
            for outcome in await tx.column("select outcome from risk_decision order by fold_number")
        ]


async def test_three_processes_together_stop_no_more_than_the_share(spine: Spine) -> None:
    desks, lines = desks_of(spine, 3), await lines_of(spine, 60)
    for _ in range(10):
        orders = [spine.order(line, 1_000) for line in lines]
        await asyncio.gather(*(desks[place % 3].authorise(each) for place, each in enumerate(orders)))
    for desk in desks:
        await desk.close()
    found = await stopped(spine)
    assert len(found) == 600
    assert CAP_BEGINS <= sum(found) <= CAP_BEGINS + 600 * CAP_PPM // 1_000_000
    async with spine.db.begin() as tx:
        [allowance] = await risk.allowances(tx, RULES.version)
        assert await risk.softened(tx, RULES.version) == ["everybody"]
    assert (allowance.asked, allowance.granted, allowance.decided) == (600, sum(found), 600)
    await spine.assert_sound()


async def test_the_first_five_are_stopped_and_then_one_of_fifty(spine: Spine) -> None:
    [desk], [line] = desks_of(spine, 1), await lines_of(spine, 1)
    for _ in range(160):
        await desk.decide([spine.order(line, 1_000)])
    found = await stopped(spine)
    assert found[:5] == [True] * 5
    for upto in range(1, 161):
        assert sum(found[:upto]) <= CAP_BEGINS + upto * CAP_PPM // 1_000_000
    assert sum(found) == CAP_BEGINS + 3
    async with spine.db.begin() as tx:
        made = await risk.decisions_between(tx, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for each in made:
        judged = again(SETUP, each.inputs)
        assert (judged.outcome, judged.reasons, judged.inputs) == (each.outcome, each.reasons, each.inputs)


async def test_a_set_that_fails_gives_back_what_it_took(spine: Spine) -> None:
    [desk], lines = desks_of(spine, 1), await lines_of(spine, 3)
    orders: list[Order] = [spine.order(line, 1_000) for line in lines]
    async with spine.db.begin() as tx:
        await tx.execute("alter table purchase add constraint broken check (false) not valid")
    answers = await desk.decide(orders)
    assert not any(isinstance(each, Purchase) for each in answers)
    async with spine.db.begin() as tx:
        assert await risk.allowances(tx, RULES.version) == []
        await tx.execute("alter table purchase drop constraint broken")
    assert all(isinstance(each, Purchase) for each in await desk.decide(orders))
    assert await stopped(spine) == [True] * 3


async def test_what_is_decided_without_a_hit_fills_the_bucket(spine: Spine) -> None:
    dear = RuleSet("dear", (Rule("dear", "dear", "amount > 50 CNY", RiskOutcome.REVIEW, Level.CUSTOMER, 500_000),))
    setup = Setup(Ruler(dear, catalogue("CNY")))
    screen = Screen(lambda: setup, spine.book.zone)
    desk, lines = Desk(spine.db, spine.moments, spine.book, screen=screen), await lines_of(spine, 20)
    for amount in (6_000, 1_000, 6_000):
        answers = await desk.decide([spine.order(line, amount) for line in lines])
        assert all(isinstance(each, Purchase) for each in answers)
        if amount == 1_000:
            async with spine.db.begin() as tx:
                now = await spine.moments(tx)
                await move_clock(tx, now.at + timedelta(seconds=1))
                await screen.fill(tx, now)
                [allowance] = await risk.allowances(tx, dear.version)
            assert allowance.level == 10 * 1_000_000, "half of twenty that passed"
    found = await stopped(spine)
    assert [sum(found[:20]), sum(found[20:40]), sum(found[40:])] == [15, 0, 20]

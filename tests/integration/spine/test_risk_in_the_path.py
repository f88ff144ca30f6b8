"""Risk control in the authorisation path, on a real database: what is remembered, recorded, and run again."""

import asyncio
import hashlib
from datetime import timedelta

import msgspec
import pytest

from support.spine import Spine
from tiao.checkout.desk import Desk
from tiao.checkout.model import Context, Order, Purchase
from tiao.checkout.screening import Screen
from tiao.ledger.model import CreditLine
from tiao.risk import actions as risk
from tiao.risk import replaying
from tiao.risk.deciding import Setup, again
from tiao.risk.features.stored import entity_from_bytes
from tiao.risk.live import catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision, NewOutcome
from tiao.risk.rules.ruleset import Fallback, Level, Rule, Ruler, RuleSet
from tiao.runtime.programme import move_clock

pytestmark = pytest.mark.anyio

PHONE, LAPTOP = bytes(range(32)), bytes(range(1, 33))


def rule(code: str, when: str, then: RiskOutcome, *, cap_ppm: int | None = None) -> Rule:
    return Rule(code, code, when, then, Level.CUSTOMER, cap_ppm)


RULES = RuleSet(
    "test",
    (
        rule("third_today", "customer.payments_1 == 2", RiskOutcome.STEP_UP),
        rule("new_device", "device is known and customer_device.seen == 0 and customer.seen > 3", RiskOutcome.REVIEW),
        rule("fraud_here", "merchant.frauds_7 > 0 and amount > 100 CNY", RiskOutcome.DECLINE),
        rule("blocked", "device in block_list", RiskOutcome.DECLINE),
    ),
)
SHADOW = RuleSet("shadow", (rule("everything", "true", RiskOutcome.DECLINE),))
SETUP = Setup(Ruler(RULES, catalogue("CNY")), Ruler(SHADOW, catalogue("CNY")))


def under(spine: Spine, setup: Setup = SETUP) -> Spine:
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=Screen(lambda: setup, spine.book.zone))
    return spine


async def bought(spine: Spine, *orders: Order) -> list[Purchase]:
    answers = await spine.desk.decide(orders)
    assert all(isinstance(each, Purchase) for each in answers), answers
    return [each for each in answers if isinstance(each, Purchase)]


async def decision_of(spine: Spine, purchase: Purchase) -> Decision:
    async with spine.db.begin() as tx:
        return await risk.decision_of(tx, purchase.id)


async def learn(spine: Spine, purchase: Purchase, *, is_fraud: bool, late: timedelta = timedelta()) -> int:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        return await risk.learn(tx, now, [NewOutcome(purchase.id, is_fraud, "review", now.at - late)])


def order(spine: Spine, line: CreditLine, amount_minor: int, device: bytes | None = None) -> Order:
    return spine.order(line, amount_minor)._replace(context=Context(device=device))


async def assert_replayed(spine: Spine) -> None:
    """What is remembered is what folding everything anew gives, to the byte."""
    async with spine.db.begin() as tx:
        assert await replaying.differing(tx) == []
    await spine.assert_sound()


async def test_the_third_purchase_of_a_day_is_stepped_up_and_the_record_says_why(spine: Spine) -> None:
    under(spine)
    line = await spine.line(1_000_000)
    outcomes = [(await bought(spine, order(spine, line, 5_000)))[0] for _ in range(4)]
    assert [each.outcome for each in outcomes] == ["authorised", "authorised", "step_up", "authorised"]
    found = await decision_of(spine, outcomes[2])
    assert (found.outcome, found.reasons, found.hits) == ("step_up", ["customer:third_today"], ["third_today"])
    assert (found.shadow_outcome, found.shadow_hits, found.fallback) == ("decline", ["everything"], "")
    assert found.sha256 == hashlib.sha256(found.inputs).digest()
    await assert_replayed(spine)


async def test_every_decision_runs_again_to_the_same(spine: Spine) -> None:
    under(spine)
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in (3, 4, 5)]
    made = [
        purchase
        for device in (None, PHONE, PHONE, PHONE, LAPTOP, PHONE)
        for purchase in await bought(spine, *(order(spine, line, 5_000, device) for line in lines))
    ]
    for purchase in made:
        found = await decision_of(spine, purchase)
        judged = again(SETUP, found.inputs)
        assert (judged.outcome, judged.reasons, judged.hits) == (found.outcome, found.reasons, found.hits)
        assert (judged.shadow_outcome, judged.shadow_hits) == (found.shadow_outcome, found.shadow_hits)
        assert judged.inputs == found.inputs
    assert {each.outcome for each in made} == {"authorised", "step_up", "in_review"}
    await assert_replayed(spine)


async def test_a_known_fraud_counts_at_once_and_a_correction_takes_it_back(spine: Spine) -> None:
    under(spine)
    line = await spine.line(1_000_000)
    [first] = await bought(spine, order(spine, line, 20_000))
    assert await learn(spine, first, is_fraud=True, late=timedelta(days=2)) == 1
    assert await learn(spine, first, is_fraud=True) == 0
    other = await spine.line(1_000_000, bucket=9)
    [declined] = await bought(spine, order(spine, other, 20_000))
    assert (declined.outcome, declined.decline_reasons) == ("declined", ["risk"])
    assert await learn(spine, first, is_fraud=False) == 1
    [allowed] = await bought(spine, order(spine, other, 20_000))
    assert allowed.outcome == "authorised"
    await assert_replayed(spine)


async def test_several_desks_at_once_see_the_same_and_nothing_is_lost(spine: Spine) -> None:
    """Each desk is what a server process has; all sell for one merchant."""
    under(spine)
    desks = [Desk(spine.db, spine.moments, spine.book, screen=Screen(lambda: SETUP, spine.book.zone)) for _ in range(3)]
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in range(24)]
    orders = [order(spine, line, 1_000, PHONE) for line in lines for _ in range(3)]
    answers = await asyncio.gather(*(desks[place % 3].authorise(each) for place, each in enumerate(orders)))
    assert len(answers) == 72
    for desk in desks:
        await desk.close()
    async with spine.db.begin() as tx:
        rows = await replaying.remembered(tx)
    [merchant] = [entity_from_bytes(row.content) for row in rows if row.place == 1]
    assert merchant.totals[:2] == (72, 72 * 1_000 * 10_000)
    await assert_replayed(spine)


async def test_what_is_refused_or_repeated_leaves_no_trace(spine: Spine) -> None:
    under(spine)
    line = await spine.line(1_000_000)
    first = order(spine, line, 5_000)
    await bought(spine, first)
    await bought(spine, first)
    await spine.desk.decide([order(spine, line, 5_000)._replace(plan="no_such_plan")])
    [last] = await bought(spine, order(spine, line, 5_000))
    async with spine.db.begin() as tx:
        assert await tx.value("select count(*) from risk_decision") == 2
    assert (await decision_of(spine, last)).fold_number == 2
    await assert_replayed(spine)


async def test_a_state_that_cannot_be_read_lets_only_small_amounts_pass(spine: Spine) -> None:
    fallback = Fallback(approve_max_minor=10_000, above=RiskOutcome.REVIEW)
    rules = msgspec.structs.replace(RULES, fallback=fallback)
    under(spine, Setup(Ruler(rules, catalogue("CNY"))))
    line = await spine.line(1_000_000)
    await bought(spine, order(spine, line, 1_000))
    async with spine.db.begin() as tx:
        await tx.execute("update risk_shared set content = 'x'")
    [small] = await bought(spine, order(spine, line, 10_000))
    [large] = await bought(spine, order(spine, line, 10_001))
    assert (small.outcome, large.outcome) == ("authorised", "in_review")
    found = await decision_of(spine, large)
    assert (found.fallback, found.reasons) == ("states_unreadable", ["transaction:states_unreadable"])
    assert again(Setup(Ruler(rules, catalogue("CNY"))), found.inputs).outcome == found.outcome


async def test_what_is_on_a_list_when_it_is_asked_stays_so_in_the_record(spine: Spine) -> None:
    listing = SETUP._replace(listed=lambda asked: [("device", "block_list")] if asked.entities[2] else [])
    under(spine, listing)
    line = await spine.line(1_000_000)
    [declined] = await bought(spine, order(spine, line, 1_000, PHONE))
    assert declined.outcome == "declined"
    assert again(SETUP, (await decision_of(spine, declined)).inputs).outcome == "decline"


async def test_time_passes_and_late_news_come_and_replay_is_the_same(spine: Spine) -> None:
    under(spine)
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in (1, 2)]
    made: list[Purchase] = []
    for day in range(40):
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            await move_clock(tx, now.at + timedelta(hours=23))
        made += await bought(spine, *(order(spine, line, 3_000 + 100 * day, PHONE) for line in lines))
        if day % 3 == 2:
            await learn(spine, made[-5], is_fraud=day % 2 == 0, late=timedelta(days=day // 2))
    await assert_replayed(spine)

"""Whatever part of risk control fails or is slow, nothing above the amount passes unseen, and the record says why."""

import asyncio
import itertools

import pytest

from support.payments_asked import asked
from support.spine import Spine
from tiao.checkout.desk import Desk
from tiao.checkout.model import Purchase
from tiao.checkout.screening import Screen
from tiao.risk import actions as risk
from tiao.risk import replaying
from tiao.risk.control import Control
from tiao.risk.deciding import Floats, Judging, Setup, again, on_no_list
from tiao.risk.live import catalogue
from tiao.risk.models import models
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision
from tiao.risk.rules.ruleset import Fallback, Level, Rule, Ruled, Ruler, RuleSet
from tiao.risk.rules.shipped import starter
from tiao.risk.rules.tree import Listings, Row
from tiao.risk.scoring import Scored, Scorer
from tiao.risk.states import Remembered
from tiao.runtime.registry.actions import Who

pytestmark = pytest.mark.anyio
MAX = 10_000
RULES = RuleSet(
    "fallbacks",
    (Rule("dear", "dear", "amount > 5000 CNY", RiskOutcome.DECLINE, Level.TRANSACTION),),
    Fallback(approve_max_minor=MAX, above=RiskOutcome.REVIEW, budget_ms=500, patience_ms=100),
)
SETUP = Setup(Ruler(RULES, catalogue("CNY")))


async def decided(spine: Spine, setup: Setup, amount_minor: int, bucket: int) -> tuple[Purchase, Decision]:
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=Screen(lambda: setup, spine.book.zone))
    line = await spine.line(10_000_000, bucket=bucket)
    purchase = await spine.buy(line, amount_minor)
    async with spine.db.begin() as tx:
        found = await risk.decision_of(tx, purchase.id)
    judged = again(setup, found.inputs)
    assert (judged.outcome, judged.reasons, judged.fallback) == (found.outcome, found.reasons, found.fallback)
    return purchase, found


async def assert_only_small_pass(spine: Spine, setup: Setup, word: str, begin: int) -> None:
    small, first = await decided(spine, setup, MAX, begin)
    large, second = await decided(spine, setup, MAX + 1, begin + 1)
    dear, third = await decided(spine, setup, 500_001, begin + 2)
    assert [each.outcome for each in (small, large, dear)] == ["authorised", "in_review", "declined"]
    assert [each.fallback for each in (first, second, third)] == [word] * 3
    assert second.reasons == [f"transaction:{word}"]


async def test_states_that_another_holds(spine: Spine) -> None:
    held, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with spine.db.begin() as tx:
            await tx.execute("select pg_advisory_xact_lock(7301, stripe) from generate_series(0, 60) as stripe")
            held.set()
            await done.wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    await assert_only_small_pass(spine, SETUP, "states_locked", 1)
    done.set()
    await holding
    _, after = await decided(spine, SETUP, MAX + 1, 9)
    assert (after.fallback, after.outcome) == ("", "approve")
    async with spine.db.begin() as tx:
        assert await replaying.differing(tx) == [], "what was decided without states is in none"
    await spine.assert_sound()


async def test_tables_that_cannot_be_read(spine: Spine) -> None:
    async with spine.db.begin() as tx:
        await tx.execute("alter table risk_shared rename to risk_shared_lost")
    await assert_only_small_pass(spine, SETUP, "states_unavailable", 1)
    async with spine.db.begin() as tx:
        await tx.execute("alter table risk_shared_lost rename to risk_shared")
    _, after = await decided(spine, SETUP, MAX + 1, 9)
    assert after.fallback == ""


async def test_a_model_that_cannot_be_loaded(spine: Spine) -> None:
    control = Control("CNY", on_no_list)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await models().draft(tx, now, "0" * 16, b"what another version wrote", Who("opr_anna", "better"))
        await models().propose(tx, now, "0" * 16, Who("opr_anna", "better"))
        await models().promote(tx, now, "0" * 16, Who("opr_bert", "agreed"), evidence=b"{}")
    await control.look(spine.db, spine.moments)
    assert control.setup().fault == "model_missing"
    most = starter().fallback.approve_max_minor
    small, _ = await decided(spine, control.setup(), most, 1)
    large, found = await decided(spine, control.setup(), most + 1, 2)
    assert (small.outcome, large.outcome, found.fallback) == ("authorised", "in_review", "model_missing")
    async with spine.db.begin() as tx:
        await models().put_back(tx, await spine.moments(tx), Who("opr_bert", "it does not load"))
    await control.look(spine.db, spine.moments)
    assert control.setup().fault == ""


class Broken(Scorer):
    """Fails at every payment, as a model would whose features are not there."""

    def __init__(self) -> None: ...

    def weigh(self, values: Floats, amounts: Floats) -> list[Scored]:
        raise FloatingPointError(values.shape, amounts.shape)


@pytest.mark.parametrize(("step_seconds", "word"), [(0.0, "model_failed"), (1.0, "too_slow")])
def test_a_model_that_fails_or_a_set_that_takes_too_long(step_seconds: float, word: str) -> None:
    setup = SETUP._replace(model=Broken(), shadow=SETUP.ruler)
    clock = itertools.count(step=step_seconds)
    orders = [asked(MAX), asked(MAX + 1), asked(500_001)]
    judged = Judging.of(setup, orders, Remembered(), timer=lambda: next(clock)).conclude()
    assert [each.outcome for each in judged] == ["approve", "review", "decline"]
    assert {each.fallback for each in judged} == {word}
    assert (judged[0].shadow_outcome is None) is (word == "too_slow"), "what only looks on is left out first"


def test_rules_that_fail_leave_the_amount_to_the_fallback() -> None:
    class Failing(Ruler):
        def ask(self, row: Row, listed: Listings) -> Ruled:
            raise ArithmeticError(len(row), len(listed))

    setup = Setup(Failing(RULES, catalogue("CNY")))
    judged = Judging.of(setup, [asked(MAX), asked(MAX + 1)], Remembered()).conclude()
    assert [(each.outcome, each.fallback) for each in judged] == [
        ("approve", "rules_failed"),
        ("review", "rules_failed"),
    ]

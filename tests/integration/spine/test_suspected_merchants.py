"""A merchant where whole lines are turned into money is put before people, and is paid when they have cleared it."""

from datetime import date, timedelta

import pytest

from support.spine import Spine
from tiao.checkout import reviewing
from tiao.checkout.reviewing import Verdict
from tiao.messages import actions as messages
from tiao.partners import actions as partners
from tiao.payments import actions as payments
from tiao.payments.model import Payout
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import RiskCase, Subject
from tiao.risk.merchants import actions as merchants
from tiao.servicing import suspecting

pytestmark = pytest.mark.anyio


async def cashed_out(spine: Spine) -> None:
    """Empty six lines at the merchant, and close the day."""
    for number in range(6):
        await spine.buy(await spine.line(300_000, bucket=number), 290_000)
    await spine.live_until(date(2026, 3, 3))


async def due(spine: Spine) -> list[Payout]:
    async with spine.db.begin() as tx:
        return await payments.due_payouts(tx, (await spine.moments(tx)).today + timedelta(days=9), 10)


async def judged(spine: Spine, *, releases: bool) -> RiskCase:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        case = await cases.claim_next(tx, now, Subject.MERCHANT, actor="opr_a")
        actors = ["opr_a"] if not releases or case.approvers_needed == 1 else ["opr_a", "opr_b"]
        for actor in actors:
            await cases.claim(tx, now, case.id, actor=actor)
            answered = await reviewing.answer(tx, now, spine.book, case.id, Verdict(actor, releases, "asked for slips"))
    return answered.case


async def test_a_cash_out_holds_the_settlement_until_people_have_looked(spine: Spine) -> None:
    await cashed_out(spine)
    async with spine.db.begin() as tx:
        [seen] = await merchants.seen(tx, spine.merchant.id, 9)
        held = await payments.settlements_held(tx, spine.merchant.id)
    assert (seen.purchases, seen.draining, seen.draining_minor, seen.alarms) == (6, 6, 1_740_000, ["cash_out"])
    assert held is not None
    assert await due(spine) == []
    case = await judged(spine, releases=True)
    assert (case.state, case.reasons, case.amount_minor) == ("released", ["cash_out"], 1_740_000)
    assert [each.beneficiary_id for each in await due(spine)] == [spine.merchant.id]
    async with spine.db.begin() as tx:
        end = (await spine.moments(tx)).at + timedelta(days=1)
        told = await messages.said_to(tx, spine.merchant.id, before_at=end, before_id=case.id, limit=9)
    assert {each.kind for each in told} == {"settlement_held", "settlement_freed"}
    await spine.assert_sound()


async def test_a_merchant_that_people_find_wrong_sells_no_more_and_waits_on(spine: Spine) -> None:
    await cashed_out(spine)
    assert (await judged(spine, releases=False)).state == "refused"
    async with spine.db.begin() as tx:
        assert (await partners.merchant(tx, spine.merchant.id)).status == "suspended"
    assert await due(spine) == []
    await spine.assert_sound()


async def test_within_the_hour_it_is_seen_already_and_once(spine: Spine) -> None:
    for number in range(6):
        await spine.buy(await spine.line(300_000, bucket=number), 290_000)
    found = []
    for _ in range(2):
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            found.append(await suspecting.look_at_hour(tx, now, currency="CNY", is_home=True))
            [case] = await cases.queue(
                tx, Subject.MERCHANT, None, after_loss=2**63 - 1, after_id=spine.merchant.id, limit=9
            )
    assert found == [1, 1]
    assert case.reasons == ["cash_out"]


async def test_a_merchant_that_was_cleared_is_let_alone_for_a_week(spine: Spine) -> None:
    await cashed_out(spine)
    await judged(spine, releases=True)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        starts = now.at - timedelta(days=3)
        assert (
            await suspecting.look_at_day(tx, now, date(2026, 3, 1), starts, now.at, currency="CNY", is_home=True) == 0
        )
        assert await payments.settlements_held(tx, spine.merchant.id) is None

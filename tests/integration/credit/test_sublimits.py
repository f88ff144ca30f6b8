"""Temporary, exclusive and scene limits on the way a purchase takes, and their ends."""

from datetime import date, timedelta

import pytest

from support.spine import OPENED, Spine
from tiao.credit import actions as credit
from tiao.credit import answering, granting
from tiao.credit.answering import Said
from tiao.credit.cases import actions as cases
from tiao.credit.granting import Proposal
from tiao.credit.limits.model import LimitKind, Place
from tiao.credit.model import Decision, DecisionOutcome
from tiao.credit.refusals import SublimitInvalid
from tiao.ledger.model import CreditLine
from tiao.partners import actions as partners
from tiao.partners.model import NewMerchant
from tiao.runtime.db import Database
from tiao.wiring import shipped_engine

pytestmark = pytest.mark.anyio

ENGINE = shipped_engine()


@pytest.fixture
async def spine(database: Database) -> Spine:
    made = Spine(database)
    await made.open()
    return made


async def granted(spine: Spine, line: CreditLine, wanted: Proposal) -> Decision:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        case = await answering.propose_limit(tx, now, ENGINE, line.id, wanted, actor="opr_ann", reason="a festival")
        await cases.claim(tx, now, case.id, actor="opr_ben")
        first = await answering.answer(tx, now, ENGINE, case.id, Said("opr_ben", True, "fine"))
        if first.decision is not None:
            return first.decision
        await cases.claim(tx, now, case.id, actor="opr_carl")
        done = await answering.answer(tx, now, ENGINE, case.id, Said("opr_carl", True, "fine"))
        assert done.decision is not None
        return done.decision


async def test_a_temporary_limit_is_used_until_its_day_is_over_and_runs_off(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    last = OPENED + timedelta(days=3)
    made = await granted(spine, line, Proposal(500_000, LimitKind.TEMPORARY, ends_on=last))
    assert (made.outcome, made.limit_after_minor) == (DecisionOutcome.GRANTED, 1_500_000)
    assert (await spine.buy(line, 1_200_000)).outcome == "authorised"
    await spine.live_until(last + timedelta(days=1))
    after = await spine.read(line)
    assert (after.limit_target_minor, after.limit_minor, after.sublimits) == (1_000_000, 1_200_000, 0)
    assert (await spine.buy(line, 100)).decline_reasons == ["credit_limit"]
    await spine.pay(line, 400_000)
    assert (await spine.read(line)).limit_minor == 1_000_000
    assert (await spine.buy(line, 200_000)).outcome == "authorised"
    async with spine.db.begin() as tx:
        newest = (await credit.decisions_of(tx, line.customer_id))[0]
        assert newest.outcome is DecisionOutcome.ENDED
        assert (await credit.rerun(tx, ENGINE, newest.id)).is_equal
        assert await granting.end_sublimits(tx, await spine.moments(tx), 0, 255, last) == 0
    await spine.assert_sound()


async def test_an_exclusive_limit_is_for_its_merchant_only(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    here = spine.merchant
    async with spine.db.begin() as tx:
        other = await partners.create_merchant(
            tx, await spine.moments(tx), NewMerchant("河边车行", "travel", "CNY", here.discount_rate, "6222-0002")
        )
    await granted(
        spine,
        line,
        Proposal(300_000, LimitKind.EXCLUSIVE, Place(merchant_id=other.id), OPENED + timedelta(days=90)),
    )
    assert (await spine.read(line)).limit_minor == 1_300_000
    assert (await spine.buy(line, 1_000_100)).decline_reasons == ["credit_limit"]
    assert (await spine.buy(line, 1_000_000)).outcome == "authorised"
    assert (await spine.buy(line, 100)).decline_reasons == ["credit_limit"]
    spine.merchant = other
    assert (await spine.buy(line, 300_100)).decline_reasons == ["credit_limit"]
    assert (await spine.buy(line, 300_000)).outcome == "authorised"
    await spine.assert_sound()


async def test_a_scene_takes_its_share_of_the_line_and_no_more(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await granted(spine, line, Proposal(200_000, LimitKind.SCENE, Place(scene="books")))
    assert (await spine.read(line)).limit_minor == 1_000_000
    assert (await spine.buy(line, 150_000, captured=False)).outcome == "authorised", "what is held counts too"
    assert (await spine.buy(line, 50_100)).decline_reasons == ["credit_limit"]
    assert (await spine.buy(line, 50_000)).outcome == "authorised"
    await spine.assert_sound()


async def test_a_fixed_limit_moves_beneath_what_stands_on_it(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await granted(spine, line, Proposal(500_000, LimitKind.TEMPORARY, ends_on=OPENED + timedelta(days=30)))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        cut = await credit.cut_limit(tx, now, ENGINE, line.id, 800_000, actor="customer", reason="own wish")
        assert (cut.limit_before_minor, cut.limit_after_minor) == (1_000_000, 800_000)
    assert (await spine.read(line)).limit_minor == 1_300_000
    await spine.live_until(date(2026, 4, 2))
    assert (await spine.read(line)).limit_minor == 800_000
    await spine.assert_sound()


async def test_all_limits_together_have_a_maximum(spine: Spine) -> None:
    line = await spine.line(9_000_000)
    with pytest.raises(SublimitInvalid) as caught:
        await granted(spine, line, Proposal(1_010_000, LimitKind.TEMPORARY, ends_on=OPENED + timedelta(days=3)))
    assert caught.value.facts["limit_max_minor"] == 10_000_000
    with pytest.raises(SublimitInvalid):
        await granted(spine, line, Proposal(10_000, LimitKind.EXCLUSIVE, Place(), OPENED + timedelta(days=3)))

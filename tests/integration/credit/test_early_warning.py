"""Early warning: lines scored once a month, as of the end of their statement's day, acting where two people agreed."""

from datetime import date
from uuid import UUID

import msgspec
import pytest

from support.spine import Spine
from tiao.casework.refusals import MakerIsChecker
from tiao.credit import actions as credit
from tiao.credit import explanations, reasons
from tiao.credit.model import DecisionOutcome
from tiao.credit.registry import actions as registry
from tiao.credit.scoring import Bundle, FeatureAbsent
from tiao.credit.scoring.bundle import content_digest
from tiao.credit.warning import actions as warning
from tiao.credit.warning import rules, switching
from tiao.credit.warning.model import Behaviour, Mode
from tiao.credit.warning.refusals import WarningAlreadyOff, WarningNotInShadow
from tiao.ledger.model import CreditLine
from tiao.lending import months
from tiao.runtime.db import Database
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.servicing.close import close_steps
from tiao.wiring import shipped_behaviour, shipped_engine

pytestmark = pytest.mark.anyio

ENGINE = shipped_engine()


@pytest.fixture
async def spine(database: Database) -> Spine:
    made = Spine(database)
    await made.open()
    return made


async def switched(spine: Spine, mode: Mode, *, by: str = "opr_ann", bundle: Bundle | None = None) -> None:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        match mode:
            case Mode.SHADOW:
                await switching.put_into_shadow(tx, now, bundle or shipped_behaviour(), actor=by, reason="a try")
            case Mode.ON:
                await switching.turn_on(tx, now, ENGINE, actor=by, reason="it looks right")
            case Mode.OFF:
                await switching.turn_off(tx, now, actor=by, reason="too many complaints")


async def scores(spine: Spine, line: CreditLine) -> list[Behaviour]:
    async with spine.db.begin() as tx:
        return await warning.scores_of(tx, line.id)


async def spend_and_never_pay(spine: Spine, line: CreditLine, *, until: date, amount_minor: int) -> None:
    """Buy on the 5th of each month; what statements ask for stays unpaid."""
    for month in range(3, until.month + 1):
        day = date(2026, month, 5)
        async with spine.db.begin() as tx:
            today = (await spine.moments(tx)).today
        if today < day < until:
            await spine.live_until(day)
            if (await spine.read(line)).available_minor >= amount_minor:
                await spine.buy(line, amount_minor)
    await spine.live_until(until)


async def test_nothing_is_scored_until_somebody_wants_it(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(date(2026, 4, 3))
    assert await scores(spine, line) == []


async def test_in_shadow_each_line_is_scored_once_a_month_and_nothing_moves(spine: Spine) -> None:
    line, idle = await spine.line(1_000_000), await spine.line(1_000_000)
    await switched(spine, Mode.SHADOW)
    await spine.buy(line, 100_000)
    await spine.live_until(date(2026, 6, 3))
    found = await scores(spine, line)
    assert [each.scored_on for each in found] == [date(2026, 5, 1), date(2026, 4, 1)], "on 1 June it is frozen"
    assert not any(each.is_acting for each in found)
    assert await scores(spine, idle) == [], "a line that never had a bill shows nothing"
    async with spine.db.begin() as tx:
        assert await warning.early_warnings(tx) == []
        assert (
            await warning.watched(tx, [line.id]) == {} or not (await warning.watched(tx, [line.id]))[line.id].behaviour
        )
        assert "watch" in {step.step for step in await close_steps(tx, date(2026, 4, 1))}
        again = await warning.rerun_bucket(tx, line.bucket)
    assert [differences for _, differences in again] == [(), ()]
    await spine.assert_sound()


async def test_what_is_seen_is_what_the_bills_and_repayments_say(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await switched(spine, Mode.SHADOW)
    await spine.buy(line, 100_000)
    await spine.live_until(date(2026, 4, 5))  # the statement of 1 April asks for it
    await spine.pay(line, 100_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 6, 3))  # that of May asks for 300,000, and nobody pays
    latest, _, first = await scores(spine, line)
    seen = rules.read(first.inputs).features
    assert [seen[f"months_late_{month}"] for month in (1, 2, 3)] == [-2, -2, -2]
    assert (seen["owed_1"], seen["owed_2"], seen["paid_1"]) == (100_000, 0, 0)
    seen = rules.read(latest.inputs).features
    assert [seen[f"months_late_{month}"] for month in (1, 2, 3, 4)] == [1, -1, -2, -2]
    assert (seen["owed_1"], seen["owed_2"], seen["owed_3"]) == (300_000, 300_000, 100_000)
    assert (seen["paid_1"], seen["paid_2"], seen["paid_3"]) == (0, 100_000, 0)
    assert seen["in_use"] == 300_000
    assert seen["days_a_customer"] is not None, "the profile is seen beside the months"


async def test_who_never_pays_warns_before_the_line_is_frozen(spine: Spine) -> None:
    line, good = await spine.line(1_000_000), await spine.line(1_000_000, bucket=8)
    await switched(spine, Mode.SHADOW)
    await switched(spine, Mode.ON, by="opr_ben")
    await spend_and_never_pay(spine, line, until=date(2026, 5, 3), amount_minor=200_000)
    found = await scores(spine, line)
    assert found[0].probability > 2 * found[1].probability
    assert all(each.is_acting for each in found)
    async with spine.db.begin() as tx:
        [warned] = await warning.early_warnings(tx)
        assert (warned.line_id, warned.probability) == (line.id, found[0].probability)
        assert warned.reasons
    await spend_and_never_pay(spine, line, until=date(2026, 6, 3), amount_minor=200_000)
    async with spine.db.begin() as tx:
        assert await warning.early_warnings(tx) == [], "a frozen line needs no reminder before its due day"
        made = await credit.decisions_of(tx, line.customer_id)
        assert made
        for each in made:
            assert (await credit.rerun(tx, ENGINE, each.id)).is_equal
    assert await scores(spine, good) == []
    await spine.assert_sound()


async def test_a_behavioural_warning_is_told_with_what_the_model_saw(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await switched(spine, Mode.SHADOW)
    await switched(spine, Mode.ON, by="opr_ben")
    policy = msgspec.structs.replace(ENGINE.policy, cut_rest_bills=0, freeze_from_warnings=0, freeze_from_stage=7)
    spine.closer = spine.closer._replace(engine=ENGINE._replace(policy=policy, policies=(policy,), content=b""))
    await spend_and_never_pay(spine, line, until=date(2026, 6, 3), amount_minor=480_000)
    async with spine.db.begin() as tx:
        cuts = [each for each in await credit.decisions_of(tx, line.customer_id) if each.outcome is DecisionOutcome.CUT]
        assert cuts
        about = [each for each in cuts if reasons.WARNING_BEHAVIOUR in each.reasons]
        assert about
        texts = await registry.texts_of(tx, spine.closer.engine._replace(texts={}), about)
    told = explanations.explain(about[0], texts, currency="CNY")
    assert len(told.reasons) >= 3
    assert all("与您的信用记录有关" not in each.zh for each in told.reasons), "every reason has its own words"
    assert "人工复核" in told.zh


async def test_the_same_close_twice_scores_once_and_a_score_is_as_of_its_day(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await switched(spine, Mode.SHADOW)
    await spine.buy(line, 100_000)
    await spine.live_until(date(2026, 4, 3))
    [score] = await scores(spine, line)
    async with spine.db.begin() as tx:
        stand = await warning.standing(tx)
        seen = await months.line_months(tx, 0, 255, date(2026, 4, 1))
        now = (await spine.moments(tx))._replace(today=date(2026, 4, 1))
        assert await warning.watch(tx, now, stand, ENGINE.policy, seen) == 1
    assert await scores(spine, line) == [score], "what was kept first stays"


async def test_the_switch_needs_two_people_to_act_and_one_to_end(spine: Spine) -> None:
    with pytest.raises(WarningAlreadyOff):
        await switched(spine, Mode.OFF)
    with pytest.raises(WarningNotInShadow):
        await switched(spine, Mode.ON)
    await switched(spine, Mode.SHADOW, by="opr_ann")
    with pytest.raises(MakerIsChecker):
        await switched(spine, Mode.ON, by="opr_ann")
    await switched(spine, Mode.ON, by="opr_ben")
    line = await spine.line(1_000_000)
    await spend_and_never_pay(spine, line, until=date(2026, 5, 3), amount_minor=100_000)
    async with spine.db.begin() as tx:
        assert len(await warning.early_warnings(tx)) == 1
        with pytest.raises(ReasonMissing):
            await switching.turn_off(tx, await spine.moments(tx), actor="opr_ann", reason=" ")
    await switched(spine, Mode.OFF, by="opr_ann")
    async with spine.db.begin() as tx:
        assert await warning.early_warnings(tx) == []
    await spine.live_until(date(2026, 5, 5))
    async with spine.db.begin() as tx:
        assert (await warning.watched(tx, [line.id]))[line.id].behaviour is None
        assert [step.mode for step in await switching.steps(tx)] == [Mode.SHADOW, Mode.ON, Mode.OFF]
    await spine.assert_sound()


async def test_a_model_that_reads_what_no_line_shows_is_not_let_in(spine: Spine) -> None:
    with pytest.raises(FeatureAbsent):
        await switched(spine, Mode.SHADOW, bundle=ENGINE.scorer)  # type: ignore[arg-type]


async def test_what_came_of_scores_is_what_training_reads(spine: Spine) -> None:
    line, good = await spine.line(1_000_000), await spine.line(1_000_000, bucket=9)
    await switched(spine, Mode.SHADOW)
    await spine.buy(line, 100_000)
    await spine.buy(good, 100_000)
    await spine.live_until(date(2026, 4, 5))
    await spine.pay(good, 100_000)
    await spine.live_until(date(2026, 7, 5))
    rows = []
    async with spine.db.begin() as tx:
        for bucket in (line.bucket, good.bucket):
            kept = await warning.scores_in_bucket(tx, bucket)
            late = await months.late_after(tx, [(each.line_id, each.scored_on) for each in kept])
            rows += rules.looked(kept, late, today=date(2026, 7, 5), days=60)
    outcome: dict[tuple[UUID, date], bool] = {(each.line_id, each.scored_on): each.is_bad for each in rows}
    assert outcome[line.id, date(2026, 4, 1)]
    assert not outcome[good.id, date(2026, 4, 1)]
    assert (good.id, date(2026, 6, 1)) not in outcome, "what is not ripe is not called good"


async def test_the_shipped_model_reads_what_lines_show_and_is_as_it_was_trained() -> None:
    assert set(shipped_behaviour().inputs) <= {each.name for each in rules.READS}
    model = shipped_behaviour().model
    assert content_digest(model, list(shipped_behaviour().reasons.values())) == model.model_version

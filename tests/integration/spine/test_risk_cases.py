"""A suspended purchase waits in the queue by what it may cost; a verdict moves money, is told and learned."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from support.screens import screen_of
from support.spine import Spine
from tiao.casework.refusals import (
    CaseClaimed,
    CaseClosed,
    CaseNotClaimed,
    CheckedBefore,
    MakerIsChecker,
    NothingToClaim,
)
from tiao.checkout import actions as checkout
from tiao.checkout import reviewing
from tiao.checkout.desk import Desk
from tiao.checkout.model import Purchase
from tiao.checkout.reviewing import Answered, Verdict
from tiao.ledger.model import CreditLine
from tiao.messages import actions as messages
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import CaseState, RiskCase, StepKind, Subject, Suspect
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.risk.graph.model import Sighting
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import Label, NewLabel, Source
from tiao.risk.labels.rules import standing
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.refusals import CaseAssigned, PaymentNotReportable
from tiao.runtime.db import Tx
from tiao.runtime.programme import move_clock
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio
ZONE = ZoneInfo("Asia/Shanghai")


async def waiting(spine: Spine, amount_minor: int, line: CreditLine | None = None) -> tuple[Purchase, RiskCase]:
    """Buy something that is suspended, and give its case."""
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=screen_of({"true": RiskOutcome.REVIEW}, ZONE))
    purchase = await spine.buy(line or await spine.line(2_000_000), amount_minor)
    async with spine.db.begin() as tx:
        [case] = await reviewing.open_due(tx, await spine.moments(tx), ZONE)
    return purchase, case


async def claimed(spine: Spine, case: RiskCase, actor: str) -> RiskCase:
    async with spine.db.begin() as tx:
        return await cases.claim(tx, await spine.moments(tx), case.id, actor=actor)


async def judged(spine: Spine, case: RiskCase, actor: str, *, releases: bool) -> Answered:
    await claimed(spine, case, actor)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        return await reviewing.answer(tx, now, spine.book, case.id, Verdict(actor, releases, "called the customer"))


async def said_to(spine: Spine, recipient_id: UUID) -> list[str]:
    async with spine.db.begin() as tx:
        end = (await spine.moments(tx)).at + timedelta(days=1)
        found = await messages.said_to(tx, recipient_id, before_at=end, before_id=UUID(int=2**128 - 1), limit=9)
    return sorted(each.kind for each in found)


async def test_what_is_released_is_lent_at_once_and_both_sides_hear_of_it(spine: Spine) -> None:
    purchase, case = await waiting(spine, 120_000)
    assert (case.probability_ppm, case.loss_minor, case.approvers_needed) == (200_000, 24_000, 1)
    done = await judged(spine, case, "opr_a", releases=True)
    assert done.purchase is not None
    assert (done.case.state, done.purchase.outcome, done.purchase.captured_minor) == ("released", "authorised", 120_000)
    assert await said_to(spine, purchase.customer_id) == ["purchase_in_review", "purchase_released"]
    assert await said_to(spine, purchase.merchant_id) == ["order_released"]
    async with spine.db.begin() as tx:
        [label] = await labels.labels_of(tx, [purchase.id])
    assert (label.source, label.is_fraud, label.actor) == (Source.REVIEW, False, "opr_a")
    await spine.assert_sound()


async def test_what_is_refused_gives_the_hold_back(spine: Spine) -> None:
    line = await spine.line(200_000)
    purchase, case = await waiting(spine, 120_000, line)
    done = await judged(spine, case, "opr_a", releases=False)
    assert done.purchase is not None
    assert (done.case.state, done.purchase.outcome) == ("refused", "declined")
    assert (await spine.read(line)).held_minor == 0
    assert await said_to(spine, purchase.customer_id) == ["purchase_in_review", "purchase_refused"]
    with pytest.raises(CaseClosed):
        await claimed(spine, case, "opr_b")
    await spine.assert_sound()


async def test_large_amounts_are_released_by_two_and_refused_by_one(spine: Spine) -> None:
    purchase, case = await waiting(spine, 500_000)
    first = await judged(spine, case, "opr_a", releases=True)
    assert (first.case.state, first.purchase) == (CaseState.OPEN, None)
    with pytest.raises(CheckedBefore):
        await judged(spine, case, "opr_a", releases=True)
    second = await judged(spine, case, "opr_b", releases=True)
    assert second.case.state is CaseState.RELEASED
    _, other = await waiting(spine, 500_000)
    assert (await judged(spine, other, "opr_a", releases=False)).case.state is CaseState.REFUSED
    assert purchase.id != other.purchase_id
    await spine.assert_sound()


async def test_a_claim_keeps_others_away_until_it_runs_out(spine: Spine) -> None:
    _, case = await waiting(spine, 10_000)
    await claimed(spine, case, "opr_a")
    with pytest.raises(CaseClaimed):
        await claimed(spine, case, "opr_b")
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        with pytest.raises(NothingToClaim):
            await cases.claim_next(tx, now, None, actor="opr_b")
        await move_clock(tx, now.at + timedelta(minutes=31))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        assert (await cases.claim_next(tx, now, None, actor="opr_b")).id == case.id
        with pytest.raises(CaseNotClaimed):
            await cases.let_go(tx, now, case.id, actor="opr_a")
        assert (await cases.let_go(tx, now, case.id, actor="opr_b")).claimed_by is None


async def test_the_dearest_comes_first_but_what_is_late_before_it(spine: Spine) -> None:
    _, small = await waiting(spine, 10_000)
    async with spine.db.begin() as tx:
        await move_clock(tx, (await spine.moments(tx)).at + timedelta(hours=3))
    _, dear = await waiting(spine, 400_000)
    _, middle = await waiting(spine, 100_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        listed = await cases.queue(tx, None, None, after_loss=2**63 - 1, after_id=UUID(int=0), limit=9)
        [state] = await cases.queue_state(tx, now)
        taken = [(await cases.claim_next(tx, now, None, actor=f"opr_{number}")).id for number in range(3)]
    assert [each.id for each in listed] == [dear.id, middle.id, small.id]
    assert taken == [small.id, dear.id, middle.id]
    assert (state.open, state.unclaimed, state.late, state.loss_minor, state.oldest_minutes) == (3, 3, 1, 102_000, 180)


async def test_an_assigned_case_is_somebodys_and_who_opened_one_does_not_judge_it(spine: Spine) -> None:
    _, case = await waiting(spine, 10_000)
    async with spine.db.begin() as tx:
        await cases.assign(tx, await spine.moments(tx), case.id, assignee="opr_b", actor="opr_lead")
    with pytest.raises(CaseAssigned):
        await claimed(spine, case, "opr_a")
    about = Suspect(Subject.MERCHANT, 0, "CNY", 100_000, ["cash-out"], merchant_id=spine.merchant.id, maker="opr_a")
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [own] = await cases.open_cases(tx, now, [about])
        assert await cases.open_cases(tx, now, [about]) == [], "it is looked into already"
    with pytest.raises(MakerIsChecker):
        await claimed(spine, own, "opr_a")
    await claimed(spine, case, "opr_b")


async def test_everything_done_is_noted_in_order(spine: Spine) -> None:
    _, case = await waiting(spine, 10_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await cases.add_note(tx, now, case.id, actor="opr_a", said="no answer on the phone")
        await cases.add_note(tx, now, case.id, actor="opr_a", said="delivery slip", digest=b"d" * 32)
    await judged(spine, case, "opr_b", releases=False)
    async with spine.db.begin() as tx:
        _, steps = await cases.case_of(tx, case.id)
    assert [each.kind for each in steps] == [
        StepKind.OPENED, StepKind.NOTE, StepKind.EVIDENCE, StepKind.CLAIMED, StepKind.REFUSE,
    ]  # fmt: skip
    assert [each.number for each in steps] == [1, 2, 3, 4, 5]


async def test_a_case_lapses_with_its_purchase(spine: Spine) -> None:
    purchase, case = await waiting(spine, 10_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await checkout.void(tx, now, purchase.id)
    async with spine.db.begin() as tx:
        assert await reviewing.open_due(tx, await spine.moments(tx), ZONE) == []
        found, steps = await cases.case_of(tx, case.id)
    assert (found.state, steps[-1].kind) == (CaseState.LAPSED, StepKind.LAPSED)


async def test_payments_of_customers_on_one_card_are_related(spine: Spine) -> None:
    line, other = await spine.line(200_000), await spine.line(200_000, bucket=9)
    elsewhere = await spine.buy(other, 30_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        seen = [Sighting(each.customer_id, EntityKind.CARD, b"c" * 32) for each in (line, other)]
        await graph.see_all(tx, now, seen)
    await graph.link_all(spine.db, now)
    purchase, case = await waiting(spine, 10_000, line)
    async with spine.db.begin() as tx:
        found = await cases.related(tx, await spine.moments(tx), case)
    assert [(each.by, each.purchase_id) for each in found] == [("link", elsewhere.id)]
    assert purchase.id != elsewhere.id


async def test_a_customer_who_reports_a_payment_is_believed_first_and_looked_into_then(spine: Spine) -> None:
    line = await spine.line(200_000)
    purchase = await spine.buy(line, 30_000)
    for _ in range(2):  # said twice, it is taken down once
        async with spine.db.begin() as tx:
            await reviewing.report(tx, await spine.moments(tx), purchase.id, customer_id=line.customer_id)
    assert (await spine.read(line)).status == "frozen"
    assert await said_to(spine, line.customer_id) == ["payment_reported"]
    async with spine.db.begin() as tx:
        [case] = await cases.queue(tx, Subject.CUSTOMER, None, after_loss=2**63 - 1, after_id=UUID(int=0), limit=9)
        with pytest.raises(PaymentNotReportable):
            await reviewing.report(tx, await spine.moments(tx), purchase.id, customer_id=UUID(int=3))
    assert (case.reasons, case.loss_minor) == (["not_me"], 24_000)
    await spine.assert_sound()


async def test_the_weightiest_word_counts_and_the_features_learn_it(spine: Spine) -> None:
    line = await spine.line(200_000)
    purchase = await spine.buy(line, 30_000)
    taught: list[Label] = []

    async def learn(_tx: Tx, _now: Moment, counting: Sequence[Label]) -> None:
        taught.extend(counting)

    for source, is_fraud in (
        (Source.STEP_UP, False), (Source.CHARGEBACK, True), (Source.REVIEW, False), (Source.CORRECTION, False),
    ):  # fmt: skip
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            await labels.tell(tx, now, [NewLabel(purchase.id, line.customer_id, source, is_fraud, "opr_a")])
        assert await labels.learn_due(spine.db, spine.moments, learn) == 1
        async with spine.db.begin() as tx:
            found = await labels.labels_of(tx, [purchase.id])
            links = (await graph.links_of(tx, [line.customer_id], now.at)).get(line.customer_id)
        is_bad = links is not None and links.is_bad
        assert is_bad == standing(found).is_fraud
    assert [each.is_fraud for each in taught] == [False, True, True, False]
    assert await labels.learn_due(spine.db, spine.moments, learn) == 0
    await spine.assert_sound()

"""Late facts, withdrawn facts and people's decisions, on the books of a real database."""

from datetime import date
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, CreditLine
from tiao.lending import adjusting, daily, refinancing
from tiao.lending.adjusting import Decision
from tiao.lending.archive import CreditPayout
from tiao.lending.life import Component
from tiao.lending.model import FeePayer, InstalmentKey
from tiao.lending.records import Receipt, ReceiptKind
from tiao.lending.refinancing import Refinancing
from tiao.lending.refusals import (
    DeferralTooLong,
    EffectiveDayInvalid,
    FactAlreadyReversed,
    NotReversible,
    PenaltiesOpen,
    ReasonNeeded,
    WaiverExceedsOwed,
)
from tiao.servicing.repaying import refund_credit


class Desk:
    """Somebody who decides about running loans."""

    def __init__(self, spine: Spine, line: CreditLine) -> None:
        self.spine = spine
        self.line = line

    async def decision(self, reason: str = "agreed on the phone") -> Decision:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
        return Decision(now.new_id(self.line.bucket), self.line.id, "CNY", "operator", reason)

    async def transfer(self, amount_minor: int, effective_on: date) -> UUID:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            receipt = Receipt(
                now.new_id(self.line.bucket),
                self.line.id,
                self.line.customer_id,
                ReceiptKind.TRANSFER,
                "CNY",
                amount_minor,
                effective_on,
            )
            await adjusting.receive(tx, now, receipt, policy_of=self.spine.refund_policy)
        return receipt.id

    async def reverse(self, fact: UUID, effective_on: date) -> None:
        decision = await self.decision("the bank recalled it")
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            await adjusting.reverse(
                tx, now, decision, fact, effective_on=effective_on, policy_of=self.spine.refund_policy
            )

    async def owed(self) -> int:
        async with self.spine.db.begin() as tx:
            return sum(part.open_minor for part in await daily.open_instalments(tx, [self.line.id]))

    async def loan_id(self) -> UUID:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            return (await daily.loans_of_line(tx, self.line.id, before=now.new_id(255), limit=9))[0].id


async def late_desk(spine: Spine) -> Desk:
    """Leave 3,000.00 due on 10 April unpaid until the 20th: 13.50 of penalty."""
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 20))
    return Desk(spine, line)


async def test_money_that_counts_from_the_due_date_takes_the_penalty_away(spine: Spine) -> None:
    desk = await late_desk(spine)
    assert await desk.owed() == 301_350
    await desk.transfer(300_000, date(2026, 4, 10))
    assert await desk.owed() == 0
    async with spine.db.begin() as tx:
        [bill] = await daily.bills_of_line(tx, desk.line.id, before=date.max, limit=5)
        assert bill.settled_on == date(2026, 4, 10)
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, desk.line.id) == 0
    await spine.assert_sound()


async def test_a_late_payment_lived_again_leaves_only_the_penalty_of_the_days_before_it(spine: Spine) -> None:
    desk = await late_desk(spine)
    await desk.transfer(100_000, date(2026, 4, 15))
    # 11 to 14 April on 3,000.00, then 15 to 19 on what was left: the 6.00 are taken off first.
    rest = 300_000 + 600 - 100_000
    assert await desk.owed() == rest + 5 * 5 * rest // 10_000
    await spine.assert_sound()


async def test_money_from_before_a_later_payment_moves_that_one_to_a_credit_balance(spine: Spine) -> None:
    desk = await late_desk(spine)
    await spine.pay(desk.line, 301_350)
    await desk.transfer(300_000, date(2026, 4, 10))
    async with spine.db.begin() as tx:
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, desk.line.id) == -301_350
    await spine.assert_sound()


async def test_a_recalled_repayment_is_owed_again_with_its_penalties(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 5))
    desk = Desk(spine, line)
    paid = await desk.transfer(300_000, date(2026, 4, 5))
    await spine.live_until(date(2026, 4, 20))
    assert await desk.owed() == 0
    await desk.reverse(paid, date(2026, 4, 20))
    assert await desk.owed() == 301_350
    await spine.assert_sound()
    with pytest.raises(FactAlreadyReversed):
        await desk.reverse(paid, date(2026, 4, 20))
    await spine.live_until(date(2026, 4, 22))
    await spine.assert_sound()


async def test_a_recalled_repayment_is_booked_even_when_the_line_was_used_again(spine: Spine) -> None:
    line = await spine.line(100_000)
    await spine.buy(line, 100_000)
    desk = Desk(spine, line)
    paid = await desk.transfer(100_000, date(2026, 3, 1))
    await spine.buy(line, 100_000)
    await desk.reverse(paid, date(2026, 3, 1))
    read = await spine.read(line)
    assert (read.used_minor, read.limit_minor, read.limit_target_minor) == (200_000, 200_000, 100_000)
    assert (await spine.buy(line, 1)).decline_reasons == ["credit_limit"]
    await spine.assert_sound()
    await spine.pay(line, 150_000)
    read = await spine.read(line)
    assert (read.used_minor, read.limit_minor) == (50_000, 100_000)
    await spine.assert_sound()


async def test_what_is_not_of_the_line_cannot_be_taken_back(spine: Spine) -> None:
    desk = await late_desk(spine)
    with pytest.raises(NotReversible):
        await desk.reverse(UUID(int=5), date(2026, 4, 20))


async def test_tomorrow_cannot_count_yet(spine: Spine) -> None:
    desk = await late_desk(spine)
    with pytest.raises(EffectiveDayInvalid):
        await desk.transfer(100, date(2026, 4, 21))
    assert await desk.owed() == 301_350


async def test_a_waiver_takes_penalty_off_and_no_more_than_there_is(spine: Spine) -> None:
    desk = await late_desk(spine)
    loan_id = await desk.loan_id()
    for amount, refusal in ((1_351, WaiverExceedsOwed), (1_000, None)):
        decision = await desk.decision()
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            waiving = adjusting.waive(
                tx, now, decision, loan_id=loan_id, component=Component.PENALTY, amount_minor=amount,
                policy_of=spine.refund_policy,
            )  # fmt: skip
            if refusal:
                with pytest.raises(refusal):
                    await waiving
            else:
                await waiving
    assert await desk.owed() == 300_350
    await spine.live_until(date(2026, 4, 21))
    assert await desk.owed() == 300_500
    await spine.assert_sound()


async def test_a_decision_needs_a_reason(spine: Spine) -> None:
    desk = await late_desk(spine)
    decision = await desk.decision(" ")
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        with pytest.raises(ReasonNeeded):
            await adjusting.pause_penalties(
                tx, now, decision, from_on=now.today, to_on=now.today, policy_of=spine.refund_policy
            )


async def test_a_pause_gives_back_the_days_it_covers_and_spares_those_to_come(spine: Spine) -> None:
    desk = await late_desk(spine)
    decision = await desk.decision()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await adjusting.pause_penalties(
            tx, now, decision, from_on=date(2026, 4, 15), to_on=date(2026, 4, 25), policy_of=spine.refund_policy
        )
    assert await desk.owed() == 300_000 + 4 * 150
    await spine.live_until(date(2026, 4, 28))
    assert await desk.owed() == 300_000 + 6 * 150
    await spine.assert_sound()


async def test_a_deferral_moves_the_due_date_and_no_further_than_allowed(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 9))
    desk = Desk(spine, line)
    key = InstalmentKey(await desk.loan_id(), 1)
    for days, refusal in ((8, DeferralTooLong), (7, None)):
        decision = await desk.decision()
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            deferring = adjusting.defer(
                tx, now, decision, key=key, days=days, days_max=7, policy_of=spine.refund_policy
            )
            if refusal:
                with pytest.raises(refusal):
                    await deferring
            else:
                await deferring
    await spine.live_until(date(2026, 4, 18))
    assert await desk.owed() == 300_000
    await spine.live_until(date(2026, 4, 19))
    assert await desk.owed() == 300_150
    await spine.assert_sound()


async def test_deferrals_reach_no_further_when_the_first_of_them_was_undone(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 9))
    desk = Desk(spine, line)
    key = InstalmentKey(await desk.loan_id(), 1)

    async def defer(days: int) -> UUID:
        decision = await desk.decision()
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            await adjusting.defer(tx, now, decision, key=key, days=days, days_max=7, policy_of=spine.refund_policy)
        return decision.id

    first = await defer(4)
    await defer(2)
    undo = await desk.decision()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await adjusting.reverse(tx, now, undo, first, effective_on=now.today, policy_of=spine.refund_policy)
    with pytest.raises(DeferralTooLong) as refused:
        await defer(2)
    assert refused.value.facts["days_max"] == 1, "the second still reaches six days past the day agreed"
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        assert await adjusting.deferral_left(tx, now, line.id, key, days_max=7) == 1
    await spine.assert_sound()


async def asked(desk: Desk, plan: str) -> Refinancing:
    async with desk.spine.db.begin() as tx:
        now = await desk.spine.moments(tx)
    return Refinancing(
        id=now.new_id(desk.line.bucket),
        line_id=desk.line.id,
        customer_id=desk.line.customer_id,
        currency="CNY",
        terms=desk.spine.book.terms(plan, FeePayer.CONSUMER, now.today),
        statement_day=desk.line.statement_day,
        penalty_ppm=500,
    )


async def test_a_bill_in_instalments_pays_the_bill_and_falls_due_next_month(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    bought = await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 2))
    desk = Desk(spine, line)
    request = await asked(desk, "instalments_3")
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        policy = spine.book.conditions(now.today).billing
        new_id = await refinancing.refinance_bill(
            tx, now, request, statement_on=date(2026, 4, 1), amount_minor=240_000, policy=policy
        )
        _, parts = await daily.loan(tx, new_id)
    assert [part.due_on for part in parts] == [date(2026, 5, 10), date(2026, 6, 10), date(2026, 7, 10)]
    assert [part.fee_minor for part in parts] == [1_440] * 3
    assert (await spine.read(line)).used_minor == 300_000
    await spine.assert_sound()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        done = await refund(tx, now, spine.book, bought.id, amount_minor=300_000, reference="all", key="1")
    # Its own 600.00 are open; the rest was paid by the bill plan, which the refund pays off with its fee.
    assert (done.refund.offset_principal_minor, done.refund.returned_minor) == (60_000, 240_000)
    async with spine.db.begin() as tx:
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.id) == 0
    assert await desk.owed() == 3 * 1_440
    await spine.assert_sound()


async def test_a_repayment_whose_surplus_was_paid_out_cannot_be_taken_back_alone(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 10_000)
    desk = Desk(spine, line)
    paid = await desk.transfer(60_000, date(2026, 3, 1))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        out = CreditPayout(
            bucket=line.bucket,
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            funding_source_id=spine.account_of(line),
            currency="CNY",
            amount_minor=50_000,
            reason="asked for",
            actor="customer",
            effective_on=now.today,
            recorded_at=now.at,
        )
        await refund_credit(tx, now, out)
    with pytest.raises(NotReversible):
        await desk.reverse(paid, date(2026, 3, 1))
    await spine.assert_sound()


@pytest.mark.parametrize("plan", ["instalments_3", "instalments_3_order"])
async def test_hardship_replaces_what_is_left_once_fees_and_penalties_are_settled(spine: Spine, plan: str) -> None:
    line = await spine.line(1_000_000)
    bought = await spine.buy(line, 120_000, plan)
    await spine.live_until(date(2026, 4, 20))
    desk = Desk(spine, line)
    loan_id = await desk.loan_id()
    request = await asked(desk, "instalments_12")
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        policy = spine.book.conditions(now.today).billing
        with pytest.raises(PenaltiesOpen):
            await refinancing.refinance_loan(tx, now, request, loan_id=loan_id, policy=policy)
    async with spine.db.begin() as tx:
        _, parts = await daily.loan(tx, loan_id)
    open_now = {
        Component.PENALTY: sum(part.penalty_open_minor for part in parts),
        Component.FEE: sum(part.fee_open_minor for part in parts),
    }
    if plan == "instalments_3":
        assert open_now == {Component.PENALTY: 180, Component.FEE: 2_160}
    for component, amount in open_now.items():
        decision = await desk.decision()
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            await adjusting.waive(
                tx, now, decision, loan_id=loan_id, component=component, amount_minor=amount,
                policy_of=spine.refund_policy,
            )  # fmt: skip
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refinancing.refinance_loan(tx, now, request, loan_id=loan_id, policy=policy)
    assert (await spine.read(line)).used_minor == 120_000
    await spine.live_until(date(2026, 5, 12))
    await spine.assert_sound()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refund(tx, now, spine.book, bought.id, amount_minor=120_000, reference="all", key="1")
    # Whatever way the goods were billed: returned, they pay the plan that their debt was put into, not the customer.
    async with spine.db.begin() as tx:
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.id) == 0
    await spine.assert_sound()

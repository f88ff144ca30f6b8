"""Loans that bear interest: sold in a version, recognised when due, to the day when settled, explained to the fen."""

from datetime import date
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger.model import CreditLine
from tiao.lending import adjusting, daily, payoff, refinancing, telling
from tiao.lending.adjusting import Decision
from tiao.lending.explaining import explain_instalment
from tiao.lending.life import Component
from tiao.lending.model import CostKind, FeePayer, InstalmentKey
from tiao.lending.records import Loan, LoanInstalment, Receipt, ReceiptKind
from tiao.lending.refinancing import Refinancing
from tiao.lending.refusals import FeeOnInterestLoan, PenaltiesOpen


class Borrower:
    """A customer with 1,200.00 as an annuity of six at 10.8 %, taken on 1 March: interest 10.80 on 1 April."""

    def __init__(self, spine: Spine, line: CreditLine) -> None:
        self.spine = spine
        self.line = line
        self.loan_id = UUID(int=0)

    async def loan(self) -> tuple[Loan, list[LoanInstalment]]:
        async with self.spine.db.begin() as tx:
            return await daily.loan(tx, self.loan_id)

    async def decision(self) -> Decision:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
        return Decision(now.new_id(self.line.bucket), self.line.id, "CNY", "operator", "because")

    async def waive(self, component: Component, amount_minor: int) -> None:
        decision = await self.decision()
        async with self.spine.db.begin() as tx:
            await adjusting.waive(
                tx,
                await self.spine.moments(tx),
                decision,
                loan_id=self.loan_id,
                component=component,
                amount_minor=amount_minor,
                policy_of=self.spine.refund_policy,
            )

    async def into_hardship_plan(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            asked = Refinancing(
                id=now.new_id(self.line.bucket),
                line_id=self.line.id,
                customer_id=self.line.customer_id,
                currency="CNY",
                terms=self.spine.book.terms("annuity_12", FeePayer.CONSUMER, now.today),
                statement_day=1,
                penalty_ppm=500,
            )
            policy = self.spine.book.conditions(now.today).billing
            await refinancing.refinance_loan(tx, now, asked, loan_id=self.loan_id, policy=policy)

    async def booked(self, account: int) -> int:
        async with self.spine.db.begin() as tx:
            query = "select coalesce(sum(amount_minor), 0)::bigint from ledger_entry where account = %(account)s"
            return int(await tx.value(query, account=account))


@pytest.fixture
async def borrower(spine: Spine) -> Borrower:
    made = Borrower(spine, await spine.line(500_000))
    await spine.buy(made.line, 120_000, "annuity_6")
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, made.line.id, before=UUID(int=2**128 - 1), limit=9)
    made.loan_id = loan.id
    return made


async def test_a_loan_keeps_the_version_and_the_plan_it_was_sold_under(borrower: Borrower) -> None:
    loan, parts = await borrower.loan()
    assert (loan.plan_code, loan.product_version, loan.cost_kind) == ("annuity_6", 1, CostKind.INTEREST)
    assert [part.fee_minor for part in parts] == [1_080, 904, 726, 547, 366, 184]
    assert [part.principal_minor + part.fee_minor for part in parts] == [20_635] * 5 + [20_632]


async def test_interest_is_earned_on_its_due_day_and_not_before(borrower: Borrower) -> None:
    await borrower.spine.live_until(date(2026, 3, 31))
    assert await borrower.booked(4006) == 0
    await borrower.spine.live_until(date(2026, 4, 2))
    assert (await borrower.booked(1014), await borrower.booked(4006)) == (1_080, -1_080)
    await borrower.spine.assert_sound()


async def test_a_payoff_halfway_costs_interest_for_the_days_so_far(borrower: Borrower) -> None:
    spine, line = borrower.spine, borrower.line
    await spine.live_until(date(2026, 3, 16))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        receipt_id = now.new_id(line.bucket)
        quote = await payoff.quote_payoff(tx, now, line.id, loan_id=borrower.loan_id, cause=receipt_id)
        assert (quote.principal_minor, quote.interest_minor, quote.interest_falling_minor) == (120_000, 522, 3_285)
        receipt = Receipt(
            receipt_id, line.id, line.customer_id, ReceiptKind.TRANSFER, "CNY", quote.total_minor, now.today
        )
        await payoff.pay_off(tx, now, [receipt], {receipt_id: borrower.loan_id})
    loan, _ = await borrower.loan()
    assert (loan.status, await borrower.booked(1014), await borrower.booked(4006)) == ("settled", 0, -522)
    await spine.assert_sound()


async def test_autopay_the_day_before_settles_the_instalment_as_agreed(borrower: Borrower) -> None:
    await borrower.spine.live_until(date(2026, 3, 31))
    await borrower.spine.pay(borrower.line, 20_635)
    _, parts = await borrower.loan()
    assert [part.settled_on is not None for part in parts] == [True, False, False, False, False, False]
    assert [part.fee_cancelled_minor for part in parts] == [0] * 6
    await borrower.spine.assert_sound()


async def test_overdue_principal_bears_a_penalty_and_no_more_interest(borrower: Borrower) -> None:
    await borrower.spine.live_until(date(2026, 4, 11))
    _, [first, second, *_] = await borrower.loan()
    assert (first.penalty_minor, first.fee_minor) == (first.principal_minor * 500 * 9 // 10**6, 1_080)
    assert second.fee_minor == 904
    await borrower.spine.assert_sound()


async def test_no_fee_is_charged_by_hand_to_a_loan_that_bears_interest(borrower: Borrower) -> None:
    decision = await borrower.decision()
    async with borrower.spine.db.begin() as tx:
        with pytest.raises(FeeOnInterestLoan):
            await adjusting.charge(
                tx,
                await borrower.spine.moments(tx),
                decision,
                key=InstalmentKey(borrower.loan_id, 1),
                component=Component.FEE,
                amount_minor=100,
                policy_of=borrower.spine.refund_policy,
            )


async def test_a_hardship_plan_waits_for_interest_so_far_and_lets_the_rest_go(borrower: Borrower) -> None:
    await borrower.spine.live_until(date(2026, 3, 16))
    with pytest.raises(PenaltiesOpen):
        await borrower.into_hardship_plan()
    await borrower.waive(Component.FEE, 1_080)
    await borrower.into_hardship_plan()
    loan, _ = await borrower.loan()
    assert (loan.status, await borrower.booked(4006)) == ("settled", 0)
    await borrower.spine.assert_sound()


async def test_the_interest_of_an_instalment_is_told_with_its_arithmetic(borrower: Borrower) -> None:
    async with borrower.spine.db.begin() as tx:
        today = (await borrower.spine.moments(tx)).today
        story = await telling.read_story(tx, borrower.line.id, today=today, policy_of=borrower.spine.refund_policy)
    told = explain_instalment(story, InstalmentKey(borrower.loan_id, 2))
    english = telling.sentences(told, currency="CNY", language="en")
    assert english[0] == "Principal of instalment 2: instalment 206.35 less interest 9.04 = 197.31"
    assert english[1].startswith(
        "Interest of instalment 2, 2026-04-01 to 2026-05-01: 1,004.45 x 10.8 % a year x 30 days"
    )
    assert english[1].endswith("/ 360 = 9.04005, rounded to 9.04")
    assert english[2:] == ["Together: 206.35"]
    chinese = telling.sentences(told, currency="CNY", language="zh-CN")
    assert chinese[1] == (
        "第 2 期利息，2026-04-01 至 2026-05-01：1,004.45 × 年利率 10.8% × 30 天 ÷ 360 = 9.04005，取整 9.04"
    )


async def test_returned_goods_pay_the_hardship_plan_without_interest_of_days_to_come(spine: Spine) -> None:
    borrower = Borrower(spine, await spine.line(500_000))
    bought = await spine.buy(borrower.line, 120_000)
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, borrower.line.id, before=UUID(int=2**128 - 1), limit=9)
    borrower.loan_id = loan.id
    await borrower.into_hardship_plan()
    await spine.live_until(date(2026, 3, 16))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refund(tx, now, spine.book, bought.id, amount_minor=120_000, reference="r", key="1")
        owed = await daily.open_instalments(tx, [borrower.line.id])
    # The running month's interest of 10.80 was paid as agreed, so that much principal is left; it bears 9 fen a month.
    assert sum(part.principal_open_minor for part in owed) == 1_080
    assert {part.fee_open_minor for part in owed} == {9}
    await spine.assert_sound()

"""A loan arranged anew: overdue principal over the rows left, or all that is open over new rows; undone in turn."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger.model import CreditLine
from tiao.lending import actions, adjusting, daily, payoff, rescheduling
from tiao.lending.adjusting import Decision
from tiao.lending.records import Loan, LoanInstalment, Receipt, ReceiptKind
from tiao.lending.refusals import (
    EffectiveDayInvalid,
    LaterRescheduling,
    LoanArrangedAnew,
    LoanNotActive,
    NothingToReschedule,
    RescheduledToday,
)
from tiao.lending.rescheduling import NewRows, Rescheduling

LAST = UUID(int=2**128 - 1)


async def decision(spine: Spine, line: CreditLine) -> Decision:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
    return Decision(now.new_id(line.bucket), line.id, "CNY", "operator", "lost her job")


async def reamortised(spine: Spine, line: CreditLine, loan: UUID) -> tuple[Rescheduling, Decision]:
    made = await decision(spine, line)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        return await rescheduling.reamortise(tx, now, made, loan_id=loan, policy_of=spine.refund_policy), made


async def reaged(
    spine: Spine, line: CreditLine, loan: UUID, *, rows: int = 4, is_fee_spread: bool = False, days: int = 0
) -> tuple[Rescheduling, Decision]:
    made = await decision(spine, line)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        billing = spine.book.conditions(now.today).billing
        wanted = NewRows(rows, now.today + timedelta(days=days), is_fee_spread, line.statement_day, billing)
        return await rescheduling.reage(tx, now, made, loan_id=loan, wanted=wanted, policy_of=spine.refund_policy), made


async def undo(spine: Spine, line: CreditLine, fact: UUID) -> None:
    made = await decision(spine, line)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await adjusting.reverse(tx, now, made, fact, effective_on=now.today, policy_of=spine.refund_policy)


async def of_line(spine: Spine, line: CreditLine) -> list[tuple[Loan, list[LoanInstalment]]]:
    async with spine.db.begin() as tx:
        loans = await daily.loans_of_line(tx, line.id, before=LAST, limit=50)
        return sorted([await daily.loan(tx, loan.id) for loan in loans], key=lambda each: each[0].recorded_no)


async def bought(spine: Spine, plan: str = "instalments_6") -> tuple[CreditLine, Loan]:
    line = await spine.line(1_000_000)
    await spine.buy(line, 60_000, plan)
    [(loan, _)] = await of_line(spine, line)
    return line, loan


async def test_overdue_principal_is_spread_over_the_rows_that_are_left(spine: Spine) -> None:
    line, loan = await bought(spine)
    await spine.live_until(date(2026, 5, 21))
    (_, before), *_ = await of_line(spine, line)
    made, _ = await reamortised(spine, line, loan.id)
    await spine.assert_sound()
    (old, rows), (new, moved) = await of_line(spine, line)
    assert new.id == made.loan_id
    assert [part.principal_open_minor for part in rows] == [0, 0, 10_000, 10_000, 10_000, 10_000]
    assert [part.principal_minor for part in moved] == [5_000, 5_000, 5_000, 5_000], "April's and May's, over four"
    assert [part.due_on for part in moved] == [part.due_on for part in rows[2:]]
    assert [part.fee_open_minor + part.penalty_open_minor for part in rows[:2]] == [
        part.fee_open_minor + part.penalty_open_minor for part in before[:2]
    ], "fees and penalties stay where they are"
    assert (old.principal_minor, new.principal_minor) == (60_000, 20_000)
    with pytest.raises(RescheduledToday):
        await reamortised(spine, line, loan.id)


@pytest.mark.parametrize("is_fee_spread", [False, True], ids=["first", "spread"])
async def test_all_that_is_open_gets_new_rows_from_a_day_on(spine: Spine, *, is_fee_spread: bool) -> None:
    line, loan = await bought(spine)
    await spine.live_until(date(2026, 4, 2))
    await spine.pay(line, 10_360)
    await spine.live_until(date(2026, 6, 20))
    (_, before), *_ = await of_line(spine, line)
    billed = sum(part.fee_open_minor for part in before if part.is_billed)
    fees = sum(part.fee_open_minor for part in before if not part.is_billed)
    assert billed > 0 < fees
    await reaged(spine, line, loan.id, is_fee_spread=is_fee_spread)
    await spine.assert_sound()
    (_, rows), (_, moved) = await of_line(spine, line)
    assert (sum(part.principal_open_minor for part in rows), sum(part.fee_open_minor for part in rows)) == (0, billed)
    assert [part.principal_minor for part in moved] == [12_500] * 4
    assert [part.fee_minor for part in moved] == ([fees // 4] * 4 if is_fee_spread else [fees, 0, 0, 0])
    assert [part.due_on for part in moved] == [date(2026, month, 10) for month in (7, 8, 9, 10)]
    assert sum(part.penalty_open_minor for part in rows) == sum(part.penalty_open_minor for part in before) > 0
    await spine.live_until(date(2026, 7, 9))
    async with spine.db.begin() as tx:
        assert (await of_line(spine, line))[1][0].stage == 0, "only the old loan's penalties and billed fees are late"
        open_now = sum(part.open_minor for part in await daily.open_instalments(tx, [line.id]))
    await spine.pay(line, open_now)
    await spine.assert_sound()


async def test_only_the_latest_is_undone_and_then_everything_is_as_before(spine: Spine) -> None:
    line, loan = await bought(spine)
    await spine.live_until(date(2026, 4, 21))
    _, first = await reamortised(spine, line, loan.id)
    await spine.live_until(date(2026, 5, 21))
    _, second = await reaged(spine, line, loan.id)
    with pytest.raises(LaterRescheduling):
        await undo(spine, line, first.id)
    await undo(spine, line, second.id)
    await undo(spine, line, first.id)
    await spine.assert_sound()
    (_, rows), (one, _), (two, _) = await of_line(spine, line)
    assert (one.principal_minor, two.principal_minor, one.status, two.status) == (0, 0, "settled", "settled")
    assert [part.principal_open_minor for part in rows] == [10_000] * 6
    assert [part.penalty_minor for part in rows[:2]] == [10_000 * 500 * 40 // 10**6, 10_000 * 500 * 10 // 10**6]


async def test_a_payoff_after_new_rows_still_asks_for_fees_that_were_billed(spine: Spine) -> None:
    line, loan = await bought(spine)
    await spine.live_until(date(2026, 5, 20))
    [(_, before)] = await of_line(spine, line)
    await reaged(spine, line, loan.id)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        quote = await payoff.quote_payoff(tx, now, line.id, loan_id=None, cause=loan.id)
    assert quote.principal_minor == 60_000
    assert quote.fee_minor == sum(part.fee_open_minor for part in before if part.is_billed) > 0
    assert quote.fee_falling_minor == sum(part.fee_open_minor for part in before if not part.is_billed) > 0


@pytest.mark.parametrize("plan", ["instalments_6", "instalments_6_order"])
async def test_goods_come_back_to_the_plan_they_were_bought_on(spine: Spine, plan: str) -> None:
    """Rows arranged anew do not say which goods they are for; undone, principal and unbilled fees fall by the rule."""
    line, loan = await bought(spine, plan)
    await spine.live_until(date(2026, 4, 21))
    _, first = await reaged(spine, line, loan.id, is_fee_spread=True)

    async def give_back() -> None:
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            await refund(tx, now, spine.book, loan.purchase_id, amount_minor=60_000, reference="all", key="1")

    with pytest.raises(LoanArrangedAnew):
        await give_back()
    await spine.assert_sound()
    await undo(spine, line, first.id)
    await give_back()
    await spine.assert_sound()
    assert sum(part.principal_open_minor for _, parts in await of_line(spine, line) for part in parts) == 0


async def test_money_that_counts_earlier_moves_less(spine: Spine) -> None:
    line, loan = await bought(spine)
    await spine.live_until(date(2026, 5, 21))
    await reamortised(spine, line, loan.id)
    await spine.live_until(date(2026, 5, 25))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        late = Receipt(
            now.new_id(line.bucket), line.id, line.customer_id, ReceiptKind.TRANSFER, "CNY", 10_360, date(2026, 4, 5)
        )
        await adjusting.receive(tx, now, late, policy_of=spine.refund_policy)
    await spine.assert_sound()
    _, (new, moved) = await of_line(spine, line)
    assert (new.principal_minor, [part.principal_minor for part in moved]) == (10_000, [2_500] * 4)


async def test_what_is_refused(spine: Spine) -> None:
    line, loan = await bought(spine)
    with pytest.raises(NothingToReschedule):
        await reamortised(spine, line, loan.id)
    for days in (-1, 400):
        with pytest.raises(EffectiveDayInvalid):
            await reaged(spine, line, loan.id, days=days)
    await spine.live_until(date(2026, 5, 21))
    made, undone = await reaged(spine, line, loan.id)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await actions.write_off(tx, now, made.loan_id, proposed_by="one", agreed_by="another")
    with pytest.raises(LaterRescheduling):
        await undo(spine, line, undone.id)
    with pytest.raises(LoanNotActive):
        await reaged(spine, line, made.loan_id)
    await spine.assert_sound()
